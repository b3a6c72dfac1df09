//! Which part of the host list is where: a slice is one page of it, with the detections of its hosts.
//!
//! Slices are listed in order and finish in any order.
//! A position remembers the first unfinished one and the finished ones beyond it, so nothing finished is done twice.

use super::tally::Tally;
use crate::kept::keep;
use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;

/// A stretch of host IDs: from the `id_min` of a page up to that of the next, which is not part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stretch {
    /// Where it begins; the first page begins at 0.
    pub first: u64,
    /// Where the next begins; none for the last page.
    pub next: Option<u64>,
}
keep!(Stretch { first, next });

impl Stretch {
    fn holds(&self, id: u64) -> bool {
        id >= self.first && self.next.is_none_or(|next| id < next)
    }
}

/// A page of the host list on its way to being finished.
#[derive(Debug, Default)]
pub struct Slice {
    stretch: Stretch,
    /// It is no page, but one host that an earlier sync had set aside.
    pub alone: Option<u64>,
    /// Detection calls that have still to be made or read.
    calls_left: usize,
    /// Its hosts, ascending.
    pub hosts: Vec<u64>,
    /// Hosts that detections named and the list did not.
    pub late: BTreeSet<u64>,
    /// Hosts of which a detection was dropped: not all that was found on them has been sent.
    pub gapped: BTreeSet<u64>,
    /// A detection was dropped that may have been one of any host.
    pub is_gapped: bool,
    /// Stretches that one of the calls has left out: what another tells of a late host in there is not all.
    pub left_out: Vec<RangeInclusive<u64>>,
    /// What its answers have brought.
    pub counted: Counted,
}

impl Slice {
    /// The hosts of which every detection has been sent.
    pub fn complete(&self) -> impl Iterator<Item = u64> {
        let hosts = self.hosts.iter().chain(&self.late).copied();
        let is_left_out = |host: &u64| self.left_out.iter().any(|range| range.contains(host));
        hosts.filter(move |host| !self.is_gapped && !self.gapped.contains(host) && !is_left_out(host))
    }
}

/// What the answers of a slice have brought; it counts for the sync once the slice is finished.
#[derive(Debug, Default)]
pub struct Counted {
    /// Records of the host list.
    pub hosts: Tally,
    /// Records of the host list whose very ID could not be read.
    pub without_id: u64,
    /// Detections.
    pub detections: Tally,
}

/// All slices of a sync.
#[derive(Debug)]
pub struct Slices {
    /// Listed and not yet behind the cursor, in order.
    open: VecDeque<Slice>,
    /// Finished before this attempt began, beyond the cursor.
    beyond: Vec<Stretch>,
    next_page: Option<u64>,
    cursor: Option<u64>,
}

impl Slices {
    /// Goes on from a cursor (none: the list is finished) and what is finished beyond it.
    pub fn resume(cursor: Option<u64>, beyond: Vec<Stretch>) -> Self {
        let mut slices = Self { open: VecDeque::new(), beyond, next_page: cursor, cursor };
        slices.skip_finished();
        slices
    }

    /// The page to read next, by its `id_min`; none when the list was read to its end.
    pub fn next_page(&self) -> Option<u64> {
        self.next_page
    }

    /// Slices that are listed and not finished.
    pub fn unfinished(&self) -> usize {
        self.open.iter().filter(|slice| slice.calls_left > 0).count()
    }

    /// A page that began there is listed and not finished.
    pub fn is_unfinished(&self, first: u64) -> bool {
        self.open.iter().any(|slice| slice.stretch.first == first && slice.calls_left > 0)
    }

    /// What the answers of every slice that is not finished have brought so far.
    pub fn counted(&self) -> impl Iterator<Item = &Counted> {
        self.open.iter().map(|slice| &slice.counted)
    }

    /// A host was dealt with before this attempt began.
    pub fn is_finished(&self, host: u64) -> bool {
        self.beyond.iter().any(|stretch| stretch.holds(host))
    }

    /// A page was read: adds its slice, which `calls` detection calls finish; gives the slice back when it is finished already.
    pub fn listed(&mut self, hosts: Vec<u64>, next: Option<u64>, calls: usize, counted: Counted) -> Option<Slice> {
        let first = self.next_page?;
        let stretch = Stretch { first, next };
        self.open.push_back(Slice { stretch, calls_left: calls, hosts, counted, ..Slice::default() });
        self.next_page = next;
        let finished = self.finished(first);
        self.skip_finished();
        self.settle();
        finished
    }

    /// Every page is finished: adds a slice for one host that is asked for again, alone.
    pub fn alone(&mut self, host: u64, calls: usize) {
        let stretch = Stretch { first: host, next: None };
        self.open.push_back(Slice {
            stretch,
            alone: Some(host),
            calls_left: calls,
            hosts: vec![host],
            ..Slice::default()
        });
    }

    /// One detection call of a slice was cut in two.
    pub fn cut(&mut self, first: u64) {
        self.get_mut(first).into_iter().for_each(|slice| slice.calls_left += 1);
    }

    /// The slice whose page began at `first`.
    pub fn get_mut(&mut self, first: u64) -> Option<&mut Slice> {
        self.open.iter_mut().find(|slice| slice.stretch.first == first)
    }

    /// One detection call of a slice was read; gives the slice when that finished it.
    pub fn called(&mut self, first: u64) -> Option<Slice> {
        let slice = self.get_mut(first)?;
        slice.calls_left = slice.calls_left.saturating_sub(1);
        let finished = self.finished(first);
        self.settle();
        finished
    }

