//! A component that does what its setting `act` says, mostly something that no connector may do.
//!
//! One component serves many tests; each act is one row of a table in the host's tests, with the outcome it must get.

use std::hint::black_box;
use test_guests::bindings::connector::contract::problems::{Problem, ProblemKind};
use test_guests::bindings::connector::contract::{http, log, model, sink};
use test_guests::bindings::exports::connector::contract::configure::{self, Manifest, Origin, Resolved};
use test_guests::bindings::exports::connector::contract::sync::{self, Ended, Outcome, Request, Stage, Summary};
use test_guests::bindings::exports::connector::contract::test_connectivity::{self, Check};

/// The component; it carries out what `configure` was told.
pub struct Hostile;

#[cfg(target_arch = "wasm32")]
test_guests::bindings::export!(Hostile with_types_in test_guests::bindings);

thread_local! {
    static ACT: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

const ORIGIN: &str = "https://source.example.com:443";
const SCHEMA: &str = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
    "act":{"type":"string","title":"Act","x-order":1,"x-help":"What to do."},
    "password":{"type":"string","title":"Password","x-order":2,"x-help":"Declared for no use.","x-secret":true}}}"#;

impl configure::Guest for Hostile {
    fn describe() -> Manifest {
        Manifest {
            name: "hostile".to_owned(),
            title: "Hostile".to_owned(),
            version: "1.0.0".to_owned(),
            settings_schema: SCHEMA.to_owned(),
            secret_uses: vec![],
            reads: vec![],
            permissions: vec![],
        }
    }

    fn configure(settings: String) -> Result<Resolved, Vec<Problem>> {
        test_guests::report_panics();
        let settings: serde_json::Value = serde_json::from_str(&settings).unwrap_or_default();
        let act = settings["act"].as_str().unwrap_or_default().to_owned();
        if act == "loop-in-configure" {
            forever();
        }
        ACT.set(act);
        Ok(Resolved {
            origins: vec![Origin { name: "api".to_owned(), url: ORIGIN.to_owned() }],
            account: "nobody".to_owned(),
            inactive_after_days: None,
            fingerprint: String::new(),
        })
    }
}

impl test_connectivity::Guest for Hostile {
    fn run() -> Vec<Check> {
        forever()
    }
}

impl sync::Guest for Hostile {
    fn run(_: Request) -> Outcome {
        match ACT.take().as_str() {
            "good" => good(),
            "loop" => forever(),
            "hoard-and-loop" => hoard(|| forever()),
            "hoard-and-abort" => hoard(|| std::process::abort()),
            "recurse" => ended(Ended::Complete, black_box(recurse)(1)),
            "panic" => panic!("the source said nothing"),
            "read-the-clock" => ended(Ended::Complete, std::time::SystemTime::now() > std::time::UNIX_EPOCH),
            "batch-of-too-many" => commit(vec![asset("1"); 5_001], None),
            "batch-of-too-much" => commit(vec![model::Asset { os: Some("x".repeat(5 << 20)), ..asset("1") }], None),
            "empty-key" => commit(vec![asset("")], None),
            "long-key" => commit(vec![asset(&"k".repeat(513))], None),
            "nan-score" => nan_score(),
            "position-too-large" => commit(vec![], Some("p".repeat((256 << 10) + 1))),
            "state-too-large" => Outcome { state: Some("s".repeat((1 << 20) + 1)), ..done() },
            "no-state" => Outcome { state: None, ..done() },
            "no-problem" => Outcome { ended: Ended::Failed, state: None, ..done() },
            "stop-unasked" => Outcome { ended: Ended::Stopped, state: None, ..done() },
            "unbalanced" => summary(vec![Stage { seen: 2, ..stage("assets") }]),
            "two-listings" => summary(vec![stage("assets"), stage("more-assets")]),
            "other-origin" => ask("https://elsewhere.example.com/", http::Value::Text(String::new())),
            "undeclared-secret" => ask("https://source.example.com/", http::Value::Setting("password".to_owned())),
            "many-exchanges" => many_exchanges(),
            "flood-the-log" => flood_the_log(),
            "wait-for-stop" => after_stop(|| drop(sink::commit(&batch(vec![]), Some("here")))),
            "send-after-stop" => after_stop(|| drop(send("https://source.example.com/", vec![]))),
            "commit-after-stop" => after_stop(|| (0..2).for_each(|_| drop(sink::commit(&batch(vec![]), None)))),
            "complete-after-stop" => after_stop_with(done(), || ()),
            "loop-after-stop" => after_stop(|| forever()),
            "call-after-stop" => after_stop(|| {
                loop {
                    sink::progress(&progress(0));
                }
            }),
            act => panic!("there is no act {act:?}"),
        }
    }
}

/// Behaves: ten steps, each of some work and a commit, so that others come to run in between.
fn good() -> Outcome {
    for step in 0..10_u64 {
        black_box((0..2_000_000_u64).fold(0, |sum, turn| black_box(sum + turn)));
        let key = format!("asset-{step}");
        let vulnerability = vulnerability(5.0);
        let batch = model::Batch {
            findings: vec![finding(&key, &vulnerability.key)],
            vulnerabilities: vec![vulnerability],
            ..batch(vec![asset(&key)])
        };
        let receipt = sink::commit(&batch, Some(&step.to_string()));
        let directive = sink::progress(&progress(step + 1));
        if [receipt.directive, directive].contains(&sink::Directive::Stop) {
            return Outcome { ended: Ended::Stopped, state: None, ..done() };
        }
    }
    summary(vec![Stage { seen: 10, emitted: 10, ..stage("assets") }])
}

