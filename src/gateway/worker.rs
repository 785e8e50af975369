//! A worker: one thread, one current-thread runtime, and everything that it shares with nobody.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, hash_map},
    rc::Rc,
    sync::Arc,
};

use prometheus::IntGauge;
use tokio_util::task::TaskTracker;

use crate::{
    base::{AppId, Clock, Entropy, GuestId, Span, Timestamp},
    config::{AppInvitations, Config, Upstream},
    identity::KeyRing,
    live::{self, Live, LiveApp, Snapshot, Touch, Touched},
    observe::{AccessLog, AppMetrics, Direction, JsonList, ListenerLabel, Metrics, PolicyMetrics, PolicyState, Tally, UpstreamMetrics},
    policy::{RuleBits, State},
    store::Store,
    web::Site,
};

use super::{
    Ending, PortalService,
    buffers::Buffers,
    crowd::Crowd,
    names::Taken,
    rewrite::Rewriting,
    sample::Sampling,
    settled::Alike,
    tls::Tls,
    turned::Turned,
    upstream::{Dial, Dropped, Fleet, Fleets, PublicRoots, Seat, Target, Trailing},
};

/// What all workers share.
pub(super) struct Shared {
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) store: Arc<dyn Store>,
    pub(super) portal: PortalService,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) slow: tokio::runtime::Handle,
    pub(super) tls: Tls,
    pub(super) crowd: Arc<Crowd>,
    /// For upstreams whose certificates come from public authorities.
    pub(super) public_roots: PublicRoots,
    /// What is known of the upstreams of all apps.
    pub(super) fleets: Arc<Fleets>,
}

/// One worker.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) ending: Ending,
    /// Kept over reloads, so that connections are.
    targets: RefCell<HashMap<AppId, Vec<Known>>>,
    pub(super) buffers: Rc<Buffers>,
    date: RefCell<(i64, Rc<str>)>,
    pub(super) log: RefCell<AccessLog>,
    /// What policies on trial would have done since the last tick.
    would: RefCell<Vec<Touch>>,
    lens: RefCell<Rc<Lens>>,
    /// To the snapshot in force.
    way: RefCell<live::Lens>,
    /// Handles of snapshots that were replaced, taken apart a few at a time: thousands at once would hold up requests.
    retired: RefCell<Vec<hash_map::IntoIter<AppId, Rc<BoundApp>>>>,
    pub(super) tasks: TaskTracker,
    turn: Cell<usize>,
    next_id: Cell<u64>,
    /// Of the ids of requests.
    prefix: [u8; 16],
    open: [IntGauge; 2],
    unrouted: AppMetrics,
    portal: AppMetrics,
    no_names: JsonList,
}

/// An upstream as it was configured when its target was made.
struct Known {
    upstream: Upstream,
    seat: Arc<Seat>,
    connect: Span,
    target: Rc<Target>,
}

/// A snapshot as one worker sees it, with the handles of each app that was asked for.
pub(super) struct Lens {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) site: Site,
    pub(super) version: String,
    apps: RefCell<HashMap<AppId, Rc<BoundApp>>>,
    /// The same by host; there are no others in it than the snapshot's.
    hosts: RefCell<HashMap<Box<str>, Rc<BoundApp>>>,
}

/// An app with everything that is made once from its configuration.
pub(super) struct BoundApp {
    pub(super) live: Arc<LiveApp>,
    pub(super) generation: u64,
    pub(super) metrics: AppMetrics,
    pub(super) upstreams: Vec<(String, UpstreamMetrics)>,
    pub(super) targets: Vec<Rc<Target>>,
    pub(super) fleet: Arc<Fleet>,
    /// What names each upstream to guests who stay with it; empty where they need not.
    pub(super) stays: Vec<String>,
    pub(super) trailing: Rc<Trailing>,
    pub(super) rewriting: Rewriting,
    /// `https://charts.example.com`.
    pub(super) origin: String,
    /// The host as browsers write it, with the port where it is not 443.
    pub(super) authority: String,
    /// What clients may not tell the app.
    pub(super) taken: Taken,
    pub(super) owners: Box<[String]>,
    /// How it narrows who may be invited, and stay.
    pub(super) invitations: AppInvitations,
    policies: Vec<PolicyMetrics>,
    /// Which allowed requests are kept to weigh new policies against.
    pub(super) sampling: Cell<Sampling>,
    /// Those that were asked for lately stand in front.
    lists: RefCell<Vec<(RuleBits, Rc<JsonList>)>>,
    no_names: Rc<JsonList>,
    tallies: RefCell<Vec<(Alike, Arc<Tally>)>>,
    all_metrics: Arc<Metrics>,
}

