//! What an operator filled in, read once: JSON to [`Settings`], every problem at once.
//!
//! No secret is in here. Nothing is asked of the network: whether the settings are right, the connectivity test finds out.

pub mod address;
pub mod choice;
mod form;
pub mod platform;
mod resolved;
pub mod schema;

use crate::bindings::connector::contract::problems::Problem;
use address::{Address, Typed};
pub use choice::{ApiGeneration, Compliance, KernelFilter, Quota, Subscription};
use form::Form;
use platform::Door;
use std::collections::BTreeSet;

/// The name of the origin that is the API server.
pub const ORIGIN_API: &str = "api";
/// The name of the origin that is the gateway.
pub const ORIGIN_GATEWAY: &str = "gateway";
/// The secret setting, by the name that requests use.
pub const PASSWORD: &str = "password";

/// What an operator filled in. The password is set and stays with the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The API server.
    pub api: Address,
    /// The gateway; absent when compliance does not use it, or when nobody knows where it is.
    pub gateway: Option<Address>,
    /// Who signs in; without colon.
    pub username: String,
    /// What to do with kernels that do not run.
    pub kernel_filter: KernelFilter,
    /// Where the pace of each endpoint starts.
    pub subscription: Subscription,
    /// Whether compliance is read, and by which way.
    pub compliance: Compliance,
    /// An asset not examined for so many days is inactive; 0 for never.
    pub inactive_after_days: u32,
    /// Which version of the endpoints is asked.
    pub api_generation: ApiGeneration,
    /// Hosts on one page of the host list, which is one slice of a sync; 1 to 10,000.
    pub slice_hosts: u32,
    /// Where evidence is cut, in bytes; 256 to 32,768.
    pub evidence_bytes_max: usize,
    /// The severities of detections that are read: some of 1 to 5, at least one.
    pub severities: BTreeSet<u8>,
    /// Part of the allowed calls that is left to other tools; 0 to 90.
    pub reserve_percent: u32,
}

impl Settings {
    /// Reads the settings of one tenant, or tells everything that is wrong with them.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        let mut form = Form::open(json).map_err(|problem| vec![problem])?;
        let settings = read(&mut form);
        match (settings, form.problems()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, problems) => Err(problems),
        }
    }
}

/// Reads every field before any of them can end it: a person wants to know all problems.
fn read(form: &mut Form) -> Option<Settings> {
    let api = address(form, "api_server", Door::Api);
    let username = username(form);
    form.secret(PASSWORD);
    let subscription = form.choice("subscription_type");
    let kernel_filter = form.choice("arf_kernel_filter");
    let compliance = form.choice("compliance");
    let gateway = gateway(form, api.as_ref(), compliance);
    let inactive_after_days = form.number("inactive_after_days");
    let api_generation = form.choice("api_generation");
    let severities = severities(form);
    let slice_hosts = form.number("slice_hosts");
    let evidence_bytes_max = form.number("evidence_bytes_max");
    let reserve_percent = form.number("reserve_percent");
    Some(Settings {
        api: api?,
        gateway,
        username: username?,
        kernel_filter: kernel_filter?,
        subscription: subscription?,
        compliance: compliance?,
        inactive_after_days: inactive_after_days?,
        api_generation: api_generation?,
        slice_hosts: slice_hosts?,
        evidence_bytes_max: evidence_bytes_max? as usize,
        severities: severities?,
        reserve_percent: reserve_percent?,
    })
}

/// The gateway as given, else as it follows from the API server, as far as compliance uses it.
fn gateway(form: &mut Form, api: Option<&Address>, compliance: Option<Compliance>) -> Option<Address> {
    let is_used = compliance.is_some_and(Compliance::may_use_gateway);
    if form.is_given("gateway") {
        return address(form, "gateway", Door::Gateway).filter(|_| is_used);
    }
    let derived = api.and_then(|api| Some(api.at(platform::gateway_host(&api.host)?)));
    if derived.is_none() && api.is_some() && compliance == Some(Compliance::Gateway) {
        let hint = "Fill in the gateway of your private platform, or choose another way for compliance.";
        form.complain("gateway", "settings.gateway-unknown", "is missing and does not follow from api_server", hint);
    }
    derived.filter(|_| is_used)
}

/// The address of one door of a platform; people paste those of the others.
fn address(form: &mut Form, name: &str, wanted: Door) -> Option<Address> {
    let typed = Typed::read(&form.text(name)?)
        .map_err(|flaw| {
            form.complain(name, "settings.url", flaw, "Give an address such as https://qualysapi.qualys.com")
        })
        .ok()?;
    let door = Door::of(&typed.address.host);
    if let Some((code, clause)) = mistaken(door).filter(|_| door != wanted) {
        let right = platform::host(wanted, &typed.address.host).map(|host| typed.address.at(host).to_string());
        form.complain(name, code, clause, format!("Give the address beside it: {}", right.unwrap_or_default()));
        return None;
    }
    if let Some(flaw) = typed.flaw {
        form.complain(name, "settings.url", flaw, format!("Give scheme and host alone: {}", typed.address));
        return None;
    }
    Some(typed.address)
}

/// How to say that a field holds the address of this door.
fn mistaken(door: Door) -> Option<(&'static str, &'static str)> {
    match door {
        Door::Api => Some(("settings.api-url", "is the API server")),
        Door::Gateway => Some(("settings.gateway-url", "is the API gateway, which does not answer these requests")),
        Door::Console => Some(("settings.console-url", "is the console, where people sign in with a browser")),
        Door::Other => None,
    }
}

/// Basic authentication cannot carry a colon in a name.
fn username(form: &mut Form) -> Option<String> {
    let name = form.text("username")?;
    if name.contains(|letter: char| letter == ':' || letter.is_control()) {
        let hint = "Give the name alone; the password has a field of its own.";
        form.complain("username", "settings.username", "holds a colon or a control character", hint);
        return None;
    }
    Some(name)
}

fn severities(form: &mut Form) -> Option<BTreeSet<u8>> {
    let numbers = form.numbers("severities")?;
    let mut severities = BTreeSet::new();
    for number in numbers {
        match u8::try_from(number) {
            Ok(known @ 1..=5) => severities.insert(known),
            _ => {
                let clause = "names a severity that does not exist";
                form.complain("severities", "settings.range", clause, "Choose some of 1 to 5.");
                return None;
            }
        };
    }
    Some(severities)
}

#[cfg(test)]
mod tests;
