//! Where addresses are: databases of countries and autonomous systems, read into memory and swapped with the snapshot.

use std::{fmt, net::IpAddr};

use maxminddb::{Reader, geoip2};

use crate::base::Country;

/// The databases that the configuration names. Without one, what it would tell is unknown.
#[derive(Default)]
pub struct Places {
    country: Option<Reader<Vec<u8>>>,
    asn: Option<Reader<Vec<u8>>>,
}

/// Where an address is, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Its country.
    pub country: Option<Country>,
    /// Its autonomous system.
    pub asn: Option<u32>,
}

/// The bytes are no database of addresses.
#[derive(Debug, thiserror::Error)]
#[error("this is not a database in MaxMind DB format")]
pub struct NoDatabase(#[source] maxminddb::MaxMindDbError);

impl Places {
    /// Reads the databases from their bytes.
    pub fn read(country: Option<Vec<u8>>, asn: Option<Vec<u8>>) -> Result<Self, NoDatabase> {
        let open = |bytes: Option<Vec<u8>>| bytes.map(Reader::from_source).transpose().map_err(NoDatabase);
        Ok(Self { country: open(country)?, asn: open(asn)? })
    }

    /// Both together: each database from where it is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { country: self.country.or(other.country), asn: self.asn.or(other.asn) }
    }

    /// Where the address is. What a database does not say, or says wrongly, is unknown.
    pub fn of(&self, ip: IpAddr) -> Place {
        Place { country: self.country(ip), asn: self.asn(ip) }
    }

    fn country(&self, ip: IpAddr) -> Option<Country> {
        let found: geoip2::Country<'_> = self.country.as_ref()?.lookup(ip).ok()?.decode().ok()??;
        Country::parse(found.country.iso_code?).ok()
    }

    fn asn(&self, ip: IpAddr) -> Option<u32> {
        let found: geoip2::Asn<'_> = self.asn.as_ref()?.lookup(ip).ok()?.decode().ok()??;
        found.autonomous_system_number
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("country", &self.country.is_some()).field("asn", &self.asn.is_some()).finish()
    }
}

#[cfg(test)]
#[path = "../../tests/it_gateway/mmdb.rs"]
#[allow(unreachable_pub, missing_docs, reason = "a file of the tests of the whole gateway, too")]
mod mmdb;

#[cfg(test)]
mod tests {
    use super::mmdb::{Record, database};
    use super::*;

    #[test]
    fn an_address_has_the_country_and_the_system_that_the_databases_say() {
        let country = database("Test-Country", [Record::Country("DE"), Record::Country("ZZ")]);
        let asn = database("Test-ASN", [Record::Asn(64_500), Record::Asn(64_501)]);
        let places = Places::read(Some(country), Some(asn)).unwrap();
        let (low, high) = ("10.0.0.1".parse().unwrap(), "203.0.113.9".parse().unwrap());
        assert_eq!(places.of(low), Place { country: Country::parse("DE").ok(), asn: Some(64_500) });
        // There is no such country, so nobody knows.
        assert_eq!(places.of(high), Place { country: None, asn: Some(64_501) });
        assert_eq!(Places::default().of(low), Place::default());
        assert!(Places::read(Some(b"no database".to_vec()), None).is_err());
    }
}
