//! `/api/v1/invitations/bulk`: many invitations at once, and a report about each row.
//!
//! Rows come as JSON or as CSV: ours, or the template for bulk invitations that Entra offers. What was done before is not done again, so a
//! file that broke off in the middle can be sent once more.

use std::collections::{BTreeMap, HashSet};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::header;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AdminState, MOST,
    asker::Asker,
    input::{Query, parsed},
    invitations::{New, NewOffer, count, decide_knowing, invite},
    templates,
    trouble::Trouble,
};
use crate::{
    base::{AppId, EmailAddress, Host, Name},
    config::Config,
    directory::{Actor, Condition, Guest, Invitation, Known, Measure, Proposal, Quota, Unmet},
    store::StoreError,
};

/// How rows are treated.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    /// Nothing is written; the report says what would be.
    dry_run: bool,
    /// The apps of rows that name none, separated by commas.
    apps: Option<String>,
    /// The template of rows that name neither apps nor a template.
    template: Option<String>,
    /// Whether mails are sent where rows do not say so.
    send: Option<bool>,
}

/// Many rows, as JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    rows: Vec<New>,
}

/// What became of all rows.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Report {
    /// Each row, in their order.
    items: Vec<RowReport>,
    invited: usize,
    /// Rows of people who are invited to that already, or have it.
    already: usize,
    refused: usize,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowReport {
    /// Its number: of CSV the first behind the head is 1.
    row: usize,
    email: String,
    /// `invited`, `would-invite`, `already` or `refused`.
    result: &'static str,
    /// The invitation.
    invitation: Option<String>,
    /// Why it is refused.
    detail: Option<String>,
}

/// Most rows in one request; the command line sends longer files in parts.
const MOST_ROWS: usize = 1_000;

/// The columns that we know, and what Entra's template calls them in brackets.
const COLUMNS: [(&str, &str); 11] = [
    ("email", "inviteeEmail"),
    ("name", "inviteeName"),
    ("apps", "apps"),
    ("role", "role"),
    ("access_for", "accessFor"),
    ("groups", "groups"),
    ("message", "customizedMessageBody"),
    ("language", "language"),
    ("send", "sendEmail"),
    ("redirect_url", "inviteRedirectURL"),
    ("template", "template"),
];

/// A row; or the address in it, and why it makes no sense.
type Row = Result<New, (String, String)>;

/// What is sent.
pub(super) struct Sent(Vec<Row>);

/// Invites everybody in a file: CSV with a head, Entra's template for bulk invitations, or JSON.
#[utoipa::path(
    post, path = "/api/v1/invitations/bulk", tag = "invitations", params(How),
    request_body(content((Rows = "application/json"), (String = "text/csv"))),
    responses((status = 200, description = "Done", body = Report))
)]
pub(super) async fn bulk(Asker { state, actor }: Asker, Query(how): Query<How>, request: Request) -> Result<Json<Report>, Trouble> {
    // Whoever may invite nobody is told so before the rows are looked at.
    let _ = crate::directory::sight(&actor)?;
    let Sent(rows) = Sent::read(&state, &how, request).await?;
    if actor_cannot_invite(&actor) {
        return Err(Trouble::Denied);
    }
    let done = Vec::with_capacity(rows.len());
    let mut work = Work { state: &state, actor: &actor, how: &how, done, batch: Batch::default(), promised: Promised::default() };
    for (ix, row) in rows.into_iter().enumerate() {
        work.take(ix + 1, row).await?;
    }
    work.flush().await?;
    Ok(Json(Report::of(work.done)))
}

fn actor_cannot_invite(actor: &Actor) -> bool {
    matches!(actor, Actor::Token(bearer) if bearer.power == crate::directory::Power::Reader)
}

/// Rows on their way. Several are written at once, because each writing waits for the disk.
struct Work<'w> {
    state: &'w AdminState,
    actor: &'w Actor,
    how: &'w How,
    done: Vec<RowReport>,
    batch: Batch,
    promised: Promised,
}

/// How much of each quota the rows before have used up, in a dry run, which writes none of them.
#[derive(Default)]
struct Promised(Vec<(Measure, u32)>);

/// What is decided and not written yet. No address stands in it twice: the second row would be decided as if there was no first.
#[derive(Default)]
struct Batch {
    rows: Vec<(usize, New, Invitation)>,
    proposal: Option<Proposal>,
    addresses: HashSet<String>,
}

/// Rows that are written at once.
const BATCH: usize = 100;

