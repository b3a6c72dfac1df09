//! The sync: page by page, the two files of a page at once, each record handed on soon after it is read.

use crate::lines::Lines;
use crate::{ask, failed, head, problem, rows};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use test_guests::bindings::connector::contract::model::{
    Asset, Batch, CompleteAsset, DroppedRecord, SeenAsset, VulnerabilityKind,
};
use test_guests::bindings::connector::contract::problems::{Problem, ProblemKind};
use test_guests::bindings::connector::contract::{http, sink};
use test_guests::bindings::exports::connector::contract::sync::{DropCount, Ended, Outcome, Request, Stage, Summary};

/// Most pages of a sync: more, and the source is leading us in circles.
const PAGES_MAX: u32 = 100_000;
/// Records of a batch after which it is handed over; a row adds at most two, of little more than a line.
const BATCH_RECORDS: usize = 1_000;
const PIECE_BYTES_MAX: u32 = 64 << 10;

/// Everything that is needed to go on.
#[derive(Clone, Serialize, Deserialize)]
struct Position {
    connector: String,
    /// The page to read; absent when all are read.
    page: Option<u32>,
    /// Every asset that was listed had an identifier.
    is_listing_whole: bool,
    assets: Counts,
    findings: Counts,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Counts {
    seen: u64,
    emitted: u64,
    unchanged: u64,
    dropped: BTreeMap<String, u64>,
}

/// Runs one attempt.
pub fn run(request: &Request) -> Outcome {
    let mut position = match open(request.position.as_deref()) {
        Ok(position) => position,
        Err(problem) => return refused(problem),
    };
    let read = pages(&mut position, request.state.is_some());
    end(&position, read)
}

/// What a run says that did nothing.
pub fn refused(problem: Problem) -> Outcome {
    end(&start(), Err(problem))
}

fn start() -> Position {
    let (assets, findings) = Default::default();
    Position { connector: version(), page: Some(1), is_listing_whole: true, assets, findings }
}

fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn open(stored: Option<&str>) -> Result<Position, Problem> {
    let Some(stored) = stored else { return Ok(start()) };
    let position = serde_json::from_str::<Position>(stored).ok();
    position.filter(|position| position.connector == version()).ok_or_else(|| {
        problem(ProblemKind::Protocol, "position.unreadable", "reading the position: another version wrote it")
    })
}

/// Reads what is left; `position` is always the last one that was committed, and so the counters balance at any end.
fn pages(position: &mut Position, has_state: bool) -> Result<(), Problem> {
    while let Some(number) = position.page {
        *position = Page::new(number, has_state, position.clone()).read()?;
        for (stage, counts) in [("assets", &position.assets), ("findings", &position.findings)] {
            let progress = sink::StageProgress { stage: stage.to_owned(), seen: counts.seen, expected: None };
            go_on(sink::progress(&progress))?;
        }
    }
    Ok(())
}

fn go_on(directive: sink::Directive) -> Result<(), Problem> {
    match directive {
        sink::Directive::Proceed => Ok(()),
        sink::Directive::Stop => Err(problem(ProblemKind::Cancelled, "cancelled", "the host said stop")),
    }
}

/// A page being read.
struct Page {
    number: u32,
    /// The store holds what an earlier sync brought, so that assets are named first, and sent if the host asks for them.
    has_state: bool,
    position: Position,
    batch: Batch,
    /// Assets that the batch names and does not send.
    named: Vec<Asset>,
    /// Assets of the page.
    listed: BTreeSet<String>,
    /// Assets of which a finding was dropped; the empty key stands for any.
    incomplete: BTreeSet<String>,
}

impl Page {
    fn new(number: u32, has_state: bool, position: Position) -> Self {
        let (named, listed, incomplete) = Default::default();
        Self { number, has_state, position, batch: no_records(), named, listed, incomplete }
    }

