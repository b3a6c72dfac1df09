//! `POST /api/2.0/fo/knowledge_base/vuln/?action=list`: what QIDs mean.
//!
//! By POST, because a few hundred QIDs make a GET too long for some proxies. Unknown QIDs are silently missing.

use super::Text;
use std::borrow::Cow;

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
