//! Which version of each endpoint is asked, and how the ways of asking differ.
//!
//! Endpoints are written down in the oldest version that still answers; everything newer is said here.
//! What the platform has shown to have retired is remembered; what it does not let this account ask is tried once in every sync.

use super::client::Ask;
use super::limits::Answer;
use super::xml::Fault;
use super::{detection, host_list, knowledge_base};
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::kept::keep;
use crate::settings::ApiGeneration;
use std::collections::BTreeSet;

/// An endpoint that exists in several versions.
struct Endpoint {
    lane: &'static str,
    /// What people call it.
    name: &'static str,
    old: (&'static str, &'static str),
    current: (&'static str, &'static str),
}

/// Lane, name, and the oldest and the newest version with their paths.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        lane: host_list::LANE,
        name: "host list",
        old: ("2.0", "/api/2.0/fo/asset/host/"),
        current: ("5.0", "/api/5.0/fo/asset/host/"),
    },
    Endpoint {
        lane: detection::LANE,
        name: "detections",
        old: ("2.0", "/api/2.0/fo/asset/host/vm/detection/"),
        current: ("5.0", "/api/5.0/fo/asset/host/vm/detection/"),
    },
    Endpoint {
        lane: knowledge_base::LANE,
        name: "knowledge base",
        old: ("2.0", "/api/2.0/fo/knowledge_base/vuln/"),
        current: ("4.0", "/api/4.0/fo/knowledge_base/vuln/"),
    },
];

/// Parameters that a platform or an account may not know, and that can be done without: lane and name.
const OPTIONAL: &[(&str, &str)] = &[(detection::LANE, SUPERSEDED), (detection::LANE, KERNEL_KEYS)];
const SUPERSEDED: &str = "filter_superseded_qids";
const KERNEL_KEYS: &str = "arf_filter_keys";
/// Codes that refuse a parameter for what it is.
const REFUSING: &[Option<u32>] = &[Some(1901), Some(1905)];

/// Where people find the address of their API server.
const WHERE: &str = "In the console, Help > About names the API server of your platform (qualysapi. and so on); https://www.qualys.com/platform-identification/ lists them all.";

/// What a platform and an account have shown of themselves; it goes into positions, and in part into states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Endpoints whose oldest version is retired, by lane.
    retired: BTreeSet<String>,
    /// Parameters that were refused, in this sync.
    refused: BTreeSet<String>,
    /// Endpoints that have answered in this attempt, by lane.
    answered: BTreeSet<&'static str>,
}
keep!(Known { retired, refused, ..default });

impl Known {
    /// Adds what an earlier sync knew.
    pub fn learn(&mut self, earlier: &Self) {
        self.retired.extend(earlier.retired.iter().cloned());
    }

    /// What the next sync should know: a parameter may be allowed by then, and nothing else than asking would show it.
    pub fn kept(&self) -> Self {
        Self { retired: self.retired.clone(), ..Self::default() }
    }

    /// Whether any endpoint has answered in this attempt: address and credentials are good.
    pub fn has_answered(&self) -> bool {
        !self.answered.is_empty()
    }

    /// Puts a question the way this platform takes it.
    pub fn put(&self, ask: Ask, generation: ApiGeneration) -> Ask {
        let is_current = self.is_current(ask.lane, generation);
        self.put_at(ask, is_current)
    }

    /// Whether the newest version of an endpoint is asked.
    pub fn is_current(&self, lane: &str, generation: ApiGeneration) -> bool {
        match generation {
            ApiGeneration::Current => true,
            ApiGeneration::V2 => false,
            ApiGeneration::Auto => self.retired.contains(lane),
        }
    }

    fn put_at(&self, mut ask: Ask, is_current: bool) -> Ask {
        if is_current && let Some(endpoint) = endpoint(ask.lane).filter(|endpoint| endpoint.old.1 == ask.path) {
            ask.path = endpoint.current.1;
            ask.parameters = ask.parameters.into_iter().flat_map(modern).collect();
        }
        ask.parameters.retain(|(name, _)| !self.refused.contains(*name));
        ask
    }

    /// Notes a whole, good answer: where the newer version was asked because the older one was not there, that is retired.
    pub fn answered(&mut self, ask: &Ask, generation: ApiGeneration) {
        self.answered.insert(ask.lane);
        let Some(endpoint) = endpoint(ask.lane).filter(|_| generation == ApiGeneration::Auto) else { return };
        if ask.path == endpoint.current.1 {
            self.retired.insert(endpoint.lane.into());
        } else if ask.path == endpoint.old.1 {
            self.retired.remove(endpoint.lane);
        }
    }

