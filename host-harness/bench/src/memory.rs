//! How much memory a page takes, whatever its size: the connector's own, and that of the whole process.
//!
//! Each size runs in a process of its own, since what a process once used it does not give back.
//! The component comes compiled, because compiling takes more memory than anything that is measured here.

use crate::figure::{Bar, Figure};
use crate::{component, tenant};
use anyhow::{Context, Result, ensure};
use bench::source::{Load, Source};
use host_harness::connector::{Cache, Origin};
use host_harness::{Connector, Engine};
use simulator::{DETECTION_BYTES, Subscription};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// What makes this program measure one page.
pub const COMMAND: &str = "one-page";
/// Sizes of a page, in MB.
const SIZES: [u64; 3] = [20, 200, 2000];
/// Hosts of a page.
const HOSTS: u32 = 1_000;
const GUEST_MIB_MAX: f64 = 24.0;
/// How much more memory a hundred times the page may take.
const FLAT: f64 = 1.1;

/// Peaks for each size of page.
pub fn figures(path: &Path) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    Connector::load_with(&Engine::start()?, path, &Cache::at(folder.path().join("cache")))?;
    let (mut guest, mut host) = (vec![], vec![]);
    let (mut guest_bar, mut host_bar) = (Bar::AtMost(GUEST_MIB_MAX), Bar::None);
    for size in SIZES {
        let [guest_mib, host_mib] = in_a_process(path, &folder.path().join("cache"), size)?;
        guest.push(Figure::new(format!("guest_memory_peak_mib_{size}"), guest_mib, "MiB", guest_bar));
        host.push(Figure::new(format!("host_rss_peak_mib_{size}"), host_mib, "MiB", host_bar));
        if size == SIZES[0] {
            guest_bar = Bar::AtMost(GUEST_MIB_MAX.min(guest_mib * FLAT));
            host_bar = Bar::AtMost(host_mib * FLAT);
        }
    }
    Ok([guest, host].concat())
}

fn in_a_process(path: &Path, cache: &Path, size: u64) -> Result<[f64; 2]> {
    let output =
        Command::new(std::env::current_exe()?).arg(COMMAND).args([path, cache]).arg(size.to_string()).output()?;
    ensure!(output.status.success(), "a page of {size} MB: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("reading what a page took")
}

/// Reads one page of about `megabytes`, and prints the connector's peak and that of the process, in MiB.
pub async fn one_page(path: &Path, cache: &Path, megabytes: u64) -> Result<()> {
    let connector = Connector::load_with(&Engine::start()?, path, &Cache::at(cache))?;
    ensure!(connector.origin() == Origin::Cached, "the component was compiled here");
    let detections_per_host = u32::try_from(megabytes * 1_000_000 / DETECTION_BYTES / u64::from(HOSTS))?;
    let subscription = Subscription { hosts: HOSTS, detections_per_host, ..Subscription::default() };
    let source = Arc::new(Source::making(subscription, Load::Detections));
    let (tally, usage) = component::sync(&connector, &source, &tenant::tenant()).await?;
    ensure!(tally.bytes > megabytes * 900_000, "{} bytes are no page of {megabytes} MB", tally.bytes);
    println!("[{}, {}]", usage.memory_peak_bytes as f64 / f64::from(1 << 20), process_mib()?);
    Ok(())
}

/// The most memory that this process ever held, in MiB.
pub fn process_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak is told")?;
    let kib: f64 = peak.trim().trim_end_matches(" kB").parse().context("reading the peak")?;
    Ok(kib / 1024.0)
}
