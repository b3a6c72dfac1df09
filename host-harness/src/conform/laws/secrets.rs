//! No secret in anything that a connector hands out.
//!
//! A connector never sees a secret, but a source may repeat one; what it repeats must not be handed on.

use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use crate::http::echo::Scan;
use crate::http::secrets::{SECRET_BYTES_MIN, Secret};
use crate::run::{SECRET_SHOWN, World};
use anyhow::Result;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The law.
pub const LAW: Law = Law {
    id: "secrets",
    title: "No secret in any output",
    asks: "No row, dropped record, position, state, problem, check, log line or manifest holds a secret of the tenant, as it is or \
           encoded, even where the source repeats it.",
    stands: "wit/host.wit, http and log",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    let Some(scan) = scan(scene) else { return Ok(Tally::none("the scenarios have no secret")) };
    let (tenant, start) = (&scene.scenario.tenant, &scene.scenario.start);
    let replay = Arc::new(scene.scenario.replay.afresh(start.now));
    let watch = baseline.witness.clone();
    let checked = scene.connector.test_connectivity(tenant, &World { watch, ..World::new(replay) }).await?;
    let manifest = scene.connector.describe().await?;
    let seen = baseline.witness.seen();
    let mut outputs = vec![
        ("the manifest", format!("{manifest:?}")),
        ("the checks of the way to the source", format!("{:?}", checked.verdict)),
        ("the rows", baseline.left.lines.clone()),
        ("the dropped records", baseline.left.dropped.clone()),
        ("the outcome", format!("{:?}", baseline.returned())),
    ];
    outputs.extend(seen.positions.iter().map(|position| ("a position", position.clone())));
    outputs.extend(seen.lines.iter().map(|line| ("a log line", format!("{} {:?}", line.message, line.fields))));
    let shown = |(what, text): &(&str, String)| {
        let name = scan.find(text.as_bytes()).map(|name| format!("{what} holds the secret `{name}`"));
        // The host takes plain secrets out of log lines, and leaves this in their place.
        let masked = text.contains(SECRET_SHOWN).then(|| format!("{what} held a secret, which the host took out"));
        name.or(masked)
    };
    let shown = outputs.iter().find_map(shown);
    Ok(Tally::one(shown.map(|came| Breach::new("no secret in any output", came))))
}

/// A search for the secrets of a scenario, leaving out those that would turn up by chance.
fn scan(scene: &Scene) -> Option<Scan> {
    let secrets = &scene.scenario.tenant.secrets;
    let secret = |name: &str| {
        let value = secrets.get(name).filter(|value| value.len() >= SECRET_BYTES_MIN)?;
        Some(Secret { name: name.to_owned(), value: Zeroizing::new(value.to_owned()) })
    };
    let secrets: Vec<_> = secrets.names().filter_map(secret).collect();
    Scan::new(&secrets.iter().collect::<Vec<_>>())
}
