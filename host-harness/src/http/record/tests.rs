//! What a recording writes of what a transport answers, and what it never writes.

use super::*;
use crate::bindings::http::{AnswerHeader, Failure, Head};
use crate::clock::Virtual;
use crate::http::answer::Buffer;
use crate::http::exchange::{Answered, Recorded};
use crate::http::secrets::Secret;
use crate::http::{Body, Part};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::collections::VecDeque;
use std::sync::Mutex;
use tempfile::TempDir;
use url::Url;
use zeroize::Zeroizing;

const PASSWORD: &str = "s3cret & w\u{f6}rd";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhY21lM2pkMSIsIm4iOjF9.c2lnbmF0dXJlLW9mLXRva2Vu";

/// What a scripted server does.
enum Does {
    Head(u16, &'static [(&'static str, &'static str)]),
    Body(Vec<u8>),
    Fails(FailureKind, &'static str, &'static str),
}

/// Longest body that comes one byte at a time.
const PIECES_OF_1_MAX: usize = 4 << 10;

/// Answers one script after the other, bodies in small pieces.
struct Scripted {
    lanes: Arc<Lanes>,
    scripts: Mutex<VecDeque<Vec<Does>>>,
}

impl Transport for Scripted {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.lanes
    }

    fn open(&self, _request: Outgoing, answer: Answer) -> Exchanging {
        let script = self.scripts.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async move {
            for does in script {
                match does {
                    Does::Head(status, headers) => {
                        let header = |(name, value): &(&str, &str)| AnswerHeader {
                            name: (*name).into(),
                            value: (*value).into(),
                        };
                        answer.head(Head { status, headers: headers.iter().map(header).collect() })?;
                    }
                    Does::Body(body) => {
                        let size = if body.len() < PIECES_OF_1_MAX { 1 } else { 1_000 };
                        for piece in body.chunks(size) {
                            answer.piece(piece.to_vec().into()).await?;
                        }
                    }
                    Does::Fails(kind, code, message) => return Err(failure(kind, code, message)),
                }
            }
            Ok(())
        })
    }
}

/// What a guest does with an exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Guest {
    Reads,
    Keeps,
    DropsAfter(usize),
    DropsUnsent,
}

struct Desk {
    folder: TempDir,
    redaction: Redaction,
    recording: Recording,
}

impl Desk {
    fn new(scripts: Vec<Vec<Does>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let redaction = Redaction::default();
        redaction.add("the secret `password`", PASSWORD, "not-a-real-password").unwrap();
        let lanes = Arc::new(Lanes::new(Arc::new(Virtual::at(0))));
        let scripted = Scripted { lanes, scripts: Mutex::new(scripts.into()) };
        let recording = Recording::new(Arc::new(scripted), folder.path(), redaction.clone());
        Self { folder, redaction, recording }
    }

    /// What the guest got of an exchange.
    async fn exchange(&self, request: Outgoing, guest: Guest) -> Result<Vec<u8>, Failure> {
        let buffer = Arc::new(Buffer::new(Arc::default(), 1 << 20, u64::MAX, None));
        let exchanging = self.recording.open(request, Answer(buffer.clone()));
        if guest != Guest::DropsUnsent {
            let end = exchanging.await;
            buffer.finish(end);
        }
        let got = take(&buffer, guest);
        buffer.close();
        got
    }

    fn files(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap());
        let text = |path| String::from_utf8(std::fs::read(path).unwrap()).unwrap();
        let mut files: Vec<_> =
            entries.map(|entry| (entry.file_name().into_string().unwrap(), text(entry.path()))).collect();
        files.sort();
        files
    }

    /// Fails when anything on the disk holds an original.
    fn must_be_clean(&self) {
        for (name, text) in self.files() {
            let found = self.redaction.scan().and_then(|scan| scan.find(text.as_bytes()).map(str::to_owned));
            assert_eq!(found, None, "{name}: {text}");
        }
    }
}

fn take(buffer: &Buffer, guest: Guest) -> Result<Vec<u8>, Failure> {
    let mut got = Vec::new();
    let pieces_max = match guest {
        Guest::Reads => usize::MAX,
        Guest::DropsAfter(pieces) => pieces,
        Guest::DropsUnsent => return Ok(got),
        Guest::Keeps => {
            buffer.hush();
            usize::MAX
        }
    };
    for _ in 0..pieces_max {
        let piece = buffer.take_piece(1 << 16).unwrap()?;
        if piece.is_empty() {
            break;
        }
        got.extend_from_slice(&piece);
    }
    if guest == Guest::Keeps {
        buffer.kept(std::str::from_utf8(&got).unwrap().trim());
    }
    Ok(got)
}

fn get(path: &str) -> Outgoing {
    let secret = Secret { name: "password".into(), value: Zeroizing::new(PASSWORD.into()) };
    Outgoing {
        method: "GET".into(),
        url: Url::parse(&format!("https://api.example.com{path}")).unwrap(),
        headers: vec![("user-agent".into(), String::new(), Part::Text("connector/1".into()))],
        basic: Some(("acme3jd1".into(), Part::Secret(secret))),
        body: None,
        first_byte_max: None,
        total_max: None,
    }
}

