//! Which part of a list a page shows: of which apps, in which state, from where on; and the ways to its other parts.

use serde::Deserialize;

use super::{call::Call, page::Way};
use crate::{
    base::AppId,
    store::{Cursor, Lately},
    web::Answer,
};

/// Rows of a page.
pub(super) const ROWS: u32 = 50;

/// What is wanted, as an address says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    app: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    pub(super) done: String,
}

/// A part of a list with the newest first.
#[derive(Debug)]
pub(super) struct Cut {
    path: &'static str,
    states: &'static [(&'static str, &'static str)],
    scope: Scope,
    state: Option<&'static str>,
    before: Option<Cursor>,
}

/// The apps that a page is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// The one that was asked for.
    pub(super) named: Option<AppId>,
    /// All of them; none: every app there is.
    pub(super) apps: Vec<AppId>,
}

impl Scope {
    /// The parts that are read one after the other: each app, or everything.
    pub(super) fn parts(&self) -> Vec<Option<AppId>> {
        if self.apps.is_empty() { vec![None] } else { self.apps.iter().cloned().map(Some).collect() }
    }
}

impl Cut {
    /// Reads what is wanted. `states` are those that there are, each with its text; `usual` is the one where none is named.
    pub(super) fn new(
        (path, scope): (&'static str, Scope),
        states: &'static [(&'static str, &'static str)],
        wanted: &Wanted,
        usual: &str,
    ) -> Self {
        let asked = if wanted.state.is_empty() { usual } else { wanted.state.as_str() };
        let state = states.iter().map(|(state, _)| *state).find(|state| *state == asked);
        Self { path, states, scope, state, before: Cursor::parse(&wanted.before) }
    }

    /// The same as a question to the store.
    pub(super) fn lately(&self) -> Lately {
        Lately { apps: self.scope.apps.clone(), by: None, state: self.state, before: self.before.clone(), limit: ROWS }
    }

    /// Other apps.
    pub(super) fn ways(&self, call: &Call) -> Vec<Way> {
        call.app_ways(self.path, self.scope.named.as_ref())
    }

    /// Other states, and all of them.
    pub(super) fn states(&self, call: &Call) -> Vec<Way> {
        let way = |name: &str, text: &str, current| Way { href: format!("{}state={name}", self.base()), label: call.text(text), current };
        let each = self.states.iter().map(|(one, text)| way(one, text, self.state == Some(*one)));
        [way("any", "admin-any-state", self.state.is_none())].into_iter().chain(each).collect()
    }

    /// What comes after this part.
    pub(super) fn more(&self, call: &Call, next: Option<Cursor>) -> Option<Way> {
        let state = format!("state={}&", self.state.unwrap_or("any"));
        next.map(|next| Way { href: format!("{}{state}before={next}", self.base()), label: call.text("admin-more"), current: false })
    }

    fn base(&self) -> String {
        match &self.scope.named {
            Some(app) => format!("{}?app={app}&", self.path),
            None => format!("{}?", self.path),
        }
    }
}

impl Wanted {
    /// The apps that it is about, as far as they are theirs who ask.
    #[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
    pub(super) fn scope(&self, call: &Call) -> Result<Scope, Answer> {
        call.scope(&self.app)
    }
}
