//! `GET /api/2.0/fo/asset/group/?action=list`: the asset groups that the user may see.
//!
//! Which hosts are in a group is not read here: the host list says it of each host.

use super::Text;
use super::client::Ask;
use super::xml::{Answer, Broken, Page, Step, Stop, Tokens};

/// The endpoint's quota.
pub const LANE: &str = "asset-groups";

/// Asks for one asset group: enough to see whether there is any.
pub fn probe() -> Ask {
    let parameters =
        vec![("action", "list".into()), ("show_attributes", "TITLE".into()), ("truncation_limit", "1".into())];
    Ask { lane: LANE, doing: "asking for asset groups", path: "/api/2.0/fo/asset/group/", parameters, is_form: false }
}

/// `ASSET_GROUP_LIST_OUTPUT/RESPONSE/ASSET_GROUP_LIST/ASSET_GROUP`, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssetGroup<'a> {
    /// `ID`.
    pub id: Text<'a>,
    /// `TITLE`: unique per owner, not in the whole subscription.
    pub title: Text<'a>,
}

/// What an answer brings, in its order.
#[derive(Clone, Debug, PartialEq)]
pub enum Record<'a> {
    /// An asset group.
    AssetGroup(AssetGroup<'a>),
    /// What could not be read; the key is its ID, as far as it was read.
    Broken(Broken),
}

/// Reads one answer.
pub type Reader = Page<AssetGroupList>;

/// What is peculiar to answers of this endpoint, and what must be remembered between two records.
#[derive(Default)]
pub struct AssetGroupList {
    /// How many were begun.
    begun: u32,
    /// The key of a record that could not be read.
    key: String,
}

impl Answer for AssetGroupList {
    type Record<'a> = Record<'a>;
    const ROOT: &'static str = "ASSET_GROUP_LIST_OUTPUT";

    fn step(level: &str, name: &[u8]) -> Step {
        match (level, name) {
            ("RESPONSE", b"ASSET_GROUP_LIST") => Step::Enter("ASSET_GROUP_LIST"),
            ("ASSET_GROUP_LIST", b"ASSET_GROUP") => Step::Read,
            ("ASSET_GROUP_LIST", b"ASSET_GROUP_LIST") => Step::Over,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        match name {
            b"ASSET_GROUP_LIST" | b"RESPONSE" | b"ASSET_GROUP_LIST_OUTPUT" => true,
            b"ASSET_GROUP" | b"WARNING" => !is_end,
            _ => false,
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        let mut record = AssetGroup::default();
        let read = tokens.children(name, |tokens, name| record.read(name, tokens));
        match read {
            Ok(()) => {
                self.begun += 1;
                each(Record::AssetGroup(record));
            }
            Err(Stop::Short) => {}
            Err(_) => self.key = record.id.unwrap_or_default().into_owned(),
        }
        read
    }

    fn broken(&mut self, _name: &[u8], reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        self.begun += 1;
        let key = std::mem::take(&mut self.key);
        let location =
            if key.is_empty() { format!("ASSET_GROUP number {}", self.begun) } else { format!("ASSET_GROUP {key}") };
        each(Record::Broken(Broken { key, reason, location }));
    }
}

impl<'w> AssetGroup<'w> {
    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"ID" => &mut self.id,
            b"TITLE" => &mut self.title,
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
    fn groups_are_read_and_what_is_garbled_is_named() {
        let group = |inner: &str| format!("<ASSET_GROUP>{inner}</ASSET_GROUP>");
        let groups = [
            group("<ID>2201</ID><TITLE><![CDATA[DC North]]></TITLE><IP_SET><IP>192.0.2.1</IP></IP_SET>"),
            group("<ID>2202</ID><TITLE>cut"),
            group("<ID>2203</ID>"),
        ];
        let answer = format!(
            "<ASSET_GROUP_LIST_OUTPUT><RESPONSE><ASSET_GROUP_LIST>{}</ASSET_GROUP_LIST></RESPONSE></ASSET_GROUP_LIST_OUTPUT>",
            groups.concat()
        );
        for piece in [usize::MAX, 7, 1] {
            let mut found = Vec::new();
            let mut each = |record: Record<'_>| {
                found.push(match record {
                    Record::AssetGroup(group) => [group.id, group.title].map(Option::unwrap_or_default).join("|"),
                    Record::Broken(broken) => format!("{} {}", broken.location, broken.reason),
                });
            };
            let mut page = Reader::new();
            answer.as_bytes().chunks(piece).for_each(|piece| page.feed(piece, &mut each).unwrap());
            page.close(&mut each).unwrap();
            assert_eq!(found, ["2201|DC North", "ASSET_GROUP 2202 garbled-record", "2203|"], "pieces of {piece}");
        }
    }
}
