//! Who may come in: a member with a role, in a live session on the portal, as far as the policies of the reserved app `admin` allow.
//!
//! To everybody else there is nothing here. Roles are looked up in the configuration in force at every request.

use std::fmt;

use http::{HeaderMap, header};

use super::call::Knock;
use crate::{
    base::{AppId, Digest, EmailAddress, NormalPath},
    directory::Actor,
    identity::{Needs, Start},
    live::SessionView,
    policy::{GrantState, HeaderFacts, Headers, RequestFacts, Risk, Signals, Verdict},
    web::{Answer, Cookies, Refusal, actor_of, check_origin, read_cookie},
};

/// Lets in, or says what helps.
pub(super) async fn pass(knock: &Knock<'_>) -> Result<(Actor, EmailAddress), Answer> {
    let config = &knock.snapshot.config;
    if !knock.is_reading() && check_origin(&knock.parts.headers, &config.origin(&config.portal.host)).is_err() {
        tracing::info!("a form from elsewhere was refused");
        return Err(knock.refuse(&Refusal::CrossSite));
    }
    let Some(view) = session(knock).await? else { return Err(sign_in(knock, &way_back(knock.parts.uri.path()))) };
    // A guest learns nothing of these pages, not even that they are there.
    let actor = actor_of(config, &view.guest).ok_or_else(|| knock.refuse(&Refusal::NotFound))?;
    judge(knock, &view)?;
    // What a page asks by itself keeps nobody signed in.
    if !by_itself(&knock.parts.headers, knock.parts.uri.path()) {
        knock.ui.admin.live.touch(&view, knock.now);
    }
    Ok((actor, view.guest.email.clone()))
}

async fn session(knock: &Knock<'_>) -> Result<Option<std::sync::Arc<SessionView>>, Answer> {
    let Some(token) = read_cookie(&knock.parts.headers, Cookies::SESSION) else { return Ok(None) };
    let found = knock.ui.admin.live.root(&knock.ui.keys, knock.snapshot, token, knock.now).await;
    found.map_err(|_| knock.refuse(&Refusal::Unavailable { retry_after: 5 }))
}

/// What the policies of these pages say.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn judge(knock: &Knock<'_>, view: &SessionView) -> Result<(), Answer> {
    let policies = knock.snapshot.admin();
    let target = knock.parts.uri.path();
    let path = NormalPath::parse(target.as_bytes(), policies.path_rules()).map_err(|_| knock.refuse(&Refusal::NotFound))?;
    let place = knock.snapshot.places.of(knock.peer.ip);
    let fields = Fields(&knock.parts.headers);
    let request = RequestFacts {
        ip: Some(knock.peer.ip),
        country: place.country,
        asn: place.asn,
        device: view.devices(),
        headers: HeaderFacts::Known(&fields),
        ..RequestFacts::new(knock.parts.method.as_str(), &path)
    };
    let subject = view.subject(policies);
    let opened = knock.snapshot.sighting(Some(view.session.origin.ip), view.session.created);
    let signals = Signals::judge(opened, knock.snapshot.sighting(Some(knock.peer.ip), knock.now), &view.session.past);
    let facts = view.facts(knock.now, &subject, GrantState::Valid { until: None }, request);
    let decision = policies.decide(&crate::policy::Facts { risk: Risk::of(signals), signals, ..facts });
    match decision.verdict {
        Verdict::Allow => Ok(()),
        Verdict::Challenge(unmet) => {
            let start = Start {
                app: AppId::admin(),
                target: target.to_owned(),
                browser: Digest::of(knock.browser.as_bytes()),
                issued: knock.now,
                needs: Needs::More { policies: knock.snapshot.policies.version(), unmet },
                asking: None,
            };
            Err(sign_in(knock, &format!("/signin?start={}", start.seal(&knock.ui.keys))))
        }
        Verdict::Block { rule } => {
            let policy = policies.rule_name(rule).map_or("", |name| name.as_str());
            Err(knock.refuse(&Refusal::Blocked { policy, message: Some(policies.message(rule)).filter(|text| !text.is_empty()) }))
        }
        Verdict::NotAssigned(_) => Err(knock.refuse(&Refusal::NotFound)),
    }
}

fn by_itself(headers: &HeaderMap, path: &str) -> bool {
    path == "/admin/events" || headers.contains_key("x-guestgate-live")
}

/// The way to signing in that leads back to the page that was asked for: a mail may have named it.
fn way_back(path: &str) -> String {
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'));
    if plain && path.len() > "/admin/".len() { format!("/signin?to=at:{path}") } else { "/signin?to=admin".to_owned() }
}

/// To where signing in, or showing more, helps; a form is not sent there, and the page says so.
fn sign_in(knock: &Knock<'_>, way: &str) -> Answer {
    if knock.is_reading() {
        return Answer::see_other(way).with(header::CACHE_CONTROL, "no-store");
    }
    let signin = format!("{}{way}", knock.site.portal);
    knock.refuse(&Refusal::SignIn { signin: &signin, realm: "admin", policy: None })
}

/// The fields of a request, as policies look them up.
struct Fields<'f>(&'f HeaderMap);

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(…)")
    }
}

impl Headers for Fields<'_> {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.0.get_all(name).iter().any(|value| test(value.as_bytes()))
    }
}
