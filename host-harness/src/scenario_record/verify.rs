//! Looks through a finished recording for every original, in every form, by another search than the one that replaced them.

use crate::http::echo::Scan;
use crate::http::exchange::{BASE64, SEPARATOR};
use crate::http::redact::Redaction;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Bytes that are searched at once.
const PIECE_BYTES: usize = 64 << 10;
/// Longest line before the body of an answer; what an exchange may ask has about this size.
const LINE_BYTES_MAX: u64 = 4 << 20;

/// An original in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// The file's name.
    pub file: String,
    /// What was found, by the name that people have for it; never its value.
    pub what: String,
}

/// Looks through every file of a folder, and at the names of the files.
pub fn verify(folder: &Path, redaction: &Redaction) -> Result<Vec<Leak>> {
    let searching = || format!("searching {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(searching)? {
        files.push(entry.with_context(searching)?.path());
    }
    files.sort();
    let mut leaks = Vec::new();
    for path in files {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = find(&path, &file, redaction).with_context(|| format!("searching {}", path.display()))?;
        leaks.extend(found.map(|what| Leak { file, what }));
    }
    Ok(leaks)
}

fn find(path: &Path, name: &str, redaction: &Redaction) -> Result<Option<String>> {
    let Some(mut scan) = redaction.scan() else { return Ok(None) };
    if let Some(what) = scan.find(name.as_bytes()) {
        return Ok(Some(what.to_owned()));
    }
    let mut file = File::open(path)?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            break;
        }
        if let Err(what) = scan.piece(Bytes::from(piece)) {
            return Ok(Some(what));
        }
    }
    match redaction.scan() {
        Some(scan) if name.ends_with(".http") => find_decoded(BufReader::new(File::open(path)?), scan),
        _ => Ok(None),
    }
}

/// Searches the bodies that are written in base64, line by line.
fn find_decoded(mut text: impl BufRead, mut scan: Scan) -> Result<Option<String>> {
    let (mut is_answer, mut is_encoded, mut is_body) = (false, false, false);
    loop {
        let mut line = Vec::new();
        text.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        let line_end = line.trim_ascii_end();
        match line_end {
            // The body of an answer that is not encoded was searched as it is.
            _ if line.is_empty() || (is_answer && is_body && !is_encoded) => return Ok(None),
            _ if line_end == SEPARATOR.as_bytes() => (is_answer, is_encoded, is_body) = (true, false, false),
            _ if is_body && is_encoded => {
                let decoded = BASE64_STANDARD.decode(line_end).unwrap_or_default();
                if let Err(what) = scan.piece(decoded.into()) {
                    return Ok(Some(what));
                }
            }
            _ if line_end == BASE64.as_bytes() => is_encoded = true,
            _ => is_body |= line_end.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_is_found_in_every_file_and_form() {
        let redaction = Redaction::default();
        redaction.add("the secret `password`", "s3cret&word", "x").unwrap();
        let encoded = |body: &[u8]| {
            let lines = body.chunks(57).map(|chunk| BASE64_STANDARD.encode(chunk) + "\n").collect::<String>();
            format!("GET https://api.example.com/\n===\n200\n:body: base64\n\n{lines}").into_bytes()
        };
        // The original begins on one line of base64, and ends on the next.
        let across = [&[0; 50][..], b"s3cret&word"].concat();
        let asked = b"POST https://api.example.com/\n:body: base64\n\nAHMzY3JldCZ3b3Jk\n===\n200\n".to_vec();
        for (file, text, is_found) in [
            ("01-get.http", b"GET https://api.example.com/\n===\n200\n\nnothing\n".to_vec(), false),
            ("01-get.http", b"GET https://api.example.com/?a=s3cret%26word\n===\n200\n".to_vec(), true),
            ("01-get.http", encoded(&[0; 200]), false),
            ("01-get.http", encoded(&across), true),
            ("01-get.http", asked, true),
            ("expected.jsonl", b"{\"a\":\"s3cret\\u0026word\"}\n".to_vec(), true),
            ("settings.toml", b"# s3cret&amp;word\n".to_vec(), true),
            ("a-s3cret&word", vec![], true),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), &text).unwrap();
            let leak = Leak { file: file.into(), what: "the secret `password`".into() };
            let expected = if is_found { vec![leak] } else { vec![] };
            let shown = String::from_utf8_lossy(&text).into_owned();
            assert_eq!(verify(folder.path(), &redaction).unwrap(), expected, "{file}: {shown}");
        }
    }
}
