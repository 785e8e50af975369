//! The head of a request, whatever protocol brought it.

use bytes::Bytes;

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
}

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFraming {
    /// There is none.
    None,
    /// By its length.
    Length(u64),
    /// By its last chunk; in HTTP/2, by the end of the stream.
    Chunked,
    /// By the end of the connection; answers only.
    UntilClose,
}

/// Where something lies in the bytes of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The fields of a head, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    bytes: Bytes,
    parts: Vec<Field>,
    names: u64,
}

/// Where a field lies.
#[derive(Debug, Clone, Copy)]
struct Field {
    name: Part,
    value: Part,
    mark: Mark,
}

/// What a name comes to, letter case aside: most names differ in it, so that most questions are answered without looking at any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark(u8);

/// A method: nearly always one of a few.
#[derive(Debug, Clone, Copy)]
enum Method {
    Usual(&'static str),
    Other(Part),
}

/// The head of a request: checked, its bytes kept as they came.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    method: Method,
    pub(super) target: Part,
    pub(super) authority: Option<Part>,
    pub(super) version: Version,
    pub(super) framing: BodyFraming,
    pub(super) keep_alive: bool,
    pub(super) extended: bool,
    pub(super) fields: Fields,
}

impl Part {
    pub(super) fn of(start: usize, end: usize) -> Self {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: small(start), end: small(end) }
    }

    /// The place of a slice inside the bytes that it was taken from.
    pub(super) fn within(whole: &[u8], slice: &[u8]) -> Self {
        let start = (slice.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
        Self::of(start, start + slice.len())
    }

    pub(super) fn shifted(self, by: usize) -> Self {
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    pub(super) fn cut(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl Mark {
    #[inline]
    const fn of(name: &[u8]) -> Self {
        let ends = match name {
            [first, .., last] => (first.to_ascii_lowercase() as usize) * 3 + (last.to_ascii_lowercase() as usize) * 7,
            [only] => only.to_ascii_lowercase() as usize,
            [] => 0,
        };
        Self(((ends + name.len() * 5) % 64) as u8)
    }

    /// Its place among all marks.
    const fn bit(self) -> u64 {
        1 << self.0
    }
}

impl Field {
    fn of(bytes: &[u8], name: Part, value: Part) -> Self {
        Self { name, value, mark: Mark::of(name.cut(bytes)) }
    }
}

impl Method {
    fn of(bytes: &[u8], part: Part) -> Self {
        const USUAL: [&str; 8] = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"];
        let text = part.cut(bytes);
        USUAL.into_iter().find(|usual| usual.as_bytes() == text).map_or(Self::Other(part), Self::Usual)
    }
}

impl Fields {
    /// Fields at these places of the bytes.
    pub(super) fn new(bytes: Bytes, places: impl ExactSizeIterator<Item = (Part, Part)>) -> Self {
        let mut parts = Vec::with_capacity(places.len());
        let mut names = 0;
        for (name, value) in places {
            let field = Field::of(&bytes, name, value);
            names |= field.mark.bit();
            parts.push(field);
        }
        Self { bytes, parts, names }
    }

    /// The bytes that they lie in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names and values, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.parts.iter().map(|field| (field.name.cut(&self.bytes), field.value.cut(&self.bytes)))
    }

    /// The values of all fields of this name, letter case aside.
    #[inline]
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f [u8]> {
        self.places(name).map(|part| part.cut(&self.bytes))
    }

    /// Where the values of all fields of this name lie.
    #[inline]
    pub(super) fn places<'f>(&'f self, name: &'f str) -> impl Iterator<Item = Part> {
        let mark = Mark::of(name.as_bytes());
        let parts = if self.names & mark.bit() == 0 { &[] } else { self.parts.as_slice() };
        let is_it = move |field: &&Field| field.mark == mark && field.name.cut(&self.bytes).eq_ignore_ascii_case(name.as_bytes());
        parts.iter().filter(is_it).map(|field| field.value)
    }

    /// The first value of a name.
    #[inline]
    pub(crate) fn first<'f>(&'f self, name: &'f str) -> Option<&'f [u8]> {
        self.all(name).next()
    }

    /// The value of a name that is there exactly once, as text.
    #[inline]
    pub(crate) fn only<'f>(&'f self, name: &'f str) -> Option<&'f str> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }

    /// Whether there is a field of this name.
    #[inline]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }
}

impl Head {
    /// A head of HTTP/1 whose parts have been checked.
    pub(super) fn of_one(
        fields: Fields,
        (method, target, authority): (Part, Part, Option<Part>),
        version: Version,
        rest: (BodyFraming, bool),
    ) -> Self {
        let (framing, keep_alive) = rest;
        Self { method: Method::of(&fields.bytes, method), target, authority, version, framing, keep_alive, extended: false, fields }
    }

    /// The method: an upper-case token.
    pub(crate) fn method(&self) -> &str {
        match self.method {
            Method::Usual(usual) => usual,
            Method::Other(part) => std::str::from_utf8(part.cut(&self.fields.bytes)).unwrap_or_default(),
        }
    }

    /// The target in origin form, as the upstream gets it.
    pub(crate) fn target(&self) -> &[u8] {
        self.target.cut(&self.fields.bytes)
    }

    /// `Host` or `:authority`, as it came.
    pub(crate) fn authority(&self) -> Option<&[u8]> {
        self.authority.map(|part| part.cut(&self.fields.bytes))
    }

    /// The version.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// How the end of the body is known.
    pub(crate) fn framing(&self) -> BodyFraming {
        self.framing
    }

    /// Whether another request may follow on the connection.
    pub(crate) fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// The fields.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// How many bytes it has, as far as they were kept.
    pub(crate) fn size(&self) -> usize {
        self.fields.bytes.len()
    }

    /// Whether it opens a WebSocket by the extended CONNECT of RFC 8441. Its method is GET, as if it were an upgrade.
    pub(crate) fn is_extended(&self) -> bool {
        self.extended
    }

    /// The same as the beginning of a WebSocket.
    pub(crate) fn into_extended(self) -> Self {
        Self { extended: true, ..self }
    }

    /// Whether the client waits for a `100 Continue` before it sends the body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.version == Version::Http11 && self.fields.all("expect").any(|v| v.eq_ignore_ascii_case(b"100-continue"))
    }
}

/// Makes a [`Head`] from what HTTP/2 brings.
#[derive(Debug, Default)]
pub(crate) struct HeadBuilder {
    bytes: Vec<u8>,
    parts: Vec<(Part, Part)>,
}

impl HeadBuilder {
    /// No fields yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) {
        let pair = (self.append(name), self.append(value));
        self.parts.push(pair);
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The fields alone.
    pub(crate) fn into_fields(self) -> Fields {
        Fields::new(self.bytes.into(), self.parts.into_iter())
    }

    /// The head of an HTTP/2 request with these pseudo-headers.
    pub(crate) fn finish(mut self, method: &str, target: &[u8], authority: Option<&[u8]>, framing: BodyFraming) -> Head {
        let method = self.append(method.as_bytes());
        let target = self.append(target);
        let authority = authority.map(|text| self.append(text));
        let method = Method::of(&self.bytes, method);
        let fields = Fields::new(self.bytes.into(), self.parts.into_iter());
        Head { method, target, authority, version: Version::Http2, framing, keep_alive: true, extended: false, fields }
    }

    fn append(&mut self, text: &[u8]) -> Part {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        Part::of(start, self.bytes.len())
    }
}
