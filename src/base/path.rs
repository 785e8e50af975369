//! The one reading of a request path.
//!
//! [`NormalPath`] is what policies and `public:` globs see. The upstream gets the bytes as they were sent, so whatever has two
//! readings is refused here (`encoded slash`, dot segments, controls …) unless the app's `paths:` says which reading is its own.

use std::{borrow::Cow, fmt};

/// How an app reads an encoded slash (`%2F`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SlashRule {
    /// 400.
    #[default]
    Refuse,
    /// It is part of its segment, and stays written as `%2F`.
    Keep,
    /// It separates segments.
    Decode,
}

/// How an app reads a backslash, encoded or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeepRule {
    /// 400.
    #[default]
    Refuse,
    /// It is an ordinary character.
    Keep,
}

/// How an app reads empty segments (`//`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MergeRule {
    /// 400.
    #[default]
    Refuse,
    /// They are segments.
    Keep,
    /// They do not count.
    Merge,
}

/// How an app reads `;parameters`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ParameterRule {
    /// Policies do not see them.
    #[default]
    Drop,
    /// They are part of the segment.
    Keep,
    /// 400.
    Refuse,
}

/// What the decoded bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// UTF-8; anything else is a 400.
    #[default]
    Utf8,
    /// ISO 8859-1: each byte a character.
    Latin1,
}

/// Whether letter case matters to the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CaseRule {
    /// `/Admin` and `/admin` are two paths.
    #[default]
    Sensitive,
    /// They are one; the normal form is lower case.
    Insensitive,
}

/// `apps[].paths`: how an app reads paths, so that policies read them the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PathRules {
    /// `%2F`.
    pub encoded_slash: SlashRule,
    /// `\` and `%5C`.
    pub backslash: KeepRule,
    /// `//`.
    pub empty_segments: MergeRule,
    /// `;name=value`.
    pub parameters: ParameterRule,
    /// What decoded bytes are.
    pub encoding: Encoding,
    /// Letter case.
    pub case: CaseRule,
}

/// Why a path is refused. [`PathError::key`] names the setting that would allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PathError {
    /// Does not begin with `/`.
    #[error("the path does not begin with a slash")]
    NotAbsolute,
    /// `%` without two hexadecimal digits.
    #[error("the path has a broken percent escape")]
    BrokenEscape,
    /// `%2F`.
    #[error("the path has an encoded slash")]
    EncodedSlash,
    /// `\` or `%5C`.
    #[error("the path has a backslash")]
    Backslash,
    /// `%3B`.
    #[error("the path has an encoded semicolon")]
    EncodedSemicolon,
    /// `;`.
    #[error("the path has parameters")]
    Parameters,
    /// A control character, raw or encoded, or a raw byte that a path cannot hold.
    #[error("the path has a control character or a byte that a path cannot hold")]
    Control,
    /// `#`.
    #[error("the request target has a fragment")]
    Fragment,
    /// `.` or `..`, in any spelling.
    #[error("the path has a dot segment")]
    DotSegment,
    /// `//`.
    #[error("the path has an empty segment")]
    EmptySegment,
    /// Decoded bytes that are not UTF-8.
    #[error("the path is not UTF-8")]
    NotUtf8,
}

impl PathError {
    /// The key below `paths:` that would allow such a path, where there is one.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::EncodedSlash => Some("encoded_slash"),
            Self::Backslash => Some("backslash"),
            Self::EncodedSemicolon | Self::Parameters => Some("parameters"),
            Self::EmptySegment => Some("empty_segments"),
            Self::NotUtf8 => Some("encoding"),
            Self::NotAbsolute | Self::BrokenEscape | Self::Control | Self::Fragment | Self::DotSegment => None,
        }
    }
}

/// A path in its normal form: decoded once, without query and parameters, without a trailing slash (`/` itself aside).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NormalPath<'a>(Cow<'a, str>);

impl<'a> NormalPath<'a> {
    /// Reads the path of a request target in origin form (`/path?query`). Borrows where the normal form is the path as sent.
    pub fn parse(target: &'a [u8], rules: &PathRules) -> Result<Self, PathError> {
        if target.contains(&b'#') {
            return Err(PathError::Fragment);
        }
        let raw = target.split(|b| *b == b'?').next().unwrap_or_default();
        if raw.first() != Some(&b'/') {
            return Err(PathError::NotAbsolute);
        }
        if is_plain(raw) && rules.case == CaseRule::Sensitive {
            let trimmed = if raw.len() > 1 { raw.strip_suffix(b"/").unwrap_or(raw) } else { raw };
            // INVARIANT: plain bytes are ASCII, so this borrows.
            return std::str::from_utf8(trimmed).map(|s| Self(Cow::Borrowed(s))).map_err(|_| PathError::NotUtf8);
        }
        slow(raw, rules).map(|path| Self(Cow::Owned(path)))
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments, none for `/`.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let mut parts = self.0.split('/');
        parts.next();
        let root = &*self.0 == "/";
        parts.filter(move |_| !root)
    }

