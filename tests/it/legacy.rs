//! Applications that nobody may change: they know themselves by internal names, live under paths, compress, and ask for passwords.

use std::{
    io::{Read as _, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};

use crate::kit::{
    Apache, Gateway, Plan, Recorder, apache,
    apps::{field, fields},
    eventually, free_port,
    gateway::CHARTS,
};

const ANN: &str = "ann@partner.example";
/// By this name it knows itself.
const INTERNAL: &str = "http://charts-old.corp:8080";
const PAGE: &str = "<a href=\"http://charts-old.corp:8080/next\">next</a> <img src='//charts-old.corp:8080/a.png'> \
    <script>var api = \"http:\\/\\/charts-old.corp:8080\\/api\";</script> <a href=http://charts-old.corp.example/>elsewhere</a>";

/// What guests see of the page.
fn public_page(gate: &Gateway) -> String {
    let host = format!("{CHARTS}:{}", gate.https.port());
    PAGE.replace("http://charts-old.corp:8080", &format!("https://{host}"))
        .replace("//charts-old.corp:8080", &format!("//{host}"))
        .replace("http:\\/\\/charts-old.corp:8080", &format!("https:\\/\\/{host}"))
}

fn coded(coding: &str) -> Vec<u8> {
    let text = PAGE.as_bytes();
    match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 4, 20);
            encoder.write_all(text).unwrap();
            encoder.into_inner()
        }
        _ => text.to_vec(),
    }
}

fn read(coding: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    match coding {
        "gzip" => GzDecoder::new(bytes).read_to_string(&mut text),
        "deflate" => ZlibDecoder::new(bytes).read_to_string(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        _ => (&mut &bytes[..]).read_to_string(&mut text),
    }
    .unwrap();
    text
}

/// An application that does everything at once, and badly.
async fn old_app() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let router = Router::new().route("/names", any(names)).route("/page/{coding}", get(page)).route("/part", get(part));
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

async fn names() -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("location", format!("{INTERNAL}/next?a=%2f")),
        ("content-location", format!("{INTERNAL}/here")),
        ("refresh", format!("3; url={INTERNAL}/later")),
        ("link", format!("<{INTERNAL}/style.css>; rel=preload, <https://elsewhere.example/>; rel=next")),
        ("access-control-allow-origin", INTERNAL.to_owned()),
        ("set-cookie", "id=1; Domain=.corp; Path=/; HttpOnly".to_owned()),
        ("set-cookie", "__Host-guestgate=stolen; Domain=.corp".to_owned()),
    ] {
        headers.append(header::HeaderName::from_static(name), value.parse().unwrap());
    }
    (StatusCode::FOUND, headers).into_response()
}

/// The page in a coding, in small pieces, or with its length, and with what speaks of its bytes.
async fn page(axum::extract::Path(coding): axum::extract::Path<String>, asked: HeaderMap) -> Response {
    let bytes = coded(&coding);
    let pieces: Vec<_> = bytes.chunks(5).map(|piece| Ok::<_, std::convert::Infallible>(piece.to_vec())).collect();
    let body = if asked.contains_key("x-whole") { Body::from(bytes) } else { Body::from_stream(futures_util::stream::iter(pieces)) };
    let mut answer = Response::new(body);
    let accepted = asked.get("accept-encoding").cloned().unwrap_or_else(|| "none".parse().unwrap());
    let headers = answer.headers_mut();
    headers.insert("content-type", "text/html; charset=utf-8".parse().unwrap());
    headers.insert("etag", "\"v1\"".parse().unwrap());
    headers.insert("accept-ranges", "bytes".parse().unwrap());
    headers.insert("content-md5", "AAAA".parse().unwrap());
    headers.insert("x-accepted", accepted);
    if coding != "identity" {
        headers.insert("content-encoding", coding.parse().unwrap());
    }
    answer
}

async fn part() -> Response {
    let headers = [("content-type", "text/html"), ("content-range", "bytes 0-26/200")];
    (StatusCode::PARTIAL_CONTENT, headers, INTERNAL).into_response()
}

