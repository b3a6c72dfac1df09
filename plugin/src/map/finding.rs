//! A detection of the vendor as a finding.

use super::reason::{INFORMATION_GATHERED, QID_NOT_A_NUMBER, Reason};
use super::{asset, packages, property, text, time};
use crate::bindings::connector::contract::model::{Finding, FindingStatus, Property};
use crate::qualys::Text;
use crate::qualys::detection::Detection;

/// The finding of a detection on the host of this ID, with at most so many bytes of evidence.
pub fn detected(host_id: &str, detection: &Detection<'_>, evidence_bytes_max: usize) -> Result<Finding, Reason> {
    let asset_key = asset::key(host_id)?;
    let qid = text::given(&detection.qid).and_then(text::number).ok_or(QID_NOT_A_NUMBER)?;
    if is_information(text::given(&detection.r#type).unwrap_or_default()) {
        return Err(INFORMATION_GATHERED);
    }
    let status = status(
        text::given(&detection.status).unwrap_or_default(),
        is(&detection.is_ignored),
        is(&detection.is_disabled),
    );
    // What was fixed is no longer there to be shown.
    let results = detection.results.as_deref().filter(|_| status != FindingStatus::Fixed).unwrap_or_default();
    let (evidence, evidence_cut) = evidence(results, evidence_bytes_max);
    Ok(Finding {
        asset_key,
        vulnerability_key: format!("qid:{qid}"),
        port: port(text::given(&detection.port).unwrap_or_default()),
        protocol: text::given(&detection.protocol).map(str::to_ascii_lowercase),
        status,
        score: None,
        first_seen: time::first_seconds([detection.first_found_datetime.as_deref()]),
        last_seen: time::first_seconds([detection.last_found_datetime.as_deref()]),
        packages: packages::read(results),
        properties: properties(detection, evidence_cut),
        evidence,
    })
}

/// `Fixed` is gone, whatever else was said of it; ignored and disabled are accepted;
/// `New`, `Active`, `Re-Opened` and whatever the vendor adds next are all still open.
pub fn status(word: &str, is_ignored: bool, is_disabled: bool) -> FindingStatus {
    match word {
        word if word.eq_ignore_ascii_case("fixed") => FindingStatus::Fixed,
        _ if is_ignored || is_disabled => FindingStatus::IgnoredRiskAcknowledged,
        _ => FindingStatus::Vulnerable,
    }
}

/// `Info` and `Information Gathered`; every other type, also one not known yet, is a vulnerability.
fn is_information(r#type: &str) -> bool {
    r#type.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("info"))
}

fn is(flag: &Text<'_>) -> bool {
    text::given(flag) == Some("1")
}

/// The port, when it is one that can be reached: 1 to 65535. The finding of any other belongs to the host as a whole.
fn port(text: &str) -> Option<u16> {
    text::number(text)?.try_into().ok()
}

/// The results as evidence, and their length in bytes if they had to be cut.
fn evidence(results: &str, bytes_max: usize) -> (Option<String>, Option<usize>) {
    let whole = text::line_feeds(results.trim());
    let kept = text::cut(&whole, bytes_max);
    match kept.is_empty() {
        true => (None, None),
        false => (Some(kept.into()), Some(whole.len()).filter(|&length| length > bytes_max)),
    }
}

fn properties(detection: &Detection<'_>, evidence_cut: Option<usize>) -> Vec<Property> {
    let evidence_cut = evidence_cut.map(|length| length.to_string());
    let last_fixed = detection.last_fixed_datetime.as_deref().and_then(time::normal);
    property::list([
        ("affects-running-kernel", text::given(&detection.affect_running_kernel)),
        ("evidence-cut", evidence_cut.as_deref()),
        ("fqdn", text::given(&detection.fqdn)),
        ("instance", text::given(&detection.instance)),
        ("last-fixed", last_fixed.as_deref()),
        ("service", text::given(&detection.service)),
        ("severity", text::given(&detection.severity)),
        ("ssl", text::given(&detection.ssl)),
        ("times-found", text::given(&detection.times_found)),
        ("type", text::given(&detection.r#type)),
        ("unique-vuln-id", text::given(&detection.unique_vuln_id)),
    ])
}

#[cfg(test)]
mod tests;
