//! What all of these pages are made of: facts, rows, forms. One template writes them, so that all look and work alike.

use askama::Template;

use super::call::Call;
use crate::web::{Site, render};

/// One page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Which part of the navigation it belongs to: its path.
    pub(super) part: &'static str,
    pub(super) title: String,
    pub(super) eyebrow: Option<String>,
    /// What was done.
    pub(super) note: Option<String>,
    /// What was not.
    pub(super) alarm: Option<String>,
    pub(super) facts: Vec<(String, String)>,
    /// How much of something is done, how much there is, and the same in words.
    pub(super) progress: Option<(usize, usize, String)>,
    /// Its sections show what changes while it is open.
    pub(super) live: bool,
    /// Other cuts of the same list.
    pub(super) ways: Vec<Way>,
    /// The states that the list can be cut down to.
    pub(super) states: Vec<Way>,
    /// Forms that stand above everything else.
    pub(super) first: Vec<Form>,
    pub(super) sections: Vec<Section>,
    /// Forms that change what the page shows.
    pub(super) deeds: Vec<Form>,
}

/// A link.
#[derive(Debug, Default, Clone)]
pub(super) struct Way {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) current: bool,
}

/// A heading with what stands below it.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) title: String,
    /// What is said where there are no rows.
    pub(super) empty: String,
    pub(super) rows: Vec<Row>,
    /// A text with its own line ends.
    pub(super) text: Option<String>,
    pub(super) more: Option<Way>,
}

/// One line of a list.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) href: Option<String>,
    pub(super) title: String,
    pub(super) mark: Option<Mark>,
    pub(super) lines: Vec<String>,
    pub(super) deeds: Vec<Form>,
    /// The forms stand side by side.
    pub(super) beside: bool,
}

/// A word that stands out.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) text: String,
    /// `good`, `alarm` or `quiet`: a class of the style sheet.
    pub(super) tone: &'static str,
}

/// A form.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) action: String,
    /// It only looks for something: its fields stand in the address.
    pub(super) looks: bool,
    pub(super) label: String,
    /// What the button is about, for whoever hears the page: several on it may be called alike.
    pub(super) about: Option<String>,
    pub(super) plain: bool,
    /// It is opened first, because what it does is not undone lightly, or has much to fill in.
    pub(super) summary: Option<String>,
    /// What it will do.
    pub(super) says: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) id: String,
    pub(super) label: String,
    pub(super) input: Input,
    pub(super) value: String,
    pub(super) required: bool,
    pub(super) help: Option<String>,
    /// The longest text, in characters.
    pub(super) most: u32,
}

/// What a field takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    Text,
    Email,
    Area,
    Hidden,
    /// The value and the words of each choice.
    Select(Vec<(String, String)>),
}

#[derive(Template)]
#[template(path = "admin.html")]
struct Sheet<'p> {
    site: &'p Site,
    page: &'p Page,
    parts: Vec<Way>,
    token: String,
    who: String,
}

impl Page {
    pub(super) fn render(&self, call: &Call) -> String {
        let who = call.say("admin-signed-in").with("address", &call.email).to_string();
        render(&Sheet { site: &call.site, page: self, parts: call.parts(self.part), token: call.token(), who })
    }
}

impl Field {
    pub(super) fn new(name: &'static str, label: String, input: Input) -> Self {
        Self { name, id: name.to_owned(), label, input, value: String::new(), required: false, help: None, most: 4_000 }
    }

    pub(super) fn hidden(name: &'static str, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::new(name, String::new(), Input::Hidden) }
    }

    /// The same on a page that has several of this name.
    pub(super) fn of(mut self, what: &str) -> Self {
        self.id = format!("{}-{what}", self.name);
        self
    }

    pub(super) fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn most(mut self, most: u32) -> Self {
        self.most = most;
        self
    }

    pub(super) fn help(mut self, help: String) -> Self {
        self.help = Some(help);
        self
    }
}

impl Mark {
    pub(super) fn new(tone: &'static str, text: String) -> Option<Self> {
        Some(Self { text, tone })
    }
}

/// Facts of a page, each with the text of its name; those that are not there or empty are left out.
pub(super) fn facts_of<const N: usize>(call: &Call, facts: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    let there = |(id, value): (&str, Option<String>)| value.filter(|value| !value.is_empty()).map(|value| (call.text(id), value));
    facts.into_iter().filter_map(there).collect()
}

impl Call {
    /// The parts of the administration that this one has.
    fn parts(&self, current: &str) -> Vec<Way> {
        const ALL: [(&str, &str); 10] = [
            ("/admin", "admin-overview"),
            ("/admin/guests", "admin-guests"),
            ("/admin/invitations", "admin-invitations"),
            ("/admin/requests", "admin-requests"),
            ("/admin/reviews", "admin-reviews"),
            ("/admin/apps", "admin-apps"),
            ("/admin/what-if", "admin-what-if"),
            ("/admin/audit", "admin-audit"),
            ("/admin/members", "admin-members"),
            ("/admin/tokens", "admin-tokens"),
        ];
        use crate::directory::Actor;
        let shown = |path: &str| match &self.actor {
            Actor::Administrator(_) => true,
            Actor::Owner { .. } => !matches!(path, "/admin/audit" | "/admin/members" | "/admin/tokens"),
            Actor::Inviter { .. } => matches!(path, "/admin/invitations" | "/admin/reviews"),
            Actor::Machine | Actor::Token(_) | Actor::Guest { .. } | Actor::System => false,
        };
        let way = |(path, text): &(&str, &str)| Way { href: (*path).to_owned(), label: self.text(text), current: *path == current };
        ALL.iter().filter(|(path, _)| shown(path)).map(way).collect()
    }
}
