//! Lines that came out, beside the file of a scenario that says which were expected.

use super::compare::{Difference, compare};
use anyhow::{Context, Result};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Lines that came out, and how they differ from those in a file.
#[derive(Debug)]
pub struct Lines {
    /// The file of the expected ones.
    pub file: PathBuf,
    /// What came.
    pub came: String,
    /// How it differs.
    pub differences: Vec<Difference>,
}

impl Lines {
    /// Compares; a file that is not there expects nothing.
    pub fn new(file: PathBuf, came: String) -> Result<Self> {
        let expected = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            read => read.with_context(|| format!("reading {}", file.display()))?,
        };
        let differences = compare(&expected, &came);
        Ok(Self { file, came, differences })
    }

    /// The file's name, for messages.
    pub fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Writes what came into the file.
    pub fn write(&mut self) -> Result<()> {
        std::fs::write(&self.file, &self.came).with_context(|| format!("writing {}", self.file.display()))?;
        self.differences.clear();
        Ok(())
    }

    /// Removes the file, which then expects nothing.
    pub fn remove(&mut self) -> Result<()> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.with_context(|| format!("removing {}", self.file.display()))?,
        }
        self.differences = compare("", &self.came);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_expects_nothing_and_may_be_written_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dropped.jsonl");
        let lines = |came: &str| Lines::new(file.clone(), came.into()).unwrap();
        assert_eq!(lines("").differences, []);
        let mut some = lines("a\n");
        assert_eq!(
            (some.name().as_str(), &some.differences[..]),
            ("dropped.jsonl", &[Difference::Unexpected("a".into())][..])
        );
        some.write().unwrap();
        assert_eq!((some.differences, lines("a\n").differences), (vec![], vec![]));
        let mut none = lines("");
        assert_eq!(none.differences, [Difference::Missing("a".into())]);
        for is_there in [true, false] {
            assert_eq!(file.exists(), is_there);
            none.remove().unwrap();
            assert_eq!(none.differences, []);
        }
    }
}
