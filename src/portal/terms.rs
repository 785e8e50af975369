//! Terms of use: reading them, accepting them, and what was accepted, with a proof of it.

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{
    asks,
    people::{self, Failed},
    signin,
    visit::Visit,
    way::Way,
};
use crate::{
    base::Name,
    directory::{AcceptedTerms, Document, Guest, Refusal as Refused},
    identity::{ReceiptClaims, Start, sha256},
    live::SessionView,
    policy::Terms,
    web::{Answer, Refusal, Site, markdown, render},
};

/// The use of the form token on the page of a text.
const TERMS_FORM: &str = "terms";

/// The form below a text.
#[derive(Debug, Deserialize)]
pub(super) struct AcceptForm {
    token: String,
    /// The hash of the text that was shown.
    text: String,
    #[serde(default)]
    start: String,
    #[serde(default)]
    accept: String,
}

/// One line of the account page.
#[derive(Debug)]
pub(super) struct AcceptedLine {
    pub(super) title: String,
    pub(super) when: String,
    pub(super) entry: String,
}

#[derive(Template)]
#[template(path = "terms.html")]
struct Page<'p> {
    site: &'p Site,
    title: &'p str,
    app: Option<&'p str>,
    about: &'p str,
    error: Option<&'p str>,
    /// What [`markdown::document`] made: nothing that anybody typed comes through it as HTML.
    html: &'p str,
    ask: Option<Asked<'p>>,
    back: &'p str,
}

struct Asked<'p> {
    action: String,
    token: String,
    text: String,
    start: &'p str,
}

/// `GET /terms/{name}`.
pub(super) async fn show(visit: Visit, Path(name): Path<String>) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let terms = find(&visit, &name)?;
    Ok(page(&visit, &root.guest, &terms, ("", None)))
}

/// The page as a step towards an app.
pub(super) fn step(visit: &Visit, root: &SessionView, name: &Name, start: &Start) -> Answer {
    let found = visit.snapshot.policies.terms().find(|terms| terms.name == *name);
    match found {
        Some(terms) => page(visit, &root.guest, terms, (&asks::keep(visit, start), None)),
        None => visit.refuse(&Refusal::NotFound),
    }
}

/// `POST /terms/{name}`.
pub(super) async fn accept(
    visit: Visit,
    Path(name): Path<String>,
    sent: Result<Form<AcceptForm>, FormRejection>,
) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, TERMS_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let terms = find(&visit, &name)?;
    if sent.accept.is_empty() {
        return Ok(page(&visit, &root.guest, &terms, (&sent.start, Some("terms-tick"))));
    }
    // What is accepted is what was shown, not what has taken its place since.
    if sent.text != hex(&terms.text) {
        return Ok(page(&visit, &root.guest, &terms, (&sent.start, Some("terms-changed"))));
    }
    let start = asks::kept(&visit, &sent.start);
    people_accept(&visit, &terms, start.as_ref()).await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(guest = %root.guest.id, terms = %terms.name, version = terms.version, "terms accepted");
    Ok(match &start {
        Some(start) => Way::App(Box::new(start.clone())).answer(&visit),
        None => visit.finish(Answer::see_other("/account")),
    })
}

async fn people_accept(visit: &Visit, terms: &Terms, start: Option<&Start>) -> Result<(), Failed> {
    let store = &visit.state.store;
    let app = start.map(|start| &start.app);
    let document = Document { terms: &terms.name, version: terms.version, text: &terms.text, digest: sha256(&terms.text), app };
    people::persist(visit, || async {
        let id = visit.root_id().ok_or(Refused::SessionEnded)?;
        let session = store.session(id).await?.ok_or(Refused::SessionEnded)?;
        let guest = store.guest(session.guest).await?.ok_or(Refused::Removed)?;
        Ok(guest.accept_terms(&visit.occasion(), &session, document)?.1)
    })
    .await
}

