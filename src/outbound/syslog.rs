//! Writing events into a log that another server keeps: RFC 5424, over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425).

use std::{io, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::UdpSocket,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::call::{CallError, Reach, dial, tls};
use crate::{
    base::Timestamp,
    config::{Syslog, SyslogTransport},
};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it happened.
    pub at: Timestamp,
    /// Its name.
    pub event: String,
    /// Its number in the audit log.
    pub sequence: u64,
    /// The whole of it, as JSON.
    pub body: String,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum SyslogError {
    /// Nobody answers there.
    #[error("the log server cannot be reached")]
    Call(#[from] CallError),
    /// The connection breaks.
    #[error("the log server does not take what is written")]
    Write(#[from] io::Error),
    /// It takes too long.
    #[error("the log server takes too long")]
    Late,
}

/// How long one connection with its lines may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the other side is waited for when everything is written: one that breaks off says so by then.
const FAREWELL: Duration = Duration::from_secs(2);
/// Facility 13 (log audit), severity 5 (notice).
const PRIORITY: u8 = 13 * 8 + 5;

/// Writes lines in their order over one connection. Where it fails, nobody knows how many have arrived.
pub async fn write_log(to: &Syslog, host: &str, lines: &[LogLine]) -> Result<(), SyslogError> {
    let written = async {
        match to.transport {
            SyslogTransport::Udp => datagrams(to, host, lines).await,
            SyslogTransport::Tcp => frames(dial(reach(to), &to.host, to.port).await?, host, lines).await,
            SyslogTransport::Tls => {
                let name = ServerName::try_from(to.host.clone()).map_err(|_| CallError::Address)?;
                let connector = TlsConnector::from(Arc::new(tls(to.ca.as_ref()).map_err(CallError::Tls)?));
                let stream = dial(reach(to), &to.host, to.port).await?;
                frames(connector.connect(name, stream).await?, host, lines).await
            }
        }
    };
    timeout(PATIENCE, written).await.map_err(|_| SyslogError::Late)?
}

fn reach(to: &Syslog) -> Reach<'_> {
    Reach { ca: to.ca.as_ref(), plain: true, only: None, patience: PATIENCE, largest: 0 }
}

async fn datagrams(to: &Syslog, host: &str, lines: &[LogLine]) -> Result<(), SyslogError> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for at in tokio::net::lookup_host((to.host.as_str(), to.port)).await? {
        let own = if at.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(own).await?;
        match socket.connect(at).await {
            Ok(()) => {
                for line in lines {
                    socket.send(line.write(host).as_bytes()).await?;
                }
                return Ok(());
            }
            Err(cause) => last = cause,
        }
    }
    Err(last.into())
}

async fn frames<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, host: &str, lines: &[LogLine]) -> Result<(), SyslogError> {
    for line in lines {
        let text = line.write(host);
        stream.write_all(format!("{} {text}", text.len()).as_bytes()).await?;
    }
    stream.flush().await?;
    stream.shutdown().await?;
    // Nothing is ever answered; but a server that has gone away resets the connection.
    let mut nothing = [0; 64];
    match timeout(FAREWELL, stream.read(&mut nothing)).await {
        Ok(Err(cause)) if cause.kind() != io::ErrorKind::UnexpectedEof => Err(cause.into()),
        Ok(Ok(_) | Err(_)) | Err(_) => Ok(()),
    }
}

impl LogLine {
    /// The line, as the host of this name writes it (RFC 5424 §6).
    fn write(&self, host: &str) -> String {
        let event: String = self.event.chars().filter(char::is_ascii_graphic).take(32).collect();
        // 32473 is the number of enterprises that have none of their own (RFC 5612).
        format!("<{PRIORITY}>1 {} {host} guestgate - {event} [guestgate@32473 sequence=\"{}\"] {}", self.at, self.sequence, self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_the_standard_has_it() {
        let line = LogLine {
            at: Timestamp::from_millis(1_790_000_000_123),
            event: "guest.suspended".to_owned(),
            sequence: 7,
            body: "{}".to_owned(),
        };
        assert_eq!(
            line.write("access.example.com"),
            "<109>1 2026-09-21T14:13:20.123Z access.example.com guestgate - guest.suspended [guestgate@32473 sequence=\"7\"] {}"
        );
    }
}
