//! Time that this process spent on a processor: what else the machine does is not in it.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// CPU time of all threads so far.
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// CPU seconds since then.
pub fn since(start: Duration) -> f64 {
    (now() - start).as_secs_f64()
}
