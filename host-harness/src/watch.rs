//! What a person may see of a run while it goes on. Nothing of it decides anything.

use crate::bindings::log::Level;
use crate::bindings::sink::StageProgress;

/// Watches a run; every method is optional.
pub trait Watch: Send + Sync + 'static {
    /// The connector calls an import: `http.read`, `sink.commit`. What is done here is done before the import answers.
    fn call(&self, _import: &'static str) {}

    /// The connector wrote a line.
    fn line(&self, _line: &Line) {}

    /// A stage has come so far.
    fn progress(&self, _progress: &StageProgress) {}

    /// Requests of a lane wait until this time, in seconds since 1970, for this reason.
    fn waiting(&self, _lane: &str, _until: i64, _reason: &str) {}
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {}

/// A line that a connector wrote: bounded, without control characters, and without the tenant's secrets.
#[derive(Clone, Debug)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// Its details, by name.
    pub fields: Vec<(String, String)>,
}
