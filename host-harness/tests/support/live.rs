//! A simulated subscription that syncs read over TLS, on a clock that may run faster than usual.

use super::NOW;
use host_harness::clock::Fast;
use host_harness::http::Live;
use host_harness::http::lanes::Lanes;
use host_harness::http::secrets::Secrets;
use host_harness::limits::Limits;
use host_harness::tenant::Network;
use host_harness::{Tenant, World};
use serde_json::{Map, Value, json};
use simulator::server::{Options, Report, Server};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// A server, and what a tenant needs to reach it.
pub struct Source {
    server: Server,
    folder: tempfile::TempDir,
    began: Instant,
    rate: u32,
}

impl Source {
    /// Starts a server; all of them have the same time, so that they serve the same.
    pub async fn start(options: Options) -> Self {
        let (began, rate) = (Instant::now(), options.time_scale as u32);
        let server = Server::start(Options { start: Some(NOW as u64), ..options }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), server.ca_pem().unwrap()).unwrap();
        Self { server, folder, began, rate }
    }

    /// What it enforced so far.
    pub fn report(&self) -> Report {
        self.server.report()
    }

    /// The certificates that it is trusted by.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The settings that lead to it, and `changes`.
    fn settings(&self, changes: Value) -> Map<String, Value> {
        let Options { user, .. } = Options::default();
        let fixed = [("api_server", self.server.api()), ("gateway", self.server.gateway()), ("username", &user)];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), json!(value)));
        fixed.into_iter().chain(changes.as_object().unwrap().clone()).collect()
    }

    /// A tenant of it.
    pub fn tenant(&self, changes: Value, limits: Limits) -> Tenant {
        let settings = self.settings(changes);
        let mut secrets = Secrets::default();
        secrets.insert("password", Options::default().password);
        let network = Network { insecure_loopback: true, ca_file: Some(self.ca_file()), ..Network::default() };
        Tenant { name: "drill".into(), settings, secrets, network, limits }
    }

    /// The network, on a clock as fast as the server's.
    pub fn world(&self, tenant: &Tenant) -> World {
        let lanes = Arc::new(Lanes::new(Arc::new(Fast::new(NOW, self.began, self.rate))));
        World::new(Arc::new(Live::new(&tenant.network, &tenant.limits, lanes).unwrap()))
    }

    /// A tenant's file in a folder, for a process; it takes the password from [`PASSWORD`].
    pub fn write_tenant(&self, folder: &std::path::Path, component: &std::path::Path) -> PathBuf {
        let text = |value: &Value| value.as_str().map(str::to_owned).unwrap();
        let settings = self.settings(json!({}));
        let line = |name: &str| format!("{name} = {:?}\n", text(&settings[name]));
        let lines = ["api_server", "gateway", "username"].map(line).concat();
        let text = format!(
            "tenant = \"drill\"\ncomponent = {:?}\nstore = \"drill.db\"\n[settings]\n{lines}password = {{ env = \"{PASSWORD}\" }}\n\
             [network]\ninsecure_loopback = true\nca_file = {:?}\n",
            component.display().to_string(),
            self.ca_file().display().to_string(),
        );
        let path = folder.join("tenant.toml");
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// The environment variable that a tenant's file takes the password from.
pub const PASSWORD: &str = "DRILL_PASSWORD";

/// A number from the environment, for drills that may be made longer.
pub fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
        Err(_) => default,
    }
}
