//! What is asked, when, and how long it may take.

use super::*;

/// The checks of all that is asked, so that each is asked for at most once.
const ALL: [&str; 8] = [HOSTS, DETECTIONS, KNOWLEDGE, ASSETS, GROUPS, TOKEN, POLICIES, CLASSIC];

fn asked(world: &Script) -> Vec<&'static str> {
    let which = |sent: &String| ALL.into_iter().find(|words| words.split(' ').all(|word| sent.contains(word)));
    world.sent.borrow().iter().map(|sent| which(sent).unwrap_or_else(|| panic!("what is {sent}?"))).collect()
}

#[test]
fn each_is_asked_once_and_the_host_list_first() {
    for (way, last) in
        [("off", &[][..]), ("classic", &[CLASSIC]), ("gateway", &[TOKEN, POLICIES]), ("auto", &[TOKEN, POLICIES])]
    {
        let (checks, world) = tested(json!({"compliance": way}), vec![]);
        let expected: Vec<_> = [HOSTS, DETECTIONS, KNOWLEDGE, ASSETS, GROUPS].iter().chain(last).copied().collect();
        assert_eq!(asked(&world), expected, "{way}");
        let ids: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
        assert_eq!(ids, CHECKS.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), "{way}");
    }
    let (_, world) = tested(none(), vec![answer(TOKEN, 403, "")]);
    assert_eq!(asked(&world)[5..], [TOKEN, CLASSIC]);
}

#[test]
fn the_detections_of_the_one_known_host_are_asked_for() {
    let (_, world) = tested(none(), vec![]);
    assert!(world.sent.borrow()[1].contains("&ids=7"), "{:?}", world.sent);
    let (_, world) = tested(none(), vec![answer(HOSTS, 500, "")]);
    assert!(!world.sent.borrow()[1].contains("&ids="), "{:?}", world.sent);
}

#[test]
fn after_the_host_list_nothing_is_asked_that_is_pointless_or_unkind() {
    for (case, canned) in [
        ("password", answer(HOSTS, 401, returned(2000))),
        ("expired", answer(HOSTS, 200, returned(2001))),
        ("unreachable", failure(HOSTS, FailureKind::Unreachable)),
        ("stopped", failure(HOSTS, FailureKind::Cancelled)),
        ("web page", answer(HOSTS, 200, "<html>Hello</html>")),
        ("redirect", answer(HOSTS, 302, "")),
    ] {
        let (checks, world) = tested(none(), vec![canned]);
        assert_eq!(asked(&world), [HOSTS], "{case}");
        assert!(checks.iter().any(|check| check.required && check.status == Failed), "{case}: {checks:#?}");
        let rest = checks.iter().filter(|check| check.status == Skipped).count();
        assert!(rest >= 9, "{case}: {checks:#?}");
    }
}

#[test]
fn a_password_that_nothing_has_proved_is_tried_once() {
    for (case, status, body) in
        [("away", 503, String::new()), ("slow down", 429, String::new()), ("empty", 200, String::new())]
    {
        let hosts = || answer(HOSTS, status, body.clone());
        let (checks, world) = tested(none(), vec![hosts(), answer(DETECTIONS, 401, returned(2000))]);
        assert_eq!(asked(&world), [HOSTS, DETECTIONS], "{case}");
        let sign_in = check(&checks, "sign-in");
        assert_eq!((sign_in.status, check(&checks, "gateway").status), (Failed, Skipped), "{case}: {sign_in:?}");
        let (checks, world) = tested(none(), vec![hosts()]);
        assert_eq!(asked(&world).len(), 7, "{case}");
        assert_eq!(check(&checks, "sign-in").status, Passed, "{case}");
        let bounds: u32 = [0, 1, 2, 6].iter().map(|&at: &usize| world.bounds.borrow()[at].1.unwrap()).sum();
        assert!(bounds < 30_000, "{case}: {:?}", world.bounds);
    }
}

#[test]
fn after_a_stop_nothing_is_sent() {
    let (checks, world) = tested(none(), vec![failure(TOKEN, FailureKind::Cancelled)]);
    assert_eq!(asked(&world).len(), 6, "{:?}", world.sent);
    assert_eq!(check(&checks, "gateway").status, Skipped);
    assert_eq!(check(&checks, "compliance").status, Skipped);
    let (checks, _) = tested(none(), vec![failure(DETECTIONS, FailureKind::Cancelled)]);
    assert_eq!(check(&checks, "detections").status, Failed);
}

#[test]
fn all_of_it_ends_within_thirty_seconds() {
    let (_, world) = tested(none(), vec![answer(HOSTS, 404, "")]);
    let bounds: Vec<_> = world.bounds.borrow().iter().map(|(first, total)| (first.unwrap(), total.unwrap())).collect();
    assert!(bounds.iter().all(|(first, total)| first <= total), "{bounds:?}");
    let [hosts, newest, beside @ .., last] = &bounds[..] else { panic!("{bounds:?}") };
    let beside = beside.iter().map(|(_, total)| total).max().unwrap();
    assert!(hosts.1 + newest.1 + beside + last.1 < 30_000, "{bounds:?}");
}

#[test]
fn what_is_retired_is_asked_for_once_more_and_the_rest_is_not() {
    let sent = |first: Vec<Canned>| {
        let (_, world) = tested(json!({"compliance": "off"}), first);
        let sent = world.sent.borrow();
        sent.iter()
            .filter_map(|sent| sent.split("/api/").nth(1)?.split('/').next().map(String::from))
            .collect::<Vec<_>>()
    };
    let all = ["2.0", "2.0", "2.0", "2.0"];
    assert_eq!(sent(vec![]), all);
    assert_eq!(sent(vec![answer(HOSTS, 404, "")]), ["2.0", "5.0", "5.0", "4.0", "2.0"]);
    let left = |calls: &str| {
        let limits =
            [("x-ratelimit-limit", "300"), ("x-ratelimit-window-sec", "3600"), ("x-ratelimit-remaining", calls)];
        limits.into_iter().fold(answer(HOSTS, 404, ""), |answer, (name, value)| answer.header(name, value))
    };
    assert_eq!(sent(vec![left("31")])[1], "5.0");
    for closed in [left("30"), left("0"), answer(HOSTS, 404, "").header("x-ratelimit-towait-sec", "1000")] {
        assert_eq!(sent(vec![closed]), all, "a call that the lane holds back would take the time of all others");
    }
    let both = vec![answer(DETECTIONS, 404, ""), answer(KNOWLEDGE, 404, "")];
    assert_eq!(sent(both).len(), all.len() + 1, "one call for the newest version, whatever is retired");
}

#[test]
fn a_limit_is_told_to_its_lane() {
    let used_up = answer(DETECTIONS, 409, returned(1965)).header("x-ratelimit-towait-sec", "840");
    let (checks, world) = tested(none(), vec![used_up]);
    let told = world.paces.borrow();
    assert!(told.iter().all(|(lane, _)| lane == "detections"), "nothing else is known of a lane: {told:?}");
    let resume_at = told.last().and_then(|(_, allowance)| allowance.resume_at);
    assert!(resume_at >= Some(1_772_431_200 + 840), "{told:?}");
    let problem = check(&checks, "detections").problem.unwrap();
    assert_eq!((problem.code.as_str(), problem.retry_after_secs), ("limit.rate", Some(840)));
}

#[test]
fn pieces_of_any_size_tell_the_same() {
    let whole = tested(none(), vec![]).0;
    for piece in [1, 7] {
        let world = Script::new(piece, otherwise_well(vec![]));
        assert_eq!(run(&world, &settings(none())), whole, "pieces of {piece}");
    }
}
