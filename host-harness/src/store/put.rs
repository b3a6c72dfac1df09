//! Records into their table: replaced, joined, or only noted as sent.

use super::hash;
use super::rows::Record;
use super::sent::Sent;
use anyhow::{Context, Result};
use rusqlite::{CachedStatement, Row, Rows, Transaction, params};
use std::cmp::Ordering;
use std::marker::PhantomData;

/// Rows of no interest that are stepped over before the next one is looked up instead.
const STEPS_MAX: u32 = 8;

/// Writes the records of one stream that one commit of a sync brings; all are normal.
///
/// In the order of their keys, in which the heads lie: then a step finds the next head more often than a search.
pub fn put<R: Record>(tx: &Transaction<'_>, sync: i64, records: &[R]) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let mut records: Vec<(String, &R)> = records.iter().map(|record| (record.key(), record)).collect();
    // Records of one key stay in the order in which they came.
    records.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut table = Table::new(tx, sync)?;
    let heads = table.heads(&records)?;
    let mut last: Option<(&str, Head)> = None;
    for ((key, record), head) in records.iter().zip(heads) {
        // A twin finds what the record before it left.
        let head = match last {
            Some((twin, left)) if twin == key => Some(left),
            _ => head,
        };
        let left = table.put(key, record, head).with_context(|| format!("writing the {} {key}", R::STREAM))?;
        last = Some((key, left));
    }
    table.sent.write()
}

struct Table<'t, R> {
    tx: &'t Transaction<'t>,
    sync: i64,
    sent: Sent<'t>,
    find: CachedStatement<'t>,
    settle: CachedStatement<'t>,
    insert: CachedStatement<'t>,
    read: CachedStatement<'t>,
    write: CachedStatement<'t>,
    buffer: Vec<u8>,
    records: PhantomData<R>,
}

/// The narrow part of a row.
#[derive(Clone, Copy)]
struct Head {
    id: i64,
    hash: i64,
    base: i64,
    version: i64,
    sync: i64,
}

impl Head {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get(1)?, hash: row.get(2)?, base: row.get(3)?, version: row.get(4)?, sync: row.get(5)? })
    }

    /// What it is after its sync sent a record that makes its row say `hash`.
    ///
    /// The version counts a sync once, whether it changed the row once or twice, and not at all when it changed it back.
    fn settle(self, sync: i64, hash: i64) -> Self {
        let (base, version) = if self.sync == sync {
            (self.base, self.version - i64::from(self.hash != self.base))
        } else {
            (self.hash, self.version)
        };
        Self { id: self.id, hash, base, version: version + i64::from(hash != base), sync }
    }
}

impl<'t, R: Record> Table<'t, R> {
    fn new(tx: &'t Transaction<'t>, sync: i64) -> Result<Self> {
        let (stream, columns) = (R::STREAM, R::COLUMNS);
        let marks = ", ?".repeat(columns.split(',').count());
        // What is sent is reported; no other stream knows that word.
        let reported = if stream == "finding" { ", reported = 1" } else { "" };
        let prepare = |sql: String| tx.prepare_cached(&sql).with_context(|| format!("preparing {sql}"));
        Ok(Self {
            tx,
            sync,
            sent: Sent::new(tx, stream)?,
            find: prepare(format!(
                "SELECT key, id, hash, base, version, sync FROM {stream}_head WHERE key >= ? ORDER BY key"
            ))?,
            settle: prepare(format!(
                "UPDATE {stream}_head SET hash = ?, base = ?, version = ?, sync = ?{reported} WHERE key = ?"
            ))?,
            insert: prepare(format!(
                "INSERT INTO {stream}_head (key, id, hash, base, version, sync) VALUES (?, ?, ?, 0, 1, ?)"
            ))?,
            read: prepare(format!("SELECT {columns} FROM {stream}_body WHERE id = ?"))?,
            write: prepare(format!("INSERT OR REPLACE INTO {stream}_body (id, {columns}) VALUES (?{marks})"))?,
            buffer: Vec::new(),
            records: PhantomData,
        })
    }

