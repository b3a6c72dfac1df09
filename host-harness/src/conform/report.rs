//! What came of trying the laws, as a value for people and programs.

use super::law::Law;
use serde::Serialize;

/// Breaches of one law that are told; further ones are counted.
const BREACHES_MAX: usize = 20;

/// Differences that one breach tells.
const DIFFERENCES_MAX: usize = 5;

/// What came of trying the laws on a component.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The connector's name; absent when it cannot be asked.
    pub connector: Option<String>,
    /// The connector's version.
    pub version: Option<String>,
    /// SHA-256 of the component.
    pub sha256: String,
    /// Whether this host can run it.
    pub compatible: bool,
    /// Scenarios that were named.
    pub scenarios: usize,
    /// The most memory that a sync took, in bytes.
    pub memory_peak_bytes: u64,
    /// Somebody said stop before all was tried.
    pub interrupted: bool,
    /// In the order of the contract.
    pub laws: Vec<Tried>,
}

impl Report {
    /// How many laws ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.laws.iter().filter(|law| law.verdict == verdict).count()
    }
}

/// What came of one law.
#[derive(Debug, Serialize)]
pub struct Tried {
    /// In kebab case.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it asks of a connector.
    pub asks: &'static str,
    /// Where the contract says so.
    pub stands: &'static str,
    /// Whether it is kept.
    pub verdict: Verdict,
    /// How many cases were tried.
    pub cases: u64,
    /// Why it was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was left out to bound the time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How it was broken, at most once a scenario.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breach>,
    /// Breaches beyond those that are told.
    #[serde(skip_serializing_if = "is_zero")]
    pub further: u64,
}

/// Whether a law is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// In every case that was tried.
    Kept,
    /// In some case it is not.
    Broken,
    /// It was not tried.
    Skipped,
}

/// A case in which a law was broken.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Breach {
    #[serde(skip)]
    pub(super) law: Option<&'static str>,
    /// The scenario; absent when it is about the component alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What was done: `killed after commit 3 of 7`; absent when nobody disturbed anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub came: String,
    /// The first differences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<String>,
}

impl Breach {
    /// Something else came than should have.
    pub fn new(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self { expected: expected.into(), came: came.into(), ..Self::default() }
    }

    /// What was done when it came.
    pub fn at(self, at: impl Into<String>) -> Self {
        Self { at: Some(at.into()), ..self }
    }

    /// It breaks another law than the one that is being tried.
    pub(super) fn of(self, law: &'static str) -> Self {
        Self { law: Some(law), ..self }
    }

    /// How it differs; only the first differences are told.
    pub fn differing(self, all: impl IntoIterator<Item = String>) -> Self {
        let mut all = all.into_iter();
        let mut differences: Vec<_> = all.by_ref().take(DIFFERENCES_MAX).collect();
        let more = all.count();
        differences.extend((more > 0).then(|| format!("and {more} more")));
        Self { differences, ..self }
    }
}

/// What one trial of a law gave.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cases that were tried.
    pub cases: u64,
    /// What was broken.
    pub breaches: Vec<Breach>,
    /// What was left out.
    pub notes: Vec<String>,
    /// Why there is no case.
    pub reason: Option<String>,
}

impl Tally {
    /// One case, and what was broken in it.
    pub fn one(breaches: impl IntoIterator<Item = Breach>) -> Self {
        Self { cases: 1, breaches: breaches.into_iter().collect(), ..Self::default() }
    }

    /// Nothing to try.
    pub fn none(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }
}

impl Tried {
    pub(super) fn new(law: &Law) -> Self {
        let Law { id, title, asks, stands, .. } = *law;
        let (notes, breaches) = Default::default();
        Self { id, title, asks, stands, verdict: Verdict::Skipped, cases: 0, reason: None, notes, breaches, further: 0 }
    }

    /// Adds what one trial gave.
    pub(super) fn add(&mut self, cases: u64, notes: Vec<String>, reason: Option<String>) {
        self.cases += cases;
        self.notes.extend(notes);
        if cases > 0 && self.verdict == Verdict::Skipped {
            self.verdict = Verdict::Kept;
        }
        self.skip(reason);
    }

    pub(super) fn broke(&mut self, breach: Breach) {
        self.verdict = Verdict::Broken;
        match self.breaches.len() < BREACHES_MAX {
            true => self.breaches.push(breach),
            false => self.further += 1,
        }
        self.reason = None;
    }

    /// Gives a reason why it was not tried, where it was not and has none yet.
    pub(super) fn skip(&mut self, reason: Option<String>) {
        self.reason = self.reason.take().or(reason).filter(|_| self.verdict == Verdict::Skipped);
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
