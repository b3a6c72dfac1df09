//! The connector's own code as a native program: the same requests, the same answers, and a sink that counts.

use crate::source::{self, Body, PIECE_BYTES, Source};
use crate::tally::Tally;
use anyhow::{Result, ensure};
use qualys_connector::bindings::connector::contract::http::{self, Allowance, Failure, Head, Request};
use qualys_connector::bindings::connector::contract::log::Level;
use qualys_connector::bindings::connector::contract::model::{Batch, EpochSecs};
use qualys_connector::bindings::connector::contract::sink::{Directive, Receipt, StageProgress};
use qualys_connector::bindings::exports::connector::contract::sync::{self, Ended};
use qualys_connector::ports::{Clock, Http, Log, Sink};
use qualys_connector::settings::Settings;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};

/// Runs one sync.
pub fn sync(source: &Source) -> Result<Tally> {
    let settings = Settings::parse(&settings().to_string()).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let world = World { source, tally: RefCell::default() };
    let request = sync::Request { position: None, state: None, count_source: false };
    let outcome = qualys_connector::sync::run(&world, &settings, &request);
    ensure!(outcome.ended == Ended::Complete, "the native sync did not end well: {outcome:?}");
    Ok(world.tally.into_inner())
}

/// The settings as a host hands them to a connector.
fn settings() -> Value {
    let mut told = source::settings();
    told["password"] = json!({"secret": true});
    told
}

struct World<'s> {
    source: &'s Source,
    tally: RefCell<Tally>,
}

struct Exchange {
    body: RefCell<Body>,
    is_headed: Cell<bool>,
}

impl Http for World<'_> {
    type Exchange = Exchange;
    type Kept = ();

    fn send(&self, request: &Request<'_>) -> Exchange {
        let form = match &request.body {
            Some(http::Body::Form(fields)) => fields.iter().map(field).collect(),
            _ => vec![],
        };
        let body = self.source.answer(&request.url, &form);
        Exchange { body: RefCell::new(body), is_headed: Cell::new(false) }
    }

    fn send_kept<'a>(&self, request: Request<'a>, _: (&str, &str), (): &'a ()) -> Exchange {
        self.send(&request)
    }

    /// One whose head nobody has taken, else the one that was asked for last.
    fn ready(&self, exchanges: &[&Exchange]) -> usize {
        exchanges.iter().position(|exchange| !exchange.is_headed.get()).unwrap_or(exchanges.len() - 1)
    }

    fn head(&self, exchange: &Exchange) -> Result<Head, Failure> {
        exchange.is_headed.set(true);
        Ok(Head { status: 200, headers: vec![] })
    }

    fn read(&self, exchange: &Exchange, bytes_max: u32) -> Result<Vec<u8>, Failure> {
        let piece = exchange.body.borrow_mut().piece((bytes_max as usize).min(PIECE_BYTES));
        self.tally.borrow_mut().bytes += piece.len() as u64;
        Ok(piece.to_vec())
    }

    fn keep(&self, _: &Exchange) -> Result<(), Failure> {
        Ok(())
    }

    fn pace(&self, _: &str, _: &Allowance) {}
}

fn field(field: &http::FormField<'_>) -> (String, String) {
    match &field.value {
        http::Value::Text(text) => (field.name.clone(), text.clone()),
        _ => (field.name.clone(), String::new()),
    }
}

impl Sink for World<'_> {
    fn commit(&self, batch: &Batch, _: Option<&str>) -> Receipt {
        let mut tally = self.tally.borrow_mut();
        tally.assets += batch.assets.len() as u64;
        tally.vulnerabilities += batch.vulnerabilities.len() as u64;
        tally.findings += batch.findings.len() as u64;
        tally.dropped += batch.dropped.len() as u64;
        Receipt { directive: Directive::Proceed, stale_assets: vec![] }
    }

    fn progress(&self, _: &StageProgress) -> Directive {
        Directive::Proceed
    }
}

impl Clock for World<'_> {
    fn now(&self) -> EpochSecs {
        crate::source::NOW
    }
}

impl Log for World<'_> {
    fn write(&self, _: Level, _: &str, _: &[(&str, &str)]) {}
}
