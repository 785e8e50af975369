//! Where somebody goes once a page has done its work: it travels in the page's form and is trusted no further than it can be read.

use serde::{Deserialize, Serialize};

use super::{stepup, visit::Visit};
use crate::{
    identity::{KeyRing, Start},
    web::Answer,
};

/// Where somebody goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Way {
    /// To the first page.
    Home,
    /// Back to the app that asked, once it has nothing more to ask.
    App(Box<Start>),
}

impl Way {
    /// Reads what [`Way::write`] wrote; whatever it did not write leads home.
    pub(super) fn read(visit: &Visit, text: &str) -> Self {
        Start::unseal(&visit.state.keys, text, visit.now).map_or(Self::Home, |start| Self::App(Box::new(start)))
    }

    /// For a hidden field and for a link.
    pub(super) fn write(&self, keys: &KeyRing) -> String {
        match self {
            Self::Home => String::new(),
            // Sealed anew as it was: another page does not make it last longer.
            Self::App(start) => start.seal(keys),
        }
    }

    /// The app that is asked for.
    pub(super) fn start(&self) -> Option<&Start> {
        if let Self::App(start) = self { Some(start) } else { None }
    }

    /// The answer to a form that has done its work: on to whatever is left. It may be redirected to our own host alone.
    pub(super) fn answer(&self, visit: &Visit) -> Answer {
        match self {
            Self::Home => visit.finish(Answer::see_other("/")),
            Self::App(start) => stepup::resume(visit, start),
        }
    }
}
