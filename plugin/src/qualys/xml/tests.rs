//! What all answers share, shown on the smallest one: an `ID_SET`.

use super::{Answer, End, Fault, List, Page, START_CHARS_MAX};
use crate::qualys::detection::Detections;
use crate::qualys::host_list::HostList;
use crate::qualys::knowledge_base::VulnList;
use crate::qualys::returns::Return;
use proptest::prelude::*;

/// Reads a body whole and in pieces of 1 and 7 bytes, and shows each record as text.
pub fn read<A: Answer>(body: &[u8], show: fn(A::Record<'_>) -> String) -> (Vec<String>, Result<End, Fault>) {
    let whole = read_pieces::<A>(std::iter::once(body), show);
    for size in [1, 7] {
        assert_eq!(read_pieces::<A>(body.chunks(size), show), whole, "pieces of {size}: {}", body.escape_ascii());
    }
    whole
}

pub fn read_pieces<'b, A: Answer>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
    show: fn(A::Record<'_>) -> String,
) -> (Vec<String>, Result<End, Fault>) {
    let (mut page, mut shown) = (Page::<A>::new(), Vec::new());
    let mut each = |record: A::Record<'_>| shown.push(show(record));
    let fed = pieces.into_iter().try_for_each(|piece| page.feed(piece, &mut each));
    let end = fed.and_then(|()| page.close(&mut each));
    (shown, end)
}

fn ids(body: &str) -> (Vec<String>, Result<End, Fault>) {
    read::<HostList>(body.as_bytes(), |record| format!("{record:?}"))
}

const BODY: &str = "<HOST_LIST_OUTPUT><RESPONSE><ID_SET><ID>7</ID></ID_SET></RESPONSE></HOST_LIST_OUTPUT>";

#[test]
fn what_surrounds_the_frame_does_not_matter() {
    let cases = [
        ("nothing", BODY.into()),
        ("a declaration", format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n{BODY}")),
        ("a byte order mark", format!("\u{feff}{BODY}")),
        ("a doctype", format!("<!DOCTYPE HOST_LIST_OUTPUT SYSTEM \"https://qualys.test/host_list_output.dtd\">{BODY}")),
        ("a doctype with entities", format!("<!DOCTYPE HOST_LIST_OUTPUT [<!ENTITY a \"b>\">]>{BODY}")),
        ("a comment before the declaration", format!("<!-- evaluation version -->\n<?xml version=\"1.0\"?>{BODY}")),
        ("a comment after the root", format!("{BODY}\n<!-- CONFIDENTIAL <ID_SET> -- //-->\n")),
        ("anything after the root", format!("{BODY}</x>&<y")),
        ("comments inside", BODY.replace('<', "<!-- keep-alive for <ID> --><")),
        ("blanks inside", BODY.replace('<', " \r\n\t<").replace("</", " </")),
        ("processing instructions", BODY.replace('<', "<?go on?><")),
        ("blanks in tags", BODY.replace('>', " \n>")),
        ("attributes", BODY.replace("<ID>", "<ID a='>' b=\"/>\">")),
        ("text where none belongs", BODY.replace("<ID>", "x &amp; &y; z & <ID>")),
        ("unknown elements", BODY.replace("<ID_SET>", "<A><ID_SET><A/><A><ID>5</ID></A></ID_SET></A><B/><ID_SET><C/>")),
        (
            "a request",
            BODY.replace(
                "<RESPONSE>",
                "<REQUEST><DATETIME>now</DATETIME><WARNING><URL>?a</URL></WARNING></REQUEST><RESPONSE>",
            ),
        ),
        ("two lists", BODY.replace("<ID_SET>", "<ID_SET></ID_SET><ID_SET/><ID_SET>")),
    ];
    for (case, body) in cases {
        assert_eq!(ids(&body), (vec!["Ids(7, 7)".into()], Ok(End::default())), "{case}");
    }
}

#[test]
fn the_end_of_a_page_names_clock_and_next_page() {
    let cases = [
        ("", None, false),
        ("<WARNING><CODE>1980</CODE><TEXT>more</TEXT></WARNING>", None, true),
        ("<WARNING><CODE>1981</CODE><TEXT>slow</TEXT></WARNING>", None, false),
        ("<WARNING><TEXT>old</TEXT></WARNING>", None, false),
        (
            "<WARNING><URL><![CDATA[https://q.test/?action=list&id_min=5]]></URL></WARNING>",
            Some("action=list&id_min=5"),
            true,
        ),
        ("<WARNING><URL>https://q.test/?action=list&amp;id_min=5</URL></WARNING>", Some("action=list&id_min=5"), true),
        (
            "<WARNING><URL><![CDATA[/?action=list&amp;id_min=5#top]]></URL></WARNING>",
            Some("action=list&id_min=5"),
            true,
        ),
        ("<WARNING><URL>https://q.test/</URL></WARNING>", None, true),
        (
            "<WARNING><CODE>1980</CODE><URL>?id_min=5</URL></WARNING><WARNING><CODE>2</CODE></WARNING>",
            Some("id_min=5"),
            true,
        ),
        ("<A><B><WARNING><URL>?id_min=5</URL></WARNING></B></A>", Some("id_min=5"), true),
        ("<DATETIME>2026-03-02T06:00:11Z<WARNING><URL>?id_min=5</URL></WARNING></DATETIME>", Some("id_min=5"), true),
        ("<ID_SET><ID>x<WARNING><URL>?id_min=5</URL></WARNING></ID></ID_SET>", Some("id_min=5"), true),
        ("<ID_SET><WARNING><URL>?id_min=5</URL></WARNING></ID_SET>", Some("id_min=5"), true),
    ];
    for (inside, next, truncated) in cases {
        let clock = "<DATETIME>\n2026-03-02T06:00:11Z </DATETIME>";
        let (_, end) = ids(&format!("<HOST_LIST_OUTPUT><RESPONSE>{clock}{inside}</RESPONSE></HOST_LIST_OUTPUT>"));
        let expected = End { datetime: Some("2026-03-02T06:00:11Z".into()), next: next.map(Into::into), truncated };
        assert_eq!(end, Ok(expected), "{inside}");
    }
}

#[test]
fn an_answer_that_is_no_page_says_what_it_is() {
    let not_xml = |start: &str| Fault::NotXml { start: start.into() };
    let malformed = |what: &str| Fault::Malformed(what.into());
    let long = format!("{{{}", "\u{e9}".repeat(500));
    let cases = [
        ("", Fault::Empty),
        (" \r\n\t", Fault::Empty),
        ("<!-- keep-alive -->\n", Fault::Empty),
        ("<!-- keep-alive", Fault::Cut),
        ("<?xml version='1.0'?>", Fault::Cut),
        ("<", Fault::Cut),
        ("<!DOCTYPE html><html><p>Sorry", not_xml("<!DOCTYPE html><html><p>Sorry")),
        ("<HTML><BODY>502</BODY></HTML>", not_xml("<HTML><BODY>502</BODY></HTML>")),
        ("\n{\"message\":\"JWT expired\"}", not_xml("{\"message\":\"JWT expired\"}")),
        ("Bad Gateway", not_xml("Bad Gateway")),
        ("<!nonsense>", not_xml("<!nonsense>")),
        ("&lt;", not_xml("&lt;")),
        (&long, not_xml(&long.chars().take(START_CHARS_MAX).collect::<String>())),
        ("<ASSET_GROUP_LIST_OUTPUT><RESPONSE/>", Fault::WrongRoot("ASSET_GROUP_LIST_OUTPUT".into())),
        ("<HOST_LIST_OUTPUT><RESPONSE></HOST_LIST_OUTPUT>", malformed("RESPONSE has no end tag")),
        ("<HOST_LIST_OUTPUT><RESPONSE><ID_SET></RESPONSE></HOST_LIST_OUTPUT>", malformed("ID_SET has no end tag")),
        ("<HOST_LIST_OUTPUT><RESPONSE><X></RESPONSE></HOST_LIST_OUTPUT>", malformed("X has no end tag")),
        ("<HOST_LIST_OUTPUT><RESPONSE><!x ></RESPONSE>", malformed("a tag inside RESPONSE cannot be read")),
        ("<HOST_LIST_OUTPUT><RESPONSE><WARNING><CODE>1</URL>", malformed("WARNING is garbled")),
    ];
    for (body, expected) in cases {
        assert_eq!(ids(body), (vec![], Err(expected)), "{body}");
    }
}

#[test]
fn an_answer_without_its_closing_tag_was_cut() {
    let record_ends = BODY.find("</ID_SET>").unwrap();
    for cut in 1..BODY.len() {
        let records = if cut < record_ends { vec![] } else { vec!["Ids(7, 7)".to_string()] };
        assert_eq!(ids(&BODY[..cut]), (records, Err(Fault::Cut)), "cut at {cut}");
    }
}

#[test]
fn a_return_is_found_whatever_was_asked_for() {
    let simple = |inside: &str| {
        format!(
            "<!DOCTYPE SIMPLE_RETURN SYSTEM \"x.dtd\"><SIMPLE_RETURN><REQUEST><CODE>1</CODE></REQUEST><RESPONSE><DATETIME>2026-03-02T10:15:00Z</DATETIME>{inside}</RESPONSE></SIMPLE_RETURN>"
        )
    };
    let text = |code, text: &str| Return { code, text: text.into(), ..Return::default() };
    let cases = [
        (simple("<CODE>2000</CODE><TEXT>Bad Login/Password</TEXT>"), text(Some(2000), "Bad Login/Password")),
        (simple("<TEXT><![CDATA[Launched & done]]></TEXT>"), text(None, "Launched & done")),
        (
            simple("<CODE> 1965\n</CODE><TEXT>Wait</TEXT><ITEM_LIST><ITEM><KEY>SECONDS_TO_WAIT</KEY><VALUE>86274</VALUE></ITEM></ITEM_LIST>"),
            Return { wait_secs: Some(86274), ..text(Some(1965), "Wait") },
        ),
        (
            simple("<CODE>1960</CODE><TEXT>Wait</TEXT><ITEM_LIST><ITEM><KEY>A</KEY><VALUE>b</VALUE></ITEM><ITEM><VALUE>1</VALUE><KEY>CALLS_TO_FINISH</KEY></ITEM></ITEM_LIST>"),
            Return { calls_to_finish: Some(1), ..text(Some(1960), "Wait") },
        ),
        (
            "<GENERIC_RETURN><API name=\"index.php\" at='x' /><RETURN status=\"FAILED\" number=\"999\">Internal error.</RETURN></GENERIC_RETURN>\n<!-- Incident signature: 0f //-->".into(),
            text(Some(999), "Internal error."),
        ),
        ("<GENERIC_RETURN><RETURN>Internal error.</RETURN></GENERIC_RETURN>".into(), text(None, "Internal error.")),
    ];
    for (body, expected) in cases {
        assert_eq!(ids(&body), (vec![], Err(Fault::Returned(expected))), "{body}");
    }
    assert_eq!(ids("<SIMPLE_RETURN><RESPONSE><CODE>2000</CODE>"), (vec![], Err(Fault::Cut)));
    let garbled = Err(Fault::Malformed("an error message is garbled".into()));
    assert_eq!(ids("<SIMPLE_RETURN><RESPONSE><CODE>2000</TEXT>"), (vec![], garbled));
}

/// A body in which everything occurs, to be cut and spoilt.
const EVERYTHING: &str = concat!(
    "<!-- e --><?xml version='1.0'?><!DOCTYPE a SYSTEM 'b'><ROOT>\r\n<REQUEST><X/></REQUEST><RESPONSE><DATETIME>d</DATETIME>",
    "<HOST_LIST><HOST><ID>5</ID><IP a=\"1\">1&amp;2</IP><DETECTION_LIST><DETECTION><QID>1</QID><X><Y/></X>",
    "<RESULTS><![CDATA[a\t]]]]><![CDATA[>]]></RESULTS></DETECTION><!-- k --><DETECTION><QID>K\u{f6}</QID></DETECTION>",
    "</DETECTION_LIST></HOST><HOST><ID>6</ID></HOST></HOST_LIST><ID_SET><ID>1</ID><ID_RANGE>2-3</ID_RANGE></ID_SET>",
    "<VULN_LIST><VULN><QID>1</QID><CVE_LIST><CVE><ID>c</ID></CVE></CVE_LIST></VULN></VULN_LIST><WARNING><CODE>1980</CODE>",
    "<URL><![CDATA[?id_min=7&amp;a=b]]></URL></WARNING><GLOSSARY><A><A/></A></GLOSSARY></RESPONSE></ROOT>\n<!-- c -->",
);

/// Where a change begins, how many bytes it takes away, and what it puts there.
type Change = (usize, usize, &'static str);

const SCRAPS: &[&str] = &[
    "",
    "<",
    ">",
    "&",
    "\"",
    "</",
    "<!",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "</ID>",
    "<DETECTION>",
    "</HOST>",
    "<HOST_LIST>",
    "<WARNING><URL>?id_min=9</URL></WARNING>",
    "\u{1}",
    "\r",
];

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((0..EVERYTHING.len(), 0..12_usize, prop::sample::select(SCRAPS)), 0..4)
}

fn spoilt(root: &str, changes: &[Change]) -> Vec<u8> {
    let mut body = EVERYTHING.replace("ROOT", root).into_bytes();
    for &(at, length, scrap) in changes {
        let end = (at + length).min(body.len());
        body.splice(at.min(end)..end, scrap.bytes());
    }
    body
}

fn pieces<'b>(body: &'b [u8], lengths: &'b [usize]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = body;
    lengths.iter().cycle().map_while(move |&length| {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn same_in_pieces<A: Answer>(body: &[u8], lengths: &[usize], show: fn(A::Record<'_>) -> String) {
    let whole = read_pieces::<A>([body], show);
    assert_eq!(read_pieces::<A>(pieces(body, lengths), show), whole, "{}", body.escape_ascii());
}

proptest! {
    #[test]
    fn where_pieces_end_changes_nothing_even_in_spoilt_bodies(
        changes in changes(),
        lengths in prop::collection::vec(1..40_usize, 1..8),
    ) {
        same_in_pieces::<HostList>(&spoilt(HostList::ROOT, &changes), &lengths, |record| format!("{record:?}"));
        same_in_pieces::<Detections>(&spoilt(Detections::ROOT, &changes), &lengths, |record| format!("{record:?}"));
        same_in_pieces::<List<VulnList>>(&spoilt(List::<VulnList>::ROOT, &changes), &lengths, |record| format!("{record:?}"));
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        same_in_pieces::<Detections>(&bytes, &[1], |record| format!("{record:?}"));
        let body = [b"<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST><HOST>", &bytes[..]].concat();
        same_in_pieces::<Detections>(&body, &[3], |record| format!("{record:?}"));
    }
}
