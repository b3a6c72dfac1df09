//! Each check in each of its outcomes, on a subscription in which everything else is well.

mod order;

use super::*;
use crate::bindings::connector::contract::http::FailureKind;
use crate::bindings::exports::connector::contract::test_connectivity::CheckStatus::{
    self, Failed, Passed, Skipped, Warned,
};
use crate::script::{Canned, Script, answer, failure, settings};
use serde_json::{Value, json};

// Words by which the requests are told apart.
const HOSTS: &str = "GET /api/2.0/fo/asset/host/?action=list details=None truncation_limit=1";
const DETECTIONS: &str = "GET /api/2.0/fo/asset/host/vm/detection/?action=list truncation_limit=1 show_results=0";
const KNOWLEDGE: &str = "POST /api/2.0/fo/knowledge_base/vuln/ ids=38167-38174";
const ASSETS: &str = "POST am/hostasset?fields=id {\"ServiceRequest\":{\"preferences\":{\"limitResults\":1}}}";
const GROUPS: &str = "GET asset/group/?action=list truncation_limit=1";
const TOKEN: &str = "POST https://gateway.qg3.apps.qualys.com/auth username=acme3jd1 password={{password}} token=true";
const POLICIES: &str = "GET https://gateway.qg3.apps.qualys.com/pcrs/1.0/posture/policy/list Bearer";
const CLASSIC: &str = "GET compliance/policy/?action=list truncation_limit=1";

fn page(root: &str, inner: &str) -> String {
    format!("<{root}><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME>{inner}</RESPONSE></{root}>")
}

fn hosts(set: &str) -> String {
    page("HOST_LIST_OUTPUT", set)
}

fn knowledge(scores: &str) -> String {
    let vuln = format!("<VULN_LIST><VULN><QID>38170</QID>{scores}</VULN></VULN_LIST>");
    page("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", &vuln)
}

fn groups(list: &str) -> String {
    page("ASSET_GROUP_LIST_OUTPUT", list)
}

fn classic(list: &str) -> String {
    page("POLICY_LIST_OUTPUT", list)
}

fn returned(code: u32) -> String {
    format!("<SIMPLE_RETURN><RESPONSE><CODE>{code}</CODE><TEXT>as the source says</TEXT></RESPONSE></SIMPLE_RETURN>")
}

const SEVEN: &str = "<ID_SET><ID>7</ID></ID_SET>";
const V3: &str = "<CVSS><BASE>5.0</BASE></CVSS><CVSS_V3><BASE>6.5</BASE></CVSS_V3>";
const GROUP: &str = "<ASSET_GROUP_LIST><ASSET_GROUP><ID>1</ID></ASSET_GROUP></ASSET_GROUP_LIST>";
const POLICY: &str = "<POLICY_LIST><POLICY><ID>1</ID></POLICY></POLICY_LIST>";
const ACTIVE: &str = r#"{"policyList":[{"id":1,"status":"active"},{"id":2,"status":"inactive"}]}"#;
const REFUSED: &str = r#"{"ServiceResponse":{"responseCode":"UNAUTHORIZED"}}"#;

/// The same answer from every endpoint of the API server.
fn everywhere(status: u16, body: &str) -> Vec<Canned> {
    [HOSTS, DETECTIONS, KNOWLEDGE, ASSETS, GROUPS].map(|words| answer(words, status, body)).to_vec()
}

