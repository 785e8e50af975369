//! One request for a member's page: who asks, and what every page is made with.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{FromRequestParts, rejection::FormRejection},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};

use super::{Pages, UiState, cut::Scope, gate, page::Page};
use crate::{
    base::{AppId, EmailAddress, Timestamp},
    config::Config,
    directory::Actor,
    language::Said,
    live::Snapshot,
    store::StoreError,
    web::{Answer, Cookies, FormToken, Keep, Peer, Reader, Refusal, Seen, Site, read_cookie, refuse, set_cookie},
};

/// The use of the form token on all of these pages.
const FORM: &str = "admin";

/// One request by a member who may see these pages.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) ui: UiState,
    pub(super) api: Router,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) site: Site,
    pub(super) peer: Peer,
    pub(super) now: Timestamp,
    /// Who asks, by the configuration of this moment.
    pub(super) actor: Actor,
    pub(super) email: EmailAddress,
    pub(super) headers: HeaderMap,
    browser: String,
    is_new_browser: bool,
}

/// What is known of a request before it is known who asks.
pub(super) struct Knock<'k> {
    pub(super) ui: &'k UiState,
    pub(super) snapshot: &'k Snapshot,
    pub(super) site: &'k Site,
    pub(super) peer: &'k Peer,
    pub(super) now: Timestamp,
    pub(super) parts: &'k Parts,
    pub(super) browser: &'k str,
}

impl FromRequestParts<Pages> for Call {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, Pages { ui, api }: &Pages) -> Result<Self, Answer> {
        let snapshot = ui.admin.live.snapshot();
        let site = english(&Site::of(&snapshot.config, &snapshot.languages));
        let Some(peer) = parts.extensions.get::<Peer>().cloned() else {
            // Nobody but the gateway may ask here, and it always says whom the request comes from.
            tracing::error!("a request reached the members' pages without its peer");
            let seen = Seen { site: &site, reader: Reader::of(&parts.headers), wanted: None, app: None, reference: "none" };
            return Err(refuse(&seen, &Refusal::Internal));
        };
        let kept = read_cookie(&parts.headers, Cookies::FLOW).map(str::to_owned);
        let is_new_browser = kept.is_none();
        let browser = kept.unwrap_or_else(|| new_browser(ui));
        let now = ui.admin.clock.now();
        let knock = Knock { ui, snapshot: &snapshot, site: &site, peer: &peer, now, parts, browser: &browser };
        let (actor, email) = gate::pass(&knock).await?;
        let headers = parts.headers.clone();
        Ok(Self { ui: ui.clone(), api: api.clone(), snapshot, site, peer, now, actor, email, headers, browser, is_new_browser })
    }
}

impl Knock<'_> {
    pub(super) fn refuse(&self, refusal: &Refusal<'_>) -> Answer {
        let reader = Reader::of(&self.parts.headers);
        let seen = Seen { site: self.site, reader, wanted: None, app: None, reference: &self.peer.request_id };
        refuse(&seen, refusal)
    }

    /// Whether the request can be sent elsewhere without loss.
    pub(super) fn is_reading(&self) -> bool {
        matches!(self.parts.method, Method::GET | Method::HEAD)
    }
}

impl Call {
    pub(super) fn config(&self) -> &Config {
        &self.snapshot.config
    }

    pub(super) fn say<'s>(&'s self, id: &'s str) -> Said<'s> {
        self.site.say(id)
    }

