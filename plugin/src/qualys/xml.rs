//! XML answers as a stream: pieces of any size in, records out as soon as they are whole.
//!
//! One window per answer holds what is not yet read; records borrow from it.
//! A record that cannot be read is skipped up to the next one and reported; only a page without a sound frame is a [`Fault`].
//! It never loads a DTD, expands no entity but the five of XML and character references, and knows no endpoint.

mod answer;
mod border;
mod clean;
mod elements;
mod list;
mod page;
mod plain;
#[cfg(test)]
pub(super) mod tests;
mod text;
mod tokens;

pub use super::returns::Return;
pub use answer::{Answer, Step};
pub use list::{Kind, List, Record};
pub use page::Page;
pub use tokens::{Stop, Token, Tokens};

/// The most bytes one record may have; a larger one is skipped without being held.
pub const RECORD_BYTES_MAX: usize = 8 << 20;

/// A record that could not be read: it was skipped, its neighbours were not.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// The ID of the record, or of the host it belongs to; empty when it could not be read.
    pub key: String,
    /// `garbled-record` or `record-too-large`.
    pub reason: &'static str,
    /// Where it stood, for a person who looks for it: `HOST 508112044, DETECTION 3`.
    pub location: String,
}

/// What a whole answer said besides its records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct End {
    /// `RESPONSE/DATETIME`: the server's clock.
    pub datetime: Option<String>,
    /// The query string of `WARNING/URL`; everything else of that address is none of our business.
    pub next: Option<String>,
    /// There is more: a `WARNING` had code 1980 or a URL.
    pub truncated: bool,
}

/// Why an answer is not the page it should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It is a `SIMPLE_RETURN` or `GENERIC_RETURN`, whatever the status said.
    Returned(Return),
    /// It has no bytes, or only blanks and comments.
    Empty,
    /// It ends before the closing tag of its root.
    Cut,
    /// It is something else: a page for people, JSON, a proxy's own words.
    NotXml {
        /// How it starts, at most [`START_CHARS_MAX`] characters.
        start: String,
    },
    /// Its frame, outside of records, cannot be trusted.
    Malformed(String),
    /// It is XML with a root that nobody asked for.
    WrongRoot(String),
}

/// How much of a foreign answer is kept for the error.
pub const START_CHARS_MAX: usize = 120;
