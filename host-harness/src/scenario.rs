//! A scenario: a folder with settings, recorded exchanges, and the lines they must lead to.

use crate::config::{Config, Start};
use crate::http::replay::{Replay, SETTINGS_FILE};
use crate::tenant::Tenant;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// A scenario, ready to run.
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    /// Whose run it is.
    pub tenant: Tenant,
    /// Where the run starts.
    pub start: Start,
    /// What answers.
    pub replay: Replay,
    /// The file of the lines that an export must give.
    pub expected: PathBuf,
}

impl Scenario {
    /// Reads a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let settings = folder.join(SETTINGS_FILE);
        let config = Config::read(&settings)?;
        let named = || format!("in {}", settings.display());
        ensure!(
            config.component.is_none() && config.store.is_none(),
            "{}: a scenario names no component and no store",
            named()
        );
        let tenant = config.tenant();
        let start = config.replay.context("a scenario needs [replay] with now").with_context(named)?;
        Ok(Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            tenant,
            replay: Replay::read(folder, start.now)?,
            start,
            expected: folder.join("expected.jsonl"),
        })
    }
}
