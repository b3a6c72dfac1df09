//! What this connector says of itself before anyone has filled in a setting.

use crate::bindings::exports::connector::contract::configure::{Manifest, SecretPlace, SecretSource, SecretUse};
use crate::settings::{ORIGIN_API, ORIGIN_GATEWAY, PASSWORD, schema};

/// What it reads from the source.
const READS: &[&str] = &[
    "Hosts that the user can see, with their addresses, operating systems, tags and cloud data.",
    "Detections of those hosts: status, times, port, results.",
    "KnowledgeBase entries of the QIDs that were detected.",
    "One asset group, the ID of one host asset and the policies of Policy Compliance, when the way to Qualys is tested.",
];

/// What the account must be allowed to do.
const PERMISSIONS: &[&str] = &[
    "Role Scanner or higher.",
    "API access, in the settings of the user.",
    "The asset groups whose hosts shall be read; without any, every answer is valid and empty.",
    "Download of the KnowledgeBase by API, which Qualys support switches on for a subscription.",
    "API Access and Read Asset in asset management, to search host assets.",
    "Manage PC module, unless compliance is switched off.",
];

/// What this connector is.
pub fn manifest() -> Manifest {
    let texts = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect();
    Manifest {
        name: "qualys".into(),
        title: "Qualys VMDR".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        settings_schema: schema::TEXT.into(),
        secret_uses: secret_uses(),
        reads: texts(READS),
        permissions: texts(PERMISSIONS),
    }
}

/// The password signs every request to the API server, and fetches the token that signs those to the gateway.
fn secret_uses() -> Vec<SecretUse> {
    let password = || SecretSource::Setting(PASSWORD.into());
    let token = SecretSource::Kept(ORIGIN_GATEWAY.into());
    let used = |secret, origin: &str, place| SecretUse { secret, origin: origin.into(), place };
    vec![
        used(password(), ORIGIN_API, SecretPlace::BasicPassword),
        used(password(), ORIGIN_GATEWAY, SecretPlace::FormField("password".into())),
        used(token, ORIGIN_GATEWAY, SecretPlace::Header("authorization".into())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_secret_that_is_used_is_a_secret_of_the_form() {
        let schema: Value = serde_json::from_str(schema::TEXT).expect("the schema is JSON");
        for used in manifest().secret_uses {
            match used.secret {
                SecretSource::Setting(name) => assert_eq!(schema["properties"][&name]["x-secret"], true, "{name}"),
                SecretSource::Kept(origin) => assert_eq!(origin, used.origin, "an answer stays with its origin"),
            }
            assert!([ORIGIN_API, ORIGIN_GATEWAY].contains(&used.origin.as_str()), "{}", used.origin);
        }
    }

    #[test]
    fn the_manifest_is_always_the_same_and_has_its_version_from_the_package() {
        assert_eq!(manifest(), manifest());
        assert_eq!((manifest().name.as_str(), manifest().version.as_str()), ("qualys", env!("CARGO_PKG_VERSION")));
        assert!(manifest().reads.iter().chain(&manifest().permissions).all(|line| line.ends_with('.')));
    }
}
