//! Two records of one key become one; pure, and idempotent, commutative and associative.
//!
//! So neither the order in which records arrive nor their repetition matters: a slice that is sent twice is harmless.
//! Which record replaces what an earlier sync left is the store's business.

pub mod asset;
pub mod finding;
mod parts;
pub mod vulnerability;

pub use asset::join as asset;
pub use finding::{Kept, Rank, join as finding, packages};
pub use vulnerability::join as vulnerability;

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod samples;
