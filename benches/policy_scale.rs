//! Policies in large numbers: building ten for each of ten thousand apps, `diff` and `prove` over two hundred, and the replay of a log of
//! a million lines. Each is done a few times and the fastest is told, since what disturbs only makes slower.
//!
//! ```console
//! $ cargo bench --bench policy_scale
//! ```

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a bench may fail loudly, and prints")]
#![allow(clippy::disallowed_methods, reason = "it measures time, which nothing else in it depends on")]

use std::{
    hint::black_box,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use guestgate::{
    base::Source,
    policy::{Compared, PolicySet, Proved, diff, prove},
};

#[path = "policy/shapes.rs"]
mod shapes;

const APPS: usize = 10_000;
const LINES: usize = 1_000_000;

fn main() {
    build();
    analyse();
    replay();
}

/// The shortest of a few times.
fn fastest(mut what: impl FnMut()) -> Duration {
    let times = (0..3).map(|_| {
        let begun = Instant::now();
        what();
        begun.elapsed()
    });
    times.min().unwrap()
}

fn build() {
    let ten = shapes::policies(10);
    let files: Vec<Source> = (0..APPS).map(|n| Source::new(&*format!("app{n}.yaml"), format!("app: app{n}\npolicies:\n{ten}\n"))).collect();
    let before = resident();
    let kept = shapes::build(files.clone());
    let after = resident();
    println!("build, {APPS} apps of ten policies: {:.2?}", fastest(|| drop(black_box(shapes::build(files.clone())))));
    println!("  memory that stays: {} MiB, {} bytes a policy", (after - before) >> 20, (after - before) / (APPS * 10));
    drop(kept);
}

fn analyse() {
    let text = shapes::policies(200);
    let old = shapes::set(&text);
    let new = shapes::set(&text.replacen(
        "path: \"/area7/admin/**\" }, unless: { network: clinic-wan }",
        "path: \"/area7/admin/**\" }, unless: { network: partners }",
        1,
    ));
    println!("diff of 200 policies, one of which has changed: {:.2?}", fastest(|| assert_ne!(changes(&old, &new), 0)));
    println!("diff of 200 policies with themselves: {:.2?}", fastest(|| assert_eq!(changes(&old, &old), 0)));
    let says = |statement: &str| {
        let statement = old.statement(statement).unwrap_or_else(|report| panic!("{report}"));
        prove(&old, &statement)
    };
    let holds = "never allow path=/area7/admin/** unless network=clinic-wan";
    println!("prove what holds, 200 policies: {:.2?}", fastest(|| assert!(matches!(says(holds), Proved::Holds))));
    let refuted = "never allow path=/area7/admin/** unless network=partners";
    println!("prove what does not: {:.2?}", fastest(|| assert!(matches!(says(refuted), Proved::Refuted(_)))));
    println!("check's analysis of 200 policies: {:.2?}", fastest(|| drop(black_box(old.analyse()))));
}

fn changes(old: &PolicySet, new: &PolicySet) -> usize {
    let count = |compared| match compared {
        Compared::Differences(found) => found.len(),
        Compared::TooLarge(app) => panic!("{app} is too large"),
    };
    diff(old, new).into_iter().map(count).sum()
}

fn replay() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    std::fs::write(policies.join("definitions.yaml"), shapes::DEFINITIONS).unwrap();
    std::fs::write(policies.join("charts.yaml"), format!("app: charts\npolicies:\n{}\n", shapes::policies(20))).unwrap();
    let log = folder.path().join("access.jsonl");
    write_log(&log);
    let took = fastest(|| {
        let replay = Command::new(env!("CARGO_BIN_EXE_guestgate"))
            .args(["policy", "replay", "--offline", "--json", "--log"])
            .args([&log, &policies])
            .output()
            .unwrap();
        let told: serde_json::Value = serde_json::from_slice(&replay.stdout).unwrap_or_else(|_| panic!("{replay:?}"));
        assert_eq!((&told["lines"], &told["undecided"]), (&LINES.into(), &0.into()), "{told}");
    });
    let bytes = std::fs::metadata(&log).unwrap().len();
    println!("replay of {LINES} lines ({} MiB): {took:.2?}, {:.0} lines/s", bytes >> 20, LINES as f64 / took.as_secs_f64());
}

/// A day of ten thousand sessions, as `log: { facts: true }` writes it.
fn write_log(path: &Path) {
    let mut log = BufWriter::new(std::fs::File::create(path).unwrap());
    let scattered = |n: usize| n.wrapping_mul(2_654_435_761) >> 7;
    for n in 0..LINES {
        let session = scattered(n) % 10_000;
        let seconds = n * 86_400 / LINES;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let path = match n % 20 {
            0 => format!("/area{}/admin/users", session % 3),
            1 => "/export/2026.csv".to_owned(),
            _ => format!("/orders/{}", scattered(n + 1) % 5_000),
        };
        let method = if n % 9 == 0 { "POST" } else { "GET" };
        let (a, b) = (session / 250 % 40, session % 250);
        let ip = if session % 3 == 0 { format!("203.0.113.{b}") } else { format!("192.0.{a}.{b}") };
        let methods = if session % 2 == 0 {
            r#""email-code":"2026-01-13T23:55:00Z","totp":"2026-01-13T23:55:00Z""#
        } else {
            r#""passkey":"2026-01-13T23:55:00Z""#
        };
        writeln!(
            log,
            r#"{{"time":"2026-01-14T{hour:02}:{minute:02}:{second:02}Z","request_id":"{n:032x}","app":"charts","method":"{method}","path":"{path}","status":200,"bytes":5120,"duration_ms":12,"gateway_us":71,"client_ip":"{ip}","guest":"g{session}","session":"s{session}","decision":"allow","policies":["p0-0","p0-4"],"report_only":[],"policy_version":"0123456789abcdef","upstream":"10.0.0.5:8080","facts":{{"guest":"guest{session}@partner.example","groups":["locum"],"guest-since":"2025-06-01T00:00:00Z","signed-in-with":{{{methods}}},"signed-in":"2026-01-13T23:55:00Z","ip":"{ip}","client":"browser"}}}}"#
        )
        .unwrap();
    }
    log.flush().unwrap();
}

/// Memory of this process that lies in RAM.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}
