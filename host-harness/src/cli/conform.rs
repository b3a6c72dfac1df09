//! `conform`: the contract's laws tried on a component, as a table with what was broken and how.

use super::args::Conform;
use super::progress::Progress;
use super::{exit, out, place, stopping, text};
use console::{Style, style};
use host_harness::conform::{Breach, Follow, LAWS, Law, Recording, Report, Tried, Verdict, conform};
use host_harness::stop::Stop;
use indicatif::{BinaryBytes, HumanCount};
use serde::Serialize;
use std::fmt::{Result, Write};
use std::sync::Arc;

/// What the contract asks is wrapped here.
const ASKS_COLUMNS_MAX: usize = 100;

/// A difference is cut here: evidence may be long.
const LINE_COLUMNS_MAX: usize = 400;

/// Tries the laws, and shows what came of it; a component that this host cannot run is an error after its report.
pub async fn run(args: &Conform, verbosity: u8) -> anyhow::Result<u8> {
    place::must_be_scenarios(&args.scenarios)?;
    let subject = place::subject(&args.component)?;
    let (progress, stop) = (Arc::new(Progress::on_stderr(verbosity)), Stop::new());
    stopping::listen(stop.clone(), progress.clone(), &stopping::TRIAL)?;
    let laws: Vec<_> = LAWS.iter().copied().filter(|law| is_wanted(law, &args.laws)).collect();
    let report = conform(&subject, &recordings(args), &laws, &Steps(progress.clone()), &stop).await;
    progress.end();
    let report = report?;
    let exit_code = code(&report);
    let shown = Shown { component: args.component.display().to_string(), exit_code, report };
    if args.json {
        out::json(&shown)?
    } else {
        out::text(&lines(&shown))?
    }
    subject.connector().err().map_or(Ok(exit_code), |incompatible| Err(incompatible.clone().into()))
}

fn is_wanted(law: &Law, named: &[String]) -> bool {
    named.is_empty() || named.iter().any(|name| name == law.id)
}

/// Every scenario, and where asked for also after a sync of it.
fn recordings(args: &Conform) -> Vec<Recording> {
    let syncs = if args.again { 0..2 } else { 0..1 };
    let of = |syncs_before| args.scenarios.iter().map(move |folder| Recording { folder: folder.clone(), syncs_before });
    syncs.flat_map(of).collect()
}

fn code(report: &Report) -> u8 {
    match report {
        Report { compatible: false, .. } => exit::INCOMPATIBLE,
        Report { interrupted: true, .. } => exit::INTERRUPTED,
        _ if report.count(Verdict::Broken) > 0 => exit::BROKEN,
        _ => exit::COMPLETE,
    }
}

/// Says on stderr what is being tried.
struct Steps(Arc<Progress>);

impl Follow for Steps {
    fn trying(&self, law: &Law, scenario: Option<&str>) {
        self.0.step(scenario.unwrap_or("the component"), law.id);
    }
}

/// One JSON object.
#[derive(Serialize)]
struct Shown {
    component: String,
    exit_code: u8,
    #[serde(flatten)]
    report: Report,
}

/// Lines for people.
fn lines(shown: &Shown) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, shown);
    out
}

fn write(out: &mut String, shown: &Shown) -> Result {
    let report = &shown.report;
    let named = report.connector.as_deref().unwrap_or(&shown.component);
    let version = report.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let (verdict, look) = verdict(report);
    writeln!(
        out,
        "{}: {}",
        style(format!("{}{}", text::line(named), text::line(&version))).bold(),
        look.apply_to(verdict)
    )?;
    let memory = BinaryBytes(report.memory_peak_bytes);
    let memory = if report.memory_peak_bytes > 0 { format!(", {memory} of memory at most") } else { String::new() };
    writeln!(out, "{}{memory}", text::count(report.scenarios as u64, "scenario"))?;
    let columns = report.laws.iter().map(|law| law.title.len()).max().unwrap_or(0);
    writeln!(out, "\n{}", style(format!("{:<13}{:<columns$}  {:>8}", "Law", "", "cases")).bold())?;
    report.laws.iter().try_for_each(|law| row(out, law, columns))?;
    let broken: Vec<_> = report.laws.iter().filter(|law| law.verdict == Verdict::Broken).collect();
    if !broken.is_empty() {
        writeln!(out, "\n{}", style("Broken").bold())?;
        broken.iter().try_for_each(|law| details(out, law))?;
    }
    let notes: Vec<_> = report.laws.iter().flat_map(|law| law.notes.iter().map(move |note| (law.id, note))).collect();
    if !notes.is_empty() {
        writeln!(out, "\n{}", style("Not all was tried").bold())?;
    }
    notes.iter().try_for_each(|(law, note)| writeln!(out, "  {law:<11}{}", text::line(note)))
}

fn verdict(report: &Report) -> (String, Style) {
    let (good, soft, bad) = (Style::new().green().bold(), Style::new().yellow().bold(), Style::new().red().bold());
    let [kept, broken, skipped] =
        [Verdict::Kept, Verdict::Broken, Verdict::Skipped].map(|verdict| report.count(verdict));
    let skipped = if skipped > 0 { format!(", {skipped} not tried") } else { String::new() };
    let stopped = if report.interrupted { ", stopped before the end" } else { "" };
    match broken {
        0 if report.interrupted => (format!("{} kept so far{skipped}{stopped}", laws(kept)), soft),
        0 => (format!("{} kept{skipped}", laws(kept)), good),
        _ => (format!("{} broken, {kept} kept{skipped}{stopped}", laws(broken)), bad),
    }
}

fn laws(count: usize) -> String {
    text::count(count as u64, "law")
}

