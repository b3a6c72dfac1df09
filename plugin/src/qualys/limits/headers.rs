//! What the headers of an answer say of the source's counters; absent, empty and garbled ones say nothing.

use crate::bindings::connector::contract::http::Head;

/// What the headers of one answer say; each field on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Calls allowed in a window, and its length in seconds: both, or neither is known.
    pub limit: Option<(u32, u32)>,
    /// Calls left in the window.
    pub remaining: Option<u32>,
    /// Calls that may run at once.
    pub parallel: Option<u32>,
    /// Seconds before the next call would pass.
    pub wait_secs: Option<u32>,
}

impl Said {
    /// Reads them.
    pub fn of(head: &Head) -> Self {
        let above_zero = |name| number(head, name).filter(|&number| number > 0);
        Self {
            limit: above_zero("x-ratelimit-limit").zip(above_zero("x-ratelimit-window-sec")),
            remaining: number(head, "x-ratelimit-remaining"),
            // The gateway writes it without the second hyphen.
            parallel: above_zero("x-concurrency-limit-limit").or(above_zero("x-concurrencylimit-limit")),
            wait_secs: above_zero("x-ratelimit-towait-sec"),
        }
    }
}

/// The window's length alone.
pub(super) fn window_secs(head: &Head) -> Option<u32> {
    number(head, "x-ratelimit-window-sec").filter(|&secs| secs > 0)
}

/// The wait that a proxy or the gateway names; a date there counts as nothing.
pub(super) fn retry_after_secs(head: &Head) -> Option<u32> {
    number(head, "retry-after").filter(|&secs| secs > 0)
}

/// Calls left, calls allowed, and the window in seconds, where the headers tell all three.
pub fn left(head: &Head) -> Option<(u32, u32, u32)> {
    let said = Said::of(head);
    let (limit, window_secs) = said.limit?;
    Some((said.remaining?, limit, window_secs))
}

/// A header that holds a number; `name` in lower case. A number beyond all bounds is a large one.
fn number(head: &Head, name: &str) -> Option<u32> {
    let value = head.headers.iter().find(|header| header.name == name)?.value.trim();
    value.parse::<u64>().ok().map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}
