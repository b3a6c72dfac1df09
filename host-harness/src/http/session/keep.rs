//! Answers that the host keeps as secrets.

use super::Session;
use crate::bindings::http::{Failure, FailureKind};
use crate::http::secrets::Kept;
use crate::http::under_way::UnderWay;
use crate::http::{cancelled, failure};
use zeroize::Zeroizing;

impl Session {
    /// Reads a whole body, and keeps it.
    pub(in crate::http) async fn keep(&self, under_way: &UnderWay) -> Result<Kept, Failure> {
        if self.stop.reason().is_some() {
            return Err(cancelled());
        }
        if under_way.buffer.is_body_touched() {
            return Err(failure(
                FailureKind::Refused,
                "keep.body-read",
                "an answer that was read can no longer be kept",
            ));
        }
        under_way.buffer.hush();
        let kept = self.whole(under_way).await.and_then(|body| match std::str::from_utf8(&body) {
            Ok(text) => Ok(Zeroizing::new(text.trim().to_owned())),
            Err(_) => Err(failure(FailureKind::Refused, "keep.not-text", "only a text can be kept")),
        });
        match kept {
            Ok(value) => {
                under_way.buffer.kept(&value);
                Ok(Kept { value, origin: under_way.origin.clone() })
            }
            // What is left of a body that could not be kept may hold the secret, so the guest does not get it.
            Err(failure) => {
                under_way.abort();
                under_way.buffer.fail(failure.clone());
                under_way.buffer.take_piece(1);
                Err(failure)
            }
        }
    }

    async fn whole(&self, under_way: &UnderWay) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let max = self.limits.kept_bytes_max;
        let mut body = Zeroizing::new(Vec::with_capacity(max));
        loop {
            let piece = self.wait(under_way, |buffer| buffer.take_piece(max)).await?;
            if piece.is_empty() {
                return Ok(body);
            }
            if body.len() + piece.len() > max {
                let message = format!("an answer to keep is larger than {max} bytes");
                return Err(failure(FailureKind::TooLarge, "keep.too-large", message));
            }
            self.count_read(piece.len());
            body.extend_from_slice(&piece);
        }
    }
}
