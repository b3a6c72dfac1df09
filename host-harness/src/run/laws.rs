//! The laws of a batch and of resolved settings, as far as they can be seen in them alone.
//!
//! What would damage the store, or another tenant, is looked for on every commit; style is not.

use crate::bindings::configure::Resolved;
use crate::bindings::model::{Asset, Batch, Finding, Property, Vulnerability};
use crate::limits::Limits;
use crate::outcome::{Limited, Unlawful};
use std::collections::BTreeSet;

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 512;

/// Bytes of a finding's evidence.
const EVIDENCE_BYTES_MAX: usize = 32 << 10;

/// Bytes of an account or a fingerprint.
const NAME_BYTES_MAX: usize = 1_024;

/// Origins of one connector.
const ORIGINS_MAX: usize = 16;

/// Says which law or bound a batch breaks.
pub fn batch(batch: &Batch, limits: &Limits) -> wasmtime::Result<()> {
    let records = [
        batch.assets.len(),
        batch.vulnerabilities.len(),
        batch.findings.len(),
        batch.seen_assets.len(),
        batch.complete_assets.len(),
        batch.dropped.len(),
    ];
    bounded("batch_records_max", "records in a batch", records.iter().sum(), limits.batch_records_max)?;
    let mut texts = Texts(0);
    batch.assets.iter().try_for_each(|record| asset(record, &mut texts))?;
    batch.vulnerabilities.iter().try_for_each(|record| vulnerability(record, &mut texts))?;
    batch.findings.iter().try_for_each(|record| finding(record, &mut texts))?;
    for seen in &batch.seen_assets {
        texts.key("the key of a seen asset", &seen.key)?;
        if seen.digest == 0 {
            return Err(unlawful(format!("the seen asset {:?} has the digest 0", seen.key)).into());
        }
    }
    batch.complete_assets.iter().try_for_each(|complete| texts.key("the key of a complete asset", &complete.key))?;
    for dropped in &batch.dropped {
        texts.filled("the stage of a dropped record", &dropped.stage)?;
        texts.filled("the reason of a dropped record", &dropped.reason)?;
        short("the key of a dropped record", dropped.key.len(), KEY_BYTES_MAX)?;
        texts.add([&dropped.key]);
        texts.add(&dropped.location);
    }
    bounded("batch_bytes_max", "bytes of text in a batch", texts.0, limits.batch_bytes_max)?;
    Ok(())
}

/// Says whether a position is too long.
pub fn position(position: Option<&str>, limits: &Limits) -> Result<(), Limited> {
    let bytes = position.map_or(0, str::len);
    bounded("position_bytes_max", "bytes in a position", bytes, limits.position_bytes_max)
}

/// Says whether a state is too long.
pub fn state(state: Option<&str>, limits: &Limits) -> Result<(), Limited> {
    bounded("state_bytes_max", "bytes in a state", state.map_or(0, str::len), limits.state_bytes_max)
}

/// Says why resolved settings cannot be used; whether an origin may be asked is the policy's business.
pub fn resolved(resolved: &Resolved) -> Result<(), Unlawful> {
    let broken = |message: String| Err(Unlawful { law: "configure", message });
    if resolved.origins.len() > ORIGINS_MAX {
        return broken(format!("there are {} origins, of at most {ORIGINS_MAX}", resolved.origins.len()));
    }
    if resolved.account.len().max(resolved.fingerprint.len()) > NAME_BYTES_MAX {
        return broken(format!("account or fingerprint is longer than {NAME_BYTES_MAX} bytes"));
    }
    let mut names = BTreeSet::new();
    for origin in &resolved.origins {
        if origin.name.is_empty() || !names.insert(&origin.name) {
            return broken(format!("the origin name {:?} is empty or there twice", origin.name));
        }
        if !is_origin(&origin.url) {
            return broken(format!("the origin {:?} is not `scheme://host:port`", origin.url));
        }
    }
    Ok(())
}

/// The port is asked for in the text itself, since parsing forgets the one that the scheme implies.
fn is_origin(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let Some(host) = url.host_str() else { return false };
    let port = url.port_or_known_default().unwrap_or_default();
    matches!(url.scheme(), "http" | "https") && text == format!("{}://{host}:{port}", url.scheme())
}

