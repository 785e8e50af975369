//! What a guest sees of each application: whether it is open now, what it asks for or why it is closed, and what can be asked for.

use super::{visit::Visit, wish};
use crate::{
    base::NormalPath,
    config::App,
    directory::{Grant, Request, RequestKind},
    language::Said,
    live::SessionView,
    policy::{AppPolicies, Facts, GrantState, Need, PersonFacts, RequestFacts, Unmet, Verdict},
};

/// One application on the page.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) name: String,
    /// The name of its logo among our assets.
    pub(super) logo: Option<String>,
    /// Where it is opened; `None`: it is closed.
    pub(super) url: Option<String>,
    /// What there is to know, in short sentences.
    pub(super) lines: Vec<String>,
    /// What can be asked for, and where.
    pub(super) ask: Option<(&'static str, String)>,
    /// Whether it is only offered: the guest has no access.
    pub(super) is_offer: bool,
}

/// The tiles of everything that the guest has, had, or may ask for. What is hidden from the guest is not among them.
pub(super) fn tiles(visit: &Visit, root: &SessionView, grants: &[Grant], requests: &[Request]) -> Vec<Tile> {
    visit.config().apps.iter().filter_map(|app| tile(visit, root, app, (grants, requests))).collect()
}

fn tile(visit: &Visit, root: &SessionView, app: &App, (grants, requests): (&[Grant], &[Request])) -> Option<Tile> {
    let held = grants.iter().find(|g| g.app == app.id && g.is_active());
    let wish = wish::wish(app, grants, visit.now);
    if held.is_none() && wish.is_none() {
        return None;
    }
    let asked = requests.iter().find(|r| r.app == app.id && r.kind != RequestKind::Approval && r.is_undecided(visit.now));
    let mut lines = Vec::new();
    let url = held.and_then(|grant| open(visit, root, app, grant, &mut lines));
    if let Some(request) = asked {
        lines.push(visit.site.say("tile-asked").with("at", request.created).to_string());
    }
    let label = match wish {
        _ if asked.is_some() => None,
        Some(RequestKind::Access) => Some("wish-access"),
        Some(RequestKind::Extension | RequestKind::SignUp | RequestKind::Approval) => Some("wish-time"),
        None => None,
    };
    Some(Tile {
        name: app.name.clone(),
        logo: app.logo.as_ref().map(|logo| logo.name.clone()),
        url,
        lines,
        ask: label.map(|label| (label, format!("/apps/{}/request", app.id))),
        is_offer: held.is_none(),
    })
}

/// Where the app is opened, if it is open now; the lines say what else there is to know.
fn open(visit: &Visit, root: &SessionView, app: &App, grant: &Grant, lines: &mut Vec<String>) -> Option<String> {
    let now = visit.now;
    if now < grant.from {
        lines.push(visit.site.say("tile-from").with("from", grant.from).to_string());
        return None;
    }
    match grant.until {
        Some(until) if until <= now => {
            lines.push(visit.site.say("tile-ended").with("until", until).to_string());
            return None;
        }
        Some(until) => lines.push(visit.site.say("home-until").with("until", until).to_string()),
        None => lines.push(visit.site.say("home-no-end").to_string()),
    }
    let live = visit.snapshot.app(&app.id)?;
    let closed = match judge(visit, root, &live.policies, grant) {
        None | Some(Verdict::Allow) => false,
        Some(Verdict::Challenge(unmet)) => {
            lines.extend(needs(visit, &live.policies, unmet, root));
            false
        }
        Some(Verdict::Block { rule }) => {
            let message = live.policies.message(rule);
            lines.push(if message.is_empty() { visit.site.say("tile-closed").to_string() } else { message.to_owned() });
            true
        }
        Some(Verdict::NotAssigned(_)) => true,
    };
    // The app starts the sign-in, since only it can bind the way back to this browser.
    (!closed).then(|| format!("{}/", visit.config().origin(&app.host)))
}

/// What the policies would say to the app's first page, asked from here by what is known of this browser.
fn judge(visit: &Visit, root: &SessionView, policies: &AppPolicies, grant: &Grant) -> Option<Verdict> {
    let path = NormalPath::parse(b"/", policies.path_rules()).ok()?;
    let person = PersonFacts { role: grant.role.as_ref(), ..root.person() };
    let subject = policies.subject(&person);
    let place = visit.snapshot.places.of(visit.peer.ip);
    let request = RequestFacts { ip: Some(visit.peer.ip), country: place.country, asn: place.asn, ..RequestFacts::new("GET", &path) };
    let facts = Facts {
        proofs: &root.session.proofs,
        signed_in: Some(root.session.signed_in),
        terms: root.terms(),
        approved: grant.approved.as_ref().map(|approved| approved.at),
        justified: root.session.stated.contains_key(&grant.app),
        ..Facts::new(visit.now, &subject, GrantState::Valid { until: grant.until }, request)
    };
    Some(policies.decide(&facts).verdict)
}

/// What the app asks for beside what was shown, for each of its demands the shortest way.
fn needs(visit: &Visit, policies: &AppPolicies, unmet: Unmet, root: &SessionView) -> Vec<String> {
    let shortest = |ways: Vec<Vec<Need>>| ways.into_iter().filter(|way| !way.is_empty()).min_by_key(Vec::len).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for need in policies.unmet(unmet).flat_map(|requirement| shortest(requirement.ways(&root.session.proofs))) {
        let line = visit.site.say("tile-needs").with("needs", in_words(visit, &need)).to_string();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn in_words<'v>(visit: &'v Visit, need: &Need) -> Said<'v> {
    let site = &visit.site;
    match need {
        Need::EmailCode => site.say("tile-need-email-code"),
        Need::Passkey => site.say("tile-need-passkey"),
        Need::Totp => site.say("tile-need-totp"),
        Need::Federated(Some(provider)) => site.say("tile-need-federated").with("provider", provider.as_str()),
        Need::Federated(None) => site.say("tile-need-federated-any"),
        Need::ClientCertificate => site.say("tile-need-certificate"),
        Need::SecondFactor => site.say("tile-need-second-factor"),
        Need::FreshSignIn => site.say("tile-need-fresh-sign-in"),
        Need::Terms(_) => site.say("tile-need-terms"),
        Need::KnownDevice => site.say("tile-need-known-device"),
        Need::Approval => site.say("tile-need-approval"),
        Need::Justification => site.say("tile-need-justification"),
    }
}
