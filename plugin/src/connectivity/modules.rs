//! What each part of a sync would read: detections, the knowledge base and its scores, enrichment, asset groups.

use super::call::Which;
use super::catalogue::Finding;
use super::round::Answers;
use super::versions;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::Error;
use crate::settings::Settings;

/// Detections.
pub fn detections(answers: &Answers, settings: &Settings) -> Finding {
    let passed = |_: &_| Finding::Passed("The account may read detections.".into());
    versions::required(answers, settings, Which::Detections, &passed)
}

/// The knowledge base; none of the entries asked for is as good an answer as any.
pub fn knowledge_base(answers: &Answers, settings: &Settings) -> Finding {
    let shown = |seen: &super::seen::Seen| {
        Finding::Passed(match seen.records {
            0 => "The knowledge base answers, and knows none of the QIDs it was asked for.".into(),
            _ => "The account may read the knowledge base.".into(),
        })
    };
    match versions::required(answers, settings, Which::KnowledgeBase, &shown) {
        Finding::Failed(error) if error.kind == ProblemKind::Permission => Finding::Failed(error.hint(
            "Ask Qualys support to allow the download of the KnowledgeBase by API: the whole subscription needs this permission, beside the role of the user.",
        )),
        other => other,
    }
}

/// Whether the knowledge base brings scores.
pub fn cvss_scoring(answers: &Answers, _: &Settings) -> Finding {
    let seen = match answers.of(Which::KnowledgeBase).map(|answered| &answered.seen) {
        Err(skipped) => return skipped,
        Ok(Err(_)) => return Finding::Skipped("The knowledge base gave no entries to look at.".into()),
        Ok(Ok(seen)) => seen,
    };
    let message = match (seen.records, seen.scored_v3, seen.scored_v2) {
        (0, ..) => {
            return Finding::Skipped(
                "The knowledge base knows none of the QIDs it was asked for, so nobody can tell.".into(),
            );
        }
        (_, 1.., _) => return Finding::Passed("The knowledge base brings CVSS v3 scores.".into()),
        (.., 0) => "the knowledge base brings no CVSS scores",
        _ => "the knowledge base brings CVSS scores of version 2 and none of version 3",
    };
    Finding::Warned(Error::new(ProblemKind::Permission, "cvss.off", message).hint(
        "Let a manager switch it on in the console: Reports > Setup > CVSS Scoring. Until then vulnerabilities have no score.",
    ))
}

/// The host asset search.
pub fn enrichment(answers: &Answers, _: &Settings) -> Finding {
    let sees_hosts =
        answers.by.get(Which::Hosts).is_some_and(|hosts| matches!(&hosts.seen, Ok(seen) if seen.records > 0));
    let shown = |seen: &super::seen::Seen| match seen.records {
        0 if sees_hosts => Finding::Warned(unseen(Error::new(
            ProblemKind::Permission,
            "assets.none",
            "the host asset search shows no host, although the host list does",
        ))),
        0 => Finding::Passed("The host asset search answers, and shows no host.".into()),
        _ => Finding::Passed("The account may search host assets.".into()),
    };
    answers.optional(Which::Assets, &shown, &|error| if answers.is_forbidden(&error) { unseen(error) } else { error })
}

fn unseen(error: Error) -> Error {
    error.hint(
        "Give the user API Access and the asset-management permission Read Asset, in the console's Administration module. Until then hosts lack MAC addresses and open ports.",
    )
}

/// Asset groups.
pub fn asset_groups(answers: &Answers, _: &Settings) -> Finding {
    let shown = |seen: &super::seen::Seen| match seen.records {
        0 => Finding::Warned(
            Error::new(ProblemKind::Permission, "groups.none", "the account sees no asset groups")
                .hint("Assign asset groups to the user in the console, under Users, to have their titles as tags."),
        ),
        _ => Finding::Passed("The account sees asset groups.".into()),
    };
    answers.optional(Which::Groups, &shown, &|error| match error.kind {
        ProblemKind::Permission => {
            error.hint("Ask a manager to let the user list asset groups. Until then their titles are missing as tags.")
        }
        _ => error,
    })
}
