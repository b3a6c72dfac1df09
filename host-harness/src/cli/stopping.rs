//! Ctrl-C and SIGTERM: the first asks the connector to leave a position, the second ends the process at once.

use super::exit;
use super::progress::Progress;
use host_harness::stop::{Reason, Stop};
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What is said at the first signal and at the second.
pub struct Words(&'static str, &'static str);

/// A sync leaves something to go on from.
pub const SYNC: Words = Words(
    "stopping, so that the next sync can go on from here; press Ctrl-C again to stop at once",
    "stopped at once; the next sync goes on from the last commit",
);

/// A recording leaves what was asked so far.
pub const RECORDING: Words = Words(
    "stopping, and finishing what is recorded so far; press Ctrl-C again to stop at once",
    "stopped at once; what was recorded lies in a folder whose name ends in .unverified",
);

/// A trial leaves nothing but what it shows.
pub const TRIAL: Words = Words("stopping; press Ctrl-C again to stop at once", "stopped at once");

/// Listens until the process ends.
pub fn listen(stop: Stop, progress: Arc<Progress>, words: &'static Words) -> std::io::Result<()> {
    let mut signals =
        Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? };
    tokio::spawn(async move {
        signals.next().await;
        progress.say(words.0);
        stop.stop(Reason::Interrupted);
        signals.next().await;
        progress.end();
        eprintln!("{}", words.1);
        std::process::exit(exit::INTERRUPTED.into());
    });
    Ok(())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
