//! The laws of a batch and of resolved settings, as far as they can be seen in them alone.

use crate::bindings::configure::Resolved;
use crate::bindings::model::{Asset, Batch, Finding, Property, Vulnerability};
use crate::limits::Limits;
use crate::outcome::{Limited, Unlawful};

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 512;

/// Bytes of a finding's evidence.
const EVIDENCE_BYTES_MAX: usize = 32 << 10;

/// Says why a batch may not be stored.
pub fn batch(batch: &Batch, limits: &Limits) -> wasmtime::Result<()> {
    todo!()
}

/// Says why resolved settings cannot be used.
pub fn resolved(resolved: &Resolved) -> Result<(), Unlawful> {
    todo!()
}
