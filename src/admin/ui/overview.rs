//! The first page: who is in, what waits, what ends soon, what was refused lately, and whether the gateway is well.

use axum::extract::Query;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{
    call::Call,
    guests, invitations,
    page::{Mark, Page, Row, Section, Way},
    requests, reviews,
};
use crate::{
    base::{AppId, Span, Timestamp},
    directory::Actor,
    live::Refused,
    store::{Ending, Lately, StoreError},
    web::Answer,
};

/// What is ending within this time is shown.
const SOON: Span = Span::days(14);
/// Rows of each part.
const FEW: u32 = 5;
/// Refusals that are shown.
const REFUSALS: usize = 10;

/// Which app the page is about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    app: String,
}

/// `GET /admin`.
pub(super) async fn show(call: Call, Query(which): Query<Which>) -> Result<Answer, Answer> {
    // Inviters have their invitations, and nothing else.
    if matches!(call.actor, Actor::Inviter { .. }) {
        return Ok(call.see("/admin/invitations"));
    }
    let cuts = call.scope(&which.app)?.parts();
    let page = page(&call, &cuts, !which.app.is_empty()).await.map_err(|cause| call.unavailable(&cause))?;
    Ok(call.page(&page))
}

async fn page(call: &Call, cuts: &[Option<AppId>], named: bool) -> Result<Page, StoreError> {
    let mut sections = vec![
        waiting(call, cuts).await?,
        pending(call, cuts).await?,
        open_reviews(call, cuts).await,
        ending(call, cuts).await?,
        refused(call, cuts).await?,
        present(call, cuts),
    ];
    if call.is_administrator() && !named {
        sections.push(health(call).await?);
    }
    let current = cuts.first().and_then(Option::as_ref).filter(|_| named);
    let ways = call.app_ways("/admin", current);
    Ok(Page { part: "/admin", title: call.text("admin-overview"), live: true, ways, sections, ..Page::default() })
}

impl Call {
    /// The same page about another app; nothing, where there is one app only.
    pub(super) fn app_ways(&self, path: &str, current: Option<&AppId>) -> Vec<Way> {
        let apps = self.apps();
        // Inviters have their own invitations, whatever these are to.
        if apps.len() < 2 || matches!(self.actor, Actor::Inviter { .. }) {
            return Vec::new();
        }
        let all = Way { href: path.to_owned(), label: self.text("admin-all-apps"), current: current.is_none() };
        let one = |app: &AppId| Way { href: format!("{path}?app={app}"), label: self.app_name(app), current: current == Some(app) };
        [all].into_iter().chain(apps.iter().map(one)).collect()
    }
}

async fn waiting(call: &Call, cuts: &[Option<AppId>]) -> Result<Section, StoreError> {
    let (mut rows, mut left) = (Vec::new(), None);
    for app in cuts {
        let wanted = Lately { apps: app.iter().cloned().collect(), state: Some("open"), limit: FEW, ..Lately::default() };
        let open = call.ui.admin.store.latest_requests(&wanted).await?;
        rows.extend(open.items.iter().map(|request| requests::row(call, request)));
        left = left.or(open.next.map(|_| more(call, "/admin/requests", app.as_ref())));
    }
    let (title, empty) = (call.text("admin-waiting"), call.text("admin-waiting-none"));
    Ok(Section { title, empty, rows, more: left, ..Section::default() })
}

async fn pending(call: &Call, cuts: &[Option<AppId>]) -> Result<Section, StoreError> {
    let (mut rows, mut left) = (Vec::new(), None);
    for app in cuts {
        let wanted = Lately { apps: app.iter().cloned().collect(), state: Some("pending"), limit: FEW, ..Lately::default() };
        let open = call.ui.admin.store.latest_invitations(&wanted).await?;
        rows.extend(open.items.iter().map(|invitation| invitations::row(call, invitation)));
        left = left.or(open.next.map(|_| more(call, "/admin/invitations", app.as_ref())));
    }
    let (title, empty) = (call.text("admin-pending"), call.text("admin-pending-none"));
    Ok(Section { title, empty, rows, more: left, ..Section::default() })
}

/// The reviews that are open, of what the page is about.
async fn open_reviews(call: &Call, cuts: &[Option<AppId>]) -> Section {
    let said = call.ask(Method::GET, "/api/v1/reviews?state=open&limit=50", &Value::Null).await.unwrap_or_default();
    let shown = |review: &&Value| {
        let app = review.get("app").and_then(Value::as_str).unwrap_or_default();
        cuts.iter().any(|cut| cut.as_ref().is_none_or(|cut| cut.as_str() == app))
    };
    let rows: Vec<Row> = reviews::items(&said).iter().filter(shown).map(|review| reviews::row(call, review)).collect();
    // Most of the time there are none, and nothing has to be said.
    let title = if rows.is_empty() { String::new() } else { call.text("admin-reviews") };
    Section { title, rows, ..Section::default() }
}

