//! A connector's form: what a tenant's settings become before the connector sees them.
//!
//! It knows JSON Schema and secrets, and nothing of what a setting means.

use crate::bindings::configure::Manifest;
use crate::bindings::problems::Problem;
use crate::http::secrets::Secrets;
use crate::outcome::Unlawful;
use serde_json::{Map, Value};

/// What a connector is, with its form ready for use.
#[derive(Debug)]
pub struct Described {
    /// What it is.
    pub manifest: Manifest,
    /// Its form.
    pub form: Form,
}

impl Described {
    /// Takes a manifest; refuses one whose form cannot be used.
    pub fn new(manifest: Manifest) -> Result<Self, Unlawful> {
        let form = Form::read(&manifest.settings_schema)?;
        Ok(Self { manifest, form })
    }
}

/// A settings form: a JSON Schema (2020-12) of an object.
#[derive(Debug)]
pub struct Form {
    schema: Value,
}

impl Form {
    /// Reads it.
    pub fn read(schema: &str) -> Result<Self, Unlawful> {
        todo!()
    }

    /// Gives the JSON that `configure` takes: defaults put in, secrets marked as set; or every problem at once.
    pub fn complete(&self, settings: &Map<String, Value>, secrets: &Secrets) -> Result<String, Vec<Problem>> {
        todo!()
    }
}