impl Work<'_> {
    /// One row. Only what fails for everybody fails the whole.
    async fn take(&mut self, number: usize, row: Row) -> Result<(), Trouble> {
        let new = match row {
            Ok(new) => new,
            Err((email, why)) => {
                self.done.push(RowReport::refused(number, email, why));
                return Ok(());
            }
        };
        if self.batch.rows.len() >= BATCH || self.batch.addresses.contains(&folded(&new.email)) {
            self.flush().await?;
        }
        match self.decide(number, &new).await {
            Ok(()) => Ok(()),
            Err(trouble) if trouble.is_ours() => Err(trouble),
            Err(trouble) => {
                self.done.push(RowReport::refused(number, new.email, trouble.detail()));
                Ok(())
            }
        }
    }

    async fn decide(&mut self, number: usize, new: &New) -> Result<(), Trouble> {
        let new = &templates::filled(&self.state.live.snapshot().config, new.clone())?;
        let email: EmailAddress = parsed("email", &new.email)?;
        let invitations = self.state.store.invitations_for(&email).await?;
        let guest = self.state.store.guest_by_email(&email).await?;
        if let Some(found) = has_already(self.state, new, &invitations, guest.as_ref()).await? {
            self.done.push(RowReport { invitation: found, ..RowReport::told(number, new, "already") });
            return Ok(());
        }
        let known = Known { guest: guest.as_ref(), earlier: invitations.first() };
        let (invitation, proposal, _) = decide_knowing(self.state, self.actor, new.clone(), known).await?;
        self.batch.addresses.insert(folded(&new.email));
        if self.how.dry_run {
            self.promised.take(self.state, proposal).await?;
            self.done.push(RowReport::told(number, new, "would-invite"));
            return Ok(());
        }
        self.batch.proposal = Some(match self.batch.proposal.take() {
            Some(before) => before.and(proposal),
            None => proposal,
        });
        self.batch.rows.push((number, new.clone(), invitation));
        Ok(())
    }

    /// Writes what is decided; one by one where somebody else has changed anything of it meanwhile.
    async fn flush(&mut self) -> Result<(), Trouble> {
        let Batch { rows, proposal, .. } = std::mem::take(&mut self.batch);
        let Some(proposal) = proposal else { return Ok(()) };
        match self.state.carry_out(proposal).await {
            Ok(()) => {
                for (number, new, invitation) in rows {
                    count(self.state, &invitation);
                    self.done.push(RowReport { invitation: Some(invitation.id.to_string()), ..RowReport::told(number, &new, "invited") });
                }
                return Ok(());
            }
            Err(trouble) if trouble.is_ours() => return Err(trouble),
            Err(_) => {}
        }
        for (number, new, _) in rows {
            let told = RowReport::told(number, &new, "invited");
            match invite(self.state, self.actor, new).await {
                Ok((invitation, _)) => self.done.push(RowReport { invitation: Some(invitation.id.to_string()), ..told }),
                Err(trouble) if trouble.is_ours() => return Err(trouble),
                Err(trouble) => self.done.push(RowReport::refused(number, told.email, trouble.detail())),
            }
        }
        Ok(())
    }
}

impl Promised {
    /// Looks whether there is room for one more row, and keeps it.
    async fn take(&mut self, state: &AdminState, mut proposal: Proposal) -> Result<(), Trouble> {
        for quota in proposal.conditions.iter_mut().filter_map(as_quota) {
            quota.limit = quota.limit.saturating_sub(self.of(&quota.measure));
        }
        match state.store.would_commit(&proposal).await {
            Ok(()) => {
                for quota in proposal.conditions.iter_mut().filter_map(as_quota) {
                    match self.0.iter_mut().find(|(measure, _)| *measure == quota.measure) {
                        Some((_, n)) => *n += 1,
                        None => self.0.push((quota.measure.clone(), 1)),
                    }
                }
                Ok(())
            }
            Err(StoreError::Unmet(mut why)) => {
                if let Unmet::Full(full) = &mut *why {
                    let before = self.of(&full.quota.measure);
                    (full.used, full.quota.limit) = (full.used + before, full.quota.limit + before);
                }
                Err(Trouble::Unmet(why))
            }
            Err(other) => Err(other.into()),
        }
    }

    fn of(&self, measure: &Measure) -> u32 {
        self.0.iter().find(|(known, _)| known == measure).map_or(0, |(_, n)| *n)
    }
}

fn as_quota(condition: &mut Condition) -> Option<&mut Quota> {
    if let Condition::AtMost(quota) = condition { Some(quota) } else { None }
}

/// An address as it is compared within a file: two ways to write it are one.
fn folded(email: &str) -> String {
    EmailAddress::parse(email).map_or_else(|_| email.to_lowercase(), |email| email.to_string())
}

impl RowReport {
    fn told(row: usize, new: &New, result: &'static str) -> Self {
        Self { row, email: new.email.clone(), result, invitation: None, detail: None }
    }

    fn refused(row: usize, email: String, why: String) -> Self {
        Self { row, email, result: "refused", invitation: None, detail: Some(why) }
    }
}

