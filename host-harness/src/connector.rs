//! A compiled component that keeps the contract, ready to be run for any tenant.
//!
//! It holds nothing of a tenant; what happens in a run stands in `run`.

pub mod cache;
mod preflight;

pub use cache::{Cache, Origin};
pub use preflight::{CONTRACT_VERSION, Facts, Incompatible};

use crate::bindings::{Component, ComponentPre};
use crate::engine::Engine;
use crate::run::RunState;
use crate::settings::Described;
use anyhow::Context;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

/// Longest component that is read, in bytes.
const COMPONENT_BYTES_MAX: u64 = 128 << 20;

/// A connector; clones are the same one.
#[derive(Clone)]
pub struct Connector {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) pre: ComponentPre<RunState>,
    pub(crate) described: tokio::sync::OnceCell<Described>,
    facts: Facts,
    origin: Origin,
}

impl Connector {
    /// Loads a component, compiled before or now; a component that cannot be run is an [`Incompatible`] inside the error.
    pub fn load(engine: &Engine, path: &Path) -> anyhow::Result<Self> {
        Self::load_with(engine, path, &Cache::of_user())
    }

    /// Loads a component and keeps its compiled form in a cache of the caller's choice.
    pub fn load_with(engine: &Engine, path: &Path, cache: &Cache) -> anyhow::Result<Self> {
        let name = || format!("loading the component {}", path.display());
        Self::from_bytes(engine, &read(path).with_context(name)?, cache).with_context(name)
    }

    /// Loads a component from memory.
    pub fn from_bytes(engine: &Engine, bytes: &[u8], cache: &Cache) -> anyhow::Result<Self> {
        let facts = Facts::read(bytes)?;
        facts.judge()?;
        let (component, origin) = cache.compile(engine.wasm(), bytes, &facts.sha256)?;
        let pre = link(engine.wasm(), &component).map_err(|e| {
            Incompatible::new(
                format!("the component does not have the types of connector:contract@{CONTRACT_VERSION}: {e:#}"),
                "build it against the wit/ of this host",
            )
        })?;
        let inner = Inner { engine: engine.clone(), pre, described: Default::default(), facts, origin };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What can be said of it without running it.
    pub fn facts(&self) -> &Facts {
        &self.inner.facts
    }

    /// Whether it was compiled now or came from the cache.
    pub fn origin(&self) -> Origin {
        self.inner.origin
    }
}

pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > COMPONENT_BYTES_MAX {
        let what = format!("the file is longer than {COMPONENT_BYTES_MAX} bytes, the most that this host loads");
        return Err(
            Incompatible::new(what, "build the component with optimisation, and without debug information").into()
        );
    }
    Ok(bytes)
}

fn link(
    engine: &wasmtime::Engine,
    component: &wasmtime::component::Component,
) -> wasmtime::Result<ComponentPre<RunState>> {
    let mut linker = Linker::new(engine);
    Component::add_to_linker::<_, HasSelf<RunState>>(&mut linker, |state| state)?;
    linker.define_unknown_imports_as_traps(component)?;
    ComponentPre::new(linker.instantiate_pre(component)?)
}