/// By which listener somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Guests.
    Https,
    /// Proxies that ask.
    ForwardAuth,
}

/// Keeps the gauge of open connections right on every way out.
pub(super) struct Open(IntGauge);

/// Touches of policies on trial that wait for the next tick.
const MOST_TOUCHES: usize = 1_024;
/// Apps whose handles are taken apart in one go.
const FORGET: usize = 500;
/// Different sets of policies of an app whose names are kept as JSON, and whose outcomes are counted together.
const MOST_LISTS: usize = 256;

impl Worker {
    /// A worker that has served nothing yet.
    pub(super) fn new(shared: Arc<Shared>, log: AccessLog, ending: Ending) -> Self {
        let lens = Lens::of(shared.live.snapshot());
        let mut prefix = [0; 8];
        shared.entropy.fill(&mut prefix);
        Self {
            ending,
            targets: RefCell::default(),
            buffers: Rc::default(),
            date: RefCell::new((i64::MIN, "".into())),
            log: RefCell::new(log),
            would: RefCell::default(),
            lens: RefCell::new(Rc::new(lens)),
            way: RefCell::new(shared.live.lens()),
            retired: RefCell::default(),
            tasks: TaskTracker::new(),
            turn: Cell::new(0),
            next_id: Cell::new(0),
            prefix: hexadecimal(prefix),
            open: [ListenerLabel::Https, ListenerLabel::ForwardAuth].map(|listener| shared.metrics.open_connections(listener)),
            unrouted: shared.metrics.unrouted(),
            portal: shared.metrics.portal(),
            no_names: JsonList::default(),
            shared,
        }
    }

    /// The present.
    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The snapshot in force, with its handles.
    pub(super) fn lens(&self) -> Rc<Lens> {
        let mut way = self.way.borrow_mut();
        let snapshot = way.snapshot();
        let mut lens = self.lens.borrow_mut();
        if !Arc::ptr_eq(&lens.snapshot, snapshot) {
            let before = std::mem::replace(&mut *lens, Rc::new(Lens::of(Arc::clone(snapshot))));
            // Whoever still looks through it binds what it needs anew.
            self.retired.borrow_mut().push(before.apps.take().into_iter());
        }
        Rc::clone(&lens)
    }

    /// Whether this snapshot is the one in force.
    pub(super) fn is_in_force(&self, snapshot: &Arc<Snapshot>) -> bool {
        Arc::ptr_eq(self.way.borrow_mut().snapshot(), snapshot)
    }

    /// The app on this host, with its handles.
    pub(super) fn bind_host(&self, lens: &Lens, host: &str) -> Option<Rc<BoundApp>> {
        if let Some(bound) = lens.hosts.borrow().get(host) {
            return Some(Rc::clone(bound));
        }
        let bound = self.bind(lens, lens.snapshot.app_by_host(host)?);
        lens.hosts.borrow_mut().insert(host.into(), Rc::clone(&bound));
        Some(bound)
    }

    /// An app with its handles.
    pub(super) fn bind(&self, lens: &Lens, app: &Arc<LiveApp>) -> Rc<BoundApp> {
        let mut apps = lens.apps.borrow_mut();
        if let Some(bound) = apps.get(&app.app.id) {
            return Rc::clone(bound);
        }
        let fleet = self.shared.fleets.of(&app.app, &self.shared.metrics);
        let targets = self.targets_of(app, &fleet);
        let bound = Rc::new(BoundApp::new(&self.shared, lens, app, (fleet, targets)));
        apps.insert(app.app.id.clone(), Rc::clone(&bound));
        bound
    }

