//! Hosts of every kind, and what becomes of each field.

use super::*;
use crate::map::reason::RECORD_TOO_LARGE;
use host_list::Host;

fn map(host: Host<'static>) -> Asset {
    listed(&Host { id: Some("42".into()), ..host }, &BTreeMap::new(), false).unwrap()
}

fn some(text: &'static str) -> Text<'static> {
    Some(text.into())
}

#[test]
fn only_a_positive_integer_is_a_host_id() {
    let cases = [
        (some("508112044"), Ok("508112044")),
        (some(" 007 "), Ok("7")),
        (some("0"), Err(HOST_ID_NOT_A_NUMBER)),
        (some("-1"), Err(HOST_ID_NOT_A_NUMBER)),
        (some("\u{fffd}\u{fffd}5"), Err(HOST_ID_NOT_A_NUMBER)),
        (None, Err(HOST_ID_NOT_A_NUMBER)),
    ];
    for (id, wanted) in cases {
        let asset = listed(&Host { id: id.clone(), ..Host::default() }, &BTreeMap::new(), false);
        assert_eq!(asset.map(|asset| asset.key), wanted.map(Into::into), "{id:?} listed");
        let asset = late(&detection::Host { id: id.clone(), ..detection::Host::default() });
        assert_eq!(asset.map(|asset| asset.key), wanted.map(Into::into), "{id:?} late");
    }
}

#[test]
fn an_asset_with_too_much_text_is_none() {
    let os = |length: usize| Host { id: some("42"), os: Some("x".repeat(length).into()), ..Host::default() };
    let reason = |length| listed(&os(length), &BTreeMap::new(), false).err();
    assert_eq!([reason(size::RECORD_BYTES_MAX - 9), reason(size::RECORD_BYTES_MAX)], [None, Some(RECORD_TOO_LARGE)]);
}

#[test]
fn an_asset_is_called_by_the_first_name_it_has() {
    let full = Host {
        dns: some("web.example.com"),
        fqdn: some("web.corp.example.com"),
        netbios: some("WEB"),
        ec2_instance_id: some("i-0a1b"),
        ip: some("10.20.30.41"),
        ipv6: some("2001:DB8:0::1"),
        ..Host::default()
    };
    let fqdn = Host { dns: some("no registered hostname"), ..full.clone() };
    let netbios = Host { fqdn: some("No registered hostname"), ..fqdn.clone() };
    let instance = Host { netbios: some(" "), ..netbios.clone() };
    let ip = Host { ec2_instance_id: None, ..instance.clone() };
    let ipv6 = Host { ip: some("unknown"), ..ip.clone() };
    let id = Host { ipv6: None, ..ipv6.clone() };
    let cases = [
        (full, "web.example.com"),
        (fqdn, "web.corp.example.com"),
        (netbios, "WEB"),
        (instance, "i-0a1b"),
        (ip, "10.20.30.41"),
        (ipv6, "2001:db8::1"),
        (id, "42"),
    ];
    for (host, wanted) in cases {
        assert_eq!(map(host).name, wanted);
    }
}

#[test]
fn addresses_are_short_sorted_and_real() {
    let cases: [(_, _, &[&str]); 7] = [
        (some("10.20.30.41"), None, &["10.20.30.41"]),
        (some("10.20.30.41"), some("2001:0DB8:0000::0001"), &["10.20.30.41", "2001:db8::1"]),
        (some("9.0.0.1"), some("2001:db8::1"), &["2001:db8::1", "9.0.0.1"]),
        (some("2001:db8::1"), some("2001:DB8::1"), &["2001:db8::1"]),
        (None, some("::ffff:10.0.0.1"), &["::ffff:10.0.0.1"]),
        (some("10.20.30.256"), some("fe80::1%eth0"), &[]),
        (some("N/A"), None, &[]),
    ];
    for (ip, ipv6, wanted) in cases {
        let host = Host { ip: ip.clone(), ipv6: ipv6.clone(), ..Host::default() };
        assert_eq!(map(host).ip_addresses, wanted, "{ip:?} {ipv6:?}");
    }
}

#[test]
fn an_asset_was_seen_by_the_first_scan_that_counts() {
    let [nine, eight, seven] = ["1970-01-01T00:00:09Z", "1970-01-01T00:00:08Z", "1970-01-01T00:00:07Z"].map(some);
    let cases = [
        (nine.clone(), eight.clone(), seven.clone(), false, Some(9)),
        (some("N/A"), eight.clone(), seven.clone(), true, Some(8)),
        (None, None, seven.clone(), true, Some(7)),
        (None, None, seven.clone(), false, None),
        (None, None, None, true, None),
    ];
    for (vm, vuln, compliance, compliance_is_read, wanted) in cases {
        let host = Host {
            id: some("42"),
            last_vm_scanned_date: vm.clone(),
            last_vuln_scan_datetime: vuln.clone(),
            last_compliance_scan_datetime: compliance.clone(),
            ..Host::default()
        };
        let seen = listed(&host, &BTreeMap::new(), compliance_is_read).unwrap().last_seen;
        assert_eq!(seen, wanted, "{vm:?} {vuln:?} {compliance:?} {compliance_is_read}");
    }
}

#[test]
fn a_state_of_null_is_none() {
    for (state, wanted) in [(some("STOPPED"), Some("STOPPED")), (some("null"), None), (some(""), None), (None, None)] {
        let host = Host { ec2_instance_state: state.clone(), ..Host::default() };
        assert_eq!(map(host).state.as_deref(), wanted, "{state:?}");
    }
}

#[test]
fn tags_are_names_and_known_titles() {
    let titles = BTreeMap::from([("2201", "DC North"), ("2207", "PCI, scope"), ("9", " ")]);
    let titles = titles.into_iter().map(|(id, title)| (id.into(), title.into())).collect();
    type Case<'a> = (&'a [&'static str], Text<'static>, &'a [(&'a str, &'a str)]);
    let cases: &[Case<'_>] = &[
        (&[], None, &[]),
        (&["b", "a", "b", " "], None, &[("a", "tag"), ("b", "tag")]),
        (&[], some("2207,2201,2207"), &[("DC North", "asset-group"), ("PCI, scope", "asset-group")]),
        (&["DC North"], some("2201"), &[("DC North", "asset-group"), ("DC North", "tag")]),
        (&[], some("1, 9,,2201 "), &[("DC North", "asset-group")]),
    ];
    for (names, asset_group_ids, wanted) in cases {
        let tags = names.iter().map(|&name| name.into()).collect();
        let host = Host { id: some("42"), tags, asset_group_ids: asset_group_ids.clone(), ..Host::default() };
        let tags = listed(&host, &titles, false).unwrap().tags;
        let tags: Vec<_> = tags.iter().map(|tag| (tag.name.as_str(), tag.origin.as_str())).collect();
        assert_eq!(tags, *wanted, "{names:?} {asset_group_ids:?}");
    }
}

#[test]
fn every_other_field_has_its_place() {
    let asset = map(Host {
        asset_id: some("731120551"),
        tracking_method: some("AGENT"),
        network_id: some("0"),
        network_name: some("Plant"),
        fqdn: some("web.example.com"),
        netbios: some("WEB"),
        os: some("Linux 2.4-2.6 / Embedded Device"),
        qg_hostid: some("6c1f0a52"),
        cloud_provider: some("AWS"),
        cloud_resource_id: some("i-0a1b"),
        ec2_instance_id: some("i-0a1b"),
        ec2_region: some("us-east-1"),
        first_found_date: some("1970-01-01T00:00:03Z"),
        ..Host::default()
    });
    let fields = (asset.kind.as_str(), asset.fqdn.as_deref(), asset.os.as_deref(), asset.created);
    assert_eq!(fields, ("host", Some("web.example.com"), Some("Linux 2.4-2.6 / Embedded Device"), Some(3)));
    let wanted = [
        ("agent-id", "6c1f0a52"),
        ("asset-id", "731120551"),
        ("cloud-instance-id", "i-0a1b"),
        ("cloud-provider", "AWS"),
        ("cloud-region", "us-east-1"),
        ("netbios", "WEB"),
        ("network", "Plant"),
        ("tracking-method", "AGENT"),
    ];
    let properties: Vec<_> = asset.properties.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    assert_eq!(properties, wanted);
}

#[test]
fn the_second_source_of_a_property_stands_in_for_the_first() {
    let asset = map(Host { network_id: some("0"), ec2_instance_id: some("i-0a1b"), ..Host::default() });
    let properties: Vec<_> = asset.properties.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    assert_eq!(properties, [("cloud-instance-id", "i-0a1b"), ("network", "0")]);
}

#[test]
fn a_late_host_says_what_the_detections_say_of_it() {
    let asset = late(&detection::Host {
        number: 1,
        id: some("42"),
        ip: some("10.20.30.41"),
        ipv6: some("2001:DB8::1"),
        tracking_method: some("IP"),
        os: some("Linux"),
        dns: some("No registered hostname"),
        fqdn: None,
        ec2_instance_id: some("i-0a1b"),
        netbios: some("WEB"),
        last_vm_scanned_date: None,
        last_scan_datetime: some("1970-01-01T00:00:08Z"),
    })
    .unwrap();
    let fields = (asset.digest, asset.name.as_str(), asset.os.as_deref(), asset.last_seen, asset.properties.len());
    assert_eq!(fields, (0, "WEB", Some("Linux"), Some(8), 2));
    assert_eq!(asset.ip_addresses, ["10.20.30.41", "2001:db8::1"]);
}

#[test]
fn the_digest_follows_the_title_of_a_group() {
    let host = Host { id: some("42"), asset_group_ids: some("1"), ..Host::default() };
    let digest = |title: &str| listed(&host, &BTreeMap::from([("1".into(), title.into())]), false).unwrap().digest;
    assert_eq!(digest("DC North"), digest("DC North"));
    assert_ne!(digest("DC North"), digest("DC South"));
}

#[test]
fn the_digest_does_not_follow_the_order_of_the_answer() {
    let host = |tags: [&'static str; 2], ids| Host {
        tags: tags.map(Into::into).into(),
        asset_group_ids: some(ids),
        ..Host::default()
    };
    assert_eq!(map(host(["a", "b"], "1,2")), map(host(["b", "a"], "2,1")));
}
