//! The form of a manifest, field by field: what a person sees, what stands when nobody says anything, what must stay hidden.

use crate::conform::report::Breach;
use crate::settings::Form;
use serde_json::{Map, Value, json};

/// The one dialect of the contract.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Words in the name of a field that are rarely in that of a plain one.
const HIDDEN: [&str; 10] =
    ["password", "passwd", "passphrase", "secret", "token", "key", "apikey", "credential", "credentials", "pin"];

/// Whether a form has a secret of this name.
pub fn is_secret(schema: &str, name: &str) -> bool {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    schema["properties"][name]["x-secret"] == json!(true)
}

/// Everything that is wrong with a form.
pub fn judge(schema: &str) -> Vec<Breach> {
    // The host says what makes it unusable; what follows is about those that it can use.
    if let Err(unlawful) = Form::read(schema) {
        return vec![Breach::new("a form that the host can use", unlawful.message)];
    }
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let mut flaws = Vec::new();
    if schema["type"] != json!("object") {
        flaws.push(Breach::new("a form of `\"type\": \"object\"`", format!("{}", schema["type"])));
    }
    if schema.get("$schema").is_some_and(|dialect| dialect != DIALECT) {
        flaws.push(Breach::new("a JSON Schema of 2020-12", format!("{}", schema["$schema"])));
    }
    fields(&schema, "", &mut flaws);
    flaws
}

fn fields(schema: &Value, at: &str, flaws: &mut Vec<Breach>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{at}/{name}");
        match field.as_object() {
            Some(object) => flaws.extend(judge_field(name, object).map(|flaw| flaw.at(format!("field {pointer}")))),
            None => {
                flaws.push(Breach::new("a schema for every field", field.to_string()).at(format!("field {pointer}")))
            }
        }
        fields(field, &pointer, flaws);
    }
}

fn judge_field(name: &str, field: &Map<String, Value>) -> impl Iterator<Item = Breach> {
    let is_text = |key: &str| field.get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let is_secret = field.get("x-secret") == Some(&json!(true));
    let title = (!is_text("title")).then(|| Breach::new("a `title`", "none"));
    let help = (!is_text("x-help")).then(|| Breach::new("an `x-help` of one or two sentences", "none"));
    let order = !field.get("x-order").is_some_and(Value::is_number);
    let order = order.then(|| Breach::new("an `x-order`, which is a number", "none"));
    let is_suspect = !field.contains_key("x-secret") && may_be_text(field) && looks_secret(name);
    let hidden = is_suspect.then(|| {
        let expected = "`\"x-secret\": true`, for its name is that of a secret; `\"x-secret\": false` when it is none";
        Breach::new(expected, "neither")
    });
    let default = field.get("default").and_then(|default| {
        if is_secret {
            return Some(Breach::new("no `default` for a secret", "one"));
        }
        let fits = jsonschema::draft202012::new(&Value::Object(field.clone())).is_ok_and(|form| form.is_valid(default));
        (!fits).then(|| Breach::new("a `default` that the field itself allows", default.to_string()))
    });
    [title, help, order, hidden, default].into_iter().flatten()
}

/// A number or a choice is no secret, whatever its name.
fn may_be_text(field: &Map<String, Value>) -> bool {
    let is_choice = ["enum", "oneOf", "const"].iter().any(|key| field.contains_key(*key));
    field.get("type").is_none_or(|kind| kind == "string") && !is_choice
}

/// Whether one of the words of a name is one of secrets: `api_key`, `clientSecret`.
fn looks_secret(name: &str) -> bool {
    let mut words = String::new();
    for letter in name.chars() {
        words.extend(letter.is_ascii_uppercase().then_some('_'));
        words.push(letter.to_ascii_lowercase());
    }
    words.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| HIDDEN.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, field: &str) -> String {
        format!(r#"{{"type":"object","properties":{{"{name}":{{"title":"T","x-help":"H.","x-order":1,{field}}}}}}}"#)
    }

    #[test]
    fn what_is_wrong_with_a_form_is_told() {
        let deep = r#""type":"object","properties":{"inner":{"type":"string"}}"#;
        for (schema, expected) in [
            (form("url", r#""type":"string","default":"x""#), vec![]),
            (form("days", r#""type":"integer","minimum":1,"default":30"#), vec![]),
            (form("days", r#""type":"integer","minimum":1,"default":0"#), vec!["a `default` that"]),
            (form("password", r#""type":"string","x-secret":true"#), vec![]),
            (form("password", r#""type":"string","x-secret":true,"default":"x""#), vec!["no `default`"]),
            (form("password", r#""type":"string""#), vec!["`\"x-secret\": true`"]),
            (form("clientSecret", r#""type":"string""#), vec!["`\"x-secret\": true`"]),
            (form("monkey", r#""type":"string""#), vec![]),
            (form("key_length", r#""type":"integer""#), vec![]),
            (form("key_name", r#""type":"string","x-secret":false"#), vec![]),
            (form("more", deep), vec!["a `title`", "an `x-help`", "an `x-order`"]),
            (form("url", r#""type":"string""#).replace("\"H.\"", "\" \""), vec!["an `x-help`"]),
            (form("url", r#""type":"string""#).replace(":1", ":\"1\""), vec!["an `x-order`"]),
            (form("url", r#""type":"string""#).replace("{\"type\":\"object\",", "{"), vec!["a form of"]),
            ("{".into(), vec!["a form that the host can use"]),
            (form("url", r#""type":"wrong""#), vec!["a form that the host can use"]),
            (
                form("url", r#""type":"string""#).replacen(
                    '{',
                    r#"{"$schema":"http://json-schema.org/draft-07/schema#","#,
                    1,
                ),
                vec!["a JSON Schema of"],
            ),
        ] {
            let flaws = judge(&schema);
            let got: Vec<_> = flaws.iter().map(|flaw| flaw.expected.as_str()).collect();
            assert_eq!(got.len(), expected.len(), "{schema}: {got:?}");
            assert!(got.iter().zip(&expected).all(|(got, expected)| got.starts_with(expected)), "{schema}: {got:?}");
        }
    }
}
