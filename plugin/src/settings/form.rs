//! Reads one field after the other and gathers what is wrong with each, so that a person learns all of it at once.
//!
//! What the values mean together is not known here.

use super::choice::Choice;
use super::schema::Schema;
use crate::bindings::connector::contract::problems::{Problem, ProblemKind};
use serde_json::{Map, Value};

/// Settings as given, and what is wrong with them so far.
pub struct Form {
    schema: Schema,
    given: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Form {
    /// Reads the object; a name that the schema does not know is a problem of its own.
    pub fn open(json: &str) -> Result<Self, Problem> {
        let given = object(json).ok_or_else(|| {
            problem(None, "settings.json", "they are not a JSON object".into(), "Hand over one JSON object.".into())
        })?;
        let mut form = Self { schema: Schema::built_in(), given, problems: Vec::new() };
        let unknown: Vec<_> = form.given.keys().filter(|name| !form.schema.has(name)).cloned().collect();
        for name in unknown {
            form.complain(&name, "settings.unknown", "is not a setting", "Remove it, or correct its name.");
        }
        Ok(form)
    }

    /// Whether the field was filled in.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.get(name).is_some_and(|value| !value.is_null())
    }

    /// Everything that is wrong.
    pub fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Notes what is wrong with a field: a clause that goes on after the field's name, and what to do.
    pub fn complain(&mut self, name: &str, code: &str, clause: &str, hint: impl Into<String>) {
        self.problems.push(problem(Some(name), code, format!("{name} {clause}"), hint.into()));
    }

    /// A text without white space around it; absent, and complained of if need be, when there is none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        match value.as_str().map(str::trim) {
            Some("") => self.missing(name),
            Some(text) => Some(text.into()),
            None => self.mistyped(name, "a text"),
        }
    }

    /// A whole number within the schema's bounds.
    pub fn number(&mut self, name: &str) -> Option<u32> {
        let value = self.take(name)?;
        let Some(number) = whole(&value) else { return self.mistyped(name, "a whole number") };
        let (least, greatest) = self.schema.bounds(name);
        let fitting = u32::try_from(number).ok().filter(|_| (least..=greatest).contains(&number));
        if fitting.is_none() {
            let hint = format!("Choose a number from {least} to {greatest}.");
            self.complain(name, "settings.range", "is out of bounds", hint);
        }
        fitting
    }

    /// One of the choices of the schema.
    pub fn choice<T: Choice>(&mut self, name: &str) -> Option<T> {
        let chosen = self.take(name)?.as_str().and_then(T::of);
        if chosen.is_none() {
            let hint = format!("Choose one of: {}.", self.schema.choices(name).join(", "));
            self.complain(name, "settings.choice", "is none of the choices", hint);
        }
        chosen
    }

    /// Whole numbers of a list that may not be empty.
    pub fn numbers(&mut self, name: &str) -> Option<Vec<u64>> {
        let value = self.take(name)?;
        let numbers: Option<Vec<_>> = value.as_array().and_then(|list| list.iter().map(whole).collect());
        match numbers {
            Some(numbers) if numbers.is_empty() => self.missing(name),
            Some(numbers) => Some(numbers),
            None => self.mistyped(name, "a list of whole numbers"),
        }
    }

    /// Makes sure that a secret is set; its value never gets here.
    pub fn secret(&mut self, name: &str) {
        if self.take(name).is_some_and(|value| !is_marked(&value)) {
            let hint = "Keep its value, and hand over that it is set.";
            self.complain(name, "settings.secret", "is not marked as a secret", hint);
        }
    }

    /// What was given, or the default; nothing, with a complaint where the field is required, when there is neither.
    fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.given.remove(name).filter(|value| !value.is_null()).or_else(|| self.schema.default(name));
        if value.is_none() && self.schema.requires(name) {
            return self.missing(name);
        }
        value
    }

    fn missing<T>(&mut self, name: &str) -> Option<T> {
        let hint = format!("Fill in \"{}\".", self.schema.title(name));
        self.complain(name, "settings.missing", "is missing", hint);
        None
    }

    fn mistyped<T>(&mut self, name: &str, expected: &str) -> Option<T> {
        let hint = format!("Give {expected} for \"{}\".", self.schema.title(name));
        self.complain(name, "settings.type", &format!("is not {expected}"), hint);
        None
    }
}

/// JSON Schema calls `30.0` an integer as well.
/// `{"secret": true}`, which stands for a secret that is set.
fn is_marked(value: &Value) -> bool {
    value.as_object().is_some_and(|mark| mark.len() == 1 && mark.get("secret") == Some(&Value::Bool(true)))
}

fn object(json: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(json.as_bytes()) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<u64> {
    let integral = |float: &f64| float.fract() == 0.0 && (0.0..=9.0e15).contains(float);
    value.as_u64().or_else(|| value.as_f64().filter(integral).map(|float| float as u64))
}

fn problem(name: Option<&str>, code: &str, clause: String, hint: String) -> Problem {
    Problem {
        kind: ProblemKind::Settings,
        code: code.into(),
        message: format!("reading the settings: {clause}"),
        hint: Some(hint),
        field: name.map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
        retry_after_secs: None,
    }
}
