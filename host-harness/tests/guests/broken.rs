//! A small connector that keeps every law but the one that its setting `breaks` names.
//!
//! ```text
//! GET {url}/assets     key,name      one line for each asset, in the order of their keys
//! ```
//!
//! Each way to break one is a row of a table in the host's tests, with the law that must catch it.

use std::cell::OnceCell;
use std::hint::black_box;
use test_guests::asset;
use test_guests::bindings::connector::contract::model::{Asset, Batch, DroppedRecord, SeenAsset};
use test_guests::bindings::connector::contract::problems::{Problem, ProblemKind};
use test_guests::bindings::connector::contract::{http, log, sink};
use test_guests::bindings::exports::connector::contract::configure::{
    self, Manifest, Origin, Resolved, SecretPlace, SecretSource, SecretUse,
};
use test_guests::bindings::exports::connector::contract::sync::{
    self, DropCount, Ended, Outcome, Request, Stage, Summary,
};
use test_guests::bindings::exports::connector::contract::test_connectivity::{self, Check, CheckStatus};

/// The component.
pub struct Broken;

#[cfg(target_arch = "wasm32")]
test_guests::bindings::export!(Broken with_types_in test_guests::bindings);

thread_local! {
    static SETTINGS: OnceCell<Settings> = const { OnceCell::new() };
}

#[derive(Clone)]
struct Settings {
    url: String,
    user: String,
    breaks: String,
}

const SCHEMA: &str = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["password"],"properties":{
    "url":{"type":"string","title":"Address","x-order":1,"x-help":"Where the source answers."},
    "user":{"type":"string","title":"User","x-order":2,"x-help":"Who signs in."},
    "password":{"type":"string","title":"Password","x-order":3,"x-help":"Of the user.","x-secret":true},
    "breaks":{"type":"string","title":"Breaks","x-order":4,"x-help":"What it does wrong.","default":"nothing"}}}"#;

impl configure::Guest for Broken {
    fn describe() -> Manifest {
        Manifest {
            name: "broken".to_owned(),
            title: "Broken".to_owned(),
            version: "1.0.0".to_owned(),
            settings_schema: SCHEMA.to_owned(),
            secret_uses: vec![SecretUse {
                secret: SecretSource::Setting("password".to_owned()),
                origin: "api".to_owned(),
                place: SecretPlace::BasicPassword,
            }],
            reads: vec!["assets".to_owned()],
            permissions: vec![],
        }
    }

    fn configure(settings: String) -> Result<Resolved, Vec<Problem>> {
        test_guests::report_panics();
        let settings: serde_json::Value = serde_json::from_str(&settings).unwrap_or_default();
        let text = |name: &str| settings[name].as_str().unwrap_or_default().trim().to_owned();
        let settings = Settings { url: text("url"), user: text("user"), breaks: text("breaks") };
        let mut problems = Vec::new();
        if !settings.url.starts_with("https://") {
            problems.push(setting("/url", "the address is not one"));
        }
        if settings.user.is_empty() {
            problems.push(setting("/user", "there is no user"));
        }
        match settings.breaks.as_str() {
            "one-problem-at-a-time" => problems.truncate(1),
            "lost-pointers" => problems.iter_mut().for_each(|problem| problem.field = Some("url".to_owned())),
            _ => {}
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let origin = Origin { name: "api".to_owned(), url: format!("{}:443", settings.url) };
        let account = settings.user.clone();
        SETTINGS.with(|cell| drop(cell.set(settings)));
        Ok(Resolved { origins: vec![origin], account, inactive_after_days: None, fingerprint: String::new() })
    }
}

impl test_connectivity::Guest for Broken {
    fn run() -> Vec<Check> {
        let tried = settings().and_then(|settings| ask(&settings).head().map_err(failed));
        let problem = tried.err();
        let status = if problem.is_none() { CheckStatus::Passed } else { CheckStatus::Failed };
        let message = problem.as_ref().map_or("It answers.".to_owned(), |problem| format!("{}.", problem.message));
        let hint = problem.as_ref().map(|_| "Look at the address.".to_owned());
        let (id, title) = ("assets".to_owned(), "Assets".to_owned());
        vec![Check { id, title, status, required: true, message, hint, problem }]
    }
}

impl sync::Guest for Broken {
    fn run(request: Request) -> Outcome {
        let read = settings().and_then(|settings| Reading::start(settings, request.position.as_deref()));
        let mut reading = match read {
            Ok(reading) => reading,
            Err(problem) => return Counts::default().end(Err(problem)),
        };
        let read = reading.run();
        let outcome = reading.counts.end(read);
        match (reading.settings.breaks.as_str(), outcome.ended) {
            ("no-state", _) => Outcome { state: None, ..outcome },
            ("stop-as-failure", Ended::Stopped) => {
                Outcome { ended: Ended::Failed, problem: Some(cancelled()), ..outcome }
            }
            ("unbalanced", Ended::Complete) => {
                let mut outcome = outcome;
                outcome.summary.stages[0].seen += 1;
                outcome
            }
            ("needless-warning", Ended::Complete) => {
                let mut outcome = outcome;
                outcome.summary.warnings = vec![problem(ProblemKind::Permission, "assets.few", "there may be more")];
                outcome
            }
            ("trap", _) => panic!("it is over"),
            _ => outcome,
        }
    }
}

/// What was read so far; the position is these numbers.
#[derive(Clone, Default)]
struct Counts {
    lines: u64,
    emitted: u64,
    dropped: u64,
}

impl Counts {
    fn read(position: &str) -> Option<Self> {
        let mut numbers = position.split(' ').map(|number| number.parse().ok());
        Some(Self { lines: numbers.next()??, emitted: numbers.next()??, dropped: numbers.next()?? })
    }

