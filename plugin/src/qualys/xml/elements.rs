//! Elements: their children, what is skipped, lists, and the `WARNING` that may hide anywhere.

use super::super::Text;
use super::tokens::{Stop, Token, Tokens, is_torn};
use std::borrow::Cow;

/// How deep elements may nest inside a record.
const DEPTH_MAX: u32 = 32;

impl<'w> Tokens<'w> {
    /// Reads the children of the element `name`, whose start tag was just read, and its end tag.
    pub fn children(
        &mut self,
        name: &[u8],
        mut child: impl FnMut(&mut Self, &'w [u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        loop {
            self.pass_text();
            if let Some(inner) = self.plain_start() {
                child(self, inner)?;
                continue;
            }
            match self.token()? {
                Token::Start(inner) => child(self, inner)?,
                Token::End(end) if end == name => return Ok(()),
                Token::End(_) => return Err(Stop::Garbled),
                _ => {}
            }
        }
    }

    /// Skips the element `name`, whose start tag was just read.
    pub fn skip(&mut self, name: &[u8]) -> Result<(), Stop> {
        self.skip_at(name, 0)
    }

    fn skip_at(&mut self, name: &[u8], depth: u32) -> Result<(), Stop> {
        if name == b"WARNING" {
            return self.warning();
        }
        if depth > DEPTH_MAX || is_torn(name) || self.is_border(name) {
            return Err(Stop::Garbled);
        }
        if self.plain_text(name).is_some() {
            return Ok(());
        }
        self.children(name, |tokens, child| tokens.skip_at(child, depth + 1))
    }

    /// Reads the element `name`, whose start tag was just read, for the text of one child.
    pub fn only(&mut self, name: &[u8], wanted: &[u8], text: &mut Text<'w>) -> Result<(), Stop> {
        self.children(name, |tokens, child| {
            if child != wanted {
                return tokens.skip(child);
            }
            *text = tokens.text(child)?;
            Ok(())
        })
    }

    /// Reads the element `name`, whose start tag was just read: if it is an `item`, for the text of one child.
    pub fn list(&mut self, name: &[u8], item: &[u8], wanted: &[u8], texts: &mut Vec<Cow<'w, str>>) -> Result<(), Stop> {
        if name != item {
            return self.skip(name);
        }
        let mut text = None;
        self.only(name, wanted, &mut text)?;
        texts.extend(text);
        Ok(())
    }

    /// Reads a `WARNING`, whose start tag was just read: only code 1980 or a URL means that there is more.
    pub fn warning(&mut self) -> Result<(), Stop> {
        let (mut code, mut url) = (None, None);
        self.children(b"WARNING", |tokens, name| {
            match name {
                b"CODE" => code = tokens.text(name)?,
                b"URL" => url = tokens.text(name)?,
                _ => tokens.skip(name)?,
            }
            Ok(())
        })?;
        self.warned.truncated |= url.is_some() || code.as_deref() == Some("1980");
        if let Some(query) = url.as_deref().and_then(query) {
            self.warned.next = Some(query);
        }
        Ok(())
    }
}

/// Scheme, host and path of the address are the server's business; inside CDATA some answers escape `&` once more.
fn query(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    Some(query.replace("&amp;", "&")).filter(|query| !query.is_empty())
}
