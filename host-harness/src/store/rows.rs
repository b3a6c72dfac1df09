//! How the records of a stream lie in their table.

mod asset;
mod finding;
mod vulnerability;

pub use asset::Listed;
pub use finding::prefix;

use super::hash::Feed;
use anyhow::Result;
use rusqlite::{Row, Statement};

/// A record of a stream, and what the host keeps beside it.
pub trait Record: Feed + Clone {
    /// The stream's name, with which its tables begin.
    const STREAM: &'static str;
    /// The columns of its body after `id`, in the order of `write` and `read`.
    const COLUMNS: &'static str;

    /// The key of its row.
    fn key(&self) -> String;

    /// Writes its body: `id`, then the columns.
    fn write(&self, statement: &mut Statement<'_>, id: Option<i64>) -> Result<()>;

    /// Reads a row that begins with the columns.
    fn read(key: &str, row: &Row<'_>) -> Result<Self>;

    /// What this row becomes when its sync sends another record.
    fn join(self, record: Self) -> Self;

    /// Whether this record, the first of its sync, takes the place of whatever an earlier sync left.
    fn replaces(&self) -> bool {
        true
    }

    /// What the row of an earlier sync becomes with the first record of this sync that does not just replace it.
    fn after(self, record: Self) -> Self {
        record
    }
}