    fn position(&self) -> String {
        format!("{} {} {}", self.lines, self.emitted, self.dropped)
    }

    fn end(&self, read: Result<(), Problem>) -> Outcome {
        let (ended, problem) = match read {
            Ok(()) => (Ended::Complete, None),
            Err(problem) if problem.kind == ProblemKind::Cancelled => (Ended::Stopped, None),
            Err(problem) => (Ended::Failed, Some(problem)),
        };
        let dropped = DropCount { reason: "no-name".to_owned(), count: self.dropped };
        let stage = Stage {
            name: "assets".to_owned(),
            lists_assets: true,
            finished: ended == Ended::Complete,
            seen: self.emitted + self.dropped,
            emitted: self.emitted,
            unchanged: 0,
            dropped: [dropped].into_iter().filter(|dropped| dropped.count > 0).collect(),
        };
        let summary = Summary { stages: vec![stage], warnings: vec![], source_counts: vec![] };
        let state = (ended == Ended::Complete).then(String::new);
        Outcome { ended, summary, problem, state }
    }
}

struct Reading {
    settings: Settings,
    /// As they stand in the position that was committed last.
    counts: Counts,
    hoard: Vec<u8>,
}

impl Reading {
    fn start(settings: Settings, position: Option<&str>) -> Result<Self, Problem> {
        let counts = match position.map(Counts::read) {
            None => Counts::default(),
            Some(Some(counts)) => counts,
            Some(None) if settings.breaks == "position-ignored" => Counts::default(),
            Some(None) => return Err(problem(ProblemKind::Protocol, "position.unreadable", "reading the position")),
        };
        let bytes = if settings.breaks == "hoard" { 40 << 20 } else { 0 };
        Ok(Self { settings, counts, hoard: black_box(vec![1; bytes]) })
    }

    fn breaks(&self, what: &str) -> bool {
        self.settings.breaks == what
    }

    fn run(&mut self) -> Result<(), Problem> {
        let exchange = ask(&self.settings);
        let head = exchange.head().map_err(failed)?;
        let echo = head.headers.into_iter().find(|header| header.name == "x-echo");
        if let Some(echo) = echo.filter(|_| self.breaks("log-what-is-repeated")) {
            log::write(log::Level::Info, &echo.value, &[]);
        }
        let (mut rest, mut number) = (Vec::new(), 0);
        loop {
            let piece = exchange.read(1 << 16).map_err(failed)?;
            let is_over = piece.is_empty();
            // The last line may have no end of its own.
            rest.extend(if is_over { b"\n".to_vec() } else { piece });
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                self.line(number, &String::from_utf8_lossy(&line[..end]))?;
                number += 1;
            }
            if self.breaks("lines-in-one-piece") {
                rest.clear();
            }
            if is_over {
                black_box(&self.hoard);
                return Ok(());
            }
        }
    }

