//! How much of everything one run may use. Every bound has a name, and an outcome names the bound that was hit.

use std::time::Duration;

/// The bounds of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Linear memory of the instance, over all its memories.
    pub memory_bytes_max: usize,
    /// Elements of all tables of the instance.
    pub table_elements_max: usize,
    /// Time that one run keeps a thread busy; looked at with every tick of the engine.
    pub cpu_max: Duration,
    /// Time for a test of the way to the source, before it is told to stop.
    pub check_max: Duration,
    /// Time for the connector to return after it was told to stop.
    pub stop_max: Duration,
    /// Longest wait of a lane, in seconds; a longer one stops the run, which can go on later.
    pub lane_wait_secs_max: i64,
    /// Time to reach a host and agree on encryption.
    pub connect_max: Duration,
    /// Time from when a request leaves until its answer begins.
    pub first_byte_max: Duration,
    /// Time without a byte of an answer that the connector asks for.
    pub idle_max: Duration,
    /// Time for a whole exchange, from when its request leaves.
    pub exchange_max: Duration,
    /// Exchanges alive at once.
    pub exchanges_max: usize,
    /// Bytes of an answer that are read ahead of the connector.
    pub read_ahead_bytes_max: usize,
    /// Bytes of one answer, after decoding.
    pub answer_bytes_max: u64,
    /// Bytes of an answer that `keep` accepts.
    pub kept_bytes_max: usize,
    /// Memory that one call of the connector makes the host set aside, in bytes.
    pub call_bytes_max: usize,
    /// Records of one batch.
    pub batch_records_max: usize,
    /// Text of one batch, in bytes.
    pub batch_bytes_max: usize,
    /// Bytes of a position.
    pub position_bytes_max: usize,
    /// Bytes of a state.
    pub state_bytes_max: usize,
    /// Log lines of one run; further ones are counted only.
    pub log_lines_max: usize,
    /// Bytes of one log line with its fields; the rest is cut.
    pub log_line_bytes_max: usize,
    /// Age in seconds from which a sync is started anew instead of resumed.
    pub sync_age_secs_max: i64,
}

impl Default for Limits {
    /// What a sync of millions of findings needs, and little more.
    fn default() -> Self {
        Self {
            memory_bytes_max: 64 << 20,
            table_elements_max: 20_000,
            cpu_max: Duration::from_secs(3600),
            check_max: Duration::from_secs(30),
            stop_max: Duration::from_secs(10),
            lane_wait_secs_max: 900,
            connect_max: Duration::from_secs(30),
            first_byte_max: Duration::from_secs(600),
            idle_max: Duration::from_secs(300),
            exchange_max: Duration::from_secs(6 * 3600),
            exchanges_max: 64,
            read_ahead_bytes_max: 1 << 20,
            answer_bytes_max: 64 << 30,
            kept_bytes_max: 16 << 10,
            call_bytes_max: 64 << 20,
            batch_records_max: 5_000,
            batch_bytes_max: 4 << 20,
            position_bytes_max: 256 << 10,
            state_bytes_max: 1 << 20,
            log_lines_max: 10_000,
            log_line_bytes_max: 4 << 10,
            sync_age_secs_max: 7 * 86_400,
        }
    }
}
