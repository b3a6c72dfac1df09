//! The one tenant of all runs.

use bench::source::settings;
use host_harness::Tenant;
use host_harness::http::secrets::Secrets;

/// Who runs.
pub fn tenant() -> Tenant {
    let mut secrets = Secrets::default();
    secrets.insert("password", "not-a-real-password");
    let settings = settings().as_object().cloned().unwrap_or_default();
    Tenant { name: "bench".into(), settings, secrets, network: Default::default(), limits: Default::default() }
}
