//! An answer between transport and guest: a bounded buffer, with one end for each.

#[cfg(test)]
mod tests;

use super::echo::Scan;
use super::failure;
use super::lanes::Place;
use super::tap::{Heard, Tap};
use crate::bindings::http::{Failure, FailureKind, Head};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Where a transport leaves an answer: bounded, so that a slow reader slows the network.
pub struct Answer(pub(super) Arc<Buffer>);

impl Answer {
    /// From now on `tap` hears what happens to it; the first one stays.
    pub(super) fn tap(&self, tap: Arc<dyn Tap>) {
        let _ = self.0.tap.set(tap);
    }

    /// The head has come. Fails when the host does not let it in; the exchange is then over.
    pub fn head(&self, head: Head) -> Result<(), Failure> {
        let mut state = self.0.state();
        if let Some(scan) = &state.scan {
            let mut lines = head.headers.iter().flat_map(|header| [&header.name, &header.value]);
            lines.find_map(|text| scan.find(text.as_bytes())).map_or(Ok(()), |name| Err(echoed(name)))?;
        }
        self.0.tell(Heard::Head(&head));
        state.head = Some(head);
        self.0.arrived.notify_one();
        Ok(())
    }

    /// A piece of the body has come; waits while too much is read ahead. Fails as `head` does.
    pub async fn piece(&self, piece: Bytes) -> Result<(), Failure> {
        let piece = self.0.state().admit(piece, self.0.bytes_max)?;
        if piece.is_empty() {
            return Ok(());
        }
        while !self.0.offer(&piece) {
            self.0.room.notified().await;
        }
        Ok(())
    }

    /// For how long the guest has waited for this answer so far.
    pub fn asked(&self) -> Duration {
        let state = self.0.state();
        state.asked + state.asked_since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// What both ends share.
pub(super) struct Buffer {
    state: Mutex<State>,
    tap: OnceLock<Arc<dyn Tap>>,
    /// Tells the guest's side that something came; all exchanges of a run share it.
    arrived: Arc<Notify>,
    /// Tells the transport's side that something was taken.
    room: Notify,
    ahead_bytes_max: usize,
    bytes_max: u64,
}

#[derive(Default)]
struct State {
    head: Option<Head>,
    pieces: VecDeque<Bytes>,
    buffered: usize,
    total: u64,
    end: Option<Result<(), Failure>>,
    scan: Option<Scan>,
    place: Option<Place>,
    is_head_taken: bool,
    is_body_touched: bool,
    is_kept: bool,
    is_end_taken: bool,
    asked: Duration,
    asked_since: Option<Instant>,
}

/// What an exchange can bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Readiness {
    /// The next call on it does not block.
    Now,
    /// Something, later.
    Later,
    /// Nothing any more.
    Never,
}

impl Buffer {
    pub fn new(arrived: Arc<Notify>, ahead_bytes_max: usize, bytes_max: u64, scan: Option<Scan>) -> Self {
        let state = Mutex::new(State { scan, ..State::default() });
        Self { state, tap: OnceLock::new(), arrived, room: Notify::new(), ahead_bytes_max, bytes_max }
    }

    /// Takes a piece, if there is room.
    fn offer(&self, piece: &Bytes) -> bool {
        let mut state = self.state();
        let has_room = state.buffered == 0 || state.buffered + piece.len() <= self.ahead_bytes_max;
        if has_room {
            state.push(piece.clone());
            self.arrived.notify_one();
        }
        has_room
    }

    /// Holds the exchange's place in its lane until the answer is taken.
    pub fn hold(&self, place: Place) {
        self.state().place = Some(place);
    }

    /// The guest begins to wait for it.
    pub fn ask(&self) {
        self.state().asked_since.get_or_insert_with(Instant::now);
    }

    /// The guest no longer waits for it.
    pub fn unask(&self) {
        let mut state = self.state();
        let asked = state.asked_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        state.asked += asked;
    }

    /// Nothing more will come. The first end given stays.
    pub fn finish(&self, end: Result<(), Failure>) {
        let mut state = self.state();
        if state.end.is_none() {
            let rest = state.scan.as_mut().map(Scan::end).unwrap_or_default();
            if end.is_ok() && !rest.is_empty() {
                state.push(rest);
            }
            let headless =
                || failure(FailureKind::Unreachable, "transport.no-head", "the answer ended before its head");
            state.end = Some(if state.head.is_none() { end.and_then(|()| Err(headless())) } else { end });
            self.arrived.notify_one();
        }
    }

