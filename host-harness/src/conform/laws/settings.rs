//! What is wrong with settings, told all at once.
//!
//! Which fields a connector looks at beyond its schema, nobody can know: each is tried with values that the schema allows
//! and that hardly mean anything, and those that the connector complains of are then given together.

mod garbage;

use super::breach_of;
use crate::bindings::configure::Resolved;
use crate::bindings::problems::Problem;
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::Scene;
use crate::connector::Connector;
use crate::outcome::Verdict;
use crate::settings::Form;
use crate::tenant::Tenant;
use anyhow::Result;
use garbage::Garbage;
use std::collections::BTreeSet;

/// The law.
pub const LAW: Law = Law {
    id: "settings",
    title: "All field problems at once",
    asks: "configure adds what a schema cannot say, and returns every problem of a field at once, each with the field as a JSON \
           pointer; what it resolves to names origins as scheme://host:port.",
    stands: "wit/connector.wit, configure",
    how: How::Alone(|connector, scenes| Box::pin(tried(connector, scenes)) as Trying<'_>),
};

async fn tried(connector: &Connector, scenes: &[Scene]) -> Result<Tally> {
    let Some(good) = configured(connector, scenes).await? else {
        return Ok(Tally::none("it needs a scenario whose settings are right"));
    };
    let form = Form::read(&connector.describe().await?.settings_schema)?;
    let mut tally = Tally::none("it complains of nothing that its schema allows");
    let mut complained = Vec::new();
    for name in garbage::names(&form) {
        match complaint(connector, &form, &good, &name).await? {
            Ok(garbage) => complained.extend(garbage),
            Err(breach) => return Ok(Tally::one([breach])),
        }
    }
    if complained.is_empty() {
        return Ok(tally);
    }
    tally.cases = 1 + complained.len() as u64;
    tally.breaches.extend(all_at_once(connector, &form, &good, &complained).await?);
    Ok(tally)
}

/// A value of a field that the schema allows and the connector complains of, if there is one.
async fn complaint(
    connector: &Connector,
    form: &Form,
    good: &Tenant,
    name: &str,
) -> Result<Result<Option<Garbage>, Breach>> {
    for garbage in Garbage::of(form, name) {
        let tenant = garbage.in_place(good);
        if form.complete(&tenant.settings, &tenant.secrets).is_err() {
            continue;
        }
        let problems = match problems(connector, &tenant).await? {
            Ok(problems) => problems,
            Err(breach) => return Ok(Err(breach.of(LAW.id).at(garbage.to_string()))),
        };
        if let Some(breach) = unknown(form, &problems) {
            return Ok(Err(breach.at(garbage.to_string())));
        }
        if problems.iter().any(|problem| points_to(problem, name)) {
            return Ok(Ok(Some(garbage)));
        }
    }
    Ok(Ok(None))
}

/// The settings of the first scenario that the connector takes.
async fn configured(connector: &Connector, scenes: &[Scene]) -> Result<Option<Tenant>> {
    for scene in scenes {
        let tenant = &scene.scenario.tenant;
        if let Verdict::Returned(_) = connector.configure(tenant).await?.verdict {
            return Ok(Some(tenant.clone()));
        }
    }
    Ok(None)
}

/// What a connector complains of; a breach when it does something else than to answer.
async fn problems(connector: &Connector, tenant: &Tenant) -> Result<Result<Vec<Problem>, Breach>> {
    Ok(match connector.configure(tenant).await?.verdict {
        Verdict::Returned(Resolved { .. }) => Ok(vec![]),
        Verdict::Unconfigured(problems) => Ok(problems),
        other => Err(breach_of(&other).unwrap_or_else(|| Breach::new("it answers", other.to_string()))),
    })
}

async fn all_at_once(
    connector: &Connector,
    form: &Form,
    good: &Tenant,
    complained: &[Garbage],
) -> Result<Option<Breach>> {
    let tenant = complained.iter().fold(good.clone(), |tenant, garbage| garbage.in_place(&tenant));
    let given = complained.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    // Together they may break a rule of the schema that no single one breaks; then the connector is never asked.
    if form.complete(&tenant.settings, &tenant.secrets).is_err() {
        return Ok(None);
    }
    let problems = match problems(connector, &tenant).await? {
        Ok(problems) => problems,
        Err(breach) => return Ok(Some(breach.of(LAW.id).at(given))),
    };
    let is_told = |garbage: &&Garbage| problems.iter().any(|problem| points_to(problem, &garbage.name));
    let missing: Vec<_> = complained.iter().filter(|garbage| !is_told(garbage)).collect();
    if missing.is_empty() {
        return Ok(unknown(form, &problems).map(|breach| breach.at(given)));
    }
    let told: BTreeSet<_> = problems.iter().filter_map(|problem| problem.field.as_deref()).collect();
    let told = told.into_iter().collect::<Vec<_>>().join(", ");
    let alone = missing.iter().map(|garbage| format!("alone, /{} is complained of", garbage.name));
    let expected = format!("problems of all {} fields in one answer", complained.len());
    Ok(Some(Breach::new(expected, format!("problems of {told} alone")).at(given).differing(alone)))
}

/// A problem whose pointer leads nowhere.
fn unknown(form: &Form, problems: &[Problem]) -> Option<Breach> {
    let mut fields = problems.iter().filter_map(|problem| problem.field.as_deref());
    let lost = fields.find(|field| !garbage::leads_somewhere(form.schema(), field))?;
    Some(Breach::new("pointers to fields of the form, such as `/url`", format!("{lost:?}")))
}

fn points_to(problem: &Problem, name: &str) -> bool {
    let top =
        problem.field.as_deref().and_then(|field| field.strip_prefix('/')).and_then(|rest| rest.split('/').next());
    top.is_some_and(|top| top.replace("~1", "/").replace("~0", "~") == name)
}
