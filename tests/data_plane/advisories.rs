//! What has broken other gateways, class by class: raw bytes in front, an application that records every byte behind.
//!
//! The assertion is always about what the application saw.

mod answers;
mod frames;
mod headers;
mod hosts;
mod paths;
mod slow;
mod smuggling;
mod upgrades;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    kit::{Browser, Gateway, PATIENCE, Plan, browser, gateway::CHARTS},
    wire::{frames::Raw, tape::Tape},
};

const ANN: &str = "ann@partner.example";

/// A gateway, the tape behind it, and a guest who is signed in.
struct Scene {
    gate: Gateway,
    tape: Tape,
    ann: Browser,
}

impl Scene {
    /// Everything under `/open` is public; `more` are further keys of the app.
    async fn set(more: &str) -> Self {
        Self::with(Plan::default(), more).await
    }

    async fn with(plan: Plan, more: &str) -> Self {
        let tape = Tape::start().await;
        let gate = plan.app("charts", tape.at, &format!("public: [/open/**]\n{more}")).start().await;
        let ann = gate.guest(ANN, "charts").await;
        tape.clear();
        Self { gate, tape, ann }
    }

    fn host(&self) -> String {
        format!("{CHARTS}:{}", self.gate.https.port())
    }

    fn cookie(&self) -> String {
        self.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends bytes in which `HOST` and `COOKIE` stand for the real ones, and gives what comes until the gateway closes or is silent
    /// after a whole answer.
    async fn say(&self, bytes: &str) -> String {
        let text = bytes.replace("HOST", &self.host()).replace("COOKIE", &self.cookie());
        let mut stream = self.ann.raw(CHARTS).await;
        // Characters are bytes here, so that any byte can be written.
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        let mut answer = Vec::new();
        let read = async {
            let mut chunk = vec![0; 16 * 1024];
            while let Ok(n @ 1..) = stream.read(&mut chunk).await {
                answer.extend_from_slice(&chunk[..n]);
            }
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| panic!("the connection stays open: {bytes:?}"));
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A connection on which frames are written by hand.
    async fn frames(&self) -> Raw<tokio_rustls::client::TlsStream<tokio::net::TcpStream>> {
        Raw::open(browser::connect(self.gate.https, CHARTS, self.gate.tls_with(&[b"h2"])).await).await
    }

    /// Whether the gateway still serves somebody else.
    async fn still_serves(&self) {
        let answer = self.say("GET /open/still HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    /// Resident memory of the gateway, in KiB.
    fn memory(&self) -> u64 {
        memory(self.gate.pid())
    }
}

/// Resident memory of a process, in KiB.
pub(crate) fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The status codes in a stream of answers.
fn codes(answers: &str) -> Vec<&str> {
    answers.match_indices("HTTP/1.1 ").filter_map(|(at, _)| answers.get(at + 9..at + 12)).collect()
}

/// For what must not last.
const SOON: Duration = Duration::from_secs(20);
