//! A summary as JSON, with the contract's names in snake case.

use crate::bindings::problems::{Problem, ProblemKind};
use crate::bindings::sync::{Stage, Summary};
use serde_json::{Map, Value, json};

/// The summary of a sync as it is kept.
pub fn json(summary: &Summary) -> Value {
    json!({
        "stages": summary.stages.iter().map(stage).collect::<Vec<_>>(),
        "warnings": summary.warnings.iter().map(problem).collect::<Vec<_>>(),
        "source_counts": summary.source_counts.iter()
            .map(|c| json!({"name": c.name, "stream": c.stream, "count": c.count}))
            .collect::<Vec<_>>(),
    })
}

fn stage(stage: &Stage) -> Value {
    let dropped: Map<String, Value> = stage.dropped.iter().map(|d| (d.reason.clone(), json!(d.count))).collect();
    json!({
        "name": stage.name,
        "lists_assets": stage.lists_assets,
        "finished": stage.finished,
        "seen": stage.seen,
        "emitted": stage.emitted,
        "unchanged": stage.unchanged,
        "dropped": dropped,
    })
}

fn problem(problem: &Problem) -> Value {
    json!({
        "kind": kind(problem.kind),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "field": problem.field,
        "retry_after_secs": problem.retry_after_secs,
    })
}

/// Who can mend a problem, in the contract's word.
pub fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Settings => "settings",
        ProblemKind::Credentials => "credentials",
        ProblemKind::Permission => "permission",
        ProblemKind::Unavailable => "unavailable",
        ProblemKind::Protocol => "protocol",
        ProblemKind::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::sync::{DropCount, SourceCount};

    #[test]
    fn a_summary_says_all_that_the_connector_counted() {
        let stage = Stage {
            name: "hosts".into(),
            lists_assets: true,
            finished: false,
            seen: 9,
            emitted: 5,
            unchanged: 3,
            dropped: vec![DropCount { reason: "no-name".into(), count: 1 }],
        };
        let warning = Problem {
            kind: ProblemKind::Permission,
            code: "c".into(),
            message: "m".into(),
            hint: Some("h".into()),
            field: None,
            retry_after_secs: None,
        };
        let count = SourceCount { name: "hosts".into(), stream: "asset".into(), count: 10 };
        let summary = Summary { stages: vec![stage], warnings: vec![warning], source_counts: vec![count] };
        let expected = json!({
            "stages": [{"name": "hosts", "lists_assets": true, "finished": false, "seen": 9, "emitted": 5,
                        "unchanged": 3, "dropped": {"no-name": 1}}],
            "warnings": [{"kind": "permission", "code": "c", "message": "m", "hint": "h", "field": null,
                          "retry_after_secs": null}],
            "source_counts": [{"name": "hosts", "stream": "asset", "count": 10}],
        });
        assert_eq!(json(&summary), expected);
    }
}
