//! What the host list tells: address, way, sign-in, calls left, hosts, clock.

use super::call::{Answered, Which};
use super::catalogue::Finding;
use super::round::{Answers, FIRST_MS};
use super::versions;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::map::time;
use crate::qualys::limits;
use crate::settings::{Settings, platform};

/// Seconds by which two clocks may differ.
const CLOCK_SECS_MAX: u64 = 300;

/// The address, as far as it can be known.
pub fn url(answers: &Answers, settings: &Settings) -> Finding {
    if answers.is_no_api_server()
        && let Some(error) = answers.why_missing(Which::Hosts, settings.api_generation)
    {
        return Finding::Failed(error);
    }
    Finding::Passed(match platform::known(&settings.api.host) {
        Some(platform) => format!("{} is the API server of {}.", settings.api, platform.name),
        None => format!("{} is taken for the API server of a private platform.", settings.api),
    })
}

/// Whether anything answered, and whether it may be Qualys.
pub fn network(answers: &Answers, settings: &Settings) -> Finding {
    match answers.of(Which::Hosts) {
        Err(skipped) => skipped,
        Ok(Answered { head: None, seen: Err(error), .. }) => Finding::Failed(match error.code {
            "network.timed-out" => error.clone().hint(format!(
                "Test again: nothing came within {} s. If it stays, look for a firewall or a proxy on the way, or at https://status.qualys.com.",
                FIRST_MS / 1_000
            )),
            _ => error.clone(),
        }),
        Ok(answered @ Answered { seen: Err(error), .. }) if answered.is_foreign() => {
            let message = "something answers, and it does not look like Qualys".into();
            Finding::Warned(Error { message, ..error.clone() })
        }
        Ok(_) => Finding::Passed(format!("{} answers.", settings.api)),
    }
}

/// Whether the server knows who asks; where the host list does not tell, another answer may.
pub fn sign_in(answers: &Answers, settings: &Settings) -> Finding {
    match answers.of(Which::Hosts) {
        Err(skipped) => return skipped,
        Ok(Answered { head: None, .. }) => return nothing_answered(),
        Ok(_) => {}
    }
    let answered = || Which::OF_THE_API_SERVER.into_iter().filter_map(|which| answers.by.get(which));
    if answered().any(Answered::is_signed_in) {
        return Finding::Passed(format!("{} is signed in.", settings.username));
    }
    let refused =
        |answered: &Answered| answered.seen.clone().err().filter(|error| error.kind == ProblemKind::Credentials);
    match answered().find_map(refused) {
        Some(error) => Finding::Failed(error),
        None => Finding::Skipped("No answer tells.".into()),
    }
}

/// How many calls are left.
pub fn quota(answers: &Answers, settings: &Settings) -> Finding {
    let (head, error) = match answers.of(Which::Hosts) {
        Err(skipped) => return skipped,
        Ok(Answered { head: None, .. }) => return nothing_answered(),
        Ok(Answered { head: Some(head), seen, .. }) => (head, seen.as_ref().err()),
    };
    match error {
        Some(error) if error.is_limit() => return Finding::Warned(error.clone()),
        Some(error) if error.kind == ProblemKind::Credentials => return refused(),
        Some(error) if error.kind != ProblemKind::Permission => return Finding::Skipped("No answer tells.".into()),
        _ => {}
    }
    let Some((left, limit, window_secs)) = limits::left(head) else {
        return Finding::Passed("The answer names no limits; the subscription type's figures are used.".into());
    };
    let calls = format!("{left} of {limit} calls for the host list are left in a window of {}", window(window_secs));
    if u64::from(left) * 100 > u64::from(limit) * u64::from(settings.reserve_percent) {
        return Finding::Passed(format!("{calls}."));
    }
    let error = Error::new(ProblemKind::Unavailable, "limit.reserve", calls);
    let percent = settings.reserve_percent;
    Finding::Warned(
        error.hint(format!(
            "A sync leaves {percent} % of the calls to other tools, so it will wait until more are left."
        )),
    )
}

/// A length of time as people say it.
fn window(secs: u32) -> String {
    match secs {
        3_600 => "an hour".into(),
        86_400 => "a day".into(),
        _ => format!("{secs} s"),
    }
}

/// Whether hosts can be read, and whether there are any.
pub fn hosts(answers: &Answers, settings: &Settings) -> Finding {
    match answers.of(Which::Hosts) {
        Ok(Answered { head: None, .. }) => nothing_answered(),
        Ok(Answered { seen: Err(error), .. }) if error.kind == ProblemKind::Credentials => refused(),
        _ => versions::required(answers, settings, Which::Hosts, &|seen| match seen.records {
            0 => Finding::Warned(Error::no_hosts()),
            _ => Finding::Passed("The account sees hosts.".into()),
        }),
    }
}

/// Whether this host and the server agree on the time.
pub fn clock(answers: &Answers, _: &Settings) -> Finding {
    if let Err(skipped) = answers.of(Which::Hosts) {
        return skipped;
    }
    let told = |answered: &Answered| {
        let server = time::seconds(answered.seen.as_ref().ok()?.datetime.as_deref()?)?;
        Some((answered.at, server))
    };
    let Some((ours, theirs)) = answers.by.values().find_map(told) else {
        return Finding::Skipped("No answer tells Qualys's time.".into());
    };
    let apart_secs = ours.abs_diff(theirs);
    if apart_secs <= CLOCK_SECS_MAX {
        return Finding::Passed(format!("This host's clock and Qualys's are {apart_secs} s apart."));
    }
    let [ours, theirs] = [ours, theirs].map(|time| time::rfc3339(time).unwrap_or_default());
    let message = format!("this host's clock says {ours}, and Qualys's says {theirs}");
    let error = Error::new(ProblemKind::Settings, "clock.apart", message);
    Finding::Warned(error.hint("Set this host's clock, best by NTP: waits for Qualys's limits are reckoned by it."))
}

fn refused() -> Finding {
    Finding::Skipped("The sign-in was refused.".into())
}

fn nothing_answered() -> Finding {
    Finding::Skipped("Nothing answered.".into())
}
