//! The story of a sync, in order: hosts page by page, their detections, the knowledge base by the QIDs seen.
//!
//! A slice is one page of the host list with the detections of its hosts.
//! Requests of all stages fly side by side, as many as the lanes allow; whichever has something is read on.
//! A position is committed with every finished slice and every answer of the knowledge base.

mod cargo;
mod detections;
mod flight;
mod hosts;
mod knowledge_base;
mod outbox;
mod position;
mod qids;
mod report;
mod slices;
mod stage;
mod state;
mod tally;
#[cfg(test)]
mod tests;

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::bindings::exports::connector::contract::sync::{Ended, Outcome, Request};
use crate::error::{Error, Result};
use crate::map;
use crate::ports::World;
use crate::qualys::xml::End;
use crate::qualys::{detection, host_list, knowledge_base as kb, limits, paging};
use crate::settings::Settings;
use cargo::Cargo;
use detections::DetectionCall;
use flight::{Flight, Step};
use hosts::HostPage;
use knowledge_base::Lookup;
use outbox::Outbox;
use position::{Position, Totals};
use report::Finished;
use slices::{Counted, Slice};
use stage::Stage;
use state::State;
use std::collections::VecDeque;

/// Slices that are listed and not finished, at most: the list does not run away from its detections.
const SLICES_AHEAD_MAX: usize = 4;
/// Lookups under way at once.
const LOOKUPS_MAX: usize = 2;

/// Runs one attempt of a sync.
pub fn run<W: World>(world: &W, settings: &Settings, request: &Request) -> Outcome {
    match Position::read(request.position.as_deref()) {
        Err(error) => report::outcome(&Totals::default(), Finished::default(), None, Some(error), settings),
        Ok((slices, mut qids, totals)) => {
            let before = State::read(request.state.as_deref());
            before.stored().iter().for_each(|stored| qids.rely_on(&stored.qids));
            let cargo = Cargo { settings, outbox: Outbox::new(world), slices, qids };
            let mut sync = Sync::new(world, cargo, totals, before);
            let error = sync.fly().err();
            let outcome = report::outcome(&sync.totals, sync.finished(), sync.given_up.take(), error, settings);
            Outcome { state: sync.state(outcome.ended, request.state.as_deref()), ..outcome }
        }
    }
}

/// One attempt under way.
struct Sync<'w, W: World> {
    world: &'w W,
    cargo: Cargo<'w, W>,
    totals: Totals,
    flights: Vec<Flight<W>>,
    /// Detection calls that wait for a free place.
    calls: VecDeque<DetectionCall>,
    pages: u32,
    /// Why the knowledge base was given up.
    given_up: Option<Error>,
    /// What the last sync left.
    before: State,
}

impl<'w, W: World> Sync<'w, W> {
    fn new(world: &'w W, cargo: Cargo<'w, W>, totals: Totals, before: State) -> Self {
        Self { world, cargo, totals, flights: vec![], calls: VecDeque::new(), pages: 0, given_up: None, before }
    }

    /// What the sync leaves, `before` being what the last one left: in part, its times stay.
    fn state(&self, ended: Ended, before: Option<&str>) -> Option<String> {
        match ended {
            Ended::Complete => Some(State::after(&self.totals, &self.cargo.qids)),
            Ended::InPart => Some(before.map_or_else(State::nothing, Into::into)),
            Ended::Stopped | Ended::Failed => None,
        }
    }

    fn fly(&mut self) -> Result<()> {
        limits::open(self.world, &[host_list::LANE, detection::LANE, kb::LANE], self.cargo.settings);
        loop {
            self.depart();
            if self.flights.is_empty() {
                self.degrade();
                self.commit();
                return self.unless_stopped();
            }
            let exchanges: Vec<_> = self.flights.iter().map(|flight| &flight.exchange).collect();
            let ready = self.world.ready(&exchanges);
            self.advance(ready)?;
            self.unless_stopped()?;
        }
    }

