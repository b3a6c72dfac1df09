//! What leaves, what is shown of it, and what is refused.

use super::*;
use crate::bindings::configure::{self, SecretSource, SecretUse};
use crate::bindings::http::{Basic, FormField};
use crate::http::secrets::Secrets;
use crate::tenant::Network;

fn prepare(change: impl FnOnce(&mut Request)) -> Result<Outgoing, Denied> {
    let origin = configure::Origin { name: "api".into(), url: "https://api.example.com:443".into() };
    let allowed = Allowed::new(&[origin], &Network::default());
    let places =
        [SecretPlace::BasicPassword, SecretPlace::FormField("pass word".into()), SecretPlace::Header("x-key".into())];
    let using = |place| SecretUse { secret: SecretSource::Setting("password".into()), origin: "api".into(), place };
    let mut secrets = Secrets::default();
    secrets.insert("password", "p&ss\u{f6}: w");
    let mut request = Request {
        method: "POST".into(),
        url: "https://api.example.com/a?b=c".into(),
        headers: Vec::new(),
        basic: None,
        body: None,
        lane: None,
        first_byte_ms: Some(1_500),
        total_ms: None,
    };
    change(&mut request);
    let declared = Declared::new(&places.map(using), &secrets);
    Outgoing::prepare(request, &ResourceTable::new(), &allowed, &declared)
}

fn header(name: &str, prefix: &str, value: Value) -> Header {
    Header { name: name.into(), prefix: prefix.into(), value }
}

fn password() -> Value {
    Value::Setting("password".into())
}

fn basic(username: &str) -> Option<Basic> {
    Some(Basic { username: username.into(), password: password() })
}

fn form() -> Option<GuestBody> {
    let text = FormField { name: "a".into(), value: Value::Text("x y&z".into()) };
    Some(GuestBody::Form(vec![text, FormField { name: "pass word".into(), value: password() }]))
}

#[test]
fn a_request_leaves_in_clear_and_is_shown_without_its_secrets() {
    let outgoing = prepare(|request| {
        request.headers =
            vec![header("X-Key", "Key ", password()), header("accept", "", Value::Text("text/xml".into()))];
        request.basic = basic("acme");
        request.body = form();
    });
    let outgoing = outgoing.unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let common = (pair("accept", "text/xml"), pair("content-type", FORM));
    let plain = outgoing.plain();
    assert_eq!(
        plain.headers,
        [
            pair("x-key", "Key p&ss\u{f6}: w"),
            common.0.clone(),
            pair("authorization", "Basic YWNtZTpwJnNzw7Y6IHc="),
            common.1.clone()
        ]
    );
    assert_eq!(String::from_utf8(plain.body).unwrap(), "a=x+y%26z&pass+word=p%26ss%C3%B6%3A+w");
    let shown = outgoing.shown();
    assert_eq!(
        shown.headers,
        [pair("x-key", "Key {{password}}"), common.0, pair("authorization", "Basic acme:{{password}}"), common.1]
    );
    assert_eq!(String::from_utf8(shown.body).unwrap(), "a=x+y%26z&pass+word={{password}}");
    assert_eq!(outgoing.repeatable().len(), 2, "basic authentication is not repeatable");
    assert_eq!(outgoing.first_byte_max, Some(Duration::from_millis(1_500)));
    assert!(!format!("{outgoing:?}").contains("p&ss"));
}

#[test]
fn what_cannot_be_sent_is_refused() {
    type Change = fn(&mut Request);
    let cases: &[(&str, Change, &str)] = &[
        ("as it is", |_| (), ""),
        ("no address", |request| request.url = "/a".into(), "policy.url"),
        (
            "another origin, before its secret",
            |request| {
                request.url = "https://evil.example/".into();
                request.basic = basic("acme");
            },
            "policy.origin",
        ),
        (
            "an undeclared header, in a value",
            |request| {
                request.headers = vec![header("x-other", "", password())];
            },
            "secret.undeclared",
        ),
        ("a colon in the user", |request| request.basic = basic("ac:me"), "policy.basic"),
        (
            "two kinds of credentials",
            |request| {
                request.basic = basic("acme");
                request.headers = vec![header("Authorization", "", Value::Text("x".into()))];
            },
            "policy.header",
        ),
        (
            "two content types",
            |request| {
                request.body = form();
                request.headers = vec![header("Content-Type", "", Value::Text("x".into()))];
            },
            "policy.header",
        ),
        (
            "a line in a prefix",
            |request| {
                request.headers = vec![header("x-key", "a\r\nb: ", password())];
            },
            "policy.header",
        ),
        ("1 MiB", |request| request.body = Some(GuestBody::Bytes(vec![0; REQUEST_BYTES_MAX - 40])), ""),
        (
            "more than 1 MiB",
            |request| request.body = Some(GuestBody::Bytes(vec![0; REQUEST_BYTES_MAX])),
            "policy.request-size",
        ),
    ];
    for (case, change, code) in cases {
        let refused = prepare(change).err();
        assert_eq!(refused.as_ref().map_or("", |denied| denied.code), *code, "{case}: {refused:?}");
    }
}
