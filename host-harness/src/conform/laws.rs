//! The laws, one file each, in the order in which a connector meets them.

mod balance;
mod ends;
mod imports;
mod instances;
mod manifest;
mod memory;
mod model;
mod pieces;
mod position;
pub(super) mod recording;
mod resend;
mod resume;
mod secrets;
mod seen;
mod settings;
mod stop;

use super::law::Law;
use super::report::Breach;
use crate::outcome::{Limited, Unlawful, Verdict};

/// Every law that is tried.
pub const LAWS: &[&Law] = &[
    &imports::LAW,
    &manifest::LAW,
    &instances::LAW,
    &settings::LAW,
    &recording::LAW,
    &ends::LAW,
    &model::LAW,
    &balance::LAW,
    &seen::LAW,
    &resume::LAW,
    &position::LAW,
    &stop::LAW,
    &pieces::LAW,
    &resend::LAW,
    &secrets::LAW,
    &memory::LAW,
];

/// What the host itself ended a run for, under the law that it names; nothing when the run returned or was not configured.
pub fn breach_of<T>(verdict: &Verdict<T>) -> Option<Breach> {
    let law = match verdict {
        Verdict::Returned(_) | Verdict::Unconfigured(_) => return None,
        Verdict::Unlawful(Unlawful { law, .. }) => named(law),
        Verdict::Limited(Limited { limit, .. }) => bounded(limit),
        Verdict::Trapped(_) => ends::LAW.id,
    };
    Some(Breach::new("the run returns, and keeps the contract's laws and bounds", verdict.to_string()).of(law))
}

/// The law that the host means by the heading of the contract, or by the interface that says it.
fn named(law: &str) -> &'static str {
    match law {
        "model" => model::LAW.id,
        "configure" => settings::LAW.id,
        "stop" => stop::LAW.id,
        "balance" => balance::LAW.id,
        "seen" => seen::LAW.id,
        "instances" => instances::LAW.id,
        _ => ends::LAW.id,
    }
}

/// The law that a bound belongs to.
fn bounded(limit: &str) -> &'static str {
    match limit {
        "memory_bytes_max" => memory::LAW.id,
        "stop_max" => stop::LAW.id,
        "batch_records_max" | "batch_bytes_max" => model::LAW.id,
        "position_bytes_max" => position::LAW.id,
        _ => ends::LAW.id,
    }
}

#[cfg(test)]
use crate::store::tests::{host, sample, weakness};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_law_has_a_name_of_its_own_and_says_what_it_asks() {
        let ids: BTreeSet<_> = LAWS.iter().map(|law| law.id).collect();
        assert_eq!(ids.len(), LAWS.len());
        for law in LAWS {
            assert!(law.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", law.id);
            assert!(law.asks.ends_with('.') && !law.title.ends_with('.') && law.title.len() <= 36, "{}", law.id);
            assert!(law.stands.contains(".wit"), "{}", law.id);
        }
    }

    #[test]
    fn what_the_host_ends_a_run_for_is_told_under_its_law() {
        let message = || "m".to_owned();
        let unlawful = |law| Verdict::<()>::Unlawful(Unlawful { law, message: message() });
        let limited = |limit| Verdict::<()>::Limited(Limited { limit, message: message() });
        for (verdict, law) in [
            (Verdict::Returned(()), None),
            (Verdict::Unconfigured(vec![]), None),
            (unlawful("balance"), Some("balance")),
            (unlawful("syncs and attempts"), Some("ends")),
            (unlawful("model"), Some("model")),
            (unlawful("configure"), Some("settings")),
            (limited("memory_bytes_max"), Some("memory")),
            (limited("stop_max"), Some("stop")),
            (limited("batch_records_max"), Some("model")),
            (limited("cpu_max"), Some("ends")),
            (Verdict::Trapped(message()), Some("ends")),
        ] {
            assert_eq!(breach_of(&verdict).and_then(|breach| breach.law), law, "{verdict:?}");
        }
    }
}
