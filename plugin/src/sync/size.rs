//! How much one call asks for: less after answers that were too slow, more again after whole ones.

use crate::kept::{Kept, keep};
use serde_json::Value;

/// How much the calls of one kind ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size(Option<u32>);

/// The sizes of a sync, by what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sizes {
    /// Hosts on a page of the list.
    pub page: Size,
    /// Hosts whose detections one call asks for.
    pub detections: Size,
    /// QIDs that one lookup asks for.
    pub lookup: Size,
}
keep!(Sizes { page, detections, lookup });

impl Kept for Size {
    fn keep(&self) -> Value {
        self.0.keep()
    }

    fn resume(kept: &Value) -> Option<Self> {
        Kept::resume(kept).map(Self)
    }
}

impl Size {
    /// As it stands, from 1 to `most`.
    pub fn within(self, most: u32) -> u32 {
        self.0.unwrap_or(most).clamp(1, most.max(1))
    }

    /// A call for so many was too slow.
    pub fn shrink(&mut self, asked: u32) {
        let half = asked.div_ceil(2);
        self.0 = Some(self.0.map_or(half, |now| now.min(half)));
    }

    /// A call for so many of at most `most` was answered whole.
    pub fn grow(&mut self, asked: u32, most: u32) {
        self.0 = self.0.map(|now| now.max(asked.saturating_mul(2))).filter(|&now| now < most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_halves_with_what_was_asked_and_doubles_with_what_was_answered() {
        let mut size = Size::default();
        size.grow(1_000, 1_000);
        assert_eq!(size.within(1_000), 1_000, "never more than a page");
        size.shrink(1_000);
        size.shrink(1_000);
        assert_eq!(size.within(1_000), 500, "two calls of one size side by side halve it once");
        [500, 250, 125, 63, 32, 16, 8, 4, 2, 1].into_iter().for_each(|asked| size.shrink(asked));
        assert_eq!(size.within(1_000), 1);
        for (asked, grown) in [(0, 1), (1, 2), (1, 2), (2, 4), (3, 6), (1, 6), (6, 10)] {
            size.grow(asked, 10);
            assert_eq!(size.within(10), grown, "after {asked}");
        }
    }
}
