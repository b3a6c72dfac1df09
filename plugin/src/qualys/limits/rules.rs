//! What every answer means: one table, to be held against the vendor's own rules line by line.
//!
//! The first rule that fits decides. Nothing is counted and nobody waits here.

use super::Answer;
use crate::bindings::connector::contract::http::FailureKind;
use crate::bindings::connector::contract::problems::ProblemKind::{
    self, Cancelled, Credentials, Permission, Protocol, Settings, Unavailable,
};
use crate::qualys::xml::Fault;

/// A line of the table.
pub(super) struct Rule {
    /// Which answers it is about.
    pub when: When,
    /// Who can mend it.
    pub kind: ProblemKind,
    /// What it is, finely.
    pub code: &'static str,
    /// What is done about it.
    pub then: Then,
    /// What it is, in words; where the source has words of its own, an error says those.
    pub says: &'static str,
    /// What a person does next.
    pub hint: &'static str,
}

/// Which answers a rule is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// The body is an error message with this code, whatever the status.
    Code(u32),
    /// The body is a `ServiceResponse` with this `responseCode`, whatever the status.
    Word(&'static str),
    /// The body is an error message, with any code or none.
    Message,
    /// The body is a `ServiceResponse` with any other `responseCode`.
    AnyWord,
    /// The status is one of these, the last included.
    Status(u16, u16),
    /// The body is like this.
    Body(Body),
    /// There was no answer, or no whole one.
    Failure(FailureKind),
    /// Nothing else fits.
    Else,
}

/// How a body is no good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Body {
    Empty,
    Cut,
    Malformed,
    NotXml,
    WrongRoot,
}

/// What is done about an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    /// Asking again cannot succeed.
    GiveUp,
    /// The source's calls are used up: the same again after the wait it names (header, else item, else window), else so many seconds.
    AfterTold(u32),
    /// Another call still runs: the same again, one at a time from now on, after a wait that grows from and up to so many seconds, or a longer one that a header names.
    Alone(u32, u32),
    /// The source is at work on it: the same again after a wait that grows, or after the one a header names.
    AfterWork(u32, u32),
    /// Trouble that passes: the same again after a wait that grows, or after the one a header names.
    AfterTrouble(u32, u32),
    /// The credentials were good before: the same once more, after so many seconds; else given up.
    IfGoodBefore(u32),
}
use Then::{AfterTold, AfterTrouble, AfterWork, Alone, GiveUp, IfGoodBefore};
use When::{AnyWord, Code, Else, Failure, Message, Status, Word};

const SIGN_IN: &str = "Check username and password by signing in to the console with them; a new user signs in there once and sets a password of its own first.";
const RENEW: &str = "Look in the console under Help > Account Info whether the subscription or trial has ended, and have it renewed by the account manager at Qualys.";
const ACTIVATE: &str = "Have a Manager activate the user in the console: Users > Users, Quick Actions > Activate.";
const REGISTER: &str =
    "Sign in to the console once as this user, accept the terms and set a password; the API answers from then on.";
const SECOND_FACTOR: &str = "The API cannot give a second factor: switch it off for this user in the console under Users > Users > Edit > Security, or use a user without it.";
const LICENCE: &str = "Have a Manager grant it in the console under Users > Users > Edit > Permissions; where the module or the download of the knowledge base was not bought, Qualys support switches it on.";
const API_ACCESS: &str = "In the console, open Users > Users > Edit > User Role: tick API under Allow access to, and grant what is missing under Permissions.";
const REPORT: &str =
    "Report it with a recording: this version of the connector asks in a way that the source does not take.";
const LIMITS: &str =
    "Nothing has to be done; other tools share these calls. Qualys support can raise the limits of the subscription.";
const TROUBLE: &str =
    "Nothing has to be done now; if it stays, look at https://status.qualys.com or ask Qualys support.";
const NETWORK: &str = "Check that the API server's address is right and reachable from here.";
const MIDDLE: &str = "A proxy, a sign-in page or maintenance may stand between here and Qualys.";

