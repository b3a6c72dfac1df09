//! The file: how it is created, opened and refused.

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// The schema that this host writes.
const VERSION: i64 = 2;
/// Tells our files from other programs' SQLite files.
const APPLICATION: i64 = 0x434f_4e4e;
/// How long a write waits for another process.
const BUSY_SECS_MAX: u64 = 10;
/// Prepared statements that are kept.
const STATEMENTS_MAX: usize = 64;
/// Pages that are kept in memory, in KiB.
const CACHE_KIB_MAX: i64 = 16 << 10;

/// Opens a store for writing, or creates it with mode 0600, which SQLite gives its side files too.
pub fn open(path: &Path) -> Result<Connection> {
    let during = || format!("opening the store {}", path.display());
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).with_context(during)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).with_context(during)?;
    create(&mut connection).with_context(during)?;
    connection.pragma_update(None, "journal_mode", "wal").with_context(during)?;
    connection.pragma_update(None, "synchronous", "full").with_context(during)?;
    connection.pragma_update(None, "foreign_keys", false).with_context(during)?;
    Ok(connection)
}

/// Opens a store whose writes need not outlive the machine.
pub fn open_unsynced(path: &Path) -> Result<Connection> {
    let connection = open(path)?;
    connection.pragma_update(None, "synchronous", "off")?;
    Ok(connection)
}

/// Opens a store that exists, to read what it held at one moment while others write.
pub fn read_only(path: &Path) -> Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).with_context(|| format!("reading the store {}", path.display()))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(BUSY_SECS_MAX))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "cache_size", -CACHE_KIB_MAX)?;
    connection.pragma_update(None, "temp_store", "file")?;
    Ok(connection)
}

/// Creates the tables in an empty file, and refuses files that are not ours or that another version of the host wrote.
fn create(connection: &mut Connection) -> Result<()> {
    if exists(connection)? {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have created them since.
    if !exists(&tx)? {
        tx.execute_batch(include_str!("schema.sql"))?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(tx.commit()?)
}

/// Whether the tables are there; reading asks for no lock, so a sync under way delays nobody who only looks.
fn exists(connection: &Connection) -> Result<bool> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    match (number("PRAGMA application_id")?, number("PRAGMA user_version")?) {
        (APPLICATION, VERSION) => Ok(true),
        (APPLICATION, schema) if schema > VERSION => {
            bail!("it has schema {schema} and this host knows {VERSION}: use the host that wrote it, or a newer one")
        }
        (APPLICATION, schema @ 1..) => {
            bail!("it has schema {schema}, of an older host, and this one knows {VERSION}: sync into a file of its own")
        }
        (0, 0) if tables == 0 => Ok(false),
        _ => bail!("it is an SQLite file of another program: name a file that does not exist yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_store_is_for_its_owner_alone_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let first = open(&path).unwrap();
        first.execute("UPDATE store SET epoch = 7", []).unwrap();
        for file in ["a.db", "a.db-wal", "a.db-shm"] {
            let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        drop(first);
        let epoch: i64 = open(&path).unwrap().query_row("SELECT epoch FROM store", [], |row| row.get(0)).unwrap();
        assert_eq!(epoch, 7);
    }

    #[test]
    fn files_of_others_and_of_other_hosts_are_refused() {
        let cases = [
            ("a newer host's", "PRAGMA application_id = 0x434f4e4e; PRAGMA user_version = 3", "it has schema 3 and"),
            ("an older host's", "PRAGMA application_id = 0x434f4e4e; PRAGMA user_version = 1", "of an older host"),
            ("another program's", "CREATE TABLE a (b)", "another program"),
            ("another program's, named", "PRAGMA application_id = 5", "another program"),
        ];
        for (case, sql, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            Connection::open(&path).unwrap().execute_batch(sql).unwrap();
            let error = format!("{:#}", open(&path).unwrap_err());
            assert!(error.contains(expected) && error.contains("a.db"), "{case}: {error}");
        }
    }

    #[test]
    fn a_store_is_durable_before_a_commit_returns() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("a.db")).unwrap();
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
        assert_eq!(pragma("foreign_keys").unwrap(), 0.into());
    }
}
