//! What a sync brought.

use host_harness::bindings::model::Batch;

/// Records and bytes of one sync.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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

impl Tally {
    /// Counts a batch.
    pub fn count(&mut self, batch: &Batch) {
        self.assets += batch.assets.len() as u64;
        self.vulnerabilities += batch.vulnerabilities.len() as u64;
        self.findings += batch.findings.len() as u64;
        self.dropped += batch.dropped.len() as u64;
    }
}