    /// How to ask otherwise, when an answer says that it is the way of asking that is wrong, or what a person has to do about that.
    ///
    /// `asked` is how it was put, `plain` the same question before that, and `versions` how often another version was asked already.
    /// None when the answer says nothing of the kind.
    pub fn otherwise(
        &mut self,
        asked: &Ask,
        plain: Ask,
        answer: Answer<'_>,
        versions: u32,
        generation: ApiGeneration,
    ) -> Option<Result<Ask, Error>> {
        let endpoint = endpoint(asked.lane)?;
        let is_current = is_current(asked);
        if matches!(answer.head()?.status, 404 | 410) {
            return Some(match generation {
                ApiGeneration::Auto if versions == 0 => Ok(self.put_at(plain, !is_current)),
                _ => Err(self.missing(endpoint, is_current, generation)),
            });
        }
        let parameter = refused(asked, answer)?;
        self.refused.insert(parameter.into());
        Some(Ok(self.put_at(plain, is_current)))
    }

    /// The endpoint is not there: because it was retired, or because nothing is there at all.
    fn missing(&self, endpoint: &Endpoint, is_current: bool, generation: ApiGeneration) -> Error {
        let name = endpoint.name;
        let version = if is_current { endpoint.current.0 } else { endpoint.old.0 };
        match (self.has_answered(), generation) {
            (false, _) => {
                let message = format!(
                    "there is no {name} at this address, so it is not that of an API server; perhaps of a gateway or a console"
                );
                let hint = match generation {
                    ApiGeneration::Auto => WHERE.into(),
                    _ => format!("{WHERE} If the address is right, set api_generation to auto."),
                };
                Error::new(ProblemKind::Settings, "endpoint.wrong-address", message).hint(hint)
            }
            (true, ApiGeneration::V2) => {
                let message = format!("version {version} of the {name} is retired");
                Error::new(ProblemKind::Settings, "api-version.retired", message)
                    .hint("Set api_generation to auto or current.")
            }
            (true, ApiGeneration::Current) => {
                let message = format!("this platform has no version {version} of the {name}");
                Error::new(ProblemKind::Settings, "api-version.missing", message).hint("Set api_generation to auto.")
            }
            (true, ApiGeneration::Auto) => {
                let (old, current) = (endpoint.old.0, endpoint.current.0);
                let message = format!("this platform has neither version {old} nor {current} of the {name}");
                Error::new(ProblemKind::Protocol, "api-version.unknown", message)
                    .hint("Get a newer version of the connector; this one knows no other.")
            }
        }
    }

    /// What a person should know of it.
    pub fn warnings(&self, generation: ApiGeneration) -> Vec<Error> {
        let retired = ENDPOINTS.iter().filter(|of| generation == ApiGeneration::Auto && self.retired.contains(of.lane));
        let superseded = self.refused.contains(SUPERSEDED).then(superseded_kept);
        retired.map(retired_warning).chain(superseded).collect()
    }
}

fn retired_warning(endpoint: &Endpoint) -> Error {
    let Endpoint { name, old: (old, _), current: (current, _), .. } = endpoint;
    let message = format!("version {old} of the {name} is retired, so version {current} is asked");
    Error::new(ProblemKind::Settings, "api-version.retired", message)
        .hint("Nothing is missing; set api_generation to current, and this warning is gone.")
}

fn superseded_kept() -> Error {
    let message = "the source does not let this account filter superseded detections, so they are among the others";
    Error::new(ProblemKind::Permission, "detections.superseded-kept", message)
        .hint("Ask Qualys support whether filter_superseded_qids can be switched on for the subscription.")
}

/// Whether a question is put to the newest of several versions.
pub fn is_current(asked: &Ask) -> bool {
    endpoint(asked.lane).is_some_and(|endpoint| asked.path == endpoint.current.1)
}

fn endpoint(lane: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.lane == lane)
}

/// A parameter as the newest version takes it.
fn modern((name, value): (&'static str, String)) -> Vec<(&'static str, String)> {
    if name != "arf_kernel_filter" {
        return vec![(name, value)];
    }
    let mut parameters = vec![("show_arf_data", "1".into())];
    if value == "1" {
        // The vendor names the keys in a place that is not public; should this one be refused, the filter is ours alone.
        parameters.push((KERNEL_KEYS, "non-running-kernels".into()));
    }
    parameters
}

/// The parameter that an answer refuses and that can be done without.
fn refused(asked: &Ask, answer: Answer<'_>) -> Option<&'static str> {
    let Answer::Fault(_, Fault::Returned(returned)) = answer else { return None };
    let is_asked = |name: &str| asked.parameters.iter().any(|(asked, _)| *asked == name);
    let optional = OPTIONAL.iter().filter(|(lane, _)| *lane == asked.lane).map(|&(_, name)| name);
    optional.filter(|_| REFUSING.contains(&returned.code)).find(|name| is_asked(name) && returned.text.contains(name))
}

#[cfg(test)]
mod tests;
