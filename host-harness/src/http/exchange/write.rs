//! Writes exchanges. The body of an answer may come from anywhere, so that none has to fit into memory.

use super::{Answered, Asked, BASE64, Broken, KINDS, Recorded, SEPARATOR};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::{self, Read, Write};

/// Bytes of a body in one line of base64.
const BASE64_LINE_BYTES: usize = 57;

impl Recorded {
    /// Writes the text of a file.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        request(to, &self.comments, &self.asked)?;
        match &self.answered {
            Answered::Came { status, headers, body, broken } => {
                answer(to, *status, broken.as_ref(), headers)?;
                self::body(to, is_readable(body), body.len() as u64, &mut &body[..])
            }
            Answered::Failed(failed) => failure(to, failed),
        }
    }
}

/// Everything before the answer.
pub fn request(to: &mut impl Write, comments: &[String], asked: &Asked) -> io::Result<()> {
    for comment in comments {
        line(to, format!("# {comment}").trim_end())?;
    }
    line(to, &format!("{} {}", asked.method, asked.url))?;
    self::headers(to, &asked.headers)?;
    body(to, is_readable(&asked.body), asked.body.len() as u64, &mut &asked.body[..])?;
    line(to, SEPARATOR)
}

/// An answer up to its body.
pub fn answer(
    to: &mut impl Write,
    status: u16,
    broken: Option<&Broken>,
    headers: &[(String, String)],
) -> io::Result<()> {
    line(
        to,
        &match broken {
            None => status.to_string(),
            Some(broken) if *broken == Broken::cut() => format!("{status} cut"),
            Some(broken) => format!("{status} cut {}", words(broken)),
        },
    )?;
    self::headers(to, headers)
}

/// A body of so many bytes, after the headers.
pub fn body(to: &mut impl Write, is_readable: bool, length: u64, body: &mut impl Read) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    if is_readable {
        line(to, "")?;
        io::copy(body, to)?;
        return line(to, "");
    }
    line(to, BASE64)?;
    line(to, "")?;
    loop {
        let mut chunk = Vec::with_capacity(BASE64_LINE_BYTES);
        body.take(BASE64_LINE_BYTES as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(());
        }
        line(to, &BASE64_STANDARD.encode(chunk))?;
    }
}

/// What takes the place of an answer.
pub fn failure(to: &mut impl Write, failed: &Broken) -> io::Result<()> {
    line(to, &format!("failure {}", words(failed)))
}

fn words(Broken { kind, code, message }: &Broken) -> String {
    let kind = KINDS.iter().find(|(known, _)| known == kind).map_or("", |(_, name)| name);
    format!("{kind} {code} {message}").replace(['\r', '\n'], " ").trim_end().to_owned()
}

fn headers(to: &mut impl Write, headers: &[(String, String)]) -> io::Result<()> {
    headers.iter().try_for_each(|(name, value)| line(to, format!("{name}: {value}").trim_end()))
}

fn line(to: &mut impl Write, line: &str) -> io::Result<()> {
    to.write_all(line.as_bytes())?;
    to.write_all(b"\n")
}

fn is_readable(body: &[u8]) -> bool {
    let mut readable = Readable::default();
    readable.piece(body);
    readable.end()
}

/// Whether an editor would leave a body as it is, and no line of it can be taken for its end.
#[derive(Default)]
pub struct Readable {
    is_not: bool,
    /// Of the last character, when it is not complete yet.
    begun: Vec<u8>,
    /// Of the last line, as much as may be a separator.
    line: Vec<u8>,
}

impl Readable {
    /// Looks at the next piece of the body.
    pub fn piece(&mut self, piece: &[u8]) {
        if self.is_not {
            return;
        }
        self.begun.extend_from_slice(piece);
        let text = std::mem::take(&mut self.begun);
        let complete = match std::str::from_utf8(&text) {
            Ok(_) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return self.is_not = true,
        };
        self.begun = text[complete..].to_vec();
        let text = String::from_utf8_lossy(&text[..complete]);
        self.is_not = text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') || self.has_separator(&text);
    }

    /// Nothing more comes.
    pub fn end(self) -> bool {
        !self.is_not && self.begun.is_empty() && self.line != SEPARATOR.as_bytes()
    }

    fn has_separator(&mut self, text: &str) -> bool {
        let mut lines = text.split('\n');
        self.begin(lines.next().unwrap_or_default());
        lines.any(|line| {
            let was = std::mem::take(&mut self.line);
            self.begin(line);
            was == SEPARATOR.as_bytes()
        })
    }

    fn begin(&mut self, line: &str) {
        let room = (SEPARATOR.len() + 1).saturating_sub(self.line.len());
        self.line.extend(line.bytes().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_readable_or_not_wherever_pieces_end() {
        for (body, expected) in [
            (&b""[..], true),
            (b"a\n\tb", true),
            ("ä€𝄞".as_bytes(), true),
            (b"a\rb", false),
            (b"a\0", false),
            (b"\xc2\x85", false),
            (b"a\xff", false),
            (b"a\xe2\x82", false),
            (b"===", false),
            (b"a\n===\nb", false),
            (b"a\n===", false),
            (b"====\n== =\n =====\n==", true),
        ] {
            for size in 1..=body.len().max(1) {
                let mut readable = Readable::default();
                body.chunks(size).for_each(|piece| readable.piece(piece));
                assert_eq!(readable.end(), expected, "{body:?} in pieces of {size}");
            }
        }
    }
}
