//! What every stage reads into.

use super::outbox::Outbox;
use super::position::Standing;
use crate::ports::World;
use crate::qualys::limits::Lanes;
use crate::settings::Settings;

/// What every stage reads into.
pub struct Cargo<'w, W: World> {
    /// What the operator filled in.
    pub settings: &'w Settings,
    /// Where records leave.
    pub outbox: Outbox<'w, W>,
    /// Where the sync stands.
    pub standing: Standing,
    /// How the source's lanes stand.
    pub lanes: Lanes,
    /// Credentials that were good have been refused, and no answer to a later request has shown that they are good.
    pub is_doubted: bool,
}
