//! Documents of the operator, in Markdown: shown as HTML that holds nothing but text, its structure, and links to elsewhere.
//!
//! HTML in a document is shown as the characters that it is written in, a picture as its description, and a link that leads anywhere
//! but to a web page or a mailbox as its text.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A document for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its first heading, where it begins with one.
    pub title: Option<String>,
    /// The rest, as HTML whose headings begin at the second level.
    pub html: String,
}

/// Reads a document.
pub fn document(text: &str) -> Document {
    let events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let (title, rest) = match events.iter().position(|e| matches!(e, Event::End(TagEnd::Heading(_)))) {
        Some(end) if matches!(events.first(), Some(Event::Start(Tag::Heading { .. }))) => {
            let (heading, rest) = events.split_at(end.saturating_add(1));
            (Some(words(heading)), rest)
        }
        Some(_) | None => (None, events.as_slice()),
    };
    let mut harmless = Harmless { headings: Headings::of(rest), ..Harmless::default() };
    let rest: Vec<Event<'_>> = rest.iter().filter_map(|event| harmless.event(event)).collect();
    let mut html = String::with_capacity(text.len());
    html::push_html(&mut html, rest.into_iter());
    Document { title: title.filter(|t| !t.trim().is_empty()), html }
}

/// What the open links are: those that are shown, and those of which only the text is.
#[derive(Debug, Default)]
struct Harmless {
    links: Vec<Link>,
    headings: Headings,
}

/// The levels of headings as pages have them: below the title, without a gap, whatever the author began with.
#[derive(Debug)]
struct Headings {
    /// The highest level of the document.
    top: usize,
    /// The level on the page of the one before.
    last: usize,
}

impl Default for Headings {
    fn default() -> Self {
        Self { top: 1, last: 1 }
    }
}

impl Headings {
    fn of(events: &[Event<'_>]) -> Self {
        let level = |event: &Event<'_>| if let Event::Start(Tag::Heading { level, .. }) = event { Some(*level as usize) } else { None };
        Self { top: events.iter().filter_map(level).min().unwrap_or(1), last: 1 }
    }

    /// The level on the page of the next one.
    fn next(&mut self, level: HeadingLevel) -> HeadingLevel {
        let below = (level as usize).saturating_sub(self.top).saturating_add(2);
        self.last = below.min(self.last.saturating_add(1)).min(6);
        self.current()
    }

    /// That of the one that is open.
    fn current(&self) -> HeadingLevel {
        HeadingLevel::try_from(self.last).unwrap_or(HeadingLevel::H6)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Shown,
    TextAlone,
}

impl Harmless {
    fn event<'e>(&mut self, event: &Event<'e>) -> Option<Event<'e>> {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text.clone())),
            Event::Start(tag) => self.start(tag).map(Event::Start),
            Event::End(end) => self.end(*end).map(Event::End),
            // Only extensions that are off make these.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => None,
            Event::Text(_) | Event::Code(_) | Event::SoftBreak | Event::HardBreak | Event::Rule => Some(event.clone()),
        }
    }

    fn start<'e>(&mut self, tag: &Tag<'e>) -> Option<Tag<'e>> {
        match tag {
            Tag::HtmlBlock => Some(Tag::Paragraph),
            Tag::Image { .. } => None,
            Tag::Link { dest_url, .. } => {
                let link = if leads_out(dest_url) { Link::Shown } else { Link::TextAlone };
                self.links.push(link);
                (link == Link::Shown).then(|| tag.clone())
            }
            Tag::Heading { level, .. } => {
                Some(Tag::Heading { level: self.headings.next(*level), id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            // The name of a language would become a class.
            Tag::CodeBlock(_) => Some(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(CowStr::Borrowed("")))),
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Emphasis
            | Tag::Strong => Some(tag.clone()),
            // Only extensions that are off make these.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => None,
        }
    }

    fn end(&mut self, end: TagEnd) -> Option<TagEnd> {
        match end {
            TagEnd::HtmlBlock => Some(TagEnd::Paragraph),
            TagEnd::Image => None,
            TagEnd::Link => (self.links.pop() == Some(Link::Shown)).then_some(end),
            TagEnd::Heading(_) => Some(TagEnd::Heading(self.headings.current())),
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Emphasis
            | TagEnd::Strong => Some(end),
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => None,
        }
    }
}