/// A subscription in which everything is well, but for what comes first.
fn otherwise_well(first: Vec<Canned>) -> Vec<Canned> {
    let asset = r#"{"ServiceResponse":{"responseCode":"SUCCESS","count":1,"data":[{"HostAsset":{"id":9}}]}}"#;
    let well = [
        answer(HOSTS, 200, hosts(SEVEN)),
        answer(DETECTIONS, 200, page("HOST_LIST_VM_DETECTION_OUTPUT", "")),
        answer(KNOWLEDGE, 200, knowledge(V3)),
        answer(ASSETS, 200, asset),
        answer(GROUPS, 200, groups(GROUP)),
        answer(TOKEN, 201, "eyJhbGciOi.made.up\n"),
        answer(POLICIES, 200, ACTIVE),
        answer(CLASSIC, 200, classic(POLICY)),
        answer("/api/5.0/fo/asset/host/?action", 200, hosts(SEVEN)),
        answer("/api/5.0/fo/asset/host/vm/detection/?action", 200, page("HOST_LIST_VM_DETECTION_OUTPUT", "")),
        answer("/api/4.0/fo/knowledge_base/vuln/", 200, knowledge(V3)),
        answer("/pcrs/2.0/posture/policy/list Bearer", 200, ACTIVE),
    ];
    first.into_iter().chain(well).collect()
}

fn tested(changes: Value, first: Vec<Canned>) -> (Vec<Check>, Script) {
    let world = Script::new(1 << 16, otherwise_well(first));
    let checks = run(&world, &settings(changes));
    (checks, world)
}

fn check(checks: &[Check], id: &str) -> Check {
    checks.iter().find(|check| check.id == id).unwrap_or_else(|| panic!("there is no check {id}")).clone()
}

/// (check, settings, what else is answered, its status, words of its message or hint)
type Case = (&'static str, Value, Vec<Canned>, CheckStatus, &'static str);

