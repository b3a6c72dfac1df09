//! Records a scenario: a sync into a store of its own, whose exchanges are written while it goes on.
//!
//! What is secret, or names an account, never reaches the folder; everything else stands there as it came.
//! The folder has the name that was asked for only when all of it was searched anew; until then it ends in `.unverified`.

mod folder;
mod settings;
mod verify;

pub use folder::Refused;
pub use verify::Leak;

use crate::bindings::configure::Resolved;
use crate::connector::Connector;
use crate::export;
use crate::http::record::{Journalled, Recording, learn_account};
use crate::http::redact::{RedactingWriter, Redaction};
use crate::http::replay::{Pieces, SETTINGS_FILE};
use crate::outcome::{Outcome, Verdict};
use crate::run::World;
use crate::scenario_run::{self, Trial, ending};
use crate::scratch::Scratch;
use crate::stop::{Reason, Stop};
use crate::store::Store;
use crate::sync::{How, Synced};
use crate::tenant::Tenant;
use crate::watch::Unwatched;
use anyhow::{Context, Result};
use folder::Folder;
use settings::Settings;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// A recording larger than this is not replayed at once: a replay holds it in memory.
const REPLAYED_BYTES_MAX: u64 = 256 << 20;

/// What came of it.
pub struct Recorded {
    /// How the sync ended, and what it used.
    pub outcome: Outcome<Synced>,
    /// What was written; absent when the settings were refused, and nothing was asked.
    pub written: Option<Written>,
}

/// What was written.
pub struct Written {
    /// Where it lies: under the name that was asked for, unless an original was found in it.
    pub folder: PathBuf,
    /// The exchanges.
    pub journalled: Journalled,
    /// The originals that were found; the recording is good for nobody then.
    pub leaks: Vec<Leak>,
    /// Whether it replays.
    pub replayed: Replayed,
}

/// Whether a recording leads to the same when it is replayed.
pub enum Replayed {
    /// It was tried.
    Tried(Box<Trial>),
    /// It was not, for this reason.
    Untried(String),
}

/// Runs a sync that reads everything, and writes it into a folder that is not there yet, or is empty.
///
/// A folder that cannot be used and a secret that cannot be told from other texts are [`Refused`], before anything is asked.
pub async fn record(connector: &Connector, tenant: &Tenant, world: &World, folder: &Path) -> Result<Recorded> {
    let scratch = Scratch::new()?;
    let Verdict::Returned(resolved) = connector.configure(tenant).await?.verdict else {
        let outcome = connector.sync(tenant, world, &scratch.store, How::default()).await?;
        return Ok(Recorded { outcome, written: None });
    };
    let redaction = originals(tenant, &resolved).map_err(Refused::secret)?;
    let manifest = connector.describe().await?;
    let settings = Settings::new(tenant, &manifest, &redaction, world.now())?;
    let folder = Folder::claim(folder)?;
    let unfinished = || format!("the unfinished recording is in {}", folder.unverified.display());
    let (outcome, journalled) =
        fill(connector, tenant, world, &scratch.store, &folder.unverified, &settings, &redaction)
            .await
            .with_context(unfinished)?;
    let leaks = verify::verify(&folder.unverified, &redaction).with_context(unfinished)?;
    let folder = if leaks.is_empty() { folder.release()? } else { folder.unverified };
    let replayed = replayed(connector, &folder, &leaks, &outcome, world).await?;
    Ok(Recorded { outcome, written: Some(Written { folder, journalled, leaks, replayed }) })
}

/// Fills the folder: settings that say it is unfinished, exchanges while they go on, then lines and the settings as they must be.
async fn fill(
    connector: &Connector,
    tenant: &Tenant,
    world: &World,
    store: &Store,
    folder: &Path,
    settings: &Settings,
    redaction: &Redaction,
) -> Result<(Outcome<Synced>, Journalled)> {
    settings.write(&folder.join(SETTINGS_FILE), redaction, None)?;
    let recording = Arc::new(Recording::new(world.transport.clone(), folder, redaction.clone()));
    let recorded = World { transport: recording.clone(), ..world.clone() };
    let outcome = connector.sync(tenant, &recorded, store, How::default()).await?;
    let journalled = recording.finish()?;
    lines(&folder.join("expected.jsonl"), redaction, |to| export::export(store, to))?;
    let dropped = folder.join("dropped.jsonl");
    if lines(&dropped, redaction, |to| export::export_dropped(store, to))? == 0 {
        std::fs::remove_file(&dropped).with_context(|| format!("removing {}", dropped.display()))?;
    }
    settings.write(&folder.join(SETTINGS_FILE), redaction, Some((&outcome.verdict, is_interrupted(world))))?;
    Ok((outcome, journalled))
}

