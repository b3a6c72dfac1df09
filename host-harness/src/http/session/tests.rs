//! What a guest sees of its exchanges, with recordings and scripted transports behind them.

use super::*;
use crate::bindings::configure::{self, SecretPlace, SecretSource};
use crate::bindings::http::{Basic, Body, FormField, Head, Header, Value};
use crate::clock::Virtual;
use crate::http::lanes::Lanes;
use crate::http::replay::{Pieces, Replay};
use crate::http::{Exchanging, Kept, Outgoing};
use crate::stop::Reason;
use crate::watch::Unwatched;
use std::sync::Mutex;
use std::time::Duration;
use wasmtime::component::Resource;

const API: &str = "https://api.example.com";

/// A session with what a test needs of a run around it.
struct Guest {
    session: Session,
    table: ResourceTable,
    stop: Stop,
}

impl Guest {
    fn new(transport: Arc<dyn Transport>, limits: Limits) -> Self {
        let stop = Stop::new();
        let session = Session::new(transport, &limits, Arc::new(Unwatched), stop.clone());
        Self { session, table: ResourceTable::new(), stop }
    }

    fn allowed(transport: Arc<dyn Transport>) -> Self {
        Self::limited(transport, Limits::default())
    }

    fn limited(transport: Arc<dyn Transport>, limits: Limits) -> Self {
        let mut guest = Self::new(transport, limits);
        let mut tenant = Tenant {
            name: "acme".into(),
            settings: Default::default(),
            secrets: Default::default(),
            network: Default::default(),
            limits: Limits::default(),
        };
        tenant.secrets.insert("password", "not-a-real-password");
        let using = |secret, place| SecretUse { secret, origin: "api".into(), place };
        let uses = [
            using(SecretSource::Setting("password".into()), SecretPlace::BasicPassword),
            using(SecretSource::Setting("password".into()), SecretPlace::FormField("password".into())),
            using(SecretSource::Kept("api".into()), SecretPlace::Header("authorization".into())),
        ];
        let resolved = Resolved {
            origins: vec![configure::Origin { name: "api".into(), url: format!("{API}:443") }],
            account: "acme".into(),
            inactive_after_days: None,
            fingerprint: String::new(),
        };
        guest.session.allow(&tenant, &uses, &resolved);
        guest
    }

    fn send(&mut self, request: Request) -> Exchange {
        self.session.send(request, &self.table).unwrap()
    }

    fn get(&mut self, path: &str) -> Exchange {
        self.send(get(path))
    }

    fn get_in(&mut self, lane: &str, path: &str) -> Exchange {
        self.send(Request { lane: Some(lane.into()), ..get(path) })
    }

    async fn head(&self, exchange: &Exchange) -> Result<Head, Failure> {
        within(self.session.wait(&exchange.0, |buffer| buffer.take_head())).await
    }

    async fn read(&self, exchange: &Exchange, max: usize) -> Result<String, Failure> {
        let piece = within(self.session.wait(&exchange.0, |buffer| buffer.take_piece(max))).await;
        piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
    }

    async fn ready(&mut self, exchanges: &mut [&mut Exchange]) -> usize {
        let under_way: Vec<_> = exchanges.iter().map(|exchange| exchange.0.clone()).collect();
        let index = within(self.session.ready(&under_way)).await;
        exchanges[index].0.named = self.session.next_named();
        index
    }

    async fn keep(&self, exchange: &Exchange) -> Result<Kept, Failure> {
        within(self.session.keep(&exchange.0)).await
    }

    fn used(&self) -> Usage {
        let mut usage = Usage::default();
        self.session.count(&mut usage);
        usage
    }
}

/// A test that hangs is a test that fails.
async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), work).await.expect("it waits for ever")
}

fn get(path: &str) -> Request {
    Request {
        method: "GET".into(),
        url: format!("{API}{path}"),
        headers: Vec::new(),
        basic: None,
        body: None,
        lane: None,
        first_byte_ms: None,
        total_ms: None,
    }
}

