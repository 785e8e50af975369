//! Applications that nobody may change: they know themselves by internal names, live under paths, compress, and ask for passwords.

use std::io::{Read as _, Write as _};

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
async fn old_app() -> std::net::SocketAddr {
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
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    let again = [("accept-encoding", "gzip"), ("if-none-match", tag.as_str())];
    ann.send(Method::GET, &gate.url(CHARTS, "/"), &again, "").await.expect(304);
}
