//! A connector's form: what a tenant's settings become before the connector sees them.
//!
//! It knows JSON Schema and secrets, and nothing of what a setting means.

mod words;

use crate::bindings::configure::{Manifest, SecretSource};
use crate::bindings::problems::{Problem, ProblemKind};
use crate::http::secrets::Secrets;
use crate::outcome::Unlawful;
use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

/// Longest form, in bytes.
const SCHEMA_BYTES_MAX: usize = 256 << 10;

/// What a connector is, with its form ready for use.
#[derive(Debug)]
pub struct Described {
    /// What it is.
    pub manifest: Manifest,
    /// Its form.
    pub form: Form,
}

impl Described {
    /// Takes a manifest; refuses one whose form cannot be used, or that uses secrets that the form does not have.
    pub fn new(manifest: Manifest) -> Result<Self, Unlawful> {
        if manifest.name.is_empty() || manifest.version.is_empty() {
            return Err(unlawful("the manifest has an empty name or version"));
        }
        let form = Form::read(&manifest.settings_schema)?;
        for secret_use in &manifest.secret_uses {
            if let SecretSource::Setting(name) = &secret_use.secret
                && !form.is_secret(name)
            {
                return Err(unlawful(format!("the manifest uses `{name}`, which is not a secret setting")));
            }
        }
        Ok(Self { manifest, form })
    }
}

/// A settings form: a JSON Schema (2020-12) of an object, each property a setting.
#[derive(Debug)]
pub struct Form {
    schema: Value,
    validator: Validator,
}

impl Form {
    /// Reads it. Nothing is ever fetched for it.
    pub fn read(schema: &str) -> Result<Self, Unlawful> {
        if schema.len() > SCHEMA_BYTES_MAX {
            return Err(unlawful(format!("the settings schema is longer than {SCHEMA_BYTES_MAX} bytes")));
        }
        let schema: Value = serde_json::from_str(schema)
            .map_err(|error| unlawful(format!("the settings schema is not JSON: {error}")))?;
        if !schema["properties"].is_object() {
            return Err(unlawful("the settings schema has no properties"));
        }
        // References could make the validator run in circles, and a form that a person fills in needs none.
        if contains(&schema, &|name, _| matches!(name, "$ref" | "$dynamicRef")) {
            return Err(unlawful("the settings schema refers to other schemas; write them out"));
        }
        // A pattern of the connector's must not be able to keep the host busy, hence the engine that never backtracks.
        let options = jsonschema::draft202012::options().with_pattern_options(PatternOptions::regex());
        let validator = options
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| unlawful(format!("the settings schema is not one: {}", error.masked())))?;
        let form = Self { schema, validator };
        form.must_keep_secrets_on_top()?;
        Ok(form)
    }

    /// The schema.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Gives the JSON that `configure` takes: defaults put in, secrets marked as set; or every problem at once.
    pub fn complete(&self, settings: &Map<String, Value>, secrets: &Secrets) -> Result<String, Vec<Problem>> {
        let mut problems = self.misplaced(settings, secrets);
        let mut filled: Map<_, _> = settings.iter().filter(|(name, _)| !self.is_secret(name)).map(owned).collect();
        defaults(&self.schema, &mut filled);
        // The schema is about the secrets themselves, so they are checked as they are; no word of a problem quotes them.
        let mut whole = filled.clone();
        for name in secrets.names().filter(|name| self.is_secret(name)) {
            whole.insert(name.into(), json!(secrets.get(name)));
            filled.insert(name.into(), json!({ "secret": true }));
        }
        for error in self.validator.iter_errors(&Value::Object(whole)) {
            words::problems(self, &error, &mut problems);
        }
        // A secret in the wrong place is there, so it is not missing as well.
        let mut fields = std::collections::BTreeSet::new();
        problems.retain(|problem| fields.insert(problem.field.clone()) || problem.field.is_none());
        if problems.is_empty() { Ok(Value::Object(filled).to_string()) } else { Err(problems) }
    }

    fn misplaced(&self, settings: &Map<String, Value>, secrets: &Secrets) -> Vec<Problem> {
        let plain = settings.keys().filter(|name| self.is_secret(name)).map(|name| {
            let message = format!("`{name}` is a secret, and was given as plain text");
            problem(name, message, "Give it from the environment or from a file, so that it is in no settings file.")
        });
        let known = |name: &&str| self.setting(name).is_some() && !self.is_secret(name);
        let hidden = secrets.names().filter(known).map(|name| {
            let message = format!("`{name}` is not a secret, and was given as one");
            problem(name, message, "Write its value among the settings.")
        });
        plain.chain(hidden).collect()
    }

    fn setting(&self, name: &str) -> Option<&Value> {
        self.schema["properties"].get(name)
    }

    fn is_secret(&self, name: &str) -> bool {
        self.setting(name).is_some_and(|setting| setting["x-secret"] == json!(true))
    }

    /// A secret that stood deeper could not be told from a plain setting, and would reach the connector.
    fn must_keep_secrets_on_top(&self) -> Result<(), Unlawful> {
        let is_secret = |name: &str, value: &Value| name == "x-secret" && *value == json!(true);
        let mut rest = self.schema.clone();
        let Some(settings) = rest["properties"].as_object_mut() else { return Ok(()) };
        for (name, setting) in settings.iter_mut().filter(|(_, setting)| setting["x-secret"] == json!(true)) {
            if setting["type"] != json!("string") {
                return Err(unlawful(format!("the secret setting `{name}` is not a string")));
            }
            if let Some(setting) = setting.as_object_mut() {
                setting.remove("x-secret");
            }
        }
        if contains(&rest, &is_secret) {
            return Err(unlawful("the settings schema has a secret inside another setting"));
        }
        Ok(())
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Puts in what was not given: a default, or an object made of defaults that needs nothing more.
fn defaults(schema: &Value, object: &mut Map<String, Value>) {
    for (name, setting) in schema["properties"].as_object().into_iter().flatten() {
        if setting["x-secret"] == json!(true) {
            continue;
        }
        match object.get_mut(name) {
            Some(Value::Object(inner)) => defaults(setting, inner),
            Some(_) => {}
            None => object.extend(default(setting).map(|value| (name.clone(), value))),
        }
    }
}

fn default(setting: &Value) -> Option<Value> {
    if let Some(value) = setting.get("default") {
        return Some(value.clone());
    }
    let mut inner = Map::new();
    defaults(setting, &mut inner);
    let required = setting["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let is_whole = required.into_iter().all(|name| inner.contains_key(name));
    (is_whole && !inner.is_empty()).then_some(Value::Object(inner))
}

fn contains(value: &Value, wanted: &impl Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(name, value)| wanted(name, value) || contains(value, wanted)),
        Value::Array(values) => values.iter().any(|value| contains(value, wanted)),
        _ => false,
    }
}

fn problem(name: &str, message: impl Into<String>, hint: impl Into<Option<&'static str>>) -> Problem {
    Problem {
        kind: ProblemKind::Settings,
        code: format!("settings.{}", name.replace('_', "-")),
        message: message.into(),
        hint: hint.into().map(str::to_owned),
        field: Some(format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
        retry_after_secs: None,
    }
}

fn unlawful(message: impl Into<String>) -> Unlawful {
    Unlawful { law: "configure", message: message.into() }
}

#[cfg(test)]
mod tests;
