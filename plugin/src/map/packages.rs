//! Software that a detection's results name: which version is installed, which one is required.
//!
//! Results are prose for people, with tables and sentences of a few well-known shapes in it.
//! Only these are read; what is not understood for sure gives nothing, never a guess.
//!
//! | Shape | name | installed | required |
//! | --- | --- | --- | --- |
//! | rows below `Package  Installed Version  Required Version`, in any order, with further columns | as written | as written | as written |
//! | `%ProgramFiles%\Vendor\app.exe Version is 1.2` | `app.exe` | `1.2` | |
//! | `KB5034122 is not installed`, `KB5034122 or KB5034127 is not installed` | each KB number | | |
//! | `Vulnerable version of X detected: Version : 3.1` | `X` | `3.1` | |
//! | `X Installed Version : 8u301 Required Version : 8u351` | `X` | `8u301` | `8u351` |
//!
//! A version has a digit; `N/A` and `-` count as absent.

mod statement;
mod table;

use super::{entity, text};
use crate::bindings::connector::contract::model::SoftwarePackage;
use std::collections::BTreeSet;

/// Most packages of one detection; the first ones by name are kept. Lists of more than some hundred were never seen.
const PACKAGES_MAX: usize = 2000;
/// Longest name or version; anything longer is prose.
const WORDS_BYTES_MAX: usize = 256;

/// A package while it still borrows from the results: name, installed, required.
type Found<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// The packages, by name, installed, required, each once.
pub fn read(results: &str) -> Vec<SoftwarePackage> {
    // Most results are certificates, banners and listings: not even their entities need decoding.
    if !speaks_of_software(results) {
        return Vec::new();
    }
    let decoded = entity::decoded(results);
    let mut found = BTreeSet::new();
    let mut table = None;
    for line in decoded.lines() {
        if let Some(begun) = table::header(line) {
            table = Some(begun);
        } else if statement::read(line, &mut found) {
            table = None;
        } else if let Some(columns) = &table {
            match table::row(columns, line) {
                table::Row::Package(package) => _ = found.insert(package),
                table::Row::Unclear => {}
                table::Row::End => table = None,
            }
        }
    }
    let owned = |(name, installed, required): Found<'_>| SoftwarePackage {
        name: name.into(),
        installed: installed.map(Into::into),
        required: required.map(Into::into),
    };
    found.into_iter().take(PACKAGES_MAX).map(owned).collect()
}

/// Every shape has one of these words in it.
fn speaks_of_software(results: &str) -> bool {
    text::find_ignoring_case(results, "version").is_some()
        || text::find_ignoring_case(results, "not installed").is_some()
}

/// A name, if it can be one.
fn name(text: &str) -> Option<&str> {
    let text = text.trim();
    let can_be = text.len() <= WORDS_BYTES_MAX && text.contains(char::is_alphanumeric) && !text.ends_with(':');
    can_be.then_some(text)
}

/// A version, if it can be one.
fn version(text: &str) -> Option<&str> {
    let text = text.trim();
    (text.len() <= WORDS_BYTES_MAX && text.bytes().any(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests;
