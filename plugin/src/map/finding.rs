//! A detection of the vendor as a finding.

use super::reason::{INFORMATION_GATHERED, QID_NOT_A_NUMBER, Reason};
use super::{asset, packages, property, size, text, time, vulnerability};
use crate::bindings::connector::contract::model::{Finding, FindingStatus, Property};
use crate::qualys::Text;
use crate::qualys::detection::Detection;

/// The finding of a detection on the host of this ID, with at most so many bytes of evidence.
pub fn detected(host_id: &str, detection: &Detection<'_>, evidence_bytes_max: usize) -> Result<Finding, Reason> {
    let asset_key = asset::key(host_id)?;
    let qid = text::number::<u32>(&detection.qid).ok_or(QID_NOT_A_NUMBER)?;
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
    let finding = Finding {
        asset_key,
        vulnerability_key: vulnerability::key(qid),
        port: port(text::given(&detection.port).unwrap_or_default()),
        protocol: text::given(&detection.protocol).map(str::to_ascii_lowercase),
        status,
        score: None,
        first_seen: time::first_seconds([detection.first_found_datetime.as_deref()]),
        last_seen: time::first_seconds([detection.last_found_datetime.as_deref()]),
        packages: packages::read(results),
        properties: properties(detection, evidence_cut),
        evidence,
    };
    size::bounded(finding, size::finding)
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
    text::integer::<u16>(text)?.parse().ok()
}

