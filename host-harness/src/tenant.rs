//! Who is running: a name, settings, secrets, and what the operator allows.

use crate::http::secrets::Secrets;
use crate::limits::Limits;
use ipnet::IpNet;
use std::path::PathBuf;

/// One tenant of one connector.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant's name: letters, digits, `-` and `_`.
    pub name: String,
    /// The connector's settings as a JSON object, without secrets.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The secret settings. Their values never reach the connector.
    pub secrets: Secrets,
    /// What the operator allows beyond the origins that the settings name.
    pub network: Network,
    /// How much a run may use.
    pub limits: Limits,
}

/// What the operator allows beyond the origins that the settings name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Loopback, also over plain HTTP: for simulators and tests.
    pub insecure_loopback: bool,
    /// Addresses that are not public and may be reached all the same, over TLS.
    pub allow_addresses: Vec<IpNet>,
    /// Certificates (PEM) that are trusted besides those of the operating system.
    pub ca_file: Option<PathBuf>,
}
