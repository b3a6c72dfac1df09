//! Sees everything that a connector calls, says and commits.

use crate::bindings::model::Batch;
use crate::sink::{Committed, Sink};
use crate::watch::{Line, Watch};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was seen of a run.
#[derive(Default)]
pub struct Witness(Mutex<Seen>);

/// What a connector did, in order.
#[derive(Default)]
pub struct Seen {
    /// The imports it called.
    pub calls: Vec<&'static str>,
    /// The lines it wrote.
    pub lines: Vec<Line>,
    /// What it committed.
    pub batches: Vec<Batch>,
    /// The positions that it committed.
    pub positions: Vec<String>,
}

impl Witness {
    /// What was seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Imports that were called beside `log`.
    pub fn calls_beside_log(&self) -> Vec<&'static str> {
        self.seen().calls.iter().filter(|call| **call != "log.write").copied().collect()
    }

    /// Sees what is committed before it reaches a sink.
    pub fn before(self: Arc<Self>, sink: impl Sink + 'static) -> Box<dyn Sink> {
        Box::new(Tap { witness: self, sink })
    }
}

impl Watch for Witness {
    fn call(&self, import: &'static str) {
        self.seen().calls.push(import);
    }

    fn line(&self, line: &Line) {
        self.seen().lines.push(line.clone());
    }
}

struct Tap<S> {
    witness: Arc<Witness>,
    sink: S,
}

impl<S: Sink> Sink for Tap<S> {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        let mut seen = self.witness.seen();
        seen.batches.push(batch.clone());
        seen.positions.extend(position.clone());
        drop(seen);
        self.sink.commit(batch, position)
    }
}
