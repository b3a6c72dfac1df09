//! The story of a sync, in order: hosts page by page, their detections, the knowledge base by the QIDs seen.
//!
//! A slice is one page of the host list with the detections of its hosts.
//! What comes too slowly is asked for in smaller parts; a host that does not come even alone is set aside.
//! Requests of all stages fly side by side, as many as the lanes allow; whichever has something is read on.
//! A position is committed with every finished slice and every answer of the knowledge base.

mod cargo;
mod depart;
mod detections;
mod flight;
mod hosts;
mod knowledge_base;
mod landing;
mod outbox;
mod position;
mod qids;
mod quarantine;
mod range;
mod report;
mod size;
mod slices;
mod stage;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod trouble;

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::bindings::exports::connector::contract::sync::{Ended, Outcome, Request};
use crate::error::{Error, Result};
use crate::ports::World;
use crate::qualys::detection::Pass;
use crate::qualys::{detection, host_list, knowledge_base as kb, limits};
use crate::settings::Settings;
use cargo::Cargo;
use detections::DetectionCall;
use flight::{Flight, Step};
use outbox::Outbox;
use position::Standing;
use report::Finished;
use slices::Counted;
use stage::Stage;
use state::State;
use std::collections::{BTreeMap, VecDeque};

/// Runs one attempt of a sync.
pub fn run<W: World>(world: &W, settings: &Settings, request: &Request) -> Outcome {
    match Standing::read(request.position.as_deref()) {
        Err(error) => report::outcome(&Standing::new(), Finished::default(), None, Some(error), settings),
        Ok(mut standing) => {
            let before = State::read(request.state.as_deref());
            before.stored().iter().for_each(|stored| standing.qids.rely_on(&stored.qids));
            standing.known.learn(before.known());
            let lanes = limits::open(world, &[host_list::LANE, detection::LANE, kb::LANE], settings);
            let cargo = Cargo { settings, outbox: Outbox::new(world), standing, lanes, is_doubted: false };
            let mut sync = Sync::new(world, cargo, before);
            let error = sync.fly().err();
            let finished = sync.finished();
            let outcome = report::outcome(&sync.cargo.standing, finished, sync.given_up.take(), error, settings);
            Outcome { state: sync.state(outcome.ended, finished), ..outcome }
        }
    }
}

/// One attempt under way.
struct Sync<'w, W: World> {
    world: &'w W,
    cargo: Cargo<'w, W>,
    flights: Vec<Flight<W>>,
    /// Detection calls that wait for a free place; they are cut to size when they leave.
    calls: VecDeque<DetectionCall>,
    pages: u32,
    /// Hosts that are asked for alone have been put in the queue.
    is_last: bool,
    /// What was last told of each stage.
    told: BTreeMap<&'static str, u64>,
    /// Why the knowledge base was given up.
    given_up: Option<Error>,
    /// What the last sync left.
    before: State,
}

impl<'w, W: World> Sync<'w, W> {
    fn new(world: &'w W, cargo: Cargo<'w, W>, before: State) -> Self {
        let (flights, calls, told) = (vec![], VecDeque::new(), BTreeMap::new());
        Self { world, cargo, flights, calls, pages: 0, is_last: false, told, given_up: None, before }
    }

    /// What the sync leaves: in part, the times of the last one stay, unless hosts set aside are all that is missing.
    fn state(&self, ended: Ended, finished: Finished) -> Option<String> {
        let standing = &self.cargo.standing;
        match ended {
            Ended::Complete => Some(State::after(standing)),
            Ended::InPart if finished.hosts && finished.knowledge_base => Some(State::after(standing)),
            Ended::InPart => Some(self.before.clone().kept(standing)),
            Ended::Stopped | Ended::Failed => None,
        }
    }

    fn fly(&mut self) -> Result<()> {
        loop {
            self.depart();
            self.unless_stopped()?;
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

    fn advance(&mut self, index: usize) -> Result<()> {
        let Some(flight) = self.flights.get_mut(index) else { return Ok(()) };
        let name = flight.stage.name();
        match flight.advance(self.world, &mut self.cargo) {
            Step::More if self.cargo.outbox.has_overflowed() => {
                self.tell(name);
                Ok(())
            }
            Step::More => Ok(()),
            Step::Done(end) => {
                let stage = self.flights.remove(index).stage;
                self.landed(stage, &end)?;
                self.tell(name);
                Ok(())
            }
            Step::InVain => {
                let stage = self.flights.remove(index).stage;
                self.in_vain(stage)
            }
            Step::Later => {
                let stage = self.flights.remove(index).stage;
                self.put_back(&stage);
                Ok(())
            }
            Step::GaveUp(error) => {
                let stage = self.flights.remove(index).stage;
                self.gave_up(&stage, error)
            }
        }
    }

    /// Tells how many records of a stage this sync has read; those of an answer that failed do not take anything back.
    fn tell(&mut self, name: &'static str) {
        let standing = &self.cargo.standing;
        let open = |seen: fn(&Counted) -> u64| standing.slices.counted().map(seen).sum::<u64>();
        let read = match name {
            hosts::STAGE => standing.totals.hosts.seen() + open(|counted| counted.hosts.seen()),
            detections::STAGE => standing.totals.detections.seen() + open(|counted| counted.detections.seen()),
            _ => standing.totals.knowledge_base.seen(),
        };
        let coming = self.flights.iter().map(|flight| &flight.stage).filter(|stage| stage.name() == name);
        let seen = read + coming.map(Stage::seen).sum::<u64>();
        let told = self.told.entry(name).or_default();
        *told = seen.max(*told);
        self.cargo.outbox.progress(name, *told);
    }

    fn commit(&mut self) {
        let position = self.cargo.standing.position();
        self.cargo.outbox.finish(&position);
    }

    fn unless_stopped(&self) -> Result<()> {
        match self.cargo.outbox.stopped() {
            true => Err(Error::new(ProblemKind::Cancelled, "cancelled", "the host said stop")),
            false => Ok(()),
        }
    }

    fn finished(&self) -> Finished {
        let Standing { slices, qids, quarantine, totals, .. } = &self.cargo.standing;
        let listed = slices.next_page().is_none() && self.count(|stage| matches!(stage, Stage::Hosts(_))) == 0;
        let sliced = slices.cursor().is_none();
        let asked = sliced && quarantine.due().is_empty();
        Finished {
            hosts: listed && sliced && totals.hosts_without_id == 0,
            detections: asked && quarantine.hosts().is_empty(),
            knowledge_base: asked && self.given_up.is_none() && qids.is_answered(),
        }
    }
}

/// The calls that bring all detections of some hosts.
fn passes(settings: &Settings) -> &'static [Pass] {
    detection::passes(settings.kernel_filter.wire())
}
