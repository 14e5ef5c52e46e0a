//! The thread that serves.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::door::{Door, Shutting};
use crate::handle::{self, Endpoint};
use crate::wire::{Armed, Wire};

/// How long requests that are being answered may take once the sandbox shuts down.
const GRACE: Duration = Duration::from_millis(250);

/// How long to wait if no connection can be accepted, which means that there are too many.
const BREATH: Duration = Duration::from_millis(10);

/// The thread that serves. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    /// Resolves when the thread has let go of everything.
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

    /// Ends it, and waits until that is done.
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
            // A panic of the thread has been printed, and there is nothing else to do about it.
            let _ = thread.join();
        }
    }
}

/// Drives the servers until they are told to stop, then gives the requests under way a moment. Connections that outlast
/// it are cut when the runtime is dropped.
fn serve(runtime: Runtime, mut tasks: JoinSet<()>, stopping: watch::Receiver<bool>) {
    runtime.block_on(async move {
        wait(stopping).await;
        let finish = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(GRACE, finish).await;
    });
    drop(runtime);
}

/// Accepts connections until it is told to stop, then waits for those that are left.
async fn accept(mut listener: tokio::net::TcpListener, endpoint: Arc<Endpoint>, stopping: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(wait(stopping));
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
            asked = endpoint.door().shutting() => {
                let Ok(address) = listener.local_addr() else { break };
                drop(listener);
                tokio::select! {
                    () = &mut stop => return graceful.shutdown().await,
                    reopened = reopen(address, endpoint.door(), asked) => listener = reopened,
                }
                continue;
            }
        };
        let Ok((stream, _)) = accepted else {
            sleep(BREATH).await;
            continue;
        };
        // Only costs time if it fails.
        let _ = stream.set_nodelay(true);
        let (endpoint, armed) = (Arc::clone(&endpoint), Armed::default());
        let wire = TokioIo::new(Wire::new(stream, armed.clone()));
        let service = service_fn(move |request| {
            let (endpoint, armed) = (Arc::clone(&endpoint), armed.clone());
            async move { Ok::<_, Infallible>(endpoint.answer(handle::received(request), &armed).await) }
        });
        let connection = graceful.watch(http1::Builder::new().serve_connection(wire, service));
        tokio::spawn(async move {
            // Clients that break off are their own concern, and some connections are broken on purpose.
            let _ = connection.await;
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Listens again once the time is over for which a door was shut.
async fn reopen(address: SocketAddr, door: &Door, asked: Shutting) -> tokio::net::TcpListener {
    let mut until = Instant::now() + asked.time;
    asked.done();
    loop {
        tokio::select! {
            () = sleep_until(until) => break,
            asked = door.shutting() => {
                until = until.max(Instant::now() + asked.time);
                asked.done();
            }
        }
    }
    loop {
        match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => sleep(BREATH).await,
        }
    }
}

/// Waits for the word to stop.
async fn wait(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody is left who could say it.
    let _ = stopping.wait_for(|stop| *stop).await;
}
