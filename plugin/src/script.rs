//! A world for tests: a list of answers in, a list of commits out.

use crate::bindings::connector::contract::http::{
    Allowance, AnswerHeader, Body, Failure, FailureKind, Head, Header, Request, Value as Text,
};
use crate::bindings::connector::contract::log::Level;
use crate::bindings::connector::contract::model::{Batch, EpochSecs};
use crate::bindings::connector::contract::sink::{Directive, Receipt, StageProgress};
use crate::ports::{Clock, Http, Log, Sink};
use crate::settings::Settings;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};

/// Settings with what must be filled in, and `changes`.
pub fn settings(changes: Value) -> Settings {
    let mut given = json!({
        "api_server": "https://qualysapi.qg3.apps.qualys.com", "username": "acme3jd1", "password": {"secret": true},
    });
    given.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Settings::parse(&given.to_string()).unwrap()
}

/// One answer, for the first request that contains its words.
#[derive(Clone)]
pub struct Canned {
    words: &'static str,
    status: u16,
    headers: Vec<AnswerHeader>,
    body: String,
    failure: Option<Failure>,
    /// The failure comes behind the body, and not instead of a head.
    is_late: bool,
}

/// An answer with a body.
pub fn answer(words: &'static str, status: u16, body: impl Into<String>) -> Canned {
    Canned { words, status, headers: vec![], body: body.into(), failure: None, is_late: false }
}

/// No answer.
pub fn failure(words: &'static str, kind: FailureKind) -> Canned {
    let failure = Failure { kind, code: "test".into(), message: "as scripted".into() };
    Canned { failure: Some(failure), ..answer(words, 0, "") }
}

impl Canned {
    /// Failing where the body ends.
    pub fn then(self, kind: FailureKind) -> Self {
        Self { is_late: true, failure: failure("", kind).failure, ..self }
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(AnswerHeader { name: name.into(), value: value.into() });
        self
    }
}

/// What answers.
enum Source {
    /// Each of these once, to the first request that has its words.
    Canned(Vec<Canned>),
    /// Whatever this makes of a request.
    Made(Box<dyn FnMut(&str) -> Canned>),
}

impl Source {
    fn answer(&mut self, sent: &str) -> Canned {
        let answers = match self {
            Self::Canned(answers) => answers,
            Self::Made(make) => return make(sent),
        };
        let index = answers.iter().position(|answer| answer.words.split(' ').all(|word| sent.contains(word)));
        index.map(|index| answers.remove(index)).unwrap_or_else(|| panic!("nobody expected {sent}"))
    }
}

/// The world.
pub struct Script {
    source: RefCell<Source>,
    piece: usize,
    /// Says stop at this commit, counted from 1.
    pub stop_at: Cell<usize>,
    /// Draws which of several exchanges is ready; with 0 they take turns.
    pub chance: Cell<u64>,
    /// Requests with these words are answered after all others, and counted in [`Script::most_at_once`].
    pub watched: Cell<Option<&'static str>>,
    /// The most of the watched requests that were under way at once.
    pub most_at_once: Cell<usize>,
    /// What was sent: method, address and form.
    pub sent: RefCell<Vec<String>>,
    /// What was sent may wait so long for its first byte, and take so long altogether.
    pub bounds: RefCell<Vec<(Option<u32>, Option<u32>)>>,
    /// What was committed.
    pub commits: RefCell<Vec<(Batch, Option<String>)>>,
    /// What was told of stages: name, and records seen.
    pub progress: RefCell<Vec<(String, u64)>>,
    /// What the clock says.
    pub now: Cell<EpochSecs>,
    /// What was told of lanes.
    pub paces: RefCell<Vec<(String, Allowance)>>,
}

impl Script {
    /// A world with these answers, in pieces of `piece` bytes.
    pub fn new(piece: usize, answers: Vec<Canned>) -> Self {
        Self::of(piece, Source::Canned(answers))
    }

    /// A world that makes its answers from the method, address and form of a request.
    pub fn made(piece: usize, make: impl FnMut(&str) -> Canned + 'static) -> Self {
        Self::of(piece, Source::Made(Box::new(make)))
    }

    fn of(piece: usize, source: Source) -> Self {
        Self {
            source: RefCell::new(source),
            piece,
            stop_at: Cell::new(0),
            chance: Cell::new(0),
            watched: Cell::new(None),
            most_at_once: Cell::new(0),
            sent: RefCell::default(),
            bounds: RefCell::default(),
            commits: RefCell::default(),
            progress: RefCell::default(),
            now: Cell::new(1_772_431_200),
            paces: RefCell::default(),
        }
    }

