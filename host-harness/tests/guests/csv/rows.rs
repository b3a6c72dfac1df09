//! Rows in, model out; pure. A row that says nothing usable is dropped for a named reason.

use std::net::IpAddr;
use test_guests::bindings::connector::contract::model::{
    Asset, Finding, FindingStatus, Vulnerability, VulnerabilityKind,
};
use xxhash_rust::xxh3::xxh3_64;

/// The first line of `assets.csv`.
pub const ASSETS: &str = "id,name,ip,os";
/// The first line of `findings.csv`.
pub const FINDINGS: &str = "asset,rule,title,score,status,seen";

/// Why a row was dropped: `fields`, `id`, `ip`, `score` or `seen`, the field that could not be read.
pub type Reason = &'static str;

/// The first field: the asset that a row of either file is about; empty when it names none.
pub fn asset_key(row: &str) -> &str {
    row.split(',').next().unwrap_or_default().trim()
}

/// The first two fields of a row of `findings.csv`, as far as there are two.
pub fn finding_key(row: &str) -> String {
    row.split(',').map(str::trim).take(2).collect::<Vec<_>>().join("|")
}

/// Reads a row of `assets.csv`.
pub fn asset(row: &str) -> Result<Asset, Reason> {
    let [id, name, ip, os] = fields(row)?;
    Ok(Asset {
        key: key(id)?.to_owned(),
        digest: xxh3_64(row.as_bytes()).max(1), // 0 would say that the listing did not bring it
        name: given(name).unwrap_or_else(|| id.to_owned()),
        kind: "host".to_owned(),
        ip_addresses: optional::<IpAddr>(ip, "ip")?.iter().map(IpAddr::to_string).collect(),
        mac_addresses: vec![],
        fqdn: None,
        os: given(os),
        created: None,
        last_seen: None,
        state: None,
        open_ports: vec![],
        tags: vec![],
        properties: vec![],
    })
}

/// Reads a row of `findings.csv`: title and score are the rule's, the rest is the finding's.
pub fn finding(row: &str) -> Result<(Vulnerability, Finding), Reason> {
    let [asset, rule, title, score, status, seen] = fields(row)?;
    let vulnerability = Vulnerability {
        key: format!("acme:{}", key(rule)?),
        kind: VulnerabilityKind::Vulnerability,
        title: given(title).unwrap_or_else(|| rule.to_owned()),
        description: None,
        score: optional::<f64>(score, "score")?,
        cvss: None,
        cves: vec![],
        fix: None,
        properties: vec![],
    };
    if vulnerability.score.is_some_and(|score| !(0.0..=10.0).contains(&score)) {
        return Err("score");
    }
    let finding = Finding {
        asset_key: key(asset)?.to_owned(),
        vulnerability_key: vulnerability.key.clone(),
        port: None,
        protocol: None,
        status: self::status(status),
        score: None,
        first_seen: None,
        last_seen: optional(seen, "seen")?,
        evidence: None,
        packages: vec![],
        properties: vec![],
    };
    Ok((vulnerability, finding))
}

/// `fixed` is gone, the two decisions of people are kept, and whatever Acme adds next is still there.
fn status(word: &str) -> FindingStatus {
    match word {
        "fixed" => FindingStatus::Fixed,
        "false-positive" => FindingStatus::IgnoredFalsePositive,
        "accepted" => FindingStatus::IgnoredRiskAcknowledged,
        _ => FindingStatus::Vulnerable,
    }
}

fn fields<const N: usize>(row: &str) -> Result<[&str; N], Reason> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    fields.try_into().map_err(|_| "fields")
}

fn key(field: &str) -> Result<&str, Reason> {
    if (1..=500).contains(&field.len()) { Ok(field) } else { Err("id") }
}

fn given(field: &str) -> Option<String> {
    (!field.is_empty()).then(|| field.to_owned())
}

fn optional<T: std::str::FromStr>(field: &str, reason: Reason) -> Result<Option<T>, Reason> {
    given(field).map(|field| field.parse().map_err(|_| reason)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_falls_back_on_its_id_and_shortens_its_address() {
        let asset = asset(" 7 ,,2001:db8:0:0::1,").expect("a good row");
        assert_eq!((asset.key.as_str(), asset.name.as_str(), asset.os), ("7", "7", None));
        assert_eq!(asset.ip_addresses, ["2001:db8::1"]);
    }

    #[test]
    fn a_broken_row_is_dropped_for_the_field_that_is_broken() {
        let assets = [("7,web", "fields"), (",web,,", "id"), ("7,web,10.0.0,", "ip")];
        for (row, reason) in assets {
            assert_eq!(asset(row).err(), Some(reason), "{row}");
        }
        let findings = [
            ("7,R1", "fields"),
            (",R1,Old,5,open,1", "id"),
            ("7,,Old,5,open,1", "id"),
            ("7,R1,Old,high,open,1", "score"),
            ("7,R1,Old,10.5,open,1", "score"),
            ("7,R1,Old,NaN,open,1", "score"),
            ("7,R1,Old,5,open,yesterday", "seen"),
        ];
        for (row, reason) in findings {
            assert_eq!(finding(row).err(), Some(reason), "{row}");
        }
    }

    #[test]
    fn an_unknown_status_is_still_there() {
        let cases = [
            ("open", FindingStatus::Vulnerable),
            ("reopened", FindingStatus::Vulnerable),
            ("fixed", FindingStatus::Fixed),
            ("accepted", FindingStatus::IgnoredRiskAcknowledged),
            ("false-positive", FindingStatus::IgnoredFalsePositive),
        ];
        for (word, expected) in cases {
            let (_, finding) = finding(&format!("7,R1,Old,0,{word},1")).expect(word);
            assert_eq!(finding.status, expected, "{word}");
        }
    }
}
