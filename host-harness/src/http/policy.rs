//! May this request leave? A pure decision: nothing is resolved, nothing is asked.
//!
//! Which addresses a name may stand for is in `policy/address.rs`; secrets are for `secrets.rs`.

pub mod address;

use crate::bindings::configure;
use crate::bindings::http::{Failure, FailureKind};
use crate::tenant::Network;
use url::{Host, Origin, Url};

/// Bytes of one request: address, headers and body.
pub const REQUEST_BYTES_MAX: usize = 1 << 20;

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Headers that the host sets itself, or that would change how a connection is used.
const HEADERS_OF_THE_HOST: &[&str] =
    &["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// Where the requests of a run may go. The empty one allows nothing.
#[derive(Debug, Default)]
pub struct Allowed {
    origins: Vec<(String, Origin)>,
    insecure_loopback: bool,
}

/// A request that may not leave, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Denied {
    /// `policy.origin`, `secret.undeclared`.
    pub code: &'static str,
    /// One lower-case clause; never a secret.
    pub message: String,
}

impl Denied {
    /// A refusal.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        super::failure(FailureKind::Refused, denied.code, denied.message)
    }
}

impl Allowed {
    /// What a connector resolved and the operator allows. A text that is no origin allows nothing.
    pub fn new(origins: &[configure::Origin], network: &Network) -> Self {
        let parse = |origin: &configure::Origin| Some((origin.name.clone(), self::origin(&origin.url)?));
        Self { origins: origins.iter().filter_map(parse).collect(), insecure_loopback: network.insecure_loopback }
    }

    /// Whether this is an origin of that name.
    pub fn is_named(&self, name: &str, origin: &Origin) -> bool {
        self.origins.iter().any(|(known, allowed)| known == name && allowed == origin)
    }
}

/// `scheme://host:port`, and nothing more.
fn origin(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_bare && url.has_host()).then(|| url.origin())
}

/// Decides about a request: its headers with as much of their values as is no secret.
pub fn decide(allowed: &Allowed, method: &str, url: &Url, headers: &[(&str, &str)]) -> Result<(), Denied> {
    if !METHODS.contains(&method) {
        return Err(Denied::new("policy.method", format!("the method {method:?} is none of {}", METHODS.join(", "))));
    }
    decide_address(allowed, url)?;
    headers.iter().try_for_each(|(name, value)| decide_header(name, value))
}

fn decide_address(allowed: &Allowed, url: &Url) -> Result<(), Denied> {
    let origin = url.origin();
    let named = origin.ascii_serialization();
    if !allowed.origins.iter().any(|(_, known)| *known == origin) {
        return Err(Denied::new("policy.origin", format!("{named} is none of the origins that the settings name")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Denied::new("policy.user", format!("an address at {named} carries a user")));
    }
    if url.fragment().is_some() {
        return Err(Denied::new("policy.fragment", format!("an address at {named} carries a fragment")));
    }
    match (url.scheme(), is_loopback(url)) {
        ("http" | "https", true) if allowed.insecure_loopback => Ok(()),
        (_, true) => {
            Err(Denied::new("policy.loopback", format!("{named} is this machine, which insecure_loopback would allow")))
        }
        ("https", false) => Ok(()),
        _ => Err(Denied::new("policy.scheme", format!("{named} is not https"))),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => is_loopback_name(name),
        None => false,
    }
}

/// Whether a name promises to be this machine.
pub fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

fn decide_header(name: &str, value: &str) -> Result<(), Denied> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Denied::new("policy.header", format!("{name:?} is no name of a header")));
    }
    let lower = name.to_ascii_lowercase();
    if HEADERS_OF_THE_HOST.contains(&lower.as_str()) || lower.starts_with("proxy-") {
        return Err(Denied::new("policy.header", format!("the header {lower} is set by the host alone")));
    }
    if !may_stand_in_a_header(value) {
        return Err(Denied::new("policy.header", format!("the value of the header {lower} has a control character")));
    }
    Ok(())
}