/// Runs cases, and wants of each check that was not well that it says what and what to do.
fn run_cases(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (id, changes, first, status, words) in cases {
        let (checks, _) = tested(changes, first);
        let check = check(&checks, id);
        let said = format!("{} {}", check.message, check.hint.as_deref().unwrap_or_default());
        if check.status != status
            || !said.to_lowercase().contains(&words.to_lowercase())
            || !checks.iter().all(is_well_said)
        {
            wrong.push(format!("{id} should be {status:?} with {words:?} and is {:?}: {said}", check.status));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Sentences throughout; what is not well has a problem for programs, and a hint for people.
fn is_well_said(check: &Check) -> bool {
    let is_bad = matches!(check.status, Warned | Failed);
    let is_hint = |hint: &str| hint.starts_with(char::is_uppercase) && hint.ends_with('.');
    check.message.ends_with('.')
        && check.hint.as_deref().is_none_or(is_hint)
        && (check.problem.is_some(), check.hint.is_some()) == (is_bad, is_bad)
}

fn none() -> Value {
    json!({})
}

#[test]
fn the_host_list_tells_address_way_sign_in_calls_and_clock() {
    let at =
        |time: &str| format!("<HOST_LIST_OUTPUT><RESPONSE><DATETIME>{time}</DATETIME></RESPONSE></HOST_LIST_OUTPUT>");
    let left = |calls: &str| {
        answer(HOSTS, 200, hosts(SEVEN))
            .header("x-ratelimit-limit", "300")
            .header("x-ratelimit-window-sec", "3600")
            .header("x-ratelimit-remaining", calls)
    };
    let missing =
        || [HOSTS, "/api/5.0/", DETECTIONS, KNOWLEDGE, ASSETS, GROUPS].map(|words| answer(words, 404, "")).to_vec();
    let one = |canned| vec![canned];
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("url", none(), vec![], Passed, "https://qualysapi.qg3.apps.qualys.com is the API server of US 3."),
        ("url", json!({"api_server": "https://vm.example.com", "compliance": "off"}), vec![], Passed, "is taken for the API server of a private platform."),
        ("url", none(), missing(), Failed, "it is not that of an API server; perhaps of a gateway or a console. In the console, Help > About names"),
        ("network", none(), vec![], Passed, "https://qualysapi.qg3.apps.qualys.com answers."),
        ("network", none(), one(failure(HOSTS, FailureKind::Unreachable)), Failed, "reachable from here"),
        ("network", none(), one(failure(HOSTS, FailureKind::TimedOut)), Failed, "as scripted (test). Test again: nothing came within 8 s"),
        ("network", none(), one(answer(HOSTS, 407, "")), Warned, "does not look like Qualys. Have the operator of this host let its requests pass the proxy."),
        ("network", none(), one(answer(HOSTS, 302, "")), Warned, "does not look like Qualys. Check the API server's address"),
        ("network", none(), one(answer(HOSTS, 200, "<html>Hello</html>")), Warned, "does not look like Qualys. A proxy, a sign-in page"),
        ("network", none(), one(answer(HOSTS, 502, "<html>Bad gateway</html>")), Warned, "does not look like Qualys"),
        ("network", none(), one(answer(HOSTS, 502, "")), Passed, "answers."),
        ("network", none(), one(answer(HOSTS, 409, returned(1905))), Passed, "answers."),
        ("hosts", none(), one(answer(HOSTS, 407, "")), Failed, "pass the proxy"),
        ("detections", none(), one(answer(HOSTS, 407, "")), Skipped, "does not look like Qualys"),
        ("network", none(), one(failure(HOSTS, FailureKind::Refused)), Failed, "what the operator allows"),
        ("sign-in", none(), vec![], Passed, "acme3jd1 is signed in."),
        ("sign-in", none(), one(answer(HOSTS, 401, returned(2000))), Failed, "Check username and password"),
        ("sign-in", none(), one(answer(HOSTS, 200, returned(2001))), Failed, "has ended"),
        ("sign-in", none(), one(answer(HOSTS, 403, returned(2012))), Passed, "is signed in"),
        ("sign-in", none(), one(answer(HOSTS, 409, returned(1965))), Passed, "is signed in"),
        ("sign-in", none(), one(answer(HOSTS, 500, "")), Passed, "is signed in"),
        ("sign-in", none(), one(failure(HOSTS, FailureKind::Unreachable)), Skipped, "Nothing answered."),
        ("sign-in", none(), one(answer(HOSTS, 200, "<html>Hello</html>")), Skipped, "No answer tells."),
        ("quota", none(), vec![], Passed, "names no limits"),
        ("quota", none(), one(left("212")), Passed, "212 of 300 calls for the host list are left in a window of an hour."),
        ("quota", none(), one(left("30")), Warned, "A sync leaves 10 % of the calls to other tools"),
        ("quota", json!({"reserve_percent": 0}), one(left("1")), Passed, "1 of 300 calls"),
        ("quota", none(), one(answer(HOSTS, 409, returned(1965)).header("x-ratelimit-towait-sec", "840")), Warned, "used up until 2026-03-02T06:14:00Z"),
        ("quota", none(), one(answer(HOSTS, 409, returned(1960))), Warned, "as many calls of this kind are running"),
        ("quota", none(), one(answer(HOSTS, 401, returned(2000))), Skipped, "The sign-in was refused."),
        ("quota", none(), one(failure(HOSTS, FailureKind::Unreachable)), Skipped, "Nothing answered."),
        ("quota", none(), one(answer(HOSTS, 500, "")), Skipped, "No answer tells."),
        ("hosts", none(), vec![], Passed, "The account sees hosts."),
        ("hosts", none(), one(answer(HOSTS, 200, hosts(""))), Warned, "Assign asset groups to the user in the console, under Users"),
        ("hosts", none(), one(answer(HOSTS, 409, returned(1965))), Warned, "used up until"),
        ("hosts", none(), one(answer(HOSTS, 409, returned(1920))), Failed, "as the source says"),
        ("hosts", none(), one(answer(HOSTS, 403, returned(2012))), Failed, "Have a Manager grant it in the console"),
        ("hosts", none(), one(answer(HOSTS, 200, "<html>Hello</html>")), Failed, "a sign-in page"),
        ("hosts", none(), one(answer(HOSTS, 401, returned(2000))), Skipped, "The sign-in was refused."),
        ("hosts", none(), one(failure(HOSTS, FailureKind::Unreachable)), Skipped, "Nothing answered."),
        ("hosts", none(), missing(), Skipped, "not that of an API server"),
        ("clock", none(), vec![], Passed, "This host's clock and Qualys's are 0 s apart."),
        ("clock", none(), one(answer(HOSTS, 200, at("2026-03-02T05:55:00Z"))), Passed, "300 s apart"),
        ("clock", none(), one(answer(HOSTS, 200, at("2026-03-02T06:05:01Z"))), Warned, "This host's clock says 2026-03-02T06:00:00Z, and Qualys's says 2026-03-02T06:05:01Z."),
        ("clock", none(), one(answer(HOSTS, 401, returned(2000))), Skipped, "No answer tells Qualys's time."),
        ("clock", none(), one(answer(HOSTS, 500, "")), Passed, "0 s apart"),
    ];
    run_cases(cases);
}

#[test]
fn only_words_of_qualys_are_signs_of_a_sign_in() {
    let off = || json!({"compliance": "off"});
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("sign-in", off(), everywhere(403, "<html>Forbidden</html>"), Skipped, "No answer tells."),
        ("hosts", off(), everywhere(403, "<html>Forbidden</html>"), Failed, "begins with \"<html>Forbidden</html>\". A proxy, a sign-in page"),
        ("quota", off(), everywhere(403, "<html>Forbidden</html>"), Skipped, "No answer tells."),
        ("api-version", off(), everywhere(403, "<html>Forbidden</html>"), Skipped, "does not look like Qualys"),
        ("sign-in", off(), everywhere(429, "<html>Slow down</html>"), Skipped, "No answer tells."),
        ("hosts", off(), everywhere(429, "<html>Slow down</html>"), Failed, "A proxy, a sign-in page"),
        ("quota", off(), everywhere(409, "<!DOCTYPE html><html>Slow down</html>"), Skipped, "No answer tells."),
        ("hosts", off(), everywhere(502, "<html>Bad gateway</html>"), Failed, "A proxy, a sign-in page"),
        ("sign-in", off(), everywhere(403, ""), Skipped, "No answer tells."),
        ("hosts", off(), everywhere(403, ""), Failed, "(status 403). A proxy, a sign-in page"),
        ("sign-in", off(), everywhere(429, ""), Skipped, "No answer tells."),
        ("api-version", off(), everywhere(429, ""), Skipped, "No answer tells."),
        ("detections", off(), vec![answer(DETECTIONS, 403, "<html>Forbidden</html>")], Failed, "A proxy, a sign-in page"),
        ("sign-in", off(), vec![answer(HOSTS, 403, "")], Passed, "is signed in"),
    ];
    run_cases(cases);
}

#[test]
fn each_part_of_a_sync_has_a_check() {
    let one = |words, status, body: String| vec![answer(words, status, body)];
    let some = |words, kind| vec![failure(words, kind)];
    let no_asset = || r#"{"ServiceResponse":{"responseCode":"SUCCESS","count":0}}"#.to_string();
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("detections", none(), vec![], Passed, "may read detections"),
        ("detections", none(), one(DETECTIONS, 403, returned(2012)), Failed, "Have a Manager grant it in the console"),
        ("detections", none(), one(DETECTIONS, 409, returned(1965)), Warned, "used up until"),
        ("detections", none(), one(DETECTIONS, 409, returned(1960)), Warned, "as many calls"),
        ("detections", none(), some(DETECTIONS, FailureKind::TimedOut), Failed, "this answer was too slow"),
        ("detections", none(), one(DETECTIONS, 200, "<HOST_LIST_VM_DETECTION_OUTPUT>".into()), Failed, "closing tag"),
        ("detections", none(), one(HOSTS, 401, returned(2000)), Skipped, "The sign-in was refused"),
        ("knowledge-base", none(), vec![], Passed, "may read the knowledge base"),
        ("knowledge-base", none(), one(KNOWLEDGE, 200, page("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "")), Passed, "knows none of the QIDs"),
        ("knowledge-base", none(), one(KNOWLEDGE, 403, returned(2012)), Failed, "Ask Qualys support to allow the download of the KnowledgeBase by API"),
        ("knowledge-base", none(), one(KNOWLEDGE, 409, returned(1965)), Warned, "used up until"),
        ("knowledge-base", none(), one(KNOWLEDGE, 401, returned(2000)), Failed, "The same user was let in before"),
        ("cvss-scoring", none(), vec![], Passed, "CVSS v3 scores"),
        ("cvss-scoring", none(), one(KNOWLEDGE, 200, knowledge("")), Warned, "Reports > Setup > CVSS Scoring"),
        ("cvss-scoring", none(), one(KNOWLEDGE, 200, knowledge("<CVSS><BASE>5.0</BASE></CVSS>")), Warned, "of version 2 and none of version 3"),
        ("cvss-scoring", none(), one(KNOWLEDGE, 200, page("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "")), Skipped, "nobody can tell"),
        ("cvss-scoring", none(), one(KNOWLEDGE, 403, returned(2012)), Skipped, "no entries"),
        ("enrichment", none(), vec![], Passed, "may search host assets"),
        ("enrichment", none(), one(ASSETS, 200, no_asset()), Warned, "Read Asset"),
        ("enrichment", none(), vec![answer(HOSTS, 200, hosts("")), answer(ASSETS, 200, no_asset())], Passed, "shows no host"),
        ("enrichment", none(), one(ASSETS, 200, REFUSED.into()), Warned, "Read Asset"),
        ("enrichment", none(), one(ASSETS, 401, String::new()), Warned, "Read Asset"),
        ("enrichment", none(), one(ASSETS, 403, String::new()), Warned, "Read Asset"),
        ("enrichment", none(), one(ASSETS, 429, String::new()), Warned, "used up until"),
        ("enrichment", none(), one(ASSETS, 200, "<html>".into()), Warned, "no JSON"),
        ("enrichment", none(), some(ASSETS, FailureKind::TimedOut), Warned, "this answer was too slow"),
        ("asset-groups", none(), vec![], Passed, "sees asset groups"),
        ("asset-groups", none(), one(GROUPS, 200, groups("")), Warned, "Assign asset groups"),
        ("asset-groups", none(), one(GROUPS, 403, returned(2012)), Warned, "titles are missing"),
        ("asset-groups", none(), one(GROUPS, 409, returned(1965)), Warned, "used up until"),
    ];
    run_cases(cases);
}

#[test]
fn a_hint_that_is_right_stays() {
    let one = |words, status, body: String| vec![answer(words, status, body)];
    let word = |word: &str| REFUSED.replace("UNAUTHORIZED", word);
    let slow = |words| vec![answer(words, 200, "").then(FailureKind::TimedOut)];
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("detections", none(), one(DETECTIONS, 403, returned(2011)), Failed, "cannot give a second factor"),
        ("detections", none(), one(DETECTIONS, 200, returned(2001)), Failed, "has ended"),
        ("detections", none(), one(DETECTIONS, 401, returned(2000)), Failed, "The same user was let in before"),
        ("detections", none(), one(DETECTIONS, 407, String::new()), Failed, "let its requests pass the proxy"),
        ("knowledge-base", none(), one(KNOWLEDGE, 407, String::new()), Failed, "let its requests pass the proxy"),
        ("knowledge-base", none(), vec![failure(KNOWLEDGE, FailureKind::Refused)], Failed, "what the operator allows"),
        ("enrichment", none(), one(ASSETS, 200, word("EVALUATION_EXPIRED")), Warned, "has ended"),
        ("enrichment", none(), one(ASSETS, 502, String::new()), Warned, "https://status.qualys.com"),
        ("enrichment", none(), vec![failure(ASSETS, FailureKind::Cut)], Warned, "this answer was too slow or got lost"),
        ("asset-groups", none(), one(GROUPS, 503, returned(1999)), Warned, "https://status.qualys.com"),
        ("asset-groups", none(), vec![failure(GROUPS, FailureKind::TimedOut)], Warned, "this answer was too slow"),
        ("asset-groups", none(), one(GROUPS, 401, returned(2000)), Warned, "The same user was let in before"),
        ("hosts", none(), slow(HOSTS), Failed, "this answer was too slow"),
        ("compliance", none(), slow(POLICIES), Warned, "this answer was too slow"),
        ("compliance", json!({"compliance": "classic"}), one(CLASSIC, 403, returned(2011)), Warned, "cannot give a second factor"),
        ("enrichment", none(), one(ASSETS, 404, String::new()), Warned, "ask Qualys support for this endpoint"),
        ("asset-groups", none(), one(GROUPS, 404, String::new()), Warned, "ask Qualys support for this endpoint"),
        ("sign-in", none(), [one(HOSTS, 503, String::new()), everywhere(401, &returned(2000))].concat(), Failed, "Check username and password"),
        ("detections", none(), [one(HOSTS, 503, String::new()), everywhere(401, &returned(2000))].concat(), Failed, "Check username and password"),
        ("gateway", none(), [one(HOSTS, 503, String::new()), one(TOKEN, 401, "{}".into()), everywhere(503, "")].concat(), Warned, "Check username and password"),
    ];
    run_cases(cases);
}

#[test]
fn records_that_cannot_be_read_are_not_taken_for_none() {
    let one = |words, body: String| vec![answer(words, 200, body)];
    let vulns = "<VULN_LIST><VULN><QID>1</WRONG></QID></VULN></VULN_LIST>";
    let detections = "<HOST_LIST><HOST><ID>7</ID><DETECTION_LIST><DETECTION><QID>1</WRONG></QID></DETECTION></DETECTION_LIST></HOST></HOST_LIST>";
    let groups_of =
        |id: &str| groups(&format!("<ASSET_GROUP_LIST><ASSET_GROUP><ID>{id}</ID></ASSET_GROUP></ASSET_GROUP_LIST>"));
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("hosts", none(), one(HOSTS, hosts("<ID_SET><ID>x</ID></ID_SET>")), Failed, "none of the records in the answer can be read"),
        ("sign-in", none(), one(HOSTS, hosts("<ID_SET><ID>x</ID></ID_SET>")), Passed, "is signed in"),
        ("hosts", none(), one(HOSTS, hosts("<ID_SET><ID>x</ID><ID>7</ID></ID_SET>")), Passed, "sees hosts"),
        ("detections", none(), one(DETECTIONS, page("HOST_LIST_VM_DETECTION_OUTPUT", detections)), Failed, "can be read"),
        ("knowledge-base", none(), one(KNOWLEDGE, page("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", vulns)), Failed, "can be read"),
        ("cvss-scoring", none(), one(KNOWLEDGE, page("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", vulns)), Skipped, "gave no entries to look at"),
        ("asset-groups", none(), one(GROUPS, groups_of("1</WRONG>")), Warned, "can be read"),
        ("compliance", json!({"compliance": "classic"}), one(CLASSIC, classic("<POLICY_LIST><POLICY><ID>1</WRONG></ID></POLICY></POLICY_LIST>")), Warned, "can be read"),
    ];
    run_cases(cases);
}

#[test]
fn the_setting_chooses_the_way_of_compliance() {
    let way = |way: &str| json!({"compliance": way});
    let private = || json!({"api_server": "https://vm.example.com"});
    let one = |words, status, body: &str| vec![answer(words, status, body)];
    let no_token = || failure(TOKEN, FailureKind::Unreachable);
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("gateway", way("off"), vec![], Skipped, "switched off in the settings"),
        ("gateway", way("classic"), vec![], Skipped, "through the classic API"),
        ("gateway", way("gateway"), vec![], Passed, "https://gateway.qg3.apps.qualys.com answers, and gives out a token."),
        ("gateway", way("auto"), vec![], Passed, "gives out a token"),
        ("gateway", private(), vec![], Skipped, "only the setting Gateway URL can tell"),
        ("gateway", way("gateway"), vec![no_token()], Warned, "Check that https://gateway.qg3.apps.qualys.com can be reached from here"),
        ("gateway", way("auto"), one(TOKEN, 401, "{}"), Warned, "ask Qualys support to let it use the gateway"),
        ("gateway", way("auto"), one(TOKEN, 403, ""), Warned, "ask Qualys support to let it use the gateway"),
        ("gateway", way("auto"), one(TOKEN, 404, ""), Warned, "is no Qualys gateway"),
        ("gateway", way("auto"), one(TOKEN, 429, ""), Warned, "used up until"),
        ("gateway", way("auto"), one(TOKEN, 200, "<html>Sign in</html>"), Warned, "not asked for (status 200). Check the setting Gateway URL"),
        ("gateway", way("gateway"), one(TOKEN, 204, ""), Warned, "not asked for (status 204). Check the setting Gateway URL"),
        ("gateway", way("auto"), one(TOKEN, 302, ""), Warned, "Check the setting Gateway URL: https://gateway.qg3.apps.qualys.com is no Qualys gateway."),
        ("compliance", way("gateway"), one(POLICIES, 302, ""), Warned, "Check the setting Gateway URL"),
        ("compliance", way("classic"), one(CLASSIC, 302, ""), Warned, "Check the API server's address"),
        ("compliance", way("auto"), one(TOKEN, 200, "<html>Sign in</html>"), Passed, "the automatic choice where the gateway gives no token"),
        ("compliance", way("gateway"), one(TOKEN, 204, ""), Skipped, "The gateway gave no token."),
        ("gateway", way("auto"), one(HOSTS, 401, &returned(2000)), Skipped, "The sign-in was refused"),
        ("compliance", way("off"), vec![], Skipped, "switched off in the settings"),
        ("compliance", way("classic"), vec![], Passed, "The account sees policies through the classic API."),
        ("compliance", way("classic"), one(CLASSIC, 200, &classic("")), Warned, "sees no active policies"),
        ("compliance", way("classic"), one(CLASSIC, 403, &returned(2012)), Warned, "module Policy Compliance"),
        ("compliance", way("classic"), one(CLASSIC, 400, &returned(1905)), Warned, "module Policy Compliance"),
        ("compliance", way("classic"), one(CLASSIC, 409, &returned(1965)), Warned, "used up until"),
        ("compliance", way("gateway"), vec![], Passed, "The gateway shows 1 active policy."),
        ("compliance", way("gateway"), one(POLICIES, 204, ""), Warned, "sees no active policies"),
        ("compliance", way("gateway"), one(POLICIES, 403, ""), Warned, "module Policy Compliance"),
        ("compliance", way("gateway"), one(POLICIES, 429, ""), Warned, "used up until"),
        ("compliance", way("gateway"), one(POLICIES, 404, ""), Warned, "does not exist (status 404). Set api_generation to current"),
        ("compliance", json!({"api_generation": "current"}), one("/pcrs/2.0/posture/policy/list Bearer", 404, ""), Warned, "Set api_generation to auto"),
        ("compliance", way("classic"), one(CLASSIC, 404, ""), Warned, "through the gateway, or switch it off"),
        ("compliance", way("gateway"), vec![no_token()], Skipped, "The gateway gave no token."),
        ("compliance", way("auto"), vec![], Passed, "The gateway shows 1 active policy."),
        ("compliance", way("auto"), one(POLICIES, 401, ""), Warned, "The automatic choice goes on with the classic API"),
        ("compliance", way("auto"), vec![no_token()], Passed, "the automatic choice where the gateway gives no token"),
        ("compliance", way("auto"), vec![no_token(), answer(CLASSIC, 403, returned(2012))], Warned, "module Policy Compliance"),
        ("compliance", private(), vec![], Passed, "through the classic API"),
        ("compliance", way("auto"), one(HOSTS, 401, &returned(2000)), Skipped, "The sign-in was refused"),
    ];
    run_cases(cases);
}

#[test]
fn what_was_retired_is_told_apart_from_what_was_never_there() {
    let version = |version: &str| json!({"api_generation": version});
    let gone = |words| vec![answer(words, 410, "")];
    let missing = |words: [&'static str; 2]| words.map(|words| answer(words, 404, "")).to_vec();
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("api-version", none(), vec![], Passed, "Served: host list 2.0, detections 2.0, knowledge base 2.0."),
        ("api-version", version("current"), vec![], Passed, "Served: host list 5.0, detections 5.0, knowledge base 4.0."),
        ("api-version", none(), gone(DETECTIONS), Warned, "version 2.0 of the detections is retired, so version 5.0 is asked"),
        ("api-version", none(), [gone(DETECTIONS), gone("/api/5.0/")].concat(), Failed, "neither version 2.0 nor 5.0 of the detections"),
        ("api-version", version("2.0"), gone(DETECTIONS), Failed, "version 2.0 of the detections is retired. Set api_generation"),
        ("api-version", version("current"), gone("/api/5.0/fo/asset/host/vm"), Failed, "has no version 5.0 of the detections. Set api_generation"),
        ("api-version", none(), vec![failure(HOSTS, FailureKind::Unreachable)], Skipped, "Nothing answered"),
        ("api-version", none(), missing([HOSTS, "/api/5.0/fo/asset/host/?"]), Failed, "neither version 2.0 nor 5.0 of the host list"),
        ("api-version", none(), gone(POLICIES), Warned, "version 1.0 of the gateway's list of policies is not there any more. Set api_generation to current"),
        ("api-version", version("current"), gone("/pcrs/2.0/posture/policy/list Bearer"), Passed, "Served: host list 5.0"),
        ("hosts", none(), vec![answer(HOSTS, 404, "").header("x-ratelimit-towait-sec", "1000")], Warned, "host list 2.0 is not served. A sync goes on with another version, by itself"),
        ("detections", none(), gone(DETECTIONS), Passed, "may read detections"),
        ("detections", version("2.0"), gone(DETECTIONS), Failed, "version 2.0 of the detections is retired"),
        ("knowledge-base", version("2.0"), gone(KNOWLEDGE), Failed, "version 2.0 of the knowledge base is retired"),
        ("knowledge-base", none(), [gone(DETECTIONS), gone(KNOWLEDGE), gone("/api/4.0/")].concat(), Failed, "neither version 2.0 nor 4.0 of the knowledge base"),
        ("knowledge-base", none(), gone(HOSTS), Passed, "may read the knowledge base"),
        ("knowledge-base", none(), [gone(HOSTS), gone("/api/4.0/")].concat(), Warned, "knowledge base 4.0 is not served. A sync goes on with another version, by itself"),
        ("hosts", none(), gone(HOSTS), Passed, "sees hosts"),
        ("hosts", version("2.0"), gone(HOSTS), Failed, "version 2.0 of the host list is retired"),
        ("sign-in", version("2.0"), gone(HOSTS), Passed, "is signed in"),
    ];
    run_cases(cases);
}

#[test]
fn what_will_end_is_told_from_the_day_it_is_no_longer_supported() {
    for (way, generation, time, status) in [
        ("gateway", "2.0", "2026-10-31T23:59:59Z", Passed),
        ("gateway", "2.0", "2026-11-01T00:00:00Z", Warned),
        ("gateway", "current", "2026-11-01T00:00:00Z", Passed),
        ("classic", "2.0", "2026-11-01T00:00:00Z", Passed),
    ] {
        let world = Script::new(7, otherwise_well(vec![]));
        world.now.set(crate::map::time::seconds(time).unwrap());
        let version =
            check(&run(&world, &settings(json!({"compliance": way, "api_generation": generation}))), "api-version");
        assert_eq!(version.status, status, "{way} {generation} {time}: {version:?}");
    }
}
