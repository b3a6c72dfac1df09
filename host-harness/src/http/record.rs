//! Wraps a transport, and writes its exchanges into a folder while they go on.
//!
//! Everything is handed through unchanged. What the guest takes is written when it takes it, rid of every original,
//! so nothing is buffered for the recording's sake, and a body that the host keeps as a secret is never seen.
//! What else belongs to a scenario is for `scenario_record`.

mod journal;
mod tape;
#[cfg(test)]
mod tests;

pub use journal::{Journalled, learn_account};

use super::lanes::Lanes;
use super::redact::Redaction;
use super::{Answer, Exchanging, Outgoing, Transport, failure};
use crate::bindings::http::FailureKind;
use journal::Journal;
use std::path::Path;
use std::sync::Arc;

/// What stands in the place of a kept answer.
pub const ANSWER_MADE_UP: &str = "not-a-real-answer";
/// What stands in the place of a cookie.
pub const COOKIE_MADE_UP: &str = "not-a-real-cookie";
/// What stands in the place of an account's name: good for an address, too.
pub const ACCOUNT_MADE_UP: &str = "recorded";

/// A transport whose exchanges are written.
pub struct Recording {
    inner: Arc<dyn Transport>,
    journal: Arc<Journal>,
}

impl Recording {
    /// Writes into a folder what this transport answers, without the originals.
    pub fn new(inner: Arc<dyn Transport>, folder: &Path, redaction: Redaction) -> Self {
        Self { inner, journal: Arc::new(Journal::new(folder, redaction)) }
    }

    /// Gives the exchanges their final names; call it when the run is over.
    pub fn finish(&self) -> anyhow::Result<Journalled> {
        self.journal.finish()
    }
}

impl Transport for Recording {
    fn lanes(&self) -> &Arc<Lanes> {
        self.inner.lanes()
    }

    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging {
        let tape = match self.journal.begin(&request) {
            Ok(tape) => Arc::new(tape),
            Err(impossible) => {
                let refused = failure(FailureKind::Refused, "record.impossible", impossible);
                return Box::pin(std::future::ready(Err(refused)));
            }
        };
        answer.tap(tape.clone());
        let exchanging = self.inner.open(request, answer);
        Box::pin(async move {
            tape.leaves();
            exchanging.await
        })
    }
}
