//! `record`: a sync whose exchanges are written, without what is secret, for others to replay.

use super::args::Record;
use super::error::Told;
use super::place::Place;
use super::progress::Progress;
use super::report::{self, Ended, Note};
use super::{exit, out, replay, stopping, text};
use console::style;
use host_harness::bindings::configure::Manifest;
use host_harness::outcome::{Usage, Verdict};
use host_harness::scenario_record::{self, Recorded, Refused, Replayed, Written};
use host_harness::stop::{Reason, Stop};
use indicatif::{BinaryBytes, HumanCount};
use serde::Serialize;
use std::fmt::{Result, Write};
use std::sync::Arc;

/// Ways in which a replay differs that are shown.
const DIFFERENCES_SHOWN_MAX: usize = 8;
/// A line about one of them is cut here: it may hold an address with a thousand keys.
const LINE_COLUMNS_MAX: usize = 160;

/// Records, and says what came of it.
pub async fn run(args: &Record, verbosity: u8) -> anyhow::Result<u8> {
    let place = Place::find(&args.source)?;
    let (progress, stop) = (Arc::new(Progress::on_stderr(verbosity)), Stop::new());
    stopping::listen(stop.clone(), progress.clone(), &stopping::RECORDING)?;
    let manifest = place.connector.describe().await?;
    let world = place.world(&stop, &progress);
    let recorded = scenario_record::record(&place.connector, &place.tenant, &world, &args.to).await;
    progress.end();
    place.say_unanswered();
    let interrupted = stop.reason() == Some(&Reason::Interrupted);
    let report = Report::new(&place.tenant.name, &manifest, &recorded.map_err(told)?, interrupted);
    if args.json {
        out::json(&report)?
    } else {
        out::text(&lines(&report))?
    }
    Ok(report.exit_code)
}

fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Refused>() {
        Ok(Refused::Folder(message)) => {
            Told::usage(message, "name a folder that is not there yet, or delete that one").into()
        }
        Ok(Refused::Secret(message)) => {
            Told::operator(message, "record with another account, or with a longer secret").into()
        }
        Err(error) => error,
    }
}

