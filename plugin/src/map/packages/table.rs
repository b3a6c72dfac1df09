//! Tables of packages: a header that starts with `Package`, and rows.
//!
//! Columns are separated by tabs, by several blanks, or, where white space was collapsed on the way, by one blank.

use super::{Found, name, version};

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

/// The columns, if the line is a header that names a version.
pub fn header(line: &str) -> Option<Vec<Column>> {
    let line = line.trim();
    line.get(..7).filter(|word| word.eq_ignore_ascii_case("package"))?;
    let by_field = || fields(line).into_iter().map(|title| column(&squeezed(title))).collect();
    match line.contains('\t') {
        true => clear(by_field()),
        false => columns(&squeezed(line)).and_then(clear).or_else(|| clear(by_field())),
    }
}

/// The package of a line below this header.
pub fn row<'a>(columns: &[Column], line: &'a str) -> Row<'a> {
    let fields = fields(line);
    let tabs = line.contains('\t');
    match fields.as_slice() {
        _ if tabs => by_position(columns, &fields),
        [_, _, ..] if fields.len() == columns.len() => by_position(columns, &fields),
        // Without tabs only the last column can be known to be missing, and only next to a name without blanks.
        [name, _, ..] if fields.len() + 1 == columns.len() && !name.contains(' ') => by_position(columns, &fields),
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

/// Letters alone, in lower case.
fn squeezed(title: &str) -> String {
    title.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn column(squeezed: &str) -> Column {
    let mut titles = TITLES.iter().chain(SHORT_TITLES);
    titles.find(|(title, _)| *title == squeezed).map_or(Column::Other, |(_, column)| *column)
}

/// The columns of a whole header, if it consists of known titles alone.
fn columns(mut squeezed: &str) -> Option<Vec<Column>> {
    let mut columns = Vec::new();
    while !squeezed.is_empty() {
        let known = |&(title, column): &(&str, Column)| Some((squeezed.strip_prefix(title)?, column));
        let (rest, column) = TITLES.iter().find_map(known)?;
        columns.push(column);
        squeezed = rest;
    }
    Some(columns)
}

/// The fields between tabs; without tabs those between runs of blanks.
fn fields(line: &str) -> Vec<&str> {
    match line.contains('\t') {
        true => line.split('\t').map(str::trim).collect(),
        false => line.split("  ").map(str::trim).filter(|field| !field.is_empty()).collect(),
    }
}

fn by_position<'a>(columns: &[Column], fields: &[&'a str]) -> Row<'a> {
    let field = |wanted| {
        let at = columns.iter().position(|&column| column == wanted)?;
        fields.get(at).copied().filter(|field| !field.is_empty())
    };
    let given = [field(Column::Installed), field(Column::Required)];
    let [installed, required] = given.map(|field| field.and_then(version));
    match field(Column::Name).and_then(name) {
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
