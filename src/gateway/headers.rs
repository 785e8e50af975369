//! What an app is told: everything that the client may say, and who the client is.
//!
//! Strips by class and in every spelling, so that nothing of the client's can remove or double what is ours.
//! Written straight into the bytes that are sent.

use std::rc::Rc;

use percent_encoding::utf8_percent_encode;

use crate::{
    base::{ClientAddr, Name, Timestamp},
    config::{RewriteHost, Upstream, UserForm},
    identity::{AssertionClaims, KeyRing, LONGEST_ASSERTION_LIFE},
};

use super::{
    admit::Admitted,
    buffers::{BUFFER, Buffers},
    connection::Recognised,
    look::{Head, lines},
    names::{has_our_cookie, is_class, is_ours_to_say, listed, other_cookies, speaks_for_us},
    reply::Fate,
    values::{Known, UNSAFE, authorization},
    wire::{BodyFraming, HeadBuf},
    worker::{BoundApp, RequestId},
};

/// The head of a request that may be forwarded. Only [`prepare`] makes one, from an [`Admitted`].
pub(super) struct Outgoing(HeadBuf);

impl Outgoing {
    /// What is sent.
    pub(super) fn into_head(self) -> HeadBuf {
        self.0
    }
}

/// What else is said of a request.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) app: &'a BoundApp,
    pub(super) upstream: &'a Upstream,
    pub(super) keys: &'a KeyRing,
    pub(super) buffers: &'a Buffers,
    pub(super) client: ClientAddr,
    pub(super) id: &'a RequestId,
    pub(super) now: Timestamp,
}

/// What an app is told by unless it says otherwise.
const USER: &str = "X-Forwarded-User";
const EMAIL: &str = "X-Forwarded-Email";
const GROUPS: &str = "X-Forwarded-Groups";
/// The proof for those who check.
const ASSERTION: &str = "X-Guestgate-Assertion";
/// An assertion is used again while it lasts at least this much longer.
const SPARE: crate::base::Span = crate::base::Span::mins(1);

/// Writes what the app receives.
pub(super) fn prepare(admitted: &Admitted, head: &Head, sent: Sent<'_>) -> Outgoing {
    let mut out = HeadBuf::over(sent.buffers.take(BUFFER));
    out.request_line(head.method(), &sent.app.rewriting.target(head.target()));
    forwarded(&mut out, sent);
    let asked = sent.app.rewriting.asked(head, sent.upstream);
    let nominated: Vec<&[u8]> = lines(head, "connection").flat_map(listed).collect();
    for (name, value) in head.fields().iter() {
        let ends_here =
            is_ours_to_say(name) || speaks_for_us(name, &sent.app.taken) || nominated.iter().any(|n| n.eq_ignore_ascii_case(name));
        if ends_here {
            continue;
        }
        match asked.as_ref().map_or(Fate::Keep, |asked| asked.fate(name, value)) {
            // As the reader has checked it.
            Fate::Keep => out.put(name, value),
            Fate::Drop => {}
            // What could not be written is left out.
            Fate::Say(said) => drop(out.field(name, &said)),
        }
    }
    cookies(head, &mut out);
    match head.framing() {
        BodyFraming::Length(length) => out.content_length(length),
        BodyFraming::Chunked => out.chunked(),
        BodyFraming::None if matches!(head.method(), "POST" | "PUT" | "PATCH") => out.content_length(0),
        BodyFraming::None | BodyFraming::UntilClose => {}
    }
    if head.is_upgrade() {
        out.put(b"Connection", b"Upgrade");
        out.put(b"Upgrade", b"websocket");
    }
    if sent.app.live.app.grpc && !head.is_upgrade() {
        // The answer may have trailers (RFC 9110, 10.1.4), which are passed on; our own word, because what the client said ended here.
        out.put(b"TE", b"trailers");
        out.put(b"Connection", b"TE");
    }
    if let Some(known) = admitted.session() {
        identity(&mut out, known, sent);
    }
    out.finish();
    Outgoing(out)
}

fn cookies(head: &Head, out: &mut HeadBuf) {
    // HTTP/2 brings each cookie in a field of its own; HTTP/1 has one line. A line without any of ours stays as it is.
    let mut begun = false;
    let mut say = |out: &mut HeadBuf, text: &[u8]| {
        if begun {
            out.piece(b"; ");
        } else {
            out.begin_line(b"Cookie");
            begun = true;
        }
        out.piece(text);
    };
    for line in lines(head, "cookie") {
        if has_our_cookie(line) {
            other_cookies(line).for_each(|cookie| say(out, cookie));
        } else if !line.is_empty() {
            say(out, line);
        }
    }
    if begun {
        out.end_line();
    }
}

