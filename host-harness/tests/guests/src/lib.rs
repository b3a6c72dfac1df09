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
use bindings::connector::contract::model::Asset;

/// Lets a panic speak through the host's log: without it, std would write to a standard error that does not exist.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string(), &[])));
}

/// An asset of which no more is known than what the listing calls it.
pub fn asset(key: &str, name: &str) -> Asset {
    Asset {
        key: key.to_owned(),
        digest: 1,
        name: name.to_owned(),
        kind: "host".to_owned(),
        ip_addresses: vec![],
        mac_addresses: vec![],
        fqdn: None,
        os: None,
        created: None,
        last_seen: None,
        state: None,
        open_ports: vec![],
        tags: vec![],
        properties: vec![],
    }
}
