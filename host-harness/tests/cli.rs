//! The command `harness`, as a person or a script meets it: streams, texts and exit codes.

mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Code, stdout and stderr.
type Ran = (Option<i32>, String, String);

#[test]
fn a_component_that_does_not_fit_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("(module)", "core WebAssembly module", "wasm-tools component new"),
        ("(component)", "the component is empty", "build a connector against connector:contract@0.1.0"),
        (
            r#"(component (import "connector:contract/http@0.2.0" (instance)))"#,
            "speaks connector:contract 0.2.0, and this host speaks 0.1.0",
            "use a host that speaks 0.2.0",
        ),
        (
            r#"(component (import "wasi:sockets/tcp@0.2.6" (instance)))"#,
            "imports wasi:sockets/tcp@0.2.6",
            "the contract's http",
        ),
    ];
    for (text, what, hint) in cases {
        let component = folder.path().join("component.wasm");
        std::fs::write(&component, wat::parse_str(text).unwrap()).unwrap();
        for command in ["inspect", "describe", "conform"] {
            let (code, _, stderr) = harness(&[command, &shown(&component)]);
            assert_eq!(code, Some(6), "{command} {text}: {stderr}");
            let (cause, mend) = stderr.split_once("hint: ").unwrap_or_else(|| panic!("{command} {text}: {stderr}"));
            assert!(cause.contains(what) && mend.contains(hint), "{command} {text}: {stderr}");
        }
    }
}

#[test]
fn what_cannot_be_done_says_so_and_has_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        shown(&folder.path().join(name))
    };
    let csv = shown(&support::built(support::CSV));
    let tenant = file("tenant.toml", &format!("tenant = \"acme\"\ncomponent = \"{csv}\"\nstore = \"a.db\"\n"));
    let secret = "tenant = \"acme\"\n[settings]\napi_key = { env = \"NO_SUCH_VARIABLE_HERE\" }\n";
    let secret = file("secret.toml", secret);
    let private = format!("tenant = \"acme\"\ncomponent = \"{csv}\"\n[network]\nca_file = \"no-such.pem\"\n");
    let private = file("private.toml", &private);
    let scenario = shown(&support::scenarios(support::CSV_SCENARIOS)[0]);
    let cases: &[(&[&str], i32, &str)] = &[
        (&["fly"], 2, "unrecognized subcommand"),
        (&["sync"], 2, "--config <TENANT.TOML>"),
        (&["sync", "--config", "no-such.toml"], 2, "there is no tenant file no-such.toml"),
        (&["test-connectivity", "--config", &private], 3, "no-such.pem"),
        (&["sync", "--config", &tenant, "--password", "x"], 2, "unexpected argument '--password'"),
        (&["sync", "--config", &secret, "--replay", &scenario], 3, "NO_SUCH_VARIABLE_HERE"),
        (&["sync", "--component", &csv, "--replay", &scenario], 2, "add --store FILE"),
        (&["test-connectivity", "--replay", &scenario], 2, "add --component FILE"),
        (&["export", "--config", &tenant], 2, "the first sync creates it"),
        (&["replay", &csv, "no-such-folder"], 2, "there is no scenario no-such-folder"),
        (&["conform", &csv, "no-such-folder"], 2, "there is no scenario no-such-folder"),
        (&["conform", &csv, "--law", "gravity"], 2, "invalid value 'gravity'"),
        (&["inspect", "no-such.wasm"], 2, "there is no component no-such.wasm"),
    ];
    for (args, expected, text) in cases {
        let (code, stdout, stderr) = harness(args);
        assert_eq!(code, Some(*expected), "{args:?}: {stderr}");
        assert!(stderr.contains(text) && stdout.is_empty(), "{args:?}: {stdout}{stderr}");
    }
}

