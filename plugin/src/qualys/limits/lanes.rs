//! How each lane stands, for one attempt: what the subscription type gives, what headers said last, and the waits that still stand.
//!
//! Answers of one lane arrive in any order, so what an old one says never undoes what a newer one said, and no head ends a wait early.
//! Nothing is judged here.

use super::headers::Said;
use super::{Meaning, WAIT_SECS_MAX, Wait};
use crate::bindings::connector::contract::http::{Allowance, Head};
use crate::ports::{Clock, Http};
use crate::settings::{Quota, Settings};
use std::collections::BTreeMap;

/// The clock counts whole seconds, so a wait that began within a second ends within the second after.
const GRAIN_SECS: i64 = 1;

/// Calls at once that are made use of, whatever headers promise: all flights together must stay within what a host lets live.
const PARALLEL_MAX: u32 = 20;

/// Tells how the lanes stand before their first answers: the figures of the subscription type.
pub fn open<W: Http + Clock>(world: &W, lanes: &[&'static str], settings: &Settings) -> Lanes {
    let quota = settings.subscription.quota();
    let mut opened = Lanes { quota, reserve_percent: settings.reserve_percent, lanes: BTreeMap::new() };
    for &lane in lanes {
        opened.tell(world, lane, |_, _| {});
    }
    opened
}

/// How the lanes of one attempt stand.
#[derive(Debug)]
pub struct Lanes {
    quota: Quota,
    reserve_percent: u32,
    lanes: BTreeMap<&'static str, Lane>,
}

/// Which request of its lane one was, in the order they were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ticket(u64);

impl Lanes {
    /// Notes that a request was sent.
    pub fn sent(&mut self, lane: &'static str) -> Ticket {
        let lane = self.lane(lane);
        lane.sent += 1;
        Ticket(lane.sent)
    }

    /// Requests of a lane that may run at once at the best of times; more would only wait at the host, and count as sent.
    pub fn parallel(&mut self, lane: &'static str) -> usize {
        self.lane(lane).most() as usize
    }

    /// Whether another call of a lane would start at once, as far as calls and waits decide that.
    pub fn is_open<W: Clock>(&mut self, world: &W, lane: &'static str) -> bool {
        let (reserve_percent, now) = (self.reserve_percent, world.now());
        let allowance = self.lane(lane).allowance(reserve_percent, now);
        allowance.resume_at.is_none() && allowance.remaining != Some(0)
    }

    /// Tells what the headers of the answer to a request say of its lane.
    pub fn heed<W: Http + Clock>(&mut self, world: &W, lane: &'static str, ticket: Ticket, head: &Head) {
        let said = Said::of(head);
        let reserve_percent = self.reserve_percent;
        if said != Said::default() || self.lane(lane).alone_since.is_some() {
            self.tell(world, lane, |lane, now| lane.heed(said, ticket, reserve_percent, now));
        }
    }

    /// Tells of a wait that was decided for a lane.
    pub fn wait<W: Http + Clock>(&mut self, world: &W, lane: &'static str, wait: &Wait) {
        self.tell(world, lane, |lane, now| lane.wait(wait, now));
    }

    fn tell<W: Http + Clock>(&mut self, world: &W, name: &'static str, change: impl FnOnce(&mut Lane, i64)) {
        let now = world.now();
        let reserve_percent = self.reserve_percent;
        let lane = self.lane(name);
        change(lane, now);
        world.pace(name, &lane.allowance(reserve_percent, now));
    }

    fn lane(&mut self, name: &'static str) -> &mut Lane {
        let quota = self.quota;
        self.lanes.entry(name).or_insert_with(|| Lane::new(quota))
    }
}

/// What is known of one lane.
#[derive(Debug)]
struct Lane {
    /// Calls allowed in a window, its length, and calls at once: of the subscription type, until headers say otherwise.
    quota: Quota,
    /// What the newest answer said is left.
    left: Option<Left>,
    /// Requests sent so far.
    sent: u64,
    /// Until when the source lets nothing in.
    used_up_until: i64,
    /// Until when we wait on our own account.
    pause_until: i64,
    /// Since when calls are let in one by one: too many ran at once.
    alone_since: Option<i64>,
    reason: &'static str,
}

/// Calls left, the reserve taken off.
#[derive(Clone, Copy, Debug)]
struct Left {
    calls: u32,
    said_to: Ticket,
    at: i64,
}

impl Lane {
    fn new(quota: Quota) -> Self {
        let reason = "the subscription type's figures";
        Self { quota, left: None, sent: 0, used_up_until: i64::MIN, pause_until: i64::MIN, alone_since: None, reason }
    }

    fn heed(&mut self, said: Said, ticket: Ticket, reserve_percent: u32, now: i64) {
        (self.quota.calls, self.quota.window_secs) = said.limit.unwrap_or((self.quota.calls, self.quota.window_secs));
        self.quota.parallel = said.parallel.unwrap_or(self.quota.parallel);
        if let Some(calls) = said.remaining
            && self.left.is_none_or(|left| left.said_to < ticket)
        {
            let calls = calls.saturating_sub(reserve(self.quota.calls, reserve_percent));
            self.left = Some(Left { calls, said_to: ticket, at: now });
        }
        if let Some(secs) = said.wait_secs {
            self.used_up_until = self.used_up_until.max(end(now, secs));
        }
        if self.used_up_until.max(self.pause_until) <= now {
            self.reason = "the limits in the last answer";
        }
    }

    fn wait(&mut self, wait: &Wait, now: i64) {
        let until = end(now, wait.secs);
        match wait.meaning {
            Meaning::UsedUp => self.used_up_until = self.used_up_until.max(until),
            Meaning::TooMany | Meaning::Nothing | Meaning::Doubt => self.pause_until = self.pause_until.max(until),
        }
        if wait.meaning == Meaning::TooMany {
            self.alone_since = Some(now);
        }
        if self.used_up_until.max(self.pause_until) == until {
            self.reason = wait.reason;
        }
    }

    fn allowance(&self, reserve_percent: u32, now: i64) -> Allowance {
        let calls = self.quota.calls;
        let remaining = self.remaining(now);
        Allowance {
            limit: Some(calls.saturating_sub(reserve(calls, reserve_percent)).max(1)),
            window_secs: Some(self.quota.window_secs),
            remaining,
            parallel: Some(self.parallel(now)),
            resume_at: Some(self.resume_at(remaining, now)).filter(|&at| at > now),
            reason: self.reason.into(),
        }
    }

    /// Calls left as of now: those sent after the answer that told are taken off. None once the source counts anew.
    fn remaining(&self, now: i64) -> Option<u32> {
        if self.used_up_until > now {
            return Some(0);
        }
        let left = self.left.filter(|left| left.at >= self.used_up_until)?;
        let sent_since = self.sent.saturating_sub(left.said_to.0);
        Some(left.calls.saturating_sub(u32::try_from(sent_since).unwrap_or(u32::MAX)))
    }

    /// When the next call may start.
    ///
    /// To the host, the end of a wait with nothing left is when the source counts anew; a pause of our own is not that.
    fn resume_at(&self, remaining: Option<u32>, now: i64) -> i64 {
        let resume_at = self.used_up_until.max(self.pause_until);
        match self.left {
            Some(left) if remaining == Some(0) && self.used_up_until <= now && resume_at > now => {
                resume_at.max(end(left.at, self.quota.window_secs))
            }
            _ => resume_at,
        }
    }

    /// One at a time after too many, then one more for every window that passed without.
    fn parallel(&self, now: i64) -> u32 {
        let Some(since) = self.alone_since else { return self.most() };
        let windows = now.saturating_sub(since) / i64::from(self.quota.window_secs.max(1));
        u32::try_from(windows).unwrap_or(u32::MAX).saturating_add(1).min(self.most())
    }

    fn most(&self) -> u32 {
        self.quota.parallel.clamp(1, PARALLEL_MAX)
    }
}

/// When a wait that begins now has ended for certain.
fn end(now: i64, secs: u32) -> i64 {
    now.saturating_add(i64::from(secs.min(WAIT_SECS_MAX))).saturating_add(GRAIN_SECS)
}

/// The share of a limit that is left to the customer's other tools.
fn reserve(limit: u32, percent: u32) -> u32 {
    (u64::from(limit) * u64::from(percent.min(100)) / 100) as u32
}

#[cfg(test)]
mod tests;