fn login() -> Request {
    let password = FormField { name: "password".into(), value: Value::Setting("password".into()) };
    Request { method: "POST".into(), body: Some(Body::Form(vec![password])), ..get("/login") }
}

const LOGIN: &str = "POST https://api.example.com/login\n\npassword={{password}}\n===\n200\n\n";

fn recording(texts: &[&str]) -> Arc<Replay> {
    Arc::new(Replay::of_texts(texts, 1_000))
}

/// Hands out nothing before it is told, and notes what has left and what was dropped.
struct Held {
    lanes: Arc<Lanes>,
    log: Arc<Mutex<Vec<String>>>,
    go: Arc<Notify>,
}

impl Held {
    fn new() -> Arc<Self> {
        let lanes = Arc::new(Lanes::new(Arc::new(Virtual::at(1_000))));
        Arc::new(Self { lanes, log: Arc::default(), go: Arc::default() })
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Transport for Held {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.lanes
    }

    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging {
        let (log, go, path) = (self.log.clone(), self.go.clone(), request.url.path().to_owned());
        Box::pin(async move {
            log.lock().unwrap().push(format!("{path} left"));
            let ended = Ended(log, path);
            go.notified().await;
            assert!(ended.1 != "/panic", "a transport's own mistake");
            answer.head(Head { status: 200, headers: Vec::new() })?;
            answer.piece("body".into()).await
        })
    }
}

struct Ended(Arc<Mutex<Vec<String>>>, String);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(format!("{} ended", self.1));
    }
}

/// Lets everything run that can.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nothing_leaves_before_the_settings_are_resolved() {
    let replay = recording(&["GET https://api.example.com/\n===\n200\n"]);
    let mut guest = Guest::new(replay.clone(), Limits::default());
    let exchange = guest.get("/");
    assert_eq!(guest.head(&exchange).await.unwrap_err().code, "policy.origin");
    assert_eq!(guest.read(&exchange, 9).await.unwrap_err().code, "policy.origin");
    assert_eq!((guest.used().requests, replay.report().unused.len()), (0, 1));
}

