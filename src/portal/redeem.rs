//! Accepting an invitation. Looking at it changes nothing, since mail scanners follow links; accepting is a POST.

use askama::Template;
use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
};
use http::StatusCode;
use serde::Deserialize;

use super::{asked, device, factors, flow::Aim, passkey, people, signin, steps::Step, stepup::Around, visit::Visit, way::Way};
use crate::{
    base::{Digest, EmailAddress, Id as _, InvitationId, MailId, Timestamp},
    directory::{AddressProof, Invitation, Offer, Proven, Refusal as Refused, Vouched},
    language::Wanted,
    observe::{InvitationEvent, SignInResult},
    store::TokenKind,
    web::{Answer, Site, mail, render},
};

/// The use of the form token on the invitation's page.
const ACCEPT_FORM: &str = "accept";
/// The longest token in a link.
const LONGEST_TOKEN: usize = 128;

/// The way on of a notice that ends in signing in.
const TO_SIGN_IN: Option<(&str, &str)> = Some(("/signin", "sign-in-button"));

/// The form on the invitation's page.
#[derive(Debug, Deserialize)]
pub(super) struct AcceptForm {
    token: String,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page<'p> {
    site: &'p Site,
    title: String,
    inviter: &'p str,
    message: Option<&'p str>,
    offers: Vec<Offered>,
    mailed: bool,
    own: bool,
    /// Where the guest signs in, where there is no other way.
    provider: Option<String>,
    path: String,
    token: String,
    expires: Timestamp,
}

/// One app that is offered.
struct Offered {
    app: String,
    what: String,
    asked: Vec<String>,
}

#[derive(Template)]
#[template(path = "other_person.html")]
struct OtherPerson<'p> {
    site: &'p Site,
    invited: String,
    address: &'p EmailAddress,
    path: String,
}

#[derive(Template)]
#[template(path = "plain.html")]
struct Plain<'p> {
    site: &'p Site,
    title: &'p str,
    lines: Vec<String>,
    link: Option<(&'p str, &'p str)>,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'p> {
    site: &'p Site,
    title: &'p str,
    lines: &'p [String],
    link: Option<(&'p str, &'p str)>,
}

/// The query of an invitation's page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageQuery {
    /// Whoever is signed in as somebody else has said that the invitation is theirs all the same.
    mine: Option<String>,
}

