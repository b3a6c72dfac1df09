//! The folder of a recording: under another name until it was verified.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What the name ends in until the folder was verified.
const UNVERIFIED: &str = ".unverified";

/// What a source knows of its hosts is for nobody else on this machine.
const OWNER_ONLY: u32 = 0o700;

/// Why nothing is recorded; nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The folder cannot be used.
    #[error("{0}")]
    Folder(String),
    /// What is secret cannot be told from what is not.
    #[error("{0}")]
    Secret(String),
}

impl Refused {
    /// For this reason.
    pub(super) fn secret(error: anyhow::Error) -> Self {
        Self::Secret(format!("{error:#}"))
    }
}

/// A folder that nobody else records into.
pub struct Folder {
    /// Where it is to lie.
    wanted: PathBuf,
    /// Where it lies meanwhile.
    pub unverified: PathBuf,
}

impl Folder {
    /// Makes the folder, unless there is one already that holds something.
    pub fn claim(wanted: &Path) -> Result<Self> {
        let making = || format!("making the folder {}", wanted.display());
        let name =
            wanted.file_name().with_context(|| Refused::Folder(format!("{} names no folder", wanted.display())))?;
        let unverified = wanted.with_file_name([name, UNVERIFIED.as_ref()].into_iter().collect::<OsString>());
        match fs::read_dir(wanted).map(|mut entries| entries.next().is_some()) {
            Ok(true) => {
                bail!(Refused::Folder(format!("{} is not empty", wanted.display())))
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                bail!(Refused::Folder(format!("{} is a file", wanted.display())))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(making),
            _ => {}
        }
        if let Some(parent) = wanted.parent() {
            fs::create_dir_all(parent).with_context(making)?;
        }
        match DirBuilder::new().mode(OWNER_ONLY).create(&unverified) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let message = "is there: an earlier recording did not come to its end, or was not fit to be passed on";
                bail!(Refused::Folder(format!("{} {message}", unverified.display())))
            }
            made => made.with_context(making)?,
        }
        Ok(Self { wanted: wanted.to_owned(), unverified })
    }

    /// Gives it the name that was asked for.
    pub fn release(self) -> Result<PathBuf> {
        let renaming = || format!("renaming {} to {}", self.unverified.display(), self.wanted.display());
        fs::rename(&self.unverified, &self.wanted).with_context(renaming)?;
        Ok(self.wanted)
    }
}

/// Bytes of all files in a folder.
pub fn bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_that_holds_nothing_is_recorded_into() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        fs::write(path("file"), "x").unwrap();
        fs::create_dir_all(path("full/inner")).unwrap();
        fs::create_dir(path("empty")).unwrap();
        fs::create_dir(path("before.unverified")).unwrap();
        for (name, refused) in [
            ("new", None),
            ("new/in/new", None),
            ("empty", None),
            ("full", Some("is not empty")),
            ("file", Some("is a file")),
            ("before", Some("an earlier recording")),
            ("..", Some("names no folder")),
        ] {
            let claimed = Folder::claim(&path(name));
            let error = claimed.as_ref().err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(claimed.is_ok(), refused.is_none(), "{name}: {error}");
            assert!(error.contains(refused.unwrap_or_default()), "{name}: {error}");
            if let Ok(folder) = claimed {
                assert!(folder.unverified.is_dir() && folder.unverified.to_string_lossy().ends_with(UNVERIFIED));
                assert_eq!(folder.release().unwrap(), path(name));
            }
        }
    }
}
