//! `GET /api/2.0/fo/compliance/policy/?action=list`: the policies of Policy Compliance, by the classic API.
//!
//! What a policy found is another endpoint's.

use super::Text;
use super::client::Ask;
use super::xml::{self, Kind, List, Page, Stop, Tokens};

/// The endpoint's quota.
pub const LANE: &str = "policies";

/// Asks for one policy: enough to see whether there is any.
pub fn probe() -> Ask {
    let parameters = vec![("action", "list".into()), ("truncation_limit", "1".into())];
    Ask { lane: LANE, doing: "asking for policies", path: "/api/2.0/fo/compliance/policy/", parameters, is_form: false }
}

/// `POLICY_LIST_OUTPUT/RESPONSE/POLICY_LIST/POLICY`, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy<'a> {
    /// `ID`.
    pub id: Text<'a>,
    /// `TITLE`.
    pub title: Text<'a>,
    /// `STATUS`: `active` or `inactive`.
    pub status: Text<'a>,
}

/// What an answer brings, in its order.
pub type Record<'a> = xml::Record<Policy<'a>>;

/// Reads one answer.
pub type Reader = Page<List<PolicyList>>;

/// What is peculiar to answers of this endpoint.
pub struct PolicyList;

impl Kind for PolicyList {
    type Item<'a> = Policy<'a>;
    const ROOT: &'static str = "POLICY_LIST_OUTPUT";
    const LIST: &'static str = "POLICY_LIST";
    const ITEM: &'static str = "POLICY";

    fn read<'w>(item: &mut Policy<'w>, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        item.read(name, tokens)
    }

    fn key(item: Policy<'_>) -> String {
        item.id.unwrap_or_default().into_owned()
    }
}

impl<'w> Policy<'w> {
    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"ID" => &mut self.id,
            b"TITLE" => &mut self.title,
            b"STATUS" => &mut self.status,
            _ => return tokens.skip(name),
        };
        *field = tokens.text(name)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_and_what_is_garbled_is_named() {
        let policies = "<POLICY><ID>1661381</ID><TITLE><![CDATA[Server baseline]]></TITLE><LAST_EVALUATED><DATETIME/></LAST_EVALUATED>\
                        <STATUS><![CDATA[active]]></STATUS></POLICY><POLICY><ID>7</ID><TITLE>cut</POLICY>";
        let answer = format!(
            "<POLICY_LIST_OUTPUT><RESPONSE><POLICY_LIST>{policies}</POLICY_LIST></RESPONSE></POLICY_LIST_OUTPUT>"
        );
        for piece in [usize::MAX, 7, 1] {
            let mut found = Vec::new();
            let mut each = |record: Record<'_>| {
                found.push(match record {
                    Record::Item(policy, _) => {
                        [policy.id, policy.title, policy.status].map(Option::unwrap_or_default).join("|")
                    }
                    Record::Broken(broken) => format!("{} {}", broken.location, broken.reason),
                });
            };
            let mut page = Reader::new();
            answer.as_bytes().chunks(piece).for_each(|piece| page.feed(piece, &mut each).unwrap());
            page.close(&mut each).unwrap();
            assert_eq!(found, ["1661381|Server baseline|active", "POLICY 7 garbled-record"], "pieces of {piece}");
        }
    }
}
