//! Runs connector components for many tenants in isolation, and keeps what they bring.

pub mod bindings;
pub mod clock;
pub mod export;
pub mod http;
pub mod lifecycle;
pub mod limits;
pub mod outcome;
pub mod run;
pub mod sink;
pub mod stop;
pub mod store;
pub mod tenant;
