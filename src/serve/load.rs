//! From files to what the gateway runs on: the configuration, the policies, the certificates; all of it, or every problem.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    base::{Report, Severity, Source, nearest, yaml},
    config::{AskForCertificate, Config, Destination, GeoIp, Loaded, Lookup, PolicyUse, Tls, UnderReadOnly, WebSocket},
    directory::audit::Event,
    identity::{Authority, AuthorityError},
    language::{Custom, Languages},
    live::{NoDatabase, Places},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
};

/// Everything that a reload replaces.
#[derive(Debug)]
pub struct Material {
    /// The configuration.
    pub config: Config,
    /// The policies of all apps.
    pub policies: Arc<PolicySet>,
    /// Where addresses are.
    pub places: Places,
    /// What pages and mails say.
    pub languages: Arc<Languages>,
    /// Whose certificates of guests count.
    pub authority: Option<Arc<Authority>>,
    /// The texts that they were built from.
    pub files: Files,
    /// What looks odd, but refuses nothing.
    pub warnings: Report,
}

/// How many files a policies folder may hold.
const MOST_FILES: usize = 50_000;

/// So much of what looks odd is logged; `guestgate check` lists it all.
const MOST_LOGGED: usize = 50;

/// Logs what looks odd.
pub(super) fn log_warnings(warnings: &Report) {
    for problem in warnings.iter().take(MOST_LOGGED) {
        tracing::warn!(problem = %problem, "the configuration looks odd");
    }
    let more = warnings.len().saturating_sub(MOST_LOGGED);
    if more > 0 {
        tracing::warn!(more, "more of the configuration looks odd: `guestgate check` lists it");
    }
}

/// Reads the configuration and the policies that it names.
pub fn load(file: &Path) -> Result<Material, Report> {
    let Loaded { config, mut warnings } = read_config(file)?;
    let files = read_policies(&config.policies)?;
    let (policies, more) = PolicySet::build(&files, &universe(&config))?;
    warnings.append(more);
    warnings.append(events(&config, file));
    let places = places(&config.geoip)?;
    let authority = authority(&config.tls)?.map(Arc::new);
    let (languages, more) = read_languages(&config)?;
    warnings.append(more);
    Ok(Material { config, policies: Arc::new(policies), places, languages: Arc::new(languages), authority, files, warnings })
}

/// What is to be told of that never happens.
fn events(config: &Config, file: &Path) -> Report {
    let mut report = Report::new();
    let names = || Event::ALL.iter().map(|event| event.as_str());
    for (place, pattern) in config.forwards.iter().flat_map(|place| place.events.iter().map(move |pattern| (place, pattern))) {
        if !names().any(|name| pattern.means(name)) {
            let help = nearest(pattern.as_str(), names()).map(|near| format!("did you mean `{near}`?"));
            let what = format!("`{}` is told of `{}`, which never happens", place.id, pattern.as_str());
            report.general(Severity::Warning, Some(&file.display().to_string()), what, help);
        }
    }
    for place in &config.forwards {
        let Destination::Receiver(to) = &place.to else { continue };
        for app in to.apps.iter().filter(|id| config.app(id).is_none()) {
            let help = nearest(app.as_str(), config.apps.iter().map(|app| app.id.as_str())).map(|near| format!("did you mean `{near}`?"));
            let what = format!("`{}` is told about guests of the app `{app}`, which there is not", place.id);
            report.general(Severity::Warning, Some(&file.display().to_string()), what, help);
        }
    }
    report
}

/// Reads the databases of where addresses are.
fn places(geoip: &GeoIp) -> Result<Places, Report> {
    let wrong = |path: &Path, why: String| {
        let mut report = Report::new();
        report.general(Severity::Error, Some(&path.display().to_string()), why, None);
        report
    };
    let read = |path: &Option<PathBuf>| match path {
        Some(path) => fs::read(path).map(Some).map_err(|cause| wrong(path, format!("cannot be read: {cause}"))),
        None => Ok(None),
    };
    let (country, asn) = (read(&geoip.country)?, read(&geoip.asn)?);
    let open = |path: &Option<PathBuf>, places: Result<Places, NoDatabase>| {
        places.map_err(|cause| wrong(path.as_deref().unwrap_or(Path::new("")), cause.to_string()))
    };
    let country = open(&geoip.country, Places::read(country, None))?;
    let asn = open(&geoip.asn, Places::read(None, asn))?;
    Ok(country.and(asn))
}

/// Reads whose certificates of guests count, and which were revoked.
fn authority(tls: &Tls) -> Result<Option<Authority>, Report> {
    let Some(ca) = &tls.client_ca else { return Ok(None) };
    let wrong = |path: &Path, why: String| {
        let mut report = Report::new();
        report.general(Severity::Error, Some(&path.display().to_string()), why, None);
        report
    };
    let read = |path: &PathBuf| fs::read(path).map_err(|cause| wrong(path, format!("cannot be read: {cause}")));
    let (authorities, lists) = (read(ca)?, tls.client_crl.as_ref().map(read).transpose()?);
    Authority::read(&authorities, lists.as_deref()).map(Some).map_err(|cause| {
        let of_list = matches!(cause, AuthorityError::NoList | AuthorityError::UnusableList(_));
        wrong(tls.client_crl.as_ref().filter(|_| of_list).unwrap_or(ca), crate::observe::causes(&cause))
    })
}

