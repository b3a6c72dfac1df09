//! `GET /api/2.0/fo/asset/host/vm/detection/?action=list`: what was found on the hosts of a slice.
//!
//! Hosts without any matching detection are not in the answer at all: the host list stays the source of hosts.

use super::Text;

/// What stands in a `HOST` before its `DETECTION_LIST`; it outlives the window it was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// `ID`.
    pub id: Text<'static>,
    /// `IP`.
    pub ip: Text<'static>,
    /// `IPV6`.
    pub ipv6: Text<'static>,
    /// `TRACKING_METHOD`.
    pub tracking_method: Text<'static>,
    /// `OS`.
    pub os: Text<'static>,
    /// `DNS`.
    pub dns: Text<'static>,
    /// `DNS_DATA/FQDN`.
    pub fqdn: Text<'static>,
    /// `NETBIOS`.
    pub netbios: Text<'static>,
    /// `LAST_VM_SCANNED_DATE`.
    pub last_vm_scanned_date: Text<'static>,
    /// `LAST_SCAN_DATETIME`.
    pub last_scan_datetime: Text<'static>,
}

/// `HOST/DETECTION_LIST/DETECTION`, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection<'a> {
    /// `UNIQUE_VULN_ID`: stable ID of this finding on this host.
    pub unique_vuln_id: Text<'a>,
    /// `QID`.
    pub qid: Text<'a>,
    /// `TYPE`: `Confirmed`, `Potential`, `Info`.
    pub r#type: Text<'a>,
    /// `SEVERITY`: 1 to 5.
    pub severity: Text<'a>,
    /// `PORT`.
    pub port: Text<'a>,
    /// `PROTOCOL`.
    pub protocol: Text<'a>,
    /// `FQDN`: the virtual host it was found on.
    pub fqdn: Text<'a>,
    /// `SSL`: `0` or `1`.
    pub ssl: Text<'a>,
    /// `INSTANCE`.
    pub instance: Text<'a>,
    /// `RESULTS`, not trimmed inside; entities in CDATA are left as they are.
    pub results: Text<'a>,
    /// `STATUS`: `New`, `Active`, `Fixed`, `Re-Opened`.
    pub status: Text<'a>,
    /// `FIRST_FOUND_DATETIME`.
    pub first_found_datetime: Text<'a>,
    /// `LAST_FOUND_DATETIME`.
    pub last_found_datetime: Text<'a>,
    /// `TIMES_FOUND`.
    pub times_found: Text<'a>,
    /// `LAST_FIXED_DATETIME`.
    pub last_fixed_datetime: Text<'a>,
    /// `SERVICE`.
    pub service: Text<'a>,
    /// `IS_IGNORED`: `0` or `1`, for this host.
    pub is_ignored: Text<'a>,
    /// `IS_DISABLED`: `0` or `1`, for the whole account.
    pub is_disabled: Text<'a>,
    /// `AFFECT_RUNNING_KERNEL`: `0` or `1`; only of kernel QIDs, and only when a kernel filter was sent.
    pub affect_running_kernel: Text<'a>,
}
