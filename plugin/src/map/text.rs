//! Small steps on texts, none of which knows what a text is about.

use crate::qualys::Text;
use std::borrow::Cow;
use std::str::FromStr;

/// The text without white space around it; absent when nothing is left.
pub fn given<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text.as_deref().map(trimmed).filter(|text| !text.is_empty())
}

/// The text without white space around it; what begins and ends with something visible is not looked at any closer.
pub fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The parts between these bytes of ASCII.
pub fn parts(text: &str, byte: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(byte, text.as_bytes());
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// Whether this byte of ASCII stands in the text.
pub fn has(text: &str, byte: u8) -> bool {
    memchr::memchr(byte, text.as_bytes()).is_some()
}

/// The digits without leading zeros, when the text is a positive integer without a sign that `N` holds.
pub fn integer<N: FromStr>(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches('0');
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<N>().is_ok();
    is_integer.then_some(digits)
}

/// The digits of a field that is nothing but a positive integer, as whoever reads it as a number will find it.
pub fn number<'t, N: FromStr>(text: &'t Text<'_>) -> Option<&'t str> {
    integer::<N>(text.as_deref()?.trim_ascii())
}

/// The text on one line, every run of white space one blank.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let runs = |pair: &[u8]| pair.iter().all(u8::is_ascii_whitespace);
    if text.bytes().any(|byte| byte.is_ascii_control()) || text.as_bytes().windows(2).any(runs) {
        return Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Cow::Borrowed(text.trim())
}

/// The text with line feeds alone as line ends, as a reader of XML owes it.
pub fn line_feeds(text: &str) -> Cow<'_, str> {
    if !has(text, b'\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// As much of the beginning as fits, ending on a character and not on white space.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    let (kept, _) = text.split_at(text.floor_char_boundary(bytes_max));
    kept.trim_end()
}

/// Where `word`, given in lower-case ASCII, first stands in the text, in whatever case.
pub fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let first = *word.first()?;
    let begins = |at: &usize| text.get(*at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word));
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text).find(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_integers_are_integers() {
        let cases = [
            ("508112044", Some("508112044")),
            ("007", Some("7")),
            ("70", Some("70")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("184467440737095516150", None),
            ("0", None),
            ("000", None),
            ("", None),
            ("+5", None),
            ("-5", None),
            ("5 ", None),
            ("5.0", None),
            ("٣", None),
            ("x\u{fffd}5", None),
        ];
        for (text, digits) in cases {
            assert_eq!(integer::<u64>(text), digits, "{text:?}");
        }
    }

    #[test]
    fn white_space_around_a_text_is_trimmed() {
        let cases =
            [("a b", "a b"), (" a b\n", "a b"), ("a ", "a"), ("\u{a0}é ", "é"), ("a", "a"), (" ", ""), ("", "")];
        for (text, wanted) in cases {
            assert_eq!(trimmed(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_text_has_parts() {
        for text in ["", "a", "\t", "a\tbé", "\ta\t\tb\t"] {
            assert_eq!(parts(text, b'\t').collect::<Vec<_>>(), text.split('\t').collect::<Vec<_>>(), "{text:?}");
            assert_eq!(has(text, b'\t'), text.contains('\t'), "{text:?}");
        }
    }

    #[test]
    fn a_number_has_blanks_around_it_and_nothing_else() {
        let cases = [("5", Some("5")), (" 05\n", Some("5")), ("\u{a0}5", None), ("5 5", None), ("", None)];
        for (text, digits) in cases {
            assert_eq!(number::<u64>(&Some(text.into())), digits, "{text:?}");
        }
        assert_eq!(number::<u64>(&None), None);
    }

    #[test]
    fn a_text_becomes_one_line() {
        let cases =
            [("a b", "a b"), (" a b ", "a b"), ("a  b", "a b"), ("a\n\t b", "a b"), ("a\u{a0}b", "a\u{a0}b"), ("", "")];
        for (text, line) in cases {
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn line_ends_become_line_feeds() {
        for (text, wanted) in [("a\nb", "a\nb"), ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\r\r\nb", "a\n\nb")] {
            assert_eq!(line_feeds(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_cut_ends_on_a_character_and_not_on_white_space() {
        let cases = [
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("aé", 2, "a"),
            ("aé", 3, "aé"),
            ("a b", 2, "a"),
            ("é", 1, ""),
            ("", 9, ""),
        ];
        for (text, bytes_max, kept) in cases {
            assert_eq!(cut(text, bytes_max), kept, "{text:?} at {bytes_max}");
        }
    }

    #[test]
    fn a_word_is_found_in_whatever_case() {
        let cases =
            [("Version", Some(0)), ("é VERSION", Some(3)), ("versio version", Some(7)), ("versio", None), ("", None)];
        for (text, at) in cases {
            assert_eq!(find_ignoring_case(text, "version"), at, "{text:?}");
        }
    }
}