/// Whether a value stays within its line.
pub fn may_stand_in_a_header(value: &str) -> bool {
    !value.chars().any(|c| c != '\t' && c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &[&str], insecure_loopback: bool) -> Allowed {
        let named = |url: &&str| configure::Origin { name: "api".into(), url: (*url).into() };
        Allowed::new(
            &origins.iter().map(named).collect::<Vec<_>>(),
            &Network { insecure_loopback, ..Network::default() },
        )
    }

    #[test]
    fn an_address_leaves_only_to_an_origin_that_was_named() {
        let api = &["https://api.example.com:443"][..];
        for (origins, insecure_loopback, url, code) in [
            (&[][..], true, "https://api.example.com/", "policy.origin"),
            (api, false, "https://api.example.com/a?b=c", ""),
            (api, false, "https://API.example.com:443/", ""),
            (api, false, "https://api.example.com:8443/", "policy.origin"),
            (api, false, "http://api.example.com/", "policy.origin"),
            (api, false, "http://api.example.com:443/", "policy.origin"),
            (api, false, "https://api.example.com.evil.example/", "policy.origin"),
            (api, false, "https://evil.example/?https://api.example.com", "policy.origin"),
            (api, false, "https://api.example.com@evil.example/", "policy.origin"),
            (api, false, "https://evil.example\\@api.example.com/", "policy.origin"),
            (api, false, "https://user@api.example.com/", "policy.user"),
            (api, false, "https://:pass@api.example.com/", "policy.user"),
            (api, false, "https://api.example.com/#x", "policy.fragment"),
            (api, false, "https://api.example.com./", "policy.origin"),
            (api, true, "https://127.0.0.1/", "policy.origin"),
            (api, false, "file:///etc/passwd", "policy.origin"),
            (api, false, "data:text/plain,x", "policy.origin"),
            (&["http://api.example.com:80"][..], true, "http://api.example.com/", "policy.scheme"),
            (&["ftp://api.example.com:21"][..], true, "ftp://api.example.com/", "policy.scheme"),
            (&["http://127.0.0.1:8080"][..], true, "http://127.0.0.1:8080/", ""),
            (&["http://127.0.0.1:8080"][..], true, "http://127.1:8080/", ""),
            (&["http://127.0.0.1:8080"][..], false, "http://127.0.0.1:8080/", "policy.loopback"),
            (&["https://127.0.0.1:8080"][..], false, "https://127.0.0.1:8080/", "policy.loopback"),
            (&["http://[::1]:8080"][..], true, "http://[::1]:8080/", ""),
            (&["http://[::ffff:127.0.0.1]:80"][..], false, "http://[::ffff:7f00:1]/", "policy.loopback"),
            (&["http://localhost:8080"][..], true, "http://localhost:8080/", ""),
            (&["https://localhost:8080"][..], false, "https://localhost.:8080/", "policy.origin"),
            (&["https://a.localhost:443"][..], false, "https://a.localhost/", "policy.loopback"),
            (&["http://169.254.169.254:80"][..], true, "http://169.254.169.254/", "policy.scheme"),
            (&["https://api.example.com:443/path"][..], false, "https://api.example.com/path", "policy.origin"),
            (&["https://user@api.example.com"][..], false, "https://api.example.com/", "policy.origin"),
            (&["api.example.com", ""][..], false, "https://api.example.com/", "policy.origin"),
        ] {
            let decided = decide(&allowed(origins, insecure_loopback), "GET", &Url::parse(url).unwrap(), &[]);
            assert_eq!(
                decided.err().map_or("", |denied| denied.code),
                code,
                "{url} with {origins:?}, {insecure_loopback}"
            );
        }
    }

    #[test]
    fn a_refusal_names_the_origin() {
        let denied =
            decide(&Allowed::default(), "GET", &Url::parse("https://evil.example/secret").unwrap(), &[]).unwrap_err();
        assert_eq!(denied.message, "https://evil.example is none of the origins that the settings name");
    }

    #[test]
    fn methods_and_headers_keep_to_their_words() {
        for (method, name, value, code) in [
            ("GET", "accept", "text/xml", ""),
            ("GET", "X-Requested-With", "a\tb \u{e9}", ""),
            ("get", "accept", "", "policy.method"),
            ("", "accept", "", "policy.method"),
            ("CONNECT", "accept", "", "policy.method"),
            ("TRACE", "accept", "", "policy.method"),
            ("GET / HTTP/1.1\r\nx: y", "accept", "", "policy.method"),
            ("GET", "Host", "evil.example", "policy.header"),
            ("GET", "content-length", "0", "policy.header"),
            ("GET", "Transfer-Encoding", "chunked", "policy.header"),
            ("GET", "connection", "close", "policy.header"),
            ("GET", "Upgrade", "h2c", "policy.header"),
            ("GET", "Proxy-Authorization", "x", "policy.header"),
            ("GET", "", "x", "policy.header"),
            ("GET", "a b", "x", "policy.header"),
            ("GET", "a:b", "x", "policy.header"),
            ("GET", "a\r\nb", "x", "policy.header"),
            ("GET", "\u{e9}", "x", "policy.header"),
            ("GET", "a", "x\r\nhost: evil.example", "policy.header"),
            ("GET", "a", "x\ny", "policy.header"),
            ("GET", "a", "x\0", "policy.header"),
            ("GET", "a", "x\u{7f}", "policy.header"),
        ] {
            let url = Url::parse("https://api.example.com/").unwrap();
            let decided = decide(&allowed(&["https://api.example.com:443"], false), method, &url, &[(name, value)]);
            assert_eq!(decided.err().map_or("", |denied| denied.code), code, "{method:?} {name:?}: {value:?}");
        }
    }
}
