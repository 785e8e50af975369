//! All languages, and which one a person is spoken to in.

use std::{fmt, sync::Arc};

use fluent::{FluentResource, concurrent::FluentBundle};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use unic_langid::LanguageIdentifier;

use super::{
    paper::Papers,
    texts::{File, LANGUAGES},
    voice::Voice,
};

/// All languages that pages and mails can be written in.
pub struct Languages {
    pub(super) all: Vec<Language>,
    /// The one for whoever has named none that we know.
    pub(super) default: usize,
    pub(super) papers: Papers,
}

/// One language.
pub(super) struct Language {
    pub(super) tag: LanguageIdentifier,
    pub(super) bundle: FluentBundle<Arc<FluentResource>>,
    /// Where a text is looked for that this language lacks.
    pub(super) after: Vec<usize>,
}

/// Which languages a person has named, as tags of BCP 47. The first that we know counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted<'w> {
    /// What the person has chosen here.
    pub own: Option<&'w str>,
    /// What whoever invites has chosen for the person.
    pub invited: Option<&'w str>,
    /// `Accept-Language` of the browser.
    pub browser: Option<&'w str>,
}

/// English, which has every text.
const ENGLISH: usize = 0;
/// The longest `Accept-Language` that is looked at.
const LONGEST: usize = 256;

impl Languages {
    /// The languages that are compiled in; English for whoever names none.
    pub fn built_in() -> Self {
        let all = LANGUAGES.iter().filter_map(|(tag, files)| Some(Language::new(tag.parse().ok()?, files))).collect();
        let mut languages = Self { all, default: ENGLISH, papers: Papers::built_in() };
        languages.link();
        languages
    }

    /// Sets where each language looks for what it lacks: in the same language of no region, then in English.
    pub(super) fn link(&mut self) {
        let tags: Vec<LanguageIdentifier> = self.all.iter().map(|language| language.tag.clone()).collect();
        for (ix, language) in self.all.iter_mut().enumerate() {
            let wider = tags.iter().position(|tag| *tag == LanguageIdentifier::from_parts(language.tag.language, None, None, &[]));
            language.after = wider.into_iter().chain([ENGLISH]).filter(|other| *other != ix).collect();
            language.after.dedup();
        }
    }

    /// The language for a person who has named these.
    pub fn voice(self: &Arc<Self>, wanted: &Wanted<'_>) -> Voice {
        let named = [wanted.own, wanted.invited].into_iter().flatten().find_map(|tag| self.find(tag));
        let ix = named.or_else(|| self.accepted(wanted.browser?)).unwrap_or(self.default);
        Voice::new(Arc::clone(self), ix)
    }

    /// How mails are laid out.
    pub fn papers(&self) -> &Papers {
        &self.papers
    }

    /// English.
    pub fn english(self: &Arc<Self>) -> Voice {
        Voice::new(Arc::clone(self), ENGLISH)
    }

    /// The tag of a language that we know, for a tag that somebody has written.
    pub fn known(&self, tag: &str) -> Option<String> {
        self.find(tag).and_then(|ix| self.all.get(ix)).map(|language| language.tag.to_string())
    }

    /// Every language: its tag, and its name in itself.
    pub fn names(self: &Arc<Self>) -> Vec<(String, String)> {
        let name = |ix| Voice::new(Arc::clone(self), ix).say("language-name").to_string();
        self.all.iter().enumerate().map(|(ix, language)| (language.tag.to_string(), name(ix))).collect()
    }

    /// The language that fits this tag best.
    pub(super) fn find(&self, tag: &str) -> Option<usize> {
        self.lookup(&[tag.parse().ok()?])
    }

    fn accepted(&self, header: &str) -> Option<usize> {
        let known = header.get(..LONGEST).map_or(Some(header), |start| start.rfind(',').and_then(|end| header.get(..end)))?;
        parse_accepted_languages(known).iter().find_map(|tag| self.lookup(std::slice::from_ref(tag)))
    }

    fn lookup(&self, tags: &[LanguageIdentifier]) -> Option<usize> {
        let available: Vec<&LanguageIdentifier> = self.all.iter().map(|language| &language.tag).collect();
        let best = negotiate_languages(tags, &available, None, NegotiationStrategy::Lookup);
        let best = **best.first()?;
        self.all.iter().position(|language| language.tag == *best)
    }
}

impl Language {
    /// One that says nothing yet.
    pub(super) fn empty(tag: LanguageIdentifier) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
        // Marks around values would get into addresses and subjects; a voice sets them itself where the direction of writing asks for it.
        bundle.set_use_isolating(false);
        Self { tag, bundle, after: Vec::new() }
    }

    fn new(tag: LanguageIdentifier, files: &[File]) -> Self {
        let mut language = Self::empty(tag);
        for (_, text) in files {
            // What cannot be read is left out, and a test finds that it is missing.
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*text).to_owned());
            language.bundle.add_resource_overriding(Arc::new(resource));
        }
        language
    }
}

impl fmt::Debug for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all.iter().map(|language| language.tag.to_string())).finish()
    }
}
