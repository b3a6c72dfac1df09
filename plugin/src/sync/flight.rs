//! One request on its way: what it is for, what has come of it, and whether it is asked again.
//!
//! Records leave as they are read; what they count for is kept apart until the answer is known to be whole.

use super::cargo::Cargo;
use super::stage::Stage;
use crate::bindings::connector::contract::http::Head;
use crate::bindings::connector::contract::log::Level;
use crate::error::Error;
use crate::ports::World;
use crate::qualys::client::{self, Ask};
use crate::qualys::limits::{self, Answer, Meaning, Ticket, Tries, Verdict};
use crate::qualys::xml::End;

/// Bytes asked for at once.
const PIECE_BYTES_MAX: u32 = 64 << 10;

/// What reading on has brought.
pub enum Step {
    /// There is more to come.
    More,
    /// The answer was whole.
    Done(End),
    /// It was refused what another one finds out about: it is asked for when that is over.
    Later,
    /// Asking for the same again would not help, and asking for less may.
    InVain,
    /// Asking again would not help.
    GaveUp(Error),
}

/// A request on its way.
pub struct Flight<W: World> {
    /// What it is for.
    pub stage: Stage,
    /// The exchange; `ready` chooses among those of all flights.
    pub exchange: W::Exchange,
    ask: Ask,
    ticket: Ticket,
    tries: Tries,
    /// How often another version was asked.
    versions: u32,
    /// Answers after which less may be asked for.
    in_vain: u32,
    /// It was sent while there was a doubt, and finds out about it.
    is_test: bool,
    head: Option<Head>,
}

impl<W: World> Flight<W> {
    /// Sends the request.
    pub fn depart(world: &W, cargo: &mut Cargo<'_, W>, stage: Stage) -> Self {
        let ask = cargo.standing.known.put(stage.ask(cargo.settings), cargo.settings.api_generation);
        let ticket = cargo.lanes.sent(ask.lane);
        let exchange = client::send(world, cargo.settings, &ask);
        let is_test = cargo.is_doubted;
        Self { stage, exchange, ask, ticket, tries: Tries::default(), versions: 0, in_vain: 0, is_test, head: None }
    }

    /// Takes what has come; does not block on an exchange that is ready.
    pub fn advance(&mut self, world: &W, cargo: &mut Cargo<'_, W>) -> Step {
        let Some(head) = &self.head else { return self.take_head(world, cargo) };
        let body = match world.read(&self.exchange, PIECE_BYTES_MAX) {
            Err(failure) => return self.judge(world, cargo, Answer::Failure(&failure)),
            Ok(piece) if piece.is_empty() => self.stage.close(&self.ask, cargo).map(Some),
            Ok(piece) => self.stage.feed(&piece, &self.ask, cargo).map(|()| None),
        };
        match body {
            Ok(None) => Step::More,
            Ok(Some(end)) if head.status == 200 => {
                cargo.standing.known.answered(&self.ask, cargo.settings.api_generation);
                cargo.is_doubted &= !self.is_test;
                Step::Done(end)
            }
            Ok(Some(_)) => self.judge(world, cargo, Answer::Status(&head.clone())),
            Err(fault) => self.judge(world, cargo, Answer::Fault(&head.clone(), &fault)),
        }
    }

    fn take_head(&mut self, world: &W, cargo: &mut Cargo<'_, W>) -> Step {
        match world.head(&self.exchange) {
            Err(failure) => self.judge(world, cargo, Answer::Failure(&failure)),
            Ok(head) => {
                cargo.lanes.heed(world, self.ask.lane, self.ticket, &head);
                self.head = Some(head);
                Step::More
            }
        }
    }

    /// Asks otherwise, again, or for less, or gives up.
    fn judge(&mut self, world: &W, cargo: &mut Cargo<'_, W>, answer: Answer<'_>) -> Step {
        let (plain, generation) = (self.stage.ask(cargo.settings), cargo.settings.api_generation);
        match cargo.standing.known.otherwise(&self.ask, plain, answer, self.versions, generation) {
            Some(Ok(ask)) => {
                world.write(Level::Warn, "asking otherwise", &[("lane", ask.lane), ("path", ask.path)]);
                self.versions += u32::from(ask.path != self.ask.path);
                self.ask = ask;
                return self.again(world, cargo);
            }
            Some(Err(error)) => return Step::GaveUp(error.during(self.ask.doing)),
            None => {}
        }
        let patience = self.stage.patience(limits::blame(answer));
        self.in_vain += u32::from(patience.is_some());
        let exhausted = patience.is_some_and(|most| self.in_vain >= most);
        let was_good = cargo.standing.known.has_answered() && !self.is_test;
        match limits::judge(answer, &mut self.tries, was_good) {
            Verdict::GiveUp(error) if patience.is_some() => self.less(world, error.code),
            Verdict::GiveUp(error) => Step::GaveUp(error.during(self.ask.doing)),
            Verdict::Again(wait) => {
                cargo.lanes.wait(world, self.ask.lane, &wait);
                if exhausted {
                    return self.less(world, wait.reason);
                }
                if cargo.is_doubted && !self.is_test {
                    return Step::Later;
                }
                cargo.is_doubted |= wait.meaning == Meaning::Doubt;
                world.write(Level::Info, "asking again", &[("lane", self.ask.lane), ("why", wait.reason)]);
                self.again(world, cargo)
            }
        }
    }

    fn less(&self, world: &W, why: &str) -> Step {
        world.write(Level::Info, "asking for less", &[("lane", self.ask.lane), ("why", why)]);
        Step::InVain
    }

    /// Asks anew, with nothing read.
    fn again(&mut self, world: &W, cargo: &mut Cargo<'_, W>) -> Step {
        self.stage = self.stage.afresh();
        self.head = None;
        self.is_test = cargo.is_doubted;
        self.ticket = cargo.lanes.sent(self.ask.lane);
        self.exchange = client::send(world, cargo.settings, &self.ask);
        Step::More
    }
}
