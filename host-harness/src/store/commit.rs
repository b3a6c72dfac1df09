//! One batch and one position in one transaction, if no other attempt has begun.

use super::put::put;
use super::rows::{Listed, prefix};
use super::sent::is_sent;
use super::{DROPPED_MAX, DROPPED_STAGE_MAX, Epoch, Fenced, failpoint, words};
use crate::bindings::model::{Batch, CompleteAsset, DroppedRecord, SeenAsset};
use crate::join::{Kept, vulnerability};
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;

/// Commits, and answers the keys of stale assets.
pub fn commit(
    connection: &mut Connection,
    epoch: Epoch,
    sync: i64,
    batch: Batch,
    position: Option<String>,
) -> Result<Vec<String>> {
    failpoint("store.commit.before");
    let tx = fenced(connection, epoch)?;
    let listed: Vec<String> = batch.assets.iter().filter(|a| a.digest != 0).map(|a| a.key.clone()).collect();
    put(&tx, sync, &batch.assets.into_iter().map(Listed::new).collect::<Vec<_>>())?;
    see(&tx, sync, &listed)?;
    put(&tx, sync, &batch.vulnerabilities.into_iter().map(vulnerability::normal).collect::<Vec<_>>())?;
    put(&tx, sync, &batch.findings.into_iter().map(Kept::new).collect::<Vec<_>>())?;
    let stale = see_unchanged(&tx, sync, batch.seen_assets)?;
    complete(&tx, &batch.complete_assets)?;
    drop_records(&tx, sync, &batch.dropped)?;
    if let Some(position) = position {
        tx.prepare_cached("UPDATE sync SET position = ? WHERE id = ?")?.execute(params![position, sync])?;
    }
    failpoint("store.commit.in");
    tx.commit()?;
    failpoint("store.commit.after");
    Ok(stale)
}

/// A transaction that may write for this attempt.
pub fn fenced(connection: &mut Connection, epoch: Epoch) -> Result<Transaction<'_>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let latest: i64 = tx.prepare_cached("SELECT epoch FROM store")?.query_row([], |row| row.get(0))?;
    if latest != epoch.0 {
        return Err(Fenced.into());
    }
    Ok(tx)
}

fn see(tx: &Transaction<'_>, sync: i64, keys: &[String]) -> Result<()> {
    let mut see = tx.prepare_cached("UPDATE asset_head SET seen = ? WHERE key = ?")?;
    for key in keys {
        see.execute(params![sync, key])?;
    }
    Ok(())
}

/// Marks the assets that the listing named, and answers those that must be sent in full:
/// never brought by a listing, changed since, or archived, for then their findings have not been read for a while.
fn see_unchanged(tx: &Transaction<'_>, sync: i64, assets: Vec<SeenAsset>) -> Result<Vec<String>> {
    let mut find = tx.prepare_cached(&format!(
        "SELECT digest, NOT archived OR {} FROM asset_head JOIN asset_body USING (id) WHERE key = ?",
        is_sent("asset", "id")
    ))?;
    let mut held = Vec::with_capacity(assets.len());
    let mut stale = Vec::new();
    for asset in assets {
        let row = find.query_row([&asset.key], |row| <(i64, bool)>::try_from(row));
        let fresh =
            row.optional()?.is_some_and(|(digest, is_there)| digest != 0 && digest as u64 == asset.digest && is_there);
        if !fresh {
            stale.push(asset.key.clone());
        }
        held.push(asset.key);
    }
    see(tx, sync, &held)?;
    Ok(stale)
}

fn complete(tx: &Transaction<'_>, assets: &[CompleteAsset]) -> Result<()> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO complete_asset (prefix, kind) VALUES (?, ?)")?;
    for asset in assets {
        insert.execute(params![prefix(&asset.key), words::kind(asset.kind)])?;
    }
    Ok(())
}

/// Keeps a bounded number of lines of each stage and of all; what goes beyond is counted.
fn drop_records(tx: &Transaction<'_>, sync: i64, records: &[DroppedRecord]) -> Result<()> {
    let mut stages: BTreeMap<&str, Vec<&DroppedRecord>> = BTreeMap::new();
    for record in records {
        stages.entry(&record.stage).or_default().push(record);
    }
    let mut beyond = 0;
    for (stage, records) in stages {
        let room = room(tx, sync, stage)?;
        beyond += drop_stage(tx, sync, &records, room)?;
    }
    if beyond > 0 {
        tx.execute("UPDATE sync SET dropped_beyond = dropped_beyond + ? WHERE id = ?", params![beyond, sync])?;
    }
    Ok(())
}

/// How many more lines a stage may have.
pub fn room(tx: &Transaction<'_>, sync: i64, stage: &str) -> Result<u64> {
    let mut count =
        tx.prepare_cached("SELECT count(*), count(*) FILTER (WHERE stage = ?) FROM dropped WHERE sync = ?")?;
    let (all, own): (u64, u64) = count.query_row(params![stage, sync], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(DROPPED_MAX.saturating_sub(all).min(DROPPED_STAGE_MAX.saturating_sub(own)))
}

/// Writes the lines of a stage that are new, and answers how many found no room.
fn drop_stage(tx: &Transaction<'_>, sync: i64, records: &[&DroppedRecord], mut room: u64) -> Result<u64> {
    let mut held = tx.prepare_cached(
        "SELECT 1 FROM dropped WHERE sync = ? AND stage = ? AND key = ? AND reason = ? AND location = ?",
    )?;
    let mut insert =
        tx.prepare_cached("INSERT INTO dropped (sync, stage, key, reason, location) VALUES (?, ?, ?, ?, ?)")?;
    let mut beyond = 0;
    for record in records {
        let location = record.location.as_deref().unwrap_or_default();
        let line = params![sync, record.stage, record.key, record.reason, location];
        match held.exists(line)? {
            true => {}
            false if room == 0 => beyond += 1,
            false => {
                insert.execute(line)?;
                room -= 1;
            }
        }
    }
    Ok(beyond)
}
