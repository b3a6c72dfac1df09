//! An answer that did not come, or was no good: less is asked for, a host is set aside, a part is given up, or the sync ends.

use super::Sync;
use super::detections::DetectionCall;
use super::position::Standing;
use super::stage::Stage;
use crate::bindings::connector::contract::log::Level;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};
use crate::map;
use crate::ports::World;

impl<W: World> Sync<'_, W> {
    /// Asks for less than what was asked for in vain.
    pub(super) fn in_vain(&mut self, stage: Stage) -> Result<()> {
        let standing = &mut self.cargo.standing;
        match stage {
            Stage::Hosts(page) => standing.sizes.page.shrink(page.hosts_max),
            Stage::Detections(call) => return self.split(&call),
            Stage::KnowledgeBase(lookup) => {
                standing.sizes.lookup.shrink(lookup.size());
                standing.qids.put_back(&lookup.qids);
            }
        }
        Ok(())
    }

    /// Asks for the same later, as if it had not been sent.
    pub(super) fn put_back(&mut self, stage: &Stage) {
        match stage {
            // The next page is still this one.
            Stage::Hosts(_) => {}
            Stage::Detections(call) => self.calls.push_front(call.afresh()),
            Stage::KnowledgeBase(lookup) => self.cargo.standing.qids.put_back(&lookup.qids),
        }
    }

    /// What waits at the front of the queue is cut to size, and around hosts that are set aside, before it leaves.
    fn split(&mut self, call: &DetectionCall) -> Result<()> {
        let standing = &mut self.cargo.standing;
        match call.range.hosts.as_slice() {
            [] => self.leave_out(call),
            &[host] if call.alone => {
                standing.quarantine.stays(host);
                self.called(call.slice);
            }
            &[host] => {
                let is_room = standing.quarantine.set_aside(host);
                self.calls.push_front(call.in_parts());
                self.world.write(Level::Warn, "a host was set aside", &[("host", &host.to_string())]);
                self.commit();
                return is_room;
            }
            _ => {
                standing.sizes.detections.shrink(call.size());
                self.calls.push_front(call.in_parts());
            }
        }
        Ok(())
    }

    /// Nobody known is in that range: hosts that were scanned since the list was read, if any, are left to the next sync.
    fn leave_out(&mut self, call: &DetectionCall) {
        let (first, last) = (call.range.first, call.range.last);
        if let Some(slice) = self.cargo.standing.slices.get_mut(call.slice) {
            // An answer that was cut, or another pass sooner or later, may tell of some, and not everything.
            slice.left_out.push(first..=last);
        }
        let fields = [("first", first.to_string()), ("last", last.to_string())];
        let fields = fields.each_ref().map(|(name, id)| (*name, id.as_str()));
        self.world.write(Level::Warn, "hosts that were not listed are left to the next sync", &fields);
        self.called(call.slice);
    }

    /// Without hosts or detections there is no sync; without the knowledge base there is one that ends in part.
    pub(super) fn gave_up(&mut self, stage: &Stage, error: Error) -> Result<()> {
        if !matches!(stage, Stage::KnowledgeBase(_)) || error.kind == ProblemKind::Cancelled {
            return Err(error);
        }
        self.flights.retain(|flight| !matches!(flight.stage, Stage::KnowledgeBase(_)));
        self.given_up = Some(error);
        Ok(())
    }

    /// An account that may not read the knowledge base never could: its findings get a title all the same.
    /// After any other trouble the titles of an earlier sync are better than none.
    pub(super) fn degrade(&mut self) {
        if self.given_up.as_ref().is_some_and(|error| error.kind == ProblemKind::Permission) {
            let Standing { qids, totals, .. } = &mut self.cargo.standing;
            qids.close();
            for qid in qids.undescribed() {
                self.cargo.outbox.vulnerability(map::vulnerability::unknown(&qid.to_string()));
                totals.unknown_qids += 1;
            }
        }
    }
}
