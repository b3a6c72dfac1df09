//! Findings, and the key of their rows.

use super::Record;
use crate::bindings::model::Finding;
use crate::join::{Kept, Rank, finding as join};
use crate::store::words::{list, packages, read_list, read_status, status};
use anyhow::Result;
use rusqlite::{Row, Statement, params};
use std::fmt::Write;

impl Record for Kept {
    const STREAM: &'static str = "finding";
    const COLUMNS: &'static str = "asset_key, vulnerability_key, port, protocol, status, score, first_seen, last_seen, \
                                   packages, properties, evidence_status, evidence_last_seen, evidence";

    fn key(&self) -> String {
        key(&self.finding)
    }

    fn write(&self, statement: &mut Statement<'_>, id: Option<i64>) -> Result<()> {
        let f = &self.finding;
        statement.execute(params![
            id,
            f.asset_key,
            f.vulnerability_key,
            f.port,
            f.protocol,
            status(f.status),
            f.score,
            f.first_seen,
            f.last_seen,
            list(&packages(&f.packages))?,
            list(&f.properties)?,
            self.evidence.map(|rank| status(rank.status)),
            self.evidence.and_then(|rank| rank.last_seen),
            f.evidence,
        ])?;
        Ok(())
    }

    fn read(_key: &str, row: &Row<'_>) -> Result<Self> {
        let finding = Finding {
            asset_key: row.get(0)?,
            vulnerability_key: row.get(1)?,
            port: row.get(2)?,
            protocol: row.get(3)?,
            status: read_status(row.get_ref(4)?.as_str()?)?,
            score: row.get(5)?,
            first_seen: row.get(6)?,
            last_seen: row.get(7)?,
            packages: read_list(row.get_ref(8)?.as_str()?)?,
            properties: read_list(row.get_ref(9)?.as_str()?)?,
            evidence: row.get(12)?,
        };
        let evidence = match row.get_ref(10)?.as_str_or_null()? {
            Some(word) => Some(Rank { status: read_status(word)?, last_seen: row.get(11)? }),
            None => None,
        };
        Ok(Self { finding, evidence })
    }

    fn join(self, record: Self) -> Self {
        join(self, record)
    }
}

/// `asset|vulnerability|port|protocol`, absent parts as `-`.
///
/// Two findings never have one key: `|` and `\` inside a part, and a protocol called `-`, are written with a `\`.
fn key(finding: &Finding) -> String {
    let mut key = String::with_capacity(finding.asset_key.len() + finding.vulnerability_key.len() + 12);
    push(&mut key, &finding.asset_key);
    key.push('|');
    push(&mut key, &finding.vulnerability_key);
    let _ = match finding.port {
        Some(port) => write!(key, "|{port}|"),
        None => write!(key, "|-|"),
    };
    match finding.protocol.as_deref() {
        None => key.push('-'),
        Some("-") => key.push_str("\\-"),
        Some(protocol) => push(&mut key, protocol),
    }
    key
}

/// An asset's key as the keys of its findings begin, before the `|`.
pub fn prefix(asset_key: &str) -> String {
    let mut prefix = String::with_capacity(asset_key.len());
    push(&mut prefix, asset_key);
    prefix
}

fn push(key: &mut String, part: &str) {
    if !part.bytes().any(|byte| matches!(byte, b'|' | b'\\')) {
        return key.push_str(part);
    }
    for c in part.chars() {
        if matches!(c, '|' | '\\') {
            key.push('\\');
        }
        key.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::model::FindingStatus;
    use std::collections::BTreeMap;

    #[test]
    fn a_key_is_plain_and_never_shared() {
        let cases = [
            ("508112044", "rule:38170", Some(8443), Some("tcp"), "508112044|rule:38170|8443|tcp"),
            ("508112044", "rule:38170", None, None, "508112044|rule:38170|-|-"),
            ("508112044", "rule:38170", None, Some("tcp"), "508112044|rule:38170|-|tcp"),
            ("508112044", "rule:38170", Some(0), None, "508112044|rule:38170|0|-"),
            ("508112044", "rule:38170", None, Some("-"), "508112044|rule:38170|-|\\-"),
            ("a|b", "c", None, None, "a\\|b|c|-|-"),
            ("a", "b|c", None, None, "a|b\\|c|-|-"),
            ("a\\", "c", None, None, "a\\\\|c|-|-"),
        ];
        let mut keys = BTreeMap::new();
        for (asset, vulnerability, port, protocol, expected) in cases {
            let key = key(&Finding {
                asset_key: asset.into(),
                vulnerability_key: vulnerability.into(),
                port,
                protocol: protocol.map(str::to_owned),
                status: FindingStatus::Fixed,
                score: None,
                first_seen: None,
                last_seen: None,
                evidence: None,
                packages: vec![],
                properties: vec![],
            });
            assert_eq!(key, expected, "{asset} {vulnerability}");
            assert!(key.starts_with(&format!("{}|", prefix(asset))), "{key}");
            assert_eq!(keys.insert(key, asset), None, "{expected}");
        }
    }
}
