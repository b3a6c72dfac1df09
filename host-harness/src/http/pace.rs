//! When may the next request of a lane start? Pure decisions over what was told, what runs, and what started.
//!
//! Nothing here waits or knows who asks; `lanes.rs` does.

use crate::bindings::http::Allowance;
use std::collections::VecDeque;

/// Starts that a lane remembers; a limit above it counts as this one.
const STARTS_MAX: usize = 10_000;

/// Clocks count whole seconds, so a window that began somewhere within a second ends within the second after.
const GRAIN_SECS: i64 = 1;

/// Whether the next request may start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// Now.
    Start,
    /// When one that runs has ended.
    Busy,
    /// Not before this time.
    Wait(i64),
}

/// What is known of one lane.
#[derive(Default)]
pub struct Pace {
    told: Option<Told>,
    starts: VecDeque<i64>,
}

struct Told {
    allowance: Allowance,
    at: i64,
    started_since: u32,
}

impl Pace {
    /// Takes what a connector tells; it replaces what was told before, except for a wait that is not over.
    ///
    /// Another run of the same account, or another attempt of the same sync, may not know of that wait.
    pub fn tell(&mut self, mut allowance: Allowance, now: i64) {
        let before = self.told.take().map(|told| told.allowance);
        if let Some(Allowance { resume_at: Some(time), reason, .. }) = before
            && time > now.max(allowance.resume_at.unwrap_or(i64::MIN))
        {
            (allowance.resume_at, allowance.reason) = (Some(time), reason);
        }
        self.told = Some(Told { allowance, at: now, started_since: 0 });
    }

    /// Why the lane waits, in the connector's words.
    pub fn reason(&self) -> &str {
        self.told.as_ref().map_or("", |told| &told.allowance.reason)
    }

    /// How many may run at once: one, until something was told.
    pub fn parallel(&self) -> usize {
        let told = self.told.as_ref().map(|told| told.allowance.parallel.unwrap_or(u32::MAX));
        told.unwrap_or(1).max(1) as usize
    }

    /// Decides, with so many running.
    pub fn turn(&self, running: usize, now: i64) -> Turn {
        if running >= self.parallel() {
            return Turn::Busy;
        }
        match self.told.as_ref().and_then(|told| self.earliest(told)) {
            Some(time) if time > now => Turn::Wait(time),
            _ => Turn::Start,
        }
    }

    /// Notes that one starts.
    pub fn start(&mut self, now: i64) {
        if self.starts.len() == STARTS_MAX {
            self.starts.pop_front();
        }
        self.starts.push_back(now);
        if let Some(told) = &mut self.told {
            told.started_since = told.started_since.saturating_add(1);
        }
    }

    /// Nothing that was told or started bounds a request after this time.
    pub fn forgettable_at(&self) -> i64 {
        let window = self.told.as_ref().map_or(0, |told| told.window_secs().unwrap_or(0));
        let resume = self.told.as_ref().and_then(|told| told.allowance.resume_at).unwrap_or(i64::MIN);
        let touched = self.told.as_ref().map(|told| told.at).max(self.starts.back().copied()).unwrap_or(i64::MIN);
        touched.saturating_add(window).saturating_add(GRAIN_SECS).max(resume)
    }

    fn earliest(&self, told: &Told) -> Option<i64> {
        [told.allowance.resume_at, self.window_opens(told), told.remaining_renews()].into_iter().flatten().max()
    }

    /// The rolling window: as many starts ago as the limit, plus its length.
    fn window_opens(&self, told: &Told) -> Option<i64> {
        let limit = (told.allowance.limit? as usize).clamp(1, STARTS_MAX);
        let first = self.starts.len().checked_sub(limit)?;
        Some(self.starts.get(first)? + told.window_secs()? + GRAIN_SECS)
    }
}

impl Told {
    fn window_secs(&self) -> Option<i64> {
        self.allowance.window_secs.filter(|secs| *secs > 0).map(i64::from)
    }

