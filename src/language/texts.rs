//! The texts that are compiled in.

/// A file of texts: its name, and what is in it.
pub(super) type File = (&'static str, &'static str);

/// The files of one language, one for each part of the pages.
macro_rules! files {
    ($tag:literal: $($file:literal),* $(,)?) => {
        ($tag, &[$((concat!("texts/", $tag, "/", $file, ".ftl"), include_str!(concat!("texts/", $tag, "/", $file, ".ftl")))),*])
    };
}

/// The files of a language: all that are translated, and what is not translated yet, which English alone has.
macro_rules! whole {
    ($tag:literal $(, $new:literal)*) => {
        files!($tag: "common", "signin", "steps", "factors", "provider", "invitation", "refusal", "account", "own", "mail", "requests", "members" $(, $new)*)
    };
}

/// Every language. English comes first: what another language lacks is said in English.
pub(super) const LANGUAGES: [(&str, &[File]); 7] =
    [whole!("en", "admin"), whole!("de"), whole!("fr"), whole!("es"), whole!("it"), whole!("pl"), whole!("ar")];
