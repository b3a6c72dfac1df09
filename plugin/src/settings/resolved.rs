//! What the settings mean to the host: where requests may go, whose quota they use, when everything must be read anew.

use super::choice::Choice;
use super::{ORIGIN_API, ORIGIN_GATEWAY, Settings};
use crate::bindings::exports::connector::contract::configure::{Origin, Resolved};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

impl Settings {
    /// The same in the contract's words.
    pub fn resolved(&self) -> Resolved {
        let gateway = self.gateway.as_ref().map(|gateway| (ORIGIN_GATEWAY, gateway));
        let origins = [(ORIGIN_API, &self.api)].into_iter().chain(gateway);
        Resolved {
            origins: origins.map(|(name, address)| Origin { name: name.into(), url: address.origin() }).collect(),
            account: format!("{}@{}", self.username, self.api.host),
            inactive_after_days: Some(self.inactive_after_days),
            fingerprint: self.fingerprint(),
        }
    }

    /// Changes with everything that changes what a sync brings, and with nothing else.
    ///
    /// Who signs in counts, because an account sees only its own asset groups.
    fn fingerprint(&self) -> String {
        let content = Value::Array(vec![
            self.api.origin().into(),
            self.gateway.as_ref().map(|gateway| gateway.origin()).into(),
            self.username.as_str().into(),
            self.kernel_filter.word().into(),
            self.compliance.word().into(),
            self.api_generation.word().into(),
            self.evidence_bytes_max.into(),
            self.severities.iter().copied().collect(),
        ]);
        format!("{:016x}", xxh3_64(content.to_string().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolved(changes: &Value) -> Resolved {
        let mut given = json!({"api_server": "qualysapi.qualys.com", "username": "acme", "password": {"secret": true}});
        let fields = given.as_object_mut().expect("it is an object");
        fields.extend(changes.as_object().cloned().expect("changes are an object"));
        Settings::parse(&given.to_string()).unwrap_or_else(|problems| panic!("{changes}: {problems:?}")).resolved()
    }

    #[test]
    fn origins_carry_their_port_and_the_gateway_only_where_it_is_used() {
        let api = ("api", "https://qualysapi.qualys.com:443");
        let gateway = ("gateway", "https://gateway.qg1.apps.qualys.com:443");
        for (changes, origins) in [
            (json!({}), vec![api, gateway]),
            (json!({"compliance": "gateway"}), vec![api, gateway]),
            (json!({"compliance": "classic"}), vec![api]),
            (json!({"compliance": "off"}), vec![api]),
            (json!({"api_server": "http://127.0.0.1:8080"}), vec![("api", "http://127.0.0.1:8080")]),
        ] {
            let found = resolved(&changes).origins;
            let found: Vec<_> = found.iter().map(|origin| (origin.name.as_str(), origin.url.as_str())).collect();
            assert_eq!(found, origins, "{changes}");
        }
    }

    #[test]
    fn the_account_is_the_user_at_the_server() {
        let resolved = resolved(&json!({"inactive_after_days": 7}));
        assert_eq!((resolved.account.as_str(), resolved.inactive_after_days), ("acme@qualysapi.qualys.com", Some(7)));
    }

    #[test]
    fn the_fingerprint_changes_with_what_a_sync_brings_and_with_nothing_else() {
        let before = resolved(&json!({})).fingerprint;
        // Another value here makes every stored sync start anew: change it only together with what a sync brings.
        assert_eq!(before, "edf250cb116dac6a");
        for (changes, is_changed) in [
            (json!({"api_server": "qualysapi.qualys.eu"}), true),
            (json!({"gateway": "gateway.example.com"}), true),
            (json!({"username": "other"}), true),
            (json!({"arf_kernel_filter": "only-running"}), true),
            (json!({"compliance": "off"}), true),
            (json!({"api_generation": "2.0"}), true),
            (json!({"evidence_bytes_max": 1024}), true),
            (json!({"severities": [4, 5]}), true),
            (json!({"severities": [5, 4, 3, 2, 1]}), false),
            (json!({"api_server": "https://qualysapi.qualys.com:443/"}), false),
            (json!({"subscription_type": "premium"}), false),
            (json!({"inactive_after_days": 0}), false),
            (json!({"slice_hosts": 5000}), false),
            (json!({"reserve_percent": 0}), false),
        ] {
            assert_eq!(resolved(&changes).fingerprint != before, is_changed, "{changes}");
        }
    }
}
