//! Detections: on the smallest pages that show the point, in pieces of any size.

use super::*;
use crate::qualys::xml::RECORD_BYTES_MAX;
use crate::qualys::xml::tests::{read, read_pieces};

fn page(hosts: &str) -> String {
    format!(
        "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST>{hosts}</HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"
    )
}

fn host(id: u32, detections: &str) -> String {
    format!("<HOST><ID>{id}</ID><DETECTION_LIST>{detections}</DETECTION_LIST></HOST>")
}

fn found(qid: u32) -> String {
    format!("<DETECTION><QID>{qid}</QID></DETECTION>")
}

fn brief(record: Record<'_>) -> String {
    let text = |text: &Text<'_>| text.as_deref().unwrap_or("-").to_owned();
    match record {
        Record::Detection(host, detection, _) => format!("{} has {}", text(&host.id), text(&detection.qid)),
        Record::HostDone(host) => format!("{} done", text(&host.id)),
        Record::Broken(broken) => format!("{} broken: {}, {}", broken.key, broken.reason, broken.location),
    }
}

/// Reads a whole page and shows its records in one line.
fn records(hosts: &str) -> String {
    let (records, end) = read::<Detections>(page(hosts).as_bytes(), brief);
    assert_eq!(end, Ok(Default::default()), "{hosts}");
    records.join("; ")
}

#[test]
fn every_field_is_read_by_its_name() {
    let text = |text: &'static str| Some(Cow::Borrowed(text));
    let host = Host {
        number: 1,
        id: text("508112044"),
        ip: text("10.20.30.41"),
        ipv6: text("2001:db8::29"),
        tracking_method: text("AGENT"),
        os: text("Red Hat Enterprise Linux 8.9"),
        dns: text("web-prod-01.example.com"),
        fqdn: text("web-prod-01.corp.example.com"),
        ec2_instance_id: text("i-0a1b2c3d"),
        netbios: text("WEB-PROD-01"),
        last_vm_scanned_date: text("2026-03-02T04:10:58Z"),
        last_scan_datetime: text("2026-03-02T04:11:09Z"),
    };
    let detection = Detection {
        unique_vuln_id: text("9130022417"),
        qid: text("38170"),
        r#type: text("Confirmed"),
        severity: text("2"),
        port: text("8443"),
        protocol: text("tcp"),
        fqdn: text("shop.example.com"),
        ssl: text("1"),
        instance: text("orcl"),
        results: text("Package\tInstalled\n\nopenssl\t1.1.1k"),
        status: text("Re-Opened"),
        first_found_datetime: text("2025-05-02T11:00:00Z"),
        last_found_datetime: text("2026-03-01T22:40:12Z"),
        times_found: text("12"),
        last_fixed_datetime: text("2025-11-30T21:10:00Z"),
        service: text("https"),
        is_ignored: text("1"),
        is_disabled: text("0"),
        affect_running_kernel: text("0"),
    };
    let (records, _) = read::<Detections>(include_bytes!("every-field.xml"), |record| format!("{record:?}"));
    let expected = [format!("{:?}", Record::Detection(&host, detection, 1)), format!("{:?}", Record::HostDone(&host))];
    assert_eq!(records, expected);
}

#[test]
fn lists_of_any_shape_are_read() {
    let both = host(5, &(found(1) + &found(2))) + &host(6, &found(1));
    let all = "5 has 1; 5 has 2; 5 done; 6 has 1; 6 done";
    let cases = [
        ("no host", String::new(), ""),
        ("two hosts", both.clone(), all),
        ("two lists", both.replace("</HOST><HOST>", "</HOST></HOST_LIST><!-- keep-alive --><HOST_LIST><HOST>"), all),
        ("an empty host list", both.replace("</HOST><HOST>", "</HOST></HOST_LIST><HOST_LIST/><HOST_LIST><HOST>"), all),
        (
            "no detections",
            host(5, "") + "<HOST><ID>6</ID></HOST><HOST><ID>7</ID><DETECTION_LIST/></HOST>",
            "5 done; 6 done; 7 done",
        ),
        (
            "two detection lists",
            both.replace("</DETECTION><DETECTION>", "</DETECTION></DETECTION_LIST><DETECTION_LIST><DETECTION>"),
            all,
        ),
        ("the same host twice", host(5, &found(1)) + &host(5, &found(1)), "5 has 1; 5 done; 5 has 1; 5 done"),
        (
            "unknown elements",
            both.replace("<DETECTION_LIST>", "<TAGS><TAG><ID>9</ID></TAG></TAGS><DETECTION_LIST><X><DETECTION/></X>"),
            all,
        ),
        (
            "unknown elements in a detection",
            both.replace("<QID>", "<QDS severity='LOW'>9</QDS><Q><QID>9</QID></Q><E/><QID>"),
            all,
        ),
        ("empty elements", host(5, "<DETECTION/>") + "<HOST/>", "5 has -; 5 done; - done"),
        (
            "tags in CDATA",
            both.replace("<QID>", "<RESULTS><![CDATA[</RESULTS></DETECTION><DETECTION><QID>9</QID>]]></RESULTS><QID>"),
            all,
        ),
        ("tags in comments", both.replace("<QID>", "<!-- </DETECTION><DETECTION> --><QID>"), all),
    ];
    for (case, hosts, expected) in cases {
        assert_eq!(records(&hosts), expected, "{case}");
    }
}

