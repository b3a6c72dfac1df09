//! An exchange as text that a person can read, edit and review; both ways.
//!
//! ```text
//! # Any number of comments.
//! POST https://api.example.com/login
//! accept: application/json
//!
//! user=acme&password={{password}}
//! ===
//! 200
//! content-type: application/json
//!
//! {"session":1}
//! ```
//!
//! A secret is written `{{name}}`, basic authentication `authorization: Basic user:{{password}}`.
//! The status line is `200`, `200 cut` when the body breaks off after the bytes given, `200 cut timed-out timeout.idle` when it does
//! so in another way, or `failure timed-out timeout.first-byte` when there was no answer at all; a message may follow a code.
//! Bodies stand as they are, byte for byte, without their encoding of transfer or content.
//! The one line end before `===`, and the one at the end of the file, are not part of a body.
//! A line `:body: base64` among the headers says that the body is written in base64, in any number of lines.

pub(super) mod write;

use crate::bindings::http::FailureKind;
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

pub(crate) const SEPARATOR: &str = "===";
pub(crate) const BASE64: &str = ":body: base64";

/// One request and its answer.
#[derive(Clone, PartialEq)]
pub struct Recorded {
    /// Lines for people, without their `#`.
    pub comments: Vec<String>,
    /// What was asked.
    pub asked: Asked,
    /// What came back.
    pub answered: Answered,
}

/// What was asked. It has no `Debug`, since it may hold secrets in clear.
#[derive(Clone, PartialEq)]
pub struct Asked {
    /// In upper case.
    pub method: String,
    /// Where.
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// An answer.
    Came {
        /// 100 to 999.
        status: u16,
        /// Names in lower case.
        headers: Vec<(String, String)>,
        /// After its encoding was undone.
        body: Vec<u8>,
        /// The body broke off here, in this way.
        broken: Option<Broken>,
    },
    /// No answer.
    Failed(Broken),
}

/// How an answer failed to come.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// What went wrong, roughly.
    pub kind: FailureKind,
    /// What went wrong, finely.
    pub code: String,
    /// One clause for a person; may be empty.
    pub message: String,
}

impl Broken {
    /// What `cut` alone says.
    pub fn cut() -> Self {
        let message = "the body ended before it was complete".into();
        Self { kind: FailureKind::Cut, code: "body.cut".into(), message }
    }

    /// `KIND CODE`, or `KIND CODE MESSAGE`.
    fn read(text: &str) -> Result<Self> {
        let mut words = text.splitn(3, ' ');
        let (kind, code) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (kind, _) = KINDS.iter().find(|(_, name)| *name == kind).with_context(|| {
            let known: Vec<_> = KINDS.iter().map(|(_, name)| *name).collect();
            format!("{kind:?} is no kind of failure: write one of {}", known.join(", "))
        })?;
        ensure!(!code.is_empty(), "a failure has a code, such as `timeout.first-byte`");
        let message = words.next().unwrap_or_default().to_owned();
        Ok(Self { kind: *kind, code: code.to_owned(), message })
    }
}

const KINDS: &[(FailureKind, &str)] = &[
    (FailureKind::Refused, "refused"),
    (FailureKind::Unreachable, "unreachable"),
    (FailureKind::TimedOut, "timed-out"),
    (FailureKind::Cut, "cut"),
    (FailureKind::TooLarge, "too-large"),
    (FailureKind::Cancelled, "cancelled"),
];

impl Recorded {
    /// Reads the text of a file. An error names the line.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut lines = Lines { rest: text, number: 0 };
        let recorded = Self::read(&mut lines);
        recorded.with_context(|| format!("line {}", lines.number))
    }

    fn read(lines: &mut Lines<'_>) -> Result<Self> {
        let mut comments = Vec::new();
        let first = loop {
            let line = lines.next()?.context("the file has no request: write `METHOD URL`")?;
            match line.strip_prefix('#') {
                Some(comment) => comments.push(comment.strip_prefix(' ').unwrap_or(comment).to_owned()),
                None if line.is_empty() => {}
                None => break line,
            }
        };
        let (method, url) = first.split_once(' ').context("a request is `METHOD URL`")?;
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        ensure!(is_method, "{method:?} is no method in upper case");
        let url = Url::parse(url.trim()).with_context(|| format!("{url:?} is no address"))?;
        let (headers, body) = lines.part(true)?;
        let asked = Asked { method: method.to_owned(), url, headers, body };
        let answered = Self::read_answer(lines)?;
        Ok(Self { comments, asked, answered })
    }

    fn read_answer(lines: &mut Lines<'_>) -> Result<Answered> {
        let line = lines.next()?.unwrap_or_default();
        if let Some(failure) = line.strip_prefix("failure ") {
            let failed = Broken::read(failure)?;
            ensure!(lines.rest.iter().all(u8::is_ascii_whitespace), "nothing follows a failure");
            return Ok(Answered::Failed(failed));
        }
        let (status, cut) = line.split_once(" cut").map_or((line.as_str(), None), |(status, cut)| (status, Some(cut)));
        let broken = cut.map(|cut| if cut.is_empty() { Ok(Broken::cut()) } else { Broken::read(cut.trim_start()) });
        let broken = broken.transpose()?;
        let status = status.parse().ok().filter(|status| (100..=999).contains(status));
        let status =
            status.with_context(|| format!("{line:?} is no status: write `200`, `200 cut` or `failure KIND CODE`"))?;
        let (headers, body) = lines.part(false)?;
        Ok(Answered::Came { status, headers, body, broken })
    }
}

struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

type Part = (Vec<(String, String)>, Vec<u8>);

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<String>> {
        Ok(match self.next_raw() {
            None => None,
            Some(line) => Some(std::str::from_utf8(line).context("the line is not UTF-8")?.trim_end().to_owned()),
        })
    }

    fn next_raw(&mut self) -> Option<&[u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.get(1..).unwrap_or_default();
        Some(line)
    }

    /// Headers and body, up to the separator or the end of the file.
    fn part(&mut self, is_request: bool) -> Result<Part> {
        let (mut headers, mut is_base64) = (Vec::new(), false);
        loop {
            match self.next()? {
                None if is_request => bail!("the request has no answer: write `===`, a status and its headers"),
                None => return Ok((headers, Vec::new())),
                Some(line) if is_request && line == SEPARATOR => return Ok((headers, Vec::new())),
                Some(line) if line.is_empty() => break,
                Some(line) if line == BASE64 => is_base64 = true,
                Some(line) => headers.push(header(&line)?),
            }
        }
        let mut body = if is_request { self.body_of_request()? } else { self.body_of_answer() };
        if is_base64 {
            body.retain(|byte| !byte.is_ascii_whitespace());
            body = BASE64_STANDARD.decode(&body).context("the body is no base64")?;
        }
        Ok((headers, body))
    }

    fn body_of_request(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.next_raw().context("the request has no answer: write `===`, a status and its headers")?;
            if line.trim_ascii_end() == SEPARATOR.as_bytes() {
                body.pop();
                return Ok(body);
            }
            body.extend_from_slice(line);
            body.push(b'\n');
        }
    }

    fn body_of_answer(&mut self) -> Vec<u8> {
        let body = std::mem::take(&mut self.rest);
        body.strip_suffix(b"\n").unwrap_or(body).to_vec()
    }
}

fn header(line: &str) -> Result<(String, String)> {
    let (name, value) = line.split_once(':').context("a header is `name: value`; a body follows an empty line")?;
    ensure!(!name.is_empty(), "{line:?} is no header, and the only directive is `{BASE64}`");
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests;
