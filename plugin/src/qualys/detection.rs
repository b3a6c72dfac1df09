//! `GET /api/2.0/fo/asset/host/vm/detection/?action=list`: what was found on the hosts of a slice.
//!
//! Hosts without any matching detection are not in the answer at all: the host list stays the source of hosts.

use super::Text;
use super::client::Ask;
use super::xml::{Answer, Broken, Page, Step, Stop, Tokens};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The endpoint's quota.
pub const LANE: &str = "detections";
const PATH: &str = "/api/2.0/fo/asset/host/vm/detection/";

/// Which detections a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// All of them: nothing is filtered by kernel.
    Whole,
    /// Those that are not fixed, filtered by kernel.
    Open,
    /// Those that are fixed, never filtered: a kernel that was mended by a restart would else vanish instead.
    Fixed,
}

/// The calls that bring all detections of a slice under a kernel filter (`arf_kernel_filter`, 0 to 3).
pub fn passes(kernel_filter: u8) -> &'static [Pass] {
    if kernel_filter == 0 { &[Pass::Whole] } else { &[Pass::Open, Pass::Fixed] }
}

/// Asks for the detections of the hosts from the first to the last ID, both included.
///
/// Superseded ones are left out; ignored and disabled ones come only when asked for.
/// Filter 0 filters nothing and makes the answer tell which kernel findings are of a running one.
pub fn slice((first, last): (u64, u64), pass: Pass, kernel_filter: u8, severities: &BTreeSet<u8>) -> Ask {
    let status = match pass {
        Pass::Whole => "New,Active,Re-Opened,Fixed",
        Pass::Open => "New,Active,Re-Opened",
        Pass::Fixed => "Fixed",
    };
    let mut parameters = vec![
        ("action", "list".into()),
        ("id_min", first.to_string()),
        ("id_max", last.to_string()),
        ("truncation_limit", "0".into()),
        ("status", status.into()),
        ("include_ignored", "1".into()),
        ("include_disabled", "1".into()),
        ("filter_superseded_qids", "1".into()),
        ("show_results", if pass == Pass::Fixed { "0" } else { "1" }.into()),
    ];
    if pass != Pass::Fixed {
        parameters.push(("arf_kernel_filter", kernel_filter.to_string()));
    }
    if severities.len() < 5 {
        let list: Vec<_> = severities.iter().map(u8::to_string).collect();
        parameters.push(("severities", list.join(",")));
    }
    Ask { lane: LANE, doing: "reading the detections", path: PATH, parameters, is_form: false }
}

/// Asks for the detections of one QID on one host, if one is known, without what a scan saw: the answer is as good when it is empty.
pub fn probe(host: Option<u64>, qid: u32) -> Ask {
    let mut parameters = vec![
        ("action", "list".into()),
        ("truncation_limit", "1".into()),
        ("show_results", "0".into()),
        ("qids", qid.to_string()),
    ];
    parameters.extend(host.map(|host| ("ids", host.to_string())));
    Ask { lane: LANE, doing: "asking for detections", path: PATH, parameters, is_form: false }
}

/// What stands in a `HOST` before its `DETECTION_LIST`; it outlives the window it was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// Which one of the answer it is, from 1.
    pub number: u32,
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
    /// `EC2_INSTANCE_ID`.
    pub ec2_instance_id: Text<'static>,
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

/// What an answer brings, in its order.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one at a time is handed over, and none is kept")]
pub enum Record<'a> {
    /// What was found, on which host, and which one of that host it is, from 1.
    Detection(&'a Host, Detection<'a>, u32),
    /// All detections that the answer has of this host were read; never said of a host with a broken one.
    HostDone(&'a Host),
    /// What could not be read: a detection, or what else stands in a host; the key is the host's ID, as far as it was read.
    Broken(Broken),
}

/// Reads one answer.
pub type Reader = Page<Detections>;

/// What is peculiar to answers of this endpoint, and what must be remembered between two records.
#[derive(Default)]
pub struct Detections {
    host: Host,
    /// How many detections of the host were begun.
    detections: u32,
    /// Something of the host could not be read.
    has_broken: bool,
    /// The host itself was reported.
    is_reported: bool,
}