#[tokio::test]
async fn internal_names_in_headers_become_the_public_one() {
    let gate = Plan::default().app("charts", old_app().await, &format!("rewrite: {{ internal: [{INTERNAL}] }}")).start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let public = gate.url(CHARTS, "");
    let answer = ann.fetch(&gate.url(CHARTS, "/names")).await.expect(302);
    assert_eq!(answer.header("location"), format!("{public}/next?a=%2f"));
    assert_eq!(answer.header("content-location"), format!("{public}/here"));
    assert_eq!(answer.header("refresh"), format!("3; url={public}/later"));
    assert_eq!(answer.header("link"), format!("<{public}/style.css>; rel=preload, <https://elsewhere.example/>; rel=next"));
    assert_eq!(answer.header("access-control-allow-origin"), public);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(cookies, ["id=1; Path=/; HttpOnly"]);
}

#[tokio::test]
async fn links_in_pages_are_translated_through_every_coding() {
    let more = format!("rewrite: {{ internal: [{INTERNAL}], links: [text/html] }}");
    let gate = Plan::default().app("charts", old_app().await, &more).start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    for coding in ["identity", "gzip", "deflate", "br"] {
        for whole in [&[][..], &[("x-whole", "1")]] {
            let headers = [&[("accept-encoding", "gzip, deflate, br, zstd")], whole].concat();
            let url = gate.url(CHARTS, &format!("/page/{coding}"));
            let answer = ann.send(Method::GET, &url, &headers, "").await.expect(200);
            assert_eq!(read(coding, &answer.body), public_page(&gate), "{coding}");
            assert_eq!(answer.header("etag"), "W/\"v1\"");
            assert_eq!(answer.header("x-accepted"), "gzip, deflate, br", "only what we can read is asked for");
            for gone in ["content-length", "content-md5", "accept-ranges"] {
                assert_eq!(answer.header(gone), "", "{gone}");
            }
            let head = ann.send(Method::HEAD, &url, &headers, "").await.expect(200);
            assert_eq!((head.header("etag"), head.header("content-length")), ("W/\"v1\"", ""), "HEAD says what GET says");
        }
    }
    let unknown = ann.fetch(&gate.url(CHARTS, "/page/zstd")).await.expect(200);
    assert_eq!((unknown.text().as_str(), unknown.header("etag")), (PAGE, "\"v1\""), "what we cannot read is passed on");
    let part = ann.fetch(&gate.url(CHARTS, "/part")).await.expect(206);
    assert_eq!(part.text(), INTERNAL, "a part of a text is passed on");
}

