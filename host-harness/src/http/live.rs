//! The network: one kept client for a tenant, with TLS. Only this folder names an HTTP client.
//!
//! It speaks HTTP/1.1 alone: over one connection of HTTP/2, an answer that nobody reads would hold up all others.
//! It follows no redirect, keeps no cookie, and asks no proxy, which would connect where it likes.

mod failing;
mod resolver;
#[cfg(test)]
mod tests;
mod trust;

use super::lanes::Lanes;
use super::outgoing::Outgoing;
use super::policy::address;
use super::{Answer, Exchanging, Transport, failure};
use crate::bindings::http::{AnswerHeader, Failure, FailureKind, Head};
use crate::clock::Wall;
use crate::limits::Limits;
use crate::tenant::Network;
use anyhow::Context;
use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Request, Response};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use url::{Host, Url};

/// Connections that are kept for the next request to the same host.
const IDLE_CONNECTIONS_MAX: usize = 16;
/// An idle connection is given up before servers and proxies usually do.
const IDLE_CONNECTION_MAX: Duration = Duration::from_secs(50);

/// Answers requests over the network, for one tenant.
pub struct Live {
    line: Line,
    lanes: Arc<Lanes>,
}

impl Live {
    /// What a tenant may reach, in lanes that all tenants share. Fails when a certificate cannot be read.
    pub fn new(network: &Network, limits: &Limits, lanes: Arc<Lanes>) -> anyhow::Result<Self> {
        let client = Client::builder()
            .tls_backend_preconfigured(trust::config(network)?)
            .dns_resolver(Arc::new(resolver::Resolver(network.clone())))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .gzip(true)
            .connect_timeout(limits.connect_max)
            .pool_idle_timeout(IDLE_CONNECTION_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build()
            .context("preparing the HTTP client")?;
        Ok(Self { line: Line { client, network: network.clone(), limits: limits.clone() }, lanes })
    }

    /// Lanes that wait by the operating system's clock: one for all tenants of a process.
    pub fn lanes() -> Arc<Lanes> {
        Arc::new(Lanes::new(Arc::new(Wall)))
    }
}

impl Transport for Live {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.lanes
    }

    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging {
        let line = self.line.clone();
        Box::pin(async move {
            let total_max = least(request.total_max, line.limits.exchange_max);
            let ended = timeout(total_max, line.exchange(request, &answer)).await;
            ended.unwrap_or_else(|_| Err(late("timeout.total", "the answer was not complete", total_max)))
        })
    }
}

/// What one exchange needs.
#[derive(Clone)]
struct Line {
    client: Client,
    network: Network,
    limits: Limits,
}

impl Line {
    async fn exchange(&self, request: Outgoing, answer: &Answer) -> Result<(), Failure> {
        if let Some(address) = literal(&request.url) {
            address::decide(&self.network, address)?;
        }
        let first_byte_max = least(request.first_byte_max, self.limits.first_byte_max);
        let sent = timeout(first_byte_max, self.client.execute(spell(&request)?)).await;
        let sent = sent.map_err(|_| late("timeout.first-byte", "nothing was answered", first_byte_max))?;
        let mut response = sent.map_err(failing::before_head)?;
        answer.head(head(&response))?;
        while let Some(piece) = self.piece(&mut response, answer).await? {
            answer.piece(piece).await?;
        }
        Ok(())
    }

    /// The next piece; fails when the guest has waited too long for it.
    async fn piece(&self, response: &mut Response, answer: &Answer) -> Result<Option<Bytes>, Failure> {
        let (idle_max, asked) = (self.limits.idle_max, answer.asked());
        let mut piece = pin!(response.chunk());
        loop {
            let left = idle_max.saturating_sub(answer.asked() - asked);
            if left.is_zero() {
                return Err(late("timeout.idle", "the answer stood still", idle_max));
            }
            tokio::select! {
                biased;
                piece = &mut piece => return piece.map_err(failing::in_body),
                () = sleep(left) => {}
            }
        }
    }
}

fn spell(request: &Outgoing) -> Result<Request, Failure> {
    let asked = request.plain();
    let unspeakable = |what: String| failure(FailureKind::Refused, "request.invalid", what);
    let method = asked.method.parse().map_err(|_| unspeakable(format!("{:?} is no method", asked.method)))?;
    let mut spelt = Request::new(method, asked.url);
    for (name, value) in asked.headers {
        let named = HeaderName::try_from(&name).map_err(|_| unspeakable(format!("{name:?} is no name of a header")))?;
        let value = HeaderValue::from_bytes(value.as_bytes());
        let mut value = value.map_err(|_| unspeakable(format!("the value of the header {name} cannot be sent")))?;
        value.set_sensitive(true);
        spelt.headers_mut().append(named, value);
    }
    if request.body.is_some() {
        *spelt.body_mut() = Some(asked.body.into());
    }
    Ok(spelt)
}

fn head(response: &Response) -> Head {
    let header = |(name, value): (&HeaderName, &HeaderValue)| AnswerHeader {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    Head { status: response.status().as_u16(), headers: response.headers().iter().map(header).collect() }
}

/// An address that needs no resolving, and so meets no resolver.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn least(asked: Option<Duration>, max: Duration) -> Duration {
    asked.map_or(max, |asked| asked.min(max))
}

fn late(code: &str, what: &str, max: Duration) -> Failure {
    failure(FailureKind::TimedOut, code, format!("{what} within {} s", max.as_secs_f32()))
}
