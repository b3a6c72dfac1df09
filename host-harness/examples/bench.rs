//! `bench COMPONENT OUTPUT.json`: what a component weighs, and how long it takes to be ready.
//!
//! Prints a table and writes a list of `{"name", "value", "unit"}`. Each time is the least of several, which is the machine's
//! noise left out; throughput needs pages larger than a recording and is not measured here.

use anyhow::Context;
use host_harness::connector::{Cache, Origin};
use host_harness::{Connector, Engine};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How often each time is taken.
const RUNS: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let (component, output) = paths.next().zip(paths.next()).context("usage: bench COMPONENT OUTPUT.json")?;
    let engine = Engine::start()?;
    let folder = tempfile::tempdir()?;
    let cache = Cache::at(folder.path().join("cache"));
    let size = std::fs::metadata(&component)?.len();
    let figures = [
        figure("component_size_kib", size as f64 / 1024.0, "KiB"),
        figure("compile_ms", least(&engine, &component, &Cache::off(), Origin::Compiled).await?, "ms"),
        figure(
            "cold_start_ms",
            least(&engine, &component, &warm(&engine, &component, cache)?, Origin::Cached).await?,
            "ms",
        ),
    ];
    for figure in &figures {
        println!("{:<24} {:>10} {}", text(figure, "name"), figure["value"], text(figure, "unit"));
    }
    std::fs::write(&output, serde_json::to_string_pretty(&figures)?)?;
    Ok(())
}

/// Leaves the component in the cache.
fn warm(engine: &Engine, component: &Path, cache: Cache) -> anyhow::Result<Cache> {
    Connector::load_with(engine, component, &cache)?;
    Ok(cache)
}

/// Milliseconds from the file to what the connector says of itself, in a fresh instance.
async fn least(engine: &Engine, component: &Path, cache: &Cache, origin: Origin) -> anyhow::Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        let connector = Connector::load_with(engine, component, cache)?;
        connector.describe().await?;
        least = least.min(start.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(connector.origin() == origin, "the component did not come from where it was meant to");
    }
    Ok(least)
}

fn figure(name: &str, value: f64, unit: &str) -> Value {
    json!({"name": name, "value": (value * 100.0).round() / 100.0, "unit": unit})
}

fn text<'a>(figure: &'a Value, field: &str) -> &'a str {
    figure[field].as_str().unwrap_or_default()
}
