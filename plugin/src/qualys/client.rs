//! The one door to Qualys: addresses, who signs, and the one `send`.
//!
//! The password is named here and never seen: the host puts it in.

use crate::bindings::connector::contract::http::{Basic, Body, FormField, Header, Request, Value};
use crate::ports::Http;
use crate::settings::address::Address;
use crate::settings::{PASSWORD, Settings};

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
    let request = request(&settings.api, ask);
    world.send(&Request { basic: Some(basic(settings)), first_byte_ms: Some(FIRST_BYTE_MS), ..request })
}

/// Sends it, and waits no longer than so many milliseconds for the whole answer.
pub fn send_within<W: Http>(world: &W, settings: &Settings, ask: &Ask, total_ms: u32) -> W::Exchange {
    world.send(&Request { basic: Some(basic(settings)), ..within(request(&settings.api, ask), total_ms) })
}

/// Posts JSON, and waits no longer than so many milliseconds for the whole answer, which is JSON, too.
pub fn post_json_within<W: Http>(
    world: &W,
    settings: &Settings,
    ask: &Ask,
    json: String,
    total_ms: u32,
) -> W::Exchange {
    let mut request = within(request(&settings.api, ask), total_ms);
    request.headers.extend(["content-type", "accept"].map(|name| header(name, "application/json")));
    let (method, body) = ("POST".into(), Some(Body::Bytes(json.into_bytes())));
    world.send(&Request { method, body, basic: Some(basic(settings)), ..request })
}

/// Asks the gateway for a token: the form carries the credentials.
pub fn sign_in_within<W: Http>(
    world: &W,
    settings: &Settings,
    gateway: &Address,
    ask: &Ask,
    total_ms: u32,
) -> W::Exchange {
    let field = |name: &str, value| FormField { name: name.into(), value };
    let username = field("username", Value::Text(settings.username.clone()));
    let mut fields = vec![username, field(PASSWORD, password())];
    fields.extend(ask.parameters.iter().map(form_field));
    world.send(&Request { body: Some(Body::Form(fields)), ..within(request(gateway, ask), total_ms) })
}

/// Sends it to the gateway, signed with a token that the host keeps.
pub fn send_signed_within<W: Http>(
    world: &W,
    gateway: &Address,
    token: &W::Kept,
    ask: &Ask,
    total_ms: u32,
) -> W::Exchange {
    world.send_kept(within(request(gateway, ask), total_ms), ("authorization", "Bearer "), token)
}

/// What all requests share.
fn request(server: &Address, ask: &Ask) -> Request<'static> {
    Request {
        method: if ask.is_form { "POST" } else { "GET" }.into(),
        url: address(server, ask),
        headers: ["x-requested-with", "user-agent"].map(|name| header(name, PRODUCT)).into(),
        basic: None,
        body: ask.is_form.then(|| Body::Form(ask.parameters.iter().map(form_field).collect())),
        lane: Some(ask.lane.into()),
        first_byte_ms: None,
        total_ms: None,
    }
}

fn within(request: Request<'_>, total_ms: u32) -> Request<'_> {
    Request { first_byte_ms: Some(total_ms), total_ms: Some(total_ms), ..request }
}

fn basic(settings: &Settings) -> Basic<'static> {
    Basic { username: settings.username.clone(), password: password() }
}

fn password() -> Value<'static> {
    Value::Setting(PASSWORD.into())
}

fn address(server: &Address, ask: &Ask) -> String {
    let address = format!("{server}{}", ask.path);
    if ask.is_form || ask.parameters.is_empty() {
        return address;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.parameters).finish();
    format!("{address}?{query}")
}

fn header(name: &str, value: &str) -> Header<'static> {
    Header { name: name.into(), prefix: String::new(), value: Value::Text(value.into()) }
}

fn form_field((name, value): &(&'static str, String)) -> FormField<'static> {
    FormField { name: (*name).into(), value: Value::Text(value.clone()) }
}
