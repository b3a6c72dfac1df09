//! `test-connectivity`: every check that was made, as text and as one object.

use super::args::TestConnectivity;
use super::place::{Names, Place};
use super::progress::Progress;
use super::report::{self, Ended, Note};
use super::{exit, out, stopping, text};
use console::{Style, style};
use host_harness::bindings::configure::Manifest;
use host_harness::bindings::test_connectivity::{Check, CheckStatus};
use host_harness::outcome::Verdict;
use host_harness::stop::{Reason, Stop};
use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;

/// Tries what a sync would need, and shows what was found.
pub async fn run(args: &TestConnectivity, verbosity: u8) -> anyhow::Result<u8> {
    let place = Place::find(&args.source)?;
    let (progress, stop) = (Arc::new(Progress::on_stderr(verbosity)), Stop::new());
    stopping::listen(stop.clone(), progress.clone(), &stopping::TRIAL)?;
    let manifest = place.connector.describe().await?;
    let ended = place.connector.test_connectivity(&place.tenant, &place.world(&stop, &progress)).await;
    progress.end();
    place.say_unanswered();
    let interrupted = stop.reason() == Some(&Reason::Interrupted);
    let tested = Tested::new(&place.tenant.name, &manifest, &ended?.verdict, interrupted);
    let names = Names::of(&args.source, &None);
    if args.json {
        out::json(&tested)?
    } else {
        out::text(&text(&tested, &names))?
    }
    Ok(tested.exit_code)
}

/// What a connectivity test found.
#[derive(Debug, Serialize)]
pub struct Tested {
    /// Whose settings were tried.
    pub tenant: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's version.
    pub version: String,
    /// What the process answers.
    pub exit_code: u8,
    /// Why there are no checks; empty when there are.
    pub problems: Vec<Note>,
    /// What was tried, in the order of dependence.
    pub checks: Vec<Tried>,
}

impl Tested {
    fn new(tenant: &str, manifest: &Manifest, verdict: &Verdict<Vec<Check>>, interrupted: bool) -> Self {
        let (_, problems) = report::ending(verdict, |_| (Ended::Complete, Vec::new()));
        let checks = match verdict {
            Verdict::Returned(checks) => checks.iter().map(Tried::from).collect(),
            _ => Vec::new(),
        };
        let exit_code = exit::of(verdict, |checks| exit::of_checks(checks, interrupted));
        let (connector, version) = (manifest.name.clone(), manifest.version.clone());
        Self { tenant: tenant.to_owned(), connector, version, exit_code, problems, checks }
    }
}

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Tried {
    id: String,
    title: String,
    status: &'static str,
    required: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Note>,
}

impl From<&Check> for Tried {
    fn from(check: &Check) -> Self {
        let problem = check.problem.as_ref();
        Self {
            id: text::line(&check.id),
            title: text::line(&check.title),
            status: status(check.status),
            required: check.required,
            message: text::line(&check.message),
            hint: check.hint.as_deref().map(text::line),
            problem: problem.map(Note::from),
        }
    }
}

fn status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "passed",
        CheckStatus::Warned => "warned",
        CheckStatus::Failed => "failed",
        CheckStatus::Skipped => "skipped",
    }
}

/// Lines for people.
pub fn text(tested: &Tested, names: &Names) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, tested, names);
    out
}

fn write(out: &mut String, tested: &Tested, names: &Names) -> std::fmt::Result {
    writeln!(out, "{}: {} {}\n", style(&tested.tenant).bold(), tested.connector, tested.version)?;
    for note in &tested.problems {
        let field = note.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
        writeln!(out, "  {}  {field}{}", style("failed ").red().bold(), note.message)?;
        hint(out, note.hint.as_deref())?;
    }
    let columns = tested.checks.iter().map(|check| console::measure_text_width(&check.title)).max().unwrap_or(0);
    for check in &tested.checks {
        let title = console::pad_str(&check.title, columns, console::Alignment::Left, None);
        writeln!(out, "  {}  {title}  {}", look(check.status).apply_to(format!("{:<7}", check.status)), check.message)?;
        hint(out, check.hint.as_deref())?;
    }
    let next = match tested.exit_code {
        exit::COMPLETE => format!("what was tried works: harness sync {}{}", names.source, names.store_needed()),
        _ => "mend what failed, then test again".to_owned(),
    };
    writeln!(out, "\n{}", style(next).bold())
}

fn hint(out: &mut String, hint: Option<&str>) -> std::fmt::Result {
    hint.map_or(Ok(()), |hint| writeln!(out, "           {hint}"))
}

fn look(status: &str) -> Style {
    match status {
        "passed" => Style::new().green(),
        "warned" => Style::new().yellow(),
        "failed" => Style::new().red().bold(),
        _ => Style::new().dim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_harness::bindings::problems::Problem;
    use host_harness::bindings::problems::ProblemKind;

    fn tested() -> Tested {
        let check = |title: &str, status, message: &str, hint: Option<&str>| Check {
            id: title.to_lowercase(),
            title: title.into(),
            status,
            required: true,
            message: message.into(),
            hint: hint.map(str::to_owned),
            problem: None,
        };
        let problem = Problem {
            kind: ProblemKind::Credentials,
            code: "sign-in.refused".into(),
            message: "signing in".into(),
            hint: None,
            field: Some("/password".into()),
            retry_after_secs: None,
        };
        let mut checks = [
            check("Address", CheckStatus::Passed, "It is one.", None),
            check("Sign-in", CheckStatus::Failed, "The password was refused.", Some("Set it anew.")),
            check("Hosts", CheckStatus::Skipped, "Sign-in failed.", None),
        ];
        checks[1].problem = Some(problem);
        Tested {
            tenant: "acme".into(),
            connector: "made-up".into(),
            version: "0.1.0".into(),
            exit_code: 3,
            problems: vec![],
            checks: checks.iter().map(Tried::from).collect(),
        }
    }

    #[test]
    fn every_check_stands_with_its_hint() {
        let expected = "\
acme: made-up 0.1.0

  passed   Address  It is one.
  failed   Sign-in  The password was refused.
           Set it anew.
  skipped  Hosts    Sign-in failed.

mend what failed, then test again
";
        assert_eq!(console::strip_ansi_codes(&text(&tested(), &Names::default())), expected);
    }

    #[test]
    fn the_object_holds_the_problem_for_programs() {
        let object = serde_json::to_value(tested()).unwrap();
        let expected = serde_json::json!({
            "kind": "credentials", "code": "sign-in.refused", "message": "signing in", "field": "/password"
        });
        assert_eq!(object.pointer("/checks/1/problem"), Some(&expected));
        assert_eq!(object.pointer("/checks/0/problem"), None);
    }
}
