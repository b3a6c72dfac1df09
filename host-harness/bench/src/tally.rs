//! What a sync brought.

use serde::{Deserialize, Serialize};

/// Records and bytes of one sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Bytes of answers.
    pub bytes: u64,
    /// Assets.
    pub assets: u64,
    /// Vulnerabilities.
    pub vulnerabilities: u64,
    /// Findings.
    pub findings: u64,
    /// Records that were dropped.
    pub dropped: u64,
}
