//! Finds secrets in texts that come in pieces: as they are, or as servers write what they repeat.
//!
//! Every answer to a request that carried a secret is searched so, and every recording before it is done.
//!
//! A source in league with a connector can hide a secret from any search; that one is judged by its manifest.

use super::secrets::Secret;
use super::spelling;
use bytes::Bytes;
use memchr::memmem::Finder;

/// A search over the pieces of one answer.
pub struct Scan {
    /// What to look for, and whose it is.
    needles: Vec<(Finder<'static>, String)>,
    /// The end of what was searched, as far as a needle may begin there.
    carry: Vec<u8>,
}

impl Scan {
    /// A search for these secrets; none when there are none.
    pub fn new(secrets: &[&Secret]) -> Option<Self> {
        let forms = |secret: &&Secret| {
            let name = secret.name.clone();
            let forms = spelling::pairs(&secret.value, "").into_keys();
            forms.map(move |form| (Finder::new(&form).into_owned(), name.clone()))
        };
        let needles: Vec<_> = secrets.iter().flat_map(forms).collect();
        (!needles.is_empty()).then(|| Self { needles, carry: Vec::new() })
    }

    /// Searches one text.
    pub fn find(&self, text: &[u8]) -> Option<&str> {
        self.needles.iter().find(|(finder, _)| finder.find(text).is_some()).map(|(_, name)| name.as_str())
    }

    /// Searches the next piece, and gives back what is surely no part of a secret; or the name of what was found.
    pub fn piece(&mut self, piece: Bytes) -> Result<Bytes, String> {
        let mut text = piece;
        if !self.carry.is_empty() {
            self.carry.extend_from_slice(&text);
            text = std::mem::take(&mut self.carry).into();
        }
        if let Some(name) = self.find(&text) {
            return Err(name.to_owned());
        }
        self.carry = text.split_off(text.len() - self.held(&text)).to_vec();
        Ok(text)
    }

    /// What was still held when the answer ended.
    pub fn end(&mut self) -> Bytes {
        std::mem::take(&mut self.carry).into()
    }

    /// Length of the longest end of a text with which a needle begins.
    fn held(&self, text: &[u8]) -> usize {
        let longest = |(finder, _): &(Finder<'static>, String)| {
            let needle = finder.needle();
            let most = text.len().min(needle.len() - 1);
            (1..=most).rev().find(|length| needle.starts_with(&text[text.len() - length..])).unwrap_or(0)
        };
        self.needles.iter().map(longest).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
    use zeroize::Zeroizing;

    const VALUE: &str = "p& \"ss/w\u{f6}rd+1";

    fn scan(value: &str) -> Scan {
        let secret = Secret { name: "password".into(), value: Zeroizing::new(value.into()) };
        Scan::new(&[&secret]).unwrap()
    }

    /// What is handed on of a text that comes in pieces of this size, or the name of what was found.
    fn pass(text: &[u8], size: usize) -> Result<Vec<u8>, String> {
        let mut scan = scan(VALUE);
        let mut passed = Vec::new();
        for piece in text.chunks(size) {
            passed.extend(scan.piece(Bytes::copy_from_slice(piece))?);
        }
        passed.extend(scan.end());
        Ok(passed)
    }

    #[test]
    fn a_secret_is_found_in_every_form_wherever_pieces_end() {
        let standard = |text: String| BASE64_STANDARD_NO_PAD.encode(text);
        for (case, form) in [
            ("plain", VALUE.to_owned()),
            ("form", "p%26+%22ss%2Fw%C3%B6rd%2B1".to_owned()),
            ("address, lower case", "p%26%20%22ss%2fw%c3%b6rd%2b1".to_owned()),
            ("base64", standard(VALUE.into())),
            ("base64 after a user", standard(format!("user:{VALUE}"))),
            ("base64 between others", standard(format!("abc=d{VALUE}&x=y"))),
            ("base64 for addresses", BASE64_URL_SAFE_NO_PAD.encode(format!("a{VALUE}"))),
            ("json", "p& \\\"ss/w\u{f6}rd+1".to_owned()),
            ("json with slashes escaped", "p& \\\"ss\\/w\u{f6}rd+1".to_owned()),
            ("xml", "p&amp; &quot;ss/w\u{f6}rd+1".to_owned()),
            ("xml, decimal", "p&amp; &quot;ss/w&#246;rd+1".to_owned()),
            ("xml, hexadecimal", "p&amp; &#34;ss/w&#xF6;rd+1".to_owned()),
        ] {
            let text = format!("<a>{form}</a>");
            for size in 1..=text.len() {
                assert_eq!(pass(text.as_bytes(), size), Err("password".into()), "{case} in pieces of {size}");
            }
        }
    }

    #[test]
    fn everything_else_passes_unchanged() {
        let almost = &VALUE[..VALUE.len() - 1];
        for text in [String::new(), "nothing".into(), almost.into(), format!("{almost}{almost}2 p& p&"), "p".repeat(50)]
        {
            for size in 1..=text.len().max(1) {
                assert_eq!(pass(text.as_bytes(), size), Ok(text.clone().into_bytes()), "{text} in pieces of {size}");
            }
        }
    }

    #[test]
    fn nothing_of_a_secret_is_handed_on_before_it_is_known() {
        let mut scan = scan("not-a-real-password");
        assert_eq!(scan.piece("x not-a-real-".into()), Ok("x ".into()));
        assert_eq!(scan.piece("password".into()), Err("password".into()));
    }

    #[test]
    fn without_a_secret_there_is_nothing_to_search() {
        assert!(Scan::new(&[]).is_none());
    }
}