    /// The heads of records in the order of their keys, as they were before this commit.
    fn heads(&mut self, records: &[(String, &R)]) -> Result<Vec<Option<Head>>> {
        let mut heads = Vec::with_capacity(records.len());
        while let Some((key, _)) = records.get(heads.len()) {
            walk(self.find.query([key])?, records, &mut heads)?;
        }
        Ok(heads)
    }

    /// Puts one record into the table; answers the head that it leaves.
    fn put(&mut self, key: &str, record: &R, head: Option<Head>) -> Result<Head> {
        let hash = hash::hash(record, &mut self.buffer);
        let Some(head) = head else { return self.insert(key, hash, record) };
        let is_sent = self.sent.add(head.id)?;
        if head.hash == hash {
            // Most rows are those of the last sync.
            return Ok(head);
        }
        if !is_sent && record.replaces() {
            return self.settle(key, head, hash, record);
        }
        let stored = self.read(key, head.id)?;
        let record = if is_sent { stored.join(record.clone()) } else { stored.after(record.clone()) };
        let hash = hash::hash(&record, &mut self.buffer);
        self.settle(key, head, hash, &record)
    }

    fn settle(&mut self, key: &str, head: Head, hash: i64, record: &R) -> Result<Head> {
        if hash != head.hash {
            record.write(&mut self.write, Some(head.id))?;
        }
        let head = head.settle(self.sync, hash);
        self.settle.execute(params![head.hash, head.base, head.version, head.sync, key])?;
        Ok(head)
    }

    fn insert(&mut self, key: &str, hash: i64, record: &R) -> Result<Head> {
        record.write(&mut self.write, None)?;
        let id = self.tx.last_insert_rowid();
        self.insert.execute(params![key, id, hash, self.sync])?;
        self.sent.add(id)?;
        Ok(Head { id, hash, base: 0, version: 1, sync: self.sync })
    }

    fn read(&mut self, key: &str, id: i64) -> Result<R> {
        let mut rows = self.read.query([id])?;
        let row = rows.next()?.with_context(|| format!("the store lost the body of {} {key}", R::STREAM))?;
        R::read(key, row).with_context(|| format!("reading the stored {} {key}", R::STREAM))
    }
}

/// Finds the heads of the next records among rows that begin at the first of them; stops where a search is cheaper.
fn walk<R>(mut rows: Rows<'_>, records: &[(String, &R)], heads: &mut Vec<Option<Head>>) -> Result<()> {
    let mut steps = 0;
    while steps < STEPS_MAX {
        let Some(row) = rows.next()? else {
            heads.resize(records.len(), None);
            return Ok(());
        };
        let at = row.get_ref(0)?.as_str()?;
        steps += 1;
        while let Some((key, _)) = records.get(heads.len()) {
            match key.as_str().cmp(at) {
                Ordering::Less => heads.push(None),
                Ordering::Equal => heads.push(Some(Head::read(row)?)),
                Ordering::Greater => break,
            }
            steps = 0;
        }
        if heads.len() == records.len() {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (what happens, the syncs and hashes it happens with, the version it ends at)
    type Case = (&'static str, &'static [(i64, i64)], i64);

    #[test]
    fn a_version_counts_a_sync_at_most_once() {
        let cases: [Case; 7] = [
            ("the same again", &[(2, 10)], 5),
            ("changed", &[(2, 11)], 6),
            ("changed twice", &[(2, 11), (2, 12)], 6),
            ("changed and back", &[(2, 11), (2, 10)], 5),
            ("changed, back and again", &[(2, 11), (2, 10), (2, 11)], 6),
            ("changed by two syncs", &[(2, 11), (3, 12)], 7),
            ("changed back by the next", &[(2, 11), (3, 10)], 7),
        ];
        for (case, steps, expected) in cases {
            let mut head = Head { id: 1, hash: 10, base: 9, version: 5, sync: 1 };
            for &(sync, hash) in steps {
                head = head.settle(sync, hash);
            }
            assert_eq!(head.version, expected, "{case}");
        }
    }
}
