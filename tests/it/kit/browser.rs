//! A person with a browser: cookies by host, navigations with the headers that browsers send, forms, and what a program sends instead.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector, client::TlsStream, rustls::ClientConfig, rustls::client::ResolvesClientCert, rustls::pki_types::ServerName,
};
use tokio_tungstenite::{WebSocketStream, tungstenite};

use super::{Gateway, PATIENCE};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub url: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text()))
    }

    /// Fails with the body where the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.url, self.text());
        self
    }

    /// Fails with the body where the status is none of these.
    #[track_caller]
    pub fn expect_one_of(self, statuses: &[u16]) -> Self {
        assert!(statuses.contains(&self.status.as_u16()), "{}: {} {}", self.url, self.status, self.text());
        self
    }

    /// The forms of the page.
    pub fn forms(&self) -> Vec<FormOnPage> {
        forms(&self.text())
    }
}

/// A form of a page: where it posts, and the fields it already has.
#[derive(Debug, Clone)]
pub struct FormOnPage {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

/// A WebSocket through the gateway.
pub type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// A person with a cookie jar.
#[derive(Debug, Clone)]
pub struct Browser {
    at: SocketAddr,
    tls: Arc<ClientConfig>,
    jar: BTreeMap<String, BTreeMap<String, String>>,
    from: Option<String>,
}

impl Browser {
    pub fn new(at: SocketAddr, tls: Arc<ClientConfig>) -> Self {
        Self { at, tls, jar: BTreeMap::new(), from: None }
    }

    /// The same person after the gateway came back elsewhere.
    pub fn moved_to(&self, gateway: &Gateway) -> Self {
        Self { at: gateway.https, tls: gateway.tls.clone(), ..self.clone() }
    }

    /// The same person at a machine with another certificate, or without any.
    pub fn showing(&self, gateway: &Gateway, card: Option<Arc<dyn ResolvesClientCert>>) -> Self {
        let tls = card.map_or_else(|| gateway.tls.clone(), |card| gateway.tls_showing(card));
        Self { tls, ..self.clone() }
    }

    /// The same person elsewhere, as a trusted proxy tells it.
    pub fn from(&self, address: &str) -> Self {
        Self { from: Some(address.to_owned()), ..self.clone() }
    }

    /// The cookies for a host.
    pub fn cookies(&self, host: &str) -> BTreeMap<String, String> {
        self.jar.get(host).cloned().unwrap_or_default()
    }

    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.jar.entry(host.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// A request as a program sends it, with the cookies of the jar.
    pub async fn send(&mut self, method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let (host, target) = split(url);
        // What is not ours answers where its address says, without TLS: a partner's provider, for one.
        let elsewhere = plain_address(url);
        let port = elsewhere.unwrap_or(self.at).port();
        let mut request = Request::builder().method(method).uri(&target).header(header::HOST, format!("{host}:{port}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(from) = &self.from {
            request = request.header("x-forwarded-for", from);
        }
        let jar = self.cookies(&host);
        if !jar.is_empty() {
            let cookies: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let answer =
            tokio::time::timeout(PATIENCE, self.exchange(&host, elsewhere, request)).await.unwrap_or_else(|_| panic!("no answer: {url}"));
        self.keep_cookies(&host, &answer.headers);
        Answer { url: url.to_owned(), ..answer }
    }

    /// GET as `curl` does it.
    pub async fn fetch(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url, &[("accept", "*/*")], "").await
    }

    /// One top-level navigation, redirects not followed.
    pub async fn visit(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url, &NAVIGATION, "").await
    }

    /// A top-level navigation, redirects and the refresh of `/continue` followed as a browser does.
    pub async fn open(&mut self, url: &str) -> Answer {
        let answer = self.visit(url).await;
        self.follow(answer).await
    }

    /// Sends a form as a page of the same origin does, and follows.
    pub async fn submit(&mut self, page: &Answer, form: &FormOnPage, filled: &[(&str, &str)]) -> Answer {
        let answer = self.post(page, form, filled).await;
        self.follow(answer).await
    }

    /// Sends a form, redirects not followed.
    pub async fn post(&mut self, page: &Answer, form: &FormOnPage, filled: &[(&str, &str)]) -> Answer {
        let url = join(&page.url, &form.action);
        let (host, _) = split(&page.url);
        let origin = format!("https://{host}:{}", self.at.port());
        let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        for (name, value) in filled {
            fields.retain(|(n, _)| n != name);
            fields.push((name, value));
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut headers = NAVIGATION.to_vec();
        headers.retain(|(n, _)| *n != "sec-fetch-site");
        headers.extend([
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
        ]);
        self.send(Method::POST, &url, &headers, body).await
    }

    /// Follows redirects and refreshes, and says "not now" to an offer, until a page is there.
    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..12 {
            let next = if answer.status.is_redirection() {
                answer.header("location").to_owned()
            } else if let Some(next) = refresh(&answer.text()).or_else(|| later(&answer.text())) {
                next
            } else {
                return answer;
            };
            let url = join(&answer.url, &next);
            answer = self.visit(&url).await;
        }
        panic!("too many redirects, at {}", answer.url)
    }

    /// The whole way from a direct link to the app: accept, prove the mailbox by the mailed code, go on.
    pub async fn redeem(&mut self, link: &str, gateway: &Gateway, email: &str) -> Answer {
        let before = gateway.codes_to(email);
        let page = self.open(link).await.expect(200);
        let form = form_to(&page, "/invitations/");
        let asked = self.submit(&page, &form, &[]).await.expect(200);
        // Whoever is signed in as the invited guest is not asked for a code.
        if asked.forms().iter().all(|f| f.fields.iter().all(|(n, _)| n != "code")) {
            return asked;
        }
        self.type_code(&asked, gateway, email, before).await
    }

    /// Signs in at the page that asks for an address.
    pub async fn sign_in(&mut self, page: &Answer, gateway: &Gateway, email: &str) -> Answer {
        let before = gateway.codes_to(email);
        let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "email")).expect("no form asks for an address");
        let asked = self.submit(page, &form, &[("email", email)]).await.expect(200);
        self.type_code(&asked, gateway, email, before).await
    }

