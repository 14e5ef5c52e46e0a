//! Ctrl-C, the request of another program to end, and the end of the terminal.

use std::sync::Once;
use std::time::Duration;
use std::{future, thread};

use crate::output;

/// How long the program has to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

use crate::failure::Failure;

/// Waits until the user interrupts the program, another program ends it, or the terminal is closed. Where that cannot be noticed,
/// it waits without end.
pub(crate) async fn wait() -> Failure {
    tokio::select! {
        () = interrupted() => Failure::new(130, "interrupted"),
        () = terminated() => Failure::new(143, "terminated"),
        () = hung_up() => Failure::new(129, "the terminal was closed"),
    }
}

/// Ends the process two seconds after the user interrupts it. A filter without end, or a reader that reads nothing, holds the thread,
/// so that no other code can notice the interrupt. Other code that notices it ends the program before that, with an error.
pub(crate) fn insist() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        thread::spawn(|| {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            let failure = runtime.block_on(wait());
            thread::sleep(PATIENCE);
            output::exit(failure.status.into());
        });
    });
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => future::pending().await,
    }
}

/// Other systems have no such signal.
#[cfg(not(unix))]
async fn terminated() {
    future::pending().await
}

/// Waits until the terminal is closed, unless that is to be ignored, as under `nohup`.
#[cfg(target_os = "linux")]
async fn hung_up() {
    use tokio::signal::unix::{SignalKind, signal};

    // The mask of ignored signals in base 16, of which this is the first.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")?.trim().chars().last()?.to_digit(16));
    if ignored.is_some_and(|mask| mask & 1 == 0)
        && let Ok(mut signals) = signal(SignalKind::hangup())
    {
        signals.recv().await;
        return;
    }
    future::pending::<()>().await;
}

/// Where it is not known whether the signal is ignored, it is left alone.
#[cfg(not(target_os = "linux"))]
async fn hung_up() {
    future::pending::<()>().await;
}
