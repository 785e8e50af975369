//! From text to [`Config`], or to every problem at once.

mod app;
mod brand;
mod fields;
mod forward;
mod geoip;
mod headers;
mod identification;
mod inviting;
mod lifecycle;
mod limits;
mod mail;
mod parts;
mod provider;
mod review;
mod rewrite;
mod secrets;
mod signup;
mod transmit;
mod upstream;
mod whole;

#[cfg(test)]
mod tests;

use std::{io, path::Path, sync::Arc};

use super::Config;
use crate::base::{Digest, Report, Severity, Source, yaml};

/// How the reader reaches what lies outside the text: files (passwords, authorities) and the environment.
#[derive(Clone, Copy)]
pub struct Lookup<'l> {
    /// The bytes of a file.
    pub read: &'l dyn Fn(&Path) -> io::Result<Vec<u8>>,
    /// A variable of the environment.
    pub env: &'l dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lookup")
    }
}

/// A configuration that is right, and what still looks odd about it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Warnings only.
    pub warnings: Report,
}

impl Config {
    /// Reads a file; relative paths in it are relative to it.
    pub fn load(path: &Path, lookup: Lookup<'_>) -> Result<Loaded, Report> {
        let name = path.display().to_string();
        let mut report = Report::new();
        let bytes = match (lookup.read)(path) {
            Ok(bytes) => bytes,
            Err(cause) => {
                let help = "`guestgate init DIR` writes one, `--config FILE` names another".to_owned();
                report.general(Severity::Error, Some(&name), format!("cannot be read: {cause}"), Some(help));
                return Err(report);
            }
        };
        let Some(source) = yaml::decode(&name, &bytes, &mut report) else { return Err(report) };
        Self::parse(&source, path.parent().unwrap_or(Path::new("")), lookup)
    }

    /// Reads a text; relative paths in it are relative to `dir`.
    pub fn parse(source: &Source, dir: &Path, lookup: Lookup<'_>) -> Result<Loaded, Report> {
        let mut report = Report::new();
        let root = yaml::parse(source, &mut report);
        if root.is_none() && !report.has_errors() {
            let help = "`guestgate init DIR` writes an example".to_owned();
            report.general(Severity::Error, Some(&source.name), "the file is empty", Some(help));
        }
        let parts = root.and_then(|root| {
            let mut read = fields::Read { reader: yaml::Reader::new(source, &mut report), dir, lookup };
            read.root(&root)
        });
        match parts {
            Some(parts) if !report.has_errors() => {
                let config = parts.into_config(Digest::of(source.text.as_bytes()));
                Ok(Loaded { config, warnings: secrets::for_reading(source, &report) })
            }
            // Whatever is missing has been reported; were it not, nothing would say why the file is refused.
            _ => {
                if !report.has_errors() {
                    report.general(Severity::Error, Some(&source.name), "the configuration is incomplete", None);
                }
                Err(secrets::for_reading(source, &report))
            }
        }
    }
}

impl whole::Parts {
    fn into_config(self, hash: Digest) -> Config {
        Config {
            listen: self.listen,
            data_dir: self.data_dir,
            portal: self.portal,
            tls: self.tls,
            storage: self.storage,
            mail: self.mail,
            identity: self.identity,
            invitations: self.invitations,
            session: self.session,
            roles: self.roles,
            outbound: self.outbound,
            lifecycle: self.lifecycle,
            templates: self.templates,
            exclusive: self.exclusive,
            policies: self.policies,
            hold_back: self.hold_back,
            trusted_proxies: self.trusted_proxies,
            geoip: self.geoip,
            proxy_protocol: self.proxy_protocol,
            limits: self.limits,
            log: self.log,
            forwards: self.forwards,
            audit_retention: self.audit.retention,
            drain: self.drain,
            apps: self.apps.into_iter().map(Arc::new).collect(),
            hash,
        }
    }
}
