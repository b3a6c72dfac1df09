//! What a host does next about a problem, by its code: the table that an operator's runbook and a scheduler are made from.
//!
//! | Code | Kind | What the host does next |
//! | --- | --- | --- |
//! | `limit.rate` | unavailable | tries again after the time the problem names |
//! | `limit.concurrency` | unavailable | tries again, backing off |
//! | `answer.pending` | unavailable | tries again, backing off |
//! | `answer.empty` | unavailable | tries again, backing off |
//! | `answer.cut` | unavailable | tries again, backing off |
//! | `answer.malformed` | unavailable | tries again, backing off |
//! | `answer.not-xml` | unavailable | tries again, backing off |
//! | `answer.redirect` | unavailable | tries again, backing off |
//! | `answer.too-large` | protocol | stops the schedule and asks a person |
//! | `answer.unknown` | protocol | stops the schedule and asks a person |
//! | `source.internal` | unavailable | tries again, backing off |
//! | `source.maintenance` | unavailable | tries again, backing off |
//! | `source.slow` | unavailable | tries again, backing off |
//! | `network.unreachable` | unavailable | tries again, backing off |
//! | `network.timed-out` | unavailable | tries again, backing off |
//! | `network.refused` | settings | stops the schedule and asks a person |
//! | `network.proxy` | settings | stops the schedule and asks a person |
//! | `credentials.refused` | credentials | stops the schedule and asks a person |
//! | `credentials.expired` | credentials | stops the schedule and asks a person |
//! | `credentials.inactive` | credentials | stops the schedule and asks a person |
//! | `credentials.unregistered` | credentials | stops the schedule and asks a person |
//! | `credentials.second-factor` | credentials | stops the schedule and asks a person |
//! | `permission.denied` | permission | goes on without that part and asks for the permission |
//! | `permission.licence` | permission | goes on without that part and asks for the permission |
//! | `endpoint.missing` | protocol | stops the schedule and asks a person |
//! | `endpoint.wrong-address` | settings | stops the schedule and asks a person |
//! | `api-version.retired` | settings | stops the schedule and asks a person |
//! | `api-version.missing` | settings | stops the schedule and asks a person |
//! | `api-version.unknown` | protocol | stops the schedule and asks a person |
//! | `request.refused` | protocol | stops the schedule and asks a person |
//! | `request.too-long` | protocol | stops the schedule and asks a person |
//! | `paging.stuck` | protocol | stops the schedule and asks a person |
//! | `cancelled` | cancelled | goes on from the position when it likes |
//!
//! Where a source names a time, any problem of the kind *unavailable* carries it, and it goes before a host's own back-off.

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;

/// What a host does next about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Stops the schedule and asks a person: the same would come of it again.
    AskPerson,
    /// Goes on without that part and asks for the permission.
    AskPermission,
    /// Tries again, backing off.
    BackOff,
    /// Tries again after the time the problem names.
    AfterTold,
    /// Goes on from the position when it likes: it was the host that said stop.
    GoOn,
}

impl Next {
    /// What to do about an error: its kind says who can mend it, and the time it names says when.
    pub fn of(error: &Error) -> Self {
        match (error.kind, error.retry_after_secs) {
            (ProblemKind::Settings | ProblemKind::Credentials | ProblemKind::Protocol, _) => Self::AskPerson,
            (ProblemKind::Permission, _) => Self::AskPermission,
            (ProblemKind::Unavailable, None) => Self::BackOff,
            (ProblemKind::Unavailable, Some(_)) => Self::AfterTold,
            (ProblemKind::Cancelled, _) => Self::GoOn,
        }
    }

    /// The same in words, as the table above has them.
    pub fn words(self) -> &'static str {
        match self {
            Self::AskPerson => "stops the schedule and asks a person",
            Self::AskPermission => "goes on without that part and asks for the permission",
            Self::BackOff => "tries again, backing off",
            Self::AfterTold => "tries again after the time the problem names",
            Self::GoOn => "goes on from the position when it likes",
        }
    }
}
