//! Is the way to Qualys open? One small request, and a sentence for every check.
//!
//! What is not tried says so; nothing passes that was not seen to work.

mod catalogue;
mod probe;
#[cfg(test)]
mod tests;

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::bindings::exports::connector::contract::test_connectivity::Check;
use crate::error::Error;
use crate::ports::World;
use crate::qualys::{host_list, limits};
use crate::settings::{Settings, platform};
use catalogue::{CHECKS, Finding};
use probe::Probe;

/// Tries what a sync needs.
pub fn run<W: World>(world: &W, settings: &Settings) -> Vec<Check> {
    limits::open(world, &[host_list::LANE], settings);
    let probe = probe::run(world, settings);
    CHECKS
        .iter()
        .map(|&(id, title, required)| catalogue::check(id, title, required, find(id, &probe, settings)))
        .collect()
}

fn find(id: &str, probe: &Probe, settings: &Settings) -> Finding {
    match id {
        "url" => Finding::Passed(url(settings)),
        "network" => network(probe, settings),
        "sign-in" => sign_in(probe, settings),
        "quota" => quota(probe),
        "hosts" => hosts(probe),
        _ => Finding::Skipped("This version of the connector does not try it.".into()),
    }
}

fn url(settings: &Settings) -> String {
    match platform::known(&settings.api.host) {
        Some(platform) => format!("{} is the API server of {}.", settings.api, platform.name),
        None => format!("{} is taken for the API server of a private platform.", settings.api),
    }
}

fn network(probe: &Probe, settings: &Settings) -> Finding {
    match (&probe.head, &probe.sees_hosts) {
        (None, Err(error)) => Finding::Failed(error.clone()),
        _ => Finding::Passed(format!("{} answers.", settings.api)),
    }
}

fn sign_in(probe: &Probe, settings: &Settings) -> Finding {
    match (&probe.head, &probe.sees_hosts) {
        (None, _) => nothing_answered(),
        (_, Err(error)) if error.kind == ProblemKind::Credentials => Finding::Failed(error.clone()),
        (_, Err(error)) if !is_signed_in(error) => Finding::Skipped("The answer does not tell.".into()),
        _ => Finding::Passed(format!("{} is signed in.", settings.username)),
    }
}

/// Limits and permissions are looked at after the credentials were.
fn is_signed_in(error: &Error) -> bool {
    error.kind == ProblemKind::Permission || error.code.starts_with("limit.")
}

fn quota(probe: &Probe) -> Finding {
    match (&probe.head, &probe.sees_hosts) {
        (None, _) => nothing_answered(),
        (_, Err(error)) if error.code.starts_with("limit.") => Finding::Warned(error.clone()),
        (_, Err(error)) if !is_signed_in(error) => Finding::Skipped("The sign-in did not succeed.".into()),
        (Some(head), _) => match limits::left(head) {
            Some((left, limit, window)) => Finding::Passed(format!(
                "{left} of {limit} calls for the host list are left in a window of {window} s."
            )),
            None => Finding::Passed("The answer names no limits; the subscription type's figures are used.".into()),
        },
    }
}

fn hosts(probe: &Probe) -> Finding {
    match (&probe.head, &probe.sees_hosts) {
        (None, _) => nothing_answered(),
        (_, Ok(true)) => Finding::Passed("The account sees hosts.".into()),
        (_, Ok(false)) => Finding::Warned(Error::no_hosts()),
        (_, Err(error)) if error.kind == ProblemKind::Credentials => {
            Finding::Skipped("The sign-in did not succeed.".into())
        }
        (_, Err(error)) if error.code.starts_with("limit.") => Finding::Warned(error.clone()),
        (_, Err(error)) => Finding::Failed(error.clone()),
    }
}

fn nothing_answered() -> Finding {
    Finding::Skipped("Nothing answered.".into())
}
