//! Every way in which Qualys says "there is more", and the guards against going round in circles.
//!
//! A truncated answer carries a `WARNING` with an address.
//! That address may name another host and repeat only some of our parameters, none when we asked by POST.
//! So only what moves is taken from it, its `id_min`, and laid over our own request to our own host.

use super::xml::End;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};

/// Pages of one list that one attempt reads; a subscription of a million hosts in pages of 100 fits.
pub const PAGES_MAX: u32 = 20_000;

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Nowhere: it is complete.
    Over,
    /// At this `id_min`.
    From(u64),
    /// At the same page, once more: this time it led nowhere.
    Repeat,
}

/// Where the list goes on behind the page just read.
///
/// `asked` is the `id_min` it was asked with, `highest` the highest ID on it, `pages` how many were read.
/// A page whose next would not lie beyond both is read once more; an error when it was that already (`is_repeated`), or when there are too many.
pub fn next(end: &End, asked: Option<u64>, highest: Option<u64>, pages: u32, is_repeated: bool) -> Result<Next> {
    if !end.truncated {
        return Ok(Next::Over);
    }
    let next = end.next.as_deref().and_then(id_min).or_else(|| highest.and_then(|id| id.checked_add(1)));
    let is_beyond = |next| asked.is_none_or(|asked| next > asked) && highest.is_none_or(|highest| next > highest);
    match next {
        _ if pages >= PAGES_MAX => Err(stuck(format!("the list goes on after {pages} pages"))),
        Some(next) if is_beyond(next) => Ok(Next::From(next)),
        _ if !is_repeated => Ok(Next::Repeat),
        Some(next) => Err(stuck(format!("the next page begins at {next}, which was read already"))),
        None => Err(stuck("the list goes on, and nothing says where".into())),
    }
}

fn stuck(message: String) -> Error {
    Error::new(ProblemKind::Protocol, "paging.stuck", message)
        .hint("Try again; if it stays, report it with a recording.")
}

/// The `id_min` of a query; some answers escape its ampersands twice, so that an `amp;` is left of each.
fn id_min(query: &str) -> Option<u64> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let is_id_min = |name: &str| name.trim_start_matches("amp;") == "id_min";
    pairs.find(|(name, _)| is_id_min(name)).and_then(|(_, value)| value.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (truncated, query of the warning's address, asked, highest, where it goes on)
    type Case = (bool, Option<&'static str>, Option<u64>, Option<u64>, Next);

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (false, None,                                    None,    Some(9), Next::Over),
        (false, Some("id_min=12"),                       None,    Some(9), Next::Over),
        (true,  Some("action=list&id_min=12&x=1"),       None,    Some(9), Next::From(12)),
        (true,  Some("action=list&amp;id_min=12&amp;x"), None,    Some(9), Next::From(12)),
        (true,  Some("id_min=%2012%0A"),                 None,    Some(9), Next::From(12)),
        // All hosts of the portion were filtered away.
        (true,  Some("id_min=12"),                       Some(9), None,    Next::From(12)),
        (true,  Some("id_min=12"),                       Some(0), None,    Next::From(12)),
        (true,  None,                                    None,    Some(9), Next::From(10)),
        (true,  Some("action=list"),                     None,    Some(9), Next::From(10)),
        (true,  Some("id_min=garbled"),                  None,    Some(9), Next::From(10)),
        (true,  Some("id_min=9"),                        None,    Some(9), Next::Repeat),
        (true,  Some("id_min=5"),                        Some(5), None,    Next::Repeat),
        (true,  None,                                    None,    None,    Next::Repeat),
        (true,  None,                                    None,    Some(u64::MAX), Next::Repeat),
    ];

    #[test]
    fn a_truncated_page_names_the_next_or_is_read_once_more_and_then_an_error() {
        for case @ (truncated, query, asked, highest, expected) in CASES {
            let end = End { datetime: None, next: query.map(Into::into), truncated: *truncated };
            assert_eq!(next(&end, *asked, *highest, 1, false).unwrap(), *expected, "{case:?}");
            let repeated = next(&end, *asked, *highest, 1, true).map_err(|error| error.code);
            let expected = if *expected == Next::Repeat { Err("paging.stuck") } else { Ok(*expected) };
            assert_eq!(repeated, expected, "{case:?}, repeated");
        }
    }

    #[test]
    fn a_list_without_end_is_an_error() {
        let end = End { datetime: None, next: Some("id_min=12".into()), truncated: true };
        assert_eq!(next(&end, None, Some(9), PAGES_MAX, false).unwrap_err().code, "paging.stuck");
    }
}
