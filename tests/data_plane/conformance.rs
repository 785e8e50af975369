//! Whatever is said, in whatever pieces and order, until whoever leaves: both sides see through the gateway what they see without it.

mod compare;
mod random;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use h2::client::SendRequest;
use proptest::{
    strategy::Strategy as _,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::{
    full,
    kit::{Browser, Gateway, Plan, browser, gateway::CHARTS},
    wire::{
        App, Script,
        one::{self, Asking, Line},
        script::{Got, Heard},
        two,
    },
};

use compare::agree;

/// What the guest speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Http10,
    Http11,
    Http2,
}

/// What the application speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Http11,
    Http2,
}

/// No exchange may stand still for longer.
const STILL: Duration = Duration::from_secs(15);
const ANN: &str = "ann@partner.example";

/// A gateway in front of an application that plays scripts, and a guest who is signed in.
struct Stage {
    gate: Gateway,
    app: App,
    ann: Browser,
    guest: Speaks,
    behind: Behind,
}

/// The connections of one case, kept for as long as they can be used again.
#[derive(Default)]
struct Lines {
    direct_one: Option<Line<TcpStream>>,
    direct_two: Option<SendRequest<Bytes>>,
    one: Option<Line<TlsStream<TcpStream>>>,
    two: Option<SendRequest<Bytes>>,
}

impl Stage {
    async fn set(guest: Speaks, behind: Behind) -> Self {
        let app = match behind {
            Behind::Http11 => one::app().await,
            Behind::Http2 => two::app().await,
        };
        let upstream = match behind {
            Behind::Http11 => format!("http://{}", app.at),
            Behind::Http2 => format!("{{ url: http://{}, http: 2 }}", app.at),
        };
        let keys = "websocket: true\ngrpc: true\nlimits: { body: 1GiB }";
        let gate = Plan::default().app_at("charts", &upstream, keys).start().await;
        let ann = gate.guest(ANN, "charts").await;
        Self { gate, app, ann, guest, behind }
    }

    /// How the guest asks the gateway.
    fn asking(&self) -> Asking {
        let cookies: Vec<String> = self.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
        Asking {
            version: if self.guest == Speaks::Http10 { "1.0" } else { "1.1" },
            host: format!("{CHARTS}:{}", self.gate.https.port()),
            cookie: Some(cookies.join("; ")),
        }
    }

    async fn directly(&self, script: &Script, lines: &mut Lines) -> (Heard, Got) {
        let (target, case) = self.app.stage(script);
        let asking = Asking::directly(self.app.at);
        let heard = match self.behind {
            Behind::Http11 => {
                let line = match lines.direct_one.take() {
                    Some(line) => line,
                    None => Line::new(self.connect().await),
                };
                played(line, &target, &case, &asking, &mut lines.direct_one).await
            }
            Behind::Http2 => {
                if lines.direct_two.is_none() {
                    lines.direct_two = Some(two::connect(self.connect().await).await);
                }
                two::guest(lines.direct_two.as_ref().unwrap(), &target, &case, &asking).await
            }
        };
        (heard.clone(), seen(&case, &heard).await)
    }

    async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.app.at).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    async fn through(&self, script: &Script, lines: &mut Lines) -> (Heard, Got) {
        let (target, case) = self.app.stage(script);
        let asking = self.asking();
        let heard = match self.guest {
            Speaks::Http10 | Speaks::Http11 => {
                let line = match lines.one.take() {
                    Some(line) => line,
                    None => Line::new(self.ann.raw(CHARTS).await),
                };
                played(line, &target, &case, &asking, &mut lines.one).await
            }
            Speaks::Http2 => {
                if lines.two.is_none() {
                    let stream = browser::connect(self.gate.https, CHARTS, self.gate.tls_with(&[b"h2"])).await;
                    lines.two = Some(two::connect(stream).await);
                }
                two::guest(lines.two.as_ref().unwrap(), &target, &case, &asking).await
            }
        };
        (heard.clone(), seen(&case, &heard).await)
    }

    /// Plays one script both ways.
    async fn compare(&self, script: &Script, lines: &mut Lines) -> Result<(), String> {
        let direct = tokio::time::timeout(STILL, self.directly(script, lines)).await;
        let direct = direct.map_err(|_| format!("stands still even directly: {script:?}"))?;
        let through = tokio::time::timeout(STILL, self.through(script, lines)).await;
        let through = through.map_err(|_| format!("stands still: {script:?}"))?;
        agree(script, (self.guest, self.behind), &direct, &through)
    }
}

/// What the application has seen of a case whose guest has heard this.
async fn seen(case: &crate::wire::Case, heard: &Heard) -> Got {
    tokio::time::timeout(STILL / 3, case.got()).await.unwrap_or_else(|_| {
        panic!("the application does not come to its end: {:?}; the guest heard {} {:?}", case.script, heard.status, heard.end)
    })
}

async fn played<S: one::Wire>(
    mut line: Line<S>,
    target: &str,
    case: &Arc<crate::wire::Case>,
    asking: &Asking,
    keep: &mut Option<Line<S>>,
) -> Heard {
    let heard = one::guest(&mut line, target, case, asking).await;
    *keep = heard.reusable.then_some(line);
    heard
}

fn check(guest: Speaks, behind: Behind, of: impl Fn(Speaks, Behind) -> random::Kind, cases: (u32, u32)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stage = runtime.block_on(Stage::set(guest, behind));
    let config =
        Config { cases: if full() { cases.1 } else { cases.0 }, failure_persistence: None, max_shrink_time: 60_000, ..Config::default() };
    let scripts = proptest::collection::vec(random::script(of(guest, behind)), 1..4);
    let result = TestRunner::new(config).run(&scripts.prop_map(|all| all), |all| {
        runtime.block_on(async {
            let mut lines = Lines::default();
            for raw in &all {
                let script = raw.build();
                // Over HTTP/2 a stream that breaks off is a reset directly and may be a 502 through us: `advisories` look at those.
                if behind == Behind::Http2 && (script.guest_leaves() || script.app_leaves()) {
                    continue;
                }
                stage.compare(&script, &mut lines).await.map_err(TestCaseError::fail)?;
            }
            Ok(())
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn http_1_1_is_as_a_direct_connection() {
    check(Speaks::Http11, Behind::Http11, random::Kind::plain, (250, 6000));
}

#[test]
fn http_1_0_is_as_a_direct_connection() {
    check(Speaks::Http10, Behind::Http11, random::Kind::plain, (80, 2000));
}

#[test]
fn http_2_is_as_a_direct_connection() {
    check(Speaks::Http2, Behind::Http11, random::Kind::plain, (250, 6000));
}

#[test]
fn websockets_are_as_over_a_direct_connection() {
    check(Speaks::Http11, Behind::Http11, random::Kind::websocket, (120, 3000));
}

#[test]
fn http_1_1_in_front_of_http_2_is_as_a_direct_connection() {
    check(Speaks::Http11, Behind::Http2, random::Kind::plain, (120, 3000));
}

#[test]
fn http_2_in_front_of_http_2_is_as_a_direct_connection() {
    check(Speaks::Http2, Behind::Http2, random::Kind::plain, (120, 3000));
}

#[test]
fn calls_with_trailers_are_as_over_a_direct_connection() {
    check(Speaks::Http2, Behind::Http2, random::Kind::call, (120, 3000));
}

#[test]
fn websockets_over_http_2_are_as_over_a_direct_connection() {
    check(Speaks::Http2, Behind::Http11, random::Kind::websocket, (120, 3000));
}
