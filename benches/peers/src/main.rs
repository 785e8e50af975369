//! The same policies, the same requests: our decision, Cedar's and Rego's, side by side in one run.
//!
//! ```console
//! $ cd benches/peers && cargo run --release
//! ```
//!
//! Each engine gets the facts in its own form, made before the clock runs; what is timed is the decision alone. Sets of ten policies of
//! the usual shape are repeated under other paths to reach a hundred, so that every engine has more to look at while the answer stays
//! the same. Figures are medians of interleaved rounds; only their ratios mean something.

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
    pub expected: bool,
}

/// What is asked: allowed reads and writes, and each kind of refusal.
pub const ASKED: [Asked; 5] = [
    Asked { method: "GET", path: "/orders/7/lines", ip: [203, 0, 113, 9], methods: &["email-code", "totp"], expected: true },
    Asked { method: "GET", path: "/orders/7/lines", ip: [192, 0, 2, 1], methods: &["passkey"], expected: true },
    Asked { method: "GET", path: "/admin/users", ip: [192, 0, 2, 1], methods: &["passkey"], expected: false },
    Asked { method: "GET", path: "/orders", ip: [203, 0, 113, 9], methods: &["email-code"], expected: false },
    Asked { method: "DELETE", path: "/orders/7", ip: [203, 0, 113, 9], methods: &["email-code"], expected: false },
];

/// An engine with one set of policies.
pub trait Engine {
    /// How it is called.
    fn name(&self) -> &'static str;
    /// Whether the request of this number is allowed.
    fn decide(&mut self, asked: usize) -> bool;
}

/// Rounds of each engine, and how long each lasts.
const ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_millis(60);

fn main() {
    println!("{:>8} {:>12} {:>12} {:>12} {:>14} {:>14}", "policies", "ours, ns", "cedar, ns", "rego, ns", "cedar ÷ ours", "rego ÷ ours");
    for sets in [1, 10] {
        let mut engines: [Box<dyn Engine>; 3] = [Box::new(ours::Ours::new(sets)), Box::new(cedar::Cedar::new(sets)), Box::new(rego::Rego::new(sets))];
        agree(&mut engines);
        let medians = race(&mut engines);
        let [ours, cedar, rego] = medians;
        println!("{:>8} {ours:>12.0} {cedar:>12.0} {rego:>12.0} {:>14.0} {:>14.0}", sets * 10, cedar / ours, rego / ours);
    }
}

/// A comparison of answers that differ would be worth nothing.
fn agree(engines: &mut [Box<dyn Engine>; 3]) {
    for engine in engines {
        for (ix, asked) in ASKED.iter().enumerate() {
            assert_eq!(engine.decide(ix), asked.expected, "{}: {asked:?}", engine.name());
        }
    }
}

/// Nanoseconds a decision, the median of interleaved rounds.
fn race(engines: &mut [Box<dyn Engine>; 3]) -> [f64; 3] {
    let mut rounds: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (engine, rounds) in engines.iter_mut().zip(&mut rounds) {
            let (begun, mut decided) = (Instant::now(), 0_u32);
            while begun.elapsed() < ROUND {
                for _ in 0..16 {
                    for ix in 0..ASKED.len() {
                        black_box(engine.decide(black_box(ix)));
                    }
                }
                decided += 16 * ASKED.len() as u32;
            }
            rounds.push(begun.elapsed().as_nanos() as f64 / f64::from(decided));
        }
    }
    rounds.map(|mut of_one| {
        of_one.sort_by(f64::total_cmp);
        of_one[of_one.len() / 2]
    })
}
