//! The `settings.toml` of a recording: the tenant's settings, with secrets and names made up.

use super::{Refused, ends};
use crate::bindings::configure::Manifest;
use crate::http::redact::Redaction;
use crate::outcome::Verdict;
use crate::scenario_run::codes;
use crate::sync::Synced;
use crate::tenant::Tenant;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Whose recording it is: a tenant's name is often that of a company.
const TENANT: &str = "recorded";

/// What can be said of a recording before it begins.
pub struct Settings {
    /// Which connector, when.
    origin: String,
    /// The tables for settings and network.
    tables: String,
    /// The time at which the clock stands.
    now: String,
}

impl Settings {
    /// Refuses secrets that the file itself, or ordinary words in it, would show.
    pub fn new(tenant: &Tenant, manifest: &Manifest, redaction: &Redaction, now: i64) -> Result<Self> {
        let now = jiff::Timestamp::from_second(now).context("reading the clock")?.to_string();
        let origin = format!("# Recorded from {} {}, {now}.", manifest.name, manifest.version);
        let settings = Self { origin, tables: tables(tenant, redaction)?, now };
        let text = settings.text(None);
        if let Some(name) = redaction.scan().and_then(|scan| scan.find(text.as_bytes()).map(str::to_owned)) {
            bail!(Refused::Secret(format!("{name} is a word that every recording holds, and cannot be told from it")));
        }
        Ok(settings)
    }

    /// Writes the file: that the recording is unfinished, or how the sync ended, and whether it was interrupted.
    pub fn write(&self, file: &Path, redaction: &Redaction, ended: Option<(&Verdict<Synced>, bool)>) -> Result<()> {
        let text = redaction.text(&self.text(ended));
        std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
    }

    fn text(&self, ended: Option<(&Verdict<Synced>, bool)>) -> String {
        let Self { origin, tables, now } = self;
        let note = match ended {
            None => {
                "# UNFINISHED: the recording did not come to its end, and nobody has looked for secrets in it.\n".into()
            }
            Some((_, true)) => {
                "# PARTIAL: the sync was interrupted; what it had not asked for by then is not here.\n".into()
            }
            Some((verdict, _)) if ends(verdict).is_none() => {
                format!("# The sync did not end well: {verdict}.\n").replace(['\r', '\n'], " ") + "\n"
            }
            Some(_) => String::new(),
        };
        let mut text = format!(
            "{origin}\n# Secrets, cookies and the names of accounts are made up; everything else is as it came.\n{note}\
             tenant = \"{TENANT}\"\n\n{tables}\n[replay]\nnow = \"{now}\"\n"
        );
        let Some((verdict, _)) = ended else { return text };
        if let Some(ends) = ends(verdict).filter(|ends| *ends != "complete") {
            text += &format!("ends = \"{ends}\"\n");
        }
        let warns: Vec<_> = codes(verdict).into_iter().map(|code| toml::Value::from(code).to_string()).collect();
        if !warns.is_empty() {
            text += &format!("warns = [{}]\n", warns.join(", "));
        }
        text
    }
}

/// What stands in the place of a secret setting.
pub fn made_up(name: &str) -> String {
    format!("not-a-real-{}", name.replace('_', "-"))
}

fn tables(tenant: &Tenant, redaction: &Redaction) -> Result<String> {
    let mut lines = "[settings]\n".to_owned();
    for (name, value) in &tenant.settings {
        let mut value = toml::Value::try_from(value).with_context(|| format!("writing the setting {name}"))?;
        clean(&mut value, redaction);
        lines += &format!("{} = {value}\n", key(name));
    }
    for name in tenant.secrets.names() {
        let value = redaction.text(tenant.secrets.get(name).unwrap_or_default());
        let value = toml::Value::from(toml::Table::from_iter([("text".to_owned(), value.into())]));
        lines += &format!("{} = {value}\n", key(name));
    }
    if tenant.network.insecure_loopback {
        lines += "\n[network]\ninsecure_loopback = true\n";
    }
    Ok(lines)
}

fn clean(value: &mut toml::Value, redaction: &Redaction) {
    match value {
        toml::Value::String(text) => *text = redaction.text(text),
        toml::Value::Array(values) => values.iter_mut().for_each(|value| clean(value, redaction)),
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| clean(value, redaction)),
        _ => {}
    }
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) { name.into() } else { toml::Value::from(name).to_string() }
}
