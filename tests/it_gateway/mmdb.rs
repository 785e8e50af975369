//! Writes small databases in MaxMind DB format: one node, so that each half of the IPv4 addresses has one record.

/// A database in which each half of the IPv4 addresses, split by the first bit, has one record.
pub fn database(kind: &str, halves: [Record; 2]) -> Vec<u8> {
    // Each node is two records of 24 bits; values from the number of nodes plus 16 on point into the data section.
    const NODES: u32 = 1;
    let (mut data, mut tree) = (Vec::new(), Vec::new());
    for half in halves {
        let at = u32::try_from(data.len()).unwrap() + NODES + 16;
        tree.extend_from_slice(&at.to_be_bytes()[1..]);
        half.write(&mut data);
    }
    let mut bytes = tree;
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(&data);
    bytes.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    // A map of nine entries, type 7.
    bytes.push(7 << 5 | 9);
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.push(2 << 5 | u8::try_from(text.len()).unwrap());
        bytes.extend_from_slice(text.as_bytes());
    };
    let small = |bytes: &mut Vec<u8>, n: u8| bytes.extend_from_slice(&[5 << 5 | 1, n]);
    for (key, n) in [("binary_format_major_version", 2), ("binary_format_minor_version", 0), ("record_size", 24), ("ip_version", 4)] {
        text(&mut bytes, key);
        small(&mut bytes, n);
    }
    text(&mut bytes, "node_count");
    bytes.extend_from_slice(&[6 << 5 | 1, u8::try_from(NODES).unwrap()]);
    text(&mut bytes, "build_epoch");
    // An extended type: 9 less 7, of one byte.
    bytes.extend_from_slice(&[1, 2, 1]);
    text(&mut bytes, "database_type");
    text(&mut bytes, kind);
    text(&mut bytes, "languages");
    bytes.extend_from_slice(&[0, 4]);
    text(&mut bytes, "description");
    bytes.push(7 << 5);
    bytes
}

/// What one half of the addresses is.
#[derive(Debug, Clone, Copy)]
pub enum Record {
    Country(&'static str),
    Asn(u16),
}

impl Record {
    fn write(self, data: &mut Vec<u8>) {
        let text = |data: &mut Vec<u8>, text: &str| {
            let length = u8::try_from(text.len()).unwrap();
            // Longer texts than 28 bytes say their length in another byte.
            data.extend(if length < 29 { vec![2 << 5 | length] } else { vec![2 << 5 | 29, length - 29] });
            data.extend_from_slice(text.as_bytes());
        };
        data.push(7 << 5 | 1);
        match self {
            Self::Country(code) => {
                text(data, "country");
                data.push(7 << 5 | 1);
                text(data, "iso_code");
                text(data, code);
            }
            Self::Asn(number) => {
                text(data, "autonomous_system_number");
                data.push(6 << 5 | 2);
                data.extend_from_slice(&number.to_be_bytes());
            }
        }
    }
}
