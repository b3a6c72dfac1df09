//! The guest's handle of an exchange, and a view of it that can be waited on.

use super::answer::{Buffer, Readiness};
use super::lanes::View;
use std::sync::Arc;
use tokio::task::AbortHandle;
use url::Origin;

/// One request and its answer, as the guest's handle names it. Dropping it cancels what is under way.
pub struct Exchange(pub(super) UnderWay);

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.abort();
        self.0.buffer.close();
    }
}

/// A view of an exchange that does not hold it.
#[derive(Clone)]
pub(super) struct UnderWay {
    /// What came.
    pub buffer: Arc<Buffer>,
    /// Who answers.
    pub origin: Origin,
    /// What brings the answer; absent when there is nothing to bring.
    pub task: Option<AbortHandle>,
    /// Its place in a lane.
    pub queued: Option<View>,
    /// When `ready` last named it.
    pub named: u64,
}

impl UnderWay {
    /// Ends what brings the answer.
    pub fn abort(&self) {
        self.task.iter().for_each(AbortHandle::abort);
    }

    /// Whether it queues behind requests that only its own run can end.
    pub fn is_hopeless(&self) -> bool {
        self.queued.as_ref().is_some_and(View::waits_for_its_owner) && self.buffer.readiness() == Readiness::Later
    }
}
