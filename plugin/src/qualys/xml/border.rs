//! Skips what cannot be read, up to the next place where reading can go on.
//!
//! It looks for tags by their text alone, so that no mis-nesting, missing tag or open quote takes a neighbour along;
//! CDATA and comments are passed over. Nothing that was skipped is held.

/// What skipping stood in when a piece ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Inside {
    /// Text and tags.
    #[default]
    Markup,
    /// `<![CDATA[` without its end.
    Cdata,
    /// `<!--` without its end.
    Comment,
}

/// How long the name of a tag may be and still count as one.
const NAME_BYTES_MAX: usize = 64;

/// Finds the first tag that is a border, and says where it starts and whether it is there;
/// if it is not, everything before the place is done with.
///
/// `is_border` takes a name and whether it stands in an end tag.
pub fn find(text: &str, from: usize, inside: &mut Inside, is_border: fn(&[u8], bool) -> bool) -> (usize, bool) {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let (closing, opened) = match inside {
            Inside::Cdata => ("]]>", Inside::Markup),
            Inside::Comment => ("-->", Inside::Markup),
            Inside::Markup => {
                let Some(start) = rest.find('<') else { return (text.len(), false) };
                at += start;
                match look(rest.get(start..).unwrap_or_default(), is_border) {
                    Look::Border => return (at, true),
                    Look::Unclear => return (at, false),
                    Look::Other(length, next) => (at, *inside) = (at + length, next),
                }
                continue;
            }
        };
        let Some(end) = rest.find(closing) else { return (text.len() - begun(rest, closing), false) };
        (at, *inside) = (at + end + closing.len(), opened);
    }
}

enum Look {
    Border,
    Unclear,
    /// So many bytes on, inside of this.
    Other(usize, Inside),
}

/// Looks at what stands at a `<`.
fn look(rest: &str, is_border: fn(&[u8], bool) -> bool) -> Look {
    for (opening, inside) in [("<![CDATA[", Inside::Cdata), ("<!--", Inside::Comment)] {
        if rest.starts_with(opening) {
            return Look::Other(opening.len(), inside);
        }
        if opening.starts_with(rest) {
            return Look::Unclear;
        }
    }
    let tag = rest.get(1..).unwrap_or_default();
    let name = tag.strip_prefix('/').unwrap_or(tag).as_bytes();
    match name.iter().take(NAME_BYTES_MAX).position(|byte| matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\n' | b'<')) {
        Some(length) if is_border(name.get(..length).unwrap_or_default(), tag.starts_with('/')) => Look::Border,
        None if name.len() < NAME_BYTES_MAX => Look::Unclear,
        _ => Look::Other(1, Inside::Markup),
    }
}

/// How many bytes at the end of `text` may be the begin of `closing`.
fn begun(text: &str, closing: &str) -> usize {
    (1..closing.len())
        .rev()
        .find(|&length| closing.get(..length).is_some_and(|begin| text.ends_with(begin)))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_border(name: &[u8], is_end: bool) -> bool {
        name == b"LIST" || (name == b"ITEM" && !is_end)
    }

    const CASES: &[(&str, &str, Option<&str>)] = &[
        ("the next record", "</X></ITEM> <ITEM><ID>", Some("<ITEM><ID>")),
        ("the end of the list", "</ITEM></LIST>", Some("</LIST>")),
        ("a tag with attributes", "x<ITEM a='b'>", Some("<ITEM a='b'>")),
        ("an empty element", "x<ITEM/>", Some("<ITEM/>")),
        ("a name that only begins like a border", "<ITEMS><LISTED></LISTED>", None),
        ("CDATA", "<![CDATA[<ITEM>]]><LIST>", Some("<LIST>")),
        ("CDATA with brackets at its end", "<![CDATA[<ITEM>]]]]><LIST>", Some("<LIST>")),
        ("a comment", "<!-- <ITEM> ---><LIST>", Some("<LIST>")),
        ("an open quote", "<ID a=\"><ITEM>", Some("<ITEM>")),
        ("a lone bracket", "1 <2<ITEM>", Some("<ITEM>")),
        ("a declaration that is none", "<![CDATE[<ITEM>", Some("<ITEM>")),
        ("CDATA without an end", "<![CDATA[ <ITEM> ]]", None),
        ("nothing", "", None),
    ];

    /// Like the page, keeps only what `find` is not done with.
    fn found(text: &str, size: usize) -> Option<String> {
        let (mut inside, mut window) = (Inside::Markup, String::new());
        for (at, piece) in text.as_bytes().chunks(size).enumerate() {
            window.push_str(std::str::from_utf8(piece).unwrap());
            let (place, is_found) = find(&window, 0, &mut inside, is_border);
            window.drain(..place);
            if is_found {
                return Some(window + &text[((at + 1) * size).min(text.len())..]);
            }
        }
        None
    }

    #[test]
    fn a_border_is_found_wherever_pieces_end() {
        for (case, text, expected) in CASES {
            for size in 1..=text.len() {
                assert_eq!(found(text, size).as_deref(), *expected, "{case}, pieces of {size}");
            }
        }
    }

    #[test]
    fn what_is_skipped_is_not_held() {
        for (case, start) in [("text", ""), ("CDATA", "<![CDATA["), ("a comment", "<!--"), ("a name", "<")] {
            let text = format!("{start}{}", "x".repeat(1000));
            let (place, _) = find(&text, 0, &mut Inside::default(), is_border);
            assert!(text.len() - place < 3, "{case}");
        }
    }
}