impl Answer for Detections {
    type Record<'a> = Record<'a>;
    const ROOT: &'static str = "HOST_LIST_VM_DETECTION_OUTPUT";
    const RECORD_LEVELS: &'static [&'static str] = &["HOST", "DETECTION_LIST"];

    fn step(level: &str, name: &[u8]) -> Step {
        match (level, name) {
            ("DETECTION_LIST", b"DETECTION") => Step::Read,
            ("DETECTION_LIST" | "HOST", b"HOST") | ("DETECTION_LIST", b"DETECTION_LIST") => Step::Over,
            ("HOST_LIST", b"HOST_LIST") => Step::Over,
            ("RESPONSE", b"HOST_LIST") => Step::Enter("HOST_LIST"),
            ("HOST_LIST", b"HOST") => Step::Enter("HOST"),
            ("HOST", b"DETECTION_LIST") => Step::Enter("DETECTION_LIST"),
            ("HOST", _) => Step::Read,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        match name {
            b"DETECTION_LIST" | b"HOST" | b"HOST_LIST" | b"RESPONSE" | b"HOST_LIST_VM_DETECTION_OUTPUT" => true,
            b"DETECTION" | b"WARNING" => !is_end,
            _ => false,
        }
    }

    fn enter(&mut self, level: &'static str) {
        if level == "HOST" {
            let number = self.host.number + 1;
            *self = Self { host: Host { number, ..Host::default() }, ..Self::default() };
        }
    }

    fn leave(&mut self, level: &'static str, whole: bool, each: &mut dyn FnMut(Record<'_>)) {
        if !whole {
            self.host_broken("garbled-record", each);
        }
        if level == "HOST" && !self.has_broken {
            each(Record::HostDone(&self.host));
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        if name != b"DETECTION" {
            return self.host.read(name, tokens);
        }
        let mut detection = Detection::default();
        tokens.children(name, |tokens, name| detection.read(name, tokens))?;
        self.detections += 1;
        each(Record::Detection(&self.host, detection, self.detections));
        Ok(())
    }

    fn broken(&mut self, name: &[u8], reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        if name != b"DETECTION" {
            return self.host_broken(reason, each);
        }
        self.has_broken = true;
        self.detections += 1;
        let location = self.host.detection(self.detections);
        each(Record::Broken(Broken { key: self.key(), reason, location }));
    }
}

impl Detections {
    fn host_broken(&mut self, reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        self.has_broken = true;
        if !std::mem::replace(&mut self.is_reported, true) {
            each(Record::Broken(Broken { key: self.key(), reason, location: self.host.location() }));
        }
    }

    fn key(&self) -> String {
        self.host.id.as_deref().unwrap_or_default().to_owned()
    }
}

impl Host {
    /// Where in the answer it stands, for a person who looks for it.
    fn location(&self) -> String {
        match &self.id {
            Some(id) => format!("HOST {id}"),
            None => format!("HOST number {}", self.number),
        }
    }

    /// Where in the answer its detection of this number stands.
    pub fn detection(&self, number: u32) -> String {
        format!("{}, DETECTION {number}", self.location())
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>) -> Result<(), Stop> {
        let field = match name {
            b"ID" => &mut self.id,
            b"IP" => &mut self.ip,
            b"IPV6" => &mut self.ipv6,
            b"TRACKING_METHOD" => &mut self.tracking_method,
            b"OS" => &mut self.os,
            b"DNS" => &mut self.dns,
            b"EC2_INSTANCE_ID" => &mut self.ec2_instance_id,
            b"NETBIOS" => &mut self.netbios,
            b"LAST_VM_SCANNED_DATE" => &mut self.last_vm_scanned_date,
            b"LAST_SCAN_DATETIME" => &mut self.last_scan_datetime,
            b"DNS_DATA" => {
                let mut fqdn = None;
                tokens.only(name, b"FQDN", &mut fqdn)?;
                self.fqdn = owned(fqdn);
                return Ok(());
            }
            _ => return tokens.skip(name),
        };
        *field = owned(tokens.text(name)?);
        Ok(())
    }
}

fn owned(text: Text<'_>) -> Text<'static> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

impl<'w> Detection<'w> {
    /// Whether a kernel filter (0 to 3) lets it through, as the source would decide: not every version filters by itself.
    pub fn passes(&self, kernel_filter: u8) -> bool {
        match (kernel_filter, self.affect_running_kernel.as_deref()) {
            (1, running) => running != Some("0"),
            (2, running) => running == Some("0"),
            (3, running) => running == Some("1"),
            _ => true,
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"UNIQUE_VULN_ID" => &mut self.unique_vuln_id,
            b"QID" => &mut self.qid,
            b"TYPE" => &mut self.r#type,
            b"SEVERITY" => &mut self.severity,
            b"PORT" => &mut self.port,
            b"PROTOCOL" => &mut self.protocol,
            b"FQDN" => &mut self.fqdn,
            b"SSL" => &mut self.ssl,
            b"INSTANCE" => &mut self.instance,
            b"RESULTS" => &mut self.results,
            b"STATUS" => &mut self.status,
            b"FIRST_FOUND_DATETIME" => &mut self.first_found_datetime,
            b"LAST_FOUND_DATETIME" => &mut self.last_found_datetime,
            b"TIMES_FOUND" => &mut self.times_found,
            b"LAST_FIXED_DATETIME" => &mut self.last_fixed_datetime,
            b"SERVICE" => &mut self.service,
            b"IS_IGNORED" => &mut self.is_ignored,
            b"IS_DISABLED" => &mut self.is_disabled,
            b"AFFECT_RUNNING_KERNEL" => &mut self.affect_running_kernel,
            _ => return tokens.skip(name),
        };
        *field = tokens.text(name)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
