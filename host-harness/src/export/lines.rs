//! What a line says, member by member in the promised order.
//!
//! Absent options are left out, empty lists stay, times are RFC 3339 in UTC,
//! and a score is a JSON number rounded to one decimal: `8.0`, `0.0`.

use crate::bindings::model::{Asset, Cvss, Finding, Fix, Property, SoftwarePackage, Tag, Vulnerability};
use crate::store::{Package, Port, kind, packages, ports, status};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// One line.
#[derive(Serialize)]
pub struct Line<'a, D> {
    /// `asset`, `vulnerability`, `finding` or `dropped`.
    pub stream: &'static str,
    /// The connector's name.
    pub source: &'a str,
    /// The row's key.
    pub key: &'a str,
    /// Of assets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Of findings only: still reported when its asset was last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<bool>,
    /// What the row says.
    pub data: D,
}

impl<'a, D> Line<'a, D> {
    /// A line without flags.
    pub fn of(stream: &'static str, key: &'a str, data: D) -> Self {
        Self { stream, source: "", key, archived: None, reported: None, data }
    }
}

/// What a line says of an asset.
#[derive(Serialize)]
pub struct AssetData<'a> {
    name: &'a str,
    kind: &'a str,
    ip_addresses: &'a [String],
    mac_addresses: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fqdn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    open_ports: Vec<Port<'a>>,
    packages: Vec<Package<'a>>,
    tags: &'a [Tag],
    properties: &'a [Property],
}

impl<'a> AssetData<'a> {
    /// With the packages that were computed for it.
    pub fn new(asset: &'a Asset, computed: &'a [SoftwarePackage]) -> Self {
        Self {
            name: &asset.name,
            kind: &asset.kind,
            ip_addresses: &asset.ip_addresses,
            mac_addresses: &asset.mac_addresses,
            fqdn: asset.fqdn.as_deref(),
            os: asset.os.as_deref(),
            created: asset.created.map(Time),
            last_seen: asset.last_seen.map(Time),
            state: asset.state.as_deref(),
            open_ports: ports(&asset.open_ports),
            packages: packages(computed),
            tags: &asset.tags,
            properties: &asset.properties,
        }
    }
}

/// What a line says of a vulnerability.
#[derive(Serialize)]
pub struct VulnerabilityData<'a> {
    kind: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<CvssData<'a>>,
    cves: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixData<'a>>,
    properties: &'a [Property],
}

impl<'a> VulnerabilityData<'a> {
    /// All of it.
    pub fn new(vulnerability: &'a Vulnerability) -> Self {
        Self {
            kind: kind(vulnerability.kind),
            title: &vulnerability.title,
            description: vulnerability.description.as_deref(),
            score: vulnerability.score.map(Score),
            cvss: vulnerability.cvss.as_ref().map(CvssData::new),
            cves: &vulnerability.cves,
            fix: vulnerability.fix.as_ref().map(FixData::new),
            properties: &vulnerability.properties,
        }
    }
}

#[derive(Serialize)]
struct CvssData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    base: Score,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a str>,
}

impl<'a> CvssData<'a> {
    fn new(cvss: &'a Cvss) -> Self {
        Self { version: cvss.version.as_deref(), base: Score(cvss.base), vector: cvss.vector.as_deref() }
    }
}

#[derive(Serialize)]
struct FixData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    references: &'a [String],
}

impl<'a> FixData<'a> {
    fn new(fix: &'a Fix) -> Self {
        Self { title: fix.title.as_deref(), description: fix.description.as_deref(), references: &fix.references }
    }
}

/// What a line says of a finding.
#[derive(Serialize)]
pub struct FindingData<'a> {
    asset_key: &'a str,
    vulnerability_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    packages: Vec<Package<'a>>,
    properties: &'a [Property],
}

impl<'a> FindingData<'a> {
    /// With the score that counts.
    pub fn new(finding: &'a Finding, score: Option<f64>) -> Self {
        Self {
            asset_key: &finding.asset_key,
            vulnerability_key: &finding.vulnerability_key,
            port: finding.port,
            protocol: finding.protocol.as_deref(),
            status: status(finding.status),
            score: score.map(Score),
            first_seen: finding.first_seen.map(Time),
            last_seen: finding.last_seen.map(Time),
            evidence: finding.evidence.as_deref(),
            packages: packages(&finding.packages),
            properties: &finding.properties,
        }
    }
}

/// What a line says of a dropped record.
#[derive(Serialize)]
pub struct DroppedData<'a> {
    stage: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    location: &'a str,
}

impl<'a> DroppedData<'a> {
    /// `location` is empty when none was given.
    pub fn new(stage: &'a str, reason: &'a str, location: &'a str) -> Self {
        Self { stage, reason, location }
    }
}

/// Seconds since 1970; a time beyond what RFC 3339 can say becomes the nearest that it can.
struct Time(i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let limit = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let time = Timestamp::from_second(self.0).unwrap_or(limit);
        to.collect_str(&time)
    }
}

struct Score(f64);

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64((self.0 * 10.0).round() / 10.0)
    }
}
