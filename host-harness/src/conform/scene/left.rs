//! What a sync leaves, and how that of two syncs differs.

use crate::conform::report::Breach;
use crate::outcome::Verdict;
use crate::scenario_run::compare::compare;
use crate::scratch::Scratch;
use crate::store::Version;
use crate::sync::Synced;
use anyhow::Result;

/// A line is cut here: evidence may be long.
const LINE_CHARS_MAX: usize = 300;

/// What a sync leaves; two syncs are alike when these are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// What an export gives.
    pub lines: String,
    /// What was dropped.
    pub dropped: String,
    /// Of every row.
    pub versions: Vec<Version>,
    /// Of a sync that is not over.
    pub position: Option<String>,
    /// What the connector returned, or how it ended else.
    pub returned: String,
}

impl Left {
    /// What a store holds, and what the connector said of it.
    pub fn of(scratch: &Scratch, verdict: &Verdict<Synced>) -> Result<Self> {
        let returned = match verdict {
            Verdict::Returned(synced) => format!("{:#?}", synced.outcome),
            other => other.to_string(),
        };
        let (lines, dropped) = (scratch.lines()?, scratch.dropped()?);
        let (versions, position) = (scratch.store.versions()?, scratch.store.position()?);
        Ok(Self { lines, dropped, versions, position, returned })
    }

    /// How another sync, which should have left the same, left something else.
    pub(in crate::conform) fn breach(&self, other: &Self) -> Option<Breach> {
        let differs = |what: &str, one: &str, other: &str| {
            let breach = Breach::new(format!("{what} of an undisturbed sync"), "another one");
            (one != other).then(|| breach.differing(lines_apart(one, other)))
        };
        let position = |left: &Self| left.position.clone().unwrap_or_default();
        self.breach_of_rows(other)
            .or_else(|| differs("the end and summary", &self.returned, &other.returned))
            .or_else(|| differs("the position", &position(self), &position(other)))
    }

    /// The same for what the store holds, without what was said of it.
    pub(in crate::conform) fn breach_of_rows(&self, other: &Self) -> Option<Breach> {
        let differs = |what: &str, one: &str, other: &str| {
            let differences = || compare(one, other).into_iter().map(|difference| cut(&difference.to_string()));
            (one != other).then(|| others(what).differing(differences()))
        };
        let versions = || {
            let pairs = self.versions.iter().zip(&other.versions).filter(|(one, other)| one != other);
            others("the row versions").differing(pairs.map(|(one, other)| format!("expected {one:?}, came {other:?}")))
        };
        differs("the lines", &self.lines, &other.lines)
            .or_else(|| differs("the dropped records", &self.dropped, &other.dropped))
            .or_else(|| (self.versions != other.versions).then(versions))
    }
}

fn others(what: &str) -> Breach {
    Breach::new(format!("{what} of an undisturbed sync"), "others")
}

/// The lines that stand in one text and not at the same place in the other.
fn lines_apart(one: &str, other: &str) -> Vec<String> {
    let count = one.lines().count().max(other.lines().count());
    let endless = |text: &'static str| std::iter::repeat(text);
    let pairs = one.lines().chain(endless("")).zip(other.lines().chain(endless(""))).take(count);
    let apart = pairs.filter(|(one, other)| one != other);
    apart.map(|(one, other)| cut(&format!("expected {:?}, came {:?}", one.trim(), other.trim()))).collect()
}

/// A text in which no line is longer than it may be.
fn cut(text: &str) -> String {
    let cut = |line: &str| match line.char_indices().nth(LINE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    };
    text.lines().map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_that_differs_is_named() {
        let version = |version| vec![Version { stream: "asset", key: "1".into(), version }];
        let left = Left {
            lines: "a\n".into(),
            dropped: "b\n".into(),
            versions: version(1),
            position: Some("p".into()),
            returned: "ended: Complete\nseen: 1".into(),
        };
        assert_eq!(left.breach(&left), None);
        for (other, expected, is_of_rows) in [
            (Left { lines: "x\n".into(), dropped: "x\n".into(), ..left.clone() }, "the lines", true),
            (Left { dropped: "x\n".into(), ..left.clone() }, "the dropped records", true),
            (Left { versions: version(2), ..left.clone() }, "the row versions", true),
            (Left { returned: "ended: Complete\nseen: 2".into(), ..left.clone() }, "the end and summary", false),
            (Left { position: None, ..left.clone() }, "the position", false),
        ] {
            let breach = left.breach(&other).unwrap();
            assert!(breach.expected.starts_with(expected) && !breach.differences.is_empty(), "{expected}: {breach:?}");
            assert_eq!(left.breach_of_rows(&other).is_some(), is_of_rows, "{expected}");
        }
    }

    #[test]
    fn a_long_line_is_cut_on_a_character() {
        let long = "ä".repeat(LINE_CHARS_MAX + 1);
        assert_eq!(cut(&format!("a\n{long}")).chars().count(), 2 + LINE_CHARS_MAX + 1);
    }
}
