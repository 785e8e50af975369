//! An ordering system as suppliers' portals were built twenty years ago: it knows nothing of sign-on beyond a header.
//!
//! It keeps its own session cookie, redirects to its internal name, answers forms with redirects, offers downloads, takes uploads and
//! talks over a WebSocket. Nothing in it knows that a gateway stands in front.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Router,
    extract::{Multipart, Path, State, WebSocketUpgrade, ws},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};

/// What one supplier may know of an order.
#[derive(Debug, Clone)]
struct Order {
    article: String,
    pieces: u32,
    note: String,
}

/// The whole application.
#[derive(Debug)]
struct Orders {
    /// Where it believes to be reachable: it writes this into redirects, as old applications do.
    own_url: String,
    book: Mutex<BTreeMap<u32, Order>>,
}

/// The application, which believes to be reachable at `own`.
pub(crate) fn router(own: SocketAddr) -> Router {
    let first = [
        (1041, ("Hinge, 40 mm, brass", 1200, "pallet 7")),
        (1042, ("Gasket NBR 70", 5000, "")),
        (1043, ("Bracket, left, zinc", 340, "call before delivery")),
    ];
    let book =
        first.map(|(number, (article, pieces, note))| (number, Order { article: article.to_owned(), pieces, note: note.to_owned() }));
    let state = Arc::new(Orders { own_url: format!("http://{own}"), book: Mutex::new(book.into()) });
    Router::new()
        .route("/", get(home))
        .route("/orders", get(list))
        .route("/orders/{number}", get(show).post(change))
        .route("/orders/{number}/attachment", post(attach))
        .route("/export/orders.csv", get(export))
        .route("/live", get(live))
        .route("/admin/prices", get(async || page("Prices", None, "<p>Only from the office network.</p>")))
        .route("/static/orders.css", get(async || ([(header::CONTENT_TYPE, "text/css")], CSS)))
        .route("/static/orders.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], JS)))
        .route("/healthz", get(async || "ok"))
        .with_state(state)
}

async fn home(State(app): State<Arc<Orders>>) -> Response {
    // The internal name: whoever stands in front has to translate it.
    let target = format!("{}/orders", app.own_url);
    let cookie = "ORDERSESSID=5f1c; Path=/; HttpOnly";
    (StatusCode::FOUND, [(header::LOCATION, target.as_str()), (header::SET_COOKIE, cookie)]).into_response()
}

async fn list(State(app): State<Arc<Orders>>, headers: HeaderMap) -> Response {
    let mut rows = String::new();
    for (number, order) in &*app.book.lock().unwrap_or_else(PoisonError::into_inner) {
        let (article, pieces, note) = (escape(&order.article), order.pieces, escape(&order.note));
        let _ =
            write!(rows, r#"<tr><td><a href="/orders/{number}">{number}</a></td><td>{article}</td><td>{pieces}</td><td>{note}</td></tr>"#);
    }
    let body = format!(
        r#"<table><thead><tr><th>Order</th><th>Article</th><th>Pieces</th><th>Note</th></tr></thead><tbody>{rows}</tbody></table>
<p><a href="/export/orders.csv">Download as CSV</a></p>
<p>Line state: <output id="live">connecting</output></p><script src="/static/orders.js"></script>"#
    );
    page("Open orders", user(&headers), &body)
}

async fn show(State(app): State<Arc<Orders>>, Path(number): Path<u32>, headers: HeaderMap) -> Response {
    let Some(order) = app.book.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned() else {
        return (StatusCode::NOT_FOUND, page("No such order", user(&headers), "")).into_response();
    };
    let body = format!(
        r#"<form method="post" action="/orders/{number}"><p>{article}</p>
<label>Pieces <input name="pieces" type="number" min="0" value="{pieces}"></label>
<label>Note <input name="note" value="{note}"></label><button>Confirm</button></form>
<form method="post" action="/orders/{number}/attachment" enctype="multipart/form-data">
<label>Delivery note <input type="file" name="file"></label><button>Upload</button></form><p><a href="/orders">Back</a></p>"#,
        article = escape(&order.article),
        pieces = order.pieces,
        note = escape(&order.note),
    );
    page(&format!("Order {number}"), user(&headers), &body)
}

#[derive(serde::Deserialize)]
struct Changed {
    pieces: u32,
    note: String,
}

async fn change(State(app): State<Arc<Orders>>, Path(number): Path<u32>, Form(form): Form<Changed>) -> Response {
    if let Some(order) = app.book.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&number) {
        (order.pieces, order.note) = (form.pieces, form.note);
    }
    (StatusCode::FOUND, [(header::LOCATION, format!("{}/orders", app.own_url))]).into_response()
}

async fn attach(State(app): State<Arc<Orders>>, Path(number): Path<u32>, mut form: Multipart) -> Response {
    let mut bytes = 0;
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(chunk)) = field.chunk().await {
            bytes += chunk.len();
        }
    }
    if let Some(order) = app.book.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&number) {
        order.note = format!("delivery note of {bytes} bytes received");
    }
    (StatusCode::FOUND, [(header::LOCATION, format!("{}/orders/{number}", app.own_url))]).into_response()
}

async fn export(State(app): State<Arc<Orders>>) -> Response {
    let mut csv = "order;article;pieces;note\r\n".to_owned();
    for (number, order) in &*app.book.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = write!(csv, "{number};{};{};{}\r\n", order.article, order.pieces, order.note);
    }
    let headers = [(header::CONTENT_TYPE, "text/csv"), (header::CONTENT_DISPOSITION, r#"attachment; filename="orders.csv""#)];
    (headers, csv).into_response()
}

async fn live(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        if socket.send(ws::Message::text("running")).await.is_err() {
            return;
        }
        while let Some(Ok(message)) = socket.recv().await {
            if let ws::Message::Text(_) | ws::Message::Binary(_) = message
                && socket.send(message).await.is_err()
            {
                return;
            }
        }
    })
}

fn user(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-remote-user").and_then(|v| v.to_str().ok())
}

fn page(title: &str, user: Option<&str>, body: &str) -> Response {
    let who = user.map_or_else(|| "nobody".to_owned(), escape);
    Html(format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/orders.css"></head><body><header><b>Northwind ordering</b> <span>signed in: {who}</span></header>
<main><h1>{title}</h1>{body}</main></body></html>"#
    ))
    .into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const CSS: &str = "body{font:15px/1.5 Verdana,sans-serif;margin:0;background:#f4f1ea;color:#222}header{background:#234;color:#fff;padding:.6rem 1rem;\
display:flex;justify-content:space-between;flex-wrap:wrap;gap:.5rem}main{padding:1rem;max-width:50rem}table{border-collapse:collapse;background:#fff;width:100%}\
td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left}label{display:block;margin:.5rem 0}";

const JS: &str = "const out=document.getElementById('live');\
const s=new WebSocket((location.protocol==='https:'?'wss://':'ws://')+location.host+'/live');\
s.onmessage=e=>{out.textContent=e.data};s.onclose=e=>{out.textContent='closed '+e.code+' '+e.reason};";
