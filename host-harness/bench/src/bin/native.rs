//! `native`: one sync of the connector's own code, without a component around it, and what reading the XML alone takes.
//!
//! Prints `{"tally", "seconds", "floor_bytes", "floor_seconds"}`. It is built with the component's profile, so that the two differ
//! in nothing but where they run.

use bench::{cpu, findings, native};
use quick_xml::events::Event;
use serde_json::json;

/// The same as in `harness`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let source = findings();
    // The first run makes the pages.
    native::sync(&source)?;
    let start = cpu::now();
    let tally = native::sync(&source)?;
    let seconds = cpu::since(start);
    let page = source.all_detections();
    let start = cpu::now();
    events(&page)?;
    let floor_seconds = cpu::since(start);
    println!(
        "{}",
        json!({"tally": tally, "seconds": seconds, "floor_bytes": page.len(), "floor_seconds": floor_seconds})
    );
    Ok(())
}

/// Reads the page's XML to its end, with the connector's own configuration, and does nothing with it.
fn events(page: &[u8]) -> anyhow::Result<()> {
    let mut reader = quick_xml::Reader::from_reader(page);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    while !matches!(reader.read_event()?, Event::Eof) {}
    Ok(())
}
