//! An answer before a protocol writes it: ours from a header map, an app's from the fields as they were read, each judged on its way out.

use std::rc::Rc;

use http::{HeaderMap, StatusCode, header};

use crate::{config::AnswerName, web::Answer};

use super::{
    body::{Download, Source},
    names::{STAYS_WITH, is_class, is_hop_by_hop, listed},
    record::Record,
    reply::{Fate, private, strip},
    rewrite::Rewriting,
    wire::{ResponseHead, is_text},
    worker::BoundApp,
};

/// An answer without its record.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) lines: Lines,
    pub(super) source: Source,
}

/// The fields of an answer.
pub(super) enum Lines {
    /// Ours, or the portal's.
    Ours(HeaderMap),
    /// An app's.
    App(AppLines),
}

/// The fields that an app sent, and what is to become of them.
pub(super) struct AppLines {
    head: ResponseHead,
    app: Rc<BoundApp>,
    private: bool,
    text: Text,
    /// The upstream that the guest stays with from now on.
    stays: Option<usize>,
}

/// Whether guests get the text of an answer byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// They do.
    AsSent,
    /// Names in it are translated on the way.
    Translated,
}

/// An answer that is ready to be written.
pub(super) struct Response {
    pub(super) status: StatusCode,
    lines: Lines,
    promised: Option<u64>,
    pub(super) body: Download,
}

impl Reply {
    /// No fields, no body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, lines: Lines::Ours(HeaderMap::new()), source: Source::Whole(bytes::Bytes::new()) }
    }

    /// What is written, with the record that is closed when it has been. `only_head` says that the request was a HEAD.
    pub(super) fn into_response(self, only_head: bool, record: Option<Box<Record>>) -> Response {
        let mut body = Download::new(self.source, record);
        let announced = || match &self.lines {
            Lines::Ours(map) => map.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()),
            Lines::App(app) => app.announced(self.status),
        };
        let mut promised = None;
        if only_head {
            promised = announced().or_else(|| body.take_whole());
        } else if self.status == StatusCode::NOT_MODIFIED {
            promised = announced();
        }
        Response { status: self.status, lines: self.lines, promised, body }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { status: answer.status, lines: Lines::Ours(answer.headers), source: Source::Whole(answer.body) }
    }
}

/// Whether what is said of caches, by the app or in its place, lets shared ones keep an answer.
fn needs_private(head: &ResponseHead, app: &BoundApp) -> bool {
    let headers = &app.live.app.headers;
    let is_cache_control = |name: &AnswerName| name.as_str().eq_ignore_ascii_case("cache-control");
    let ours = headers.lines.iter().filter(|(name, _)| is_cache_control(name)).map(|(_, value)| value.as_str().as_bytes());
    let theirs = head.fields().all("cache-control").filter(|_| !headers.remove.iter().any(is_cache_control));
    private(theirs.chain(ours))
}

impl AppLines {
    /// The head of an app's answer as the guest may see it; where the app knows who asks, no shared cache may keep it.
    pub(super) fn new(head: ResponseHead, app: Rc<BoundApp>, identified: bool, text: Text) -> Self {
        let private = identified && head.status() != 101 && needs_private(&head, &app);
        Self { head, app, private, text, stays: None }
    }

    /// Tells the guest to stay with this upstream, where the app wants that.
    pub(super) fn stay_with(&mut self, upstream: usize) {
        if self.app.stays.is_empty() {
            return;
        }
        self.stays = Some(upstream);
        // Nor may a cache give one guest's cookie to another.
        self.private |= needs_private(&self.head, &self.app);
    }

    /// How long the body is that is not sent, if it would go on as the app has it. What has not changed may have been translated.
    fn announced(&self, status: StatusCode) -> Option<u64> {
        let changed = self.text == Text::Translated || (status == StatusCode::NOT_MODIFIED && self.app.rewriting.has_links());
        self.head.fields().only("content-length").filter(|_| !changed).and_then(|v| v.parse().ok())
    }

    /// As readers have checked them, or in our own words: each can be written as it is.
    fn each_field(&self, put: &mut dyn FnMut(&[u8], &[u8])) {
        let app = &self.app.live.app;
        let nominated = nominated(self.head.fields().all("connection"));
        // A browser that asked for a password now would ask for one that is ours.
        let vouches = app.identity.basic_auth.is_some();
        for (name, value) in self.head.fields().iter() {
            if nominated.iter().any(|n| n.eq_ignore_ascii_case(name))
                || app.headers.remove.iter().any(|gone| name.eq_ignore_ascii_case(gone.as_str().as_bytes()))
                || (vouches && is_class(name, "www-authenticate"))
            {
                continue;
            }
            let mut fate = strip(name, value);
            if fate == Fate::Keep {
                fate = self.app.rewriting.fate(name, value);
            }
            if fate == Fate::Keep && self.text == Text::Translated {
                fate = Rewriting::of_translated(name, value);
            }
            match fate {
                Fate::Keep => put(name, value),
                Fate::Drop => {}
                Fate::Say(said) if is_text(&said) => put(name, &said),
                Fate::Say(_) => tracing::debug!("a field of an answer was left out because it cannot be written"),
            }
        }
        if self.private {
            put(b"Cache-Control", b"private");
        }
        for (name, value) in &app.headers.lines {
            put(name.as_str().as_bytes(), value.as_str().as_bytes());
        }
        if let Some(name) = self.stays.and_then(|ix| self.app.stays.get(ix)) {
            put(b"Set-Cookie", format!("{STAYS_WITH}={name}; Path=/; Secure; HttpOnly; SameSite=Lax").as_bytes());
        }
    }
}

impl Response {
    /// Tells each field that is to be written, but for those that say where the body ends and whether the connection goes on.
    pub(super) fn each_field(&self, put: &mut dyn FnMut(&[u8], &[u8])) {
        match &self.lines {
            Lines::Ours(map) => {
                for (name, value) in map {
                    if name != header::CONTENT_LENGTH && !is_hop_by_hop(name.as_str().as_bytes()) {
                        put(name.as_str().as_bytes(), value.as_bytes());
                    }
                }
            }
            Lines::App(app) => app.each_field(put),
        }
    }

    /// The length that a body would have that is not sent.
    pub(super) fn promised_length(&self) -> Option<u64> {
        self.promised
    }
}

/// The fields that the app's `Connection` declares to be for us alone (RFC 9110, 7.6.1). How an answer may be kept is never one of them.
fn nominated<'v>(lines: impl Iterator<Item = &'v [u8]>) -> Vec<&'v [u8]> {
    const OPTIONS: [&str; 4] = ["close", "keep-alive", "upgrade", "cache-control"];
    let is_option = |name: &[u8]| OPTIONS.iter().any(|option| name.eq_ignore_ascii_case(option.as_bytes()));
    // Nearly always it is one word that is an option.
    lines.filter(|line| !is_option(line)).flat_map(listed).filter(|name| !is_option(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_nominates_is_for_us_alone() {
        let lines = [&b"close, X-Internal"[..], b"Cache-Control,x-other", b"keep-alive", b""];
        assert_eq!(nominated(lines.into_iter()), [&b"X-Internal"[..], b"x-other"]);
    }
}
