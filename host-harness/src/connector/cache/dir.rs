//! A directory that nobody else may enter, held open so that it cannot be swapped for another.

use anyhow::{Context, ensure};
use rustix::fs::{AtFlags, Dir as Entries, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// Files that are kept; the oldest go first.
const FILES_MAX: usize = 32;

/// The directory.
pub struct Dir(OwnedFd);

impl Dir {
    /// Opens it, after creating it with mode 0700 if need be; fails unless it is a directory, ours, and closed to others.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match rustix::fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let fd = rustix::fs::open(
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        must_be_private(&rustix::fs::fstat(&fd)?)?;
        Ok(Self(fd))
    }

    /// Reads a file; fails unless it is a plain file, ours, and closed to others.
    pub fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        // A pipe must not make the process wait, hence NONBLOCK.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::openat(&self.0, name, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        must_be_private(&stat)?;
        ensure!(FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile, "not a plain file");
        let mut bytes = Vec::new();
        File::from(fd).take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        ensure!(bytes.len() as u64 <= FILE_BYTES_MAX, "longer than any compiled component");
        Ok(bytes)
    }

    /// Writes a file whole or not at all, over one that is there.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let temporary = self.temporary(bytes)?;
        rustix::fs::renameat(&self.0, &temporary, &self.0, name).map_err(|error| {
            self.remove(&temporary);
            error.into()
        })
    }

    /// Writes a file whole or not at all, unless there is one already.
    pub fn create(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let temporary = self.temporary(bytes)?;
        let linked = rustix::fs::linkat(&self.0, &temporary, &self.0, name, AtFlags::empty());
        self.remove(&temporary);
        match linked {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the oldest files beyond a fixed number, never the one named.
    pub fn sweep(&self, spared: &str) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for entry in Entries::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let stat = rustix::fs::statat(&self.0, name.as_str(), AtFlags::SYMLINK_NOFOLLOW)?;
            if name != spared && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                files.push((stat.st_mtime, name));
            }
        }
        files.sort_by(|a, b| b.cmp(a));
        files.iter().skip(FILES_MAX).for_each(|(_, name)| self.remove(name));
        Ok(())
    }

    fn temporary(&self, bytes: &[u8]) -> anyhow::Result<String> {
        let name = format!("{:016x}.part", getrandom::u64()?);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.0, name.as_str(), flags, Mode::RUSR | Mode::WUSR)?;
        if let Err(error) = File::from(fd).write_all(bytes) {
            self.remove(&name);
            return Err(error).context("writing a compiled component");
        }
        Ok(name)
    }

    fn remove(&self, name: &str) {
        let _ = rustix::fs::unlinkat(self.0.as_fd(), name, AtFlags::empty());
    }
}

fn must_be_private(stat: &Stat) -> anyhow::Result<()> {
    ensure!(stat.st_uid == rustix::process::geteuid().as_raw(), "owned by somebody else");
    ensure!(stat.st_mode & 0o077 == 0, "open to others");
    Ok(())
}
