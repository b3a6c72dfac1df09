//! `SIMPLE_RETURN` and `GENERIC_RETURN`: how Qualys says no, and sometimes yes, with any HTTP status.
//!
//! What a code means is decided elsewhere.

use super::xml::{Stop, Tokens};

/// What such an answer says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Return {
    /// `CODE`, or the `number` of a `GENERIC_RETURN`; absent when an action succeeded.
    pub code: Option<u32>,
    /// `TEXT`, for people.
    pub text: String,
    /// `SECONDS_TO_WAIT`, with code 1965.
    pub wait_secs: Option<u32>,
    /// `CALLS_TO_FINISH`, with code 1960.
    pub calls_to_finish: Option<u32>,
}

/// Whether a root element is one of the two.
pub(super) fn is_root(name: &[u8]) -> bool {
    matches!(name, b"SIMPLE_RETURN" | b"GENERIC_RETURN")
}

/// Reads the whole answer; the next token is its root.
pub(super) fn read(tokens: &mut Tokens<'_>) -> Result<Return, Stop> {
    let root = tokens.root()?;
    let mut found = Return::default();
    tokens.children(root, |tokens, name| match name {
        b"RESPONSE" => tokens.children(name, |tokens, name| response(tokens, name, &mut found)),
        b"RETURN" => {
            found.code = tokens.attribute("number").and_then(|number| number.parse().ok());
            found.text = tokens.text(name)?.unwrap_or_default().into_owned();
            Ok(())
        }
        _ => tokens.skip(name),
    })?;
    Ok(found)
}

fn response(tokens: &mut Tokens<'_>, name: &[u8], found: &mut Return) -> Result<(), Stop> {
    match name {
        b"CODE" => found.code = number(tokens, name)?,
        b"TEXT" => found.text = tokens.text(name)?.unwrap_or_default().into_owned(),
        b"ITEM_LIST" => tokens.children(name, |tokens, name| item(tokens, name, found))?,
        _ => tokens.skip(name)?,
    }
    Ok(())
}

fn item(tokens: &mut Tokens<'_>, name: &[u8], found: &mut Return) -> Result<(), Stop> {
    let (mut key, mut value) = (None, None);
    tokens.children(name, |tokens, name| {
        match name {
            b"KEY" => key = tokens.text(name)?,
            b"VALUE" => value = number(tokens, name)?,
            _ => tokens.skip(name)?,
        }
        Ok(())
    })?;
    match key.as_deref() {
        Some("SECONDS_TO_WAIT") => found.wait_secs = value,
        Some("CALLS_TO_FINISH") => found.calls_to_finish = value,
        _ => {}
    }
    Ok(())
}

fn number(tokens: &mut Tokens<'_>, name: &[u8]) -> Result<Option<u32>, Stop> {
    Ok(tokens.text(name)?.and_then(|text| text.parse().ok()))
}
