//! The component's face: what it exports, and the ports over what it imports.
//!
//! Nothing is decided here. It exists only in the component, because the exported names are no legal symbols elsewhere.

use crate::bindings::connector::contract::problems::{Problem, ProblemKind};
use crate::bindings::connector::contract::{clock, http, log, model, sink};
use crate::bindings::exports::connector::contract::configure::{self, Manifest, Resolved};
use crate::bindings::exports::connector::contract::sync::{self, Ended, Outcome, Request, Summary};
use crate::bindings::exports::connector::contract::test_connectivity::{self, Check, CheckStatus};
use crate::{connectivity, manifest, ports, settings::Settings};
use std::{panic, sync::OnceLock};

/// Letters of a panic's own text that are logged; it may quote what the source sent.
const PANIC_TEXT_MAX: usize = 200;

/// The settings of this instance, which serves one tenant and one run.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// The allocator that is there anyway: named, it is called directly, which made a component three per cent faster.
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

/// What is exported.
struct Connector;

crate::bindings::export!(Connector with_types_in crate::bindings);

impl configure::Guest for Connector {
    fn describe() -> Manifest {
        report_panics();
        manifest::manifest()
    }

    fn configure(settings: String) -> Result<Resolved, Vec<Problem>> {
        report_panics();
        let settings = Settings::parse(&settings)?;
        let resolved = settings.resolved();
        match SETTINGS.set(settings) {
            Ok(()) => Ok(resolved),
            Err(_) => Err(vec![misuse("configure.twice", "this instance was configured before")]),
        }
    }
}

impl test_connectivity::Guest for Connector {
    fn run() -> Vec<Check> {
        match SETTINGS.get() {
            Some(settings) => connectivity::run(&Host, settings),
            None => vec![unconfigured_check()],
        }
    }
}

impl sync::Guest for Connector {
    fn run(request: Request) -> Outcome {
        match SETTINGS.get() {
            Some(settings) => crate::sync::run(&Host, settings, &request),
            None => unconfigured_outcome(),
        }
    }
}

fn unconfigured() -> Problem {
    misuse("configure.missing", "this instance was not configured before its run")
}

fn unconfigured_check() -> Check {
    let problem = unconfigured();
    Check {
        id: "configured".into(),
        title: "Settings were handed over".into(),
        status: CheckStatus::Failed,
        required: true,
        message: "This instance was not configured before its run.".into(),
        hint: problem.hint.clone(),
        problem: Some(problem),
    }
}

fn unconfigured_outcome() -> Outcome {
    let summary = Summary { stages: Vec::new(), warnings: Vec::new(), source_counts: Vec::new() };
    Outcome { ended: Ended::Failed, summary, problem: Some(unconfigured()), state: None }
}

/// The host broke a law of the contract.
fn misuse(code: &str, message: &str) -> Problem {
    Problem {
        kind: ProblemKind::Protocol,
        code: code.into(),
        message: message.into(),
        hint: Some("The host calls configure exactly once on every instance, before its one run.".into()),
        field: None,
        retry_after_secs: None,
    }
}

/// A panic ends as a trap that says nothing, so the hook says it before; std's own would write to a standard error that is not there.
fn report_panics() {
    panic::set_hook(Box::new(|panic| {
        let said: String = panic.payload_as_str().unwrap_or_default().chars().take(PANIC_TEXT_MAX).collect();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        ports::Log::write(&Host, log::Level::Error, &format!("the connector panicked: {said}"), &[("place", &place)]);
    }));
}

/// The world as the host's imports give it.
struct Host;

impl ports::Http for Host {
    type Exchange = http::Exchange;
    type Kept = http::Secret;

    fn send(&self, request: &http::Request<'_>) -> http::Exchange {
        http::send(request)
    }

    fn send_kept<'a>(
        &self,
        mut request: http::Request<'a>,
        (name, prefix): (&str, &str),
        kept: &'a http::Secret,
    ) -> http::Exchange {
        request.headers.push(http::Header { name: name.into(), prefix: prefix.into(), value: http::Value::Kept(kept) });
        http::send(&request)
    }

    fn ready(&self, exchanges: &[&http::Exchange]) -> usize {
        http::ready(exchanges) as usize
    }

    fn head(&self, exchange: &http::Exchange) -> Result<http::Head, http::Failure> {
        exchange.head()
    }

    fn read(&self, exchange: &http::Exchange, bytes_max: u32) -> Result<Vec<u8>, http::Failure> {
        exchange.read(bytes_max)
    }

    fn keep(&self, exchange: &http::Exchange) -> Result<http::Secret, http::Failure> {
        exchange.keep()
    }

    fn pace(&self, lane: &str, allowance: &http::Allowance) {
        http::pace(lane, allowance);
    }
}

impl ports::Sink for Host {
    fn commit(&self, batch: &model::Batch, position: Option<&str>) -> sink::Receipt {
        sink::commit(batch, position)
    }

    fn progress(&self, progress: &sink::StageProgress) -> sink::Directive {
        sink::progress(progress)
    }
}

impl ports::Clock for Host {
    fn now(&self) -> model::EpochSecs {
        clock::now()
    }
}

impl ports::Log for Host {
    fn write(&self, level: log::Level, message: &str, fields: &[(&str, &str)]) {
        let field = |(name, value): &(&str, &str)| log::Field { name: (*name).into(), value: (*value).into() };
        log::write(level, message, &fields.iter().map(field).collect::<Vec<_>>());
    }
}
