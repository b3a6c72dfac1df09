//! What syncs leave behind: one SQLite file per tenant, rows and position in one fenced transaction.
//!
//! A person can query the file: typed columns, lists as JSON, and the views of `store/schema.sql`.
//! The store knows no connector and prints nothing; what two records of one key become is `join`'s business.

use crate::bindings::sync::{Ended, Summary};
use crate::lifecycle::{Archiving, Reason};
use anyhow::Result;
use std::path::Path;

/// The store of one tenant; clones are handles on the same file.
#[derive(Clone)]
pub struct Store;

/// What an attempt asks the store to begin with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The connector's name; a store belongs to one connector.
    pub source: String,
    /// The connector's own version.
    pub connector_version: String,
    /// Of the settings, as `configure` resolved them.
    pub fingerprint: String,
    /// Start anew, and read everything.
    pub full: bool,
    /// Seconds since 1970.
    pub now: i64,
    /// An open sync older than this is not resumed.
    pub sync_age_secs_max: i64,
}

/// Names an attempt. A later attempt fences off all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub i64);

/// Where an attempt starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Names this attempt, for `close`.
    pub epoch: Epoch,
    /// The sync's number.
    pub sync: i64,
    /// What the last commit with a position of this sync said.
    pub position: Option<String>,
    /// What the last closed sync left; absent for a full sync.
    pub state: Option<String>,
    /// Why here; `reason.resumes()` tells whether the sync was open.
    pub reason: Reason,
}

/// How a sync ended.
#[derive(Debug)]
pub struct Close {
    /// What was read.
    pub summary: Summary,
    /// `complete` or `in-part`; nothing else closes a sync.
    pub ended: Ended,
    /// What the next sync starts from.
    pub state: Option<String>,
    /// Seconds since 1970.
    pub now: i64,
}

/// What closing a sync changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Whether unseen assets were archived, and why not.
    pub archiving: Archiving,
    /// Assets that were archived.
    pub archived: u64,
    /// Archived assets that were seen again.
    pub restored: u64,
    /// Findings that their asset no longer reports.
    pub no_longer_reported: u64,
    /// References of this sync's findings to assets or vulnerabilities that the store does not hold.
    pub unresolved: u64,
}

/// Another attempt has begun: nothing was changed, and this one must end.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("another attempt has begun on this store, so this one may not write any more")]
pub struct Fenced;

/// One attempt of a sync: where its batches go.
pub struct Attempt;

impl Store {
    /// Opens the store of a tenant, or creates it, readable for its owner alone.
    pub fn open(_path: &Path) -> Result<Self> {
        anyhow::bail!("the store is not there yet")
    }

    /// Begins an attempt: of the open sync, or of a new one.
    pub async fn begin(&self, _begin: Begin) -> Result<(Attempt, Start)> {
        anyhow::bail!("the store is not there yet")
    }

    /// Closes the sync of an attempt in one transaction.
    pub async fn close(&self, _epoch: Epoch, _close: Close) -> Result<Closed> {
        anyhow::bail!("the store is not there yet")
    }

    /// The position of the open sync.
    pub fn position(&self) -> Result<Option<String>> {
        anyhow::bail!("the store is not there yet")
    }
}

impl crate::sink::Sink for Attempt {
    fn commit(
        &mut self,
        _batch: crate::bindings::model::Batch,
        _position: Option<String>,
    ) -> crate::sink::Committed<'_> {
        Box::pin(async { anyhow::bail!("the store is not there yet") })
    }
}
