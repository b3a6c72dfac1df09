//! The vendor's HTML as plain text, and the links in it.
//!
//! Written by hand, because no crate did it rightly for its weight in the component:
//! nanohtml2text (75 kB) leaves tags and entities inside `<PRE>`, ends lines with CRLF, hides list items and gives no links,
//! html5gum (290 kB) and html2text (643 kB) are right and large.
//! It does not render: scripts and styles are text like any other, since a knowledge base only quotes them.

mod page;
mod token;

use super::entity::decoded;
use page::Page;
use std::borrow::Cow;
use token::{Token, Tokens, attribute};

/// The text: paragraphs with an empty line between, entities decoded, list items as `- item`,
/// links as `text (target)`, or the target alone where the text says the same.
pub fn text(html: &str) -> String {
    let mut page = Page::default();
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => page.text(&twice_decoded(text)),
            Token::Open { name, attributes } if name.eq_ignore_ascii_case("a") => page.link(target(attributes)),
            Token::Open { name, .. } => page.open(&name.to_ascii_lowercase()),
            Token::Close { name } => page.close(&name.to_ascii_lowercase()),
        }
    }
    page.end()
}

/// The targets of the links, in order, each once.
pub fn links(html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for token in Tokens::of(html) {
        if let Token::Open { name, attributes } = token
            && name.eq_ignore_ascii_case("a")
            && let Some(link) = target(attributes)
            && !links.contains(&link)
        {
            links.push(link);
        }
    }
    links
}

/// Where a link leads; absent when it leads nowhere, such as `#top`.
fn target(attributes: &str) -> Option<String> {
    let value = twice_decoded(attribute(attributes, "href")?);
    // Line breaks inside are the vendor's pretty-printing, and quotes around were escaped once more.
    let target: String = value.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    let target = target.trim().trim_matches(['"', '\'']).trim();
    let scheme = target.get(..11).unwrap_or_default();
    let nowhere = target.is_empty() || target.starts_with('#') || scheme.eq_ignore_ascii_case("javascript:");
    (!nowhere).then(|| target.into())
}

