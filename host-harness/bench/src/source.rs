//! interim
use bytes::Bytes;
use std::sync::Arc;
pub const NOW: i64 = 1_772_431_200;
pub const PIECE_BYTES: usize = 64 << 10;
pub struct Source { pub page: Bytes }
pub struct Body(Bytes);
impl Body {
    pub fn piece(&mut self, max: usize) -> Bytes { let n = max.min(self.0.len()); self.0.split_to(n) }
}
impl Source {
    pub fn load() -> Arc<Self> { Arc::new(Self { page: std::fs::read("/tmp/page.xml").unwrap().into() }) }
    pub fn answer(&self, url: &str, form: &[(String, String)]) -> Body {
        if url.contains("/detection/") { return Body(self.page.clone()) }
        if url.contains("/host/") {
            let hosts: String = (1..=200).map(|id| format!("<HOST><ID>{id}</ID></HOST>")).collect();
            return Body(format!("<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME><HOST_LIST>{hosts}</HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>").into());
        }
        let ids = form.iter().find(|f| f.0 == "ids").unwrap();
        let vulns: String = ids.1.split(',').map(|id| format!("<VULN><QID>{id}</QID><TITLE>t</TITLE><CVSS_V3><BASE>7.5</BASE></CVSS_V3></VULN>")).collect();
        Body(format!("<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><VULN_LIST>{vulns}</VULN_LIST></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>").into())
    }
}
