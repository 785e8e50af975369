//! What holds of every input. `GUESTGATE_TEST_SIZE=full` asks for more of them.

use bytes::{Bytes, BytesMut};
use proptest::{prelude::*, sample::Index};

use super::{
    BodyDecoder, BodyError, BodyFraming, Decoded, Head, HeadBuf, LAST_CHUNK, Limits, Parsed, Progress, RequestError, chunk_head,
    parse_request, parse_response,
};

pub(super) fn size() -> ProptestConfig {
    let full = std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full");
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if full { 50_000 } else { 2_000 }) }
}

/// Reads a head from pieces; what is left behind it comes along.
pub(super) fn read(pieces: &[&[u8]]) -> Result<Option<(Head, Vec<u8>)>, RequestError> {
    let (mut buffer, mut progress) = (BytesMut::new(), Progress::default());
    for (ix, piece) in pieces.iter().enumerate() {
        buffer.extend_from_slice(piece);
        if let Parsed::Complete(head) = parse_request(&mut buffer, &Limits::default(), &mut progress)? {
            for rest in &pieces[ix + 1..] {
                buffer.extend_from_slice(rest);
            }
            return Ok(Some((head, buffer.to_vec())));
        }
    }
    Ok(None)
}

/// Everything that a head says.
fn said(head: &Head) -> String {
    let fields: Vec<_> = head.fields().iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
    let (framing, keep) = (head.framing(), head.keep_alive());
    format!("{} {:?} {:?} {:?} {framing:?} {keep} {fields:?}", head.method(), head.target(), head.authority(), head.version())
}

fn decode(framing: BodyFraming, pieces: &[&[u8]]) -> Result<(Vec<u8>, bool), BodyError> {
    let (mut decoder, mut buffer, mut body) = (BodyDecoder::new(framing), BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer)? {
                Decoded::Data(data) => body.extend_from_slice(&data),
                Decoded::Trailers(_) => {}
                Decoded::More => break,
                Decoded::End => return Ok((body, true)),
            }
        }
    }
    Ok((body, decoder.is_done()))
}

fn cut<'b>(bytes: &'b [u8], at: &[Index]) -> Vec<&'b [u8]> {
    let mut ends: Vec<usize> = at.iter().map(|ix| ix.index(bytes.len() + 1)).collect();
    ends.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for end in ends.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[from..end]);
        from = end;
    }
    pieces
}

/// Bytes that are nearly a request: lines of what readers fall out over.
pub(super) fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just("GET / HTTP/1.1\r\n"),
        Just("POST /a?b=%2F HTTP/1.1\r\n"),
        Just("GET http://a/x HTTP/1.0\r\n"),
        Just("get / HTTP/1.1\r\n"),
        Just("TRACE / HTTP/1.1\r\n"),
        Just("GET /a#b HTTP/2.0\r\n"),
        Just("Host: a\r\n"),
        Just("host:a\r\n"),
        Just("Content-Length: 5\r\n"),
        Just("Content-Length: +5\r\n"),
        Just("Transfer-Encoding: chunked\r\n"),
        Just("Transfer-Encoding: gzip, chunked\r\n"),
        Just("Transfer-Encoding : chunked\r\n"),
        Just("X: \u{e9}\r\n"),
        Just(" folded\r\n"),
        Just("X: a\rb\r\n"),
        Just("Connection: close\r\n"),
        Just("Connection: keep-alive, x\r\n"),
        Just("\r\n"),
        Just("\n"),
        Just("\r"),
        Just("\0"),
        Just("5;x=y\r\nhello\r\n0\r\n\r\n"),
    ];
    let begin = prop_oneof![Just(""), Just("GET / HTTP/1.1\r\nHost: a\r\n"), Just("POST /x HTTP/1.1\r\nHost: a\r\n")];
    let end = prop_oneof![Just(""), Just("\r\n"), Just("\r\nGET /next HTTP/1.1\r\n")];
    let words = (begin, proptest::collection::vec(word, 0..6), end);
    let words = words.prop_map(|(begin, words, end)| [begin, &words.concat(), end].concat().into_bytes());
    (words, proptest::collection::vec(any::<(Index, u8)>(), 0..3)).prop_map(|(mut bytes, changes)| {
        for (at, byte) in changes {
            if !bytes.is_empty() {
                let ix = at.index(bytes.len());
                bytes[ix] = byte;
            }
        }
        bytes
    })
}

/// Names, values and targets that are well-formed.
fn well_formed() -> impl Strategy<Value = (String, String, Vec<(String, Vec<u8>)>)> {
    let value = proptest::collection::vec(prop_oneof![0x21_u8..=0x7e, 0x80_u8..=0xff], 0..40);
    let field = ("[Xx]-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}", value);
    ("[A-Z]{1,20}", "/[!$-;=?-_a-~]{0,60}", proptest::collection::vec(field, 0..20))
        .prop_filter("methods that nobody serves", |(method, _, _)| !matches!(method.as_str(), "TRACE" | "CONNECT"))
}

