//! The verdict on every answer, and the only place that tells how a lane stands.
//!
//! Qualys counts calls and parallel calls per endpoint and subscription, shared with every other tool of the customer.
//! It tells the state of its counters in headers, when it tells anything.
//! This module decides; the waiting itself is the host's.

use super::xml::{Fault, Return};
use crate::bindings::connector::contract::http::{Allowance, Failure, FailureKind, Head};
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::ports::Http;
use crate::settings::Settings;

/// Attempts that one request gets, the first included.
pub const ATTEMPTS_MAX: u32 = 5;
/// Longest wait that is ever asked for: a whole day's window.
pub const WAIT_SECS_MAX: u32 = 86_400;

/// What an answer came to, once it is known to be no good.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// There was no answer, or no whole one.
    Failure(&'a Failure),
    /// There was one, and its body is not what was asked for.
    Fault(&'a Head, &'a Fault),
    /// There was one, well-formed, with a status other than 200.
    Status(&'a Head),
}

impl<'a> Answer<'a> {
    fn head(self) -> Option<&'a Head> {
        match self {
            Self::Failure(_) => None,
            Self::Fault(head, _) | Self::Status(head) => Some(head),
        }
    }
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Ask the same again once the lane, which stands so, allows.
    Again(Allowance),
    /// Asking again would not help.
    GiveUp(Error),
}

/// Decides about an answer; `attempt` counts from 1, `now` is in seconds since 1970.
///
/// A wait comes on top of the bounds that the answer tells of, or that are expected: telling a lane replaces all of them.
pub fn judge(answer: Answer<'_>, attempt: u32, now: i64, settings: &Settings) -> Verdict {
    match weigh(answer) {
        (_, Some(retry)) if attempt < ATTEMPTS_MAX => {
            let bounds = answer.head().and_then(|head| told(head, settings)).unwrap_or_else(|| expected(settings));
            Verdict::Again(retry.allowance(bounds, attempt, now))
        }
        (error, Some(retry)) => Verdict::GiveUp(Error { retry_after_secs: Some(retry.wait(attempt)), ..error }),
        (error, None) => Verdict::GiveUp(error),
    }
}

/// What is wrong with an answer that will not be asked for again.
pub fn give_up(answer: Answer<'_>) -> Error {
    weigh(answer).0
}

fn weigh(answer: Answer<'_>) -> Judged {
    match answer {
        Answer::Failure(failure) => failed(failure),
        Answer::Fault(head, Fault::Returned(returned)) => refused(head, returned),
        Answer::Fault(head, fault) if head.status == 200 => spoiled(fault),
        Answer::Fault(head, _) | Answer::Status(head) => by_status(head),
    }
}

/// How to ask again.
struct Retry {
    /// Seconds the source names, or the first step of our own back-off.
    wait_secs: u32,
    /// The wait doubles with every attempt: nobody named it.
    grows: bool,
    /// Calls that may run at once from now on.
    parallel: Option<u32>,
    reason: &'static str,
}

impl Retry {
    /// The wait was named by the source.
    fn after(wait_secs: u32, reason: &'static str) -> Self {
        Self { wait_secs, grows: false, parallel: None, reason }
    }

    /// Nobody named a wait.
    fn backing_off(wait_secs: u32, reason: &'static str) -> Self {
        Self { grows: true, ..Self::after(wait_secs, reason) }
    }

    fn wait(&self, attempt: u32) -> u32 {
        let doublings = if self.grows { attempt.saturating_sub(1).min(6) } else { 0 };
        self.wait_secs.saturating_mul(1 << doublings).clamp(1, WAIT_SECS_MAX)
    }

    fn allowance(&self, bounds: Allowance, attempt: u32, now: i64) -> Allowance {
        Allowance {
            parallel: self.parallel.or(bounds.parallel),
            resume_at: Some(now.saturating_add(i64::from(self.wait(attempt)))),
            reason: self.reason.into(),
            ..bounds
        }
    }
}

type Judged = (Error, Option<Retry>);

fn failed(failure: &Failure) -> Judged {
    let again = Some(Retry::backing_off(10, "the last answer failed on the way"));
    let (kind, code, retry) = match failure.kind {
        FailureKind::Cancelled => (ProblemKind::Cancelled, "cancelled", None),
        FailureKind::Refused => (ProblemKind::Settings, "network.refused", None),
        FailureKind::TooLarge => (ProblemKind::Protocol, "answer.too-large", None),
        FailureKind::Unreachable => (ProblemKind::Unavailable, "network.unreachable", again),
        FailureKind::TimedOut => (ProblemKind::Unavailable, "network.timed-out", again),
        FailureKind::Cut => (ProblemKind::Unavailable, "answer.cut", again),
    };
    let error = Error::new(kind, code, format!("{} ({})", failure.message, failure.code));
    (with_network_hint(error), retry)
}

