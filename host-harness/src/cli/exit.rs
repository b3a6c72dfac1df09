//! Exit codes: one number for each way a command can end.

use host_harness::bindings::problems::{Problem, ProblemKind};
use host_harness::bindings::sync;
use host_harness::bindings::test_connectivity::{Check, CheckStatus};
use host_harness::outcome::Verdict;

/// Complete; degraded stages only warn.
pub const COMPLETE: u8 = 0;
/// The host, a trap, a limit, a broken law or protocol, or a difference that a replay found.
pub const BROKEN: u8 = 1;
/// The command line.
pub const USAGE: u8 = 2;
/// Settings, credentials or permission: the operator can mend it.
pub const OPERATOR: u8 = 3;
/// Temporary, or stopped for a wait: time mends it.
pub const TEMPORARY: u8 = 4;
/// Finished, and something is missing.
pub const IN_PART: u8 = 5;
/// The component does not fit this host.
pub const INCOMPATIBLE: u8 = 6;
/// Somebody pressed Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The code of a run: its own when it returned, else that of how it ended.
pub fn of<T>(verdict: &Verdict<T>, returned: impl FnOnce(&T) -> u8) -> u8 {
    match verdict {
        Verdict::Returned(value) => returned(value),
        Verdict::Unconfigured(_) => OPERATOR,
        Verdict::Limited(_) | Verdict::Unlawful(_) | Verdict::Trapped(_) => BROKEN,
    }
}

/// The code of a sync that returned, and whether somebody pressed Ctrl-C meanwhile.
pub fn of_sync(outcome: &sync::Outcome, interrupted: bool) -> u8 {
    use sync::Ended;
    match outcome.ended {
        Ended::Complete => COMPLETE,
        Ended::InPart => IN_PART,
        Ended::Stopped => of_stop(interrupted),
        Ended::Failed => outcome.problem.as_ref().map_or(BROKEN, |problem| of_problem(problem, interrupted)),
    }
}

/// The code of a connectivity test: that of the first required check that failed.
pub fn of_checks(checks: &[Check], interrupted: bool) -> u8 {
    let failed = checks.iter().find(|check| check.required && check.status == CheckStatus::Failed);
    failed.map_or(COMPLETE, |check| check.problem.as_ref().map_or(BROKEN, |problem| of_problem(problem, interrupted)))
}

fn of_problem(problem: &Problem, interrupted: bool) -> u8 {
    match problem.kind {
        ProblemKind::Settings | ProblemKind::Credentials | ProblemKind::Permission => OPERATOR,
        ProblemKind::Unavailable => TEMPORARY,
        ProblemKind::Protocol => BROKEN,
        ProblemKind::Cancelled => of_stop(interrupted),
    }
}

fn of_stop(interrupted: bool) -> u8 {
    if interrupted { INTERRUPTED } else { TEMPORARY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_harness::outcome::{Limited, Unlawful};
    use sync::Ended;

    fn problem(kind: ProblemKind) -> Problem {
        let (code, message) = ("a.b".into(), "doing it".into());
        Problem { kind, code, message, hint: None, field: None, retry_after_secs: None }
    }

    fn returned(ended: Ended, kind: Option<ProblemKind>) -> Verdict<sync::Outcome> {
        let summary = sync::Summary { stages: vec![], warnings: vec![], source_counts: vec![] };
        Verdict::Returned(sync::Outcome { ended, summary, problem: kind.map(problem), state: None })
    }

    #[test]
    fn every_ending_of_a_sync_has_its_code() {
        let (undisturbed, interrupted) = (false, true);
        let message = || "m".to_owned();
        let cases = [
            (returned(Ended::Complete, None), undisturbed, 0),
            (returned(Ended::Complete, None), interrupted, 0),
            (returned(Ended::InPart, None), undisturbed, 5),
            (returned(Ended::Stopped, None), interrupted, 130),
            (returned(Ended::Stopped, None), undisturbed, 4),
            (returned(Ended::Failed, Some(ProblemKind::Settings)), undisturbed, 3),
            (returned(Ended::Failed, Some(ProblemKind::Credentials)), undisturbed, 3),
            (returned(Ended::Failed, Some(ProblemKind::Permission)), undisturbed, 3),
            (returned(Ended::Failed, Some(ProblemKind::Unavailable)), undisturbed, 4),
            (returned(Ended::Failed, Some(ProblemKind::Protocol)), undisturbed, 1),
            (returned(Ended::Failed, Some(ProblemKind::Cancelled)), interrupted, 130),
            (returned(Ended::Failed, Some(ProblemKind::Cancelled)), undisturbed, 4),
            (returned(Ended::Failed, None), undisturbed, 1),
            (Verdict::Unconfigured(vec![problem(ProblemKind::Settings)]), undisturbed, 3),
            (Verdict::Limited(Limited { limit: "cpu_max", message: message() }), undisturbed, 1),
            (Verdict::Unlawful(Unlawful { law: "balance", message: message() }), undisturbed, 1),
            (Verdict::Trapped(message()), interrupted, 1),
        ];
        for (verdict, interrupted, code) in cases {
            let got = of(&verdict, |outcome| of_sync(outcome, interrupted));
            assert_eq!(got, code, "{verdict:?}, interrupted {interrupted}");
        }
    }

    #[test]
    fn a_connectivity_test_answers_for_its_first_required_failure() {
        use CheckStatus::*;
        let check = |status, required, kind: Option<ProblemKind>| Check {
            id: "sign-in".into(),
            title: "Sign in".into(),
            status,
            required,
            message: "m".into(),
            hint: None,
            problem: kind.map(problem),
        };
        let cases = [
            (vec![], 0),
            (vec![check(Passed, true, None), check(Warned, true, Some(ProblemKind::Permission))], 0),
            (vec![check(Failed, false, Some(ProblemKind::Permission)), check(Skipped, true, None)], 0),
            (vec![check(Failed, true, Some(ProblemKind::Credentials))], 3),
            (
                vec![
                    check(Failed, true, Some(ProblemKind::Unavailable)),
                    check(Failed, true, Some(ProblemKind::Credentials)),
                ],
                4,
            ),
            (vec![check(Failed, true, None)], 1),
        ];
        for (checks, code) in cases {
            assert_eq!(of_checks(&checks, false), code, "{checks:?}");
        }
    }
}
