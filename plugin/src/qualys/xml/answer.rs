//! What differs between answers: which elements are levels, which are records, and where reading can go on.
//!
//! An endpoint says it here; the walking is the page's.

use super::tokens::{Stop, Tokens};

/// What to do with an element that stands on some level of the frame.
pub enum Step {
    /// It is a level of its own.
    Enter(&'static str),
    /// It is a record, or a part of one, to be read as a whole.
    Read,
    /// It is nothing of interest.
    Skip,
    /// It cannot stand here: the level ended without its end tag.
    Over,
}

/// What an endpoint knows of its answers.
pub trait Answer: Default + 'static {
    /// What it hands out.
    type Record<'a>;
    /// The root element.
    const ROOT: &'static str;
    /// Levels inside of which trouble breaks a record and not the page.
    const RECORD_LEVELS: &'static [&'static str] = &[];

    /// What to do with the element `name` on `level`, from `RESPONSE` inward.
    fn step(level: &str, name: &[u8]) -> Step;

    /// Whether reading can go on at this tag after a record that could not be read.
    fn is_border(name: &[u8], is_end: bool) -> bool;

    /// A level begins.
    fn enter(&mut self, _level: &'static str) {}

    /// A level ends, `whole` if by its own end tag.
    fn leave(&mut self, _level: &'static str, _whole: bool, _each: &mut dyn FnMut(Self::Record<'_>)) {}

    /// Reads the element `name`, whose start tag was just read, and hands it out.
    fn read(
        &mut self,
        name: &[u8],
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(Self::Record<'_>),
    ) -> Result<(), Stop>;

    /// Reports that the element `name`, empty for what stands between elements, could not be read.
    fn broken(&mut self, name: &[u8], reason: &'static str, each: &mut dyn FnMut(Self::Record<'_>));
}
