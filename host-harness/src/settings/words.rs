//! What a schema's verdict means to the person who fills in the form.
//!
//! A value is quoted only when it is short and no secret.

use super::{Form, problem};
use crate::bindings::problems::Problem;
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

/// Longest value that a message quotes, in bytes.
const QUOTED_BYTES_MAX: usize = 80;

/// Adds what an error means; one about the whole form may be about several settings.
pub fn problems(form: &Form, error: &ValidationError<'_>, problems: &mut Vec<Problem>) {
    let path = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            problems.push(at(form, &format!("{path}/{name}"), "is missing".into(), how_to_set(form, name)));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let message = "is not a setting of this connector".into();
                problems.push(at(form, &format!("{path}/{name}"), message, Some(known(form))));
            }
        }
        kind => {
            let (message, hint) = clause(kind, &quoted(form, error), field(form, path));
            problems.push(at(form, path, message, hint));
        }
    }
}

fn at(form: &Form, path: &str, message: String, hint: Option<String>) -> Problem {
    let field = path.trim_start_matches('/');
    if field.is_empty() {
        let hint = hint.or_else(|| Some("Look at the whole form: some settings do not go together.".into()));
        return Problem {
            field: None,
            code: "settings".into(),
            hint,
            ..problem("", format!("the form {message}"), None)
        };
    }
    let help = || form.setting(top(field)).and_then(|setting| setting["x-help"].as_str()).map(str::to_owned);
    let hint = hint.or_else(help).or_else(|| Some("Correct it.".into()));
    Problem { field: Some(path.into()), hint, ..problem(top(field), format!("`{field}` {message}"), None) }
}

fn clause(kind: &ValidationErrorKind, is: &str, setting: Option<&Value>) -> (String, Option<String>) {
    use ValidationErrorKind as Kind;
    let plain = |message: String| (message, None);
    match kind {
        Kind::Type { kind } => plain(format!("must be {}", type_words(kind))),
        Kind::Enum { .. } | Kind::Constant { .. } | Kind::OneOfNotValid { .. } | Kind::AnyOf { .. } => {
            (format!("{is}which is none of the choices"), setting.and_then(choices))
        }
        Kind::MinLength { limit: 1 } => plain("must not be empty".into()),
        Kind::MinLength { limit } => (format!("is too short, {limit} characters being the least"), None),
        Kind::MaxLength { limit } => (format!("is too long, {limit} characters being the most"), None),
        Kind::Pattern { pattern } => {
            let help = setting.and_then(|setting| setting["x-help"].as_str()).unwrap_or_default();
            let hint = format!("{help} It must match `{pattern}`.").trim_start().to_owned();
            (format!("{is}which does not have the form it must have"), Some(hint))
        }
        Kind::Format { format } => plain(format!("{is}which is not a valid {format}")),
        Kind::Minimum { limit } => {
            (format!("{is}and must be at least {limit}"), Some(format!("Give {limit} or more.")))
        }
        Kind::Maximum { limit } => (format!("{is}and may be at most {limit}"), Some(format!("Give {limit} or less."))),
        Kind::ExclusiveMinimum { limit } => plain(format!("{is}and must be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => plain(format!("{is}and must be less than {limit}")),
        Kind::MinItems { limit } => plain(format!("must have at least {limit} entries")),
        Kind::MaxItems { limit } => plain(format!("may have at most {limit} entries")),
        Kind::UniqueItems => ("names something twice".into(), Some("Give each entry once.".into())),
        other => plain(format!("does not fit the rule `{}` of the form", other.keyword())),
    }
}

/// `is "value", `, or `has a value, ` when it must not or cannot be shown.
fn quoted(form: &Form, error: &ValidationError<'_>) -> String {
    let name = top(error.instance_path().as_str().trim_start_matches('/'));
    let value = error.instance();
    let shown = value.to_string();
    if name.is_empty()
        || form.is_secret(name)
        || value.is_object()
        || value.is_array()
        || shown.len() > QUOTED_BYTES_MAX
    {
        return "has a value, ".into();
    }
    format!("is {shown}, ")
}

fn type_words(kind: &TypeKind) -> String {
    let types: Vec<_> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
    };
    let words = types.iter().map(|name| match name.as_str() {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a group of settings",
        _ => "nothing",
    });
    words.collect::<Vec<_>>().join(", or ")
}

fn choices(setting: &Value) -> Option<String> {
    let constants = ["oneOf", "anyOf"].iter().filter_map(|key| setting[key].as_array()).flatten();
    let constants = constants.filter_map(|choice| choice.get("const"));
    let listed = setting["enum"].as_array().into_iter().flatten();
    let names: Vec<_> = constants.chain(listed).map(|value| format!("`{}`", plain(value))).collect();
    (!names.is_empty()).then(|| format!("Choose one of {}.", names.join(", ")))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn how_to_set(form: &Form, name: &str) -> Option<String> {
    let setting = form.setting(name)?;
    let help = setting["x-help"].as_str().unwrap_or_default();
    let how = if form.is_secret(name) { "Give it from the environment or from a file." } else { "Set it." };
    Some(format!("{how} {help}").trim_end().to_owned())
}

fn known(form: &Form) -> String {
    let names = form.schema["properties"].as_object().into_iter().flat_map(|settings| settings.keys());
    format!("The settings are {}.", names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

/// The schema of the setting at a path, as far as it is written out in properties and items.
fn field<'a>(form: &'a Form, path: &str) -> Option<&'a Value> {
    path.split('/')
        .skip(1)
        .try_fold(&form.schema, |schema, part| schema["properties"].get(part).or_else(|| schema.get("items")))
}

fn top(field: &str) -> &str {
    field.split('/').next().unwrap_or_default()
}
