//! Values that a schema may allow and that hardly mean anything.

use crate::settings::Form;
use crate::tenant::Tenant;
use serde_json::{Value, json};
use std::fmt;

/// Texts that are no address, no name, no date and no number.
const TEXTS: [&str; 6] = [" ", "\u{1}", "%", "://", "no such thing", "~"];

/// One field with a value that hardly means anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Garbage {
    /// The field.
    pub name: String,
    /// Its value; absent when it is left out.
    pub value: Option<Value>,
}

impl fmt::Display for Garbage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = {value}", self.name),
            None => write!(f, "{} left out", self.name),
        }
    }
}

impl Garbage {
    /// What a field is tried with: values of its type, then none at all. A secret is left out, since nobody sees its value.
    pub fn of(form: &Form, name: &str) -> Vec<Self> {
        let field = &form.schema()["properties"][name];
        let is_secret = field["x-secret"] == json!(true);
        let values = if is_secret { vec![] } else { values(field) };
        let garbage = |value| Self { name: name.to_owned(), value };
        values.into_iter().map(Some).chain([None]).map(garbage).collect()
    }

    /// A tenant's settings with this in them.
    pub fn in_place(&self, tenant: &Tenant) -> Tenant {
        let mut tenant = tenant.clone();
        match &self.value {
            Some(value) => drop(tenant.settings.insert(self.name.clone(), value.clone())),
            None => {
                tenant.settings.remove(&self.name);
                tenant.secrets.remove(&self.name);
            }
        }
        tenant
    }
}

/// The fields of a form.
pub fn names(form: &Form) -> Vec<String> {
    form.schema()["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
}

fn values(field: &Value) -> Vec<Value> {
    match field["type"].as_str() {
        Some("integer") => vec![json!(0), json!(-1), json!(u32::MAX), json!(i64::MAX)],
        Some("number") => vec![json!(0), json!(-1.5), json!(1e300)],
        Some("array") => [vec![], values(&field["items"])].into_iter().map(Value::Array).collect(),
        Some("object") => vec![json!({})],
        Some("boolean") => vec![],
        _ => TEXTS.into_iter().map(Value::from).collect(),
    }
}

/// Whether a JSON pointer leads to a field of a schema.
pub fn leads_somewhere(schema: &Value, pointer: &str) -> bool {
    let Some(path) = pointer.strip_prefix('/') else { return false };
    let step = |schema: &'_ Value, part: &str| -> Option<Value> {
        let name = part.replace("~1", "/").replace("~0", "~");
        let is_index = part.parse::<u32>().is_ok();
        let items = schema.get("items").filter(|_| is_index);
        schema["properties"].get(name).or(items).cloned()
    };
    path.split('/').try_fold(schema.clone(), |schema, part| step(&schema, part)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = r#"{"type":"object","properties":{
        "url":{"type":"string"},"a/b":{"type":"integer"},"password":{"type":"string","x-secret":true},
        "list":{"type":"array","items":{"type":"integer"}},"more":{"type":"object","properties":{"deep":{}}}}}"#;

    #[test]
    fn a_field_gets_values_of_its_type_and_a_secret_none() {
        let form = Form::read(FORM).unwrap();
        assert_eq!(names(&form).len(), 5);
        for (name, values) in [("url", TEXTS.len()), ("a/b", 4), ("password", 0), ("list", 2), ("more", 1)] {
            let garbage = Garbage::of(&form, name);
            assert_eq!(garbage.len(), values + 1, "{name}: {garbage:?}");
            assert_eq!(garbage.last().map(|garbage| garbage.value.is_none()), Some(true), "{name}");
        }
    }

    #[test]
    fn pointers_lead_to_fields_or_nowhere() {
        let schema: Value = serde_json::from_str(FORM).unwrap();
        for (pointer, leads) in [
            ("/url", true),
            ("/a~1b", true),
            ("/list/0", true),
            ("/more/deep", true),
            ("url", false),
            ("/", false),
            ("/urls", false),
            ("/url/0", false),
            ("/list/first", false),
            ("", false),
        ] {
            assert_eq!(leads_somewhere(&schema, pointer), leads, "{pointer}");
        }
    }
}