    /// Sends whatever may be sent now.
    fn depart(&mut self) {
        if let Some(first) = self.cargo.slices.next_page()
            && self.count(|stage| matches!(stage, Stage::Hosts(_))) == 0
            && self.cargo.slices.unfinished() < SLICES_AHEAD_MAX
        {
            self.send(Stage::Hosts(HostPage::new(first)));
        }
        let parallel = self.cargo.settings.subscription.quota().parallel as usize;
        while self.count(|stage| matches!(stage, Stage::Detections(_))) < parallel
            && let Some(call) = self.calls.pop_front()
        {
            self.send(Stage::Detections(call));
        }
        while self.given_up.is_none()
            && self.count(|stage| matches!(stage, Stage::KnowledgeBase(_))) < LOOKUPS_MAX
            && let Some(lookup) = self.next_lookup()
        {
            self.send(Stage::KnowledgeBase(lookup));
        }
    }

    /// Whole lookups while detections still come, the rest once they are all read.
    fn next_lookup(&mut self) -> Option<Lookup> {
        let least = if self.finished().detections { 1 } else { kb::QIDS_PER_CALL };
        let taken = self.cargo.qids.take(least, kb::QIDS_PER_CALL)?;
        let since = self.before.stored().filter(|_| taken.is_stored).map(|stored| stored.since.clone());
        Some(Lookup::new(taken.qids, since))
    }

    fn count(&self, is_meant: impl Fn(&Stage) -> bool) -> usize {
        self.flights.iter().filter(|flight| is_meant(&flight.stage)).count()
    }

    fn send(&mut self, stage: Stage) {
        self.flights.push(Flight::depart(self.world, self.cargo.settings, stage));
    }

    fn advance(&mut self, index: usize) -> Result<()> {
        let Some(flight) = self.flights.get_mut(index) else { return Ok(()) };
        match flight.advance(self.world, &mut self.cargo) {
            Step::More => Ok(()),
            Step::Done(end) => {
                let stage = self.flights.remove(index).stage;
                let name = stage.name();
                self.landed(stage, &end)?;
                self.cargo.outbox.progress(name, self.seen(name));
                Ok(())
            }
            Step::GaveUp(error) => {
                let stage = self.flights.remove(index).stage;
                self.gave_up(&stage, error)
            }
        }
    }

    fn landed(&mut self, stage: Stage, end: &End) -> Result<()> {
        match stage {
            Stage::Hosts(page) => self.listed(page, end),
            Stage::Detections(call) => self.detected(call, end),
            Stage::KnowledgeBase(lookup) => {
                self.looked_up(&lookup, end);
                Ok(())
            }
        }
    }

    /// Records of a stage read so far in this sync; those of an answer count once it is whole.
    fn seen(&self, name: &str) -> u64 {
        let open = |seen: fn(&Counted) -> u64| self.cargo.slices.counted().map(seen).sum::<u64>();
        match name {
            hosts::STAGE => self.totals.hosts.seen() + open(|counted| counted.hosts.seen()),
            detections::STAGE => self.totals.detections.seen() + open(|counted| counted.detections.seen()),
            _ => self.totals.knowledge_base.seen(),
        }
    }

    fn listed(&mut self, mut page: HostPage, end: &End) -> Result<()> {
        self.pages += 1;
        page.hosts.sort_unstable();
        let named = page.hosts.iter().chain(&page.torn).copied();
        let (first, last) = (named.clone().min(), named.max());
        let next = paging::next(end, Some(page.first), last, self.pages)?;
        if self.totals.began.is_none() {
            self.totals.began.clone_from(&end.datetime);
        }
        let calls = match (first, last) {
            (Some(first), Some(last)) => detection::passes(self.cargo.settings.kernel_filter.wire())
                .iter()
                .map(|&pass| DetectionCall::new(page.first, pass, (first, last)))
                .collect(),
            _ => Vec::new(),
        };
        let finished = self.cargo.slices.listed(page.hosts, next, calls.len(), page.counted);
        self.calls.extend(calls);
        finished.into_iter().for_each(|slice| self.finish(slice));
        Ok(())
    }

