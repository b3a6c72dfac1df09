//! `bench COMPONENT NATIVE OUTPUT.json [GROUP…]`: how fast, how flat and how small a connector is.
//!
//! Prints a table and writes a list of `{"name", "value", "unit"}`. Groups are `throughput`, `memory`, `store` and `start`; all
//! unless some are named. A bar that is missed is marked, and is no failure: machines differ, and the table is the result.

mod component;
mod figure;
mod memory;
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

const GROUPS: [&str; 4] = ["throughput", "memory", "store", "start"];
const USAGE: &str = "usage: bench COMPONENT NATIVE OUTPUT.json [throughput] [memory] [store] [start]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory::COMMAND, component, cache, megabytes] => {
            memory::one_page(Path::new(component), Path::new(cache), megabytes.parse()?).await
        }
        [component, native, output, ref groups @ ..] => {
            run(Path::new(component), Path::new(native), Path::new(output), groups).await
        }
        _ => bail!(USAGE),
    }
}

async fn run(component: &Path, native: &Path, output: &Path, groups: &[&str]) -> Result<()> {
    let mut figures: Vec<Figure> = Vec::new();
    for group in if groups.is_empty() { &GROUPS } else { groups } {
        eprintln!("measuring: {group}");
        let measured = match *group {
            "throughput" => throughput::figures(component, native).await?,
            "memory" => memory::figures(component)?,
            "store" => storing::figures(component).await?,
            "start" => starting::figures(component).await?,
            _ => bail!(USAGE),
        };
        measured.iter().for_each(|figure| println!("{figure}"));
        figures.extend(measured);
    }
    let list: Vec<_> = figures.iter().map(Figure::json).collect();
    std::fs::write(output, serde_json::to_string_pretty(&list)?)
        .with_context(|| format!("writing {}", output.display()))
}
