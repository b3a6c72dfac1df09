//! An attempt begins: the open sync goes on, or a new one starts.

use super::{Begin, Epoch, SYNCS_KEPT_MAX, Start, sent};
use crate::lifecycle::{self, Known, Wish};
use anyhow::{Result, bail};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

/// Fences off all earlier attempts, and tells where this one starts.
pub fn begin(connection: &mut Connection, begin: &Begin) -> Result<Start> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    own(&tx, &begin.source)?;
    let epoch = tx.query_row("UPDATE store SET epoch = epoch + 1 RETURNING epoch", [], |row| row.get(0))?;
    let known = known(&tx)?;
    let wish = Wish {
        fingerprint: &begin.fingerprint,
        full: begin.full,
        now: begin.now,
        sync_age_secs_max: begin.sync_age_secs_max,
    };
    let reason = lifecycle::start(&known, &wish);
    if !reason.resumes() {
        open(&tx, begin, reason.is_full())?;
    }
    let (sync, full, position) = tx.query_row(
        "UPDATE sync SET attempts = attempts + 1 WHERE closed IS NULL RETURNING id, full, position",
        [],
        |row| Ok((row.get(0)?, row.get::<_, bool>(1)?, row.get(2)?)),
    )?;
    let state = tx.query_row("SELECT state FROM store", [], |row| row.get(0))?;
    tx.commit()?;
    Ok(Start { epoch: Epoch(epoch), sync, position, state: if full { None } else { state }, reason })
}

/// A store belongs to the first connector that used it.
fn own(tx: &Transaction<'_>, source: &str) -> Result<()> {
    tx.execute("UPDATE store SET source = ? WHERE source IS NULL", [source])?;
    let owner: String = tx.query_row("SELECT source FROM store", [], |row| row.get(0))?;
    if owner != source {
        bail!("the store belongs to the connector {owner:?}, not to {source:?}: give each its own file");
    }
    Ok(())
}

fn known(tx: &Transaction<'_>) -> Result<Known> {
    let open = tx.query_row("SELECT started, fingerprint FROM sync WHERE closed IS NULL", [], |row| row.try_into());
    let state = tx.query_row("SELECT fingerprint FROM store", [], |row| row.get(0))?;
    Ok(Known { open: open.optional()?, state })
}

/// Opens a new sync. What the abandoned one wrote stays, for it was true; what it only promised goes.
fn open(tx: &Transaction<'_>, begin: &Begin, full: bool) -> Result<()> {
    tx.execute("DELETE FROM complete_asset", [])?;
    sent::forget(tx)?;
    tx.execute("DELETE FROM dropped WHERE sync IN (SELECT id FROM sync WHERE closed IS NULL)", [])?;
    tx.execute("UPDATE sync SET closed = ?, ended = 'abandoned', position = NULL WHERE closed IS NULL", [begin.now])?;
    tx.execute(
        "INSERT INTO sync (started, full, attempts, connector_version, fingerprint) VALUES (?, ?, 0, ?, ?)",
        params![begin.now, full, begin.connector_version, begin.fingerprint],
    )?;
    tx.execute("DELETE FROM sync WHERE id <= ?", [tx.last_insert_rowid() - SYNCS_KEPT_MAX])?;
    Ok(())
}
