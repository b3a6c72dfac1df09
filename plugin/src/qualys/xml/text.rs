//! The text of an element: what stands in it as text, CDATA and references, one after the other.
//!
//! CDATA is literal; an unknown entity stays as it is written, because no DTD is ever read.

use super::super::Text;
use super::clean::is_legal;
use super::tokens::{Stop, Token, Tokens};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesRef;
use std::borrow::Cow;

impl<'w> Tokens<'w> {
    /// Reads the text of the element `name`, whose start tag was just read; children in it are skipped.
    ///
    /// It borrows from the window when one stretch of text or CDATA filled the element.
    pub fn text(&mut self, name: &[u8]) -> Result<Text<'w>, Stop> {
        if let Some(text) = self.plain_text(name) {
            return Ok(trimmed(Cow::Borrowed(text)));
        }
        let mut text = Cow::Borrowed("");
        loop {
            let more = match self.token()? {
                Token::Cdata(whole) if text.trim_ascii_start().is_empty() => {
                    text = Cow::Borrowed(whole);
                    if self.plain_end(name) {
                        return Ok(trimmed(text));
                    }
                    continue;
                }
                Token::Text(more) | Token::Cdata(more) => more,
                Token::Reference(reference) => {
                    resolve(reference, text.to_mut());
                    continue;
                }
                Token::End(end) if end == name => return Ok(trimmed(text)),
                Token::End(_) => return Err(Stop::Garbled),
                Token::Start(child) => {
                    self.skip(child)?;
                    continue;
                }
                _ => continue,
            };
            // Blanks before the text go anyway; this keeps ` <![CDATA[…` borrowed.
            if text.trim_ascii_start().is_empty() {
                text = Cow::Borrowed(more);
            } else {
                text.to_mut().push_str(more);
            }
        }
    }
}

/// Appends what the reference stands for.
fn resolve(reference: &str, text: &mut String) {
    if let Some(resolved) = resolve_predefined_entity(reference) {
        return text.push_str(resolved);
    }
    match BytesRef::new(reference).resolve_char_ref() {
        Ok(Some('\r')) => text.push('\n'),
        Ok(Some(character)) if is_legal(character) => text.push(character),
        Ok(Some(_)) => {}
        // A number that names no character.
        Err(_) => text.push('\u{fffd}'),
        Ok(None) => text.extend(["&", reference, ";"]),
    }
}

fn trimmed(text: Cow<'_, str>) -> Text<'_> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) if text.trim_ascii().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    };
    if text.is_empty() { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(xml: &str) -> Result<Text<'_>, Stop> {
        let mut tokens = Tokens::new(xml, |name, _| name == b"RECORD");
        let name = tokens.root()?;
        tokens.text(name)
    }

    #[test]
    fn a_text_is_decoded_and_borrowed_where_it_can_be() {
        let cases = [
            ("plain", "<A>10.20.30.41</A>", "10.20.30.41", true),
            ("blanks around", "<A>\n  a b\t</A>", "a b", true),
            ("CDATA", "<A><![CDATA[a <b> & c]]></A>", "a <b> & c", true),
            (
                "entities in CDATA",
                "<A><![CDATA[a &amp; &quot;b&quot; &#65;]]></A>",
                "a &amp; &quot;b&quot; &#65;",
                true,
            ),
            ("CDATA in blanks", "<A>\n <![CDATA[ a ]]></A>", "a", true),
            ("CDATA in blanks on both sides", "<A>\n <![CDATA[ a ]]>\n</A>", "a", false),
            ("CDATA in two sections", "<A><![CDATA[a]]]]><![CDATA[>b]]></A>", "a]]>b", false),
            ("text and CDATA", "<A>a <![CDATA[<b>]]> c</A>", "a <b> c", false),
            ("entities", "<A>a &amp;&lt;&gt;&quot;&apos; b</A>", "a &<>\"' b", false),
            ("an escaped entity", "<A>&amp;amp;</A>", "&amp;", false),
            ("character references", "<A>K&#246;ln &#x20AC;</A>", "K\u{f6}ln \u{20ac}", false),
            ("references to illegal characters", "<A>a&#1;&#13;&#xFFFE;b</A>", "a\nb", false),
            ("references to no character", "<A>a&#xD800;&#0;&#;b</A>", "a\u{fffd}\u{fffd}\u{fffd}b", false),
            ("unknown entities", "<A>a&nbsp;b</A>", "a&nbsp;b", false),
            ("ampersands", "<A>R&D && more; &</A>", "R&D && more; &", false),
            ("a comment", "<A>a<!-- & <b> -->b</A>", "ab", false),
            ("an element", "<A>a<B>b<B/></B>c</A>", "ac", false),
        ];
        for (case, xml, expected, is_borrowed) in cases {
            let text = text(xml).unwrap().unwrap();
            assert_eq!(text, expected, "{case}");
            assert_eq!(matches!(text, Cow::Borrowed(_)), is_borrowed, "{case}");
        }
    }

    #[test]
    fn a_text_of_nothing_is_absent() {
        for xml in
            ["<A></A>", "<A/>", "<A a='b' />", "<A>\n </A>", "<A><![CDATA[]]></A>", "<A><!-- a --></A>", "<A>&#32;</A>"]
        {
            assert_eq!(text(xml), Ok(None), "{xml}");
        }
    }

    #[test]
    fn a_text_that_is_cut_is_short_and_one_that_is_mis_nested_is_garbled() {
        let xml = "<A a='b'>a&amp;<!--c--><![CDATA[b]]><B/></A>";
        for cut in 0..xml.len() {
            assert_eq!(text(&xml[..cut]), Err(Stop::Short), "{}", &xml[..cut]);
        }
        for xml in
            ["<A></B>", "<A><B></A>", "<A><RECORD>", "<A><!x>", "<A", "<A <B>", "<A></A<B>", "<A><![CDATE[]]></A>"]
        {
            let expected = if xml == "<A" { Stop::Short } else { Stop::Garbled };
            assert_eq!(text(xml), Err(expected), "{xml}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_by_one_look_is_what_the_reader_reads(
            parts in proptest::collection::vec(
                proptest::sample::select(vec!["a", " ", "\n", "&amp;", "&", ">", "]]>", "<B>b</B>", "<![CDATA[c]]>", "<!--d-->", "</B>"]),
                0..6,
            ),
        ) {
            let content = parts.concat();
            // A blank in the end tag, and a comment before it, leave nothing that is plain.
            let (odd, plain) = (format!("<A>{content}<!----></A >"), format!("<A>{content}</A>"));
            proptest::prop_assert_eq!(text(&plain), text(&odd), "{}", content);
        }

        #[test]
        fn a_record_reads_the_same_whatever_its_tags_are_like(
            names in proptest::collection::vec(proptest::sample::select(vec!["ID", "FIRST_FOUND_DATETIME", "X1", "AB", "ABCDEFGH"]), 0..6),
        ) {
            let read = |xml: &str| {
                let mut tokens = Tokens::new(xml, |_, _| false);
                let name = tokens.root()?;
                let mut read = Vec::new();
                tokens.children(name, |tokens, name| {
                    read.push((String::from_utf8_lossy(name).into_owned(), tokens.text(name)?.map(Cow::into_owned)));
                    Ok(())
                })?;
                Ok::<_, Stop>(read)
            };
            let plain: String = names.iter().map(|name| format!("<{name}>{name} 1</{name}>\n")).collect();
            let odd = plain.replace('>', " >");
            proptest::prop_assert_eq!(read(&format!("<A>{plain}</A>")), read(&format!("<A>{odd}</A>")));
        }
    }
}
