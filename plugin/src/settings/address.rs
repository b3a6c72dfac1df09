//! The address of a server, as a person types it and as requests need it.
//!
//! Whether the address is the right one is not asked here.

use fluent_uri::Uri;
use std::fmt;

/// The hosts that plain `http` may lead to: this very machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// The address of a server, without path: what requests begin with.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// `https`, or `http` for this very machine.
    pub scheme: &'static str,
    /// In lower case; IPv6 in brackets.
    pub host: String,
    /// Always known.
    pub port: u16,
}

/// What was typed: the address in it, and what should not stand beside it.
#[derive(Debug, PartialEq)]
pub struct Typed {
    /// What it leads to, or would if it had no flaw.
    pub address: Address,
    /// What is wrong with it otherwise, as a clause.
    pub flaw: Option<&'static str>,
}

impl Typed {
    /// Reads what a person typed; the scheme and one closing slash may be missing.
    ///
    /// The error is a lower-case clause that repeats nothing of what was typed, since that may hold a password.
    pub fn read(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        let whole = if typed.contains("://") { typed.into() } else { format!("https://{typed}") };
        // fluent-uri adds 55 kB to the component and http::Uri 58, but the latter drops a fragment in silence
        // and does not tell a user from a host; url adds 271 kB, most of it tables for names that are not ASCII.
        let uri = Uri::parse(whole.as_str()).map_err(|_| "is not an address")?;
        let authority = uri.authority().ok_or("names no host")?;
        let host = host(authority.host())?;
        let is_plain = uri.scheme().as_str().eq_ignore_ascii_case("http");
        if !is_plain && !uri.scheme().as_str().eq_ignore_ascii_case("https") {
            return Err("must begin with https");
        }
        let may_be_plain = LOOPBACK.contains(&host.as_str());
        let scheme = if is_plain && may_be_plain { "http" } else { "https" };
        let port = authority.port_to_u16().map_err(|_| "has a port above 65535")?;
        let port = port.unwrap_or(if scheme == "https" { 443 } else { 80 });
        let flaw = match (authority.userinfo(), uri.path().as_str(), uri.query(), uri.fragment()) {
            _ if port == 0 => Some("has port 0"),
            _ if is_plain && !may_be_plain => Some("must begin with https"),
            (Some(_), ..) => Some("carries a user or password"),
            (None, "" | "/", None, None) => None,
            _ => Some("goes on after the host"),
        };
        Ok(Self { address: Address { scheme, host, port }, flaw })
    }
}

/// A name of letters, digits, hyphens and underscores between dots, or an IP address.
fn host(typed: &str) -> Result<String, &'static str> {
    let is_plain = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    match typed {
        "" => Err("names no host"),
        _ if typed.starts_with('[') || typed.split('.').all(is_plain) => Ok(typed.to_ascii_lowercase()),
        _ => Err("has a host name that cannot be right"),
    }
}

impl Address {
    /// `scheme://host:port`, the port always given.
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", self.scheme, self.host, self.port)
    }

    /// The same scheme and port at another host.
    pub fn at(&self, host: String) -> Self {
        Self { host, ..*self }
    }
}

/// What requests begin with: `scheme://host`, and the port where it is not the usual one.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme, self.host)?;
        match (self.scheme, self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(out, ":{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_or_without_scheme_and_slash() {
        for (typed, url, origin) in [
            ("qualysapi.example.com", "https://qualysapi.example.com", "https://qualysapi.example.com:443"),
            (" https://qualysapi.example.com/ ", "https://qualysapi.example.com", "https://qualysapi.example.com:443"),
            ("HTTPS://QualysAPI.Example.com", "https://qualysapi.example.com", "https://qualysapi.example.com:443"),
            ("qualysapi.example.com:443", "https://qualysapi.example.com", "https://qualysapi.example.com:443"),
            ("qualysapi.example.com:8443/", "https://qualysapi.example.com:8443", "https://qualysapi.example.com:8443"),
            ("qualysapi.example.com:", "https://qualysapi.example.com", "https://qualysapi.example.com:443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost", "http://localhost:80"),
        ] {
            let read = Typed::read(typed).unwrap_or_else(|flaw| panic!("{typed}: {flaw}"));
            assert_eq!((read.address.to_string().as_str(), read.flaw), (url, None), "{typed}");
            assert_eq!(read.address.origin(), origin, "{typed}");
        }
    }

    #[test]
    fn what_stands_beside_the_address_is_a_flaw() {
        for (typed, flaw) in [
            ("https://qualysapi.example.com/api/2.0/fo", "goes on after the host"),
            ("https://qualysapi.example.com//", "goes on after the host"),
            ("https://qualysapi.example.com?a=b", "goes on after the host"),
            ("https://qualysapi.example.com/?", "goes on after the host"),
            ("https://qualysapi.example.com#top", "goes on after the host"),
            ("https://me:secret@qualysapi.example.com", "carries a user or password"),
            ("https://@qualysapi.example.com", "carries a user or password"),
            ("http://qualysapi.example.com", "must begin with https"),
            ("http://127.0.0.2", "must begin with https"),
            ("http://localhost.example.com", "must begin with https"),
            ("https://qualysapi.example.com:0", "has port 0"),
        ] {
            assert_eq!(Typed::read(typed).map(|read| read.flaw), Ok(Some(flaw)), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_says_so_without_repeating_it() {
        for (typed, error) in [
            ("", "names no host"),
            ("https://", "names no host"),
            ("https:///path", "names no host"),
            ("https://two words.example.com", "is not an address"),
            ("https://qualysapi.exämple.com", "is not an address"),
            ("https://[::1", "is not an address"),
            ("ftp://qualysapi.example.com", "must begin with https"),
            ("https://qualysapi..example.com", "has a host name that cannot be right"),
            ("https://qualys%61pi.example.com", "has a host name that cannot be right"),
            ("https://qualysapi.example.com:70000", "has a port above 65535"),
            ("https://qualysapi.example.com:80a", "is not an address"),
        ] {
            assert_eq!(Typed::read(typed), Err(error), "{typed}");
        }
    }
}
