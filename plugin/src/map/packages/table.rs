//! Tables of packages: a header that starts with `Package`, and rows.
//!
//! Columns are separated by tabs, by several blanks, or, where white space was collapsed on the way, by one blank.

use super::{Found, name, version};
use crate::map::text::{has, parts, trimmed};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column {
    /// The package's name.
    Name,
    /// The version that is installed.
    Installed,
    /// The version that is required.
    Required,
    /// Something that is not asked for, such as a path.
    Other,
}

/// What a line below a header is.
#[derive(Debug, PartialEq)]
pub enum Row<'a> {
    /// A package.
    Package(Found<'a>),
    /// A row of this table that cannot be understood for sure.
    Unclear,
    /// No row: the table is over.
    End,
}

/// Titles of columns, in lower case and without blanks; of two that begin alike the longer one stands first.
const TITLES: &[(&str, Column)] = &[
    ("packagename", Column::Name),
    ("packages", Column::Name),
    ("package", Column::Name),
    ("installedversion", Column::Installed),
    ("currentversion", Column::Installed),
    ("version", Column::Installed),
    ("requiredversion", Column::Required),
    ("fixedversion", Column::Required),
    ("path", Column::Other),
];
/// Titles that are words of sentences, too: they count only where they stand alone in a field.
const SHORT_TITLES: &[(&str, Column)] = &[("installed", Column::Installed), ("required", Column::Required)];

/// The header that nearly all tables have.
const USUAL: &str = "Package\tInstalled Version\tRequired Version";

/// The columns, if the line is a header that names a version.
pub fn header(line: &str) -> Option<Vec<Column>> {
    let line = trimmed(line);
    if line == USUAL {
        return Some(vec![Column::Name, Column::Installed, Column::Required]);
    }
    line.get(..7).filter(|word| word.eq_ignore_ascii_case("package"))?;
    match has(line, b'\t') {
        // Tabs that only align: the rows may have more or fewer of them.
        true if tabbed(line).any(str::is_empty) => None,
        true => clear(tabbed(line).map(column).collect()),
        false => columns(line).and_then(clear).or_else(|| clear(blanked(line).map(column).collect())),
    }
}

/// The package of a line below this header.
pub fn row<'a>(columns: &[Column], line: &'a str) -> Row<'a> {
    if has(line, b'\t') {
        return by_position(columns, tabbed(line));
    }
    let fields: Vec<&str> = blanked(line).collect();
    match fields.as_slice() {
        [_, _, ..] if fields.len() == columns.len() => by_position(columns, fields.into_iter()),
        // Without tabs only the last column can be known to be missing, and only next to a name without blanks.
        [name, _, ..] if fields.len() + 1 == columns.len() && !name.contains(' ') => {
            by_position(columns, fields.into_iter())
        }
        [_, _, ..] => Row::Unclear,
        _ => from_the_end(columns, line).map_or(Row::End, Row::Package),
    }
}

/// The columns, if exactly one is the name, the first, and at least one a version, none of them twice.
fn clear(columns: Vec<Column>) -> Option<Vec<Column>> {
    let count = |wanted| columns.iter().filter(|&&column| column == wanted).count();
    let versions = [count(Column::Installed), count(Column::Required)];
    let clear = columns.first() == Some(&Column::Name) && count(Column::Name) == 1;
    (clear && versions.contains(&1) && versions.iter().all(|&n| n <= 1)).then_some(columns)
}

/// The characters of a title, without blanks and in lower case.
fn squeezed(title: &str) -> impl Iterator<Item = char> {
    title.chars().filter(|character| !character.is_whitespace()).map(|character| character.to_ascii_lowercase())
}

/// The column with this title.
fn column(title: &str) -> Column {
    let mut titles = TITLES.iter().chain(SHORT_TITLES);
    titles.find(|(known, _)| squeezed(title).eq(known.chars())).map_or(Column::Other, |(_, column)| *column)
}

/// The columns of a header that consists of known titles alone, whatever separates them.
fn columns(line: &str) -> Option<Vec<Column>> {
    let squeezed: String = squeezed(line).collect();
    let (mut rest, mut columns) = (squeezed.as_str(), Vec::new());
    while !rest.is_empty() {
        let (after, column) = TITLES.iter().find_map(|&(title, column)| Some((rest.strip_prefix(title)?, column)))?;
        columns.push(column);
        rest = after;
    }
    Some(columns)
}

/// The fields between tabs.
fn tabbed(line: &str) -> impl Iterator<Item = &str> {
    parts(line, b'\t').map(trimmed)
}

/// The fields between runs of blanks.
fn blanked(line: &str) -> impl Iterator<Item = &str> {
    line.split("  ").map(str::trim).filter(|field| !field.is_empty())
}

fn by_position<'a>(columns: &[Column], fields: impl Iterator<Item = &'a str>) -> Row<'a> {
    let (mut named, mut given) = (None, [None, None]);
    let [installed, required] = &mut given;
    for (column, field) in columns.iter().zip(fields).filter(|(_, field)| !field.is_empty()) {
        match column {
            Column::Name => named = Some(field),
            Column::Installed => *installed = Some(field),
            Column::Required => *required = Some(field),
            Column::Other => {}
        }
    }
    let [installed, required] = given.map(|field| field.and_then(version));
    match named.and_then(name) {
        // A row that says something else where versions belong is no package.
        Some(name) if given == [None, None] || installed.or(required).is_some() => {
            Row::Package((name, installed, required))
        }
        _ => Row::Unclear,
    }
}

/// Reads a row with single blanks: its last words are the versions, the rest is the name.
fn from_the_end<'a>(columns: &[Column], line: &'a str) -> Option<Found<'a>> {
    let (rest, last) = line.trim().rsplit_once(' ').filter(|(_, last)| reads_as_version(last))?;
    match columns {
        [Column::Name, Column::Installed] => Some((name(rest)?, Some(last), None)),
        [Column::Name, Column::Required] => Some((name(rest)?, None, Some(last))),
        [Column::Name, second, _] => match (rest.rsplit_once(' '), second) {
            (Some((_, first)), _) if !reads_as_version(first) => None,
            (Some((rest, first)), Column::Installed) => Some((name(rest)?, Some(first), Some(last))),
            (Some((rest, first)), Column::Required) => Some((name(rest)?, Some(last), Some(first))),
            // Of two words the last column is the one that is missing; a lone number may also end a sentence.
            (None, Column::Installed) if last.contains(['.', '-']) => Some((name(rest)?, Some(last), None)),
            _ => None,
        },
        _ => None,
    }
}

/// A word that can only be a version: it starts with a digit, is no time of day, and does not end a sentence.
fn reads_as_version(word: &str) -> bool {
    let digit_first = word.starts_with(|first: char| first.is_ascii_digit());
    digit_first
        && word.matches(':').count() < 2
        && !word.ends_with(['.', ',', ':', ';', '!', ')'])
        && version(word).is_some()
}