    /// What reaches the upstreams of an app. Those whose configuration is as it was stay as they are, with their connections.
    fn targets_of(&self, app: &LiveApp, fleet: &Fleet) -> Vec<Rc<Target>> {
        let connect = app.app.limits.connect;
        let mut targets = self.targets.borrow_mut();
        let known = targets.remove(&app.app.id).unwrap_or_default();
        let of = |(upstream, seat): (&Upstream, &Arc<Seat>)| {
            let same = |known: &&Known| known.upstream == *upstream && known.connect == connect && Arc::ptr_eq(&known.seat, seat);
            let target =
                known.iter().find(same).map_or_else(|| Rc::new(self.target(upstream, seat, connect)), |known| Rc::clone(&known.target));
            Known { upstream: upstream.clone(), seat: Arc::clone(seat), connect, target }
        };
        let now: Vec<Known> = app.app.upstreams.iter().zip(fleet.seats()).map(of).collect();
        let bound = now.iter().map(|known| Rc::clone(&known.target)).collect();
        targets.insert(app.app.id.clone(), now);
        bound
    }

    fn target(&self, upstream: &Upstream, seat: &Arc<Seat>, connect: Span) -> Target {
        let dial = Dial::new(upstream, &self.shared.public_roots);
        Target::new(dial, Arc::clone(seat), connect.to_duration(), &self.buffers)
    }

    /// Closes what has been idle for too long, and forgets upstreams of apps that are gone.
    pub(super) fn tidy(&self) {
        let lens = self.lens();
        let mut targets = self.targets.borrow_mut();
        targets.retain(|app, _| lens.snapshot.app(app).is_some());
        for known in targets.values().flatten() {
            known.target.tidy();
        }
    }

    /// Policies on trial would have turned a request of this guest away.
    pub(super) fn would_have(&self, app: &BoundApp, rules: RuleBits, guest: GuestId, now: Timestamp) {
        // A panic that is being unwound may have left it borrowed: then this one is not counted.
        let Ok(mut would) = self.would.try_borrow_mut() else { return };
        if let Some(last) = would.last_mut()
            && last.guest == guest
            && last.rules == rules
            && Arc::ptr_eq(&last.policies, &app.live.policies)
        {
            last.seen = Touched { requests: last.seen.requests + 1, last: now };
            return;
        }
        would.push(Touch { policies: Arc::clone(&app.live.policies), rules, guest, seen: Touched { requests: 1, last: now } });
        if would.len() >= MOST_TOUCHES {
            self.shared.live.would_have(would.drain(..));
        }
    }

    /// A guest's request was turned away.
    pub(super) fn refused(&self, refused: live::Refused) {
        self.shared.live.refused(refused);
    }

    /// Tells what policies on trial would have done since the last time.
    pub(super) fn tell_trials(&self) {
        self.shared.live.would_have(self.would.borrow_mut().drain(..));
    }

    /// Takes apart some of what was replaced.
    pub(super) fn forget(&self) {
        let mut retired = self.retired.borrow_mut();
        if let Some(apps) = retired.last_mut() {
            apps.by_ref().take(FORGET).for_each(drop);
            if apps.len() == 0 {
                retired.pop();
            }
        }
    }

    /// The present as `Date` has it.
    pub(super) fn date(&self) -> Rc<str> {
        let second = self.now().as_secs();
        let mut date = self.date.borrow_mut();
        if date.0 != second {
            let text = jiff::Timestamp::from_second(second)
                .ok()
                .and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
            *date = (second, text.unwrap_or_default().into());
        }
        Rc::clone(&date.1)
    }

    /// A request's id: 32 hexadecimal digits, unguessable in their first half and unique in their second.
    pub(super) fn request_id(&self) -> RequestId {
        let n = self.next_id.get();
        self.next_id.set(n.wrapping_add(1));
        let mut text = [0; 32];
        let (unguessable, unique) = text.split_at_mut(16);
        unguessable.copy_from_slice(&self.prefix);
        unique.copy_from_slice(&hexadecimal(n.to_be_bytes()));
        RequestId(text)
    }

    /// A number that grows by one each time.
    pub(super) fn turn(&self) -> usize {
        let n = self.turn.get();
        self.turn.set(n.wrapping_add(1));
        n
    }

    /// Counts a connection while the answer lives.
    pub(super) fn count_connection(&self, of: Door) -> Open {
        let [https, forward_auth] = &self.open;
        let open = match of {
            Door::Https => https,
            Door::ForwardAuth => forward_auth,
        };
        open.inc();
        Open(open.clone())
    }

    /// Counts what was turned away because of a limit.
    pub(super) fn count_refused(&self, turned: &Turned) {
        if let Some(reason) = turned.limit() {
            self.shared.metrics.refused(reason);
        }
    }

    /// The names of no policies.
    pub(super) fn no_names(&self) -> &JsonList {
        &self.no_names
    }

