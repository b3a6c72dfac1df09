//! The settings that are a choice: what each may be, and what it means to a request.
//!
//! The words a person reads stand in the schema; here stand those that the settings carry.

/// A setting that is one of a few words.
pub trait Choice: Copy + PartialEq + 'static {
    /// The words of the form, in its order, and what each means.
    const WORDS: &'static [(&'static str, Self)];

    /// What a word means.
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|&(_, choice)| choice)
    }

    /// Its word.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, choice)| *choice == self).map_or("", |&(word, _)| word)
    }
}

/// What to do with weaknesses of kernels that are installed and perhaps not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Choice for KernelFilter {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("not-filtered", Self::NotFiltered),
        ("exclude-non-running", Self::ExcludeNonRunning),
        ("only-non-running", Self::OnlyNonRunning),
        ("only-running", Self::OnlyRunning),
    ];
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Choice for Subscription {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("express-consultant", Self::ExpressConsultant),
        ("standard", Self::Standard),
        ("enterprise", Self::Enterprise),
        ("premium", Self::Premium),
    ];
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Choice for Compliance {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("gateway", Self::Gateway), ("classic", Self::Classic), ("off", Self::Off)];
}

impl Compliance {
    /// Whether the gateway may be asked.
    pub fn may_use_gateway(self) -> bool {
        matches!(self, Self::Gateway | Self::Auto)
    }
}

/// Which version of the vendor's endpoints is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiGeneration {
    /// 2.0, and the newest where the platform says that 2.0 is retired.
    Auto,
    /// 2.0, which every platform has known for years.
    V2,
    /// The newest that is known of each endpoint.
    Current,
}

impl Choice for ApiGeneration {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("2.0", Self::V2), ("current", Self::Current)];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::schema::Schema;
    use serde_json::Value;

    /// The words of a field's choices, and the same after they were read as a `T`.
    fn words<T: Choice>() -> Vec<&'static str> {
        T::WORDS.iter().map(|&(word, choice)| if T::of(word) == Some(choice) { choice.word() } else { "" }).collect()
    }

    #[test]
    fn every_choice_of_the_form_is_known() {
        for (name, words) in [
            ("arf_kernel_filter", words::<KernelFilter>()),
            ("subscription_type", words::<Subscription>()),
            ("compliance", words::<Compliance>()),
            ("api_generation", words::<ApiGeneration>()),
        ] {
            assert_eq!(Schema::built_in().choices(name), words, "{name}");
        }
        assert_eq!(Compliance::of("Off"), None);
    }

    #[test]
    fn the_kernel_filter_has_the_number_of_its_place_in_the_form() {
        let numbers = KernelFilter::WORDS.iter().map(|(_, choice)| choice.wire());
        assert_eq!(numbers.collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn the_form_tells_the_figures_that_a_subscription_starts_with() {
        let form: Value = serde_json::from_str(crate::settings::schema::TEXT).expect("the schema is JSON");
        for choice in form["properties"]["subscription_type"]["oneOf"].as_array().expect("it is a choice") {
            let quota = Subscription::of(choice["const"].as_str().unwrap_or_default()).expect("it is known").quota();
            let title = choice["title"].as_str().unwrap_or_default().replace(',', "");
            let period = if quota.window_secs == 86_400 { "a day" } else { "an hour" };
            let figures = format!("({} calls {period} {} at a time)", quota.calls, quota.parallel);
            assert!(title.ends_with(&figures), "{title}: {figures}");
        }
    }
}
