//! JSON answers, small ones: read as a whole, and what hides in those with status 200.
//!
//! They are looked up and not mapped to types: numbers come as texts, lists as their one element, and less code is a smaller component.
//! What streams is not read here.

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};
use serde_json::Value;
use serde_json::error::Category;

/// The most bytes that one such answer may have.
pub const BODY_BYTES_MAX: usize = 2 << 20;

/// Reads a whole answer.
pub fn read(body: &[u8]) -> Result<Value> {
    use ProblemKind::Unavailable;
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Eof => Error::new(Unavailable, "answer.cut", "the answer ended before it was complete"),
        _ => Error::new(Unavailable, "answer.not-json", "the answer is no JSON")
            .hint("A proxy, a sign-in page or maintenance may stand between here and Qualys."),
    })
}

/// It is JSON, of a shape that nobody asked for.
pub fn unknown(missing: &str) -> Error {
    Error::new(ProblemKind::Protocol, "answer.unknown", format!("the answer has no {missing}"))
}

/// A text; absent when it is empty.
pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A number that may be written as a text.
pub fn number(value: &Value, name: &str) -> Option<u64> {
    match value.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The elements of a list; one element may stand without a list around it.
pub fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(elements)) => elements,
        Some(Value::Object(element)) if !element.is_empty() => vec![Value::Object(element)],
        _ => Vec::new(),
    }
}

/// Why an answer is not what was asked for.
#[derive(Debug)]
pub enum Flaw {
    /// A `responseCode` other than `SUCCESS`, and what else was said.
    Word(String, String),
    /// It cannot be read.
    Unreadable(Error),
}

impl From<Error> for Flaw {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}

/// The records of a `ServiceResponse`, which says with status 200 that something went wrong: `responseCode` comes first.
pub fn records(body: &[u8]) -> std::result::Result<Vec<Value>, Flaw> {
    let mut answer = read(body)?;
    let response = answer.get_mut("ServiceResponse").ok_or_else(|| unknown("ServiceResponse"))?;
    match text(response, "responseCode") {
        Some("SUCCESS") => Ok(list(response.get_mut("data").map(Value::take))),
        Some(code) => {
            let details = response.get("responseErrorDetails").and_then(|details| text(details, "errorMessage"));
            Err(Flaw::Word(code.into(), details.unwrap_or_default().trim_end_matches('.').into()))
        }
        None => Err(unknown("responseCode").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_response_comes_before_its_records() {
        let success = |rest: &str| format!(r#"{{"ServiceResponse":{{"responseCode":"SUCCESS"{rest}}}}}"#);
        let refusal = r#"{"ServiceResponse":{"responseCode":"INVALID_REQUEST","responseErrorDetails":
            {"errorMessage":"Criteria: Invalid value.","errorResolution":"Specify a number."},"data":[{}]}}"#;
        for (body, expected) in [
            (success(r#","count":1,"hasMoreRecords":"false","data":[{"HostAsset":{"id":1}}]"#), Ok(1)),
            (success(r#","data":{"HostAsset":{"id":1}}"#), Ok(1)),
            (success(r#","count":0"#), Ok(0)),
            (success(r#","data":{}"#), Ok(0)),
            (success(r#","data":"""#), Ok(0)),
            (refusal.into(), Err("INVALID_REQUEST: Criteria: Invalid value")),
            (refusal.replace("errorMessage", "other"), Err("INVALID_REQUEST: ")),
            (success("")[..20].into(), Err("answer.cut")),
            ("<html>".into(), Err("answer.not-json")),
            ("{}".into(), Err("answer.unknown")),
            (r#"{"ServiceResponse":{}}"#.into(), Err("answer.unknown")),
        ] {
            let found = records(body.as_bytes()).map(|records| records.len()).map_err(|flaw| match flaw {
                Flaw::Word(code, words) => format!("{code}: {words}"),
                Flaw::Unreadable(error) => error.code.into(),
            });
            assert_eq!(found, expected.map_err(String::from), "{body}");
        }
    }

    #[test]
    fn numbers_may_be_texts_and_texts_may_be_empty() {
        let value = serde_json::json!({"a": 7, "b": " 8 ", "c": "x", "d": -1, "e": null, "f": " "});
        let numbers = ["a", "b", "c", "d", "e", "g"].map(|name| number(&value, name));
        assert_eq!(numbers, [Some(7), Some(8), None, None, None, None]);
        assert_eq!(["b", "f", "a", "g"].map(|name| text(&value, name)), [Some("8"), None, None, None]);
    }
}