impl Report {
    /// The rows in their order, and how many of each kind.
    fn of(mut items: Vec<RowReport>) -> Self {
        items.sort_by_key(|item| item.row);
        let count = |results: &[&str]| items.iter().filter(|item| results.contains(&item.result)).count();
        let (invited, already, refused) = (count(&["invited", "would-invite"]), count(&["already"]), count(&["refused"]));
        Self { items, invited, already, refused }
    }
}

/// Whether the guest has all that is offered, or is invited to it: then with that invitation.
async fn has_already(
    state: &AdminState,
    new: &New,
    invitations: &[Invitation],
    guest: Option<&Guest>,
) -> Result<Option<Option<String>>, Trouble> {
    let wanted: Vec<&str> = new.apps.iter().map(|offer| offer.app.as_str()).collect();
    let now = state.clock.now();
    let fits = |apps: Vec<&AppId>| wanted.iter().all(|app| apps.iter().any(|have| have.as_str() == *app));
    if let Some(found) = invitations.iter().find(|i| i.is_open(now) && fits(i.offers.iter().map(|o| &o.app).collect())) {
        return Ok(Some(Some(found.id.to_string())));
    }
    let Some(guest) = guest.filter(|guest| guest.is_active()) else { return Ok(None) };
    let grants = state.store.grants_of(guest.id).await?;
    let held = grants.iter().filter(|g| g.is_in_force(now)).map(|g| &g.app).collect();
    Ok(fits(held).then_some(None))
}

impl Sent {
    async fn read(state: &AdminState, how: &How, request: Request) -> Result<Self, Trouble> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Trouble::TooLarge)?;
        if bytes.len() > MOST {
            return Err(Trouble::TooLarge);
        }
        let config = &state.live.snapshot().config;
        let mut rows = if media.starts_with("text/csv") {
            of_csv(config, &bytes)?
        } else {
            let Rows { rows } =
                serde_json::from_slice(&bytes).map_err(|e| Trouble::Input(format!("the body is not what is expected: {e}")))?;
            rows.into_iter().map(Ok).collect()
        };
        if rows.len() > MOST_ROWS {
            return Err(Trouble::Input(format!("there are {} rows; {MOST_ROWS} may be sent at once", rows.len())));
        }
        if let Some(name) = &how.template {
            templates::find(config, name)?;
        }
        let apps: Vec<&str> = how.apps.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|app| !app.is_empty()).collect();
        for new in rows.iter_mut().flatten() {
            if new.apps.is_empty() && new.template.is_none() {
                new.template.clone_from(&how.template);
            }
            if new.apps.is_empty() && new.template.is_none() {
                new.apps = apps.iter().map(|app| NewOffer { app: (*app).to_owned(), role: None, access_for: None }).collect();
            }
            new.send = new.send && how.send.unwrap_or(true);
        }
        Ok(Self(rows))
    }
}

/// The rows of a table. A first line that names a version, as Entra's template has it, is left out, and so are its examples.
fn of_csv(config: &Config, bytes: &[u8]) -> Result<Vec<Row>, Trouble> {
    let text = std::str::from_utf8(bytes).map_err(|_| Trouble::Input("the table is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.to_ascii_lowercase().starts_with("version:") => rest,
        Some(_) | None => text,
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let unread = |error: csv::Error| Trouble::Input(format!("the table cannot be read: {error}"));
    let head = reader.headers().map_err(unread)?.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    if !head.contains(&"email") {
        return Err(Trouble::Input("the table has no column `email`".to_owned()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unread)?;
        let cells: BTreeMap<&str, &str> = head.iter().copied().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()).collect();
        if cells.is_empty() || cells.get("email").is_some_and(|email| email.starts_with("Example:")) {
            continue;
        }
        let email = cells.get("email").copied().unwrap_or_default().to_owned();
        rows.push(row(config, &cells).map_err(|trouble| (email, trouble.detail())));
    }
    Ok(rows)
}

/// Which of our columns a head means: by its name, or by what stands in brackets.
fn column(head: &str) -> Result<&'static str, Trouble> {
    let bracketed = head.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(name, _)| name);
    let folded = head.to_ascii_lowercase().replace([' ', '-'], "_");
    let found = COLUMNS.iter().find(|(ours, theirs)| match bracketed {
        Some(name) => name.eq_ignore_ascii_case(theirs),
        None => folded == *ours || (folded == "app" && *ours == "apps"),
    });
    found.map(|(ours, _)| *ours).ok_or_else(|| {
        let near = crate::base::nearest(&folded, COLUMNS.iter().map(|(ours, _)| *ours)).map(|near| format!("; did you mean `{near}`?"));
        Trouble::Input(format!("there is no column `{head}`{}", near.unwrap_or_default()))
    })
}

