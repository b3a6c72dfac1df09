//! The contract as Rust types, generated from `wit/`; nothing hand-written.
#![allow(missing_docs)]

/// The model alone, so that its records can be compared and serialised; `contract` uses the very same types.
pub mod data {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "package host:data; world data { import connector:contract/model@0.1.0; }",
        world: "host:data/data",
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

mod contract {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector",
        imports: {
            default: trappable,
            "connector:contract/http.ready": async | trappable,
            "connector:contract/http.[method]exchange.head": async | trappable,
            "connector:contract/http.[method]exchange.read": async | trappable,
            "connector:contract/http.[method]exchange.keep": async | trappable,
            "connector:contract/sink.commit": async | trappable,
            "connector:contract/sink.progress": async | trappable,
        },
        exports: { default: async },
        with: {
            "connector:contract/model": super::data::connector::contract::model,
            "connector:contract/http.exchange": crate::http::Exchange,
            "connector:contract/http.secret": crate::http::Kept,
        },
    });
}

pub use contract::connector::contract::{clock, http, log, problems, sink};
pub use contract::exports::connector::contract::{configure, sync, test_connectivity};
pub use contract::{Connector as Component, ConnectorPre as ComponentPre};
pub use data::connector::contract::model;
