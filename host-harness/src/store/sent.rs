//! Which rows the open sync has sent: one bit for each, so that a row that did not change is not written.
//!
//! Bits lie by the rows' ids, 64 in a word. Rows that came together have ids side by side,
//! and so a commit of some thousand rows writes some dozen words.

use anyhow::{Context, Result};
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// The streams, each with its rows that were sent.
const STREAMS: [&str; 3] = ["asset", "vulnerability", "finding"];

/// The rows of one stream that the open sync has sent.
pub struct Sent<'t> {
    find: CachedStatement<'t>,
    write: CachedStatement<'t>,
    words: BTreeMap<i64, i64>,
}

impl<'t> Sent<'t> {
    /// What earlier commits of the sync left.
    pub fn new(tx: &'t Transaction<'t>, stream: &str) -> Result<Self> {
        let prepare = |sql: String| tx.prepare_cached(&sql).with_context(|| format!("preparing {sql}"));
        Ok(Self {
            find: prepare(format!("SELECT bits FROM {stream}_sent WHERE word = ?"))?,
            write: prepare(format!("INSERT OR REPLACE INTO {stream}_sent (word, bits) VALUES (?, ?)"))?,
            words: BTreeMap::new(),
        })
    }

    /// Adds a row; tells whether it was there.
    pub fn add(&mut self, id: i64) -> Result<bool> {
        let (word, bit) = (id >> 6, 1 << (id & 63));
        let bits = match self.words.get_mut(&word) {
            Some(bits) => bits,
            None => {
                let held = self.find.query_row([word], |row| row.get(0)).optional()?;
                self.words.entry(word).or_insert(held.unwrap_or(0))
            }
        };
        let was_there = *bits & bit != 0;
        *bits |= bit;
        Ok(was_there)
    }

    /// Writes what was added.
    pub fn write(mut self) -> Result<()> {
        for (word, bits) in self.words {
            self.write.execute(params![word, bits])?;
        }
        Ok(())
    }
}

/// Forgets all: the sync is over.
pub fn forget(tx: &Transaction<'_>) -> Result<()> {
    for stream in STREAMS {
        tx.execute(&format!("DELETE FROM {stream}_sent"), [])?;
    }
    Ok(())
}

/// An expression that holds for the rows of a stream that were sent; `id` is theirs.
pub fn is_sent(stream: &str, id: &str) -> String {
    format!("EXISTS (SELECT 1 FROM {stream}_sent WHERE word = {id} >> 6 AND bits >> ({id} & 63) & 1)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn what_was_sent_is_known_to_rust_and_to_sql() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = schema::open(&folder.path().join("a.db")).unwrap();
        let tx = connection.transaction().unwrap();
        let mut before = Vec::new();
        for ids in [[1, 63, 64], [63, 127, 128], [1, 191, 1_000_000]] {
            let mut sent = Sent::new(&tx, "finding").unwrap();
            for id in ids {
                assert_eq!(sent.add(id).unwrap(), before.contains(&id), "{id} after {before:?}");
                assert!(sent.add(id).unwrap(), "{id}");
                before.push(id);
            }
            sent.write().unwrap();
        }
        for id in [1, 2, 62, 63, 64, 65, 127, 128, 191, 192, 1_000_000] {
            let sql = format!("SELECT {}", is_sent("finding", "?1"));
            let known: bool = tx.query_row(&sql, [id], |row| row.get(0)).unwrap();
            assert_eq!(known, before.contains(&id), "{id}");
        }
        forget(&tx).unwrap();
        assert!(!Sent::new(&tx, "finding").unwrap().add(1).unwrap());
    }
}
