//! Why a record that was read cannot be emitted: the closed list, with `garbled-record` of what could not be read at all.

/// One of the words below; it stands in the contract's `dropped-record` and in the counts of a stage.
pub type Reason = &'static str;

/// The ID of a host is not a positive integer.
pub const HOST_ID_NOT_A_NUMBER: Reason = "host-id-not-a-number";
/// The QID is not a positive integer; answers with garbled records exist.
pub const QID_NOT_A_NUMBER: Reason = "qid-not-a-number";
/// The detection is of type `Info`: it tells something of a host and is no vulnerability.
pub const INFORMATION_GATHERED: Reason = "information-gathered";
/// The operator wants no findings of kernels like this one, and the endpoint's version leaves it to us to keep them out.
pub const KERNEL_FILTERED: Reason = "kernel-filtered";
/// The record has more text than one may have.
pub const RECORD_TOO_LARGE: Reason = "record-too-large";
/// The host list names hosts by a range of IDs that is too long to be one.
pub const ID_RANGE_TOO_LONG: Reason = "id-range-too-long";
