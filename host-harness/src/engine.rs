//! One engine per process: what every component is compiled with, and the tick that lets no guest run on for ever.
//!
//! It holds no component and no tenant.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use wasmtime::{Config, InstanceAllocationStrategy};

/// How often a running guest gives way to others.
pub const TICK: Duration = Duration::from_millis(10);

/// Stack of a guest, in bytes.
const STACK_BYTES_MAX: usize = 512 << 10;

/// Stack of the fiber that a guest and the imports it calls run on, in bytes.
const FIBER_BYTES: usize = 2 << 20;

/// Compiles and runs components; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    wasm: wasmtime::Engine,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// Starts the engine and its tick, which ends when the last clone is dropped.
    pub fn start() -> anyhow::Result<Self> {
        Self::with(true)
    }

    /// An engine that cannot interrupt a guest: only for measuring what interruption costs.
    #[doc(hidden)]
    pub fn without_interruption() -> anyhow::Result<Self> {
        Self::with(false)
    }

    fn with(interruption: bool) -> anyhow::Result<Self> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .epoch_interruption(interruption)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .max_wasm_stack(STACK_BYTES_MAX)
            .async_stack_size(FIBER_BYTES);
        let wasm = wasmtime::Engine::new(&config).map_err(host_error)?;
        let ticker = Ticker::start(wasm.clone())?;
        Ok(Self { wasm, _ticker: Arc::new(ticker) })
    }

    /// The engine underneath.
    pub(crate) fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }
}

/// An error of wasmtime as one of ours.
pub(crate) fn host_error(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

struct Ticker {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let (end, ended) = channel::<()>();
        let thread = std::thread::Builder::new().name("engine-tick".into()).spawn(move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tick_ends_with_the_last_clone() {
        let engine = Engine::start().unwrap();
        let (clone, weak) = (engine.clone(), engine.wasm().weak());
        drop(engine);
        assert!(weak.upgrade().is_some(), "a clone keeps it");
        drop(clone);
        assert!(weak.upgrade().is_none(), "the thread still holds the engine");
    }
}
