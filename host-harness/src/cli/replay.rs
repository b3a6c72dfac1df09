//! `replay`: every scenario through a component, and what is not as recorded and expected.

use super::args::Replay;
use super::progress::Progress;
use super::{exit, out, place, report, stopping, text};
use console::style;
use host_harness::http::replay::Pieces;
use host_harness::scenario_run::{self, Lines, Trial, ending, warned};
use host_harness::stop::Stop;
use host_harness::watch::{Unwatched, Watch};
use std::fmt::Write;
use std::sync::Arc;

/// Differences from one file that are shown; the rest is counted.
const DIFFERENCES_SHOWN_MAX: usize = 10;

/// A difference is cut here: evidence may be long.
const LINE_COLUMNS_MAX: usize = 400;

/// Runs the scenarios one after the other, and says of each whether it passes.
pub async fn run(args: &Replay, verbosity: u8) -> anyhow::Result<u8> {
    place::must_be_scenarios(&args.scenarios)?;
    let connector = place::load(&args.component)?;
    let (progress, stop) = (Arc::new(Progress::on_stderr(verbosity)), Stop::new());
    stopping::listen(stop.clone(), progress.clone(), &stopping::TRIAL)?;
    // What a connector logs is part of the recording: shown only to those who ask.
    let watch: Arc<dyn Watch> = if verbosity == 0 { Arc::new(Unwatched) } else { progress.clone() };
    let pieces = args.pieces.map_or(Pieces::Whole, |size| Pieces::Of(size.get()));
    let mut failed = 0;
    for folder in &args.scenarios {
        let trial = scenario_run::run(&connector, folder, pieces, &stop, watch.clone()).await;
        progress.end();
        if stop.reason().is_some() {
            return Ok(exit::INTERRUPTED);
        }
        let (passes, lines) = verdict(trial?, args.bless)?;
        failed += usize::from(!passes);
        out::text(&lines)?;
    }
    out::text(&format!("{}, {failed} failed\n", text::count(args.scenarios.len() as u64, "scenario")))?;
    Ok(if failed == 0 { exit::COMPLETE } else { exit::BROKEN })
}

/// Whether a scenario passes, and the lines that say so; blessing accepts its lines, and nothing else.
fn verdict(mut trial: Trial, bless: bool) -> anyhow::Result<(bool, String)> {
    let is_as_told = trial.should_end.is_none() && trial.should_warn.is_none();
    let differs = trial.files().iter().any(|lines| !lines.differences.is_empty());
    let blesses = bless && is_as_told && differs;
    if blesses {
        trial.bless()?;
    }
    Ok((trial.passes(), lines(&trial, blesses)))
}

fn lines(trial: &Trial, is_blessed: bool) -> String {
    let (word, look) = match (trial.passes(), is_blessed) {
        (true, false) => ("passed", console::Style::new().green()),
        (true, true) => ("blessed", console::Style::new().yellow()),
        (false, _) => ("failed", console::Style::new().red().bold()),
    };
    let count = text::count(trial.exported.came.lines().count() as u64, "line");
    let ended = ending(&trial.outcome.verdict);
    let mut out = format!("{}  {}: {ended}, {count}\n", look.apply_to(format!("{word:<7}")), trial.name);
    for line in complaints(trial) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "           {}", style(line.replace('\n', "\n           ")).dim());
    }
    out
}

/// Everything in which a scenario does not pass, for a person.
pub fn complaints(trial: &Trial) -> Vec<String> {
    let mut complaints = Vec::new();
    if let Some(should_end) = &trial.should_end {
        complaints.push(format!("it should have ended as {should_end}"));
        let (_, notes) = report::ending(&trial.outcome.verdict, |synced| report::ending_of_sync(&synced.outcome));
        complaints.extend(notes.into_iter().map(|note| format!("{} [{}]", note.message, note.code)));
    }
    if let Some(should_warn) = &trial.should_warn {
        let warned = warned(&trial.outcome.verdict);
        complaints.push(format!("it should have warned of {should_warn}, and warned of {warned}"));
    }
    complaints.extend(trial.report.unmatched.iter().cloned());
    complaints.extend(trial.report.unused.iter().map(|exchange| format!("nobody asked for {exchange}")));
    complaints.extend(trial.files().into_iter().flat_map(differences));
    complaints
}

fn differences(lines: &Lines) -> Vec<String> {
    if lines.differences.is_empty() {
        return vec![];
    }
    let mut told = vec![format!("{} says otherwise:", lines.name())];
    let shown = lines.differences.iter().take(DIFFERENCES_SHOWN_MAX).map(ToString::to_string);
    told.extend(
        shown.map(|lines| lines.lines().map(|line| text::cut(line, LINE_COLUMNS_MAX)).collect::<Vec<_>>().join("\n")),
    );
    let more = lines.differences.len().saturating_sub(DIFFERENCES_SHOWN_MAX);
    if more > 0 {
        told.push(format!("and {more} more differences"));
    }
    told
}
