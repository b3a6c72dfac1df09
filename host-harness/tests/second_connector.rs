//! A connector for a made-up source, run by the very host that runs every other: what keeps the contract honest.

mod support;

use host_harness::bindings::problems::{Problem, ProblemKind};
use host_harness::bindings::sync::{Ended, Stage};
use host_harness::bindings::test_connectivity::{Check, CheckStatus};
use host_harness::conform::scene::Scene;
use host_harness::scenario::Scenario;
use host_harness::{Engine, Verdict, World};
use std::path::Path;
use std::sync::Arc;

/// Scenario, how its sync ends, and the code of its problem.
const SCENARIOS: &[(&str, Ended, &str)] = &[
    ("asset-without-id", Ended::InPart, ""),
    ("cut-page", Ended::Failed, "body.cut"),
    ("refused-key", Ended::Failed, "credentials.refused"),
    ("state-of-another-store", Ended::Complete, ""),
    ("three-pages", Ended::Complete, ""),
];

async fn scene(folder: &Path, syncs_before: u32) -> Scene {
    let connector = support::load(&Engine::start().unwrap(), support::CSV);
    Scene::open(&connector, folder, syncs_before).await.unwrap().unwrap()
}

fn scenario(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(support::CSV_SCENARIOS).join(name)
}

#[tokio::test]
async fn every_scenario_ends_as_it_must() {
    let folders = support::scenarios(support::CSV_SCENARIOS);
    let names: Vec<_> = folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, SCENARIOS.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), "a scenario that no test walks");
    for (folder, (name, ended, code)) in folders.iter().zip(SCENARIOS) {
        let baseline = scene(folder, 0).await.undisturbed().await.unwrap();
        let returned = baseline.returned().unwrap();
        let problem = returned.problem.as_ref().map_or("", |problem| problem.code.as_str());
        assert_eq!((returned.ended, problem), (*ended, *code), "{name}");
    }
}

#[tokio::test]
async fn a_second_sync_names_what_has_not_changed() {
    let first = scene(&scenario("three-pages"), 0).await.undisturbed().await.unwrap();
    let second = scene(&scenario("three-pages"), 1).await.undisturbed().await.unwrap();
    let stages = &second.returned().unwrap().summary.stages;
    let counts: Vec<_> = stages.iter().map(|stage| (stage.seen, stage.emitted, stage.unchanged)).collect();
    assert_eq!(counts, [(6, 0, 5), (10, 9, 0)]);
    assert_eq!((second.left.lines, second.left.versions), (first.left.lines, first.left.versions));
}

#[tokio::test]
async fn a_long_page_leaves_in_several_batches() {
    for (syncs_before, unchanged) in [(0, 0), (1, 2_500)] {
        let baseline = scene(&support::long_page(), syncs_before).await.undisturbed().await.unwrap();
        let returned = baseline.returned().unwrap();
        let Stage { seen, unchanged: named, .. } = returned.summary.stages[0];
        assert_eq!((returned.ended, seen, named), (Ended::Complete, 2_500, unchanged));
        assert_eq!(baseline.left.lines.lines().count(), 2_500 + 1 + 2_500);
        assert!(baseline.outcome.usage.commits > 5, "{:?}", baseline.outcome.usage);
    }
}

#[tokio::test]
async fn every_problem_of_the_settings_is_named_at_once() {
    let connector = support::load(&Engine::start().unwrap(), support::CSV);
    let tenant = support::tenant("acme", serde_json::json!({ "url": "scan.example.com" }));
    let outcome = connector.configure(&tenant).await.unwrap();
    let Verdict::Unconfigured(problems) = outcome.verdict else { panic!("{}", outcome.verdict) };
    let fields: Vec<_> = problems.iter().map(|problem| (problem.field.as_deref(), problem.kind)).collect();
    assert_eq!(fields, [(Some("/api_key"), ProblemKind::Settings), (Some("/url"), ProblemKind::Settings)]);
}

#[tokio::test]
async fn the_way_to_the_source_is_tried_as_far_as_it_goes() {
    let cases = [
        ("three-pages", [CheckStatus::Passed, CheckStatus::Passed], None),
        ("refused-key", [CheckStatus::Failed, CheckStatus::Skipped], Some(ProblemKind::Credentials)),
    ];
    for (name, statuses, kind) in cases {
        let scene = scene(&scenario(name), 0).await;
        let Scenario { tenant, replay, .. } = Scenario::open(&scene.folder).unwrap();
        let outcome = scene.connector.test_connectivity(&tenant, &World::new(Arc::new(replay))).await.unwrap();
        let Verdict::Returned(checks) = outcome.verdict else { panic!("{name}: {}", outcome.verdict) };
        assert_eq!(checks.iter().map(|check| check.status).collect::<Vec<_>>(), statuses, "{name}");
        let problem = checks.into_iter().find_map(|Check { problem, .. }| problem);
        assert_eq!(problem.map(|Problem { kind, .. }| kind), kind, "{name}");
    }
}
