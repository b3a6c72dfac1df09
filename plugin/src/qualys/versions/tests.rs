//! How questions are put, and what is learned from the answers.

use super::*;
use crate::bindings::connector::contract::http::Head;
use crate::kept::{self, Kept};
use crate::qualys::detection::Pass;
use crate::qualys::xml::Return;
use ApiGeneration::{Auto, Current, V2};
use std::collections::BTreeSet;

fn ask(kernel_filter: u8) -> Ask {
    detection::slice((1, 9), Pass::Open, kernel_filter, &BTreeSet::from([1, 2, 3, 4, 5]))
}

fn head(status: u16) -> Head {
    Head { status, headers: vec![] }
}

fn refusing(code: u32, parameter: &str) -> Fault {
    let text = format!("parameter {parameter} is not known");
    Fault::Returned(Return { code: Some(code), text, ..Return::default() })
}

/// The parameters in which a question differs from another.
fn beside<'a>(this: &'a Ask, other: &Ask) -> Vec<(&'a str, &'a str)> {
    let only = this.parameters.iter().filter(|parameter| !other.parameters.contains(parameter));
    only.map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn every_endpoint_is_written_down_in_its_oldest_version() {
    let asks = [host_list::page(0, 9), host_list::probe(), ask(0), knowledge_base::entries(&[1], None)];
    for ask in asks {
        let endpoint = endpoint(ask.lane).unwrap();
        assert_eq!(ask.path, endpoint.old.1, "{}", ask.lane);
        for (version, path) in [endpoint.old, endpoint.current] {
            assert!(path.starts_with(&format!("/api/{version}/fo/")), "{path}");
        }
        assert_eq!(Known::default().put(ask.clone(), V2), ask);
        assert_eq!(Known::default().put(ask.clone(), Auto), ask);
        assert_eq!(Known::default().put(ask, Current).path, endpoint.current.1);
    }
}

#[test]
fn the_newest_version_takes_the_kernel_filter_in_other_words() {
    let tells = ("show_arf_data", "1");
    let keys = ("arf_filter_keys", "non-running-kernels");
    let cases = [(0, "0", vec![tells]), (1, "1", vec![tells, keys]), (2, "2", vec![tells]), (3, "3", vec![tells])];
    for (filter, old, new) in cases {
        let (plain, put) = (ask(filter), Known::default().put(ask(filter), Current));
        assert_eq!(beside(&put, &plain), new, "{filter}");
        assert_eq!(beside(&plain, &put), [("arf_kernel_filter", old)], "{filter}");
    }
}

#[test]
fn only_an_answer_in_place_of_a_missing_one_retires_a_version() {
    let (old, new) = (ask(0), Known::default().put(ask(0), Current));
    let cases = [
        (V2, vec![&old], false),
        (Auto, vec![&old], false),
        (Current, vec![&new], false),
        (Auto, vec![&new], true),
        // It is back.
        (Auto, vec![&new, &old], false),
    ];
    for (generation, answered, is_retired) in cases {
        let mut known = Known::default();
        answered.iter().for_each(|ask| known.answered(ask, generation));
        assert!(known.has_answered());
        assert_eq!(known.is_current(detection::LANE, Auto), is_retired, "{generation:?}");
        assert_eq!(known.warnings(Auto).len(), usize::from(is_retired), "{generation:?}");
        assert!(known.warnings(Current).is_empty() && !known.is_current(host_list::LANE, Auto));
    }
}

#[test]
fn a_version_that_was_remembered_and_is_not_there_is_asked_for_in_the_older_one() {
    let mut known = Known::default();
    known.answered(&Known::default().put(ask(0), Current), Auto);
    let asked = known.put(ask(0), Auto);
    let missing = head(404);
    let instead = known.otherwise(&asked, ask(0), Answer::Status(&missing), 0, Auto).unwrap().unwrap();
    assert_eq!(instead, ask(0));
}

#[test]
fn what_is_no_matter_of_how_to_ask_is_judged_elsewhere() {
    let (ok, bad, missing) = (head(200), head(400), head(404));
    let (superseded, status) = (refusing(1901, SUPERSEDED), refusing(1901, "status"));
    let unknown = Ask { lane: "another", ..ask(0) };
    let without = Ask { parameters: vec![], ..ask(0) };
    #[rustfmt::skip]
    let cases = [
        ("good status",          ask(0),  Answer::Status(&ok)),
        ("another parameter",    ask(0),  Answer::Fault(&bad, &status)),
        ("not asked",            without, Answer::Fault(&bad, &superseded)),
        ("of no known endpoint", unknown, Answer::Status(&missing)),
        ("no message",           ask(0),  Answer::Fault(&bad, &Fault::Empty)),
    ];
    for (case, asked, answer) in cases {
        let mut known = Known::default();
        assert_eq!(known.otherwise(&asked, asked.clone(), answer, 0, Auto), None, "{case}");
        assert_eq!(known, Known::default(), "{case}");
    }
}

#[test]
fn a_question_is_put_otherwise_a_few_times_at_most() {
    let (missing, bad) = (head(404), head(400));
    let faults = [refusing(1901, SUPERSEDED), refusing(1905, KERNEL_KEYS)];
    for generation in [V2, Auto, Current] {
        let mut known = Known::default();
        let (mut asked, mut versions, mut changes) = (known.put(ask(1), generation), 0, 0);
        'asking: loop {
            let answers = [Answer::Status(&missing), Answer::Fault(&bad, &faults[0]), Answer::Fault(&bad, &faults[1])];
            for answer in answers {
                if let Some(Ok(other)) = known.otherwise(&asked, ask(1), answer, versions, generation) {
                    versions += u32::from(other.path != asked.path);
                    (asked, changes) = (other, changes + 1);
                    assert!(changes <= 3, "{generation:?}");
                    continue 'asking;
                }
            }
            break;
        }
    }
}

#[test]
fn what_is_known_reads_what_it_wrote() {
    let mut known = Known::default();
    known.answered(&Known::default().put(ask(0), Current), Auto);
    let text = kept::write(&known);
    assert_eq!(text, r#"{"refused":[],"retired":["detections"]}"#);
    let read = Known::resume(&kept::read(&text).unwrap()).unwrap();
    assert!(read.is_current(detection::LANE, Auto) && !read.has_answered(), "another attempt has seen no answer yet");
}