    /// Replaces whatever there is by a failure.
    pub fn fail(&self, failure: Failure) {
        let mut state = self.state();
        state.discard();
        state.end = Some(Err(failure));
    }

    /// What is taken from now on becomes a secret: no tap hears it.
    pub fn hush(&self) {
        self.state().is_kept = true;
    }

    /// The body, now taken, is this secret.
    pub fn kept(&self, value: &str) {
        self.tell(Heard::Kept(value));
    }

    /// Nobody wants the answer any more.
    pub fn close(&self) {
        let mut state = self.state();
        state.place = None;
        // What nobody began to read could have become a secret.
        let is_open = state.is_body_touched && !state.is_kept;
        let rest = std::mem::take(&mut state.pieces);
        state.discard();
        let end = state.end.clone();
        drop(state);
        if is_open {
            rest.iter().for_each(|piece| self.tell(Heard::Piece(piece)));
        }
        match end {
            Some(Ok(())) if is_open || rest.is_empty() => self.tell(Heard::End),
            Some(Err(failure)) if is_open || rest.is_empty() => self.tell(Heard::Failed(&failure)),
            _ => self.tell(Heard::Dropped),
        }
    }

    pub fn readiness(&self) -> Readiness {
        let state = self.state();
        let has_head = state.head.is_some() && !state.is_head_taken;
        if has_head || !state.pieces.is_empty() || (state.end.is_some() && !state.is_end_taken) {
            Readiness::Now
        } else if state.end.is_some() {
            Readiness::Never
        } else {
            Readiness::Later
        }
    }

    /// The head, or why there is none; `None` when it has not come yet.
    pub fn take_head(&self) -> Option<Result<Head, Failure>> {
        let mut state = self.state();
        match (state.head.clone(), state.end.clone()) {
            (Some(head), _) => {
                state.is_head_taken = true;
                Some(Ok(head))
            }
            (None, Some(Err(failure))) => {
                state.end_taken();
                drop(state);
                self.tell(Heard::Failed(&failure));
                Some(Err(failure))
            }
            (None, _) => None,
        }
    }

    /// The next piece, empty at the end, or why there is none; `None` when it has not come yet.
    pub fn take_piece(&self, max: usize) -> Option<Result<Bytes, Failure>> {
        let mut state = self.state();
        let taken = match (state.pieces.pop_front(), state.end.clone()) {
            (Some(mut piece), _) => {
                let taken = piece.split_to(max.clamp(1, piece.len()));
                state.buffered -= taken.len();
                if !piece.is_empty() {
                    state.pieces.push_front(piece);
                }
                self.room.notify_one();
                Ok(taken)
            }
            (None, Some(end)) => {
                state.end_taken();
                end.map(|()| Bytes::new())
            }
            (None, None) => return None,
        };
        state.is_head_taken = true;
        state.is_body_touched = true;
        let is_kept = state.is_kept;
        drop(state);
        match &taken {
            Err(failure) => self.tell(Heard::Failed(failure)),
            Ok(_) if is_kept => {}
            Ok(piece) if piece.is_empty() => self.tell(Heard::End),
            Ok(piece) => self.tell(Heard::Piece(piece)),
        }
        Some(taken)
    }

    /// Whether something of the body was already asked for.
    pub fn is_body_touched(&self) -> bool {
        self.state().is_body_touched
    }

    fn tell(&self, heard: Heard<'_>) {
        if let Some(tap) = self.tap.get() {
            tap.hear(heard);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts and searches a piece; what is given back may be handed on.
    fn admit(&mut self, piece: Bytes, bytes_max: u64) -> Result<Bytes, Failure> {
        self.total += piece.len() as u64;
        if self.total > bytes_max {
            let message = format!("the answer is larger than {bytes_max} bytes");
            return Err(failure(FailureKind::TooLarge, "answer.too-large", message));
        }
        match &mut self.scan {
            Some(scan) => scan.piece(piece).map_err(|name| echoed(&name)),
            None => Ok(piece),
        }
    }

    fn push(&mut self, piece: Bytes) {
        self.buffered += piece.len();
        self.pieces.push_back(piece);
    }

    fn discard(&mut self) {
        self.pieces.clear();
        self.buffered = 0;
    }

    /// The end was seen: the place in the lane is free.
    fn end_taken(&mut self) {
        self.is_end_taken = true;
        self.place = None;
    }
}

fn echoed(name: &str) -> Failure {
    failure(FailureKind::Refused, "secret.echoed", format!("the answer repeats the secret `{name}`"))
}
