//! A store for one trial: in a folder of its own, which goes with it.
//!
//! It promises nothing for the moment after a crash of the machine, and therefore waits for no disk.

use crate::export;
use crate::store::Store;
use anyhow::{Context, Result};
use std::path::PathBuf;
use tempfile::TempDir;

/// A store that is gone when this is dropped.
pub struct Scratch {
    /// The store.
    pub store: Store,
    /// Its file.
    pub path: PathBuf,
    folder: TempDir,
}

impl Scratch {
    /// An empty store.
    pub fn new() -> Result<Self> {
        Self::at(folder()?)
    }

    /// Closes the store and keeps what it holds, for others to start from.
    pub fn freeze(self) -> Frozen {
        Frozen { path: self.path, _folder: self.folder }
    }

    /// The lines that an export gives.
    pub fn lines(&self) -> Result<String> {
        let mut lines = Vec::new();
        export::export(&self.store, &mut lines)?;
        String::from_utf8(lines).context("reading the export")
    }

    /// The lines of what the last sync dropped.
    pub fn dropped(&self) -> Result<String> {
        let mut lines = Vec::new();
        export::export_dropped(&self.store, &mut lines)?;
        String::from_utf8(lines).context("reading the dropped records")
    }

    fn at(folder: TempDir) -> Result<Self> {
        let path = folder.path().join("store.db");
        Ok(Self { store: Store::open_unsynced(&path)?, path, folder })
    }
}

/// What a closed store holds.
pub struct Frozen {
    path: PathBuf,
    _folder: TempDir,
}

impl Frozen {
    /// A store of its own that holds the same.
    pub fn thaw(&self) -> Result<Scratch> {
        let folder = folder()?;
        std::fs::copy(&self.path, folder.path().join("store.db")).context("copying a store")?;
        Scratch::at(folder)
    }
}

fn folder() -> Result<TempDir> {
    // What a store holds is nobody else's, also while it is only tried.
    let owner_alone = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new().permissions(owner_alone).tempdir().context("making a folder for a store")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Begin;

    #[tokio::test]
    async fn what_was_frozen_is_in_every_store_that_thaws() {
        let begin = |source: &str| Begin {
            source: source.into(),
            connector_version: "1.0.0".into(),
            fingerprint: "f".into(),
            full: false,
            now: 0,
            sync_age_secs_max: 1,
        };
        let scratch = Scratch::new().unwrap();
        drop(scratch.store.begin(begin("one")).await.unwrap());
        let frozen = scratch.freeze();
        for _ in 0..2 {
            let thawed = frozen.thaw().unwrap();
            assert!(thawed.store.begin(begin("other")).await.is_err(), "it belongs to `one`");
            let (_, start) = thawed.store.begin(begin("one")).await.unwrap();
            assert_eq!((start.epoch.0, thawed.lines().unwrap(), thawed.dropped().unwrap()), (2, "".into(), "".into()));
        }
    }
}
