//! What a component asks for and offers, read from its bytes before anything is compiled or instantiated.
//!
//! It judges names and versions alone; whether the types behind them fit is found when the component is linked.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use wasmparser::{Encoding, Parser, Payload};

/// The package that connectors and hosts share.
const PACKAGE: &str = "connector:contract";

/// The one version of it that this host speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";

/// What the contract lets a connector import; the last two hold only types.
const IMPORTS: [&str; 6] = ["http", "sink", "clock", "log", "model", "problems"];

/// What the contract has a connector export.
const EXPORTS: [&str; 3] = ["configure", "test-connectivity", "sync"];

/// Packages that language runtimes drag in; each traps by name when it is called.
const TOLERATED: [&str; 4] = ["wasi:cli", "wasi:io", "wasi:clocks", "wasi:random"];

/// A component that this host cannot run, whatever its settings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what}; {hint}")]
pub struct Incompatible {
    /// What was found, and what is supported.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Incompatible {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// What can be said of a component without running it.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The names it imports, as they are written in it.
    pub imports: Vec<String>,
    /// The names it exports.
    pub exports: Vec<String>,
    /// The version of the contract that it was built against; absent when it names none.
    pub contract: Option<String>,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

impl Facts {
    /// Reads them; fails for what is not a component at all.
    pub fn read(bytes: &[u8]) -> Result<Self, Incompatible> {
        must_be_a_component(bytes)?;
        let (imports, exports) = names(bytes)
            .map_err(|e| Incompatible::new(format!("the component is damaged: {e}"), "build it or fetch it again"))?;
        let contract = exports.iter().chain(&imports).find_map(|name| contract_version(name)).map(str::to_owned);
        Ok(Self { imports, exports, contract, size_bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) })
    }

    /// Says whether this host can run it.
    pub fn judge(&self) -> Result<(), Incompatible> {
        if self.imports.is_empty() && self.exports.is_empty() {
            return Err(Incompatible::new(
                "the component is empty: it imports nothing and exports nothing",
                format!("build a connector against {PACKAGE}@{CONTRACT_VERSION}, as wit/ defines it"),
            ));
        }
        self.judge_versions()?;
        self.judge_imports()?;
        self.judge_exports()
    }

    fn judge_versions(&self) -> Result<(), Incompatible> {
        let found: BTreeSet<_> = self.imports.iter().chain(&self.exports).filter_map(|n| contract_version(n)).collect();
        let Some(other) = found.iter().find(|version| **version != CONTRACT_VERSION) else { return Ok(()) };
        Err(Incompatible::new(
            format!("the component speaks {PACKAGE} {other}, and this host speaks {CONTRACT_VERSION}"),
            format!("build the connector against {CONTRACT_VERSION}, or use a host that speaks {other}"),
        ))
    }

    fn judge_imports(&self) -> Result<(), Incompatible> {
        let refused: Vec<_> = self.imports.iter().filter(|name| !may_import(name)).map(String::as_str).collect();
        if refused.is_empty() {
            return Ok(());
        }
        Err(Incompatible::new(
            format!(
                "the component imports {}, which this host does not give; it gives {} of {PACKAGE}@{CONTRACT_VERSION}, \
                 and tolerates {} at 0.2.x",
                refused.join(", "),
                IMPORTS[..4].join(", "),
                TOLERATED.join(", "),
            ),
            "take the code out of the connector that needs it: a connector reaches the world through the contract's \
             http, sink, clock and log alone",
        ))
    }

