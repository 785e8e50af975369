//! A stream of HTTP/2 that has become a WebSocket (RFC 8441): bytes both ways in DATA frames.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Both directions of such a stream.
pub(super) struct Duplex {
    from: RecvStream,
    to: SendStream<Bytes>,
    /// What has come and was not read yet.
    left: Bytes,
    ended: bool,
}

/// Most that is handed over at once.
const PIECE: usize = 16 * 1024;

impl Duplex {
    pub(super) fn new(from: RecvStream, to: SendStream<Bytes>) -> Self {
        Self { from, to, left: Bytes::new(), ended: false }
    }
}

impl AsyncRead for Duplex {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.left.is_empty() {
            match ready!(self.from.poll_data(cx)) {
                None => return Poll::Ready(Ok(())),
                Some(Err(cause)) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, cause))),
                Some(Ok(data)) => {
                    // The library gives no more than a window; what is read here is all that waits.
                    let _ = self.from.flow_control().release_capacity(data.len());
                    self.left = data;
                }
            }
        }
        let n = self.left.len().min(into.remaining());
        into.put_slice(self.left.get(..n).unwrap_or_default());
        self.left.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Duplex {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let wanted = bytes.len().min(PIECE);
        if self.to.capacity() == 0 {
            self.to.reserve_capacity(wanted);
        }
        while self.to.capacity() == 0 {
            match ready!(self.to.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        let n = wanted.min(self.to.capacity());
        let part = Bytes::copy_from_slice(bytes.get(..n).unwrap_or_default());
        self.to.send_data(part, false).map_err(|cause| io::Error::new(io::ErrorKind::BrokenPipe, cause))?;
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library's turn comes after every stream's.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.ended, true) {
            // A stream that was reset needs no end.
            let _ = self.to.send_data(Bytes::new(), true);
        }
        Poll::Ready(Ok(()))
    }
}
