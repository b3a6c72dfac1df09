//! Where a platform's three doors are: API server, API gateway, console.
//!
//! Nothing here asks the network: names are compared and derived.

/// A platform whose addresses are known.
#[derive(Debug, PartialEq)]
pub struct Platform {
    /// What the vendor calls it.
    pub name: &'static str,
    /// Its API server: `/api/2.0/fo/` and `/qps/rest/`, by basic authentication.
    pub api: &'static str,
    /// Its gateway: `/auth` and `/pcrs/`, by token.
    pub gateway: &'static str,
}

/// Every platform that is known; private platforms are not among them.
pub const PLATFORMS: &[Platform] = &[
    of("US 1", "qualysapi.qualys.com", "gateway.qg1.apps.qualys.com"),
    of("US 2", "qualysapi.qg2.apps.qualys.com", "gateway.qg2.apps.qualys.com"),
    of("US 3", "qualysapi.qg3.apps.qualys.com", "gateway.qg3.apps.qualys.com"),
    of("US 4", "qualysapi.qg4.apps.qualys.com", "gateway.qg4.apps.qualys.com"),
    of("US Gov 1", "qualysapi.gov1.qualys.us", "gateway.gov1.qualys.us"),
    of("EU 1", "qualysapi.qualys.eu", "gateway.qg1.apps.qualys.eu"),
    of("EU 2", "qualysapi.qg2.apps.qualys.eu", "gateway.qg2.apps.qualys.eu"),
    of("EU 3", "qualysapi.qg3.apps.qualys.it", "gateway.qg3.apps.qualys.it"),
    of("India 1", "qualysapi.qg1.apps.qualys.in", "gateway.qg1.apps.qualys.in"),
    of("Canada 1", "qualysapi.qg1.apps.qualys.ca", "gateway.qg1.apps.qualys.ca"),
    of("UAE 1", "qualysapi.qg1.apps.qualys.ae", "gateway.qg1.apps.qualys.ae"),
    of("UK 1", "qualysapi.qg1.apps.qualys.co.uk", "gateway.qg1.apps.qualys.co.uk"),
    of("Australia 1", "qualysapi.qg1.apps.qualys.com.au", "gateway.qg1.apps.qualys.com.au"),
    of("KSA 1", "qualysapi.qg1.apps.qualysksa.com", "gateway.qg1.apps.qualysksa.com"),
];

const fn of(name: &'static str, api: &'static str, gateway: &'static str) -> Platform {
    Platform { name, api, gateway }
}

/// Which of the three doors a host name stands for, by its first label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Door {
    /// `qualysapi.…`
    Api,
    /// `gateway.…`
    Gateway,
    /// `qualysguard.…`, where people sign in with a browser.
    Console,
    /// Any other name, as private platforms have.
    Other,
}

impl Door {
    /// The door that this host name stands for.
    pub fn of(host: &str) -> Self {
        match host.split_once('.') {
            Some(("qualysapi", _)) => Self::Api,
            Some(("gateway", _)) => Self::Gateway,
            Some(("qualysguard", _)) => Self::Console,
            _ => Self::Other,
        }
    }
}

/// The platform that this API server, gateway or console belongs to.
pub fn known(host: &str) -> Option<&'static Platform> {
    let (_, platform) = host.split_once('.').filter(|_| Door::of(host) != Door::Other)?;
    let api = format!("qualysapi.{platform}");
    PLATFORMS.iter().find(|known| known.gateway == host || known.api == api)
}

/// The API server beside this gateway or console; absent where its name follows no rule.
pub fn api_host(host: &str) -> Option<String> {
    let (_, platform) = host.split_once('.').filter(|_| Door::of(host) != Door::Other)?;
    Some(known(host).map_or_else(|| format!("qualysapi.{platform}"), |known| known.api.into()))
}

/// The gateway beside this API server or console; absent where its name follows no rule.
pub fn gateway_host(host: &str) -> Option<String> {
    let (_, platform) = host.split_once('.').filter(|_| Door::of(host) != Door::Other)?;
    Some(known(host).map_or_else(|| format!("gateway.{platform}"), |known| known.gateway.into()))
}

/// This door of the platform to which a host belongs; absent where its name follows no rule.
pub fn host(door: Door, beside: &str) -> Option<String> {
    match door {
        Door::Api => api_host(beside),
        Door::Gateway => gateway_host(beside),
        Door::Console | Door::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_platform_leads_from_each_door_to_the_others() {
        for Platform { name, api, gateway } in PLATFORMS {
            let console = api.replacen("qualysapi.", "qualysguard.", 1);
            assert_eq!(gateway_host(api).as_deref(), Some(*gateway), "{name}: API server to gateway");
            assert_eq!(gateway_host(&console).as_deref(), Some(*gateway), "{name}: console to gateway");
            assert_eq!(api_host(gateway).as_deref(), Some(*api), "{name}: gateway to API server");
            assert_eq!(api_host(&console).as_deref(), Some(*api), "{name}: console to API server");
            assert_eq!(known(api).map(|known| known.name), Some(*name), "{api}");
        }
    }

    #[test]
    fn all_but_the_two_oldest_platforms_follow_the_rule() {
        let odd: Vec<_> =
            PLATFORMS.iter().filter(|of| of.gateway != of.api.replacen("qualysapi", "gateway", 1)).collect();
        assert_eq!(odd.iter().map(|of| of.name).collect::<Vec<_>>(), ["US 1", "EU 1"]);
    }

    #[test]
    fn an_unknown_host_is_derived_only_when_its_first_label_says_what_it_is() {
        for (host, door, api, gateway) in [
            (
                "qualysapi.acme.example.com",
                Door::Api,
                Some("qualysapi.acme.example.com"),
                Some("gateway.acme.example.com"),
            ),
            (
                "qualysguard.acme.example.com",
                Door::Console,
                Some("qualysapi.acme.example.com"),
                Some("gateway.acme.example.com"),
            ),
            (
                "gateway.acme.example.com",
                Door::Gateway,
                Some("qualysapi.acme.example.com"),
                Some("gateway.acme.example.com"),
            ),
            ("vm.acme.example.com", Door::Other, None, None),
            ("qualysapi-acme.example.com", Door::Other, None, None),
            ("qualysapi", Door::Other, None, None),
            ("127.0.0.1", Door::Other, None, None),
        ] {
            assert_eq!(Door::of(host), door, "{host}");
            assert_eq!(api_host(host).as_deref(), api, "{host}");
            assert_eq!(gateway_host(host).as_deref(), gateway, "{host}");
            assert_eq!(known(host), None, "{host}");
        }
    }
}
