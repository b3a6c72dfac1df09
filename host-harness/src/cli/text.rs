//! Small texts for people: times, sizes, and lines that cannot disturb a terminal.

/// A text from a source on one line, its control characters replaced, so that nobody's data steers a terminal.
pub fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A line of at most `columns_max` characters; a longer one ends in an ellipsis.
pub fn cut(text: &str, columns_max: usize) -> String {
    console::truncate_str(&line(text), columns_max, "…").into_owned()
}

/// Words in lines of at most so many columns.
pub fn wrap(text: &str, columns_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= columns_max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Seconds since 1970 for people: `2026-03-02 06:00:00 UTC`.
pub fn time(secs: i64) -> String {
    rfc3339(secs).replace('T', " ").replace('Z', " UTC")
}

/// Seconds since 1970 for programs: `2026-03-02T06:00:00Z`.
pub fn rfc3339(secs: i64) -> String {
    jiff::Timestamp::from_second(secs).unwrap_or_default().to_string()
}

/// How many there are of something: `1 request`, `1,200 requests`.
pub fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", indicatif::HumanCount(number), if number == 1 { "" } else { "s" })
}

/// A span for people: `3 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`.
pub fn span(millis: u64) -> String {
    let secs = millis / 1000;
    match secs {
        0 if millis == 0 => "0 s".into(),
        0 => format!("{millis} ms"),
        1..60 => format!("{}.{} s", secs, millis % 1000 / 100),
        60..3600 => format!("{} min {} s", secs / 60, secs % 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_fine_as_they_need_to_be() {
        let cases = [
            (0, "0 s"),
            (3, "3 ms"),
            (1_250, "1.2 s"),
            (59_999, "59.9 s"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
        ];
        for (millis, expected) in cases {
            assert_eq!(span(millis), expected, "{millis}");
        }
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(time(1_772_431_200), "2026-03-02 06:00:00 UTC");
        assert_eq!(rfc3339(1_772_431_200), "2026-03-02T06:00:00Z");
    }

    #[test]
    fn a_line_is_one_line_and_not_too_long() {
        assert_eq!(line("a\nb\u{1b}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abc", 4), "abc");
    }
}
