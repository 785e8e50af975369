//! How a digest is written in a stored row: 64 hexadecimal digits.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use crate::base::Digest;

pub(super) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(digest))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| D::Error::custom("a digest is 64 hexadecimal digits"))
}

/// The hexadecimal digits.
pub(super) fn text(digest: &Digest) -> String {
    blake3::Hash::from_bytes(*digest.as_bytes()).to_hex().to_string()
}

fn parse(text: &str) -> Option<Digest> {
    blake3::Hash::from_hex(text).ok().map(|hash| Digest::from_bytes(*hash.as_bytes()))
}

/// The same for any number of digests.
pub(super) mod several {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base::Digest;

    pub(in super::super) fn serialize<S: Serializer>(digests: &[Digest], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(digests.iter().map(super::text))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Digest>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let digests: Option<Vec<Digest>> = texts.iter().map(|text| super::parse(text)).collect();
        digests.ok_or_else(|| D::Error::custom("a digest is 64 hexadecimal digits"))
    }
}

/// The same for a digest that may be absent.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::base::Digest;

    pub(in super::super) fn serialize<S: Serializer>(digest: &Option<Digest>, to: S) -> Result<S::Ok, S::Error> {
        digest.as_ref().map(super::text).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Digest>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        super::parse(&text).map(Some).ok_or_else(|| D::Error::custom("a digest is 64 hexadecimal digits"))
    }
}
