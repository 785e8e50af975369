//! The operator's own texts and mail templates: whatever is wrong with them is said at once, with its place.

use std::{collections::BTreeMap, sync::Arc};

use fluent::FluentResource;
use unic_langid::LanguageIdentifier;

use super::{
    Languages,
    catalogue::Language,
    outline::{Text, outline},
    paper::Papers,
    texts::LANGUAGES,
};
use crate::base::{At, Report, Source, nearest};

/// What an operator adds to the languages that are compiled in.
#[derive(Debug, Clone, Default)]
pub struct Custom {
    /// The language for whoever has named none.
    pub default: Option<String>,
    /// Texts, each with the tag of its language.
    pub texts: Vec<(String, Source)>,
    /// Templates of mails, each with the name of its file.
    pub papers: Vec<(String, Source)>,
}

/// How many missing texts of a new language are named.
const NAMED: usize = 5;

impl Languages {
    /// The languages that are compiled in, changed and added to as an operator says. Warnings come with them.
    pub fn with(custom: &Custom) -> Result<(Self, Report), Report> {
        let (mut languages, mut report) = (Self::built_in(), Report::new());
        let english = outlined(LANGUAGES.first().map_or(&[][..], |(_, files)| *files).iter().map(|(_, text)| *text));
        for (tag, source) in &custom.texts {
            languages.take(tag, source, &english, &mut report);
        }
        for (name, source) in &custom.papers {
            take_paper(&mut languages.papers, name, source, &mut report);
        }
        languages.link();
        if let Some(tag) = &custom.default {
            match languages.find(tag) {
                Some(ix) => languages.default = ix,
                None => {
                    let known: Vec<String> = languages.all.iter().map(|language| language.tag.to_string()).collect();
                    let help = Some(format!("the languages are {}", known.join(", ")));
                    report.general(crate::base::Severity::Error, None, format!("there are no texts in the language `{tag}`"), help);
                }
            }
        }
        if report.has_errors() { Err(report) } else { Ok((languages, report)) }
    }

    fn take(&mut self, tag: &str, source: &Source, english: &BTreeMap<String, Text>, report: &mut Report) {
        let Ok(tag) = tag.parse::<LanguageIdentifier>() else {
            let help = Some("name the file after a language, such as `nl.ftl` or `de-AT.ftl`".to_owned());
            report.general(crate::base::Severity::Error, Some(&source.name), format!("`{tag}` is no language tag"), help);
            return;
        };
        let resource = match FluentResource::try_new(source.text.to_string()) {
            Ok(resource) => resource,
            Err((_, errors)) => {
                for error in errors {
                    report.error(source, place(source, error.pos.start), format!("this is no text in Fluent's form: {}", error.kind), None);
                }
                return;
            }
        };
        let own = outline(&source.text);
        compare(&own, english, source, report);
        let known = self.all.iter().position(|language| language.tag == tag);
        if known.is_none() {
            newcomer(&tag, &own, english, source, report);
            self.all.push(Language::empty(tag.clone()));
        }
        if let Some(language) = self.all.iter_mut().find(|language| language.tag == tag) {
            language.bundle.add_resource_overriding(Arc::new(resource));
        }
    }
}

