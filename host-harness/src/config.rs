//! Reads a `tenant.toml`, and the `settings.toml` of a scenario: one format.
//!
//! It does not know any connector's form: a secret is told by its shape, `{ env = … }` or `{ file = … }`.

use crate::http::secrets::Secrets;
use crate::limits::Limits;
use crate::tenant::{Network, Tenant};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// How a sync may have to end in a scenario; a law that is broken or a trap is nothing to record.
const ENDINGS: [&str; 5] = [COMPLETE, "in-part", "stopped", "failed", "unconfigured"];
const COMPLETE: &str = "complete";

/// What such a file says; paths are relative to its folder.
#[derive(Debug)]
pub struct Config {
    /// The tenant's name.
    pub tenant: String,
    /// The component; absent in a scenario.
    pub component: Option<PathBuf>,
    /// The tenant's store; absent in a scenario.
    pub store: Option<PathBuf>,
    /// The connector's settings, without secrets.
    pub settings: Map<String, Value>,
    /// The secret settings.
    pub secrets: Secrets,
    /// What the operator allows beyond the origins that the settings name.
    pub network: Network,
    /// Where a recording starts; only in a scenario.
    pub replay: Option<Start>,
}

/// Where a recording starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The time at which its clock stands, in seconds since 1970.
    pub now: i64,
    /// The folder of the scenario that was synced before, into the same store.
    pub after: Option<PathBuf>,
    /// The position it goes on from.
    pub position: Option<String>,
    /// The state an earlier sync left.
    pub state: Option<String>,
    /// How the sync must end: `complete` unless the file says otherwise.
    pub ends: String,
    /// The codes of what the sync must warn of, in order; none unless the file says otherwise.
    pub warns: Vec<String>,
}