    fn read(mut self) -> Result<Position, Problem> {
        let mut assets = Download::start("assets", rows::ASSETS, self.number);
        let mut findings = Download::start("findings", rows::FINDINGS, self.number);
        while !(assets.is_read && findings.is_read) {
            if http::ready(&[&assets.exchange, &findings.exchange]) == 0 {
                assets.step(|row, location| self.asset(row, location))?;
            } else {
                findings.step(|row, location| self.finding(row, location))?;
            }
        }
        self.close(assets.next_page)
    }

    fn asset(&mut self, row: &str, location: String) -> Result<(), Problem> {
        self.position.assets.seen += 1;
        match rows::asset(row) {
            Err(reason) => {
                let key = rows::asset_key(row);
                self.position.is_listing_whole &= !key.is_empty();
                self.position.assets.drop(&mut self.batch, "assets", key, reason, location);
            }
            Ok(asset) if self.has_state => {
                self.listed.insert(asset.key.clone());
                self.batch.seen_assets.push(SeenAsset { key: asset.key.clone(), digest: asset.digest });
                self.named.push(asset);
            }
            Ok(asset) => {
                self.position.assets.emitted += 1;
                self.listed.insert(asset.key.clone());
                self.batch.assets.push(asset);
            }
        }
        self.flush_when_full()
    }

    fn finding(&mut self, row: &str, location: String) -> Result<(), Problem> {
        let counts = &mut self.position.findings;
        counts.seen += 1;
        match rows::finding(row) {
            Err(reason) => {
                self.incomplete.insert(rows::asset_key(row).to_owned());
                counts.drop(&mut self.batch, "findings", &rows::finding_key(row), reason, location);
            }
            Ok((vulnerability, finding)) => {
                counts.emitted += 1;
                self.batch.vulnerabilities.push(vulnerability);
                self.batch.findings.push(finding);
            }
        }
        self.flush_when_full()
    }

    fn flush_when_full(&mut self) -> Result<(), Problem> {
        let Batch { assets, vulnerabilities, findings, seen_assets, complete_assets, dropped } = &self.batch;
        let rows = assets.len() + vulnerabilities.len() + findings.len() + dropped.len();
        if rows + seen_assets.len() + complete_assets.len() < BATCH_RECORDS { Ok(()) } else { self.flush() }
    }

    /// Hands over what was read. The position stays, so that after a crash the page is read again and joins what is there.
    fn flush(&mut self) -> Result<(), Problem> {
        let receipt = sink::commit(&std::mem::replace(&mut self.batch, no_records()), None);
        let named = std::mem::take(&mut self.named).into_iter();
        let (stale, same): (Vec<_>, Vec<_>) = named.partition(|asset| receipt.stale_assets.contains(&asset.key));
        self.position.assets.unchanged += same.len() as u64;
        self.position.assets.emitted += stale.len() as u64;
        self.batch.assets = stale;
        go_on(receipt.directive)
    }

    /// Hands over the rest of the page with the position of the next.
    fn close(mut self, next_page: Option<u32>) -> Result<Position, Problem> {
        if next_page.is_some_and(|next| next <= self.number || next > PAGES_MAX) {
            let message = format!("reading assets.csv: page {} names page {next_page:?} as the next", self.number);
            return Err(problem(ProblemKind::Protocol, "source.page", &message));
        }
        if !self.batch.seen_assets.is_empty() {
            self.flush()?;
        }
        let (listed, incomplete) = (std::mem::take(&mut self.listed), std::mem::take(&mut self.incomplete));
        for key in listed.into_iter().filter(|key| !incomplete.contains("") && !incomplete.contains(key)) {
            self.batch.complete_assets.push(CompleteAsset { key, kind: VulnerabilityKind::Vulnerability });
            self.flush_when_full()?;
        }
        self.position.page = next_page;
        let position = serde_json::to_string(&self.position).unwrap_or_default();
        go_on(sink::commit(&self.batch, Some(&position)).directive)?;
        Ok(self.position)
    }
}

impl Counts {
    fn drop(&mut self, batch: &mut Batch, stage: &str, key: &str, reason: &str, location: String) {
        *self.dropped.entry(reason.to_owned()).or_default() += 1;
        let (stage, key, reason) = (stage.to_owned(), key.to_owned(), reason.to_owned());
        batch.dropped.push(DroppedRecord { stage, key, reason, location: Some(location) });
    }

