//! A whole connector for a made-up product, Acme Scan: CSV over HTTP, with an API key in a header.
//!
//! ```text
//! GET {url}/assets.csv?page=1     id,name,ip,os                        x-next-page: 2, absent on the last page
//! GET {url}/findings.csv?page=1   asset,rule,title,score,status,seen   all findings of the assets of that page
//! ```
//!
//! Fields hold no comma and no quote; `seen` is in seconds since 1970.
//! This file tells what the connector is and tries the way to the source; `sync.rs` reads it, `rows.rs` maps it.
//! It never waits, holds no page and sees no secret.

mod lines;
mod rows;
mod sync;

use serde_json::{Value, json};
use std::cell::OnceCell;
use test_guests::bindings::connector::contract::http;
use test_guests::bindings::connector::contract::problems::{Problem, ProblemKind};
use test_guests::bindings::exports::connector::contract::configure::{
    Guest, Manifest, Origin, Resolved, SecretPlace, SecretSource, SecretUse,
};
use test_guests::bindings::exports::connector::contract::sync::{Guest as Sync, Outcome, Request};
use test_guests::bindings::exports::connector::contract::test_connectivity::{
    Check, CheckStatus, Guest as Connectivity,
};

thread_local! {
    /// Where the source is, once `configure` has said so; without a slash at its end.
    static URL: OnceCell<String> = const { OnceCell::new() };
}

/// The connector.
pub struct Acme;

#[cfg(target_arch = "wasm32")]
test_guests::bindings::export!(Acme with_types_in test_guests::bindings);

impl Guest for Acme {
    fn describe() -> Manifest {
        Manifest {
            name: "acme-scan".to_owned(),
            title: "Acme Scan".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings_schema: schema().to_string(),
            secret_uses: vec![SecretUse {
                secret: SecretSource::Setting("api_key".to_owned()),
                origin: "api".to_owned(),
                place: SecretPlace::Header("x-api-key".to_owned()),
            }],
            reads: vec!["assets, and the findings on them".to_owned()],
            permissions: vec!["an API key with the scope `read`".to_owned()],
        }
    }

    fn configure(settings: String) -> Result<Resolved, Vec<Problem>> {
        test_guests::report_panics();
        let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
        let url = settings["url"].as_str().unwrap_or_default().trim().trim_end_matches('/');
        let mut problems = Vec::new();
        if settings["api_key"].is_null() {
            problems.push(setting("api_key", "there is no API key", "Create one under Settings, API keys."));
        }
        let origin = origin(url);
        if origin.is_none() {
            problems.push(setting("url", "the address is not a URL", "Write it as https://scan.example.com."));
        }
        let Some(origin) = origin.filter(|_| problems.is_empty()) else { return Err(problems) };
        URL.with(|known| known.set(url.to_owned())).ok();
        Ok(Resolved {
            origins: vec![Origin { name: "api".to_owned(), url: origin }],
            account: url.to_owned(), // Acme counts calls by installation, whatever the key
            inactive_after_days: None,
            fingerprint: url.to_owned(),
        })
    }
}

impl Connectivity for Acme {
    fn run() -> Vec<Check> {
        if let Err(problem) = configured() {
            return vec![failed_check("settings", "Settings", problem)];
        }
        let assets = try_one("assets", "Assets", None);
        let findings = try_one("findings", "Findings", Some(&assets));
        vec![assets, findings]
    }
}

impl Sync for Acme {
    fn run(request: Request) -> Outcome {
        match configured() {
            Ok(()) => sync::run(&request),
            Err(problem) => sync::refused(problem),
        }
    }
}

/// Whether `configure` has said where the source is: without it, nobody may be asked.
fn configured() -> Result<(), Problem> {
    let is_configured = URL.with(|url| url.get().is_some());
    let message = "this instance was not configured before its run";
    is_configured.then_some(()).ok_or_else(|| problem(ProblemKind::Protocol, "configure.missing", message))
}

/// The form a person fills in.
fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "url": {
                "type": "string", "title": "Address", "x-order": 1,
                "x-help": "Where your Acme Scan answers, such as `https://scan.example.com`.",
            },
            "api_key": {
                "type": "string", "title": "API key", "x-order": 2, "x-secret": true,
                "x-help": "A key with the scope `read`.",
            },
        },
        "required": ["url"],
    })
}

