//! Character references: `&quot;`, `&#39;`, `&#x2019;`.
//!
//! Whole tables of HTML's 2,231 names cost a component 75 to 290 kB; these are the ones that prose about software uses.
//! An unknown name, a missing semicolon and a number that is no character stay as they are.

use super::text::has;
use std::borrow::Cow;

/// Longest reference after its ampersand, the semicolon included.
const REFERENCE_BYTES_MAX: usize = 10;

/// Names and their characters, in turn.
const NAMES: &str = "\
    amp & AMP & lt < LT < gt > GT > quot \" QUOT \" apos ' nbsp \u{a0} copy © COPY © reg ® REG ® trade ™ TRADE ™ \
    hellip … ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ laquo « raquo » lsaquo ‹ rsaquo › \
    bull • middot · sect § para ¶ deg ° plusmn ± times × divide ÷ frac12 ½ micro µ sup2 ² le ≤ ge ≥ ne ≠ larr ← \
    rarr → euro € pound £ yen ¥ cent ¢ iexcl ¡ iquest ¿ szlig ß auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü \
    agrave à aacute á acirc â atilde ã aring å aelig æ ccedil ç egrave è eacute é ecirc ê euml ë iacute í \
    icirc î iuml ï ntilde ñ oacute ó ocirc ô oslash ø uacute ú Eacute É Aring Å Oslash Ø";

/// The text with its character references decoded, once.
pub fn decoded(text: &str) -> Cow<'_, str> {
    if !has(text, b'&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = split(rest) {
        out.push_str(before);
        let (character, after) = reference(behind).unwrap_or(('&', behind));
        out.push(character);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What stands before and behind the first ampersand.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b'&', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The character that a reference stands for, and what follows it; the ampersand is already taken.
fn reference(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';')?;
    let (name, after) = (text.get(..end)?, text.get(end + 1..)?);
    let character = match name.strip_prefix('#') {
        Some(number) => numbered(number),
        None => named(name),
    };
    Some((character?, after))
}

/// The character of a number such as `39` or `x27`, unless it is one that XML forbids.
fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    // `from_str_radix` takes a plus sign.
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
    let character = char::from_u32(code)?;
    match character {
        '\t' | '\n' | '\r' => Some(character),
        '\u{80}'..='\u{9f}' => windows(code),
        '\u{fffe}' | '\u{ffff}' => None,
        _ => Some(character).filter(|character| !character.is_control()),
    }
}

/// What old pages mean by numbers 128 to 159: the Windows code page, as browsers read them.
fn windows(code: u32) -> Option<char> {
    Some(match code {
        0x80 => '€',
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0x99 => '™',
        _ => return None,
    })
}

/// The character of a name.
fn named(name: &str) -> Option<char> {
    let mut words = NAMES.split(' ');
    loop {
        let (known, character) = (words.next()?, words.next()?);
        if known == name {
            return character.chars().next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_become_characters() {
        let cases = [
            ("no reference", "no reference"),
            ("doesn&apos;t", "doesn't"),
            ("&quot;rpm -qa&quot;", "\"rpm -qa\""),
            ("a &amp; b", "a & b"),
            ("&lt;P&gt;", "<P>"),
            ("&#39;&#x27;&#X27;", "'''"),
            ("&nbsp;", "\u{a0}"),
            ("caf&eacute;", "café"),
            ("don&#146;t", "don’t"),
            ("&amp;quot;", "&quot;"),
            ("a & b", "a & b"),
            ("&&amp;&", "&&&"),
            ("&;", "&;"),
            ("&#;", "&#;"),
            ("&#+39;", "&#+39;"),
            ("&#x110000;", "&#x110000;"),
            ("&#0;&#1;&#128;&#129;", "&#0;&#1;€&#129;"),
            ("&#xFFFF;&#xD800;", "&#xFFFF;&#xD800;"),
            ("&unheardof;", "&unheardof;"),
            ("?a=1&copy=2", "?a=1&copy=2"),
            ("&aé;", "&aé;"),
            ("end&", "end&"),
        ];
        for (text, wanted) in cases {
            assert_eq!(decoded(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn every_name_in_the_list_has_one_character_and_fits() {
        let words: Vec<_> = NAMES.split(' ').collect();
        for pair in words.chunks(2) {
            let (name, character) = (pair[0], pair[1]);
            assert_eq!(decoded(&format!("&{name};")), character, "{name}");
            assert_eq!(character.chars().count(), 1, "{name}");
        }
    }

    proptest! {
        #[test]
        fn text_without_an_ampersand_is_borrowed_and_unchanged(text in "[^&]*") {
            prop_assert_eq!(decoded(&text), Cow::Borrowed(text.as_str()));
        }

        #[test]
        fn no_text_is_too_odd(text in "(&|#|x|[0-9]{1,9}|;|quot|\\PC){0,40}") {
            prop_assert!(decoded(&text).len() <= text.len());
        }
    }
}
