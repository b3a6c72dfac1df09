//! Expected lines against those that came out: which record is missing, too many, or differs in which field.
//!
//! Pure, and made for people: the answer to "are they equal" is that there is no difference.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// One difference between expected and actual lines.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// This record was expected and did not come.
    Missing(String),
    /// This record came and was not expected.
    Unexpected(String),
    /// A field of a record has another value.
    Changed {
        /// Stream and key of the record.
        record: String,
        /// The field, as a JSON pointer; empty when the line is written in another way.
        field: String,
        /// What was expected.
        expected: String,
        /// What came.
        actual: String,
    },
    /// The records are the same, and stand in another order or not as often.
    Order {
        /// The first line that differs, from 1.
        line: usize,
        /// The record expected there; empty for the end of the file.
        expected: String,
        /// The record that came; empty for the end of the file.
        actual: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_end = |record: &String| if record.is_empty() { "the end".to_owned() } else { record.clone() };
        match self {
            Self::Missing(line) => write!(f, "missing    {line}"),
            Self::Unexpected(line) => write!(f, "unexpected {line}"),
            Self::Changed { record, field, expected, actual } => {
                write!(f, "changed    {record} {field}\n  expected {expected}\n  came     {actual}")
            }
            Self::Order { line, expected, actual } => {
                write!(f, "line {line}: expected {}, came {}", or_end(expected), or_end(actual))
            }
        }
    }
}

/// Every difference, in the order of the expected lines, then of the unexpected ones.
pub fn compare(expected: &str, actual: &str) -> Vec<Difference> {
    if expected == actual {
        return Vec::new();
    }
    let (expected_records, actual_records) = (records(expected), records(actual));
    let mut differences = Vec::new();
    for (name, line) in &expected_records {
        match actual_records.get(name) {
            None => differences.push(Difference::Missing((*line).to_owned())),
            Some(actual) => differences.extend(changes(name, line, actual)),
        }
    }
    let unexpected = actual_records.iter().filter(|(name, _)| !expected_records.contains_key(*name));
    differences.extend(unexpected.map(|(_, line)| Difference::Unexpected((*line).to_owned())));
    if differences.is_empty() {
        differences.push(order(expected, actual));
    }
    differences
}

fn records(lines: &str) -> BTreeMap<String, &str> {
    lines.lines().map(|line| (name(line), line)).collect()
}

/// Stream and key; a line that is no record stands for itself, and so does a dropped one, which may share its key with others.
fn name(line: &str) -> String {
    let record: Value = serde_json::from_str(line).unwrap_or_default();
    let part = |name: &str| record.get(name).and_then(Value::as_str);
    match part("stream").zip(part("key")) {
        Some((stream, key)) if stream != "dropped" => format!("{stream} {key}"),
        _ => line.to_owned(),
    }
}

fn changes(record: &str, expected: &str, actual: &str) -> Vec<Difference> {
    if expected == actual {
        return Vec::new();
    }
    let changed =
        |(field, expected, actual)| Difference::Changed { record: record.to_owned(), field, expected, actual };
    let mut found = Vec::new();
    if let (Ok(expected), Ok(actual)) = (serde_json::from_str(expected), serde_json::from_str(actual)) {
        differing(&expected, &actual, String::new(), &mut found);
    }
    if found.is_empty() {
        found.push((String::new(), expected.to_owned(), actual.to_owned()));
    }
    found.into_iter().map(changed).collect()
}

/// The fields that differ, objects and lists of equal length taken apart.
fn differing(expected: &Value, actual: &Value, at: String, found: &mut Vec<(String, String, String)>) {
    let absent = || "nothing".to_owned();
    match (expected, actual) {
        (Value::Object(one), Value::Object(other)) => {
            let added = other.keys().filter(|name| !one.contains_key(*name));
            for name in one.keys().chain(added) {
                let at = format!("{at}/{name}");
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => differing(one, other, at, found),
                    (one, other) => found.push((
                        at,
                        one.map_or_else(absent, Value::to_string),
                        other.map_or_else(absent, Value::to_string),
                    )),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differing(one, other, format!("{at}/{index}"), found);
            }
        }
        _ if expected == actual => {}
        _ => found.push((at, expected.to_string(), actual.to_string())),
    }
}

fn order(expected: &str, actual: &str) -> Difference {
    let mut actual_lines = actual.lines();
    let mut line = 0;
    for expected in expected.lines() {
        line += 1;
        let actual = actual_lines.next().unwrap_or_default();
        if expected != actual {
            return Difference::Order { line, expected: name(expected), actual: name(actual) };
        }
    }
    Difference::Order {
        line: line + 1,
        expected: String::new(),
        actual: actual_lines.next().map(name).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"stream":"asset","key":"1","data":{"name":"a","tags":["x","y"]}}"#;
    const TWO: &str = r#"{"stream":"asset","key":"2","data":{}}"#;

    #[test]
    fn a_difference_names_record_and_field() {
        let renamed = ONE.replace("\"a\"", "\"b\"");
        let retagged = ONE.replace("\"y\"", "\"z\"");
        let shorter = ONE.replace(",\"y\"", "");
        let nameless = ONE.replace("\"name\":\"a\",", "");
        let spaced = TWO.replace(":{}", ": {}");
        let cases = [
            (vec![ONE, TWO], vec![ONE, TWO], vec![]),
            (vec![ONE, TWO], vec![ONE], vec![format!("missing    {TWO}")]),
            (vec![ONE], vec![ONE, TWO], vec![format!("unexpected {TWO}")]),
            (
                vec![ONE],
                vec![&renamed],
                vec!["changed    asset 1 /data/name\n  expected \"a\"\n  came     \"b\"".into()],
            ),
            (
                vec![ONE],
                vec![&retagged],
                vec!["changed    asset 1 /data/tags/1\n  expected \"y\"\n  came     \"z\"".into()],
            ),
            (
                vec![ONE],
                vec![&shorter],
                vec!["changed    asset 1 /data/tags\n  expected [\"x\",\"y\"]\n  came     [\"x\"]".into()],
            ),
            (
                vec![ONE],
                vec![&nameless],
                vec!["changed    asset 1 /data/name\n  expected \"a\"\n  came     nothing".into()],
            ),
            (vec![TWO], vec![&spaced], vec![format!("changed    asset 2 \n  expected {TWO}\n  came     {spaced}")]),
            (vec![ONE, TWO], vec![TWO, ONE], vec!["line 1: expected asset 1, came asset 2".into()]),
            (vec![ONE], vec![ONE, ONE], vec!["line 2: expected the end, came asset 1".into()]),
            (vec!["no json"], vec!["other"], vec!["missing    no json".into(), "unexpected other".into()]),
        ];
        for (expected, actual, differences) in cases {
            let got = compare(&expected.join("\n"), &actual.join("\n"));
            assert_eq!(got.iter().map(ToString::to_string).collect::<Vec<_>>(), differences, "{expected:?} {actual:?}");
        }
    }

    #[test]
    fn dropped_records_of_one_key_are_told_apart() {
        let [one, two, three] =
            [1, 2, 3].map(|number| format!(r#"{{"stream":"dropped","key":"","data":{{"location":"line {number}"}}}}"#));
        let got = compare(&format!("{one}\n{two}"), &format!("{two}\n{three}"));
        assert_eq!(got, [Difference::Missing(one), Difference::Unexpected(three)]);
    }

    #[test]
    fn a_missing_end_of_line_is_a_difference() {
        assert_eq!(compare("a\n", "a").len(), 1);
    }
}
