//! Programs that show a token: who they are, and how fast they may ask.
//!
//! Nothing but the `Authorization` header counts; cookies are not looked at, but that somebody with a guest's cookie is told that it does
//! not help. Whoever shows a wrong token learns nothing but that.

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    sync::Arc,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, header};

use super::{
    AdminState,
    pace::{Pace, neighbourhood},
    trouble::Trouble,
};
use crate::{
    base::{Span, TokenId},
    directory::{Actor, Bearer, TokenSecret},
    observe::SignInResult,
    store::{Note, TokenRecord},
    web::{Cookies, HSTS, Peer, Route, read_cookie, secure_program},
};

/// Who looks at tokens.
#[derive(Debug, Clone)]
pub(super) struct Doorkeeper {
    state: AdminState,
    paces: Arc<Paces>,
}

/// How fast programs may ask.
#[derive(Debug)]
struct Paces {
    tokens: Pace<TokenId>,
    addresses: Pace<IpAddr>,
    wrong: Pace<IpAddr>,
}

/// Counts the further requests that stand in one.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    door: Doorkeeper,
    token: TokenId,
}

/// Wrong tokens a minute from one address, after which it has to wait.
const WRONG: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// How exactly it is kept when a token was last shown.
const USE_KEPT: Span = Span::mins(1);

impl Doorkeeper {
    pub(super) fn new(state: AdminState) -> Self {
        let clock = || Arc::clone(&state.clock);
        let paces = Paces { tokens: Pace::new(clock()), addresses: Pace::new(clock()), wrong: Pace::new(clock()) };
        Self { paces: Arc::new(paces), state }
    }

    fn rate(&self) -> NonZeroU32 {
        NonZeroU32::new(self.state.live.snapshot().config.limits.api_per_minute).unwrap_or(NonZeroU32::MIN)
    }

    /// Who asks, if the token holds and was not shown too often.
    async fn recognise(&self, headers: &HeaderMap, from: IpAddr) -> Result<Actor, Trouble> {
        let rate = self.rate();
        let from = neighbourhood(from);
        self.paces.addresses.count(&from, rate).map_err(Trouble::TooFast)?;
        let Some(shown) = headers.get(header::AUTHORIZATION) else {
            let has_session = read_cookie(headers, Cookies::SESSION).is_some();
            return Err(if has_session { Trouble::NoSessions } else { Trouble::NoToken });
        };
        let Some(bearer) = self.bearer(shown).await? else {
            self.state.metrics.signin("token", SignInResult::Refused);
            self.paces.wrong.count(&from, WRONG).map_err(Trouble::TooFast)?;
            return Err(Trouble::WrongToken);
        };
        self.paces.tokens.count(&bearer.id, rate).map_err(Trouble::TooFast)?;
        Ok(Actor::Token(bearer))
    }

    /// The token that is shown, if it holds.
    async fn bearer(&self, shown: &HeaderValue) -> Result<Option<Bearer>, Trouble> {
        let text = shown.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some(digest) = text.and_then(|(_, token)| TokenSecret::digest_of(token.trim())) else { return Ok(None) };
        let Some(found) = self.state.store.token_by_digest(&digest).await? else { return Ok(None) };
        let now = self.state.clock.now();
        let snapshot = self.state.live.snapshot();
        match found.token.bearer(now, |email| snapshot.config.roles.admins.contains(email)) {
            Ok(bearer) => {
                self.note_use(&found);
                Ok(Some(bearer))
            }
            Err(why) => {
                tracing::info!(token = %found.token.id, %why, "a token that does not hold was shown");
                Ok(None)
            }
        }
    }

    /// Keeps when the token was shown; nobody waits for it.
    fn note_use(&self, found: &TokenRecord) {
        let (id, at) = (found.token.id, self.state.clock.now());
        if found.last_used.is_some_and(|last| at.since(last) < USE_KEPT) {
            return;
        }
        let store = Arc::clone(&self.state.store);
        self.state.later.spawn(async move {
            if let Err(error) = store.note(Note::TokenUsed { id, at }).await {
                tracing::warn!(%error, "it cannot be kept when a token was last used");
            }
        });
    }
}

impl Allowance {
    /// One more, or how long to wait for it.
    pub(super) fn another(&self) -> Result<(), Trouble> {
        self.door.paces.tokens.count(&self.token, self.door.rate()).map_err(Trouble::TooFast)
    }
}

/// Lets programs through whose token holds, and gives every answer what answers for programs carry.
pub(super) async fn recognised(State(door): State<Doorkeeper>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let from = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip);
    // A handler never sees who is let in by what is no token.
    request.extensions_mut().remove::<Actor>();
    let mut response = match door.recognise(request.headers(), from).await {
        Ok(actor) => {
            if let Some(token) = actor.token() {
                request.extensions_mut().insert(Allowance { door, token });
            }
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(trouble) => trouble.into_response(),
    };
    secure_program(response.headers_mut());
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    response.extensions_mut().insert(Route(route.into()));
    response
}
