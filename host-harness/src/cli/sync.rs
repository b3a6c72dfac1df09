//! `sync`: one attempt, its progress on stderr and its summary on stdout.

use super::args::Sync;
use super::place::{Names, Place};
use super::progress::Progress;
use super::report::{self, Closed, Holdings, Note, Report, Stage, Started};
use super::{exit, out, place, stopping, summary};
use host_harness::bindings::configure::Manifest;
use host_harness::outcome::{Outcome, Verdict};
use host_harness::stop::{Reason, Stop};
use host_harness::store::Store;
use host_harness::sync::{How, Synced};
use std::sync::Arc;

/// Runs one attempt and shows what it did.
pub async fn run(args: &Sync, verbosity: u8) -> anyhow::Result<u8> {
    let place = Place::find(&args.source)?;
    let path = place::store_path(&args.source.config, &args.store)?;
    let store = Store::open(&path)?;
    let (progress, stop) = (Arc::new(Progress::on_stderr(verbosity)), Stop::new());
    stopping::listen(stop.clone(), progress.clone(), &stopping::SYNC)?;
    let how = How { full: args.full, count_source: false };
    let manifest = place.connector.describe().await?;
    let world = place.world(&stop, &progress);
    let ended = place.connector.sync(&place.tenant, &world, &store, how).await;
    progress.end();
    place.say_unanswered();
    let interrupted = stop.reason() == Some(&Reason::Interrupted);
    let holdings = Holdings::of(&store)?;
    let names = Names::of(&args.source, &args.store);
    let report = report(&place.tenant.name, &manifest, &ended?, interrupted, holdings, &names);
    if args.json {
        out::json(&report)?
    } else {
        out::text(&summary::text(&report))?
    }
    Ok(report.exit_code)
}

fn report(
    tenant: &str,
    manifest: &Manifest,
    outcome: &Outcome<Synced>,
    interrupted: bool,
    store: Holdings,
    names: &Names,
) -> Report {
    let synced = match &outcome.verdict {
        Verdict::Returned(synced) => Some(synced),
        _ => None,
    };
    let (ended, problems) = report::ending(&outcome.verdict, |synced| report::ending_of_sync(&synced.outcome));
    let kind = synced.and_then(|synced| synced.outcome.problem.as_ref()).map(|problem| problem.kind);
    let summary = synced.map(|synced| &synced.outcome.summary);
    Report {
        tenant: tenant.to_owned(),
        connector: manifest.name.clone(),
        version: manifest.version.clone(),
        ended,
        exit_code: exit::of(&outcome.verdict, |synced| exit::of_sync(&synced.outcome, interrupted)),
        started: synced
            .map(|synced| Started { resumed: synced.start.reason.resumes(), reason: synced.start.reason.to_string() }),
        problems,
        continue_after: outcome.continue_after.map(super::text::rfc3339),
        stages: summary.map(|summary| summary.stages.iter().map(Stage::from).collect()).unwrap_or_default(),
        warnings: summary.map(|summary| summary.warnings.iter().map(Note::from).collect()).unwrap_or_default(),
        closed: synced.and_then(|synced| synced.closed.as_ref()).map(Closed::from),
        store,
        used: outcome.usage.clone(),
        next: report::next(ended, kind, outcome.continue_after, names),
    }
}
