//! Findings of one key, and where their evidence came from.

use super::parts::{by_property, greatest, least, score, sort, union, zero};
use crate::bindings::model::{Finding, FindingStatus, Property, SoftwarePackage};
use std::cmp::Ordering;

/// The property that tells how long evidence was before it was cut; it goes where the evidence goes.
const EVIDENCE_CUT: &str = "evidence-cut";

/// A finding, and the record that its evidence came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The finding, joined.
    pub finding: Finding,
    /// What the record that brought the evidence said; present exactly when there is evidence.
    pub evidence: Option<Rank>,
}

/// How much evidence counts: that of an open finding more than that of a closed one, that of a later scan more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// The record's own status, whatever the joined one is.
    pub status: FindingStatus,
    /// The record's own last-seen.
    pub last_seen: Option<i64>,
}

impl Kept {
    /// A record as it arrives, with its lists sorted and free of duplicates.
    pub fn new(finding: Finding) -> Self {
        let evidence = finding.evidence.as_ref().map(|_| Rank { status: finding.status, last_seen: finding.last_seen });
        Self { finding: normal(finding), evidence }
    }
}

/// Joins two records of one finding; both are normal.
pub fn join(mut a: Kept, mut b: Kept) -> Kept {
    let a_wins = by_evidence(&a, &b).is_ge();
    drop_cut(if a_wins { &mut b.finding } else { &mut a.finding });
    let (a, b, evidence, rank) = if a_wins {
        let text = a.finding.evidence.take();
        (a.finding, b.finding, text, a.evidence)
    } else {
        let text = b.finding.evidence.take();
        (a.finding, b.finding, text, b.evidence)
    };
    let finding = Finding {
        asset_key: a.asset_key,
        vulnerability_key: a.vulnerability_key,
        port: a.port,
        protocol: a.protocol,
        status: if weight(a.status) >= weight(b.status) { a.status } else { b.status },
        score: score(a.score, b.score),
        first_seen: least(a.first_seen, b.first_seen),
        last_seen: greatest(a.last_seen, b.last_seen),
        evidence,
        packages: union(a.packages, b.packages, by_package),
        properties: union(a.properties, b.properties, by_property),
    };
    Kept { finding, evidence: rank }
}

/// The same record with its lists sorted and free of duplicates, and nothing said of evidence that is not there.
pub fn normal(mut finding: Finding) -> Finding {
    finding.score = finding.score.map(zero);
    if finding.evidence.is_none() {
        drop_cut(&mut finding);
    }
    sort(&mut finding.packages, by_package);
    sort(&mut finding.properties, by_property);
    finding
}

/// By status, last-seen and bytes of the evidence; none is least.
///
/// Two long texts can be cut to the same bytes: then the greater lengths decide, or the order of arrival would.
fn by_evidence(a: &Kept, b: &Kept) -> Ordering {
    let rank = |kept: &Kept| kept.evidence.map(|rank| (weight(rank.status), rank.last_seen));
    rank(a)
        .cmp(&rank(b))
        .then_with(|| a.finding.evidence.cmp(&b.finding.evidence))
        .then_with(|| cut(&a.finding).cmp(cut(&b.finding)))
}

fn cut(finding: &Finding) -> impl Iterator<Item = &str> {
    finding.properties.iter().filter(|p| is_cut(p)).map(|p| p.value.as_str())
}

fn is_cut(property: &Property) -> bool {
    property.name == EVIDENCE_CUT
}

fn drop_cut(finding: &mut Finding) {
    finding.properties.retain(|property| !is_cut(property));
}

/// The greater status stays: what is open anywhere is open.
fn weight(status: FindingStatus) -> u8 {
    match status {
        FindingStatus::Vulnerable => 3,
        FindingStatus::IgnoredRiskAcknowledged => 2,
        FindingStatus::IgnoredFalsePositive => 1,
        FindingStatus::Fixed => 0,
    }
}

/// The union of packages, in order.
pub fn packages(mut packages: Vec<SoftwarePackage>) -> Vec<SoftwarePackage> {
    sort(&mut packages, by_package);
    packages
}

fn by_package(a: &SoftwarePackage, b: &SoftwarePackage) -> Ordering {
    (&a.name, &a.installed, &a.required).cmp(&(&b.name, &b.installed, &b.required))
}
