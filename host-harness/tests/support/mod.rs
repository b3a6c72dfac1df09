//! What the integration tests share: the built components, a world that costs no time, and one sync with what it leaves.
#![allow(dead_code, missing_docs)]

pub mod scene;

use host_harness::bindings::model::Batch;
use host_harness::connector::Cache;
use host_harness::export;
use host_harness::http::replay::Replay;
use host_harness::sink::{Committed, Sink};
use host_harness::{Connector, Engine, Store, Tenant, World};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// 2026-03-02T06:00:00Z.
pub const NOW: i64 = 1_772_431_200;

/// Recordings of the second connector's source.
pub const CSV_SCENARIOS: &str = "tests/scenarios/csv";

/// The second connector: CSV over HTTP.
pub const CSV: &str = "examples/csv.wasm";
/// Does what its setting `act` says.
pub const HOSTILE: &str = "examples/hostile.wasm";

/// Loads a built component.
pub fn load(engine: &Engine, component: &str) -> Connector {
    let path = built(component);
    Connector::load_with(engine, &path, &Cache::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")))
        .unwrap_or_else(|error| panic!("{error:#}"))
}

/// Where a component was built to.
pub fn built(component: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(workspace.join("target"), |target| workspace.join(target));
    let path = target.join("wasm32-wasip2/wasm").join(component);
    assert!(path.is_file(), "{} is missing: run make components", path.display());
    path
}

/// The recorded scenarios in a folder of this package or below the workspace, in order.
pub fn scenarios(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let found = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<_> = found.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// A tenant that may use what is usual.
pub fn tenant(name: &str, settings: serde_json::Value) -> Tenant {
    let serde_json::Value::Object(settings) = settings else { panic!("settings are an object") };
    let (secrets, network, limits) = Default::default();
    Tenant { name: name.to_owned(), settings, secrets, network, limits }
}

/// A world in which nothing answers, and whose time stands still.
pub fn empty_world() -> World {
    let folder = tempfile::tempdir().unwrap();
    World::new(Arc::new(Replay::read(folder.path(), NOW).unwrap()))
}

/// Keeps what it is given in memory.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Vec<(Batch, Option<String>)>>>);

impl Notes {
    /// What it was given so far, in order.
    pub fn taken(&self) -> Vec<(Batch, Option<String>)> {
        self.0.lock().unwrap().clone()
    }
}

impl Sink for Notes {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        self.0.lock().unwrap().push((batch, position));
        Box::pin(std::future::ready(Ok(vec![])))
    }
}

/// A store in a folder of its own, which goes when it is dropped.
pub struct Kept {
    pub store: Store,
    _folder: tempfile::TempDir,
}

impl Kept {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: Store::open(&folder.path().join("tenant.db")).unwrap(), _folder: folder }
    }

    /// The lines that an export gives.
    pub fn lines(&self) -> String {
        let mut lines = Vec::new();
        export::export(&self.store, &mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    }

    /// The lines of what the last sync dropped.
    pub fn dropped(&self) -> String {
        let mut lines = Vec::new();
        export::export_dropped(&self.store, &mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    }
}
