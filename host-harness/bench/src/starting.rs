//! What a component weighs, and how long it takes to be ready.

use crate::figure::{Bar, Figure};
use anyhow::{Result, ensure};
use host_harness::connector::{Cache, Origin};
use host_harness::{Connector, Engine};
use std::path::Path;
use std::time::Instant;

/// How often each time is taken; the least counts.
const RUNS: u32 = 20;

/// Size, time to compile, and time from a compiled file to what the connector says of itself.
pub async fn figures(path: &Path) -> Result<Vec<Figure>> {
    let engine = Engine::start()?;
    let folder = tempfile::tempdir()?;
    let cache = Cache::at(folder.path().join("cache"));
    Connector::load_with(&engine, path, &cache)?;
    let kib = std::fs::metadata(path)?.len() as f64 / 1024.0;
    let cold_start = least(&engine, path, &cache, Origin::Cached).await?;
    let compile = least(&engine, path, &Cache::off(), Origin::Compiled).await?;
    Ok(vec![
        Figure::new("component_size_kib", kib, "KiB", Bar::AtMost(1024.0)),
        Figure::new("cold_start_ms", cold_start, "ms", Bar::AtMost(20.0)),
        Figure::new("compile_ms", compile, "ms", Bar::None),
    ])
}

async fn least(engine: &Engine, path: &Path, cache: &Cache, origin: Origin) -> Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        let connector = Connector::load_with(engine, path, cache)?;
        connector.describe().await?;
        least = least.min(start.elapsed().as_secs_f64() * 1e3);
        ensure!(connector.origin() == origin, "the component did not come from where it was meant to");
    }
    Ok(least)
}
