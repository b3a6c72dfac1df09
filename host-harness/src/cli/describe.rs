//! `describe`: a connector's settings as a page, as a schema, or as a tenant.toml to fill in.

use super::args::{Describe, DescribeFormat};
use super::form::{self, Field};
use super::{exit, out, place, text};
use anyhow::Context;
use host_harness::bindings::configure::{Manifest, SecretPlace, SecretSource, SecretUse};
use serde_json::Value;
use std::fmt::Write;

/// Text of a comment is wrapped here.
const COMMENT_COLUMNS_MAX: usize = 100;

/// Shows a connector's settings.
pub async fn run(args: &Describe) -> anyhow::Result<u8> {
    let manifest = place::load(&args.component)?.describe().await?;
    out::text(&match args.format {
        DescribeFormat::Markdown => markdown(&manifest)?,
        DescribeFormat::Json => json(&manifest)?,
        DescribeFormat::Toml => toml(&manifest, &args.component.display().to_string())?,
    })?;
    Ok(exit::COMPLETE)
}

/// A page for people, in Markdown.
pub fn markdown(manifest: &Manifest) -> anyhow::Result<String> {
    let fields = form::fields(&manifest.settings_schema)?;
    let mut page = format!("# {}\n\n`{}` {}\n", manifest.title, manifest.name, manifest.version);
    section(&mut page, "Reads", &manifest.reads);
    section(&mut page, "Permissions", &manifest.permissions);
    page.push_str("\n## Settings\n\n| Setting | Title | Help | Default | Choices |\n| --- | --- | --- | --- | --- |\n");
    page.extend(fields.iter().map(row));
    if !manifest.secret_uses.is_empty() {
        page.push_str("\n## Uses of secrets\n\nThe host fills these in; the connector never sees them.\n\n");
        page.extend(manifest.secret_uses.iter().map(|one| format!("- {}\n", secret_use(one))));
    }
    Ok(page)
}

/// The settings' schema as the connector publishes it; one that stands on a single line is indented.
pub fn json(manifest: &Manifest) -> anyhow::Result<String> {
    let text = manifest.settings_schema.trim();
    let schema: Value = serde_json::from_str(text).context("reading the settings schema")?;
    Ok(if text.contains('\n') { format!("{text}\n") } else { format!("{schema:#}\n") })
}

/// A tenant.toml to fill in, for a component at `component`.
pub fn toml(manifest: &Manifest, component: &str) -> anyhow::Result<String> {
    let component = toml_text(component);
    let mut file = format!("# {} ({} {})\n", manifest.title, manifest.name, manifest.version);
    file.push_str("# Fill in what is empty; a line that starts with # shows the default.\n\n");
    file.push_str("tenant = \"acme\"        # letters, digits, - and _\n");
    writeln!(file, "component = {component}    # relative to this file")?;
    file.push_str("store = \"acme.db\"      # relative to this file; the first sync creates it\n\n[settings]\n");
    let entries: Vec<_> =
        form::fields(&manifest.settings_schema)?.iter().map(|field| entry(field, &manifest.name)).collect();
    file.push_str(&entries.join("\n"));
    Ok(file)
}

/// One use of a secret, as a line.
pub fn secret_use(one: &SecretUse) -> String {
    let secret = match &one.secret {
        SecretSource::Setting(name) => format!("setting `{name}`"),
        SecretSource::Kept(origin) => format!("an answer kept from origin `{origin}`"),
    };
    let place = match &one.place {
        SecretPlace::BasicPassword => "the password of basic authentication".to_owned(),
        SecretPlace::Header(name) => format!("the header `{name}`"),
        SecretPlace::FormField(name) => format!("the form field `{name}`"),
    };
    format!("{secret}, to origin `{}`, as {place}", one.origin)
}

fn section(page: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        page.push_str(&format!("\n## {title}\n\n"));
        page.extend(lines.iter().map(|line| format!("- {line}\n")));
    }
}

fn row(field: &Field) -> String {
    let marks = marks(field);
    let title = if marks.is_empty() { field.title.clone() } else { format!("{} ({})", field.title, marks.join(", ")) };
    let default = field.default.as_ref().map(|value| format!("`{}`", plain(value))).unwrap_or_default();
    let choices: Vec<_> = field.choices.iter().map(choice).collect();
    let cells = [format!("`{}`", field.name), title, field.help.clone(), default, choices.join("<br>")];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|").replace('\n', " ")).join(" | "))
}

fn marks(field: &Field) -> Vec<&'static str> {
    let marks = [(field.required, "required"), (field.secret, "secret"), (field.advanced, "advanced")];
    marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect()
}