/// What came of it, for people and programs alike.
#[derive(Debug, Serialize)]
struct Report {
    tenant: String,
    connector: String,
    version: String,
    /// How the sync ended.
    ended: Ended,
    exit_code: u8,
    /// Somebody pressed Ctrl-C: the recording holds what was asked until then.
    partial: bool,
    problems: Vec<Note>,
    warnings: Vec<Note>,
    /// When another attempt makes sense, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<Recording>,
    used: Usage,
    next: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Recording {
    /// Where it lies.
    folder: String,
    exchanges: usize,
    /// Requests that were given up before any answer came, the first of them by name.
    left_out: Vec<String>,
    left_out_count: usize,
    /// Where something was found that must not be there.
    leaks: Vec<Leak>,
    /// Whether it leads to the same when it is replayed; absent when that was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    replays: Option<bool>,
    /// Why it does not replay, or why that was not tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Leak {
    file: String,
    what: String,
}

impl Report {
    fn new(tenant: &str, manifest: &Manifest, recorded: &Recorded, interrupted: bool) -> Self {
        let Recorded { outcome, written } = recorded;
        let (ended, problems) = report::ending(&outcome.verdict, |synced| report::ending_of_sync(&synced.outcome));
        let warnings = match &outcome.verdict {
            Verdict::Returned(synced) => synced.outcome.summary.warnings.iter().map(Note::from).collect(),
            _ => vec![],
        };
        let recording = written.as_ref().map(Recording::new);
        let leaks = recording.as_ref().is_some_and(|recording| !recording.leaks.is_empty());
        let of_sync = exit::of(&outcome.verdict, |synced| exit::of_sync(&synced.outcome, interrupted));
        Self {
            tenant: text::line(tenant),
            connector: manifest.name.clone(),
            version: manifest.version.clone(),
            ended,
            exit_code: if leaks { exit::BROKEN } else { of_sync },
            partial: interrupted,
            problems,
            warnings,
            continue_after: outcome.continue_after.map(text::rfc3339),
            next: next(recording.as_ref(), interrupted),
            recording,
            used: outcome.usage.clone(),
        }
    }
}

impl Recording {
    fn new(written: &Written) -> Self {
        let (replays, differences) = match &written.replayed {
            Replayed::Tried(trial) => (Some(trial.passes()), differences(replay::complaints(trial))),
            Replayed::Untried(reason) => (None, vec![text::line(reason)]),
        };
        let leaks = written.leaks.iter().map(|leak| Leak { file: leak.file.clone(), what: leak.what.clone() });
        Self {
            folder: written.folder.display().to_string(),
            exchanges: written.journalled.exchanges,
            left_out: written.journalled.left_out.iter().map(|request| text::line(request)).collect(),
            left_out_count: written.journalled.left_out_count,
            leaks: leaks.collect(),
            replays,
            differences,
        }
    }
}

/// What was recorded is as it was; what differs is how the connector goes on from it.
const UNLIKE: &str =
    "it does not replay to the same: a connector that reads several answers at once may ask in another order";

/// As many as help, none of them longer than a few lines.
fn differences(mut complaints: Vec<String>) -> Vec<String> {
    let more = complaints.len().saturating_sub(DIFFERENCES_SHOWN_MAX);
    complaints.truncate(DIFFERENCES_SHOWN_MAX);
    let cut = |line: &str| text::cut(line, LINE_COLUMNS_MAX);
    let mut shown: Vec<_> =
        complaints.iter().map(|complaint| complaint.lines().map(cut).collect::<Vec<_>>().join("\n")).collect();
    if more > 0 {
        shown.push(format!("and {more} more; harness replay shows all"));
    }
    shown
}

fn next(recording: Option<&Recording>, is_partial: bool) -> Vec<String> {
    match recording {
        None => vec!["mend these settings, then run the same command again".into()],
        Some(Recording { leaks, folder, .. }) if !leaks.is_empty() => vec![
            "pass it on to nobody: a secret reached the disk".into(),
            format!("look at the files that are named, then delete {folder}"),
        ],
        Some(Recording { folder, .. }) if is_partial => {
            vec![format!("delete {folder}, and record again: what was not asked for cannot be replayed")]
        }
        Some(Recording { folder, .. }) => vec![
            format!("harness replay COMPONENT {folder}"),
            "read it before you pass it on: hosts, addresses and findings are as they came".into(),
        ],
    }
}

fn lines(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> Result {
    let words = serde_json::to_value(report.ended).unwrap_or_default();
    let partial = if report.partial { ", interrupted: the recording is partial" } else { "" };
    writeln!(out, "{}: {}{partial}", style(&report.tenant).bold(), words.as_str().unwrap_or_default())?;
    writeln!(out, "{} {}", report.connector, report.version)?;
    for note in report.problems.iter().chain(&report.warnings) {
        writeln!(out, "{} {}", note.message, style(format!("[{}]", note.code)).dim())?;
        note.hint.iter().try_for_each(|hint| writeln!(out, "  {hint}"))?;
    }
    if let Some(recording) = &report.recording {
        writeln!(out, "\n{}", style("Recording").bold())?;
        write_recording(out, recording, &report.used)?;
    }
    writeln!(out, "\n{}", style("Next").bold())?;
    report.next.iter().try_for_each(|step| writeln!(out, "  {step}"))
}

fn write_recording(out: &mut String, recording: &Recording, used: &Usage) -> Result {
    let Recording { folder, exchanges, left_out, left_out_count, leaks, replays, differences } = recording;
    let exchanges = text::count(*exchanges as u64, "exchange");
    writeln!(out, "  {exchanges}, {} read, in {folder}", BinaryBytes(used.answer_bytes))?;
    for leak in leaks {
        writeln!(out, "  {}: {} holds {}", style("refused").red().bold(), leak.file, leak.what)?;
    }
    let verdict = match replays {
        Some(true) => style("it replays to the same lines").green(),
        Some(false) => style(UNLIKE).yellow(),
        None => style("it was not replayed").yellow(),
    };
    writeln!(out, "  {verdict}")?;
    differences.iter().try_for_each(|line| writeln!(out, "    {}", line.replace('\n', "\n    ")))?;
    if *left_out_count > 0 {
        writeln!(out, "  {} without an answer left out:", HumanCount(*left_out_count as u64))?;
    }
    left_out.iter().try_for_each(|request| writeln!(out, "    {request}"))
}
