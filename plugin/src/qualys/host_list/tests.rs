//! Hosts: on the smallest pages that show the point, in pieces of any size.

use super::*;
use crate::qualys::xml::tests::read;

fn page(inside: &str) -> String {
    format!("<HOST_LIST_OUTPUT><RESPONSE>{inside}</RESPONSE></HOST_LIST_OUTPUT>")
}

/// Reads a whole page and shows its records in one line.
fn records(inside: &str) -> String {
    let (records, end) = read::<HostList>(page(inside).as_bytes(), |record| match record {
        Record::Host(host, _) => host.id.as_deref().unwrap_or("-").to_owned(),
        Record::Ids(first, last) => format!("{first} to {last}"),
        Record::Broken(broken) => format!("{} broken: {}, {}", broken.key, broken.reason, broken.location),
    });
    assert_eq!(end, Ok(Default::default()), "{inside}");
    records.join("; ")
}

/// Reads the one host that has these elements, and shows it.
fn one(elements: &str) -> String {
    let body = page(&format!("<HOST_LIST><HOST>{elements}</HOST></HOST_LIST>"));
    let (records, _) = read::<HostList>(body.as_bytes(), |record| match record {
        Record::Host(host, _) => format!("{host:?}"),
        other => format!("{other:?}"),
    });
    records.join("; ")
}

