//! `POST /qps/rest/2.0/search/am/hostasset`: what asset management knows of hosts.
//!
//! An endpoint of another family: JSON both ways, often without limits in its headers, and its errors come with status 200.

use super::client::Ask;
use super::json::{self, Flaw};

/// The endpoint's quota.
pub const LANE: &str = "host-assets";

/// Asks for the ID of any one host, together with [`any`].
pub fn probe() -> Ask {
    Ask {
        lane: LANE,
        doing: "asking the host asset search",
        path: "/qps/rest/2.0/search/am/hostasset",
        parameters: vec![("fields", "id".into())],
        is_form: false,
    }
}

/// A search without criteria for one host.
pub fn any() -> String {
    r#"{"ServiceRequest":{"preferences":{"limitResults":1}}}"#.into()
}

/// How many hosts a whole answer brings.
pub fn count(body: &[u8]) -> Result<usize, Flaw> {
    let records = json::records(body)?;
    Ok(records.iter().filter(|record| record.get("HostAsset").is_some()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_counted_by_what_came() {
        let answer = |rest: &str| format!(r#"{{"ServiceResponse":{{"responseCode":"SUCCESS",{rest}}}}}"#);
        for (rest, expected) in [
            (r#""count":7,"data":[{"HostAsset":{"id":"731120551"}}]"#, 1),
            (r#""count":1,"data":[{"HostAsset":{"id":1}},{"HostAsset":{"id":2}}]"#, 2),
            (r#""count":1,"data":[{"Other":{}}]"#, 0),
            (r#""count":0"#, 0),
        ] {
            assert_eq!(count(answer(rest).as_bytes()).unwrap(), expected, "{rest}");
        }
    }
}
