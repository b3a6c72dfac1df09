//! Gathers records into batches and hands them over in time.

use crate::bindings::connector::contract::model::{
    Asset, Batch, CompleteAsset, DroppedRecord, Finding, Vulnerability, VulnerabilityKind,
};
use crate::bindings::connector::contract::sink::{Directive, StageProgress};
use crate::map::{size, text};
use crate::ports::Sink;

/// Records after which a batch leaves; crossing costs least per record from about here on.
const BATCH_RECORDS: usize = 1_000;
/// Text after which a batch leaves, in bytes: as much as one record may have, so it never holds more than half of what it may.
const BATCH_BYTES: usize = size::RECORD_BYTES_MAX;

/// Most of a key or a place that is told of a dropped record.
const WORDS_BYTES_MAX: usize = 512;

/// The batch being filled. Once the host has said stop, nothing leaves any more.
pub struct Outbox<'w, S: Sink> {
    sink: &'w S,
    batch: Batch,
    records: usize,
    bytes: usize,
    stopped: bool,
    /// A batch left by itself since this was last asked.
    overflowed: bool,
}

impl<'w, S: Sink> Outbox<'w, S> {
    /// An empty outbox.
    pub fn new(sink: &'w S) -> Self {
        Self { sink, batch: empty(), records: 0, bytes: 0, stopped: false, overflowed: false }
    }

    /// The host has said stop.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Whether a batch left because it was full since this was last asked: a good time to tell how far a stage is.
    pub fn has_overflowed(&mut self) -> bool {
        std::mem::take(&mut self.overflowed)
    }

    /// Adds an asset.
    pub fn asset(&mut self, asset: Asset) {
        self.make_room(size::asset(&asset));
        self.batch.assets.push(asset);
    }

    /// Adds a vulnerability.
    pub fn vulnerability(&mut self, vulnerability: Vulnerability) {
        self.make_room(size::vulnerability(&vulnerability));
        self.batch.vulnerabilities.push(vulnerability);
    }

    /// Adds a finding.
    pub fn finding(&mut self, finding: Finding) {
        self.make_room(size::finding(&finding));
        self.batch.findings.push(finding);
    }

    /// Adds the promise that an asset's findings of vulnerabilities have all been sent.
    pub fn complete(&mut self, asset_key: String) {
        self.make_room(0);
        self.batch.complete_assets.push(CompleteAsset { key: asset_key, kind: VulnerabilityKind::Vulnerability });
    }

    /// Adds a record that could not be emitted.
    pub fn dropped(&mut self, stage: &str, key: String, reason: &str, location: String) {
        self.drop_line(line(stage, key, reason, location));
    }

    /// Adds what is told of a record that could not be emitted.
    pub fn drop_line(&mut self, line: DroppedRecord) {
        self.make_room(line.key.len() + line.location.as_deref().unwrap_or_default().len());
        self.batch.dropped.push(line);
    }

    /// Makes everything so far durable, together with a position.
    pub fn finish(&mut self, position: &str) {
        self.commit(Some(position));
    }

    /// Tells how far a stage is.
    pub fn progress(&mut self, stage: &str, seen: u64) {
        if !self.stopped {
            let progress = StageProgress { stage: stage.into(), seen, expected: None };
            self.stopped = self.sink.progress(&progress) == Directive::Stop;
        }
    }

    /// A record is coming with about so much text beyond its short fields.
    fn make_room(&mut self, text_bytes: usize) {
        if self.records >= BATCH_RECORDS || self.bytes >= BATCH_BYTES {
            self.commit(None);
            self.overflowed = true;
        }
        self.records += 1;
        self.bytes += 256 + text_bytes;
    }

    fn commit(&mut self, position: Option<&str>) {
        if self.stopped {
            return;
        }
        let batch = std::mem::replace(&mut self.batch, empty());
        (self.records, self.bytes) = (0, 0);
        self.stopped = self.sink.commit(&batch, position).directive == Directive::Stop;
    }
}

/// What is told of a record that could not be emitted, and where in the answer it stood: without that, two would look like one.
pub fn line(stage: &str, key: String, reason: &str, location: String) -> DroppedRecord {
    // What could not be read may be of any length.
    let [key, location] = [key, location].map(|text| text::cut(&text, WORDS_BYTES_MAX).to_owned());
    DroppedRecord { stage: stage.into(), key, reason: reason.into(), location: Some(location) }
}

fn empty() -> Batch {
    Batch {
        assets: Vec::new(),
        vulnerabilities: Vec::new(),
        findings: Vec::new(),
        seen_assets: Vec::new(),
        complete_assets: Vec::new(),
        dropped: Vec::new(),
    }
}