/// `scheme://host:port` of an address, or nothing when it is not one.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let authority = rest.split('/').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, given)) if !given.ends_with(']') => (host, given.parse::<u16>().ok()?),
        _ => (authority, port),
    };
    let is_plain = !host.is_empty() && !rest.contains(['@', '?', '#', ' ']);
    is_plain.then(|| format!("{scheme}://{host}:{port}"))
}

fn setting(name: &str, message: &str, hint: &str) -> Problem {
    let code = format!("settings.{}", name.replace('_', "-"));
    let field = Some(format!("/{name}"));
    Problem { hint: Some(hint.to_owned()), field, ..problem(ProblemKind::Settings, &code, message) }
}

fn problem(kind: ProblemKind, code: &str, message: &str) -> Problem {
    let (code, message) = (code.to_owned(), message.to_owned());
    Problem { kind, code, message, hint: None, field: None, retry_after_secs: None }
}

/// Asks for one page of one file; the host fills in the key.
fn ask(file: &str, page: u32) -> http::Exchange {
    let url = URL.with(|url| url.get().cloned().unwrap_or_default());
    let key = http::Value::Setting("api_key".to_owned());
    http::send(&http::Request {
        method: "GET".to_owned(),
        url: format!("{url}/{file}.csv?page={page}"),
        headers: vec![http::Header { name: "x-api-key".to_owned(), prefix: String::new(), value: key }],
        basic: None,
        body: None,
        lane: None,
        first_byte_ms: Some(30_000),
        total_ms: None,
    })
}

/// Waits for the head of an answer and judges its status.
fn head(exchange: &http::Exchange) -> Result<http::Head, Problem> {
    let head = exchange.head().map_err(failed)?;
    let status = format!("the answer has status {}", head.status);
    match head.status {
        200 => Ok(head),
        401 | 403 => Err(Problem {
            hint: Some("Check the API key and its scope.".to_owned()),
            ..problem(ProblemKind::Credentials, "credentials.refused", &status)
        }),
        429 | 500..=599 => Err(problem(ProblemKind::Unavailable, "source.unavailable", &status)),
        _ => Err(problem(ProblemKind::Protocol, "source.status", &status)),
    }
}

fn failed(failure: http::Failure) -> Problem {
    let kind = match failure.kind {
        http::FailureKind::Cancelled => ProblemKind::Cancelled,
        http::FailureKind::Refused | http::FailureKind::TooLarge => ProblemKind::Protocol,
        http::FailureKind::Unreachable | http::FailureKind::TimedOut | http::FailureKind::Cut => {
            ProblemKind::Unavailable
        }
    };
    problem(kind, &failure.code, &failure.message)
}

/// Looks at the head of a file's first page, unless what it depends on did not pass.
fn try_one(file: &str, title: &str, after: Option<&Check>) -> Check {
    let (status, message) = match after.filter(|check| check.status != CheckStatus::Passed) {
        Some(check) => (CheckStatus::Skipped, format!("Not tried, because {} failed.", check.id)),
        None => match head(&ask(file, 1)) {
            Ok(_) => (CheckStatus::Passed, format!("{title} can be read.")),
            Err(problem) => return failed_check(file, title, problem),
        },
    };
    let (id, title) = (file.to_owned(), title.to_owned());
    Check { id, title, status, required: true, message, hint: None, problem: None }
}

fn failed_check(id: &str, title: &str, problem: Problem) -> Check {
    let message = format!("{title}: {}.", problem.message);
    let hint = problem.hint.clone().unwrap_or_else(|| "Try again later.".to_owned());
    let (id, title, status) = (id.to_owned(), title.to_owned(), CheckStatus::Failed);
    Check { id, title, status, required: true, message, hint: Some(hint), problem: Some(problem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_always_gives_its_port() {
        let cases = [
            ("https://scan.example.com", Some("https://scan.example.com:443")),
            ("http://127.0.0.1:8080/acme", Some("http://127.0.0.1:8080")),
            ("http://[::1]/acme", Some("http://[::1]:80")),
            ("scan.example.com", None),
            ("ftp://scan.example.com", None),
            ("https://", None),
            ("https://me@scan.example.com", None),
            ("https://scan.example.com:port", None),
        ];
        for (url, expected) in cases {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let problems = Acme::configure(r#"{"url":"scan"}"#.to_owned()).expect_err("nothing is right");
        let fields: Vec<_> = problems.iter().filter_map(|problem| problem.field.as_deref()).collect();
        assert_eq!(fields, ["/api_key", "/url"]);
    }
}
