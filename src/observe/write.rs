//! The pieces of a log line, written by hand: formatting costs more than everything else about a line.

use std::{io::Write as _, net::IpAddr};

use crate::base::{Id, Timestamp};

/// A key and a number.
pub(super) fn number(out: &mut Vec<u8>, key: &[u8], number: u64) {
    out.extend_from_slice(key);
    decimal(out, number);
}

fn decimal(out: &mut Vec<u8>, number: u64) {
    let mut space = [b'0'; 20];
    let (mut rest, mut used) = (number, 0);
    for digit in space.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        used += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(space.get(space.len() - used..).unwrap_or_default());
}

/// A number in so many digits.
fn padded<const N: usize>(out: &mut Vec<u8>, number: u64) {
    let mut space = [b'0'; N];
    let mut rest = number;
    for digit in space.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    out.extend_from_slice(&space);
}

/// A point, and the last three digits of a number.
pub(super) fn thousandths(out: &mut Vec<u8>, number: u64) {
    out.push(b'.');
    padded::<3>(out, number % 1_000);
}

/// An instant as RFC 3339 has it, in UTC; the fraction is left out where it is nothing, and so are zeros at its end.
pub(super) fn time(out: &mut Vec<u8>, at: Timestamp) {
    let Some(millis) = u64::try_from(at.as_millis()).ok().filter(|millis| *millis < END_OF_TIME) else {
        // Writing to memory cannot fail.
        let _ = write!(out, "{at}");
        return;
    };
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let (year, month, day) = civil(days);
    padded::<4>(out, year);
    out.push(b'-');
    padded::<2>(out, month);
    out.push(b'-');
    padded::<2>(out, day);
    for (mark, part) in [(b'T', rest / 3_600_000), (b':', rest / 60_000 % 60), (b':', rest / 1_000 % 60)] {
        out.push(mark);
        padded::<2>(out, part);
    }
    fraction(out, rest % 1_000);
    out.push(b'Z');
}

/// Milliseconds behind a point, without zeros at the end; nothing where there are none.
pub(super) fn fraction(out: &mut Vec<u8>, millis: u64) {
    if millis == 0 {
        return;
    }
    thousandths(out, millis);
    while out.last() == Some(&b'0') {
        out.pop();
    }
}

/// Where the calendar that shows instants ends: 9999-12-30T22:00:00Z.
pub(super) const END_OF_TIME: u64 = 253_402_207_200_000;

/// The date of a day counted from 1970-01-01, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// A key and an address.
pub(super) fn address(out: &mut Vec<u8>, key: &[u8], ip: IpAddr) {
    out.extend_from_slice(key);
    match ip {
        IpAddr::V4(ip) => {
            let [first, rest @ ..] = ip.octets();
            decimal(out, u64::from(first));
            for octet in rest {
                out.push(b'.');
                decimal(out, u64::from(octet));
            }
        }
        // Writing to memory cannot fail.
        IpAddr::V6(ip) => drop(write!(out, "{ip}")),
    }
}

/// A key and an id, or null.
pub(super) fn id<I: Id>(out: &mut Vec<u8>, key: &[u8], id: Option<I>) {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    out.extend_from_slice(key);
    let mut text = [0; 22];
    match id.and_then(|id| URL_SAFE_NO_PAD.encode_slice(id.to_bytes(), &mut text).ok()) {
        Some(_) => {
            out.push(b'"');
            out.extend_from_slice(&text);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

fn shown(out: &mut Vec<u8>, value: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = out.write_fmt(value);
}

/// Writes a JSON string. What is not printable ASCII, and DEL, is escaped byte for byte where it is not UTF-8, so that a terminal that shows
/// the log obeys nobody.
pub(super) fn quote(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    // Nearly everything is plain, and is copied whole.
    if text.iter().fold(true, |all, b| all & (matches!(*b, b' '..=b'~') && *b != b'"' && *b != b'\\')) {
        out.extend_from_slice(text);
        out.push(b'"');
        return;
    }
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => {
                    out.push(b'\\');
                    out.push(c as u8);
                }
                ' '..='~' => out.push(c as u8),
                c if is_unseen(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        shown(out, format_args!("\\u{unit:04x}"));
                    }
                }
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            // Not a character: shown as the escape that a percent-encoded path would have.
            shown(out, format_args!("%{byte:02X}"));
        }
    }
    out.push(b'"');
}

/// Copies JSON. What cannot be seen stands in strings only, so it can be escaped wherever it is.
pub(super) fn seen(out: &mut Vec<u8>, json: &str) {
    for c in json.chars() {
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        } else {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// Controls, line separators, and marks that turn the direction of text.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GuestId;

    #[test]
    fn an_instant_is_written_as_it_is_shown() {
        let day = 86_400_000;
        let odd = [0, 1, 10, 999, 1_000, 1_123, day - 1, 951_782_399_999, 951_782_400_000, 1_709_164_800_120, 253_402_207_199_999];
        for millis in odd.into_iter().chain((0..60_000).map(|n| n * 37 * day / 13)) {
            let mut out = Vec::new();
            time(&mut out, Timestamp::from_millis(millis));
            assert_eq!(String::from_utf8(out).unwrap(), Timestamp::from_millis(millis).to_string(), "{millis}");
        }
        for millis in [-1, i64::MAX, 253_402_207_200_999, 253_402_300_800_000] {
            let mut out = Vec::new();
            time(&mut out, Timestamp::from_millis(millis));
            assert_eq!(String::from_utf8(out).unwrap(), Timestamp::from_millis(millis).to_string());
        }
    }

    #[test]
    fn ids_and_addresses_are_written_as_they_are_shown() {
        let (mut out, ten) = (Vec::new(), GuestId::from_bytes([0xfb; 16]));
        id(&mut out, b"", Some(ten));
        assert_eq!(String::from_utf8(std::mem::take(&mut out)).unwrap(), format!("\"{ten}\""));
        id::<GuestId>(&mut out, b"", None);
        assert_eq!(std::mem::take(&mut out), b"null");
        for ip in ["0.0.0.0", "203.0.113.255", "2001:db8::1"].map(|ip| ip.parse::<IpAddr>().unwrap()) {
            address(&mut out, b"", ip);
            assert_eq!(String::from_utf8(std::mem::take(&mut out)).unwrap(), ip.to_string());
        }
    }
}
