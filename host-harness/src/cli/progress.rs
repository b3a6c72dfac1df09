//! What a person sees while a run is under way, on stderr: bars on a terminal, else a plain line now and then.

use super::text;
use console::style;
use host_harness::bindings::log::Level;
use host_harness::bindings::sink::StageProgress;
use host_harness::watch::{Line, Watch};
use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Plain lines come no faster than this, except where something begins.
const PLAIN_LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how a run goes. Cheap to call often.
pub struct Progress {
    started: Instant,
    verbosity: u8,
    bars: Option<Bars>,
    pulse: Mutex<Pulse>,
}

impl Progress {
    /// Progress on stderr: bars where it is a terminal, plain lines elsewhere.
    pub fn on_stderr(verbosity: u8) -> Self {
        let bars = console::user_attended_stderr().then(Bars::default);
        Self { started: Instant::now(), verbosity, bars, pulse: Mutex::default() }
    }

    /// Says something in between, above the bars.
    pub fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => bars.say(line),
            None => eprintln!("{line}"),
        }
    }

    /// Says which step of what is being done: at once where something else begins, and else now and then.
    pub fn step(&self, what: &str, step: &str) {
        match &self.bars {
            Some(bars) => bars.step(format!("{what}: {step}")),
            None => self.plain(|pulse, now| pulse.step(what, step, now)),
        }
    }

    /// Takes the bars away.
    pub fn end(&self) {
        if let Some(bars) = &self.bars {
            bars.end();
        }
    }

    fn plain(&self, due: impl FnOnce(&mut Pulse, Duration) -> Option<String>) {
        if let Some(line) = due(&mut lock(&self.pulse), self.started.elapsed()) {
            eprintln!("{line}");
        }
    }
}

impl Watch for Progress {
    fn line(&self, line: &Line) {
        if let Some(line) = log_line(self.verbosity, line) {
            self.say(&line);
        }
    }

    fn progress(&self, progress: &StageProgress) {
        match &self.bars {
            Some(bars) => bars.stage(progress),
            None => self.plain(|pulse, now| pulse.stage(progress, now)),
        }
    }

    fn waiting(&self, lane: &str, until: i64, reason: &str) {
        let line = format!("waiting until {} for lane {}: {}", text::time(until), text::line(lane), text::line(reason));
        match &self.bars {
            Some(bars) => bars.wait(line),
            None => self.plain(|pulse, now| pulse.wait(lane, line, now)),
        }
    }
}

/// Decides which plain lines are written, by the time since the start.
#[derive(Default)]
struct Pulse {
    stages: Vec<StageProgress>,
    last_line: Duration,
    waits: BTreeMap<String, Duration>,
    what: String,
}

impl Pulse {
    /// A line where a stage begins, and one about all stages when the last line is long ago.
    fn stage(&mut self, progress: &StageProgress, now: Duration) -> Option<String> {
        let is_new = match self.stages.iter_mut().find(|known| known.stage == progress.stage) {
            Some(known) => {
                known.clone_from(progress);
                false
            }
            None => {
                self.stages.push(progress.clone());
                true
            }
        };
        if !is_new && now < self.last_line + PLAIN_LINE_EVERY {
            return None;
        }
        self.last_line = now;
        Some(self.stages.iter().map(count).collect::<Vec<_>>().join(", "))
    }

    /// A line where something begins, and one for a step when the last line is long ago.
    fn step(&mut self, what: &str, step: &str, now: Duration) -> Option<String> {
        let is_new = self.what != what;
        if !is_new && now < self.last_line + PLAIN_LINE_EVERY {
            return None;
        }
        self.last_line = now;
        what.clone_into(&mut self.what);
        Some(if is_new { what.to_owned() } else { format!("{what}: {step}") })
    }

    /// A line for a lane's first wait, and for later ones when its last line is long ago.
    fn wait(&mut self, lane: &str, line: String, now: Duration) -> Option<String> {
        let is_due = self.waits.get(lane).is_none_or(|last| now >= *last + PLAIN_LINE_EVERY);
        is_due.then(|| {
            self.waits.insert(lane.to_owned(), now);
            line
        })
    }
}

fn count(progress: &StageProgress) -> String {
    let seen = HumanCount(progress.seen);
    let expected = progress.expected.map(|expected| format!(" of {}", HumanCount(expected))).unwrap_or_default();
    format!("{} {seen}{expected}", progress.stage)
}

/// A log line as it is shown, or nothing when it is too small a matter.
fn log_line(verbosity: u8, line: &Line) -> Option<String> {
    let (word, wanted) = match line.level {
        Level::Error => (style("error").red().bold(), 0),
        Level::Warn => (style("warn").yellow().bold(), 0),
        Level::Info => (style("info").cyan(), 1),
        Level::Debug => (style("debug").dim(), 2),
    };
    let fields = line.fields.iter().map(|(name, value)| format!(" {}={}", text::line(name), text::line(value)));
    (verbosity >= wanted)
        .then(|| format!("{}: {}{}", word.for_stderr(), text::line(&line.message), fields.collect::<String>()))
}

/// A bar for each stage, and below them the wait that is under way.
struct Bars {
    all: MultiProgress,
    stages: Mutex<BTreeMap<String, ProgressBar>>,
    waiting: Mutex<Option<ProgressBar>>,
    step: Mutex<Option<ProgressBar>>,
}

