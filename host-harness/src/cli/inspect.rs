//! `inspect`: what a component needs and offers, and whether this host can run it.

use super::args::Inspect;
use super::{describe, exit, out, place, text};
use console::style;
use host_harness::bindings::configure::Manifest;
use host_harness::connector::{Facts, Origin};
use indicatif::BinaryBytes;
use serde_json::{Value, json};
use std::fmt::Write;

/// Shows what can be said of a component, also of one that this host cannot run.
pub async fn run(args: &Inspect) -> anyhow::Result<u8> {
    let facts = place::facts(&args.component)?;
    let running = match place::load(&args.component) {
        Ok(connector) => connector.describe().await.map(|manifest| (manifest, connector.origin())),
        Err(error) => Err(error),
    };
    let (running, error) = running.map_or_else(|error| (None, Some(error)), |running| (Some(running), None));
    let inspected = Inspected { path: args.component.display().to_string(), facts, running };
    if args.json {
        out::json(&json(&inspected))?
    } else {
        out::text(&text(&inspected))?
    }
    error.map_or(Ok(exit::COMPLETE), Err)
}

/// What is known of a component; the second part only when it can be run.
pub struct Inspected {
    /// The file.
    pub path: String,
    /// What its bytes say.
    pub facts: Facts,
    /// What it says of itself, and where its compiled form came from.
    pub running: Option<(Manifest, Origin)>,
}

/// One JSON object.
pub fn json(inspected: &Inspected) -> Value {
    let facts = &inspected.facts;
    let mut object = json!({
        "component": inspected.path,
        "contract": facts.contract,
        "size_bytes": facts.size_bytes,
        "sha256": facts.sha256,
        "imports": facts.imports,
        "exports": facts.exports,
        "compatible": inspected.running.is_some(),
    });
    if let Some((manifest, origin)) = &inspected.running {
        object["connector"] = json!({ "name": manifest.name, "title": manifest.title, "version": manifest.version });
        object["secret_uses"] = manifest.secret_uses.iter().map(describe::secret_use).collect();
        object["reads"] = json!(manifest.reads);
        object["permissions"] = json!(manifest.permissions);
        object["from_cache"] = json!(*origin == Origin::Cached);
    }
    object
}

/// Lines for people.
pub fn text(inspected: &Inspected) -> String {
    let facts = &inspected.facts;
    let mut out = String::new();
    row(&mut out, "Component", [&inspected.path]);
    if let Some((manifest, origin)) = &inspected.running {
        row(&mut out, "Connector", [format!("{}, {} {}", manifest.title, manifest.name, manifest.version)]);
        let compiled = if *origin == Origin::Cached { "before, taken from the cache" } else { "now" };
        row(&mut out, "Compiled", [compiled]);
    }
    let contract = facts.contract.as_ref().map_or("none".to_owned(), |version| format!("connector:contract {version}"));
    row(&mut out, "Contract", [contract]);
    row(&mut out, "Size", [BinaryBytes(facts.size_bytes).to_string()]);
    row(&mut out, "SHA-256", [&facts.sha256]);
    row(&mut out, "Imports", &facts.imports);
    row(&mut out, "Exports", &facts.exports);
    if let Some((manifest, _)) = &inspected.running {
        row(&mut out, "Secrets", manifest.secret_uses.iter().map(describe::secret_use));
        row(&mut out, "Reads", &manifest.reads);
        row(&mut out, "Permissions", &manifest.permissions);
    }
    out
}

/// A heading and what stands beside it, one value a line.
fn row(out: &mut String, heading: &str, values: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut heading = heading;
    for value in values {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}  {}", style(format!("{heading:<11}")).bold(), text::line(value.as_ref()));
        heading = "";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(running: Option<(Manifest, Origin)>) -> Inspected {
        let facts = Facts {
            imports: vec!["connector:contract/http@0.1.0".into(), "connector:contract/log@0.1.0".into()],
            exports: vec!["connector:contract/sync@0.1.0".into()],
            contract: Some("0.1.0".into()),
            size_bytes: 3 << 19,
            sha256: "ab12".into(),
        };
        Inspected { path: "made_up.wasm".into(), facts, running }
    }

    fn manifest() -> Manifest {
        let (name, title, version) = ("made-up".into(), "Made-up Scanner".into(), "0.1.0".into());
        let (settings_schema, reads, permissions) = ("{}".into(), vec!["hosts".into()], vec![]);
        Manifest { name, title, version, settings_schema, secret_uses: vec![], reads, permissions }
    }

    #[test]
    fn people_read_one_value_a_line() {
        let expected = "\
Component    made_up.wasm
Connector    Made-up Scanner, made-up 0.1.0
Compiled     before, taken from the cache
Contract     connector:contract 0.1.0
Size         1.50 MiB
SHA-256      ab12
Imports      connector:contract/http@0.1.0
             connector:contract/log@0.1.0
Exports      connector:contract/sync@0.1.0
Reads        hosts
";
        let got = text(&inspected(Some((manifest(), Origin::Cached))));
        assert_eq!(console::strip_ansi_codes(&got), expected);
    }

    #[test]
    fn the_object_says_whether_it_can_be_run() {
        let object = json(&inspected(None));
        assert_eq!((&object["compatible"], object.get("connector")), (&json!(false), None));
        let object = json(&inspected(Some((manifest(), Origin::Compiled))));
        assert_eq!((&object["compatible"], &object["from_cache"]), (&json!(true), &json!(false)));
    }
}
