//! `GET /api/2.0/fo/compliance/policy/?action=list`: the policies of Policy Compliance, by the classic API.
//!
//! What a policy found is another endpoint's.

use super::Text;
use super::client::Ask;
use super::xml::{Answer, Broken, Page, Step, Stop, Tokens};

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
#[derive(Clone, Debug, PartialEq)]
pub enum Record<'a> {
    /// A policy.
    Policy(Policy<'a>),
    /// What could not be read; the key is its ID, as far as it was read.
    Broken(Broken),
}

/// Reads one answer.
pub type Reader = Page<PolicyList>;

/// What is peculiar to answers of this endpoint, and what must be remembered between two records.
#[derive(Default)]
pub struct PolicyList {
    /// How many were begun.
    begun: u32,
    /// The key of a record that could not be read.
    key: String,
}

impl Answer for PolicyList {
    type Record<'a> = Record<'a>;
    const ROOT: &'static str = "POLICY_LIST_OUTPUT";

    fn step(level: &str, name: &[u8]) -> Step {
        match (level, name) {
            ("RESPONSE", b"POLICY_LIST") => Step::Enter("POLICY_LIST"),
            ("POLICY_LIST", b"POLICY") => Step::Read,
            ("POLICY_LIST", b"POLICY_LIST") => Step::Over,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        match name {
            b"POLICY_LIST" | b"RESPONSE" | b"POLICY_LIST_OUTPUT" => true,
            b"POLICY" | b"WARNING" => !is_end,
            _ => false,
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        let mut record = Policy::default();
        let read = tokens.children(name, |tokens, name| record.read(name, tokens));
        match read {
            Ok(()) => {
                self.begun += 1;
                each(Record::Policy(record));
            }
            Err(Stop::Short) => {}
            Err(_) => self.key = record.id.unwrap_or_default().into_owned(),
        }
        read
    }

    fn broken(&mut self, _name: &[u8], reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        self.begun += 1;
        let key = std::mem::take(&mut self.key);
        let location = if key.is_empty() { format!("POLICY number {}", self.begun) } else { format!("POLICY {key}") };
        each(Record::Broken(Broken { key, reason, location }));
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
                    Record::Policy(policy) => {
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
