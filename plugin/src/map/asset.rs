//! A host of the vendor as an asset.
//!
//! What another source than the host list knows of a host (hardware addresses, open ports) is not added here.

use super::reason::{HOST_ID_NOT_A_NUMBER, Reason};
use super::{digest, property, size, text, time};
use crate::bindings::connector::contract::model::{Asset, Property, Tag};
use crate::qualys::{Text, detection, host_list};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a scanner writes where a name server knew nothing.
const NO_NAME: &str = "No registered hostname";

/// The asset of a host that the listing brought, with the titles of asset groups by their IDs.
///
/// A group without a title gives no tag. A scan of configurations makes a host seen only where `compliance` is read.
pub fn listed(
    host: &host_list::Host<'_>,
    group_titles: &BTreeMap<String, String>,
    compliance: bool,
) -> Result<Asset, Reason> {
    let names = [name(&host.dns), name(&host.fqdn), name(&host.netbios), text::given(&host.ec2_instance_id)];
    let mut asset = Asset {
        fqdn: name(&host.fqdn).map(Into::into),
        os: text::given(&host.os).map(Into::into),
        created: time::first_seconds([host.first_found_date.as_deref()]),
        last_seen: time::first_seconds([
            host.last_vm_scanned_date.as_deref(),
            host.last_vuln_scan_datetime.as_deref(),
            host.last_compliance_scan_datetime.as_deref().filter(|_| compliance),
        ]),
        state: attribute(&host.ec2_instance_state).map(Into::into),
        tags: tags(host, group_titles),
        properties: properties(host),
        ..named(&host.id, &names, [&host.ip, &host.ipv6])?
    };
    asset.digest = digest::of(&asset);
    size::bounded(asset, size::asset)
}

/// The asset of a host that has detections and that the listing did not bring: it was scanned for the first time in between.
pub fn late(host: &detection::Host) -> Result<Asset, Reason> {
    let names = [name(&host.dns), name(&host.fqdn), name(&host.netbios), text::given(&host.ec2_instance_id)];
    let tracking_method = text::given(&host.tracking_method);
    let asset = Asset {
        fqdn: name(&host.fqdn).map(Into::into),
        os: text::given(&host.os).map(Into::into),
        last_seen: time::first_seconds([host.last_vm_scanned_date.as_deref(), host.last_scan_datetime.as_deref()]),
        properties: property::list([("netbios", name(&host.netbios)), ("tracking-method", tracking_method)]),
        ..named(&host.id, &names, [&host.ip, &host.ipv6])?
    };
    size::bounded(asset, size::asset)
}

/// An asset of which nothing is known but its ID, its addresses, and the first of these names, else an address, else the ID.
fn named(id: &Text<'_>, names: &[Option<&str>], addresses: [&Text<'_>; 2]) -> Result<Asset, Reason> {
    let key = key(text::number::<u64>(id).unwrap_or_default())?;
    let mut ip_addresses: Vec<String> = addresses.into_iter().filter_map(address).collect();
    let name =
        names.iter().copied().flatten().next().or(ip_addresses.first().map(String::as_str)).unwrap_or(&key).into();
    ip_addresses.sort_unstable();
    ip_addresses.dedup();
    Ok(Asset {
        key,
        digest: 0,
        name,
        kind: "host".into(),
        ip_addresses,
        mac_addresses: Vec::new(),
        fqdn: None,
        os: None,
        created: None,
        last_seen: None,
        state: None,
        open_ports: Vec::new(),
        tags: Vec::new(),
        properties: Vec::new(),
    })
}

/// The key of the asset with this host ID, without leading zeros.
pub fn key(host_id: &str) -> Result<String, Reason> {
    text::integer::<u64>(host_id).map(Into::into).ok_or(HOST_ID_NOT_A_NUMBER)
}

/// A name that is one.
fn name<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text::given(text).filter(|name| !name.eq_ignore_ascii_case(NO_NAME))
}

/// A value of a cloud's attribute; the word `null` stands for none.
fn attribute<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text::given(text).filter(|value| !value.eq_ignore_ascii_case("null"))
}

/// An address in its short form; what is no address is left out.
fn address(text: &Text<'_>) -> Option<String> {
    Some(text::given(text)?.parse::<IpAddr>().ok()?.to_string())
}

/// Tags and the titles of groups, by name, then origin.
fn tags(host: &host_list::Host<'_>, group_titles: &BTreeMap<String, String>) -> Vec<Tag> {
    let ids = host.asset_group_ids.as_deref().unwrap_or_default().split(',');
    let titles = ids.filter_map(|id| group_titles.get(id.trim())).map(|title| (title.as_str(), "asset-group"));
    let names = host.tags.iter().map(|name| (name.as_ref(), "tag"));
    let pairs = names.chain(titles).map(|(name, origin)| (name.trim(), origin)).filter(|(name, _)| !name.is_empty());
    let mut pairs: Vec<(&str, &str)> = pairs.collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|(name, origin)| Tag { name: name.into(), origin: origin.into() }).collect()
}

fn properties(host: &host_list::Host<'_>) -> Vec<Property> {
    property::list([
        ("agent-id", text::given(&host.qg_hostid)),
        ("asset-id", text::given(&host.asset_id)),
        ("cloud-instance-id", text::given(&host.cloud_resource_id).or(text::given(&host.ec2_instance_id))),
        ("cloud-provider", text::given(&host.cloud_provider)),
        ("cloud-region", attribute(&host.ec2_region)),
        ("netbios", name(&host.netbios)),
        ("network", text::given(&host.network_name).or(text::given(&host.network_id))),
        ("tracking-method", text::given(&host.tracking_method)),
    ])
}

#[cfg(test)]
mod tests;