/// The vendor often escapes once more what was escaped already: `&amp;quot;`.
fn twice_decoded(text: &str) -> Cow<'_, str> {
    match decoded(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text),
        Cow::Owned(text) => Cow::Owned(decoded(&text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html_becomes_plain_text() {
        let cases = [
            ("", ""),
            (" \n<P> <BR>", ""),
            ("plain text", "plain text"),
            ("a\n  b\tc", "a b c"),
            ("one<P>two", "one\n\ntwo"),
            ("one<p>two</p>\n<p class=\"x\">three</p>", "one\n\ntwo\n\nthree"),
            ("one<BR>two<br/>three<BR />four", "one\ntwo\nthree\nfour"),
            ("one<BR><BR>two", "one\n\ntwo"),
            ("one<BR>\n<BR>\n<P><BR>two", "one\n\ntwo"),
            ("<P>Patch:<BR>\nFollowing are links", "Patch:\nFollowing are links"),
            ("list<UL><LI>one</LI>\n<LI> two</LI></UL>after", "list\n- one\n- two\nafter"),
            ("<OL><LI>one<LI><P>two</OL>", "- one\n\n- two"),
            ("<TABLE><TR><TD>a</TD><TD>b</TD></TR><TR><TD>c</TD></TR></TABLE>", "a b\nc"),
            ("<H2>Head</H2>body<HR>end", "Head\n\nbody\n\nend"),
            ("<DL><DT>term<DD>meaning</DL>", "term\nmeaning"),
            ("a <B>bold</B>, <I>slanted</I>.", "a bold, slanted."),
            ("run<PRE>  rpm &quot;-qa&quot;\n\n    <B>x</B></PRE>then", "run\n\n  rpm \"-qa\"\n\n    x\n\nthen"),
            ("<PRE>\n  x\n y</PRE>", "x\n y"),
            ("see &quot;rpm -qa&quot; &amp; more", "see \"rpm -qa\" & more"),
            ("escaped &amp;quot;once more&amp;quot;", "escaped \"once more\""),
            ("&lt;P&gt; is a tag", "<P> is a tag"),
            ("a&nbsp;&nbsp;b", "a b"),
            ("versions < 5.0 and > 3", "versions < 5.0 and > 3"),
            ("a<b and c", "a<b and c"),
            ("if x <y and <B>bold</B>", "if x <y and bold"),
            ("<!-- hidden > -->shown<!DOCTYPE x><?xml y?>", "shown"),
            ("cut <!-- comment", "cut <!-- comment"),
            ("cut <A HREF=\"http://a.example", "cut <A HREF=\"http://a.example"),
            ("<IMG ALT=\"a>b\" SRC=x>after", "after"),
            ("< >, <>, </>, <3", "< >, <>, </>, <3"),
        ];
        for (html, wanted) in cases {
            assert_eq!(text(html), wanted, "{html:?}");
        }
    }

    #[test]
    fn links_are_readable() {
        let cases = [
            (
                r#"Refer to <A HREF="http://a.example" TARGET="_blank">A 1</A> for"#,
                "Refer to A 1 (http://a.example) for",
            ),
            (r#"<A HREF="http://a.example">http://a.example</A>"#, "http://a.example"),
            (r#"<A HREF="http://a.example"></A>."#, "http://a.example."),
            (r#"<A HREF="http://a.example"> spaced </A>!"#, "spaced (http://a.example) !"),
            (r#"see <A HREF="http://a.example"><B>bold</B><BR></A>next"#, "see bold (http://a.example)\nnext"),
            (r#"<A NAME="top">anchor</A>"#, "anchor"),
            (r##"<A HREF="#top">up</A>"##, "up"),
            (r#"<A HREF="JavaScript:go()">go</A>"#, "go"),
            (
                r#"<A HREF=http://a.example>one<A HREF=http://b.example>two"#,
                "one (http://a.example)two (http://b.example)",
            ),
            (r#"<UL><LI><A HREF="http://a.example">A</A></UL>"#, "- A (http://a.example)"),
            (r#"</A>stray"#, "stray"),
        ];
        for (html, wanted) in cases {
            assert_eq!(text(html), wanted, "{html:?}");
        }
    }

    #[test]
    fn links_are_found_in_order_and_once() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (
                r#"<A HREF="http://b.example">b</A> <a href='http://a.example'>a</a>"#,
                &["http://b.example", "http://a.example"],
            ),
            (r#"<A HREF="http://a.example">1</A><A HREF="http://a.example">2</A>"#, &["http://a.example"]),
            ("<A HREF=http://a.example/>bare</A>", &["http://a.example/"]),
            ("<A TARGET=_blank HREF = http://a.example>bare</A>", &["http://a.example"]),
            (r#"<A HREF="http://a.example/?a=1&amp;b=2">x</A>"#, &["http://a.example/?a=1&b=2"]),
            (r#"<A HREF="http://a.example/?a=1&amp;amp;b=2">x</A>"#, &["http://a.example/?a=1&b=2"]),
            (r#"<A HREF="http://a.example/?a=1&b=2">x</A>"#, &["http://a.example/?a=1&b=2"]),
            ("<A HREF=&quot;http://a.example&quot;>x</A>", &["http://a.example"]),
            ("<A\nHREF=\" http://a.example/\n  b \">x</A>", &["http://a.example/  b"]),
            (r#"<A TITLE="1>2" HREF="http://a.example">x</A>"#, &["http://a.example"]),
            (r#"<A HREF="http://a.example"TARGET="_blank">x</A>"#, &["http://a.example"]),
            (r##"<A HREF="">x</A><A HREF>x</A><A HREF="#x">x</A><A HREF="javascript:x()">x</A>"##, &[]),
            (r#"<AREA HREF="http://a.example"><LINK HREF="http://b.example"> HREF="http://c.example""#, &[]),
            (r#"<!-- <A HREF="http://a.example">x</A> -->"#, &[]),
            (r#"<A DATA-HREF="http://b.example" HREF="http://a.example">x</A>"#, &["http://a.example"]),
            (r#"<A HREF="mailto:security@vendor.example">mail</A>"#, &["mailto:security@vendor.example"]),
        ];
        for (html, wanted) in cases {
            assert_eq!(links(html), *wanted, "{html:?}");
        }
    }

    proptest! {
        #[test]
        fn no_html_is_too_odd(html in r#"(<|</|>|<!--|-->|[a-z]{1,3}|<A |HREF|=|"|'|<P>|<LI>|<PRE>|</PRE>|&|;|\n| |\PC){0,60}"#) {
            let text = text(&html);
            prop_assert_eq!(text.trim_end(), &text);
            for link in links(&html) {
                prop_assert!(!link.is_empty());
            }
        }
    }
}
