//! Wall time, time that runs faster, or time that costs nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// A clock that can be waited on; seconds since 1970.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> i64;
    /// Returns when `now` is at least `time`.
    fn sleep_until(&self, time: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The operating system's clock.
pub struct Wall;

impl Clock for Wall {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    fn sleep_until(&self, time: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while self.now() < time {
                let rest = (time - self.now()).clamp(1, 60);
                tokio::time::sleep(Duration::from_secs(rest as u64)).await;
            }
        })
    }
}

/// A clock that runs faster than the operating system's: for drills against a source whose clock does so too.
pub struct Fast {
    start: i64,
    began: Instant,
    rate: u32,
}

impl Fast {
    /// A clock that stood at `start` when `began` was, and runs `rate` times as fast as usual; 0 counts as 1.
    pub fn new(start: i64, began: Instant, rate: u32) -> Self {
        Self { start, began, rate: rate.max(1) }
    }

    fn passed(&self) -> Duration {
        self.began.elapsed().saturating_mul(self.rate)
    }
}

impl Clock for Fast {
    fn now(&self) -> i64 {
        self.start + self.passed().as_secs() as i64
    }

    fn sleep_until(&self, time: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let until = Duration::from_secs(time.saturating_sub(self.start).max(0) as u64);
        Box::pin(async move {
            while self.now() < time {
                let left = until.saturating_sub(self.passed()) / self.rate;
                tokio::time::sleep(left.max(Duration::from_millis(1))).await;
            }
        })
    }
}

/// A clock that stands still, and jumps ahead at once when somebody waits: replays cost no time.
pub struct Virtual(AtomicI64);

impl Virtual {
    /// A clock that stands at `now`.
    pub fn at(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }
}

impl Clock for Virtual {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep_until(&self, time: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.fetch_max(time, Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_virtual_clock_jumps_and_never_goes_back() {
        let clock = Virtual::at(100);
        clock.sleep_until(160).await;
        clock.sleep_until(120).await;
        assert_eq!(clock.now(), 160);
    }

    #[tokio::test]
    async fn a_fast_clock_is_waited_for_and_not_left_early() {
        let began = Instant::now();
        let clock = Fast::new(1_000, began, 1_000);
        clock.sleep_until(1_030).await;
        assert!(clock.now() >= 1_030 && began.elapsed() >= Duration::from_millis(30));
        clock.sleep_until(500).await;
    }
}