impl Config {
    /// Reads a file, and the secrets it names.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).with_context(|| format!("in {}", path.display()))
    }

    /// The tenant, with the default limits.
    pub fn tenant(&self) -> Tenant {
        Tenant {
            name: self.tenant.clone(),
            settings: self.settings.clone(),
            secrets: self.secrets.clone(),
            network: self.network.clone(),
            limits: Limits::default(),
        }
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        ensure!(
            (1..=64).contains(&file.tenant.len()) && file.tenant.chars().all(is_word),
            "tenant: a name is 1 to 64 letters, digits, `-` and `_`"
        );
        let mut config = Self {
            tenant: file.tenant,
            component: file.component.map(|path| folder.join(path)),
            store: file.store.map(|path| folder.join(path)),
            settings: Map::new(),
            secrets: Secrets::default(),
            network: file.network.read(folder)?,
            replay: file.replay.map(|table| start(table, folder)).transpose()?,
        };
        for (name, value) in file.settings {
            config.set(&name, value, folder).with_context(|| format!("settings.{name}"))?;
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: toml::Value, folder: &Path) -> Result<()> {
        match value {
            toml::Value::Table(_) => {
                let source = value
                    .try_into()
                    .ok()
                    .context("a table here names a secret: write { env = \"NAME\" } or { file = \"path\" }")?;
                self.secrets.insert(name, self.secret(source, folder)?);
            }
            toml::Value::Datetime(_) => bail!("write a time as a text, in quotes"),
            value => drop(self.settings.insert(name.into(), serde_json::to_value(value)?)),
        }
        Ok(())
    }

    fn secret(&self, source: SecretSource, folder: &Path) -> Result<String> {
        let value = match source {
            SecretSource::Env(name) => {
                std::env::var(&name).with_context(|| format!("reading the environment variable {name}"))?
            }
            SecretSource::File(path) => {
                let path = folder.join(path);
                let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            SecretSource::Text(text) => {
                ensure!(
                    self.replay.is_some(),
                    "a secret in clear text belongs in no file but a scenario's: \
                     write {{ env = \"NAME\" }} or {{ file = \"path\" }}"
                );
                text
            }
        };
        ensure!(!value.is_empty(), "the secret is empty");
        Ok(value)
    }
}

fn start(table: ReplayTable, folder: &Path) -> Result<Start> {
    let now: jiff::Timestamp = table.now.parse().context("replay.now: write a time such as 2026-03-02T06:00:00Z")?;
    let ends = table.ends.unwrap_or_else(|| COMPLETE.into());
    ensure!(ENDINGS.contains(&ends.as_str()), "replay.ends: write one of {}", ENDINGS.join(", "));
    let after = table.after.map(|after| folder.join(after));
    let is_told_twice = after.is_some() && table.state.is_some();
    ensure!(!is_told_twice, "replay.after: the scenario before leaves a state, so `state` cannot be written here");
    let ReplayTable { position, state, warns, .. } = table;
    Ok(Start { now: now.as_second(), after, position, state, ends, warns })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: String,
    component: Option<PathBuf>,
    store: Option<PathBuf>,
    #[serde(default)]
    settings: toml::Table,
    #[serde(default)]
    network: NetworkTable,
    replay: Option<ReplayTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkTable {
    #[serde(default)]
    insecure_loopback: bool,
    #[serde(default)]
    allow_addresses: Vec<String>,
    ca_file: Option<PathBuf>,
}

impl NetworkTable {
    fn read(self, folder: &Path) -> Result<Network> {
        let net = |text: &String| text.parse().with_context(|| no_range(text));
        let allow_addresses = self.allow_addresses.iter().map(net).collect::<Result<_>>()?;
        let ca_file = self.ca_file.map(|path| folder.join(path));
        Ok(Network { insecure_loopback: self.insecure_loopback, allow_addresses, ca_file })
    }
}

fn no_range(text: &str) -> String {
    format!("network.allow_addresses: {text:?} is no range of addresses: write one such as 10.1.0.0/16")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayTable {
    now: String,
    after: Option<PathBuf>,
    position: Option<String>,
    state: Option<String>,
    ends: Option<String>,
    #[serde(default)]
    warns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SecretSource {
    Env(String),
    File(PathBuf),
    Text(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_settings_and_secrets_apart() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "from a file\n").unwrap();
        let text = r#"
            tenant = "acme"
            component = "a.wasm"
            [settings]
            url = "https://api.example.com"
            days = 30
            password = { file = "key" }
            path = { env = "PATH" }
            [network]
            insecure_loopback = true
            allow_addresses = ["10.1.0.0/16"]
            ca_file = "private.pem"
        "#;
        let config = Config::parse(text, folder.path()).unwrap();
        assert_eq!(config.component, Some(folder.path().join("a.wasm")));
        assert_eq!(
            Value::from(config.settings.clone()),
            serde_json::json!({ "url": "https://api.example.com", "days": 30 })
        );
        assert_eq!(config.secrets.get("password"), Some("from a file"));
        assert_eq!(config.secrets.get("path"), std::env::var("PATH").ok().as_deref());
        let network = config.tenant().network;
        assert!(network.insecure_loopback);
        assert_eq!(network.allow_addresses, ["10.1.0.0/16".parse().unwrap()]);
        assert_eq!(network.ca_file, Some(folder.path().join("private.pem")));
        assert!(!format!("{config:?}").contains("from a file"));
    }

    #[test]
    fn a_scenario_has_a_clock_and_may_hold_secrets_made_for_it() {
        let text = r#"
            tenant = "acme"
            [settings]
            password = { text = "not-a-real-password" }
            [replay]
            now = "2026-03-02T06:00:00Z"
            state = "{}"
            warns = ["hosts.none", "hosts.late"]
        "#;
        let config = Config::parse(text, Path::new("")).unwrap();
        assert_eq!(config.secrets.get("password"), Some("not-a-real-password"));
        let (ends, state) = ("complete".into(), Some("{}".into()));
        let warns = vec!["hosts.none".into(), "hosts.late".into()];
        assert_eq!(config.replay, Some(Start { now: 1_772_431_200, after: None, position: None, state, ends, warns }));
        let second = text.replace("state = \"{}\"", "after = \"../first\"");
        let config = Config::parse(&second, Path::new("scenarios/second")).unwrap();
        assert_eq!(config.replay.unwrap().after, Some("scenarios/second/../first".into()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("", "missing field `tenant`"),
            ("tenant = \"a/b\"", "tenant: a name is"),
            ("tenant = \"a\"\nstoer = \"x\"", "unknown field `stoer`"),
            (
                "tenant = \"a\"\n[settings]\np = { env = \"NO_SUCH_VARIABLE_HERE\" }",
                "settings.p: reading the environment",
            ),
            ("tenant = \"a\"\n[settings]\np = { file = \"no-such-file\" }", "settings.p: reading no-such-file"),
            ("tenant = \"a\"\n[settings]\np = { keyring = \"x\" }", "settings.p: a table here names a secret"),
            ("tenant = \"a\"\n[settings]\np = { text = \"s3cret\" }", "settings.p: a secret in clear text"),
            ("tenant = \"a\"\n[settings]\np = 2026-03-02", "settings.p: write a time as a text"),
            (
                "tenant = \"a\"\n[network]\nallow_addresses = [\"10.1.0.0\"]",
                "network.allow_addresses: \"10.1.0.0\" is no range",
            ),
            ("tenant = \"a\"\n[replay]\nnow = \"today\"", "replay.now: write a time such as"),
            (
                "tenant = \"a\"\n[replay]\nnow = \"2026-03-02T06:00:00Z\"\nends = \"well\"",
                "replay.ends: write one of complete",
            ),
            (
                "tenant = \"a\"\n[replay]\nnow = \"2026-03-02T06:00:00Z\"\nafter = \"b\"\nstate = \"{}\"",
                "replay.after: the scenario before leaves a state",
            ),
        ] {
            let error = format!("{:#}", Config::parse(text, Path::new("")).unwrap_err());
            assert!(error.contains(named), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }
}