    /// A text without values.
    pub(super) fn text(&self, id: &str) -> String {
        self.site.say(id).to_string()
    }

    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.site.voice.moment(at)
    }

    pub(super) fn is_administrator(&self) -> bool {
        matches!(self.actor, Actor::Administrator(_))
    }

    /// The apps that whoever asks looks after; all of them for an administrator.
    pub(super) fn apps(&self) -> Vec<AppId> {
        match &self.actor {
            Actor::Owner { apps, .. } | Actor::Inviter { apps: Some(apps), .. } => apps.clone(),
            Actor::Machine | Actor::Administrator(_) | Actor::Inviter { .. } | Actor::Token(_) | Actor::Guest { .. } | Actor::System => {
                self.config().apps.iter().map(|app| app.id.clone()).collect()
            }
        }
    }

    /// Whether whoever asks looks after an app.
    pub(super) fn looks_after(&self, app: &AppId) -> bool {
        match &self.actor {
            Actor::Administrator(_) => true,
            Actor::Owner { apps, .. } => apps.contains(app),
            Actor::Machine | Actor::Inviter { .. } | Actor::Token(_) | Actor::Guest { .. } | Actor::System => false,
        }
    }

    /// The apps that a list is about: the one that is named, else everything for an administrator, and for an owner all of theirs.
    #[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
    pub(super) fn scope(&self, named: &str) -> Result<Scope, Answer> {
        let found = self.config().apps.iter().find(|app| app.id.as_str() == named).map(|app| app.id.clone());
        let one = |app: AppId| Scope { apps: vec![app.clone()], named: Some(app) };
        match &self.actor {
            Actor::Administrator(_) if named.is_empty() => Ok(Scope::default()),
            Actor::Administrator(_) => found.map(one).ok_or_else(|| self.missing()),
            Actor::Owner { apps, .. } if named.is_empty() && !apps.is_empty() => Ok(Scope { named: None, apps: apps.clone() }),
            Actor::Owner { apps, .. } => found.filter(|app| apps.contains(app)).map(one).ok_or_else(|| self.missing()),
            Actor::Machine | Actor::Inviter { .. } | Actor::Token(_) | Actor::Guest { .. } | Actor::System => Err(self.missing()),
        }
    }

    /// The name of an app, as people know it.
    pub(super) fn app_name(&self, app: &AppId) -> String {
        self.config().app(app).map_or_else(|| app.to_string(), |app| app.name.clone())
    }

    /// Nothing is there, or nothing that this one may see.
    pub(super) fn missing(&self) -> Answer {
        self.refuse(&Refusal::NotFound)
    }

    pub(super) fn unavailable(&self, cause: &StoreError) -> Answer {
        tracing::error!(error = crate::observe::causes(cause), "the database failed");
        self.refuse(&Refusal::Unavailable { retry_after: 5 })
    }

    pub(super) fn refuse(&self, refusal: &Refusal<'_>) -> Answer {
        let reader = Reader::of(&self.headers);
        let seen = Seen { site: &self.site, reader, wanted: None, app: None, reference: &self.peer.request_id };
        self.finish(refuse(&seen, refusal))
    }

    fn bad_form(&self, rejection: &FormRejection) -> Answer {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        self.refuse(if too_large { &Refusal::TooLarge } else { &Refusal::BrokenForm })
    }

    /// What a form of ours says, which this browser got from us.
    #[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
    pub(super) fn taken<T>(&self, sent: Result<Form<T>, FormRejection>, token: impl Fn(&T) -> &str) -> Result<T, Answer> {
        let Form(sent) = sent.map_err(|rejection| self.bad_form(&rejection))?;
        self.check(token(&sent))?;
        Ok(sent)
    }

    pub(super) fn token(&self) -> String {
        FormToken::make(&self.ui.keys, FORM, &self.browser, self.now)
    }

    /// Refuses a form that this browser did not get from us.
    #[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
    fn check(&self, token: &str) -> Result<(), Answer> {
        if FormToken::fits(&self.ui.keys, token, FORM, &self.headers, self.now) { Ok(()) } else { Err(self.refuse(&Refusal::CrossSite)) }
    }

    pub(super) fn page(&self, page: &Page) -> Answer {
        self.page_with(StatusCode::OK, page)
    }

    pub(super) fn page_with(&self, status: StatusCode, page: &Page) -> Answer {
        self.finish(Answer::page(status, page.render(self)))
    }

    pub(super) fn see(&self, location: &str) -> Answer {
        self.finish(Answer::see_other(location))
    }

    fn finish(&self, answer: Answer) -> Answer {
        if self.is_new_browser {
            return answer.with(header::SET_COOKIE, &set_cookie(Cookies::FLOW, &self.browser, Keep::Browser));
        }
        answer
    }
}

/// These pages are written in one language, which is said so that browsers read them aloud in it.
fn english(site: &Site) -> Site {
    Site { voice: site.voice.languages().english(), ..site.clone() }
}

fn new_browser(ui: &UiState) -> String {
    let mut bytes = [0; 16];
    ui.admin.entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