fn forwarded(out: &mut HeadBuf, sent: Sent<'_>) {
    match sent.app.live.app.rewrite.host {
        RewriteHost::Public => out.put(b"Host", sent.app.authority.as_bytes()),
        RewriteHost::Upstream => out.put(b"Host", sent.upstream.authority().as_bytes()),
    }
    out.put_ip(b"X-Forwarded-For", sent.client.seen);
    out.put(b"X-Forwarded-Proto", b"https");
    out.put(b"X-Forwarded-Host", sent.app.authority.as_bytes());
    out.put(b"X-Request-Id", sent.id.as_str().as_bytes());
}

/// Who it is. What does not change while the session stays as it is was written once.
fn identity(out: &mut HeadBuf, known: &Recognised, sent: Sent<'_>) {
    out.put_lines(known.said.get_or_init(|| {
        let mut said = HeadBuf::default();
        says(&mut said, known, sent);
        said.as_bytes().into()
    }));
    if sent.app.live.app.identity.assertion
        && let Some(token) = assertion(known, sent)
    {
        out.put(ASSERTION.as_bytes(), token.as_bytes());
    }
}

/// Tells what of [`prepare`] says who somebody is, and the cookies that are the app's: every name, empty where there is nothing to say.
pub(super) fn told(admitted: &Admitted, head: &Head, sent: Sent<'_>, put: &mut dyn FnMut(&[u8], &[u8])) {
    let usual = [USER, EMAIL, GROUPS, ASSERTION, "Cookie"].into_iter();
    for name in usual.chain(sent.app.live.app.identity.headers.iter().map(|own| own.name.as_str())) {
        put(name.as_bytes(), b"");
    }
    if sent.app.live.app.identity.basic_auth.is_some() {
        put(b"Authorization", b"");
    }
    let mut out = HeadBuf::default();
    cookies(head, &mut out);
    if let Some(known) = admitted.session() {
        identity(&mut out, known, sent);
    }
    // Written by the writer of what an app receives, so that both say the same in the same form.
    for line in out.as_bytes().split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(at) = line.windows(2).position(|pair| pair == b": ") {
            put(line.get(..at).unwrap_or_default(), line.get(at + 2..).unwrap_or_default());
        }
    }
}

fn says(out: &mut HeadBuf, known: &Recognised, sent: Sent<'_>) {
    let guest = &known.view.guest;
    let configured = &sent.app.live.app.identity;
    // What the app gives another meaning is said once, with that meaning.
    let free = |class: &str| !configured.headers.iter().any(|own| is_class(own.name.as_str().as_bytes(), class));
    let named = Known { view: &known.view, user: configured.user };
    if free("x-forwarded-user") {
        match configured.user {
            UserForm::Email => set(out, USER, guest.email.as_str()),
            form @ (UserForm::Local | UserForm::Id) => set(out, USER, &named.user(form)),
        }
    }
    if free("x-forwarded-email") {
        set(out, EMAIL, guest.email.as_str());
    }
    if !guest.groups.is_empty() && free("x-forwarded-groups") {
        set(out, GROUPS, &joined(&guest.groups));
    }
    for header in &configured.headers {
        if let Some(value) = named.value(header) {
            // Whatever the encoding has let through, the writer refuses what would end the line.
            let _ = out.field(header.name.as_str().as_bytes(), &value);
        }
    }
    if let Some(auth) = &configured.basic_auth {
        out.put(b"Authorization", authorization(named, auth).as_bytes());
    }
}

fn joined(groups: &[Name]) -> String {
    groups.iter().map(Name::as_str).collect::<Vec<_>>().join(",")
}

/// The assertion of this session for this app, signed anew when it is about to end.
fn assertion(known: &Recognised, sent: Sent<'_>) -> Option<Rc<str>> {
    if let Some((until, token)) = known.assertion.borrow().as_ref()
        && sent.now < *until
    {
        return Some(Rc::clone(token));
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
        sid: session.id,
        inv: session.invitation,
        iat: sent.now,
        exp,
        justification: known.view.reason().map(str::to_owned),
    });
    let token: Rc<str> = Some(text).filter(|token| !token.is_empty())?.into();
    *known.assertion.borrow_mut() = Some((exp.minus(SPARE), Rc::clone(&token)));
    Some(token)
}

/// Writes a field; what a header cannot carry is percent-encoded.
fn set(out: &mut HeadBuf, name: &str, value: &str) {
    out.put_display(name, &utf8_percent_encode(value, UNSAFE));
}
