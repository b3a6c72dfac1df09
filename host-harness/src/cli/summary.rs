//! The summary of a sync as text. It says nothing that `report` does not hold.

use super::report::{Ended, Note, Report, Stage};
use super::text;
use console::{Alignment, Style, measure_text_width, pad_str, style};
use indicatif::{BinaryBytes, HumanCount};
use std::fmt::{Result, Write};

/// Names and titles are cut here, so that a line of the table stays a line.
const NAME_COLUMNS_MAX: usize = 32;
const TITLE_COLUMNS_MAX: usize = 72;

/// The whole summary.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> Result {
    let (words, look) = ended(report.ended);
    writeln!(out, "{}: {}", style(text::line(&report.tenant)).bold(), look.apply_to(words))?;
    let started = report.started.as_ref().map(|started| format!(", {}", started.reason)).unwrap_or_default();
    writeln!(out, "{} {}{started}", report.connector, report.version)?;
    notes(out, "", &report.problems)?;
    if !report.stages.is_empty() {
        stages(out, &report.stages)?;
    }
    if !report.warnings.is_empty() {
        heading(out, "Warnings")?;
        notes(out, "  ", &report.warnings)?;
    }
    if report.ended != Ended::Unconfigured {
        holdings(out, report)?;
    }
    used(out, report)?;
    heading(out, "Next")?;
    report.next.iter().try_for_each(|step| writeln!(out, "  {step}"))
}

fn ended(ended: Ended) -> (&'static str, Style) {
    let (good, soft, bad) = (Style::new().green().bold(), Style::new().yellow().bold(), Style::new().red().bold());
    match ended {
        Ended::Complete => ("complete", good),
        Ended::InPart => ("finished in part", soft),
        Ended::Stopped => ("stopped, and can go on", soft),
        Ended::Failed => ("failed", bad),
        Ended::Unconfigured => ("the settings were refused", bad),
        Ended::Limited => ("ended by a limit", bad),
        Ended::Unlawful => ("ended because the connector broke the contract", bad),
        Ended::Trapped => ("ended because the connector crashed", bad),
    }
}

fn heading(out: &mut String, title: &str) -> Result {
    writeln!(out, "\n{}", style(title).bold())
}

fn notes(out: &mut String, indent: &str, notes: &[Note]) -> Result {
    notes.iter().try_for_each(|note| {
        let field = note.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
        writeln!(out, "{indent}{field}{} {}", note.message, style(format!("[{}]", note.code)).dim())?;
        note.hint.iter().try_for_each(|hint| writeln!(out, "{indent}  {hint}"))
    })
}

fn stages(out: &mut String, stages: &[Stage]) -> Result {
    let head = format!("{:<20}{:>12}{:>12}{:>12}{:>12}", "Stage", "seen", "emitted", "unchanged", "dropped");
    heading(out, &head)?;
    stages.iter().try_for_each(|stage| {
        let dropped: u64 = stage.dropped.values().sum();
        let counts = [stage.seen, stage.emitted, stage.unchanged, dropped];
        let counts: String = counts.iter().map(|count| format!("{:>12}", HumanCount(*count).to_string())).collect();
        let given_up = if stage.finished { "" } else { "  not finished" };
        writeln!(out, "  {:<18}{counts}{}", stage.name, style(given_up).yellow())?;
        let reasons = stage.dropped.iter();
        reasons
            .into_iter()
            .try_for_each(|(reason, count)| writeln!(out, "{:>68}  {reason}", HumanCount(*count).to_string()))
    })
}

fn holdings(out: &mut String, report: &Report) -> Result {
    let store = &report.store;
    heading(out, "Store")?;
    count_line(out, store.assets, "assets")?;
    count_line(out, store.vulnerabilities, "vulnerabilities")?;
    // Most stores have nothing of these, and zeros hide what is there.
    let statuses = store.findings.iter().map(|(status, count)| (format!("findings {status}"), *count));
    let rare = [
        ("of them no longer reported", store.unreported),
        ("archived assets", store.archived),
        ("lines of dropped records, for export --dropped", store.dropped),
        ("dropped records without a line, for there are too many", store.dropped_beyond),
    ];
    let rare = rare.map(|(what, count)| (what.to_owned(), count));
    let mut counts = statuses.chain(rare).filter(|(_, count)| *count > 0);
    counts.try_for_each(|(what, count)| count_line(out, count, &what))?;
    if let Some(closed) = &report.closed {
        heading(out, "Changed by this sync")?;
        let why = closed.not_archived.map(|why| format!(", {why}")).unwrap_or_default();
        count_line(out, closed.archived, &format!("assets archived{why}"))?;
        count_line(out, closed.restored, "assets restored")?;
        count_line(out, closed.no_longer_reported, "findings no longer reported")?;
        count_line(out, closed.unresolved, "references to something that did not come")?;
    }
    if !store.worst.is_empty() {
        heading(out, "Worst open findings")?;
    }
    let titles: Vec<_> = store.worst.iter().map(|worst| text::cut(&worst.title, TITLE_COLUMNS_MAX)).collect();
    let columns = titles.iter().map(|title| measure_text_width(title)).max().unwrap_or(0);
    store.worst.iter().zip(&titles).try_for_each(|(worst, title)| {
        let score = worst.score.map_or("-".into(), |score| format!("{score:.1}"));
        let asset = text::cut(&worst.asset, NAME_COLUMNS_MAX);
        let others = worst.assets.saturating_sub(1);
        let others = if others == 0 { String::new() } else { format!(" and {} more", HumanCount(others)) };
        let title = pad_str(title, columns, Alignment::Left, None);
        writeln!(out, "  {score:>4}  {title}  on {asset}{others}")
    })
}

