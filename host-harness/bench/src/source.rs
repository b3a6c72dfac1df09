//! What answers: pages of a made-up subscription, either kept once they were made or made anew while they are read.

use bytes::Bytes;
use serde_json::{Value, json};
use simulator::{Filter, Subscription};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use url::Url;

/// The time of every run, in seconds since 1970.
pub const NOW: i64 = 1_772_431_200;
/// Bytes handed over at once.
pub const PIECE_BYTES: usize = 64 << 10;

/// The connector's settings, without the password; they give the largest pages.
pub fn settings() -> Value {
    json!({
        "api_server": "https://qualysapi.qg3.apps.qualys.com",
        "username": "acme3jd1",
        "compliance": "off",
        "slice_hosts": 1000,
    })
}

/// What a run is made to read most of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Everything as it is; with few QIDs, detections.
    Detections,
    /// Hosts on which nothing was found.
    Hosts,
    /// One host, on which every QID was found, in as few words as can be.
    KnowledgeBase,
}

/// A subscription that answers.
pub struct Source {
    subscription: Subscription,
    load: Load,
    /// Pages by what asks for them; none when they are made anew each time.
    kept: Option<Mutex<HashMap<String, Bytes>>>,
}

impl Source {
    /// Pages are made once and kept, so that making them is not measured.
    pub fn keeping(subscription: Subscription, load: Load) -> Self {
        Self { subscription, load, kept: Some(Mutex::default()) }
    }

    /// Pages of any size, none of which is held.
    pub fn making(subscription: Subscription, load: Load) -> Self {
        Self { subscription, load, kept: None }
    }

    /// The answer to a request: its address, and the fields of its form.
    pub fn answer(&self, url: &str, form: &[(String, String)]) -> Body {
        let Some(kept) = &self.kept else { return Body::Made(self.page(url, form)) };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let page = kept.entry(format!("{url} {form:?}")).or_insert_with(|| whole(self.page(url, form)));
        Body::Kept(page.clone())
    }

    /// The detections of all hosts as one page.
    pub fn all_detections(&self) -> Bytes {
        whole(Box::new(self.subscription.detections(0..u32::MAX, Filter::EVERYTHING)))
    }

    fn page(&self, url: &str, form: &[(String, String)]) -> Box<dyn Read + Send> {
        let url = Url::parse(url).expect("the connector asks for an address");
        let query: HashMap<String, String> = url.query_pairs().into_owned().chain(form.iter().cloned()).collect();
        let number = |name: &str, default: u64| query.get(name).map_or(default, |text| text.parse().expect("a number"));
        let ids = number("id_min", 0)..=number("id_max", u64::MAX);
        let hosts = self.subscription.hosts_within(ids);
        match url.path() {
            "/api/2.0/fo/asset/host/" => {
                let page_hosts_max = u32::try_from(number("truncation_limit", 0)).expect("a number of hosts");
                Box::new(self.subscription.host_list(hosts, page_hosts_max))
            }
            "/api/2.0/fo/knowledge_base/vuln/" => {
                let qids: Vec<u32> = query["ids"].split(',').map(|qid| qid.parse().expect("a QID")).collect();
                Box::new(self.subscription.knowledge_base(qids))
            }
            _ => match self.load {
                Load::Detections => Box::new(self.subscription.detections(hosts, Filter::EVERYTHING)),
                Load::Hosts => Box::new(self.subscription.detections(0..0, Filter::EVERYTHING)),
                Load::KnowledgeBase => Box::new(std::io::Cursor::new(self.all_qids_in_few_words())),
            },
        }
    }

    fn all_qids_in_few_words(&self) -> String {
        let detection = |qid| format!("<DETECTION><QID>{qid}</QID><STATUS>Fixed</STATUS></DETECTION>");
        let detections: String = self.subscription.all_qids().map(detection).collect();
        let id = self.subscription.host_id(0);
        format!(
            "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>{id}</ID><DETECTION_LIST>{detections}\
             </DETECTION_LIST></HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"
        )
    }
}

fn whole(mut page: Box<dyn Read + Send>) -> Bytes {
    let mut bytes = Vec::new();
    page.read_to_end(&mut bytes).expect("a page that is made does not fail");
    bytes.into()
}

/// The body of an answer.
pub enum Body {
    /// It was made before.
    Kept(Bytes),
    /// It is made while it is read.
    Made(Box<dyn Read + Send>),
}

impl Body {
    /// The next piece; empty at the end.
    pub fn piece(&mut self, bytes_max: usize) -> Bytes {
        match self {
            Self::Kept(rest) => rest.split_to(rest.len().min(bytes_max)),
            Self::Made(page) => {
                let mut piece = Vec::with_capacity(bytes_max);
                page.take(bytes_max as u64).read_to_end(&mut piece).expect("a page that is made does not fail");
                piece.into()
            }
        }
    }
}
