//! Which addresses a connection may go to: decided after a name was resolved, since a name may stand for anything.
//!
//! The decision is pure; whoever speaks the network asks it for every address, and connects to no other.

use super::Denied;
use crate::tenant::Network;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// Where clouds hand out credentials to whoever asks: never allowed, whatever the operator says.
const METADATA: &[&str] = &[
    "100.100.100.200/32",
    "168.63.129.16/32",
    "169.254.0.23/32",
    "169.254.42.42/32",
    "169.254.169.254/32",
    "169.254.170.2/32",
    "169.254.170.23/32",
    "192.0.0.192/32",
    "fd00:ec2::23/128",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
    "fe80::a9fe:a9fe/128",
];

/// What is not the public internet: allowed only where the operator names it.
const NOT_PUBLIC: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "4000::/2",
    "8000::/1",
];

/// Decides about one address of a host.
pub fn decide(network: &Network, address: IpAddr) -> Result<(), Denied> {
    let address = canonical(address);
    let denied = |code, what: &str| Err(Denied::new(code, format!("{address} is {what}")));
    if is_within(METADATA, address) {
        return denied("policy.metadata", "where a cloud hands out credentials, which nobody may reach");
    }
    if address.is_loopback() {
        let hint = "this machine; insecure_loopback would allow it";
        return if network.insecure_loopback { Ok(()) } else { denied("policy.loopback", hint) };
    }
    let is_named = || network.allow_addresses.iter().any(|net| net.contains(&address));
    if is_within(NOT_PUBLIC, address) && !is_named() {
        return denied("policy.address", "no public address; allow_addresses would allow it");
    }
    Ok(())
}

/// An IPv4 address that is written as an IPv6 one is the IPv4 one; so is one that a translator would reach.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let octets = v6.octets();
    let tail = || IpAddr::from([octets[12], octets[13], octets[14], octets[15]]);
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => tail(),
        [0x2002, ..] => IpAddr::from([octets[2], octets[3], octets[4], octets[5]]),
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => tail(),
        _ => Ipv6Addr::to_canonical(&v6),
    }
}

fn is_within(nets: &[&str], address: IpAddr) -> bool {
    nets.iter().filter_map(|net| net.parse::<IpNet>().ok()).any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached_unless_the_operator_names_others() {
        let nothing = Network::default();
        let loopback = Network { insecure_loopback: true, ..Network::default() };
        let nets = ["10.1.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "0.0.0.0/0"];
        let named = |count: usize| Network {
            allow_addresses: nets[..count].iter().map(|net| net.parse().unwrap()).collect(),
            ..Network::default()
        };
        let (some, all) = (named(4), named(5));
        let cases: &[(&Network, &str, &str)] = &[
            (&nothing, "8.8.4.4", ""),
            (&nothing, "2a00:1450:4001:80b::200e", ""),
            (&nothing, "10.1.2.3", "policy.address"),
            (&nothing, "172.31.0.1", "policy.address"),
            (&nothing, "172.32.0.1", ""),
            (&nothing, "192.168.0.1", "policy.address"),
            (&nothing, "100.64.0.1", "policy.address"),
            (&nothing, "169.254.1.1", "policy.address"),
            (&nothing, "0.0.0.0", "policy.address"),
            (&nothing, "255.255.255.255", "policy.address"),
            (&nothing, "224.0.0.1", "policy.address"),
            (&nothing, "::", "policy.address"),
            (&nothing, "fe80::1", "policy.address"),
            (&nothing, "fd12:3456::1", "policy.address"),
            (&nothing, "ff02::1", "policy.address"),
            (&nothing, "2002:0a01:0203::1", "policy.address"),
            (&nothing, "127.0.0.1", "policy.loopback"),
            (&nothing, "127.9.9.9", "policy.loopback"),
            (&nothing, "::1", "policy.loopback"),
            (&nothing, "::ffff:127.0.0.1", "policy.loopback"),
            (&nothing, "::ffff:10.1.2.3", "policy.address"),
            (&nothing, "::10.1.2.3", "policy.address"),
            (&nothing, "64:ff9b::10.1.2.3", "policy.address"),
            (&nothing, "64:ff9b::8.8.4.4", ""),
            (&nothing, "169.254.169.254", "policy.metadata"),
            (&nothing, "::ffff:169.254.169.254", "policy.metadata"),
            (&nothing, "64:ff9b::169.254.169.254", "policy.metadata"),
            (&loopback, "127.0.0.1", ""),
            (&loopback, "::1", ""),
            (&loopback, "10.1.2.3", "policy.address"),
            (&some, "10.1.2.3", ""),
            (&some, "::ffff:10.1.2.3", ""),
            (&some, "10.2.2.3", "policy.address"),
            (&some, "fd12:3456::1", ""),
            (&some, "127.0.0.1", "policy.loopback"),
            (&some, "169.254.1.1", ""),
            (&some, "169.254.169.254", "policy.metadata"),
            (&some, "169.254.42.42", "policy.metadata"),
            (&all, "2002:a9fe:a9fe::1", "policy.metadata"),
            (&all, "64:ff9b:1::a9fe:a9fe", "policy.metadata"),
            (&all, "fe80::a9fe:a9fe", "policy.metadata"),
            (&some, "fd00:ec2::254", "policy.metadata"),
            (&all, "192.168.0.1", ""),
            (&all, "168.63.129.16", "policy.metadata"),
        ];
        for (network, address, code) in cases {
            let decided = decide(network, address.parse().unwrap());
            assert_eq!(decided.err().map_or("", |denied| denied.code), *code, "{address} with {network:?}");
        }
    }

    #[test]
    fn every_net_of_the_tables_is_one() {
        for net in METADATA.iter().chain(NOT_PUBLIC) {
            assert!(net.parse::<IpNet>().is_ok_and(|parsed| parsed.trunc() == parsed), "{net}");
        }
    }
}
