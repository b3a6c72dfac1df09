//! A connector for a made-up source, run by the very host that runs every other: what keeps the contract honest.

mod support;

use host_harness::bindings::problems::{Problem, ProblemKind};
use host_harness::bindings::sync::{Ended, Stage};
use host_harness::bindings::test_connectivity::{Check, CheckStatus};
use host_harness::http::replay::{Pieces, Report};
use host_harness::scenario::Scenario;
use host_harness::{Engine, Verdict, World};
use std::path::Path;
use std::sync::Arc;
use support::Kept;
use support::scene::{Around, Scene};

/// Scenario, how its sync ends, and the code of its problem.
const SCENARIOS: &[(&str, Ended, &str)] = &[
    ("asset-without-id", Ended::InPart, ""),
    ("cut-page", Ended::Failed, "body.cut"),
    ("refused-key", Ended::Failed, "credentials.refused"),
    ("state-of-another-store", Ended::Complete, ""),
    ("three-pages", Ended::Complete, ""),
];

fn scene(folder: &Path, pieces: Pieces) -> Scene {
    let connector = support::load(&Engine::start().unwrap(), support::CSV);
    Scene { connector, folder: folder.to_owned(), pieces, syncs_before: 0 }
}

fn scenario(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(support::CSV_SCENARIOS).join(name)
}

#[tokio::test]
async fn every_scenario_gives_its_lines_whatever_the_pieces() {
    let folders = support::scenarios(support::CSV_SCENARIOS);
    let names: Vec<_> = folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, SCENARIOS.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), "a scenario that no test walks");
    for (folder, (name, ended, code)) in folders.iter().zip(SCENARIOS) {
        let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
        for pieces in [Pieces::Whole, Pieces::Of(7), Pieces::Of(1)] {
            let (kept, scene) = (Kept::new(), scene(folder, pieces));
            let (returned, report) = scene.attempt(&kept, Around::default()).await;
            let problem = returned.problem.map_or(String::new(), |problem| problem.code);
            assert_eq!((returned.ended, problem.as_str()), (*ended, *code), "{name}, {pieces:?}");
            assert_eq!(kept.lines(), expected, "{name}, {pieces:?}");
            assert_eq!(report, Report::default(), "{name}, {pieces:?}");
        }
    }
}

#[tokio::test]
async fn a_second_sync_names_what_has_not_changed() {
    let (kept, scene) = (Kept::new(), scene(&scenario("three-pages"), Pieces::Whole));
    let first = scene.finish(&kept).await;
    let (returned, _) = scene.attempt(&kept, Around::default()).await;
    let counts: Vec<_> =
        returned.summary.stages.iter().map(|stage| (stage.seen, stage.emitted, stage.unchanged)).collect();
    assert_eq!(counts, [(6, 0, 5), (10, 9, 0)]);
    let second = scene.left(&kept, &returned);
    assert_eq!((second.lines, second.versions), (first.lines, first.versions));
}

#[tokio::test]
async fn a_long_page_leaves_in_several_batches() {
    let (kept, scene) = (Kept::new(), scene(&support::long_page(), Pieces::Of(997)));
    for unchanged in [0, 2_500] {
        let (returned, _) = scene.attempt(&kept, Around::default()).await;
        let Stage { seen, unchanged: named, .. } = returned.summary.stages[0];
        assert_eq!((returned.ended, seen, named), (Ended::Complete, 2_500, unchanged));
        assert_eq!(kept.lines().lines().count(), 2_500 + 1 + 2_500);
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
        let scene = scene(&scenario(name), Pieces::Whole);
        let Scenario { tenant, replay, .. } = Scenario::open(&scene.folder).unwrap();
        let outcome = scene.connector.test_connectivity(&tenant, &World::new(Arc::new(replay))).await.unwrap();
        let Verdict::Returned(checks) = outcome.verdict else { panic!("{name}: {}", outcome.verdict) };
        assert_eq!(checks.iter().map(|check| check.status).collect::<Vec<_>>(), statuses, "{name}");
        let problem = checks.into_iter().find_map(|Check { problem, .. }| problem);
        assert_eq!(problem.map(|Problem { kind, .. }| kind), kind, "{name}");
    }
}
