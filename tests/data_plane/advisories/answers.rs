//! What an application that was broken into may say: nothing of it becomes another answer, or speaks for us.

use super::{Scene, codes};

const ASK: &str = "GET /open/a HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn response_splitting_by_ambiguous_heads_is_a_502() {
    let scene = Scene::set("").await;
    for (name, answer) in [
        ("both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nevil!"),
        ("one length twice", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nevil"),
        ("a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nevil"),
        ("a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\nevil"),
        ("an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("a coding and a space", "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("a bare line feed", "HTTP/1.1 200 OK\r\nX-A: b\nSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n"),
        ("a bare carriage return", "HTTP/1.1 200 OK\r\nX-A: b\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n"),
        ("a carriage return too many", "HTTP/1.1 200 OK\r\nX-A: b\r\r\nContent-Length: 0\r\n\r\n"),
        ("a null", "HTTP/1.1 200 OK\r\nX-A: b\0evil\r\nContent-Length: 0\r\n\r\n"),
        ("folding", "HTTP/1.1 200 OK\r\nX-A: b\r\n evil: 1\r\nContent-Length: 0\r\n\r\n"),
        ("a field without a colon", "HTTP/1.1 200 OK\r\nevil\r\nContent-Length: 0\r\n\r\n"),
        ("a name with a space", "HTTP/1.1 200 OK\r\nX evil: 1\r\nContent-Length: 0\r\n\r\n"),
        ("bare line feeds throughout", "HTTP/1.1 200 OK\nContent-Length: 4\n\nevil"),
        ("no HTTP", "evil\r\n\r\n"),
        ("HTTP/0.9", "<html>evil</html>\r\n\r\n"),
        ("another version", "HTTP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
        ("a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 4\r\n\r\nevil"),
        ("a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 4\r\n\r\nevil"),
        ("a status of nothing", "HTTP/1.1 000 OK\r\nContent-Length: 4\r\n\r\nevil"),
        ("a status beyond", "HTTP/1.1 999 OK\r\nContent-Length: 4\r\n\r\nevil"),
        ("a switch that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nevil"),
        ("informational answers without end", &"HTTP/1.1 103 Hint\r\nX-A: evil\r\n\r\n".repeat(200)),
        ("a large head", &format!("HTTP/1.1 200 OK\r\nX-A: evil{}\r\n\r\n", "x".repeat(300_000))),
        ("many fields", &format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: evil\r\n".repeat(5_000))),
        ("an empty line first", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
    ] {
        scene.tape.answer_and_close(answer);
        let got = scene.say(ASK).await;
        let finals: Vec<&str> = codes(&got).into_iter().filter(|code| *code != "103").collect();
        assert_eq!(finals, ["502"], "{name}: {got}");
        assert!(!got.replace("X-A: evil", "").contains("evil"), "{name}: {got}");
    }
}

#[tokio::test]
async fn response_splitting_by_surplus_bytes_reaches_nobody() {
    let scene = Scene::set("").await;
    let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    for (name, method, answer) in [
        ("behind a counted body", "GET", format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood{evil}")),
        ("behind chunks", "GET", format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n{evil}")),
        ("behind no body", "GET", format!("HTTP/1.1 204 No Content\r\n\r\n{evil}")),
        ("behind a 304", "GET", format!("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n{evil}")),
        ("behind HEAD", "HEAD", format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{evil}", evil.len())),
        ("behind a length of nothing", "GET", format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{evil}")),
        ("behind a chunk that lies", "GET", format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngoodX\r\n{evil}")),
    ] {
        scene.tape.answer(&answer);
        let two =
            format!("{method} /open/1 HTTP/1.1\r\nHost: HOST\r\n\r\n{method} /open/2 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
        let got = scene.say(&two).await;
        assert!(!got.contains("evil"), "{name}: {got}");
        let connections = scene.tape.all().iter().filter(|c| c.contains("/open/1") && c.contains("/open/2")).count();
        assert_eq!(connections, 0, "{name}: a connection with surplus bytes is not used again");
        scene.tape.clear();
    }
}

#[tokio::test]
async fn what_an_application_says_of_the_connection_ends_at_the_gateway() {
    let scene = Scene::set("").await;
    scene.tape.answer(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Internal, close\r\nX-Internal: secret\r\nKeep-Alive: timeout=1\r\n\
         Proxy-Authenticate: Basic realm=\"evil\"\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nTrailer: X-Evil\r\nTE: trailers\r\n\
         Alt-Svc: h3=\"evil.example:443\"\r\nX-Guestgate-Assertion: evil\r\nX_Guestgate_User: evil\r\n\
         Set-Cookie: __Host-guestgate=evil\r\nSet-Cookie: __HOST_guestgate-start=evil; Path=/\r\nSet-Cookie:   __Host-guestgate =evil\r\n\
         Set-Cookie: good=1\r\nStrict-Transport-Security: max-age=1; includeSubDomains\r\nClear-Site-Data: \"cookies\"\r\n\
         Public-Key-Pins: evil\r\nContent-Length: 4\r\n\r\ngood",
    );
    let got = scene.say(ASK).await;
    assert_eq!(codes(&got), ["200"], "{got}");
    let head = got.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    for left_out in [
        "secret",
        "evil",
        "keep-alive:",
        "proxy-",
        "upgrade",
        "trailer",
        "\r\nte:",
        "alt-svc",
        "guestgate",
        "includesubdomains",
        "clear-site",
    ] {
        assert!(!head.contains(left_out), "{left_out}: {got}");
    }
    assert!(head.contains("set-cookie: good=1"), "{got}");
}

#[tokio::test]
async fn a_half_answer_looks_like_one() {
    let scene = Scene::set("").await;
    for (answer, what) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "a counted body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf", "a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "chunks"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", "trailers"),
    ] {
        scene.tape.answer_and_close(answer);
        let got = scene.say(ASK).await;
        assert!(got.contains("half") && !got.contains("0\r\n\r\n") && !got.contains("Content-Length: 4\r\n"), "{what}: {got}");
    }
}
