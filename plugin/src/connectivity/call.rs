//! One small request: asked once, within a bound, and what came of it.
//!
//! What that means for a check is decided elsewhere.

use super::seen::{self, Page, Seen, UNREADABLE};
use crate::bindings::connector::contract::http::Head;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};
use crate::map::time;
use crate::ports::World;
use crate::qualys::client::{self, Ask};
use crate::qualys::json::{self, Flaw};
use crate::qualys::limits::{self, Answer, Lanes, Ticket, Tries, Verdict};
use crate::qualys::versions::Known;
use crate::qualys::xml::Fault;
use crate::qualys::{
    asset_group, detection, gateway_auth, gateway_policies, host_asset, host_list, knowledge_base, policy_list,
};
use crate::settings::{ApiGeneration, Settings};

/// Bytes asked for at once; nearly all answers are smaller.
const PIECE_BYTES_MAX: u32 = 16 << 10;

/// Statuses that a proxy or a firewall gives as well; the API server gives them with words of its own, in XML.
const ANYBODYS: [u16; 4] = [403, 409, 429, 502];
const MIDDLE: &str = "A proxy, a sign-in page or maintenance may stand between here and Qualys.";

/// Everything that is asked, each at most once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Which {
    /// The host list, for the ID of one host; it is asked first.
    Hosts,
    /// Detections.
    Detections,
    /// The knowledge base.
    KnowledgeBase,
    /// The host asset search.
    Assets,
    /// Asset groups.
    Groups,
    /// The gateway, for a token.
    Token,
    /// Policies, through the gateway.
    GatewayPolicies,
    /// Policies, through the classic API.
    ClassicPolicies,
}

impl Which {
    /// How many there are.
    pub const COUNT: usize = Self::ClassicPolicies as usize + 1;
    /// Those that the gateway does not answer.
    pub const OF_THE_API_SERVER: [Self; 6] =
        [Self::Hosts, Self::Detections, Self::KnowledgeBase, Self::Assets, Self::Groups, Self::ClassicPolicies];

    /// Who answers, if not the gateway.
    pub fn is_of_the_api_server(self) -> bool {
        Self::OF_THE_API_SERVER.contains(&self)
    }

    /// How it is asked for, in the oldest version where another place knows the newest; of one host, if one is known.
    pub fn ask(self, host: Option<u64>, generation: ApiGeneration) -> Ask {
        match self {
            Self::Hosts => host_list::probe(),
            Self::Detections => detection::probe(host, *knowledge_base::PROBED_QIDS.start()),
            Self::KnowledgeBase => knowledge_base::probe(),
            Self::Assets => host_asset::probe(),
            Self::Groups => asset_group::probe(),
            Self::Token => gateway_auth::token(),
            Self::GatewayPolicies => gateway_policies::list(generation == ApiGeneration::Current),
            Self::ClassicPolicies => policy_list::probe(),
        }
    }

    fn body(self) -> Body {
        match self {
            Self::Hosts => Body::Page(seen::hosts()),
            Self::Detections => Body::Page(seen::detections()),
            Self::KnowledgeBase => Body::Page(seen::knowledge_base()),
            Self::Groups => Body::Page(seen::listed::<asset_group::AssetGroupList>()),
            Self::ClassicPolicies => Body::Page(seen::listed::<policy_list::PolicyList>()),
            Self::Assets => Body::Json(Vec::new(), seen::assets),
            Self::GatewayPolicies => Body::Json(Vec::new(), seen::gateway_policies),
            Self::Token => Body::Token,
        }
    }
}

/// How an answer is read.
enum Body {
    Page(Box<dyn Page>),
    Json(Vec<u8>, fn(&[u8]) -> std::result::Result<Seen, Flaw>),
    /// Not at all: the host keeps it.
    Token,
}

/// What all calls share.
pub struct Standing<'s> {
    /// What the operator filled in.
    pub settings: &'s Settings,
    /// How the lanes stand.
    pub lanes: Lanes,
    /// What the platform has shown of itself.
    pub known: Known,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Answered {
    /// How it was put.
    pub asked: Ask,
    /// Status and headers, unless nothing answered.
    pub head: Option<Head>,
    /// When it was complete, by the host's clock.
    pub at: i64,
    /// It is an error in the source's own words, and not in those of something on the way.
    pub is_said: bool,
    /// What it showed.
    pub seen: Result<Seen>,
}

