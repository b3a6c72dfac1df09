//! `GET /api/2.0/fo/asset/host/?action=list`: every host the account can see.
//!
//! Pages by `WARNING/URL`. The vendor's field names are kept as they are.

use super::Text;
use super::client::Ask;
use super::xml::{Answer, Broken, Page, Step, Stop, Tokens};
use std::borrow::Cow;

/// The endpoint's quota.
pub const LANE: &str = "host-list";
const PATH: &str = "/api/2.0/fo/asset/host/";

/// Asks for a page of at most `hosts_max` hosts, from the ID `first` on; 0 for the first page.
pub fn page(first: u64, hosts_max: u32) -> Ask {
    let mut parameters = vec![
        ("action", "list".into()),
        ("details", "All/AGs".into()),
        ("show_tags", "1".into()),
        ("show_asset_id", "1".into()),
        ("host_metadata", "ec2".into()),
        ("truncation_limit", hosts_max.to_string()),
    ];
    if first > 0 {
        parameters.push(("id_min", first.to_string()));
    }
    Ask { lane: LANE, doing: "reading the host list", path: PATH, parameters, is_form: false }
}

/// Asks for the ID of one host: the cheapest question that proves the most.
pub fn probe() -> Ask {
    let parameters = vec![("action", "list".into()), ("details", "None".into()), ("truncation_limit", "1".into())];
    Ask { lane: LANE, doing: "asking for one host", path: PATH, parameters, is_form: false }
}

/// `HOST_LIST_OUTPUT/RESPONSE/HOST_LIST/HOST`, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host<'a> {
    /// `ID`: the VM host ID, also known as qwebHostId.
    pub id: Text<'a>,
    /// `ASSET_ID`: the asset-management ID, another number space.
    pub asset_id: Text<'a>,
    /// `IP`: IPv4.
    pub ip: Text<'a>,
    /// `IPV6`.
    pub ipv6: Text<'a>,
    /// `TRACKING_METHOD`: `IP`, `DNS`, `NETBIOS`, `EC2`, `AGENT`, …
    pub tracking_method: Text<'a>,
    /// `NETWORK_ID`.
    pub network_id: Text<'a>,
    /// `NETWORK_NAME`.
    pub network_name: Text<'a>,
    /// `DNS`.
    pub dns: Text<'a>,
    /// `DNS_DATA/FQDN`.
    pub fqdn: Text<'a>,
    /// `NETBIOS`.
    pub netbios: Text<'a>,
    /// `OS`: one name, or several guesses with ` / ` between.
    pub os: Text<'a>,
    /// `QG_HOSTID`: the agent's UUID.
    pub qg_hostid: Text<'a>,
    /// `CLOUD_PROVIDER`: `AWS`, `Azure`, …
    pub cloud_provider: Text<'a>,
    /// `CLOUD_RESOURCE_ID`.
    pub cloud_resource_id: Text<'a>,
    /// `EC2_INSTANCE_ID`.
    pub ec2_instance_id: Text<'a>,
    /// `METADATA/EC2/ATTRIBUTE[NAME='instanceState']/VALUE`; the literal `null` counts as absent.
    pub ec2_instance_state: Text<'a>,
    /// `METADATA/EC2/ATTRIBUTE[NAME='region']/VALUE`, or that of the same name as a path.
    pub ec2_region: Text<'a>,
    /// `TAGS/TAG/NAME`.
    pub tags: Vec<Cow<'a, str>>,
    /// `FIRST_FOUND_DATE`, newer versions only.
    pub first_found_date: Text<'a>,
    /// `LAST_VM_SCANNED_DATE`.
    pub last_vm_scanned_date: Text<'a>,
    /// `LAST_VULN_SCAN_DATETIME`.
    pub last_vuln_scan_datetime: Text<'a>,
    /// `LAST_COMPLIANCE_SCAN_DATETIME`.
    pub last_compliance_scan_datetime: Text<'a>,
    /// `ASSET_GROUP_IDS`: comma separated.
    pub asset_group_ids: Text<'a>,
}

/// What an answer brings, in its order.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one at a time is handed over, and none is kept")]
pub enum Record<'a> {
    /// A host, and which one of the answer it is, from 1.
    Host(Host<'a>, u32),
    /// IDs of hosts from the first to the last, from an `ID_SET`; asked for with `details=None`.
    Ids(u64, u64),
    /// What could not be read; of a host the key is its ID, as far as it was read.
    Broken(Broken),
}

/// Reads one answer.
pub type Reader = Page<HostList>;

/// What is peculiar to answers of this endpoint, and what must be remembered between two records.
#[derive(Default)]
pub struct HostList {
    /// How many hosts were begun.
    hosts: u32,
    /// The key of a record that could not be read.
    key: String,
}

impl Answer for HostList {
    type Record<'a> = Record<'a>;
    const ROOT: &'static str = "HOST_LIST_OUTPUT";