fn lines(file: &Path, redaction: &Redaction, export: impl FnOnce(&mut dyn Write) -> Result<u64>) -> Result<u64> {
    let writing = || format!("writing {}", file.display());
    let to = BufWriter::new(std::fs::File::create_new(file).with_context(writing)?);
    let mut to = RedactingWriter::new(redaction, to);
    let count = export(&mut to).with_context(writing)?;
    to.end().with_context(writing)?;
    Ok(count)
}

/// The secrets, and the names of accounts, each with what stands in its place.
fn originals(tenant: &Tenant, resolved: &Resolved) -> Result<Redaction> {
    let redaction = Redaction::default();
    for name in tenant.secrets.names() {
        let value = tenant.secrets.get(name).unwrap_or_default();
        redaction.add(&format!("the secret `{name}`"), value, &settings::made_up(name))?;
    }
    let account = account(resolved);
    if !account.is_empty() {
        learn_account(&redaction, account)?;
    }
    Ok(redaction)
}

/// The name in what a connector calls its account: connectors add the host that it belongs to, or have no name but an address.
fn account(resolved: &Resolved) -> &str {
    if Url::parse(&resolved.account).is_ok_and(|url| url.has_host()) {
        return "";
    }
    let hosts = resolved.origins.iter().filter_map(|origin| Url::parse(&origin.url).ok());
    let hosts: Vec<_> = hosts.filter_map(|url| url.host_str().map(str::to_owned)).collect();
    let name = hosts.iter().find_map(|host| resolved.account.strip_suffix(host.as_str()));
    name.unwrap_or(&resolved.account).trim_end_matches(['@', '/', ' ', '|'])
}

fn is_interrupted(world: &World) -> bool {
    world.stop.reason() == Some(&Reason::Interrupted)
}

/// Replays what can be expected to replay; a recording that does not is still one to look at.
async fn replayed(
    connector: &Connector,
    folder: &Path,
    leaks: &[Leak],
    outcome: &Outcome<Synced>,
    world: &World,
) -> Result<Replayed> {
    let reason = match &outcome.verdict {
        _ if !leaks.is_empty() => Some("an original was found in it"),
        _ if is_interrupted(world) => Some("the sync was interrupted, and a replay is not"),
        Verdict::Returned(_) if folder::bytes(folder)? > REPLAYED_BYTES_MAX => {
            Some("it is too large to be replayed at once")
        }
        Verdict::Returned(_) => None,
        _ => Some("the connector did not return"),
    };
    if let Some(reason) = reason {
        return Ok(Replayed::Untried(reason.into()));
    }
    let trial = scenario_run::run(connector, folder, Pieces::Whole, &Stop::new(), Arc::new(Unwatched)).await;
    Ok(trial.map_or_else(|error| Replayed::Untried(format!("{error:#}")), |trial| Replayed::Tried(Box::new(trial))))
}

/// The words that a scenario's settings have for how a sync ended; absent when they have none.
fn ends(verdict: &Verdict<Synced>) -> Option<&'static str> {
    matches!(verdict, Verdict::Returned(_)).then(|| ending(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::configure::Origin;

    #[test]
    fn the_name_of_an_account_is_told_from_its_host() {
        let url = "https://api.example.com:443";
        for (account, expected) in [
            ("acme3jd1@api.example.com", "acme3jd1"),
            ("jane@acme.example@api.example.com", "jane@acme.example"),
            ("acme3jd1", "acme3jd1"),
            ("acme3jd1@other.example.com", "acme3jd1@other.example.com"),
            ("https://api.example.com/acme", ""),
            ("api.example.com", ""),
            ("", ""),
        ] {
            let origins = vec![Origin { name: "api".into(), url: url.into() }];
            let (inactive_after_days, fingerprint) = (None, String::new());
            let resolved = Resolved { origins, account: account.into(), inactive_after_days, fingerprint };
            assert_eq!(super::account(&resolved), expected, "{account}");
        }
    }
}
