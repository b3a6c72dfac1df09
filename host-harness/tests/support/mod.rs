//! What the integration tests share: the built components, recordings, and a world that costs no time.
#![allow(dead_code, missing_docs)]

pub mod live;

use host_harness::connector::Cache;
use host_harness::http::replay::Replay;
use host_harness::{Connector, Engine, Tenant, World};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// 2026-03-02T06:00:00Z.
pub const NOW: i64 = 1_772_431_200;

/// Recordings of the second connector's source.
pub const CSV_SCENARIOS: &str = "tests/scenarios/csv";

/// Assets of [`long_page`], and findings, one on each.
pub const LONG_PAGE_ROWS: u32 = 2_500;

/// The second connector: CSV over HTTP.
pub const CSV: &str = "examples/csv.wasm";
/// The connector for Qualys.
pub const QUALYS: &str = "qualys_connector.wasm";
/// Recordings of Qualys.
pub const QUALYS_SCENARIOS: &str = "../fixtures/qualys";
/// Tests of the way to Qualys.
pub const QUALYS_CONNECTIVITY: &str = "../fixtures/connectivity";

/// Breaks the law that its setting `breaks` names.
pub const BROKEN: &str = "examples/broken.wasm";

/// Does what its setting `act` says.
pub const HOSTILE: &str = "examples/hostile.wasm";

/// Loads a built component.
pub fn load(engine: &Engine, component: &str) -> Connector {
    let path = built(component);
    Connector::load_with(engine, &path, &Cache::at(cache())).unwrap_or_else(|error| panic!("{error:#}"))
}

/// Where compiled components are kept between tests.
pub fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")
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

/// A scenario of the second connector whose one page is too long for one batch; written once, beside what is built.
pub fn long_page() -> PathBuf {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    let write = || {
        let test = std::env::current_exe().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test.file_name().unwrap()).join("long-page");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join(CSV_SCENARIOS).join("three-pages/settings.toml");
        std::fs::copy(settings, folder.join("settings.toml")).unwrap();
        let rows = |row: fn(u32) -> String| (1..=LONG_PAGE_ROWS).map(row).collect::<String>();
        let assets = format!("id,name,ip,os\n{}", rows(|number| format!("{number},host-{number},,\n")));
        let findings = rows(|number| format!("{number},R-1,Old TLS,7.4,open,1772409600\n"));
        let findings = format!("asset,rule,title,score,status,seen\n{findings}");
        for (file, body) in [("assets", assets), ("findings", findings)] {
            let request = format!("GET https://scan.example.com/acme/{file}.csv?page=1\nx-api-key: {{{{api_key}}}}");
            std::fs::write(folder.join(format!("01-{file}.http")), format!("{request}\n===\n200\n\n{body}")).unwrap();
        }
        folder
    };
    WRITTEN.get_or_init(write).clone()
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
