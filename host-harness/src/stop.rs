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
    /// It took longer than it may.
    Overdue,
}

/// A stop signal; clones are the same signal. The first reason given stays.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    reason: OnceLock<Reason>,
    notify: Notify,
    parent: Option<Stop>,
}

impl Stop {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A signal of its own that is also given whenever this one is; giving it stops nobody else.
    pub fn child(&self) -> Self {
        Self(Arc::new(Inner { parent: Some(self.clone()), ..Inner::default() }))
    }

    /// Gives the signal. Later reasons are ignored.
    pub fn stop(&self, reason: Reason) {
        let _ = self.0.reason.set(reason);
        self.0.notify.notify_waiters();
    }

    /// The reason, once the signal was given.
    pub fn reason(&self) -> Option<&Reason> {
        self.0.reason.get().or_else(|| self.0.parent.as_ref()?.reason())
    }

    /// Waits for the signal.
    pub async fn stopped(&self) -> &Reason {
        let Some(parent) = &self.0.parent else { return self.given().await };
        tokio::select! {
            biased;
            reason = self.given() => reason,
            reason = Box::pin(parent.stopped()) => reason,
        }
    }

    async fn given(&self) -> &Reason {
        loop {
            let notified = self.0.notify.notified();
            if let Some(reason) = self.0.reason.get() {
                return reason;
            }
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_hears_its_parent_and_stops_nobody_else() {
        let parent = Stop::new();
        let (one, other) = (parent.child(), parent.child());
        one.stop(Reason::Overdue);
        assert_eq!((one.stopped().await, other.reason(), parent.reason()), (&Reason::Overdue, None, None));
        parent.stop(Reason::Interrupted);
        assert_eq!((one.stopped().await, other.stopped().await), (&Reason::Overdue, &Reason::Interrupted));
    }
}