#[tokio::test]
async fn an_app_under_a_path_with_its_own_host_is_asked_as_it_expects() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "rewrite: { prefix: /app, host: upstream }\npublic: [/open]").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let (origin, referer) = (gate.url(CHARTS, ""), gate.url(CHARTS, "/a?b"));
    let headers = [("origin", origin.as_str()), ("referer", &referer), ("destination", &referer)];
    ann.send(Method::POST, &gate.url(CHARTS, "/x%2dy?z=%zz"), &headers, "").await.expect(200);
    let head = app.last();
    assert!(head.starts_with("POST /app/x%2dy?z=%zz HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "host"), Some(app.at.to_string()));
    assert_eq!(field(&head, "origin"), Some(format!("http://{}", app.at)));
    assert_eq!(field(&head, "referer"), Some(format!("http://{}/app/a?b", app.at)));
    assert_eq!(field(&head, "destination"), Some(format!("http://{}/app/a?b", app.at)));
    ann.send(Method::POST, &gate.url(CHARTS, "/"), &[("origin", "https://evil.example")], "").await.expect(200);
    assert_eq!(fields(&app.last(), "origin"), ["https://evil.example"], "others stay others");
    // Policies and `public` see the path as guests do.
    gate.browser().fetch(&gate.url(CHARTS, "/open")).await.expect(200);
    assert!(app.last().starts_with("GET /app/open HTTP/1.1\r\n"));
    gate.browser().fetch(&gate.url(CHARTS, "/app/open")).await.expect(401);
}

#[tokio::test]
async fn an_apache_with_absolute_redirects_and_links_is_used_by_its_public_name() {
    // What is small it does not compress.
    let page = format!("<a href=\"http://{}:PORT/docs/\">docs</a>{}", apache::NAME, " and more".repeat(500));
    let more = "AddOutputFilterByType DEFLATE text/html";
    let old = Apache::start(&[("index.html", &page), ("docs/index.html", "the docs")], more).await;
    // The port is known once it runs.
    std::fs::write(old.www().join("index.html"), page.replace("PORT", &old.at.port().to_string())).unwrap();
    let more = format!("rewrite: {{ internal: ['http://{}:{}'], links: [text/html] }}", apache::NAME, old.at.port());
    let gate = Plan::default().app("charts", old.at, &more).start().await;
    let mut ann = gate.guest(ANN, "charts").await;

    let answer = ann.fetch(&gate.url(CHARTS, "/docs")).await.expect(301);
    assert_eq!(answer.header("location"), gate.url(CHARTS, "/docs/"));
    assert!(!answer.text().contains(apache::NAME), "{}", answer.text());
    let answer = ann.send(Method::GET, &gate.url(CHARTS, "/"), &[("accept-encoding", "gzip")], "").await.expect(200);
    assert_eq!(answer.header("content-encoding"), "gzip");
    let text = read("gzip", &answer.body);
    assert!(text.starts_with(&format!("<a href=\"{}\">docs</a> and", gate.url(CHARTS, "/docs/"))), "{text}");
    // Its tag is weak now; it knows it again all the same.
    let tag = ann.fetch(&gate.url(CHARTS, "/")).await.expect(200).header("etag").to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    ann.send(Method::GET, &gate.url(CHARTS, "/"), &[("if-none-match", tag.as_str())], "").await.expect(304);
}

#[tokio::test]
async fn identity_goes_into_headers_of_any_name_and_encoding() {
    let app = Recorder::start().await;
    let more = "identity:
  user: id
  assertion: false
  headers:
    user: [X-Remote-User, X-WEBAUTH-USER]
    name: { header: X-Name, encoding: rfc2047 }
    groups: { header: X-Groups, separator: '|' }
    role: X-Role
    methods: X-Methods
    invitation: X-Invitation
    attributes: { site: { header: X-Site, encoding: ascii, separator: ';' }, unknown: X-Unknown }
    templates: { X-Source: partners, X-Account: 'PARTNER\\{local}', X-Half: '{name} {role}' }
  strip: [Remote-User, X-SSL-*]
public: [/open]";
    let gate = Plan::default().app("charts", app.at, more).start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let args = ["guests", "set", ANN, "--name", "Zoë Lee", "--group", "clinic", "--group", "night"];
    assert!(gate.cli(&args).status.success(), "{}", String::from_utf8_lossy(&gate.cli(&args).stderr));
    let forged = [("x-remote_user", "mallory"), ("remote_user", "mallory"), ("x_ssl_client_s_dn", "mallory"), ("x.source", "mallory")];
    for path in ["/", "/open"] {
        ann.send(Method::GET, &gate.url(CHARTS, path), &forged, "").await.expect(200);
        assert!(!app.last().contains("mallory"), "{}", app.last());
    }
    let open = app.last();
    for name in ["x-remote-user", "x-source", "x-groups", "x-account", "x-forwarded-user"] {
        assert_eq!(field(&open, name), None, "no identity on public paths: {open}");
    }
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let head = app.last();
    let id = field(&head, "x-remote-user").unwrap();
    assert!(!id.contains('@') && field(&head, "x-webauth-user").as_ref() == Some(&id), "{head}");
    assert_eq!(field(&head, "x-forwarded-user").as_ref(), Some(&id));
    assert_eq!(field(&head, "x-forwarded-email").as_deref(), Some(ANN));
    assert_eq!(field(&head, "x-name").as_deref(), Some("=?UTF-8?B?Wm/DqyBMZWU=?="));
    assert_eq!(field(&head, "x-groups").as_deref(), Some("clinic|night"));
    assert_eq!(field(&head, "x-methods").as_deref(), Some("email-code"));
    assert!(field(&head, "x-invitation").is_some_and(|id| id.len() > 10));
    assert_eq!(field(&head, "x-source").as_deref(), Some("partners"));
    assert_eq!(field(&head, "x-account").as_deref(), Some("PARTNER\\ann"));
    for absent in ["x-role", "x-unknown", "x-half", "x-site"] {
        assert_eq!(field(&head, absent), None, "what is not known is not said: {head}");
    }
}

#[tokio::test]
async fn a_password_in_front_of_an_old_server_is_given_by_the_gateway() {
    let more = "<Location />\nAuthType Basic\nAuthName old\nAuthUserFile users\nRequire valid-user\n</Location>\n\
        <Location /open>\nRequire all granted\n</Location>\nHeader always set X-User \"expr=%{REMOTE_USER}\"";
    let files = [("index.html", "inside"), ("open/index.html", "open"), ("../users", "partners:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n")];
    let old = Apache::start(&files, more).await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "partners:123456\n").unwrap();
    let more = format!("identity: {{ basic_auth_file: {} }}\npublic: [/open/index.html]", secret.path().display());
    let gate = Plan::default().app("charts", old.at, &more).start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    for own in [&[][..], &[("authorization", "Basic bWFsbG9yeTpwdw==")]] {
        let answer = ann.send(Method::GET, &gate.url(CHARTS, "/"), own, "").await.expect(200);
        assert_eq!((answer.text().as_str(), answer.header("x-user")), ("inside", "partners"));
        let answer = ann.send(Method::GET, &gate.url(CHARTS, "/open/index.html"), own, "").await.expect(200);
        assert_eq!(answer.header("x-user"), "", "nobody's password is given to nobody");
    }
    // A password that is wrong is not asked of guests.
    let wrong = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(wrong.path(), "wrong").unwrap();
    let more = format!("identity: {{ basic_auth: {{ user: email, password_file: {} }} }}", wrong.path().display());
    let gate = Plan::default().app("charts", old.at, &more).start().await;
    let answer = gate.guest(ANN, "charts").await.fetch(&gate.url(CHARTS, "/")).await.expect(401);
    assert_eq!(answer.header("www-authenticate"), "");
    assert!(!gate.log().contains("123456") && !gate.access_log().contains("123456"));
}

