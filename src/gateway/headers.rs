//! What an app is told: everything that the client may say, and who the client is.
//!
//! Strips first, by class and in every spelling; says ours afterwards, so that nothing of the client's can remove or double it.

use http::{HeaderName, HeaderValue, Request, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    base::{ClientAddr, Name, Timestamp},
    config::{IdentityFact, RewriteHost, Upstream},
    identity::{AssertionClaims, KeyRing, LONGEST_ASSERTION_LIFE},
};

use super::{
    admit::Admitted,
    connection::Recognised,
    look::{Head, lines},
    names::{has_our_cookie, is_class, is_hop_by_hop, listed, speaks_for_us, without_our_cookies},
    worker::{BoundApp, RequestId},
};

/// A request that may be forwarded. Only [`prepare`] makes one, from an [`Admitted`].
pub(super) struct Outgoing(Request<()>);

impl Outgoing {
    /// The request with its body.
    pub(super) fn with_body<B>(self, body: B) -> Request<B> {
        self.0.map(|()| body)
    }
}

/// What else is said of a request.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) app: &'a BoundApp,
    pub(super) upstream: &'a Upstream,
    pub(super) keys: &'a KeyRing,
    pub(super) client: ClientAddr,
    pub(super) id: &'a RequestId,
    pub(super) now: Timestamp,
}

/// Characters that a header's value does not carry as they are.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');
/// An assertion is used again while it lasts at least this much longer.
const SPARE: crate::base::Span = crate::base::Span::mins(1);

/// Writes what the app receives. `None` if the request cannot be written, which no request that was read can cause.
pub(super) fn prepare(admitted: &Admitted, head: &Head, sent: Sent<'_>) -> Option<Outgoing> {
    let mut request = Request::builder().method(head.method.clone()).uri(head.target.as_str()).body(()).ok()?;
    let out = request.headers_mut();
    out.reserve(head.fields.len() + 12);
    let nominated: Vec<&[u8]> = lines(head, "connection").flat_map(listed).collect();
    for (name, value) in &head.fields {
        let bytes = name.as_str().as_bytes();
        let drop = is_hop_by_hop(bytes)
            || speaks_for_us(bytes, &sent.app.identity)
            || nominated.iter().any(|n| n.eq_ignore_ascii_case(bytes))
            || ["host", "expect", "x-request-id", "cookie"].iter().any(|class| is_class(bytes, class));
        if !drop {
            out.append(name.clone(), value.clone());
        }
    }
    cookies(head, out);
    forwarded(out, sent);
    if head.is_upgrade() {
        out.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        out.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    if let Some(known) = admitted.session() {
        identity(out, known, sent);
    }
    Some(Outgoing(request))
}

fn cookies(head: &Head, out: &mut http::HeaderMap) {
    // HTTP/2 brings each cookie in a field of its own; HTTP/1 has one line.
    let mut joined: Vec<u8> = Vec::new();
    for line in lines(head, "cookie") {
        let left = if has_our_cookie(line) { without_our_cookies(line) } else { Some(line.to_vec()) };
        let Some(left) = left else { continue };
        if !joined.is_empty() {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(&left);
    }
    if !joined.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(&joined)
    {
        out.insert(header::COOKIE, value);
    }
}

fn forwarded(out: &mut http::HeaderMap, sent: Sent<'_>) {
    let host = match sent.app.live.app.rewrite.host {
        RewriteHost::Public => sent.app.authority.clone(),
        RewriteHost::Upstream => sent.upstream.authority(),
    };
    set(out, "host", &host);
    set(out, "x-forwarded-for", &sent.client.seen.to_string());
    out.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    set(out, "x-forwarded-host", &sent.app.authority);
    set(out, "x-request-id", sent.id.as_str());
}

fn identity(out: &mut http::HeaderMap, known: &Recognised, sent: Sent<'_>) {
    let guest = &known.view.guest;
    let groups = joined(&guest.groups);
    set(out, "x-forwarded-user", guest.email.as_str());
    set(out, "x-forwarded-email", guest.email.as_str());
    if !groups.is_empty() {
        set(out, "x-forwarded-groups", &groups);
    }
    let role = known.view.grant.as_ref().and_then(|grant| grant.role.as_ref());
    for said in &sent.app.live.app.identity.headers {
        let value = match said.fact {
            IdentityFact::User | IdentityFact::Email => Some(guest.email.to_string()),
            IdentityFact::Name => guest.name.clone(),
            IdentityFact::Groups => Some(groups.clone()).filter(|g| !g.is_empty()),
            IdentityFact::Role => role.map(ToString::to_string),
            IdentityFact::Kind => Some(guest.kind.to_string()),
            IdentityFact::Organization => Some(guest.email.domain().to_owned()),
            IdentityFact::Id => Some(guest.id.to_string()),
        };
        if let Some(value) = value {
            set(out, said.name.as_str(), &value);
        }
    }
    if sent.app.live.app.identity.assertion
        && let Some(token) = assertion(known, sent)
    {
        out.insert("x-guestgate-assertion", token);
    }
}

fn joined(groups: &[Name]) -> String {
    groups.iter().map(Name::as_str).collect::<Vec<_>>().join(",")
}

/// The assertion of this session for this app, signed anew when it is about to end.
fn assertion(known: &Recognised, sent: Sent<'_>) -> Option<HeaderValue> {
    if let Some((until, token)) = known.assertion.borrow().as_ref()
        && sent.now < *until
    {
        return Some(token.clone());
    }
    let (session, guest) = (&known.view.session, &known.view.guest);
    let exp = sent.now.plus(LONGEST_ASSERTION_LIFE);
    let text = sent.keys.assertion(&AssertionClaims {
        aud: sent.app.live.app.host.clone(),
        sub: guest.id,
        email: guest.email.clone(),
        kind: guest.kind,
        groups: guest.groups.clone(),
        role: known.view.grant.as_ref().and_then(|grant| grant.role.clone()),
        amr: session.proofs.iter().map(|proof| proof.factor.clone()).collect(),
        auth_time: session.signed_in,
        inv: session.invitation,
        iat: sent.now,
        exp,
    });
    let token = HeaderValue::from_str(&text).ok().filter(|token| !token.is_empty())?;
    *known.assertion.borrow_mut() = Some((exp.minus(SPARE), token.clone()));
    Some(token)
}

/// Sets a header in place of all others of its name; what a header cannot carry is percent-encoded.
fn set(out: &mut http::HeaderMap, name: &str, value: &str) {
    let safe = utf8_percent_encode(value, UNSAFE).to_string();
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&safe)) {
        out.insert(name, value);
    }
}
