//! The settings form: a connector's JSON Schema as a list of fields, in the order a person fills them in.

use anyhow::Context;
use serde_json::{Map, Value};

/// One field of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As it is written in a file.
    pub name: String,
    /// As people call it.
    pub title: String,
    /// One or two sentences of Markdown; may be empty.
    pub help: String,
    /// What it is, in one word: `text`, `number`, `yes or no`, `list`.
    pub kind: &'static str,
    /// What stands when nobody says anything.
    pub default: Option<Value>,
    /// The only values it may have, each with its title; empty when it is free.
    pub choices: Vec<(Value, Option<String>)>,
    /// A value as it may look.
    pub example: Option<Value>,
    /// Its value never reaches the connector.
    pub secret: bool,
    /// It must be given.
    pub required: bool,
    /// Few people need it.
    pub advanced: bool,
}

/// Reads the form out of a schema.
pub fn fields(schema: &str) -> anyhow::Result<Vec<Field>> {
    let schema: Value = serde_json::from_str(schema).context("reading the settings schema")?;
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut ordered: Vec<_> = properties
        .iter()
        .filter_map(|(name, property)| Some((name, property.as_object()?)))
        .map(|(name, property)| (order(property), field(name, property, required.iter().any(|r| r == name))))
        .collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    Ok(ordered.into_iter().map(|(_, field)| field).collect())
}

fn order(property: &Map<String, Value>) -> f64 {
    property.get("x-order").and_then(Value::as_f64).unwrap_or(f64::MAX)
}

fn field(name: &str, property: &Map<String, Value>, required: bool) -> Field {
    Field {
        name: name.to_owned(),
        title: text(property, "title").unwrap_or(name).to_owned(),
        help: text(property, "x-help").or_else(|| text(property, "description")).unwrap_or_default().to_owned(),
        kind: kind(property),
        default: property.get("default").cloned(),
        choices: choices(property),
        example: property.get("examples").and_then(Value::as_array).and_then(|all| all.first()).cloned(),
        secret: property.get("x-secret") == Some(&Value::Bool(true)),
        required,
        advanced: property.get("x-advanced") == Some(&Value::Bool(true)),
    }
}

fn text<'a>(property: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    property.get(key).and_then(Value::as_str)
}

fn kind(property: &Map<String, Value>) -> &'static str {
    match text(property, "type") {
        Some("integer" | "number") => "number",
        Some("boolean") => "yes or no",
        Some("array") => "list",
        Some("object") => "table",
        _ => "text",
    }
}

/// Choices stand as `enum`, or as `oneOf` with a `const` and a title each; those of a list stand in its `items`.
fn choices(property: &Map<String, Value>) -> Vec<(Value, Option<String>)> {
    if let Some(items) = property.get("items").and_then(Value::as_object) {
        return choices(items);
    }
    let list = |key: &str| property.get(key).and_then(Value::as_array).into_iter().flatten();
    let titled = list("oneOf").filter_map(Value::as_object).filter_map(|choice| {
        let title = text(choice, "title").map(str::to_owned);
        choice.get("const").map(|value| (value.clone(), title))
    });
    list("enum").map(|value| (value.clone(), None)).chain(titled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_their_order_with_all_that_is_said_of_them() {
        let schema = r#"{"type":"object","required":["url"],"properties":{
            "last":{"type":"integer","default":30,"examples":[7,8],"x-advanced":true},
            "mode":{"type":"string","title":"Mode","x-order":2,"default":"a","oneOf":[{"const":"a","title":"All"},{"const":"b"}]},
            "url":{"type":"string","title":"Address","x-help":"Where.","x-order":1},
            "key":{"type":"string","title":"Key","x-order":10,"x-secret":true,"enum":["x"]}}}"#;
        let got = fields(schema).unwrap();
        assert_eq!(got.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["url", "mode", "key", "last"]);
        let url = &got[0];
        assert_eq!(
            (url.title.as_str(), url.help.as_str(), url.required, url.secret),
            ("Address", "Where.", true, false)
        );
        assert_eq!(got[1].choices, [("a".into(), Some("All".to_owned())), ("b".into(), None)]);
        assert_eq!((got[2].secret, &got[2].choices), (true, &vec![("x".into(), None)]));
        assert_eq!((got[3].advanced, &got[3].example, got[0].advanced), (true, &Some(7.into()), false));
        assert_eq!((got[3].title.as_str(), got[3].kind, &got[3].default), ("last", "number", &Some(30.into())));
    }

    #[test]
    fn choices_of_a_list_stand_in_its_items() {
        let schema = r#"{"properties":{"levels":{"type":"array","items":{"enum":[1,2]}}}}"#;
        let got = fields(schema).unwrap();
        assert_eq!((got[0].kind, got[0].choices.len()), ("list", 2));
    }

    #[test]
    fn a_schema_that_is_no_json_says_what_was_read() {
        assert!(fields("{").unwrap_err().to_string().contains("settings schema"));
    }
}
