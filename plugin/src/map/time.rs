//! Times: the vendor's text to seconds, and back to RFC 3339.
//!
//! The vendor writes `YYYY-MM-DDThh:mm:ssZ`, which is RFC 3339; the `time` crate reads that without a format to parse.

use super::text::trimmed;
use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

/// Seconds since 1970; absent for what is not a time, such as an empty text or `N/A`.
pub fn seconds(text: &str) -> Option<i64> {
    OffsetDateTime::parse(trimmed(text), &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

/// The first of these that is a time.
pub fn first_seconds<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> Option<i64> {
    texts.into_iter().flatten().find_map(seconds)
}

/// The time in RFC 3339, in UTC; absent for years that have no four digits.
pub fn rfc3339(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// The vendor's text as RFC 3339 in UTC to the second; absent for what is not a time.
pub fn normal(text: &str) -> Option<String> {
    rfc3339(seconds(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_becomes_seconds() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-02T04:10:58Z", Some(1_772_424_658)),
            (" 2026-03-02T04:10:58Z\n", Some(1_772_424_658)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800)),
            ("2026-03-02T05:10:58+01:00", Some(1_772_424_658)),
            ("2026-03-02T04:10:58.999Z", Some(1_772_424_658)),
            ("2025-02-29T00:00:00Z", None),
            ("2026-13-02T04:10:58Z", None),
            ("2026-03-02T24:10:58Z", None),
            ("2026-03-02", None),
            ("2026-03-02T04:10:58", None),
            ("", None),
            ("N/A", None),
            ("0000-00-00T00:00:00Z", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(seconds(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn seconds_become_a_time() {
        let cases = [
            (0, Some("1970-01-01T00:00:00Z")),
            (1_772_424_658, Some("2026-03-02T04:10:58Z")),
            (-1, Some("1969-12-31T23:59:59Z")),
            (i64::MAX, None),
            (i64::MIN, None),
        ];
        for (seconds, wanted) in cases {
            assert_eq!(rfc3339(seconds).as_deref(), wanted, "{seconds}");
        }
    }

    #[test]
    fn the_first_text_that_is_a_time_wins() {
        let later = "1970-01-01T00:00:09Z";
        for texts in [[None, Some(later)], [Some("N/A"), Some(later)], [Some(later), Some("1970-01-01T00:00:01Z")]] {
            assert_eq!(first_seconds(texts), Some(9), "{texts:?}");
        }
        assert_eq!(first_seconds([None, Some("")]), None);
    }
}
