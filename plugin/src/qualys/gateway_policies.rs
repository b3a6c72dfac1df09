//! `GET {gateway}/pcrs/…/posture/policy/list`: the policies of Policy Compliance, by the gateway.
//!
//! There are no pages.

use super::client::Ask;
use super::json;
use crate::error::Result;
use serde_json::Value;

/// The endpoint's quota.
pub const LANE: &str = "gateway-policies";

/// The oldest version, which Qualys no longer supports from November 2026 on, and ends in May 2027.
pub const OLD_PATH: &str = "/pcrs/1.0/posture/policy/list";
const CURRENT_PATH: &str = "/pcrs/2.0/posture/policy/list";

/// Asks for all policies, in the oldest or the newest version.
pub fn list(is_current: bool) -> Ask {
    let path = if is_current { CURRENT_PATH } else { OLD_PATH };
    Ask { lane: LANE, doing: "asking the gateway for policies", path, parameters: vec![], is_form: false }
}

/// `policyList[]`, as far as we use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// `id`: a number here, a text in other answers of the gateway.
    pub id: u64,
    /// `status` is `active`; inactive ones have nothing to tell.
    pub is_active: bool,
}

/// Reads a whole answer; one without a body has no policies, and an entry without an ID is none.
pub fn read(body: &[u8]) -> Result<Vec<Policy>> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let mut answer = json::read(body)?;
    let policies = answer.get_mut("policyList").ok_or_else(|| json::unknown("policyList"))?.take();
    let policy = |value: Value| {
        let is_active = json::text(&value, "status").is_some_and(|status| status.eq_ignore_ascii_case("active"));
        Some(Policy { id: json::number(&value, "id")?, is_active })
    };
    Ok(json::list(Some(policies)).into_iter().filter_map(policy).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_whatever_their_ids_are_written_as() {
        let body = r#"{"subscriptionId":263199,"policyList":[{"id":2645301,"title":"A","status":"active","locked":0},
                      {"id":"2645302","status":"Inactive"},{"title":"without ID"}]}"#;
        let policies = read(body.as_bytes()).unwrap();
        let policy = |id, is_active| Policy { id, is_active };
        assert_eq!(policies, [policy(2_645_301, true), policy(2_645_302, false)]);
    }

    #[test]
    fn an_answer_without_policies_is_none_and_what_is_no_answer_is_an_error() {
        for (body, expected) in [
            ("", Ok(0)),
            (r#"{"subscriptionId":1,"policyList":[]}"#, Ok(0)),
            (r#"{"subscriptionId":1,"policyList":null}"#, Ok(0)),
            (r#"{"policyList":[{"id":1,"#, Err("answer.cut")),
            ("<html>", Err("answer.not-json")),
            (r#"{"status":403}"#, Err("answer.unknown")),
        ] {
            let found = read(body.as_bytes()).map(|policies| policies.len()).map_err(|error| error.code);
            assert_eq!(found, expected, "{body}");
        }
    }
}
