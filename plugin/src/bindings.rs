//! The contract as Rust types, generated from `wit/`; nothing hand-written.
#![allow(missing_docs, clippy::crate_in_macro_def)]

wit_bindgen::generate!({
    world: "connector",
    path: "../wit",
    pub_export_macro: true,
    default_bindings_module: "crate::bindings",
    generate_all,
    additional_derives: [PartialEq],
    additional_derives_ignore: ["value", "header", "basic", "body", "form-field", "request"],
});