    fn step(level: &str, name: &[u8]) -> Step {
        match (level, name) {
            ("RESPONSE", b"HOST_LIST") => Step::Enter("HOST_LIST"),
            ("RESPONSE", b"ID_SET") => Step::Enter("ID_SET"),
            ("HOST_LIST", b"HOST") | ("ID_SET", b"ID" | b"ID_RANGE") => Step::Read,
            ("HOST_LIST", b"HOST_LIST") => Step::Over,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        match name {
            b"HOST_LIST" | b"ID_SET" | b"RESPONSE" | b"HOST_LIST_OUTPUT" => true,
            b"HOST" | b"ID_RANGE" | b"WARNING" => !is_end,
            _ => false,
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        if name != b"HOST" {
            return self.ids(name, tokens, each);
        }
        let mut host = Host::default();
        let read = tokens.children(name, |tokens, name| host.read(name, tokens));
        match read {
            Ok(()) => {
                self.hosts += 1;
                each(Record::Host(host, self.hosts));
            }
            Err(Stop::Short) => {}
            Err(_) => self.key = host.id.unwrap_or_default().into_owned(),
        }
        read
    }

    fn broken(&mut self, name: &[u8], reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        let key = std::mem::take(&mut self.key);
        let location = if name != b"HOST" {
            "ID_SET".into()
        } else {
            self.hosts += 1;
            if key.is_empty() { format!("HOST number {}", self.hosts) } else { format!("HOST {key}") }
        };
        each(Record::Broken(Broken { key, reason, location }));
    }
}

impl HostList {
    fn ids(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        let text = tokens.text(name)?.unwrap_or_default();
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        match (first.trim_ascii().parse(), last.trim_ascii().parse()) {
            (Ok(first), Ok(last)) if first <= last => each(Record::Ids(first, last)),
            _ => {
                self.key = text.into_owned();
                self.broken(name, "garbled-record", each);
            }
        }
        Ok(())
    }
}

impl<'w> Host<'w> {
    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"ID" => &mut self.id,
            b"ASSET_ID" => &mut self.asset_id,
            b"IP" => &mut self.ip,
            b"IPV6" => &mut self.ipv6,
            b"TRACKING_METHOD" => &mut self.tracking_method,
            b"NETWORK_ID" => &mut self.network_id,
            b"NETWORK_NAME" => &mut self.network_name,
            b"DNS" => &mut self.dns,
            b"NETBIOS" => &mut self.netbios,
            b"OS" => &mut self.os,
            b"QG_HOSTID" => &mut self.qg_hostid,
            b"CLOUD_PROVIDER" => &mut self.cloud_provider,
            b"CLOUD_RESOURCE_ID" => &mut self.cloud_resource_id,
            b"EC2_INSTANCE_ID" => &mut self.ec2_instance_id,
            b"FIRST_FOUND_DATE" => &mut self.first_found_date,
            b"LAST_VM_SCANNED_DATE" => &mut self.last_vm_scanned_date,
            b"LAST_VULN_SCAN_DATETIME" => &mut self.last_vuln_scan_datetime,
            b"LAST_COMPLIANCE_SCAN_DATETIME" => &mut self.last_compliance_scan_datetime,
            b"ASSET_GROUP_IDS" => &mut self.asset_group_ids,
            b"DNS_DATA" => return tokens.only(name, b"FQDN", &mut self.fqdn),
            b"TAGS" => return tokens.children(name, |tokens, name| tokens.list(name, b"TAG", b"NAME", &mut self.tags)),
            b"METADATA" => return tokens.children(name, |tokens, name| self.metadata(name, tokens)),
            _ => return tokens.skip(name),
        };
        *field = tokens.text(name)?;
        Ok(())
    }

    fn metadata(&mut self, cloud: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        if cloud != b"EC2" {
            return tokens.skip(cloud);
        }
        tokens.children(
            cloud,
            |tokens, name| if name == b"ATTRIBUTE" { self.attribute(tokens) } else { tokens.skip(name) },
        )
    }

    fn attribute(&mut self, tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let (mut key, mut value) = (None, None);
        tokens.children(b"ATTRIBUTE", |tokens, name| {
            match name {
                b"NAME" => key = tokens.text(name)?,
                b"VALUE" => value = tokens.text(name)?,
                _ => tokens.skip(name)?,
            }
            Ok(())
        })?;
        let field = match key.as_deref() {
            Some("instanceState") => &mut self.ec2_instance_state,
            // An agent names it by its path in the instance's metadata.
            Some("region" | "latest/dynamic/instance-identity/document/region") => &mut self.ec2_region,
            _ => return Ok(()),
        };
        // The same name may come from the connector and from the instance itself; one of the two is often empty.
        if let Some(value) = value.filter(|value| value != "null") {
            *field = Some(value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
