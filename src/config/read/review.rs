//! `apps[].review:`, and `exclusive:`.

use super::{app::AppRead, fields::Read, parts::LONGEST};
use crate::{
    base::{Duty, Exclusions, Reviewers, Span, yaml::Node},
    config::Recurring,
};

impl Read<'_> {
    /// `{ every, answer_within, reminders, reviewers }`.
    pub(super) fn review(&mut self, node: &Node) -> Option<Recurring> {
        let fields = self.fields(node, &["every", "answer_within", "reminders", "reviewers"], &[])?;
        let usual = Recurring::default();
        let length = |r: &mut Self, n: &Node| r.span(n, Span::hours(1), LONGEST);
        let every = self.or(fields.get("every"), usual.every, length);
        let answer_within = self.or(fields.get("answer_within"), usual.answer_within.min(every), length);
        if answer_within > every {
            let help = "a review is over before the next one opens";
            self.error(fields.at("answer_within"), format!("`answer_within` ({answer_within}) is longer than `every` ({every})"), help);
        }
        let mut reminders = match fields.get("reminders") {
            None => usual.reminders.into_iter().filter(|before| *before < answer_within).collect(),
            Some(n) => self.elements(n).iter().filter_map(|element| length(self, element)).collect::<Vec<_>>(),
        };
        if let Some(early) = reminders.iter().find(|before| **before >= answer_within) {
            let message = format!("a reminder `{early}` before the end would come before the review is opened");
            self.error(fields.at("reminders"), message, "write less than `answer_within`");
        }
        reminders.sort_by(|a, b| b.cmp(a));
        reminders.dedup();
        let words = [("owners", Reviewers::Owners), ("sponsors", Reviewers::Sponsors)];
        let reviewers = self.or(fields.get("reviewers"), Reviewers::default(), |r, n| r.choice(n, &words));
        Some(Recurring { every, answer_within, reminders, reviewers })
    }

    /// Groups of apps, or of roles in them, of which nobody may have more than one.
    pub(super) fn exclusive(&mut self, node: &Node, apps: &[AppRead]) -> Exclusions {
        let mut groups = Vec::new();
        for element in self.elements(node) {
            let mut group: Vec<Duty> = Vec::new();
            for named in self.elements(element) {
                let Some(duty) = self.reader.parsed::<Duty>(named) else { continue };
                let known: Vec<&str> = apps.iter().filter_map(|app| app.id.as_ref()).map(|(id, _)| id.as_str()).collect();
                if !known.contains(&duty.app.as_str()) {
                    self.reader.unknown("app", duty.app.as_str(), named.at, &known);
                }
                let role = |other: &Duty| other.app == duty.app && (other.role.is_none() || duty.role.is_none() || other.role == duty.role);
                if group.iter().any(role) {
                    self.error(named.at, format!("`{duty}` is in this group already"), "leave it out");
                }
                group.push(duty);
            }
            if group.len() < 2 {
                self.error(
                    element.at,
                    "nothing is excluded here",
                    "write groups of at least two, such as `[[orders:clerk, payments:approver]]`",
                );
            }
            groups.push(group);
        }
        Exclusions::new(groups)
    }
}
