//! Names that lead to several addresses, and names that move.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use super::*;

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    (listener, at)
}

fn named(addresses: &[SocketAddr]) -> (Rc<Target>, Arc<Mutex<Vec<SocketAddr>>>) {
    let addresses = Arc::new(Mutex::new(addresses.to_vec()));
    let upstream: Upstream = "http://charts.internal".parse().unwrap();
    let dial = Dial::new(&upstream, &PublicRoots::new()).of_addresses(Arc::clone(&addresses));
    (Rc::new(Target::new(dial, seat(64), Duration::from_secs(5), &Rc::default())), addresses)
}

fn answering(listener: TcpListener, words: &'static [u8]) {
    tokio::task::spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::task::spawn_local(async move {
                loop {
                    read_head(&mut stream).await;
                    stream.write_all(words).await.unwrap();
                }
            });
        }
    });
}

#[tokio::test]
async fn an_address_where_nobody_listens_leads_to_the_next() {
    let (closed, nobody) = listener().await;
    drop(closed);
    let (open, at) = listener().await;
    let local = LocalSet::new();
    let asked = local.run_until(async {
        answering(open, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        ask(&named(&[nobody, at]).0, "GET", Empty, PATIENT).await.unwrap()
    });
    assert_eq!(asked.await, (200, b"ok".to_vec()));
    assert!(matches!(ask(&named(&[]).0, "GET", Empty, PATIENT).await, Err(UpstreamError::Resolve(_))));
}

#[tokio::test]
async fn a_name_that_moves_takes_its_connections_along() {
    let ((old, old_at), (new, new_at)) = (listener().await, listener().await);
    LocalSet::new()
        .run_until(async {
            answering(old, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
            answering(new, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
            let (target, addresses) = named(&[old_at]);
            let says = async || String::from_utf8(ask(&target, "GET", Empty, PATIENT).await.unwrap().1).unwrap();
            assert_eq!(says().await, "old");
            *addresses.lock().unwrap() = vec![new_at];
            // Until the name is looked up again, the connection that is there is used.
            assert_eq!(says().await, "old");
            target.follow_name().await;
            assert_eq!(says().await, "new");
            // A resolver that knows nothing for the moment changes nothing.
            addresses.lock().unwrap().clear();
            target.follow_name().await;
            assert_eq!(says().await, "new");
        })
        .await;
}
