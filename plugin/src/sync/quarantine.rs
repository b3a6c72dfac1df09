//! Hosts whose detections do not come, or bring nothing but trouble, even when they are asked for alone.
//!
//! One such host must not hold up a sync: it is set aside by name, and nothing is concluded of it.
//! The next sync asks for it once more, alone and last.

use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};
use crate::kept::keep;
use std::collections::BTreeSet;

/// Hosts that may be set aside; beyond it the source is at fault, and not its hosts.
pub const HOSTS_MAX: usize = 100;
/// Hosts set aside one after the other, without an answer in between, before the attempt ends.
const IN_A_ROW_MAX: usize = 5;
/// Hosts that a warning names.
const NAMED_MAX: usize = 10;

/// The hosts that are set aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quarantine {
    /// Set aside by this sync.
    hosts: BTreeSet<u64>,
    /// Set aside by the sync before, listed by this one, and not yet asked for again.
    due: BTreeSet<u64>,
    /// Set aside since anything was answered, in this attempt.
    in_a_row: usize,
}
keep!(Quarantine { hosts, due, ..default });

impl Quarantine {
    /// Calls for others leave it out.
    pub fn holds(&self, host: u64) -> bool {
        self.hosts.contains(&host) || self.due.contains(&host)
    }

    /// Those that the sync could not read.
    pub fn hosts(&self) -> &BTreeSet<u64> {
        &self.hosts
    }

    /// Those that are to be asked for once more.
    pub fn due(&self) -> &BTreeSet<u64> {
        &self.due
    }

    /// A host was listed that the sync before had set aside.
    pub fn again(&mut self, host: u64) {
        if !self.hosts.contains(&host) {
            self.due.insert(host);
        }
    }

    /// A host that was due has been asked for, and does not stay.
    pub fn released(&mut self, host: u64) {
        self.due.remove(&host);
    }

    /// A host that was due was asked for in vain.
    pub fn stays(&mut self, host: u64) {
        if self.due.remove(&host) {
            self.hosts.insert(host);
        }
    }

    /// Sets a host aside; an error where there are too many, or where nothing else is answered either.
    pub fn set_aside(&mut self, host: u64) -> Result<()> {
        if self.hosts.len() + self.due.len() >= HOSTS_MAX {
            return Err(too_many(format!("the detections of more than {HOSTS_MAX} hosts could not be read")));
        }
        self.hosts.insert(host);
        self.in_a_row += 1;
        if self.in_a_row >= IN_A_ROW_MAX {
            return Err(too_many(format!("the detections of {IN_A_ROW_MAX} hosts in a row could not be read")));
        }
        Ok(())
    }

    /// A call for detections was answered.
    pub fn answered(&mut self) {
        self.in_a_row = 0;
    }

    /// What a person should know.
    pub fn warning(&self) -> Option<Error> {
        let names: Vec<String> = self.hosts.iter().take(NAMED_MAX).map(u64::to_string).collect();
        let more = match self.hosts.len() {
            ..=NAMED_MAX => String::new(),
            all => format!(", … ({all} in all)"),
        };
        let message = format!(
            "hosts whose detections could not be read, not even one host at a time: {}{more}",
            names.join(", ")
        );
        let warning = Error::new(ProblemKind::Unavailable, "hosts.quarantined", message).hint(
            "Nothing of them was changed, and the next sync asks for each once more; if they stay, ask Qualys about them.",
        );
        (!self.hosts.is_empty()).then_some(warning)
    }
}

fn too_many(message: String) -> Error {
    Error::new(ProblemKind::Unavailable, "hosts.quarantine-full", message).during("reading the detections").hint(
        "Try again at another time of the day: it is the source that is slow or in trouble, and not a host of it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_hosts_are_the_fault_of_the_source() {
        let mut quarantine = Quarantine::default();
        for host in 1..=HOSTS_MAX as u64 {
            quarantine.answered();
            quarantine.set_aside(host).unwrap();
        }
        let error = quarantine.set_aside(1_000).unwrap_err();
        assert_eq!((error.code, quarantine.holds(1_000)), ("hosts.quarantine-full", false));
        let warning = quarantine.warning().unwrap();
        assert!(warning.message.ends_with(": 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … (100 in all)"), "{}", warning.message);
    }

    #[test]
    fn where_nothing_is_answered_it_is_no_hosts_fault() {
        let mut quarantine = Quarantine::default();
        (1..5).for_each(|host| quarantine.set_aside(host).unwrap());
        quarantine.answered();
        (5..9).for_each(|host| quarantine.set_aside(host).unwrap());
        assert!(quarantine.set_aside(9).unwrap_err().message.contains("5 hosts in a row"));
    }

    #[test]
    fn a_host_that_is_due_is_released_or_stays() {
        let mut quarantine = Quarantine::default();
        [1, 2].into_iter().for_each(|host| quarantine.again(host));
        quarantine.released(1);
        quarantine.stays(2);
        quarantine.again(2);
        quarantine.released(3);
        quarantine.stays(3);
        assert_eq!((quarantine.holds(1), quarantine.hosts()), (false, &BTreeSet::from([2])));
        assert!(quarantine.due().is_empty());
    }
}
