//! The PROXY protocol, versions 1 and 2: where a connection comes from, as a load balancer in front says before anything else.
//!
//! Read byte for byte up to its end and no further, so that TLS begins where it should. Nothing is guessed: a line that is odd in any way
//! ends the connection.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Why the bytes are no header of the PROXY protocol.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxiedError {
    /// The connection broke.
    #[error("the connection broke before the PROXY header was whole")]
    Io(#[from] io::Error),
    /// It begins otherwise.
    #[error("there is no PROXY header")]
    Missing,
    /// Malformed, too long, or of a kind that we do not take.
    #[error("the PROXY header is malformed")]
    Malformed,
}

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Longest header of version 1, line end included.
const LINE: usize = 107;
/// Longest header of version 2 behind its first 16 bytes: addresses, and what a balancer says of TLS beside them.
const BLOCK: usize = 4 * 1024;

/// Reads the header. `None` where the balancer speaks for itself (`LOCAL`, `UNKNOWN`).
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<SocketAddr>, ProxiedError> {
    let mut start = [0; 12];
    stream.read_exact(&mut start).await?;
    if start == *SIGNATURE {
        return read_binary(stream).await;
    }
    if !start.starts_with(b"PROXY ") {
        return Err(ProxiedError::Missing);
    }
    let mut line = start.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE {
            return Err(ProxiedError::Malformed);
        }
        line.push(stream.read_u8().await?);
    }
    line.truncate(line.len() - 2);
    parse_line(&line).ok_or(ProxiedError::Malformed)
}

/// A line of version 1 without its end; the outer `None` where it is malformed.
fn parse_line(line: &[u8]) -> Option<Option<SocketAddr>> {
    let text = std::str::from_utf8(line).ok().filter(|t| t.bytes().all(|b| (0x20..0x7f).contains(&b)))?;
    let mut words = text.strip_prefix("PROXY ")?.split(' ');
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(None);
    }
    let (source, target, from, to) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let source: IpAddr = match family {
        "TCP4" => (source.parse::<Ipv4Addr>().ok()?.into(), target.parse::<Ipv4Addr>().ok()?).0,
        "TCP6" => (source.parse::<Ipv6Addr>().ok()?.into(), target.parse::<Ipv6Addr>().ok()?).0,
        _ => return None,
    };
    port(to)?;
    Some(Some(SocketAddr::new(source, port(from)?)))
}

/// A port without sign or leading zeros.
fn port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

