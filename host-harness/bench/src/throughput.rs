//! How fast pages become batches: as a component, natively, and what reading their XML alone costs.
//!
//! Each way is tried in turn, several times over, and the least CPU time of each counts: what is left is the machine's noise.

use crate::figure::{Bar, Figure};
use crate::{component, tenant};
use anyhow::{Context, Result, ensure};
use bench::source::{Load, Source};
use bench::tally::Tally;
use bench::{cpu, findings};
use host_harness::connector::Cache;
use host_harness::{Connector, Engine};
use serde::Deserialize;
use simulator::Subscription;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// How often each way is tried.
const RUNS: u32 = 5;
const HOSTS: u32 = 20_000;
const KNOWLEDGE_BASE_QIDS: u32 = 8_000;

/// The throughput of everything that is read.
pub async fn figures(path: &Path, native: &Path) -> Result<Vec<Figure>> {
    let load = |engine| Connector::load_with(&engine, path, &Cache::off());
    let (interrupted, uninterrupted) = (load(Engine::start()?)?, load(Engine::without_interruption()?)?);
    let mut figures = of_findings(&interrupted, &uninterrupted, native).await?;
    let hosts = Subscription { hosts: HOSTS, ..Subscription::default() };
    let knowledge_base = Subscription { hosts: 1, qids: KNOWLEDGE_BASE_QIDS, ..Subscription::default() };
    for (name, subscription, load) in [
        ("knowledge_base_mb_per_cpu_second", knowledge_base, Load::KnowledgeBase),
        ("host_list_mb_per_cpu_second", hosts, Load::Hosts),
    ] {
        let source = Arc::new(Source::keeping(subscription, load));
        let mut best = Best::default();
        for _ in 0..=RUNS {
            best.take(timed(&interrupted, &source).await?)?;
        }
        figures.push(Figure::new(name, best.mb_per_second(), "MB/CPU s", Bar::None));
    }
    Ok(figures)
}

async fn of_findings(interrupted: &Connector, uninterrupted: &Connector, native: &Path) -> Result<Vec<Figure>> {
    let source = Arc::new(findings());
    let [mut component, mut alone, mut natively, mut floor] = [Best::default(); 4];
    // The first round makes the pages.
    for _ in 0..=RUNS {
        component.take(timed(interrupted, &source).await?)?;
        alone.take(timed(uninterrupted, &source).await?)?;
        let run = run_natively(native)?;
        natively.take((run.tally, run.seconds))?;
        floor.take((Tally { bytes: run.floor_bytes, ..Tally::default() }, run.floor_seconds))?;
    }
    let tally = component.tally;
    ensure!(tally == alone.tally && tally == natively.tally, "{tally:?}, {:?}, {:?}", alone.tally, natively.tally);
    let per_second = tally.map_or(0.0, |tally| tally.findings as f64 / component.seconds);
    let half = Bar::AtLeast(floor.mb_per_second() / 2.0);
    Ok(vec![
        Figure::new("component_findings_per_cpu_second", per_second, "/CPU s", Bar::AtLeast(150_000.0)),
        Figure::new("native_over_component", component.seconds / natively.seconds, "", Bar::AtMost(2.0)),
        Figure::new("native_over_component_no_epochs", alone.seconds / natively.seconds, "", Bar::AtMost(2.0)),
        Figure::new("component_mb_per_cpu_second", component.mb_per_second(), "MB/CPU s", half),
        Figure::new("floor_mb_per_cpu_second", floor.mb_per_second(), "MB/CPU s", Bar::None),
    ])
}

async fn timed(connector: &Connector, source: &Arc<Source>) -> Result<(Tally, f64)> {
    let tenant = tenant::tenant();
    connector.describe().await?;
    let start = cpu::now();
    let (tally, _) = component::sync(connector, source, &tenant).await?;
    Ok((tally, cpu::since(start)))
}

/// What the native program tells.
#[derive(Deserialize)]
struct Native {
    tally: Tally,
    seconds: f64,
    floor_bytes: u64,
    floor_seconds: f64,
}

fn run_natively(program: &Path) -> Result<Native> {
    let running = || format!("running {}", program.display());
    let output = Command::new(program).output().with_context(running)?;
    ensure!(output.status.success(), "{}: {}", running(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).with_context(running)
}

/// The fastest of several runs that all brought the same.
#[derive(Clone, Copy)]
struct Best {
    tally: Option<Tally>,
    seconds: f64,
}

impl Default for Best {
    fn default() -> Self {
        Self { tally: None, seconds: f64::INFINITY }
    }
}

impl Best {
    fn take(&mut self, (tally, seconds): (Tally, f64)) -> Result<()> {
        ensure!(self.tally.is_none_or(|before| before == tally), "{:?} before, now {tally:?}", self.tally);
        *self = Self { tally: Some(tally), seconds: self.seconds.min(seconds) };
        Ok(())
    }

    fn mb_per_second(&self) -> f64 {
        self.tally.map_or(0.0, |tally| tally.bytes as f64 / 1e6 / self.seconds)
    }
}
