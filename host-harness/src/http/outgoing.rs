//! A request on its way out, which knows which of its bytes are secret.

use super::exchange::Asked;
use super::policy::{self, Allowed, Denied, REQUEST_BYTES_MAX};
use super::secrets::{Declared, Kept, Named, Secret};
use crate::bindings::configure::SecretPlace;
use crate::bindings::http::{Body as GuestBody, Request, Value};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;
use wasmtime::component::ResourceTable;

/// The content type that a form is sent with.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// A request that may leave, with its secrets filled in. `Debug` shows their names only.
#[derive(Debug)]
pub struct Outgoing {
    /// In upper case.
    pub method: String,
    /// Where to.
    pub url: Url,
    /// Name in lower case, what stands before the value, and the value.
    pub headers: Vec<(String, String, Part)>,
    /// User name and password of basic authentication.
    pub basic: Option<(String, Part)>,
    /// What it carries.
    pub body: Option<Body>,
    /// Longest wait for the head, once it has left.
    pub first_byte_max: Option<Duration>,
    /// Longest time for the whole exchange, once it has left.
    pub total_max: Option<Duration>,
}

/// What a request carries.
#[derive(Debug)]
pub enum Body {
    /// As they are.
    Bytes(Bytes),
    /// Fields of a form, not yet encoded.
    Form(Vec<(String, Part)>),
}

/// A text of which the host knows whether it is secret.
#[derive(Clone, Debug)]
pub enum Part {
    /// It is not.
    Text(String),
    /// It is.
    Secret(Secret),
}

impl Part {
    /// The text itself.
    pub fn plain(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Secret(secret) => &secret.value,
        }
    }

    /// What a recording, or a person, sees of it: `{{name}}` for a secret.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Secret(secret) => format!("{{{{{}}}}}", secret.name),
        }
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Text(_) => None,
            Self::Secret(secret) => Some(secret),
        }
    }
}

impl Outgoing {
    /// Decides about a request, and fills its secrets in.
    pub(super) fn prepare(
        request: Request,
        table: &ResourceTable,
        allowed: &Allowed,
        declared: &Declared,
    ) -> Result<Self, Denied> {
        let url = decide(&request, allowed)?;
        let origin = url.origin();
        let fill = |value: Value, place: SecretPlace| declared.fill(allowed, named(value, table)?, &place, &origin);
        let headers = request.headers.into_iter().map(|header| {
            let name = header.name.to_ascii_lowercase();
            let value = fill(header.value, SecretPlace::Header(name.clone()))?;
            Ok((name, header.prefix, value))
        });
        let headers = headers.collect::<Result<_, Denied>>()?;
        let basic = request.basic.map(|basic| Ok((basic.username, fill(basic.password, SecretPlace::BasicPassword)?)));
        let body = request.body.map(|body| match body {
            GuestBody::Bytes(bytes) => Ok(Body::Bytes(bytes.into())),
            GuestBody::Form(fields) => {
                let fields = fields.into_iter().map(|field| {
                    let value = fill(field.value, SecretPlace::FormField(field.name.clone()))?;
                    Ok((field.name, value))
                });
                Ok(Body::Form(fields.collect::<Result<_, Denied>>()?))
            }
        });
        let bound = |millis: Option<u32>| millis.map(|millis| Duration::from_millis(millis.into()));
        Ok(Self {
            method: request.method,
            url,
            headers,
            basic: basic.transpose()?,
            body: body.transpose()?,
            first_byte_max: bound(request.first_byte_ms),
            total_max: bound(request.total_ms),
        })
    }

    /// The request as it leaves, its secrets in clear.
    pub fn plain(&self) -> Asked {
        let form = |part: &Part| byte_serialize(part.plain().as_bytes()).collect();
        let basic = |user: &str, part: &Part| BASE64_STANDARD.encode(format!("{user}:{}", part.plain()));
        self.spell(|part| part.plain().to_owned(), form, basic)
    }

    /// The request as a recording shows it: `{{name}}` for every secret, basic authentication not encoded.
    pub fn shown(&self) -> Asked {
        let form = |part: &Part| match part {
            Part::Text(text) => byte_serialize(text.as_bytes()).collect(),
            Part::Secret(_) => part.shown(),
        };
        self.spell(Part::shown, form, |user, part| format!("{user}:{}", part.shown()))
    }

