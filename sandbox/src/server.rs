//! The running sandbox.

use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::Error;
use crate::handle::Endpoint;
use crate::record::{Log, RecordedRequest};
use crate::service::Service;
use crate::spec::Spec;

/// How long requests that are being answered may take once the sandbox shuts down.
const GRACE: Duration = Duration::from_millis(250);

/// A pair of HTTP servers on the loopback interface, one for each service.
///
/// They run in a thread of their own, so they answer whatever the caller's runtime does, and without one. Any number of
/// sandboxes can run at once. Dropping one shuts it down, which takes a quarter of a second at most: when the drop
/// returns, its ports are free.
#[derive(Debug)]
pub struct Sandbox {
    atlas: String,
    ibm: String,
    log: Arc<Log>,
    running: Running,
}

impl Sandbox {
    /// Starts a sandbox on free ports.
    ///
    /// # Errors
    ///
    /// If no port can be listened on, or the thread cannot be started.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// A sandbox to be configured.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of Atlas, without a trailing slash.
    pub fn atlas_url(&self) -> &str {
        &self.atlas
    }

    /// The base URL of IBM Cloud Usage Reports, without a trailing slash.
    pub fn ibm_url(&self) -> &str {
        &self.ibm
    }

    /// The base URL of a service, without a trailing slash.
    pub fn url(&self, service: Service) -> &str {
        match service {
            Service::Atlas => self.atlas_url(),
            Service::Ibm => self.ibm_url(),
        }
    }

    /// The environment variables that point a client at this sandbox.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("MONGODB_ATLAS_BASE_URL", self.atlas.clone()),
            ("MONGODB_ATLAS_ACCESS_TOKEN", "sandbox".to_owned()),
            ("USAGE_REPORTS_URL", self.ibm.clone()),
            ("USAGE_REPORTS_AUTH_TYPE", "bearerToken".to_owned()),
            ("USAGE_REPORTS_BEARER_TOKEN", "sandbox".to_owned()),
        ]
    }

    /// The requests received so far, oldest first; at most the last ten thousand. A request is in the list before its
    /// answer is sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log.all()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.log.clear();
    }

    /// Shuts down, and waits until that is done. What a drop does too, without blocking the thread.
    pub async fn shutdown(mut self) {
        self.running.stop.send_replace(true);
        if let Some(stopped) = self.running.stopped.take() {
            // An error means that the thread is gone already.
            let _ = stopped.await;
        }
    }
}

/// What the specs say, for which no server is needed.
impl Sandbox {
    /// The identifiers of a service's operations. Empty if the spec cannot be read.
    pub fn operations(service: Service) -> impl Iterator<Item = &'static str> {
        let operations = Spec::of(service).map(Spec::operations).unwrap_or_default();
        operations.iter().map(|operation| operation.id.as_str())
    }

    /// The example of an operation's success response, as the spec has it: JSON if there is a JSON one, otherwise a
    /// text. None if there is no such operation, or its success has no body.
    pub fn example(service: Service, operation: &str) -> Option<Value> {
        let content = &Spec::of(service).ok()?.operation(operation)?.success.content;
        let json = content.iter().find_map(|media| media.example.json());
        json.cloned().or_else(|| content.first().map(|media| media.example.value()))
    }

    /// The example of one media type of an operation's success response, as the spec has it.
    pub fn example_of(service: Service, operation: &str, media_type: &str) -> Option<Value> {
        let content = &Spec::of(service).ok()?.operation(operation)?.success.content;
        content.iter().find(|media| media.name == media_type).map(|media| media.example.value())
    }

    /// The example of an operation's request body.
    pub fn request_example(service: Service, operation: &str) -> Option<Value> {
        let body = Spec::of(service).ok()?.operation(operation)?.body.as_ref()?;
        body.content.iter().find_map(|media| media.example.clone())
    }
}

/// Configures a [`Sandbox`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    atlas_port: u16,
    ibm_port: u16,
}

impl Builder {
    /// The port of Atlas. Without it, or with 0, a free one is taken.
    pub fn atlas_port(mut self, port: u16) -> Self {
        self.atlas_port = port;
        self
    }

    /// The port of IBM Cloud Usage Reports. Without it, or with 0, a free one is taken.
    pub fn ibm_port(mut self, port: u16) -> Self {
        self.ibm_port = port;
        self
    }

    /// Starts the sandbox.
    ///
    /// # Errors
    ///
    /// If a port cannot be listened on, or the thread cannot be started.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let log = Arc::new(Log::default());
        let (atlas_listener, atlas) = listen(Service::Atlas, self.atlas_port)?;
        let (ibm_listener, ibm) = listen(Service::Ibm, self.ibm_port)?;
        let servers = vec![
            (atlas_listener, Endpoint::new(Service::Atlas, atlas.clone(), Arc::clone(&log))?),
            (ibm_listener, Endpoint::new(Service::Ibm, ibm.clone(), Arc::clone(&log))?),
        ];
        let running = Running::start(servers).map_err(Error::thread)?;
        Ok(Sandbox { atlas, ibm, log, running })
    }
}

/// Listens on the loopback interface, and returns the URL as well.
fn listen(service: Service, port: u16) -> Result<(TcpListener, String), Error> {
    let listen = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((listener, url))
    };
    listen().map_err(|source| Error::listen(service, port, source))
}

/// The thread that serves. Dropping it ends it.
#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    /// Resolves when the thread has let go of everything.
    stopped: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(servers: Vec<(TcpListener, Endpoint)>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let mut tasks = JoinSet::new();
        let (stop, stopping) = watch::channel(false);
        {
            let _entered = runtime.enter();
            for (listener, endpoint) in servers {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let stopping = wait(stopping.clone());
                tasks.spawn(
                    axum::serve(listener, endpoint.into_router()).with_graceful_shutdown(stopping).into_future(),
                );
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
fn serve(runtime: Runtime, mut tasks: JoinSet<io::Result<()>>, stopping: watch::Receiver<bool>) {
    runtime.block_on(async move {
        wait(stopping).await;
        let finish = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(GRACE, finish).await;
    });
    drop(runtime);
}

/// Waits for the word to stop.
async fn wait(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody is left who could say it.
    let _ = stopping.wait_for(|stop| *stop).await;
}
