//! Wall time, or time that costs nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

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
}
