//! The window as tokens, and the children of elements.
//!
//! Tokenising is quick-xml's, in its 0.39: later ones check UTF-8 at every event, which the window has behind it,
//! and were a quarter slower in WebAssembly. Nesting is checked here, where every element knows which end tag it waits for.

use super::super::Text;
use super::{End, RECORD_BYTES_MAX};
use quick_xml::errors::SyntaxError::{
    UnclosedDoubleQuotedAttributeValue, UnclosedSingleQuotedAttributeValue, UnclosedTag,
};
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;
use quick_xml::{Error, Reader};
use std::borrow::Cow;
use std::io::BufRead;

/// How deep elements may nest inside a record.
const DEPTH_MAX: u32 = 32;

/// Why a record was not read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// The window ends inside it.
    Short,
    /// Tags are mis-nested, missing, or none.
    Garbled,
    /// It is larger than [`RECORD_BYTES_MAX`].
    TooLarge,
}

/// One piece of markup or text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'w> {
    /// A start tag; an empty element is a start tag with its end tag after it.
    Start(&'w [u8]),
    /// An end tag.
    End(&'w [u8]),
    /// Plain text between markup, without references; may be a part only when the window ends in it.
    Text(&'w str),
    /// What stands in a CDATA section.
    Cdata(&'w str),
    /// `name` of `&name;`.
    Reference(&'w str),
    /// A DOCTYPE and its text.
    Doctype(&'w str),
    /// An XML declaration.
    Declaration,
    /// Comments and processing instructions.
    Other,
}

/// Reads a window from some place on.
pub struct Tokens<'w> {
    window: &'w str,
    reader: Reader<&'w [u8]>,
    /// Where in the window the reader began.
    base: usize,
    /// Where the last token began.
    last: usize,
    /// An empty element whose end is still due.
    empty: Option<&'w [u8]>,
    /// What reaches beyond it is too large.
    limit: usize,
    is_border: fn(&[u8], bool) -> bool,
    /// What warnings said, wherever they stood.
    pub warned: End,
}

impl<'w> Tokens<'w> {
    /// Reads from the start of the window; an element that is a border cannot stand inside a record.
    pub fn new(window: &'w str, is_border: fn(&[u8], bool) -> bool) -> Self {
        let (reader, base) = reader(window, 0);
        Self { window, reader, base, last: 0, empty: None, limit: RECORD_BYTES_MAX, is_border, warned: End::default() }
    }

    /// Goes on at another place.
    pub fn seek(&mut self, at: usize) {
        (self.reader, self.base) = reader(self.window, at);
        self.empty = None;
    }

    /// Where the next token starts.
    pub fn position(&self) -> usize {
        self.base + self.reader.buffer_position() as usize
    }

    /// Bounds what is read next, counted from `from`.
    pub fn bound(&mut self, from: usize) {
        self.limit = from.saturating_add(RECORD_BYTES_MAX);
    }

    /// The next token.
    pub fn token(&mut self) -> Result<Token<'w>, Stop> {
        if let Some(name) = self.empty.take() {
            return Ok(Token::End(name));
        }
        let from = self.position();
        self.last = from;
        let token = match self.reader.read_event() {
            Ok(Event::Start(tag)) => Token::Start(self.name(from, tag.name().as_ref().len())?),
            Ok(Event::Empty(tag)) => {
                let name = self.name(from, tag.name().as_ref().len())?;
                self.empty = Some(name);
                Token::Start(name)
            }
            Ok(Event::End(tag)) => Token::End(self.name(from + 1, tag.name().as_ref().len())?),
            Ok(Event::Text(_)) => Token::Text(self.inner(from, 0, 0)),
            Ok(Event::CData(_)) => Token::Cdata(self.inner(from, 9, 3)),
            Ok(Event::GeneralRef(_)) => Token::Reference(self.inner(from, 1, 1)),
            Ok(Event::DocType(_)) => Token::Doctype(self.inner(from, 9, 1)),
            Ok(Event::Decl(_)) => Token::Declaration,
            Ok(Event::Comment(_) | Event::PI(_)) | Err(Error::IllFormed(_)) => Token::Other,
            Ok(Event::Eof) => return Err(self.short()),
            // What is not closed takes all of the window; anything else can never become a token.
            Err(Error::Syntax(
                UnclosedTag | UnclosedSingleQuotedAttributeValue | UnclosedDoubleQuotedAttributeValue,
            )) => {
                return Err(if is_torn(self.inner(from, 1, 0).as_bytes()) { Stop::Garbled } else { self.short() });
            }
            Err(_) if self.position() == self.window.len() || self.window.len() - from < 3 => return Err(self.short()),
            Err(_) => return Err(Stop::Garbled),
        };
        if self.position() > self.limit { Err(Stop::TooLarge) } else { Ok(token) }
    }

    /// The next token, outside of records, where names that nobody knows are passed over.
    pub fn frame(&mut self) -> Result<Token<'w>, Stop> {
        match self.token()? {
            Token::Start(name) | Token::End(name) if is_torn(name) => Err(Stop::Garbled),
            token => Ok(token),
        }
    }

    fn short(&self) -> Stop {
        if self.window.len() > self.limit { Stop::TooLarge } else { Stop::Short }
    }

    /// The name that begins behind `from` in the tag just read.
    ///
    /// A torn tag without attributes is not looked for here, twenty times per record: its name is one that nobody knows.
    fn name(&self, from: usize, length: usize) -> Result<&'w [u8], Stop> {
        if self.position() > from + length + 2 && is_torn(self.inner(from, 1, 0).as_bytes()) {
            return Err(Stop::Garbled);
        }
        Ok(self.window.as_bytes().get(from + 1..from + 1 + length).unwrap_or_default())
    }

    /// What is not yet read.
    fn rest(&self) -> &'w [u8] {
        self.window.as_bytes().get(self.position()..).unwrap_or_default()
    }

    /// Passes over text up to the next markup: nobody wants what stands between the children of an element.
    fn pass_text(&mut self) {
        if let Some(length) = memchr::memchr(b'<', self.rest()).filter(|_| self.empty.is_none()) {
            self.reader.stream().consume(length);
        }
    }

    /// Reads a start tag if that comes next, with a plain name and without attributes.
    fn plain_start(&mut self) -> Option<&'w [u8]> {
        let (at, rest) = (self.position(), self.rest());
        let behind = rest.strip_prefix(b"<").filter(|_| self.empty.is_none())?;
        let length = behind.iter().position(|&byte| !OF_NAMES[usize::from(byte)])?;
        let is_plain = length > 0 && behind.get(length) == Some(&b'>') && at + length + 2 <= self.limit;
        is_plain.then(|| {
            self.last = at;
            self.reader.stream().consume(length + 2);
            behind.get(..length).unwrap_or_default()
        })
    }

    /// Reads the rest of the element `name` if it is text without references and its end tag, and nothing else.
    ///
    /// Most elements are so. One look at them costs a fifth of what two events cost; whatever is not plain is left to the reader.
    pub(super) fn plain(&mut self, name: &[u8]) -> Option<&'w str> {
        let (from, rest) = (self.position(), self.rest());
        let length = memchr::memchr2(b'<', b'&', rest).filter(|_| self.empty.is_none())?;
        let end = from + length + name.len() + 3;
        if end > self.limit || !is_end_tag(rest.get(length..)?, name) {
            return None;
        }
        self.reader.stream().consume(end - from);
        self.window.get(from..from + length)
    }

    /// Reads the end tag of the element `name` if it comes next; nothing but markup was read before.
    pub(super) fn ends(&mut self, name: &[u8]) -> bool {
        let length = name.len() + 3;
        let ends = self.position() + length <= self.limit && is_end_tag(self.rest(), name);
        if ends {
            self.reader.stream().consume(length);
        }
        ends
    }

    /// The token that began at `from`, without its delimiters.
    fn inner(&self, from: usize, opening: usize, closing: usize) -> &'w str {
        self.window.get(from + opening..self.position() - closing).unwrap_or_default()
    }

    /// The name of the next start tag.
    pub fn root(&mut self) -> Result<&'w [u8], Stop> {
        loop {
            if let Token::Start(name) = self.token()? {
                return Ok(name);
            }
        }
    }

    /// An attribute of the start tag just read, as it is written.
    pub fn attribute(&self, name: &str) -> Option<&'w str> {
        let tag = self.inner(self.last, 1, 1).trim_end_matches('/');
        let found = Attributes::new(tag, tag.find(char::is_whitespace)?)
            .flatten()
            .find(|attribute| attribute.key.as_ref() == name.as_bytes())?;
        match found.value {
            Cow::Borrowed(value) => std::str::from_utf8(value).ok(),
            Cow::Owned(_) => None,
        }
    }

    /// Reads the children of the element `name`, whose start tag was just read, and its end tag.
    pub fn children(
        &mut self,
        name: &[u8],
        mut child: impl FnMut(&mut Self, &'w [u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        loop {
            self.pass_text();
            if let Some(inner) = self.plain_start() {
                child(self, inner)?;
                continue;
            }
            match self.token()? {
                Token::Start(inner) => child(self, inner)?,
                Token::End(end) if end == name => return Ok(()),
                Token::End(_) => return Err(Stop::Garbled),
                _ => {}
            }
        }
    }

    /// Skips the element `name`, whose start tag was just read.
    pub fn skip(&mut self, name: &[u8]) -> Result<(), Stop> {
        self.skip_at(name, 0)
    }

    fn skip_at(&mut self, name: &[u8], depth: u32) -> Result<(), Stop> {
        if name == b"WARNING" {
            return self.warning();
        }
        if depth > DEPTH_MAX || is_torn(name) || (self.is_border)(name, false) {
            return Err(Stop::Garbled);
        }
        if self.plain(name).is_some() {
            return Ok(());
        }
        self.children(name, |tokens, child| tokens.skip_at(child, depth + 1))
    }

    /// Reads the element `name`, whose start tag was just read, for the text of one child.
    pub fn only(&mut self, name: &[u8], wanted: &[u8], text: &mut Text<'w>) -> Result<(), Stop> {
        self.children(name, |tokens, child| {
            if child != wanted {
                return tokens.skip(child);
            }
            *text = tokens.text(child)?;
            Ok(())
        })
    }

    /// Reads the element `name`, whose start tag was just read: if it is an `item`, for the text of one child.
    pub fn list(&mut self, name: &[u8], item: &[u8], wanted: &[u8], texts: &mut Vec<Cow<'w, str>>) -> Result<(), Stop> {
        if name != item {
            return self.skip(name);
        }
        let mut text = None;
        self.only(name, wanted, &mut text)?;
        texts.extend(text);
        Ok(())
    }

    /// Reads a `WARNING`, whose start tag was just read: only code 1980 or a URL means that there is more.
    pub fn warning(&mut self) -> Result<(), Stop> {
        let (mut code, mut url) = (None, None);
        self.children(b"WARNING", |tokens, name| {
            match name {
                b"CODE" => code = tokens.text(name)?,
                b"URL" => url = tokens.text(name)?,
                _ => tokens.skip(name)?,
            }
            Ok(())
        })?;
        self.warned.truncated |= url.is_some() || code.as_deref() == Some("1980");
        if let Some(query) = url.as_deref().and_then(query) {
            self.warned.next = Some(query);
        }
        Ok(())
    }
}

