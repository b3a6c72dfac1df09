//! `bench COMPONENT NATIVE SIMULATOR OUTPUT.json [GROUP…]`: how fast, how flat and how small a connector is.
//!
//! Prints a table and writes a list of `{"name", "value", "unit"}`. Groups are `throughput`, `memory`, `store`, `start`
//! and `live`; all unless some are named. A bar that is missed is marked, and is no failure: machines differ, and the table is the result.

mod component;
mod figure;
mod live;
mod memory;
mod simulated;
mod starting;
mod storing;
mod tenant;
mod throughput;

use anyhow::{Context, Result, bail};
use figure::Figure;
use std::path::Path;

/// The same as in `harness`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GROUPS: [&str; 5] = ["throughput", "memory", "store", "start", "live"];
const USAGE: &str = "usage: bench COMPONENT NATIVE SIMULATOR OUTPUT.json [throughput] [memory] [store] [start] [live]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory::COMMAND, component, cache, megabytes] => {
            on_one_thread(memory::one_page(Path::new(component), Path::new(cache), megabytes.parse()?))
        }
        [live::COMMAND, component, cache, api, ca_file] => {
            live::one_sync(Path::new(component), Path::new(cache), api, Path::new(ca_file))
        }
        [component, native, simulator, output, ref groups @ ..] => {
            let [component, native, simulator, output] = [component, native, simulator, output].map(Path::new);
            run(component, native, simulator, output, groups)
        }
        _ => bail!(USAGE),
    }
}

fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn run(component: &Path, native: &Path, simulator: &Path, output: &Path, groups: &[&str]) -> Result<()> {
    let mut figures: Vec<Figure> = Vec::new();
    for group in if groups.is_empty() { &GROUPS } else { groups } {
        eprintln!("measuring: {group}");
        let measured = match *group {
            "throughput" => on_one_thread(throughput::figures(component, native))?,
            "memory" => memory::figures(component)?,
            "store" => on_one_thread(storing::figures(component))?,
            "start" => on_one_thread(starting::figures(component))?,
            "live" => live::figures(component, simulator)?,
            _ => bail!(USAGE),
        };
        measured.iter().for_each(|figure| println!("{figure}"));
        figures.extend(measured);
    }
    let list: Vec<_> = figures.iter().map(Figure::json).collect();
    std::fs::write(output, serde_json::to_string_pretty(&list)?)
        .with_context(|| format!("writing {}", output.display()))
}
