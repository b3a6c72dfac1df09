//! Which hosts one call asks for: a range of IDs, and the hosts known in it.
//!
//! Ranges are cut side by side, so that a host between two known ones, scanned since the list was read, is in one of them.

/// A range of host IDs, both ends included, and the hosts known in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The first ID asked for.
    pub first: u64,
    /// The last ID asked for.
    pub last: u64,
    /// The known hosts, ascending.
    pub hosts: Vec<u64>,
}

impl Range {
    /// From the first of these hosts to the last; none without a host.
    pub fn over(mut hosts: Vec<u64>) -> Option<Self> {
        hosts.sort_unstable();
        hosts.dedup();
        Some(Self { first: *hosts.first()?, last: *hosts.last()?, hosts })
    }

    /// What to ask for next, with at most so many known hosts and none that is set aside, and what is left for later.
    ///
    /// `hosts_max` is at least 1. Either part may be missing.
    pub fn cut(self, hosts_max: usize, is_aside: impl Fn(u64) -> bool) -> (Option<Self>, Option<Self>) {
        let Self { first, last, hosts } = self;
        let end = hosts.iter().copied().enumerate().find(|&(index, host)| index == hosts_max || is_aside(host));
        let Some((index, host)) = end else { return (Some(Self { first, last, hosts }), None) };
        let (asked, left) = hosts.split_at(index);
        let (left, from) = match is_aside(host) {
            true => (left.get(1..).unwrap_or_default(), host.checked_add(1)),
            false => (left, Some(host)),
        };
        let asked = host.checked_sub(1).and_then(|last| Self::between(first, last, asked));
        (asked, from.and_then(|first| Self::between(first, last, left)))
    }

    /// What is left of it from an ID on.
    pub fn on_from(&self, first: u64) -> Option<Self> {
        let known = self.hosts.partition_point(|&host| host < first);
        Self::between(first, self.last, self.hosts.get(known..).unwrap_or_default())
    }

    fn between(first: u64, last: u64, hosts: &[u64]) -> Option<Self> {
        (first <= last).then(|| Self { first, last, hosts: hosts.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn range(first: u64, last: u64, hosts: &[u64]) -> Option<Range> {
        Some(Range { first, last, hosts: hosts.to_vec() })
    }

    #[test]
    fn a_range_is_cut_before_the_host_that_is_too_many_or_set_aside() {
        #[rustfmt::skip]
        let cases = [
            ("all of it",               9, &[][..],     range(2, 9, &[2, 5, 9]), None),
            ("as many as there are",    3, &[],         range(2, 9, &[2, 5, 9]), None),
            ("two",                     2, &[],         range(2, 8, &[2, 5]),    range(9, 9, &[9])),
            ("one",                     1, &[],         range(2, 4, &[2]),       range(5, 9, &[5, 9])),
            ("around the first",        9, &[2],        None,                    range(3, 9, &[5, 9])),
            ("around one in between",   9, &[5],        range(2, 4, &[2]),       range(6, 9, &[9])),
            ("around the last",         9, &[9],        range(2, 8, &[2, 5]),    None),
            ("too many comes first",    1, &[9],        range(2, 4, &[2]),       range(5, 9, &[5, 9])),
            ("it is one too many",      1, &[5],        range(2, 4, &[2]),       range(6, 9, &[9])),
        ];
        for (case, hosts_max, aside, asked, left) in cases {
            let whole = Range::over(vec![9, 2, 5, 5]).unwrap();
            assert_eq!(whole.cut(hosts_max, |host| aside.contains(&host)), (asked, left), "{case}");
        }
        let between = Range { first: 3, last: 4, hosts: vec![] };
        assert_eq!(between.clone().cut(1, |_| false), (Some(between), None), "nobody known is in between");
        assert_eq!(Range::over(vec![]), None);
        let greatest = Range::over(vec![u64::MAX]).unwrap();
        assert_eq!(greatest.cut(1, |_| true), (None, None));
    }

    #[test]
    fn what_is_left_begins_where_an_answer_says() {
        let whole = Range::over(vec![2, 5, 9]).unwrap();
        for (from, left) in [(3, range(3, 9, &[5, 9])), (5, range(5, 9, &[5, 9])), (9, range(9, 9, &[9])), (10, None)] {
            assert_eq!(whole.on_from(from), left, "from {from}");
        }
    }

    proptest! {
        #[test]
        fn the_parts_hold_every_id_once_but_those_set_aside(
            hosts in prop::collection::btree_set(0u64..60, 1..12),
            aside in prop::collection::btree_set(0u64..60, 0..6),
            hosts_max in 1usize..5,
        ) {
            let mut left = Range::over(hosts.iter().copied().collect());
            let whole = left.clone().unwrap();
            let mut asked = vec![];
            while let Some(range) = left {
                let (part, rest) = range.cut(hosts_max, |host| aside.contains(&host));
                asked.extend(part);
                left = rest;
            }
            prop_assert!(asked.iter().all(|part| part.hosts.len() <= hosts_max && part.first <= part.last));
            let ids: Vec<u64> = asked.iter().flat_map(|part| part.first..=part.last).collect();
            let gone: BTreeSet<u64> = hosts.intersection(&aside).copied().collect();
            prop_assert_eq!(ids, (whole.first..=whole.last).filter(|id| !gone.contains(id)).collect::<Vec<_>>());
            let known: Vec<u64> = asked.into_iter().flat_map(|part| part.hosts).collect();
            prop_assert_eq!(known, hosts.difference(&aside).copied().collect::<Vec<_>>());
        }
    }
}