async fn read_binary(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<SocketAddr>, ProxiedError> {
    let (command, family) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = usize::from(stream.read_u16().await?);
    if length > BLOCK {
        return Err(ProxiedError::Malformed);
    }
    let mut block = vec![0; length];
    stream.read_exact(&mut block).await?;
    parse_block(command, family, &block).ok_or(ProxiedError::Malformed)
}

/// A header of version 2 behind its signature; the outer `None` where it is malformed.
fn parse_block(command: u8, family: u8, block: &[u8]) -> Option<Option<SocketAddr>> {
    match command {
        0x20 => return Some(None),
        0x21 => {}
        _ => return None,
    }
    let (source, more) = match family {
        0x11 => {
            let (addresses, more) = block.split_at_checked(12)?;
            let ip: [u8; 4] = addresses.get(..4)?.try_into().ok()?;
            (SocketAddr::new(Ipv4Addr::from(ip).into(), u16::from_be_bytes(addresses.get(8..10)?.try_into().ok()?)), more)
        }
        0x21 => {
            let (addresses, more) = block.split_at_checked(36)?;
            let ip: [u8; 16] = addresses.get(..16)?.try_into().ok()?;
            (SocketAddr::new(Ipv6Addr::from(ip).into(), u16::from_be_bytes(addresses.get(32..34)?.try_into().ok()?)), more)
        }
        _ => return None,
    };
    extras_fit(more).then_some(Some(source))
}

/// Whether what stands behind the addresses is a list of kinds, lengths and values that ends where the header does.
fn extras_fit(mut more: &[u8]) -> bool {
    while let [_, high, low, rest @ ..] = more {
        let Some(behind) = rest.get(usize::from(u16::from_be_bytes([*high, *low]))..) else { return false };
        more = behind;
    }
    more.is_empty()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

    use super::*;

    /// What is read, and how many bytes are left for TLS.
    fn said(bytes: &[u8]) -> (String, usize) {
        let mut rest = bytes;
        let read = read(&mut rest).now_or_never().expect("bytes are there at once");
        let text = match read {
            Ok(Some(source)) => source.to_string(),
            Ok(None) => "itself".to_owned(),
            Err(ProxiedError::Io(_)) => "early".to_owned(),
            Err(ProxiedError::Missing) => "missing".to_owned(),
            Err(ProxiedError::Malformed) => "malformed".to_owned(),
        };
        (text, rest.len())
    }

    fn binary(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
        let length = u16::try_from(block.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, block].concat()
    }

    #[test]
    fn a_line_says_where_a_connection_comes_from() {
        for (line, source) in [
            ("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n", "192.0.2.1:56324"),
            ("PROXY TCP6 2001:db8::1 ::1 1 443\r\n", "[2001:db8::1]:1"),
            ("PROXY UNKNOWN\r\n", "itself"),
            ("PROXY UNKNOWN ff 1 2 3\r\n", "itself"),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 056324 443\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 +1 443\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 65536 443\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.01 10.0.0.1 1 443\r\n", "malformed"),
            ("PROXY TCP4 2001:db8::1 ::1 1 443\r\n", "malformed"),
            ("PROXY TCP4  192.0.2.1 10.0.0.1 1 443\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 1 443 5\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1\t10.0.0.1 1 443\r\n", "malformed"),
            ("PROXY UDP4 192.0.2.1 10.0.0.1 1 443\r\n", "malformed"),
            ("proxy TCP4 192.0.2.1 10.0.0.1 1 443\r\n", "missing"),
            ("GET / HTTP/1.1\r\nHost: a\r\n", "missing"),
            ("PROXY TCP4 192.0.2.1 10.0", "early"),
        ] {
            assert_eq!(said(format!("{line}\x16TLS").as_bytes()).0, source, "{line}");
        }
        assert_eq!(said(b"PROXY TCP4 192.0.2.1 10.0.0.1 1 443\r\n\x16\x03\x01").1, 3);
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(200));
        assert_eq!(said(long.as_bytes()).0, "malformed");
    }

    #[test]
    fn a_binary_header_says_it_too() {
        let four = [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 4, 1, 187];
        let extras = [&four[..], &[3, 0, 4, 1, 2, 3, 4, 4, 0, 0]].concat();
        let torn = [&four[..], &[3, 0, 9, 1]].concat();
        let six: Vec<u8> = (0..36).collect();
        for (wire, source) in [
            (binary(0x21, 0x11, &four), "192.0.2.1:56324"),
            (binary(0x21, 0x11, &extras), "192.0.2.1:56324"),
            (binary(0x21, 0x21, &six), "[1:203:405:607:809:a0b:c0d:e0f]:8225"),
            (binary(0x20, 0x00, b""), "itself"),
            (binary(0x20, 0x11, &four), "itself"),
            (binary(0x21, 0x11, &torn), "malformed"),
            (binary(0x21, 0x11, &four[..11]), "malformed"),
            (binary(0x21, 0x12, &four), "malformed"),
            (binary(0x21, 0x31, &[0; 216]), "malformed"),
            (binary(0x21, 0x00, b""), "malformed"),
            (binary(0x11, 0x11, &four), "malformed"),
            (binary(0x22, 0x11, &four), "malformed"),
            (binary(0x20, 0x00, &[0; 5000]), "malformed"),
        ] {
            let (text, left) = said(&[&wire[..], b"\x16\x03\x01"].concat());
            assert_eq!(text, source, "{wire:?}");
            assert!(left >= 3, "it reads into TLS");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much_for_it(tail in proptest::collection::vec(any::<u8>(), 0..200), version in 0_usize..3) {
            let start: &[u8] = [&b"PROXY "[..], &SIGNATURE[..], b""][version];
            let _ = said(&[start, &tail].concat());
        }
    }
}
