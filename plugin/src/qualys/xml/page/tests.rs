//! How much of an answer is held, and how often it is looked at.

use super::*;
use crate::qualys::host_list::HostList;

const START: &str = "<HOST_LIST_OUTPUT><RESPONSE><HOST_LIST>";

#[test]
fn a_large_record_in_small_pieces_is_looked_at_only_when_the_window_has_doubled() {
    let body = format!("{START}<HOST><OS>{}</OS></HOST>", "x".repeat(100_000));
    let (mut page, mut hosts, mut looks) = (Page::<HostList>::new(), 0, 0);
    for piece in body.as_bytes().chunks(1) {
        looks += u32::from(page.window.len() + 1 >= page.awake);
        page.feed(piece, &mut |_| hosts += 1).unwrap();
    }
    let looks_for_the_start = u32::try_from(START.len()).unwrap();
    assert!(looks < looks_for_the_start + 40, "{looks} looks");
    page.close(&mut |_| hosts += 1).unwrap_err();
    assert_eq!(hosts, 1);
}

#[test]
fn nothing_is_held_that_will_not_be_read() {
    let piece = "x ".repeat(1 << 15);
    let cases = [
        ("text between records", START.into(), 0),
        ("text of what nobody asked for", format!("{START}<X>"), 0),
        ("a request", "<HOST_LIST_OUTPUT><REQUEST><POST_DATA>".into(), 0),
        ("behind the root", "<HOST_LIST_OUTPUT></HOST_LIST_OUTPUT>".into(), 0),
        ("behind a broken record", format!("{START}<HOST></X>"), 0),
        ("CDATA behind a broken record", format!("{START}<HOST></X><![CDATA["), 0),
        ("a record that is too large", format!("{START}<HOST><OS>"), RECORD_BYTES_MAX),
        ("its CDATA", format!("{START}<HOST><OS><![CDATA["), RECORD_BYTES_MAX),
    ];
    for (case, start, held_max) in cases {
        let mut page = Page::<HostList>::new();
        page.feed(start.as_bytes(), &mut |_| ()).unwrap();
        for _ in 0..RECORD_BYTES_MAX / piece.len() + 2 {
            page.feed(piece.as_bytes(), &mut |_| ()).unwrap();
            assert!(page.window.len() <= held_max + piece.len(), "{case}: {}", page.window.len());
        }
        assert!(page.window.len() < 3, "{case}: {} in the end", page.window.len());
    }
    let mut page = Page::<HostList>::new();
    page.feed(format!("{START}<!--").as_bytes(), &mut |_| ()).unwrap();
    let fault = (0..RECORD_BYTES_MAX / piece.len() + 1).find_map(|_| page.feed(piece.as_bytes(), &mut |_| ()).err());
    assert_eq!(fault, Some(Fault::Malformed("a tag inside HOST_LIST cannot be read".into())), "an endless comment");
}