    fn stage(&self, name: &str, finished: bool) -> Stage {
        let dropped = self.dropped.iter().map(|(reason, &count)| DropCount { reason: reason.clone(), count });
        Stage {
            name: name.to_owned(),
            lists_assets: name == "assets",
            finished,
            seen: self.seen,
            emitted: self.emitted,
            unchanged: self.unchanged,
            dropped: dropped.collect(),
        }
    }
}

/// One file of a page on its way in.
struct Download {
    file: &'static str,
    header: &'static str,
    page: u32,
    exchange: http::Exchange,
    has_head: bool,
    next_page: Option<u32>,
    lines: Lines,
    lines_read: u64,
    is_read: bool,
}

impl Download {
    fn start(file: &'static str, header: &'static str, page: u32) -> Self {
        let (exchange, lines) = (ask(file, page), Lines::default());
        Self { file, header, page, exchange, has_head: false, next_page: None, lines, lines_read: 0, is_read: false }
    }

    /// Takes what `ready` promised, and so never blocks: first the head, then piece after piece.
    fn step(&mut self, each: impl FnMut(&str, String) -> Result<(), Problem>) -> Result<(), Problem> {
        let stepped = if self.has_head { self.piece(each) } else { self.head() };
        stepped
            .map_err(|problem| Problem { message: format!("reading {}: {}", self.name(), problem.message), ..problem })
    }

    fn name(&self) -> String {
        format!("{}.csv?page={}", self.file, self.page)
    }

    fn head(&mut self) -> Result<(), Problem> {
        let head = head(&self.exchange)?;
        self.has_head = true;
        let next = head.headers.iter().find(|header| header.name == "x-next-page");
        let number = next.map(|header| header.value.trim().parse()).transpose();
        self.next_page = number.map_err(|_| protocol("x-next-page is not a number"))?;
        Ok(())
    }

    fn piece(&mut self, mut each: impl FnMut(&str, String) -> Result<(), Problem>) -> Result<(), Problem> {
        let piece = self.exchange.read(PIECE_BYTES_MAX).map_err(failed)?;
        self.is_read = piece.is_empty();
        for line in self.lines.take(&piece).map_err(|message| protocol(&message))? {
            self.lines_read += 1;
            match self.lines_read {
                1 if line != self.header => return Err(protocol("the first line is not the header")),
                1 => {}
                _ if line.is_empty() => {}
                number => each(&line, format!("{}, line {number}", self.name()))?,
            }
        }
        Ok(())
    }
}

fn protocol(message: &str) -> Problem {
    problem(ProblemKind::Protocol, "source.format", message)
}

fn no_records() -> Batch {
    let (assets, vulnerabilities, findings) = Default::default();
    let (seen_assets, complete_assets, dropped) = Default::default();
    Batch { assets, vulnerabilities, findings, seen_assets, complete_assets, dropped }
}

/// What the host is told at the end. An asset without identifier may be any asset, so the listing then is not finished.
fn end(position: &Position, read: Result<(), Problem>) -> Outcome {
    let is_read = position.page.is_none();
    let (ended, problem) = match read {
        Ok(()) if position.is_listing_whole => (Ended::Complete, None),
        Ok(()) => (Ended::InPart, None),
        Err(problem) if problem.kind == ProblemKind::Cancelled => (Ended::Stopped, None),
        Err(problem) => (Ended::Failed, Some(problem)),
    };
    let assets = position.assets.stage("assets", is_read && position.is_listing_whole);
    let stages = vec![assets, position.findings.stage("findings", is_read)];
    let summary = Summary { stages, warnings: vec![], source_counts: vec![] };
    let state = matches!(ended, Ended::Complete | Ended::InPart).then(|| "{}".to_owned());
    Outcome { ended, summary, problem, state }
}
