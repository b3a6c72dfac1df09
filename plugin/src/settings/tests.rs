//! Every field, right and wrong.

use super::*;
use crate::bindings::connector::contract::problems::ProblemKind;
use serde_json::{Map, Value, json};

/// Settings with nothing but what must be filled in, changed by `changes`; null takes a field away.
fn parse(changes: Value) -> Result<Settings, Vec<Problem>> {
    let mut given = json!({
        "api_server": "https://qualysapi.qg3.apps.qualys.com",
        "username": "acme3jd1",
        "password": {"secret": true},
    });
    let fields = given.as_object_mut().expect("it is an object");
    fields.extend(changes.as_object().cloned().expect("changes are an object"));
    Settings::parse(&given.to_string())
}

/// Code and field of every problem.
fn found(result: Result<Settings, Vec<Problem>>) -> Vec<(String, String)> {
    let problems = result.err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.code, problem.field.unwrap_or_default())).collect()
}

#[test]
fn what_is_left_empty_has_its_default() {
    let settings = parse(json!({})).expect("the required fields are enough");
    let expected = Settings {
        api: Address { scheme: "https", host: "qualysapi.qg3.apps.qualys.com".into(), port: 443 },
        gateway: Some(Address { scheme: "https", host: "gateway.qg3.apps.qualys.com".into(), port: 443 }),
        username: "acme3jd1".into(),
        kernel_filter: KernelFilter::NotFiltered,
        subscription: Subscription::Standard,
        compliance: Compliance::Auto,
        inactive_after_days: 30,
        api_generation: ApiGeneration::Auto,
        slice_hosts: 1_000,
        evidence_bytes_max: 32_768,
        severities: BTreeSet::from([1, 2, 3, 4, 5]),
        reserve_percent: 10,
    };
    assert_eq!(settings, expected);
}

#[test]
fn every_field_of_the_schema_is_read() {
    let schema: Value = serde_json::from_str(schema::TEXT).expect("the schema is JSON");
    let fields = schema["properties"].as_object().expect("the schema has properties");
    let wrong: Map<_, _> = fields.keys().map(|name| (name.clone(), json!({"wrong": 1}))).collect();
    let mut complained: Vec<_> = found(parse(wrong.into())).into_iter().map(|(_, field)| field).collect();
    complained.sort();
    let mut all: Vec<_> = fields.keys().map(|name| format!("/{name}")).collect();
    all.sort();
    assert_eq!(complained, all, "a wrong value in a field must be found, once");
}

#[test]
fn each_wrong_value_is_told_by_field_and_code() {
    for (changes, code, field) in [
        (json!({"api_server": null}), "settings.missing", "/api_server"),
        (json!({"api_server": "  "}), "settings.missing", "/api_server"),
        (json!({"api_server": 7}), "settings.type", "/api_server"),
        (json!({"api_server": "a b"}), "settings.url", "/api_server"),
        (json!({"api_server": "qualysapi.example.com/api"}), "settings.url", "/api_server"),
        (json!({"api_server": "http://qualysapi.example.com"}), "settings.url", "/api_server"),
        (json!({"api_server": "qualysguard.example.com/fo/login.php"}), "settings.console-url", "/api_server"),
        (json!({"api_server": "gateway.example.com"}), "settings.gateway-url", "/api_server"),
        (json!({"gateway": "qualysapi.example.com"}), "settings.api-url", "/gateway"),
        (json!({"gateway": "qualysguard.example.com"}), "settings.console-url", "/gateway"),
        (json!({"gateway": "gateway.example.com/auth"}), "settings.url", "/gateway"),
        (json!({"gateway": "gateway.example.com/auth", "compliance": "off"}), "settings.url", "/gateway"),
        (json!({"api_server": "vm.example.com", "compliance": "gateway"}), "settings.gateway-unknown", "/gateway"),
        (json!({"username": null}), "settings.missing", "/username"),
        (json!({"username": "me:secret"}), "settings.username", "/username"),
        (json!({"username": "me\u{7}"}), "settings.username", "/username"),
        (json!({"password": null}), "settings.missing", "/password"),
        (json!({"password": "plain"}), "settings.secret", "/password"),
        (json!({"password": {"secret": false}}), "settings.secret", "/password"),
        (json!({"arf_kernel_filter": "4"}), "settings.choice", "/arf_kernel_filter"),
        (json!({"subscription_type": "trial"}), "settings.choice", "/subscription_type"),
        (json!({"compliance": true}), "settings.choice", "/compliance"),
        (json!({"api_generation": "3.0"}), "settings.choice", "/api_generation"),
        (json!({"inactive_after_days": -1}), "settings.type", "/inactive_after_days"),
        (json!({"inactive_after_days": 1.5}), "settings.type", "/inactive_after_days"),
        (json!({"inactive_after_days": 3651}), "settings.range", "/inactive_after_days"),
        (json!({"slice_hosts": 0}), "settings.range", "/slice_hosts"),
        (json!({"slice_hosts": 10_001}), "settings.range", "/slice_hosts"),
        (json!({"slice_hosts": 4_294_967_297_u64}), "settings.range", "/slice_hosts"),
        (json!({"evidence_bytes_max": 32_769}), "settings.range", "/evidence_bytes_max"),
        (json!({"reserve_percent": 91}), "settings.range", "/reserve_percent"),
        (json!({"severities": []}), "settings.missing", "/severities"),
        (json!({"severities": [3, 6]}), "settings.range", "/severities"),
        (json!({"severities": ["3"]}), "settings.type", "/severities"),
        (json!({"severities": 3}), "settings.type", "/severities"),
        (json!({"co/lo~ur": "red"}), "settings.unknown", "/co~1lo~0ur"),
    ] {
        assert_eq!(found(parse(changes.clone())), [(code.to_string(), field.to_string())], "{changes}");
    }
}