fn count_line(out: &mut String, count: u64, what: &str) -> Result {
    writeln!(out, "  {:>10}  {what}", HumanCount(count).to_string())
}

fn used(out: &mut String, report: &Report) -> Result {
    let used = &report.used;
    heading(out, "Used")?;
    writeln!(
        out,
        "  {} memory, {} CPU, {}, {} read, {} waited, {}",
        BinaryBytes(used.memory_peak_bytes),
        text::span(used.cpu_ms),
        text::count(used.requests, "request"),
        BinaryBytes(used.answer_bytes),
        text::span(used.waited_secs * 1000),
        text::count(used.commits, "commit"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::{Closed, Holdings, Started, Worst};
    use host_harness::outcome::Usage;

    fn report() -> Report {
        let note = |code: &str, message: &str, hint: Option<&str>| Note {
            code: code.into(),
            message: message.into(),
            hint: hint.map(str::to_owned),
            kind: None,
            field: None,
            retry_after_secs: None,
        };
        let stage = |name: &str, finished, seen, emitted, dropped: &[(&str, u64)]| Stage {
            name: name.into(),
            finished,
            seen,
            emitted,
            unchanged: 0,
            dropped: dropped.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect(),
        };
        let findings = vec![("vulnerable".into(), 1_500), ("ignored-false-positive".into(), 0), ("fixed".into(), 12)];
        let asset = "web-1\u{1b}.example.com".into();
        let worst = Worst { score: Some(9.8), title: "Old TLS".into(), asset, assets: 3 };
        Report {
            tenant: "acme".into(),
            connector: "made-up".into(),
            version: "0.1.0".into(),
            ended: Ended::InPart,
            exit_code: 5,
            started: Some(Started { resumed: true, reason: "going on from the stored position".into() }),
            problems: vec![],
            continue_after: None,
            stages: vec![
                stage("hosts", true, 4_000, 3_999, &[("no-key", 1)]),
                stage("findings", false, 1_513, 1_512, &[("no-name", 1)]),
            ],
            warnings: vec![note("groups.none", "the account sees no groups", Some("Assign one."))],
            closed: Some(Closed { not_archived: None, archived: 3, restored: 1, no_longer_reported: 2, unresolved: 0 }),
            store: Holdings {
                assets: 3_999,
                archived: 3,
                vulnerabilities: 71,
                findings,
                unreported: 2,
                dropped: 2,
                dropped_beyond: 0,
                worst: vec![worst],
            },
            used: Usage {
                memory_peak_bytes: 3 << 20,
                cpu_ms: 1_250,
                requests: 41,
                answer_bytes: 5 << 20,
                waited_secs: 200,
                commits: 7,
                log_lines: 0,
            },
            next: vec!["harness export --config tenant.toml".into()],
        }
    }

    #[test]
    fn the_summary_tells_everything_in_a_fixed_shape() {
        let expected = "\
acme: finished in part
made-up 0.1.0, going on from the stored position

Stage                       seen     emitted   unchanged     dropped
  hosts                    4,000       3,999           0           1
                                                                   1  no-key
  findings                 1,513       1,512           0           1  not finished
                                                                   1  no-name

Warnings
  the account sees no groups [groups.none]
    Assign one.

Store
       3,999  assets
          71  vulnerabilities
       1,500  findings vulnerable
          12  findings fixed
           2  of them no longer reported
           3  archived assets
           2  lines of dropped records, for export --dropped

Changed by this sync
           3  assets archived
           1  assets restored
           2  findings no longer reported
           0  references to something that did not come

Worst open findings
   9.8  Old TLS  on web-1\u{fffd}.example.com and 2 more

Used
  3.00 MiB memory, 1.2 s CPU, 41 requests, 5.00 MiB read, 3 min 20 s waited, 7 commits

Next
  harness export --config tenant.toml
";
        assert_eq!(console::strip_ansi_codes(&text(&report())), expected);
    }

    #[test]
    fn the_object_holds_the_same_facts() {
        let object = serde_json::to_value(report()).unwrap();
        for (pointer, expected) in [
            ("/ended", serde_json::json!("in-part")),
            ("/exit_code", serde_json::json!(5)),
            ("/stages/0/dropped/no-key", serde_json::json!(1)),
            ("/store/findings/vulnerable", serde_json::json!(1_500)),
            ("/closed/archived", serde_json::json!(3)),
            ("/used/waited_secs", serde_json::json!(200)),
        ] {
            assert_eq!(object.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
