//! The one door to Qualys: addresses, who signs, and the one `send`.
//!
//! The password is named here and never seen: the host puts it in.

use crate::bindings::connector::contract::http::{Basic, Body, FormField, Header, Request, Value};
use crate::ports::Http;
use crate::settings::Settings;

/// The first byte of a large answer can take minutes; after five, proxies on the way cut a connection that is idle.
const FIRST_BYTE_MS: u32 = 300_000;
/// What `X-Requested-With` and `User-Agent` say; the former is mandatory, whatever its text.
const PRODUCT: &str = concat!("qualys-connector/", env!("CARGO_PKG_VERSION"));

/// What to ask of an endpoint, before address and credentials are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The endpoint's quota; each endpoint has its own.
    pub lane: &'static str,
    /// What is being done, for errors: `reading the host list`.
    pub doing: &'static str,
    /// From the slash after the host to the slash at the end.
    pub path: &'static str,
    /// Parameters, not yet encoded.
    pub parameters: Vec<(&'static str, String)>,
    /// Parameters travel in a form, because they are long; else in the address.
    pub is_form: bool,
}

/// Sends it.
pub fn send<W: Http>(world: &W, settings: &Settings, ask: &Ask) -> W::Exchange {
    world.send(&Request {
        method: if ask.is_form { "POST" } else { "GET" }.into(),
        url: address(settings, ask),
        headers: ["x-requested-with", "user-agent"].map(product).into(),
        basic: Some(Basic { username: settings.username.clone(), password: Value::Setting("password".into()) }),
        body: ask.is_form.then(|| Body::Form(ask.parameters.iter().map(form_field).collect())),
        lane: Some(ask.lane.into()),
        first_byte_ms: Some(FIRST_BYTE_MS),
        total_ms: None,
    })
}

fn address(settings: &Settings, ask: &Ask) -> String {
    let address = format!("{}{}", settings.api, ask.path);
    if ask.is_form {
        return address;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.parameters).finish();
    format!("{address}?{query}")
}

fn product(name: &str) -> Header<'static> {
    Header { name: name.into(), prefix: String::new(), value: Value::Text(PRODUCT.into()) }
}

fn form_field((name, value): &(&'static str, String)) -> FormField<'static> {
    FormField { name: (*name).into(), value: Value::Text(value.clone()) }
}
