//! What the settings mean to the host: where requests may go, whose quota they use, when everything must be read anew.

use super::{ORIGIN_API, ORIGIN_GATEWAY, Settings};
use crate::bindings::exports::connector::contract::configure::{Origin, Resolved};
use serde_json::json;
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
        let content = json!([
            self.api.origin(),
            self.gateway.as_ref().map(|gateway| gateway.origin()),
            self.username,
            self.kernel_filter,
            self.compliance,
            self.api_generation,
            self.evidence_bytes_max,
            self.severities,
        ]);
        format!("{:016x}", xxh3_64(content.to_string().as_bytes()))
    }
}
