//! The connector as a component, driven by the host: the same requests, the same answers, and a sink that counts.

use anyhow::{Result, bail, ensure};
use bench::source::{Body, NOW, PIECE_BYTES, Source};
use bench::tally::Tally;
use host_harness::bindings::http::{Failure, Head};
use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{Ended, Request};
use host_harness::clock::Virtual;
use host_harness::http::lanes::Lanes;
use host_harness::http::{self, Answer, Exchanging, Outgoing, Part, Transport};
use host_harness::outcome::Usage;
use host_harness::sink::{Committed, Sink};
use host_harness::{Connector, Tenant, Verdict, World};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Runs one sync; tells what it brought and what it used.
pub async fn sync(connector: &Connector, source: &Arc<Source>, tenant: &Tenant) -> Result<(Tally, Usage)> {
    let tally = Shared::<Tally>::default();
    let counted = tally.clone();
    let usage =
        run(connector, source, tenant, Box::new(Each(move |batch: Batch| count(&mut counted.lock(), &batch)))).await?;
    let tally = *tally.lock();
    Ok((Tally { bytes: usage.answer_bytes, ..tally }, usage))
}

fn count(tally: &mut Tally, batch: &Batch) {
    tally.assets += batch.assets.len() as u64;
    tally.vulnerabilities += batch.vulnerabilities.len() as u64;
    tally.findings += batch.findings.len() as u64;
    tally.dropped += batch.dropped.len() as u64;
}

/// Runs one sync, and gives all that it brought.
pub async fn batches(connector: &Connector, source: &Arc<Source>, tenant: &Tenant) -> Result<Vec<Batch>> {
    let batches = Shared::<Vec<Batch>>::default();
    let kept = batches.clone();
    run(connector, source, tenant, Box::new(Each(move |batch| kept.lock().push(batch)))).await?;
    Ok(std::mem::take(&mut batches.lock()))
}

async fn run(connector: &Connector, source: &Arc<Source>, tenant: &Tenant, sink: Box<dyn Sink>) -> Result<Usage> {
    let world = World::new(Arc::new(Answering::new(source.clone())));
    let request = Request { position: None, state: None, count_source: false };
    let outcome = connector.attempt(tenant, &world, sink, request).await?;
    match outcome.verdict {
        Verdict::Returned(returned) => ensure!(returned.ended == Ended::Complete, "{:?}", returned.problem),
        verdict => bail!("{verdict}"),
    }
    Ok(outcome.usage)
}

/// What a sink and its owner share.
#[derive(Default)]
struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sink that hands each batch to a function; the host has checked it before it arrives.
struct Each<F>(F);

impl<F: FnMut(Batch) + Send> Sink for Each<F> {
    fn commit(&mut self, batch: Batch, _: Option<String>) -> Committed<'_> {
        (self.0)(batch);
        Box::pin(async { Ok(vec![]) })
    }
}

/// The network: it answers at once, piece by piece.
struct Answering {
    source: Arc<Source>,
    lanes: Arc<Lanes>,
}

impl Answering {
    fn new(source: Arc<Source>) -> Self {
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

async fn hand_out(mut body: Body, answer: Answer) -> Result<(), Failure> {
    answer.head(Head { status: 200, headers: vec![] })?;
    loop {
        let piece = body.piece(PIECE_BYTES);
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
