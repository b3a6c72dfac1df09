//! What went wrong on the network, in the contract's words. Nothing here repeats an address with its query.

use super::resolver::Unknown;
use crate::bindings::http::{Failure, FailureKind};
use crate::http::failure;
use crate::http::policy::Denied;
use std::error::Error;
use std::io;

/// There was no answer.
pub fn before_head(error: reqwest::Error) -> Failure {
    let unreachable = |code: &str, message: String| failure(FailureKind::Unreachable, code, message);
    if let Some(denied) = cause::<Denied>(&error) {
        return denied.clone().into();
    }
    if let Some(unknown) = cause::<Unknown>(&error) {
        return unreachable("connect.dns", unknown.to_string());
    }
    if let Some(rustls::Error::InvalidCertificate(why)) = cause(&error) {
        // The same certificate comes the next time, so nobody tries again.
        let message = format!("the certificate is not trusted ({why}); ca_file adds certificates to the system's");
        return failure(FailureKind::Refused, "tls.untrusted", message);
    }
    if let Some(tls) = cause::<rustls::Error>(&error) {
        return unreachable("connect.tls", format!("no trust between the two: {tls}"));
    }
    if error.is_connect() {
        let code = if error.is_timeout() { "connect.timeout" } else { "connect.refused" };
        return unreachable(code, format!("no connection: {}", last(&error)));
    }
    failure(FailureKind::Cut, "connection.lost", format!("the connection ended before an answer: {}", last(&error)))
}

/// The answer is not whole.
pub fn in_body(error: reqwest::Error) -> Failure {
    let is_garbled = |io: &io::Error| matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
    let (code, what) = match cause::<io::Error>(&error).is_some_and(is_garbled) {
        true => ("body.encoding", "the answer's compression is broken"),
        false => ("body.cut", "the answer broke off"),
    };
    failure(FailureKind::Cut, code, format!("{what}: {}", last(&error)))
}

/// What is at the bottom of it.
fn last(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn cause<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| deeper(*cause))
}

/// An I/O error does not count what it wraps among its sources.
fn deeper<'e>(cause: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| cause.source())
}
