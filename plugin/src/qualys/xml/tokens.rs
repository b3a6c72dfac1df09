//! The window as tokens.
//!
//! Tokenising is quick-xml's, in its 0.39: later ones check UTF-8 at every event, which the window has behind it,
//! and were a quarter slower in WebAssembly. Nesting is not checked here: every element knows which end tag it waits for.

use super::{End, RECORD_BYTES_MAX};
use quick_xml::errors::SyntaxError::{
    UnclosedDoubleQuotedAttributeValue, UnclosedSingleQuotedAttributeValue, UnclosedTag,
};
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;
use quick_xml::{Error, Reader};
use std::borrow::Cow;
use std::io::BufRead;

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

    /// What is not yet read; nothing while the end of an empty element is due.
    pub(super) fn rest(&self) -> &'w [u8] {
        if self.empty.is_some() {
            return &[];
        }
        self.window.as_bytes().get(self.position()..).unwrap_or_default()
    }

    /// Passes over so many bytes that somebody else has read, as a token, unless they reach beyond the bound.
    pub(super) fn pass(&mut self, length: usize) -> bool {
        let from = self.position();
        let fits = from + length <= self.limit;
        if fits {
            self.last = from;
            self.reader.stream().consume(length);
        }
        fits
    }

    /// Whether an element of this name cannot stand inside a record.
    pub(super) fn is_border(&self, name: &[u8]) -> bool {
        (self.is_border)(name, false)
    }

    /// So many bytes of the window, from here on.
    pub(super) fn between(&self, from: usize, length: usize) -> &'w str {
        self.window.get(from..from + length).unwrap_or_default()
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
}

/// Whether a tag has another one inside: it was cut, or a quote was left open.
pub(super) fn is_torn(tag: &[u8]) -> bool {
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
