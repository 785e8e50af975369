//! `policy replay`: what other policies would have said to the traffic of an access log.
//!
//! A line at a time, in bounded memory. Whoever was let in, challenged or blocked had a valid grant, and policies can only restrict: so a
//! line's own decision says all that is needed about grants, and only the facts are to be found.

mod directory;
mod line;
mod lines;
mod report;
mod tally;

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, IsTerminal as _, Read},
    path::{Path, PathBuf},
    rc::Rc,
};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressStyle};

use self::{
    directory::Directory,
    line::{Line, Was},
    lines::{Lines, Read as ReadLine},
    tally::{Seen, Tally},
};
use super::{
    super::{Ended, Global, client::Client, print, table::print_json},
    read, refuse,
};
use crate::{
    base::{AppId, NormalPath, Timestamp},
    policy::{AppPolicies, Client as Sender, Fact, Judged, LoggedRequest, Outcome, PolicySet, RequestFacts, Verdict},
};

/// Which log, and which policies.
#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    /// The access log; `-` is standard input
    #[arg(long)]
    log: PathBuf,
    /// The folder of policy files to try; that of the configuration otherwise
    dir: Option<PathBuf>,
    /// Asks no running gateway about guests and sessions whose facts the log does not hold
    #[arg(long)]
    offline: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Why a line says nothing about policies, or they nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Undecided {
    /// A fact is missing.
    Missing(crate::policy::Missing),
    /// The candidate has no such app.
    NoSuchApp,
    /// The path was too long for the log, or cannot be read.
    Path,
}

/// What the candidate says to a line.
#[derive(Debug, Clone)]
struct Answer {
    outcome: Outcome,
    by: Vec<crate::base::Name>,
    report_only: Vec<crate::base::Name>,
    /// The person, where the facts say who it was.
    email: Option<String>,
}

/// Answers that hold for the same facts for some time.
struct Remembered {
    from: Timestamp,
    until: Timestamp,
    answer: Rc<Result<Answer, Undecided>>,
}

/// Everything that a replay keeps.
struct Replayer<'s> {
    set: &'s PolicySet,
    directory: Directory,
    remembered: HashMap<[u8; 16], Remembered>,
    tally: Tally,
}

/// So many answers are remembered; then it begins anew.
const MOST_REMEMBERED: usize = 200_000;
/// So often, in lines, the progress bar is told.
const TOLD_EVERY: u64 = 4_096;

impl Replay {
    /// Carries it out.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let set = match read(global, self.dir.as_deref())? {
            Err(report) => return refuse(&report),
            Ok((set, _)) => set,
        };
        let directory = if self.offline { Directory::none() } else { Directory::of(gateway(global)) };
        let (input, length) = open(&self.log)?;
        let bar = progress(length);
        let mut replayer = Replayer { set: &set, directory, remembered: HashMap::new(), tally: Tally::default() };
        replayer.run(bar.wrap_read(input), &bar)?;
        let (seconds, asked) = (bar.elapsed().as_secs_f64(), replayer.directory.trouble());
        bar.finish_and_clear();
        if let Some(trouble) = asked {
            print::aside(&format!("lines without facts are told from the log alone: {trouble}"));
        }
        let report = report::Report { tally: &replayer.tally, version: set.version(), seconds };
        if self.json {
            print_json(&report.as_json())?
        } else {
            report.say()?
        }
        Ok(Ended::Done)
    }
}

/// The gateway of the configuration, where there is one.
fn gateway(global: &Global) -> Option<Client> {
    super::super::gateway(global).ok()
}

fn open(log: &Path) -> anyhow::Result<(Box<dyn Read>, Option<u64>)> {
    if log == Path::new("-") {
        return Ok((Box::new(std::io::stdin()), None));
    }
    let file = File::open(log).with_context(|| format!("`{}` cannot be read", log.display()))?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
    Ok((Box::new(file), length))
}

