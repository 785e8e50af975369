//! What was allowed lately: a bounded sample of requests of each app, to weigh other policies against before they act.
//!
//! In memory, by the hour, without cookies and credentials. After a restart there is nothing to weigh against until requests come.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    base::{AppId, Country, EmailAddress, Name, NormalPath, Span, Timestamp},
    policy::{Client, Devices, HeaderFacts, Headers, Platform, RequestFacts, Verdict},
};

use super::{LiveApp, SessionView, Snapshot};

/// A request that was allowed, with everything that another set of policies might ask about it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub view: Arc<SessionView>,
    /// The method.
    pub method: Box<str>,
    /// The path in its normal form.
    pub path: NormalPath<'static>,
    /// The headers, but for those that are secret.
    pub headers: Lines,
    /// Everything else about the request; its method, path and headers are those above.
    pub facts: Scalars,
}

/// The facts of a request that borrow nothing.
#[derive(Debug, Clone, Copy)]
pub struct Scalars {
    ip: Option<IpAddr>,
    country: Option<Country>,
    asn: Option<u32>,
    platform: Option<Platform>,
    device: Devices,
    client: Client,
}

/// Header fields that were copied out of a request.
#[derive(Debug, Clone, Default)]
pub struct Lines(pub Vec<(Box<str>, Box<[u8]>)>);

/// What another set of policies would have made of what was allowed in the last hour.
#[derive(Debug, Clone, Default)]
pub struct Weighed {
    /// By app; those of which nothing is known are not there.
    pub apps: Vec<WeighedApp>,
}

/// … of one app.
#[derive(Debug, Clone)]
pub struct WeighedApp {
    /// Which.
    pub app: AppId,
    /// How many requests were allowed.
    pub allowed: u64,
    /// How many of them were looked at.
    pub samples: u64,
    /// How many of those would be blocked, or find no app.
    pub blocked: u64,
    /// How many would be asked for more.
    pub challenged: u64,
    /// Some of them.
    pub examples: Vec<Turn>,
}

/// A request that was allowed and would not be.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Whose.
    pub guest: EmailAddress,
    /// The method.
    pub method: Box<str>,
    /// The path in its normal form.
    pub path: String,
    /// What would become of it: `block`, `challenge` or `not-assigned`.
    pub decision: &'static str,
    /// By which policies.
    pub by: Vec<Name>,
}

/// The samples of all apps.
#[derive(Debug, Default)]
pub(super) struct Reservoir(Mutex<HashMap<AppId, Hours>>);

/// This hour and the one before.
#[derive(Debug, Default)]
struct Hours {
    hour: i64,
    now: Hour,
    before: Hour,
}

#[derive(Debug, Default)]
struct Hour {
    allowed: u64,
    samples: Vec<Sample>,
}

/// Samples of an app and hour.
pub const SAMPLES: u64 = 1_000;
/// Samples of all apps together: memory is bounded however many apps there are.
const MOST: usize = 50_000;
/// Refusals that are shown for each app.
const EXAMPLES: usize = 3;

impl Reservoir {
    /// Takes a sample that stands for so many allowed requests. `random` chooses which one it replaces where there are enough.
    pub(super) fn take(&self, app: &AppId, sample: Sample, stands_for: u64, random: u64) {
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = if apps.len() > MOST / SAMPLES as usize { apps.values().map(Hours::len).sum() } else { 0 };
        let hours = apps.entry(app.clone()).or_default();
        hours.turn_to(sample.at);
        hours.now.allowed += stands_for;
        let samples = &mut hours.now.samples;
        if samples.len() < SAMPLES as usize && kept < MOST {
            samples.push(sample);
        } else if let Some(place) = usize::try_from(random % SAMPLES).ok().and_then(|at| samples.get_mut(at)) {
            *place = sample;
        }
    }

