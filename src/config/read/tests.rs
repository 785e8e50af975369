//! Configurations right and wrong, with the whole text of what is said about them.

use std::{collections::HashMap, io, path::Path};

use super::{Loaded, Lookup, app, whole};
use crate::{
    base::{Report, Source},
    config::{Config, MailTransport, Place, PolicyUse, SmtpSecurity, Storage, WebSocket},
};

/// What every configuration needs; `{…}` in it is replaced by the table below.
const REST: &str = "
portal: { host: access.example.com }
tls: { certificates: [{ cert: certs/example.pem, key: certs/example.key }] }
mail: { outbox: data/outbox }
";
const APP: &str = "apps: [{ id: charts, host: charts.example.com, upstream: http://10.0.0.5:8080, owners: [lee@example.com] }]\n";

fn read(text: &str) -> Result<Loaded, Report> {
    let files: HashMap<&str, &[u8]> = HashMap::from([
        ("/etc/g/pw", b"hunter2\n".as_slice()),
        ("/etc/g/empty", b"\n"),
        ("/etc/g/not.pem", b"hello"),
        ("/etc/g/logo.svg", b"<svg/>"),
    ]);
    let read = move |path: &Path| -> io::Result<Vec<u8>> {
        path.to_str().and_then(|p| files.get(p)).map(|b| b.to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    let env = |name: &str| (name == "MAIL_PASSWORD").then(|| "from-env".to_owned());
    Config::parse(&Source::new("guestgate.yaml", text), Path::new("/etc/g"), Lookup { read: &read, env: &env })
}

fn said(text: &str) -> String {
    match read(text) {
        Ok(loaded) if loaded.warnings.is_empty() => "fine".to_owned(),
        Ok(loaded) => loaded.warnings.to_string(),
        Err(report) => report.to_string(),
    }
}

macro_rules! says {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(said(&$text));
        }
    )*};
}

