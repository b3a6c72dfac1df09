//! The laws of the join, over records that collide often.

use super::samples::*;
use super::{Kept, Rank, asset, finding, vulnerability};
use crate::bindings::model::*;
use proptest::prelude::*;

macro_rules! laws {
    ($name:ident, $records:expr, $join:expr, $normal:expr) => {
        proptest! {
            #[test]
            fn $name(a in $records, b in $records, c in $records) {
                prop_assert_eq!($join(a.clone(), a.clone()), a.clone(), "idempotent");
                let ab = $join(a.clone(), b.clone());
                prop_assert_eq!(&ab, &$join(b.clone(), a.clone()), "commutative");
                prop_assert_eq!(&$normal(ab.clone()), &ab, "normal");
                prop_assert_eq!($join(ab, c.clone()), $join(a, $join(b, c)), "associative");
            }
        }
    };
}

laws!(assets_join_in_any_order, assets(), asset, asset::normal);
laws!(vulnerabilities_join_in_any_order, vulnerabilities(), vulnerability, vulnerability::normal);
laws!(findings_join_in_any_order, findings().prop_map(Kept::new), finding, renormal);

fn renormal(kept: Kept) -> Kept {
    Kept { finding: finding::normal(kept.finding), evidence: kept.evidence }
}

#[test]
fn normal_lists_are_sorted_and_free_of_duplicates() {
    let mut record = sample();
    record.packages = vec![package("b", None), package("a", Some("2")), package("a", None), package("b", None)];
    let packages = Kept::new(record).finding.packages;
    assert_eq!(packages, [package("a", None), package("a", Some("2")), package("b", None)]);
}

#[test]
fn evidence_follows_its_own_record_and_brings_its_cut() {
    let record = |status, last_seen, evidence: Option<&str>, cut: &str| {
        let properties = vec![property("evidence-cut", cut), property("type", cut)];
        Kept::new(Finding { status, last_seen, evidence: evidence.map(str::to_owned), properties, ..sample() })
    };
    use FindingStatus::{Fixed, Vulnerable};
    let cases = [
        ("the open one", (Fixed, Some(9), Some("z"), "1"), (Vulnerable, Some(1), Some("a"), "2"), "a", "2"),
        ("the later one", (Vulnerable, Some(9), Some("a"), "1"), (Vulnerable, Some(1), Some("z"), "2"), "a", "1"),
        ("the greater one", (Vulnerable, Some(1), Some("a"), "1"), (Vulnerable, Some(1), Some("b"), "2"), "b", "2"),
        ("the one that has any", (Vulnerable, Some(9), None, "1"), (Fixed, None, Some("a"), "2"), "a", "2"),
        ("the longer before the cut", (Fixed, None, Some("a"), "41"), (Fixed, None, Some("a"), "42"), "a", "42"),
    ];
    for (case, a, b, evidence, cut) in cases {
        let kept = finding(record(a.0, a.1, a.2, a.3), record(b.0, b.1, b.2, b.3));
        assert_eq!(kept.finding.evidence.as_deref(), Some(evidence), "{case}");
        let both = [property("evidence-cut", cut), property("type", a.3), property("type", b.3)];
        assert_eq!(kept.finding.properties, both, "{case}");
    }
}

#[test]
fn a_later_join_compares_with_the_record_that_brought_the_evidence() {
    let record = |status, last_seen, evidence: Option<&str>| {
        Kept::new(Finding { status, last_seen, evidence: evidence.map(str::to_owned), ..sample() })
    };
    let open = record(FindingStatus::Vulnerable, Some(9), None);
    let fixed = record(FindingStatus::Fixed, Some(5), Some("old"));
    let kept = finding(open, fixed);
    assert_eq!(kept.evidence, Some(Rank { status: FindingStatus::Fixed, last_seen: Some(5) }));
    let later = record(FindingStatus::Fixed, Some(6), Some("new"));
    assert_eq!(finding(kept, later).finding.evidence.as_deref(), Some("new"));
}

#[test]
fn ratings_and_fixes_stay_whole() {
    let cvss = |base, version: Option<&str>| Cvss { base, version: version.map(str::to_owned), vector: None };
    let fix = |title: &str, description: Option<&str>| Fix {
        title: Some(title.into()),
        description: description.map(str::to_owned),
        references: vec![title.into()],
    };
    let cases = [
        ("greater base", cvss(9.0, None), cvss(8.0, Some("4.0")), cvss(9.0, None)),
        ("given version", cvss(9.0, None), cvss(9.0, Some("3.1")), cvss(9.0, Some("3.1"))),
    ];
    for (case, a, b, expected) in cases {
        let with = |cvss| Vulnerability { cvss: Some(cvss), ..weakness() };
        assert_eq!(vulnerability(with(a), with(b)).cvss, Some(expected), "{case}");
    }
    let cases = [
        ("longer description", fix("z", Some("long")), fix("a", Some("no")), fix("z", Some("long"))),
        ("given description", fix("a", None), fix("z", Some("d")), fix("z", Some("d"))),
        ("least fields", fix("z", Some("d")), fix("a", Some("d")), fix("a", Some("d"))),
    ];
    for (case, a, b, expected) in cases {
        let with = |fix| Vulnerability { fix: Some(fix), ..weakness() };
        assert_eq!(vulnerability(with(a), with(b)).fix, Some(expected), "{case}");
    }
    let control = Vulnerability { kind: VulnerabilityKind::Control, ..weakness() };
    assert_eq!(vulnerability(weakness(), control).kind, VulnerabilityKind::Control);
}

#[test]
fn the_greater_status_stays() {
    use FindingStatus::*;
    let order = [Fixed, IgnoredFalsePositive, IgnoredRiskAcknowledged, Vulnerable];
    for (i, &less) in order.iter().enumerate() {
        for &more in &order[i..] {
            let with = |status| Kept::new(Finding { status, ..sample() });
            assert_eq!(finding(with(less), with(more)).finding.status, more, "{less:?} and {more:?}");
        }
    }
}
