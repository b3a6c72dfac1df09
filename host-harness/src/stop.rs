//! The one signal that ends a run early, and why.

use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// Why a run was asked to stop.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Somebody pressed Ctrl-C, or the embedding server shuts down.
    Interrupted,
    /// A lane may not go on before this time (seconds since 1970), which is further away than the tenant's limit.
    Wait {
        /// The lane.
        lane: String,
        /// When it may go on.
        resume_at: i64,
        /// Why, in the connector's words.
        reason: String,
    },
}

/// A stop signal; clones are the same signal. The first reason given stays.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    reason: OnceLock<Reason>,
    notify: Notify,
}

impl Stop {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal. Later reasons are ignored.
    pub fn stop(&self, reason: Reason) {
        let _ = self.0.reason.set(reason);
        self.0.notify.notify_waiters();
    }

    /// The reason, once the signal was given.
    pub fn reason(&self) -> Option<&Reason> {
        self.0.reason.get()
    }

    /// Waits for the signal.
    pub async fn stopped(&self) -> &Reason {
        loop {
            let notified = self.0.notify.notified();
            if let Some(reason) = self.reason() {
                return reason;
            }
            notified.await;
        }
    }
}