says! {
    an_empty_file: "";
    a_file_that_says_nothing_needed: "log: { access: stdout }\n";
    a_misspelt_key_is_unknown_and_the_right_one_is_named: format!("{REST}lissten: {{ https: 0.0.0.0:8443 }}\n{APP}");
    what_is_not_built_yet_is_said_aloud: format!("{}{APP}storage: {{ url: 'postgres://u:p@db/g' }}\n",
        REST.replace("}] }\nmail", "}], acme: { directory: https://acme.example/d } }\nmail"));
    certificates_of_guests_of_whom_nobody_said_which_count: format!("{}apps:
  - {{ id: charts, host: charts.example.com, upstream: http://10.0.0.5, owners: [lee@example.com], client_certificate: ask }}
  - {{ id: wiki, host: wiki.example.com, upstream: http://10.0.0.6, owners: [lee@example.com], client_certificate: always }}
",
        REST.replace("}] }\nmail", "}], client_crl: partners.crl, certificate_host: charts.example.com }\nmail"));
    listeners_in_each_others_way: format!("listen: {{ https: '8443', http: 0.0.0.0:80, admin: 0.0.0.0:80 }}\n{REST}{APP}");
    hosts_and_ids_that_clash: format!("{REST}apps:
  - {{ id: charts, host: charts.example.com, upstream: http://10.0.0.5, owners: [lee@example.com] }}
  - {{ id: charts, host: Charts.Example.com., upstream: https://charts.example.com, owners: [lee@example.com] }}
  - {{ id: admin, host: access.example.com, upstream: http://127.0.0.1:8443, owners: [] }}
");
    an_app_that_says_next_to_nothing: format!("{REST}apps:\n  - name: Charts\n  - id: Charts 1\n    host: 10.0.0.1\n    upstream: ftp://x\n    owners: lee\n");
    no_apps_at_all: format!("{REST}apps: []\n");
    sizes_durations_and_words: format!("{REST}session: {{ idle: 2h, lifetime: 1h, persistent: yes }}
invitations: {{ lifetime: 7 days, access_for: 0s, allow_domains: ['@partner.example'] }}
identity: {{ email_code: {{ digits: 4, lifetime: 2d, attempts: many }}, passkeys: yes, providers: [] }}
apps:
  - id: charts
    host: charts.example.com
    upstream: [http://10.0.0.5:8080/base, http://10.0.0.6:8080, 'http://10.0.0.6:8080']
    owners: [lee@example.com]
    limits: {{ body: 100MB, head: 1B, timeout: 5min }}
    paths: {{ case: insensitve, encoded_slash: allow }}
    policies: nothing
    preflight: no
");
    headers_that_cannot_carry_identity: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    identity: {{ headers: {{ user: X-Remote-User, email: x_remote_user, group: X-G, name: Cookie, groups: 'X Y' }}, basic_auth_file: x }}
");
    identity_that_cannot_be_said: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    identity:
      user: local
      headers:
        user: [X-User, {{ header: x_user, encoding: utf8 }}]
        groups: {{ header: X-Groups, separator: and }}
        attributes: {{ site: Host }}
        templates: {{ X-A: '{{local', X-B: '{{usr}}', Authorization: x, X-C: {{ encoding: ascii }} }}
      basic_auth_file: pw
      strip: [Host, 'X-*', 'X-SSL-*', 'x_ssl_*']
");
    two_ways_to_give_a_password: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    identity: {{ basic_auth_file: pw, basic_auth: {{ user: name }} }}
  - id: wiki
    host: wiki.example.com
    upstream: http://10.0.0.6:8080
    owners: [lee@example.com]
    identity: {{ basic_auth: me:hunter2 }}
");
    answers_that_nobody_may_give: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    headers:
      hsts: forever
      frames: [desk.example.com]
      referrer: samesite
      nosniff: true
      set: {{ Set-Cookie: a=b, X-A: 'aé', X-Content-Type-Options: nosniff, x-b: b }}
      add: {{ 'X B': c }}
      remove: [X-B, Content-Length, Server]
");
    reviews_and_duties_that_cannot_be: format!("{REST}exclusive: [[charts, wikki], [charts:reader, charts], charts]
apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    review: {{ every: 7d, answer_within: 14d, reminders: [20d, 1d], reviewers: managers, first: monday }}
  - {{ id: wiki, host: wiki.example.com, upstream: http://10.0.0.6:8080, owners: [lee@example.com], review: {{ every: 10m }} }}
");
    rewriting_that_cannot_be: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    rewrite: {{ internal: [old, http://old/app], prefix: /app/../x, links: [html, image/png, text/html, TEXT/html], host: internal }}
");
    secrets_in_the_file_are_not_shown: format!("{}{APP}", REST.replace("outbox: data/outbox", "smtp: 'smtps://me:hunter2@mail.example.com', username: me, password: hunter2, passwrd: hunter2, from: x"));
    mail_that_would_leave_in_the_clear: format!("{}{APP}", REST.replace("outbox: data/outbox", "smtp: 'smtp://mail.example.com', username: me, password_file: pw, from: a@example.com"));
    mail_files_that_are_not_right: format!("{}{APP}", REST.replace("outbox: data/outbox", "smtp: 'smtps://mail.example.com', username: me, password_file: empty, ca: not.pem"));
    mail_by_no_way: format!("{}{APP}", REST.replace("outbox: data/outbox", "from: a@example.com"));
    proxies_that_everybody_could_be: format!("{REST}trusted_proxies: [10.0.0.7/8, ::/0, clinic]\n{APP}");
    an_admin_listener_for_everybody: format!("listen: {{ admin: 0.0.0.0:9180 }}\n{REST}{APP}");
    paths_that_cannot_be: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: {{ url: http://10.0.0.5:8080, ca: missing.pem }}
    owners: [lee@example.com]
    public: [/healthz, static/**, '/a?b', /a/../b]
    activity: {{ ignore: /poll }}
    websocket: {{ origins: [desk.example.com], read_only: no }}
");
    upstreams_that_cannot_be_reached_as_they_are_written: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream:
      - {{ url: http://10.0.0.5:8080, server_name: charts.internal, pin: ab }}
      - {{ url: https://10.0.0.6, ca: not.pem, client_cert: not.pem, http: 3 }}
      - {{ url: https://10.0.0.7, client_cert: not.pem, client_key: missing.pem }}
      - {{ http: 2, server_name: 10.0.0.1 }}
    owners: [lee@example.com]
    grpc: perhaps
");
    upstreams_looked_after_wrongly: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com]
    limits: {{ concurrent: 0, connections: many }}
    health: {{ path: healthz, every: 10ms, timeout: 2h, healthy: 0, status: [ok, 99], interval: 5s }}
    sticky: {{ cookie: JSESSIONID }}
    breaker: {{ failures: -1, wait: 0s }}
  - id: orders
    host: orders.example.com
    upstream: http://10.0.0.5:8081
    owners: [lee@example.com]
    health: {{ every: 10s }}
");
    providers_that_would_not_work: format!("{REST}{APP}outbound: {{ allow: [10.0.0.1/8, intranet] }}
identity:
  providers:
    - {{ id: contoso, issuer: 'https://login.microsoftonline.com/common/v2.0', client_id: a, domains: [contoso.com], client_secret: hunter2 }}
    - {{ id: fabrikam, issuer: http://id.fabrikam.com, client_id: a, domains: [] }}
    - {{ id: Adatum, isuer: https://id.adatum.com, domain: adatum.com }}
    - {{ id: a, issuer: https://id.a.com, client_id: a, domains: [a.com, '*.b.com'], mfa: {{ acr: ['two words'] }}, fallback: code, clock_skew: 1h }}
    - {{ id: a, issuer: https://id.a.com, client_id: a, domains: [x.b.com], email_verified: no, client_secret_file: gone }}
");
    inviters_and_owners_that_are_not_right: format!("{REST}apps:
  - id: charts
    host: charts.example.com
    upstream: http://10.0.0.5:8080
    owners: [lee@example.com, {{ group: chart-owners }}, {{ groups: [a] }}, lee@example.com]
    invitations: {{ quests: 5, open: -1, per_day: 2000000, domains: ['a b'] }}
invitations: {{ per_day: many, guests: 5 }}
roles:
  groups: {{ charts-owners: [kim@example.com], 'two words': [] }}
  inviters: [kim@example.com, {{ email: kim@example.com, apps: [chart] }}, {{ apps: [] }}, {{ email: Kim, domain: x }}]
");
    templates_that_offer_what_there_is_not: format!("{REST}{APP}templates:
  - {{ id: auditors, apps: [charts, {{ app: chart, role: 'a b', access_for: soon }}, charts] }}
  - {{ id: auditors, title: '', apps: [] }}
  - {{ apps: charts, app: x }}
");
    a_file_that_is_not_yaml_shows_no_password: "mail: { password: hunter2, smtp: [ }\n";
    values_of_the_wrong_kind: "listen: [1]\nportal: access.example.com\ntls: { certificates: [x] }\nmail:\napps: charts\nroles: { admins: {} }\n";
}

/// What the documentation shows as enough.
fn fifteen_lines() -> String {
    let page = include_str!("../../../docs/configuration.md");
    let from = page.find("```yaml\n").unwrap() + "```yaml\n".len();
    let length = page[from..].find("```").unwrap();
    page[from..from + length].to_owned()
}

#[test]
fn fifteen_lines_are_enough() {
    let text = fifteen_lines();
    assert!(text.lines().count() <= 15, "{text}");
    let loaded = read(&text).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let config = loaded.config;
    assert_eq!(config.apps.len(), 1);
    assert_eq!(config.apps[0].policies, PolicyUse::None);
    assert_eq!(config.apps[0].websocket, WebSocket::Off);
    assert_eq!(config.data_dir, Path::new("/etc/g/data"));
    assert_eq!(config.storage, Storage::Sqlite("/etc/g/data/guestgate.db".into()));
    assert_eq!(config.listen.https[0].port(), 8443);
}

#[test]
fn the_handbook_names_every_key() {
    let page = include_str!("../../../docs/configuration.md");
    let named = |key: &str| [format!("`{key}`"), format!("`{key}.")].iter().any(|form| page.contains(form.as_str()));
    let missing: Vec<_> = whole::KNOWN.iter().chain(&app::KNOWN).filter(|key| **key != "apps" && !named(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_password_comes_from_a_file_or_the_environment() {
    for (source, want) in [
        ("password_file: pw", "hunter2"),
        ("password: 'env:MAIL_PASSWORD'", "from-env"),
        ("password_file: 'env:MAIL_PASSWORD'", "from-env"),
    ] {
        let mail = format!("smtp: 'starttls://mail.example.com', username: me, {source}, from: 'Desk <desk@example.com>'");
        let loaded = read(&format!("{}{APP}", REST.replace("outbox: data/outbox", &mail))).unwrap();
        let MailTransport::Smtp(smtp) = &loaded.config.mail.transport else { panic!("no server") };
        assert_eq!((smtp.port, smtp.security), (587, SmtpSecurity::StartTls));
        assert_eq!(smtp.login.as_ref().unwrap().password.reveal(), want);
        assert!(!format!("{:?}", loaded.config).contains(want), "a secret shows in Debug");
    }
}

#[test]
fn several_addresses_may_be_listened_on() {
    let loaded = read(&format!("listen: {{ https: ['127.0.0.1:8443', '[::1]:8443'] }}\n{REST}{APP}")).unwrap();
    assert_eq!(loaded.config.listen.https.len(), 2);
    assert!(said(&format!("listen: {{ https: ['[::1]:1', '[::1]:1'] }}\n{REST}{APP}")).contains("in the list already"));
    assert!(said(&format!("listen: {{ https: '127.0.0.1:9180' }}\n{REST}{APP}")).contains("would listen on the same address"));
}

#[test]
fn other_proxies_ask_on_an_address_or_on_a_socket() {
    let place =
        |listen: &str, more: &str| read(&format!("listen: {{ {listen} }}\n{more}{REST}{APP}")).map(|l| l.config.listen.forward_auth);
    let trusted = "trusted_proxies: [10.0.0.1]\n";
    assert_eq!(place("forward_auth: 'unix:ask.sock'", "").unwrap(), Some(Place::Unix("/etc/g/ask.sock".into())));
    assert_eq!(place("forward_auth: '127.0.0.1:9190'", trusted).unwrap(), Some(Place::Tcp("127.0.0.1:9190".parse().unwrap())));
    for (listen, more, problem) in [
        ("forward_auth: '127.0.0.1:9190'", "", "`trusted_proxies` is empty"),
        ("forward_auth: '127.0.0.1:9180'", trusted, "the address of another listener"),
        ("forward_auth: 'unix:'", "", "no path that a socket can have"),
        ("forward_auth: localhost", trusted, "not an address to listen on"),
    ] {
        let said = place(listen, more).unwrap_err().to_string();
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn connections_have_bounds_and_those_have_bounds_too() {
    let limits = |text: &str| format!("{REST}limits: {{ {text} }}\n{APP}");
    let few = read(&limits("connections: 100, http2: { pings: 20, window: 1m }")).unwrap().config.limits;
    assert_eq!((few.connections, few.connections_per_address), (100, 50));
    assert_eq!((few.http2.pings, few.http2.window, few.http2.settings), (20, crate::base::Span::mins(1), 50));
    for (text, problem) in [
        ("connections: 1", "`1` is out of range; 16 to 1000000 are allowed"),
        ("connections: 100, connections_per_address: 200", "this is more than `connections` allows in all"),
        ("handshake: 1h", "out of range"),
        ("http2: { streams: many }", "many"),
        ("http2: { ping: 5 }", "did you mean `pings`"),
    ] {
        let said = said(&limits(text));
        assert!(said.contains(problem), "{text}: {said}");
    }
}

#[test]
fn what_people_may_sign_up_with_is_read_or_refused_with_what_is_wrong() {
    let app = |signup: &str| {
        format!(
            "{REST}apps:\n  - {{ id: charts, host: charts.example.com, upstream: http://10.0.0.5, owners: [lee@example.com], signup: {signup} }}\n"
        )
    };
    let read_in = |signup: &str| read(&app(signup)).unwrap().config.apps[0].signup.clone().unwrap();
    let fields =
        read_in("{ fields: [{ name: clinic }, { name: ward, options: [north] }, { name: begin, type: date }], access_for: 5d }").fields;
    assert_eq!(fields.iter().map(|f| f.label.as_str()).collect::<Vec<_>>(), ["clinic", "ward", "begin"]);
    assert!(matches!(&fields[1].kind, crate::config::FieldKind::Choice(options) if options == &["north"]));
    assert!(read_in("{ fields: { name: no-dots, pattern: '[a-z]+' } }").fields[0].read("a1").is_err());
    for (signup, problem) in [
        ("{ feilds: [] }", "did you mean `fields`"),
        ("{ fields: [{ name: token }] }", "the form has a field `token` of its own"),
        ("{ fields: [{ name: a }, { name: a }] }", "two fields have the name `a`"),
        ("{ fields: [{ name: a, type: choice }] }", "a choice needs `options`"),
        ("{ fields: [{ name: a, type: date, max: 5 }] }", "`max` belongs to `type: text`"),
        ("{ fields: [{ name: a, min: 9, max: 5 }] }", "`min` is more than `max`"),
        ("{ fields: [{ name: a, pattern: '(' }] }", "no regular expression"),
        ("{ fields: [{ label: A }] }", "`name` is missing"),
        ("{ approval: owner }", "did you mean `owners`"),
        ("{ webhook: { url: 'http://crm.example.com/', secret_file: pw } }", "would leave this machine unencrypted"),
        ("{ webhook: { url: 'https://crm.example.com/' } }", "`secret_file` is missing"),
        ("{ webhook: { url: 'https://crm.example.com/', secret: abc } }", "does not belong into this file"),
        ("{ webhook: { url: 'crm', secret_file: pw } }", "no address of a program"),
    ] {
        let said = said(&app(signup));
        assert!(said.contains(problem), "{signup}: {said}");
    }
}

#[test]
fn a_provider_is_found_by_the_domain_and_what_is_not_said_is_the_strict_way() {
    let config = read(&format!(
        "{REST}{APP}outbound: {{ allow: 10.0.0.0/8 }}\nidentity: {{ providers: [{{ id: contoso, issuer: 'https://id.contoso.com', client_id: g, \
         client_secret_file: pw, domains: [contoso.com, '*.contoso.com'] }}] }}\n"
    ));
    let config = config.unwrap().config;
    let at = |text: &str| config.identity.only_at(&crate::base::EmailAddress::parse(text).unwrap()).map(|p| p.name.clone());
    assert_eq!(at("ann@Contoso.com").as_deref(), Some("contoso.com"));
    assert_eq!(at("ann@eu.contoso.com").as_deref(), Some("contoso.com"));
    assert_eq!((at("ann@contoso.com.evil.example"), at("ann@notcontoso.com")), (None, None));
    let provider = &config.identity.providers[0];
    assert_eq!((provider.trust_mfa, provider.members, provider.callback().as_str()), (false, false, "/signin/oidc/contoso"));
    assert_eq!((provider.scopes.as_slice(), provider.clock_skew), (&["email".to_owned()][..], crate::base::Span::secs(60)));
    assert!(config.outbound.admits([10, 1, 2, 3].into()) && !config.outbound.admits([192, 168, 0, 1].into()));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn what_happens_by_itself_can_be_moved_and_switched_off() {
    let lifecycle = |text: &str| read(&format!("{REST}lifecycle: {{ {text} }}\n{APP}")).unwrap().config.lifecycle;
    let own =
        lifecycle("remind_access: [1d, 30d], remind_invitation: never, remove_after: never, remind_inactive: never, sponsor_grace: 1h");
    assert_eq!(own.remind_access, [crate::base::Span::days(30), crate::base::Span::days(1)]);
    assert_eq!((own.remind_invitation, own.remove_after, own.remind_inactive), (None, None, None));
    assert_eq!(own.sponsor_grace, Some(crate::base::Span::hours(1)));
    assert!(lifecycle("remind_access: never").remind_access.is_empty());
    assert!(said(&format!("{REST}lifecycle: {{ remove_after: soon }}\n{APP}")).contains("soon"));
}

#[test]
fn owners_may_be_groups_and_inviters_may_be_bound() {
    let text = format!(
        "{REST}apps:\n  - {{ id: charts, host: charts.example.com, upstream: http://10.0.0.5, owners: [lee@example.com, {{ group: charts-owners }}], \
         invitations: {{ domains: [partner.example], guests: 50, open: 0, access_for: 5d, lifetime: 1d }} }}\n\
         roles:\n  groups: {{ charts-owners: [lee@example.com, kim@example.com] }}\n  inviters: [ann@example.com, {{ email: bob@example.com, apps: [charts], per_day: 5 }}]\n"
    );
    let config = read(&text).unwrap().config;
    let (app, address) = (&config.apps[0], |text: &str| crate::base::EmailAddress::parse(text).unwrap());
    assert_eq!(app.owners, [address("lee@example.com"), address("kim@example.com")]);
    assert!(config.is_member(&address("kim@example.com")) && config.has_office(&address("bob@example.com")));
    assert_eq!((app.invitations.guests, app.invitations.open, app.invitations.per_day), (Some(50), Some(0), None));
    assert!(app.invitations.delegates(&address("a@partner.example")) && !app.invitations.delegates(&address("a@else.example")));
    assert_eq!(
        (config.access_for(&app.id), config.invitation_lifetime([&app.id])),
        (crate::base::Span::days(5), crate::base::Span::days(1))
    );
    let bob = config.roles.inviter(&address("bob@example.com")).unwrap();
    assert_eq!((bob.apps.as_deref(), bob.per_day), (Some(&[app.id.clone()][..]), Some(5)));
    let claim = "identity: { providers: [{ id: c, issuer: 'https://id.c.com', client_id: g, client_secret_file: pw, domains: [c.com], groups_claim: groups }] }\n";
    assert!(said(&format!("{REST}{APP}{claim}")).contains("`groups_claim` says nothing without `members: true`"));
}

#[test]
fn the_same_text_has_the_same_hash_and_another_has_another() {
    let text = format!("{REST}{APP}");
    let hash = |text: &str| read(text).unwrap().config.hash;
    assert_eq!(hash(&text), hash(&text));
    assert_ne!(hash(&text), hash(&format!("{text}# more\n")));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z:{}\\[\\], \\-\n'\"0-9/.@*%]{0,200}") {
        let _ = read(&text);
        let _ = read(&format!("{REST}apps:\n  - {text}\n"));
    }
}

#[test]
fn a_portal_looks_like_its_operator_as_long_as_people_can_read_it() {
    let with =
        |keys: &str| said(&format!("{}{APP}", REST.replace("host: access.example.com", &format!("host: access.example.com, {keys}"))));
    assert_eq!(with("color: '#7a1f5c', logo: logo.svg, language: de, texts: texts"), "fine");
    for (keys, problem) in [
        ("color: '#ffcc00'", "`#ffcc00` can hardly be read on light pages"),
        ("color_dark: '#102030'", "`#102030` can hardly be read on dark pages"),
        ("color: blue", "a colour is `#` and six hexadecimal digits"),
        ("logo: not.pem", "is no SVG, PNG, JPEG or WebP"),
        ("logo: gone.svg", "cannot read `/etc/g/gone.svg`"),
    ] {
        let report = with(keys);
        assert!(report.contains(problem), "{problem}: {report}");
    }
}
