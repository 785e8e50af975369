//! Request smuggling: whatever can be read in two ways reaches nobody.

use super::{Scene, codes};

/// A request that must never be one.
const INSIDE: &str = "GET /open/smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n";

/// Heads that two readers would frame differently, or that no reader should take.
const HEADS: [(&str, &str); 58] = [
    ("both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked"),
    ("both lengths, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 4"),
    ("a length of nothing and chunks", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
    ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ("an unknown coding behind", "Transfer-Encoding: chunked, identity"),
    ("an unknown coding in front", "Transfer-Encoding: identity, chunked"),
    ("two lines of codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
    ("gzip and chunks", "Transfer-Encoding: gzip, chunked"),
    ("a coding that looks alike", "Transfer-Encoding: xchunked"),
    ("a quoted coding", "Transfer-Encoding: \"chunked\""),
    ("a coding with a parameter", "Transfer-Encoding: chunked;q=1"),
    ("a coding with a comma", "Transfer-Encoding: chunked,"),
    ("no coding", "Transfer-Encoding:"),
    ("identity", "Transfer-Encoding: identity"),
    ("a vertical tab before the coding", "Transfer-Encoding: \x0bchunked"),
    ("a form feed behind the coding", "Transfer-Encoding: chunked\x0c"),
    ("a null in the coding", "Transfer-Encoding: chun\0ked"),
    ("a no-break space before the coding", "Transfer-Encoding: \u{a0}chunked"),
    ("the long s", "Tran\u{17f}fer-Encoding: chunked"),
    ("a space before the colon", "Transfer-Encoding : chunked"),
    ("a tab before the colon", "Transfer-Encoding\t: chunked"),
    ("a space before the colon of a length", "Content-Length : 4"),
    ("a folded coding", "Transfer-Encoding:\r\n chunked"),
    ("a folded field in front of a length", "X-A: b\r\n\tContent-Length: 4"),
    ("a first line that is folded", " Content-Length: 4"),
    ("a bare line feed in front of a coding", "X-A: b\nTransfer-Encoding: chunked"),
    ("a bare carriage return in front of a coding", "X-A: b\rTransfer-Encoding: chunked"),
    ("a carriage return too many", "X-A: b\r\r\nTransfer-Encoding: chunked"),
    ("the same length twice", "Content-Length: 4\r\nContent-Length: 4"),
    ("two lengths", "Content-Length: 4\r\nContent-Length: 45"),
    ("a list of lengths", "Content-Length: 4, 4"),
    ("a signed length", "Content-Length: +4"),
    ("a negative length", "Content-Length: -4"),
    ("a hexadecimal length", "Content-Length: 0x4"),
    ("a length with an underscore", "Content-Length: 1_0"),
    ("a length with a space", "Content-Length: 4 4"),
    ("a length with a point", "Content-Length: 4.0"),
    ("a length in quotes", "Content-Length: \"4\""),
    ("an empty length", "Content-Length:"),
    ("a huge length", "Content-Length: 99999999999999999999999999"),
    ("a length beyond 64 bits", "Content-Length: 18446744073709551617"),
    ("a length with an exponent", "Content-Length: 1e1"),
    ("a field without a colon", "Content-Length 4"),
    ("a field without a name", ": 4"),
    ("a name with a space", "Content Length: 4"),
    ("a name with a null", "Content-Length\0: 4"),
    ("a name with a line separator", "Content-Length\u{85}: 4"),
    ("a name in brackets", "[Content-Length]: 4"),
    ("a null in a value", "X-A: b\0c"),
    ("an escape in a value", "X-A: b\x1bc"),
    ("a delete in a value", "X-A: b\x7fc"),
    ("two hosts", "Host: HOST"),
    ("another host", "Host: evil.example"),
    ("a host in another spelling", "hOST: evil.example"),
    ("a second request line", "GET /open/second HTTP/1.1"),
    ("a line of white space", " "),
    ("a line of a tab", "\t"),
    ("a control byte alone", "\x01"),
];

#[tokio::test]
async fn request_smuggling_by_ambiguous_heads_reaches_nobody() {
    let scene = Scene::set("").await;
    for (name, fields) in HEADS {
        // Latin-1 cannot write it; the bytes of UTF-8 can.
        let fields: String = fields.bytes().map(char::from).collect();
        for body in ["0\r\n\r\n", "1c\r\n"] {
            let request = format!("POST /open/a HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n\r\n{body}{INSIDE}");
            let answer = scene.say(&request).await;
            assert_eq!(codes(&answer), ["400"], "{name}: {answer}");
            assert!(answer.contains("\r\nConnection: close\r\n"), "{name}: {answer}");
        }
    }
    assert_eq!(scene.tape.text(), "", "nothing of it reached the application");
}

#[tokio::test]
async fn request_smuggling_by_odd_request_lines_reaches_nobody() {
    let scene = Scene::set("").await;
    for line in [
        "GET /open/a",
        "GET  /open/a HTTP/1.1",
        "GET /open/a  HTTP/1.1",
        "GET\t/open/a\tHTTP/1.1",
        "GET /open/a HTTP/1.1 ",
        " GET /open/a HTTP/1.1",
        "GET /open/a HTTP/1.1 HTTP/1.1",
        "GET /open/a b HTTP/1.1",
        "GET /open/a\x0b HTTP/1.1",
        "GET /open/a\0 HTTP/1.1",
        "GET /open/\u{e4} HTTP/1.1",
        "GET /open/a#b HTTP/1.1",
        "GET open/a HTTP/1.1",
        "GET * HTTP/1.1",
        "GET HOST/open/a HTTP/1.1",
        "GET https://evil.example/open/a HTTP/1.1",
        "GET https://HOST@evil.example/open/a HTTP/1.1",
        "GET https://evil.example@HOST/open/a HTTP/1.1",
        "GET ftp://HOST/open/a HTTP/1.1",
        "GET file:///open/a HTTP/1.1",
        "GET HTTP/1.1",
        "get /open/a HTTP/1.1",
        "GeT /open/a HTTP/1.1",
        "GET: /open/a HTTP/1.1",
        "GET\x01 /open/a HTTP/1.1",
        "(GET) /open/a HTTP/1.1",
        "GET /open/a http/1.1",
        "GET /open/a HTTP/1.10",
        "GET /open/a HTTP/11",
        "GET /open/a HTTP/+1.1",
        "GET /open/a HTTP/1,1",
        "GET /open/a HTTP/0.9",
        "GET /open/a HTTP/1.2",
        "GET /open/a HTTP/2.0",
        "GET /open/a HTTP/3.0",
        "GET /open/a HTTQ/1.1",
        "GET /open/a ICAP/1.0",
        "PRI * HTTP/2.0",
        "TRACE /open/a HTTP/1.1",
        "CONNECT HOST HTTP/1.1",
        "CONNECT /open/a HTTP/1.1",
    ] {
        let answer = scene.say(&format!("{line}\r\nHost: HOST\r\nConnection: close\r\n\r\n{INSIDE}")).await;
        let codes = codes(&answer);
        assert!(matches!(codes[..], ["400" | "405" | "505"]), "{line:?}: {answer}");
    }
    assert_eq!(scene.tape.text(), "", "nothing of it reached the application");
}

#[tokio::test]
async fn request_smuggling_by_malformed_chunks_ends_the_connection() {
    let scene = Scene::set("").await;
    let all = [
        ("a bare line feed behind a size", "5\nhello\r\n0\r\n\r\n"),
        ("a bare line feed behind a chunk", "5\r\nhello\n0\r\n\r\n"),
        ("a bare carriage return behind a size", "5\rhello\r\n0\r\n\r\n"),
        ("a bare line feed in an extension", "5;a\nhello\r\n0\r\n\r\n"),
        ("a bare carriage return in an extension", "5;a\r2\r\nhello\r\n0\r\n\r\n"),
        ("a null in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"),
        ("an endless extension", &format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(5000))),
        ("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
        ("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        ("a size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
        ("a size with a space", "5 \r\nhello\r\n0\r\n\r\n"),
        ("a size with a space in front", " 5\r\nhello\r\n0\r\n\r\n"),
        ("a size that overflows", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        ("a size of nothing", "\r\nhello\r\n0\r\n\r\n"),
        ("a chunk that is too long", "5\r\nhello!\r\n0\r\n\r\n"),
        ("a chunk that is too short", "5\r\nhell\r\n0\r\n\r\n"),
        ("no line end behind a chunk", "5\r\nhello0\r\n\r\n"),
        ("a malformed trailer", "5\r\nhello\r\n0\r\nno colon\r\n\r\n"),
        ("a folded trailer", "5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n"),
        ("a trailer with a space before the colon", "5\r\nhello\r\n0\r\nX-A : b\r\n\r\n"),
        ("a bare line feed in the trailers", "5\r\nhello\r\n0\r\nX-A: b\n\r\n"),
        ("endless trailers", &format!("5\r\nhello\r\n0\r\n{}\r\n", "X-A: b\r\n".repeat(5000))),
    ];
    for (ix, (name, body)) in all.into_iter().enumerate() {
        let head = format!("POST /open/{ix}/ HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n");
        let answer = scene.say(&format!("{head}{body}{INSIDE}")).await;
        assert!(codes(&answer).len() <= 1, "{name}: one answer at most: {answer}");
        let seen: String = scene.tape.all().into_iter().filter(|c| c.contains(&format!("/open/{ix}/"))).collect();
        assert!(!seen.contains("smuggled") && seen.matches(" HTTP/1.1\r\n").count() <= 1, "{name}: {seen}");
        assert!(!seen.contains("0\r\n\r\n"), "{name}: the body must not look whole: {seen}");
    }
    scene.still_serves().await;
}

#[tokio::test]
async fn request_smuggling_behind_a_body_that_nobody_read_does_not_work() {
    let scene = Scene::set("limits: { body: 100B }").await;
    let long = INSIDE.repeat(20);
    for (name, head) in [
        ("no session", "POST /closed HTTP/1.1\r\nHost: HOST\r\n"),
        ("no such path", "POST /open/..;/a HTTP/1.1\r\nHost: HOST\r\n"),
        ("too large", "POST /open/a HTTP/1.1\r\nHost: HOST\r\n"),
        ("nobody said go on", "POST /closed HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\n"),
        ("an odd expectation", "POST /closed HTTP/1.1\r\nHost: HOST\r\nExpect: x, 100-continue\r\n"),
    ] {
        let length = long.replace("HOST", &scene.host()).len();
        let counted = scene.say(&format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{long}")).await;
        assert_eq!(codes(&counted).len(), 1, "{name}: {counted}");
        let chunked = format!("{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{length:x}\r\n{long}\r\n0\r\n\r\n");
        let chunked = scene.say(&chunked).await;
        assert_eq!(codes(&chunked).len(), 1, "{name}: {chunked}");
        assert!(!scene.tape.text().contains("GET /open/smuggled"), "{name}: {}", scene.tape.text());
    }
}

#[tokio::test]
async fn lengths_in_careless_spellings_frame_nothing_and_go_nowhere() {
    let scene = Scene::set("").await;
    for field in
        ["Content_Length: 44", "content.length: 44", "Transfer_Encoding: chunked", "TRANSFER+ENCODING: chunked", "Content-Length*: 44"]
    {
        scene.tape.clear();
        let answer = scene.say(&format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\n{field}\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(codes(&answer), ["200"], "{field}: {answer}");
        let seen = scene.tape.text().to_ascii_lowercase();
        let folded: String = seen.chars().map(|c| if c.is_ascii_alphanumeric() || c == '\n' { c } else { '-' }).collect();
        assert!(!folded.contains("content-length--44") && !folded.contains("\ntransfer-encoding"), "{field}: {seen}");
    }
}
