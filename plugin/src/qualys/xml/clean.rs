//! Bytes as they come, made text: the window never holds anything that XML 1.0 forbids.
//!
//! Cleaning whole pieces at the door costs one fast pass and lets every field be a plain slice of the window.
//! It knows nothing of tags.

/// What must be known of the pieces before.
#[derive(Debug, Default)]
pub struct Cleaner {
    /// The start of a character, or a carriage return, whose rest has not come yet.
    held: Vec<u8>,
    /// The first character was seen, so a byte order mark is none any more.
    begun: bool,
}

impl Cleaner {
    /// Appends a piece: invalid UTF-8 becomes U+FFFD, illegal characters go, line ends become line feeds.
    pub fn push(&mut self, piece: &[u8], window: &mut String) {
        if self.held.is_empty() {
            return self.append(piece, window);
        }
        let mut joined = std::mem::take(&mut self.held);
        joined.extend_from_slice(piece);
        self.append(&joined, window);
    }

    /// Appends what was held back for a rest that never came.
    pub fn finish(&mut self, window: &mut String) {
        window.push_str(match self.held.first() {
            None => "",
            Some(b'\r') => "\n",
            Some(_) => "\u{fffd}",
        });
        self.held.clear();
    }

    fn append(&mut self, bytes: &[u8], window: &mut String) {
        let (mut rest, ends_line) = match bytes.split_last() {
            Some((b'\r', before)) => (before, true),
            _ => (bytes, false),
        };
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => break self.append_text(text, window),
                Err(error) => error,
            };
            let (valid, bad) = rest.split_at(error.valid_up_to());
            self.append_text(std::str::from_utf8(valid).unwrap_or_default(), window);
            // A character that the end of the piece cuts is held; before a carriage return it was cut for good.
            let Some(length) = error.error_len().or(ends_line.then_some(bad.len())) else {
                self.held.extend_from_slice(bad);
                break;
            };
            self.begun = true;
            window.push('\u{fffd}');
            rest = bad.get(length..).unwrap_or_default();
        }
        if ends_line {
            self.held.push(b'\r');
        }
    }

    fn append_text(&mut self, text: &str, window: &mut String) {
        let mut rest = text;
        if !self.begun && !text.is_empty() {
            self.begun = true;
            rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        while let Some(at) = first_suspect(rest.as_bytes()) {
            // What is suspect begins a character, so this is a border of characters.
            let (clean, dirty) = rest.split_at(at);
            window.push_str(clean);
            let mut characters = dirty.chars();
            match characters.next() {
                Some('\r') if !characters.as_str().starts_with('\n') => window.push('\n'),
                Some(character) if is_legal(character) => window.push(character),
                _ => {}
            }
            rest = characters.as_str();
        }
        window.push_str(rest);
    }
}

/// Whether XML 1.0 allows the character in a text; a carriage return is gone after line ends are one.
pub fn is_legal(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a character that begins with this byte may have to go: U+FFFE and U+FFFF begin with 0xEF.
fn suspect(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t' && byte != b'\n') | (byte == 0xef)
}

/// Looks at blocks without leaving them early, which compilers turn into vector instructions.
fn first_suspect(bytes: &[u8]) -> Option<usize> {
    let (at, block) = (0..)
        .step_by(BLOCK)
        .zip(bytes.chunks(BLOCK))
        .find(|(_, block)| block.iter().fold(false, |found, &byte| found | suspect(byte)))?;
    Some(at + block.iter().position(|&byte| suspect(byte))?)
}

const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &[(&str, &[u8], &str)] = &[
        ("plain text stays", b"a\tb\nc", "a\tb\nc"),
        ("text beyond ASCII stays", "K\u{f6}ln \u{20ac} \u{1f40e}".as_bytes(), "K\u{f6}ln \u{20ac} \u{1f40e}"),
        ("a byte order mark goes", b"\xef\xbb\xbf<A>", "<A>"),
        ("a mark further on is a character", b"a\xef\xbb\xbf", "a\u{feff}"),
        ("control characters go", b"a\x00\x08\x0b\x0c\x0e\x1fb", "ab"),
        ("delete is legal", b"a\x7fb", "a\x7fb"),
        ("characters that are none go", b"a\xef\xbf\xbe\xef\xbf\xbfb\xef\xbc\xa1", "ab\u{ff21}"),
        ("carriage return and line feed are one line end", b"a\r\nb", "a\nb"),
        ("a lone carriage return is a line end", b"a\rb\r", "a\nb\n"),
        ("two of them are two", b"a\r\r\nb", "a\n\nb"),
        ("a byte of another encoding", b"K\xf6ln", "K\u{fffd}ln"),
        ("two of them", b"\xf6\xe4", "\u{fffd}\u{fffd}"),
        ("a character that is cut", b"a\xe2\x82", "a\u{fffd}"),
        ("a cut character before a line end", b"a\xe2\x82\r\nb", "a\u{fffd}\nb"),
        ("a surrogate", b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
    ];

    fn cleaned<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
        let (mut cleaner, mut window) = (Cleaner::default(), String::new());
        pieces.for_each(|piece| cleaner.push(piece, &mut window));
        cleaner.finish(&mut window);
        window
    }

    #[test]
    fn text_is_cleaned_the_same_wherever_pieces_end() {
        for (case, bytes, expected) in CASES {
            for size in 1..=bytes.len() {
                assert_eq!(cleaned(bytes.chunks(size)), *expected, "{case}, pieces of {size}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_cleaned_is_legal_and_the_same_as_in_one_piece(
            bytes in proptest::collection::vec(proptest::sample::select(&b"a\r\n\x01\xe2\x82\xac\xef\xbb\xbf\xbe\xf0\x9f"[..]), 0..40),
            size in 1_usize..9,
        ) {
            let whole = cleaned(std::iter::once(&bytes[..]));
            proptest::prop_assert!(whole.chars().all(is_legal), "{whole:?}");
            proptest::prop_assert_eq!(cleaned(bytes.chunks(size)), whole);
        }
    }
}
