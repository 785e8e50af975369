//! A WebSocket over a stream of HTTP/2 (RFC 8441): bytes both ways, as over a connection.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::mux::Lease;

/// Both directions of an accepted stream.
pub(crate) struct Socket {
    send: SendStream<Bytes>,
    answer: RecvStream,
    read: Bytes,
    /// What has been read and not yet been made room for.
    taken: usize,
    closed: bool,
    _lease: Lease,
}

/// Most that is handed over at once.
const MOST: usize = 16 * 1024;

impl Socket {
    pub(super) fn new(send: SendStream<Bytes>, answer: RecvStream, lease: Lease) -> Self {
        Self { send, answer, read: Bytes::new(), taken: 0, closed: false, _lease: lease }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = &mut *self;
        while socket.read.is_empty() {
            let passed_on = std::mem::take(&mut socket.taken);
            if passed_on > 0 {
                socket.answer.flow_control().release_capacity(passed_on).map_err(io::Error::other)?;
            }
            match ready!(socket.answer.poll_data(context)) {
                None => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                Some(Ok(data)) => (socket.taken, socket.read) = (data.len(), data),
            }
        }
        let n = buffer.remaining().min(socket.read.len());
        buffer.put_slice(socket.read.get(..n).unwrap_or_default());
        socket.read.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wanted = bytes.len().min(MOST);
        if wanted == 0 {
            return Poll::Ready(Ok(0));
        }
        self.send.reserve_capacity(wanted);
        while self.send.capacity() == 0 {
            match ready!(self.send.poll_capacity(context)) {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        let n = self.send.capacity().min(wanted);
        let part = Bytes::copy_from_slice(bytes.get(..n).unwrap_or_default());
        self.send.send_data(part, false).map_err(io::Error::other)?;
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The connection is moved by its own task.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.closed, true) {
            self.send.send_data(Bytes::new(), true).map_err(io::Error::other)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Socket")
    }
}
