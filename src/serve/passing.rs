//! Listening sockets on their way from one process to the next: over the control socket, one message a socket.
//!
//! A message is one descriptor (`SCM_RIGHTS`) beside one line that says what it is. The rest of the talk are single words: the new process
//! says `ready` when it could let guests in, the old one `draining` when it has stopped to.

use std::{
    io::{self, IoSlice, IoSliceMut, Read as _, Write as _},
    mem::MaybeUninit,
    net::{SocketAddr, TcpListener},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::{UnixListener, UnixStream},
    },
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Https,
    ForwardAuth,
    Admin,
    Http,
    Control,
}

/// A listening socket.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A socket that another process has bound.
#[derive(Debug)]
pub(super) struct Passed {
    /// What for; systemd does not say.
    pub(super) role: Option<Role>,
    /// As the configuration of that process named it.
    pub(super) said: String,
    pub(super) socket: Socket,
}

/// The line beside a descriptor; the last one has none.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    role: Option<Role>,
    said: String,
    unix: bool,
    /// How many more come.
    left: usize,
}

/// What the new process says when guests can come in to it.
pub(super) const READY: &str = "ready";
/// What the old process says when they cannot come in to it any more.
pub(super) const DRAINING: &str = "draining";
/// More sockets are in nobody's configuration.
const MOST: usize = 1_024;

impl Socket {
    /// The address, where it is on the network.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(socket) => socket.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    fn of(fd: OwnedFd, unix: bool) -> io::Result<Self> {
        let socket = if unix { Self::Unix(fd.into()) } else { Self::Tcp(fd.into()) };
        match &socket {
            Self::Tcp(socket) => socket.set_nonblocking(true)?,
            Self::Unix(socket) => socket.set_nonblocking(true)?,
        }
        Ok(socket)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
    }
}

/// Sends sockets; the other side gets handles of its own.
pub(super) fn send(to: &UnixStream, sockets: &[Passed]) -> io::Result<()> {
    for (ix, passed) in sockets.iter().enumerate() {
        let unix = matches!(passed.socket, Socket::Unix(_));
        let label = Label { role: passed.role, said: passed.said.clone(), unix, left: sockets.len() - ix - 1 };
        let mut line = serde_json::to_vec(&label)?;
        line.push(b'\n');
        let fds = [passed.socket.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(&fds)) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let sent = sendmsg(to, &[IoSlice::new(&line)], &mut control, SendFlags::NOSIGNAL)?;
        let mut rest = to;
        rest.write_all(line.get(sent..).unwrap_or_default())?;
    }
    Ok(())
}

/// Receives sockets until the last has come.
pub(super) fn receive(from: &UnixStream) -> io::Result<Vec<Passed>> {
    let mut passed = Vec::new();
    loop {
        let (fd, line) = receive_one(from)?;
        let label: Label = serde_json::from_slice(&line)?;
        passed.push(Passed { role: label.role, said: label.said, socket: Socket::of(fd, label.unix)? });
        if label.left == 0 {
            return Ok(passed);
        }
        if passed.len() >= MOST {
            return Err(io::Error::other("too many sockets"));
        }
    }
}

/// One descriptor and its line. The kernel never joins two messages that bring descriptors.
fn receive_one(from: &UnixStream) -> io::Result<(OwnedFd, Vec<u8>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = [0; 4_096];
    let got = recvmsg(from, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let fd = control.drain().find_map(|message| {
        let RecvAncillaryMessage::ScmRights(mut fds) = message else { return None };
        fds.next()
    });
    let mut line = bytes.get(..got.bytes).unwrap_or_default().to_vec();
    while line.last().is_some_and(|last| *last != b'\n') && line.len() < bytes.len() {
        line.push(read_byte(from)?);
    }
    let fd = fd.ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the other process passes no sockets"))?;
    Ok((fd, line))
}

/// Says a word.
pub(super) fn say(to: &UnixStream, word: &str) -> io::Result<()> {
    let mut to = to;
    to.write_all(format!("{word}\n").as_bytes())
}

/// Waits for a word; no more is read than that.
pub(super) fn hear(from: &UnixStream, word: &str) -> io::Result<()> {
    let line = read_until(from, b"\n", 64)?;
    let heard = line == format!("{word}\n").as_bytes();
    if heard { Ok(()) } else { Err(io::Error::other(format!("`{word}` was expected"))) }
}

/// Reads up to and with this end, and not one byte more: behind it descriptors may come.
pub(super) fn read_until(from: &UnixStream, end: &[u8], at_most: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    while !text.ends_with(end) {
        if text.len() >= at_most {
            return Err(io::ErrorKind::InvalidData.into());
        }
        text.push(read_byte(from)?);
    }
    Ok(text)
}

fn read_byte(mut from: &UnixStream) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn sockets_arrive_as_they_were_sent_and_still_listen() {
        let (old, new) = UnixStream::pair().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = tcp.local_addr().unwrap();
        let unix = UnixListener::bind(folder.path().join("s")).unwrap();
        let passed = |role, said: &str, socket| Passed { role: Some(role), said: said.to_owned(), socket };
        let sent = [passed(Role::Https, "127.0.0.1:0", Socket::Tcp(tcp)), passed(Role::Control, "", Socket::Unix(unix))];
        send(&old, &sent).unwrap();
        say(&old, DRAINING).unwrap();
        drop(sent);
        let got = receive(&new).unwrap();
        hear(&new, DRAINING).unwrap();
        assert_eq!(
            got.iter().map(|p| (p.role, p.said.as_str())).collect::<Vec<_>>(),
            [(Some(Role::Https), "127.0.0.1:0"), (Some(Role::Control), ""),]
        );
        assert_eq!(got[0].socket.address(), Some(at));
        TcpStream::connect(at).unwrap();
        UnixStream::connect(folder.path().join("s")).unwrap();
    }

    #[test]
    fn a_process_that_passes_nothing_is_noticed() {
        let (old, new) = UnixStream::pair().unwrap();
        drop(old);
        assert!(receive(&new).is_err() && hear(&new, READY).is_err());
        let (old, new) = UnixStream::pair().unwrap();
        say(&old, "{}").unwrap();
        assert!(receive(&new).is_err());
    }
}
