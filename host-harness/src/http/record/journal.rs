//! The folder of a recording while it grows: whole exchanges only, each under its number in the order of sending.

use super::tape::Tape;
use super::{ACCOUNT_MADE_UP, COOKIE_MADE_UP};
use crate::bindings::http::Head;
use crate::http::exchange::Asked;
use crate::http::outgoing::{Outgoing, Part};
use crate::http::redact::Redaction;
use anyhow::{Context, Result, bail};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// Exchanges left out that are named; the rest is counted.
const LEFT_OUT_NAMED_MAX: usize = 20;
/// Shorter cookies are words, not secrets.
const COOKIE_BYTES_MIN: usize = 8;
/// Characters of what a file's name says of an exchange.
const WHAT_CHARS_MAX: usize = 40;

/// What a recording wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journalled {
    /// Exchanges in the folder.
    pub exchanges: usize,
    /// Those that were given up before any answer came, the first of them by name.
    pub left_out: Vec<String>,
    /// How many these are in all.
    pub left_out_count: usize,
}

/// The folder, and what is known of it.
pub struct Journal {
    folder: PathBuf,
    redaction: Redaction,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: u32,
    /// Numbers and what the names say beside them.
    written: Vec<(u32, String)>,
    left_out: Vec<String>,
    left_out_count: usize,
    /// Why the recording cannot go on.
    impossible: Option<anyhow::Error>,
}

impl Journal {
    /// Of a folder that is there.
    pub fn new(folder: &Path, redaction: Redaction) -> Self {
        Self { folder: folder.to_owned(), redaction, state: Mutex::default() }
    }

    /// Takes the next number for a request, or says why the recording cannot go on.
    pub fn begin(self: &Arc<Self>, request: &Outgoing) -> Result<Tape, String> {
        self.learn_from_request(request).unwrap_or_else(|error| self.give_up(error));
        let mut state = self.state();
        if let Some(error) = &state.impossible {
            return Err(format!("the recording cannot go on: {error:#}"));
        }
        state.begun += 1;
        Ok(Tape::new(self.clone(), state.begun, asked(request)))
    }

    /// What must not reach the disk.
    pub fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// Where the files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Learns the cookies that an answer sets.
    pub fn learn_from_head(&self, head: &Head) -> Result<()> {
        let set = head.headers.iter().filter(|header| header.name.to_ascii_lowercase().starts_with("set-cookie"));
        let mut pairs = set.filter_map(|header| header.value.split(';').next());
        pairs.try_for_each(|pair| self.learn_cookie(pair))
    }

    /// A whole exchange: `write` gives its text, and nobody sees the file before that is done.
    pub fn write(
        &self,
        number: u32,
        asked: &Asked,
        write: impl FnOnce(&Asked, &mut BufWriter<&std::fs::File>) -> Result<()>,
    ) -> Result<()> {
        let asked = self.clean(asked)?;
        let what = what(&asked);
        let name = format!("{number:06}-{what}.http");
        let writing = || format!("writing {}", self.folder.join(&name).display());
        let file =
            tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(&self.folder).with_context(writing)?;
        let mut to = BufWriter::new(file.as_file());
        write(&asked, &mut to).with_context(writing)?;
        to.into_inner().map_err(|error| error.into_error()).with_context(writing)?;
        file.persist_noclobber(self.folder.join(&name)).with_context(writing)?;
        self.state().written.push((number, what));
        Ok(())
    }

    /// Notes an exchange of which nothing can be written.
    pub fn leave_out(&self, asked: &Asked) {
        let named = self.redaction.text(&format!("{} {}", asked.method, asked.url));
        let mut state = self.state();
        state.left_out_count += 1;
        if state.left_out.len() < LEFT_OUT_NAMED_MAX {
            state.left_out.push(named);
        }
    }

    /// Nothing more is asked from now on; the first reason stays.
    pub fn give_up(&self, error: anyhow::Error) {
        self.state().impossible.get_or_insert(error);
    }

