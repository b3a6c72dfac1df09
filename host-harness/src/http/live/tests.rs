//! The network against servers of a few lines, over real sockets.

use super::*;
use crate::http::answer::Buffer;
use crate::http::outgoing::{Body, Part};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

fn loopback() -> Network {
    Network { insecure_loopback: true, ..Network::default() }
}

fn limits() -> Limits {
    let soon = Duration::from_millis(150);
    Limits { connect_max: soon, first_byte_max: soon, idle_max: soon, ..Limits::default() }
}

fn live(network: &Network, limits: &Limits) -> Live {
    Live::new(network, limits, Live::lanes()).unwrap()
}

fn request(url: &str) -> Outgoing {
    let header = |name: &str, value: &str| (name.to_owned(), String::new(), Part::Text(value.into()));
    Outgoing {
        method: "POST".into(),
        url: Url::parse(url).unwrap(),
        headers: vec![header("x-one", "1"), header("x-two", "ä")],
        basic: Some(("acme".into(), Part::Text("pä:ss".into()))),
        body: Some(Body::Form(vec![("a b".into(), Part::Text("c&d".into()))])),
        first_byte_max: None,
        total_max: None,
    }
}

/// Answers every connection with what `answer` makes of it, and tells where.
async fn server<F, Fut>(answer: F) -> (String, JoinHandle<()>)
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/path?query=1", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    (url, serving)
}

/// Reads a request to the end of its form.
async fn asked(stream: &mut TcpStream) -> String {
    let mut asked = Vec::new();
    while !asked.ends_with(b"a+b=c%26d") {
        if stream.read_buf(&mut asked).await.unwrap() == 0 {
            break;
        }
    }
    String::from_utf8(asked).unwrap()
}

fn buffer(ahead_bytes_max: usize, bytes_max: u64) -> Arc<Buffer> {
    Arc::new(Buffer::new(Arc::default(), ahead_bytes_max, bytes_max, None))
}

/// Everything that came of one request.
struct Got {
    end: Result<(), Failure>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn code(&self) -> &str {
        self.end.as_ref().err().map_or("", |failure| &failure.code)
    }
}

async fn get(live: &Live, request: Outgoing) -> Got {
    get_into(live, request, buffer(1 << 30, 1 << 30)).await
}

async fn get_into(live: &Live, request: Outgoing, buffer: Arc<Buffer>) -> Got {
    buffer.ask();
    let end = live.open(request, Answer(buffer.clone())).await;
    let head = buffer.take_head().and_then(Result::ok);
    let mut body = Vec::new();
    while let Some(Ok(piece)) = buffer.take_piece(usize::MAX).filter(|piece| !piece.as_ref().is_ok_and(Bytes::is_empty))
    {
        body.extend_from_slice(&piece);
    }
    let headers =
        head.iter().flat_map(|head| head.headers.iter().map(|header| (header.name.clone(), header.value.clone())));
    Got { end, status: head.as_ref().map_or(0, |head| head.status), headers: headers.collect(), body }
}

/// What comes of an answer of these bytes, after which the connection ends.
async fn answered(bytes: &'static [u8]) -> Got {
    let (url, _serving) = server(move |mut stream| async move {
        asked(&mut stream).await;
        stream.write_all(bytes).await.unwrap();
    })
    .await;
    get(&live(&loopback(), &limits()), request(&url)).await
}

#[tokio::test]
async fn a_request_leaves_as_it_was_spelt() {
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let (url, _serving) = server(move |mut stream| {
        let told = told.clone();
        async move {
            told.send(asked(&mut stream).await).await.unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        }
    })
    .await;
    assert_eq!(get(&live(&loopback(), &limits()), request(&url)).await.status, 204);
    let asked = heard.recv().await.unwrap();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /path?query=1 HTTP/1.1\r\n"), "{head}");
    for line in [
        "x-one: 1",
        "x-two: ä",
        "authorization: Basic YWNtZTpww6Q6c3M=",
        "content-type: application/x-www-form-urlencoded",
        "content-length: 9",
        "accept-encoding: gzip",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} in {head}");
    }
    assert_eq!(body, "a+b=c%26d");
}

