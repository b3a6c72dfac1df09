//! One exchange while it is recorded: its head in memory, its body in a file without a name, already without originals.

use super::ANSWER_MADE_UP;
use super::journal::Journal;
use crate::bindings::http::{Failure, FailureKind, Head};
use crate::http::exchange::write::{self, Readable};
use crate::http::exchange::{Asked, Broken};
use crate::http::redact::ORIGINAL_BYTES_MIN;
use crate::http::redact::Redacting;
use crate::http::tap::{Heard, Tap};
use anyhow::Result;
use std::io::{Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::SpooledTempFile;

/// Bytes of a body that stay in memory.
const BODY_MEMORY_BYTES_MAX: usize = 64 << 10;

/// Headers that speak of the connection or the encoding, which a recording has no more; or that hold cookies.
const LEFT_OUT: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "set-cookie",
    "set-cookie2",
    "trailer",
    "transfer-encoding",
];

/// One exchange while it is recorded.
pub struct Tape {
    journal: Arc<Journal>,
    number: u32,
    asked: Asked,
    has_left: AtomicBool,
    /// What came so far; absent when the exchange was written or left out.
    came: Mutex<Option<Came>>,
}

struct Came {
    head: Option<Head>,
    body: SpooledTempFile,
    length: u64,
    readable: Readable,
    redacting: Redacting,
}

impl Tape {
    /// For the exchange of this number.
    pub fn new(journal: Arc<Journal>, number: u32, asked: Asked) -> Self {
        let came = Came {
            head: None,
            body: SpooledTempFile::new_in(BODY_MEMORY_BYTES_MAX, journal.folder()),
            length: 0,
            readable: Readable::default(),
            redacting: journal.redaction().stream(),
        };
        Self { journal, number, asked, has_left: AtomicBool::new(false), came: Mutex::new(Some(came)) }
    }

    /// The request is on its way.
    pub fn leaves(&self) {
        self.has_left.store(true, Ordering::Relaxed);
    }

    fn take(&self, heard: Heard<'_>) -> Result<()> {
        let mut slot = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(came) = slot.as_mut() else { return Ok(()) };
        match heard {
            Heard::Head(head) => {
                self.journal.learn_from_head(head)?;
                came.head = Some(head.clone());
                return Ok(());
            }
            Heard::Piece(piece) => return came.piece(piece),
            _ => {}
        }
        let Some(came) = slot.take() else { return Ok(()) };
        match heard {
            Heard::Kept(value) => self.write_kept(came, value),
            Heard::Failed(failure) if failure.kind != FailureKind::Cancelled => self.write_broken(came, failure),
            Heard::Failed(_) | Heard::Dropped => self.write_dropped(came),
            Heard::Head(_) | Heard::Piece(_) | Heard::End => self.write(came, &[], None),
        }
    }

    fn write_kept(&self, mut came: Came, value: &str) -> Result<()> {
        let redaction = self.journal.redaction();
        if value.len() >= ORIGINAL_BYTES_MIN {
            let name = format!("an answer kept from {}", self.asked.url.origin().ascii_serialization());
            redaction.add_answer(&name, value, ANSWER_MADE_UP)?;
        }
        let made_up = redaction.text(value);
        came.write(if made_up == value { ANSWER_MADE_UP } else { &made_up }.as_bytes())?;
        self.write(came, &[], None)
    }

    fn write_broken(&self, came: Came, failure: &Failure) -> Result<()> {
        let Failure { kind, code, message } = failure;
        self.write(came, &[], Some(Broken { kind: *kind, code: code.clone(), message: message.clone() }))
    }

    /// Of what the connector wanted no more, the connector wants no more when it is replayed, either.
    fn write_dropped(&self, came: Came) -> Result<()> {
        match (came.head.is_some(), self.has_left.load(Ordering::Relaxed)) {
            (true, _) => self.write(came, &["The connector dropped it here.".into()], Some(Broken::cut())),
            (false, true) => {
                self.journal.leave_out(&self.asked);
                Ok(())
            }
            (false, false) => Ok(()),
        }
    }

    fn write(&self, mut came: Came, comments: &[String], broken: Option<Broken>) -> Result<()> {
        if !self.has_left.load(Ordering::Relaxed) {
            return Ok(());
        }
        let text = |text: &str| self.journal.redaction().text(text);
        let broken = broken.map(|broken| Broken { message: text(&broken.message), ..broken });
        let rest = came.redacting.end();
        came.write(&rest)?;
        self.journal.write(self.number, &self.asked, |asked, to| {
            write::request(to, comments, asked)?;
            let Some(head) = came.head else {
                return Ok(write::failure(to, &broken.unwrap_or_else(Broken::cut))?);
            };
            let headers = head.headers.iter().map(|header| (header.name.to_ascii_lowercase(), text(&header.value)));
            let headers: Vec<_> = headers.filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())).collect();
            write::answer(to, head.status, broken.as_ref(), &headers)?;
            came.body.rewind()?;
            Ok(write::body(to, came.readable.end(), came.length, &mut came.body)?)
        })
    }
}

impl Tap for Tape {
    fn hear(&self, heard: Heard<'_>) {
        self.take(heard).unwrap_or_else(|error| self.journal.give_up(error));
    }
}

impl Came {
    fn piece(&mut self, piece: &[u8]) -> Result<()> {
        let clean = self.redacting.piece(piece);
        self.write(&clean)
    }

    fn write(&mut self, clean: &[u8]) -> Result<()> {
        self.readable.piece(clean);
        self.length += clean.len() as u64;
        Ok(self.body.write_all(clean)?)
    }
}