/// Reads the operator's texts and templates of mails.
pub fn read_languages(config: &Config) -> Result<(Languages, Report), Report> {
    let mut report = Report::new();
    let texts = texts_in(config.portal.texts.as_deref(), ".ftl", &mut report);
    let papers = texts_in(config.mail.templates.as_deref(), "", &mut report);
    if report.has_errors() {
        return Err(report);
    }
    Languages::with(&Custom { default: config.portal.language.clone(), texts, papers })
}

/// The texts of a folder by the names of their files, without this ending; hidden files and editors' leavings aside.
fn texts_in(folder: Option<&Path>, ending: &str, report: &mut Report) -> Vec<(String, Source)> {
    let Some(folder) = folder else { return Vec::new() };
    let mut paths = Vec::new();
    if let Err(cause) = walk(folder, &mut paths) {
        report.general(Severity::Error, Some(&folder.display().to_string()), format!("cannot be read: {cause}"), None);
    }
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(name) = name.strip_suffix(ending) else { continue };
        match fs::read(&path) {
            Ok(bytes) => texts.extend(yaml::decode(&shown, &bytes, report).map(|source| (name.to_owned(), source))),
            Err(cause) => report.general(Severity::Error, Some(&shown), format!("cannot be read: {cause}"), None),
        }
    }
    texts
}

/// Reads the configuration alone.
pub fn read_config(file: &Path) -> Result<Loaded, Report> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the configuration may name a variable of the environment")]
    let env = |name: &str| std::env::var(name).ok();
    Config::load(file, Lookup { read: &|path: &Path| fs::read(path), env: &env })
}

/// What policies may refer to under this configuration.
pub fn universe(config: &Config) -> Universe {
    let known = |app: &Arc<crate::config::App>| KnownApp {
        paths: app.paths,
        policies_none: app.policies == PolicyUse::None,
        sockets_read: matches!(app.websocket, WebSocket::On { read_only: UnderReadOnly::Allow, .. }),
        ..KnownApp::new(app.id.clone())
    };
    Universe {
        apps: Some(config.apps.iter().map(known).collect()),
        methods: MethodsOffered {
            email: true,
            passkey: config.identity.passkeys,
            totp: config.identity.totp,
            client_certificate: asks_for_certificates(config),
        },
        providers: config.identity.providers.iter().map(|provider| provider.id.clone()).collect(),
    }
}

/// Whether there is a host where a browser is asked for a certificate.
fn asks_for_certificates(config: &Config) -> bool {
    config.tls.certificate_host.is_some() || config.apps.iter().any(|app| app.client_certificate == AskForCertificate::Ask)
}

/// Reads every file of a policies folder. A folder that is not there holds none: whether that is right depends on the apps.
pub fn read_policies(folder: &Path) -> Result<Files, Report> {
    let mut report = Report::new();
    let mut paths = Vec::new();
    if let Err(cause) = walk(folder, &mut paths)
        && cause.kind() != io::ErrorKind::NotFound
    {
        report.general(Severity::Error, Some(&folder.display().to_string()), format!("cannot be read: {cause}"), None);
    }
    paths.sort();
    let mut files = Files { definitions: None, apps: Vec::new(), tests: Vec::new(), lists: BTreeMap::new() };
    for path in paths {
        let name = path.display().to_string();
        let inside = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        match fs::read(&path) {
            Ok(bytes) => sort_in(&mut files, &inside, &name, &bytes, &mut report),
            Err(cause) => report.general(Severity::Error, Some(&name), format!("cannot be read: {cause}"), None),
        }
    }
    if report.has_errors() { Err(report) } else { Ok(files) }
}

fn sort_in(files: &mut Files, inside: &str, name: &str, bytes: &[u8], report: &mut Report) {
    let Some(source) = yaml::decode(name, bytes, report) else { return };
    let yaml = inside.ends_with(".yaml") || inside.ends_with(".yml");
    match (yaml, inside) {
        (true, "definitions.yaml" | "definitions.yml") => files.definitions = Some(source),
        (true, inside) if inside.starts_with("tests/") => files.tests.push(source),
        (true, inside) if !inside.contains('/') => files.apps.push(source),
        (true | false, inside) => drop(files.lists.insert(inside.to_owned(), source)),
    }
}

/// All regular files below a folder, hidden ones and editors' leavings aside.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp") {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else if found.len() < MOST_FILES {
            found.push(path);
        }
    }
    Ok(())
}

/// A policies folder by itself, as the policy tools read it.
pub fn policies_alone(folder: &Path, known: &Universe) -> Result<(PolicySet, Report), Report> {
    PolicySet::build(&read_policies(folder)?, known)
}
