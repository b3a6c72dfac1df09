//! Does a recorded exchange answer this request? And if not, what differs?
//!
//! Strict on purpose: method, address with its query in any order, body as it is meant, and the headers that are recorded.

use super::exchange::Asked;
use super::outgoing::FORM;
use serde_json::Value;
use url::form_urlencoded;

/// One thing in which two requests differ.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// How much it sets them apart.
    pub weight: u32,
    /// For a person.
    pub text: String,
}

/// Everything in which a request differs from a recorded one; nothing when that one answers it.
pub fn differences(sent: &Asked, recorded: &Asked) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |weight, what: &str, sent: &str, recorded: &str| {
        if sent != recorded {
            found.push(Difference { weight, text: format!("{what}: sent `{sent}`, recorded `{recorded}`") });
        }
    };
    let origin = |asked: &Asked| asked.url.origin().ascii_serialization();
    compare(100, "path", sent.url.path(), recorded.url.path());
    compare(50, "origin", &origin(sent), &origin(recorded));
    compare(50, "method", &sent.method, &recorded.method);
    let query = |asked: &Asked| decoded(asked.url.query().unwrap_or_default().as_bytes());
    found.extend(pairs("query", query(sent), query(recorded)));
    for (name, value) in &recorded.headers {
        if !sent.headers.iter().any(|(known, sent)| known == name && sent.trim() == value) {
            let got = sent.headers.iter().find(|(known, _)| known == name);
            let got = got.map_or("not sent".to_owned(), |(_, value)| format!("sent `{value}`"));
            found.push(Difference { weight: 1, text: format!("header `{name}`: {got}, recorded `{value}`") });
        }
    }
    found.extend(bodies(sent, recorded));
    found
}

type Pairs = Vec<(String, String)>;

fn decoded(form: &[u8]) -> Pairs {
    form_urlencoded::parse(form).into_owned().collect()
}

/// What only one of two sides has, whatever the order.
fn pairs(what: &str, mut sent: Pairs, mut recorded: Pairs) -> Vec<Difference> {
    sent.retain(|pair| match recorded.iter().position(|other| other == pair) {
        Some(at) => {
            recorded.remove(at);
            false
        }
        None => true,
    });
    let mut found = Vec::new();
    for (name, value) in sent {
        let other = recorded.iter().position(|(other, _)| *other == name).map(|at| recorded.remove(at).1);
        let other = other.map_or("not recorded".to_owned(), |other| format!("recorded `{other}`"));
        found.push(Difference { weight: 2, text: format!("{what} `{name}`: sent `{value}`, {other}") });
    }
    let missing =
        |(name, value)| Difference { weight: 2, text: format!("{what} `{name}`: not sent, recorded `{value}`") };
    found.extend(recorded.into_iter().map(missing));
    found
}

fn bodies(sent: &Asked, recorded: &Asked) -> Vec<Difference> {
    if sent.body == recorded.body {
        return Vec::new();
    }
    if sent.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with(FORM)) {
        return pairs("form field", decoded(&sent.body), decoded(&recorded.body));
    }
    let json = |asked: &Asked| serde_json::from_slice::<Value>(&asked.body).ok();
    if let (Some(one), Some(other)) = (json(sent), json(recorded)) {
        return values("", &one, &other);
    }
    let apart = sent.body.iter().zip(&recorded.body).take_while(|(one, other)| one == other).count();
    let (one, other) = (sent.body.len(), recorded.body.len());
    let text = format!("body: sent {one} bytes, recorded {other}; they part after {apart}");
    vec![Difference { weight: 2, text }]
}