/// The table.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // What the body says goes before what the status says: 1965 is documented with status 400 and comes with 409.
    rule(Code(1960), Unavailable, "limit.concurrency",         Alone(10, 30),         "another call of the same kind is still running", LIMITS),
    rule(Code(1965), Unavailable, "limit.rate",                AfterTold(300),        "the calls of this window are used up", LIMITS),
    rule(Code(1981), Unavailable, "answer.pending",            AfterWork(30, 300),    "the source is still preparing the answer", TROUBLE),
    rule(Code(1999), Unavailable, "source.maintenance",        AfterTrouble(120, 900), "the source is being maintained", TROUBLE),
    rule(Code(999),  Unavailable, "source.internal",           AfterTrouble(30, 300), "the source reports trouble of its own", TROUBLE),
    rule(Code(2000), Credentials, "credentials.refused",       IfGoodBefore(60),      "the credentials were refused", SIGN_IN),
    rule(Code(2001), Credentials, "credentials.expired",       GiveUp,                "the account has expired", RENEW),
    rule(Code(2002), Credentials, "credentials.inactive",      GiveUp,                "the user is not active", ACTIVATE),
    rule(Code(2003), Credentials, "credentials.unregistered",  GiveUp,                "the user has not finished the registration", REGISTER),
    rule(Code(2011), Credentials, "credentials.second-factor", GiveUp,                "the user needs a second factor", SECOND_FACTOR),
    rule(Code(2012), Permission,  "permission.licence",        GiveUp,                "the account may not use this API", LICENCE),

    rule(Word("UNAUTHORIZED"),            Permission,  "permission.denied",   GiveUp,                 "the account may not do this", API_ACCESS),
    rule(Word("NOT_AUTHORIZED"),          Permission,  "permission.denied",   GiveUp,                 "the account may not do this", API_ACCESS),
    rule(Word("INSUFFICIENT_PERMISSION"), Permission,  "permission.denied",   GiveUp,                 "the account may not do this", API_ACCESS),
    rule(Word("EVALUATION_EXPIRED"),      Credentials, "credentials.expired", GiveUp,                 "the trial has ended", RENEW),
    rule(Word("LIMIT_EXCEEDED"),          Unavailable, "limit.rate",          AfterTold(300),         "the calls of this window are used up", LIMITS),
    rule(Word("INTERNAL_ERROR"),          Unavailable, "source.internal",     AfterTrouble(30, 300),  "the source reports trouble of its own", TROUBLE),
    rule(Word("EXPORT_FAILED"),           Unavailable, "source.internal",     AfterTrouble(30, 300),  "the source reports trouble of its own", TROUBLE),

    rule(Status(202, 202), Unavailable, "answer.pending",      AfterWork(30, 300),    "the source is still preparing the answer", TROUBLE),
    rule(Status(401, 401), Credentials, "credentials.refused", IfGoodBefore(60),      "the credentials were refused", SIGN_IN),
    rule(Status(403, 403), Permission,  "permission.denied",   GiveUp,                "the account may not do this", API_ACCESS),
    rule(Status(407, 407), Settings,    "network.proxy",       GiveUp,                "a proxy on the way asks for credentials of its own", "Have the operator of this host let its requests pass the proxy."),
    rule(Status(408, 408), Unavailable, "source.slow",         AfterTrouble(30, 300), "the source took too long", TROUBLE),
    rule(Status(429, 429), Unavailable, "limit.rate",          AfterTold(300),        "the source asks for fewer calls", LIMITS),
    rule(Status(503, 503), Unavailable, "source.maintenance",  AfterTrouble(30, 900), "the source is away for a while", TROUBLE),
    rule(Status(504, 504), Unavailable, "source.slow",         AfterTrouble(30, 300), "the source took too long", TROUBLE),
    rule(Status(500, 999), Unavailable, "source.internal",     AfterTrouble(30, 300), "the source reports trouble of its own", TROUBLE),

    // Any other code of a 409 or a 400 stays what it is, however often it is asked.
    rule(Message, Protocol, "request.refused", GiveUp, "the request was refused", REPORT),
    rule(AnyWord, Protocol, "request.refused", GiveUp, "the request was refused", REPORT),

    rule(Status(300, 399), Unavailable, "answer.redirect",     GiveUp,         "the answer points elsewhere", "Check the API server's address; redirects are never followed, because they would carry the credentials elsewhere."),
    rule(Status(404, 404), Protocol,    "endpoint.missing",    GiveUp,         "the endpoint does not exist", NETWORK),
    rule(Status(410, 410), Protocol,    "endpoint.missing",    GiveUp,         "the endpoint does not exist any more", NETWORK),
    rule(Status(409, 409), Unavailable, "limit.rate",          AfterTold(300), "the source asks for fewer calls", LIMITS),
    rule(Status(413, 414), Protocol,    "request.too-long",    GiveUp,         "the request is longer than the source, or a proxy on the way, takes", REPORT),
    rule(Status(400, 499), Protocol,    "request.refused",     GiveUp,         "the request was refused", REPORT),

    rule(When::Body(Body::Empty),     Unavailable, "answer.empty",     AfterTrouble(10, 300), "the answer was empty", TROUBLE),
    rule(When::Body(Body::Cut),       Unavailable, "answer.cut",       AfterTrouble(10, 300), "the answer ended before its closing tag", TROUBLE),
    rule(When::Body(Body::Malformed), Unavailable, "answer.malformed", AfterTrouble(10, 300), "the answer is no XML", TROUBLE),
    rule(When::Body(Body::NotXml),    Unavailable, "answer.not-xml",   AfterTrouble(10, 300), "the answer is no XML", MIDDLE),
    rule(When::Body(Body::WrongRoot), Protocol,    "answer.unknown",   GiveUp,                "the answer is one that was not asked for", REPORT),

    rule(Failure(FailureKind::Cancelled),   Cancelled,   "cancelled",           GiveUp,                "the host said stop", ""),
    rule(Failure(FailureKind::Refused),     Settings,    "network.refused",     GiveUp,                "the host did not let it leave", "Check the API server's address and what the operator allows."),
    rule(Failure(FailureKind::TooLarge),    Protocol,    "answer.too-large",    GiveUp,                "the answer is larger than the host allows", "Set a smaller number of hosts per slice."),
    rule(Failure(FailureKind::Unreachable), Unavailable, "network.unreachable", AfterTrouble(10, 300), "no connection came about", NETWORK),
    rule(Failure(FailureKind::TimedOut),    Unavailable, "network.timed-out",   AfterTrouble(10, 300), "the answer took too long", NETWORK),
    rule(Failure(FailureKind::Cut),         Unavailable, "answer.cut",          AfterTrouble(10, 300), "the answer ended on the way", NETWORK),

    rule(Else, Protocol, "answer.unknown", GiveUp, "the answer is one that was not asked for", REPORT),
];