    fn detected(&mut self, call: DetectionCall, end: &End) -> Result<()> {
        let (first, last) = call.hosts;
        if let Some(slice) = self.cargo.slices.get_mut(call.slice) {
            slice.counted.detections.add(&call.tally);
        }
        match paging::next(end, Some(first), call.highest, call.page)? {
            Some(next) if next <= last => self.calls.push_front(call.on_from(next)),
            _ => {
                let finished = self.cargo.slices.called(call.slice);
                finished.into_iter().for_each(|slice| self.finish(slice));
            }
        }
        Ok(())
    }

    /// A slice is finished: counts it, tells which hosts are complete, and makes it durable.
    fn finish(&mut self, slice: Slice) {
        self.totals.hosts.add(&slice.counted.hosts);
        self.totals.hosts_without_id += slice.counted.without_id;
        self.totals.detections.add(&slice.counted.detections);
        self.totals.late += slice.late.len() as u64;
        for host in slice.complete() {
            self.cargo.outbox.complete(host.to_string());
        }
        self.commit();
    }

    fn looked_up(&mut self, lookup: &Lookup, end: &End) {
        // Answers land in any order; what they have told together is as old as the oldest.
        let times = [self.totals.knowledge_base_began.take(), end.datetime.clone()];
        self.totals.knowledge_base_began = times.into_iter().flatten().min();
        for qid in lookup.unknown() {
            self.cargo.outbox.vulnerability(map::vulnerability::unknown(&qid.to_string()));
            self.totals.unknown_qids += 1;
        }
        self.totals.knowledge_base.add(&lookup.brought.tally);
        self.totals.relied_on += lookup.since.iter().map(|_| lookup.qids.len() as u64).sum::<u64>();
        self.totals.scored += lookup.brought.scored;
        self.totals.unrated += lookup.brought.unrated();
        self.cargo.qids.answered(&lookup.qids, lookup.unsure());
        self.commit();
    }

    /// Without hosts or detections there is no sync; without the knowledge base there is one that ends in part.
    fn gave_up(&mut self, stage: &Stage, error: Error) -> Result<()> {
        if !matches!(stage, Stage::KnowledgeBase(_)) || error.kind == ProblemKind::Cancelled {
            return Err(error);
        }
        self.flights.retain(|flight| !matches!(flight.stage, Stage::KnowledgeBase(_)));
        self.given_up = Some(error);
        Ok(())
    }

    /// An account that may not read the knowledge base never could: its findings get a title all the same.
    /// After any other trouble the titles of an earlier sync are better than none.
    fn degrade(&mut self) {
        if self.given_up.as_ref().is_some_and(|error| error.kind == ProblemKind::Permission) {
            for qid in self.cargo.qids.undescribed().iter() {
                self.cargo.outbox.vulnerability(map::vulnerability::unknown(&qid.to_string()));
                self.totals.unknown_qids += 1;
            }
        }
    }

    fn commit(&mut self) {
        let position = Position::write(&self.cargo.slices, &self.cargo.qids, &self.totals);
        self.cargo.outbox.finish(&position);
    }

    fn unless_stopped(&self) -> Result<()> {
        match self.cargo.outbox.stopped() {
            true => Err(Error::new(ProblemKind::Cancelled, "cancelled", "the host said stop")),
            false => Ok(()),
        }
    }

    fn finished(&self) -> Finished {
        let listed =
            self.cargo.slices.next_page().is_none() && self.count(|stage| matches!(stage, Stage::Hosts(_))) == 0;
        let detections = self.cargo.slices.cursor().is_none();
        let looked_up = detections && self.given_up.is_none() && self.cargo.qids.unanswered().is_empty();
        Finished {
            hosts: listed && detections && self.totals.hosts_without_id == 0,
            detections,
            knowledge_base: looked_up,
        }
    }
}
