//! The access log: one JSON line a request, written by hand into a buffer of the worker that served it.
//!
//! A line never has a query string: [`Pathname`] cuts it. Lines leave whole, so that whoever rotates or reads the file never sees a part.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus::IntCounter;

use super::{
    lines::{Lines, Out},
    write::{self, quote},
};
use crate::{
    base::{GuestId, SessionId, Span, Timestamp},
    config::AccessTarget,
};

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
    /// The facts that policies decided by, as JSON, where the log is to have them.
    pub facts: Option<&'a str>,
}

/// The path of a request target: without its query, without a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pathname<'a>(&'a [u8]);

/// A list of names, written as JSON once and copied into many lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonList(Box<str>);

/// Where lines go; shared by all workers. Nobody who writes waits for it.
pub struct AccessSink {
    path: Mutex<Option<PathBuf>>,
    lines: Lines,
}

/// One worker's buffer.
#[derive(Debug)]
pub struct AccessLog {
    sink: Arc<AccessSink>,
    buffer: Vec<u8>,
    lines: u64,
    oldest: Option<Timestamp>,
    second: Second,
}

/// The second that the last line was written in, as text: the next one most likely comes in the same.
#[derive(Debug, Default)]
struct Second {
    of: Option<i64>,
    text: Vec<u8>,
}

/// The thread that writes.
const THREAD: &str = "access-log";
/// A buffer this full is written.
const FULL: usize = 128 * 1024;
/// So much has room in one: a last line may reach beyond.
const ROOM: usize = FULL + 4 * 1024;
/// So many full buffers may wait to be written.
const WAITING: usize = 64;
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
        Self { path: Mutex::new(None), lines: Lines::to(THREAD, Box::new(io::stdout()), WAITING) }
    }

    /// Lines are added to this file, which is made with mode 0600 where it is not there.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        Ok(Self { path: Mutex::new(Some(path.to_owned())), lines: Lines::to(THREAD, Box::new(file), WAITING) })
    }

    /// What the configuration names.
    pub fn open(target: &AccessTarget) -> io::Result<Self> {
        match target {
            AccessTarget::Stdout => Ok(Self::stdout()),
            AccessTarget::File(path) => Self::file(path),
        }
    }

    /// Opens the file anew, after somebody has moved it away. On failure lines go on to the old one.
    pub fn reopen(&self) -> io::Result<()> {
        let path = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &*path else { return Ok(()) };
        self.lines.redirect(Box::new(open(path)?));
        Ok(())
    }

    /// Opens what is to be written to from now on; [`follow`](Self::follow) makes it so.
    pub fn prepare(&self, target: &AccessTarget) -> io::Result<Prepared> {
        Ok(match target {
            AccessTarget::Stdout => Prepared { path: None, out: Box::new(io::stdout()) },
            AccessTarget::File(path) => Prepared { out: Box::new(open(path)?), path: Some(path.clone()) },
        })
    }

    /// Lines go to another place from now on.
    pub fn follow(&self, prepared: Prepared) {
        *self.path.lock().unwrap_or_else(PoisonError::into_inner) = prepared.path;
        self.lines.redirect(prepared.out);
    }

    /// How many lines could not be written: on a full disk, or where whoever reads them is too slow.
    pub fn lost(&self) -> u64 {
        self.lines.lost()
    }

    /// Those are counted there, too.
    pub fn count_lost(&self, counter: IntCounter) {
        self.lines.count_lost(counter);
    }

    /// Waits until everything so far is written, but no longer than this.
    pub fn flush(&self, patience: Duration) {
        self.lines.flush(patience);
    }
}

/// A place for lines that has been opened, and is not used yet.
pub struct Prepared {
    path: Option<PathBuf>,
    out: Out,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("path", &self.path).finish_non_exhaustive()
    }
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl AccessLog {
    /// A buffer of its own for one worker.
    pub fn new(sink: Arc<AccessSink>) -> Self {
        Self { sink, buffer: Vec::with_capacity(ROOM), lines: 0, oldest: None, second: Second::default() }
    }

    /// Adds a line.
    pub fn write(&mut self, line: &AccessLine<'_>) {
        line.write_to(&mut self.buffer, &mut self.second);
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
            let lines = std::mem::replace(&mut self.buffer, self.sink.lines.buffer(ROOM));
            self.sink.lines.write(lines, self.lines);
        }
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
        f.debug_struct("AccessSink").field("lines", &self.lines).finish_non_exhaustive()
    }
}