impl Default for Bars {
    fn default() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { all, stages: Mutex::default(), waiting: Mutex::default(), step: Mutex::default() }
    }
}

impl Bars {
    fn stage(&self, progress: &StageProgress) {
        if let Some(waiting) = lock(&self.waiting).take() {
            waiting.finish_and_clear();
        }
        let mut stages = lock(&self.stages);
        let bar = stages.entry(progress.stage.clone()).or_insert_with(|| self.add(&progress.stage));
        if bar.length() != progress.expected {
            let is_known = progress.expected.is_some();
            bar.set_style(look(if is_known { KNOWN } else { UNKNOWN }));
            progress.expected.map_or_else(|| bar.unset_length(), |expected| bar.set_length(expected));
        }
        bar.set_position(progress.seen);
    }

    fn add(&self, stage: &str) -> ProgressBar {
        let bar = self.all.add(ProgressBar::no_length().with_style(look(UNKNOWN)).with_prefix(stage.to_owned()));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    fn wait(&self, line: String) {
        self.spin(&self.waiting, WAITING, line);
    }

    fn step(&self, line: String) {
        self.spin(&self.step, STEP, line);
    }

    fn spin(&self, spinner: &Mutex<Option<ProgressBar>>, template: &str, line: String) {
        let mut spinner = lock(spinner);
        let bar = spinner.get_or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner().with_style(look(template)));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(line);
    }

    fn say(&self, line: &str) {
        // A line that the terminal did not take is lost; there is nowhere else to say it.
        let _ = self.all.println(line);
    }

    fn end(&self) {
        let _ = self.all.clear();
    }
}

const KNOWN: &str = "  {prefix:<18} {bar:30.cyan/dim} {human_pos:>11} of {human_len} {eta:>4.dim}";
const UNKNOWN: &str = "  {prefix:<18} {spinner:.cyan} {human_pos:>11}";
const WAITING: &str = "  {spinner:.yellow} {wide_msg:.yellow}";
const STEP: &str = "  {spinner:.cyan} {wide_msg}";

fn look(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Whoever panicked while holding the lock left counters behind, nothing that can be half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_come_where_a_stage_begins_and_every_ten_seconds() {
        let mut pulse = Pulse::default();
        let cases = [
            (0, "hosts", 0, None, Some("hosts 0")),
            (1, "hosts", 500, Some(4_000), None),
            (2, "findings", 10, None, Some("hosts 500 of 4,000, findings 10")),
            (3, "hosts", 1_000, Some(4_000), None),
            (11, "findings", 900, None, None),
            (12, "findings", 1_200, None, Some("hosts 1,000 of 4,000, findings 1,200")),
            (13, "hosts", 2_000, Some(4_000), None),
            (60, "hosts", 4_000, Some(4_000), Some("hosts 4,000 of 4,000, findings 1,200")),
        ];
        for (at, stage, seen, expected, line) in cases {
            let progress = StageProgress { stage: stage.into(), seen, expected };
            let got = pulse.stage(&progress, Duration::from_secs(at));
            assert_eq!(got.as_deref(), line, "at {at} s, {stage} {seen}");
        }
    }

    #[test]
    fn a_lane_that_waits_often_is_told_of_every_ten_seconds() {
        let mut pulse = Pulse::default();
        let cases =
            [(0, "a", true), (1, "a", false), (1, "b", true), (9, "a", false), (10, "a", true), (11, "a", false)];
        for (at, lane, is_told) in cases {
            let got = pulse.wait(lane, "line".into(), Duration::from_secs(at));
            assert_eq!(got.is_some(), is_told, "at {at} s, lane {lane}");
        }
    }

    #[test]
    fn steps_are_told_where_something_begins_and_every_ten_seconds() {
        let mut pulse = Pulse::default();
        for (at, what, step, line) in [
            (0, "a", "one", Some("a")),
            (1, "a", "two", None),
            (2, "b", "one", Some("b")),
            (12, "b", "two", Some("b: two")),
            (13, "b", "three", None),
        ] {
            assert_eq!(pulse.step(what, step, Duration::from_secs(at)).as_deref(), line, "at {at} s, {what} {step}");
        }
    }

    #[test]
    fn small_matters_are_shown_when_asked_for() {
        let fields = vec![("page".to_owned(), "2\u{1b}[2J".to_owned())];
        let cases = [
            (0, Level::Error, true),
            (0, Level::Warn, true),
            (0, Level::Info, false),
            (1, Level::Info, true),
            (1, Level::Debug, false),
            (2, Level::Debug, true),
        ];
        for (verbosity, level, is_shown) in cases {
            let line = log_line(verbosity, &Line { level, message: "a line".into(), fields: fields.clone() });
            assert_eq!(line.is_some(), is_shown, "{level:?} at {verbosity}");
            let line = console::strip_ansi_codes(&line.unwrap_or_default()).into_owned();
            assert!(!is_shown || line.ends_with(": a line page=2\u{fffd}[2J"), "{line}");
        }
    }

    #[test]
    fn the_templates_of_the_bars_are_valid() {
        for template in [KNOWN, UNKNOWN, WAITING, STEP] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