/// Texts that nothing says, and values that nothing gives.
fn compare(own: &[Text], english: &BTreeMap<String, Text>, source: &Source, report: &mut Report) {
    for text in own {
        let at = At { line: text.line, column: 1, width: u32::try_from(text.id.chars().count()).unwrap_or(1).max(1) };
        let Some(known) = english.get(&text.id) else {
            let help = nearest(&text.id, english.keys().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            report.error(source, at, format!("there is no text `{}`", text.id), help);
            continue;
        };
        for value in text.values.difference(&known.values) {
            let list: Vec<String> = known.values.iter().map(|value| format!("`${value}`")).collect();
            let help = if list.is_empty() { "this text has no values".to_owned() } else { format!("its values are {}", list.join(", ")) };
            report.error(source, at, format!("the text `{}` has no value `${value}`", text.id), Some(help));
        }
    }
}

/// What a new language must have, and what it lacks.
fn newcomer(tag: &LanguageIdentifier, own: &[Text], english: &BTreeMap<String, Text>, source: &Source, report: &mut Report) {
    let has = |id: &str| own.iter().any(|text| text.id == id);
    if !has("language-name") {
        let help = Some("add `language-name = ` and the name of the language in itself".to_owned());
        report.general(crate::base::Severity::Error, Some(&source.name), format!("the language `{tag}` has no name"), help);
    }
    let missing: Vec<&str> = english.keys().map(String::as_str).filter(|id| !has(id)).collect();
    // A region says only what it says differently.
    if !missing.is_empty() && tag.region.is_none() {
        let named = missing.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        let more = missing.len().saturating_sub(NAMED);
        let beside = if more == 0 { String::new() } else { format!(" and {more} more") };
        let problem = format!("the language `{tag}` lacks {named}{beside}; they are said in English");
        report.general(crate::base::Severity::Warning, Some(&source.name), problem, None);
    }
}

fn take_paper(papers: &mut Papers, name: &str, source: &Source, report: &mut Report) {
    if !Papers::is_name(name) {
        let names: Vec<String> = Papers::names().collect();
        let help = nearest(name, names.iter().map(String::as_str))
            .map_or_else(|| format!("the names are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        report.general(crate::base::Severity::Error, Some(&source.name), format!("`{name}` is the template of no mail"), Some(help));
        return;
    }
    if let Err(bad) = papers.add(name, &source.text) {
        let at = At { line: bad.line.unwrap_or(1), column: 1, width: 1 };
        report.error(source, at, format!("the template cannot be read: {bad}"), None);
    }
}

fn outlined<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeMap<String, Text> {
    texts.flat_map(outline).map(|text| (text.id.clone(), text)).collect()
}

/// The place of a byte.
fn place(source: &Source, byte: usize) -> At {
    let before = source.text.get(..byte).unwrap_or(&source.text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
    At { line: u32::try_from(line).unwrap_or(0), column: u32::try_from(column).unwrap_or(1), width: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Wanted;

    fn with(texts: &[(&str, &str)], papers: &[(&str, &str)], default: Option<&str>) -> Result<(Languages, Report), Report> {
        let sources = |list: &[(&str, &str)], ending: &str| {
            list.iter().map(|(name, text)| ((*name).to_owned(), Source::new(format!("{name}{ending}"), *text))).collect()
        };
        Languages::with(&Custom { default: default.map(str::to_owned), texts: sources(texts, ".ftl"), papers: sources(papers, "") })
    }

    #[test]
    fn an_operator_changes_a_text_and_adds_a_language() {
        let dutch = "language-name = Nederlands\nlanguage-direction = ltr\nsignin-title = Aanmelden\n";
        let (languages, warnings) = with(&[("de", "signin-title = Hereinspaziert\n"), ("nl", dutch)], &[], Some("nl")).unwrap();
        assert!(warnings.to_string().contains("they are said in English"), "{warnings}");
        let languages = Arc::new(languages);
        let say = |own: Option<&str>| languages.voice(&Wanted { own, ..Wanted::default() }).say("signin-title").to_string();
        assert_eq!(
            [say(Some("de")), say(Some("nl-BE")), say(None), say(Some("fr"))],
            ["Hereinspaziert", "Aanmelden", "Aanmelden", "Connexion"]
        );
        let dutch = languages.voice(&Wanted { own: Some("nl"), ..Wanted::default() });
        assert_eq!(dutch.say("code-continue").to_string(), "Continue");
    }

    #[test]
    fn a_region_says_only_what_it_says_differently() {
        let (languages, warnings) =
            with(&[("de-AT", "language-name = Deutsch (Österreich)\nmail-hello = Grüß Gott,\n")], &[], None).unwrap();
        assert!(warnings.is_empty(), "{warnings}");
        let voice = Arc::new(languages).voice(&Wanted { own: Some("de-AT"), ..Wanted::default() });
        assert_eq!(
            (voice.say("mail-hello").to_string(), voice.say("signin-title").to_string()),
            ("Grüß Gott,".to_owned(), "Anmelden".to_owned())
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_place() {
        let texts = [
            ("de", "signin-titel = Anmelden\ncode-sent = Ein Code ist unterwegs an { $adress }.\n"),
            ("fr", "signin-title = Connexion\nthis is nothing\n"),
            ("not a tag", "signin-title = x\n"),
            ("nl", "signin-title = Aanmelden\n"),
        ];
        let papers = [("invitaton.html", "x"), ("code.txt", "{% if %}"), ("mail.html", "<p>{{ hello }}</p>")];
        let said = with(&texts, &papers, Some("tlh")).unwrap_err().to_string();
        for problem in [
            "de.ftl:1:1: there is no text `signin-titel`",
            "did you mean `signin-title`?",
            "de.ftl:2:1: the text `code-sent` has no value `$adress`",
            "its values are `$address`",
            "this is no text in Fluent's form",
            "`not a tag` is no language tag",
            "the language `nl` has no name",
            "`invitaton.html` is the template of no mail",
            "did you mean `invitation.html`?",
            "code.txt:1",
            "there are no texts in the language `tlh`",
        ] {
            assert!(said.contains(problem), "{problem}: {said}");
        }
    }
}