#[tokio::test]
async fn an_answer_comes_as_it_was_given() {
    let got = answered(b"HTTP/1.1 409 Conflict\r\nX-Left: 7\r\nX-Left: \xff\r\ncontent-length: 5\r\n\r\nhello").await;
    assert_eq!((got.status, got.body.as_slice(), got.code()), (409, &b"hello"[..], ""));
    let left: Vec<_> =
        got.headers.iter().filter(|(name, _)| name == "x-left").map(|(_, value)| value.as_str()).collect();
    assert_eq!(left, ["7", "\u{fffd}"]);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let got = answered(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!((got.status, got.code()), (302, ""));
}

/// `hello hello hello` in gzip.
const GZIP: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 28\r\n\r\n\
    \x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9W\xc8@\x90\x00\x80\x88\xf9\xe5\x11\x00\x00\x00";

#[tokio::test]
async fn compression_is_undone_with_a_bound() {
    let got = answered(GZIP).await;
    assert_eq!((String::from_utf8_lossy(&got.body).as_ref(), got.code()), ("hello hello hello", ""));
    assert!(got.headers.iter().all(|(name, _)| name != "content-encoding"), "{:?}", got.headers);
    let (url, _serving) = server(|mut stream| async move {
        asked(&mut stream).await;
        stream.write_all(GZIP).await.unwrap();
    })
    .await;
    let got = get_into(&live(&loopback(), &limits()), request(&url), buffer(1 << 20, 16)).await;
    assert_eq!(got.code(), "answer.too-large");
}

#[tokio::test]
async fn what_breaks_is_told_apart() {
    let cases: &[(&str, &'static [u8], FailureKind, &str)] = &[
        ("no answer", b"", FailureKind::Cut, "connection.lost"),
        ("no HTTP", b"what?\r\n\r\n", FailureKind::Cut, "connection.lost"),
        ("a short body", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", FailureKind::Cut, "body.cut"),
        (
            "chunks without an end",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            FailureKind::Cut,
            "body.cut",
        ),
        (
            "no gzip",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
            FailureKind::Cut,
            "body.encoding",
        ),
    ];
    for (case, bytes, kind, code) in cases {
        let failure = answered(bytes).await.end.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (*kind, *code), "{case}: {}", failure.message);
        assert!(!failure.message.contains("query"), "{case}: {}", failure.message);
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (not_tls, _serving) = server(|mut stream| async move { drop(stream.write_all(b"what?").await) }).await;
    let https = not_tls.replace("http:", "https:");
    let nothing = Network::default();
    let cases: &[(&str, &Network, String, FailureKind, &str)] = &[
        ("nobody listens", &loopback(), format!("http://{closed}/"), FailureKind::Unreachable, "connect.refused"),
        ("not TLS", &loopback(), https, FailureKind::Unreachable, "connect.tls"),
        ("no such name", &loopback(), "https://no-such-name.invalid/".into(), FailureKind::Unreachable, "connect.dns"),
        ("loopback by address", &nothing, format!("http://{closed}/"), FailureKind::Refused, "policy.loopback"),
        (
            "loopback by name",
            &nothing,
            format!("http://localhost:{}/", closed.port()),
            FailureKind::Refused,
            "policy.loopback",
        ),
        ("metadata", &loopback(), "http://169.254.169.254/".into(), FailureKind::Refused, "policy.metadata"),
        ("private", &loopback(), "https://10.0.0.1/".into(), FailureKind::Refused, "policy.address"),
    ];
    for (case, network, url, kind, code) in cases {
        let failure = get(&live(network, &limits()), request(url)).await.end.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (*kind, *code), "{case}: {}", failure.message);
    }
}

#[tokio::test]
async fn every_bound_of_time_has_its_name() {
    let (silent, _serving) = server(|mut stream| async move {
        asked(&mut stream).await;
        std::future::pending().await
    })
    .await;
    let (stalling, _serving) = server(|mut stream| async move {
        asked(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello").await.unwrap();
        std::future::pending().await
    })
    .await;
    let patient = Limits { first_byte_max: Duration::from_secs(60), idle_max: Duration::from_secs(60), ..limits() };
    let brief = |request: Outgoing| Outgoing { first_byte_max: Some(Duration::from_millis(50)), ..request };
    let whole = |request: Outgoing| Outgoing { total_max: Some(Duration::from_millis(50)), ..request };
    for (case, limits, request, code) in [
        ("silent, by the host", &limits(), request(&silent), "timeout.first-byte"),
        ("silent, by the guest", &patient, brief(request(&silent)), "timeout.first-byte"),
        ("stalling", &limits(), request(&stalling), "timeout.idle"),
        ("stalling, by the guest's total", &patient, whole(request(&stalling)), "timeout.total"),
    ] {
        let began = Instant::now();
        let failure = get(&live(&loopback(), limits), request).await.end.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::TimedOut, code), "{case}");
        assert!(began.elapsed() < Duration::from_secs(10), "{case}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asks_for_may_stand_still() {
    let (url, _serving) = server(|mut stream| async move {
        asked(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello").await.unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
        stream.write_all(b" you").await.unwrap();
    })
    .await;
    let buffer = buffer(1 << 20, 1 << 20);
    live(&loopback(), &limits()).open(request(&url), Answer(buffer.clone())).await.unwrap();
    assert_eq!(buffer.take_piece(usize::MAX).unwrap().unwrap(), "hello");
}

#[tokio::test]
async fn a_slow_reader_makes_the_host_read_no_further_ahead() {
    let (told, heard) = tokio::sync::watch::channel(0);
    let (url, _serving) = server(move |mut stream| {
        let told = told.clone();
        async move {
            asked(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n").await.unwrap();
            for written in 1.. {
                if stream.write_all(&[b'x'; 1 << 16]).await.is_err() {
                    return;
                }
                told.send_replace(written << 16);
            }
        }
    })
    .await;
    let buffer = buffer(1 << 20, 1 << 30);
    let live = live(&loopback(), &limits());
    let waits = timeout(Duration::from_millis(500), live.open(request(&url), Answer(buffer.clone()))).await;
    assert!(waits.is_err(), "64 MiB were read ahead");
    // What the sockets of both ends hold comes on top of the one MiB of the host.
    assert!(*heard.borrow() < 24 << 20, "{} bytes were taken", *heard.borrow());
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (told, mut heard) = tokio::sync::mpsc::channel(9);
    let (url, _serving) = server(move |mut stream| {
        let told = told.clone();
        async move {
            told.send(()).await.unwrap();
            while !asked(&mut stream).await.is_empty() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.unwrap();
            }
        }
    })
    .await;
    let live = live(&loopback(), &limits());
    for _ in 0..3 {
        assert_eq!(get(&live, request(&url)).await.body, b"hello");
    }
    heard.recv().await.unwrap();
    assert!(heard.try_recv().is_err(), "a second connection was made");
}