proptest! {
    #![proptest_config(size())]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), framing in any::<Option<u64>>()) {
        let _ = read(&[&bytes]);
        let _ = parse_response(&mut BytesMut::from(&bytes[..]), "GET", &Limits::default(), &mut Progress::default());
        let _ = decode(framing.map_or(BodyFraming::Chunked, BodyFraming::Length), &[&bytes]);
    }

    #[test]
    fn where_the_bytes_are_cut_changes_nothing(bytes in nearly(), at in proptest::collection::vec(any::<Index>(), 0..6)) {
        let (whole, pieces) = (read(&[&bytes]), read(&cut(&bytes, &at)));
        let all: Vec<&[u8]> = bytes.chunks(1).collect();
        let single = read(&all);
        let plain = |read: &Result<Option<(Head, Vec<u8>)>, RequestError>| {
            read.as_ref().map(|some| some.as_ref().map(|(head, rest)| (said(head), rest.clone()))).map_err(|error| *error)
        };
        prop_assert_eq!(plain(&whole), plain(&pieces));
        prop_assert_eq!(plain(&whole), plain(&single));
    }

    #[test]
    fn what_is_written_is_what_is_read((method, target, fields) in well_formed(), length in any::<Option<u32>>()) {
        let mut out = HeadBuf::default();
        out.request_line(&method, target.as_bytes());
        out.put(b"Host", b"charts.example.com");
        for (name, value) in &fields {
            prop_assert!(out.field(name.as_bytes(), value).is_ok());
        }
        match length {
            Some(length) => out.content_length(length.into()),
            None => out.chunked(),
        }
        out.finish();
        let (head, rest) = read(&[out.as_bytes()]).unwrap().unwrap();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(head.method(), &method);
        prop_assert_eq!(head.target(), target.as_bytes());
        let framing = match length {
            Some(0) => BodyFraming::None,
            Some(length) => BodyFraming::Length(length.into()),
            None => BodyFraming::Chunked,
        };
        prop_assert_eq!(head.framing(), framing);
        let read: Vec<_> = head.fields().iter().filter(|(n, _)| n[0].eq_ignore_ascii_case(&b'x')).map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
        let wrote: Vec<_> = fields.into_iter().map(|(n, v)| (n.into_bytes(), v)).collect();
        prop_assert_eq!(read, wrote);
    }

    #[test]
    fn chunks_of_any_size_carry_the_same_body(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..60), 0..8),
        at in proptest::collection::vec(any::<Index>(), 0..8),
    ) {
        let (mut bytes, mut space) = (Vec::new(), [0; 18]);
        for chunk in &chunks {
            bytes.extend_from_slice(chunk_head(chunk.len(), &mut space));
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(LAST_CHUNK);
        prop_assert_eq!(decode(BodyFraming::Chunked, &cut(&bytes, &at)), Ok((chunks.concat(), true)));
        let all = chunks.concat();
        prop_assert_eq!(decode(BodyFraming::Length(all.len() as u64), &cut(&all, &at)), Ok((all.clone(), true)));
    }

    #[test]
    fn a_body_that_is_malformed_is_so_wherever_it_is_cut(bytes in nearly(), at in proptest::collection::vec(any::<Index>(), 0..6)) {
        let (whole, pieces) = (decode(BodyFraming::Chunked, &[&bytes]), decode(BodyFraming::Chunked, &cut(&bytes, &at)));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn what_hyper_refuses_we_refuse(bytes in nearly()) {
        if let Ok(Some((head, _))) = read(&[&bytes]) {
            prop_assert!(hyper_takes(&bytes), "{} from {:?}", said(&head), String::from_utf8_lossy(&bytes));
        }
    }
}

/// Whether hyper hands the request to its service.
fn hyper_takes(bytes: &[u8]) -> bool {
    use std::{cell::Cell, convert::Infallible, rc::Rc};

    let taken = Rc::new(Cell::new(false));
    let seen = Rc::clone(&taken);
    let service = hyper::service::service_fn(move |_| {
        seen.set(true);
        async { Ok::<_, Infallible>(http::Response::new(http_body_util::Empty::<Bytes>::new())) }
    });
    let io = hyper_util::rt::TokioIo::new(tokio::io::join(std::io::Cursor::new(bytes.to_vec()), tokio::io::sink()));
    let served = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
    let _ = futures_util::FutureExt::now_or_never(served);
    taken.get()
}

#[test]
fn no_control_byte_stands_in_a_head_wherever_it_is_put() {
    let request = b"GET /a?b HTTP/1.1\r\nHost: a.example\r\nX-Some: some text\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Some: some text\r\n\r\n";
    // A tabulator is text, inside of a value.
    for byte in (0..0x20_u8).filter(|b| *b != b'\t').chain([0x7f]) {
        let put = |head: &[u8]| -> Vec<BytesMut> {
            let at = (0..head.len()).filter(|ix| head.get(*ix) != Some(&byte));
            at.map(|ix| [&head[..ix], &[byte], &head[ix + 1..]].concat()).map(|head| head.as_slice().into()).collect()
        };
        for mut head in put(request) {
            let shown = head.clone();
            let read = parse_request(&mut head, &Limits::default(), &mut Progress::default());
            assert!(!matches!(read, Ok(Parsed::Complete(_))), "{shown:?}");
        }
        for mut head in put(answer) {
            let shown = head.clone();
            let read = parse_response(&mut head, "GET", &Limits::default(), &mut Progress::default());
            assert!(!matches!(read, Ok(Parsed::Complete(_))), "{shown:?}");
        }
    }
}
