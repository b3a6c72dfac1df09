//! Where a run takes place: which component, for which tenant, into which store, answered by what.

use super::args::Source;
use super::error::Told;
use super::progress::Progress;
use anyhow::Context;
use console::style;
use host_harness::config::Config;
use host_harness::conform::Subject;
use host_harness::connector::{Cache, Connector, Facts};
use host_harness::engine::Engine;
use host_harness::http::Live;
use host_harness::http::replay::{Replay, SETTINGS_FILE};
use host_harness::run::World;
use host_harness::scenario::Scenario;
use host_harness::stop::Stop;
use host_harness::tenant::Tenant;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run needs that the command line names.
pub struct Place {
    /// The component, ready to run.
    pub connector: Connector,
    /// Who runs it.
    pub tenant: Tenant,
    answers: Answers,
}

/// What answers requests.
enum Answers {
    /// The network.
    Network(Arc<Live>),
    /// A recording.
    Recording(Arc<Replay>),
}

impl Place {
    /// Takes everything from the tenant's file; with a recording, all but the component and the tenant's name from that.
    pub fn find(source: &Source) -> anyhow::Result<Self> {
        let Source { config, replay, component } = source;
        let config = config.as_deref().map(read_config).transpose()?;
        let named = component.clone().or_else(|| config.as_ref()?.component.clone());
        let named = named.ok_or_else(|| nothing_named("component"))?;
        let connector = load(&named)?;
        let (tenant, answers) = match (replay, config) {
            (Some(folder), config) => recorded(folder, config.map(|config| config.tenant))?,
            (None, Some(config)) => live(config.tenant())?,
            (None, None) => return Err(nothing_named("config").into()),
        };
        Ok(Self { connector, tenant, answers })
    }

    /// What stands around a run here.
    pub fn world(&self, stop: &Stop, progress: &Arc<Progress>) -> World {
        let world = match &self.answers {
            Answers::Network(live) => World::new(live.clone()),
            Answers::Recording(replay) => World::new(replay.clone()),
        };
        World { stop: stop.clone(), watch: progress.clone(), ..world }
    }

    /// Says on stderr which requests a recording could not answer.
    pub fn say_unanswered(&self) {
        let Answers::Recording(replay) = &self.answers else { return };
        for request in replay.report().unmatched {
            eprintln!("{}: {request}", style("warn").yellow().bold().for_stderr());
        }
    }
}

/// How command lines name what this one named.
#[derive(Debug, Default)]
pub struct Names {
    /// Component, settings and answers.
    pub source: String,
    /// The store.
    pub store: String,
}

impl Names {
    /// As they stand on the command line.
    pub fn of(source: &Source, store: &Option<PathBuf>) -> Self {
        let Source { config, replay, component } = source;
        let named =
            |name: &str, path: &Option<PathBuf>| path.as_ref().map(|path| format!("--{name} {}", path.display()));
        let config = named("config", config);
        let source = [config.clone(), named("component", component), named("replay", replay)];
        let store = named("store", store).or(config).unwrap_or_default();
        Self { source: source.into_iter().flatten().collect::<Vec<_>>().join(" "), store }
    }

    /// What a sync needs besides, where no tenant's file names a store.
    pub fn store_needed(&self) -> &'static str {
        if self.store.is_empty() { " --store FILE" } else { "" }
    }
}

/// Loads a component that a person named.
pub fn load(component: &Path) -> anyhow::Result<Connector> {
    must_exist(component, "component")?;
    Connector::load(&Engine::start()?, component)
}

/// Loads a component whose laws are tried, also one that this host cannot run.
pub fn subject(component: &Path) -> anyhow::Result<Subject> {
    must_exist(component, "component")?;
    Subject::load(&Engine::start()?, component, &Cache::of_user())
}

/// Says which of these folders is no scenario.
pub fn must_be_scenarios(folders: &[PathBuf]) -> Result<(), Told> {
    let Some(missing) = folders.iter().find(|folder| !folder.join(SETTINGS_FILE).is_file()) else { return Ok(()) };
    let message = format!("there is no scenario {}", missing.display());
    Err(Told::usage(message, "name folders with settings.toml and exchanges"))
}

/// What the bytes of a component say.
pub fn facts(component: &Path) -> anyhow::Result<Facts> {
    must_exist(component, "component")?;
    let name = || format!("reading the component {}", component.display());
    Facts::read(&std::fs::read(component).with_context(name)?).with_context(name)
}

/// The store that a command line names, itself or through the tenant's file.
pub fn store_path(config: &Option<PathBuf>, store: &Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(store) = store {
        return Ok(store.clone());
    }
    let config = config.as_deref().map(read_config).transpose()?;
    Ok(config.and_then(|config| config.store).ok_or_else(|| nothing_named("store"))?)
}

/// Reads a tenant's file.
fn read_config(path: &Path) -> anyhow::Result<Config> {
    must_exist(path, "tenant file")?;
    Config::read(path).map_err(|error| {
        error.context(Told::operator("the tenant's file cannot be used", "set what is missing, or mend the file"))
    })
}

fn nothing_named(what: &str) -> Told {
    let hint = format!("add --{what} FILE, or {what} = \"FILE\" to the tenant's file and --config");
    Told::usage(format!("nothing says which {what}"), hint)
}

fn must_exist(path: &Path, what: &str) -> Result<(), Told> {
    let message = || format!("there is no {what} {}", path.display());
    path.is_file().then_some(()).ok_or_else(|| Told::usage(message(), "check the path"))
}

fn recorded(folder: &Path, name: Option<String>) -> anyhow::Result<(Tenant, Answers)> {
    let Scenario { mut tenant, replay, .. } = scenario(folder)?;
    if let Some(name) = name {
        tenant.name = name;
    }
    Ok((tenant, Answers::Recording(Arc::new(replay))))
}

fn live(tenant: Tenant) -> anyhow::Result<(Tenant, Answers)> {
    let live = Live::new(&tenant.network, &tenant.limits, Live::lanes());
    let told = || Told::operator("the network cannot be used as [network] says", "mend the tenant's file");
    let live = live.map_err(|error| error.context(told()))?;
    Ok((tenant, Answers::Network(Arc::new(live))))
}

/// Reads a recording that a person named.
fn scenario(folder: &Path) -> anyhow::Result<Scenario> {
    if !folder.is_dir() {
        let message = format!("there is no scenario {}", folder.display());
        return Err(Told::usage(message, "name a folder with settings.toml and exchanges").into());
    }
    Scenario::open(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_names_what_this_one_named() {
        let path = |text: &str| (!text.is_empty()).then(|| PathBuf::from(text));
        let cases = [
            ("t.toml", "", "", "", "--config t.toml", "--config t.toml"),
            ("t.toml", "s", "", "", "--config t.toml --replay s", "--config t.toml"),
            ("t.toml", "s", "", "o.db", "--config t.toml --replay s", "--store o.db"),
            ("", "s", "c.wasm", "o.db", "--component c.wasm --replay s", "--store o.db"),
        ];
        for (config, replay, component, store, from, kept) in cases {
            let source = Source { config: path(config), replay: path(replay), component: path(component) };
            let names = Names::of(&source, &path(store));
            assert_eq!((names.source.as_str(), names.store.as_str()), (from, kept), "{source:?} {store}");
        }
    }
}
