//! How fast pages become batches: as a component, natively, and what reading their XML alone costs.
//!
//! Each way is tried in turn, several times over, and the least CPU time of each counts: what is left is the machine's noise.

use crate::figure::{Bar, Figure};
use crate::source::{Body, Load, Source};
use crate::tally::Tally;
use crate::{component, cpu, native, tenant};
use anyhow::{Result, ensure};
use bytes::Bytes;
use host_harness::connector::Cache;
use host_harness::{Connector, Engine};
use quick_xml::events::Event;
use simulator::Subscription;
use std::path::Path;
use std::sync::Arc;

/// How often each way is tried.
const RUNS: u32 = 5;
/// Detections of about so many bytes in all.
const DETECTION_BYTES: u64 = 60_000_000;
/// So few that what they mean is a small part of what is read.
const QIDS: u32 = 400;
const HOSTS: u32 = 20_000;
const KNOWLEDGE_BASE_QIDS: u32 = 8_000;

/// The throughput of everything that is read.
pub async fn figures(path: &Path) -> Result<Vec<Figure>> {
    let ways = Ways::new(path)?;
    let mut figures = findings(&ways).await?;
    let hosts = Subscription { hosts: HOSTS, ..Subscription::default() };
    let knowledge_base = Subscription { hosts: 1, qids: KNOWLEDGE_BASE_QIDS, ..Subscription::default() };
    for (name, subscription, load) in [
        ("knowledge_base_mb_per_cpu_second", knowledge_base, Load::KnowledgeBase),
        ("host_list_mb_per_cpu_second", hosts, Load::Hosts),
    ] {
        let source = Arc::new(Source::keeping(subscription, load));
        let mut best = Best::default();
        for _ in 0..=RUNS {
            best.take(ways.interrupted(&source).await?);
        }
        figures.push(Figure::new(name, best.mb_per_second(), "MB/CPU s", Bar::None));
    }
    Ok(figures)
}

async fn findings(ways: &Ways) -> Result<Vec<Figure>> {
    let subscription = Subscription { qids: QIDS, ..Subscription::of_bytes(DETECTION_BYTES) };
    let page = detections(&subscription);
    let source = Arc::new(Source::keeping(subscription, Load::Detections));
    let [mut component, mut uninterrupted, mut native, mut floor] = [Best::default(); 4];
    // The first round makes the pages.
    for _ in 0..=RUNS {
        component.take(ways.interrupted(&source).await?);
        uninterrupted.take(ways.uninterrupted(&source).await?);
        native.take(natively(&source)?);
        floor.take(events(&page));
    }
    ensure!(component.tally == native.tally, "{:?} is not {:?}", component.tally, native.tally);
    let half = Bar::AtLeast(floor.mb_per_second() / 2.0);
    Ok(vec![
        Figure::new(
            "component_findings_per_cpu_second",
            component.tally.findings as f64 / component.seconds,
            "/CPU s",
            Bar::AtLeast(150_000.0),
        ),
        Figure::new("native_over_component", component.seconds / native.seconds, "", Bar::AtMost(2.0)),
        Figure::new("native_over_component_no_epochs", uninterrupted.seconds / native.seconds, "", Bar::AtMost(2.0)),
        Figure::new("component_mb_per_cpu_second", component.mb_per_second(), "MB/CPU s", half),
        Figure::new("floor_mb_per_cpu_second", floor.mb_per_second(), "MB/CPU s", Bar::None),
    ])
}

/// The detections of all hosts as one page.
fn detections(subscription: &Subscription) -> Bytes {
    let source = Source::keeping(subscription.clone(), Load::Detections);
    match source.answer(&format!("{}/api/2.0/fo/asset/host/vm/detection/", subscription.server), &[]) {
        Body::Kept(page) => page,
        Body::Made(_) => Bytes::new(),
    }
}

/// The connector with an engine that can interrupt it, and with one that cannot.
struct Ways {
    interrupted: Connector,
    uninterrupted: Connector,
}

impl Ways {
    fn new(path: &Path) -> Result<Self> {
        let load = |engine| Connector::load_with(&engine, path, &Cache::off());
        Ok(Self { interrupted: load(Engine::start()?)?, uninterrupted: load(Engine::without_interruption()?)? })
    }

    async fn interrupted(&self, source: &Arc<Source>) -> Result<(Tally, f64)> {
        timed(&self.interrupted, source).await
    }

    async fn uninterrupted(&self, source: &Arc<Source>) -> Result<(Tally, f64)> {
        timed(&self.uninterrupted, source).await
    }
}

async fn timed(connector: &Connector, source: &Arc<Source>) -> Result<(Tally, f64)> {
    let tenant = tenant::tenant();
    connector.describe().await?;
    let start = cpu::now();
    let (tally, _) = component::sync(connector, source, &tenant).await?;
    Ok((tally, cpu::since(start)))
}

fn natively(source: &Source) -> Result<(Tally, f64)> {
    let start = cpu::now();
    let tally = native::sync(source, &tenant::settings_as_told())?;
    Ok((tally, cpu::since(start)))
}

/// Reads the page's XML to its end, and does nothing with it.
fn events(page: &[u8]) -> (Tally, f64) {
    let start = cpu::now();
    let mut reader = quick_xml::Reader::from_reader(page);
    while !matches!(reader.read_event().expect("the page is well-formed"), Event::Eof) {}
    (Tally { bytes: page.len() as u64, ..Tally::default() }, cpu::since(start))
}

/// The fastest of several runs.
#[derive(Clone, Copy)]
struct Best {
    tally: Tally,
    seconds: f64,
}

impl Default for Best {
    fn default() -> Self {
        Self { tally: Tally::default(), seconds: f64::INFINITY }
    }
}

impl Best {
    fn take(&mut self, (tally, seconds): (Tally, f64)) {
        *self = Self { tally, seconds: self.seconds.min(seconds) };
    }

    fn mb_per_second(&self) -> f64 {
        self.tally.bytes as f64 / 1e6 / self.seconds
    }
}
