//! What a request costs on the way through the gateway, as ratios to what Debian's nginx costs on the same machine in the same minutes.
//!
//! Builds a world: the gateway as a process with everything on (each connection in a session of its own among 100,000 live ones, twenty
//! policies, cookie stripped, identity and forwarding headers and assertion set, counters, access log to a file), nginx as a TLS proxy that
//! checks nothing, nginx with `auth_request`, and nginx with static files behind all of them. Proxies run on the first core, everything else
//! on the second. `docs/performance.md` says what is measured and how to read it.
//!
//! `cargo bench --bench throughput -- [--quick] [--rounds N] [--window MILLISECONDS] [--gateway BINARY]
//! [--against BINARY] [P1 P5 …]`: with `--against`, two builds of the gateway take turns instead.
//!
//! A machine that others share moves under a series: many short rounds then say more than few long ones.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a bench talks, and may fail loudly")]

mod load;
mod measure;
mod people;
mod world;

use std::time::Duration;

use load::{Client, Protocol};
use measure::{Series, cpu_of, memory_of};
use world::{Peer, World};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Live sessions.
    pub(crate) sessions: u32,
    rounds: usize,
    window: Duration,
    idle: usize,
    handshakes: u32,
}

const FULL: Plan = Plan { sessions: 100_000, rounds: 7, window: Duration::from_millis(2_000), idle: 5_000, handshakes: 400 };
const QUICK: Plan = Plan { sessions: 2_000, rounds: 3, window: Duration::from_millis(700), idle: 500, handshakes: 150 };
/// Connections of a client; each has a session of its own.
const CONNECTIONS: u32 = 64;
/// Connections, and requests at the same time on each, over HTTP/2.
const CONNECTIONS_TWO: u32 = 16;
const STREAMS: u32 = 8;
/// A run in which nginx itself spreads further than this says nothing.
const VOID: f64 = 0.15;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--bench") {
        println!("throughput: only under `cargo bench`");
        return;
    }
    let usual = if args.iter().any(|arg| arg == "--quick") { QUICK } else { FULL };
    let value = |name: &str| args.iter().position(|arg| arg == name).map(|at| args[at + 1].clone());
    let number = |name: &str| value(name).map(|text| text.parse::<u32>().unwrap());
    let gateway = value("--gateway").unwrap_or_else(|| env!("CARGO_BIN_EXE_guestgate").to_owned());
    let plan = Plan {
        rounds: number("--rounds").map_or(usual.rounds, |n| usize::try_from(n).unwrap()),
        window: number("--window").map_or(usual.window, |ms| Duration::from_millis(ms.into())),
        ..usual
    };
    let only: Vec<&str> = args.iter().map(String::as_str).filter(|arg| arg.starts_with('P')).collect();
    let wanted = |names: &[&str]| only.is_empty() || names.iter().any(|name| only.contains(name));
    measure::pin(std::process::id(), 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tokio::task::LocalSet::new().run_until(async move {
        let world = World::build(plan, &gateway).await;
        if let Some(other) = value("--against") {
            return against(&world, &World::build(plan, &other).await, plan).await;
        }
        if wanted(&["P1", "P2", "P6"]) {
            requests(&world, plan).await;
        }
        if wanted(&["P5"]) {
            two(&world, plan).await;
        }
        if wanted(&["P12"]) {
            bodies(&world, plan).await;
        }
        if wanted(&["P10"]) {
            handshakes(&world, plan).await;
        }
        if wanted(&["P11"]) {
            idle(&world, plan).await;
        }
    }));
}

/// CPU of a proxy for each request, in microseconds, over one window.
async fn window(world: &World, plan: Plan, peer: Peer, protocol: Protocol, path: &'static str) -> f64 {
    let (connections, streams) = match protocol {
        Protocol::One => (CONNECTIONS, 1),
        Protocol::Two => (CONNECTIONS_TWO, STREAMS),
    };
    let client = Client::start(world, peer, protocol, path, connections, streams).await;
    client.warm(4 * u64::from(connections)).await;
    let (cpu, asked) = (cpu_of(&world.processes(peer)), client.answered());
    tokio::time::sleep(plan.window).await;
    let (cpu, asked) = (cpu_of(&world.processes(peer)) - cpu, client.answered() - asked);
    client.stop().await;
    cpu.as_secs_f64() * 1e6 / f64::from(u32::try_from(asked.max(1)).unwrap())
}

