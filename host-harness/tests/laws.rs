//! The contract's laws, tried on every connector over every recording of its source, and on components that break them.

mod support;

use host_harness::Engine;
use host_harness::conform::{LAWS, Recording, Report, Subject, Tried, Unfollowed, Verdict, conform};
use host_harness::connector::Cache;
use host_harness::stop::{Reason, Stop};
use std::path::{Path, PathBuf};

/// Law, what breaks it, and part of what is said of it.
///
/// The component is otherwise the same good one; whatever breaks one law must be caught by that law and by no other.
const BROKEN: &[(&str, &str, &str)] = &[
    ("settings", "one-problem-at-a-time", "alone, /user is complained of"),
    ("settings", "lost-pointers", "pointers to fields of the form"),
    ("recording", "another-kind", "asset 1 /data/kind"),
    ("recording", "needless-warning", "it warned of assets.few"),
    ("recording", "dropped-elsewhere", "the lines of dropped.jsonl"),
    ("ends", "no-state", "an outcome that is complete lacks a state"),
    ("ends", "trap", "it said last"),
    ("model", "no-name", "the name of an asset is empty"),
    ("model", "unsorted", "ip-addresses that is sorted"),
    ("balance", "unbalanced", "has seen 6 records, and accounts for 5"),
    ("balance", "no-lines-of-dropped", "2 different lines of what stage `assets` dropped for `no-name`"),
    ("balance", "dropped-alike", "2 different lines of what stage `assets` dropped for `no-name`"),
    ("seen", "uncounted-asset", "at most the 3 assets in full that stage `assets` counts"),
    ("resume", "counts-not-kept", "killed after commit 1 of 5"),
    ("position", "position-ignored", "with position.unreadable"),
    ("stop", "stop-as-failure", "stopped at call 1 of"),
    ("pieces", "lines-in-one-piece", "pieces of 1"),
    ("resend", "rows-by-receipt", "web-1 again"),
    ("secrets", "log-what-is-repeated", "a log line holds the secret `password`"),
    ("memory", "hoard", "at most 32.0 MiB"),
];

#[tokio::test]
async fn the_connector_for_a_made_up_source_keeps_every_law() {
    let folders = support::scenarios(support::CSV_SCENARIOS).into_iter().chain([support::long_page()]);
    let report = tried(&built(support::CSV), folders.collect(), &["three-pages"]).await;
    assert_eq!(broken(&report), [""; 0], "{report:#?}");
}

/// Its recordings are many, so they are tried on two threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connector_for_qualys_keeps_every_law() {
    let folders = support::scenarios(support::QUALYS_SCENARIOS);
    let halves = folders.chunks(folders.len().div_ceil(2)).map(<[PathBuf]>::to_vec);
    let try_half = async |half| tried(&built(support::QUALYS), half, &["two-pages-of-hosts"]).await;
    let tasks: Vec<_> = halves.map(|half| tokio::spawn(try_half(half))).collect();
    for task in tasks {
        let report = task.await.unwrap();
        assert_eq!(broken(&report), [""; 0], "{report:#?}");
    }
}

#[tokio::test]
async fn every_broken_component_is_caught_by_the_law_it_breaks() {
    let component = built(support::BROKEN);
    let folder = tempfile::tempdir().unwrap();
    let good = tried(&component, vec![scenario(folder.path(), "nothing")], &["nothing"]).await;
    assert_eq!(broken(&good), [""; 0], "{good:#?}");
    assert!(good.laws.iter().all(|law| law.verdict == Verdict::Kept && law.cases > 0), "{good:#?}");
    for (law, breaks, part) in BROKEN {
        let report = tried(&component, vec![scenario(folder.path(), breaks)], &[]).await;
        assert_caught(&report, law, breaks, part);
    }
}

