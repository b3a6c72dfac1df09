//! The one tenant of all runs, with settings that give the largest pages.

use host_harness::Tenant;
use host_harness::http::secrets::Secrets;
use serde_json::{Value, json};

/// Who runs.
pub fn tenant() -> Tenant {
    let mut secrets = Secrets::default();
    secrets.insert("password", "not-a-real-password");
    let Value::Object(settings) = settings() else { unreachable!("settings are an object") };
    Tenant { name: "bench".into(), settings, secrets, network: Default::default(), limits: Default::default() }
}

/// The settings as the host hands them to a connector.
pub fn settings_as_told() -> Value {
    let mut settings = settings();
    settings["password"] = json!({"secret": true});
    settings
}

fn settings() -> Value {
    json!({
        "api_server": "https://qualysapi.qg3.apps.qualys.com",
        "username": "acme3jd1",
        "compliance": "off",
        "slice_hosts": 1000,
    })
}
