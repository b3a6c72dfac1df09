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
    /// The file of the lines of dropped records; where there is none, no record may be dropped.
    pub dropped: PathBuf,
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
            dropped: folder.join("dropped.jsonl"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_everything_a_run_needs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two-pages");
        std::fs::create_dir(&path).unwrap();
        let settings = |more: &str| {
            let text = format!(
                "tenant = \"acme\"\n{more}\n[settings]\nurl = \"https://api.example.com\"\npassword = {{ text = \"x\" }}\n"
            );
            std::fs::write(path.join(SETTINGS_FILE), text).unwrap();
        };
        settings("replay = { now = \"2026-03-02T06:00:00Z\", position = \"p\" }");
        let scenario = Scenario::open(&path).unwrap();
        assert_eq!((scenario.name.as_str(), scenario.tenant.name.as_str()), ("two-pages", "acme"));
        let ends = "complete".into();
        let (after, position, warns) = (None, Some("p".into()), vec![]);
        assert_eq!(scenario.start, Start { now: 1_772_431_200, after, position, state: None, ends, warns });
        assert_eq!(scenario.tenant.secrets.names().collect::<Vec<_>>(), ["password"]);
        assert_eq!(scenario.expected, path.join("expected.jsonl"));
        assert_eq!(scenario.dropped, path.join("dropped.jsonl"));
        settings("store = \"a.db\"\nreplay = { now = \"2026-03-02T06:00:00Z\" }");
        let error = format!("{:#}", Scenario::open(&path).err().unwrap());
        assert!(error.contains("names no component and no store"), "{error}");
        settings("");
        let error = format!("{:#}", Scenario::open(&path).err().unwrap());
        assert!(error.contains("settings.password: a secret in clear text"), "{error}");
    }
}
