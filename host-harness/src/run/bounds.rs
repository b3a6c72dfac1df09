//! How long a guest may run.
//!
//! Guest code gives way at every tick of the engine, so each bound is looked at every few milliseconds, whatever the guest does.

use crate::limits::Limits;
use crate::outcome::Limited;
use crate::stop::{Reason, Stop};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

/// Time that was spent on a thread, in nanoseconds: by guest and imports together, and by the host's own work in it.
#[derive(Default)]
pub struct Meter {
    all: AtomicU64,
    host: AtomicU64,
}

impl Meter {
    /// What the guest spent.
    pub fn spent(&self) -> Duration {
        let (all, host) = (self.all.load(Ordering::Relaxed), self.host.load(Ordering::Relaxed));
        Duration::from_nanos(all.saturating_sub(host))
    }

    /// Does the host's work, which does not count as the guest's.
    pub async fn host_work<F: Future>(&self, work: F) -> F::Output {
        timed(work, &self.host).await
    }
}

/// The bounds of one run, and the only place that waits for them.
pub struct Bounds {
    /// What was spent.
    pub meter: Arc<Meter>,
    /// Time after which the connector is told to stop.
    pub wall_max: Option<Duration>,
    cpu_max: Duration,
    stop_max: Duration,
    stop: Stop,
}

impl Bounds {
    /// The bounds that the limits name.
    pub fn new(limits: &Limits, stop: Stop) -> Self {
        Self { meter: Arc::default(), wall_max: None, cpu_max: limits.cpu_max, stop_max: limits.stop_max, stop }
    }

    /// Waits for a call, unless a bound is hit first; then the call is dropped where it stands.
    pub async fn hold<T>(&self, call: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
        let mut call = pin!(timed(call, &self.meter.all));
        let within_cpu = std::future::poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Pending if self.meter.spent() > self.cpu_max => Poll::Ready(Err(wasmtime::Error::new(Limited {
                limit: "cpu_max",
                message: format!("the connector used more than {} s of CPU time", self.cpu_max.as_secs_f32()),
            }))),
            polled => polled,
        });
        tokio::select! {
            biased;
            result = within_cpu => result,
            limited = self.overdue() => Err(wasmtime::Error::new(limited)),
        }
    }

    async fn overdue(&self) -> Limited {
        if let Some(wall_max) = self.wall_max
            && tokio::time::timeout(wall_max, self.stop.stopped()).await.is_err()
        {
            self.stop.stop(Reason::Overdue);
        }
        self.stop.stopped().await;
        tokio::time::sleep(self.stop_max).await;
        let secs = self.stop_max.as_secs_f32();
        Limited { limit: "stop_max", message: format!("the connector did not return within {secs} s after the stop") }
    }
}

/// Does the work, and adds the time of every poll of it to a counter.
async fn timed<F: Future>(work: F, spent: &AtomicU64) -> F::Output {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        let start = Instant::now();
        let polled = work.as_mut().poll(context);
        spent.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(stop: &Stop) -> Bounds {
        let limits =
            Limits { cpu_max: Duration::from_millis(30), stop_max: Duration::from_millis(30), ..Limits::default() };
        Bounds::new(&limits, stop.clone())
    }

    fn limit(result: wasmtime::Result<()>) -> &'static str {
        result.unwrap_err().downcast::<Limited>().unwrap().limit
    }

    async fn spin() -> wasmtime::Result<()> {
        loop {
            std::thread::sleep(Duration::from_millis(2));
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_busy_call_ends_by_its_own_time_and_not_by_that_of_others() {
        let bounds = bounds(&Stop::new());
        let waiting = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            bounds.meter.host_work(async { std::thread::sleep(Duration::from_millis(100)) }).await;
            Ok(())
        };
        assert!(bounds.hold(waiting).await.is_ok(), "waiting, and the host's work, are not the connector's time");
        assert_eq!(limit(bounds.hold(spin()).await), "cpu_max");
        assert!(bounds.meter.spent() > Duration::from_millis(30));
    }

    #[tokio::test]
    async fn after_a_stop_a_call_has_so_long_to_return() {
        let stop = Stop::new();
        stop.stop(Reason::Interrupted);
        assert_eq!(limit(bounds(&stop).hold(std::future::pending()).await), "stop_max");
        let returning = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(())
        };
        assert!(bounds(&stop).hold(returning).await.is_ok());
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_told_to_stop_first() {
        let stop = Stop::new();
        let mut bounds = bounds(&stop);
        bounds.wall_max = Some(Duration::from_millis(10));
        let obeying = async {
            stop.stopped().await;
            Ok(())
        };
        assert!(bounds.hold(obeying).await.is_ok());
        assert_eq!(stop.reason(), Some(&Reason::Overdue));
        assert_eq!(limit(bounds.hold(std::future::pending()).await), "stop_max");
    }
}