    /// Takes what a finished slice holds; its stretch stays until the cursor has passed it.
    fn finished(&mut self, first: u64) -> Option<Slice> {
        let slice = self.get_mut(first).filter(|slice| slice.calls_left == 0)?;
        let stretch = slice.stretch;
        let alone = slice.alone;
        Some(std::mem::replace(slice, Slice { stretch, alone, ..Slice::default() }))
    }

    /// Where another attempt goes on; none when every slice is finished.
    pub fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// What is finished beyond the cursor.
    ///
    /// A page that is larger than those of an earlier attempt may hold such a stretch, and is not finished for all that.
    pub fn beyond(&self) -> Vec<Stretch> {
        let Some(cursor) = self.cursor else { return vec![] };
        let before = self.beyond.iter().filter(|stretch| stretch.next.is_none_or(|next| next > cursor));
        let finished = self.open.iter().filter(|slice| slice.calls_left == 0 && !self.is_finished(slice.stretch.first));
        before.copied().chain(finished.map(|slice| slice.stretch)).collect()
    }

    fn skip_finished(&mut self) {
        while let Some(page) = self.next_page {
            let Some(done) = self.beyond.iter().find(|stretch| stretch.holds(page)) else { return };
            let stretch = Stretch { first: page, next: done.next };
            self.next_page = done.next;
            self.open.push_back(Slice { stretch, ..Slice::default() });
        }
    }

    fn settle(&mut self) {
        while let Some(slice) = self.open.pop_front_if(|slice| slice.calls_left == 0) {
            self.cursor = slice.stretch.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(first: u64, next: Option<u64>) -> Stretch {
        Stretch { first, next }
    }

    fn list(slices: &mut Slices, hosts: Vec<u64>, next: Option<u64>, calls: usize) -> Option<Slice> {
        slices.listed(hosts, next, calls, Counted::default())
    }

    #[test]
    fn slices_that_finish_out_of_order_wait_beyond_the_cursor() {
        let mut slices = Slices::resume(Some(0), vec![]);
        list(&mut slices, vec![1, 2], Some(10), 1);
        list(&mut slices, vec![10, 12], Some(20), 1);
        list(&mut slices, vec![20], None, 1);
        assert_eq!(slices.called(10).unwrap().hosts, [10, 12]);
        assert_eq!((slices.cursor(), slices.beyond()), (Some(0), vec![stretch(10, Some(20))]));
        slices.called(0);
        assert_eq!((slices.cursor(), slices.beyond()), (Some(20), vec![]));
        slices.called(20);
        assert_eq!((slices.cursor(), slices.next_page()), (None, None));
    }

    #[test]
    fn a_resumed_listing_leaps_over_what_is_finished() {
        let mut slices = Slices::resume(Some(0), vec![stretch(10, Some(20)), stretch(30, None)]);
        list(&mut slices, vec![1, 2], Some(12), 1);
        assert_eq!(slices.next_page(), Some(20), "a page may begin in the midst of a finished stretch");
        assert!(slices.is_finished(11) && !slices.is_finished(20));
        list(&mut slices, vec![20, 21], Some(30), 1);
        assert_eq!(slices.next_page(), None);
        slices.called(20);
        slices.called(0);
        assert_eq!((slices.cursor(), slices.beyond()), (None, vec![]));
    }

    #[test]
    fn what_is_finished_stays_so_until_the_cursor_has_passed_it() {
        #[rustfmt::skip]
        let cases = [
            ("nothing was listed",              None,           vec![stretch(10, Some(20))]),
            ("a page ends before it",           Some(Some(10)), vec![stretch(10, Some(20))]),
            ("a page ends in the midst of it",  Some(Some(15)), vec![stretch(10, Some(20))]),
            ("a page ends behind it",           Some(Some(25)), vec![stretch(10, Some(20))]),
            ("a page is the last",              Some(None),     vec![stretch(10, Some(20))]),
        ];
        for (case, listed, expected) in cases {
            let mut slices = Slices::resume(Some(0), vec![stretch(10, Some(20))]);
            let listed = listed.map(|next| list(&mut slices, vec![1, 2], next, 1));
            assert_eq!((slices.cursor(), slices.beyond()), (Some(0), expected), "{case}");
            listed.iter().for_each(|_| drop(slices.called(0)));
            assert!(slices.beyond().is_empty() || listed.is_none(), "{case}: {:?}", slices.beyond());
        }
    }

    #[test]
    fn an_empty_page_is_finished_as_soon_as_it_is_listed() {
        let mut slices = Slices::resume(Some(0), vec![]);
        assert!(list(&mut slices, vec![], Some(50), 0).is_some());
        assert_eq!((slices.cursor(), slices.next_page()), (Some(50), Some(50)));
    }

    #[test]
    fn a_host_that_is_asked_for_alone_is_no_part_of_the_list() {
        let mut slices = Slices::resume(None, vec![]);
        [7, 9].into_iter().for_each(|host| slices.alone(host, 1));
        slices.cut(9);
        assert!(slices.called(9).is_none());
        let finished = slices.called(9).unwrap();
        assert_eq!((finished.alone, finished.hosts), (Some(9), vec![9]));
        assert_eq!((slices.cursor(), slices.beyond(), slices.unfinished()), (None, vec![], 1));
        assert_eq!(slices.called(7).unwrap().alone, Some(7));
    }

    #[test]
    fn what_a_position_says_survives_being_read_again() {
        let slices = Slices::resume(Some(5), vec![stretch(10, Some(20))]);
        assert_eq!((slices.cursor(), slices.beyond()), (Some(5), vec![stretch(10, Some(20))]));
    }
}
