//! One small request that tells most of what there is to know: the first host ID that the account sees.

use crate::bindings::connector::contract::http::{Failure, Head};
use crate::error::Error;
use crate::ports::World;
use crate::qualys::client;
use crate::qualys::host_list::{self, Reader, Record};
use crate::qualys::limits::{self, Answer};
use crate::qualys::xml::Fault;
use crate::settings::Settings;

/// Bytes asked for at once; the answer is smaller.
const PIECE_BYTES_MAX: u32 = 16 << 10;

/// What came of it.
#[derive(Debug)]
pub struct Probe {
    /// Status and headers, unless nothing answered.
    pub head: Option<Head>,
    /// Whether the account sees a host, or why nobody knows.
    pub sees_hosts: Result<bool, Error>,
}

/// Asks once; a second attempt is not worth a person's wait.
pub fn run<W: World>(world: &W, settings: &Settings) -> Probe {
    let ask = host_list::probe();
    let exchange = client::send(world, settings, &ask);
    let give_up = |answer| limits::give_up(answer).during(ask.doing);
    let head = match world.head(&exchange) {
        Ok(head) => head,
        Err(failure) => return Probe { head: None, sees_hosts: Err(give_up(Answer::Failure(&failure))) },
    };
    let sees_hosts = match read(world, &exchange) {
        Ok(_) if head.status != 200 => Err(give_up(Answer::Status(&head))),
        Ok(sees_hosts) => Ok(sees_hosts),
        Err(Spoiled::Failure(failure)) => Err(give_up(Answer::Failure(&failure))),
        Err(Spoiled::Fault(fault)) => Err(give_up(Answer::Fault(&head, &fault))),
    };
    Probe { head: Some(head), sees_hosts }
}

/// Why an answer is no good.
enum Spoiled {
    Failure(Failure),
    Fault(Fault),
}

/// Whether the answer names a host.
fn read<W: World>(world: &W, exchange: &W::Exchange) -> Result<bool, Spoiled> {
    let mut reader = Reader::new();
    let mut sees_hosts = false;
    let mut each = |record: Record<'_>| sees_hosts |= matches!(record, Record::Ids(..) | Record::Host(..));
    loop {
        let piece = world.read(exchange, PIECE_BYTES_MAX).map_err(Spoiled::Failure)?;
        if piece.is_empty() {
            reader.close(&mut each).map_err(Spoiled::Fault)?;
            return Ok(sees_hosts);
        }
        reader.feed(&piece, &mut each).map_err(Spoiled::Fault)?;
    }
}
