//! Compliance: the way that the settings choose, and what they mean for what is tried.
//!
//! `off` tries nothing, `gateway` and `classic` their own way.
//! `auto` tries the gateway, and the classic API where the gateway gives no token: one list of policies in any case.

use super::call::Which;
use super::catalogue::Finding;
use super::round::Answers;
use super::seen::Seen;
use crate::bindings::connector::contract::problems::ProblemKind::{Credentials, Permission};
use crate::error::Error;
use crate::settings::address::Address;
use crate::settings::{ApiGeneration, Compliance, Settings};

/// The gateway, as far as compliance uses it.
pub fn gateway(answers: &Answers, settings: &Settings) -> Finding {
    let gateway = match (settings.compliance, &settings.gateway) {
        (Compliance::Off, _) => return skipped("Compliance, which alone uses it, is switched off in the settings."),
        (Compliance::Classic, _) => return skipped("By the settings, compliance is read through the classic API."),
        (_, None) => {
            return skipped("Where the gateway of a private platform is, only the setting Gateway URL can tell.");
        }
        (_, Some(gateway)) => gateway,
    };
    let passed = |_: &Seen| Finding::Passed(format!("{gateway} answers, and gives out a token."));
    answers.optional(Which::Token, &passed, &|error| match error.code {
        "endpoint.missing" | "answer.unknown" | "answer.redirect" => error.hint(elsewhere(gateway)),
        _ if answers.is_forbidden(&error) => error.hint(
            "The API server was asked with the same user: ask Qualys support to let it use the gateway, or choose the classic API under Compliance.",
        ),
        "network.timed-out" | "network.unreachable" | "answer.cut" => error.hint(format!(
            "Check that {gateway} can be reached from here, or choose the classic API under Compliance."
        )),
        _ => error,
    })
}

/// Whether policies can be read.
pub fn compliance(answers: &Answers, settings: &Settings) -> Finding {
    let is_auto = settings.compliance == Compliance::Auto;
    if settings.compliance == Compliance::Off {
        return skipped("Compliance is switched off in the settings.");
    }
    if answers.by.get(Which::GatewayPolicies).is_some() {
        let passed =
            |seen: &Seen| some_policies(seen, format!("The gateway shows {} active {}.", seen.records, policies(seen)));
        let gone = match settings.api_generation {
            ApiGeneration::Current => "Set api_generation to auto: this platform has no such version yet.",
            _ => "Set api_generation to current: this version has ended.",
        };
        return answers
            .optional(Which::GatewayPolicies, &passed, &|error| by_gateway(without_module(error, gone), settings));
    }
    if answers.by.get(Which::ClassicPolicies).is_some() {
        let why = if is_auto { ", which is the automatic choice where the gateway gives no token" } else { "" };
        let passed =
            |seen: &Seen| some_policies(seen, format!("The account sees policies through the classic API{why}."));
        let gone = "Let compliance be read through the gateway, or switch it off in the settings.";
        return answers.optional(Which::ClassicPolicies, &passed, &|error| without_module(error, gone));
    }
    match answers.by.get(Which::Token) {
        Some(_) => skipped("The gateway gave no token."),
        None => skipped(answers.unasked.unwrap_or("This was not tried.")),
    }
}

fn policies(seen: &Seen) -> &'static str {
    if seen.records == 1 { "policy" } else { "policies" }
}

fn some_policies(seen: &Seen, passed: String) -> Finding {
    match seen.records {
        0 => Finding::Warned(
            Error::new(Permission, "policies.none", "the account sees no active policies")
                .hint("Activate a policy in the console, under PC > Policies, or assign the user's asset groups to one; else switch Compliance off in the settings."),
        ),
        _ => Finding::Passed(passed),
    }
}

fn by_gateway(error: Error, settings: &Settings) -> Error {
    let is_auto = settings.compliance == Compliance::Auto;
    match (error.kind, error.hint.clone(), &settings.gateway) {
        (Credentials | Permission, Some(hint), _) if is_auto => {
            error.hint(format!("{hint} The automatic choice goes on with the classic API, which was not tried."))
        }
        (.., Some(gateway)) if error.code == "answer.redirect" => error.hint(elsewhere(gateway)),
        _ => error,
    }
}

fn elsewhere(gateway: &Address) -> String {
    format!("Check the setting Gateway URL: {gateway} is no Qualys gateway.")
}

/// Without the module, the classic API refuses the call in one of several ways, and the gateway with 401 or 403.
///
/// What is not there at all is no matter of modules; `gone` says what to do then.
fn without_module(error: Error, gone: &str) -> Error {
    match error.code {
        "credentials.refused" | "permission.denied" | "permission.licence" | "request.refused" => error.hint(
            "Ask whether the subscription has the module Policy Compliance, and a manager for the permission Manage PC module; else switch Compliance off in the settings.",
        ),
        "endpoint.missing" => error.hint(gone),
        _ => error,
    }
}

fn skipped(why: &str) -> Finding {
    Finding::Skipped(why.into())
}
