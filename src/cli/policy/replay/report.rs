//! What came of a replay, for people and for programs.

use serde_json::{Value, json};

use super::{
    super::super::print,
    Undecided,
    tally::{ByGuest, Change, Example, Tally},
};
use crate::policy::PolicyVersion;

/// What is told.
pub(super) struct Report<'t> {
    pub(super) tally: &'t Tally,
    pub(super) version: PolicyVersion,
    pub(super) seconds: f64,
}

/// So many guests are named to people, and to programs.
const MOST_GUESTS: (usize, usize) = (10, 1_000);
/// So many examples of each kind are shown to people.
const MOST_EXAMPLES: usize = 5;
/// So wide is a line for people.
const WIDE: usize = 80;

impl Undecided {
    fn as_str(self) -> &'static str {
        match self {
            Self::Missing(missing) => missing.as_str(),
            Self::NoSuchApp => "an app that the candidate does not have",
            Self::Path => "a path that the log has cut",
        }
    }
}

const CHANGES: [(Change, &str, &str); 3] = [
    (Change::Blocked, "newly_blocked", "newly blocked"),
    (Change::Challenged, "newly_challenged", "newly challenged"),
    (Change::LetIn, "newly_let_in", "newly let in"),
];

impl Report<'_> {
    /// For programs.
    pub(super) fn as_json(&self) -> Value {
        let tally = self.tally;
        let policies: Vec<Value> = tally
            .policies
            .iter()
            .map(|((app, policy), counts)| {
                let mut value = json!(counts);
                if let Some(map) = value.as_object_mut() {
                    map.insert("app".to_owned(), json!(app));
                    map.insert("policy".to_owned(), json!(policy));
                }
                value
            })
            .collect();
        let guests: Vec<Value> = self.guests().into_iter().take(MOST_GUESTS.1).map(|(guest, counts)| with_guest(guest, counts)).collect();
        let unreadable: Vec<Value> = tally.unreadable.first.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect();
        let undecided: serde_json::Map<String, Value> =
            tally.undecided.iter().map(|(why, count)| (why.as_str().to_owned(), json!(count))).collect();
        let mut answer = json!({
            "lines": tally.lines, "unchanged": tally.unchanged, "not_assigned": tally.no_grant, "not_judged": tally.not_judged,
            "undecided": tally.undecided.values().sum::<u64>(), "undecided_for_want_of": undecided,
            "unreadable": tally.unreadable.lines, "unreadable_lines": unreadable,
            "policies": policies, "guests": guests, "policy_version": self.version.to_string(),
            "seconds": (self.seconds * 1_000.0).round() / 1_000.0, "lines_per_second": self.rate(),
        });
        if let Some(map) = answer.as_object_mut() {
            let mut all: Vec<&Example> = Vec::new();
            for (change, key, _) in CHANGES {
                let changed = tally.changes.get(&change);
                map.insert(key.to_owned(), json!(changed.map_or(0, |c| c.requests)));
                all.extend(changed.into_iter().flat_map(|c| &c.examples));
            }
            map.insert("examples".to_owned(), json!(all));
        }
        answer
    }

    /// For people.
    pub(super) fn say(&self) -> anyhow::Result<()> {
        let tally = self.tally;
        let rate = self.rate();
        print::line(&format!("{} lines in {:.1} s ({rate} lines/s), against policies {}\n", tally.lines, self.seconds, self.version))?;
        let row = |count: u64, what: &str| if count > 0 { print::paragraph(&format!("{count:>10}  "), what) } else { Ok(()) };
        for (change, _, words) in CHANGES {
            row(tally.changes.get(&change).map_or(0, |c| c.requests), words)?;
        }
        row(tally.unchanged, "decided as before")?;
        row(tally.no_grant, "without a grant, before and after")?;
        row(tally.not_judged, "never came to policies: no session, or no request for an app")?;
        for (why, count) in &tally.undecided {
            row(*count, &format!("cannot be decided, for want of {}", why.as_str()))?;
        }
        row(tally.unreadable.lines, "cannot be read")?;
        for (number, why) in tally.unreadable.first.iter().take(MOST_EXAMPLES) {
            print::line(&format!("            line {number}: {why}"))?;
        }
        self.say_policies()?;
        self.say_guests()?;
        for (change, _, words) in CHANGES {
            if let Some(changed) = tally.changes.get(&change) {
                print::line(&format!("\n{words}, for example"))?;
                changed.examples.iter().take(MOST_EXAMPLES).try_for_each(say_example)?;
            }
        }
        Ok(())
    }

    fn say_policies(&self) -> anyhow::Result<()> {
        if self.tally.policies.is_empty() {
            return Ok(());
        }
        print::line("\n    blocks  challenges  report-only  policy")?;
        for ((app, policy), counts) in &self.tally.policies {
            let with = |all: u64, new: u64| if new > 0 { format!("{all} (+{new})") } else { all.to_string() };
            let blocks = with(counts.blocks, counts.newly_blocked);
            let challenges = with(counts.challenges, counts.newly_challenged);
            print::line(&format!("{blocks:>10}  {challenges:>10}  {:>11}  {policy} ({app})", counts.report_only))?;
        }
        Ok(())
    }

    fn say_guests(&self) -> anyhow::Result<()> {
        let guests = self.guests();
        if guests.is_empty() {
            return Ok(());
        }
        print::line("\n   blocked  challenged       let in  guest")?;
        for (guest, counts) in guests.iter().take(MOST_GUESTS.0) {
            let ByGuest { newly_blocked, newly_challenged, newly_let_in } = counts;
            print::line(&format!("{newly_blocked:>10}  {newly_challenged:>10}  {newly_let_in:>11}  {guest}"))?;
        }
        let more = guests.len().saturating_sub(MOST_GUESTS.0);
        if more > 0 { print::line(&format!("            … and {more} more guests")) } else { Ok(()) }
    }

    /// Those for whom most changes first.
    fn guests(&self) -> Vec<(&str, &ByGuest)> {
        let mut guests: Vec<(&str, &ByGuest)> = self.tally.guests.iter().map(|(guest, counts)| (guest.as_str(), counts)).collect();
        let changes = |counts: &ByGuest| counts.newly_blocked + counts.newly_challenged + counts.newly_let_in;
        guests.sort_by(|a, b| changes(b.1).cmp(&changes(a.1)).then(a.0.cmp(b.0)));
        guests
    }

    fn rate(&self) -> u64 {
        (self.tally.lines as f64 / self.seconds.max(0.001)) as u64
    }
}

fn with_guest(guest: &str, counts: &ByGuest) -> Value {
    let mut value = json!(counts);
    if let Some(map) = value.as_object_mut() {
        map.insert("guest".to_owned(), json!(guest));
    }
    value
}

fn say_example(example: &Example) -> anyhow::Result<()> {
    let by: Vec<&str> = example.by.iter().map(crate::base::Name::as_str).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    print::line(&cut(&format!("    line {}  {}  {} ({})", example.line, example.time, example.request, example.app)))?;
    let who = example.guest.as_deref().unwrap_or("nobody");
    print::line(&format!("        {who} from {}: {} becomes {}{by}", example.ip, example.old, example.new))
}

/// No longer than a line, and nothing in it that moves a cursor.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().map(|c| if print::is_unseen(c) { '?' } else { c }).take(WIDE).collect();
    if text.chars().count() > WIDE {
        shown.pop();
        shown.push('…');
    }
    shown
}