const fn rule(
    when: When,
    kind: ProblemKind,
    code: &'static str,
    then: Then,
    says: &'static str,
    hint: &'static str,
) -> Rule {
    Rule { when, kind, code, then, says, hint }
}

/// What stands when no rule fits, which the last one sees to.
const UNKNOWN: Rule =
    rule(Else, Protocol, "answer.unknown", GiveUp, "the answer is one that was not asked for", REPORT);

/// The rule for an answer.
pub(super) fn find(answer: Answer<'_>) -> &'static Rule {
    RULES.iter().find(|rule| rule.when.fits(answer)).unwrap_or(&UNKNOWN)
}

impl When {
    fn fits(self, answer: Answer<'_>) -> bool {
        match (self, answer) {
            (Code(code), Answer::Fault(_, Fault::Returned(returned))) => returned.code == Some(code),
            (Message, Answer::Fault(_, Fault::Returned(_))) | (AnyWord, Answer::Word(..)) | (Else, _) => true,
            (Word(word), Answer::Word(_, said, _)) => word == said,
            (Status(first, last), answer) => answer.head().is_some_and(|head| (first..=last).contains(&head.status)),
            (Self::Body(body), Answer::Fault(_, fault)) => Body::of(fault) == Some(body),
            (Failure(kind), Answer::Failure(failure)) => failure.kind == kind,
            _ => false,
        }
    }
}

impl Body {
    fn of(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::Empty => Some(Self::Empty),
            Fault::Cut => Some(Self::Cut),
            Fault::Malformed(_) => Some(Self::Malformed),
            Fault::NotXml { .. } => Some(Self::NotXml),
            Fault::WrongRoot(_) => Some(Self::WrongRoot),
            Fault::Returned(_) => None,
        }
    }
}
