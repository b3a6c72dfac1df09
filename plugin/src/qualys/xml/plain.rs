//! What is plain is read by one look: a tag without attributes, text without references, and the end tag.
//!
//! Nearly all of an answer is so, and one look stands for two of the reader's events.
//! Whatever is not plain is left to the reader, which reads the same.

use super::tokens::Tokens;

impl<'w> Tokens<'w> {
    /// Passes over text up to the next markup: nobody wants what stands between the children of an element.
    pub(super) fn pass_text(&mut self) {
        if let Some(length @ 1..) = memchr::memchr(b'<', self.rest()) {
            self.pass(length);
        }
    }

    /// Reads a start tag if that comes next, with a plain name and without attributes.
    pub(super) fn plain_start(&mut self) -> Option<&'w [u8]> {
        let rest = self.rest().strip_prefix(b"<")?;
        let length = rest.iter().position(|&byte| !OF_NAMES[usize::from(byte)])?;
        let (name, behind) = rest.split_at_checked(length)?;
        let is_plain = !name.is_empty() && behind.first() == Some(&b'>');
        (is_plain && self.pass(length + 2)).then_some(name)
    }

    /// Reads the rest of the element `name` if it is text without references and its end tag, and nothing else.
    pub(super) fn plain_text(&mut self, name: &[u8]) -> Option<&'w str> {
        let rest = self.rest();
        let (text, behind) = rest.split_at_checked(memchr::memchr2(b'<', b'&', rest)?)?;
        let is_plain = is_end_tag(behind, name);
        let from = self.position();
        (is_plain && self.pass(text.len() + name.len() + 3)).then(|| self.between(from, text.len()))
    }

    /// Reads the end tag of the element `name` if it comes next, and nothing but markup was read before.
    pub(super) fn plain_end(&mut self, name: &[u8]) -> bool {
        is_end_tag(self.rest(), name) && self.pass(name.len() + 3)
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
