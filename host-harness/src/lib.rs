//! Runs connector components for many tenants in isolation, and keeps what they bring.

pub mod bindings;
pub mod clock;
pub mod config;
pub mod connector;
pub mod engine;
pub mod export;
pub mod http;
pub mod join;
pub mod lifecycle;
pub mod limits;
pub mod outcome;
pub mod run;
pub mod scenario;
pub mod settings;
pub mod sink;
pub mod stop;
pub mod store;
pub mod sync;
pub mod tenant;
pub mod watch;
