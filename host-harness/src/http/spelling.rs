//! How servers write a text that they repeat: as it is, and in every encoding that an answer may use.
//!
//! Pure: what is done about a text that is found, `echo.rs` and `redact.rs` say.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use std::collections::BTreeMap;
use std::fmt::Write;

/// An encoded form shorter than this is not looked for: it would be found by chance.
const ENCODED_BYTES_MIN: usize = 6;

/// What to look for where a text may have been repeated, each with the same form of another text.
pub(super) fn pairs(value: &str, other: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let pairs = spellings(value).into_iter().zip(spellings(other));
    let is_sought = |form: &[u8]| form.len() >= ENCODED_BYTES_MIN || form == value.as_bytes();
    pairs.filter(|(form, _)| !value.is_empty() && is_sought(form)).collect()
}

/// Every form of a text: always as many, and in the same order.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec()];
    // Forms, addresses by the book, and addresses as browsers write them leave different characters as they are.
    for safe in ["*-._", "-_.~", "-_.!~*'()"] {
        for space in ["+", "%20"] {
            let upper = percent(value, safe, space);
            forms.push(lower_escapes(&upper));
            forms.push(upper.into_bytes());
        }
    }
    for shift in 0..3 {
        forms.push(base64(&BASE64_STANDARD_NO_PAD, value, shift));
        forms.push(base64(&BASE64_URL_SAFE_NO_PAD, value, shift));
    }
    // Writers of JSON differ in what they escape beyond what they must: nothing, or what could hurt inside HTML.
    for escaped in ["", "<>&", "<>&='", "<>&'\"+`"] {
        for is_ascii in [false, true] {
            for slash in ["/", "\\/"] {
                let lower = json(value, escaped, is_ascii);
                forms.push(upper_escapes(&lower).replace('/', slash).into_bytes());
                forms.push(lower.replace('/', slash).into_bytes());
            }
        }
    }
    for quote in ["\"", "&quot;", "&#34;", "&#x22;"] {
        for apostrophe in ["'", "&apos;", "&#39;", "&#x27;"] {
            for greater in [">", "&gt;"] {
                let xml = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', greater);
                let xml = xml.replace('"', quote).replace('\'', apostrophe);
                // Writers of XML leave what is not ASCII as it is, or give its number.
                for number in [|c| format!("&#{c};"), |c| format!("&#x{c:x};"), |c| format!("&#x{c:X};")] {
                    forms.push(numbered(&xml, number).into_bytes());
                }
                forms.push(xml.into_bytes());
            }
        }
    }
    forms
}

/// With the number of each character that is not ASCII in its place.
fn numbered(xml: &str, number: fn(u32) -> String) -> String {
    xml.chars().map(|c| if c.is_ascii() { c.to_string() } else { number(c.into()) }).collect()
}

fn percent(value: &str, safe: &str, space: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b' ' => encoded.push_str(space),
            _ if byte.is_ascii_alphanumeric() || safe.as_bytes().contains(&byte) => encoded.push(byte.into()),
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// The same with `%2f` for `%2F`.
fn lower_escapes(upper: &str) -> Vec<u8> {
    let mut bytes = upper.as_bytes().to_vec();
    for at in (0..bytes.len()).filter(|at| upper.as_bytes()[*at] == b'%') {
        bytes[at + 1..at + 3].make_ascii_lowercase();
    }
    bytes
}

/// The characters that stand for a value alone, when `shift` bytes modulo 3 stand before it.
fn base64(alphabet: &impl Engine, value: &str, shift: usize) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(value.as_bytes());
    let encoded = alphabet.encode(&bytes).into_bytes();
    let from = (shift * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    encoded[from.min(to)..to].to_vec()
}

/// Without its quotes; what is to be escaped beyond the rules becomes `\u003c`.
fn json(value: &str, escaped: &str, is_ascii: bool) -> String {
    let mut text = String::new();
    for c in value.chars() {
        if escaped.contains(c) || (is_ascii && !c.is_ascii()) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            let quoted = serde_json::Value::from(c.to_string()).to_string();
            text.push_str(&quoted[1..quoted.len() - 1]);
        }
    }
    text
}

/// The same with `\u003C` for `\u003c`.
fn upper_escapes(lower: &str) -> String {
    let mut parts = lower.split("\\u");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(4).unwrap_or((part, ""));
        text + "\\u" + &digits.to_ascii_uppercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_every_kind_are_understood() {
        let value = "p&<ö> \"s'/w+1";
        let forms = pairs(value, "x");
        for (who, form) in [
            ("nobody", "p&<ö> \"s'/w+1"),
            ("a form", "p%26%3C%C3%B6%3E+%22s%27%2Fw%2B1"),
            ("an address", "p%26%3c%c3%b6%3e%20%22s%27%2fw%2b1"),
            ("a browser", "p%26%3C%C3%B6%3E%20%22s'%2Fw%2B1"),
            ("JSON by the rules", "p&<ö> \\\"s'/w+1"),
            ("JSON in ASCII", "p&<\\u00f6> \\\"s'/w+1"),
            ("JSON in ASCII, slashes escaped", "p&<\\u00f6> \\\"s'\\/w+1"),
            ("JSON for HTML", "p\\u0026\\u003cö\\u003e \\\"s'/w+1"),
            ("JSON for HTML, with apostrophes", "p\\u0026\\u003cö\\u003e \\\"s\\u0027/w+1"),
            ("JSON that escapes all it can", "p\\u0026\\u003C\\u00F6\\u003E \\u0022s\\u0027/w\\u002B1"),
            ("XML in a text", "p&amp;&lt;ö&gt; \"s'/w+1"),
            ("XML that leaves what it may", "p&amp;&lt;ö> \"s'/w+1"),
            ("XML in an attribute", "p&amp;&lt;ö&gt; &quot;s&apos;/w+1"),
            ("XML by numbers", "p&amp;&lt;ö&gt; &#34;s&#39;/w+1"),
        ] {
            assert!(forms.contains_key(form.as_bytes()), "{who}: {form}");
        }
    }

    #[test]
    fn the_same_form_of_both_texts_stands_together() {
        let forms = pairs("a&b cd", "x y&z1");
        for (form, other) in [("a%26b+cd", "x+y%26z1"), ("a&amp;b cd", "x y&amp;z1"), ("YSZiIGNk", "eCB5Jnox")] {
            let found = forms.get(form.as_bytes()).map(|other| String::from_utf8_lossy(other).into_owned());
            assert_eq!(found.as_deref(), Some(other), "{form}");
        }
    }

    #[test]
    fn a_short_text_is_looked_for_as_it_is() {
        assert_eq!(pairs("ab", "x").into_keys().collect::<Vec<_>>(), [b"ab".to_vec()]);
        assert!(pairs("", "x").is_empty());
    }
}