impl Answered {
    /// There is nothing at this address.
    pub fn is_missing(&self) -> bool {
        self.head.as_ref().is_some_and(|head| matches!(head.status, 404 | 410))
    }

    /// It does not look like Qualys's: something on the way answers, or points elsewhere.
    pub fn is_foreign(&self) -> bool {
        const CODES: [&str; 4] = ["answer.not-xml", "answer.unknown", "answer.redirect", "network.proxy"];
        self.seen.as_ref().is_err_and(|error| CODES.contains(&error.code))
    }

    /// The answer shows that the server knows who asks; limits and permissions are looked at after the credentials were.
    pub fn is_signed_in(&self) -> bool {
        match &self.seen {
            Ok(_) => true,
            Err(error) if error.code == UNREADABLE => true,
            Err(error) => self.is_said && (error.kind == ProblemKind::Permission || error.is_limit()),
        }
    }
}

/// One request on its way.
pub struct Call<W: World> {
    /// What is asked.
    pub which: Which,
    /// Where it is answered.
    pub exchange: W::Exchange,
    ask: Ask,
    ticket: Ticket,
    head: Option<Head>,
    body: Body,
    is_said: bool,
}

/// What reading on has brought.
pub enum Step<W: World> {
    /// There is more to come.
    More,
    /// The answer is complete.
    Done(Answered),
    /// The answer is complete, and is kept.
    Kept(Answered, W::Kept),
}

impl<W: World> Call<W> {
    /// Sends the request, if the settings and what is known allow it.
    pub fn send(
        world: &W,
        standing: &mut Standing<'_>,
        (which, ask): (Which, Ask),
        token: Option<&W::Kept>,
        total_ms: u32,
    ) -> Option<Self> {
        let settings = standing.settings;
        let ticket = standing.lanes.sent(ask.lane);
        let exchange = match which {
            Which::Token => client::sign_in_within(world, settings, settings.gateway.as_ref()?, &ask, total_ms),
            Which::GatewayPolicies => {
                client::send_signed_within(world, settings.gateway.as_ref()?, token?, &ask, total_ms)
            }
            Which::Assets => client::post_json_within(world, settings, &ask, host_asset::any(), total_ms),
            _ => client::send_within(world, settings, &ask, total_ms),
        };
        Some(Self { which, exchange, ask, ticket, head: None, body: which.body(), is_said: false })
    }

    /// Takes what has come.
    pub fn advance(&mut self, world: &W, standing: &mut Standing<'_>) -> Step<W> {
        let Some(head) = self.head.clone() else { return self.take_head(world, standing) };
        if matches!(self.body, Body::Token) {
            return self.token(world, standing, &head);
        }
        let seen = match world.read(&self.exchange, PIECE_BYTES_MAX) {
            Err(failure) => Some(Err(self.trouble(world, standing, Answer::Failure(&failure)))),
            Ok(piece) => self.take(world, standing, &head, &piece),
        };
        seen.map_or(Step::More, |seen| self.done(world, standing, seen))
    }

    fn take_head(&mut self, world: &W, standing: &mut Standing<'_>) -> Step<W> {
        match world.head(&self.exchange) {
            Err(failure) => {
                let error = self.trouble(world, standing, Answer::Failure(&failure));
                self.done(world, standing, Err(error))
            }
            Ok(head) => {
                standing.lanes.heed(world, self.ask.lane, self.ticket, &head);
                self.head = Some(head);
                Step::More
            }
        }
    }

    fn token(&mut self, world: &W, standing: &mut Standing<'_>, head: &Head) -> Step<W> {
        // Only 201 gives a token; 200 is a page for people, 204 has nothing to keep.
        let error = match (head.status == 201).then(|| world.keep(&self.exchange)) {
            Some(Ok(kept)) => return Step::Kept(self.answered(world, Ok(Seen::default())), kept),
            Some(Err(failure)) => self.trouble(world, standing, Answer::Failure(&failure)),
            None => self.trouble(world, standing, Answer::Status(head)),
        };
        self.done(world, standing, Err(error))
    }

