//! Patterns with stars: of paths, by whole segments, and of plain text.

use std::fmt;

use super::{Encoding, NormalPath, PathError, PathRules};

/// A pattern in which `*` is any run of bytes, the empty one included. Letter case is exact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wildcard {
    /// What stands between the stars: one part if there is no star.
    parts: Box<[Box<str>]>,
}

impl Wildcard {
    /// Reads a pattern; any text is one.
    pub fn new(pattern: &str) -> Self {
        Self { parts: pattern.split('*').map(Box::from).collect() }
    }

    /// What stands between the stars: one part if there is no star.
    pub fn parts(&self) -> &[Box<str>] {
        &self.parts
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return text.is_empty() };
        let Some((last, middle)) = rest.split_last() else { return first.as_bytes() == text };
        let Some(mut left) = text.strip_prefix(first.as_bytes()) else { return false };
        for part in middle {
            let Some(behind) = after(left, part.as_bytes()) else { return false };
            left = behind;
        }
        left.ends_with(last.as_bytes())
    }
}

/// What follows the first occurrence.
fn after<'t>(text: &'t [u8], part: &[u8]) -> Option<&'t [u8]> {
    if part.is_empty() {
        return Some(text);
    }
    let at = text.windows(part.len()).position(|w| w == part)?;
    text.get(at + part.len()..)
}

/// What is wrong with a path pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// It must be absolute.
    #[error("a path pattern begins with `/`")]
    NotAbsolute,
    /// `;`, `?` or `#`.
    #[error("a path pattern has no `{0}`: policies see paths without query and parameters")]
    Character(char),
    /// `a**`.
    #[error("`**` is a whole segment; write `/**/` or a single `*`")]
    HalfStars,
    /// No path that passes looks like this.
    #[error("no path can match: {0}")]
    Path(#[from] PathError),
}

/// A pattern of paths: `*` is one segment, inside a segment any run of characters; `**` is any number of segments, none included.
///
/// Normalised like the paths themselves, so `/caf%C3%A9/` and `/café` are one pattern.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PathGlob {
    text: Box<str>,
    segments: Box<[Segment]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Segment {
    /// This one.
    Exact(Box<str>),
    /// One that fits.
    Like(Wildcard),
    /// Any one, but not an empty one.
    One,
    /// Any number of any.
    Any,
}

/// What one part of a path pattern asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlobPart<'g> {
    /// One segment in which any runs of characters stand between these parts.
    Text(&'g [Box<str>]),
    /// One segment that is not empty.
    One,
    /// Any number of segments.
    Any,
}

/// Stands for a star while the pattern goes through the normaliser, which leaves letters and `~` alone in every reading.
const STAR: &str = "~guestgate-star~";

impl PathGlob {
    /// Reads a pattern for an app that reads paths by these rules.
    pub fn parse(text: &str, rules: &PathRules) -> Result<Self, GlobError> {
        if !text.starts_with('/') {
            return Err(GlobError::NotAbsolute);
        }
        if let Some(wrong) = text.chars().find(|c| matches!(c, ';' | '?' | '#')) {
            return Err(GlobError::Character(wrong));
        }
        let target = as_target(text, rules)?;
        let path = NormalPath::parse(target.as_bytes(), rules)?;
        let segments = path.segments().map(segment).collect::<Result<_, _>>()?;
        Ok(Self { text: text.into(), segments })
    }

    /// Whether the path fits.
    pub fn matches(&self, path: &NormalPath<'_>) -> bool {
        let mut rest = Rest::of(path);
        let mut pattern = &*self.segments;
        // Where to go on if the last `**` has to take one segment more.
        let mut retry: Option<(&[Segment], Rest<'_>)> = None;
        loop {
            match pattern.split_first() {
                Some((Segment::Any, behind)) => {
                    pattern = behind;
                    retry = Some((behind, rest));
                    continue;
                }
                Some((one, behind)) => {
                    if let Some((segment, further)) = rest.split()
                        && one.fits(segment)
                    {
                        (pattern, rest) = (behind, further);
                        continue;
                    }
                }
                None if rest.is_empty() => return true,
                None => {}
            }
            let Some((behind, from)) = retry else { return false };
            let Some((_, further)) = from.split() else { return false };
            (pattern, rest, retry) = (behind, further, Some((behind, further)));
        }
    }

    /// What the pattern asks for, from the first segment to the last.
    pub fn parts(&self) -> impl Iterator<Item = GlobPart<'_>> {
        self.segments.iter().map(|segment| match segment {
            Segment::Exact(text) => GlobPart::Text(std::slice::from_ref(text)),
            Segment::Like(wildcard) => GlobPart::Text(wildcard.parts()),
            Segment::One => GlobPart::One,
            Segment::Any => GlobPart::Any,
        })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl Segment {
    fn fits(&self, segment: &str) -> bool {
        match self {
            Self::Exact(text) => &**text == segment,
            Self::Like(wildcard) => wildcard.matches(segment.as_bytes()),
            Self::One => !segment.is_empty(),
            Self::Any => false,
        }
    }
}

/// The segments of a path that are still to be matched.
#[derive(Clone, Copy)]
struct Rest<'p>(Option<&'p str>);

impl<'p> Rest<'p> {
    fn of(path: &'p NormalPath<'_>) -> Self {
        let text = path.as_str();
        Self(if text == "/" { None } else { Some(text.strip_prefix('/').unwrap_or(text)) })
    }