#[test]
fn a_whole_number_may_be_written_with_a_point() {
    let settings = parse(json!({"inactive_after_days": 7.0, "severities": [5.0, 4, 4]})).expect("they are whole");
    assert_eq!((settings.inactive_after_days, settings.severities), (7, BTreeSet::from([4, 5])));
}

#[test]
fn all_problems_are_told_at_once() {
    let problems = found(parse(json!({"api_server": "", "username": "", "password": null, "slice_hosts": 0})));
    let fields: Vec<_> = problems.iter().map(|(_, field)| field.as_str()).collect();
    assert_eq!(fields, ["/api_server", "/username", "/password", "/slice_hosts"]);
}

#[test]
fn what_is_no_object_is_one_problem_without_a_field() {
    for json in ["", "{", "[]", "null", "\"text\"", "{\"username\": \"a\"} x"] {
        assert_eq!(found(Settings::parse(json)), [("settings.json".to_string(), String::new())], "{json}");
    }
}

#[test]
fn the_hint_names_the_address_to_use() {
    for (changes, address) in [
        (json!({"api_server": "https://qualysguard.qualys.com/fo/login.php"}), "https://qualysapi.qualys.com"),
        (json!({"api_server": "qualysguard.qg2.apps.qualys.eu"}), "https://qualysapi.qg2.apps.qualys.eu"),
        (json!({"api_server": "gateway.qg1.apps.qualys.eu"}), "https://qualysapi.qualys.eu"),
        (json!({"api_server": "gateway.qg1.apps.qualys.in"}), "https://qualysapi.qg1.apps.qualys.in"),
        (json!({"api_server": "http://qualysapi.qualys.com/api/2.0/fo/"}), "https://qualysapi.qualys.com"),
        (json!({"api_server": "https://me:hidden@qualysapi.qualys.com/"}), "https://qualysapi.qualys.com"),
        (json!({"gateway": "qualysapi.qualys.com"}), "https://gateway.qg1.apps.qualys.com"),
        (json!({"gateway": "qualysguard.qg4.apps.qualys.com"}), "https://gateway.qg4.apps.qualys.com"),
    ] {
        let problems = parse(changes.clone()).expect_err("the address is wrong");
        let hint = problems[0].hint.clone().unwrap_or_default();
        assert!(hint.ends_with(&format!(": {address}")), "{changes}: {hint}");
        assert!(!format!("{problems:?}").contains("hidden"), "{changes}: {problems:?}");
    }
}

#[test]
fn a_problem_reads_well_and_repeats_no_value() {
    let changes = json!({"api_server": "a b", "username": "x:hidden", "password": "hidden", "slice_hosts": "hidden",
                         "compliance": "hidden", "severities": ["hidden"], "gateway": "hidden@/"});
    let problems = parse(changes).expect_err("nearly everything is wrong");
    assert_eq!(problems.len(), 7, "{problems:?}");
    for problem in problems {
        assert_eq!(problem.kind, ProblemKind::Settings, "{problem:?}");
        assert!(
            problem.message.starts_with("reading the settings: ") && !problem.message.ends_with('.'),
            "{problem:?}"
        );
        assert!(problem.hint.as_ref().is_some_and(|hint| hint.starts_with(char::is_uppercase)), "{problem:?}");
        assert!(!format!("{problem:?}").contains("hidden"), "{problem:?}");
    }
}

#[test]
fn the_gateway_is_given_or_derived_and_only_where_compliance_uses_it() {
    for (api, given, compliance, gateway) in [
        ("qualysapi.qualys.com", json!(null), "auto", Some("https://gateway.qg1.apps.qualys.com:443")),
        ("qualysapi.qualys.eu", json!(null), "gateway", Some("https://gateway.qg1.apps.qualys.eu:443")),
        ("qualysapi.example.com:8443", json!(null), "auto", Some("https://gateway.example.com:8443")),
        ("qualysapi.qualys.com", json!("gw.example.com"), "auto", Some("https://gw.example.com:443")),
        ("vm.example.com", json!("gw.example.com/"), "gateway", Some("https://gw.example.com:443")),
        ("vm.example.com", json!(null), "auto", None),
        ("vm.example.com", json!(null), "classic", None),
        ("qualysapi.qualys.com", json!(null), "classic", None),
        ("qualysapi.qualys.com", json!("gw.example.com"), "off", None),
    ] {
        let settings = parse(json!({"api_server": api, "gateway": given, "compliance": compliance}));
        let found = settings.unwrap_or_else(|problems| panic!("{api} {given}: {problems:?}")).gateway;
        assert_eq!(found.map(|found| found.origin()).as_deref(), gateway, "{api} {given} {compliance}");
    }
}

#[test]
fn a_missing_gateway_is_no_second_problem_beside_a_wrong_api_server() {
    let problems = found(parse(json!({"api_server": "a b", "compliance": "gateway"})));
    assert_eq!(problems, [("settings.url".to_string(), "/api_server".to_string())]);
}
