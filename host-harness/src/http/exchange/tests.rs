//! The exchange format, both ways.

use super::*;
use proptest::prelude::*;

fn written(recorded: &Recorded) -> Vec<u8> {
    let mut text = Vec::new();
    recorded.write(&mut text).unwrap();
    text
}

fn came(text: &[u8]) -> (Asked, u16, Vec<(String, String)>, Vec<u8>, bool) {
    match Recorded::parse(text).unwrap() {
        Recorded { asked, answered: Answered::Came { status, headers, body, broken }, .. } => {
            (asked, status, headers, body, broken.is_some())
        }
        _ => panic!("a failure"),
    }
}

#[test]
fn a_file_is_read_to_its_last_byte() {
    let request = "# One.\n#\n\nPOST https://api.example.com/login?a=b\nX-One: 1\n\nuser=acme\n\n";
    let text = format!("{request}===\n200\nSet-Cookie: a: b\n\n<A>\n\n</A>\n\n");
    let text = text.as_bytes();
    let (asked, status, headers, body, is_cut) = came(text);
    assert_eq!((asked.method.as_str(), asked.url.as_str()), ("POST", "https://api.example.com/login?a=b"));
    assert_eq!(asked.headers, [("x-one".to_owned(), "1".to_owned())]);
    assert_eq!(asked.body, b"user=acme\n");
    assert_eq!((status, is_cut), (200, false));
    assert_eq!(headers, [("set-cookie".to_owned(), "a: b".to_owned())]);
    assert_eq!(body, b"<A>\n\n</A>\n");
    assert_eq!(Recorded::parse(text).unwrap().comments, ["One.", ""]);
}

#[test]
fn bodies_end_where_they_say() {
    let request = "GET https://api.example.com/\n===\n";
    for (answer, body, cut) in [
        ("200", &b""[..], false),
        ("200\n", b"", false),
        ("200\n\n", b"", false),
        ("200\na: b", b"", false),
        ("200\n\nx", b"x", false),
        ("200\n\nx\n", b"x", false),
        ("200\n\nx\n\n", b"x\n", false),
        ("200 cut\n\nx\r\n", b"x\r", true),
        ("200\n\n===\n", b"===", false),
        ("200\n:body: base64\n\nAP8K\nDQ==\n", b"\0\xff\n\r", false),
        ("200\r\na: b\r\n\r\nx", b"x", false),
    ] {
        let (_, status, _, read, is_cut) = came(format!("{request}{answer}").as_bytes());
        assert_eq!((status, &*read, is_cut), (200, body, cut), "{answer:?}");
    }
}

#[test]
fn a_failure_takes_the_place_of_an_answer() {
    let text = b"GET https://api.example.com/\n===\nfailure timed-out timeout.first-byte no answer in 30 s\n";
    let expected = Answered::Failed(Broken {
        kind: FailureKind::TimedOut,
        code: "timeout.first-byte".into(),
        message: "no answer in 30 s".into(),
    });
    let recorded = Recorded::parse(text).unwrap();
    assert!(recorded.answered == expected);
    assert_eq!(written(&recorded), text);
}

#[test]
fn a_body_breaks_off_in_the_way_that_is_written() {
    let idle = Broken { kind: FailureKind::TimedOut, code: "timeout.idle".into(), message: "no byte in 9 s".into() };
    for (status, expected) in [("200 cut", Broken::cut()), ("200 cut timed-out timeout.idle no byte in 9 s", idle)] {
        let text = format!("GET https://api.example.com/\n===\n{status}\n\nabc\n").into_bytes();
        let recorded = Recorded::parse(&text).unwrap();
        let Answered::Came { broken, .. } = &recorded.answered else { panic!("{status}") };
        assert_eq!((broken.as_ref(), written(&recorded)), (Some(&expected), text), "{status}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (text, named) in [
        ("", "line 0: the file has no request"),
        ("# x\n", "line 1: the file has no request"),
        ("GET\n", "line 1: a request is `METHOD URL`"),
        ("get https://a.example\n", "line 1: \"get\" is no method"),
        ("GET /path\n", "line 1: \"/path\" is no address"),
        ("GET https://a.example/\nx\n", "line 2: a header is `name: value`"),
        ("GET https://a.example/\n:body: hex\n", "line 2: \":body: hex\" is no header"),
        ("GET https://a.example/\n", "line 1: the request has no answer"),
        ("GET https://a.example/\n\nx\n", "line 3: the request has no answer"),
        ("GET https://a.example/\n===\n", "line 2: \"\" is no status"),
        ("GET https://a.example/\n===\n20\n", "line 3: \"20\" is no status"),
        ("GET https://a.example/\n===\n200 OK\n", "line 3: \"200 OK\" is no status"),
        ("GET https://a.example/\n===\n200 cut slow x\n", "line 3: \"slow\" is no kind of failure"),
        ("GET https://a.example/\n===\nfailure slow x\n", "line 3: \"slow\" is no kind of failure"),
        ("GET https://a.example/\n===\nfailure cut\n", "line 3: a failure has a code"),
        ("GET https://a.example/\n===\nfailure cut x\n\nbody\n", "line 3: nothing follows a failure"),
        ("GET https://a.example/\n===\n200\n:body: base64\n\n!\n", "line 5: the body is no base64"),
    ] {
        let error = format!("{:#}", Recorded::parse(text.as_bytes()).err().unwrap());
        assert!(error.starts_with(named), "{text:?}: {error}");
    }
}

fn a_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[a=\n]{0,12}".prop_map(String::into_bytes),
        "(===|\n|x){0,5}".prop_map(String::into_bytes),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec(("[a-z][a-z-]{0,8}", "([!-~]([ -~]{0,8}[!-~])?)?"), 0..4)
}

fn broken() -> impl Strategy<Value = Broken> {
    (0..KINDS.len(), "[a-z.-]{1,9}", "([a-z][a-z ]{0,9}[a-z])?").prop_map(|(kind, code, message)| Broken {
        kind: KINDS[kind].0,
        code,
        message,
    })
}

fn answered() -> impl Strategy<Value = Answered> {
    let broken_off = proptest::option::of(prop_oneof![Just(Broken::cut()), broken()]);
    let came = (100u16..1000, headers(), a_body(), broken_off)
        .prop_map(|(status, headers, body, broken)| Answered::Came { status, headers, body, broken });
    prop_oneof![came, broken().prop_map(Answered::Failed)]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        comments in proptest::collection::vec("([!-~]([ -~]{0,8}[!-~])?)?", 0..3),
        query in "[a-z0-9=&%{}]{0,12}",
        headers in headers(),
        body in a_body(),
        answered in answered(),
    ) {
        let url = Url::parse(&format!("https://api.example.com/a?{query}")).unwrap();
        let recorded = Recorded { comments, asked: Asked { method: "GET".into(), url, headers, body }, answered };
        let text = written(&recorded);
        prop_assert!(Recorded::parse(&text).unwrap() == recorded, "{}", String::from_utf8_lossy(&text));
    }
}
