//! What is sent next: detections as many at once as their lane allows, the host list a little ahead, lookups that are whole.

use super::detections::DetectionCall;
use super::flight::Flight;
use super::hosts::HostPage;
use super::knowledge_base::{Lookup, QIDS_PER_CALL_MIN};
use super::position::Standing;
use super::qids::{self, Place};
use super::stage::Stage;
use super::{Sync, passes};
use crate::ports::World;
use crate::qualys::detection::{self, Pass};
use crate::qualys::knowledge_base as kb;

/// Slices that are listed and wait for a free place, at most: the list does not run away from its detections.
const SLICES_WAITING_MAX: usize = 2;
/// Lookups under way at once.
const LOOKUPS_MAX: usize = 2;

impl<W: World> Sync<'_, W> {
    /// Sends whatever may be sent now.
    pub(super) fn depart(&mut self) {
        let parallel = self.cargo.lanes.parallel(detection::LANE);
        while self.may_send()
            && self.count(|stage| matches!(stage, Stage::Detections(_))) < parallel
            && let Some(call) = self.next_call()
        {
            self.send(Stage::Detections(call));
        }
        // Only now: a slice of which every host is set aside has been finished without a call.
        if let Some(first) = self.cargo.standing.slices.next_page()
            && self.may_send()
            && self.count(|stage| matches!(stage, Stage::Hosts(_))) == 0
            && self.cargo.standing.slices.unfinished() < parallel + SLICES_WAITING_MAX
            && !self.cargo.outbox.stopped()
        {
            let hosts_max = self.cargo.standing.sizes.page.within(self.cargo.settings.slice_hosts);
            self.send(Stage::Hosts(HostPage::new(first, hosts_max)));
        }
        let front = self.front();
        self.cargo.standing.qids.turn_to(front);
        while self.may_send()
            && self.given_up.is_none()
            && self.count(|stage| matches!(stage, Stage::KnowledgeBase(_))) < LOOKUPS_MAX
            && let Some(lookup) = self.next_lookup()
        {
            self.send(Stage::KnowledgeBase(lookup));
        }
    }

    /// Each refused sign-in counts against the account, so while there is a doubt, one request alone finds out.
    fn may_send(&self) -> bool {
        !self.cargo.is_doubted || self.flights.is_empty()
    }

    /// The next call for detections, no larger than calls may be now; what is left of it waits on.
    fn next_call(&mut self) -> Option<DetectionCall> {
        while !self.cargo.outbox.stopped() {
            if self.calls.is_empty() {
                self.ask_alone();
            }
            let call = self.calls.pop_front()?;
            let Standing { slices, quarantine, sizes, .. } = &mut self.cargo.standing;
            let hosts_max = sizes.detections.within(self.cargo.settings.slice_hosts) as usize;
            let is_aside = |host| if call.alone { !quarantine.due().contains(&host) } else { quarantine.holds(host) };
            let (asked, left) = call.range.clone().cut(hosts_max, is_aside);
            match (asked, left.map(|left| call.of(left))) {
                (Some(asked), left) => {
                    left.iter().for_each(|left| slices.cut(left.slice));
                    left.into_iter().for_each(|left| self.calls.push_front(left));
                    return Some(call.of(asked));
                }
                (None, Some(left)) => self.calls.push_front(left),
                (None, None) => self.called(call.slice),
            }
        }
        None
    }

    /// What an earlier sync had set aside is asked for again when all else is read.
    fn ask_alone(&mut self) {
        let Standing { slices, quarantine, .. } = &mut self.cargo.standing;
        if self.is_last || slices.cursor().is_some() {
            return;
        }
        self.is_last = true;
        let passes = passes(self.cargo.settings);
        for &host in quarantine.due() {
            slices.alone(host, passes.len());
            self.calls.extend(passes.iter().map(|&pass| DetectionCall::alone(host, pass)));
        }
    }

    /// The first call for detections, in the order of all, that is not read to its end.
    fn front(&self) -> Place {
        let flying = self.flights.iter().filter_map(|flight| match &flight.stage {
            Stage::Detections(call) => Some(call),
            Stage::Hosts(_) | Stage::KnowledgeBase(_) => None,
        });
        let calls = self.calls.iter().chain(flying).filter_map(DetectionCall::place);
        let page = self.cargo.standing.slices.next_page().map(|first| (first, Pass::Whole, 0));
        calls.chain(page).min().unwrap_or(qids::LAST)
    }

    /// Whole lookups while detections still come, the rest once they are all read.
    fn next_lookup(&mut self) -> Option<Lookup> {
        let Standing { slices, qids, quarantine, sizes, .. } = &mut self.cargo.standing;
        if slices.cursor().is_none() && quarantine.due().is_empty() {
            qids.close();
        }
        let most = sizes.lookup.within(kb::QIDS_PER_CALL).max(QIDS_PER_CALL_MIN) as usize;
        let taken = qids.take(most)?;
        let since = self.before.stored().filter(|_| taken.is_stored).map(|stored| stored.since.clone());
        Some(Lookup::new(taken.qids, since)).filter(|_| !self.cargo.outbox.stopped())
    }

    /// Flights of some stage.
    pub(super) fn count(&self, is_meant: impl Fn(&Stage) -> bool) -> usize {
        self.flights.iter().filter(|flight| is_meant(&flight.stage)).count()
    }

    /// Sends a request.
    pub(super) fn send(&mut self, stage: Stage) {
        self.flights.push(Flight::depart(self.world, &mut self.cargo, stage));
    }
}
