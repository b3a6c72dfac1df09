//! How single fields join.

use crate::bindings::model::Property;
use std::cmp::Ordering;

/// The least; an absent value loses.
pub fn least(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

/// The greatest; an absent value loses.
pub fn greatest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.max(b)
}

/// The greatest score; an absent value loses.
pub fn score(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).max_by(f64::total_cmp)
}

/// The one zero: `-0.0` is not kept, because SQLite does not keep it either.
pub fn zero(number: f64) -> f64 {
    number + 0.0
}

/// The longest text, then the one of least bytes.
pub fn text(a: String, b: String) -> String {
    match a.len().cmp(&b.len()).then_with(|| b.cmp(&a)) {
        Ordering::Less => b,
        _ => a,
    }
}

/// The longest text, then the one of least bytes; an absent one loses.
pub fn optional(a: Option<String>, b: Option<String>) -> Option<String> {
    either(a, b, text)
}

/// What is given; both go through `join`.
pub fn either<T>(a: Option<T>, b: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (a, b) => a.or(b),
    }
}

/// Every element that differs, in order.
pub fn union<T>(mut a: Vec<T>, b: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if !b.is_empty() {
        a.extend(b);
        sort(&mut a, order);
    }
    a
}

/// Sorts a list and removes its duplicates.
pub fn sort<T>(list: &mut Vec<T>, order: impl Fn(&T, &T) -> Ordering) {
    // Most lists come so.
    if !list.is_sorted_by(|a, b| order(a, b).is_lt()) {
        list.sort_by(&order);
        list.dedup_by(|a, b| order(a, b).is_eq());
    }
}

/// By name, then value.
pub fn by_property(a: &Property, b: &Property) -> Ordering {
    (&a.name, &a.value).cmp(&(&b.name, &b.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_wins_then_the_least_bytes() {
        let cases = [("a", "bb", "bb"), ("ba", "ab", "ab"), ("ä", "b", "ä"), ("same", "same", "same"), ("", "a", "a")];
        for (a, b, expected) in cases {
            assert_eq!(text(a.into(), b.into()), expected, "{a:?} and {b:?}");
            assert_eq!(text(b.into(), a.into()), expected, "{b:?} and {a:?}");
        }
    }

    #[test]
    fn an_absent_value_loses() {
        assert_eq!(least(None, Some(7)), Some(7));
        assert_eq!(least(Some(3), Some(-7)), Some(-7));
        assert_eq!(greatest(None, Some(-7)), Some(-7));
        assert_eq!(score(Some(0.0), None), Some(0.0));
        assert_eq!(score(Some(0.0), Some(9.8)), Some(9.8));
        assert_eq!(optional(None, Some("a".into())), Some("a".into()));
    }
}
