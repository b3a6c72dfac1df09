//! Redaction of texts that come in pieces.

use super::*;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

const PASSWORD: &str = "p& \"ss/w\u{f6}rd+1";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhY21lM2pkMSIsIm4iOjF9.c2lnbmF0dXJlLW9mLXRva2Vu";

fn redaction() -> Redaction {
    let redaction = Redaction::default();
    redaction.add("password", PASSWORD, "not-a-real-password").unwrap();
    redaction.add("the account", "acme3jd1", "recorded").unwrap();
    redaction.add_answer("a kept answer", TOKEN, "not-a-real-answer").unwrap();
    redaction
}

fn pass(redaction: &Redaction, text: &[u8], sizes: &[usize]) -> Vec<u8> {
    let (mut stream, mut rest, mut clean) = (redaction.stream(), text, Vec::new());
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(rest.len(), |size| *size).min(rest.len());
        clean.extend(stream.piece(&rest[..size]));
        rest = &rest[size..];
    }
    clean.extend(stream.end());
    clean
}

#[test]
fn every_form_of_an_original_is_replaced_by_the_same_form_of_what_was_made_up() {
    let redaction = redaction();
    let made_up = "not-a-real-password0";
    for (case, text, expected) in [
        ("plain", format!("<a>{PASSWORD}</a>"), format!("<a>{made_up}</a>")),
        ("a form", "a=p%26+%22ss%2Fw%C3%B6rd%2B1&b=2".into(), format!("a={made_up}&b=2")),
        ("JSON", "{\"a\":\"p& \\\"ss/w\\u00f6rd+1\"}".into(), format!("{{\"a\":\"{made_up}\"}}")),
        ("XML", "<a b='p&amp; &quot;ss/w\u{f6}rd+1'/>".into(), format!("<a b='{made_up}'/>")),
        ("the account", "launched by acme3jd1".into(), "launched by recorded".into()),
        ("a token", format!("{{\"token\":\"{TOKEN}\"}}"), "{\"token\":\"not-a-real-answer0\"}".into()),
        ("a part of a token", "x eyJzdWIiOiJhY21lM2pkMSIsIm4iOjF9 y".into(), "x not-a-real-answer y".into()),
        ("nothing", "p& \"ss/w acme3jd eyJhbGciOiJIUz".into(), "p& \"ss/w acme3jd eyJhbGciOiJIUz".into()),
    ] {
        for size in 1..=text.len() {
            let clean = pass(&redaction, text.as_bytes(), &[size]);
            assert_eq!(String::from_utf8_lossy(&clean), expected, "{case} in pieces of {size}");
        }
    }
}

#[test]
fn what_stands_around_an_original_in_base64_keeps_its_meaning() {
    let redaction = redaction();
    for before in ["", "a", "ab", "abc"] {
        let inner = format!("{before}|acme3jd1|the rest of it");
        let clean = redaction.bytes(BASE64_STANDARD.encode(&inner).as_bytes());
        let decoded = BASE64_STANDARD.decode(&clean).unwrap();
        let decoded = String::from_utf8_lossy(&decoded);
        assert!(!decoded.contains("acme3jd1"), "{decoded}");
        assert!(decoded.starts_with(before) && decoded.ends_with("the rest of it"), "{before:?}: {decoded}");
    }
    let claims = BASE64_URL_SAFE_NO_PAD.encode("{\"sub\":\"acme3jd1\"}");
    assert!(redaction.scan().unwrap().find(claims.as_bytes()).is_some());
    assert!(redaction.scan().unwrap().find(&redaction.bytes(claims.as_bytes())).is_none());
}

#[test]
fn what_is_added_later_counts_from_then_on() {
    let redaction = Redaction::default();
    let mut stream = redaction.stream();
    let mut clean = stream.piece(b"sesame-1 ");
    redaction.add("one", "sesame-1", "made-up").unwrap();
    clean.extend(stream.piece(b"sesame-1 sesa"));
    redaction.add("two", "sesame-2", "another").unwrap();
    clean.extend(stream.piece(b"me-2"));
    clean.extend(stream.end());
    assert_eq!(clean, b"sesame-1 made-up0 another0".to_vec());
}

#[test]
fn what_is_everywhere_is_refused_and_what_is_made_up_hides_nobody() {
    let redaction = Redaction::default();
    let error = redaction.add("the secret `pin`", "123", "x").unwrap_err();
    let expected = "the secret `pin` is shorter than 5 bytes, and would be found in every text by chance";
    assert_eq!(error.to_string(), expected);
    assert!(redaction.scan().is_none());
    assert_eq!(redaction.text("123"), "123");
    redaction.add("a secret made up before", "not-a-real-pin00", "not-a-real-pin").unwrap();
    assert!(redaction.scan().is_none());
}

#[test]
fn a_writer_holds_back_what_may_be_an_original() {
    let redaction = redaction();
    let mut writer = RedactingWriter::new(&redaction, Vec::new());
    writer.write_all(b"by acme3").unwrap();
    assert!(!writer.to.ends_with(b"acme3"));
    writer.write_all(b"jd1").unwrap();
    assert_eq!(writer.end().unwrap(), b"by recorded");
}

/// Originals share no letter with what stands in their place, so that none can come about by chance.
fn original() -> impl Strategy<Value = String> {
    "[PQ&<\"/ \u{f6}]{5,9}"
}

proptest! {
    #[test]
    fn no_form_of_an_original_passes_wherever_pieces_end(
        originals in proptest::collection::vec(original(), 1..4),
        parts in proptest::collection::vec((0..6usize, any::<proptest::sample::Index>(), "[xPQ&]{0,3}"), 0..8),
        sizes in proptest::collection::vec(1..40usize, 1..5),
    ) {
        let redaction = Redaction::default();
        for original in &originals {
            redaction.add("it", original, "zzzzz").unwrap();
        }
        let text: String = parts.iter().map(|(form, index, between)| {
            let original = index.get(&originals);
            let forms: Vec<_> = spelling::pairs(original, "").into_keys().collect();
            String::from_utf8_lossy(&forms[form % forms.len()]).into_owned() + between
        }).collect();
        let whole = redaction.bytes(text.as_bytes());
        prop_assert_eq!(&pass(&redaction, text.as_bytes(), &sizes), &whole);
        let found = redaction.scan().and_then(|scan| scan.find(&whole).map(str::to_owned));
        prop_assert_eq!(found, None, "{} became {}", text, String::from_utf8_lossy(&whole));
    }
}
