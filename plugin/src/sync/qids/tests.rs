//! QIDs in the order of places, and what becomes of them.

use super::*;
use crate::kept;

const FIRST: Place = (0, Pass::Whole, 1);
const SECOND: Place = (0, Pass::Whole, 5);
const THIRD: Place = (9, Pass::Whole, 9);

fn set(qids: &[u32]) -> QidSet {
    QidSet(qids.iter().copied().collect())
}

fn taken(qids: &[u32], is_stored: bool) -> Option<Taken> {
    Some(Taken { qids: qids.to_vec(), is_stored })
}

/// The QIDs of the set being filled and of those before, in the order of lookups.
fn queued(qids: &Qids) -> Vec<u32> {
    qids.sets().flat_map(QidSet::iter).collect()
}

#[test]
fn a_qid_is_asked_for_once() {
    let mut qids = Qids::default();
    [7, 3, 7].into_iter().for_each(|qid| qids.name(None, qid));
    assert_eq!(qids.take(9), None, "more may come");
    qids.close();
    assert_eq!(qids.take(1), taken(&[3], false));
    qids.put_back(&[3]);
    assert_eq!(qids.take(1), taken(&[3], false), "it was asked for in vain");
    qids.name(None, 3);
    qids.answered(&[3], []);
    qids.name(None, 3);
    qids.close();
    assert_eq!((qids.take(9), qids.take(9)), (taken(&[7], false), None));
    assert!(!qids.is_answered(), "what is on its way is not yet known");
    qids.answered(&[7], []);
    assert!(qids.is_answered());
}

#[test]
fn what_comes_too_early_waits_for_its_turn() {
    let mut qids = Qids::default();
    for (place, qid) in [(THIRD, 1), (SECOND, 8), (SECOND, 2), (FIRST, 7), (SECOND, 8)] {
        qids.name(Some(place), qid);
    }
    assert_eq!(queued(&qids), Vec::<u32>::new(), "nobody's turn has come");
    qids.turn_to(FIRST);
    qids.name(Some(FIRST), 2);
    qids.turn_to(FIRST);
    assert_eq!(queued(&qids), [2, 7]);
    qids.turn_to(SECOND);
    assert_eq!(queued(&qids), [2, 7, 8]);
    assert!(!qids.is_answered(), "whether its turn has come or not");
    qids.turn_to(LAST);
    assert_eq!(queued(&qids), [1, 2, 7, 8]);
}

#[test]
fn a_position_keeps_the_order_of_finished_slices_and_what_unfinished_ones_named() {
    let mut qids = Qids::default();
    for (place, qid) in [(FIRST, 9), (SECOND, 4), (THIRD, 3), (THIRD, 9), (THIRD, 1), ((9, Pass::Fixed, 9), 2)] {
        qids.name(Some(place), qid);
    }
    qids.turn_to(FIRST);
    let kept = qids.keep(|slice| slice == 0).to_string();
    assert!(kept.contains(r#""held":[[9,[3,1,2]]],"last":"4""#), "{kept}");
    let mut again = Qids::resume(&kept::read(&kept).unwrap()).unwrap();
    assert_eq!(queued(&again), [9]);
    again.turn_to(LAST);
    assert_eq!(queued(&again), [1, 2, 3, 9], "nobody named 4 again");
    again.close();
    assert_eq!(again.take(9), taken(&[1, 2, 3, 4, 9], false));
}

#[test]
fn of_what_is_stored_only_changes_are_asked_for() {
    let mut qids = Qids::default();
    qids.rely_on(&set(&[2, 4, 5]));
    [1, 2, 3, 4].into_iter().for_each(|qid| qids.name(None, qid));
    qids.close();
    assert_eq!(qids.undescribed().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(qids.take(9), taken(&[1, 3], false));
    assert_eq!(qids.take(9), taken(&[2, 4], true), "nobody named 5");
    qids.answered(&[1, 3], [3]);
    qids.answered(&[2, 4], []);
    assert_eq!(qids.described(), &set(&[1, 2, 4]));
    let mut again = Qids::resume(&qids.keep(|_| false)).unwrap();
    [1, 2, 3, 4].into_iter().for_each(|qid| again.name(None, qid));
    again.close();
    assert_eq!(again.take(9), None, "all were answered before");
}