impl Second {
    /// An instant as RFC 3339 has it.
    fn write(&mut self, out: &mut Vec<u8>, at: Timestamp) {
        let (second, millis) = (at.as_secs(), at.as_millis().rem_euclid(1_000));
        if !u64::try_from(at.as_millis()).is_ok_and(|millis| millis < write::END_OF_TIME) {
            return write::time(out, at);
        }
        if self.of != Some(second) {
            self.text.clear();
            write::time(&mut self.text, Timestamp::from_millis(at.as_millis() - millis));
            // The fraction goes before it.
            self.text.pop();
            self.of = Some(second);
        }
        out.extend_from_slice(&self.text);
        write::fraction(out, u64::try_from(millis).unwrap_or_default());
        out.push(b'Z');
    }
}

impl AccessLine<'_> {
    fn write_to(&self, out: &mut Vec<u8>, second: &mut Second) {
        let text = |out: &mut Vec<u8>, key: &[u8], value: &[u8]| {
            out.extend_from_slice(key);
            quote(out, value);
        };
        out.extend_from_slice(b"{\"time\":\"");
        second.write(out, self.time);
        text(out, b"\",\"request_id\":", self.request_id.as_bytes());
        text(out, b",\"app\":", self.app.as_bytes());
        text(out, b",\"method\":", self.method.as_bytes());
        text(out, b",\"path\":", self.path.0.get(..LONGEST_PATH).unwrap_or(self.path.0));
        write::number(out, b",\"status\":", u64::from(self.status));
        write::number(out, b",\"bytes\":", self.bytes);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        write::number(out, b",\"duration_ms\":", micros(self.duration) / 1_000);
        write::thousandths(out, micros(self.duration));
        write::number(out, b",\"gateway_us\":", micros(self.gateway));
        write::address(out, b",\"client_ip\":\"", self.client_ip);
        write::id(out, b"\",\"guest\":", self.guest);
        write::id(out, b",\"session\":", self.session);
        out.extend_from_slice(b",\"decision\":\"");
        out.extend_from_slice(super::Label::as_str(self.decision).as_bytes());
        out.extend_from_slice(b"\",\"policies\":");
        out.extend_from_slice(self.policies.0.as_bytes());
        out.extend_from_slice(b",\"report_only\":");
        out.extend_from_slice(self.report_only.0.as_bytes());
        text(out, b",\"policy_version\":", self.policy_version.as_bytes());
        match self.upstream {
            Some(upstream) => text(out, b",\"upstream\":", upstream.as_bytes()),
            None => out.extend_from_slice(b",\"upstream\":null"),
        }
        if let Some(facts) = self.facts {
            out.extend_from_slice(b",\"facts\":");
            write::seen(out, facts);
        }
        out.extend_from_slice(b"}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Id,
        observe::{DecisionLabel, Label},
    };

    fn line<'a>(target: &'a [u8], policies: &'a JsonList) -> AccessLine<'a> {
        AccessLine {
            time: Timestamp::from_millis(1_768_392_000_123),
            request_id: "0a1b",
            app: "charts",
            method: "GET",
            path: Pathname::of(target),
            status: 200,
            bytes: 1_024,
            duration: Duration::from_micros(12_345),
            gateway: Duration::from_micros(67),
            client_ip: IpAddr::from([203, 0, 113, 9]),
            guest: Some(GuestId::from_bytes([1; 16])),
            session: None,
            decision: DecisionLabel::Allow,
            policies,
            report_only: policies,
            policy_version: "ab12",
            upstream: Some("http://10.0.0.5:8080"),
            facts: None,
        }
    }

    fn written(target: &[u8]) -> String {
        let mut out = Vec::new();
        line(target, &JsonList::default()).write_to(&mut out, &mut Second::default());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_second_that_was_written_before_is_not_written_otherwise() {
        let mut second = Second::default();
        for millis in
            [0, 1, 999, 1_000, 1_768_392_000_120, 1_768_392_000_007, 1_768_392_001_000, 253_402_207_199_999, 253_402_207_200_001, -1, 5]
        {
            let at = Timestamp::from_millis(millis);
            let (mut by_second, mut anew) = (Vec::new(), Vec::new());
            second.write(&mut by_second, at);
            write::time(&mut anew, at);
            assert_eq!(String::from_utf8(by_second), String::from_utf8(anew), "{millis}");
        }
    }

    #[test]
    fn a_line_has_every_field_in_a_fixed_order() {
        let policies = JsonList::new(["two-factors", "say \"hi\""]);
        let mut out = Vec::new();
        line(b"/orders/7?code=s3cret", &policies).write_to(&mut out, &mut Second::default());
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_query_or_fragment_never_reaches_the_log() {
        for target in [b"/a?token=s3cret".as_slice(), b"/a#s3cret", b"/a?x#s3cret?", b"https://h/a?s3cret"] {
            assert!(!written(target).contains("s3cret"));
        }
    }

    #[test]
    fn nothing_that_a_client_sends_breaks_a_line_or_moves_a_cursor() {
        let text = written("/a\n{\"x\":1}\r\x1b[31m\u{7f}\u{85}\u{202e}\u{2028}\\\"é\u{10ffff}".as_bytes());
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.chars().all(|c| c == '\n' || !write::is_unseen(c)));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["path"], "/a\n{\"x\":1}\r\x1b[31m\u{7f}\u{85}\u{202e}\u{2028}\\\"é\u{10ffff}");
        let read: serde_json::Value = serde_json::from_str(&written(b"/\xff\xc3x")).unwrap();
        assert_eq!(read["path"], "/%FF%C3x");
    }

    #[test]
    fn facts_are_json_of_their_own_and_move_no_cursor_either() {
        let none = JsonList::default();
        let facts = serde_json::json!({ "guest": "ann@partner.example", "attributes": { "a": ["\u{202e}\u{9b}x"] } }).to_string();
        let mut out = Vec::new();
        AccessLine { facts: Some(&facts), ..line(b"/", &none) }.write_to(&mut out, &mut Second::default());
        let text = String::from_utf8(out).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !write::is_unseen(c)), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["facts"]["attributes"]["a"][0], "\u{202e}\u{9b}x");
    }

    proptest::proptest! {
        #[test]
        fn a_line_is_json_whatever_was_asked_for(target in proptest::collection::vec(proptest::num::u8::ANY, 0..4_000)) {
            let text = written(&target);
            proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            proptest::prop_assert_eq!(text.matches('\n').count(), 1);
        }
    }

    #[test]
    fn lines_are_written_whole_when_old_when_many_and_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let sink = Arc::new(AccessSink::file(&path).unwrap());
        let none = JsonList::default();
        let one = line(b"/a", &none);
        let lines = || {
            sink.flush(Duration::from_secs(10));
            std::fs::read_to_string(&path).unwrap().lines().count()
        };
        let mut log = AccessLog::new(Arc::clone(&sink));
        log.write(&one);
        log.flush_due(one.time.plus(Span::millis(249)));
        assert_eq!(lines(), 0);
        log.flush_due(one.time.plus(Span::millis(250)));
        assert_eq!(lines(), 1);
        for _ in 0..400 {
            log.write(&one);
        }
        assert!(lines() > 1, "a full buffer is written");
        sink.flush(Duration::from_secs(10));
        std::fs::rename(&path, folder.path().join("access.log.1")).unwrap();
        sink.reopen().unwrap();
        log.write(&one);
        drop(log);
        let before = std::fs::read_to_string(folder.path().join("access.log.1")).unwrap();
        let after = lines();
        assert_eq!(std::fs::read_to_string(folder.path().join("access.log.1")).unwrap().lines().count() + after, 402);
        assert!(before.ends_with("}\n") && sink.lost() == 0);
    }

    #[test]
    fn a_full_disk_costs_lines_and_is_counted() {
        let sink = Arc::new(AccessSink::file(Path::new("/dev/full")).unwrap());
        let mut log = AccessLog::new(Arc::clone(&sink));
        log.write(&line(b"/a", &JsonList::default()));
        log.flush();
        sink.flush(Duration::from_secs(10));
        assert_eq!(sink.lost(), 1);
    }

    #[test]
    fn every_decision_has_the_name_of_the_specification() {
        let names: Vec<_> = DecisionLabel::ALL.iter().map(|d| d.as_str()).collect();
        assert_eq!(names, ["allow", "challenge", "block", "not_assigned", "signin", "public", "refused", "error"]);
    }
}
