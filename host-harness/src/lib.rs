//! Runs connector components for many tenants in isolation, and keeps what they bring.
//!
//! ```no_run
//! use host_harness::{Connector, Engine, How, Store, Tenant, Verdict, World};
//! use host_harness::http::Live;
//! use std::{path::Path, sync::Arc};
//!
//! # async fn sync(tenant: &Tenant) -> anyhow::Result<()> {
//! let engine = Engine::start()?; // one for all connectors and tenants
//! let lanes = Live::lanes(); // one for all tenants, so that those of one account share its quota
//! let connector = Connector::load(&engine, Path::new("connector.wasm"))?;
//! let store = Store::open(Path::new("acme.db"))?; // one for each tenant
//! let live = Live::new(&tenant.network, &tenant.limits, lanes)?;
//! let outcome = connector.sync(tenant, &World::new(Arc::new(live)), &store, How::default()).await?;
//! match outcome.verdict {
//!     Verdict::Returned(synced) => println!("{:?}", synced.outcome.summary),
//!     other => println!("{other}"), // it trapped, hit a bound or broke a law: a value, and no error of the host
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every run gets a fresh instance; what it may reach is its tenant's, and nothing survives it but what was committed.
//! It knows no vendor, and prints nothing outside of the binary.

pub mod bindings;
pub mod clock;
pub mod config;
pub mod conform;
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
pub mod scenario_record;
pub mod scenario_run;
pub mod scratch;
pub mod settings;
pub mod sink;
pub mod stop;
pub mod store;
pub mod sync;
pub mod tenant;
pub mod watch;

pub use connector::Connector;
pub use engine::Engine;
pub use outcome::{Outcome, Verdict};
pub use run::World;
pub use store::Store;
pub use sync::How;
pub use tenant::Tenant;
