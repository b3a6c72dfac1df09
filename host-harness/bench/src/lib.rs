//! What both programs of the benchmark share: a source that answers, the connector's own code run natively, and a clock.
//!
//! Nothing here knows the host, so that the native program is built in seconds and with the component's own profile.

pub mod cpu;
pub mod native;
pub mod source;
pub mod tally;

use simulator::Subscription;
use source::{Load, Source};

/// Detections of about so many bytes in all.
const DETECTION_BYTES: u64 = 60_000_000;
/// So few that what they mean is a small part of what is read.
const QIDS: u32 = 400;

/// The subscription that both programs read.
pub fn findings() -> Source {
    Source::keeping(Subscription { qids: QIDS, ..Subscription::of_bytes(DETECTION_BYTES) }, Load::Detections)
}
