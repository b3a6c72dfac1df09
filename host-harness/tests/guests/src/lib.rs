//! Shared by the guests: the contract's bindings, and a panic hook.
//!
//! Each guest is an example of this package and becomes one component.
//! Nothing here knows a source or a test.

/// The contract as Rust types, generated from `wit/`; nothing hand-written.
#[allow(missing_docs)]
pub mod bindings {
    wit_bindgen::generate!({
        world: "connector",
        path: "../../../wit",
        pub_export_macro: true,
        default_bindings_module: "test_guests::bindings",
        generate_all,
    });
}

use bindings::connector::contract::log;

/// Lets a panic speak through the host's log: without it, std would write to a standard error that does not exist.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string(), &[])));
}
