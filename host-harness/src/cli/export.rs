//! `export`: everything a store holds, on stdout.

use super::args::{Export, ExportFormat};
use super::error::Told;
use super::{exit, out, place};
use host_harness::export;
use host_harness::store::Store;

/// Writes the lines of a store.
pub fn run(args: &Export) -> anyhow::Result<u8> {
    let ExportFormat::Jsonl = args.format;
    let path = place::store_path(&args.config, &args.store)?;
    if !path.is_file() {
        return Err(Told::usage(format!("there is no store {}", path.display()), "the first sync creates it").into());
    }
    let store = Store::open(&path)?;
    out::with(|stdout| {
        export::export(&store, stdout)?;
        args.dropped.then(|| export::export_dropped(&store, stdout)).transpose()
    })?;
    Ok(exit::COMPLETE)
}
