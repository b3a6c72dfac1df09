//! An answer that came whole: its records count, and perhaps a slice is finished with it.

use super::detections::DetectionCall;
use super::hosts::{Brought, HostPage};
use super::knowledge_base::Lookup;
use super::range::Range;
use super::slices::Slice;
use super::stage::Stage;
use super::{Sync, passes, report};
use crate::error::Result;
use crate::map;
use crate::ports::World;
use crate::qualys::knowledge_base::QIDS_PER_CALL;
use crate::qualys::paging::{self, Next};
use crate::qualys::xml::End;

impl<W: World> Sync<'_, W> {
    /// Takes account of a whole answer.
    pub(super) fn landed(&mut self, stage: Stage, end: &End) -> Result<()> {
        match stage {
            Stage::Hosts(page) => self.listed(page, end),
            Stage::Detections(call) => self.detected(call, end),
            Stage::KnowledgeBase(lookup) => {
                self.looked_up(&lookup, end);
                Ok(())
            }
        }
    }

    fn listed(&mut self, page: HostPage, end: &End) -> Result<()> {
        self.pages += 1;
        let HostPage { first, hosts_max, is_repeated, brought: Brought { mut hosts, torn, counted }, .. } = page;
        hosts.sort_unstable();
        let known = Range::over(hosts.iter().chain(&torn).copied().collect());
        let last = known.as_ref().map(|known| known.last);
        let next = match paging::next(end, Some(first), last, self.pages, is_repeated)? {
            Next::Over => None,
            Next::From(next) => Some(next),
            Next::Repeat => {
                self.send(Stage::Hosts(HostPage::repeated(first, hosts_max)));
                return Ok(());
            }
        };
        let standing = &mut self.cargo.standing;
        standing.sizes.page.grow(hosts_max, self.cargo.settings.slice_hosts);
        if standing.totals.began.is_none() {
            standing.totals.began.clone_from(&end.datetime);
        }
        let again = known.iter().flat_map(|known| &known.hosts).filter(|host| self.before.quarantine().contains(host));
        again.for_each(|&host| standing.quarantine.again(host));
        let passes = passes(self.cargo.settings);
        let calls =
            known.iter().flat_map(|known| passes.iter().map(|&pass| DetectionCall::new(first, pass, known.clone())));
        let before = self.calls.len();
        self.calls.extend(calls);
        let finished = standing.slices.listed(hosts, next, self.calls.len() - before, counted);
        finished.into_iter().for_each(|slice| self.finish(slice));
        Ok(())
    }

    fn detected(&mut self, mut call: DetectionCall, end: &End) -> Result<()> {
        let next = paging::next(end, Some(call.range.first), call.brought.highest, call.page, call.is_repeated)?;
        if next == Next::Repeat {
            self.calls.push_front(call.repeated());
            return Ok(());
        }
        let brought = std::mem::take(&mut call.brought);
        let standing = &mut self.cargo.standing;
        standing.quarantine.answered();
        standing.sizes.detections.grow(call.size(), self.cargo.settings.slice_hosts);
        if let Some(slice) = standing.slices.get_mut(call.slice) {
            slice.counted.detections.add(&brought.tally);
            slice.gapped.extend(brought.gapped);
            slice.is_gapped |= brought.is_gapped;
        }
        brought.dropped.into_iter().for_each(|line| self.cargo.outbox.drop_line(line));
        match next {
            Next::From(next) if let Some(rest) = call.on_from(next) => self.calls.push_front(rest),
            _ => self.called(call.slice),
        }
        Ok(())
    }

    /// One call of a slice is done with.
    pub(super) fn called(&mut self, slice: u64) {
        let finished = self.cargo.standing.slices.called(slice);
        finished.into_iter().for_each(|slice| self.finish(slice));
    }

    /// A slice is finished: counts it, tells which hosts are complete, and makes it durable.
    fn finish(&mut self, slice: Slice) {
        let standing = &mut self.cargo.standing;
        slice.alone.iter().for_each(|&host| standing.quarantine.released(host));
        standing.totals.hosts.add(&slice.counted.hosts);
        standing.totals.hosts_without_id += slice.counted.without_id;
        standing.totals.detections.add(&slice.counted.detections);
        standing.totals.late += slice.late.len() as u64;
        let left_out = slice.left_out.iter().map(|range| (*range.start(), *range.end()));
        let room = report::RANGES_MAX.saturating_sub(standing.totals.left_out.len());
        standing.totals.left_out.extend(left_out.take(room));
        for host in slice.complete().filter(|&host| !standing.quarantine.holds(host)) {
            self.cargo.outbox.complete(host.to_string());
        }
        self.commit();
    }

    fn looked_up(&mut self, lookup: &Lookup, end: &End) {
        let standing = &mut self.cargo.standing;
        standing.sizes.lookup.grow(lookup.size(), QIDS_PER_CALL);
        // Answers land in any order; what they have told together is as old as the oldest.
        let times = [standing.totals.knowledge_base_began.take(), end.datetime.clone()];
        standing.totals.knowledge_base_began = times.into_iter().flatten().min();
        for qid in lookup.unknown() {
            self.cargo.outbox.vulnerability(map::vulnerability::unknown(&qid.to_string()));
            standing.totals.unknown_qids += 1;
        }
        standing.totals.knowledge_base.add(&lookup.brought.tally);
        standing.totals.relied_on += lookup.since.iter().map(|_| lookup.qids.len() as u64).sum::<u64>();
        standing.totals.scored += lookup.brought.scored;
        standing.totals.unrated += lookup.brought.unrated();
        standing.qids.answered(&lookup.qids, lookup.unsure());
        self.commit();
    }
}
