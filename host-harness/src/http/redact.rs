//! What never reaches a disk: originals, and what is written in their place, in every form in which they may stand.
//!
//! The forms are those of `spelling.rs`. Originals may be added while texts are under way: what passes afterwards is rid of them.
//! It knows nothing of what a recording holds; `echo.rs` looks for what may have slipped through.

#[cfg(test)]
mod tests;

use super::echo::Scan;
use super::secrets::Secret;
use super::spelling;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A part of a longer secret is an original of its own from this length on.
const PART_BYTES_MIN: usize = 16;

/// What fills a made-up text up.
const PADDING: char = '0';

/// Shorter originals are refused: what base64 shows of them alone is too little to be looked for.
pub(crate) const ORIGINAL_BYTES_MIN: usize = 5;

/// An original that cannot be told from other texts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0} is shorter than {ORIGINAL_BYTES_MIN} bytes, and would be found in every text by chance")]
pub struct TooShort(pub String);

/// The originals known so far. Clones are the same one.
#[derive(Clone, Default)]
pub struct Redaction(Arc<Mutex<Arc<Known>>>);

#[derive(Clone, Default)]
struct Known {
    originals: Vec<Secret>,
    replacements: BTreeMap<Vec<u8>, Vec<u8>>,
    search: Option<Search>,
}

#[derive(Clone)]
struct Search {
    automaton: AhoCorasick,
    /// In the order of the automaton's patterns.
    replacements: Vec<Vec<u8>>,
    longest: usize,
}

impl Redaction {
    /// From now on `made_up` stands in the place of `value`, or a text that begins with it; `name` is how people call it.
    ///
    /// What is made up already hides nobody: a recording may be recorded.
    pub fn add(&self, name: &str, value: &str, made_up: &str) -> Result<(), TooShort> {
        if value.trim_end_matches(PADDING) == made_up {
            return Ok(());
        }
        if value.len() < ORIGINAL_BYTES_MIN {
            return Err(TooShort(name.to_owned()));
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.replacements.contains_key(value.as_bytes()) {
            return Ok(());
        }
        let mut more = Known::clone(&known);
        more.add(name, value, made_up);
        more.search = Some(Search::new(&more.replacements));
        *known = Arc::new(more);
        Ok(())
    }

    /// Adds an answer that is a secret: whole, and in the parts that dots separate, as tokens have them.
    pub fn add_answer(&self, name: &str, value: &str, made_up: &str) -> Result<(), TooShort> {
        let parts = value.split('.').filter(|part| part.len() >= PART_BYTES_MIN && part.len() < value.len());
        parts.into_iter().try_for_each(|part| self.add(name, part, made_up))?;
        self.add(name, value, made_up)
    }

    /// A text without originals.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// Bytes without originals.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        let mut clean = stream.piece(bytes);
        clean.extend(stream.end());
        clean
    }

    /// For a text that comes in pieces.
    pub fn stream(&self) -> Redacting {
        Redacting { redaction: self.clone(), held: Vec::new() }
    }

    /// Looks for all originals anew; nothing when there are none.
    pub fn scan(&self) -> Option<Scan> {
        Scan::new(&self.known().originals.iter().collect::<Vec<_>>())
    }

    fn known(&self) -> Arc<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    fn add(&mut self, name: &str, value: &str, made_up: &str) {
        // As long as the original modulo 3, so that what stands around it in base64 keeps its meaning.
        let padding = (3 + value.len() % 3 - made_up.len() % 3) % 3;
        let made_up = format!("{made_up}{}", PADDING.to_string().repeat(padding));
        self.originals.push(Secret { name: name.to_owned(), value: Zeroizing::new(value.to_owned()) });
        for (form, other) in spelling::pairs(value, &made_up) {
            self.replacements.entry(form).or_insert(other);
        }
    }
}

impl Search {
    fn new(replacements: &BTreeMap<Vec<u8>, Vec<u8>>) -> Self {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(replacements.keys())
            .expect("the patterns are far fewer and shorter than an automaton can hold");
        let longest = replacements.keys().map(Vec::len).max().unwrap_or(0);
        Self { automaton, replacements: replacements.values().cloned().collect(), longest }
    }
}

/// A text on its way, as far as it is known to hold no original.
pub struct Redacting {
    redaction: Redaction,
    /// The end of what came, where an original may have begun.
    held: Vec<u8>,
}

impl Redacting {
    /// Takes the next piece, and gives what may be written of all that came.
    pub fn piece(&mut self, piece: &[u8]) -> Vec<u8> {
        self.pass(piece, false)
    }

    /// The rest: nothing more comes.
    pub fn end(&mut self) -> Vec<u8> {
        self.pass(&[], true)
    }

    /// Where a form begins is decided only when the longest of all would be there whole; so it does not matter where pieces end.
    fn pass(&mut self, piece: &[u8], is_end: bool) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let text = std::mem::take(&mut self.held);
        let known = self.redaction.known();
        let Some(search) = &known.search else { return text };
        let decided = if is_end { text.len() } else { (text.len() + 1).saturating_sub(search.longest) };
        let (mut clean, mut done) = (Vec::with_capacity(decided), 0);
        for found in search.automaton.find_iter(&text).take_while(|found| found.start() < decided) {
            clean.extend_from_slice(&text[done..found.start()]);
            clean.extend_from_slice(&search.replacements[found.pattern()]);
            done = found.end();
        }
        let decided = decided.max(done);
        clean.extend_from_slice(&text[done..decided]);
        self.held = text[decided..].to_vec();
        clean
    }
}

/// Writes what passes without originals; `end` writes the rest.
pub struct RedactingWriter<W> {
    redacting: Redacting,
    to: W,
}

impl<W: Write> RedactingWriter<W> {
    /// In front of another writer.
    pub fn new(redaction: &Redaction, to: W) -> Self {
        Self { redacting: redaction.stream(), to }
    }

    /// Nothing more comes.
    pub fn end(mut self) -> io::Result<W> {
        self.to.write_all(&self.redacting.end())?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.to.write_all(&self.redacting.piece(piece))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
