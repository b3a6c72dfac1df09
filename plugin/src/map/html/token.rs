//! HTML cut into text and tags, borrowing from it.
//!
//! What is no whole tag is text, so nothing is ever lost: `a < b`, or a tag without its end.

/// Longest tag or comment; whatever does not end by then is text. It keeps hostile input linear.
const TAG_BYTES_MAX: usize = 4096;

/// A piece of HTML.
#[derive(Debug, PartialEq)]
pub enum Token<'a> {
    /// Text, its entities not yet decoded.
    Text(&'a str),
    /// `<name attributes>`.
    Open {
        /// In the case it was written.
        name: &'a str,
        /// Everything after the name.
        attributes: &'a str,
    },
    /// `</name>`.
    Close {
        /// In the case it was written.
        name: &'a str,
    },
}

/// The pieces, one after the other. Comments and declarations are passed over.
pub struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    /// The pieces of this HTML.
    pub fn of(html: &'a str) -> Self {
        Self { rest: html }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            let Some((inside, after)) = markup(self.rest) else {
                return Some(Token::Text(self.text()));
            };
            self.rest = after;
            if let Some(tag) = tag(inside) {
                return Some(tag);
            }
        }
        None
    }
}

impl<'a> Tokens<'a> {
    /// Takes the text up to what may be the next tag, at least one character.
    fn text(&mut self) -> &'a str {
        let mut ahead = self.rest.char_indices().skip(1);
        let end = ahead.find(|(_, character)| *character == '<').map_or(self.rest.len(), |(at, _)| at);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }
}

/// What stands between `<` and `>` at the beginning of this, and what follows.
fn markup(html: &str) -> Option<(&str, &str)> {
    let inside = html.strip_prefix('<')?;
    if let Some(comment) = inside.strip_prefix("!--") {
        let near = comment.get(..comment.floor_char_boundary(TAG_BYTES_MAX))?;
        return Some(("", comment.get(near.find("-->")? + 3..)?));
    }
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let begins =
        |first: char| first.is_ascii_alphabetic() || (matches!(first, '!' | '?') && name.len() == inside.len());
    name.chars().next().filter(|&first| begins(first))?;
    let end = end(inside)?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

/// Where the tag ends: at a `>` outside of quoted values. Another `<` means that it was no tag.
fn end(inside: &str) -> Option<usize> {
    // A quote begins a value only right after the equals sign; elsewhere it is an apostrophe.
    let (mut quote, mut value_begins) = (None, false);
    for (at, byte) in inside.bytes().enumerate().take(TAG_BYTES_MAX) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') if value_begins => quote = Some(byte),
            (None, _) if byte.is_ascii_whitespace() => continue,
            (None, _) => value_begins = byte == b'=',
        }
        if quote.is_some() {
            value_begins = false;
        }
    }
    None
}

/// The tag whose inside this is; absent for declarations and comments.
fn tag(inside: &str) -> Option<Token<'_>> {
    let split = |text: &str, at: fn(char) -> bool| text.find(at).unwrap_or(text.len());
    if let Some(closed) = inside.strip_prefix('/') {
        let name = closed.get(..split(closed, |c| !c.is_ascii_alphanumeric()))?;
        return Some(Token::Close { name });
    }
    inside.chars().next().filter(char::is_ascii_alphabetic)?;
    let (name, attributes) = inside.split_at(split(inside, |c| c.is_ascii_whitespace() || c == '/'));
    Some(Token::Open { name, attributes })
}

/// The value of an attribute; the first one counts. Quotes may be double, single or missing.
pub fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '='));
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '=')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return None;
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => self::value(value.trim_start()),
            None => ("", after),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// The value at the beginning of this, and what follows it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_however_they_are_written() {
        let cases = [
            (r#" href="a b""#, Some("a b")),
            (r#" HREF='a"b'"#, Some("a\"b")),
            (" href=a", Some("a")),
            (" href=a/", Some("a/")),
            (" href = a b", Some("a")),
            (" x href=a", Some("a")),
            (r#" x="href=b" href=a"#, Some("a")),
            (r#" x="1"href=a"#, Some("a")),
            (" href", Some("")),
            (" href href=a", Some("")),
            (r#" href="a"#, Some("a")),
            (" data-href=a", None),
            (" = / ==", None),
            ("", None),
        ];
        for (attributes, wanted) in cases {
            assert_eq!(attribute(attributes, "href"), wanted, "{attributes:?}");
        }
    }

    #[test]
    fn what_has_no_end_nearby_is_text() {
        let (near, far) = ("x".repeat(TAG_BYTES_MAX - 10), "x".repeat(TAG_BYTES_MAX + 10));
        let cases = [
            (format!("<a {near}>"), false),
            (format!("<a {far}>"), true),
            (format!("<!--{near}-->"), false),
            (format!("<!--{far}-->"), true),
            (format!("<a b=\"{far}\">"), true),
        ];
        for (html, is_text) in cases {
            let is = Tokens::of(&html).any(|token| matches!(token, Token::Text(_)));
            assert_eq!(is, is_text, "{} bytes", html.len());
        }
    }
}
