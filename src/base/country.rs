//! Countries by their two letters.

use std::{fmt, str::FromStr};

/// A country or territory: ISO 3166-1 alpha-2, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

/// The text names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country of ISO 3166-1; write two upper-case letters, such as `DE`")]
pub struct UnknownCountry(pub String);

impl Country {
    /// Reads the two letters.
    pub fn parse(text: &str) -> Result<Self, UnknownCountry> {
        let found = Self::all().find(|country| country.as_str() == text);
        found.ok_or_else(|| UnknownCountry(text.to_owned()))
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        // INVARIANT: only letters of the table are ever inside.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Every country, in the order of the letters.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.as_bytes().chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(Self)
    }
}

/// Those that ISO 3166-1 assigns, and `XK`, by which address databases know Kosovo.
const ALL: &str = concat!(
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZ",
    "ECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZ",
    "LALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE",
    "RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW",
);

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        Self::parse(text)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_country_once_and_in_order() {
        let all: Vec<Country> = Country::all().collect();
        assert_eq!(all.len(), 250);
        assert!(all.is_sorted());
        assert!(Country::parse("DE").is_ok_and(|c| c.to_string() == "DE"));
        for wrong in ["de", "UK", "XX", "", "DEU", "EA"] {
            assert!(Country::parse(wrong).is_err(), "{wrong}");
        }
    }
}