fn page(visit: &Visit, guest: &Guest, terms: &Terms, (start, error): (&str, Option<&str>)) -> Answer {
    let document = markdown::document(&terms.text);
    let known = asks::kept(visit, start);
    let app = known.as_ref().and_then(|start| visit.config().app(&start.app)).map(|app| app.name.clone());
    let accepted = current(guest, terms, visit.now);
    let about = match accepted {
        Some(accepted) => visit.site.say("terms-accepted-on").with("version", terms.version).with("at", accepted.at).to_string(),
        None => visit.site.say("terms-about").with("version", terms.version).with("site", &visit.site.name).to_string(),
    };
    let asked = || Asked {
        action: format!("/terms/{}", terms.name),
        token: visit.form_token(TERMS_FORM),
        text: hex(&terms.text),
        start: if known.is_some() { start } else { "" },
    };
    let page = Page {
        site: &visit.site,
        title: document.title.as_deref().unwrap_or(terms.name.as_str()),
        app: app.as_deref(),
        about: &about,
        error,
        html: &document.html,
        ask: accepted.is_none().then(asked),
        back: "/account",
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `GET /account/terms/{entry}`: a text as it was when the guest accepted it.
pub(super) async fn kept(visit: Visit, Path(entry): Path<String>) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let (accepted, text) = own(&visit, &root.guest, &entry).await?;
    let document = markdown::document(&text);
    let about = visit.site.say("terms-kept").with("version", accepted.version).with("at", accepted.at).to_string();
    let page = Page {
        site: &visit.site,
        title: document.title.as_deref().unwrap_or(accepted.terms.as_str()),
        app: None,
        about: &about,
        error: None,
        html: &document.html,
        ask: None,
        back: "/account",
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// `GET /account/terms/{entry}/proof`: who accepted what, when and from where, with the text, as a file to keep.
pub(super) async fn proof(visit: Visit, Path(entry): Path<String>) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let (accepted, text) = own(&visit, &root.guest, &entry).await?;
    let sha256 = accepted.sha256();
    let receipt = visit.state.keys.receipt(&ReceiptClaims {
        guest: root.guest.id,
        email: &root.guest.email,
        terms: accepted.terms.as_str(),
        version: accepted.version,
        sha256: &sha256,
        at: accepted.at,
    });
    let from = accepted.from.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
    let body = format!(
        "Accepted terms of use\n\nTerms:     {}, version {}\nBy:        {}\nOn:        {}\nFrom:      network address {from}\nAt:        {}\n\
         SHA-256:   {sha256}\nEntry:     {} of the audit log\nReceipt:   {receipt}\n\n\
         The SHA-256 is that of everything below the line. The receipt is a JSON Web Token, signed by the keys at\n{}/.well-known/guestgate-receipts.json.\n\
         -----\n{text}",
        accepted.terms, accepted.version, root.guest.email, accepted.at, visit.site.name, accepted.entry, visit.site.portal,
    );
    let name = format!("attachment; filename=\"{}-version-{}.txt\"", accepted.terms, accepted.version);
    Ok(visit.finish(Answer::json(StatusCode::OK, "text/plain; charset=utf-8", body).with(header::CONTENT_DISPOSITION, &name)))
}

/// The lines of the account page, newest first.
pub(super) fn accepted(visit: &Visit, guest: &Guest) -> Vec<AcceptedLine> {
    let line = |accepted: &AcceptedTerms| AcceptedLine {
        title: visit.site.say("account-terms-line").with("terms", accepted.terms.as_str()).with("version", accepted.version).to_string(),
        when: visit.site.voice.moment(accepted.at),
        entry: accepted.entry.to_string(),
    };
    guest.accepted.iter().rev().map(line).collect()
}

/// The acceptance that counts now.
fn current<'g>(guest: &'g Guest, terms: &Terms, now: crate::base::Timestamp) -> Option<&'g AcceptedTerms> {
    let young = |accepted: &&AcceptedTerms| terms.renew.is_none_or(|renew| now < accepted.at.plus(renew));
    guest.accepted.iter().rev().find(|a| a.terms == terms.name && a.version == terms.version).filter(young)
}

async fn own(visit: &Visit, guest: &Guest, entry: &str) -> Result<(AcceptedTerms, String), Answer> {
    let missing = || visit.refuse(&Refusal::NotFound);
    let accepted = guest.accepted.iter().find(|a| a.entry.to_string() == entry).cloned().ok_or_else(missing)?;
    let text = visit.state.store.text(&accepted.text).await.map_err(|_| visit.unavailable())?.ok_or_else(missing)?;
    Ok((accepted, text))
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn find(visit: &Visit, name: &str) -> Result<std::sync::Arc<Terms>, Answer> {
    let wanted = Name::parse(name).ok();
    let found = visit.snapshot.policies.terms().find(|terms| Some(&terms.name) == wanted.as_ref());
    found.cloned().ok_or_else(|| visit.refuse(&Refusal::NotFound))
}

/// The hash of a text for a form, as `sha256sum` writes it.
fn hex(text: &str) -> String {
    sha256(text).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
