//! What people and programs ask of a store, in small.

use super::schema;
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// How a store stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The connector it belongs to; absent before the first sync.
    pub source: Option<String>,
    /// The sync under way.
    pub open: Option<Sync>,
    /// The last sync that was closed.
    pub last: Option<Sync>,
    /// What the store holds.
    pub counts: Counts,
}

/// One sync of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Sync {
    /// Its number.
    pub id: i64,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// When it was closed.
    pub closed: Option<i64>,
    /// `complete`, `in-part`, or `abandoned` for a new one.
    pub ended: Option<String>,
    /// Everything was read again.
    pub full: bool,
    /// Attempts it took so far.
    pub attempts: u64,
    /// Records it dropped that have no line, because there are too many.
    pub dropped_beyond: u64,
    /// What the connector counted, as JSON.
    pub summary: Option<String>,
    /// What closing it changed, as JSON.
    pub changes: Option<String>,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Counts {
    /// Assets that are not archived.
    pub assets: u64,
    /// Assets that are.
    pub archived: u64,
    /// Weaknesses and rules.
    pub vulnerabilities: u64,
    /// Findings by status: vulnerable, ignored-risk-acknowledged, ignored-false-positive, fixed. Every status is there.
    pub findings: Vec<(String, u64)>,
    /// Findings that their asset no longer reports; they are counted above too.
    pub unreported: u64,
    /// Lines of records that the latest sync dropped.
    pub dropped: u64,
    /// Records that it dropped and that have no line, because there are too many.
    pub dropped_beyond: u64,
}

/// One of the findings that matter most.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Worst {
    /// Of the vulnerability.
    pub vulnerability_key: String,
    /// Of the vulnerability; absent when the store does not hold it.
    pub title: Option<String>,
    /// The greatest score of its findings.
    pub score: Option<f64>,
    /// An asset on which it is open, by name; by key when the store does not hold it.
    pub asset: String,
    /// Assets on which it is open.
    pub assets: u64,
}

/// The version of one row, for whoever compares two stores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `asset`, `vulnerability` or `finding`.
    pub stream: &'static str,
    /// The row's key.
    pub key: String,
    /// How many syncs changed it.
    pub version: i64,
}

/// A connection of its own on which everything read is of one moment.
pub fn snapshot(path: &Path) -> Result<Connection> {
    let connection = schema::read_only(path)?;
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}

/// How the store stands.
pub fn status(connection: &Connection) -> Result<Status> {
    Ok(Status {
        source: connection.query_row("SELECT source FROM store", [], |row| row.get(0))?,
        open: sync(connection, "closed IS NULL")?,
        last: sync(connection, "ended <> 'abandoned'")?,
        counts: counts(connection)?,
    })
}

/// The latest sync of a kind.
pub fn sync(connection: &Connection, which: &str) -> Result<Option<Sync>> {
    let sql = format!(
        "SELECT id, started, closed, ended, full, attempts, dropped_beyond, summary, changes
         FROM sync WHERE {which} ORDER BY id DESC LIMIT 1"
    );
    Ok(connection.query_row(&sql, [], read_sync).optional()?)
}

fn read_sync(row: &Row<'_>) -> rusqlite::Result<Sync> {
    Ok(Sync {
        id: row.get(0)?,
        started: row.get(1)?,
        closed: row.get(2)?,
        ended: row.get(3)?,
        full: row.get(4)?,
        attempts: row.get(5)?,
        dropped_beyond: row.get(6)?,
        summary: row.get(7)?,
        changes: row.get(8)?,
    })
}

/// The position of the open sync.
pub fn position(connection: &Connection) -> Result<Option<String>> {
    let position = connection.query_row("SELECT position FROM sync WHERE closed IS NULL", [], |row| row.get(0));
    Ok(position.optional()?.flatten())
}

/// What the store holds.
pub fn counts(connection: &Connection) -> Result<Counts> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let mut by_status = connection.prepare(
        "WITH word (status) AS
           (VALUES ('vulnerable'), ('ignored-risk-acknowledged'), ('ignored-false-positive'), ('fixed'))
         SELECT word.status, coalesce(n, 0) FROM word
         LEFT JOIN (SELECT status, count(*) AS n FROM finding_body GROUP BY status) USING (status)",
    )?;
    let findings = by_status.query_map([], |row| row.try_into())?.collect::<rusqlite::Result<_>>()?;
    Ok(Counts {
        assets: number("SELECT count(*) FROM asset_head WHERE NOT archived")?,
        archived: number("SELECT count(*) FROM asset_head WHERE archived")?,
        vulnerabilities: number("SELECT count(*) FROM vulnerability_head")?,
        findings,
        unreported: number("SELECT count(*) FROM finding_head WHERE NOT reported")?,
        dropped: number("SELECT count(*) FROM dropped WHERE sync = (SELECT max(id) FROM sync)")?,
        dropped_beyond: number(
            "SELECT coalesce(sum(dropped_beyond), 0) FROM sync WHERE id = (SELECT max(id) FROM sync)",
        )?,
    })
}

/// The open vulnerabilities that matter most: by score, then by the number of assets.
pub fn worst(connection: &Connection, rows_max: u32) -> Result<Vec<Worst>> {
    let mut worst = connection.prepare(
        "SELECT vulnerability_key, title, max(score), min(coalesce(asset, asset_key)), count(DISTINCT asset_key)
         FROM open_findings
         GROUP BY vulnerability_key ORDER BY 3 DESC, 5 DESC, 1 LIMIT ?",
    )?;
    let rows = worst.query_map([rows_max], |row| {
        let (vulnerability_key, title, score, asset, assets) = row.try_into()?;
        Ok(Worst { vulnerability_key, title, score, asset, assets })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The versions of all rows, by stream and key.
pub fn versions(connection: &Connection) -> Result<Vec<Version>> {
    let mut versions = Vec::new();
    for stream in ["asset", "vulnerability", "finding"] {
        let mut rows = connection.prepare(&format!("SELECT key, version FROM {stream}_head ORDER BY key"))?;
        for row in rows.query_map([], |row| Ok(Version { stream, key: row.get(0)?, version: row.get(1)? }))? {
            versions.push(row?);
        }
    }
    Ok(versions)
}
