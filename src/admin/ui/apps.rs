//! The applications: who owns them, what their policies say, whether the policies' own tests pass, and what those on trial would have done.

use axum::extract::Path;

use super::{
    call::Call,
    page::{Mark, Page, Row, Section, Way, facts_of},
};
use crate::{
    base::{AppId, Source},
    config::App,
    policy::{Case, ExplainedPolicy, State},
    web::Answer,
};

/// `GET /admin/apps`.
pub(super) async fn list(call: Call) -> Result<Answer, Answer> {
    let apps: Vec<AppId> = call.apps().into_iter().filter(|app| call.looks_after(app)).collect();
    if apps.is_empty() {
        return Err(call.missing());
    }
    let row = |app: &AppId| {
        let host = call.config().app(app).map(|app| app.host.to_string());
        let policies = call.snapshot.policies.app(app).map_or(0, |policies| policies.len());
        let n = call.say("admin-policies-n").with("n", policies).to_string();
        Row {
            href: Some(format!("/admin/apps/{app}")),
            title: call.app_name(app),
            lines: host.into_iter().chain([n]).collect(),
            ..Row::default()
        }
    };
    let rows = apps.iter().map(row).collect();
    let page = Page {
        part: "/admin/apps",
        title: call.text("admin-apps"),
        sections: vec![Section { rows, ..Section::default() }],
        ..Page::default()
    };
    Ok(call.page(&page))
}

/// `GET /admin/apps/{id}`.
pub(super) async fn show(call: Call, Path(id): Path<String>) -> Result<Answer, Answer> {
    let app = call.config().apps.iter().find(|app| app.id.as_str() == id && call.looks_after(&app.id)).cloned();
    let app = app.ok_or_else(|| call.missing())?;
    let way = |href: String, text: &str| Way { href, label: call.text(text), current: false };
    let page = Page {
        part: "/admin/apps",
        title: app.name.clone(),
        eyebrow: Some(app.host.to_string()),
        facts: facts(&call, &app),
        ways: vec![
            way(format!("/admin/guests?app={}", app.id), "admin-guests"),
            way(format!("/admin/what-if?app={}", app.id), "admin-what-if"),
        ],
        sections: vec![policies(&call, &app.id), trials(&call, &app.id), tests(&call, &app.id), written(&call, &app.id)],
        ..Page::default()
    };
    Ok(call.page(&page))
}

fn facts(call: &Call, app: &App) -> Vec<(String, String)> {
    let groups = app.owner_groups.iter().map(ToString::to_string);
    let owners: Vec<String> = app.owners.iter().map(ToString::to_string).chain(groups).collect();
    // What nobody may have together with it.
    let groups = call.config().exclusive.groups().iter().filter(|group| group.iter().any(|duty| duty.app == app.id));
    let excludes: Vec<String> = groups.map(|group| group.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ")).collect();
    facts_of(
        call,
        [
            ("admin-owners", Some(owners.join(", "))),
            ("admin-policy-version", Some(call.snapshot.policies.version().to_string())),
            ("admin-exclusive", Some(excludes.join(", "))),
        ],
    )
}

/// Each policy with what it does, as the talkative evaluator puts it.
fn policies(call: &Call, app: &AppId) -> Section {
    let given = Source::new("given", "guest: guest@partner.example");
    let explained = call.snapshot.policies.what_if(app, &given, "GET /").ok();
    let explained = explained.zip(call.snapshot.policies.app(app)).map(|(what_if, policies)| what_if.explain(policies).policies);
    let row = |policy: &ExplainedPolicy| Row {
        title: policy.name.to_string(),
        mark: state(call, policy.state),
        // Nobody asks here, so that nothing is unmet.
        lines: policy.description.clone().into_iter().chain([policy.effect.replace(" (unmet)", "").replace(" (met)", "")]).collect(),
        ..Row::default()
    };
    let rows = explained.unwrap_or_default().iter().map(row).collect();
    Section { title: call.text("admin-policies"), empty: call.text("admin-policies-none"), rows, ..Section::default() }
}

/// The state of a policy, where it is not the usual one.
pub(super) fn state(call: &Call, state: State) -> Option<Mark> {
    match state {
        State::Enforced => None,
        State::ReportOnly => Mark::new("good", call.text("admin-report-only")),
        State::Off => Mark::new("quiet", call.text("admin-off")),
    }
}

fn trials(call: &Call, app: &AppId) -> Section {
    let rows = call.ui.admin.live.trials().into_iter().filter(|trial| trial.app == *app).map(|trial| {
        let n = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let said = call.say(if trial.blocks { "admin-would-block" } else { "admin-would-challenge" });
        let line = said.with("requests", n(trial.requests)).with("guests", trial.guests.len()).with("since", trial.since).to_string();
        Row { title: trial.policy.to_string(), lines: vec![line], ..Row::default() }
    });
    Section { title: call.text("admin-trials"), empty: call.text("admin-trials-none"), rows: rows.collect(), ..Section::default() }
}

fn tests(call: &Call, app: &AppId) -> Section {
    let set = &call.snapshot.policies;
    let row = |case: &Case| {
        let result = case.run(set)?;
        let passed = result.passed();
        let mark = if passed { Mark::new("good", call.text("admin-passes")) } else { Mark::new("alarm", call.text("admin-fails")) };
        Some(Row { title: case.name.clone(), mark, lines: result.differences, ..Row::default() })
    };
    let rows = set.cases().iter().filter(|case| case.app == *app).filter_map(row).collect();
    Section { title: call.text("admin-tests"), empty: call.text("admin-tests-none"), rows, ..Section::default() }
}

fn written(call: &Call, app: &AppId) -> Section {
    let text = call.snapshot.policies.app(app).filter(|policies| !policies.is_empty()).map(|policies| policies.to_yaml());
    Section { title: call.text("admin-as-written"), empty: String::new(), text, ..Section::default() }
}
