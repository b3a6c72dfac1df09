//! From an answer to what a check says of it: what all checks share.

use super::call::{Answered, Which};
use super::catalogue::Finding;
use super::round::Answers;
use super::seen::Seen;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::qualys::limits::Answer;
use crate::settings::ApiGeneration;

/// What the host list proves right, general hints put in doubt: the address, and the password.
const SLOW: &str = "Test again: the API server itself can be reached, so this answer was too slow or got lost.";
const LET_IN: &str = "The same user was let in before, so test again; if it stays, ask Qualys support.";

const MISSING: &str = "Other endpoints answer at this address: make sure that this is the newest version of the connector, then ask Qualys support for this endpoint.";

/// What every check says of a test that was stopped while it waited.
const STOPPED: &str = "The test was stopped before the answer came.";

impl Answers {
    /// What came of a request, or why it was not made.
    pub fn of(&self, which: Which) -> Result<&Answered, Finding> {
        let skipped = || Finding::Skipped(self.unasked.unwrap_or("This was not tried.").into());
        self.by.get(which).ok_or_else(skipped)
    }

    /// The same, for what only an API server answers.
    fn of_the_api_server(&self, which: Which) -> Result<&Answered, Finding> {
        if which.is_of_the_api_server() && self.is_no_api_server() {
            return Err(Finding::Skipped("The address is not that of an API server.".into()));
        }
        self.of(which)
    }

    /// A check that a sync cannot do without; a limit that is used up is no fault.
    pub fn required(&self, which: Which, shown: &dyn Fn(&Seen) -> Finding) -> Finding {
        match self.of_the_api_server(which).map(|answered| &answered.seen) {
            Err(skipped) => skipped,
            Ok(Ok(seen)) => shown(seen),
            Ok(Err(error)) if error.is_limit() => Finding::Warned(error.clone()),
            Ok(Err(error)) => Finding::Failed(self.beside_the_host_list(error)),
        }
    }

    /// A check that a sync can do without; `mend` knows better than the endpoint what to do.
    pub fn optional(&self, which: Which, shown: &dyn Fn(&Seen) -> Finding, mend: &dyn Fn(Error) -> Error) -> Finding {
        match self.of_the_api_server(which).map(|answered| &answered.seen) {
            Err(skipped) => skipped,
            Ok(Ok(seen)) => shown(seen),
            Ok(Err(error)) if error.is_cancelled() => Finding::Skipped(STOPPED.into()),
            Ok(Err(error)) if error.is_limit() => Finding::Warned(error.clone()),
            Ok(Err(error)) => Finding::Warned(mend(self.beside_the_host_list(error))),
        }
    }

    /// A general hint gives way to what the host list has proved; one that is about this very error stays.
    fn beside_the_host_list(&self, error: &Error) -> Error {
        let hint = match error.code {
            "network.timed-out" | "network.unreachable" | "answer.cut" => SLOW,
            "endpoint.missing" => MISSING,
            "credentials.refused" if self.is_let_in() => LET_IN,
            _ => return error.clone(),
        };
        error.clone().hint(hint)
    }

    /// The host list has proved the password right.
    pub fn is_let_in(&self) -> bool {
        self.by.get(Which::Hosts).is_some_and(Answered::is_signed_in)
    }

    /// It is this one thing that the user may not do; the credentials are right.
    pub fn is_forbidden(&self, error: &Error) -> bool {
        error.kind == ProblemKind::Permission || error.code == "credentials.refused" && self.is_let_in()
    }

    /// There is something at this server, and none of it is the API: a gateway, a console, another product.
    pub fn is_no_api_server(&self) -> bool {
        let others = [Which::Detections, Which::KnowledgeBase, Which::Groups, Which::Assets];
        let mut others =
            others.into_iter().filter_map(|which| self.by.get(which)).filter(|answered| answered.head.is_some());
        let hosts = self.by.get(Which::Hosts);
        hosts.is_some_and(Answered::is_missing) && others.clone().count() > 0 && others.all(Answered::is_missing)
    }

    /// What a person has to do about something that is not there.
    pub fn why_missing(&self, which: Which, generation: ApiGeneration) -> Option<Error> {
        let Answered { asked, head: Some(head), .. } = self.by.get(which)? else { return None };
        self.known.clone().otherwise(asked, asked.clone(), Answer::Status(head), 1, generation)?.err()
    }
}