/// `GET /invitations/{token}`.
pub(super) async fn show(
    mut visit: Visit,
    token: Result<Path<String>, PathRejection>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Answer, Answer> {
    let Path(token) = token.map_err(|_| gone(&visit))?;
    let (invitation, kind) = find(&mut visit, &token).await?;
    let other = visit.root.as_ref().filter(|root| root.guest.email != invitation.email).map(|root| root.guest.email.clone());
    let path = format!("/invitations/{token}");
    match other {
        Some(address) if query.is_ok_and(|Query(query)| query.mine.is_none()) => {
            let page = OtherPerson { site: &visit.site, invited: masked(&invitation.email), address: &address, path };
            Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
        }
        _ => page(&visit, &invitation, kind, path),
    }
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn page(visit: &Visit, invitation: &Invitation, kind: TokenKind, path: String) -> Result<Answer, Answer> {
    let inviter = inviter(visit, invitation);
    let offers: Vec<Offered> = invitation.offers.iter().filter_map(|offer| offered(visit, invitation, offer)).collect();
    let names: Vec<&str> = offers.iter().map(|offer| offer.app.as_str()).collect();
    if names.is_empty() {
        return Err(gone(visit));
    }
    let page = Page {
        site: &visit.site,
        title: visit.site.say("invitation-title").with("inviter", &inviter).with("apps", visit.site.voice.list(&names)).to_string(),
        inviter: &inviter,
        message: invitation.message.as_deref(),
        offers,
        mailed: kind == TokenKind::Mailed,
        provider: visit.config().identity.only_at(&invitation.email).map(|provider| provider.name.clone()),
        own: own(visit, invitation).is_some(),
        path,
        token: visit.form_token(ACCEPT_FORM),
        expires: invitation.expires,
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

fn offered(visit: &Visit, invitation: &Invitation, offer: &Offer) -> Option<Offered> {
    let app = visit.config().app(&offer.app)?.name.clone();
    let what = match offer.access_for {
        Some(lasts) => visit.site.say("invitation-lasts").with("app", &app).with("lasts", lasts).to_string(),
        None => visit.site.say("invitation-lasts-on").with("app", &app).to_string(),
    };
    Some(Offered { app, what, asked: asked::by_app(visit, invitation, offer) })
}

/// Who invites, as far as a guest may know.
fn inviter(visit: &Visit, invitation: &Invitation) -> String {
    invitation.invited_by.as_ref().map_or_else(|| visit.site.name.clone(), ToString::to_string)
}

/// An address that only whoever has it recognises: `a…@partner.example`.
fn masked(address: &EmailAddress) -> String {
    let first: String = address.local().chars().take(1).collect();
    format!("{first}…@{}", address.domain())
}

/// `POST /invitations/{token}`: accepts.
pub(super) async fn post(
    mut visit: Visit,
    Path(token): Path<String>,
    sent: Result<Form<AcceptForm>, FormRejection>,
) -> Result<Answer, Answer> {
    let (invitation, kind) = asked_for(&mut visit, &token, sent).await?;
    // A link in a mailbox proves nothing where the organisation vouches for its people itself.
    let elsewhere = visit.config().identity.only_at(&invitation.email).is_some();
    let kind = if elsewhere { TokenKind::Direct } else { kind };
    match kind {
        TokenKind::Direct => match own(&visit, &invitation) {
            Some(proof) => accept(&visit, invitation.id, proof).await,
            None => signin::send_code(&visit, invitation.email.clone(), Aim::Accept(invitation.id)).await,
        },
        TokenKind::Mailed => {
            let proof = AddressProof::by_invitation(&invitation, &Digest::of(token.as_bytes()), visit.now).ok_or_else(|| gone(&visit))?;
            accept(&visit, invitation.id, proof).await
        }
    }
}

/// `POST /invitations/{token}/decline`.
pub(super) async fn decline(
    mut visit: Visit,
    Path(token): Path<String>,
    sent: Result<Form<AcceptForm>, FormRejection>,
) -> Result<Answer, Answer> {
    let (invitation, _) = asked_for(&mut visit, &token, sent).await?;
    let declined = people::decline(&visit, invitation.id, &Digest::of(token.as_bytes()), None).await;
    declined.map_err(|failure| not_done(&visit, &failure, &invitation))?;
    Err(refused(&visit, Refused::Declined, Some(&invitation)))
}

/// `POST /invitations/{token}/report`: declines, and tells whoever runs this.
pub(super) async fn report(
    mut visit: Visit,
    Path(token): Path<String>,
    sent: Result<Form<AcceptForm>, FormRejection>,
) -> Result<Answer, Answer> {
    let (invitation, _) = asked_for(&mut visit, &token, sent).await?;
    let told = visit.config().portal.support.clone().or_else(|| visit.config().roles.admins.first().cloned());
    let english = visit.site.speaking(&Wanted::default());
    let mail = told.map(|to| {
        mail::reported(&english, &inviter(&visit, &invitation), &invitation).to(MailId::random(visit.state.entropy.as_ref()), to)
    });
    let declined = people::decline(&visit, invitation.id, &Digest::of(token.as_bytes()), mail).await;
    declined.map_err(|failure| not_done(&visit, &failure, &invitation))?;
    tracing::warn!(invitation = %invitation.id, "an invitation was reported by whoever got it");
    Ok(notice(&visit, StatusCode::OK, "reported-title", &["reported-done"], None))
}

/// The invitation that a form of its page is about.
async fn asked_for(
    visit: &mut Visit,
    token: &str,
    sent: Result<Form<AcceptForm>, FormRejection>,
) -> Result<(Invitation, TokenKind), Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(visit, &rejection))?;
    visit.check_form(&sent.token, ACCEPT_FORM)?;
    find(visit, token).await
}

fn not_done(visit: &Visit, failure: &people::Failed, invitation: &Invitation) -> Answer {
    match failure {
        people::Failed::Refused(refusal) => refused(visit, *refusal, Some(invitation)),
        people::Failed::Unavailable(_) => signin::failed(visit, failure),
    }
}

/// The proof of somebody who is signed in here as the guest who is invited.
fn own(visit: &Visit, invitation: &Invitation) -> Option<AddressProof> {
    let root = visit.root.as_ref().filter(|root| root.guest.email == invitation.email)?;
    AddressProof::by_session(&root.session, &root.guest, visit.now)
}

/// The address is proved: accepts, signs in and goes on to the app.
pub(super) async fn accept(visit: &Visit, id: InvitationId, proof: AddressProof) -> Result<Answer, Answer> {
    accepted(visit, id, proof, None).await
}

/// The same by whoever a provider vouches for.
pub(super) async fn accept_vouched(visit: &Visit, id: InvitationId, proof: AddressProof, vouched: &Vouched) -> Result<Answer, Answer> {
    accepted(visit, id, proof, Some(vouched)).await
}

async fn accepted(visit: &Visit, id: InvitationId, proof: AddressProof, vouched: Option<&Vouched>) -> Result<Answer, Answer> {
    let (guest, invitation) = people::accept(visit, id, &proof, vouched).await.map_err(|failure| match failure {
        people::Failed::Refused(refusal) => refused(visit, refusal, None),
        people::Failed::Unavailable(_) => signin::failed(visit, &failure),
    })?;
    for offer in &invitation.offers {
        visit.state.metrics.invitation(&offer.app, InvitationEvent::Redeemed);
    }
    let (method, proven) = (proof.proof().factor.method(), Proven::by_address(proof));
    let device = device::known(visit, guest.id).or_else(|| device::new(visit));
    let signed_in = people::sign_in(visit, &guest, proven, Some(invitation.id), device.as_ref()).await;
    let session = signed_in.map_err(|failure| signin::failed(visit, &failure))?;
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, invitation = %invitation.id, session = %session.id, method, "invitation accepted");
    let way = match (&invitation.landing, invitation.offers.as_slice()) {
        (Some(landing), offers) if offers.iter().any(|offer| offer.app == landing.app) => Way::Landing(landing.clone()),
        (_, [only]) => Way::Open(only.app.clone()),
        (_, _) => Way::Home,
    };
    let held = factors::of(visit, guest.id).await.map_err(|_| visit.unavailable())?;
    // Whoever signs in elsewhere needs none to come back.
    let offer = visit.config().identity.passkeys && held.is_empty() && vouched.is_none() && held.needed(&session, visit.now).is_none();
    let answer = if offer { with_passkey(visit, &way) } else { way.answer(visit) };
    let answer = visit.signed_in(answer, &session);
    Ok(device.into_iter().fold(answer, |answer, device| device::remember(visit, answer, guest.id, &device)))
}

/// A passkey is offered at once, while the mailbox has just been proved; whoever wants none goes on.
fn with_passkey(visit: &Visit, way: &Way) -> Answer {
    let around = Around { other: None, ..Around::again(visit, way, &Step::AddPasskey) };
    passkey::offer(visit, &around, Some((way.address(visit), "add-not-now")))
}

/// The open invitation behind a token, or the page that says why there is none. From here on its language is spoken.
async fn find(visit: &mut Visit, token: &str) -> Result<(Invitation, TokenKind), Answer> {
    if token.len() > LONGEST_TOKEN {
        return Err(gone(visit));
    }
    let found = visit.state.store.invitation_by_token(&Digest::of(token.as_bytes())).await.map_err(|_| visit.unavailable())?;
    let (invitation, kind) = found.ok_or_else(|| gone(visit))?;
    visit.invited_in(invitation.language.as_deref());
    invitation.must_be_open(visit.now).map_err(|refusal| refused(visit, refusal, Some(&invitation)))?;
    if !people::admits(visit, &invitation) {
        return Err(refused(visit, Refused::Revoked, Some(&invitation)));
    }
    Ok((invitation, kind))
}

/// Why an invitation cannot be accepted, and what helps.
fn refused(visit: &Visit, refusal: Refused, invitation: Option<&Invitation>) -> Answer {
    let site = &visit.site;
    let inviter = invitation.map_or_else(|| site.name.clone(), |invitation| inviter(visit, invitation));
    let said = |id| site.say(id).to_string();
    let asking = |id| site.say(id).with("inviter", &inviter).to_string();
    match (refusal, invitation) {
        (Refused::AlreadyRedeemed, _) => {
            notice(visit, StatusCode::CONFLICT, "accepted-before-title", &["accepted-before-next", "accepted-before-alarm"], TO_SIGN_IN)
        }
        (Refused::Revoked, _) => told(visit, StatusCode::GONE, "revoked-title", &[said("revoked-why"), asking("revoked-next")], None),
        (Refused::Declined, _) => told(visit, StatusCode::GONE, "declined-title", &[asking("declined-next")], None),
        (Refused::Expired, Some(invitation)) => {
            let until = site.say("expired-why").with("expires", invitation.expires).to_string();
            told(visit, StatusCode::GONE, "expired-title", &[until, asking("expired-next")], None)
        }
        (Refused::Excluded, _) => {
            told(visit, StatusCode::CONFLICT, "excluded-title", &[said("excluded-why"), asking("excluded-next")], None)
        }
        (Refused::Suspended | Refused::Removed, _) => signin::no_entry(visit),
        (Refused::OtherKind, _) => notice(visit, StatusCode::CONFLICT, "member-title", &["member-why"], TO_SIGN_IN),
        (
            Refused::Expired
            | Refused::WrongAddress
            | Refused::SessionEnded
            | Refused::Unwarranted
            | Refused::NothingToDo
            | Refused::Unproved
            | Refused::Used
            | Refused::TooMany
            | Refused::Senseless,
            _,
        ) => gone(visit),
    }
}

/// Never there, or replaced: nobody learns which.
pub(super) fn gone(visit: &Visit) -> Answer {
    notice(visit, StatusCode::NOT_FOUND, "gone-title", &["gone-why", "gone-next"], TO_SIGN_IN)
}

/// A page with a few sentences and a way on, all of them texts of the catalogue.
pub(super) fn notice(visit: &Visit, status: StatusCode, title: &str, lines: &[&str], link: Option<(&str, &str)>) -> Answer {
    let lines: Vec<String> = lines.iter().map(|line| visit.site.say(line).to_string()).collect();
    told(visit, status, title, &lines, link)
}

/// The same with sentences that hold values.
pub(super) fn told(visit: &Visit, status: StatusCode, title: &str, lines: &[String], link: Option<(&str, &str)>) -> Answer {
    let page = Notice { site: &visit.site, title, lines, link };
    visit.finish(Answer::page(status, render(&page)))
}

/// The same with sentences that are not of the catalogue alone.
pub(super) fn plain(visit: &Visit, status: StatusCode, title: &str, lines: Vec<String>, link: Option<(&str, &str)>) -> Answer {
    let page = Plain { site: &visit.site, title, lines, link };
    visit.finish(Answer::page(status, render(&page)))
}