async fn rounds<const N: usize>(world: &World, plan: Plan, peers: [Peer; N], protocol: Protocol, path: &'static str) -> [Series; N] {
    let mut all = [const { Series::new() }; N];
    for _ in 0..plan.rounds {
        for (series, peer) in all.iter_mut().zip(peers) {
            series.push(window(world, plan, peer, protocol, path).await);
        }
    }
    all
}

async fn requests(world: &World, plan: Plan) {
    let peers = [Peer::Plain, Peer::Auth, Peer::Everything, Peer::Nothing];
    let [plain, auth, on, off] = rounds(world, plan, peers, Protocol::One, "/1k").await;
    println!("HTTP/1.1, 1 KiB, CPU µs a request: nginx {plain}, with auth_request {auth}; everything on {on}, off {off}");
    verdict(&plain);
    println!("P1   {:.3}   everything on ÷ nginx plain", on.over(&plain));
    println!("P2   {:.3}   everything on ÷ nginx with auth_request", on.over(&auth));
    println!("P6   {:.2} µs everything on − everything off", on.median() - off.median());
}

/// Two builds in turns, over HTTP/1.1: what one costs of the other.
async fn against(world: &World, other: &World, plan: Plan) {
    let (mut one, mut two) = (Series::new(), Series::new());
    for _ in 0..plan.rounds {
        one.push(window(world, plan, Peer::Everything, Protocol::One, "/1k").await);
        two.push(window(other, plan, Peer::Everything, Protocol::One, "/1k").await);
    }
    println!("HTTP/1.1, 1 KiB, CPU µs a request: {one}; against {two}; ratio {:.3}", one.over(&two));
}

async fn two(world: &World, plan: Plan) {
    let [plain, on] = rounds(world, plan, [Peer::Plain, Peer::Everything], Protocol::Two, "/1k").await;
    println!("HTTP/2, 1 KiB, CPU µs a request: nginx {plain}; everything on {on}");
    verdict(&plain);
    println!("P5   {:.3}   HTTP/2, everything on ÷ nginx plain", on.over(&plain));
}

async fn bodies(world: &World, plan: Plan) {
    let [plain, on] = rounds(world, plan, [Peer::Plain, Peer::Everything], Protocol::One, "/1m").await;
    println!("1 MiB, CPU µs each: nginx {plain}; everything on {on}");
    verdict(&plain);
    println!("P12  {:.3}   everything on ÷ nginx plain", on.over(&plain));
}

async fn handshakes(world: &World, plan: Plan) {
    let (mut plain, mut on) = (Series::new(), Series::new());
    for _ in 0..plan.rounds {
        for (series, peer) in [(&mut plain, Peer::Plain), (&mut on, Peer::Everything)] {
            let before = cpu_of(&world.processes(peer));
            for _ in 0..plan.handshakes {
                drop(load::connect(world, peer, Protocol::One).await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            series.push((cpu_of(&world.processes(peer)) - before).as_secs_f64() * 1e6 / f64::from(plan.handshakes));
        }
    }
    println!("full TLS 1.3 handshakes, CPU µs each: nginx {plain}; gateway {on}");
    verdict(&plain);
    println!("P10  {:.3}   gateway ÷ nginx", on.over(&plain));
}

/// Memory of idle connections, each of which has carried one request. The worker that was asked before keeps what it had.
async fn idle(world: &World, plan: Plan) {
    let mut kib = Vec::new();
    for peer in [Peer::Plain, Peer::Everything] {
        let before = memory_of(&world.processes(peer));
        let mut held = Vec::new();
        for n in 0..plan.idle {
            held.push(load::ask_once(world, peer, u32::try_from(n).unwrap() % plan.sessions).await);
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        let grown = memory_of(&world.processes(peer)).saturating_sub(before);
        kib.push(f64::from(u32::try_from(grown).unwrap()) / f64::from(u32::try_from(plan.idle).unwrap()));
        drop(held);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let [plain, on] = kib[..] else { return };
    println!("{} idle TLS connections after 5 s, KiB each: nginx {plain:.1}; gateway {on:.1}", plan.idle);
    println!("P11  {:.3}   gateway ÷ nginx", on / plain);
}

fn verdict(nginx: &Series) {
    if nginx.spread() > VOID {
        println!("VOID: nginx's own figures spread by {:.0} %", nginx.spread() * 100.0);
    }
}
