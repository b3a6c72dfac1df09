//! The frame that all answers share: what stands before the root, the root, `RESPONSE`, `WARNING`, and what stands after.
//!
//! It walks from record to record and leaves reading them to an [`Answer`].
//! A record that the window cuts is read again only when the window has doubled, so pieces of any size cost the same.

use super::answer::{Answer, Step};
use super::border::{self, Inside};
use super::clean::Cleaner;
use super::tokens::{Stop, Token, Tokens};
use super::{End, Fault, RECORD_BYTES_MAX, START_CHARS_MAX};
use crate::qualys::returns;

/// One answer while it comes in.
pub struct Page<A> {
    answer: A,
    cleaner: Cleaner,
    window: String,
    /// How long the window must be for another look.
    awake: usize,
    /// Nothing more will come.
    is_last: bool,
    phase: Phase,
    levels: Vec<&'static str>,
    end: End,
}

enum Phase {
    /// Nothing but blanks and comments so far.
    Blank,
    /// A declaration or a DOCTYPE was there.
    Prolog,
    Body,
    /// Inside of so many elements of this name that nobody asked for.
    Skipped(Vec<u8>, u32),
    /// Behind a broken record.
    Lost(Inside),
    /// In a `SIMPLE_RETURN` or `GENERIC_RETURN`.
    Returned,
    /// In what is no XML.
    Foreign,
    /// Behind the root.
    Over,
}

impl<A: Answer> Default for Page<A> {
    fn default() -> Self {
        Self {
            answer: A::default(),
            cleaner: Cleaner::default(),
            window: String::new(),
            awake: 0,
            is_last: false,
            phase: Phase::Blank,
            levels: Vec::new(),
            end: End::default(),
        }
    }
}