/// Letters, digits and underscores of ASCII: all that the vendor's names consist of.
static OF_NAMES: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0u8);
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

/// Whether these bytes begin with the end tag of the element, written without blanks.
fn is_end_tag(bytes: &[u8], name: &[u8]) -> bool {
    let written = bytes.strip_prefix(b"</").and_then(|rest| rest.split_at_checked(name.len()));
    written.is_some_and(|(written, rest)| rest.first() == Some(&b'>') && is_same(written, name))
}

/// Whether two names are the same, eight bytes at a time: a component compares slices byte by byte.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (ones, others) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    one.len() == other.len()
        && ones.0.iter().eq(others.0)
        && match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
            (Some(one), Some(other)) => one == other,
            _ => ones.1.iter().eq(others.1),
        }
}

/// Whether a tag has another one inside: it was cut, or a quote was left open.
fn is_torn(tag: &[u8]) -> bool {
    memchr::memchr(b'<', tag).is_some()
}

/// quick-xml drops a byte order mark without counting it, so one at the very start is passed over here.
fn reader(window: &str, at: usize) -> (Reader<&[u8]>, usize) {
    let rest = window.get(at..).unwrap_or_default();
    let text = rest.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    (reader, at + rest.len() - text.len())
}

/// Scheme, host and path of the address are the server's business; inside CDATA some answers escape `&` once more.
fn query(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    Some(query.replace("&amp;", "&")).filter(|query| !query.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_when_every_byte_is() {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for length in 0..=letters.len() {
            let name = &letters[..length];
            assert!(is_same(name, name), "{length}");
            assert!(!is_same(name, &[name, b"x"].concat()), "{length} and one more");
            for at in 0..length {
                let mut other = name.to_vec();
                other[at] = b'x';
                assert!(!is_same(name, &other), "{length}, but for {at}");
            }
        }
    }
}
