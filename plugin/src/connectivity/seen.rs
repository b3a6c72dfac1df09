//! What an answer shows, as far as a check wants to know: how many, whether scored, what time it is.
//!
//! Endpoints read; here it is only counted.

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{self, Error};
use crate::qualys::json::Flaw;
use crate::qualys::xml::{self, Answer, Fault, Kind, List};
use crate::qualys::{detection, gateway_policies, host_asset, host_list, knowledge_base};

/// The answer is the source's, and none of it can be read.
pub const UNREADABLE: &str = "answer.unreadable";

/// What an answer shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Records: hosts, detections, entries, groups, policies.
    pub records: u64,
    /// Records that could not be read.
    pub broken: u64,
    /// Entries of the knowledge base with a score by CVSS version 2.
    pub scored_v2: u64,
    /// Entries of the knowledge base with a score by CVSS version 3.
    pub scored_v3: u64,
    /// The ID of the first host.
    pub host: Option<u64>,
    /// The server's clock.
    pub datetime: Option<String>,
}

impl Seen {
    /// What it shows, unless that is nothing because nothing could be read.
    pub fn readable(self) -> error::Result<Self> {
        if self.records > 0 || self.broken == 0 {
            return Ok(self);
        }
        let message = "none of the records in the answer can be read";
        Err(Error::new(ProblemKind::Protocol, UNREADABLE, message))
    }
}

/// An answer in XML while it comes in, whatever its endpoint.
pub trait Page {
    /// Takes the next piece.
    fn feed(&mut self, piece: &[u8]) -> Result<(), Fault>;
    /// The answer has ended.
    fn close(&mut self) -> Result<Seen, Fault>;
}

struct Counted<A: Answer> {
    page: xml::Page<A>,
    seen: Seen,
    note: fn(&mut Seen, A::Record<'_>),
}

impl<A: Answer> Page for Counted<A> {
    fn feed(&mut self, piece: &[u8]) -> Result<(), Fault> {
        self.page.feed(piece, &mut |record| (self.note)(&mut self.seen, record))
    }

    fn close(&mut self) -> Result<Seen, Fault> {
        let page = std::mem::take(&mut self.page);
        let end = page.close(&mut |record| (self.note)(&mut self.seen, record))?;
        Ok(Seen { datetime: end.datetime, ..self.seen.clone() })
    }
}

fn counted<A: Answer>(note: fn(&mut Seen, A::Record<'_>)) -> Box<dyn Page> {
    Box::new(Counted::<A> { page: xml::Page::new(), seen: Seen::default(), note })
}

/// Hosts, by their IDs.
pub fn hosts() -> Box<dyn Page> {
    counted::<host_list::HostList>(|seen, record| match record {
        host_list::Record::Ids(first, last) => {
            seen.records += last - first + 1;
            seen.host = seen.host.or(Some(first));
        }
        host_list::Record::Host(..) => seen.records += 1,
        host_list::Record::Broken(_) => seen.broken += 1,
    })
}

/// Detections.
pub fn detections() -> Box<dyn Page> {
    counted::<detection::Detections>(|seen, record| {
        seen.records += u64::from(matches!(record, detection::Record::Detection(..)));
        seen.broken += u64::from(matches!(record, detection::Record::Broken(_)));
    })
}

/// Entries of the knowledge base, and how many of them are scored.
pub fn knowledge_base() -> Box<dyn Page> {
    counted::<List<knowledge_base::VulnList>>(|seen, record| {
        let knowledge_base::Record::Item(vuln, _) = record else { return seen.broken += 1 };
        seen.records += 1;
        seen.scored_v2 += u64::from(vuln.cvss_base.is_some());
        seen.scored_v3 += u64::from(vuln.cvss_v3_base.is_some());
    })
}

/// Elements of a list that are only counted: asset groups, policies by the classic API.
pub fn listed<K: Kind>() -> Box<dyn Page> {
    counted::<List<K>>(|seen, record| match record {
        xml::Record::Item(..) => seen.records += 1,
        xml::Record::Broken(_) => seen.broken += 1,
    })
}

/// Hosts, by the host asset search.
pub fn assets(body: &[u8]) -> Result<Seen, Flaw> {
    Ok(Seen { records: host_asset::count(body)? as u64, ..Seen::default() })
}

/// Active policies, by the gateway.
pub fn gateway_policies(body: &[u8]) -> Result<Seen, Flaw> {
    let policies = gateway_policies::read(body)?;
    let records = policies.iter().filter(|policy| policy.is_active).count() as u64;
    Ok(Seen { records, ..Seen::default() })
}
