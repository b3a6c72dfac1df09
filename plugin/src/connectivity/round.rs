//! All that is asked: the host list first, then everything else side by side, so that a slow endpoint takes no other's time.
//!
//! Each is asked once. A policy list follows on its way to it: on the token, or on the news that there is none.

use super::call::{Answered, Call, Standing, Step, Which};
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::ports::World;
use crate::qualys::client::Ask;
use crate::qualys::limits::{self, Answer};
use crate::qualys::versions::Known;
use crate::settings::{ApiGeneration, Compliance, Settings};

/// Milliseconds for each of those that can follow on each other: the host list, the same in the newest version,
/// everything else, and what follows on that. Together they stay below 30 seconds.
/// Where the host list proved nothing of the password, detections go before everything else, and share its time.
pub const FIRST_MS: u32 = 8_000;
const NEWEST_MS: u32 = 4_000;
const BESIDE_MS: u32 = 10_000;
const PROOF_MS: u32 = 5_000;
const AFTER_MS: u32 = 7_000;

/// What came of each, in the order of [`Which`]; so few need no map.
#[derive(Debug, Default)]
pub struct By([Option<Answered>; Which::COUNT]);

impl By {
    /// What came of this one.
    pub fn get(&self, which: Which) -> Option<&Answered> {
        self.0.get(which as usize)?.as_ref()
    }

    /// All that was answered.
    pub fn values(&self) -> impl Iterator<Item = &Answered> {
        self.0.iter().flatten()
    }

    fn put(&mut self, which: Which, answered: Answered) {
        if let Some(place) = self.0.get_mut(which as usize) {
            *place = Some(answered);
        }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Answers {
    /// One for each that was asked; of one that was asked in two versions, the later.
    pub by: By,
    /// Why nothing was asked after the host list, as a sentence.
    pub unasked: Option<&'static str>,
    /// What the platform has shown of itself.
    pub known: Known,
    /// What was asked in the newest version, because the oldest is not there.
    pub newest: Option<Which>,
}

/// Asks all that the settings call for.
pub fn run<W: World>(world: &W, settings: &Settings) -> Answers {
    let standing = Standing { settings, lanes: limits::open(world, &[], settings), known: Known::default() };
    let (calls, token) = (Vec::new(), None);
    let mut round = Round { world, standing, calls, answers: Answers::default(), token, is_stopped: false };
    round.send(Which::Hosts, FIRST_MS);
    round.land();
    round.answers.unasked = round.answers.by.get(Which::Hosts).and_then(reason_to_end);
    let mut rest_ms = BESIDE_MS;
    if round.answers.unasked.is_none() && !round.answers.is_let_in() {
        rest_ms -= PROOF_MS;
        round.send(Which::Detections, PROOF_MS);
        round.land();
        let proof = round.answers.by.get(Which::Detections).filter(|detections| detections.head.is_some());
        round.answers.unasked = proof.and_then(reason_to_end);
    }
    if round.answers.unasked.is_none() {
        let is_asked = |which: &Which| round.answers.by.get(*which).is_some();
        let rest: Vec<_> = beside(settings).into_iter().filter(|which| !is_asked(which)).collect();
        rest.into_iter().for_each(|which| round.send(which, rest_ms));
        round.land();
    }
    Answers { known: round.standing.known, ..round.answers }
}

/// Why it is pointless, or unkind, to ask for anything else.
fn reason_to_end(hosts: &Answered) -> Option<&'static str> {
    let error = hosts.seen.as_ref().err()?;
    match error.kind {
        ProblemKind::Cancelled => Some("The test was stopped before this was tried."),
        // Another attempt with a wrong password could lock the account.
        ProblemKind::Credentials => Some("The sign-in was refused, so this was not tried."),
        _ if hosts.is_foreign() => Some("What answers does not look like Qualys, so this was not tried."),
        _ if hosts.head.is_none() => Some("Nothing answered, so this was not tried."),
        _ => None,
    }
}

/// What is asked at once, after the host list.
fn beside(settings: &Settings) -> Vec<Which> {
    let mut calls = vec![Which::Detections, Which::KnowledgeBase, Which::Assets, Which::Groups];
    calls.extend(match (settings.compliance, &settings.gateway) {
        (Compliance::Off, _) => None,
        (Compliance::Gateway | Compliance::Auto, Some(_)) => Some(Which::Token),
        (Compliance::Gateway, None) => None,
        (Compliance::Classic, _) | (Compliance::Auto, None) => Some(Which::ClassicPolicies),
    });
    calls
}

struct Round<'r, W: World> {
    world: &'r W,
    standing: Standing<'r>,
    calls: Vec<Call<W>>,
    answers: Answers,
    token: Option<W::Kept>,
    /// The host said stop: nothing may be sent any more.
    is_stopped: bool,
}