    /// What the answer shows, once it is known; an empty piece is its end.
    fn take(&mut self, world: &W, standing: &mut Standing<'_>, head: &Head, piece: &[u8]) -> Option<Result<Seen>> {
        match &mut self.body {
            Body::Token => None,
            Body::Page(page) => {
                let seen = if piece.is_empty() { page.close() } else { page.feed(piece).err().map(Err)? };
                Some(match seen {
                    Ok(seen) if head.status == 200 => seen.readable(),
                    Ok(_) => Err(self.trouble(world, standing, Answer::Status(head))),
                    Err(fault) => Err(self.fault(world, standing, head, &fault)),
                })
            }
            Body::Json(..) if !is_good(head) => Some(Err(self.trouble(world, standing, Answer::Status(head)))),
            Body::Json(body, _) if body.len() + piece.len() > json::BODY_BYTES_MAX => Some(Err(too_large())),
            Body::Json(body, _) if !piece.is_empty() => {
                body.extend_from_slice(piece);
                None
            }
            Body::Json(body, read) => Some(match read(body) {
                Ok(seen) => Ok(seen),
                Err(Flaw::Word(code, words)) => Err(self.trouble(world, standing, Answer::Word(head, &code, &words))),
                Err(Flaw::Unreadable(error)) => Err(error),
            }),
        }
    }

    /// What is wrong with a page; what is none, with a status that says nothing of who gave it, is judged by its body.
    fn fault(&mut self, world: &W, standing: &mut Standing<'_>, head: &Head, fault: &Fault) -> Error {
        let is_page = !matches!(fault, Fault::NotXml { .. } | Fault::WrongRoot(_));
        let status = if is_page || !ANYBODYS.contains(&head.status) { head.status } else { 200 };
        let error = self.trouble(world, standing, Answer::Fault(&Head { status, ..head.clone() }, fault));
        if status == 403 && !self.is_said { error.hint(MIDDLE) } else { error }
    }

    /// What is wrong with an answer; a limit is told to its lane, since nothing of it may start before.
    fn trouble(&mut self, world: &W, standing: &mut Standing<'_>, answer: Answer<'_>) -> Error {
        self.is_said = matches!(answer, Answer::Fault(_, Fault::Returned(_)) | Answer::Word(..));
        let error = limits::give_up(answer);
        if !error.is_limit() {
            return error;
        }
        if let Verdict::Again(wait) = limits::judge(answer, &mut Tries::default(), false) {
            standing.lanes.wait(world, self.ask.lane, &wait);
        }
        limited(error, world.now())
    }

    fn done(&self, world: &W, standing: &mut Standing<'_>, seen: Result<Seen>) -> Step<W> {
        let answered = self.answered(world, seen);
        if self.which.is_of_the_api_server() && answered.is_signed_in() {
            standing.known.answered(&self.ask, standing.settings.api_generation);
        }
        Step::Done(answered)
    }

    fn answered(&self, world: &W, seen: Result<Seen>) -> Answered {
        let (asked, head, at, is_said) = (self.ask.clone(), self.head.clone(), world.now(), self.is_said);
        Answered { asked, head, at, is_said, seen }
    }
}

fn is_good(head: &Head) -> bool {
    (200..300).contains(&head.status)
}

fn too_large() -> Error {
    let message = format!("the answer has more than {} bytes", json::BODY_BYTES_MAX);
    Error::new(ProblemKind::Protocol, "answer.too-large", message)
}

/// A limit, said so that a person knows when it is over.
fn limited(error: Error, now: i64) -> Error {
    let until = now.saturating_add(error.retry_after_secs.unwrap_or_default().into());
    let message = match error.code {
        "limit.concurrency" => "as many calls of this kind are running as the subscription allows".into(),
        _ => format!(
            "the subscription's calls of this kind are used up until {}",
            time::rfc3339(until).unwrap_or_default()
        ),
    };
    Error { message, ..error }.hint(
        "Nothing is wrong: a sync waits until it may go on. Test again then, or ask what else uses the subscription's API.",
    )
}
