//! Whether a sync goes on or starts anew, and whether its end may archive; pure decisions over what the store counts.
//!
//! Nothing here reads or writes; `store` asks and does.

use crate::bindings::sync::Summary;
use std::fmt;

/// What is known of the store when an attempt begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The open sync's start and fingerprint.
    pub open: Option<(i64, String)>,
    /// The fingerprint that the stored state was written with.
    pub state: Option<String>,
}

/// What is asked for when an attempt begins.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The fingerprint of the settings.
    pub fingerprint: &'a str,
    /// Start anew, and read everything.
    pub full: bool,
    /// Seconds since 1970.
    pub now: i64,
    /// An open sync older than this is not resumed.
    pub sync_age_secs_max: i64,
}

/// Why an attempt starts where it starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Nothing was ever synced.
    First,
    /// The last sync was closed.
    Next,
    /// An open sync goes on.
    Resumed,
    /// Somebody asked for everything.
    Full,
    /// The settings changed what a sync would bring.
    Changed,
    /// The open sync is too old.
    TooOld,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first sync",
            Self::Next => "next sync",
            Self::Resumed => "going on from the stored position",
            Self::Full => "full sync, as asked for",
            Self::Changed => "full sync, because the settings changed",
            Self::TooOld => "new sync, because the open one is too old to go on",
        })
    }
}

impl Reason {
    /// The open sync goes on.
    pub fn resumes(self) -> bool {
        self == Self::Resumed
    }

    /// Everything is read again: the connector gets no state.
    pub fn is_full(self) -> bool {
        matches!(self, Self::First | Self::Full | Self::Changed)
    }
}

/// Decides where an attempt starts.
pub fn start(known: &Known, wish: &Wish<'_>) -> Reason {
    let fits = |fingerprint: &String| fingerprint == wish.fingerprint;
    match (&known.open, &known.state) {
        _ if wish.full => Reason::Full,
        (Some((_, open)), _) if !fits(open) => Reason::Changed,
        (Some((started, _)), _) if wish.now.saturating_sub(*started) <= wish.sync_age_secs_max => Reason::Resumed,
        (_, Some(state)) if !fits(state) => Reason::Changed,
        (Some(_), _) => Reason::TooOld,
        (None, Some(_)) => Reason::Next,
        (None, None) => Reason::First,
    }
}

/// Whether the assets that a sync did not see are archived.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Archiving {
    /// Yes: this stage listed all there are.
    Unseen {
        /// The asset-listing stage.
        stage: String,
    },
    /// No stage lists assets, so nothing is known of those that were not seen.
    NoListing,
    /// The listing was not read to its end.
    Unfinished,
    /// The listing was empty, which is rather a lost permission than the end of all assets.
    Empty,
    /// More records of the listing were dropped than the store keeps lines of, so it cannot tell which were seen.
    TooManyDropped,
}

/// Decides whether what was not seen is archived.
///
/// `seen` counts the assets of the store that the listing named; `lines_full` tells that dropped records may lack lines.
pub fn archiving(summary: &Summary, seen: u64, lines_full: bool) -> Archiving {
    match summary.stages.iter().find(|stage| stage.lists_assets) {
        None => Archiving::NoListing,
        Some(stage) if !stage.finished => Archiving::Unfinished,
        Some(stage) if stage.seen == 0 || seen == 0 => Archiving::Empty,
        Some(stage) if lines_full && !stage.dropped.is_empty() => Archiving::TooManyDropped,
        Some(stage) => Archiving::Unseen { stage: stage.name.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::sync::{DropCount, Stage};

    #[test]
    fn an_attempt_starts_where_the_last_one_allows() {
        let open = |started, fingerprint: &str| Some((started, fingerprint.to_owned()));
        let state = |fingerprint: &str| Some(fingerprint.to_owned());
        let cases = [
            ("nothing yet", None, None, false, Reason::First),
            ("nothing yet, full", None, None, true, Reason::Full),
            ("closed", None, state("a"), false, Reason::Next),
            ("closed under other settings", None, state("b"), false, Reason::Changed),
            ("open", open(950, "a"), state("a"), false, Reason::Resumed),
            ("open, first sync", open(950, "a"), None, false, Reason::Resumed),
            ("open at the bound of age", open(900, "a"), None, false, Reason::Resumed),
            ("open beyond it", open(899, "a"), state("a"), false, Reason::TooOld),
            ("open beyond it, first sync", open(899, "a"), None, false, Reason::TooOld),
            ("open beyond it, state of other settings", open(899, "a"), state("b"), false, Reason::Changed),
            ("open, begun after the settings changed", open(950, "a"), state("b"), false, Reason::Resumed),
            ("open under other settings", open(950, "b"), state("a"), false, Reason::Changed),
            ("open, full", open(950, "a"), state("a"), true, Reason::Full),
        ];
        for (case, open, state, full, expected) in cases {
            let wish = Wish { fingerprint: "a", full, now: 1000, sync_age_secs_max: 100 };
            assert_eq!(start(&Known { open, state }, &wish), expected, "{case}");
        }
    }

    #[test]
    fn only_a_finished_listing_that_saw_something_archives() {
        let unseen = Archiving::Unseen { stage: "hosts".into() };
        let cases = [
            ("finished", Some((true, 5)), 5, unseen.clone()),
            ("finished, some seen", Some((true, 5)), 1, unseen),
            ("finished and empty", Some((true, 0)), 0, Archiving::Empty),
            ("claims to have seen some, named none", Some((true, 5)), 0, Archiving::Empty),
            ("unfinished", Some((false, 5)), 5, Archiving::Unfinished),
            ("no listing", None, 5, Archiving::NoListing),
        ];
        for (case, listing, seen, expected) in cases {
            let mut stages = vec![stage("findings", false, true, 9)];
            stages.extend(listing.map(|(finished, seen)| stage("hosts", true, finished, seen)));
            let summary = Summary { stages, warnings: vec![], source_counts: vec![] };
            assert_eq!(archiving(&summary, seen, false), expected, "{case}");
        }
    }

    #[test]
    fn nothing_is_archived_when_dropped_listing_records_may_be_forgotten() {
        let mut listing = stage("hosts", true, true, 5);
        let summary = |stage: &Stage| Summary { stages: vec![stage.clone()], warnings: vec![], source_counts: vec![] };
        // Other stages filled the lines up, and the listing dropped nothing: nothing of it is forgotten.
        assert_eq!(archiving(&summary(&listing), 5, true), Archiving::Unseen { stage: "hosts".into() });
        listing.dropped = vec![DropCount { reason: "no-name".into(), count: 1 }];
        assert_eq!(archiving(&summary(&listing), 5, true), Archiving::TooManyDropped);
        assert_eq!(archiving(&summary(&listing), 5, false), Archiving::Unseen { stage: "hosts".into() });
    }

    fn stage(name: &str, lists_assets: bool, finished: bool, seen: u64) -> Stage {
        let name = name.to_owned();
        Stage { name, lists_assets, finished, seen, emitted: seen, unchanged: 0, dropped: vec![] }
    }
}