/// Whether a link leads to a web page or a mailbox.
fn leads_out(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http" | "mailto")) && !url.chars().any(char::is_control)
}

/// The words of some events, without their structure.
fn words(events: &[Event<'_>]) -> String {
    let word = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => Some(text.to_string()),
        Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
        Event::Start(_)
        | Event::End(_)
        | Event::Rule
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::FootnoteReference(_)
        | Event::TaskListMarker(_) => None,
    };
    events.iter().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_document_is_structure_and_text() {
        let read = document("# The *rules*\n\n## One\n\nBe **kind**.\n\n- a\n- b\n\n| x | y |\n| - | - |\n| 1 | 2 |\n");
        assert_eq!(read.title.as_deref(), Some("The rules"));
        for part in ["<h2>One</h2>", "<strong>kind</strong>", "<li>a</li>", "<td>2</td>"] {
            assert!(read.html.contains(part), "{part}: {}", read.html);
        }
        assert_eq!(document("no heading").title, None);
    }

    #[test]
    fn headings_begin_below_the_title_and_leave_no_level_out() {
        for (text, expected) in [
            ("# Title\n\n# One\n\n## Two\n", "<h2>One</h2>\n<h3>Two</h3>\n"),
            ("## Title\n\n### One\n\n###### Six\n\n### Two\n", "<h2>One</h2>\n<h3>Six</h3>\n<h2>Two</h2>\n"),
            ("Text\n\n###### Deep\n", "<p>Text</p>\n<h2>Deep</h2>\n"),
        ] {
            assert_eq!(document(text).html, expected, "{text}");
        }
    }

    #[test]
    fn html_is_shown_as_it_is_written() {
        let read = document("a <img src=x onerror=alert(1)> b\n\n<script>alert(1)</script>\n\n<b\nonclick=x>y</b>");
        assert!(!read.html.contains("<img") && !read.html.contains("<script") && !read.html.contains("<b\n"), "{}", read.html);
        assert!(read.html.contains("&lt;script&gt;"), "{}", read.html);
    }

    #[test]
    fn links_lead_to_pages_and_mailboxes_and_nowhere_else() {
        let read = document(
            "[a](https://example.com/?a=1&b=2) [b](mailto:x@example.com) [c](javascript:alert(1)) [d](/signout) [e](JaVaScRiPt:x) \
             [f](data:text/html,x) ![g](https://example.com/p.png) [h](//evil.example)",
        );
        assert_eq!(read.html.matches("<a href=").count(), 2, "{}", read.html);
        assert!(!read.html.to_lowercase().contains("script:") && !read.html.contains("<img") && read.html.contains(" g "), "{}", read.html);
    }

    proptest! {
        #[test]
        fn nothing_but_known_elements_ever_comes_out(text in "[ -~\\n<>\\[\\]()!`#*|&;:\"']{0,200}") {
            const KNOWN: [&str; 26] = [
                "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "a", "br", "hr",
                "table", "thead", "tbody", "tr", "th", "td", "p", "ul", "ol",
            ];
            let html = document(&text).html;
            for piece in html.split('<').skip(1) {
                let name: String = piece.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(KNOWN.contains(&name.as_str()), "{html}");
                let attributes = piece.split('>').next().unwrap_or_default().trim_start_matches('/').trim_end_matches('/').trim();
                let plain = attributes == name;
                let fits = plain || attributes.starts_with("a href=\"http") || attributes.starts_with("a href=\"mailto:")
                    || attributes.starts_with("ol start=\"") || attributes.starts_with("a href=\"HTTP") || attributes.starts_with("a href=\"MAILTO")
                    || attributes.starts_with("th style=") || attributes.starts_with("td style=");
                prop_assert!(fits, "{piece} in {html}");
            }
        }
    }
}