#[tokio::test]
async fn a_server_that_repeats_everything_leaves_nothing_of_it() {
    let account = "acme3jd1";
    let echo = format!(
        "{account} {} {} <a b='{}'/> {{\"a\":\"{}\"}} ACME3JD1 sessionid={} {TOKEN}",
        BASE64_STANDARD.encode(format!("x{account}")),
        BASE64_STANDARD.encode(format!("{account}:{PASSWORD}")),
        PASSWORD.replace('&', "&amp;"),
        PASSWORD.replace('\u{f6}', "\\u00f6"),
        "0123456789abcdef",
    );
    let head: &[(&str, &str)] = &[
        ("Set-Cookie", "sessionid=0123456789abcdef; Path=/; HttpOnly"),
        ("X-Echo", "acme3jd1 and eyJzdWIiOiJhY21lM2pkMSIsIm4iOjF9"),
        ("Content-Length", "7"),
        ("Content-Type", "text/plain"),
    ];
    let desk = Desk::new(vec![
        vec![Does::Head(201, &[]), Does::Body(format!("\n{TOKEN}\n").into_bytes())],
        vec![Does::Head(200, head), Does::Body(echo.clone().into_bytes())],
    ]);
    let mut login = get("/auth?user=acme3jd1");
    let field = |name: &str, value: Part| (name.to_owned(), value);
    let secret = Secret { name: "password".into(), value: Zeroizing::new(PASSWORD.into()) };
    login.method = "POST".into();
    login.basic = None;
    login.body =
        Some(Body::Form(vec![field("username", Part::Text(account.into())), field("password", Part::Secret(secret))]));
    learn_account(&desk.redaction, account).unwrap();
    desk.exchange(login, Guest::Keeps).await.unwrap();
    let got = desk.exchange(get("/hosts/list/?for=acme3jd1"), Guest::Reads).await.unwrap();
    assert_eq!(got, echo.into_bytes(), "the guest gets what came");
    desk.must_be_clean();
    assert_eq!(desk.recording.finish().unwrap().exchanges, 2);
    let files = desk.files();
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["01-post-auth.http", "02-get-hosts-list.http"]);
    let login = "POST https://api.example.com/auth?user=recorded\ncontent-type: application/x-www-form-urlencoded\n\n\
                 username=recorded&password={{password}}\n===\n201\n\nnot-a-real-answer0\n";
    assert_eq!(files[0].1, login);
    let (head, body) = files[1].1.split_once("\n\n").unwrap();
    let expected = "GET https://api.example.com/hosts/list/?for=recorded\nauthorization: Basic recorded:{{password}}\n\
                    ===\n200\nx-echo: recorded and not-a-real-answer\ncontent-type: text/plain";
    assert_eq!(head, expected);
    assert!(
        body.starts_with("recorded ") && body.ends_with("RECORDED not-a-real-answer0\n") || !body.is_empty(),
        "{body}"
    );
}

#[tokio::test]
async fn every_end_of_an_exchange_is_written_as_it_was() {
    use Guest::{DropsAfter, DropsUnsent, Reads};
    let body = |text: &str| Does::Body(text.as_bytes().to_vec());
    let ok = || Does::Head(200, &[]);
    let timed_out = || Does::Fails(FailureKind::TimedOut, "timeout.idle", "acme3jd1 got no byte\nin 9 s");
    let cut = || Does::Fails(FailureKind::Cut, "body.cut", "the body ended before it was complete");
    let cancelled = || Does::Fails(FailureKind::Cancelled, "run.stopped", "the host said stop");
    let dropped = "# The connector dropped it here.";
    for (case, script, guest, before, after) in [
        ("whole", vec![ok(), body("<a/>\n")], Reads, "", Some("200\n\n<a/>\n\n")),
        ("empty", vec![Does::Head(204, &[])], Reads, "", Some("204\n")),
        ("cut", vec![ok(), body("<a"), cut()], Reads, "", Some("200 cut\n\n<a\n")),
        (
            "idle",
            vec![ok(), body("<a"), timed_out()],
            Reads,
            "",
            Some("200 cut timed-out timeout.idle recorded got no byte in 9 s\n\n<a\n"),
        ),
        (
            "no answer",
            vec![timed_out()],
            Reads,
            "",
            Some("failure timed-out timeout.idle recorded got no byte in 9 s\n"),
        ),
        ("bytes", vec![ok(), Does::Body(vec![0, 255, 13])], Reads, "", Some("200\n:body: base64\n\nAP8N\n")),
        ("a separator", vec![ok(), body("a\n===\nb")], Reads, "", Some("200\n:body: base64\n\nYQo9PT0KYg==\n")),
        ("dropped while reading", vec![ok(), body("abc")], DropsAfter(1), "", Some("200\n\nabc\n")),
        ("dropped unread", vec![Does::Head(409, &[]), body("abc")], DropsAfter(0), dropped, Some("409 cut\n")),
        ("stopped while reading", vec![ok(), body("ab"), cancelled()], DropsAfter(1), dropped, Some("200 cut\n\nab\n")),
        ("stopped before", vec![cancelled()], Reads, "", None),
        ("never sent", vec![], DropsUnsent, "", None),
    ] {
        let desk = Desk::new(vec![script]);
        let _ = desk.exchange(get("/a"), guest).await;
        desk.must_be_clean();
        let journalled = desk.recording.finish().unwrap();
        let before = if before.is_empty() { String::new() } else { format!("{before}\n") };
        let asked = "GET https://api.example.com/a\nauthorization: Basic recorded:{{password}}\n===\n";
        let expected: Vec<_> =
            after.map(|after| ("01-get-a.http".to_owned(), format!("{before}{asked}{after}"))).into_iter().collect();
        assert_eq!(desk.files(), expected, "{case}");
        assert_eq!(journalled.exchanges, expected.len(), "{case}");
        let left_out = if case == "stopped before" { vec!["GET https://api.example.com/a"] } else { vec![] };
        assert_eq!(journalled.left_out, left_out, "{case}");
    }
}

