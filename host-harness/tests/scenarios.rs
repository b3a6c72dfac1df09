//! Every recording of Qualys through the real component: as recorded, as expected, and the same wherever a piece ends.

mod support;

use host_harness::http::replay::Pieces;
use host_harness::scenario::Scenario;
use host_harness::scenario_run::{self, Lines, Trial, warned};
use host_harness::stop::Stop;
use host_harness::watch::Unwatched;
use host_harness::{Connector, Engine, World};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// What a scenario has besides its exchanges, and, where records are dropped, their lines.
const FILES: &[&str] = &["expected.jsonl", "settings.toml"];
const DROPPED: &str = "dropped.jsonl";

/// What stands beside the scenarios: `qualys` holds all of them, `connectivity` tests of the way.
const FIXTURES: &[&str] =
    &["README.md", "connectivity", "demo.sh", "every-field.jsonl", "qualys", "simulator", "traps.md"];

#[tokio::test]
async fn every_scenario_gives_the_expected_lines_wherever_pieces_end() {
    let connector = qualys();
    for folder in support::scenarios(support::QUALYS_SCENARIOS) {
        for pieces in [Pieces::Whole, Pieces::Of(7), Pieces::Of(1)] {
            let trial = run(&connector, &folder, pieces).await;
            assert!(trial.passes(), "{}, {pieces:?}:\n{}", folder.display(), complaints(&trial));
        }
    }
}

#[test]
fn every_folder_that_is_walked_is_a_whole_scenario_and_holds_nothing_else() {
    assert_eq!(names(Path::new("../fixtures")), FIXTURES, "recordings of another source need a test of their own");
    assert_eq!(names(Path::new("tests/scenarios")), ["csv"], "recordings of another source need a test of their own");
    let walked = support::scenarios(support::QUALYS_SCENARIOS);
    assert!(walked.len() >= 24, "{walked:?}");
    for folder in walked {
        let found = names(&folder);
        let (exchanges, mut others): (Vec<_>, Vec<_>) = found.into_iter().partition(|name| name.ends_with(".http"));
        assert!(!exchanges.is_empty(), "{} has no exchanges", folder.display());
        let dropped = others.extract_if(.., |name| name == DROPPED).next().map(|name| folder.join(name));
        assert_eq!(others, FILES, "{}", folder.display());
        let is_empty = dropped.is_some_and(|file| file.metadata().unwrap().len() == 0);
        assert!(!is_empty, "{}: no file says that nothing is dropped", folder.display());
    }
}

#[tokio::test]
async fn the_wait_that_a_source_names_is_the_one_that_is_waited() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(support::QUALYS_SCENARIOS).join("slow-down");
    let trial = run(&qualys(), &folder, Pieces::Whole).await;
    assert_eq!(
        trial.outcome.usage.waited_secs,
        14 * 60 + 10 + 2,
        "14 minutes of the first 409, our own 10 seconds, and one each for a clock that counts whole ones"
    );
}

#[tokio::test]
async fn every_test_of_the_way_asks_and_shows_what_is_expected() {
    let (connector, component) = (qualys(), support::built(support::QUALYS));
    for folder in support::scenarios(support::QUALYS_CONNECTIVITY) {
        let Scenario { tenant, replay, .. } = Scenario::open(&folder).unwrap();
        let replay = Arc::new(replay);
        connector.test_connectivity(&tenant, &World::new(replay.clone())).await.unwrap();
        let report = replay.report();
        assert!(report.is_clean(), "{}: {:?}, {:?}", folder.display(), report.unmatched, report.unused);

        let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
        let recorded = [Path::new("--component"), &component, Path::new("--replay"), &folder];
        let shown = command.arg("test-connectivity").args(recorded).output().unwrap();
        let rows: Vec<_> =
            std::str::from_utf8(&shown.stdout).unwrap().lines().filter(|row| row.starts_with("  ")).collect();
        let expected = std::fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
        assert_eq!(rows.join("\n"), expected.trim_end_matches('\n'), "{}", folder.display());
    }
}

fn qualys() -> Connector {
    support::load(&Engine::start().unwrap(), support::QUALYS)
}

async fn run(connector: &Connector, folder: &Path, pieces: Pieces) -> Trial {
    let trial = scenario_run::run(connector, folder, pieces, &Stop::new(), Arc::new(Unwatched)).await;
    trial.unwrap_or_else(|error| panic!("{}, {pieces:?}: {error:#}", folder.display()))
}

/// Everything that is wrong, for a person.
fn complaints(trial: &Trial) -> String {
    let ending = trial.should_end.iter().map(|ending| format!("should have ended as {ending}: {:?}", trial.outcome));
    let warned = warned(&trial.outcome.verdict);
    let warnings = trial.should_warn.iter().map(|should| format!("should have warned of {should}, not of {warned}"));
    let unmatched = trial.report.unmatched.iter().cloned();
    let unused = trial.report.unused.iter().map(|exchange| format!("nobody asked for {exchange}"));
    let told =
        |lines: &Lines| lines.differences.iter().map(|one| format!("{}: {one}", lines.name())).collect::<Vec<_>>();
    let differences = trial.files().into_iter().flat_map(told);
    ending.chain(warnings).chain(unmatched).chain(unused).chain(differences).collect::<Vec<_>>().join("\n")
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
