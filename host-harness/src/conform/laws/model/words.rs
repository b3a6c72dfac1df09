//! How the model wants its texts and lists, record by record.

use crate::bindings::model::{Asset, Batch, Finding, FindingStatus, Property, Vulnerability};
use crate::conform::report::Breach;

/// What is wrong with the first record of a batch that has something wrong.
pub fn judge(batch: &Batch) -> Option<Breach> {
    let assets = batch.assets.iter().map(asset);
    let vulnerabilities = batch.vulnerabilities.iter().map(vulnerability);
    let flaw = assets.chain(vulnerabilities).chain(batch.findings.iter().map(finding)).find_map(Result::err);
    flaw.map(|Flaw { expected, came }| Breach::new(expected, came))
}

/// A record with something that the model does not want.
struct Flaw {
    expected: String,
    came: String,
}

fn asset(asset: &Asset) -> Result<(), Flaw> {
    let record = Record(format!("asset {}", asset.key));
    record.text("name", &asset.name)?;
    record.text("kind", &asset.kind)?;
    record.options([("fqdn", &asset.fqdn), ("os", &asset.os), ("state", &asset.state)])?;
    record.sorted("ip-addresses", asset.ip_addresses.iter())?;
    record.sorted("mac-addresses", asset.mac_addresses.iter())?;
    record.lower("mac-addresses", asset.mac_addresses.iter())?;
    record.sorted("open-ports", asset.open_ports.iter().map(|port| (port.port, &port.protocol, &port.service)))?;
    record.lower("open-ports", asset.open_ports.iter().map(|port| &port.protocol))?;
    asset.open_ports.iter().try_for_each(|port| record.options([("open-ports.service", &port.service)]))?;
    record.sorted("tags", asset.tags.iter().map(|tag| (&tag.name, &tag.origin)))?;
    asset.tags.iter().try_for_each(|tag| record.text("tags.name", &tag.name))?;
    record.properties(&asset.properties)
}

fn vulnerability(vulnerability: &Vulnerability) -> Result<(), Flaw> {
    let record = Record(format!("vulnerability {}", vulnerability.key));
    record.text("title", &vulnerability.title)?;
    record.options([("description", &vulnerability.description)])?;
    record.sorted("cves", vulnerability.cves.iter())?;
    if let Some(cvss) = &vulnerability.cvss {
        record.options([("cvss.version", &cvss.version), ("cvss.vector", &cvss.vector)])?;
    }
    if let Some(fix) = &vulnerability.fix {
        record.options([("fix.title", &fix.title), ("fix.description", &fix.description)])?;
        // They stand in the source's order, each once.
        let mut references: Vec<_> = fix.references.iter().collect();
        references.sort();
        record.sorted("fix.references", references.into_iter())?;
    }
    record.properties(&vulnerability.properties)
}

fn finding(finding: &Finding) -> Result<(), Flaw> {
    let Finding { asset_key, vulnerability_key, port, protocol, evidence, packages, .. } = finding;
    let port = port.map_or("-".into(), |port| port.to_string());
    let record =
        Record(format!("finding {asset_key}|{vulnerability_key}|{port}|{}", protocol.as_deref().unwrap_or("-")));
    record.options([("protocol", protocol)])?;
    record.lower("protocol", protocol.iter())?;
    // Evidence is what the source saw, white space included.
    record.holds(evidence.as_deref() != Some(""), "evidence", "filled or absent")?;
    record.sorted("packages", packages.iter().map(|one| (&one.name, &one.installed, &one.required)))?;
    for package in packages {
        record.text("packages.name", &package.name)?;
        record.options([("packages.installed", &package.installed), ("packages.required", &package.required)])?;
    }
    let is_bare = packages.is_empty() && evidence.is_none();
    record.holds(
        finding.status != FindingStatus::Fixed || is_bare,
        "packages and evidence",
        "absent once it is fixed",
    )?;
    record.properties(&finding.properties)
}

/// What a record is called in a message.
struct Record(String);

impl Record {
    fn holds(&self, holds: bool, field: &str, expected: &str) -> Result<(), Flaw> {
        let expected = || format!("{field} that is {expected}");
        holds.then_some(()).ok_or_else(|| Flaw { expected: expected(), came: format!("another one in {}", self.0) })
    }

    fn text(&self, field: &str, text: &str) -> Result<(), Flaw> {
        self.holds(text.trim() == text && !text.is_empty(), field, "filled and trimmed")
    }

