//! The access log: one JSON line a request, written by hand into a buffer of the worker that served it.
//!
//! A line never has a query string: [`Pathname`] cuts it. Lines leave whole, so that whoever rotates or reads the file never sees a part.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::base::{GuestId, SessionId, Span, Timestamp};

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub struct AccessLine<'a> {
    /// When the request came.
    pub time: Timestamp,
    /// The id that the upstream saw.
    pub request_id: &'a str,
    /// The label of the app, as in metrics.
    pub app: &'a str,
    /// Method as sent.
    pub method: &'a str,
    /// Path as sent, or a route's template where the path itself may be secret.
    pub path: Pathname<'a>,
    /// Status that was sent.
    pub status: u16,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// From the first byte to the last.
    pub duration: Duration,
    /// What we added.
    pub gateway: Duration,
    /// Who asked.
    pub client_ip: IpAddr,
    /// As whom.
    pub guest: Option<GuestId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// How it was answered.
    pub decision: super::DecisionLabel,
    /// Policies that applied.
    pub policies: &'a JsonList,
    /// Report-only policies that would have acted.
    pub report_only: &'a JsonList,
    /// Which set of policies decided.
    pub policy_version: &'a str,
    /// Which upstream answered.
    pub upstream: Option<&'a str>,
}

/// The path of a request target: without its query, without a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pathname<'a>(&'a [u8]);

/// A list of names, written as JSON once and copied into many lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonList(Box<str>);

/// Where lines go; shared by all workers.
pub struct AccessSink {
    path: Option<PathBuf>,
    out: Mutex<Out>,
    lost: AtomicU64,
}

struct Out {
    file: Option<File>,
    /// The last write stopped inside a line.
    torn: bool,
}

/// One worker's buffer.
#[derive(Debug)]
pub struct AccessLog {
    sink: Arc<AccessSink>,
    buffer: Vec<u8>,
    lines: u64,
    oldest: Option<Timestamp>,
}

/// A buffer this full is written.
const FULL: usize = 32 * 1024;
/// A line this old is written.
const OLD: Span = Span::millis(250);
/// So much of a path is kept.
const LONGEST_PATH: usize = 2_048;

impl<'a> Pathname<'a> {
    /// The path of this request target (`/path?query`, or an absolute form).
    pub fn of(target: &'a [u8]) -> Self {
        Self(target.split(|b| matches!(b, b'?' | b'#')).next().unwrap_or_default())
    }
}

impl JsonList {
    /// Writes names as a list.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut text = vec![b'['];
        for (ix, name) in names.into_iter().enumerate() {
            if ix > 0 {
                text.push(b',');
            }
            quote(&mut text, name.as_bytes());
        }
        text.push(b']');
        Self(String::from_utf8_lossy(&text).into())
    }
}

impl Default for JsonList {
    fn default() -> Self {
        Self("[]".into())
    }
}

impl AccessSink {
    /// Lines go to standard output.
    pub fn stdout() -> Self {
        Self { path: None, out: Mutex::new(Out { file: None, torn: false }), lost: AtomicU64::new(0) }
    }

