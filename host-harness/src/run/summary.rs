//! The laws of what a sync returns: it balances, and carries what its end asks for.

use crate::bindings::sync::{Ended, Outcome, Stage};
use crate::limits::Limits;
use crate::outcome::Unlawful;

/// Says which law the outcome breaks.
pub fn judge(outcome: &Outcome, limits: &Limits, stopped: bool) -> Result<(), Unlawful> {
    todo!()
}
