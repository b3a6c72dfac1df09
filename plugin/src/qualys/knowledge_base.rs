//! `POST /api/2.0/fo/knowledge_base/vuln/?action=list`: what QIDs mean.
//!
//! By POST, because a few hundred QIDs make a GET too long for some proxies. Unknown QIDs are silently missing.

use super::Text;
use super::client::Ask;
use super::xml::{self, Kind, List, Page, Stop, Tokens};
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
pub type Record<'a> = xml::Record<Vuln<'a>>;

/// Reads one answer.
pub type Reader = Page<List<VulnList>>;

/// What is peculiar to answers of this endpoint.
pub struct VulnList;

impl Kind for VulnList {
    type Item<'a> = Vuln<'a>;
    const ROOT: &'static str = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT";
    const LIST: &'static str = "VULN_LIST";
    const ITEM: &'static str = "VULN";

    fn read<'w>(item: &mut Vuln<'w>, name: &[u8], tokens: &mut Tokens<'w>) -> Result<(), Stop> {
        item.read(name, tokens)
    }

    fn key(item: Vuln<'_>) -> String {
        item.qid.unwrap_or_default().into_owned()
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