    /// Lines are added to this file, which is made with mode 0600 where it is not there.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        Ok(Self { path: Some(path.to_owned()), out: Mutex::new(Out { file: Some(file), torn: false }), lost: AtomicU64::new(0) })
    }

    /// Opens the file anew, after somebody has moved it away. On failure lines go on to the old one.
    pub fn reopen(&self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let file = open(path)?;
        *self.out.lock().unwrap_or_else(PoisonError::into_inner) = Out { file: Some(file), torn: false };
        Ok(())
    }

    /// How many lines could not be written, on a full disk for example.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    fn write(&self, lines: &mut Vec<u8>, n: u64) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.torn {
            lines.insert(0, b'\n');
        }
        let written = match &mut out.file {
            Some(file) => file.write_all(lines),
            None => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(lines).and_then(|()| stdout.flush())
            }
        };
        out.torn = written.is_err();
        drop(out);
        // Requests go on: a log that cannot be written must not stop an app. It is said once a thousand lines.
        if let Err(error) = written {
            let before = self.lost.fetch_add(n, Ordering::Relaxed);
            if before / 1_000 != (before + n) / 1_000 || before == 0 {
                tracing::error!(%error, lines = before + n, "the access log cannot be written");
            }
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl AccessLog {
    /// A buffer of its own for one worker.
    pub fn new(sink: Arc<AccessSink>) -> Self {
        Self { sink, buffer: Vec::with_capacity(FULL + 4_096), lines: 0, oldest: None }
    }

    /// Adds a line.
    pub fn write(&mut self, line: &AccessLine<'_>) {
        line.write_to(&mut self.buffer);
        self.lines += 1;
        self.oldest.get_or_insert(line.time);
        if self.buffer.len() >= FULL {
            self.flush();
        }
    }

    /// Writes what has waited long enough; to be called a few times a second.
    pub fn flush_due(&mut self, now: Timestamp) {
        if self.oldest.is_some_and(|oldest| now >= oldest.plus(OLD)) {
            self.flush();
        }
    }

    /// Writes everything.
    pub fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.sink.write(&mut self.buffer, self.lines);
        }
        self.buffer.clear();
        self.lines = 0;
        self.oldest = None;
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.flush();
    }
}

impl fmt::Debug for AccessSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessSink").field("path", &self.path).field("lost", &self.lost()).finish_non_exhaustive()
    }
}

impl AccessLine<'_> {
    fn write_to(&self, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, key: &str, value: &[u8]| {
            out.extend_from_slice(key.as_bytes());
            quote(out, value);
        };
        out.extend_from_slice(b"{\"time\":\"");
        shown(out, format_args!("{}", self.time));
        text(out, "\",\"request_id\":", self.request_id.as_bytes());
        text(out, ",\"app\":", self.app.as_bytes());
        text(out, ",\"method\":", self.method.as_bytes());
        text(out, ",\"path\":", self.path.0.get(..LONGEST_PATH).unwrap_or(self.path.0));
        shown(out, format_args!(",\"status\":{},\"bytes\":{}", self.status, self.bytes));
        let (whole, own) = (self.duration.as_micros(), self.gateway.as_micros());
        shown(out, format_args!(",\"duration_ms\":{}.{:03},\"gateway_us\":{own}", whole / 1_000, whole % 1_000));
        shown(out, format_args!(",\"client_ip\":\"{}\"", self.client_ip));
        match self.guest {
            Some(guest) => shown(out, format_args!(",\"guest\":\"{guest}\"")),
            None => out.extend_from_slice(b",\"guest\":null"),
        }
        match self.session {
            Some(session) => shown(out, format_args!(",\"session\":\"{session}\"")),
            None => out.extend_from_slice(b",\"session\":null"),
        }
        shown(out, format_args!(",\"decision\":\"{}\"", super::Label::as_str(self.decision)));
        shown(out, format_args!(",\"policies\":{},\"report_only\":{}", self.policies.0, self.report_only.0));
        text(out, ",\"policy_version\":", self.policy_version.as_bytes());
        match self.upstream {
            Some(upstream) => text(out, ",\"upstream\":", upstream.as_bytes()),
            None => out.extend_from_slice(b",\"upstream\":null"),
        }
        out.extend_from_slice(b"}\n");
    }
}

fn shown(out: &mut Vec<u8>, value: fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = out.write_fmt(value);
}

/// Writes a JSON string. What is not printable ASCII, and DEL, is escaped byte for byte where it is not UTF-8, so that a terminal that shows
/// the log obeys nobody.
fn quote(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => {
                    out.push(b'\\');
                    out.push(c as u8);
                }
                ' '..='~' => out.push(c as u8),
                c if is_unseen(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        shown(out, format_args!("\\u{unit:04x}"));
                    }
                }
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            // Not a character: shown as the escape that a percent-encoded path would have.
            shown(out, format_args!("%{byte:02X}"));
        }
    }
    out.push(b'"');
}

/// Controls, line separators, and marks that turn the direction of text.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