fn with_network_hint(error: Error) -> Error {
    match error.kind {
        ProblemKind::Unavailable => error.hint("Check that the API server's address is right and reachable from here."),
        ProblemKind::Settings => error.hint("Check the API server's address and what the operator allows."),
        _ => error,
    }
}

/// A `SIMPLE_RETURN` or `GENERIC_RETURN`: the code decides, whatever the status says.
fn refused(head: &Head, returned: &Return) -> Judged {
    use ProblemKind::{Credentials, Permission, Protocol, Unavailable};
    let text = |kind, code| Error::new(kind, code, returned.text.clone());
    match (returned.code, head.status) {
        (Some(1965), _) => {
            let wait = header(head, "x-ratelimit-towait-sec").filter(|&secs| secs > 0);
            let window = header(head, "x-ratelimit-window-sec").filter(|&secs| secs > 0);
            let wait = wait.or(returned.wait_secs).or(window).unwrap_or(300);
            (text(Unavailable, "limit.rate"), Some(Retry::after(wait, "the source's calls are used up for now")))
        }
        (Some(1960), _) => {
            let retry = Retry::backing_off(10, "another call of the same kind is still running");
            (text(Unavailable, "limit.concurrency"), Some(Retry { parallel: Some(1), ..retry }))
        }
        (Some(1981), _) | (_, 202) => (
            text(Unavailable, "answer.pending"),
            Some(Retry::backing_off(30, "the source is still preparing the answer")),
        ),
        (Some(2000), _) => {
            let error = text(Credentials, "credentials.refused")
                .hint("Check username and password; sign in to the console once if the account is new.");
            (error, None)
        }
        (Some(2001), _) => {
            (text(Credentials, "credentials.expired").hint("The account has expired: renew it with Qualys."), None)
        }
        (Some(2002), _) => {
            (text(Credentials, "credentials.inactive").hint("Activate the account in the console, under Users."), None)
        }
        (Some(2003), _) => (
            text(Credentials, "credentials.unregistered")
                .hint("Sign in to the console once to finish the registration."),
            None,
        ),
        (Some(2011), _) => {
            let hint = "The account needs a second factor, which the API cannot give: use an account without it.";
            (text(Credentials, "credentials.second-factor").hint(hint), None)
        }
        (Some(2012), _) => (
            text(Permission, "permission.licence").hint("Ask Qualys, or your manager account, to allow this API."),
            None,
        ),
        (Some(999 | 1999), _) => (
            text(Unavailable, "source.internal"),
            Some(Retry::backing_off(30, "the source reports trouble of its own")),
        ),
        (_, 401 | 403 | 429 | 500..) => by_status(head),
        _ => (text(Protocol, "request.refused"), None),
    }
}

/// A status without a body that says more.
fn by_status(head: &Head) -> Judged {
    use ProblemKind::{Credentials, Permission, Protocol, Unavailable};
    let say = |kind, code, what: &str| Error::new(kind, code, format!("{what} (status {})", head.status));
    let asked = header(head, "retry-after").or(header(head, "x-ratelimit-towait-sec")).filter(|&secs| secs > 0);
    let named =
        |default, reason| Some(asked.map_or(Retry::backing_off(default, reason), |secs| Retry::after(secs, reason)));
    match head.status {
        401 => {
            let error = say(Credentials, "credentials.refused", "the credentials were refused")
                .hint("Check username and password.");
            (error, None)
        }
        403 => (
            say(Permission, "permission.denied", "the account may not do this")
                .hint("Ask for the permission, or for API access."),
            None,
        ),
        404 | 410 => {
            let hint = "Check the API server's address: this looks like a gateway or console address, or a version that was retired.";
            (say(Protocol, "endpoint.missing", "the endpoint does not exist").hint(hint), None)
        }
        202 => (
            say(Unavailable, "answer.pending", "the answer is being prepared"),
            named(30, "the source is still preparing the answer"),
        ),
        409 | 429 => (say(Unavailable, "limit.rate", "too many calls"), named(300, "the source asks for fewer calls")),
        500.. => (
            say(Unavailable, "source.internal", "the source reports trouble of its own"),
            named(30, "the source reports trouble of its own"),
        ),
        300..=399 => {
            let hint = "Check the API server's address; redirects are never followed, because they would carry the credentials elsewhere.";
            (say(Unavailable, "answer.redirect", "the answer points elsewhere").hint(hint), None)
        }
        _ => (say(Protocol, "request.refused", "the request was refused"), None),
    }
}

