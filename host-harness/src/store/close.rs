//! A sync ends: what is archived, what is no longer reported, the state, and no position any more.

use super::commit::{fenced, room};
use super::sent::{self, is_sent};
use super::{Close, Closed, Epoch, failpoint, summary, words};
use crate::bindings::sync::Ended;
use crate::lifecycle::{self, Archiving};
use anyhow::{Result, ensure};
use rusqlite::{Connection, Transaction, params};

/// Closes the open sync in one transaction, if no other attempt has begun.
pub fn close(connection: &mut Connection, epoch: Epoch, close: &Close) -> Result<Closed> {
    let over = matches!(close.ended, Ended::Complete | Ended::InPart);
    ensure!(over, "a sync that ended as {} is not over and cannot be closed", words::ended(close.ended));
    failpoint("store.close.before");
    let tx = fenced(connection, epoch)?;
    let sync = tx.query_row("SELECT id FROM sync WHERE closed IS NULL", [], |row| row.get(0))?;
    let archiving = archiving(&tx, sync, close)?;
    let restored = restore(&tx, sync)?;
    let archived = if matches!(archiving, Archiving::Unseen { .. }) { archive(&tx, sync)? } else { 0 };
    let no_longer_reported = silence(&tx)?;
    let unresolved = unresolved(&tx)?;
    let closed = Closed { archiving, archived, restored, no_longer_reported, unresolved };
    record(&tx, sync, close, &closed)?;
    failpoint("store.close.in");
    tx.commit()?;
    failpoint("store.close.after");
    Ok(closed)
}

/// Counts listing records that were dropped as seen, and decides what becomes of the unseen.
fn archiving(tx: &Transaction<'_>, sync: i64, close: &Close) -> Result<Archiving> {
    let mut lines_full = false;
    if let Some(stage) = close.summary.stages.iter().find(|stage| stage.lists_assets) {
        lines_full = room(tx, sync, &stage.name)? == 0;
        tx.execute(
            "UPDATE asset_head SET seen = ?1 WHERE key IN (SELECT key FROM dropped WHERE sync = ?1 AND stage = ?2)",
            params![sync, stage.name],
        )?;
    }
    let seen = tx.query_row("SELECT count(*) FROM asset_head WHERE seen = ?", [sync], |row| row.get(0))?;
    Ok(lifecycle::archiving(&close.summary, seen, lines_full))
}

// Turning a flag changes a row, and a version counts a sync once: not again where the sync already changed the row.

fn restore(tx: &Transaction<'_>, sync: i64) -> Result<u64> {
    let sql = format!(
        "UPDATE asset_head SET archived = 0, version = version + (sync <> ?1 OR hash = base)
         WHERE archived AND (seen = ?1 OR {})",
        is_sent("asset", "id")
    );
    Ok(tx.execute(&sql, [sync])? as u64)
}

/// What the listing did not name and nothing else brought: an asset that came beside the listing is there.
fn archive(tx: &Transaction<'_>, sync: i64) -> Result<u64> {
    let sql = format!(
        "UPDATE asset_head SET archived = 1, version = version + 1 WHERE NOT archived AND seen <> ?1 AND NOT {}",
        is_sent("asset", "id")
    );
    Ok(tx.execute(&sql, [sync])? as u64)
}

/// Findings that were not sent although all of their kind on their asset were.
/// One whose vulnerability never came counts as a weakness: rules always come with their findings.
///
/// The hash is turned over, so that a record that brings the finding back differs from it and counts as a change.
fn silence(tx: &Transaction<'_>) -> Result<u64> {
    let rows = tx.execute(
        "UPDATE finding_head SET reported = 0, version = version + 1, hash = ~hash
         WHERE key IN (
           SELECT finding.key FROM complete_asset
           CROSS JOIN finding_head AS finding
             ON finding.key >= (prefix || '|') AND finding.key < (prefix || '}') AND finding.reported
           LEFT JOIN finding_sent ON word = finding.id >> 6
           CROSS JOIN finding_body ON finding_body.id = finding.id
           LEFT JOIN vulnerability_head AS vulnerability ON vulnerability.key = finding_body.vulnerability_key
           LEFT JOIN vulnerability_body ON vulnerability_body.id = vulnerability.id
           WHERE NOT coalesce(bits >> (finding.id & 63) & 1, 0)
             AND coalesce(vulnerability_body.kind, 'vulnerability') = complete_asset.kind)",
        [],
    )?;
    Ok(rows as u64)
}

/// Counts references of what was sent that lead nowhere.
///
/// What a finding names never changes, and what the store holds never goes:
/// so only findings that came since the last close are looked at, and those of which something was missing then.
fn unresolved(tx: &Transaction<'_>) -> Result<u64> {
    let missing = "(NOT EXISTS (SELECT 1 FROM asset_head WHERE key = asset_key))
                   + (NOT EXISTS (SELECT 1 FROM vulnerability_head WHERE key = vulnerability_key))";
    tx.execute(
        &format!(
            "DELETE FROM unresolved
             WHERE id IN (SELECT id FROM unresolved CROSS JOIN finding_body USING (id) WHERE {missing} = 0)"
        ),
        [],
    )?;
    tx.execute(
        &format!(
            "INSERT INTO unresolved (id)
             SELECT id FROM finding_body WHERE id > (SELECT resolved FROM store) AND {missing} > 0"
        ),
        [],
    )?;
    tx.execute("UPDATE store SET resolved = (SELECT coalesce(max(id), 0) FROM finding_body)", [])?;
    let sql = format!(
        "SELECT coalesce(sum({missing}), 0) FROM unresolved CROSS JOIN finding_body USING (id) WHERE {}",
        is_sent("finding", "unresolved.id")
    );
    Ok(tx.query_row(&sql, [], |row| row.get(0))?)
}

/// Writes down how the sync ended, leaves the state, and lets no late commit of its attempts in.
fn record(tx: &Transaction<'_>, sync: i64, close: &Close, closed: &Closed) -> Result<()> {
    tx.execute(
        "UPDATE sync SET closed = ?, ended = ?, summary = ?, changes = ?, position = NULL WHERE id = ?",
        params![
            close.now,
            words::ended(close.ended),
            summary::json(&close.summary).to_string(),
            serde_json::to_string(closed)?,
            sync
        ],
    )?;
    tx.execute(
        "UPDATE store SET epoch = epoch + 1, state = ?, fingerprint = (SELECT fingerprint FROM sync WHERE id = ?)",
        params![close.state, sync],
    )?;
    tx.execute("DELETE FROM complete_asset", [])?;
    sent::forget(tx)?;
    tx.execute("DELETE FROM dropped WHERE sync <> ?", [sync])?;
    Ok(())
}
