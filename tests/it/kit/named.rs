//! An application of several alike: it says its name, and can be stopped and started again where it was.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::apps::field;

/// It answers every request with its name, and behind it the cookies that came along.
#[derive(Debug)]
pub struct NamedApp {
    pub at: SocketAddr,
    name: &'static str,
    task: Option<JoinHandle<()>>,
}

impl NamedApp {
    pub async fn start(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        Self { at, name, task: Some(tokio::spawn(serve(listener, name))) }
    }

    /// Closes everything, open connections too.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Listens at the same address again.
    pub async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.at).await.unwrap();
        self.task = Some(tokio::spawn(serve(listener, self.name)));
    }
}

async fn serve(listener: TcpListener, name: &'static str) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(answer(stream, name));
    }
}

async fn answer(mut stream: TcpStream, name: &str) {
    let mut buffer = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
            _ => return,
        }
        if !buffer.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8(std::mem::take(&mut buffer)).unwrap();
        let body = format!("{name} {}", field(&head, "cookie").unwrap_or_default());
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