    fn judge_exports(&self) -> Result<(), Incompatible> {
        let wanted = EXPORTS.map(|name| format!("{PACKAGE}/{name}@{CONTRACT_VERSION}"));
        let missing: Vec<_> = wanted.into_iter().filter(|name| !self.exports.contains(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Incompatible::new(
            format!("the component does not export {}", missing.join(", ")),
            format!("build it for the world `connector` of {PACKAGE}@{CONTRACT_VERSION}, as wit/ defines it"),
        ))
    }
}

fn must_be_a_component(bytes: &[u8]) -> Result<(), Incompatible> {
    let build = "build a component: `cargo build --target wasm32-wasip2`";
    if Parser::is_component(bytes) {
        return Ok(());
    }
    if Parser::is_core_wasm(bytes) {
        let hint = format!("{build}, or make one of it with `wasm-tools component new`");
        return Err(Incompatible::new("this is a core WebAssembly module, and this host runs components", hint));
    }
    Err(Incompatible::new("this is not WebAssembly: the file does not begin like a component", build))
}

/// The names on the component's outside; what stands inside nested modules and components is its own affair.
fn names(bytes: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_u32);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding: Encoding::Module | Encoding::Component, .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

fn contract_version(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    rest.split_once('@').map(|(_, version)| version)
}

fn may_import(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else { return false };
    let Some((package, item)) = interface.split_once('/') else { return false };
    match package {
        PACKAGE => IMPORTS.contains(&item),
        _ => TOLERATED.contains(&package) && version.starts_with("0.2."),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with these names on its outside, and nothing behind them.
    pub fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
        let imports: String = imports.iter().map(|name| format!("(import \"{name}\" (instance))")).collect();
        let exports: String = exports.iter().map(|name| format!("(export \"{name}\" (instance $empty))")).collect();
        wat::parse_str(format!("(component {imports} (instance $empty) {exports})")).unwrap()
    }

    const WHOLE: [&str; 3] = [
        "connector:contract/configure@0.1.0",
        "connector:contract/test-connectivity@0.1.0",
        "connector:contract/sync@0.1.0",
    ];

    #[test]
    fn a_component_is_judged_by_its_names() {
        for (case, imports, exports, expected) in [
            ("whole", vec![], WHOLE.to_vec(), None),
            (
                "all imports",
                vec!["connector:contract/http@0.1.0", "connector:contract/model@0.1.0"],
                WHOLE.to_vec(),
                None,
            ),
            (
                "what runtimes drag in",
                vec!["wasi:cli/stderr@0.2.9", "wasi:random/insecure-seed@0.2.0"],
                WHOLE.to_vec(),
                None,
            ),
            ("empty", vec![], vec![], Some("the component is empty")),
            ("no sync", vec![], WHOLE[..2].to_vec(), Some("does not export connector:contract/sync@0.1.0")),
            ("sockets", vec!["wasi:sockets/tcp@0.2.0"], WHOLE.to_vec(), Some("imports wasi:sockets/tcp@0.2.0")),
            ("files", vec!["wasi:filesystem/types@0.2.3"], WHOLE.to_vec(), Some("imports wasi:filesystem/types@0.2.3")),
            ("wasi http", vec!["wasi:http/types@0.2.3"], WHOLE.to_vec(), Some("imports wasi:http/types@0.2.3")),
            ("a later wasi", vec!["wasi:cli/stderr@0.3.0"], WHOLE.to_vec(), Some("imports wasi:cli/stderr@0.3.0")),
            ("a stranger", vec!["env"], WHOLE.to_vec(), Some("imports env")),
            (
                "a package that begins alike",
                vec!["wasi:clip/x@0.2.0"],
                WHOLE.to_vec(),
                Some("imports wasi:clip/x@0.2.0"),
            ),
            ("an export as import", vec![WHOLE[2]], WHOLE.to_vec(), Some("imports connector:contract/sync@0.1.0")),
            (
                "a later import",
                vec!["connector:contract/http@0.2.0"],
                WHOLE.to_vec(),
                Some("speaks connector:contract 0.2.0"),
            ),
            ("later exports", vec![], vec!["connector:contract/sync@1.0.0"], Some("speaks connector:contract 1.0.0")),
            (
                "nearly ours",
                vec!["connector:contract/http@0.1.1"],
                WHOLE.to_vec(),
                Some("speaks connector:contract 0.1.1"),
            ),
        ] {
            let judged = Facts::read(&component(&imports, &exports)).unwrap().judge();
            match (&judged, expected) {
                (Ok(()), None) => {}
                (Err(found), Some(expected)) => {
                    assert!(found.what.contains(expected) && !found.hint.is_empty(), "{case}: {found}");
                }
                _ => panic!("{case}: {judged:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_component_says_what_it_is() {
        let mut cut = component(&[], &WHOLE);
        cut.truncate(cut.len() - 5);
        for (bytes, expected) in [
            (wat::parse_str("(module)").unwrap(), "a core WebAssembly module"),
            (b"PK\x03\x04".to_vec(), "not WebAssembly"),
            (Vec::new(), "not WebAssembly"),
            (cut, "damaged"),
        ] {
            let found = Facts::read(&bytes).unwrap_err();
            assert!(found.what.contains(expected) && !found.hint.is_empty(), "{found}");
        }
    }

    #[test]
    fn only_the_outside_counts() {
        let nested = wat::parse_str(
            r#"(component
                (component (import "wasi:sockets/tcp@0.2.0" (instance)))
                (core module (import "env" "read" (func)))
                (import "connector:contract/log@0.1.0" (instance)))"#,
        );
        let facts = Facts::read(&nested.unwrap()).unwrap();
        assert_eq!((facts.imports, facts.exports), (vec!["connector:contract/log@0.1.0".into()], vec![]));
        assert_eq!(facts.contract.as_deref(), Some("0.1.0"));
    }
}
