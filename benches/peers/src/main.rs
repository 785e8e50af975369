//! The same policies, the same requests: our decision, Cedar's and Rego's, side by side in one run.
//!
//! ```console
//! $ cd benches/peers && cargo run --release
//! ```
//!
//! Each engine gets the facts in its own form, made before the clock runs; what is timed is the decision alone. Ten policies of the usual
//! shape are repeated under other paths to reach a hundred, so that every engine has more to look at while the answer stays the same.
//! A miss is a request that no policy keeps from passing, a hit one that some policy refuses. Figures are medians of interleaved rounds;
//! only their ratios mean something.

mod cedar;
mod ours;
mod rego;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// One request, in words that every engine's form is made from.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub method: &'static str,
    pub path: &'static str,
    pub ip: [u8; 4],
    pub methods: &'static [&'static str],
}

/// What is asked: allowed reads and writes, and each kind of refusal.
pub const ASKED: [Asked; 5] = [
    Asked { method: "GET", path: "/orders/7/lines", ip: [203, 0, 113, 9], methods: &["email-code", "totp"] },
    Asked { method: "GET", path: "/orders/7/lines", ip: [192, 0, 2, 1], methods: &["passkey"] },
    Asked { method: "GET", path: "/admin/users", ip: [192, 0, 2, 1], methods: &["passkey"] },
    Asked { method: "GET", path: "/orders", ip: [203, 0, 113, 9], methods: &["email-code"] },
    Asked { method: "DELETE", path: "/orders/7", ip: [203, 0, 113, 9], methods: &["email-code"] },
];

/// An engine with one set of policies.
pub trait Engine {
    /// Whether the request of this number is allowed.
    fn decide(&mut self, asked: usize) -> bool;
}

/// Rounds of each engine, and how long each lasts.
const ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_millis(60);

fn main() {
    println!("{:>8} {:>5} {:>12} {:>12} {:>12} {:>13} {:>13}", "policies", "", "ours, ns", "cedar, ns", "rego, ns", "cedar / ours", "rego / ours");
    for policies in [1, 10, 100] {
        let mut engines: [Box<dyn Engine>; 3] =
            [Box::new(ours::Ours::new(policies)), Box::new(cedar::Cedar::new(policies)), Box::new(rego::Rego::new(policies))];
        let answers = agreed(&mut engines);
        for (what, allowed) in [("miss", true), ("hit", false)] {
            let asked: Vec<usize> = (0..ASKED.len()).filter(|ix| answers[*ix] == allowed).collect();
            let [ours, cedar, rego] = race(&mut engines, &asked);
            println!("{policies:>8} {what:>5} {ours:>12.0} {cedar:>12.0} {rego:>12.0} {:>13.0} {:>13.0}", cedar / ours, rego / ours);
        }
    }
}

/// The answers. A comparison of engines that do not agree would be worth nothing.
fn agreed(engines: &mut [Box<dyn Engine>; 3]) -> [bool; ASKED.len()] {
    let [ours, cedar, rego] = engines.each_mut().map(|engine| std::array::from_fn(|ix| engine.decide(ix)));
    assert_eq!((ours, ours), (cedar, rego), "ours beside the others");
    assert!(ours.contains(&true) && ours.contains(&false));
    ours
}

/// Nanoseconds a decision, the median of interleaved rounds.
fn race(engines: &mut [Box<dyn Engine>; 3], asked: &[usize]) -> [f64; 3] {
    let mut rounds: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (engine, rounds) in engines.iter_mut().zip(&mut rounds) {
            let (begun, mut decided) = (Instant::now(), 0_usize);
            while begun.elapsed() < ROUND {
                for _ in 0..16 {
                    for ix in asked {
                        black_box(engine.decide(black_box(*ix)));
                    }
                }
                decided += 16 * asked.len();
            }
            rounds.push(begun.elapsed().as_nanos() as f64 / decided as f64);
        }
    }
    rounds.map(|mut of_one| {
        of_one.sort_by(f64::total_cmp);
        of_one[of_one.len() / 2]
    })
}