#[test]
fn a_recorded_tenant_is_tested_synced_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let store = shown(&folder.path().join("acme.db"));
    let csv = shown(&support::built(support::CSV));
    let scenario = Path::new(support::CSV_SCENARIOS).join("three-pages");
    let recorded = ["--component", &csv, "--replay", &shown(&scenario)];

    let (code, stdout, stderr) = harness(&[&["test-connectivity", "--json"], &recorded[..]].concat());
    let tested: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, tested["checks"].as_array().map(|checks| checks.is_empty())), (Some(0), Some(false)), "{stderr}");

    let (code, stdout, stderr) = harness(&[&["sync", "--json", "--store", &store], &recorded[..]].concat());
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["ended"], &report["exit_code"]), (Some(0), &"complete".into(), &0.into()), "{stderr}");
    assert_eq!(report["started"]["reason"], "first sync");

    let (code, stdout, stderr) = harness(&["export", "--store", &store]);
    let expected = std::fs::read_to_string(scenario.join("expected.jsonl")).unwrap();
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), expected.as_str(), ""));

    let (code, stdout, _) = harness(&[&["sync", "--store", &store], &recorded[..]].concat());
    assert_eq!(code, Some(0), "{stdout}");
    for text in ["acme: complete", "next sync", "Worst open findings", &format!("harness export --store {store}")] {
        assert!(stdout.contains(text), "{text:?} is missing: {stdout}");
    }
}

#[test]
fn a_replay_finds_what_differs_and_blesses_it() {
    let csv = shown(&support::built(support::CSV));
    let folder = copy_of_three_pages();
    let expected = folder.path().join("expected.jsonl");
    let right = std::fs::read_to_string(&expected).unwrap();
    let first = right.lines().next().unwrap();
    std::fs::write(&expected, right.replacen(&format!("{first}\n"), "", 1)).unwrap();
    let copy = shown(folder.path());

    let (code, stdout, _) = harness(&["replay", &csv, &copy]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("failed") && stdout.contains("unexpected {\"stream\":\"asset\""), "{stdout}");
    let (code, stdout, _) = harness(&["replay", &csv, &copy, "--bless"]);
    assert!(code == Some(0) && stdout.contains("blessed"), "{stdout}");
    assert_eq!(std::fs::read_to_string(&expected).unwrap(), right);
    let (code, stdout, _) = harness(&["replay", &csv, &copy, "--pieces", "1"]);
    assert!(code == Some(0) && stdout.contains("1 scenario, 0 failed"), "{stdout}");

    let settings = folder.path().join("settings.toml");
    let recorded = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{recorded}warns = [\"pages.few\", \"pages.old\"]\n")).unwrap();
    let (code, stdout, _) = harness(&["replay", &csv, &copy, "--bless"]);
    let told = stdout.contains("it should have warned of pages.few and pages.old, and warned of nothing");
    assert!(code == Some(1) && told, "{stdout}");
    std::fs::write(&settings, recorded).unwrap();

    std::fs::write(folder.path().join("99-never.http"), "GET https://scan.example.com/never\n===\n200\n").unwrap();
    let (code, stdout, _) = harness(&["replay", &csv, &copy, "--bless"]);
    assert!(code == Some(1) && stdout.contains("nobody asked for 99-never.http"), "{stdout}");
}

#[test]
fn a_replay_finds_what_was_dropped_otherwise_and_blesses_it() {
    let csv = shown(&support::built(support::CSV));
    let folder = copy_of_three_pages();
    let (copy, dropped) = (shown(folder.path()), folder.path().join("dropped.jsonl"));
    let right = std::fs::read_to_string(&dropped).unwrap();
    for (wrong, told) in [
        (Some(right.replace("line ", "row ")), "missing    {\"stream\":\"dropped\""),
        (None, "unexpected {\"stream\":\"dropped\""),
    ] {
        match &wrong {
            Some(text) => std::fs::write(&dropped, text).unwrap(),
            None => std::fs::remove_file(&dropped).unwrap(),
        }
        let (code, stdout, _) = harness(&["replay", &csv, &copy]);
        let is_told = stdout.contains("dropped.jsonl says otherwise:") && stdout.contains(told);
        assert!(code == Some(1) && is_told && !stdout.contains("expected.jsonl"), "{stdout}");
        let (code, stdout, _) = harness(&["replay", &csv, &copy, "--bless"]);
        assert!(code == Some(0) && stdout.contains("blessed"), "{stdout}");
        assert_eq!(std::fs::read_to_string(&dropped).unwrap(), right);
    }
    let nothing_is_dropped = copy_of("refused-key");
    let dropped = nothing_is_dropped.path().join("dropped.jsonl");
    std::fs::write(&dropped, right).unwrap();
    let (code, stdout, _) = harness(&["replay", &csv, &shown(nothing_is_dropped.path()), "--bless"]);
    assert!(code == Some(0) && stdout.contains("blessed") && !dropped.exists(), "{stdout}");
}