#[tokio::test]
async fn an_answer_is_read_to_its_end_and_counted() {
    let mut guest = Guest::allowed(recording(&["GET https://api.example.com/\n===\n404\nx-a: b\n\nabcde"]));
    let exchange = guest.get("/");
    for _ in 0..2 {
        let head = guest.head(&exchange).await.unwrap();
        assert_eq!((head.status, head.headers[0].name.as_str()), (404, "x-a"));
    }
    let mut read = Vec::new();
    for _ in 0..4 {
        read.push(guest.read(&exchange, 3).await.unwrap());
    }
    assert_eq!(read, ["abc", "de", "", ""]);
    let used = guest.used();
    assert_eq!((used.requests, used.waited_secs), (1, 0));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_failure_after_its_bytes() {
    let mut guest = Guest::allowed(recording(&["GET https://api.example.com/\n===\n200 cut\n\nab"]));
    let exchange = guest.get("/");
    assert_eq!(guest.read(&exchange, 9).await.unwrap(), "ab");
    for _ in 0..2 {
        assert_eq!(guest.read(&exchange, 9).await.unwrap_err().kind, FailureKind::Cut);
    }
}

#[tokio::test]
async fn ready_lets_none_starve_and_ends_with_0() {
    let replay = Replay::of_texts(
        &["GET https://api.example.com/1\n===\n200\n\nabc", "GET https://api.example.com/2\n===\n200\n\nabc"],
        0,
    );
    let mut guest = Guest::allowed(Arc::new(replay.pieces(Pieces::Of(1))));
    let (mut one, mut two) = (guest.get("/1"), guest.get("/2"));
    settle().await;
    let mut order = Vec::new();
    for _ in 0..10 {
        let index = guest.ready(&mut [&mut one, &mut two]).await;
        order.push(index);
        let named = [&one, &two][index];
        if order.len() <= 2 {
            guest.head(named).await.unwrap();
        } else {
            guest.read(named, 9).await.unwrap();
        }
    }
    assert_eq!(order, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    assert_eq!(guest.ready(&mut [&mut one, &mut two]).await, 0);
    assert_eq!(within(guest.session.ready(&[])).await, 0);
}

#[tokio::test]
async fn ready_names_whichever_comes_first() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let _before = guest.get_in("lane", "/0");
    let (mut queued, mut free) = (guest.get_in("lane", "/1"), guest.get("/2"));
    settle().await;
    held.go.notify_waiters();
    assert_eq!(guest.ready(&mut [&mut queued, &mut free]).await, 1, "{:?}", held.log());
}

#[tokio::test]
async fn a_stop_is_said_by_everything_at_once() {
    let replay = recording(&["GET https://api.example.com/\n===\n200\n\nabc"]);
    let mut guest = Guest::allowed(replay.clone());
    let mut exchange = guest.get("/");
    guest.head(&exchange).await.unwrap();
    guest.stop.stop(Reason::Interrupted);
    assert_eq!(guest.head(&exchange).await.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(guest.read(&exchange, 9).await.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(guest.keep(&exchange).await.err().unwrap().kind, FailureKind::Cancelled);
    let mut late = guest.get("/");
    assert_eq!(guest.ready(&mut [&mut exchange, &mut late]).await, 0);
    assert_eq!(guest.head(&late).await.unwrap_err().kind, FailureKind::Cancelled);
    settle().await;
    assert_eq!((guest.used().requests, replay.report().unmatched.len()), (1, 0));
}

#[tokio::test]
async fn a_stop_wakes_whoever_waits_and_what_did_not_leave_stays() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let (one, two) = (guest.get_in("lane", "/1"), guest.get_in("lane", "/2"));
    let stop = guest.stop.clone();
    let (waited, ()) = tokio::join!(guest.head(&one), async {
        settle().await;
        stop.stop(Reason::Interrupted);
    });
    assert_eq!(waited.unwrap_err().kind, FailureKind::Cancelled);
    drop(one);
    settle().await;
    assert_eq!(held.log(), ["/1 left", "/1 ended"]);
    drop(two);
}

#[tokio::test]
async fn one_exchange_too_many_ends_the_run() {
    let limits = Limits { exchanges_max: 2, ..Limits::default() };
    let mut guest = Guest::limited(Held::new(), limits);
    let _one = guest.get("/1");
    let _two = guest.get("/2");
    let limited = guest.session.send(get("/3"), &guest.table).err().unwrap();
    assert_eq!(limited.limit, "exchanges_max");
    guest.session.dropped();
    guest.get("/3");
}

#[tokio::test]
async fn lanes_have_bounds_of_their_own() {
    let mut guest = Guest::allowed(Held::new());
    assert_eq!(guest.session.pace(&"x".repeat(129), told(|_| ())).unwrap_err().limit, "lane_name_bytes_max");
    for lane in 0..64 {
        guest.session.pace(&lane.to_string(), told(|_| ())).unwrap();
    }
    guest.session.pace("63", told(|_| ())).unwrap();
    assert_eq!(guest.session.pace("64", told(|_| ())).unwrap_err().limit, "lanes_max");
}

#[tokio::test]
async fn a_kept_answer_is_trimmed_and_never_read() {
    let replay = recording(&[
        &format!("{LOGIN} \n not-a-real-token\r\n"),
        "GET https://api.example.com/a\nauthorization: Bearer {{kept:api}}\n===\n200\n\nok",
    ]);
    let mut guest = Guest::allowed(replay.clone());
    let exchange = guest.send(login());
    let kept = guest.keep(&exchange).await.unwrap();
    assert_eq!(kept.value.as_str(), "not-a-real-token");
    assert_eq!(guest.read(&exchange, 9).await.unwrap(), "");
    assert_eq!(guest.keep(&exchange).await.err().unwrap().code, "keep.body-read");
    let kept = guest.table.push(kept).unwrap();
    let value = Value::Kept(Resource::new_borrow(kept.rep()));
    let header = Header { name: "Authorization".into(), prefix: "Bearer ".into(), value };
    let exchange = guest.send(Request { headers: vec![header], ..get("/a") });
    assert_eq!(guest.read(&exchange, 9).await.unwrap(), "ok");
    assert!(replay.report().is_clean(), "{:?}", replay.report());
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_cannot_be_read_either() {
    let large = "x".repeat((16 << 10) + 1);
    for (case, body, code) in [
        ("larger than 16 KiB", large.as_str(), "keep.too-large"),
        ("repeats the password", "token: not-a-real-password", "secret.echoed"),
        ("repeats it encoded", "token: bm90LWEtcmVhbC1wYXNzd29yZA==", "secret.echoed"),
    ] {
        for pieces in [Pieces::Whole, Pieces::Of(7)] {
            let replay = Replay::of_texts(&[&format!("{LOGIN}{body}")], 0).pieces(pieces);
            let mut guest = Guest::allowed(Arc::new(replay));
            let exchange = guest.send(login());
            assert_eq!(guest.keep(&exchange).await.err().unwrap().code, code, "{case}");
            assert_eq!(guest.read(&exchange, 9).await.unwrap_err().code, code, "{case}");
            assert_eq!(guest.head(&exchange).await.unwrap().status, 200, "{case}");
        }
    }
}

#[tokio::test]
async fn what_was_read_cannot_be_kept() {
    let mut guest = Guest::allowed(recording(&["GET https://api.example.com/\n===\n200\n\nab"]));
    let exchange = guest.get("/");
    guest.read(&exchange, 1).await.unwrap();
    assert_eq!(guest.keep(&exchange).await.err().unwrap().code, "keep.body-read");
    assert_eq!(guest.read(&exchange, 9).await.unwrap(), "b");
}

#[tokio::test]
async fn an_answer_that_repeats_a_secret_is_refused() {
    for (case, answer, code) in [
        ("in the body", "200\n\nyour password: not-a-real-password", "secret.echoed"),
        ("in a header", "200\nx-echo: not-a-real-password\n", "secret.echoed"),
        ("nowhere", "200\n\nnot-a-real-passwor", ""),
    ] {
        for size in [1, 7, 1_000] {
            let text = format!("POST https://api.example.com/login\n===\n{answer}");
            let text = text.replace("login\n", "login\n\npassword={{password}}\n");
            let mut guest = Guest::allowed(Arc::new(Replay::of_texts(&[&text], 0).pieces(Pieces::Of(size))));
            let exchange = guest.send(login());
            let mut read = String::new();
            let end = loop {
                match guest.read(&exchange, 1_000).await {
                    Ok(piece) if piece.is_empty() => break String::new(),
                    Ok(piece) => read.push_str(&piece),
                    Err(failure) => break failure.code,
                }
            };
            assert_eq!(end, code, "{case}, in pieces of {size}");
            assert!(!read.contains("not-a-real-password"), "{case}, in pieces of {size}: {read}");
        }
    }
}

#[tokio::test]
async fn basic_authentication_does_not_make_an_answer_suspect() {
    let text = "GET https://api.example.com/\nauthorization: Basic acme:{{password}}\n===\n200\n\nnot-a-real-password";
    let mut guest = Guest::allowed(recording(&[text]));
    let basic = Basic { username: "acme".into(), password: Value::Setting("password".into()) };
    let exchange = guest.send(Request { basic: Some(basic), ..get("/") });
    assert_eq!(guest.read(&exchange, 99).await.unwrap(), "not-a-real-password");
}

#[tokio::test]
async fn a_lane_runs_one_at_a_time_until_its_body_is_read() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let (one, _two) = (guest.get_in("lane", "/1"), guest.get_in("lane", "/2"));
    held.go.notify_one();
    guest.read(&one, 9).await.unwrap();
    settle().await;
    assert_eq!(held.log(), ["/1 left", "/1 ended"], "the end was not read");
    assert_eq!(guest.read(&one, 9).await.unwrap(), "");
    settle().await;
    assert_eq!(held.log(), ["/1 left", "/1 ended", "/2 left"]);
}

#[tokio::test]
async fn a_dropped_exchange_is_cancelled_and_frees_its_lane() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let (one, queued, three) = (guest.get_in("lane", "/1"), guest.get_in("lane", "/2"), guest.get_in("lane", "/3"));
    settle().await;
    drop(queued);
    drop(one);
    settle().await;
    assert_eq!(held.log(), ["/1 left", "/1 ended", "/3 left"]);
    drop(three);
}

#[tokio::test]
async fn a_guest_that_waits_for_itself_is_told() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let (mut one, mut two) = (guest.get_in("lane", "/1"), guest.get_in("lane", "/2"));
    held.go.notify_one();
    assert_eq!(guest.ready(&mut [&mut two, &mut one]).await, 1, "the first may still come");
    guest.head(&one).await.unwrap();
    assert_eq!(guest.head(&two).await.unwrap_err().code, "lane.held");
    guest.read(&one, 9).await.unwrap();
    assert_eq!(guest.read(&one, 9).await.unwrap(), "");
    settle().await;
    assert_eq!(held.log(), ["/1 left", "/1 ended"], "what failed does not leave later");
}

