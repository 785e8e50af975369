//! Each reader of strangers' bytes as one function of bytes, which panics where a law of it is broken: for the fuzzers in `fuzz/`, and for
//! an ordinary test that replays what they start from and what they have found.

use bytes::BytesMut;
use futures_util::FutureExt as _;

use super::{
    http2, proxied, tunnel,
    wire::{BodyDecoder, BodyError, BodyFraming, Decoded, Limits, Parsed, Progress, parse_request, parse_response},
};
use crate::base::{NormalPath, PathRules, Prefix};

/// A reader, as a function of bytes.
pub type Reader = fn(&[u8]);

/// Their names, and what they do with bytes.
pub const ALL: [(&str, Reader); 8] = [
    ("request", request),
    ("response", response),
    ("chunks", chunks),
    ("frames", http2::fuzz_frames),
    ("proxied", proxied),
    ("socket", tunnel::fuzz_frames),
    ("path", path),
    ("prefix", prefix),
];

/// The first byte says where the rest is cut in two.
fn cut(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let Some((at, rest)) = bytes.split_first() else { return (b"", b"", b"") };
    let (first, second) = rest.split_at(usize::from(*at).min(rest.len()));
    (rest, first, second)
}

/// A head that is read whole is the same head where its bytes come in two pieces.
fn request(bytes: &[u8]) {
    let read = |pieces: &[&[u8]]| {
        let (mut buffer, mut progress) = (BytesMut::new(), Progress::default());
        for (ix, piece) in pieces.iter().enumerate() {
            buffer.extend_from_slice(piece);
            match parse_request(&mut buffer, &Limits::default(), &mut progress) {
                Ok(Parsed::Partial) => {}
                Ok(Parsed::Complete(head)) => {
                    let behind: usize = pieces.get(ix + 1..).unwrap_or_default().iter().map(|piece| piece.len()).sum();
                    let fields: Vec<(Vec<u8>, Vec<u8>)> = head.fields().iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
                    return Ok(Some((head.method().to_owned(), head.target().to_vec(), head.framing(), fields, buffer.len() + behind)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    };
    let (whole, first, second) = cut(bytes);
    assert_eq!(read(&[whole]), read(&[first, second]));
}

fn response(bytes: &[u8]) {
    let (whole, ..) = cut(bytes);
    for method in ["GET", "HEAD"] {
        let _ = parse_response(&mut BytesMut::from(whole), method, &Limits::default(), &mut Progress::default());
    }
}

/// A body is the same body where its bytes come in two pieces.
fn chunks(bytes: &[u8]) {
    let read = |pieces: &[&[u8]]| -> Result<(Vec<u8>, bool), BodyError> {
        let (mut decoder, mut buffer, mut body) = (BodyDecoder::new(BodyFraming::Chunked).keeping_trailers(), BytesMut::new(), Vec::new());
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                match decoder.decode(&mut buffer)? {
                    Decoded::Data(data) => body.extend_from_slice(&data),
                    Decoded::Trailers(fields) => body.extend(fields.iter().flat_map(|(name, value)| [name, value].concat())),
                    Decoded::More => break,
                    Decoded::End => return Ok((body, true)),
                }
            }
        }
        Ok((body, false))
    };
    let (whole, first, second) = cut(bytes);
    assert_eq!(read(&[whole]), read(&[first, second]));
}

/// Nothing is read beyond the header's end.
fn proxied(bytes: &[u8]) {
    let mut rest = bytes;
    let read = proxied::read(&mut rest).now_or_never();
    assert!(read.is_some(), "bytes are there at once");
    assert!(bytes.len() - rest.len() <= 16 + 4 * 1024);
}

/// The normal form leads nowhere but into the application.
fn path(bytes: &[u8]) {
    if let Ok(path) = NormalPath::parse(bytes, &PathRules::default()) {
        assert!(path.segments().all(|segment| !matches!(segment, "" | "." | "..")), "{path}");
    }
}

/// What is written is read as the same network.
fn prefix(bytes: &[u8]) {
    if let Some((prefix, _)) = std::str::from_utf8(bytes).ok().and_then(|text| Prefix::parse(text).ok()) {
        assert_eq!(Prefix::parse(&prefix.to_string()).ok(), Some((prefix, false)));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn what_fuzzers_start_from_and_have_found_breaks_nothing() {
        for (name, read) in super::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
            let seeds: Vec<Vec<u8>> =
                std::fs::read_dir(&folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
            assert!(!seeds.is_empty(), "{name}");
            for seed in seeds {
                // Whole, cut off anywhere, and with a bit turned over here and there.
                for end in 0..=seed.len() {
                    read(&seed[..end]);
                    let mut turned = seed.clone();
                    if let Some(byte) = turned.get_mut(end) {
                        *byte ^= 1 << (end % 8);
                    }
                    read(&turned);
                }
            }
        }
    }
}