    /// Gives every exchange a number as short as sorting allows.
    pub fn finish(&self) -> Result<Journalled> {
        let mut state = self.state();
        if let Some(error) = state.impossible.take() {
            bail!(error);
        }
        state.written.sort();
        let digits = state.written.len().to_string().len().max(2);
        for (index, (number, what)) in state.written.iter().enumerate() {
            let from = self.folder.join(format!("{number:06}-{what}.http"));
            let to = self.folder.join(format!("{:0digits$}-{what}.http", index + 1));
            std::fs::rename(&from, &to).with_context(|| format!("renaming {}", from.display()))?;
        }
        let exchanges = state.written.len();
        Ok(Journalled { exchanges, left_out: state.left_out.clone(), left_out_count: state.left_out_count })
    }

    /// Learns who signs in, and the cookies that are sent back.
    fn learn_from_request(&self, request: &Outgoing) -> Result<()> {
        if let Some((user, _)) = request.basic.as_ref().filter(|(user, _)| !user.is_empty()) {
            learn_account(&self.redaction, user)?;
        }
        let cookies = request.headers.iter().filter(|(name, ..)| name == "cookie");
        let text = |prefix: &str, part: &Part| format!("{prefix}{}", part.plain());
        let cookies: Vec<_> = cookies.map(|(_, prefix, part)| text(prefix, part)).collect();
        cookies.iter().flat_map(|header| header.split(';')).try_for_each(|pair| self.learn_cookie(pair))
    }

    fn learn_cookie(&self, pair: &str) -> Result<()> {
        let Some((name, value)) = pair.split_once('=') else { return Ok(()) };
        let value = value.trim().trim_matches('"');
        if value.len() < COOKIE_BYTES_MIN {
            return Ok(());
        }
        Ok(self.redaction.add(&format!("the cookie `{}`", name.trim()), value, COOKIE_MADE_UP)?)
    }

    fn clean(&self, asked: &Asked) -> Result<Asked> {
        let text = |text: &str| self.redaction.text(text);
        Ok(Asked {
            method: asked.method.clone(),
            url: Url::parse(&text(asked.url.as_str())).context("replacing what is secret in an address")?,
            headers: asked.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            body: self.redaction.bytes(&asked.body),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From now on this account's name is replaced; people write such names in small and in capital letters.
pub fn learn_account(redaction: &Redaction, name: &str) -> Result<()> {
    [name.to_owned(), name.to_lowercase(), name.to_uppercase()]
        .iter()
        .try_for_each(|name| redaction.add("the account's name", name, ACCOUNT_MADE_UP))
        .context("an account's name cannot be kept out of a recording")
}

/// A request as its file shows it: of the headers only those that say who asks, and in which form.
///
/// A header that names a version would keep the recording from answering the next one.
fn asked(request: &Outgoing) -> Asked {
    let is_secret =
        |name: &str| request.headers.iter().any(|(known, _, part)| known == name && matches!(part, Part::Secret(_)));
    let mut asked = request.shown();
    asked.headers.retain(|(name, _)| {
        name != "cookie" && (matches!(name.as_str(), "authorization" | "content-type") || is_secret(name))
    });
    asked
}

/// Method and the end of the path, in words that any file system takes.
fn what(asked: &Asked) -> String {
    let segments: Vec<_> =
        asked.url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect();
    let last = segments.iter().skip(segments.len().saturating_sub(2));
    let words = std::iter::once(asked.method.as_str()).chain(last.copied()).collect::<Vec<_>>().join("-");
    let plain = words.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let parts: Vec<_> = plain.split('-').filter(|part| !part.is_empty()).collect();
    let mut name = parts.join("-");
    name.truncate(WHAT_CHARS_MAX);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_was_asked() {
        for (method, url, expected) in [
            ("GET", "https://a.example.com/api/2.0/fo/asset/host/?action=list", "get-asset-host"),
            ("POST", "https://a.example.com/auth", "post-auth"),
            ("GET", "https://a.example.com/", "get"),
            ("GET", "https://a.example.com/a%20b/..%2F/C_d", "get-2f-c-d"),
            (
                "GET",
                "https://a.example.com/a/0123456789012345678901234567890123456789",
                "get-a-0123456789012345678901234567890123",
            ),
        ] {
            let asked = Asked { method: method.into(), url: Url::parse(url).unwrap(), headers: vec![], body: vec![] };
            assert_eq!(what(&asked), expected, "{method} {url}");
        }
    }
}
