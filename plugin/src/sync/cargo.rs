//! What every stage reads into.

use super::outbox::Outbox;
use super::qids::Qids;
use super::slices::Slices;
use crate::ports::World;
use crate::settings::Settings;

/// What every stage reads into.
pub struct Cargo<'w, W: World> {
    /// What the operator filled in.
    pub settings: &'w Settings,
    /// Where records leave.
    pub outbox: Outbox<'w, W>,
    /// Which part of the host list is where.
    pub slices: Slices,
    /// The QIDs named so far.
    pub qids: Qids,
}
