//! `GET /api/2.0/fo/asset/group/?action=list`: the asset groups that the user may see.
//!
//! Which hosts are in a group is not read here: the host list says it of each host.

use super::Text;
use super::client::Ask;
use super::xml::{self, Kind, List, Page, Stop, Tokens};

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
pub type Record<'a> = xml::Record<AssetGroup<'a>>;

/// Reads one answer.
pub type Reader = Page<List<AssetGroupList>>;

/// What is peculiar to answers of this endpoint.
pub struct AssetGroupList;

impl Kind for AssetGroupList {
    type Item<'a> = AssetGroup<'a>;
    const ROOT: &'static str = "ASSET_GROUP_LIST_OUTPUT";
    const LIST: &'static str = "ASSET_GROUP_LIST";
    const ITEM: &'static str = "ASSET_GROUP";

    fn read<'w>(item: &mut AssetGroup<'w>, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        item.read(name, tokens)
    }

    fn key(item: AssetGroup<'_>) -> String {
        item.id.unwrap_or_default().into_owned()
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
                    Record::Item(group, _) => [group.id, group.title].map(Option::unwrap_or_default).join("|"),
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
