//! Vendor records in, model out. Pure: no I/O, no clock, nothing that fails for outside reasons.
//!
//! The crossing from the vendor's words to the contract's: [`asset`], [`finding`], [`vulnerability`] and [`packages`]
//! make records, the others are the small steps that these share.
//! Nothing here decides what is fetched or when it is sent, and nothing merges two records: that is the host's join.

pub mod asset;
pub mod digest;
pub mod entity;
pub mod finding;
pub mod html;
#[cfg(test)]
mod laws;
pub mod packages;
pub mod property;
pub mod reason;
pub mod size;
pub mod text;
pub mod time;
pub mod vulnerability;
