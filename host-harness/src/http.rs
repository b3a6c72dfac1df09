//! The `http` import: exchanges under way, and the transport behind them.
//!
//! This module says what a transport is; `http/imports.rs` answers the guest, and nothing here knows a network.

mod imports;
pub mod secrets;

use crate::bindings::http::{Failure, Head};
use crate::stop::Stop;
use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The host's side of all exchanges of one run.
pub struct Session {
    transport: Arc<dyn Transport>,
    stop: Stop,
}

impl Session {
    /// A session in which nothing is allowed yet.
    pub fn new(transport: Arc<dyn Transport>, stop: Stop) -> Self {
        Self { transport, stop }
    }
}

/// What answers requests: the network, or a recording.
pub trait Transport: Send + Sync + 'static {
    /// Accepts a request, in the order of the guest's `send`.
    ///
    /// Nothing leaves before the returned future is polled, which happens when the lane allows.
    /// The future hands head and pieces to `answer`, which makes it wait while enough is read ahead.
    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging;
}

/// An exchange under way; it ends when the answer is complete, or failed.
pub type Exchanging = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A request that may leave, with its secrets filled in.
#[derive(Debug)]
pub struct Outgoing {
    /// In upper case.
    pub method: String,
    /// Where to.
    pub url: url::Url,
}

/// Where a transport leaves an answer: bounded, so that a slow reader slows the network.
pub struct Answer;

impl Answer {
    /// The head has come.
    pub fn head(&self, _head: Head) {}
    /// A piece has come; waits while too much is read ahead.
    pub async fn piece(&self, _piece: Bytes) {}
}

/// One request and its answer, as the guest's handle names it.
pub struct Exchange;

/// An answer that the host keeps as a secret.
pub struct Kept;