fn asset(asset: &Asset, texts: &mut Texts) -> Result<(), Unlawful> {
    texts.key("the key of an asset", &asset.key)?;
    texts.filled("the name of an asset", &asset.name)?;
    texts.filled("the kind of an asset", &asset.kind)?;
    texts.add(asset.ip_addresses.iter().chain(&asset.mac_addresses));
    texts.add(asset.fqdn.iter().chain(&asset.os).chain(&asset.state));
    for port in &asset.open_ports {
        texts.add([&port.protocol]);
        texts.add(&port.service);
    }
    for tag in &asset.tags {
        texts.filled("a tag", &tag.name)?;
        texts.add([&tag.origin]);
    }
    properties(&asset.properties, texts)
}

fn vulnerability(vulnerability: &Vulnerability, texts: &mut Texts) -> Result<(), Unlawful> {
    texts.key("the key of a vulnerability", &vulnerability.key)?;
    texts.filled("the title of a vulnerability", &vulnerability.title)?;
    texts.add(vulnerability.description.iter().chain(&vulnerability.cves));
    score("the score of a vulnerability", vulnerability.score)?;
    if let Some(cvss) = &vulnerability.cvss {
        score("the CVSS base of a vulnerability", Some(cvss.base))?;
        texts.add(cvss.version.iter().chain(&cvss.vector));
    }
    if let Some(fix) = &vulnerability.fix {
        texts.add(fix.title.iter().chain(&fix.description).chain(&fix.references));
    }
    properties(&vulnerability.properties, texts)
}

fn finding(finding: &Finding, texts: &mut Texts) -> Result<(), Unlawful> {
    texts.key("the asset key of a finding", &finding.asset_key)?;
    texts.key("the vulnerability key of a finding", &finding.vulnerability_key)?;
    score("the score of a finding", finding.score)?;
    short("evidence", finding.evidence.as_deref().map_or(0, str::len), EVIDENCE_BYTES_MAX)?;
    texts.add(finding.protocol.iter().chain(&finding.evidence));
    for package in &finding.packages {
        texts.filled("the name of a package", &package.name)?;
        texts.add(package.installed.iter().chain(&package.required));
    }
    properties(&finding.properties, texts)
}

fn properties(properties: &[Property], texts: &mut Texts) -> Result<(), Unlawful> {
    properties.iter().try_for_each(|property| {
        texts.filled("the name of a property", &property.name)?;
        texts.filled("the value of a property", &property.value)
    })
}

fn score(what: &str, score: Option<f64>) -> Result<(), Unlawful> {
    match score {
        Some(score) if !(0.0..=10.0).contains(&score) => {
            Err(unlawful(format!("{what} is {score}, and must be from 0 to 10")))
        }
        _ => Ok(()),
    }
}

fn short(what: &str, bytes: usize, bytes_max: usize) -> Result<(), Unlawful> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(unlawful(format!("{what} has {bytes} bytes, and may have {bytes_max}")))
}

fn bounded(limit: &'static str, what: &str, count: usize, count_max: usize) -> Result<(), Limited> {
    if count <= count_max {
        return Ok(());
    }
    Err(Limited { limit, message: format!("{count} {what}, of at most {count_max}") })
}

fn unlawful(message: String) -> Unlawful {
    Unlawful { law: "model", message }
}

/// Bytes of text so far.
struct Texts(usize);

impl Texts {
    fn add<'a>(&mut self, texts: impl IntoIterator<Item = &'a String>) {
        self.0 += texts.into_iter().map(String::len).sum::<usize>();
    }

    fn filled(&mut self, what: &str, text: &String) -> Result<(), Unlawful> {
        self.add([text]);
        if text.is_empty() {
            return Err(unlawful(format!("{what} is empty")));
        }
        Ok(())
    }

    fn key(&mut self, what: &str, key: &String) -> Result<(), Unlawful> {
        self.filled(what, key)?;
        short(what, key.len(), KEY_BYTES_MAX)
    }
}

#[cfg(test)]
mod tests;