    /// Answers that nobody asked for.
    pub fn left(&self) -> Vec<&'static str> {
        match &*self.source.borrow() {
            Source::Canned(answers) => answers.iter().map(|answer| answer.words).collect(),
            Source::Made(_) => vec![],
        }
    }

    fn stopped(&self) -> bool {
        let at = self.stop_at.get();
        at > 0 && self.commits.borrow().len() >= at
    }
}

/// An answer being read.
pub struct Reading {
    answer: Canned,
    at: Cell<usize>,
    is_watched: bool,
}

/// A value as a recording shows it.
fn shown(value: &Text<'_>) -> String {
    match value {
        Text::Text(text) => text.clone(),
        Text::Setting(name) => format!("{{{{{name}}}}}"),
        Text::Kept(_) => "{{kept}}".into(),
    }
}

fn cancelled() -> Failure {
    Failure { kind: FailureKind::Cancelled, code: "cancelled".into(), message: "the host said stop".into() }
}

impl Http for Script {
    type Exchange = Reading;
    type Kept = String;

    fn send(&self, request: &Request<'_>) -> Reading {
        let mut sent = format!("{} {}", request.method, request.url);
        match &request.body {
            Some(Body::Form(fields)) => {
                fields.iter().for_each(|field| sent += &format!(" {}={}", field.name, shown(&field.value)));
            }
            Some(Body::Bytes(bytes)) => sent += &format!(" {}", String::from_utf8_lossy(bytes)),
            None => {}
        }
        for header in request.headers.iter().filter(|header| header.name == "authorization") {
            sent += &format!(" {}{}", header.prefix, shown(&header.value));
        }
        self.bounds.borrow_mut().push((request.first_byte_ms, request.total_ms));
        let answer = self.source.borrow_mut().answer(&sent);
        let is_watched = self.watched.get().is_some_and(|words| sent.contains(words));
        self.sent.borrow_mut().push(sent);
        Reading { answer, at: Cell::new(0), is_watched }
    }

    /// Only the host knows what was kept, so the header shows no more than that there is something.
    fn send_kept<'a>(&self, mut request: Request<'a>, (name, prefix): (&str, &str), kept: &'a String) -> Reading {
        let value = Text::Setting(format!("kept, {} letters", kept.len()));
        request.headers.push(Header { name: name.into(), prefix: prefix.into(), value });
        self.send(&request)
    }

    fn ready(&self, exchanges: &[&Reading]) -> usize {
        let watched = exchanges.iter().filter(|exchange| exchange.is_watched).count();
        self.most_at_once.set(watched.max(self.most_at_once.get()));
        if let Some(other) = exchanges.iter().position(|exchange| !exchange.is_watched).filter(|_| watched > 0) {
            return other;
        }
        let (turn, chance) = (self.sent.borrow().len(), self.chance.get());
        if chance == 0 {
            return turn % exchanges.len();
        }
        self.chance.set(chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        (chance >> 33) as usize % exchanges.len()
    }

    fn head(&self, exchange: &Reading) -> Result<Head, Failure> {
        let answer = &exchange.answer;
        match &answer.failure {
            _ if self.stopped() => Err(cancelled()),
            Some(failure) if !answer.is_late => Err(failure.clone()),
            _ => Ok(Head { status: answer.status, headers: answer.headers.clone() }),
        }
    }

    fn read(&self, exchange: &Reading, bytes_max: u32) -> Result<Vec<u8>, Failure> {
        if self.stopped() {
            return Err(cancelled());
        }
        let rest = &exchange.answer.body.as_bytes()[exchange.at.get()..];
        if let (true, Some(failure)) = (rest.is_empty(), &exchange.answer.failure) {
            return Err(failure.clone());
        }
        let piece = &rest[..rest.len().min(self.piece).min(bytes_max as usize)];
        exchange.at.set(exchange.at.get() + piece.len());
        Ok(piece.to_vec())
    }

    fn keep(&self, exchange: &Reading) -> Result<String, Failure> {
        self.head(exchange)?;
        Ok(exchange.answer.body.trim().into())
    }

    fn pace(&self, lane: &str, allowance: &Allowance) {
        self.paces.borrow_mut().push((lane.into(), allowance.clone()));
    }
}

impl Sink for Script {
    fn commit(&self, batch: &Batch, position: Option<&str>) -> Receipt {
        self.commits.borrow_mut().push((batch.clone(), position.map(Into::into)));
        let directive = if self.stopped() { Directive::Stop } else { Directive::Proceed };
        Receipt { directive, stale_assets: vec![] }
    }

    fn progress(&self, progress: &StageProgress) -> Directive {
        self.progress.borrow_mut().push((progress.stage.clone(), progress.seen));
        if self.stopped() { Directive::Stop } else { Directive::Proceed }
    }
}

impl Clock for Script {
    fn now(&self) -> EpochSecs {
        self.now.get()
    }
}

impl Log for Script {
    fn write(&self, _: Level, _: &str, _: &[(&str, &str)]) {}
}