#[tokio::test]
async fn what_no_setting_can_break_is_caught_as_well() {
    let good = std::fs::read(support::built(support::BROKEN)).unwrap();
    let sockets = wat::parse_str(r#"(component (import "wasi:sockets/tcp@0.2.6" (instance)))"#).unwrap();
    let hostile = std::fs::read(support::built(support::HOSTILE)).unwrap();
    for (law, case, component, part) in [
        ("imports", "sockets", sockets, "imports wasi:sockets/tcp@0.2.6"),
        (
            "manifest",
            "a plain password",
            patched(&good, "\"x-secret\":true", "\"x-hidden\":true"),
            "`\"x-secret\": true`",
        ),
        ("manifest", "no help", patched(&good, "\"x-help\":\"Who", "\"x-halp\":\"Who"), "field /user"),
        ("instances", "a trap", hostile, "sync.run without configure"),
    ] {
        let report = tried(&component, vec![], &[]).await;
        assert_caught(&report, law, case, part);
    }
}

#[tokio::test]
async fn every_law_has_a_component_that_breaks_it() {
    let elsewhere = ["imports", "manifest", "instances"];
    let caught = |id: &str| elsewhere.contains(&id) || BROKEN.iter().any(|(law, ..)| *law == id);
    let missing: Vec<_> = LAWS.iter().map(|law| law.id).filter(|id| !caught(id)).collect();
    assert_eq!(missing, [""; 0]);
}

#[tokio::test]
async fn a_stop_ends_the_trial_with_what_was_tried() {
    let stop = Stop::new();
    stop.stop(Reason::Interrupted);
    let subject = subject(&built(support::CSV));
    let report = conform(&subject, &[], LAWS, &Unfollowed, &stop).await.unwrap();
    assert!(report.interrupted && report.count(Verdict::Skipped) == LAWS.len(), "{report:#?}");
}

/// Tries every law on every recording, and on some of them after a sync of it.
async fn tried(component: &[u8], folders: Vec<PathBuf>, again: &[&str]) -> Report {
    let is_again = |folder: &&PathBuf| again.iter().any(|name| folder.ends_with(name));
    let later = folders.iter().filter(is_again).map(|folder| Recording { folder: folder.clone(), syncs_before: 1 });
    let first = folders.iter().map(|folder| Recording { folder: folder.clone(), syncs_before: 0 });
    let recordings: Vec<_> = first.chain(later).collect();
    conform(&subject(component), &recordings, LAWS, &Unfollowed, &Stop::new()).await.unwrap()
}

fn subject(component: &[u8]) -> Subject {
    Subject::from_bytes(&Engine::start().unwrap(), component, &Cache::at(support::cache())).unwrap()
}

fn built(component: &str) -> Vec<u8> {
    std::fs::read(support::built(component)).unwrap()
}

/// The component with another text of the same length in its data.
fn patched(component: &[u8], text: &str, other: &str) -> Vec<u8> {
    assert_eq!(text.len(), other.len());
    let at = component.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let mut patched = component.to_vec();
    patched[at..at + text.len()].copy_from_slice(other.as_bytes());
    patched
}

/// Writes a scenario of the component that breaks laws.
fn scenario(folder: &Path, breaks: &str) -> PathBuf {
    let folder = folder.join(breaks);
    std::fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "settings.toml",
        &format!(
            "tenant = \"acme\"\n[settings]\nurl = \"https://source.example.com\"\nuser = \"reader\"\n\
             password = {{ text = \"made-up-password\" }}\nbreaks = \"{breaks}\"\n[replay]\nnow = \"2026-03-02T06:00:00Z\"\n"
        ),
    );
    let request = "GET https://source.example.com/assets\nauthorization: Basic reader:{{password}}";
    let repeated = "x-echo: bWFkZS11cC1wYXNzd29yZA==";
    write("01-assets.http", &format!("{request}\n===\n200\n{repeated}\n\n1,web-1\n2,\n3,db-1\n4,grüße\n2,\n"));
    // What breaks another law may well leave other lines.
    if ["nothing", "another-kind", "dropped-elsewhere"].contains(&breaks) {
        write("expected.jsonl", &[("1", "web-1"), ("3", "db-1"), ("4", "grüße")].map(line).concat());
        write("dropped.jsonl", &[2, 5].map(dropped).concat());
    }
    folder
}

/// The line of an asset as the good component brings it.
fn line((key, name): (&str, &str)) -> String {
    let lists = r#""ip_addresses":[],"mac_addresses":[],"open_ports":[],"packages":[],"tags":[],"properties":[]"#;
    let data = format!(r#"{{"name":"{name}","kind":"host",{lists}}}"#);
    format!("{{\"stream\":\"asset\",\"source\":\"broken\",\"key\":\"{key}\",\"archived\":false,\"data\":{data}}}\n")
}

/// The line of a record that the good component drops.
fn dropped(line: u64) -> String {
    let data = format!(r#"{{"stage":"assets","reason":"no-name","location":"line {line}"}}"#);
    format!("{{\"stream\":\"dropped\",\"source\":\"broken\",\"key\":\"2\",\"data\":{data}}}\n")
}

fn broken(report: &Report) -> Vec<&str> {
    report.laws.iter().filter(|law| law.verdict == Verdict::Broken).map(|law| law.id).collect()
}

fn assert_caught(report: &Report, law: &str, case: &str, part: &str) {
    assert_eq!(broken(report), [law], "{case}: {report:#?}");
    let told = |law: &Tried| {
        law.breaches.iter().any(|breach| format!("{breach:?}").contains(&format!("{part:?}")[1..part.len() + 1]))
    };
    assert!(report.laws.iter().any(told), "{case}: {report:#?}");
}