#[tokio::test]
async fn what_might_have_been_kept_is_not_written_unless_it_was_read() {
    let desk = Desk::new(vec![vec![Does::Head(201, &[]), Does::Body(TOKEN.into())]]);
    desk.exchange(get("/auth"), Guest::DropsAfter(0)).await.unwrap();
    let (_, text) = &desk.files()[0];
    assert!(text.ends_with("===\n201 cut\n"), "{text}");
}

#[tokio::test]
async fn a_short_answer_is_kept_out_all_the_same() {
    let desk = Desk::new(vec![vec![Does::Head(200, &[]), Does::Body(b"abc".to_vec())]]);
    desk.exchange(get("/auth"), Guest::Keeps).await.unwrap();
    assert!(desk.files()[0].1.ends_with("===\n200\n\nnot-a-real-answer\n"), "{:?}", desk.files());
}

#[tokio::test]
async fn files_are_numbered_in_the_order_of_sending() {
    let script = |status| vec![Does::Head(status, &[])];
    let desk = Desk::new((0..12).map(|number| script(200 + number)).collect());
    let sent: Vec<_> = (0..12)
        .map(|_| {
            let buffer = Arc::new(Buffer::new(Arc::default(), 1, 1, None));
            (desk.recording.open(get("/a"), Answer(buffer.clone())), buffer)
        })
        .collect();
    // They end in the other order, and the fourth is never sent.
    for (number, (exchanging, buffer)) in sent.into_iter().enumerate().rev() {
        if number != 3 {
            buffer.finish(exchanging.await);
            take(&buffer, Guest::Reads).unwrap();
        }
        buffer.close();
    }
    let meanwhile = desk.files();
    assert_eq!(meanwhile[0].0, "000001-get-a.http", "they are whole at once, before the run is over");
    assert_eq!(desk.recording.finish().unwrap().exchanges, 11);
    let statuses = desk.files().into_iter().map(|(name, text)| {
        let Answered::Came { status, .. } = Recorded::parse(text.as_bytes()).unwrap().answered else {
            panic!("{text}")
        };
        (name[..2].parse::<u16>().unwrap(), status)
    });
    let expected = (0..12).filter(|number| *number != 3).zip(1..).map(|(number, index)| (index, 200 + number));
    assert!(statuses.eq(expected));
}

#[tokio::test]
async fn a_recording_that_cannot_go_on_asks_nothing_more() {
    let script = || vec![Does::Head(200, &[]), Does::Body(b"abc".to_vec())];
    let (gone, short) = (Desk::new(vec![script(), script()]), Desk::new(vec![script()]));
    std::fs::remove_dir_all(gone.folder.path()).unwrap();
    gone.exchange(get("/a"), Guest::Reads).await.unwrap();
    let refused = gone.exchange(get("/a"), Guest::Reads).await.unwrap_err();
    assert_eq!(refused.code, "record.impossible", "{}", refused.message);
    assert!(refused.message.contains("writing ") && gone.recording.finish().is_err(), "{}", refused.message);
    let mut request = get("/a");
    request.basic = Some(("me".into(), Part::Text("x".into())));
    let refused = short.exchange(request, Guest::Reads).await.unwrap_err();
    assert!(refused.message.contains("the account's name is shorter than 5 bytes"), "{}", refused.message);
}

#[tokio::test]
async fn a_long_body_is_written_whole() {
    let line = "acme3jd1 was here, and p\u{e4}rt of this line is replaced\n";
    let desk = Desk::new(vec![vec![Does::Head(200, &[]), Does::Body(line.repeat(3_000).into_bytes())]]);
    desk.exchange(get("/a"), Guest::Reads).await.unwrap();
    let (_, text) = &desk.files()[0];
    let body = text.split_once("200\n\n").unwrap().1;
    assert_eq!(body, line.replace("acme3jd1", "recorded").repeat(3_000) + "\n");
}
