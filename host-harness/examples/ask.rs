//! Asks a store a question and prints the answer as a table: `ask STORE SQL`.
//!
//! The store is opened read-only. The views that are worth asking stand at the end of `src/store/schema.sql`.

use anyhow::{Context, Result, bail};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Longer cells are cut.
const CELL_CHARS_MAX: usize = 60;

/// Column names first, then the rows.
type Table = Vec<Vec<String>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [store, sql] = args.as_slice() else { bail!("write: ask STORE SQL") };
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("opening {store}"))?;
    print!("{}", lines(&answer(&store, sql).with_context(|| format!("asking {sql}"))?));
    Ok(())
}

fn answer(store: &Connection, sql: &str) -> Result<Table> {
    let mut question = store.prepare(sql)?;
    let columns = question.column_count();
    let mut table = vec![question.column_names().into_iter().map(Into::into).collect()];
    let mut rows = question.query([])?;
    while let Some(row) = rows.next()? {
        table.push((0..columns).map(|at| Ok(cell(row.get_ref(at)?))).collect::<Result<_>>()?);
    }
    Ok(table)
}

fn cell(value: ValueRef<'_>) -> String {
    let text = match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:.1}"),
        ValueRef::Text(text) => String::from_utf8_lossy(text).replace('\n', " "),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The table with aligned columns, and how many rows it has.
fn lines(table: &Table) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let chars = |at: usize| table.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(chars).collect();
    let mut lines = String::new();
    for (number, row) in table.iter().enumerate() {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        lines += &format!("  {}\n", cells.join("  ").trim_end());
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
            lines += &format!("  {}\n", rules.join("  "));
        }
    }
    let rows = table.len() - 1;
    lines + &format!("  {rows} {}\n", if rows == 1 { "row" } else { "rows" })
}