/// The results as evidence, and their length in bytes if they had to be cut.
fn evidence(results: &str, bytes_max: usize) -> (Option<String>, Option<usize>) {
    let whole = text::line_feeds(text::trimmed(results));
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
mod tests {
    use super::*;
    use crate::map::reason::HOST_ID_NOT_A_NUMBER;

    fn some(text: &'static str) -> Text<'static> {
        Some(text.into())
    }

    fn open() -> Detection<'static> {
        Detection { qid: some("38170"), r#type: some("Confirmed"), status: some("Active"), ..Detection::default() }
    }

    fn map(detection: Detection<'_>) -> Finding {
        detected("42", &detection, 100).unwrap()
    }

    #[test]
    fn a_detection_that_is_no_finding_says_why() {
        let qid = |qid| Detection { qid, ..open() };
        let of_type = |word| Detection { r#type: some(word), ..open() };
        let cases = [
            ("42", open(), Ok("qid:38170")),
            ("42", qid(some(" 0038170\n")), Ok("qid:38170")),
            ("42", qid(some("38\u{fffd}170")), Err(QID_NOT_A_NUMBER)),
            ("42", qid(some("0")), Err(QID_NOT_A_NUMBER)),
            ("42", qid(None), Err(QID_NOT_A_NUMBER)),
            ("web", open(), Err(HOST_ID_NOT_A_NUMBER)),
            ("", open(), Err(HOST_ID_NOT_A_NUMBER)),
            ("42", of_type("Info"), Err(INFORMATION_GATHERED)),
            ("42", of_type("INFO"), Err(INFORMATION_GATHERED)),
            ("42", of_type("Information Gathered"), Err(INFORMATION_GATHERED)),
            ("42", of_type("Potential"), Ok("qid:38170")),
            ("42", of_type("Something New"), Ok("qid:38170")),
            ("42", Detection { r#type: None, ..open() }, Ok("qid:38170")),
        ];
        for (host_id, detection, wanted) in cases {
            let key = detected(host_id, &detection, 100).map(|finding| finding.vulnerability_key);
            assert_eq!(key, wanted.map(Into::into), "{host_id:?} {detection:?}");
        }
    }

    #[test]
    fn fixed_comes_first_then_what_people_decided() {
        use FindingStatus::{Fixed, IgnoredRiskAcknowledged as Accepted, Vulnerable};
        let cases = [
            (some("New"), None, None, Vulnerable),
            (some("Active"), some("0"), some("0"), Vulnerable),
            (some("Re-Opened"), None, None, Vulnerable),
            (some("Something New"), None, None, Vulnerable),
            (None, None, None, Vulnerable),
            (some("Active"), some("1"), some("0"), Accepted),
            (some("Active"), some("0"), some("1"), Accepted),
            (None, some("1"), some("1"), Accepted),
            (some("Fixed"), some("0"), some("0"), Fixed),
            (some("FIXED"), some("1"), some("1"), Fixed),
        ];
        for (status, is_ignored, is_disabled, wanted) in cases {
            let found =
                map(Detection { status: status.clone(), is_ignored: is_ignored.clone(), is_disabled, ..open() });
            assert_eq!(found.status, wanted, "{status:?} {is_ignored:?}");
        }
    }

    #[test]
    fn a_port_that_cannot_be_reached_is_none() {
        let cases = [
            (some("8443"), Some(8443)),
            (some(" 1\n"), Some(1)),
            (some("65535"), Some(65535)),
            (some("65536"), None),
            (some("0"), None),
            (some("-1"), None),
            (some("https"), None),
            (None, None),
        ];
        for (port, wanted) in cases {
            assert_eq!(map(Detection { port: port.clone(), ..open() }).port, wanted, "{port:?}");
        }
    }

    #[test]
    fn evidence_is_the_text_of_the_results_up_to_the_limit() {
        let cases = [
            (None, 9, None, None),
            (some(""), 9, None, None),
            (some(" \n\t"), 9, None, None),
            (some(" line one\r\n\tline two\rthree\n"), 99, Some("line one\n\tline two\nthree"), None),
            (some("doesn&apos;t"), 99, Some("doesn&apos;t"), None),
            (some("123456789"), 9, Some("123456789"), None),
            (some("1234567890"), 9, Some("123456789"), Some("10")),
            (some("12345678é"), 9, Some("12345678"), Some("10")),
            (some("1234567 90"), 8, Some("1234567"), Some("10")),
            (some("1\r\n2\r\n3"), 5, Some("1\n2\n3"), None),
        ];
        for (results, bytes_max, wanted, cut) in cases {
            let finding = detected("42", &Detection { results: results.clone(), ..open() }, bytes_max).unwrap();
            assert_eq!(finding.evidence.as_deref(), wanted, "{results:?} at {bytes_max}");
            let length = finding.properties.iter().find(|p| p.name == "evidence-cut").map(|p| p.value.as_str());
            assert_eq!(length, cut, "{results:?} at {bytes_max}");
        }
    }

    #[test]
    fn packages_are_read_from_the_whole_text_and_only_of_what_is_still_there() {
        let results = "Package\tInstalled Version\tRequired Version\nkernel\t4.18.0-513.5.1\t4.18.0-513.11.1";
        for (status, bytes_max, evidence, packages) in
            [("Active", 99, true, 1), ("Active", 20, true, 1), ("Fixed", 99, false, 0), ("Fixed", 20, false, 0)]
        {
            let detection = Detection { results: some(results), status: some(status), ..open() };
            let found = detected("42", &detection, bytes_max).unwrap();
            let shape = (found.evidence.is_some(), found.packages.len());
            assert_eq!(shape, (evidence, packages), "{status} at {bytes_max}");
            assert_eq!(found.properties.iter().any(|p| p.name == "evidence-cut"), evidence && bytes_max == 20);
        }
    }

    #[test]
    fn every_other_field_has_its_place() {
        let finding = map(Detection {
            unique_vuln_id: some("9130022955"),
            severity: some("2"),
            port: some("8443"),
            protocol: some("TCP"),
            fqdn: some("shop.example.com"),
            ssl: some("1"),
            instance: some("ORCL"),
            status: some("Re-Opened"),
            first_found_datetime: some("1970-01-01T00:00:05Z"),
            last_found_datetime: some("1970-01-01T00:00:09Z"),
            last_fixed_datetime: some("1970-01-01T01:00:07+01:00"),
            times_found: some("12"),
            service: some("http over ssl"),
            affect_running_kernel: some("0"),
            ..open()
        });
        assert_eq!((finding.asset_key.as_str(), finding.protocol.as_deref()), ("42", Some("tcp")));
        assert_eq!((finding.first_seen, finding.last_seen, finding.score), (Some(5), Some(9), None));
        let properties: Vec<_> = finding.properties.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
        let wanted = [
            ("affects-running-kernel", "0"),
            ("fqdn", "shop.example.com"),
            ("instance", "ORCL"),
            ("last-fixed", "1970-01-01T00:00:07Z"),
            ("service", "http over ssl"),
            ("severity", "2"),
            ("ssl", "1"),
            ("times-found", "12"),
            ("type", "Confirmed"),
            ("unique-vuln-id", "9130022955"),
        ];
        assert_eq!(properties, wanted);
    }

    #[test]
    fn what_is_missing_is_absent() {
        let finding = detected("42", &Detection { qid: some("1"), ..Detection::default() }, 100).unwrap();
        let absent = (finding.port, finding.protocol, finding.first_seen, finding.last_seen, finding.evidence);
        assert_eq!(absent, (None, None, None, None, None));
        assert_eq!((finding.packages, finding.properties), (vec![], vec![]));
    }
}
