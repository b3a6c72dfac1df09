//! One run: a fresh instance, an outcome.

use crate::bindings::{clock, log, sink};
use crate::http::Session;
use crate::limits::Limits;
use crate::outcome::Usage;
use crate::sink::Sink;
use crate::stop::Stop;
use wasmtime::component::ResourceTable;

/// Everything an instance can reach; it is dropped with the instance.
pub struct RunState {
    /// The guest's handles.
    pub table: ResourceTable,
    /// Its exchanges.
    pub http: Session,
    /// Where its batches go.
    pub sink: Box<dyn Sink>,
    /// Whether it was told to stop.
    pub stop: Stop,
    /// What it may use.
    pub limits: Limits,
    /// What it used.
    pub usage: Usage,
}

impl clock::Host for RunState {
    fn now(&mut self) -> wasmtime::Result<i64> {
        Ok(0)
    }
}

impl log::Host for RunState {
    fn write(&mut self, _level: log::Level, _message: String, _fields: Vec<log::Field>) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl sink::Host for RunState {
    async fn commit(&mut self, batch: sink::Batch, position: Option<String>) -> wasmtime::Result<sink::Receipt> {
        let stale_assets = self.sink.commit(batch, position).await.map_err(|e| wasmtime::Error::msg(e.to_string()))?;
        Ok(sink::Receipt { directive: sink::Directive::Proceed, stale_assets })
    }

    async fn progress(&mut self, progress: sink::StageProgress) -> wasmtime::Result<sink::Directive> {
        self.sink.progress(&progress);
        Ok(sink::Directive::Proceed)
    }
}
