//! Everything Qualys-shaped: how to ask, how to read, what an answer means.
//!
//! Field names are the vendor's. Nothing here knows the neutral model.

use std::borrow::Cow;

pub mod asset_group;
pub mod client;
pub mod detection;
pub mod gateway_auth;
pub mod gateway_policies;
pub mod host_asset;
pub mod host_list;
pub mod json;
pub mod knowledge_base;
pub mod limits;
pub mod paging;
pub mod policy_list;
pub mod returns;
pub mod versions;
pub mod xml;

/// A text of an answer: trimmed, decoded, free of characters illegal in XML 1.0; absent when the element is missing or empty.
///
/// It borrows from the window it was read from, unless decoding changed it.
pub type Text<'a> = Option<Cow<'a, str>>;
