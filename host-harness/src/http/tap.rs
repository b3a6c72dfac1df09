//! Hears what a guest takes of an answer; nothing of it decides anything.

use crate::bindings::http::{Failure, Head};

/// One thing that happened to an answer.
pub enum Heard<'a> {
    /// The head came.
    Head(&'a Head),
    /// The guest took a piece of the body by `read`, or has dropped what it read a part of; so no secret is made of it.
    Piece(&'a [u8]),
    /// The host keeps the body as this secret.
    Kept(&'a str),
    /// The body is complete.
    End,
    /// The guest was told of a failure.
    Failed(&'a Failure),
    /// The guest dropped the exchange before its end.
    Dropped,
}

/// Hears about one answer, in the order in which its guest takes it.
pub trait Tap: Send + Sync {
    /// This happened; the guest goes on when it was heard.
    fn hear(&self, heard: Heard<'_>);
}
