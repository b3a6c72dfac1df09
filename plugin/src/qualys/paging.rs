//! Every way in which Qualys says "there is more", and the guards against going round in circles.
//!
//! A truncated answer carries a `WARNING` with an address.
//! That address may name another host and repeat only some parameters, so only its `id_min` is used, on our own request.

use super::xml::End;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};

/// Pages of one list that one attempt reads; a subscription of a million hosts in pages of 100 fits.
pub const PAGES_MAX: u32 = 20_000;

/// The `id_min` of the next page, or none when the list is complete.
///
/// `asked` is the `id_min` of the page just read, `highest` the highest ID on it.
/// `pages` is how many were read. An error when the next page would not lie beyond both, or is one too many.
pub fn next(end: &End, asked: Option<u64>, highest: Option<u64>, pages: u32) -> Result<Option<u64>> {
    if !end.truncated {
        return Ok(None);
    }
    let next = end.next.as_deref().and_then(id_min).or_else(|| highest.map(|id| id + 1));
    match next {
        _ if pages >= PAGES_MAX => Err(stuck(format!("the list goes on after {pages} pages"))),
        Some(next) if asked.is_none_or(|asked| next > asked) && highest.is_none_or(|highest| next > highest) => {
            Ok(Some(next))
        }
        Some(next) => Err(stuck(format!("the next page begins at {next}, which was read already"))),
        None => Err(stuck("the list goes on, and nothing says where".into())),
    }
}

fn stuck(message: String) -> Error {
    Error::new(ProblemKind::Protocol, "paging.stuck", message)
        .hint("Try again; if it stays, report it with a recording.")
}

fn id_min(query: &str) -> Option<u64> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "id_min").and_then(|(_, value)| value.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (truncated, query of the warning's address, asked, highest, next or error code)
    type Case = (bool, Option<&'static str>, Option<u64>, Option<u64>, std::result::Result<Option<u64>, &'static str>);

    const CASES: &[Case] = &[
        (false, None, None, Some(9), Ok(None)),
        (true, Some("action=list&id_min=12&x=1"), None, Some(9), Ok(Some(12))),
        (true, Some("id_min=12"), Some(9), None, Ok(Some(12))),
        (true, None, None, Some(9), Ok(Some(10))),
        (true, Some("action=list"), None, Some(9), Ok(Some(10))),
        (true, Some("id_min=9"), None, Some(9), Err("paging.stuck")),
        (true, Some("id_min=5"), Some(5), None, Err("paging.stuck")),
        (true, None, None, None, Err("paging.stuck")),
    ];

    #[test]
    fn a_truncated_page_names_the_next_or_is_an_error() {
        for case @ (truncated, query, asked, highest, expected) in CASES {
            let end = End { datetime: None, next: query.map(Into::into), truncated: *truncated };
            let next = next(&end, *asked, *highest, 1).map_err(|error| error.code);
            assert_eq!(next, *expected, "{case:?}");
        }
    }

    #[test]
    fn a_list_without_end_is_an_error() {
        let end = End { datetime: None, next: Some("id_min=12".into()), truncated: true };
        assert_eq!(next(&end, None, Some(9), PAGES_MAX).unwrap_err().code, "paging.stuck");
    }
}
