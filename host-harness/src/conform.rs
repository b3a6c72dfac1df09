//! The contract's laws, tried on any component: what `harness conform` and the tests of this repository run.
//!
//! Whatever the connector does is a value of the [`Report`]; an `Err` means that the host could not do its work.
//! It prints nothing, knows no source, and asks nobody: every answer comes from a recording.

mod law;
mod laws;
mod report;
pub mod scene;
mod trial;

pub use law::Law;
pub use laws::LAWS;
pub use report::{Breach, Report, Tried, Verdict};
pub use trial::conform;

use crate::connector::{Cache, Connector, Facts, Incompatible};
use crate::engine::Engine;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// A component whose laws are tried, whether or not this host can run it.
pub struct Subject {
    facts: Facts,
    connector: Result<Connector, Incompatible>,
}

impl Subject {
    /// Loads a component; what is no component at all is an [`Incompatible`] inside the error.
    pub fn load(engine: &Engine, path: &Path, cache: &Cache) -> Result<Self> {
        let name = || format!("loading the component {}", path.display());
        Self::from_bytes(engine, &crate::connector::read(path).with_context(name)?, cache).with_context(name)
    }

    /// Loads a component from memory.
    pub fn from_bytes(engine: &Engine, bytes: &[u8], cache: &Cache) -> Result<Self> {
        let facts = Facts::read(bytes)?;
        let connector = match Connector::from_bytes(engine, bytes, cache) {
            Ok(connector) => Ok(connector),
            Err(error) => Err(error.downcast::<Incompatible>()?),
        };
        Ok(Self { facts, connector })
    }

    /// What can be said of it without running it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The connector, or why this host cannot run it.
    pub fn connector(&self) -> Result<&Connector, &Incompatible> {
        self.connector.as_ref()
    }
}

/// A recorded scenario, and how often it was synced before.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The scenario's folder.
    pub folder: PathBuf,
    /// Syncs of it that the store has seen before.
    pub syncs_before: u32,
}

/// Hears which law is being tried on what.
pub trait Follow: Send + Sync {
    /// A law is tried, on a scenario or on the component alone.
    fn trying(&self, _law: &Law, _scenario: Option<&str>) {}
}

/// Nobody listens.
pub struct Unfollowed;

impl Follow for Unfollowed {}
