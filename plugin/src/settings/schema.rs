//! The form a person fills in: a JSON Schema that also holds every default and bound, so that each stands once.
//!
//! This is no validator; the host checks settings against the schema before the connector sees them.

use serde_json::Value;

/// The schema as it is published.
pub const TEXT: &str = include_str!("schema.json");

/// The schema, to be asked for one field at a time.
pub struct Schema(Value);

impl Schema {
    /// Reads the schema that is built in.
    pub fn built_in() -> Self {
        Self(serde_json::from_slice(TEXT.as_bytes()).unwrap_or_default())
    }

    /// Whether there is such a field.
    pub fn has(&self, name: &str) -> bool {
        self.of(name, "type").is_some()
    }

    /// Whether the field must be filled in.
    pub fn requires(&self, name: &str) -> bool {
        self.0["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
    }

    /// What people call the field.
    pub fn title(&self, name: &str) -> &str {
        self.of(name, "title").and_then(Value::as_str).unwrap_or_default()
    }

    /// What counts when the field is left empty.
    pub fn default(&self, name: &str) -> Option<Value> {
        self.of(name, "default").cloned()
    }

    /// Least and greatest value of a number.
    pub fn bounds(&self, name: &str) -> (u64, u64) {
        let bound = |word, without| self.of(name, word).and_then(Value::as_u64).unwrap_or(without);
        (bound("minimum", 0), bound("maximum", u64::MAX))
    }

    /// The values of a choice, in the order of the form.
    pub fn choices(&self, name: &str) -> Vec<&str> {
        let choices = self.of(name, "oneOf").and_then(Value::as_array);
        choices.into_iter().flatten().filter_map(|choice| choice["const"].as_str()).collect()
    }

    fn of(&self, name: &str, word: &str) -> Option<&Value> {
        self.0["properties"].get(name)?.get(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_says_what_a_form_needs() {
        let schema: Value = serde_json::from_str(TEXT).expect("the schema is JSON");
        assert_eq!(schema["additionalProperties"], false);
        let fields = schema["properties"].as_object().expect("the schema has properties");
        for (name, field) in fields {
            for word in ["title", "x-help", "type"] {
                assert!(field[word].as_str().is_some_and(|text| !text.trim().is_empty()), "{name} has no {word}");
            }
            assert!(field["x-order"].is_u64(), "{name} has no x-order");
            assert!(field["x-secret"].is_boolean(), "{name} does not say whether it is secret");
            assert!(field["x-secret"] == (name == "password"), "{name} has the wrong x-secret");
            let may_be_absent = Schema::built_in().requires(name) || name == "gateway";
            assert_eq!(field.get("default").is_none(), may_be_absent, "{name}: required or a default, not both");
        }
        let orders: BTreeSet<_> = fields.values().map(|field| field["x-order"].as_u64()).collect();
        assert_eq!(orders.len(), fields.len(), "two fields have one x-order");
    }

    #[test]
    fn a_field_is_asked_by_its_name() {
        let schema = Schema::built_in();
        assert!(schema.has("compliance") && schema.has("gateway") && !schema.has("colour"));
        assert!(schema.requires("password") && !schema.requires("gateway"));
        assert_eq!(schema.title("api_server"), "API server URL");
        assert_eq!(schema.default("reserve_percent"), Some(Value::from(10)));
        assert_eq!(schema.default("gateway"), None);
        assert_eq!(schema.bounds("slice_hosts"), (1, 10_000));
        assert_eq!(schema.choices("api_generation"), ["auto", "2.0", "current"]);
    }
}
