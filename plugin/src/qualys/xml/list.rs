//! Answers that are one list of elements of one kind: an endpoint names them, and reads one.

use super::Broken;
use super::answer::{Answer, Step};
use super::tokens::{Stop, Tokens};
use std::marker::PhantomData;

/// What an endpoint knows of its list.
pub trait Kind: 'static {
    /// An element, as far as it is used.
    type Item<'a>: Default;
    /// The root element.
    const ROOT: &'static str;
    /// The element that holds all others.
    const LIST: &'static str;
    /// The element that is a record.
    const ITEM: &'static str;

    /// Reads the child `name`, whose start tag was just read.
    fn read<'w>(item: &mut Self::Item<'w>, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop>;

    /// The key of an element that was not read whole; empty when it was not even that far.
    fn key(item: Self::Item<'_>) -> String;
}

/// What an answer brings, in its order.
#[derive(Clone, Debug, PartialEq)]
pub enum Record<T> {
    /// An element, and which one of the answer it is, from 1.
    Item(T, u32),
    /// What could not be read; the key is its own, as far as it was read.
    Broken(Broken),
}

/// What must be remembered between two elements.
pub struct List<K> {
    /// How many were begun.
    begun: u32,
    /// The key of an element that could not be read.
    key: String,
    kind: PhantomData<K>,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self { begun: 0, key: String::new(), kind: PhantomData }
    }
}

impl<K: Kind> Answer for List<K> {
    type Record<'a> = Record<K::Item<'a>>;
    const ROOT: &'static str = K::ROOT;

    fn step(level: &str, name: &[u8]) -> Step {
        let (is_list, is_item) = (name == K::LIST.as_bytes(), name == K::ITEM.as_bytes());
        match level {
            "RESPONSE" if is_list => Step::Enter(K::LIST),
            _ if level == K::LIST && is_item => Step::Read,
            _ if level == K::LIST && is_list => Step::Over,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
        is_one_of(&[K::LIST, "RESPONSE", K::ROOT]) || (!is_end && is_one_of(&[K::ITEM, "WARNING"]))
    }

    fn read(
        &mut self,
        name: &[u8],
        tokens: &mut Tokens<'_>,
        each: &mut dyn FnMut(Self::Record<'_>),
    ) -> Result<(), Stop> {
        let mut item = K::Item::default();
        let read = tokens.children(name, |tokens, name| K::read(&mut item, name, tokens));
        match read {
            Ok(()) => {
                self.begun += 1;
                each(Record::Item(item, self.begun));
            }
            Err(Stop::Short) => {}
            Err(_) => self.key = K::key(item),
        }
        read
    }

    fn broken(&mut self, _name: &[u8], reason: &'static str, each: &mut dyn FnMut(Self::Record<'_>)) {
        self.begun += 1;
        let key = std::mem::take(&mut self.key);
        let item = K::ITEM;
        let location = if key.is_empty() { format!("{item} number {}", self.begun) } else { format!("{item} {key}") };
        each(Record::Broken(Broken { key, reason, location }));
    }
}