    /// Once what remained is used up, the window has to pass; without one, `remaining` bounds nothing.
    ///
    /// Where nothing remained and `resume-at` was named, that is when the source starts to count anew.
    fn remaining_renews(&self) -> Option<i64> {
        let remaining = self.allowance.remaining?;
        let is_renewed_by_resume = remaining == 0 && self.allowance.resume_at.is_some();
        if self.started_since < remaining || is_renewed_by_resume {
            return None;
        }
        Some(self.at + self.window_secs()? + GRAIN_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nothing() -> Allowance {
        Allowance {
            limit: None,
            window_secs: None,
            remaining: None,
            parallel: None,
            resume_at: None,
            reason: String::new(),
        }
    }

    #[test]
    fn a_turn_follows_from_what_was_told_and_what_started() {
        let limited = |limit| Allowance { limit: Some(limit), window_secs: Some(60), ..nothing() };
        let left = |remaining| Allowance { remaining: Some(remaining), window_secs: Some(60), ..nothing() };
        // What is told at 100, what started before and after it, how many run, and now.
        type Case<'a> = (&'a str, Option<Allowance>, &'a [i64], &'a [i64], usize, i64, Turn);
        let cases: &[Case<'_>] = &[
            ("never told, nothing runs", None, &[], &[], 0, 100, Turn::Start),
            ("never told, one runs", None, &[], &[], 1, 100, Turn::Busy),
            ("told nothing bounds nothing", Some(nothing()), &[], &[], 900, 100, Turn::Start),
            (
                "parallel, one less runs",
                Some(Allowance { parallel: Some(2), ..nothing() }),
                &[],
                &[],
                1,
                100,
                Turn::Start,
            ),
            ("parallel, all run", Some(Allowance { parallel: Some(2), ..nothing() }), &[], &[], 2, 100, Turn::Busy),
            ("parallel 0 is 1", Some(Allowance { parallel: Some(0), ..nothing() }), &[], &[], 0, 100, Turn::Start),
            (
                "before resume-at",
                Some(Allowance { resume_at: Some(130), ..nothing() }),
                &[],
                &[],
                0,
                129,
                Turn::Wait(130),
            ),
            ("at resume-at", Some(Allowance { resume_at: Some(130), ..nothing() }), &[], &[], 0, 130, Turn::Start),
            ("window not full", Some(limited(2)), &[99], &[], 0, 100, Turn::Start),
            ("window full by starts before the telling", Some(limited(2)), &[90, 99], &[], 0, 100, Turn::Wait(151)),
            ("window full", Some(limited(2)), &[90], &[101], 0, 102, Turn::Wait(151)),
            ("window rolled on", Some(limited(2)), &[90], &[101], 0, 151, Turn::Start),
            (
                "limit without a window",
                Some(Allowance { limit: Some(1), ..nothing() }),
                &[99],
                &[],
                0,
                100,
                Turn::Start,
            ),
            ("limit 0 is 1", Some(limited(0)), &[], &[], 0, 100, Turn::Start),
            ("some remain", Some(left(2)), &[99], &[100], 0, 100, Turn::Start),
            ("none remain", Some(left(2)), &[], &[100, 101], 0, 101, Turn::Wait(161)),
            ("none remained when told", Some(left(0)), &[], &[], 0, 100, Turn::Wait(161)),
            ("the told window passed", Some(left(0)), &[], &[], 0, 161, Turn::Start),
            (
                "none remain, resume-at renews",
                Some(Allowance { resume_at: Some(110), ..left(0) }),
                &[],
                &[],
                0,
                110,
                Turn::Start,
            ),
            (
                "some remain after resume-at",
                Some(Allowance { resume_at: Some(110), ..left(1) }),
                &[],
                &[110],
                0,
                111,
                Turn::Wait(161),
            ),
            (
                "none remain, no window",
                Some(Allowance { remaining: Some(0), ..nothing() }),
                &[],
                &[],
                0,
                100,
                Turn::Start,
            ),
        ];
        for (case, told, before, after, running, now, turn) in cases {
            let mut pace = Pace::default();
            before.iter().for_each(|time| pace.start(*time));
            if let Some(told) = told {
                pace.tell(told.clone(), 100);
            }
            after.iter().for_each(|time| pace.start(*time));
            assert_eq!(pace.turn(*running, *now), *turn, "{case}");
        }
    }

    #[test]
    fn a_wait_stands_until_it_is_over_whoever_tells_what() {
        // Told before at 100, told at `now`, and until when the lane waits for which reason.
        type Case<'a> = (Option<i64>, Option<i64>, i64, Option<i64>, &'a str);
        let cases: &[Case<'_>] = &[
            (Some(150), None, 120, Some(150), "first"),
            (Some(150), Some(130), 120, Some(150), "first"),
            (Some(150), Some(170), 120, Some(170), "second"),
            (Some(150), None, 150, None, "second"),
            (Some(150), Some(130), 160, Some(130), "second"),
            (None, Some(130), 120, Some(130), "second"),
            (None, None, 120, None, "second"),
        ];
        for case @ (first, second, now, resume_at, reason) in cases {
            let mut pace = Pace::default();
            pace.tell(Allowance { resume_at: *first, reason: "first".into(), ..nothing() }, 100);
            pace.tell(Allowance { resume_at: *second, reason: "second".into(), ..nothing() }, *now);
            let told = pace.told.as_ref().map(|told| told.allowance.resume_at);
            assert_eq!((told, pace.reason()), (Some(*resume_at), *reason), "{case:?}");
        }
    }

