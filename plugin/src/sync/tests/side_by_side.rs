//! How many calls for detections run at once: as many as the subscription type promises, then as live headers allow.

use super::*;

/// The most calls for detections at once, in a sync of thirty hosts with one on a page.
fn most_at_once(subscription: &'static str, limit: Option<&'static str>) -> usize {
    let hosts: Vec<u64> = (1..=30).collect();
    let script = Script::made(1 << 16, move |sent| {
        let whole = match sent {
            _ if sent.contains("/vm/detection/") => answer("", 200, detection_page(&[])),
            _ => {
                let first = value(sent, "id_min").unwrap_or(1);
                let next = Some(first + 1).filter(|next| hosts.contains(next));
                answer("", 200, host_page(&[first], next))
            }
        };
        limit.into_iter().fold(whole, |whole, limit| whole.header("x-concurrency-limit-limit", limit))
    });
    script.watched.set(Some("/vm/detection/"));
    let changes = json!({"slice_hosts": 1, "compliance": "off", "subscription_type": subscription});
    assert_eq!(run(&script, &settings(changes), &request(None)).ended, Ended::Complete);
    script.most_at_once.get()
}

#[test]
fn calls_run_side_by_side_as_live_headers_allow() {
    #[rustfmt::skip]
    let cases = [
        ("express-consultant", None,       1),
        ("standard",           None,       2),
        ("premium",            None,       10),
        ("express-consultant", Some("7"),  7),
        ("standard",           Some("12"), 12),
        ("premium",            Some("1"),  10),
        ("standard",           Some("99"), 20),
        ("standard",           Some("x"),  2),
    ];
    for (subscription, limit, most) in cases {
        assert_eq!(most_at_once(subscription, limit), most, "{subscription}, headers say {limit:?}");
    }
}
