//! Plain text in the making: what separates two words is decided when the second one comes.

/// What stands between what was written and what comes; the greatest wish wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

/// A link whose end was not yet reached.
struct Link {
    target: String,
    /// Where its text begins; absent while it has none.
    start: Option<usize>,
}

/// What was written so far, and what is pending.
#[derive(Default)]
pub struct Page {
    out: String,
    gap: Gap,
    /// A list item begins.
    item: bool,
    /// Inside of `<PRE>`: white space is kept.
    verbatim: bool,
    link: Option<Link>,
}

impl Page {
    /// Takes text whose entities are decoded.
    pub fn text(&mut self, text: &str) {
        if self.verbatim {
            return self.verbatim(text);
        }
        if text.starts_with(char::is_whitespace) {
            self.wish(Gap::Space);
        }
        for word in text.split_whitespace() {
            self.word(word);
            self.wish(Gap::Space);
        }
        if !text.ends_with(char::is_whitespace) && self.gap == Gap::Space {
            self.gap = Gap::None;
        }
    }

    /// Begins a link; one that was not closed ends here.
    pub fn link(&mut self, target: Option<String>) {
        self.end_link();
        self.link = target.map(|target| Link { target, start: None });
    }

    /// Takes the beginning of any other element, its name in lower case.
    pub fn open(&mut self, name: &str) {
        match name {
            // Two breaks in a row make an empty line.
            "br" if self.gap == Gap::Line => self.wish(Gap::Paragraph),
            "br" => self.wish(Gap::Line),
            "li" => {
                self.wish(Gap::Line);
                self.item = true;
            }
            _ => self.wish(around(name)),
        }
        self.verbatim |= name == "pre";
    }

    /// Takes the end of an element, its name in lower case.
    pub fn close(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "li" => {
                self.wish(Gap::Line);
                self.item = false;
            }
            "br" => {}
            _ => self.wish(around(name)),
        }
        self.verbatim &= name != "pre";
    }

    /// The whole text.
    pub fn end(mut self) -> String {
        self.end_link();
        match self.out.trim() {
            text if text.len() == self.out.len() => self.out,
            text => text.into(),
        }
    }

    fn wish(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Writes a word, after whatever is pending.
    fn word(&mut self, word: &str) {
        self.fill_gap();
        if std::mem::take(&mut self.item) {
            self.out.push_str("- ");
        }
        let at = self.out.len();
        if let Some(link) = &mut self.link {
            link.start.get_or_insert(at);
        }
        self.out.push_str(word);
    }

    /// Writes text as it is; only the line break right after the tag goes.
    fn verbatim(&mut self, text: &str) {
        let text = if self.gap == Gap::Paragraph { text.strip_prefix('\n').unwrap_or(text) } else { text };
        if !text.is_empty() {
            self.word(text);
        }
    }

    fn fill_gap(&mut self) {
        let gap = match std::mem::take(&mut self.gap) {
            Gap::None => return,
            Gap::Space => " ",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        };
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push_str(gap);
        }
    }

    /// Adds the target in parentheses, unless the text says the same or is missing.
    fn end_link(&mut self) {
        let Some(Link { target, start }) = self.link.take() else {
            return;
        };
        match start {
            None => self.word(&target),
            Some(start) if self.out.get(start..).is_some_and(|text| text.trim() == target) => {}
            Some(_) => {
                self.out.push_str(" (");
                self.out.push_str(&target);
                self.out.push(')');
            }
        }
    }
}

/// What separates the inside of an element from what stands around it.
fn around(name: &str) -> Gap {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "pre" | "table" | "blockquote" | "dl" => Gap::Paragraph,
        "ul" | "ol" | "tr" | "div" | "dt" | "dd" | "section" | "article" | "center" => Gap::Line,
        "td" | "th" => Gap::Space,
        _ => Gap::None,
    }
}
