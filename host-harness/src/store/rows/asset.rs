//! Assets, whether the listing brought them or something else did.

use super::Record;
use crate::bindings::model::Asset;
use crate::join::asset as join;
use crate::store::hash::Feed;
use crate::store::words::{list, ports, read_list};
use anyhow::Result;
use rusqlite::{Row, Statement, params};

/// An asset, and what is known of it beside the listing.
///
/// A record with digest 0, a *late* one, is what a finding says of an asset that the listing did not bring.
/// It knows less than the listing, so where an earlier sync left a listed record, it does not replace but joins it.
/// If the listing of this sync brings the asset after all, the listed record replaces what the earlier sync left,
/// as the first record of a sync does, and late ones join it: for that, `late` keeps them apart until then.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The asset, joined.
    pub asset: Asset,
    /// The late records of this sync, joined, while `asset` still holds what an earlier sync left.
    late: Option<Asset>,
}

impl Listed {
    /// A record as it arrives, with its lists sorted and free of duplicates.
    pub fn new(asset: Asset) -> Self {
        Self { asset: join::normal(asset), late: None }
    }

    /// Whether the listing brought it.
    pub fn is_listed(&self) -> bool {
        self.asset.digest != 0
    }
}

impl Feed for Listed {
    fn feed(&self, to: &mut Vec<u8>) {
        let Self { asset, late } = self;
        asset.feed(to);
        late.feed(to);
    }
}

impl Record for Listed {
    const STREAM: &'static str = "asset";
    const COLUMNS: &'static str = "digest, name, kind, ip_addresses, mac_addresses, fqdn, os, created, last_seen, \
                                   state, open_ports, tags, properties, late";

    fn key(&self) -> String {
        self.asset.key.clone()
    }

    fn write(&self, statement: &mut Statement<'_>, id: Option<i64>) -> Result<()> {
        let a = &self.asset;
        let late = self.late.as_ref().map(serde_json::to_string).transpose()?;
        statement.execute(params![
            id,
            a.digest as i64,
            a.name,
            a.kind,
            list(&a.ip_addresses)?,
            list(&a.mac_addresses)?,
            a.fqdn,
            a.os,
            a.created,
            a.last_seen,
            a.state,
            list(&ports(&a.open_ports))?,
            list(&a.tags)?,
            list(&a.properties)?,
            late,
        ])?;
        Ok(())
    }

    fn read(key: &str, row: &Row<'_>) -> Result<Self> {
        let lists = |column| -> Result<_> { Ok(row.get_ref(column)?.as_str()?) };
        let asset = Asset {
            key: key.to_owned(),
            digest: row.get::<_, i64>(0)? as u64,
            name: row.get(1)?,
            kind: row.get(2)?,
            ip_addresses: read_list(lists(3)?)?,
            mac_addresses: read_list(lists(4)?)?,
            fqdn: row.get(5)?,
            os: row.get(6)?,
            created: row.get(7)?,
            last_seen: row.get(8)?,
            state: row.get(9)?,
            open_ports: read_list(lists(10)?)?,
            tags: read_list(lists(11)?)?,
            properties: read_list(lists(12)?)?,
        };
        let late = row.get_ref(13)?.as_str_or_null()?.map(serde_json::from_str).transpose()?;
        Ok(Self { asset, late })
    }

    fn join(self, record: Self) -> Self {
        match self.late {
            None => Self { asset: join(self.asset, record.asset), late: None },
            Some(late) if record.is_listed() => Self { asset: join(late, record.asset), late: None },
            Some(late) => Self { asset: join(self.asset, record.asset.clone()), late: Some(join(late, record.asset)) },
        }
    }

    fn replaces(&self) -> bool {
        self.is_listed()
    }

    fn after(self, record: Self) -> Self {
        if self.is_listed() {
            Self { asset: join(self.asset, record.asset.clone()), late: Some(record.asset) }
        } else {
            record
        }
    }
}