    fn an_allowance() -> impl Strategy<Value = Allowance> {
        let few = || proptest::option::of(0u32..5);
        (few(), proptest::option::of(0u32..40), few(), few(), proptest::option::of(-10i64..200)).prop_map(
            |(limit, window_secs, remaining, parallel, resume_at)| Allowance {
                limit,
                window_secs,
                remaining,
                parallel,
                resume_at,
                reason: String::new(),
            },
        )
    }

    /// Starts some before anything is told and as many as it can after, in an order that the steps choose.
    fn simulate(allowance: &Allowance, early: usize, steps: Vec<u8>) -> Result<Vec<i64>, TestCaseError> {
        let (mut pace, mut now, mut running, mut starts) = (Pace::default(), 0, 0, vec![0; early]);
        starts.iter().for_each(|start| pace.start(*start));
        pace.tell(allowance.clone(), now);
        for step in steps.into_iter().chain([0; 200]) {
            match (step, pace.turn(running, now)) {
                (1, _) => now += 1,
                (2, _) if running > 0 => running -= 1,
                (_, Turn::Busy) => running -= 1,
                (_, Turn::Wait(time)) => {
                    prop_assert!(time > now);
                    now = time;
                }
                (_, Turn::Start) => {
                    pace.start(now);
                    starts.push(now);
                    running += 1;
                }
            }
            prop_assert!(allowance.parallel.is_none_or(|parallel| running <= parallel.max(1) as usize));
        }
        Ok(starts)
    }

    proptest! {
        #[test]
        fn bounds_hold_and_everything_starts(
            allowance in an_allowance(),
            early in 0usize..4,
            steps in proptest::collection::vec(0u8..3, 40),
        ) {
            let starts = simulate(&allowance, early, steps)?;
            let after = &starts[early..];
            prop_assert!(after.len() > 20, "only {} started", after.len());
            prop_assert!(after.iter().all(|start| *start >= allowance.resume_at.unwrap_or(0)));
            let window = i64::from(allowance.window_secs.unwrap_or(0));
            if let (Some(limit), 1..) = (allowance.limit, window) {
                // One more than the limit, the last of them started under it: they never fit into a window.
                let too_many = limit.max(1) as usize + 1;
                let runs = starts.windows(too_many).enumerate().filter(|(at, _)| at + too_many > early);
                for (at, run) in runs {
                    prop_assert!(run[too_many - 1] - run[0] > window, "{run:?} at {at}");
                }
            }
            if let (Some(remaining), 1..) = (allowance.remaining, window) {
                let within = after.iter().filter(|start| **start <= window).count();
                let is_renewed = remaining == 0 && allowance.resume_at.is_some();
                prop_assert!(is_renewed || within <= remaining as usize);
            }
        }
    }
}
