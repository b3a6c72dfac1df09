//! The settings that are a choice: what each may be, and what it means to a request.
//!
//! The words a person reads stand in the schema; here stand those that the settings carry.

use serde::{Deserialize, Serialize};

/// What to do with weaknesses of kernels that are installed and perhaps not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelFilter {
    /// Take all of them.
    NotFiltered,
    /// Leave out those of kernels that do not run.
    ExcludeNonRunning,
    /// Take those of kernels that do not run, and nothing else.
    OnlyNonRunning,
    /// Take those of kernels that run, and nothing else.
    OnlyRunning,
}

impl KernelFilter {
    /// The value of `arf_kernel_filter`, 0 to 3.
    pub fn wire(self) -> u8 {
        match self {
            Self::NotFiltered => 0,
            Self::ExcludeNonRunning => 1,
            Self::OnlyNonRunning => 2,
            Self::OnlyRunning => 3,
        }
    }
}

/// The service level of a subscription, which tells how much may be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subscription {
    /// The smallest, counted by the day; also where to start with trial and free ones.
    ExpressConsultant,
    /// The usual one.
    Standard,
    /// More of everything.
    Enterprise,
    /// The largest.
    Premium,
}

/// What one endpoint may be asked until its answers say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls in any window.
    pub calls: u32,
    /// Length of the window in seconds.
    pub window_secs: u32,
    /// Calls at the same time.
    pub parallel: u32,
}

impl Subscription {
    /// The vendor's figures for each endpoint; the headers of its answers overrule them.
    pub fn quota(self) -> Quota {
        let (calls, window_secs, parallel) = match self {
            Self::ExpressConsultant => (50, 86_400, 1),
            Self::Standard => (300, 3_600, 2),
            Self::Enterprise => (750, 3_600, 5),
            Self::Premium => (2_000, 3_600, 10),
        };
        Quota { calls, window_secs, parallel }
    }
}

/// Whether compliance is read, and by which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compliance {
    /// Not at all.
    Off,
    /// From the gateway.
    Gateway,
    /// From the API server.
    Classic,
    /// From the gateway where that is permitted, else from the API server, else not at all.
    Auto,
}

impl Compliance {
    /// Whether the gateway may be asked.
    pub fn may_use_gateway(self) -> bool {
        matches!(self, Self::Gateway | Self::Auto)
    }
}

/// Which version of the vendor's endpoints is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiGeneration {
    /// 2.0, and the newest where the platform says that 2.0 is retired.
    Auto,
    /// 2.0, which every platform has known for years.
    #[serde(rename = "2.0")]
    V2,
    /// The newest that is known of each endpoint.
    Current,
}