/// A body under status 200 that is not what was asked for.
fn spoiled(fault: &Fault) -> Judged {
    use ProblemKind::{Protocol, Unavailable};
    let again = Some(Retry::backing_off(10, "the last answer was not whole"));
    match fault {
        Fault::Empty => (Error::new(Unavailable, "answer.empty", "the answer was empty"), again),
        Fault::Cut => (Error::new(Unavailable, "answer.cut", "the answer ended before its closing tag"), again),
        Fault::Malformed(what) => {
            (Error::new(Unavailable, "answer.malformed", format!("the answer is no XML: {what}")), again)
        }
        Fault::NotXml { start } => {
            let error =
                Error::new(Unavailable, "answer.not-xml", format!("the answer is no XML and begins with {start:?}"));
            (error.hint("A proxy, a sign-in page or maintenance may stand between here and Qualys."), again)
        }
        Fault::WrongRoot(root) => {
            (Error::new(Protocol, "answer.unknown", format!("the answer is a {root}, which was not asked for")), None)
        }
        Fault::Returned(returned) => (Error::new(Protocol, "request.refused", returned.text.clone()), None),
    }
}

/// Tells the host how a lane stands.
pub fn tell<W: Http>(world: &W, lane: &str, allowance: &Allowance) {
    world.pace(lane, allowance);
}

/// Tells how the lanes stand before their first answers: the figures of the subscription type.
pub fn open<W: Http>(world: &W, lanes: &[&str], settings: &Settings) {
    lanes.iter().for_each(|lane| tell(world, lane, &expected(settings)));
}

/// Tells what the headers of an answer say of its lane, if anything.
pub fn heed<W: Http>(world: &W, lane: &str, head: &Head, settings: &Settings) {
    if let Some(allowance) = told(head, settings) {
        tell(world, lane, &allowance);
    }
}

/// How a lane stands before its first answer: the figures of the subscription type.
fn expected(settings: &Settings) -> Allowance {
    let quota = settings.subscription.quota();
    Allowance {
        limit: Some(kept_back(quota.calls, quota.calls, settings.reserve_percent)),
        window_secs: Some(quota.window_secs),
        remaining: None,
        parallel: Some(quota.parallel),
        resume_at: None,
        reason: "the subscription type's figures".into(),
    }
}

/// How a lane stands by the headers of an answer; none when they say nothing.
///
/// The reserve stays untouched for the customer's other tools.
fn told(head: &Head, settings: &Settings) -> Option<Allowance> {
    let limit = header(head, "x-ratelimit-limit").filter(|&calls| calls > 0)?;
    let window_secs = header(head, "x-ratelimit-window-sec").filter(|&secs| secs > 0)?;
    let remaining = header(head, "x-ratelimit-remaining");
    let parallel = header(head, "x-concurrency-limit-limit").or(header(head, "x-concurrencylimit-limit"));
    Some(Allowance {
        limit: Some(kept_back(limit, limit, settings.reserve_percent)),
        window_secs: Some(window_secs),
        remaining: remaining.map(|left| kept_back(left, limit, settings.reserve_percent)),
        parallel: Some(parallel.unwrap_or(settings.subscription.quota().parallel).max(1)),
        resume_at: None,
        reason: "the limits in the last answer".into(),
    })
}

/// Calls left, calls allowed, and the window in seconds, where the headers tell all three.
pub fn left(head: &Head) -> Option<(u32, u32, u32)> {
    let number = |name| header(head, name);
    Some((number("x-ratelimit-remaining")?, number("x-ratelimit-limit")?, number("x-ratelimit-window-sec")?))
}

/// `calls` without the reserve, which is a share of `limit`; at least one call of a limit stays usable.
fn kept_back(calls: u32, limit: u32, reserve_percent: u32) -> u32 {
    let reserve = u64::from(limit) * u64::from(reserve_percent.min(100)) / 100;
    let left = u64::from(calls).saturating_sub(reserve) as u32;
    if calls == limit { left.max(1) } else { left }
}

/// A header that holds a number; `name` in lower case.
fn header(head: &Head, name: &str) -> Option<u32> {
    head.headers.iter().find(|header| header.name == name)?.value.trim().parse().ok()
}

#[cfg(test)]
mod tests;