    /// The secrets that stand in headers or a form: an answer must not repeat them.
    pub(super) fn repeatable(&self) -> Vec<&Secret> {
        let headers = self.headers.iter().map(|(_, _, value)| value);
        let fields = match &self.body {
            Some(Body::Form(fields)) => &fields[..],
            _ => &[],
        };
        headers.chain(fields.iter().map(|(_, value)| value)).filter_map(Part::secret).collect()
    }

    fn spell(
        &self,
        header: impl Fn(&Part) -> String,
        form: impl Fn(&Part) -> String,
        basic: impl Fn(&str, &Part) -> String,
    ) -> Asked {
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, prefix, value)| (name.clone(), prefix.clone() + &header(value))).collect();
        if let Some((user, password)) = &self.basic {
            headers.push(("authorization".into(), format!("Basic {}", basic(user, password))));
        }
        let body = match &self.body {
            None => Vec::new(),
            Some(Body::Bytes(bytes)) => bytes.to_vec(),
            Some(Body::Form(fields)) => {
                headers.push(("content-type".into(), FORM.into()));
                let field = |(name, value): &(String, Part)| {
                    byte_serialize(name.as_bytes()).collect::<String>() + "=" + &form(value)
                };
                fields.iter().map(field).collect::<Vec<_>>().join("&").into_bytes()
            }
        };
        Asked { method: self.method.clone(), url: self.url.clone(), headers, body }
    }
}

fn named(value: Value, table: &ResourceTable) -> Result<Named<'_>, Denied> {
    Ok(match value {
        Value::Text(text) => Named::Text(text),
        Value::Setting(name) => Named::Setting(name),
        Value::Kept(kept) => {
            let kept: &Kept = table.get(&kept).map_err(|_| Denied::new("secret.unset", "no such kept answer"))?;
            Named::Kept(kept)
        }
    })
}

/// Everything that can be decided before a secret is touched.
fn decide(request: &Request, allowed: &Allowed) -> Result<Url, Denied> {
    if size(request) > REQUEST_BYTES_MAX {
        let message = format!("the request is larger than {REQUEST_BYTES_MAX} bytes");
        return Err(Denied::new("policy.request-size", message));
    }
    let url =
        Url::parse(&request.url).map_err(|error| Denied::new("policy.url", format!("the address is none: {error}")))?;
    let known: Vec<_> =
        request.headers.iter().map(|header| (&*header.name, header.prefix.clone() + text(&header.value))).collect();
    let known: Vec<_> = known.iter().map(|(name, value)| (*name, &**value)).collect();
    policy::decide(allowed, &request.method, &url, &known)?;
    let has = |wanted: &str| known.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    match (&request.basic, &request.body) {
        (Some(basic), _) if basic.username.contains(':') => {
            Err(Denied::new("policy.basic", "a user name of basic authentication has a colon"))
        }
        (Some(_), _) if has("authorization") => {
            Err(Denied::new("policy.header", "the header authorization is given beside basic authentication"))
        }
        (_, Some(GuestBody::Form(_))) if has("content-type") => {
            Err(Denied::new("policy.header", "the header content-type is given beside a form"))
        }
        _ => Ok(url),
    }
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

fn size(request: &Request) -> usize {
    let headers =
        request.headers.iter().map(|header| header.name.len() + header.prefix.len() + text(&header.value).len());
    let body = match &request.body {
        None => 0,
        Some(GuestBody::Bytes(bytes)) => bytes.len(),
        Some(GuestBody::Form(fields)) => {
            fields.iter().map(|field| field.name.len() + text(&field.value).len() + 2).sum()
        }
    };
    let basic = request.basic.as_ref().map_or(0, |basic| basic.username.len() + text(&basic.password).len());
    request.url.len() + headers.sum::<usize>() + basic + body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::configure::{self, SecretSource, SecretUse};
    use crate::bindings::http::{Basic, FormField, Header};
    use crate::http::secrets::Secrets;
    use crate::tenant::Network;

    fn prepare(change: impl FnOnce(&mut Request)) -> Result<Outgoing, Denied> {
        let origin = configure::Origin { name: "api".into(), url: "https://api.example.com:443".into() };
        let allowed = Allowed::new(&[origin], &Network::default());
        let places = [
            SecretPlace::BasicPassword,
            SecretPlace::FormField("pass word".into()),
            SecretPlace::Header("x-key".into()),
        ];
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
}
