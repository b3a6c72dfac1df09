//! Names to addresses that may be reached: a name may stand for anything, so each address is decided about.

use crate::http::policy::{self, Denied, address};
use crate::tenant::Network;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// Asks the operating system, and hands on what the tenant may reach.
pub struct Resolver(pub Network);

/// A name that could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("the name {name} is not known: {error}")]
pub struct Unknown {
    name: String,
    error: String,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let network = self.0.clone();
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let unknown = |error: String| Unknown { name: name.clone(), error };
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<_> = found.map_err(|error| unknown(error.to_string()))?.collect();
            let allowed = reachable(&network, &name, &found)?;
            if allowed.is_empty() {
                return Err(unknown("it has no address".into()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name that may be reached; where none may, why the first may not.
///
/// Plain HTTP leaves to this machine alone, so what is named so must be this machine.
fn reachable(network: &Network, name: &str, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Denied> {
    let is_named_loopback = policy::is_loopback_name(name);
    let decide = |socket: &SocketAddr| match socket.ip().to_canonical().is_loopback() {
        false if is_named_loopback => Err(Denied::new("policy.loopback", format!("{}, not this machine", socket.ip()))),
        _ => address::decide(network, socket.ip()).map(|()| *socket),
    };
    let (allowed, denied): (Vec<_>, Vec<_>) = found.iter().map(decide).partition(Result::is_ok);
    match denied.into_iter().flat_map(Result::err).next() {
        Some(denied) if allowed.is_empty() => {
            Err(Denied::new(denied.code, format!("{name} stands for {}", denied.message)))
        }
        _ => Ok(allowed.into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_what_may_be_reached_of_it() {
        let local = Network { insecure_loopback: true, ..Network::default() };
        let found = [SocketAddr::new("8.8.8.8".parse().unwrap(), 0), SocketAddr::new("127.0.0.1".parse().unwrap(), 0)];
        assert_eq!(reachable(&local, "a.localhost", &found).unwrap(), &found[1..]);
        assert_eq!(reachable(&local, "localhost", &found[..1]).unwrap_err().code, "policy.loopback");
        type Case<'a> = (&'a [&'a str], Result<&'a [&'a str], &'a str>);
        let cases: &[Case<'_>] = &[
            (&[], Ok(&[])),
            (&["8.8.4.4", "8.8.8.8"], Ok(&["8.8.4.4", "8.8.8.8"])),
            (&["10.0.0.1", "8.8.8.8", "::1"], Ok(&["8.8.8.8"])),
            (&["10.0.0.1", "127.0.0.1"], Err("policy.address")),
            (&["169.254.169.254"], Err("policy.metadata")),
        ];
        for (found, expected) in cases {
            let sockets: Vec<_> = found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            let reached = reachable(&Network::default(), "api.example.com", &sockets);
            let reached = reached.map(|sockets| sockets.iter().map(|socket| socket.ip().to_string()).collect());
            let expected = expected.map(|ips| ips.iter().map(|ip| ip.to_string()).collect::<Vec<_>>());
            assert_eq!(
                reached.as_ref().map_err(|denied| denied.code),
                expected.as_ref().map_err(|code| *code),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_refusal_names_name_and_address() {
        let found = [SocketAddr::new("10.0.0.1".parse().unwrap(), 0)];
        let denied = reachable(&Network::default(), "api.example.com", &found).unwrap_err();
        assert!(denied.message.starts_with("api.example.com stands for 10.0.0.1 is no public"), "{}", denied.message);
    }
}