#[tokio::test]
async fn every_guest_can_have_a_name_of_its_own_behind_one_password() {
    let app = Recorder::start().await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "shared").unwrap();
    let more = format!("identity: {{ basic_auth: {{ user: email, password_file: {} }} }}", secret.path().display());
    let gate = Plan::default().app("charts", app.at, &more).start().await;
    gate.guest(ANN, "charts").await.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    assert_eq!(fields(&app.last(), "authorization"), ["Basic YW5uQHBhcnRuZXIuZXhhbXBsZTpzaGFyZWQ="]);
}

#[tokio::test]
async fn browsers_are_told_what_the_operator_says() {
    let app = Recorder::start().await;
    let more = "headers:
  hsts: 1d
  frames: [https://desk.example.test]
  nosniff: true
  set: { Content-Type: text/html }
  add: { X-Notice: [one, two] }
  remove: [X-Anything]";
    let gate = Plan::default().app("charts", app.at, more).start().await;
    let answer = gate.guest(ANN, "charts").await.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let all = |name: &str| answer.headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(all("strict-transport-security"), ["max-age=86400"]);
    assert_eq!(all("content-security-policy"), ["frame-ancestors 'self' https://desk.example.test"]);
    assert_eq!(all("x-frame-options"), [""; 0]);
    assert_eq!(all("x-content-type-options"), ["nosniff"]);
    assert_eq!(all("content-type"), ["text/html"], "in place of the app's");
    assert_eq!(all("x-notice"), ["one", "two"]);
}

/// Debian's DokuWiki with an account `ann`; it ends when dropped.
struct Wiki {
    at: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Wiki {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/dokuwiki.sh");
        let child = Command::new(script)
            .arg(folder.path())
            .arg(at.port().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dokuwiki is installed by `./test`");
        let wiki = Self { at, child, _folder: folder };
        eventually("the wiki to listen", || std::future::ready(std::net::TcpStream::connect(at).is_ok().then_some(()))).await;
        wiki
    }
}

impl Drop for Wiki {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_wiki_with_accounts_of_its_own_knows_guests_as_one_of_them_and_by_its_public_name() {
    let wiki = Wiki::start().await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "ann:wiki-secret\n").unwrap();
    let more = format!(
        "identity: {{ basic_auth_file: {} }}\nrewrite: {{ host: upstream, links: [application/xml, text/html] }}\npublic: [/feed.php]",
        secret.path().display()
    );
    let gate = Plan::default().app("charts", wiki.at, &more).start().await;
    let mut guest = gate.guest(ANN, "charts").await;
    let page = guest.fetch(&gate.url(CHARTS, "/doku.php?id=start")).await.expect(200).text();
    assert!(page.contains("Ann Lee") && page.contains("do=logout"), "it has signed the guest in: {page}");
    let feed = guest.fetch(&gate.url(CHARTS, "/feed.php")).await.expect(200).text();
    assert!(feed.contains(&gate.url(CHARTS, "/")) && !feed.contains(&wiki.at.to_string()), "{feed}");
}