fn values(path: &str, sent: &Value, recorded: &Value) -> Vec<Difference> {
    match (sent, recorded) {
        _ if sent == recorded => Vec::new(),
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<_> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            let value =
                |object: &serde_json::Map<String, Value>, name: &str| object.get(name).cloned().unwrap_or_default();
            names
                .iter()
                .flat_map(|name| values(&format!("{path}/{name}"), &value(one, name), &value(other, name)))
                .collect()
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let items = one.iter().zip(other).enumerate();
            items.flat_map(|(at, (one, other))| values(&format!("{path}/{at}"), one, other)).collect()
        }
        _ => vec![Difference { weight: 2, text: format!("body `{path}`: sent `{sent}`, recorded `{recorded}`") }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn asked(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Asked {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked { method: method.into(), url: Url::parse(url).unwrap(), headers, body: body.into() }
    }

    #[test]
    fn requests_match_by_what_they_mean() {
        let get = |url: &str| asked("GET", &format!("https://api.example.com{url}"), &[], "");
        let post = |body: &str| asked("POST", "https://api.example.com/", &[], body);
        let form = |body: &str| asked("POST", "https://api.example.com/", &[("content-type", FORM)], body);
        let with = |headers| asked("GET", "https://api.example.com/", headers, "");
        let origin = |url| asked("GET", url, &[], "");
        for (case, sent, recorded, expected) in [
            ("equal", get("/a?b=c"), get("/a?b=c"), &[][..]),
            ("order of the query", get("/?b=2&a=1&a=0"), get("/?a=0&a=1&b=2"), &[]),
            ("escapes of the query", get("/?a=x%20y%2Cz"), get("/?a=x+y,z"), &[]),
            ("default port", origin("https://api.example.com:443/"), get("/"), &[]),
            ("another path", get("/a"), get("/b"), &["path: sent `/a`, recorded `/b`"]),
            ("a slash more", get("/a/"), get("/a"), &["path: sent `/a/`, recorded `/a`"]),
            (
                "another origin",
                origin("https://b.example.com/"),
                get("/"),
                &["origin: sent `https://b.example.com`, recorded `https://api.example.com`"],
            ),
            ("another method", get("/"), post(""), &["method: sent `GET`, recorded `POST`"]),
            ("another value", get("/?a=1&b=2"), get("/?a=1&b=3"), &["query `b`: sent `2`, recorded `3`"]),
            ("one more", get("/?a=1&b=2"), get("/?a=1"), &["query `b`: sent `2`, not recorded"]),
            ("one less", get("/?a=1"), get("/?a=1&b=2"), &["query `b`: not sent, recorded `2`"]),
            ("once, not twice", get("/?a=1"), get("/?a=1&a=1"), &["query `a`: not sent, recorded `1`"]),
            ("a header not recorded", with(&[("accept", "x")]), with(&[]), &[]),
            ("a header as recorded", with(&[("a", "1"), ("b", "2")]), with(&[("b", "2")]), &[]),
            ("one of two headers", with(&[("a", "1"), ("a", "2")]), with(&[("a", "2")]), &[]),
            ("another header", with(&[("a", "1")]), with(&[("a", "2")]), &["header `a`: sent `1`, recorded `2`"]),
            ("no header", with(&[]), with(&[("a", "2")]), &["header `a`: not sent, recorded `2`"]),
            ("order of a form", form("b=2&a=x+y"), post("a=x%20y&b=2"), &[]),
            ("a form with a secret", form("a={{password}}"), post("a={{password}}"), &[]),
            ("another field", form("a=1"), post("a=2"), &["form field `a`: sent `1`, recorded `2`"]),
            (
                "no form by its type",
                post("b=2&a=1"),
                post("a=1&b=2"),
                &["body: sent 7 bytes, recorded 7; they part after 0"],
            ),
            ("json", post("{\"a\":1,\"b\":[2]}"), post("{\n  \"b\": [ 2 ], \"a\": 1 }"), &[]),
            (
                "other json",
                post("{\"a\":{\"b\":[1,2]}}"),
                post("{\"a\":{\"b\":[1,3]}}"),
                &["body `/a/b/1`: sent `2`, recorded `3`"],
            ),
            ("no body", post(""), post("abc"), &["body: sent 0 bytes, recorded 3; they part after 0"]),
        ] {
            let found: Vec<_> = differences(&sent, &recorded).into_iter().map(|difference| difference.text).collect();
            assert_eq!(found, expected, "{case}");
        }
    }
}
