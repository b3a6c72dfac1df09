//! What a form makes of settings, and what it says of them.

use super::*;

const FORM: &str = r#"{
    "type": "object", "additionalProperties": false, "required": ["server", "token"],
    "properties": {
        "server": { "type": "string", "minLength": 1, "pattern": "^[^:]+$", "x-help": "The server's name." },
        "token": { "type": "string", "x-secret": true, "minLength": 8, "pattern": "^[a-z]+$" },
        "spare": { "type": "string", "x-secret": true, "default": "never put in" },
        "days": { "type": "integer", "minimum": 0, "maximum": 90, "default": 30 },
        "mode": { "default": "fast", "oneOf": [{ "const": "fast" }, { "const": "slow" }] },
        "parts": { "type": "array", "maxItems": 2, "items": { "type": "integer" } },
        "more": { "type": "object", "properties": { "size": { "type": "integer", "default": 5 }, "name": { "type": "string" } } },
        "rest": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" }, "n": { "default": 1 } } }
    }
}"#;

fn complete(settings: Value, secrets: &[(&str, &str)]) -> Result<Value, Vec<Problem>> {
    let mut given = Secrets::default();
    secrets.iter().for_each(|(name, value)| given.insert(*name, *value));
    let completed = Form::read(FORM).unwrap().complete(settings.as_object().unwrap(), &given);
    completed.map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn defaults_are_put_in_and_secrets_marked() {
    let completed = complete(json!({ "server": "a", "more": { "name": "n" } }), &[("token", "abcdefgh")]).unwrap();
    assert_eq!(
        completed,
        json!({
            "server": "a", "token": { "secret": true }, "days": 30, "mode": "fast", "more": { "name": "n", "size": 5 }
        })
    );
    let absent = complete(json!({ "server": "a" }), &[("token", "abcdefgh")]).unwrap();
    assert_eq!(absent["more"], json!({ "size": 5 }), "an object of defaults alone");
    assert_eq!(absent.get("rest"), None, "an object that needs more");
}

#[test]
fn every_problem_has_its_field_and_says_what_to_do() {
    let good = ("token", "abcdefgh");
    for (settings, secrets, expected) in [
        (json!({}), vec![], vec![("/server", "`server` is missing"), ("/token", "`token` is missing")]),
        (json!({ "server": "" }), vec![good], vec![("/server", "`server` must not be empty")]),
        (json!({ "server": 1 }), vec![good], vec![("/server", "`server` must be a text")]),
        (
            json!({ "server": "a:b" }),
            vec![good],
            vec![("/server", "`server` is \"a:b\", which does not have the form")],
        ),
        (json!({ "server": "a", "days": 91 }), vec![good], vec![("/days", "`days` is 91, and may be at most 90")]),
        (json!({ "server": "a", "days": 1.5 }), vec![good], vec![("/days", "`days` must be a whole number")]),
        (
            json!({ "server": "a", "mode": "fsat" }),
            vec![good],
            vec![("/mode", "`mode` is \"fsat\", which is none of the choices")],
        ),
        (
            json!({ "server": "a", "parts": [1, "x"] }),
            vec![good],
            vec![("/parts/1", "`parts/1` must be a whole number")],
        ),
        (
            json!({ "server": "a", "srever": "b" }),
            vec![good],
            vec![("/srever", "`srever` is not a setting of this connector")],
        ),
        (
            json!({ "server": "a", "token": "abcdefgh" }),
            vec![],
            vec![("/token", "`token` is a secret, and was given as plain text")],
        ),
        (
            json!({ "server": "a", "token": { "secret": true } }),
            vec![],
            vec![("/token", "`token` is a secret, and was given")],
        ),
        (json!({}), vec![("server", "a"), good], vec![("/server", "`server` is not a secret, and was given as one")]),
        (json!({ "server": "a" }), vec![("token", "HIDDEN")], vec![("/token", "`token` is too short")]),
    ] {
        let problems = complete(settings.clone(), &secrets).unwrap_err();
        let found: Vec<_> = problems.iter().map(|p| (p.field.as_deref().unwrap(), p.message.as_str())).collect();
        assert_eq!(found.len(), expected.len(), "{settings}: {found:?}");
        for ((field, message), (expected_field, expected_message)) in found.iter().zip(&expected) {
            assert_eq!(field, expected_field, "{settings}");
            assert!(message.starts_with(expected_message), "{settings}: {message}");
        }
        assert!(problems.iter().all(|p| p.hint.is_some()), "{settings} has no hint: {problems:?}");
        assert!(!format!("{problems:?}").contains("HIDDEN"), "{settings} shows a secret");
    }
}

#[test]
fn a_choice_names_the_choices() {
    let problems = complete(json!({ "server": "a", "mode": "fsat" }), &[("token", "abcdefgh")]).unwrap_err();
    assert_eq!(problems[0].hint.as_deref(), Some("Choose one of `fast`, `slow`."));
}

#[test]
fn a_form_that_cannot_be_used_is_the_connectors_fault() {
    for (schema, expected) in [
        ("{", "not JSON"),
        ("{}", "no properties"),
        (r#"{"properties":{"a":{"type":"wrong"}}}"#, "is not one"),
        (r##"{"properties":{"a":{"$ref":"#"}}}"##, "refers to other schemas"),
        (r#"{"properties":{"a":{"properties":{"b":{"x-secret":true}}}}}"#, "inside another setting"),
        (r#"{"properties":{"a":{"type":"integer","x-secret":true}}}"#, "is not a string"),
        (r#"{"properties":{"a":{"type":"string","pattern":"(a)\\1"}}}"#, "is not one"),
    ] {
        let error = Form::read(schema).unwrap_err();
        assert!(error.message.contains(expected), "{schema}: {error}");
    }
}
