//! `harness record`: a recording leads to the same as what was recorded, and holds nothing that is secret.

mod support;

use host_harness::scenario::Scenario;
use host_harness::scenario_record::{self, Recorded, Refused, Replayed, Written};
use host_harness::scenario_run::compare::compare;
use host_harness::stop::{Reason, Stop};
use host_harness::watch::Watch;
use host_harness::{Connector, Engine, World};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A password that nobody made up for a scenario, with what every encoding changes.
const PASSWORD: &str = "h\u{f6}rse & b/tt\"ry";
const ACCOUNT: &str = "tdwtr3mk4";

#[tokio::test]
async fn a_recording_of_every_scenario_leads_to_the_same_lines() {
    let engine = Engine::start().unwrap();
    for (component, scenarios) in [(support::QUALYS, support::QUALYS_SCENARIOS), (support::CSV, support::CSV_SCENARIOS)]
    {
        let connector = support::load(&engine, component);
        for folder in support::scenarios(scenarios) {
            let scenario = Scenario::open(&folder).unwrap();
            // What stands on an earlier sync was not asked by one that reads everything.
            if scenario.start.after.is_some() || scenario.start.state.is_some() {
                continue;
            }
            let to = tempfile::tempdir().unwrap();
            let account = scenario.tenant.settings.get("username").map(|name| name.as_str().unwrap().to_owned());
            let written = record(&connector, scenario, &to.path().join("new")).await.unwrap().written.unwrap();
            let name = folder.display();
            assert_eq!((&written.leaks[..], written.journalled.left_out_count), (&[][..], 0), "{name}");
            let Replayed::Tried(trial) = &written.replayed else { panic!("{name} was not replayed") };
            assert!(trial.passes(), "{name}: {trial:#?}");
            for file in ["expected.jsonl", "dropped.jsonl"] {
                let lines = |folder: &Path| fs::read_to_string(folder.join(file)).unwrap_or_default();
                assert_eq!(compare(&lines(&folder), &lines(&written.folder)), [], "{name}/{file}");
            }
            for (file, text) in files(&written.folder) {
                let account = account.as_deref().unwrap_or("nobody at all");
                assert!(!text.contains(account), "{name}: {file} names {account}");
            }
        }
    }
}

#[tokio::test]
async fn a_source_that_repeats_secrets_leaves_none_of_them() {
    let headers = format!(
        "x-echo: {ACCOUNT} {PASSWORD} h%C3%B6rse+%26+b%2Ftt%22ry\nset-cookie: session=\"0123456789abcdef\"; Path=/\n"
    );
    let comment = format!("{ACCOUNT} TDWTR3MK4 h\u{f6}rse &amp; b/tt&quot;ry 0123456789abcdef");
    let words = [("not-a-real-password", &*PASSWORD.replace('"', "\\\""))];
    let from = scenario_with(&words, &headers, &comment);
    let to = tempfile::tempdir().unwrap();
    let scenario = Scenario::open(from.path()).unwrap();
    assert_eq!(scenario.tenant.secrets.get("password"), Some(PASSWORD));
    let written = record(&qualys(), scenario, &to.path().join("new")).await.unwrap().written.unwrap();
    assert_eq!(written.leaks, []);
    let Replayed::Tried(trial) = &written.replayed else { panic!("it was not replayed") };
    assert!(trial.passes(), "{trial:#?}");
    let files = files(&written.folder);
    let hosts = files.iter().find(|(name, _)| name.starts_with("01-")).unwrap();
    assert!(hosts.1.contains("x-echo: recorded0 not-a-real-password"), "{}", hosts.1);
    assert!(hosts.1.contains("<!-- recorded0 recorded0 not-a-real-password"), "{}", hosts.1);
    assert!(!hosts.1.contains("set-cookie"), "{}", hosts.1);
    for original in [ACCOUNT, "TDWTR3MK4", "h\u{f6}rse", "h%C3%B6rse", "0123456789abcdef"] {
        let found = files.iter().find(|(_, text)| text.contains(original));
        assert!(found.is_none(), "{original}: {found:?}");
    }
}

#[tokio::test]
async fn a_recording_in_which_an_original_is_found_does_not_get_its_name() {
    let from = leaking();
    let to = tempfile::tempdir().unwrap();
    let scenario = Scenario::open(from.path()).unwrap();
    let written = record(&qualys(), scenario, &to.path().join("new")).await.unwrap().written.unwrap();
    let leak = written.leaks.iter().map(|leak| (leak.file.as_str(), leak.what.as_str())).collect::<Vec<_>>();
    assert_eq!(leak, [("01-get-asset-host.http", "the cookie `session`")]);
    assert!(matches!(written.replayed, Replayed::Untried(_)));
    assert_eq!(written.folder, to.path().join("new.unverified"));
    assert!(written.folder.is_dir() && !to.path().join("new").exists());
}

