//! What QIDs mean: on the smallest pages that show the point, in pieces of any size.

use super::*;
use crate::qualys::xml::tests::read;

fn records(inside: &str) -> Vec<String> {
    let root = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT";
    let (records, end) =
        read::<List<VulnList>>(format!("<{root}><RESPONSE>{inside}</RESPONSE></{root}>").as_bytes(), |record| {
            match record {
                Record::Item(vuln, _) => format!("{vuln:?}"),
                Record::Broken(broken) => format!("{} broken: {}, {}", broken.key, broken.reason, broken.location),
            }
        });
    assert_eq!(end, Ok(Default::default()), "{inside}");
    records
}

#[test]
fn every_field_is_read_by_its_name_wherever_it_stands() {
    fn text(text: &'static str) -> Text<'static> {
        Some(text.into())
    }
    let cases = [
        ("<QID>1</QID>", Vuln { qid: text("1"), ..Vuln::default() }),
        ("<SEVERITY_LEVEL>4</SEVERITY_LEVEL>", Vuln { severity_level: text("4"), ..Vuln::default() }),
        ("<TITLE><![CDATA[A & B]]></TITLE>", Vuln { title: text("A & B"), ..Vuln::default() }),
        ("<CATEGORY>RedHat</CATEGORY>", Vuln { category: text("RedHat"), ..Vuln::default() }),
        (
            "<LAST_SERVICE_MODIFICATION_DATETIME>1</LAST_SERVICE_MODIFICATION_DATETIME>",
            Vuln { last_service_modification_datetime: text("1"), ..Vuln::default() },
        ),
        ("<PUBLISHED_DATETIME>2</PUBLISHED_DATETIME>", Vuln { published_datetime: text("2"), ..Vuln::default() }),
        ("<PATCHABLE>1</PATCHABLE>", Vuln { patchable: text("1"), ..Vuln::default() }),
        (
            "<CVE_LIST><CVE><ID>CVE-2099-1234</ID><URL>u</URL></CVE><CVE><URL>u</URL><ID>CVE-2099-1235</ID></CVE><CVE/></CVE_LIST>",
            Vuln { cves: vec!["CVE-2099-1234".into(), "CVE-2099-1235".into()], ..Vuln::default() },
        ),
        (
            "<DIAGNOSIS><![CDATA[a<P>b &quot;c&quot;]]></DIAGNOSIS>",
            Vuln { diagnosis: text("a<P>b &quot;c&quot;"), ..Vuln::default() },
        ),
        (
            "<SOLUTION><![CDATA[<A HREF=\"u\">v</A>]]></SOLUTION>",
            Vuln { solution: text("<A HREF=\"u\">v</A>"), ..Vuln::default() },
        ),
        (
            "<CVSS><BASE source=\"service\">7.2</BASE><TEMPORAL>5.3</TEMPORAL><IMPACT><BASE>1</BASE></IMPACT></CVSS>",
            Vuln { cvss_base: text("7.2"), ..Vuln::default() },
        ),
        (
            "<CVSS_V3><CVSS3_VERSION>3.1</CVSS3_VERSION><BASE>0</BASE><ATTACK><VECTOR>n</VECTOR></ATTACK><VECTOR_STRING>CVSS:3.1/AV:L</VECTOR_STRING></CVSS_V3>",
            Vuln {
                cvss_v3_base: text("0"),
                cvss_v3_vector_string: text("CVSS:3.1/AV:L"),
                cvss_v3_version: text("3.1"),
                ..Vuln::default()
            },
        ),
        (
            "<THREAT_INTELLIGENCE><THREAT_INTEL id=\"4\"><![CDATA[Easy_Exploit]]></THREAT_INTEL><X/><THREAT_INTEL/></THREAT_INTELLIGENCE>",
            Vuln { threat_intel: vec!["Easy_Exploit".into()], ..Vuln::default() },
        ),
        (
            "<VENDOR_REFERENCE_LIST><VENDOR_REFERENCE><ID>RHSA-2099:0042</ID></VENDOR_REFERENCE></VENDOR_REFERENCE_LIST>",
            Vuln::default(),
        ),
        ("<CVSS/><CVSS_V3><BASE></BASE></CVSS_V3><CVE_LIST/>", Vuln::default()),
    ];
    for (elements, vuln) in &cases {
        let one = records(&format!("<VULN_LIST><VULN>{elements}</VULN></VULN_LIST>"));
        assert_eq!(one, [format!("{vuln:?}")], "{elements}");
    }
    let both = |list: Vec<&str>| records(&format!("<VULN_LIST><VULN>{}</VULN></VULN_LIST>", list.concat()));
    let all: Vec<&str> = cases.iter().take(cases.len() - 1).map(|(elements, _)| *elements).collect();
    assert_eq!(both(all.clone()), both(all.into_iter().rev().collect()), "in another order");
}

#[test]
fn lists_of_any_shape_are_read_and_broken_ones_reported() {
    let vuln = |qid: &'static str| format!("{:?}", Vuln { qid: Some(qid.into()), ..Vuln::default() });
    let cases = [
        ("", vec![]),
        ("<VULN_LIST/>", vec![]),
        ("<ID_SET><ID>1</ID></ID_SET>", vec![]),
        (
            "<VULN_LIST><VULN><QID>1</QID></VULN></VULN_LIST><VULN_LIST><VULN><QID>2</QID></VULN></VULN_LIST>",
            vec![vuln("1"), vuln("2")],
        ),
        (
            "<VULN_LIST><VULN><QID>1</QID><TITLE></VULN><VULN><TITLE></QID></VULN><VULN><QID>3</QID></VULN></VULN_LIST>",
            vec!["1 broken: garbled-record, VULN 1".into(), " broken: garbled-record, VULN number 2".into(), vuln("3")],
        ),
    ];
    for (inside, expected) in cases {
        assert_eq!(records(inside), expected, "{inside}");
    }
}