    fn options<const N: usize>(&self, fields: [(&str, &Option<String>); N]) -> Result<(), Flaw> {
        let given = fields.iter().filter_map(|(field, option)| Some((field, option.as_deref()?)));
        given.into_iter().try_for_each(|(field, text)| self.text(field, text))
    }

    fn sorted<T: Ord>(&self, field: &str, list: impl Iterator<Item = T>) -> Result<(), Flaw> {
        self.holds(list.is_sorted_by(|one, other| one < other), field, "sorted and free of duplicates")
    }

    fn lower<'a>(&self, field: &str, mut texts: impl Iterator<Item = &'a String>) -> Result<(), Flaw> {
        self.holds(texts.all(|text| text.to_lowercase() == *text), field, "in lower case")
    }

    fn properties(&self, properties: &[Property]) -> Result<(), Flaw> {
        self.sorted("properties", properties.iter().map(|property| (&property.name, &property.value)))?;
        properties.iter().try_for_each(|property| {
            self.text("properties.name", &property.name)?;
            self.text("properties.value", &property.value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::model::{Fix, OpenPort, SoftwarePackage, Tag};
    use crate::conform::laws::{host, sample, weakness};

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_the_model_does_not_want_is_told() {
        let assets = |asset| Batch { assets: vec![asset], ..Batch::default() };
        let weak = |vulnerability| Batch { vulnerabilities: vec![vulnerability], ..Batch::default() };
        let found = |finding| Batch { findings: vec![finding], ..Batch::default() };
        let port = |port, protocol: &str| OpenPort { port, protocol: protocol.into(), service: None };
        let tag = |name: &str| Tag { name: name.into(), origin: "tag".into() };
        let property = |value: &str| Property { name: "p".into(), value: value.into() };
        let package = |name: &str| SoftwarePackage { name: name.into(), installed: None, required: None };
        let fix = |references| Some(Fix { title: None, description: None, references });
        let open = || Finding { status: FindingStatus::Vulnerable, ..sample() };
        let fixed = Finding { status: FindingStatus::Fixed, packages: vec![], evidence: None, ..sample() };
        for (batch, expected) in [
            (assets(host("1")), None),
            (assets(Asset { name: " a".into(), ..host("1") }), Some("name that is filled and trimmed")),
            (assets(Asset { os: Some("".into()), ..host("1") }), Some("os that is filled and trimmed")),
            (assets(Asset { ip_addresses: words(&["b", "a"]), ..host("1") }), Some("ip-addresses that is sorted")),
            (assets(Asset { ip_addresses: words(&["a", "a"]), ..host("1") }), Some("ip-addresses that is sorted")),
            (assets(Asset { mac_addresses: words(&["0A"]), ..host("1") }), Some("mac-addresses that is in lower case")),
            (assets(Asset { open_ports: vec![port(9, "tcp"), port(80, "tcp")], ..host("1") }), None),
            (assets(Asset { open_ports: vec![port(80, "tcp"), port(9, "tcp")], ..host("1") }), Some("open-ports that")),
            (
                assets(Asset { open_ports: vec![port(80, "TCP")], ..host("1") }),
                Some("open-ports that is in lower case"),
            ),
            (assets(Asset { tags: vec![tag("b"), tag("a")], ..host("1") }), Some("tags that is sorted")),
            (assets(Asset { properties: vec![property("2"), property("1")], ..host("1") }), Some("properties that is")),
            (weak(Vulnerability { cves: words(&["b", "a"]), ..weakness() }), Some("cves that is sorted")),
            (weak(Vulnerability { fix: fix(words(&["b", "a"])), ..weakness() }), None),
            (weak(Vulnerability { fix: fix(words(&["a", "a"])), ..weakness() }), Some("fix.references that is")),
            (found(Finding { evidence: Some("seen\n".into()), ..open() }), None),
            (found(Finding { evidence: Some("".into()), ..open() }), Some("evidence that is filled")),
            (found(Finding { packages: vec![package("b"), package("a")], ..open() }), Some("packages that is sorted")),
            (found(fixed.clone()), None),
            (found(Finding { packages: vec![package("a")], ..fixed }), Some("packages and evidence that is absent")),
        ] {
            let breach = judge(&batch);
            let got = breach.as_ref().map(|breach| breach.expected.as_str());
            assert_eq!(got.is_some(), expected.is_some(), "{batch:?}: {breach:?}");
            assert!(got.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{expected:?}: {breach:?}");
        }
    }
}