impl<W: World> Round<'_, W> {
    fn send(&mut self, which: Which, total_ms: u32) {
        let ask = self.standing.known.put(self.ask(which), self.generation());
        self.send_as(which, ask, total_ms);
    }

    /// Where the host list is there in its newest version alone, the others are asked in theirs at once.
    fn generation(&self) -> ApiGeneration {
        let is_only_newest = self.answers.newest == Some(Which::Hosts) && self.answers.is_let_in();
        if is_only_newest { ApiGeneration::Current } else { self.standing.settings.api_generation }
    }

    fn ask(&self, which: Which) -> Ask {
        let hosts = self.answers.by.get(Which::Hosts);
        let host = hosts.and_then(|hosts| hosts.seen.as_ref().ok()?.host);
        which.ask(host, self.standing.settings.api_generation)
    }

    fn send_as(&mut self, which: Which, ask: Ask, total_ms: u32) {
        if !self.is_stopped {
            let token = self.token.as_ref();
            self.calls.extend(Call::send(self.world, &mut self.standing, (which, ask), token, total_ms));
        }
    }

    /// Asks for the newest version of what is not there, once in a test: that is the call of the check of versions.
    ///
    /// Where its lane would hold it back, it is not asked: no bound of ours counts before it leaves.
    fn send_newest(&mut self, which: Which) {
        let Some(Answered { asked, head: Some(head), .. }) = self.answers.by.get(which) else { return };
        let (plain, generation) = (self.ask(which), self.standing.settings.api_generation);
        let otherwise = self.standing.known.otherwise(asked, plain, Answer::Status(head), 0, generation);
        if let (None, Some(Ok(ask))) = (self.answers.newest, otherwise)
            && self.standing.lanes.is_open(self.world, ask.lane)
        {
            self.answers.newest = Some(which);
            self.send_as(which, ask, NEWEST_MS);
        }
    }

    /// Reads whatever is ready, until all is read.
    fn land(&mut self) {
        while !self.calls.is_empty() {
            let exchanges: Vec<_> = self.calls.iter().map(|call| &call.exchange).collect();
            let at = self.world.ready(&exchanges);
            let Some(call) = self.calls.get_mut(at) else { return };
            match call.advance(self.world, &mut self.standing) {
                Step::More => {}
                Step::Done(answered) => self.close(at, answered),
                Step::Kept(answered, token) => {
                    self.token = Some(token);
                    self.close(at, answered);
                }
            }
        }
    }

    fn close(&mut self, at: usize, answered: Answered) {
        let which = self.calls.swap_remove(at).which;
        self.is_stopped |= answered.seen.as_ref().is_err_and(Error::is_cancelled);
        let is_fine = answered.seen.is_ok();
        self.answers.by.put(which, answered);
        match (which, self.standing.settings.compliance) {
            (Which::Token, _) if is_fine => self.send(Which::GatewayPolicies, AFTER_MS),
            (Which::Token, Compliance::Auto) => self.send(Which::ClassicPolicies, AFTER_MS),
            (Which::Hosts | Which::Detections | Which::KnowledgeBase, _) => self.send_newest(which),
            _ => {}
        }
    }
}