    /// One line, one commit; those before the position were committed by an attempt before.
    fn line(&mut self, number: u64, line: &str) -> Result<(), Problem> {
        let Some((key, name)) = line.split_once(',').filter(|_| number >= self.counts.lines) else { return Ok(()) };
        let mut counts = Counts { lines: number + 1, ..self.counts.clone() };
        let mut batch = no_records();
        if name.is_empty() {
            counts.dropped += 1;
            batch.dropped = vec![dropped(key, number + 1)];
        } else {
            counts.emitted += 1;
            batch.assets = vec![self.asset(key, name)?];
        }
        match self.settings.breaks.as_str() {
            "no-lines-of-dropped" => batch.dropped.clear(),
            "dropped-alike" => batch.dropped.iter_mut().for_each(|dropped| dropped.location = None),
            "dropped-elsewhere" => {
                batch.dropped.iter_mut().for_each(|dropped| dropped.location = Some(format!("line {number}")))
            }
            "uncounted-asset" => batch.assets.push(asset("99", "from elsewhere")),
            "unsorted" => batch.assets.iter_mut().for_each(|asset| asset.ip_addresses = addresses()),
            "no-name" => batch.assets.iter_mut().for_each(|asset| asset.name.clear()),
            "another-kind" => batch.assets.iter_mut().for_each(|asset| asset.kind = "thing".to_owned()),
            _ => {}
        }
        let position = match self.settings.breaks.as_str() {
            "counts-not-kept" => Counts { emitted: 0, ..counts.clone() }.position(),
            _ => counts.position(),
        };
        self.counts = counts;
        go_on(sink::commit(&batch, Some(&position)).directive)
    }

    /// An asset; one way to break a law asks first whether the host has it, and sends another when it has.
    fn asset(&self, key: &str, name: &str) -> Result<Asset, Problem> {
        let asset = asset(key, name);
        if !self.breaks("rows-by-receipt") {
            return Ok(asset);
        }
        let seen_assets = vec![SeenAsset { key: asset.key.clone(), digest: asset.digest }];
        let receipt = sink::commit(&Batch { seen_assets, ..no_records() }, None);
        go_on(receipt.directive)?;
        let again = if receipt.stale_assets.is_empty() { " again" } else { "" };
        Ok(Asset { name: format!("{name}{again}"), ..asset })
    }
}

fn settings() -> Result<Settings, Problem> {
    let missing = || problem(ProblemKind::Protocol, "configure.missing", "this instance was not configured");
    SETTINGS.with(|settings| settings.get().cloned()).ok_or_else(missing)
}

fn ask(settings: &Settings) -> http::Exchange {
    let password = http::Value::Setting("password".to_owned());
    http::send(&http::Request {
        method: "GET".to_owned(),
        url: format!("{}/assets", settings.url),
        headers: vec![],
        basic: Some(http::Basic { username: settings.user.clone(), password }),
        body: None,
        lane: None,
        first_byte_ms: None,
        total_ms: None,
    })
}

fn go_on(directive: sink::Directive) -> Result<(), Problem> {
    match directive {
        sink::Directive::Proceed => Ok(()),
        sink::Directive::Stop => Err(cancelled()),
    }
}

fn failed(failure: http::Failure) -> Problem {
    match failure.kind {
        http::FailureKind::Cancelled => cancelled(),
        _ => problem(ProblemKind::Unavailable, &failure.code, &failure.message),
    }
}

fn cancelled() -> Problem {
    problem(ProblemKind::Cancelled, "cancelled", "the host said stop")
}

fn setting(field: &str, message: &str) -> Problem {
    Problem { field: Some(field.to_owned()), ..problem(ProblemKind::Settings, "settings", message) }
}

fn problem(kind: ProblemKind, code: &str, message: &str) -> Problem {
    let (code, message) = (code.to_owned(), message.to_owned());
    Problem { kind, code, message, hint: None, field: None, retry_after_secs: None }
}

fn dropped(key: &str, line: u64) -> DroppedRecord {
    let (stage, key, reason) = ("assets".to_owned(), key.to_owned(), "no-name".to_owned());
    DroppedRecord { stage, key, reason, location: Some(format!("line {line}")) }
}

fn addresses() -> Vec<String> {
    ["192.0.2.2", "192.0.2.1"].map(str::to_owned).to_vec()
}

fn no_records() -> Batch {
    let (assets, vulnerabilities, findings) = Default::default();
    let (seen_assets, complete_assets, dropped) = Default::default();
    Batch { assets, vulnerabilities, findings, seen_assets, complete_assets, dropped }
}