/// A bar on a terminal, nothing elsewhere.
fn progress(length: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let look = match length {
        Some(_) => "{bar:30} {percent:>3}%  {msg}  {eta} left",
        None => "{spinner} {bytes}  {msg}",
    };
    bar.with_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl<'s> Replayer<'s> {
    fn run(&mut self, input: impl Read, bar: &ProgressBar) -> anyhow::Result<()> {
        let mut lines = Lines::new(BufReader::with_capacity(256 * 1024, input));
        loop {
            match lines.next()? {
                ReadLine::End => return Ok(()),
                ReadLine::Blank => {}
                ReadLine::TooLong(number) => self.tally.unreadable(number, "longer than 64 KiB"),
                ReadLine::Line(number, bytes) => match Line::parse(bytes) {
                    Ok(line) => self.line(number, &line),
                    Err(why) => self.tally.unreadable(number, why),
                },
            }
            let n = lines.number();
            if n.is_multiple_of(TOLD_EVERY) {
                let rate = n as f64 / bar.elapsed().as_secs_f64().max(0.001);
                bar.set_message(format!("{n} lines, {rate:.0} lines/s"));
            }
        }
    }

    fn line(&mut self, number: u64, line: &Line<'_>) {
        match line.was {
            Was::NotJudged => self.tally.not_judged(),
            Was::NoGrant => self.tally.no_grant(),
            Was::Public => self.public(number, line),
            Was::Judged(old) => {
                let answer = self.answer(line);
                self.tally.add(&Seen { number, line, old }, &answer);
            }
        }
    }

    /// What the candidate says, by what is remembered of the same facts or anew.
    fn answer(&mut self, line: &Line<'_>) -> Rc<Result<Answer, Undecided>> {
        let Some((app, policies)) = self.app(line) else { return Rc::new(Err(Undecided::NoSuchApp)) };
        let key = key(&app, policies, line);
        if let Some(known) = self.remembered.get(&key)
            && known.from <= line.time
            && line.time < known.until
        {
            return Rc::clone(&known.answer);
        }
        let (answer, until) = self.judge(&app, policies, line);
        let answer = Rc::new(answer);
        if self.remembered.len() >= MOST_REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(key, Remembered { from: line.time, until, answer: Rc::clone(&answer) });
        answer
    }

    fn judge(&mut self, app: &AppId, policies: &AppPolicies, line: &Line<'_>) -> (Result<Answer, Undecided>, Timestamp) {
        let Some(path) = line.path(policies) else { return (Err(Undecided::Path), Timestamp::NEVER) };
        let facts = match line.facts() {
            Some(facts) => Some(facts),
            None => self.directory.facts(app, line),
        };
        let Some(facts) = facts else { return (Err(Undecided::Missing(crate::policy::Missing::Person)), Timestamp::NEVER) };
        let request = LoggedRequest { now: line.time, method: &line.method, path: &path, ip: line.ip };
        match facts.judge(policies, &request) {
            Judged::Undecided(missing) => (Err(Undecided::Missing(missing)), line.time),
            Judged::Decided(answered) => {
                let email = facts.email().map(ToString::to_string);
                (Ok(Answer { outcome: answered.outcome, by: answered.by, report_only: answered.report_only, email }), answered.until)
            }
        }
    }

    /// A request of nobody: it passed; would it still?
    fn public(&mut self, number: u64, line: &Line<'_>) {
        let judged = match self.app(line) {
            None => Err(Undecided::NoSuchApp),
            Some((_, policies)) => public_answer(policies, line),
        };
        self.tally.add(&Seen { number, line, old: Outcome::Allow }, &Rc::new(judged));
    }

    fn app(&self, line: &Line<'_>) -> Option<(AppId, &'s AppPolicies)> {
        let app = AppId::parse(&line.app).ok()?;
        let policies = self.set.app(&app)?;
        Some((app, policies))
    }
}

fn public_answer(policies: &AppPolicies, line: &Line<'_>) -> Result<Answer, Undecided> {
    let path: NormalPath<'static> = line.path(policies).ok_or(Undecided::Path)?;
    let mut outcomes = Sender::ALL.map(|client| {
        let request = RequestFacts { ip: line.ip, client, ..RequestFacts::new(&line.method, &path) };
        policies.decide_public(line.time, &request)
    });
    let first = outcomes[0];
    let alike = outcomes.iter_mut().all(|d| d.verdict == first.verdict);
    let unlogged = [Fact::Header, Fact::Country, Fact::Asn, Fact::Platform, Fact::Device];
    let outcome = match first.verdict {
        Verdict::Allow if alike => Outcome::Allow,
        // What blocks for want of a fact might not have with it.
        Verdict::Block { .. } if alike && !unlogged.into_iter().any(|fact| policies.footprint().reads(fact)) => Outcome::Block,
        Verdict::Allow | Verdict::Block { .. } | Verdict::Challenge(_) | Verdict::NotAssigned(_) => {
            return Err(Undecided::Missing(crate::policy::Missing::Request));
        }
    };
    let names = |bits| policies.rules_in(bits).map(|(_, name)| name.clone()).collect();
    Ok(Answer { outcome, by: names(first.by), report_only: names(first.report_only), email: None })
}

/// What the answer can depend on, in short.
fn key(app: &AppId, policies: &AppPolicies, line: &Line<'_>) -> [u8; 16] {
    let reads = |fact| policies.footprint().reads(fact);
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(app.as_str().as_bytes());
    add(line.guest.as_bytes());
    add(line.session.as_bytes());
    add(line.facts_text().as_bytes());
    add(if reads(Fact::Method) { line.method.as_bytes() } else { b"" });
    add(if reads(Fact::Path) { line.path_text().as_bytes() } else { b"" });
    add(if reads(Fact::Address) { line.ip_text().as_bytes() } else { b"" });
    let mut short = [0; 16];
    hasher.finalize_xof().fill(&mut short);
    short
}