    /// The same path, owned.
    pub fn into_owned(self) -> NormalPath<'static> {
        NormalPath(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for NormalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NormalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// Whether nothing in the path needs a second look: no escape, parameter, dot segment, empty segment or odd byte.
fn is_plain(raw: &[u8]) -> bool {
    let mut after_slash = false;
    for (ix, b) in raw.iter().enumerate() {
        match b {
            b'/' if after_slash => return false,
            b'.' if after_slash => return false,
            b'/' => after_slash = true,
            b'%' | b';' | b'\\' | b'#' | 0..=0x20 | 0x7f..=0xff => return false,
            _ => after_slash = false,
        }
        if ix == 0 && *b != b'/' {
            return false;
        }
    }
    true
}

fn slow(raw: &[u8], rules: &PathRules) -> Result<String, PathError> {
    let body = raw.strip_prefix(b"/").unwrap_or(raw);
    if body.is_empty() {
        return Ok("/".to_owned());
    }
    let mut segments = Vec::new();
    for segment in body.strip_suffix(b"/").unwrap_or(body).split(|b| *b == b'/') {
        decode_segment(segment, rules, &mut segments)?;
    }
    let mut text = String::with_capacity(raw.len());
    for segment in segments {
        check_segment(&segment, rules)?;
        if segment.is_empty() && rules.empty_segments == MergeRule::Merge {
            continue;
        }
        text.push('/');
        match rules.encoding {
            Encoding::Utf8 => text.push_str(std::str::from_utf8(&segment).map_err(|_| PathError::NotUtf8)?),
            Encoding::Latin1 => text.extend(segment.into_iter().map(char::from)),
        }
    }
    if text.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    if text.is_empty() {
        text.push('/');
    }
    Ok(match rules.case {
        CaseRule::Sensitive => text,
        CaseRule::Insensitive => text.to_lowercase(),
    })
}

/// Appends the decoded segment: one, or several where an encoded slash separates.
fn decode_segment(segment: &[u8], rules: &PathRules, out: &mut Vec<Vec<u8>>) -> Result<(), PathError> {
    let segment = match rules.parameters {
        ParameterRule::Drop => segment.split(|b| *b == b';').next().unwrap_or_default(),
        ParameterRule::Refuse if segment.contains(&b';') => return Err(PathError::Parameters),
        ParameterRule::Keep | ParameterRule::Refuse => segment,
    };
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match *first {
            b'%' => {
                let [high, low, behind @ ..] = tail else { return Err(PathError::BrokenEscape) };
                let (Some(high), Some(low)) = (hex(*high), hex(*low)) else { return Err(PathError::BrokenEscape) };
                rest = behind;
                let byte = high << 4 | low;
                if byte == b'/' && rules.encoded_slash == SlashRule::Decode {
                    out.push(std::mem::take(&mut decoded));
                } else {
                    push_decoded(byte, behind, rules, &mut decoded)?;
                }
            }
            b'\\' if rules.backslash == KeepRule::Refuse => return Err(PathError::Backslash),
            0..=0x20 | 0x7f..=0xff => return Err(PathError::Control),
            plain => decoded.push(plain),
        }
    }
    out.push(decoded);
    Ok(())
}

fn push_decoded(byte: u8, behind: &[u8], rules: &PathRules, out: &mut Vec<u8>) -> Result<(), PathError> {
    match byte {
        b'/' if rules.encoded_slash == SlashRule::Keep => out.extend_from_slice(b"%2F"),
        b'/' => return Err(PathError::EncodedSlash),
        // Where an encoded slash stays written, `%252F` would have the same normal form.
        b'%' if rules.encoded_slash == SlashRule::Keep && behind.get(..2).is_some_and(|b| b.eq_ignore_ascii_case(b"2f")) => {
            return Err(PathError::EncodedSlash);
        }
        b'\\' if rules.backslash == KeepRule::Refuse => return Err(PathError::Backslash),
        b';' if rules.parameters != ParameterRule::Keep => return Err(PathError::EncodedSemicolon),
        0..=0x1f | 0x7f => return Err(PathError::Control),
        other => out.push(other),
    }
    Ok(())
}

fn check_segment(decoded: &[u8], rules: &PathRules) -> Result<(), PathError> {
    // With kept parameters or backslashes the app may still read the part before them as a segment of its own.
    let head = decoded.split(|b| *b == b';').next().unwrap_or_default();
    for piece in head.split(|b| *b == b'\\') {
        if piece == b"." || piece == b".." {
            return Err(PathError::DotSegment);
        }
    }
    if head.is_empty() && rules.empty_segments == MergeRule::Refuse {
        return Err(PathError::EmptySegment);
    }
    Ok(())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(target: &str) -> Result<String, PathError> {
        NormalPath::parse(target.as_bytes(), &PathRules::default()).map(|p| p.to_string())
    }

    fn reads(target: &str) -> String {
        normal(target).unwrap_or_else(|e| format!("{e:?}"))
    }

    #[test]
    fn the_normal_form_is_decoded_once_without_query_parameters_and_trailing_slash() {
        assert_eq!(reads("/"), "/");
        assert_eq!(reads("/?a=//b"), "/");
        assert_eq!(reads("/a/b/?q=%2e"), "/a/b");
        assert_eq!(reads("/%61dmin/x"), "/admin/x");
        assert_eq!(reads("/%2541"), "/%41");
        assert_eq!(reads("/admin;v=1/x;y"), "/admin/x");
        assert_eq!(reads("/caf%C3%A9"), "/café");
        assert_eq!(reads("/.well-known/x"), "/.well-known/x");
        assert_eq!(reads("/a/..."), "/a/...");
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        for (target, error) in [
            ("/a%2Fb", PathError::EncodedSlash),
            ("/a%2fb", PathError::EncodedSlash),
            ("/a\\b", PathError::Backslash),
            ("/a%5cb", PathError::Backslash),
            ("/a%3Bb", PathError::EncodedSemicolon),
            ("/a%00", PathError::Control),
            ("/a%0a", PathError::Control),
            ("/a%7f", PathError::Control),
            ("/a%C2%85", PathError::Control),
            ("/a b", PathError::Control),
            ("/a\u{e9}", PathError::Control),
            ("/%ff", PathError::NotUtf8),
            ("/a%", PathError::BrokenEscape),
            ("/a%4", PathError::BrokenEscape),
            ("/a%zz", PathError::BrokenEscape),
            ("/a/../b", PathError::DotSegment),
            ("/a/%2e%2E/b", PathError::DotSegment),
            ("/a/.", PathError::DotSegment),
            ("/a/..;x/b", PathError::DotSegment),
            ("//a", PathError::EmptySegment),
            ("/a//", PathError::EmptySegment),
            ("//", PathError::EmptySegment),
            ("/a/;x/b", PathError::EmptySegment),
            ("/;x", PathError::EmptySegment),
            ("/a#b", PathError::Fragment),
            ("a", PathError::NotAbsolute),
            ("*", PathError::NotAbsolute),
            ("", PathError::NotAbsolute),
        ] {
            assert_eq!(normal(target), Err(error), "{target}");
        }
    }

    #[test]
    fn an_app_may_declare_its_own_reading() {
        let read = |target: &str, rules: PathRules| NormalPath::parse(target.as_bytes(), &rules).map(|p| p.to_string());
        let keep = PathRules { encoded_slash: SlashRule::Keep, ..PathRules::default() };
        assert_eq!(read("/a%2fb", keep), Ok("/a%2Fb".to_owned()));
        assert_eq!(read("/a%252fb", keep), Err(PathError::EncodedSlash));
        let decode = PathRules { encoded_slash: SlashRule::Decode, ..PathRules::default() };
        assert_eq!(read("/a%2fb", decode), Ok("/a/b".to_owned()));
        assert_eq!(read("/a%2f..%2fb", decode), Err(PathError::DotSegment));
        assert_eq!(read("/a%2f%2fb", decode), Err(PathError::EmptySegment));
        let merge = PathRules { empty_segments: MergeRule::Merge, encoded_slash: SlashRule::Decode, ..PathRules::default() };
        assert_eq!(read("//a///b%2f%2fc//", merge), Ok("/a/b/c".to_owned()));
        assert_eq!(read("//", merge), Ok("/".to_owned()));
        let folded = PathRules { case: CaseRule::Insensitive, ..PathRules::default() };
        assert_eq!(read("/Admin/%41", folded), Ok("/admin/a".to_owned()));
        let latin = PathRules { encoding: Encoding::Latin1, ..PathRules::default() };
        assert_eq!(read("/%e9", latin), Ok("/é".to_owned()));
        assert_eq!(read("/%85", latin), Err(PathError::Control));
    }
}
