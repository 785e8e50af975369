//! One request to the portal: who asks from where, in which browser, with which session.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts, uri::PathAndQuery},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{PortalState, language::LANGUAGE_FORM};
use crate::{
    base::{SessionId, Timestamp},
    config::Config,
    directory::{Occasion, Origin, Session},
    identity::SessionClaims,
    language::Wanted,
    live::{SessionView, Snapshot},
    web::{Answer, Chooser, Cookies, FormToken, Keep, Peer, Reader, Refusal, Seen, Site, read_cookie, refuse, set_cookie},
};

/// One request, as far as every handler wants to know it.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) state: PortalState,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) site: Site,
    pub(super) peer: Peer,
    pub(super) now: Timestamp,
    pub(super) headers: HeaderMap,
    /// The value of the flow cookie: the browser's, or a new one that the answer sets.
    browser: String,
    is_new_browser: bool,
    /// The live session of this browser.
    pub(super) root: Option<Arc<SessionView>>,
}

impl Visit {
    async fn of(parts: &Parts, state: &PortalState) -> Result<Self, Answer> {
        let snapshot = state.live.snapshot();
        let site = Site::of(&snapshot.config, &snapshot.languages);
        let Some(peer) = parts.extensions.get::<Peer>().cloned() else {
            // Nobody but the gateway may ask here, and it always says whom the request comes from.
            tracing::error!("a request reached the portal without its peer");
            let seen = Seen { site: &site, reader: Reader::of(&parts.headers), wanted: None, app: None, reference: "none" };
            return Err(refuse(&seen, &Refusal::Internal));
        };
        let kept = read_cookie(&parts.headers, Cookies::FLOW).filter(|value| value.len() == BROWSER_LENGTH).map(str::to_owned);
        let mut visit = Self {
            now: state.clock.now(),
            is_new_browser: kept.is_none(),
            browser: kept.unwrap_or_else(|| new_browser(state)),
            headers: parts.headers.clone(),
            state: state.clone(),
            root: None,
            snapshot,
            site,
            peer,
        };
        visit.root = visit.session().await?;
        visit.site = visit.site.speaking(&visit.wanted(None));
        if matches!(parts.method, Method::GET | Method::HEAD) {
            let back = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
            visit.site.chooser = Some(Chooser { token: visit.form_token(LANGUAGE_FORM), back });
        }
        if let Some(root) = &visit.root {
            state.live.touch(root, visit.now);
        }
        Ok(visit)
    }

    /// The live root session that the cookie names.
    async fn session(&self) -> Result<Option<Arc<SessionView>>, Answer> {
        let Some(token) = read_cookie(&self.headers, Cookies::SESSION) else { return Ok(None) };
        let found = self.state.live.root(&self.state.keys, &self.snapshot, token, self.now).await;
        found.map_err(|_| self.unavailable())
    }

    /// Which languages this person has named: by a choice here, by the invitation, by the browser.
    pub(super) fn wanted<'w>(&'w self, invited: Option<&'w str>) -> Wanted<'w> {
        let own = read_cookie(&self.headers, Cookies::LANGUAGE);
        let guest = self.root.as_ref().and_then(|root| root.guest.language.as_deref());
        let browser = self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Wanted { own, invited: guest.or(invited), browser }
    }

    /// Speaks the language of an invitation from here on, unless this person has chosen another.
    pub(super) fn invited_in(&mut self, language: Option<&str>) {
        let site = self.site.speaking(&self.wanted(language));
        self.site = site;
    }

    pub(super) fn config(&self) -> &Config {
        &self.snapshot.config
    }

    /// What stands for this browser in sealed state.
    pub(super) fn browser(&self) -> &str {
        &self.browser
    }

    /// The browser's own cookie, which a request that follows a page of ours always has.
    pub(super) fn kept_browser(&self) -> Option<&str> {
        (!self.is_new_browser).then_some(self.browser.as_str())
    }

    pub(super) fn form_token(&self, form: &str) -> String {
        FormToken::make(&self.state.keys, form, &self.browser, self.now)
    }

    /// Refuses a form that this browser did not get from us for this use.
    #[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
    pub(super) fn check_form(&self, token: &str, form: &str) -> Result<(), Answer> {
        if FormToken::fits(&self.state.keys, token, form, &self.headers, self.now) { Ok(()) } else { Err(self.refuse(&Refusal::CrossSite)) }
    }

    pub(super) fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.now, entropy: self.state.entropy.as_ref(), from: Some(self.peer.ip) }
    }

    pub(super) fn origin(&self) -> Origin {
        let agent = self.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Origin::new(self.peer.ip, agent)
    }

    pub(super) fn refuse(&self, refusal: &Refusal<'_>) -> Answer {
        let seen = Seen { site: &self.site, reader: Reader::of(&self.headers), wanted: None, app: None, reference: &self.peer.request_id };
        self.finish(refuse(&seen, refusal))
    }

    pub(super) fn unavailable(&self) -> Answer {
        self.refuse(&Refusal::Unavailable { retry_after: 5 })
    }

    /// Adds what every answer of the portal carries.
    pub(super) fn finish(&self, answer: Answer) -> Answer {
        if self.is_new_browser {
            return answer.with(header::SET_COOKIE, &set_cookie(Cookies::FLOW, &self.browser, Keep::Browser));
        }
        answer
    }

    /// Adds the cookie of a session that was just opened.
    pub(super) fn signed_in(&self, answer: Answer, session: &Session) -> Answer {
        let claims = SessionClaims {
            aud: self.config().portal.host.clone(),
            sub: session.guest,
            sid: session.id,
            inv: session.invitation,
            iat: self.now,
            exp: session.expires,
        };
        let keep = if session.persistent { Keep::Seconds(session.expires.since(self.now).as_secs()) } else { Keep::Browser };
        answer.with(header::SET_COOKIE, &set_cookie(Cookies::SESSION, &self.state.keys.session_token(&claims), keep))
    }

    /// The id of the live session.
    pub(super) fn root_id(&self) -> Option<SessionId> {
        self.root.as_ref().map(|view| view.session.id)
    }
}

/// 16 bytes in base64url.
const BROWSER_LENGTH: usize = 22;

fn new_browser(state: &PortalState) -> String {
    let mut bytes = [0; 16];
    state.entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl FromRequestParts<PortalState> for Visit {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &PortalState) -> Result<Self, Answer> {
        Self::of(parts, state).await
    }
}
