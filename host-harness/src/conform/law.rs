//! A law: what it asks, and how it is tried.

use super::report::Tally;
use super::scene::{Baseline, Scene};
use crate::connector::Connector;
use std::future::Future;
use std::pin::Pin;

/// Most cases of one law on one scenario; where there could be more, they are spread evenly.
pub const CASES_MAX: usize = 100;

/// One law of the contract.
pub struct Law {
    /// In kebab case; never changes.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it asks of a connector.
    pub asks: &'static str,
    /// Where the contract says so.
    pub stands: &'static str,
    pub(super) how: How,
}

/// How a law is tried.
pub(super) enum How {
    /// By loading the component.
    Loading,
    /// On the component alone, with the scenarios at hand.
    Alone(for<'a> fn(&'a Connector, &'a [Scene]) -> Trying<'a>),
    /// By looking at what a sync did that nobody disturbed.
    Looking(fn(&Scene, &Baseline) -> Tally),
    /// By syncing a scenario again, in other circumstances.
    Again(for<'a> fn(&'a Scene, &'a Baseline) -> Trying<'a>),
}

/// A law being tried.
pub(super) type Trying<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Tally>> + Send + 'a>>;

impl Law {
    /// Whether it can be tried without a scenario.
    pub fn needs_scenario(&self) -> bool {
        matches!(self.how, How::Looking(_) | How::Again(_))
    }
}

/// The numbers from 1 to `count`, or [`CASES_MAX`] of them with the first and the last, and how to say that they are not all.
pub(super) fn spread(count: usize, what: &str) -> (Vec<usize>, Option<String>) {
    if count <= CASES_MAX {
        return ((1..=count).collect(), None);
    }
    let step = |at: usize| 1 + at * (count - 1) / (CASES_MAX - 1);
    (((0..CASES_MAX).map(step)).collect(), Some(format!("{CASES_MAX} of {count} {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_spread_from_the_first_to_the_last() {
        for count in [0, 1, CASES_MAX, CASES_MAX + 1, 7 * CASES_MAX + 3] {
            let (cases, note) = spread(count, "calls");
            let mut apart = cases.clone();
            apart.dedup();
            assert_eq!(cases.len(), count.min(CASES_MAX), "{count}");
            assert_eq!((apart.len(), cases.last().copied()), (cases.len(), (count > 0).then_some(count)), "{count}");
            assert_eq!(note, (count > CASES_MAX).then(|| format!("100 of {count} calls")), "{count}");
        }
    }
}
