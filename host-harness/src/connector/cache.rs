//! Compiled components, kept between processes: compiling takes half a second, loading half a millisecond.
//!
//! A compiled component is machine code that runs as this process, so it is loaded only when nobody else can have written it.
//! Any doubt ends in compiling, never in an error.

mod dir;

use super::preflight::{Incompatible, hex};
use dir::Dir;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Names the directory in the environment.
const DIRECTORY_VARIABLE: &str = "HARNESS_CACHE_DIR";

/// Changes when what stands in a file changes its meaning.
const FORMAT: &[u8] = b"compiled component 1";

/// The file that holds the user's key.
const KEY_FILE: &str = "key";

/// Bytes of a key, and of the code that authenticates a file.
const KEY_BYTES: usize = 32;

/// Where compiled components are kept.
#[derive(Clone, Debug)]
pub struct Cache(Option<PathBuf>);

/// Where a compiled component came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was compiled now.
    Compiled,
    /// It was compiled earlier.
    Cached,
}

impl Cache {
    /// The directory that `HARNESS_CACHE_DIR` names, or else one in the user's own cache directory.
    pub fn of_user() -> Self {
        let named = std::env::var_os(DIRECTORY_VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        Self(named.or_else(|| Some(dirs::cache_dir()?.join("host-harness"))))
    }

    /// This directory; it is created with mode 0700, and used only while nobody else may enter it.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self(Some(dir.into()))
    }

    /// Nothing is kept.
    pub fn off() -> Self {
        Self(None)
    }

    /// Gives the compiled component, from the cache if there is no doubt about it.
    pub(super) fn compile(
        &self,
        engine: &Engine,
        bytes: &[u8],
        sha256: &str,
    ) -> Result<(Component, Origin), Incompatible> {
        let opened = self.open(engine, sha256).ok();
        if let Some(component) = opened.as_ref().and_then(|entry| entry.load(engine).ok()) {
            return Ok((component, Origin::Cached));
        }
        let component = Component::new(engine, bytes).map_err(|e| {
            Incompatible::new(format!("the component cannot be compiled: {e:#}"), "build it or fetch it again")
        })?;
        if let Some(entry) = opened {
            // A cache that cannot be written costs the next start half a second and nothing else.
            let _ = entry.keep(&component);
        }
        Ok((component, Origin::Compiled))
    }

    fn open(&self, engine: &Engine, sha256: &str) -> anyhow::Result<Entry> {
        let dir = Dir::open(self.0.as_deref().ok_or_else(|| anyhow::anyhow!("no cache directory"))?)?;
        let key = key(&dir)?;
        Ok(Entry { dir, key, name: name(engine, sha256) })
    }
}

/// The place of one component, compiled for one engine.
struct Entry {
    dir: Dir,
    key: [u8; KEY_BYTES],
    name: String,
}

impl Entry {
    fn load(&self, engine: &Engine) -> anyhow::Result<Component> {
        let file = self.dir.read(&self.name)?;
        let (code, compiled) = file.split_at_checked(KEY_BYTES).ok_or_else(|| anyhow::anyhow!("a short file"))?;
        self.mac(compiled)?.verify_slice(code)?;
        // SAFETY: `compiled` is in memory and was written by `keep` below with an engine of the same compatibility hash:
        // it carries a code made with the user's own key, over its bytes and its name, and lay in a directory that nobody
        // else may enter. Whoever could forge it can already do everything that this process can.
        let component = unsafe { Component::deserialize(engine, compiled) };
        component.map_err(crate::engine::host_error)
    }

    fn keep(&self, component: &Component) -> anyhow::Result<()> {
        let compiled = component.serialize().map_err(crate::engine::host_error)?;
        let mut file = self.mac(&compiled)?.finalize().into_bytes().to_vec();
        file.extend_from_slice(&compiled);
        self.dir.replace(&self.name, &file)?;
        self.dir.sweep(KEY_FILE)
    }

    fn mac(&self, compiled: &[u8]) -> anyhow::Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)?;
        mac.update(self.name.as_bytes());
        mac.update(compiled);
        Ok(mac)
    }
}

/// The user's key; made at the first use.
fn key(dir: &Dir) -> anyhow::Result<[u8; KEY_BYTES]> {
    let read = || anyhow::Ok(<[u8; KEY_BYTES]>::try_from(dir.read(KEY_FILE)?.as_slice())?);
    read().or_else(|_| {
        let mut fresh = [0; KEY_BYTES];
        getrandom::fill(&mut fresh)?;
        dir.create(KEY_FILE, &fresh)?;
        read()
    })
}

/// Names a file by everything that decides what stands in it; always of the same length, so that name and content cannot shift.
fn name(engine: &Engine, sha256: &str) -> String {
    let mut digest = Digesting(Sha256::new_with_prefix(FORMAT));
    engine.precompile_compatibility_hash().hash(&mut digest);
    digest.write(sha256.as_bytes());
    hex(&digest.0.finalize())
}

/// Lets a cryptographic digest take what a `Hash` writes.
struct Digesting(Sha256);

impl Hasher for Digesting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Never asked: the whole digest is taken instead.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests;