fn row(out: &mut String, law: &Tried, columns: usize) -> Result {
    let (word, look) = match law.verdict {
        Verdict::Kept => ("kept", Style::new().green()),
        Verdict::Broken => ("broken", Style::new().red().bold()),
        Verdict::Skipped => ("not tried", Style::new().dim()),
    };
    let reason = law.reason.as_ref().map(|reason| format!(": {}", text::line(reason))).unwrap_or_default();
    let cases = HumanCount(law.cases).to_string();
    writeln!(out, "  {:<11}{:<columns$}  {cases:>8}  {}", law.id, law.title, look.apply_to(format!("{word}{reason}")))
}

/// How a law was broken, and what it asks.
fn details(out: &mut String, law: &Tried) -> Result {
    writeln!(out, "  {}: {}", style(law.id).red().bold(), law.title)?;
    law.breaches.iter().try_for_each(|breach| case(out, breach))?;
    if law.further > 0 {
        writeln!(out, "    and {} more", HumanCount(law.further))?;
    }
    let asks = format!("The contract asks ({}): {}", law.stands, law.asks);
    text::wrap(&asks, ASKS_COLUMNS_MAX).iter().try_for_each(|line| writeln!(out, "    {}", style(line).dim()))
}

fn case(out: &mut String, breach: &Breach) -> Result {
    let place: Vec<_> =
        breach.scenario.iter().chain(&breach.at).map(|part| text::cut(part, LINE_COLUMNS_MAX)).collect();
    if !place.is_empty() {
        writeln!(out, "    {}", place.join(", "))?;
    }
    writeln!(out, "      expected  {}", text::cut(&breach.expected, LINE_COLUMNS_MAX))?;
    writeln!(out, "      came      {}", text::cut(&breach.came, LINE_COLUMNS_MAX))?;
    let differences = breach.differences.iter().flat_map(|difference| difference.lines());
    differences.into_iter().try_for_each(|line| writeln!(out, "        {}", text::cut(line, LINE_COLUMNS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn law(id: &'static str, title: &'static str, verdict: Verdict, cases: u64) -> Tried {
        let (asks, stands) = ("Numbers add up.", "wit/world.wit, Balance");
        let (reason, notes, breaches) = Default::default();
        Tried { id, title, asks, stands, verdict, cases, reason, notes, breaches, further: 0 }
    }

    fn shown() -> Shown {
        let mut breach = Breach::new("the lines of an undisturbed sync", "others\u{1b}[2J")
            .at("killed after commit 1 of 4")
            .differing(["changed    asset 1 /data/name\n  expected \"a\"".into()]);
        breach.scenario = Some("three-pages".into());
        let report = Report {
            connector: Some("made-up".into()),
            version: Some("0.1.0".into()),
            sha256: "ab12".into(),
            compatible: true,
            scenarios: 2,
            memory_peak_bytes: 3 << 20,
            interrupted: false,
            laws: vec![
                law("imports", "Only what the contract gives", Verdict::Kept, 1),
                Tried {
                    breaches: vec![breach],
                    further: 1_200,
                    notes: vec!["large: 100 of 2000 commits".into()],
                    ..law("resume", "Resume at every position", Verdict::Broken, 1_203)
                },
                Tried { reason: Some("no scenario".into()), ..law("memory", "Memory stays flat", Verdict::Skipped, 0) },
            ],
        };
        Shown { component: "made_up.wasm".into(), exit_code: code(&report), report }
    }

    #[test]
    fn the_table_is_followed_by_what_was_broken_and_what_the_contract_asks() {
        let expected = "\
made-up 0.1.0: 1 law broken, 1 kept, 1 not tried
2 scenarios, 3.00 MiB of memory at most

Law                                           cases
  imports    Only what the contract gives         1  kept
  resume     Resume at every position         1,203  broken
  memory     Memory stays flat                    0  not tried: no scenario

Broken
  resume: Resume at every position
    three-pages, killed after commit 1 of 4
      expected  the lines of an undisturbed sync
      came      others\u{fffd}[2J
        changed    asset 1 /data/name
          expected \"a\"
    and 1,200 more
    The contract asks (wit/world.wit, Balance): Numbers add up.

Not all was tried
  resume     large: 100 of 2000 commits
";
        assert_eq!(console::strip_ansi_codes(&lines(&shown())), expected);
    }

    #[test]
    fn every_report_has_its_words_and_its_code() {
        let (kept, broken) = (Verdict::Kept, Verdict::Broken);
        for (compatible, interrupted, verdict, words, expected) in [
            (true, false, kept, "1 law kept", exit::COMPLETE),
            (true, false, broken, "1 law broken, 0 kept", exit::BROKEN),
            (true, true, kept, "1 law kept so far, stopped before the end", exit::INTERRUPTED),
            (true, true, broken, "1 law broken, 0 kept, stopped before the end", exit::INTERRUPTED),
            (false, false, broken, "1 law broken, 0 kept", exit::INCOMPATIBLE),
        ] {
            let laws = vec![law("imports", "Only what the contract gives", verdict, 1)];
            let report = Report { compatible, interrupted, laws, ..shown().report };
            assert_eq!((super::verdict(&report).0.as_str(), code(&report)), (words, expected));
        }
    }

    #[test]
    fn the_object_holds_the_same_facts() {
        let object = serde_json::to_value(shown()).unwrap();
        for (pointer, expected) in [
            ("/exit_code", json!(1)),
            ("/connector", json!("made-up")),
            ("/laws/0/verdict", json!("kept")),
            ("/laws/1/breaches/0/scenario", json!("three-pages")),
            ("/laws/2/reason", json!("no scenario")),
        ] {
            assert_eq!(object.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
