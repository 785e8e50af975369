//! An application that keeps every byte it receives, and answers with bytes that a test has chosen.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Records connections as they come.
#[derive(Debug, Clone)]
pub struct Tape {
    pub at: SocketAddr,
    connections: Arc<Mutex<Vec<Vec<u8>>>>,
    answer: Arc<Mutex<Answering>>,
}

/// What is said to each head that comes.
#[derive(Debug, Clone)]
enum Answering {
    /// These bytes; the connection stays open.
    Stays(Vec<u8>),
    /// These bytes and the end.
    Closes(Vec<u8>),
}

impl Tape {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let usual = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaped".to_vec();
        let tape =
            Self { at: listener.local_addr().unwrap(), connections: Arc::default(), answer: Arc::new(Mutex::new(Answering::Stays(usual))) };
        let kept = tape.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(kept.clone().record(stream));
            }
        });
        tape
    }

    /// From now on each head is answered by these bytes.
    pub fn answer(&self, bytes: impl AsRef<[u8]>) {
        *self.answer.lock().unwrap() = Answering::Stays(bytes.as_ref().to_vec());
    }

    /// From now on each head is answered by these bytes and the end of the connection.
    pub fn answer_and_close(&self, bytes: impl AsRef<[u8]>) {
        *self.answer.lock().unwrap() = Answering::Closes(bytes.as_ref().to_vec());
    }

    /// All that came, connection by connection.
    pub fn all(&self) -> Vec<String> {
        self.connections.lock().unwrap().iter().map(|bytes| bytes.iter().map(|b| char::from(*b)).collect()).collect()
    }

    /// All that came, in one.
    pub fn text(&self) -> String {
        self.all().concat()
    }

    /// How many heads came.
    pub fn requests(&self) -> usize {
        self.text().matches(" HTTP/1.1\r\n").count()
    }

    pub fn clear(&self) {
        for kept in self.connections.lock().unwrap().iter_mut() {
            kept.clear();
        }
    }

    async fn record(self, mut stream: TcpStream) {
        let ix = {
            let mut all = self.connections.lock().unwrap();
            all.push(Vec::new());
            all.len() - 1
        };
        let mut unanswered = Vec::new();
        let mut chunk = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = stream.read(&mut chunk).await {
            self.connections.lock().unwrap()[ix].extend_from_slice(&chunk[..n]);
            unanswered.extend_from_slice(&chunk[..n]);
            while let Some(at) = unanswered.windows(4).position(|w| w == b"\r\n\r\n") {
                unanswered.drain(..at + 4);
                let answer = self.answer.lock().unwrap().clone();
                let (Answering::Stays(bytes) | Answering::Closes(bytes)) = &answer;
                if stream.write_all(bytes).await.is_err() {
                    return;
                }
                if matches!(answer, Answering::Closes(_)) {
                    let _ = stream.shutdown().await;
                    return;
                }
            }
        }
    }
}
