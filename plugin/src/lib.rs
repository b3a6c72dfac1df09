//! Reads a Qualys subscription and hands it on in neutral words.
//!
//! ```text
//! host: http.send ─► qualys/client ─► qualys/<endpoint>::read ─► map/* ─► sink.commit ─► host: store
//!                     (the one door)    pieces → vendor records     pure     batch + position
//! ```
//!
//! It is a stream from end to end: a body arrives in pieces, a record leaves as soon as it is read, nothing holds a page.
//! This crate does no I/O, reads no clock and knows no secret: what it needs from the world it asks through [`ports`].

pub mod bindings;
pub mod connectivity;
pub mod error;
#[cfg(target_arch = "wasm32")]
mod guest;
mod kept;
pub mod manifest;
pub mod map;
pub mod ports;
pub mod qualys;
#[cfg(test)]
mod script;
pub mod settings;
pub mod sync;
