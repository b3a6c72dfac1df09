//! A request on its way out, which knows which of its bytes are secret.

use super::exchange::Asked;
use super::policy::{self, Allowed, Denied, REQUEST_BYTES_MAX};
use super::secrets::{Declared, Kept, Named, Secret};
use crate::bindings::configure::SecretPlace;
use crate::bindings::http::{Body as GuestBody, Header, Request, Value};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;
use wasmtime::component::ResourceTable;

/// The content type that a form is sent with.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What a secret counts for in the size of a request: its real length stays unknown to whoever asks.
const SECRET_BYTES: usize = 1 << 10;

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

/// As long as a value may be, as far as that is known.
fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => SECRET_BYTES,
    }
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

fn size(request: &Request) -> usize {
    let header = |header: &Header| header.name.len() + header.prefix.len() + length(&header.value) + 4;
    let body = match &request.body {
        None => 0,
        Some(GuestBody::Bytes(bytes)) => bytes.len(),
        Some(GuestBody::Form(fields)) => fields.iter().map(|field| field.name.len() + length(&field.value) + 2).sum(),
    };
    let basic = request.basic.as_ref().map_or(0, |basic| basic.username.len() + length(&basic.password));
    request.url.len() + request.headers.iter().map(header).sum::<usize>() + basic + body
}

#[cfg(test)]
mod tests;
