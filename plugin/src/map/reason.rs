//! Why a record that was read cannot be emitted: the closed list.

/// One of the words below; it stands in the contract's `dropped-record` and in the counts of a stage.
pub type Reason = &'static str;

/// The ID of a host is not a positive integer.
pub const HOST_ID_NOT_A_NUMBER: Reason = "host-id-not-a-number";
/// The QID is not a positive integer; answers with garbled records exist.
pub const QID_NOT_A_NUMBER: Reason = "qid-not-a-number";
/// The detection is of type `Info`: it tells something of a host and is no vulnerability.
pub const INFORMATION_GATHERED: Reason = "information-gathered";
/// The record has more text than one may have.
pub const RECORD_TOO_LARGE: Reason = "record-too-large";

/// All of them, each with a sentence for a person.
pub const ALL: &[(Reason, &str)] = &[
    (HOST_ID_NOT_A_NUMBER, "The ID of the host is not a positive integer."),
    (QID_NOT_A_NUMBER, "The QID is not a positive integer."),
    (INFORMATION_GATHERED, "It is information about the host, not a vulnerability."),
    (RECORD_TOO_LARGE, "It has more text than one record may have."),
];