    /// Types the code of the newest mail into the form that asks for one; so many codes had been mailed before. Other mails may come meanwhile.
    pub async fn type_code(&mut self, page: &Answer, gateway: &Gateway, email: &str, codes_before: usize) -> Answer {
        super::eventually("the code by mail", || std::future::ready((gateway.codes_to(email) > codes_before).then_some(()))).await;
        let mail = gateway.mail(email, |text| code_in(text).is_some()).await;
        let code = code_in(&mail).unwrap();
        let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "code"));
        let form = form.unwrap_or_else(|| panic!("no form asks for a code: {}", page.text()));
        self.submit(page, &form, &[("code", &code)]).await
    }

    /// Opens a WebSocket on an app host.
    pub async fn socket(&self, host: &str, path: &str) -> Result<Socket, tungstenite::Error> {
        let stream = connect(self.at, host, self.tls.clone()).await;
        let origin = format!("https://{host}:{}", self.at.port());
        let cookies: Vec<String> = self.cookies(host).iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = Request::builder()
            .uri(format!("wss://{host}:{}{path}", self.at.port()))
            .header("host", format!("{host}:{}", self.at.port()))
            .header("origin", origin)
            .header("cookie", cookies.join("; "))
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", tungstenite::handshake::client::generate_key())
            .body(())
            .unwrap();
        tokio::time::timeout(PATIENCE, tokio_tungstenite::client_async(request, stream))
            .await
            .expect("no answer to the upgrade")
            .map(|(s, _)| s)
    }

    /// The chunks of an answer while they come.
    pub async fn stream(&self, host: &str, path: &str) -> impl futures_util::Stream<Item = Bytes> + Send + Unpin + 'static {
        let cookies: Vec<String> = self.cookies(host).iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = Request::get(path)
            .header(header::HOST, format!("{host}:{}", self.at.port()))
            .header(header::ACCEPT, "text/event-stream")
            .header(header::COOKIE, cookies.join("; "));
        let stream = connect(self.at, host, self.tls.clone()).await;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body().into_data_stream();
        Box::pin(async_stream(sender, move |cx| body.poll_next_unpin(cx).map(|next| next.and_then(Result::ok))))
    }

    /// A TLS connection to a host, for bytes of one's own.
    pub async fn raw(&self, host: &str) -> TlsStream<TcpStream> {
        connect(self.at, host, self.tls.clone()).await
    }

    async fn exchange(&self, host: &str, elsewhere: Option<SocketAddr>, request: Request<Full<Bytes>>) -> Answer {
        let (mut sender, driver) = match elsewhere {
            None => {
                let stream = connect(self.at, host, self.tls.clone()).await;
                let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
                (sender, tokio::spawn(connection))
            }
            Some(at) => {
                let stream = TcpStream::connect(at).await.unwrap_or_else(|e| panic!("{at}: {e}"));
                let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
                (sender, tokio::spawn(connection))
            }
        };
        let answer = sender.send_request(request).await.unwrap_or_else(|e| panic!("{host}: {e:?}"));
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap_or_else(|e| panic!("{host}: {e:?}")).to_bytes();
        driver.abort();
        Answer { url: String::new(), status: head.status, headers: head.headers, body }
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        let jar = self.jar.entry(host.to_owned()).or_default();
        for cookie in headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let over = attributes.to_lowercase();
            if over.contains("max-age=0") || over.contains("expires=thu, 01 jan 1970") {
                jar.remove(name.trim());
            } else {
                jar.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

/// A stream that keeps something alive while it lasts.
fn async_stream<K: Unpin, T>(
    keep: K,
    mut poll: impl FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>>,
) -> impl futures_util::Stream<Item = T> {
    futures_util::stream::poll_fn(move |cx| {
        let _ = &keep;
        poll(cx)
    })
}

/// Sends a text over a WebSocket and gives the next message.
pub async fn say(socket: &mut Socket, text: &str) -> String {
    socket.send(tungstenite::Message::text(text)).await.unwrap();
    match tokio::time::timeout(PATIENCE, socket.next()).await.expect("no answer over the socket") {
        Some(Ok(message)) => message.into_text().unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

/// Waits for the end of a WebSocket, and gives the code of its close frame.
pub async fn closed(socket: &mut Socket) -> Option<u16> {
    let wait = async {
        loop {
            match socket.next().await {
                Some(Ok(tungstenite::Message::Close(frame))) => return frame.map(|f| u16::from(f.code)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the socket stays open")
}

/// What a raw request gets: all bytes until the other side closes.
pub async fn raw_exchange(browser: &Browser, host: &str, bytes: &[u8]) -> String {
    let mut stream = browser.raw(host).await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = async {
        let mut chunk = [0; 16 * 1024];
        while let Ok(n) = stream.read(&mut chunk).await {
            if n == 0 {
                break;
            }
            answer.extend_from_slice(&chunk[..n]);
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("the connection stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

/// GET over plain HTTP.
pub async fn plain_get(at: SocketAddr, path: &str) -> (u16, String) {
    get_over(TcpStream::connect(at).await.unwrap(), &at.to_string(), path).await
}

/// GET over a stream that is open.
pub async fn get_over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, host: &str, path: &str) -> (u16, String) {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let request = Request::get(path).header(header::HOST, host).body(Full::new(Bytes::new())).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    driver.abort();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// The form of a page that posts to a path that begins like this.
#[track_caller]
pub fn form_to(page: &Answer, action: &str) -> FormOnPage {
    page.forms().into_iter().find(|f| f.action.contains(action)).unwrap_or_else(|| panic!("no form to {action}: {}", page.text()))
}

/// The eight digits of a mail, alone on their line.
pub fn code_in(mail: &str) -> Option<String> {
    let digits = |line: &str| line.trim().chars().filter(|c| !c.is_whitespace()).collect::<String>();
    mail.lines().map(digits).find(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()))
}

const NAVIGATION: [(&str, &str); 5] = [
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "none"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Test/1.0"),
];

/// A TLS connection that names this host.
pub async fn connect(at: SocketAddr, host: &str, tls: Arc<ClientConfig>) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(at).await.unwrap();
    stream.set_nodelay(true).unwrap();
    TlsConnector::from(tls).connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await.unwrap()
}

fn split(url: &str) -> (String, String) {
    let parsed = url::Url::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"));
    let host = parsed.host_str().unwrap().to_owned();
    // The target as written, so that a test can ask for what the URL standard would tidy up.
    let behind = url.split_once("://").unwrap().1;
    let target = behind.find('/').map_or("/", |ix| &behind[ix..]);
    (host, target.split('#').next().unwrap_or_default().to_owned())
}

/// Where a URL without TLS leads.
fn plain_address(url: &str) -> Option<SocketAddr> {
    url.strip_prefix("http://")?.split('/').next()?.parse().ok()
}

fn join(base: &str, next: &str) -> String {
    url::Url::parse(base).unwrap().join(&unescape(next)).unwrap().to_string()
}

fn refresh(page: &str) -> Option<String> {
    let tag = tags(page, "meta").into_iter().find(|t| t.to_lowercase().contains("http-equiv") && t.to_lowercase().contains("refresh"))?;
    let content = attribute(&tag, "content")?;
    // A page that looks again after a while is where a person stays.
    content.strip_prefix("0;")?.split_once("url=").map(|(_, url)| unescape(url))
}

/// The way on for whoever does not want what a page offers.
fn later(page: &str) -> Option<String> {
    tags(page, "a")
        .into_iter()
        .find(|tag| attribute(tag, "id").as_deref() == Some("later"))
        .and_then(|tag| attribute(&tag, "href"))
        .map(|url| unescape(&url))
}

fn forms(page: &str) -> Vec<FormOnPage> {
    let mut found = Vec::new();
    for part in page.split("<form").skip(1) {
        let (open, rest) = part.split_once('>').unwrap_or((part, ""));
        let inside = rest.split("</form>").next().unwrap_or_default();
        let mut fields = Vec::new();
        for tag in tags(inside, "input").into_iter().chain(tags(inside, "button")) {
            if let Some(name) = attribute(&tag, "name") {
                fields.push((name, unescape(&attribute(&tag, "value").unwrap_or_default())));
            }
        }
        found.push(FormOnPage { action: unescape(&attribute(open, "action").unwrap_or_default()), fields });
    }
    found
}

fn tags(page: &str, name: &str) -> Vec<String> {
    page.split(&format!("<{name}")).skip(1).filter_map(|part| part.split_once('>')).map(|(tag, _)| tag.to_owned()).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}="))?;
    let rest = &tag[at + name.len() + 1..];
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split(|c: char| c.is_whitespace() || c == '>').next()?,
    };
    Some(value.to_owned())
}

fn unescape(text: &str) -> String {
    text.replace("&#x2F;", "/")
        .replace("&#38;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