impl<A: Answer> Page<A> {
    /// An answer of which nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the body, of any size, and hands out what it completes; after a fault it is of no more use.
    pub fn feed(&mut self, piece: &[u8], each: &mut dyn FnMut(A::Record<'_>)) -> Result<(), Fault> {
        self.cleaner.push(piece, &mut self.window);
        if self.window.len() < self.awake { Ok(()) } else { self.advance(each) }
    }

    /// The body has ended; hands out the rest, and says what else there was.
    pub fn close(mut self, each: &mut dyn FnMut(A::Record<'_>)) -> Result<End, Fault> {
        self.is_last = true;
        self.cleaner.finish(&mut self.window);
        self.advance(each)?;
        match self.phase {
            Phase::Over => Ok(self.end),
            Phase::Blank if self.window.is_empty() => Err(Fault::Empty),
            _ => Err(Fault::Cut),
        }
    }

    fn advance(&mut self, each: &mut dyn FnMut(A::Record<'_>)) -> Result<(), Fault> {
        let mut window = std::mem::take(&mut self.window);
        let done = self.walk(&window, each)?;
        window.drain(..done);
        self.awake = (2 * window.len()).min(RECORD_BYTES_MAX + 1);
        self.window = window;
        Ok(())
    }

    /// Reads as far as the window goes, and says up to where it is done with.
    fn walk(&mut self, window: &str, each: &mut dyn FnMut(A::Record<'_>)) -> Result<usize, Fault> {
        let mut tokens = Tokens::new(window, A::is_border);
        loop {
            let from = tokens.position();
            tokens.bound(from);
            let goes_on = match &mut self.phase {
                Phase::Blank | Phase::Prolog => self.prolog(from, &mut tokens)?,
                Phase::Body => self.body(from, &mut tokens, each)?,
                Phase::Skipped(..) => self.skipped(&mut tokens)?,
                Phase::Lost(inside) => {
                    let (at, is_found) = border::find(window, from, inside, A::is_border);
                    tokens.seek(at);
                    if !is_found {
                        return Ok(at);
                    }
                    self.phase = Phase::Body;
                    true
                }
                Phase::Returned => match returns::read(&mut tokens) {
                    Ok(found) => return Err(Fault::Returned(found)),
                    Err(stop) => wait(stop, "an error message")?,
                },
                Phase::Foreign => {
                    let rest = window.get(from..).unwrap_or_default().trim_ascii_start();
                    if self.is_last || rest.chars().nth(START_CHARS_MAX).is_some() {
                        return Err(Fault::NotXml { start: rest.chars().take(START_CHARS_MAX).collect() });
                    }
                    false
                }
                Phase::Over => return Ok(window.len()),
            };
            if !goes_on {
                return Ok(from);
            }
        }
    }

    /// One token before the root.
    fn prolog(&mut self, from: usize, tokens: &mut Tokens<'_>) -> Result<bool, Fault> {
        self.phase = match tokens.frame() {
            Ok(Token::Start(name)) if name == A::ROOT.as_bytes() => {
                self.levels.push(A::ROOT);
                Phase::Body
            }
            Ok(Token::Start(name)) if returns::is_root(name) => Phase::Returned,
            Ok(Token::Start(name)) if !name.eq_ignore_ascii_case(b"html") => {
                return Err(Fault::WrongRoot(spelled(name)));
            }
            Ok(Token::Doctype(text)) if !is_html(text) => Phase::Prolog,
            Ok(Token::Declaration) => Phase::Prolog,
            Ok(Token::Other) => return Ok(true),
            Ok(Token::Text(text)) if text.trim_ascii().is_empty() => return Ok(true),
            Ok(_) | Err(Stop::Garbled) => Phase::Foreign,
            Err(stop) => return wait(stop, "what stands before the root"),
        };
        if matches!(self.phase, Phase::Returned | Phase::Foreign) {
            tokens.seek(from);
        }
        Ok(true)
    }

    /// One token of the frame, or one record.
    fn body(
        &mut self,
        from: usize,
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(A::Record<'_>),
    ) -> Result<bool, Fault> {
        match tokens.frame() {
            Ok(Token::Start(name)) => self.start(name, from, tokens, each),
            Ok(Token::End(name)) => self.end(name, each),
            Ok(_) => Ok(true),
            Err(Stop::Garbled | Stop::TooLarge) if !A::RECORD_LEVELS.contains(&self.level()) => {
                Err(Fault::Malformed(format!("a tag inside {} cannot be read", self.level())))
            }
            Err(stop) => Ok(self.stopped(b"", stop, from, tokens, each)),
        }
    }

    fn start(
        &mut self,
        name: &[u8],
        from: usize,
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(A::Record<'_>),
    ) -> Result<bool, Fault> {
        match (self.level(), name) {
            (level, b"RESPONSE") if level == A::ROOT => self.levels.push("RESPONSE"),
            (level, _) if level == A::ROOT => self.phase = Phase::Skipped(name.to_vec(), 1),
            (_, b"WARNING") => return self.warning(tokens),
            ("RESPONSE", b"DATETIME") => match tokens.text(name) {
                Ok(datetime) => {
                    self.end.datetime = datetime.map(Into::into);
                    self.heed(tokens);
                }
                Err(stop) => return wait(stop, "DATETIME"),
            },
            (level, _) => match A::step(level, name) {
                Step::Enter(inner) => {
                    self.answer.enter(inner);
                    self.levels.push(inner);
                }
                Step::Read => return Ok(self.record(name, from, tokens, each)),
                Step::Skip => self.phase = Phase::Skipped(name.to_vec(), 1),
                Step::Over => {
                    self.leave(false, each)?;
                    tokens.seek(from);
                }
            },
        }
        Ok(true)
    }

    fn record(
        &mut self,
        name: &[u8],
        from: usize,
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(A::Record<'_>),
    ) -> bool {
        match self.answer.read(name, tokens, each) {
            Ok(()) => {
                self.heed(tokens);
                true
            }
            Err(stop) => self.stopped(name, stop, from, tokens, each),
        }
    }

    /// Goes on behind what could not be read, unless its rest has yet to come.
    fn stopped(
        &mut self,
        name: &[u8],
        stop: Stop,
        from: usize,
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(A::Record<'_>),
    ) -> bool {
        let reason = match stop {
            Stop::Short => return false,
            Stop::Garbled => "garbled-record",
            Stop::TooLarge => "record-too-large",
        };
        self.heed(tokens);
        self.answer.broken(name, reason, each);
        // Not at the very place, where the broken record would be found again.
        tokens.seek(from + 1);
        self.phase = Phase::Lost(Inside::Markup);
        true
    }

    fn end(&mut self, name: &[u8], each: &mut dyn FnMut(A::Record<'_>)) -> Result<bool, Fault> {
        // An end tag without a start tag may be left over from a broken record.
        let Some(at) = self.levels.iter().rposition(|level| level.as_bytes() == name) else { return Ok(true) };
        while self.levels.len() > at + 1 {
            self.leave(false, each)?;
        }
        self.leave(true, each)?;
        Ok(true)
    }

    fn leave(&mut self, whole: bool, each: &mut dyn FnMut(A::Record<'_>)) -> Result<(), Fault> {
        let level = self.level();
        if !whole && !A::RECORD_LEVELS.contains(&level) {
            return Err(Fault::Malformed(format!("{level} has no end tag")));
        }
        self.levels.pop();
        self.answer.leave(level, whole, each);
        if self.levels.is_empty() {
            self.phase = Phase::Over;
        }
        Ok(())
    }

    /// One token of an element that nobody asked for; a warning may hide in it.
    fn skipped(&mut self, tokens: &mut Tokens<'_>) -> Result<bool, Fault> {
        let Phase::Skipped(skipped, depth) = &mut self.phase else { return Ok(true) };
        match tokens.frame() {
            Ok(Token::Start(b"WARNING")) if self.levels.len() > 1 => return self.warning(tokens),
            Ok(Token::Start(name)) if name == skipped => *depth += 1,
            Ok(Token::End(name)) if name == skipped => *depth -= 1,
            Ok(Token::End(name)) if self.levels.iter().any(|level| level.as_bytes() == name) => {
                return Err(Fault::Malformed(format!("{} has no end tag", spelled(skipped))));
            }
            Ok(_) => {}
            Err(stop) => return wait(stop, "an element of no interest"),
        }
        if *depth == 0 {
            self.phase = Phase::Body;
        }
        Ok(true)
    }

    fn warning(&mut self, tokens: &mut Tokens<'_>) -> Result<bool, Fault> {
        match tokens.warning() {
            Ok(()) => self.heed(tokens),
            Err(stop) => return wait(stop, "WARNING"),
        }
        Ok(true)
    }

    /// Keeps what warnings said, once what they stood in is done with.
    fn heed(&mut self, tokens: &mut Tokens<'_>) {
        let warned = std::mem::take(&mut tokens.warned);
        self.end.truncated |= warned.truncated;
        self.end.next = warned.next.or(self.end.next.take());
    }

    fn level(&self) -> &'static str {
        self.levels.last().copied().unwrap_or_default()
    }
}

/// What the window cuts is waited for; everything else spoils the page.
fn wait(stop: Stop, reading: &str) -> Result<bool, Fault> {
    match stop {
        Stop::Short => Ok(false),
        Stop::Garbled => Err(Fault::Malformed(format!("{reading} is garbled"))),
        Stop::TooLarge => Err(Fault::Malformed(format!("{reading} has more than {RECORD_BYTES_MAX} bytes"))),
    }
}

/// A name from the wire, bounded for people.
fn spelled(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(START_CHARS_MAX).collect()
}

fn is_html(doctype: &str) -> bool {
    doctype.trim_ascii_start().get(..4).is_some_and(|name| name.eq_ignore_ascii_case("html"))
}

#[cfg(test)]
mod tests;