#[test]
fn a_broken_detection_is_reported_and_takes_no_neighbour_along() {
    let cases = [
        ("another end tag", "<DETECTION><QID>2</TYPE></DETECTION>"),
        ("no end tag", "<DETECTION><QID>2</QID>"),
        ("no end tag of a field", "<DETECTION><QID>2</DETECTION>"),
        ("no end tag at all", "<DETECTION><QID>2"),
        ("crossed tags", "<DETECTION><QID>2</DETECTION></QID>"),
        ("crossed tags of no interest", "<DETECTION><X><Y></X></Y><QID>2</QID></DETECTION>"),
        ("an end tag too many", "<DETECTION></QID><QID>2</QID></DETECTION>"),
        ("an open quote", "<DETECTION><QID a=\">2</QID></DETECTION>"),
        ("torn tags that match", "<DETECTION><X<Y></X<Y><QID>2</QID></DETECTION>"),
        ("a torn end tag", "<DETECTION><QID>2</QID</DETECTION>"),
        ("a lone bracket", "<DETECTION><QID>2</QID><RESULTS>1 <2</RESULTS></DETECTION>"),
        ("a lone bracket at the end", "<DETECTION><QID>2</QID>1 <2</DETECTION>"),
        ("a declaration that is none", "<DETECTION><!QID 2></DETECTION>"),
        ("tags in its CDATA", "<DETECTION><QID>2</TYPE><RESULTS><![CDATA[<DETECTION>]]></RESULTS></DETECTION>"),
        ("tags in its comments", "<DETECTION><QID>2</TYPE><!-- <DETECTION> --></DETECTION>"),
        ("a detection in it", "<DETECTION><QID>2</QID><X></DETECTION>"),
    ];
    for (case, broken) in cases {
        let broken_5 = "5 broken: garbled-record, HOST 5, DETECTION 2";
        let middle = host(5, &(found(1) + broken + &found(3))) + &host(6, &found(1));
        assert_eq!(records(&middle), format!("5 has 1; {broken_5}; 5 has 3; 6 has 1; 6 done"), "{case}");
        let last = host(5, &(found(1) + broken)) + &host(6, &found(1));
        assert_eq!(records(&last), format!("5 has 1; {broken_5}; 6 has 1; 6 done"), "{case}, last of its host");
    }
    let deep = format!("<DETECTION>{}{}</DETECTION>", "<X>".repeat(999), "</X>".repeat(999));
    assert_eq!(records(&host(5, &deep)), "5 broken: garbled-record, HOST 5, DETECTION 1", "too deep");
}

#[test]
fn a_broken_host_is_reported_once_and_keeps_what_can_be_read() {
    let next = host(6, &found(1));
    let list = format!("<DETECTION_LIST>{}</DETECTION_LIST>", found(1));
    let cases = [
        ("a field", format!("<HOST><ID>5</ID><IP>1</OS>{list}</HOST>"), "5 broken: garbled-record, HOST 5; 5 has 1"),
        ("its ID", format!("<HOST><ID>5</IP>{list}</HOST>"), " broken: garbled-record, HOST number 1; - has 1"),
        ("no end tag", format!("<HOST><ID>5</ID>{list}"), "5 has 1; 5 broken: garbled-record, HOST 5"),
        (
            "no end tag of the list",
            format!("<HOST><ID>5</ID><DETECTION_LIST>{}</HOST>", found(1)),
            "5 has 1; 5 broken: garbled-record, HOST 5",
        ),
        (
            "no end tags",
            format!("<HOST><ID>5</ID><DETECTION_LIST>{}", found(1)),
            "5 has 1; 5 broken: garbled-record, HOST 5",
        ),
        (
            "two lists",
            format!("<HOST><ID>5</ID><DETECTION_LIST>{list}</HOST>"),
            "5 broken: garbled-record, HOST 5; 5 has 1",
        ),
        (
            "nonsense in the list",
            format!("<HOST><ID>5</ID><DETECTION_LIST><!x>{}</DETECTION_LIST></HOST>", found(1)),
            "5 broken: garbled-record, HOST 5; 5 has 1",
        ),
        ("no list", format!("<HOST><ID>5</ID>{}</HOST>", found(1)), "5 has 1; 5 done"),
    ];
    for (case, broken, expected) in cases {
        assert_eq!(records(&(broken + &next)), format!("{expected}; 6 has 1; 6 done"), "{case}");
    }
}

#[test]
fn a_record_that_is_too_large_is_skipped() {
    let results = |length| {
        format!(
            "<DETECTION><QID>2</QID><RESULTS><![CDATA[{}]]></RESULTS></DETECTION>",
            "<DETECTION> ".repeat(length / 12)
        )
    };
    let most = RECORD_BYTES_MAX - results(0).len();
    let cases = [
        ("as large as may be", most / 12 * 12, "5 has 1; 5 has 2; 5 has 3; 5 done"),
        ("too large", RECORD_BYTES_MAX, "5 has 1; 5 broken: record-too-large, HOST 5, DETECTION 2; 5 has 3"),
    ];
    for (case, length, expected) in cases {
        let body = page(&host(5, &(found(1) + &results(length) + &found(3))));
        for size in [1 << 16, body.len()] {
            let (records, end) = read_pieces::<Detections>(body.as_bytes().chunks(size), brief);
            assert_eq!(
                (records.join("; ").as_str(), end),
                (expected, Ok(Default::default())),
                "{case}, pieces of {size}"
            );
        }
    }
}

#[test]
fn a_cut_answer_never_says_that_a_host_is_done_too_early() {
    let body = page(&(host(5, &found(1)) + &host(6, &found(1))));
    for cut in 1..body.len() {
        let (records, _) = read::<Detections>(&body.as_bytes()[..cut], brief);
        let done = body[..cut].matches("</HOST>").count();
        assert_eq!(records.iter().filter(|record| record.ends_with("done")).count(), done, "cut at {cut}");
    }
}
