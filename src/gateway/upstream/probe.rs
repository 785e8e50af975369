//! Health checks: one watcher for each app that asks for them, away from the workers, over the same TLS and the same HTTP as requests.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    PublicRoots,
    dial::{Dial, Speaks, Wanted},
    fleet::{Fleet, Fleets},
    frames::{self, Kind},
    stream::Transport,
};
use crate::{
    base::AppId,
    config::{App, Health, RewriteHost},
    gateway::wire::{HeadBuf, Limits, Parsed, Progress, parse_response},
    live::Live,
    observe::Metrics,
};

/// What watchers stand on.
pub(crate) struct Surroundings {
    /// The configuration in force.
    pub(crate) live: Arc<Live>,
    /// The upstreams of all apps.
    pub(crate) fleets: Arc<Fleets>,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Public authorities.
    pub(crate) roots: PublicRoots,
    /// Where watchers run.
    pub(crate) slow: tokio::runtime::Handle,
}

/// A watcher, and what it was started for.
struct Watcher {
    app: Arc<App>,
    fleet: Arc<Fleet>,
    task: JoinHandle<()>,
}

/// How soon a change of the configuration is followed.
const FOLLOW: Duration = Duration::from_millis(250);

/// Starts and stops watchers as the configuration says, until the end.
pub(crate) async fn watch_health(around: Surroundings, shutdown: CancellationToken) {
    let mut watchers: HashMap<AppId, Watcher> = HashMap::new();
    let mut seen = None;
    let mut tick = interval(FOLLOW);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let snapshot = around.live.snapshot();
        if seen.replace(snapshot.generation) == Some(snapshot.generation) {
            continue;
        }
        around.fleets.retain(|app| snapshot.app(app).is_some());
        let wanted: Vec<&Arc<App>> = snapshot.apps().map(|live| &live.app).filter(|app| app.health.is_some()).collect();
        watchers.retain(|id, watcher| {
            let same = wanted.iter().any(|app| app.id == *id && is_same(app, watcher, &around));
            if !same {
                watcher.stop();
            }
            same
        });
        for app in wanted {
            if let (Some(health), false) = (&app.health, watchers.contains_key(&app.id)) {
                let fleet = around.fleets.of(app, &around.metrics);
                let origin = snapshot.config.origin(&app.host);
                let probes = probes(app, health, &origin, &around.roots);
                let task = around.slow.spawn(watch(Arc::clone(&fleet), probes, health.clone()));
                watchers.insert(app.id.clone(), Watcher { app: Arc::clone(app), fleet, task });
            }
        }
    }
    watchers.values().for_each(Watcher::stop);
}

fn is_same(app: &App, watcher: &Watcher, around: &Surroundings) -> bool {
    let before = &watcher.app;
    let fleet = around.fleets.of(app, &around.metrics);
    before.health == app.health && before.rewrite.host == app.rewrite.host && before.host == app.host && Arc::ptr_eq(&fleet, &watcher.fleet)
}

impl Watcher {
    /// Ends it. What nobody watches counts as well until a request finds otherwise.
    fn stop(&self) {
        self.task.abort();
        let now = self.fleet.now();
        self.fleet.seats().iter().for_each(|seat| seat.set_down(false, now));
    }
}

/// The question to one upstream.
struct Probe {
    dial: Dial,
    head: HeadBuf,
}

fn probes(app: &App, health: &Health, origin: &str, roots: &PublicRoots) -> Vec<Probe> {
    let public = origin.strip_prefix("https://").unwrap_or(origin);
    let probe = |upstream: &crate::config::Upstream| {
        let mut head = HeadBuf::default();
        head.request_line("GET", health.path.as_bytes());
        match app.rewrite.host {
            RewriteHost::Public => head.put(b"Host", public.as_bytes()),
            RewriteHost::Upstream => head.put(b"Host", upstream.authority().as_bytes()),
        }
        head.put(b"User-Agent", b"guestgate-health");
        head.put(b"Accept", b"*/*");
        head.put(b"Connection", b"close");
        head.finish();
        Probe { dial: Dial::new(upstream, roots), head }
    };
    app.upstreams.iter().map(probe).collect()
}

/// Asks every upstream again and again, and tells the fleet when its opinion turns.
async fn watch(fleet: Arc<Fleet>, probes: Vec<Probe>, health: Health) {
    let mut runs = vec![(true, 0_u32); probes.len()];
    let mut tick = interval(health.every.to_duration());
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let answers = join_all(probes.iter().map(|probe| timeout(health.timeout.to_duration(), probe.ask()))).await;
        for ((answer, run), seat) in answers.into_iter().zip(&mut runs).zip(fleet.seats()) {
            let well = answer.ok().flatten().is_some_and(|status| health.takes(status));
            // The first answer counts by itself: who starts beside a dead upstream knows at once.
            let needed = if run.1 == 0 {
                1
            } else if well {
                health.healthy
            } else {
                health.unhealthy
            };
            *run = if run.0 == well { (well, run.1.saturating_add(1)) } else { (well, 1) };
            if run.1 >= needed {
                seat.set_down(!well, fleet.now());
            }
        }
    }
}

impl Probe {
    /// The status that the upstream answers with.
    async fn ask(&self) -> Option<u16> {
        let link = self.dial.open(Wanted::Any).await.ok()?;
        match link.speaks {
            Speaks::One => self.ask_one(link.stream).await,
            Speaks::Two => self.ask_two(link.stream).await,
        }
    }

    async fn ask_one(&self, mut stream: Transport) -> Option<u16> {
        stream.write_all(self.head.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        let limits = Limits { head: 64 * 1024, ..Limits::default() };
        let (mut buffer, mut progress) = (BytesMut::new(), Progress::default());
        loop {
            match parse_response(&mut buffer, "GET", &limits, &mut progress).ok()? {
                Parsed::Complete(head) if head.status() >= 200 => return Some(head.status()),
                Parsed::Complete(_) => {}
                Parsed::Partial => {
                    if stream.read_buf(&mut buffer).await.ok()? == 0 {
                        return None;
                    }
                }
            }
        }
    }

    async fn ask_two(&self, stream: Transport) -> Option<u16> {
        let (mut send, connection) = h2::client::Builder::new().enable_push(false).handshake::<_, Bytes>(stream).await.ok()?;
        let asked = async {
            futures_util::future::poll_fn(|context| send.poll_ready(context)).await.ok()?;
            let request = frames::request(&self.head, self.dial.scheme(), Kind::Plain).ok()?;
            let (answer, _) = send.send_request(request, true).ok()?;
            Some(answer.await.ok()?.status().as_u16())
        };
        tokio::select! {
            status = asked => status,
            _ = connection => None,
        }
    }
}
