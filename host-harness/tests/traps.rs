//! The table of traps: each is shown by something, and whatever it names exists and runs.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many traps there are.
const TRAPS: usize = 52;

/// Shown once what they are about is there: increments, host-asset enrichment, compliance.
const NOT_YET: &[&str] = &["T-38", "T-43", "T-44", "T-48", "T-49", "T-50"];

#[test]
fn every_trap_is_shown_by_something_that_exists_and_runs() {
    let table = std::fs::read_to_string(workspace().join("fixtures/traps.md")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().filter(|line| line.starts_with("| T-")).map(cells).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(numbers, (1..=TRAPS).map(|number| format!("T-{number}")).collect::<Vec<_>>());
    let recordings: BTreeSet<_> = support::scenarios(support::QUALYS_SCENARIOS).iter().map(|path| name(path)).collect();
    for row in rows {
        let [trap, _, shown] = row[..] else { panic!("{row:?} has not three cells") };
        let shown: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        assert_eq!(shown.is_empty(), NOT_YET.contains(&trap), "{trap}: {shown:?}");
        for shows in shown {
            let exists = match shows.split_once("::") {
                Some((file, test)) => is_a_test(file, test),
                None => recordings.contains(shows),
            };
            assert!(exists, "{trap}: {shows} is no recording and no test");
        }
    }
}

/// Whether a file has a test of this name that is not switched off.
fn is_a_test(file: &str, test: &str) -> bool {
    let text = std::fs::read_to_string(workspace().join(file)).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    let heads = ["fn ", "async fn "].map(|head| format!("{head}{test}("));
    let found = lines.iter().position(|line| heads.iter().any(|head| line.starts_with(head)));
    let attributes = lines[..found.unwrap_or_default()].iter().rev().take_while(|line| line.starts_with("#["));
    let attributes: Vec<_> = attributes.collect();
    let says = |word| attributes.iter().any(|line| line.contains(word));
    says("test") && !says("ignore")
}

#[test]
fn what_is_no_test_does_not_count_as_one() {
    let this = "host-harness/tests/traps.rs";
    let cases = [
        (this, "what_is_no_test_does_not_count_as_one", true),
        (this, "is_a_test", false),
        (this, "no_such_test", false),
        ("host-harness/tests/no-such-file.rs", "is_a_test", false),
        ("host-harness/src/http/live/tests.rs", "a_connection_is_used_again", true),
    ];
    for (file, test, expected) in cases {
        assert_eq!(is_a_test(file, test), expected, "{file}::{test}");
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