#[tokio::test]
async fn an_interrupted_recording_says_that_it_is_partial() {
    struct StopsAtFirstCommit(Stop);
    impl Watch for StopsAtFirstCommit {
        fn call(&self, import: &'static str) {
            if import == "sink.commit" {
                self.0.stop(Reason::Interrupted);
            }
        }
    }
    let to = tempfile::tempdir().unwrap();
    let Scenario { tenant, replay, .. } = Scenario::open(&small()).unwrap();
    let stop = Stop::new();
    let watch = Arc::new(StopsAtFirstCommit(stop.clone()));
    let world = World { stop, watch, ..World::new(Arc::new(replay)) };
    let folder = to.path().join("new");
    let Written { folder, journalled, leaks, replayed } =
        scenario_record::record(&qualys(), &tenant, &world, &folder).await.unwrap().written.unwrap();
    assert!(journalled.exchanges > 0 && leaks.is_empty() && matches!(replayed, Replayed::Untried(_)));
    let settings = fs::read_to_string(folder.join("settings.toml")).unwrap();
    assert!(settings.contains("# PARTIAL: ") && settings.contains("ends = \"stopped\""), "{settings}");
    let again = Scenario::open(&folder).unwrap();
    assert_eq!((again.tenant.name.as_str(), again.start.ends.as_str()), ("recorded", "stopped"));
}

#[tokio::test]
async fn what_cannot_be_kept_secret_is_not_even_asked_for() {
    let cases = [
        ("not-a-real-password", "abc", "the secret `password` is shorter than 5 bytes"),
        ("not-a-real-password", "settings", "the secret `password` is a word that every recording holds"),
        (ACCOUNT, "abc", "the account's name is shorter than 5 bytes"),
        (ACCOUNT, "replay", "the account's name is a word that every recording holds"),
    ];
    for (from, to, expected) in cases {
        let scenario = Scenario::open(scenario_with(&[(from, to)], "", "").path()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let error = record(&qualys(), scenario, &folder.path().join("new")).await.err().unwrap();
        let Some(Refused::Secret(message)) = error.downcast_ref() else { panic!("{to}: {error:#}") };
        assert!(message.contains(expected), "{to}: {message}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{to}");
    }
}

#[tokio::test]
async fn settings_that_are_refused_record_nothing() {
    let scenario = Scenario::open(scenario_with(&[("https://qualysapi", "ftp://qualysapi")], "", "").path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recorded = record(&qualys(), scenario, &folder.path().join("new")).await.unwrap();
    assert!(recorded.written.is_none(), "{}", recorded.outcome.verdict);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_command_says_what_it_wrote_and_refuses_what_is_there() {
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().join("new");
    let leaking = leaking();
    let harness = |replay: &Path, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_harness"));
        command.arg("record").arg("--component").arg(support::built(support::QUALYS)).arg("--replay").arg(replay);
        let output = command.arg("--to").arg(&folder).args(more).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, stdout, stderr) = harness(leaking.path(), &[]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("refused: 01-get-asset-host.http holds the cookie `session`"), "{stdout}");
    assert!(stdout.contains("then delete ") && !stdout.contains("0123456789abcdef"), "{stdout}");
    let (code, _, stderr) = harness(&small(), &[]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("new.unverified is there") && stderr.contains("hint: "), "{stderr}");
    fs::remove_dir_all(to.path().join("new.unverified")).unwrap();
    let (code, stdout, stderr) = harness(&small(), &["--json"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let recording = &report["recording"];
    assert_eq!((&recording["replays"], &recording["exchanges"]), (&true.into(), &3.into()), "{stdout}");
    assert_eq!((&report["ended"], &report["partial"]), (&"complete".into(), &false.into()), "{stdout}");
    let (code, _, stderr) = harness(&small(), &[]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("new is not empty"), "{stderr}");
}

fn qualys() -> Connector {
    support::load(&Engine::start().unwrap(), support::QUALYS)
}

async fn record(connector: &Connector, scenario: Scenario, to: &Path) -> anyhow::Result<Recorded> {
    let world = World::new(Arc::new(scenario.replay));
    scenario_record::record(connector, &scenario.tenant, &world, to).await
}

fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(support::QUALYS_SCENARIOS).join("small-subscription")
}

/// The small subscription with other words, and with more headers and a comment in the answer that lists its hosts.
fn scenario_with(words: &[(&str, &str)], headers: &str, comment: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, mut text) in files(&small()) {
        if name == "02-hosts.http" {
            text = text.replacen("===\n200\n", &format!("===\n200\n{headers}"), 1);
            text = text.replacen("\n<HOST_LIST_OUTPUT>", &format!("\n<!-- {comment} --><HOST_LIST_OUTPUT>"), 1);
        }
        let text = words.iter().fold(text, |text, (from, to)| text.replace(from, to));
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A recording in which a cookie is shown before it is set.
fn leaking() -> tempfile::TempDir {
    let from = scenario_with(&[], "x-next-session: 0123456789abcdef\n", "");
    let detections = from.path().join("03-detections.http");
    let text = fs::read_to_string(&detections).unwrap();
    fs::write(&detections, text.replacen("===\n200\n", "===\n200\nset-cookie: session=0123456789abcdef\n", 1)).unwrap();
    from
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let text = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), text(entry.path()))).collect();
    files.sort();
    files
}
