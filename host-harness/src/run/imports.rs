//! Answers the guest's calls of `sink`, `clock` and `log`.

use super::end::HostFailure;
use super::{RunState, laws};
use crate::bindings::{clock, log, model, problems, sink};
use crate::outcome::Unlawful;
use wasmtime::Result;

/// Commits that a connector may make after it was told to stop.
const COMMITS_AFTER_STOP_MAX: u32 = 1;

/// Only types.
impl model::Host for RunState {}

/// Only types.
impl problems::Host for RunState {}

impl clock::Host for RunState {
    fn now(&mut self) -> Result<i64> {
        self.watch.call("clock.now");
        Ok(self.http.now())
    }
}

impl log::Host for RunState {
    fn write(&mut self, level: log::Level, message: String, fields: Vec<log::Field>) -> Result<()> {
        self.watch.call("log.write");
        self.usage.log_lines += 1;
        if let Some(line) = self.log.admit(level, &message, &fields, &self.limits) {
            self.watch.line(&line);
        }
        Ok(())
    }
}

impl sink::Host for RunState {
    async fn commit(&mut self, batch: sink::Batch, position: Option<String>) -> Result<sink::Receipt> {
        self.watch.call("sink.commit");
        self.count_commit()?;
        laws::batch(&batch, &self.limits)?;
        laws::position(position.as_deref(), &self.limits)?;
        let sink = self.sink.as_mut().ok_or_else(not_syncing)?;
        let committed = self.meter.host_work(sink.commit(batch, position)).await;
        let stale_assets = committed.map_err(HostFailure)?;
        self.usage.commits += 1;
        Ok(sink::Receipt { directive: self.directive(), stale_assets })
    }

    async fn progress(&mut self, progress: sink::StageProgress) -> Result<sink::Directive> {
        self.watch.call("sink.progress");
        let sink = self.sink.as_mut().ok_or_else(not_syncing)?;
        sink.progress(&progress);
        self.watch.progress(&progress);
        Ok(self.directive())
    }
}

impl RunState {
    fn directive(&mut self) -> sink::Directive {
        self.told |= self.stop.reason().is_some();
        if self.told { sink::Directive::Stop } else { sink::Directive::Proceed }
    }

    fn count_commit(&mut self) -> Result<()> {
        self.commits_after_stop += u32::from(self.told);
        if self.commits_after_stop > COMMITS_AFTER_STOP_MAX {
            let message = "the connector commits again and again after it was told to stop".into();
            return Err(Unlawful { law: "stop", message }.into());
        }
        Ok(())
    }
}

fn not_syncing() -> Unlawful {
    Unlawful { law: "instances", message: "the connector calls `sink` outside of a sync".into() }
}