    /// Handles of requests that reach no host of ours.
    pub(super) fn unrouted(&self) -> &AppMetrics {
        &self.unrouted
    }

    /// Handles of the portal host.
    pub(super) fn portal(&self) -> &AppMetrics {
        &self.portal
    }
}

/// Digits of bytes.
fn hexadecimal(bytes: [u8; 8]) -> [u8; 16] {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = [0; 16];
    for (digits, byte) in text.chunks_exact_mut(2).zip(bytes) {
        digits.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What names a request in logs, headers and pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestId([u8; 32]);

impl RequestId {
    /// The digits.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Lens {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let site = Site::of(&snapshot.config, &snapshot.languages);
        let version = snapshot.policies.version().to_string();
        Self { snapshot, site, version, apps: RefCell::default(), hosts: RefCell::default() }
    }

    /// The configuration in force.
    pub(super) fn config(&self) -> &Config {
        &self.snapshot.config
    }
}

impl BoundApp {
    fn new(shared: &Shared, lens: &Lens, live: &Arc<LiveApp>, (fleet, targets): (Arc<Fleet>, Vec<Rc<Target>>)) -> Self {
        let (app, metrics) = (&live.app, &shared.metrics);
        let origin = lens.config().origin(&app.host);
        let upstream = |seat: &Arc<Seat>| (seat.name().to_owned(), seat.metrics().clone());
        let stays = app.sticky && app.upstreams.len() > 1;
        let stays = fleet.seats().iter().filter(|_| stays).map(|seat| shared.keys.upstream_name(&app.id, seat.name())).collect();
        let policy = |(ix, name): (crate::policy::RuleIx, &crate::base::Name)| {
            let state = match live.policies.state(ix) {
                State::Enforced => PolicyState::Enforced,
                State::ReportOnly | State::Off => PolicyState::ReportOnly,
            };
            metrics.policy(&app.id, name.as_str(), state)
        };
        let dropped = Dropped {
            requests: metrics.trailers_dropped(&app.id, Direction::Request),
            answers: metrics.trailers_dropped(&app.id, Direction::Answer),
        };
        Self {
            generation: lens.snapshot.generation,
            metrics: metrics.app(&app.id),
            upstreams: fleet.seats().iter().map(upstream).collect(),
            targets,
            fleet,
            stays,
            trailing: Rc::new(Trailing::new(app.grpc, Taken::of(&app.identity), dropped)),
            rewriting: Rewriting::of(app, &origin),
            authority: origin.strip_prefix("https://").unwrap_or(&origin).to_owned(),
            origin,
            taken: Taken::of(&app.identity),
            owners: app.owners.iter().map(ToString::to_string).collect(),
            invitations: app.invitations.clone(),
            policies: live.policies.all_rules().map(policy).collect(),
            lists: RefCell::default(),
            no_names: Rc::default(),
            tallies: RefCell::default(),
            all_metrics: Arc::clone(metrics),
            sampling: Cell::default(),
            live: Arc::clone(live),
        }
    }

    /// The names of a set of policies as JSON, written once a set.
    pub(super) fn names(&self, bits: RuleBits) -> Rc<JsonList> {
        if bits.is_empty() {
            return Rc::clone(&self.no_names);
        }
        let mut lists = self.lists.borrow_mut();
        if let Some(ix) = lists.iter().position(|(known, _)| *known == bits) {
            lists.swap(ix, ix / 2);
            return lists.get(ix / 2).map(|(_, list)| Rc::clone(list)).unwrap_or_default();
        }
        let list = Rc::new(JsonList::new(self.live.policies.rules_in(bits).map(|(_, name)| name.as_str())));
        if lists.len() < MOST_LISTS {
            lists.push((bits, Rc::clone(&list)));
        }
        list
    }

    /// The counter of what policies say alike.
    pub(super) fn tally(&self, alike: Alike) -> Arc<Tally> {
        let mut tallies = self.tallies.borrow_mut();
        if let Some((_, tally)) = tallies.iter().find(|(known, _)| *known == alike) {
            return Arc::clone(tally);
        }
        let said = alike.said(|ix| self.live.policies.blocks(ix));
        let tally = self.all_metrics.tally(said.filter_map(|(ix, result)| Some((self.policies.get(ix.index())?.clone(), result))));
        if tallies.len() < MOST_LISTS {
            tallies.push((alike, Arc::clone(&tally)));
        }
        tally
    }
}
