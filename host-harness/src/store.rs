//! What syncs leave behind: one SQLite file per tenant, rows and position in one fenced transaction.
//!
//! A person can query the file: typed columns, lists as JSON, and the views of `store/schema.sql`.
//! The store knows no connector and prints nothing; what two records of one key become is `join`'s business.

mod begin;
mod close;
mod commit;
mod hash;
mod put;
mod read;
mod rows;
mod schema;
mod sent;
pub mod summary;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use read::{Counts, Status, Sync, Version, Worst};
pub(crate) use rows::{Listed, Record, prefix};
pub(crate) use words::{Package, Port, kind, packages, ports, read_list, status};

use crate::bindings::model::Batch;
use crate::bindings::sync::{Ended, Summary};
use crate::lifecycle::{Archiving, Reason};
use crate::sink::{Committed, Sink};
use anyhow::{Context, Result};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines of dropped records that one stage of a sync may leave; further ones are counted.
pub const DROPPED_STAGE_MAX: u64 = 10_000;
/// Lines of dropped records that a sync may leave.
pub const DROPPED_MAX: u64 = 50_000;
/// Syncs that the history remembers.
pub const SYNCS_KEPT_MAX: i64 = 100;

/// The store of one tenant; clones are handles on the same file.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    connection: Mutex<Connection>,
}

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
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
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
pub struct Attempt {
    store: Store,
    epoch: Epoch,
    sync: i64,
}

impl Store {
    /// Opens the store of a tenant, or creates it, readable for its owner alone.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Mutex::new(schema::open(path)?);
        Ok(Self(Arc::new(Inner { path: path.to_owned(), connection })))
    }

    /// Opens a store that is thrown away with the process.
    pub(crate) fn open_unsynced(path: &Path) -> Result<Self> {
        let connection = Mutex::new(schema::open_unsynced(path)?);
        Ok(Self(Arc::new(Inner { path: path.to_owned(), connection })))
    }

    /// Begins an attempt: of the open sync, or of a new one.
    pub async fn begin(&self, begin: Begin) -> Result<(Attempt, Start)> {
        let start = self.blocking(move |connection| begin::begin(connection, &begin)).await;
        let start = start.context("beginning a sync")?;
        Ok((Attempt { store: self.clone(), epoch: start.epoch, sync: start.sync }, start))
    }

    /// Closes the sync of an attempt in one transaction; fails with [`Fenced`] when another has begun.
    pub async fn close(&self, epoch: Epoch, close: Close) -> Result<Closed> {
        self.blocking(move |connection| close::close(connection, epoch, &close)).await.context("closing the sync")
    }

    /// How the store stands: its syncs, and what it holds.
    pub fn status(&self) -> Result<Status> {
        read::status(&self.lock())
    }

    /// What the store holds.
    pub fn counts(&self) -> Result<Counts> {
        read::counts(&self.lock())
    }

    /// The open vulnerabilities that matter most: by score, then by the number of assets.
    pub fn worst(&self, rows_max: u32) -> Result<Vec<Worst>> {
        read::worst(&self.lock(), rows_max)
    }

    /// The position of the open sync.
    pub fn position(&self) -> Result<Option<String>> {
        read::position(&self.lock())
    }

    /// The last sync that was closed.
    pub fn last_sync(&self) -> Result<Option<Sync>> {
        read::sync(&self.lock(), "ended <> 'abandoned'")
    }

    /// The versions of all rows, by stream and key.
    pub fn versions(&self) -> Result<Vec<Version>> {
        read::versions(&self.lock())
    }

    /// Reads of one moment, while others write.
    pub(crate) fn snapshot(&self) -> Result<Connection> {
        read::snapshot(&self.0.path)
    }

    /// A panic during a write has rolled its transaction back, so the connection is as good as before.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&mut store.lock())).await?
    }
}

impl Sink for Attempt {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        let (epoch, sync) = (self.epoch, self.sync);
        Box::pin(async move {
            let work = move |connection: &mut Connection| commit::commit(connection, epoch, sync, batch, position);
            self.store.blocking(work).await.context("committing a batch")
        })
    }
}

/// A place at which a test can end the process, by `FAILPOINTS="store.commit.in=3*off->return"`.
fn failpoint(name: &str) {
    let _ = name;
    fail::fail_point!(name, |_| std::process::abort());
}
