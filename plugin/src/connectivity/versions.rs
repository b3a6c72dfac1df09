//! Which versions of the endpoints are served, and for how long.
//!
//! An endpoint that is not there while others answer has been retired.

use super::call::{Answered, Which};
use super::catalogue::Finding;
use super::round::Answers;
use super::seen::Seen;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::map::time;
use crate::qualys::gateway_policies;
use crate::settings::{ApiGeneration, Settings};

/// The endpoints with versions that a sync cannot do without.
const VERSIONED: [(Which, &str); 3] =
    [(Which::Hosts, "host list"), (Which::Detections, "detections"), (Which::KnowledgeBase, "knowledge base")];

/// What Qualys has announced: (path, for people, from when on it is not supported, when it ends).
///
/// Of the versions of host list, detections and knowledge base no end is known.
const ENDING: [(&str, &str, &str, &str); 1] =
    [(gateway_policies::OLD_PATH, "version 1.0 of the gateway's list of policies", "2026-11-01T00:00:00Z", "May 2027")];

/// A check of an endpoint with versions: one that is not there is explained.
pub fn required(answers: &Answers, settings: &Settings, which: Which, shown: &dyn Fn(&Seen) -> Finding) -> Finding {
    let is_missing = answers.by.get(which).is_some_and(Answered::is_missing) && !answers.is_no_api_server();
    match VERSIONED.iter().find(|(versioned, _)| is_missing && *versioned == which) {
        Some((_, name)) => missing(answers, settings, which, name),
        None => answers.required(which, shown),
    }
}

/// The versions, as far as answers tell.
pub fn api_version(answers: &Answers, settings: &Settings) -> Finding {
    if let Some(why) = answers.unasked {
        return Finding::Skipped(why.into());
    }
    if answers.is_no_api_server() {
        return Finding::Skipped("The address is not that of an API server.".into());
    }
    let are = |is_so: fn(&Answered) -> bool| {
        VERSIONED.into_iter().filter(move |&(which, _)| answers.by.get(which).is_some_and(is_so))
    };
    if let Some((which, name)) = are(Answered::is_missing).next() {
        return missing(answers, settings, which, name);
    }
    if let Some(error) = answers.known.warnings(settings.api_generation).into_iter().next() {
        return Finding::Warned(error);
    }
    if let Some(error) = ENDING.iter().find_map(|ending| ends(answers, ending)) {
        return Finding::Warned(error);
    }
    let served: Vec<_> =
        are(Answered::is_signed_in).filter_map(|(which, name)| versioned(answers, which, name)).collect();
    match served.is_empty() {
        true => Finding::Skipped("No answer tells.".into()),
        false => Finding::Passed(format!("Served: {}. No end of these is known.", served.join(", "))),
    }
}

/// An endpoint with the version that answered, which stands in its path: `/api/2.0/fo/…`.
fn versioned(answers: &Answers, which: Which, name: &str) -> Option<String> {
    Some(format!("{name} {}", answers.by.get(which)?.asked.path.split('/').nth(2)?))
}

/// Why an endpoint is not there; where the test's one call for another version was not made for it, a sync finds out.
fn missing(answers: &Answers, settings: &Settings, which: Which, name: &str) -> Finding {
    let generation = settings.api_generation;
    if generation == ApiGeneration::Auto && answers.newest != Some(which) {
        let message = format!("{} is not served", versioned(answers, which, name).unwrap_or_default());
        let error = Error::new(ProblemKind::Settings, "api-version.retired", message);
        return Finding::Warned(error.hint("A sync goes on with another version, by itself."));
    }
    match answers.why_missing(which, generation) {
        Some(error) => Finding::Failed(error),
        None => Finding::Skipped("No answer tells.".into()),
    }
}

fn ends(answers: &Answers, (path, name, unsupported, end): &(&str, &str, &str, &str)) -> Option<Error> {
    let answered = answers.by.values().find(|answered| answered.asked.path == *path)?;
    if answered.is_missing() {
        let error = Error::new(ProblemKind::Settings, "api-version.retired", format!("{name} is not there any more"));
        return Some(error.hint("Set api_generation to current to ask for the newest."));
    }
    (answered.seen.is_ok() && answered.at >= time::seconds(unsupported)?).then(|| {
        let message = format!("{name} is no longer supported by Qualys, and ends in {end}");
        let error = Error::new(ProblemKind::Protocol, "api-version.ending", message);
        error.hint("Nothing is missing; set api_generation to current to ask for the newest.")
    })
}