#[test]
fn every_field_is_read_by_its_name_wherever_it_stands() {
    fn text(text: &'static str) -> Text<'static> {
        Some(text.into())
    }
    let cases: [(&str, Host<'static>); 23] = [
        ("<ID>5</ID>", Host { id: text("5"), ..Host::default() }),
        ("<ASSET_ID>7</ASSET_ID>", Host { asset_id: text("7"), ..Host::default() }),
        ("<IP>10.20.30.41</IP>", Host { ip: text("10.20.30.41"), ..Host::default() }),
        ("<IPV6>2001:db8::29</IPV6>", Host { ipv6: text("2001:db8::29"), ..Host::default() }),
        ("<TRACKING_METHOD>AGENT</TRACKING_METHOD>", Host { tracking_method: text("AGENT"), ..Host::default() }),
        ("<NETWORK_ID>0</NETWORK_ID>", Host { network_id: text("0"), ..Host::default() }),
        ("<NETWORK_NAME>Lab</NETWORK_NAME>", Host { network_name: text("Lab"), ..Host::default() }),
        ("<DNS>a.example.com</DNS>", Host { dns: text("a.example.com"), ..Host::default() }),
        (
            "<DNS_DATA><HOSTNAME>a</HOSTNAME><FQDN>a.example.com</FQDN></DNS_DATA>",
            Host { fqdn: text("a.example.com"), ..Host::default() },
        ),
        ("<NETBIOS>A</NETBIOS>", Host { netbios: text("A"), ..Host::default() }),
        ("<OS>Linux / Linux 2.6</OS>", Host { os: text("Linux / Linux 2.6"), ..Host::default() }),
        ("<QG_HOSTID>6c1f</QG_HOSTID>", Host { qg_hostid: text("6c1f"), ..Host::default() }),
        ("<CLOUD_PROVIDER>AWS</CLOUD_PROVIDER>", Host { cloud_provider: text("AWS"), ..Host::default() }),
        ("<CLOUD_RESOURCE_ID>i-0</CLOUD_RESOURCE_ID>", Host { cloud_resource_id: text("i-0"), ..Host::default() }),
        ("<EC2_INSTANCE_ID>i-0</EC2_INSTANCE_ID>", Host { ec2_instance_id: text("i-0"), ..Host::default() }),
        (
            "<TAGS><TAG><TAG_ID>1</TAG_ID><NAME>Cloud Agent</NAME></TAG><TAG><NAME/></TAG><TAG><NAME>A, B</NAME></TAG></TAGS>",
            Host { tags: vec!["Cloud Agent".into(), "A, B".into()], ..Host::default() },
        ),
        ("<FIRST_FOUND_DATE>1</FIRST_FOUND_DATE>", Host { first_found_date: text("1"), ..Host::default() }),
        ("<LAST_VM_SCANNED_DATE>2</LAST_VM_SCANNED_DATE>", Host { last_vm_scanned_date: text("2"), ..Host::default() }),
        (
            "<LAST_VULN_SCAN_DATETIME>3</LAST_VULN_SCAN_DATETIME>",
            Host { last_vuln_scan_datetime: text("3"), ..Host::default() },
        ),
        (
            "<LAST_COMPLIANCE_SCAN_DATETIME>4</LAST_COMPLIANCE_SCAN_DATETIME>",
            Host { last_compliance_scan_datetime: text("4"), ..Host::default() },
        ),
        ("<ASSET_GROUP_IDS>1,2</ASSET_GROUP_IDS>", Host { asset_group_ids: text("1,2"), ..Host::default() }),
        ("<TAGS/><DNS_DATA/><METADATA/><X><ID>5</ID></X><USER_DEF><IP>1</IP></USER_DEF>", Host::default()),
        ("", Host::default()),
    ];
    for (elements, host) in &cases {
        assert_eq!(one(elements), format!("{host:?}"), "{elements}");
    }
    let elements = |list: Vec<&str>| one(&list.concat());
    let all: Vec<&str> = cases.iter().map(|(elements, _)| *elements).collect();
    assert_eq!(elements(all.clone()), elements(all.into_iter().rev().collect()), "in another order");
}

#[test]
fn the_cloud_says_state_and_region_of_the_instance() {
    let attribute = |name: &str, value: &str| {
        format!(
            "<ATTRIBUTE><NAME><![CDATA[{name}]]></NAME><LAST_STATUS>Success</LAST_STATUS><VALUE>{value}</VALUE></ATTRIBUTE>"
        )
    };
    let cases = [
        (attribute("instanceState", "STOPPED") + &attribute("region", "eu-west-1"), Some("STOPPED"), Some("eu-west-1")),
        (attribute("instanceState", "null") + &attribute("region", ""), None, None),
        (attribute("region", "eu-west-1") + &attribute("region", "null"), None, Some("eu-west-1")),
        (attribute("latest/dynamic/instance-identity/document/region", "us-east-2"), None, Some("us-east-2")),
        (attribute("latest/meta-data/mac", "02:1a"), None, None),
        ("<ATTRIBUTE/><X/>".into(), None, None),
    ];
    for (attributes, state, region) in cases {
        let (ec2_instance_state, ec2_region) = (state.map(Cow::Borrowed), region.map(Cow::Borrowed));
        let host = Host { ec2_instance_state, ec2_region, ..Host::default() };
        let metadata =
            format!("<METADATA><AZURE>{}</AZURE><EC2>{attributes}</EC2></METADATA>", attribute("region", "north"));
        assert_eq!(one(&metadata), format!("{host:?}"), "{attributes}");
    }
}

#[test]
fn hosts_and_ids_come_from_lists_of_any_shape() {
    let cases = [
        ("", ""),
        ("<HOST_LIST/>", ""),
        ("<HOST_LIST><HOST><ID>5</ID></HOST></HOST_LIST>", "5"),
        ("<HOST_LIST><HOST><ID>5</ID></HOST><HOST><ID>6</ID></HOST></HOST_LIST>", "5; 6"),
        ("<HOST_LIST><HOST><ID>5</ID></HOST></HOST_LIST><HOST_LIST><HOST><ID>6</ID></HOST></HOST_LIST>", "5; 6"),
        ("<HOST_LIST><HOST/><X><HOST><ID>5</ID></HOST></X></HOST_LIST><HOST><ID>6</ID></HOST>", "-"),
        ("<ID_SET><ID>5</ID><ID_RANGE>7-9</ID_RANGE><ID> 12\n</ID></ID_SET>", "5 to 5; 7 to 9; 12 to 12"),
        ("<GLOSSARY><ASSET_GROUP_LIST><ASSET_GROUP><ID>5</ID></ASSET_GROUP></ASSET_GROUP_LIST></GLOSSARY>", ""),
    ];
    for (inside, expected) in cases {
        assert_eq!(records(inside), expected, "{inside}");
    }
}

#[test]
fn a_broken_host_takes_no_neighbour_along() {
    let cases = [
        ("<HOST><ID>5</ID><IP>1</OS></HOST>", "5 broken: garbled-record, HOST 5"),
        ("<HOST><IP>1</OS><ID>5</ID></HOST>", " broken: garbled-record, HOST number 2"),
        ("<HOST><ID>5</ID>", "5 broken: garbled-record, HOST 5"),
        ("<HOST><ID>5</HOST>", " broken: garbled-record, HOST number 2"),
        ("<HOST><ID>5</ID><TAGS><TAG></TAGS></HOST>", "5 broken: garbled-record, HOST 5"),
        ("<HOST><ID>5</ID><OS a=\"></OS></HOST>", "5 broken: garbled-record, HOST 5"),
    ];
    for (broken, expected) in cases {
        let (before, after) = ("<HOST><ID>4</ID></HOST>", "<HOST><ID>6</ID></HOST>");
        assert_eq!(
            records(&format!("<HOST_LIST>{before}{broken}{after}</HOST_LIST>")),
            format!("4; {expected}; 6"),
            "{broken}"
        );
        assert_eq!(records(&format!("<HOST_LIST>{before}{broken}</HOST_LIST>")), format!("4; {expected}"), "{broken}");
    }
    let ids = "<ID_SET><ID>a</ID><ID_RANGE>9-7</ID_RANGE><ID_RANGE>1-2-3</ID_RANGE><ID>5</ID></ID_SET>";
    let broken = |key| format!("{key} broken: garbled-record, ID_SET");
    assert_eq!(records(ids), [broken("a"), broken("9-7"), broken("1-2-3"), "5 to 5".into()].join("; "));
    assert_eq!(records("<ID_SET><ID>1</ID_RANGE><ID_RANGE>2-3</ID_RANGE></ID_SET>"), format!("{}; 2 to 3", broken("")));
}
