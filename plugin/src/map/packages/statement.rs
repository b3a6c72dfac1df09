//! Sentences that name software, as results of Windows and of third-party products have them.
//!
//! `#` separates records in many of them.

use super::{Found, name, version};
use crate::map::text::find_ignoring_case;

/// Reads the sentences of a line; tells whether there was one.
pub fn read<'a>(line: &'a str, found: &mut Vec<Found<'a>>) -> bool {
    // Most lines are rows of tables.
    if !["version", "not installed"].iter().any(|word| find_ignoring_case(line, word).is_some()) {
        return false;
    }
    let mut any = false;
    for record in line.split('#') {
        let mut rest = record;
        let mut add = |package| {
            found.push(package);
            any = true;
        };
        while let Some((left, right)) = around(rest, "not installed") {
            missing_patches(left).for_each(|patch| add((patch, None, None)));
            rest = right;
        }
        file_versions(rest, &mut add);
        detected_version(rest).into_iter().for_each(&mut add);
        installed_versions(rest, &mut add);
    }
    any
}

/// `KB5034122 or KB5034127 is`: the patches at the end of this. Any one of them mends it, and which one is not told.
fn missing_patches(left: &str) -> impl Iterator<Item = &str> {
    let mut words = left.rsplit(|c: char| c.is_whitespace() || matches!(c, ',' | '/')).filter(|word| !word.is_empty());
    let is = words.next().is_some_and(|word| word.eq_ignore_ascii_case("is") || word.eq_ignore_ascii_case("are"));
    let joined = |word: &&str| is_patch(word) || word.eq_ignore_ascii_case("or") || word.eq_ignore_ascii_case("and");
    words.take_while(move |word| is && joined(word)).filter(|word| is_patch(word))
}

/// `KB` and six to eight digits.
fn is_patch(word: &str) -> bool {
    let Some((kb, digits)) = word.split_at_checked(2) else {
        return false;
    };
    kb.eq_ignore_ascii_case("kb") && (6..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `%windir%\system32\ntoskrnl.exe  Version is  10.0.17763.5122`, once or several times.
fn file_versions<'a>(mut rest: &'a str, add: &mut impl FnMut(Found<'a>)) {
    while let Some((left, right)) = around(rest, "version is") {
        let (version, after) = word(right);
        if let (Some(file), Some(version)) = (file(left), number(version)) {
            add((file, Some(version), None));
        }
        rest = after;
    }
}

/// `Vulnerable version of X detected: Version : 3.1.2, Path : /opt/x`.
fn detected_version(record: &str) -> Option<Found<'_>> {
    let (_, right) = around(record, "vulnerable version of ")?;
    let (product, right) = around(right, " detected")?;
    let (_, right) = around(right, "version")?;
    let (version, _) = labelled(right)?;
    Some((name(product)?, Some(version), None))
}

/// `X Installed Version : 8u301 Required Version : 8u351`, once or several times. Without an X it is nobody's version.
fn installed_versions<'a>(mut rest: &'a str, add: &mut impl FnMut(Found<'a>)) {
    while let Some((left, right)) = around(rest, "installed version") {
        rest = right;
        let Some((installed, after)) = labelled(right) else {
            continue;
        };
        rest = after;
        let next = around(after, "installed version").map_or(after, |(next, _)| next);
        let required = around(next, "required version").and_then(|(_, right)| labelled(right));
        if let Some((_, after)) = required {
            rest = after;
        }
        if let Some(product) = file(left).or_else(|| product(left)) {
            add((product, Some(installed), required.map(|(version, _)| version)));
        }
    }
}

/// What stands before and after the first occurrence of a phrase.
fn around<'a>(text: &'a str, phrase: &str) -> Option<(&'a str, &'a str)> {
    let at = find_ignoring_case(text, phrase)?;
    Some((text.get(..at)?, text.get(at + phrase.len()..)?))
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).unwrap_or(text.len());
    text.split_at(end)
}

/// The version after a colon or an equals sign, and what follows it.
fn labelled(text: &str) -> Option<(&str, &str)> {
    let (version, after) = word(text.trim_start().strip_prefix([':', '='])?);
    Some((number(version)?, after))
}

/// A version that starts with a digit, without the full stop of its sentence.
fn number(word: &str) -> Option<&str> {
    version(word.trim_end_matches('.')).filter(|version| version.starts_with(|first: char| first.is_ascii_digit()))
}

/// The name of the file, if the text is a path to one.
fn file(text: &str) -> Option<&str> {
    let path = text.trim().trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | ','));
    // Some write `File version is`.
    let path = path.strip_suffix("File").filter(|path| path.ends_with(' ')).unwrap_or(path).trim().trim_matches('"');
    let drive = path.split_at_checked(2).is_some_and(|(drive, _)| {
        drive.ends_with(':') && drive.starts_with(|letter: char| letter.is_ascii_alphabetic())
    });
    let (_, file) = path.rsplit_once(['\\', '/']).filter(|_| drive || path.starts_with(['%', '/', '\\']))?;
    // `my app.exe` is a file, `Vendor App` may be its folder, `app.exe was found` is prose; on Windows a file has an ending.
    let ending = match file.rsplit_once('.') {
        Some((_, ending)) => ending,
        None => Some(file).filter(|_| path.starts_with('/'))?,
    };
    name(file).filter(|_| !ending.contains(' '))
}

/// The name of a product, if the text is that alone.
fn product(text: &str) -> Option<&str> {
    let product = text.trim().trim_end_matches([':', ',', '-']);
    name(product).filter(|product| !product.contains([':', ';', '=', '\\']) && !product.ends_with('.'))
}
