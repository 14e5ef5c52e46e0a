//! The server thread, and its listeners.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::handle::Endpoint;
use crate::lock::Lock;
use crate::stream::{FaultStream, NextEdits};
use crate::timed::TimedStream;

/// How long a shutdown waits for requests in progress.
const GRACE: Duration = Duration::from_millis(250);

/// How long to wait after a connection could not be accepted; usually there are too many.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// What clients may take of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientLimits {
    /// How long a connection waits for its client.
    pub(crate) timeout: Duration,
    /// How many connections are open. Others wait until one of them ends.
    pub(crate) connections: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), connections: 1024 }
    }
}

/// The server thread. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    /// Resolves when the thread has released its ports.
    stopped: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(servers: Vec<(TcpListener, Endpoint)>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let mut tasks = JoinSet::new();
        let (stop, stopping) = watch::channel(false);
        {
            let _entered = runtime.enter();
            for (listener, endpoint) in servers {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                tasks.spawn(accept(listener, Arc::new(endpoint), stopping.clone()));
            }
        }
        let (done, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
            serve(runtime, tasks, stopping);
            // The sandbox may be gone already.
            let _ = done.send(());
        })?;
        Ok(Self { stop, stopped: Some(stopped), thread: Some(thread) })
    }

    /// Stops it, and waits for its end.
    pub(crate) async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(stopped) = self.stopped.take() {
            // An error means that the thread is gone already.
            let _ = stopped.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}

/// Runs the servers until they are stopped, then waits for requests in progress. Connections that take longer are cut
/// when the runtime is dropped.
fn serve(runtime: Runtime, mut tasks: JoinSet<()>, stopping: watch::Receiver<bool>) {
    runtime.block_on(async move {
        wait(stopping).await;
        let finish = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(GRACE, finish).await;
    });
    drop(runtime);
}

/// Accepts connections until it is stopped, then waits for the open ones.
async fn accept(mut listener: tokio::net::TcpListener, endpoint: Arc<Endpoint>, stopping: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(endpoint.clients().connections));
    let mut stop = pin!(wait(stopping));
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = next(&listener, &places) => accepted,
            closure = endpoint.gate().closure() => {
                let Ok(address) = listener.local_addr() else { break };
                drop(listener);
                tokio::select! {
                    () = &mut stop => return graceful.shutdown().await,
                    reopened = reopen(address, endpoint.gate(), closure) => listener = reopened,
                }
                continue;
            }
        };
        let Ok((stream, place)) = accepted else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Clients may disconnect, and faults break connections on purpose.
        let connection = graceful.watch(connection(stream, Arc::clone(&endpoint)));
        tokio::spawn(async move {
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection, once there is a place for it.
async fn next(
    listener: &tokio::net::TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Serves the requests of a connection. hyper's timeout is for the head of a request, and so ends idle connections too.
fn connection(stream: TcpStream, endpoint: Arc<Endpoint>) -> impl GracefulConnection<Error = hyper::Error> {
    // If it fails, responses are only slower.
    let _ = stream.set_nodelay(true);
    let (edits, limit) = (NextEdits::default(), endpoint.clients().timeout);
    let stream = FaultStream::new(TimedStream::new(stream, limit), edits.clone());
    let service = service_fn(move |request| {
        let (endpoint, edits) = (Arc::clone(&endpoint), edits.clone());
        async move { endpoint.serve(request, &edits).await }
    });
    http1::Builder::new()
        // hyper's own panics if the clock is before 1970 or after 9999.
        .auto_date_header(false)
        .timer(TokioTimer::new())
        .header_read_timeout(limit)
        .serve_connection(TokioIo::new(stream), service)
}

/// Listens again when the time of a closure is over.
async fn reopen(address: SocketAddr, gate: &ListenerGate, closure: Closure) -> tokio::net::TcpListener {
    let mut until = Instant::now() + closure.time;
    closure.done();
    loop {
        tokio::select! {
            () = sleep_until(until) => break,
            closure = gate.closure() => {
                until = until.max(Instant::now() + closure.time);
                closure.done();
            }
        }
    }
    loop {
        match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Waits for the signal to stop.
async fn wait(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, so the server stops as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Closes the listener of one server for a time. New connections are then refused, as if no process listened.
#[derive(Debug, Default)]
pub(crate) struct ListenerGate {
    pending: Lock<Vec<Closure>>,
    added: Notify,
}

/// A request to close a listener.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) time: Duration,
    done: oneshot::Sender<()>,
}

impl Closure {
    /// Reports that the listener is closed.
    pub(crate) fn done(self) {
        // The caller may have stopped waiting.
        let _ = self.done.send(());
    }
}

impl ListenerGate {
    /// Closes the listener for a time, and returns as soon as it is closed.
    pub(crate) async fn close(&self, time: Duration) {
        let (done, closed) = oneshot::channel();
        self.pending.lock().push(Closure { time, done });
        self.added.notify_one();
        // An error means that the server has ended, so its listener is closed.
        let _ = closed.await;
    }

    /// Waits for a request to close the listener.
    pub(crate) async fn closure(&self) -> Closure {
        loop {
            if let Some(closure) = self.pending.lock().pop() {
                return closure;
            }
            self.added.notified().await;
        }
    }
}