async fn ending(call: &Call, cuts: &[Option<AppId>]) -> Result<Section, StoreError> {
    let mut grants = Vec::new();
    for app in cuts {
        let wanted = Ending { app: app.clone(), from: call.now, to: call.now.plus(SOON), limit: 2 * FEW };
        grants.extend(call.ui.admin.store.ending_grants(&wanted).await?);
    }
    grants.sort_by_key(|grant| grant.until);
    let mut rows = Vec::new();
    for grant in grants.iter().take(2 * FEW as usize) {
        let Some(guest) = call.ui.admin.store.guest(grant.guest).await? else { continue };
        let until = grant.until.unwrap_or(Timestamp::NEVER);
        rows.push(Row {
            href: Some(format!("/admin/guests/{}", guest.id)),
            title: guest.email.to_string(),
            lines: vec![call.say("admin-ends").with("app", call.app_name(&grant.app)).with("at", until).to_string()],
            ..Row::default()
        });
    }
    let title = call.say("admin-ending").with("span", SOON).to_string();
    Ok(Section { title, empty: call.text("admin-ending-none"), rows, ..Section::default() })
}

async fn refused(call: &Call, cuts: &[Option<AppId>]) -> Result<Section, StoreError> {
    let wanted = |refused: &Refused| cuts.iter().any(|cut| cut.as_ref().is_none_or(|app| refused.app == *app));
    let mut rows = Vec::new();
    for refused in call.ui.admin.live.refusals(wanted, REFUSALS) {
        let guest = call.ui.admin.store.guest(refused.guest).await?;
        let title = guest.map_or_else(|| refused.guest.to_string(), |guest| guest.email.to_string());
        rows.push(guests::refusal(call, &refused, title, Some(format!("/admin/guests/{}", refused.guest))));
    }
    Ok(Section { title: call.text("admin-refused"), empty: call.text("admin-refused-none"), rows, ..Section::default() })
}

fn present(call: &Call, cuts: &[Option<AppId>]) -> Section {
    let open = call.ui.admin.live.sessions_by_app();
    let shown = call.apps().into_iter().filter(|one| cuts.iter().any(|cut| cut.as_ref().is_none_or(|app| app == one)));
    let rows = shown.map(|one| Row {
        href: Some(format!("/admin/guests?app={one}")),
        title: call.app_name(&one),
        lines: vec![call.say("admin-sessions-open").with("n", open.get(&one).copied().unwrap_or(0)).to_string()],
        ..Row::default()
    });
    Section { title: call.text("admin-present"), rows: rows.collect(), ..Section::default() }
}

async fn health(call: &Call) -> Result<Section, StoreError> {
    let live = &call.ui.admin.live;
    let mails = call.ui.admin.store.mails_waiting().await?;
    let fine = |good: bool, text: String| Mark::new(if good { "good" } else { "alarm" }, text);
    let state = |good: bool| call.text(if good { "admin-well" } else { "admin-unwell" });
    let held = live.held();
    let fresh = live.is_fresh(call.now);
    let mut rows = vec![
        Row { title: call.text("admin-database"), mark: fine(fresh, state(fresh)), ..Row::default() },
        Row {
            title: call.text("admin-mails"),
            lines: vec![call.say("admin-mails-waiting").with("n", usize::try_from(mails).unwrap_or(usize::MAX)).to_string()],
            ..Row::default()
        },
        Row {
            title: call.text("admin-policies"),
            mark: fine(held.is_none(), call.text(if held.is_none() { "admin-in-force" } else { "admin-held" })),
            lines: held.map(|held| call.say("admin-held-what").with("version", held.version.to_string()).to_string()).into_iter().collect(),
            ..Row::default()
        },
    ];
    for (host, until) in call.ui.admin.metrics.certificates() {
        let good = call.now.plus(SOON) < until;
        let lines = vec![call.say("admin-certificate-until").with("at", until).to_string()];
        let title = call.say("admin-certificate").with("host", host).to_string();
        rows.push(Row { title, mark: fine(good, state(good)), lines, ..Row::default() });
    }
    Ok(Section { title: call.text("admin-health"), rows, ..Section::default() })
}

fn more(call: &Call, path: &str, app: Option<&AppId>) -> Way {
    let href = app.map_or_else(|| path.to_owned(), |app| format!("{path}?app={app}"));
    Way { href, label: call.text("admin-more"), current: false }
}
