//! Time that the process spent on a processor: what else the machine does is not in it.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// CPU time of all threads of this process so far.
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// What was done, and the CPU seconds that it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = now();
    let done = work();
    (done, (now() - start).as_secs_f64())
}
