//! The demo's mailbox: shows the `.eml` files of the outbox in a browser, as the guest's own mail program would.

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};

/// The mailbox of the mails in this folder.
pub(crate) fn router(outbox: PathBuf) -> Router {
    Router::new().route("/", get(list)).route("/mail/{name}", get(show)).with_state(Arc::new(outbox))
}

async fn list(State(outbox): State<Arc<PathBuf>>) -> Response {
    let mut rows = String::new();
    for name in newest_first(&outbox).await {
        let Some(mail) = read(&outbox, &name).await else { continue };
        let parsed = mail_parser::MessageParser::default().parse(&mail);
        let subject = parsed.as_ref().and_then(|m| m.subject()).unwrap_or("(no subject)");
        let to = parsed.as_ref().and_then(|m| m.to()).and_then(|to| to.first()).and_then(|a| a.address()).unwrap_or("");
        let _ = write!(rows, r#"<li><a href="/mail/{}">{}</a><br><small>to {}</small></li>"#, escape(&name), escape(subject), escape(to));
    }
    if rows.is_empty() {
        rows.push_str("<li>No mail yet.</li>");
    }
    page("Mailbox", &format!("<ul>{rows}</ul><p><small>Reload for new mail.</small></p>"))
}

async fn show(State(outbox): State<Arc<PathBuf>>, Path(name): Path<String>) -> Response {
    if !newest_first(&outbox).await.contains(&name) {
        return (StatusCode::NOT_FOUND, page("No such mail", "")).into_response();
    }
    let mail = read(&outbox, &name).await.unwrap_or_default();
    let parsed = mail_parser::MessageParser::default().parse(&mail);
    let subject = parsed.as_ref().and_then(|m| m.subject()).unwrap_or("(no subject)").to_owned();
    let text = parsed.as_ref().and_then(|m| m.body_text(0)).unwrap_or_default();
    page(&subject, &format!(r#"<pre>{}</pre><p><a href="/">All mail</a></p>"#, with_links(&text)))
}

async fn newest_first(outbox: &std::path::Path) -> Vec<String> {
    let Ok(mut entries) = tokio::fs::read_dir(outbox).await else { return Vec::new() };
    let mut names = Vec::new();
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".eml") {
            let written = entry.metadata().await.and_then(|m| m.modified()).ok();
            names.push((written, name));
        }
    }
    names.sort();
    names.into_iter().rev().map(|(_, name)| name).collect()
}

async fn read(outbox: &std::path::Path, name: &str) -> Option<Vec<u8>> {
    tokio::fs::read(outbox.join(name)).await.ok()
}

fn with_links(text: &str) -> String {
    let link = |word: &str| {
        let word = escape(word);
        if word.starts_with("https://") { format!(r#"<a href="{word}">{word}</a>"#) } else { word }
    };
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let bare = word.trim_end();
            format!("{}{}", link(bare), &word[bare.len()..])
        })
        .collect()
}

fn page(title: &str, body: &str) -> Response {
    Html(format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:44rem;margin:1rem auto;padding:0 1rem}}pre{{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}}li{{margin:.6rem 0}}</style>
<h1>{title}</h1>{body}</html>"#,
        title = escape(title)
    ))
    .into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