fn forever() -> ! {
    loop {
        black_box(());
    }
}

/// Takes memory until no more is given.
fn hoard(then: fn() -> Outcome) -> Outcome {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    let mut block = Vec::new();
    while block.try_reserve_exact(1 << 20).is_ok() {
        block.resize(1 << 20, 1);
        hoard.push(std::mem::take(&mut block));
    }
    black_box(&hoard);
    then()
}

fn recurse(depth: u64) -> u64 {
    if depth == 0 { 0 } else { black_box(recurse)(black_box(depth + 1)) + 1 }
}

fn nan_score() -> Outcome {
    sink::commit(&model::Batch { vulnerabilities: vec![vulnerability(f64::NAN)], ..batch(vec![]) }, None);
    done()
}

/// Asks once, and fails with the code of the failure.
fn ask(url: &str, value: http::Value<'_>) -> Outcome {
    let header = http::Header { name: "x-note".to_owned(), prefix: String::new(), value };
    match send(url, vec![header]).head() {
        Ok(_) => done(),
        Err(failure) => failed(&failure.code, &failure.message),
    }
}

fn many_exchanges() -> Outcome {
    let exchanges: Vec<_> = (0..65).map(|n| send(&format!("https://source.example.com/{n}"), vec![])).collect();
    ended(Ended::Complete, exchanges)
}

fn flood_the_log() -> Outcome {
    log::write(log::Level::Info, &"long ".repeat(2_000), &[]);
    (0..11_000).for_each(|_| log::write(log::Level::Info, "again", &[]));
    done()
}

/// Waits for the host to say stop, misbehaves, and returns as if it had not.
fn after_stop(misbehave: fn()) -> Outcome {
    after_stop_with(Outcome { ended: Ended::Stopped, state: None, ..done() }, misbehave)
}

fn after_stop_with(outcome: Outcome, misbehave: fn()) -> Outcome {
    while sink::progress(&progress(0)) == sink::Directive::Proceed {}
    misbehave();
    outcome
}

fn commit(assets: Vec<model::Asset>, position: Option<String>) -> Outcome {
    sink::commit(&batch(assets), position.as_deref());
    done()
}

fn done() -> Outcome {
    summary(vec![stage("assets")])
}

fn ended<T>(ended: Ended, used: T) -> Outcome {
    black_box(used);
    Outcome { ended, ..done() }
}

fn summary(stages: Vec<Stage>) -> Outcome {
    let summary = Summary { stages, warnings: vec![], source_counts: vec![] };
    Outcome { ended: Ended::Complete, summary, problem: None, state: Some(String::new()) }
}

fn failed(code: &str, message: &str) -> Outcome {
    let (code, message) = (code.to_owned(), message.to_owned());
    let kind = ProblemKind::Protocol;
    let problem = Problem { kind, code, message, hint: None, field: None, retry_after_secs: None };
    Outcome { ended: Ended::Failed, problem: Some(problem), state: None, ..done() }
}

fn stage(name: &str) -> Stage {
    let (name, dropped) = (name.to_owned(), vec![]);
    Stage { name, lists_assets: true, finished: true, seen: 0, emitted: 0, unchanged: 0, dropped }
}

fn progress(seen: u64) -> sink::StageProgress {
    sink::StageProgress { stage: "assets".to_owned(), seen, expected: None }
}

fn send(url: &str, headers: Vec<http::Header<'_>>) -> http::Exchange {
    let (method, url) = ("GET".to_owned(), url.to_owned());
    http::send(&http::Request {
        method,
        url,
        headers,
        basic: None,
        body: None,
        lane: None,
        first_byte_ms: None,
        total_ms: None,
    })
}

fn batch(assets: Vec<model::Asset>) -> model::Batch {
    let (vulnerabilities, findings) = Default::default();
    let (seen_assets, complete_assets, dropped) = Default::default();
    model::Batch { assets, vulnerabilities, findings, seen_assets, complete_assets, dropped }
}

fn asset(key: &str) -> model::Asset {
    test_guests::asset(key, "somebody")
}

fn vulnerability(score: f64) -> model::Vulnerability {
    model::Vulnerability {
        key: "hostile:1".to_owned(),
        kind: model::VulnerabilityKind::Vulnerability,
        title: "A weakness".to_owned(),
        description: None,
        score: Some(score),
        cvss: None,
        cves: vec![],
        fix: None,
        properties: vec![],
    }
}

fn finding(asset_key: &str, vulnerability_key: &str) -> model::Finding {
    model::Finding {
        asset_key: asset_key.to_owned(),
        vulnerability_key: vulnerability_key.to_owned(),
        port: None,
        protocol: None,
        status: model::FindingStatus::Vulnerable,
        score: None,
        first_seen: None,
        last_seen: None,
        evidence: None,
        packages: vec![],
        properties: vec![],
    }
}
