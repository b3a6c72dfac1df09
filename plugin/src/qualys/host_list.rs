//! `GET /api/2.0/fo/asset/host/?action=list`: every host the account can see.
//!
//! Pages by `WARNING/URL`. The vendor's field names are kept as they are.

use super::Text;
use std::borrow::Cow;

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
    /// `METADATA/EC2/ATTRIBUTE[NAME='region']/VALUE`.
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