#[test]
fn the_laws_are_tried_and_what_is_broken_is_told() {
    let (csv, folder) = (shown(&support::built(support::CSV)), copy_of_three_pages());
    let scenario = shown(folder.path());
    let (code, stdout, stderr) = harness(&["conform", &csv, &scenario]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.starts_with("acme-scan 0.1.0: 16 laws kept\n1 scenario, "), "{stdout}");
    assert!(stderr.starts_with("the component\n"), "{stderr}");

    let (code, stdout, _) = harness(&["conform", &csv]);
    assert!(code == Some(0) && stdout.contains("not tried: no scenario was named"), "{stdout}");

    std::fs::write(folder.path().join("expected.jsonl"), "").unwrap();
    let (code, stdout, _) = harness(&["conform", &csv, &scenario, "--law", "recording", "--law", "pieces"]);
    assert_eq!(code, Some(1), "{stdout}");
    for text in ["1 law broken, 1 kept", "expected  the lines of expected.jsonl", "unexpected {", "The contract asks"] {
        assert!(stdout.contains(text), "{text:?} is missing: {stdout}");
    }
    let (code, stdout, _) = harness(&["conform", &csv, &scenario, "--law", "recording", "--again", "--json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["exit_code"], &report["scenarios"]), (Some(1), &1.into(), &2.into()));
    assert_eq!(report["laws"][0]["verdict"], "broken", "{report:#}");
}

#[test]
fn an_interrupted_trial_shows_what_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("goes-on-for-ever");
    std::fs::create_dir(&scenario).unwrap();
    write_act(&scenario, "loop");
    let hostile = support::built(support::HOSTILE);
    let (code, stdout, stderr) = interrupted("conform", &[&hostile, &scenario], "goes-on-for-ever");
    assert_eq!(code, Some(130), "{stdout}{stderr}");
    assert!(stderr.contains("press Ctrl-C again") && stdout.contains("not tried before the stop"), "{stdout}{stderr}");
}

#[test]
fn an_interrupted_sync_leaves_a_position_that_the_next_one_goes_on_from() {
    let folder = tempfile::tempdir().unwrap();
    write_act(folder.path(), "wait-for-stop");
    let (hostile, store) = (support::built(support::HOSTILE), folder.path().join("acme.db"));
    let names = ["--component", "--store", "--replay"].map(Path::new);
    let args = [names[0], &hostile, names[1], &store, names[2], folder.path()];
    for reason in ["first sync", "going on from the stored position"] {
        let (code, stdout, stderr) = interrupted("sync", &args, "assets");
        assert_eq!(code, Some(130), "{stdout}{stderr}");
        assert!(stderr.contains("press Ctrl-C again"), "{stderr}");
        for text in [reason, "stopped, and can go on", "run the same command again"] {
            assert!(stdout.contains(text), "{text:?} is missing: {stdout}");
        }
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let csv = shown(&support::built(support::CSV));
    for (color, is_coloured) in [("auto", false), ("always", true), ("never", false)] {
        let (_, stdout, _) = harness(&["inspect", &csv, "--color", color]);
        assert_eq!(stdout.contains('\u{1b}'), is_coloured, "--color {color}");
    }
}

/// Writes a scenario in which the hostile component does something.
fn write_act(folder: &Path, act: &str) {
    let settings =
        format!("tenant = \"acme\"\n[settings]\nact = \"{act}\"\n[replay]\nnow = \"2026-03-02T06:00:00Z\"\n");
    std::fs::write(folder.join("settings.toml"), settings).unwrap();
}

/// A scenario that a test may change.
fn copy_of_three_pages() -> tempfile::TempDir {
    copy_of("three-pages")
}

fn copy_of(scenario: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let recorded = Path::new(support::CSV_SCENARIOS).join(scenario);
    for file in std::fs::read_dir(&recorded).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    folder
}

/// Starts a command, and interrupts it as soon as it has said that it is under way.
fn interrupted(name: &str, args: &[&Path], under_way: &str) -> Ran {
    let mut child = command().arg(name).args(args).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains(under_way) && stderr.read_line(&mut said).unwrap() > 0 {}
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
}

fn harness(args: &[&str]) -> Ran {
    let output = command().args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
    command.env("HARNESS_CACHE_DIR", support::cache()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn shown(path: &Path) -> String {
    PathBuf::from(path).into_os_string().into_string().unwrap()
}
