//! A simulator in a process of its own, and what a tenant needs to reach it.

use anyhow::{Context, Result, ensure};
use host_harness::http::Live;
use host_harness::tenant::Network;
use host_harness::{Tenant, World};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// A simulator; it ends when this is dropped.
pub struct Simulated {
    child: Child,
    folder: tempfile::TempDir,
    /// The address of its API server.
    pub api: String,
}

impl Simulated {
    /// Starts one with these words of a command line.
    pub fn start(binary: &Path, words: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(binary);
        command.args(words.split_whitespace()).args(["--stop-after-secs", "900", "--ca-file"]).arg(Self::ca(&folder));
        command.arg("--call-log").arg(Self::log(&folder)).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {}", binary.display()))?;
        let lines = BufReader::new(child.stdout.take().context("a simulator without output")?).lines();
        let mut simulated = Self { child, folder, api: String::new() };
        for line in lines {
            match line?.split_once(' ') {
                Some(("api", address)) => simulated.api = address.into(),
                Some(_) => {}
                None => break,
            }
        }
        ensure!(!simulated.api.is_empty(), "the simulator did not start");
        Ok(simulated)
    }

    /// What it wrote of each call.
    pub fn calls(&self) -> Result<Vec<Value>> {
        let lines = std::fs::read_to_string(Self::log(&self.folder))?;
        lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// Where its certificate is.
    pub fn ca_file(&self) -> PathBuf {
        Self::ca(&self.folder)
    }

    fn ca(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("ca.pem")
    }

    fn log(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("calls.jsonl")
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A tenant of the simulator at this address.
pub fn tenant(api: &str, ca_file: &Path, changes: &[(&str, Value)]) -> Tenant {
    let mut tenant = crate::tenant::tenant();
    tenant.settings.insert("api_server".into(), json!(api));
    tenant.settings.insert("username".into(), json!("acme3sim"));
    tenant.settings.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    tenant.secrets.insert("password", "simulated-secret");
    tenant.network = Network { insecure_loopback: true, ca_file: Some(ca_file.into()), ..Network::default() };
    tenant
}

/// The network.
pub fn world(tenant: &Tenant) -> Result<World> {
    Ok(World::new(Arc::new(Live::new(&tenant.network, &tenant.limits, Live::lanes())?)))
}
