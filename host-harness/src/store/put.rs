//! One record into its table: replaced, joined, or only marked.

use super::hash::hash;
use super::rows::Record;
use anyhow::{Context, Result};
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};
use std::marker::PhantomData;

/// Writes the records of one stream that one commit of a sync brings.
pub struct Table<'t, R> {
    tx: &'t Transaction<'t>,
    sync: i64,
    find: CachedStatement<'t>,
    mark: CachedStatement<'t>,
    settle: CachedStatement<'t>,
    insert: CachedStatement<'t>,
    read: CachedStatement<'t>,
    write: CachedStatement<'t>,
    buffer: Vec<u8>,
    records: PhantomData<R>,
}

/// The narrow part of a row.
struct Head {
    id: i64,
    hash: i64,
    base: i64,
    version: i64,
    sync: i64,
}

impl Head {
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
    /// Prepares what a commit of `sync` needs.
    pub fn new(tx: &'t Transaction<'t>, sync: i64) -> Result<Self> {
        let (stream, columns) = (R::STREAM, R::COLUMNS);
        let marks = ", ?".repeat(columns.split(',').count());
        // What is sent is reported; no other stream knows that word.
        let reported = if stream == "finding" { ", reported = 1" } else { "" };
        let prepare = |sql: String| tx.prepare_cached(&sql).with_context(|| format!("preparing {sql}"));
        Ok(Self {
            tx,
            sync,
            find: prepare(format!("SELECT id, hash, base, version, sync FROM {stream}_head WHERE key = ?"))?,
            mark: prepare(format!(
                "UPDATE {stream}_head SET sync = ?1, base = hash WHERE key = ?2 AND hash = ?3 AND sync <> ?1"
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

    /// Puts one record, which is normal, into the table.
    pub fn put(&mut self, record: R) -> Result<()> {
        let key = record.key();
        let hash = hash(&record, &mut self.buffer);
        // Most rows are those of the last sync, and need nothing but this.
        if self.mark.execute(params![self.sync, key, hash])? > 0 {
            return Ok(());
        }
        match self.find(&key)? {
            None => self.insert(&key, hash, &record),
            // The very row that this sync has made of it: sent twice.
            Some(head) if head.hash == hash => Ok(()),
            Some(head) => {
                let record = self.merge(&key, &head, record)?;
                self.settle(&key, head, &record)
            }
        }
    }

    /// The first record of a sync replaces what an earlier one left, later ones join.
    fn merge(&mut self, key: &str, head: &Head, record: R) -> Result<R> {
        Ok(match head.sync == self.sync {
            true => self.read(key, head.id)?.join(record),
            false if record.replaces() => record,
            false => self.read(key, head.id)?.after(record),
        })
    }

    fn settle(&mut self, key: &str, head: Head, record: &R) -> Result<()> {
        let before = head.hash;
        let head = head.settle(self.sync, hash(record, &mut self.buffer));
        if head.hash != before {
            record.write(&mut self.write, Some(head.id))?;
        }
        self.settle.execute(params![head.hash, head.base, head.version, head.sync, key])?;
        Ok(())
    }

    fn insert(&mut self, key: &str, hash: i64, record: &R) -> Result<()> {
        record.write(&mut self.write, None)?;
        self.insert.execute(params![key, self.tx.last_insert_rowid(), hash, self.sync])?;
        Ok(())
    }

    fn find(&mut self, key: &str) -> Result<Option<Head>> {
        let head = self.find.query_row([key], |row| {
            let (id, hash, base, version, sync) = row.try_into()?;
            Ok(Head { id, hash, base, version, sync })
        });
        Ok(head.optional()?)
    }

    fn read(&mut self, key: &str, id: i64) -> Result<R> {
        let mut rows = self.read.query([id])?;
        let row = rows.next()?.with_context(|| format!("the store lost the body of {} {key}", R::STREAM))?;
        R::read(key, row).with_context(|| format!("reading the stored {} {key}", R::STREAM))
    }
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
