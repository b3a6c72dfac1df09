//! Whole syncs over TLS, from a simulator in another process on the same cores into a store on the disk.
//!
//! How fast; how flat; and how close to the time that no client could do without.

use crate::figure::{Bar, Figure};
use crate::memory::process_mib;
use crate::simulated::{self, Simulated};
use anyhow::{Context, Result, bail, ensure};
use host_harness::bindings::sync::Ended;
use host_harness::connector::Cache;
use host_harness::outcome::Usage;
use host_harness::{Connector, Engine, How, Store, Tenant, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What makes this program run one sync.
pub const COMMAND: &str = "one-sync";
/// Hosts of the syncs whose memory is looked at, with a hundred detections each.
const HOSTS: [u32; 2] = [1_000, 20_000];
const GUEST_MIB_MAX: f64 = 24.0;
/// How much more memory twenty times the detections may take.
const FLAT: f64 = 1.1;
/// Without limits of its own: what is measured is the way, not the waiting.
const UNLIMITED: &str = "--subscription premium --limit 1000000 --detections 100 --seed 7";

/// All of it.
pub fn figures(component: &Path, simulator: &Path) -> Result<Vec<Figure>> {
    let mut figures = vec![Figure::new("simulator_mb_per_second", streamed(simulator)?, "MB/s", Bar::AtLeast(200.0))];
    let cache = tempfile::tempdir()?;
    Connector::load_with(&Engine::start()?, component, &Cache::at(cache.path()))?;
    let (mut guest_bar, mut host_bar) = (Bar::AtMost(GUEST_MIB_MAX), Bar::None);
    for hosts in HOSTS {
        let [per_second, guest_mib, host_mib] = in_a_process(component, cache.path(), simulator, hosts)?;
        let name = |what: &str| format!("{what}_{}", u64::from(hosts) * 100);
        figures.push(Figure::new(name("live_guest_memory_peak_mib"), guest_mib, "MiB", guest_bar));
        figures.push(Figure::new(name("live_host_rss_peak_mib"), host_mib, "MiB", host_bar));
        (guest_bar, host_bar) = (Bar::AtMost(GUEST_MIB_MAX.min(guest_mib * FLAT)), Bar::AtMost(host_mib * FLAT));
        if hosts == HOSTS[1] {
            figures.push(Figure::new("sync_findings_per_second", per_second, "/s", Bar::AtLeast(25_000.0)));
        }
    }
    let over = over_bound(component, cache.path(), simulator)?;
    figures.push(Figure::new("sync_wall_over_bound", over, "", Bar::AtMost(1.15)));
    Ok(figures)
}

/// How fast detections stream out, to a client that only counts them.
fn streamed(simulator: &Path) -> Result<f64> {
    let simulated = Simulated::start(simulator, &format!("{UNLIMITED} --plain --hosts 100000"))?;
    let address = simulated.api.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address)?;
    // The user and password of every simulator.
    let request = "GET /api/2.0/fo/asset/host/vm/detection/?action=list&truncation_limit=0 HTTP/1.1\r\nx-requested-with: bench\r\n\
                   authorization: Basic YWNtZTNzaW06c2ltdWxhdGVkLXNlY3JldA==\r\nconnection: close\r\n";
    write!(stream, "{request}host: {address}\r\n\r\n")?;
    let (began, mut bytes, mut buffer) = (Instant::now(), 0, vec![0; 1 << 18]);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            count => bytes += count,
        }
    }
    ensure!(bytes > 500_000_000, "only {bytes} bytes came");
    Ok(bytes as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// Findings per second, and the peaks of guest and process.
fn in_a_process(component: &Path, cache: &Path, simulator: &Path, hosts: u32) -> Result<[f64; 3]> {
    let simulated = Simulated::start(simulator, &format!("{UNLIMITED} --hosts {hosts}"))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(COMMAND).args([component, cache]).arg(&simulated.api).arg(simulated.ca_file());
    let output = command.output()?;
    ensure!(output.status.success(), "a sync of {hosts} hosts: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("reading what a sync took")
}

/// One sync of all there is; prints findings per second, the connector's peak and that of the process, in MiB.
pub fn one_sync(component: &Path, cache: &Path, api: &str, ca_file: &Path) -> Result<()> {
    let connector = Connector::load_with(&Engine::start()?, component, &Cache::at(cache))?;
    // Slices so small that there are calls side by side, as many in the small subscription as in the large one.
    let changes = [("subscription_type", json!("premium")), ("slice_hosts", json!(100))];
    let tenant = simulated::tenant(api, ca_file, &changes);
    let began = Instant::now();
    let (findings, usage) = sync(&connector, &tenant)?;
    let per_second = findings as f64 / began.elapsed().as_secs_f64();
    println!("[{per_second}, {}, {}]", usage.memory_peak_bytes as f64 / f64::from(1 << 20), process_mib()?);
    Ok(())
}

fn sync(connector: &Connector, tenant: &Tenant) -> Result<(u64, Usage)> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("bench.db"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let world = simulated::world(tenant)?;
    let outcome = runtime.block_on(connector.sync(tenant, &world, &store, How::default()))?;
    match outcome.verdict {
        Verdict::Returned(synced) => ensure!(synced.outcome.ended == Ended::Complete, "{:?}", synced.outcome.problem),
        verdict => bail!("{verdict}"),
    }
    let findings = store.counts()?.findings.iter().map(|(_, count)| count).sum();
    Ok((findings, outcome.usage))
}

/// The wall time of a sync over a slow line, over what latency, bytes and concurrency ask of any client.
fn over_bound(component: &Path, cache: &Path, simulator: &Path) -> Result<f64> {
    let line = format!("--first-byte-ms {} --bytes-per-second {BYTES_PER_SECOND}", LATENCY_SECS * 1e3);
    let words = format!("--subscription standard --hosts 2000 --detections 10 --seed 7 {line}");
    let simulated = Simulated::start(simulator, &words)?;
    let connector = Connector::load_with(&Engine::start()?, component, &Cache::at(cache))?;
    let tenant = simulated::tenant(&simulated.api, &simulated.ca_file(), &[]);
    let began = Instant::now();
    sync(&connector, &tenant)?;
    let (took, calls) = (began.elapsed().as_secs_f64(), simulated.calls()?);
    let asked: BTreeSet<_> = calls.iter().map(|call| format!("{} {}", call["endpoint"], call["parameters"])).collect();
    // Whatever is asked twice would raise the bound as well.
    ensure!(asked.len() == calls.len(), "{} of {} calls were made again", calls.len() - asked.len(), calls.len());
    Ok(took / bound(&calls))
}

const LATENCY_SECS: f64 = 0.2;
const BYTES_PER_SECOND: f64 = 2e6;
const CONCURRENCY: f64 = 2.0;

/// The first page of hosts comes before everything; then as many calls of an endpoint as may run at once;
/// and what the last detections name is looked up after them.
fn bound(calls: &[Value]) -> f64 {
    let of = |endpoint: &str| -> Vec<f64> {
        let calls = calls.iter().filter(|call| call["endpoint"] == endpoint);
        calls.map(|call| LATENCY_SECS + call["bytes"].as_f64().unwrap_or_default() / BYTES_PER_SECOND).collect()
    };
    let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    let (hosts, detections, lookups) = (of("host-list"), of("detections"), of("knowledge-base"));
    let middle =
        (hosts.iter().skip(1).sum::<f64>() + least(&detections)).max(detections.iter().sum::<f64>() / CONCURRENCY);
    hosts.first().copied().unwrap_or_default() + middle.max(lookups.iter().sum::<f64>() / CONCURRENCY) + least(&lookups)
}