    /// What a set of policies would have made of the last hour.
    pub(super) fn weigh(&self, candidate: &Snapshot, now: Timestamp) -> Weighed {
        let of = |(id, hours): (&AppId, &Hours)| Some((Arc::clone(candidate.app(id)?), hours.of_the_last_hour(now)));
        // The lock is not held while policies are evaluated: requests wait for it.
        let lately: Vec<(Arc<LiveApp>, Hour)> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(of).collect();
        let mut apps: Vec<WeighedApp> =
            lately.iter().filter(|(_, hour)| !hour.samples.is_empty()).map(|(app, hour)| WeighedApp::of(app, hour)).collect();
        apps.sort_by(|a, b| a.app.cmp(&b.app));
        Weighed { apps }
    }
}

impl Hours {
    fn turn_to(&mut self, at: Timestamp) {
        let hour = at.as_secs() / 3_600;
        if hour == self.hour + 1 {
            self.before = std::mem::take(&mut self.now);
        } else if hour > self.hour {
            (self.before, self.now) = (Hour::default(), Hour::default());
        }
        self.hour = self.hour.max(hour);
    }

    fn of_the_last_hour(&self, now: Timestamp) -> Hour {
        let from = now.minus(Span::hours(1));
        let samples = self.now.samples.iter().chain(&self.before.samples).filter(|sample| sample.at >= from).cloned().collect();
        Hour { allowed: self.now.allowed + self.before.allowed, samples }
    }

    fn len(&self) -> usize {
        self.now.samples.len() + self.before.samples.len()
    }
}

impl WeighedApp {
    fn of(app: &LiveApp, hour: &Hour) -> Self {
        let mut weighed = Self {
            app: app.app.id.clone(),
            allowed: hour.allowed,
            samples: hour.samples.len() as u64,
            blocked: 0,
            challenged: 0,
            examples: Vec::new(),
        };
        for sample in &hour.samples {
            let subject = app.policies.subject(&sample.view.person());
            let view = &sample.view;
            let decision = app.policies.decide(&view.facts(sample.at, &subject, view.grant_state(sample.at), sample.request()));
            match decision.verdict {
                Verdict::Allow => continue,
                Verdict::Challenge(_) => weighed.challenged += 1,
                Verdict::Block { .. } | Verdict::NotAssigned(_) => weighed.blocked += 1,
            }
            if weighed.examples.len() < EXAMPLES {
                weighed.examples.push(Turn {
                    guest: sample.view.guest.email.clone(),
                    method: sample.method.clone(),
                    path: sample.path.to_string(),
                    decision: decision.verdict.as_str(),
                    by: app.policies.rules_in(decision.by).map(|(_, name)| name.clone()).collect(),
                });
            }
        }
        weighed
    }

    fn refused(&self) -> u64 {
        self.blocked + self.challenged
    }
}

impl Weighed {
    /// Whether more than so many in a hundred allowed requests, of one app or of all together, would be turned away.
    pub fn exceeds(&self, percent: u8) -> bool {
        let percent = u64::from(percent);
        let over = |refused: u64, of: u64| refused.saturating_mul(100) > of.saturating_mul(percent);
        let (mut refused, mut allowed) = (0_u64, 0_u64);
        for app in &self.apps {
            if over(app.refused(), app.samples) {
                return true;
            }
            // A busy app counts for more than its samples.
            refused += app.refused().saturating_mul(app.allowed) / app.samples.max(1);
            allowed += app.allowed;
        }
        over(refused, allowed)
    }
}

impl Sample {
    fn request(&self) -> RequestFacts<'_> {
        let Scalars { ip, country, asn, platform, device, client } = self.facts;
        let headers = HeaderFacts::Known(&self.headers);
        RequestFacts { method: &self.method, path: &self.path, ip, country, asn, platform, device, client, headers }
    }
}

impl Scalars {
    /// Those of this request.
    pub fn of(request: &RequestFacts<'_>) -> Self {
        let RequestFacts { ip, country, asn, platform, device, client, method: _, path: _, headers: _ } = *request;
        Self { ip, country, asn, platform, device, client }
    }
}

impl Headers for Lines {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.0.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && test(value))
    }
}
