//! What the core asks of the world, in the contract's own types.
//!
//! `guest.rs` answers over the host's imports, tests answer from a script.

use crate::bindings::connector::contract::{http, log, model, sink};

/// Requests and their answers; see the contract's `http` for what each call promises.
pub trait Http {
    /// One request and its answer; dropping it cancels.
    type Exchange;
    /// An answer that the host keeps as a secret.
    type Kept;
    /// Accepts a request; never waits.
    fn send(&self, request: &http::Request<'_>) -> Self::Exchange;
    /// Accepts a request with one header more, whose value is a kept answer behind a prefix; never waits.
    fn send_kept<'a>(&self, request: http::Request<'a>, header: (&str, &str), kept: &'a Self::Kept) -> Self::Exchange;
    /// Waits until one of them can go on, and gives its index.
    fn ready(&self, exchanges: &[&Self::Exchange]) -> usize;
    /// Status and headers.
    fn head(&self, exchange: &Self::Exchange) -> Result<http::Head, http::Failure>;
    /// The next piece; empty at the end of the body.
    fn read(&self, exchange: &Self::Exchange, bytes_max: u32) -> Result<Vec<u8>, http::Failure>;
    /// Has the host read the whole answer and keep it as a secret.
    fn keep(&self, exchange: &Self::Exchange) -> Result<Self::Kept, http::Failure>;
    /// Tells how a lane stands.
    fn pace(&self, lane: &str, allowance: &http::Allowance);
}

/// Where records go.
pub trait Sink {
    /// Makes a batch and a position durable together.
    fn commit(&self, batch: &model::Batch, position: Option<&str>) -> sink::Receipt;
    /// Tells how far a stage is.
    fn progress(&self, progress: &sink::StageProgress) -> sink::Directive;
}

/// The time.
pub trait Clock {
    /// Seconds since 1970.
    fn now(&self) -> model::EpochSecs;
}

/// What a person may want to read.
pub trait Log {
    /// Writes one line; `fields` are names and values.
    fn write(&self, level: log::Level, message: &str, fields: &[(&str, &str)]);
}

/// Everything at once: what a run is given.
pub trait World: Http + Sink + Clock + Log {}
impl<T: Http + Sink + Clock + Log> World for T {}