fn row(config: &Config, cells: &BTreeMap<&str, &str>) -> Result<New, Trouble> {
    let cell = |name: &str| cells.get(name).map(|text| (*text).to_owned());
    let several = |name: &str| cells.get(name).map(|text| text.split([' ', ';', ',']).filter(|part| !part.is_empty()).collect::<Vec<_>>());
    let mut apps: Vec<String> = several("apps").unwrap_or_default().into_iter().map(str::to_owned).collect();
    if let Some(url) = cells.get("redirect_url").filter(|_| apps.is_empty()) {
        apps.push(app_of_url(config, url)?.to_string());
    }
    let groups: Vec<String> = several("groups").unwrap_or_default().into_iter().map(str::to_owned).collect();
    for group in &groups {
        let _: Name = parsed("groups", group)?;
    }
    let send = match cells.get("send").map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("true" | "yes" | "1") => true,
        Some("false" | "no" | "0") => false,
        Some(other) => return Err(Trouble::Input(format!("`send`: `{other}` is neither `true` nor `false`"))),
    };
    let offer = |app: String| NewOffer { app, role: cell("role"), access_for: cell("access_for") };
    Ok(New {
        email: cell("email").ok_or_else(|| Trouble::Input("the row has no address".to_owned()))?,
        name: cell("name"),
        groups,
        attributes: BTreeMap::new(),
        message: cell("message"),
        language: cell("language"),
        cc: Vec::new(),
        // Entra's own template names any page there; where it is none of the apps', it says nothing.
        redirect_url: cell("redirect_url").filter(|url| app_of_url(config, url).is_ok_and(|app| apps.contains(&app.to_string()))),
        apps: apps.into_iter().map(offer).collect(),
        template: cell("template"),
        send,
        expires_in: None,
    })
}

/// The app whose public host an address names.
pub(super) fn app_of_url(config: &Config, url: &str) -> Result<AppId, Trouble> {
    let none = || Trouble::Input(format!("`{url}` leads to no app of this gateway"));
    let parsed = url::Url::parse(url).map_err(|_| none())?;
    let host = parsed.host_str().and_then(|host| Host::parse(host).ok()).filter(|_| parsed.scheme() == "https").ok_or_else(none)?;
    let found = config.apps.iter().find(|app| app.host == host).ok_or_else(none)?;
    // An address on another port is another server's.
    let ours = url::Url::parse(&config.origin(&found.host)).is_ok_and(|ours| ours.origin() == parsed.origin());
    if ours { Ok(found.id.clone()) } else { Err(none()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let host = Host::parse("charts.example.com").unwrap();
        let app = crate::config::App::with_defaults(
            AppId::parse("charts").unwrap(),
            host,
            crate::config::Upstream::plain([127, 0, 0, 1].into(), 9),
        );
        let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
        config.listen.public_port = Some(443);
        config
    }

    #[test]
    fn the_template_of_entra_is_read_as_it_is() {
        let table = "version:v1.0,,,\r\n\
            Email address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,\
            Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]\r\n\
            Example: sample@contoso.com,https://myapplications.microsoft.com,true,Please accept this invite!\r\n\
            ann@partner.example,https://charts.example.com/start,FALSE,\"Welcome, Ann\"\r\n\
            bob@partner.example,https://elsewhere.example.com,,\r\n";
        let rows = of_csv(&config(), table.as_bytes()).map_err(|t| t.detail()).unwrap();
        let ann = rows[0].as_ref().unwrap();
        assert_eq!((ann.email.as_str(), ann.apps[0].app.as_str(), ann.send), ("ann@partner.example", "charts", false));
        assert_eq!(ann.message.as_deref(), Some("Welcome, Ann"));
        assert!(rows[1].as_ref().unwrap_err().1.contains("leads to no app"));
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn our_columns_come_in_any_order_and_unknown_ones_are_named() {
        let rows = of_csv(&config(), b"App,Name,email\ncharts,Ann,ann@partner.example\n").map_err(|t| t.detail()).unwrap();
        assert_eq!(rows[0].as_ref().unwrap().name.as_deref(), Some("Ann"));
        let wrong = of_csv(&config(), b"email,grups\n").unwrap_err().detail();
        assert_eq!(wrong, "there is no column `grups`; did you mean `groups`?");
        assert!(of_csv(&config(), b"name\nAnn\n").is_err());
    }

    #[test]
    fn only_the_very_host_of_an_app_leads_to_it() {
        for (url, leads) in [
            ("https://charts.example.com", true),
            ("https://charts.example.com:443/deep?x=1", true),
            ("https://CHARTS.example.com/", true),
            ("http://charts.example.com/", false),
            ("https://charts.example.com:8443/", false),
            ("https://charts.example.com.evil.example/", false),
            ("https://charts.example.com@evil.example/", false),
            ("charts.example.com", false),
        ] {
            assert_eq!(app_of_url(&config(), url).is_ok(), leads, "{url}");
        }
    }
}
