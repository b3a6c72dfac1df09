//! Each check of the way to a source, in each of its outcomes, over TLS against a server that misbehaves as it is told.
//!
//! What every outcome says is tested beside the connector; here, that it is found on a real way.

mod support;

use host_harness::bindings::test_connectivity::CheckStatus;
use host_harness::limits::Limits;
use host_harness::{Connector, Engine, Verdict};
use serde_json::json;
use simulator::Subscription;
use simulator::server::{Options, Rule};
use support::live::Source;

/// What follows where a sign-in was refused.
const REFUSED: &str = "sign-in=failed quota=skipped hosts=skipped detections=skipped knowledge-base=skipped cvss-scoring=skipped \
                       enrichment=skipped asset-groups=skipped gateway=skipped compliance=skipped clock=skipped api-version=skipped";
/// What follows where an answer does not come from the source.
const ELSEWHERE: &str = "network=warned sign-in=skipped quota=skipped hosts=failed detections=skipped knowledge-base=skipped \
                         cvss-scoring=skipped enrichment=skipped asset-groups=skipped gateway=skipped compliance=skipped clock=skipped \
                         api-version=skipped";
/// What follows where there is no answer.
const SILENCE: &str = "network=failed sign-in=skipped quota=skipped hosts=skipped detections=skipped knowledge-base=skipped \
                       cvss-scoring=skipped enrichment=skipped asset-groups=skipped gateway=skipped compliance=skipped clock=skipped \
                       api-version=skipped";

/// (way of compliance, what goes wrong, every check that does not pass)
const CASES: &[(&str, &str, &str)] = &[
    ("auto", "", ""),
    ("gateway", "", ""),
    ("classic", "", "gateway=skipped"),
    ("off", "", "gateway=skipped compliance=skipped"),
    ("off", "no-hosts", "hosts=warned gateway=skipped compliance=skipped"),
    ("off", "unauthorized", REFUSED),
    ("off", "expired", REFUSED),
    ("off", "inactive", REFUSED),
    ("off", "unregistered", REFUSED),
    ("off", "second-factor", REFUSED),
    ("off", "html", ELSEWHERE),
    ("off", "redirect@host-list", ELSEWHERE),
    ("off", "reset@host-list", SILENCE),
    ("off", "maintenance@host-list", "quota=skipped hosts=failed gateway=skipped compliance=skipped"),
    ("off", "concurrency@host-list", "quota=warned hosts=warned gateway=skipped compliance=skipped"),
    (
        "off",
        "rate=840",
        "quota=warned hosts=warned detections=warned knowledge-base=warned cvss-scoring=skipped enrichment=warned \
         asset-groups=warned gateway=skipped compliance=skipped clock=skipped",
    ),
    ("off", "licence@detections", "detections=failed gateway=skipped compliance=skipped"),
    ("off", "rate@detections", "detections=warned gateway=skipped compliance=skipped"),
    ("off", "licence@knowledge-base", "knowledge-base=failed cvss-scoring=skipped gateway=skipped compliance=skipped"),
    ("off", "empty@knowledge-base", "knowledge-base=failed cvss-scoring=skipped gateway=skipped compliance=skipped"),
    ("off", "no-cvss", "cvss-scoring=warned gateway=skipped compliance=skipped"),
    ("off", "no-enrichment-permission", "enrichment=warned gateway=skipped compliance=skipped"),
    ("off", "429@host-assets", "enrichment=warned gateway=skipped compliance=skipped"),
    ("off", "licence@asset-groups", "asset-groups=warned gateway=skipped compliance=skipped"),
    ("off", "clock-skew=3600", "gateway=skipped compliance=skipped clock=warned"),
    ("off", "retired@detections", "gateway=skipped compliance=skipped api-version=warned"),
    ("off", "retired", "gateway=skipped compliance=skipped api-version=warned"),
    ("off", "no-limit-headers", "gateway=skipped compliance=skipped"),
    ("auto", "no-compliance-permission", "compliance=warned"),
    ("gateway", "no-compliance-permission", "compliance=warned"),
    ("classic", "no-compliance-permission", "gateway=skipped compliance=warned"),
    ("auto", "unauthorized@auth", "gateway=warned"),
    ("gateway", "unauthorized@auth", "gateway=warned compliance=skipped"),
    ("auto", "reset@auth", "gateway=warned"),
    ("auto", "429@gateway-policies", "compliance=warned"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_check_finds_what_is_wrong_and_asks_no_more_than_once() {
    let connector = support::load(&Engine::start().unwrap(), support::QUALYS);
    for &(way, fault, expected) in CASES {
        let case = format!("compliance {way}, {fault:?}");
        let faults = fault.split_whitespace().map(|fault| Rule::parse(fault).unwrap()).collect();
        // Of so many QIDs, some are those that the connector asks for.
        let subscription = Subscription { hosts: 50, detections_per_host: 10, qids: 10_000, ..Subscription::default() };
        let source = Source::start(Options { subscription, faults, ..Options::default() }).await;
        assert_eq!(not_passed(&connector, &source, way).await, expected, "{case}");
        let report = source.report();
        // What is retired is asked for once more, in its newest version.
        let most = 1 + u64::from(fault.starts_with("retired"));
        assert!(report.endpoints.values().all(|counted| counted.calls <= most), "{case}: {report:?}");
        assert_eq!(report.credentials_elsewhere, 0, "{case}");
    }
}

/// Every check that did not pass, with how it went.
async fn not_passed(connector: &Connector, source: &Source, way: &str) -> String {
    let tenant = source.tenant(json!({"compliance": way}), Limits::default());
    let outcome = connector.test_connectivity(&tenant, &source.world(&tenant)).await.unwrap();
    let Verdict::Returned(checks) = outcome.verdict else { panic!("{}", outcome.verdict) };
    let bad = checks.iter().filter_map(|check| {
        let status = match check.status {
            CheckStatus::Passed => return None,
            CheckStatus::Warned => "warned",
            CheckStatus::Failed => "failed",
            CheckStatus::Skipped => "skipped",
        };
        Some(format!("{}={status}", check.id))
    });
    bad.collect::<Vec<_>>().join(" ")
}