    fn is_empty(self) -> bool {
        self.0.is_none()
    }

    fn split(self) -> Option<(&'p str, Self)> {
        let text = self.0?;
        Some(match text.split_once('/') {
            Some((segment, behind)) => (segment, Self(Some(behind))),
            None => (text, Self(None)),
        })
    }
}

fn segment(text: &str) -> Result<Segment, GlobError> {
    if !text.contains(STAR) {
        return Ok(Segment::Exact(text.into()));
    }
    let stars = text.matches(STAR).count();
    Ok(match (stars, text.len() == stars * STAR.len()) {
        (1, true) => Segment::One,
        (2, true) => Segment::Any,
        _ if text.contains(&STAR.repeat(2)) => return Err(GlobError::HalfStars),
        _ => Segment::Like(Wildcard { parts: text.split(STAR).map(Box::from).collect() }),
    })
}

/// The pattern as a request target whose normal form has [`STAR`] where the pattern has a star.
fn as_target(text: &str, rules: &PathRules) -> Result<String, GlobError> {
    let mut target = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, rules.encoding) {
            ('*', _) => target.push_str(STAR),
            ('\u{0}'..='\u{20}' | '\u{7f}', _) => target.push_str(&format!("%{:02X}", u32::from(c))),
            (c, _) if c.is_ascii() => target.push(c),
            (c, Encoding::Latin1) => {
                let byte = u8::try_from(u32::from(c)).map_err(|_| GlobError::Path(PathError::Control))?;
                target.push_str(&format!("%{byte:02X}"));
            }
            (c, Encoding::Utf8) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    target.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CaseRule, MergeRule};

    fn fits(pattern: &str, target: &str) -> bool {
        let rules = PathRules::default();
        PathGlob::parse(pattern, &rules).unwrap().matches(&NormalPath::parse(target.as_bytes(), &rules).unwrap())
    }

    #[test]
    fn stars_are_segments_and_runs() {
        for (pattern, yes, no) in [
            ("/", vec!["/", "/?x"], vec!["/a"]),
            ("/**", vec!["/", "/a", "/a/b/"], vec![]),
            ("/admin/**", vec!["/admin", "/admin/", "/admin/x/y"], vec!["/administrator", "/", "/x/admin"]),
            ("/admin/", vec!["/admin", "/admin/"], vec!["/admin/x"]),
            ("/*", vec!["/a", "/a/"], vec!["/", "/a/b"]),
            ("/a*c", vec!["/ac", "/abc"], vec!["/ab", "/a/c"]),
            ("/a/**/z", vec!["/a/z", "/a/b/z", "/a/z/z"], vec!["/a", "/a/z/b", "/z"]),
            ("/**/a/**/b", vec!["/a/b", "/x/a/y/a/b"], vec!["/b/a", "/a/b/c"]),
            ("/**/*.pdf", vec!["/x.pdf", "/a/b/.pdf"], vec!["/x.pdfs"]),
            ("/caf%C3%A9", vec!["/caf%c3%a9"], vec!["/cafe"]),
            ("/café", vec!["/caf%c3%a9"], vec!["/cafe"]),
            ("/a%2Ab", vec!["/a*b", "/a%2ab"], vec!["/axb"]),
            ("/a b", vec!["/a%20b"], vec!["/ab"]),
        ] {
            for target in yes {
                assert!(fits(pattern, target), "{pattern} {target}");
            }
            for target in no {
                assert!(!fits(pattern, target), "{pattern} {target}");
            }
        }
    }

    #[test]
    fn what_can_match_no_path_is_an_error() {
        for wrong in ["", "a", "**", "/a;b", "/a?b", "/a#b", "/a**", "/***", "/../a", "/a//b", "/a%2Fb", "/%zz", "/a\\b", "/%00"] {
            assert!(PathGlob::parse(wrong, &PathRules::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn patterns_are_read_as_the_app_reads_paths() {
        let rules = PathRules { case: CaseRule::Insensitive, empty_segments: MergeRule::Keep, ..PathRules::default() };
        let path = |target: &'static str| NormalPath::parse(target.as_bytes(), &rules).unwrap();
        assert!(PathGlob::parse("/Admin/*/X", &rules).unwrap().matches(&path("/aDMIN/y/x")));
        assert!(!PathGlob::parse("/a/*/b", &rules).unwrap().matches(&path("/a//b")));
        assert!(PathGlob::parse("/a//b", &rules).unwrap().matches(&path("/A//B")));
        let latin = PathRules { encoding: Encoding::Latin1, ..PathRules::default() };
        assert!(PathGlob::parse("/é", &latin).unwrap().matches(&NormalPath::parse(b"/%E9", &latin).unwrap()));
    }

    #[test]
    fn a_run_may_be_empty_and_parts_keep_their_order() {
        for (pattern, text, holds) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("*a*a*", "a", false),
            ("a**b", "ab", true),
        ] {
            assert_eq!(Wildcard::new(pattern).matches(text.as_bytes()), holds, "{pattern} {text}");
        }
    }
}
