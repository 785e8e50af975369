//! `/.guestgate/*` on an app host: the end of a sign-in, who one is, the way out, our keys.

use std::{rc::Rc, sync::Arc};

use http::StatusCode;

use crate::{
    base::{ClientAddr, Digest, Host, NormalPath, Span, Timestamp},
    directory::{Actor, ChildOpening, EndSessions, Family, Occasion, Origin, Session, Target, may},
    identity::{Handover, KeyRing, SessionClaims},
    observe::DecisionLabel,
    policy::{Facts, RequestFacts, Risk},
    store::{Counter, Limit},
    web::{Answer, Cookies, Keep, asset, check_origin, clear_cookie, set_cookie},
};

use super::{
    Journey, Reply,
    admit::Asked,
    connection::Recognised,
    facts,
    identify::identify,
    look::{lines, one},
    names::{Found, find_cookie},
    signin::Demand,
    turned::Turned,
    worker::{BoundApp, Shared},
};

/// As logs name the path: what stands in it may be a secret.
pub(super) fn template(path: &NormalPath<'_>) -> &'static str {
    match path.as_str() {
        "/.guestgate/callback" => "/.guestgate/callback",
        "/.guestgate/whoami" => "/.guestgate/whoami",
        "/.guestgate/signout" => "/.guestgate/signout",
        "/.guestgate/jwks.json" => "/.guestgate/jwks.json",
        _ => "/.guestgate/*",
    }
}

impl Journey {
    /// Answers a reserved path.
    pub(super) async fn reserved(&mut self, app: &Rc<BoundApp>, path: &NormalPath<'static>) -> Result<Reply, Turned> {
        self.record.decided(DecisionLabel::Public);
        let reads = matches!(self.head.method(), "GET" | "HEAD");
        match path.as_str() {
            "/.guestgate/callback" if reads => self.callback(app).await,
            "/.guestgate/whoami" if reads => self.whoami(app, path).await,
            "/.guestgate/jwks.json" if reads => {
                let jwks = self.connection.worker.shared.keys.jwks();
                Ok(Answer::json(StatusCode::OK, "application/jwk-set+json", jwks).into())
            }
            "/.guestgate/signout" if self.head.method() == "POST" => self.sign_out(app).await,
            "/.guestgate/signout" => Err(Turned::Method("POST")),
            "/.guestgate/callback" | "/.guestgate/whoami" | "/.guestgate/jwks.json" => Err(Turned::Method("GET, HEAD")),
            other => asset(other, self.lens.config()).filter(|_| reads).map(Reply::from).ok_or(Turned::NotFound),
        }
    }

    /// The end of a sign-in that this browser asked for: a session of its own on this host.
    async fn callback(&mut self, app: &Rc<BoundApp>) -> Result<Reply, Turned> {
        const STALE: Turned = Turned::BadRequest("this sign-in was not begun in this browser, was used before, or took too long");
        if self.head.method() == "HEAD" {
            return Err(Turned::Method("GET"));
        }
        let shared = Arc::clone(&self.connection.worker.shared);
        let code = query(self.head.path(), "code").ok_or(STALE)?;
        let Found::One(cookie) = find_cookie(lines(&self.head, "cookie"), Cookies::START) else { return Err(STALE) };
        let cookie = std::str::from_utf8(cookie).map_err(|_| STALE)?;
        let id = &app.live.app.id;
        let handover = Handover::unseal(&shared.keys, code, (id, KeyRing::browser(cookie)), self.now).ok_or(STALE)?;
        let opening = Opening {
            app: id.clone(),
            host: app.live.app.host.clone(),
            lifetime: self.lens.config().session.lifetime,
            client: self.client,
            agent: one(&self.head, "user-agent").map(|a| String::from_utf8_lossy(a).into_owned()).unwrap_or_default(),
            now: self.now,
        };
        let target = handover.target.clone();
        let slow = shared.slow.clone();
        let opened = slow.spawn(async move { open_child(&shared, handover, opening).await }).await.map_err(|_| Turned::Internal)?;
        let (token, keep) = opened?.ok_or(STALE)?;
        let answer = Answer::see_other(&format!("{}{target}", app.origin))
            .with(http::header::SET_COOKIE, &set_cookie(Cookies::SESSION, &token, keep));
        Ok(answer.into())
    }

    async fn whoami(&mut self, app: &Rc<BoundApp>, path: &NormalPath<'static>) -> Result<Reply, Turned> {
        self.same_origin(app)?;
        let known = self.known(app).await?;
        let (session, guest) = (&known.view.session, &known.view.guest);
        let asked = Asked { app, lens: &self.lens, head: &self.head, path, client: self.client, now: self.now };
        let signals = facts::signals(&self.connection, &known.view, asked);
        let body = serde_json::json!({
            "app": app.live.app.id,
            "guest": { "id": guest.id, "email": guest.email, "name": guest.name, "kind": guest.kind, "groups": guest.groups },
            "grant": known.view.grant.as_ref().map(|g| serde_json::json!({ "role": g.role, "until": g.until.map(|t| t.to_string()) })),
            "methods": facts::proofs(&self.connection, &known.view, asked).iter().map(|p| p.factor.to_string()).collect::<Vec<_>>(),
            "signed_in": session.signed_in.to_string(),
            "expires": session.expires.to_string(),
            "idle_seconds": self.lens.config().session.idle.as_secs(),
            "risk": { "level": Risk::of(signals), "signals": signals },
            "policy_version": self.lens.version,
        });
        Ok(Answer::json(StatusCode::OK, "application/json", body.to_string()).into())
    }

    async fn sign_out(&mut self, app: &Rc<BoundApp>) -> Result<Reply, Turned> {
        check_origin(&super::ask::map(&self.head), &app.origin).map_err(|_| Turned::CrossSite)?;
        let known = self.known(app).await?;
        let everywhere = query(self.head.path(), "everywhere").is_some();
        let shared = Arc::clone(&self.connection.worker.shared);
        let (view, from, now) = (Arc::clone(&known.view), self.client.seen, self.now);
        let slow = shared.slow.clone();
        let ended = slow.spawn(async move {
            let guest = view.guest.as_ref();
            let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
            let warrant = may::<EndSessions>(&actor, Target::Guest(guest, &[])).map_err(|_| Turned::Internal)?;
            let occasion = Occasion { now, entropy: &*shared.entropy, from: Some(from) };
            let proposal = if everywhere {
                let all = shared.store.sessions_of(guest.id).await.map_err(|_| Turned::Unavailable)?;
                Session::sign_out_all(&occasion, &warrant, &all)
            } else {
                let root = view.session.root_id();
                let Some(root) = shared.store.session(root).await.map_err(|_| Turned::Unavailable)? else { return Err(Turned::NotFound) };
                let children = shared.store.children_of(root.id).await.map_err(|_| Turned::Unavailable)?;
                Session::sign_out(&occasion, &warrant, Family { root: &root, children: &children })
            };
            // Nothing to do: somebody else was faster, and the session is over all the same.
            let Ok(proposal) = proposal else { return Ok(()) };
            let revision = shared.store.commit(proposal).await.map_err(|_| Turned::Unavailable)?;
            shared.live.caught_up(revision).await.map_err(|_| Turned::Unavailable)
        });
        ended.await.map_err(|_| Turned::Internal)??;
        let answer =
            Answer::see_other(&format!("{}/", self.lens.site.portal)).with(http::header::SET_COOKIE, &clear_cookie(Cookies::SESSION));
        Ok(answer.into())
    }

    async fn known(&mut self, app: &Rc<BoundApp>) -> Result<Rc<Recognised>, Turned> {
        match identify(&self.connection, app, &self.head, self.now).await? {
            Some(known) => {
                self.record.by(known.view.guest.id, known.view.session.id);
                Ok(known)
            }
            None => Err(self.sign_in(app, Demand::SESSION)),
        }
    }

    /// Only the app's own pages and people themselves look here.
    fn same_origin(&self, app: &BoundApp) -> Result<(), Turned> {
        let passes = match one(&self.head, "sec-fetch-site") {
            Some(site) => matches!(site, b"same-origin" | b"none"),
            None => one(&self.head, "origin").is_none_or(|origin| origin == app.origin.as_bytes()),
        };
        if passes { Ok(()) } else { Err(Turned::CrossSite) }
    }
}

/// Where a child session is opened.
struct Opening {
    app: crate::base::AppId,
    host: Host,
    lifetime: Span,
    client: ClientAddr,
    agent: String,
    now: Timestamp,
}

/// Uses a hand-over, once: the token for the browser, and how long it keeps it.
async fn open_child(shared: &Shared, handover: Handover, opening: Opening) -> Result<Option<(String, Keep)>, Turned> {
    let unavailable = |_| Turned::Unavailable;
    let store = &shared.store;
    let once = Counter::Once(Digest::of(handover.jti.to_string().as_bytes()));
    let counted = store.count(once, Limit::once(Span::mins(2), opening.now)).await.map_err(unavailable)?;
    if !counted.is_within() {
        return Ok(None);
    }
    let Some(root) = store.session(handover.root).await.map_err(unavailable)? else { return Ok(None) };
    let Some(guest) = store.guest(root.guest).await.map_err(unavailable)? else { return Ok(None) };
    let grants = store.grants_of(guest.id).await.map_err(unavailable)?;
    let grant = grants.iter().filter(|g| g.app == opening.app && g.is_active()).max_by_key(|g| g.is_in_force(opening.now));
    let occasion = Occasion { now: opening.now, entropy: &*shared.entropy, from: Some(opening.client.seen) };
    let replaced = match handover.replaces {
        Some(id) => store.session(id).await.map_err(unavailable)?,
        None => None,
    };
    let child = ChildOpening {
        app: &opening.app,
        grant,
        lifetime: opening.lifetime,
        origin: Origin::new(opening.client.seen, &opening.agent),
        replaces: replaced.as_ref(),
    };
    let Ok((session, proposal)) = root.open_child(&occasion, &guest, child) else { return Ok(None) };
    let revision = store.commit(proposal).await.map_err(unavailable)?;
    shared.live.caught_up(revision).await.map_err(|_| Turned::Unavailable)?;
    let claims = SessionClaims {
        aud: opening.host.clone(),
        sub: session.guest,
        sid: session.id,
        inv: session.invitation,
        iat: opening.now,
        exp: session.expires,
    };
    let lasting = session.persistent && may_persist(shared, &session, (&opening, &handover.target)).await;
    let keep = if lasting { Keep::Seconds(session.expires.since(opening.now).as_secs()) } else { Keep::Browser };
    Ok(Some((shared.keys.session_token(&claims), keep)))
}

/// Whether no policy says `persistent: false` about where the browser goes. What is not known here yet counts against it.
async fn may_persist(shared: &Shared, session: &Session, (opening, target): (&Opening, &str)) -> bool {
    let Ok(Some(view)) = shared.live.load(session.id).await else { return false };
    let snapshot = shared.live.snapshot();
    let Some(app) = snapshot.app(&opening.app) else { return false };
    let Ok(path) = NormalPath::parse(target.as_bytes(), app.policies.path_rules()) else { return false };
    let request = RequestFacts { ip: opening.client.known, ..RequestFacts::new("GET", &path) };
    let subject = view.subject(&app.policies);
    let facts = Facts {
        proofs: &session.proofs,
        signed_in: Some(session.signed_in),
        ..Facts::new(opening.now, &subject, view.grant_state(opening.now), request)
    };
    app.policies.decide(&facts).limits.persistent != Some(false)
}

/// The value of a parameter in the query, which is of our own making: nothing in it is escaped.
fn query<'t>(target: &'t str, name: &str) -> Option<&'t str> {
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })
}
