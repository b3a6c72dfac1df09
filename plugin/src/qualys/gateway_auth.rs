//! `POST {gateway}/auth`: a token for all other requests to the gateway.
//!
//! The answer, status 201, is the bare token. It is never read here: the host keeps it, and it serves about four hours.

use super::client::Ask;

/// The endpoint's quota.
pub const LANE: &str = "auth";

/// Asks for a token; the client adds the credentials.
pub fn token() -> Ask {
    let parameters = vec![("token", "true".into())];
    Ask { lane: LANE, doing: "asking the gateway for a token", path: "/auth", parameters, is_form: true }
}