fn choice((value, title): &(Value, Option<String>)) -> String {
    let value = format!("`{}`", plain(value));
    title.as_ref().map_or(value.clone(), |title| format!("{value} {title}"))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A field as lines of `[settings]`: comments, then what to fill in.
fn entry(field: &Field, connector: &str) -> String {
    let what: Vec<_> = std::iter::once(field.kind).chain(marks(field)).collect();
    let mut lines = comment(&format!("{} ({})", field.title, what.join(", ")));
    lines.extend(comment(&field.help));
    lines.extend(field.example.iter().map(|example| format!("# For example {}", toml_value(example))));
    for (value, title) in &field.choices {
        let title = title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
        lines.push(format!("#   {}{title}", toml_value(value)));
    }
    lines.push(assignment(field, connector));
    lines.join("\n") + "\n"
}

/// What must be given stands ready to be filled in; what may be left out stands in a comment.
fn assignment(field: &Field, connector: &str) -> String {
    let hash = if field.required && field.default.is_none() { "" } else { "# " };
    if field.secret {
        let variable = format!("{connector}_{}", field.name).replace('-', "_").to_uppercase();
        let file = format!("{connector}-{}", field.name);
        return format!("{hash}{} = {{ env = \"{variable}\" }}    # or {{ file = \"{file}\" }}", field.name);
    }
    let empty = match field.kind {
        "number" => "0",
        "yes or no" => "false",
        "list" => "[]",
        "table" => "{}",
        _ => "\"\"",
    };
    let value = field.default.as_ref().map_or_else(|| empty.to_owned(), toml_value);
    format!("{hash}{} = {value}", field.name)
}

fn toml_value(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| "\"\"".to_owned(), |value| value.to_string())
}

fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Words wrapped into comment lines.
fn comment(text: &str) -> Vec<String> {
    text::wrap(text, COMMENT_COLUMNS_MAX - 2).into_iter().map(|line| format!("# {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            name: "made-up".into(),
            title: "Made-up Scanner".into(),
            version: "0.1.0".into(),
            settings_schema: r#"{"type":"object","required":["url","api_key"],"properties":{
                "url":{"type":"string","title":"Address","x-help":"Where the scanner answers.","x-order":1,"examples":["https://a.example.com"]},
                "api_key":{"type":"string","title":"API key","x-help":"From *Account | Keys*.","x-order":2,"x-secret":true},
                "mode":{"type":"string","title":"Mode","x-order":3,"default":"all","oneOf":[{"const":"all","title":"Everything"},{"const":"new"}]},
                "days":{"type":"integer","title":"Days","x-order":4,"default":30}}}"#
                .into(),
            secret_uses: vec![SecretUse {
                secret: SecretSource::Setting("api_key".into()),
                origin: "api".into(),
                place: SecretPlace::Header("x-api-key".into()),
            }],
            reads: vec!["hosts".into()],
            permissions: vec![],
        }
    }

    #[test]
    fn markdown_shows_every_field_in_order() {
        let expected = "\
# Made-up Scanner

`made-up` 0.1.0

## Reads

- hosts

## Settings

| Setting | Title | Help | Default | Choices |
| --- | --- | --- | --- | --- |
| `url` | Address (required) | Where the scanner answers. |  |  |
| `api_key` | API key (required, secret) | From *Account \\| Keys*. |  |  |
| `mode` | Mode |  | `all` | `all` Everything<br>`new` |
| `days` | Days |  | `30` |  |

## Uses of secrets

The host fills these in; the connector never sees them.

- setting `api_key`, to origin `api`, as the header `x-api-key`
";
        assert_eq!(markdown(&manifest()).unwrap(), expected);
    }

    #[test]
    fn a_toml_to_fill_in_parses_and_leaves_defaults_alone() {
        let expected = r#"# Made-up Scanner (made-up 0.1.0)
# Fill in what is empty; a line that starts with # shows the default.

tenant = "acme"        # letters, digits, - and _
component = "made_up.wasm"    # relative to this file
store = "acme.db"      # relative to this file; the first sync creates it

[settings]
# Address (text, required)
# Where the scanner answers.
# For example "https://a.example.com"
url = ""

# API key (text, required, secret)
# From *Account | Keys*.
api_key = { env = "MADE_UP_API_KEY" }    # or { file = "made-up-api_key" }

# Mode (text)
#   "all": Everything
#   "new"
# mode = "all"

# Days (number)
# days = 30
"#;
        let text = toml(&manifest(), "made_up.wasm").unwrap();
        assert_eq!(text, expected);
        let file: toml::Table = text.parse().unwrap();
        let settings = file["settings"].as_table().unwrap();
        assert_eq!(settings.keys().map(String::as_str).collect::<Vec<_>>(), ["api_key", "url"]);
    }

    #[test]
    fn json_is_the_schema_itself() {
        let schema: Value = serde_json::from_str(&json(&manifest()).unwrap()).unwrap();
        assert_eq!(schema["properties"]["days"]["default"], 30);
    }

    #[test]
    fn long_help_is_wrapped_into_comments() {
        let lines = comment(&"word ".repeat(50));
        assert!(lines.len() > 1 && lines.iter().all(|line| line.starts_with("# ") && line.len() <= 102), "{lines:?}");
    }
}