#[tokio::test]
async fn a_wait_that_is_too_long_stops_the_run() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    guest.session.pace("lane", told(|told| told.resume_at = Some(1_000 + 901))).unwrap();
    let exchange = guest.get_in("lane", "/1");
    assert_eq!(guest.head(&exchange).await.unwrap_err().kind, FailureKind::Cancelled);
    let wait = Reason::Wait { lane: "lane".into(), resume_at: 1_901, reason: "because".into() };
    assert_eq!((guest.stop.reason(), held.log().len()), (Some(&wait), 0));
}

#[tokio::test]
async fn a_shorter_wait_moves_the_clock_and_is_counted() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    guest.session.pace("lane", told(|told| told.resume_at = Some(1_900))).unwrap();
    let exchange = guest.get_in("lane", "/1");
    held.go.notify_one();
    guest.head(&exchange).await.unwrap();
    assert_eq!((guest.session.now(), held.lanes.clock().now(), guest.used().waited_secs), (1_900, 1_900, 900));
}

#[tokio::test]
async fn equal_requests_are_answered_in_the_order_they_were_sent() {
    let text = |body| format!("GET https://api.example.com/\n===\n200\n\n{body}");
    let mut guest = Guest::allowed(recording(&[&text("1"), &text("2")]));
    guest.session.pace("slow", told(|told| told.resume_at = Some(1_100))).unwrap();
    let (slow, fast) = (guest.get_in("slow", "/"), guest.get("/"));
    assert_eq!(guest.read(&fast, 9).await.unwrap(), "2");
    assert_eq!(guest.read(&slow, 9).await.unwrap(), "1");
}

#[tokio::test]
async fn a_transport_that_breaks_leaves_nobody_waiting() {
    let held = Held::new();
    let mut guest = Guest::allowed(held.clone());
    let exchange = guest.get("/panic");
    held.go.notify_one();
    assert_eq!(guest.head(&exchange).await.unwrap_err().code, "transport.lost");
}

fn told(change: impl FnOnce(&mut Allowance)) -> Allowance {
    let mut allowance = Allowance {
        limit: None,
        window_secs: None,
        remaining: None,
        parallel: None,
        resume_at: None,
        reason: "because".into(),
    };
    change(&mut allowance);
    allowance
}
