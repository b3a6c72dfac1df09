//! The `http` import: what a run may ask, and the transport that answers it.
//!
//! A [`Session`] belongs to one run; `http/imports.rs` answers the guest with it.
//! Nothing here knows a network: a [`Transport`] is the network, or a recording.

mod answer;
pub(crate) mod echo;
pub mod exchange;
mod imports;
pub mod lanes;
mod leaving;
pub mod live;
mod matching;
mod outgoing;
pub mod pace;
pub mod policy;
pub mod record;
pub mod redact;
pub mod replay;
pub mod secrets;
mod session;
mod spelling;
mod tap;
mod under_way;

pub use answer::Answer;
pub use live::Live;
pub use outgoing::{Body, Outgoing, Part};
pub use secrets::Kept;
pub use session::Session;
pub use under_way::Exchange;

use crate::bindings::http::{Failure, FailureKind};
use lanes::Lanes;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What answers requests: the network, or a recording.
pub trait Transport: Send + Sync + 'static {
    /// The lanes that its requests queue in, and the clock they wait by.
    fn lanes(&self) -> &Arc<Lanes>;

    /// Accepts a request, in the order of the guest's `send`.
    ///
    /// Nothing leaves before the returned future is polled, which happens when the lane allows.
    /// The future hands head and pieces to `answer`, which makes it wait while enough is read ahead.
    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging;
}

/// An exchange under way; it ends when the answer is complete, or failed.
pub type Exchanging = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A failure of an exchange.
pub fn failure(kind: FailureKind, code: impl Into<String>, message: impl Into<String>) -> Failure {
    Failure { kind, code: code.into(), message: message.into() }
}

fn cancelled() -> Failure {
    failure(FailureKind::Cancelled, "run.stopped", "the host said stop")
}
