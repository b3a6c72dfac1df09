//! `POST /api/2.0/fo/knowledge_base/vuln/?action=list`: what QIDs mean.
//!
//! By POST, because a few hundred QIDs make a GET too long for some proxies. Unknown QIDs are silently missing.

use super::Text;
use super::client::Ask;
use super::xml::{Answer, Broken, Page, Step, Stop, Tokens};
use std::borrow::Cow;

/// The endpoint's quota.
pub const LANE: &str = "knowledge-base";
const PATH: &str = "/api/2.0/fo/knowledge_base/vuln/";
/// What [`probe`] asks for: expired, self-signed, misnamed and otherwise wrong certificates.
pub const PROBED_QIDS: std::ops::RangeInclusive<u32> = 38_167..=38_174;
/// QIDs of one call; the vendor's own tools go up to 350.
pub const QIDS_PER_CALL: u32 = 250;

/// Asks what QIDs mean, or what changed of it since a time; never with none, which some platforms take for all of them.
pub fn entries(qids: &[u32], since: Option<&str>) -> Ask {
    let ids: Vec<_> = qids.iter().map(u32::to_string).collect();
    let mut parameters = vec![("action", "list".into()), ("details", "All".into()), ("ids", ids.join(","))];
    parameters.extend(since.map(|since| ("last_modified_after", since.into())));
    Ask { lane: LANE, doing: "reading the knowledge base", path: PATH, parameters, is_form: true }
}

/// Asks what the QIDs about certificates mean: few, known to every scanner, and all of them scored where anything is.
pub fn probe() -> Ask {
    let ids = format!("{}-{}", PROBED_QIDS.start(), PROBED_QIDS.end());
    let parameters = vec![("action", "list".into()), ("details", "All".into()), ("ids", ids)];
    Ask { lane: LANE, doing: "asking the knowledge base", path: PATH, parameters, is_form: true }
}

/// `KNOWLEDGE_BASE_VULN_LIST_OUTPUT/RESPONSE/VULN_LIST/VULN`, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vuln<'a> {
    /// `QID`.
    pub qid: Text<'a>,
    /// `SEVERITY_LEVEL`: 1 to 5.
    pub severity_level: Text<'a>,
    /// `TITLE`.
    pub title: Text<'a>,
    /// `CATEGORY`.
    pub category: Text<'a>,
    /// `LAST_SERVICE_MODIFICATION_DATETIME`.
    pub last_service_modification_datetime: Text<'a>,
    /// `PUBLISHED_DATETIME`.
    pub published_datetime: Text<'a>,
    /// `PATCHABLE`: `0` or `1`.
    pub patchable: Text<'a>,
    /// `CVE_LIST/CVE/ID`.
    pub cves: Vec<Cow<'a, str>>,
    /// `DIAGNOSIS`: HTML.
    pub diagnosis: Text<'a>,
    /// `SOLUTION`: HTML.
    pub solution: Text<'a>,
    /// `CVSS/BASE`: version 2.
    pub cvss_base: Text<'a>,
    /// `CVSS_V3/BASE`.
    pub cvss_v3_base: Text<'a>,
    /// `CVSS_V3/VECTOR_STRING`: with a temporal part, and `CVSS:3.x/` in front.
    pub cvss_v3_vector_string: Text<'a>,
    /// `CVSS_V3/CVSS3_VERSION`.
    pub cvss_v3_version: Text<'a>,
    /// `THREAT_INTELLIGENCE/THREAT_INTEL`: words such as `Easy_Exploit`.
    pub threat_intel: Vec<Cow<'a, str>>,
}

/// What an answer brings, in its order.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one at a time is handed over, and none is kept")]
pub enum Record<'a> {
    /// What a QID means, and which one of the answer it is, from 1.
    Vuln(Vuln<'a>, u32),
    /// What could not be read; the key is its QID, as far as it was read.
    Broken(Broken),
}

/// Reads one answer.
pub type Reader = Page<VulnList>;

/// What is peculiar to answers of this endpoint, and what must be remembered between two records.
#[derive(Default)]
pub struct VulnList {
    /// How many were begun.
    vulns: u32,
    /// The key of a record that could not be read.
    key: String,
}

impl Answer for VulnList {
    type Record<'a> = Record<'a>;
    const ROOT: &'static str = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT";

    fn step(level: &str, name: &[u8]) -> Step {
        match (level, name) {
            ("RESPONSE", b"VULN_LIST") => Step::Enter("VULN_LIST"),
            ("VULN_LIST", b"VULN") => Step::Read,
            ("VULN_LIST", b"VULN_LIST") => Step::Over,
            _ => Step::Skip,
        }
    }

    fn is_border(name: &[u8], is_end: bool) -> bool {
        match name {
            b"VULN_LIST" | b"RESPONSE" | b"KNOWLEDGE_BASE_VULN_LIST_OUTPUT" => true,
            b"VULN" | b"WARNING" => !is_end,
            _ => false,
        }
    }

    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'_>, each: &mut dyn FnMut(Record<'_>)) -> Result<(), Stop> {
        let mut vuln = Vuln::default();
        let read = tokens.children(name, |tokens, name| vuln.read(name, tokens));
        match read {
            Ok(()) => {
                self.vulns += 1;
                each(Record::Vuln(vuln, self.vulns));
            }
            Err(Stop::Short) => {}
            Err(_) => self.key = vuln.qid.unwrap_or_default().into_owned(),
        }
        read
    }

    fn broken(&mut self, _name: &[u8], reason: &'static str, each: &mut dyn FnMut(Record<'_>)) {
        self.vulns += 1;
        let key = std::mem::take(&mut self.key);
        let location = if key.is_empty() { format!("VULN number {}", self.vulns) } else { format!("VULN {key}") };
        each(Record::Broken(Broken { key, reason, location }));
    }
}

impl<'w> Vuln<'w> {
    fn read(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"QID" => &mut self.qid,
            b"SEVERITY_LEVEL" => &mut self.severity_level,
            b"TITLE" => &mut self.title,
            b"CATEGORY" => &mut self.category,
            b"LAST_SERVICE_MODIFICATION_DATETIME" => &mut self.last_service_modification_datetime,
            b"PUBLISHED_DATETIME" => &mut self.published_datetime,
            b"PATCHABLE" => &mut self.patchable,
            b"DIAGNOSIS" => &mut self.diagnosis,
            b"SOLUTION" => &mut self.solution,
            b"CVSS" => return tokens.only(name, b"BASE", &mut self.cvss_base),
            b"CVSS_V3" => return tokens.children(name, |tokens, name| self.cvss_v3(name, tokens)),
            b"CVE_LIST" => {
                return tokens.children(name, |tokens, name| tokens.list(name, b"CVE", b"ID", &mut self.cves));
            }
            b"THREAT_INTELLIGENCE" => return tokens.children(name, |tokens, name| self.threat(name, tokens)),
            _ => return tokens.skip(name),
        };
        *field = tokens.text(name)?;
        Ok(())
    }

    fn cvss_v3(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        let field = match name {
            b"BASE" => &mut self.cvss_v3_base,
            b"VECTOR_STRING" => &mut self.cvss_v3_vector_string,
            b"CVSS3_VERSION" => &mut self.cvss_v3_version,
            _ => return tokens.skip(name),
        };
        *field = tokens.text(name)?;
        Ok(())
    }

    fn threat(&mut self, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        if name != b"THREAT_INTEL" {
            return tokens.skip(name);
        }
        self.threat_intel.extend(tokens.text(name)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
