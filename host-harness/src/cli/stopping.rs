//! Ctrl-C and SIGTERM: the first asks the connector to leave a position, the second ends the process at once.

use super::exit;
use super::progress::Progress;
use host_harness::stop::{Reason, Stop};
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens until the process ends.
pub fn listen(stop: Stop, progress: Arc<Progress>) -> std::io::Result<()> {
    let mut signals =
        Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? };
    tokio::spawn(async move {
        signals.next().await;
        progress.say("stopping, so that the next sync can go on from here; press Ctrl-C again to stop at once");
        stop.stop(Reason::Interrupted);
        signals.next().await;
        progress.end();
        eprintln!("stopped at once; the next sync goes on from the last commit");
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
