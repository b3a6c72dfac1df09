//! The connector as a component, driven by the host: the same requests, the same answers, and a sink that counts.

use crate::source::{Body, NOW, PIECE_BYTES, Source};
use crate::tally::Tally;
use anyhow::{Result, ensure};
use bytes::Bytes;
use host_harness::bindings::http::Head;
use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{Ended, Request};
use host_harness::clock::Virtual;
use host_harness::http::lanes::Lanes;
use host_harness::http::{self, Answer, Exchanging, Outgoing, Part, Transport};
use host_harness::outcome::Usage;
use host_harness::sink::{Committed, Sink};
use host_harness::{Connector, Tenant, Verdict, World};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs one sync; tells what it brought and what it used.
pub async fn sync(connector: &Connector, source: &Arc<Source>, tenant: &Tenant) -> Result<(Tally, Usage)> {
    let world = World::new(Arc::new(Answering::new(source.clone())));
    let counting = Counting::default();
    let request = Request { position: None, state: None, count_source: false };
    let outcome = connector.attempt(tenant, &world, Box::new(counting.clone()), request).await?;
    match outcome.verdict {
        Verdict::Returned(returned) => ensure!(returned.ended == Ended::Complete, "the sync did not end well: {returned:?}"),
        verdict => anyhow::bail!("{verdict}"),
    }
    Ok((Tally { bytes: outcome.usage.answer_bytes, ..counting.tally() }, outcome.usage))
}

/// The network: it answers at once, piece by piece.
pub struct Answering {
    source: Arc<Source>,
    lanes: Arc<Lanes>,
}

impl Answering {
    /// A network with this source in it, and a clock that waits for nobody.
    pub fn new(source: Arc<Source>) -> Self {
        Self { source, lanes: Arc::new(Lanes::new(Arc::new(Virtual::at(NOW)))) }
    }
}

impl Transport for Answering {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.lanes
    }

    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging {
        let body = self.source.answer(request.url.as_str(), &form(&request));
        Box::pin(hand_out(body, answer))
    }
}

async fn hand_out(mut body: Body, answer: Answer) -> Result<(), host_harness::bindings::http::Failure> {
    answer.head(Head { status: 200, headers: vec![] })?;
    loop {
        let piece: Bytes = body.piece(PIECE_BYTES);
        if piece.is_empty() {
            return Ok(());
        }
        answer.piece(piece).await?;
    }
}

fn form(request: &Outgoing) -> Vec<(String, String)> {
    let Some(http::Body::Form(fields)) = &request.body else { return vec![] };
    let field = |(name, part): &(String, Part)| match part {
        Part::Text(text) => (name.clone(), text.clone()),
        Part::Secret(_) => (name.clone(), String::new()),
    };
    fields.iter().map(field).collect()
}

/// A sink that keeps nothing; the host has checked each batch before it arrives.
#[derive(Clone, Default)]
struct Counting(Arc<Mutex<Tally>>);

impl Counting {
    fn tally(&self) -> Tally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Counting {
    fn commit(&mut self, batch: Batch, _: Option<String>) -> Committed<'_> {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.assets += batch.assets.len() as u64;
        tally.vulnerabilities += batch.vulnerabilities.len() as u64;
        tally.findings += batch.findings.len() as u64;
        tally.dropped += batch.dropped.len() as u64;
        Box::pin(async { Ok(vec![]) })
    }
}
