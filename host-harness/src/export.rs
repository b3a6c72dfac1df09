//! Lines for others, with what is computed: packages of assets, effective scores of findings.
//!
//! One compact JSON object a line; streams in the order asset, vulnerability, finding, then by the bytes of the key.
//! Rows are read in that order and written at once, so memory stays flat whatever the store holds.

mod lines;

use crate::bindings::model::{SoftwarePackage, Vulnerability};
use crate::join::{self, Kept};
use crate::store::{Listed, Record, Store, prefix, read_list};
use anyhow::{Context, Result};
use lines::{AssetData, DroppedData, FindingData, Line, VulnerabilityData};
use rusqlite::{CachedStatement, Connection, Row};
use serde::Serialize;
use std::io::{BufWriter, Write};

/// Writes everything the store holds, one JSON object a line; answers the number of lines.
pub fn export(store: &Store, to: &mut dyn Write) -> Result<u64> {
    let snapshot = store.snapshot()?;
    let mut export = Export::new(&snapshot, to)?;
    export.assets()?;
    export.vulnerabilities()?;
    export.findings()?;
    export.finish()
}

/// Writes the records that the latest sync dropped, one JSON object a line; answers the number of lines.
pub fn export_dropped(store: &Store, to: &mut dyn Write) -> Result<u64> {
    let snapshot = store.snapshot()?;
    let mut export = Export::new(&snapshot, to)?;
    export.dropped()?;
    export.finish()
}

struct Export<'c, 'w> {
    snapshot: &'c Connection,
    source: String,
    to: BufWriter<&'w mut dyn Write>,
    lines: u64,
}

impl<'c, 'w> Export<'c, 'w> {
    fn new(snapshot: &'c Connection, to: &'w mut dyn Write) -> Result<Self> {
        let source: Option<String> = snapshot.query_row("SELECT source FROM store", [], |row| row.get(0))?;
        Ok(Self { snapshot, source: source.unwrap_or_default(), to: BufWriter::new(to), lines: 0 })
    }

    fn assets(&mut self) -> Result<()> {
        let mut packages = packages_of(self.snapshot)?;
        self.stream::<Listed>("head.archived", |this, key, listed, row| {
            let packages = read_packages(&mut packages, key)?;
            let archived = Some(row.get("archived")?);
            this.line(Line { archived, ..Line::of(Listed::STREAM, key, AssetData::new(&listed.asset, &packages)) })
        })
    }

    fn vulnerabilities(&mut self) -> Result<()> {
        self.stream::<Vulnerability>("NULL", |this, key, vulnerability, _| {
            this.line(Line::of(Vulnerability::STREAM, key, VulnerabilityData::new(&vulnerability)))
        })
    }

    fn findings(&mut self) -> Result<()> {
        let general = "(SELECT score FROM vulnerability_head JOIN vulnerability_body USING (id)
                        WHERE key = vulnerability_key) AS general, head.reported";
        self.stream::<Kept>(general, |this, key, kept, row| {
            let score = kept.finding.score.or(row.get("general")?);
            let reported = Some(row.get("reported")?);
            this.line(Line { reported, ..Line::of(Kept::STREAM, key, FindingData::new(&kept.finding, score)) })
        })
    }

    fn dropped(&mut self) -> Result<()> {
        let mut lines = self.snapshot.prepare(
            "SELECT key, stage, reason, location FROM dropped WHERE sync = (SELECT max(id) FROM sync)
             ORDER BY key, stage, reason, location",
        )?;
        let mut rows = lines.query([])?;
        while let Some(row) = rows.next()? {
            let text = |column| -> Result<_> { Ok(row.get_ref(column)?.as_str()?) };
            let data = DroppedData::new(text(1)?, text(2)?, text(3)?);
            self.line(Line::of("dropped", text(0)?, data))?;
        }
        Ok(())
    }

    /// Reads a stream in the order of its keys; `beside` are columns that stand beside those of the body.
    fn stream<R: Record>(
        &mut self,
        beside: &str,
        mut each: impl FnMut(&mut Self, &str, R, &Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let (stream, columns) = (R::STREAM, R::COLUMNS);
        let mut records = self.snapshot.prepare(&ordered(stream, columns, beside))?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref("key")?.as_str()?;
            let record = R::read(key, row).with_context(|| format!("reading the stored {stream} {key}"))?;
            each(self, key, record, row)?;
        }
        Ok(())
    }

    fn line(&mut self, line: Line<'_, impl Serialize>) -> Result<()> {
        let line = Line { source: &self.source, ..line };
        serde_json::to_writer(&mut self.to, &line)?;
        self.to.write_all(b"\n")?;
        self.lines += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64> {
        self.to.flush()?;
        Ok(self.lines)
    }
}

/// The rows of a stream in the order of their keys.
///
/// CROSS JOIN holds the order of the tables: the heads lie sorted, so nothing has to be.
fn ordered(stream: &str, columns: &str, beside: &str) -> String {
    format!(
        "SELECT {columns}, head.key, {beside} FROM {stream}_head AS head
         CROSS JOIN {stream}_body AS body ON body.id = head.id ORDER BY head.key"
    )
}

/// The packages of an asset's findings: the keys of these lie together.
fn packages_of(snapshot: &Connection) -> Result<CachedStatement<'_>> {
    Ok(snapshot.prepare_cached(
        "SELECT packages FROM finding_head AS head CROSS JOIN finding_body AS body ON body.id = head.id
         WHERE head.key >= (?1 || '|') AND head.key < (?1 || '}') AND status = 'vulnerable' AND packages <> '[]'",
    )?)
}

/// What an asset runs that makes it vulnerable.
fn read_packages(statement: &mut CachedStatement<'_>, asset_key: &str) -> Result<Vec<SoftwarePackage>> {
    let mut all = Vec::new();
    let mut rows = statement.query([prefix(asset_key)])?;
    while let Some(row) = rows.next()? {
        all.extend(read_list(row.get_ref(0)?.as_str()?)?);
    }
    Ok(join::packages(all))
}

#[cfg(test)]
mod tests;
