//! Memory that requests of one worker hand on to one another.
//!
//! General allocators serve blocks of some kilobytes from pages of their own, and make and unmake such a page again and again where a block is
//! taken and given back once a request: that was a sixth of all instructions of a request. The block that was given back last is also the one
//! that is still in the cache.

use std::cell::RefCell;

use bytes::BytesMut;

/// Buffers that nobody uses at the moment.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    free: RefCell<Vec<BytesMut>>,
}

/// How much goes into a buffer of the kind that is kept: heads with everything that is said of a guest, and small answers.
pub(crate) const BUFFER: usize = 4 * 1024;
/// One that has grown beyond this is not kept.
const LARGEST: usize = 2 * BUFFER;
/// So many are kept.
const MOST: usize = 64;

impl Buffers {
    /// An empty buffer with so much room at least.
    pub(crate) fn take(&self, room: usize) -> BytesMut {
        if room > BUFFER {
            return BytesMut::with_capacity(room);
        }
        // What was cut off one may still be read by somebody: then it is left to them.
        let kept = || self.free.borrow_mut().pop();
        std::iter::from_fn(kept)
            .find_map(|mut buffer| (buffer.try_reclaim(BUFFER) && buffer.capacity() <= LARGEST).then_some(buffer))
            .unwrap_or_else(|| BytesMut::with_capacity(BUFFER))
    }

    /// Gives one back. What is in it is forgotten; what was cut off it stays with whoever has it.
    pub(crate) fn give(&self, mut buffer: BytesMut) {
        // A panic that is being unwound may have left them borrowed: then this one is freed.
        let Ok(mut free) = self.free.try_borrow_mut() else { return };
        if free.len() < MOST && buffer.capacity() <= LARGEST {
            buffer.clear();
            free.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf as _;

    use super::*;

    fn address(buffer: &BytesMut) -> *const u8 {
        buffer.as_ptr()
    }

    #[test]
    fn what_was_given_back_last_is_taken_next_empty_and_whole() {
        let buffers = Buffers::default();
        let mut buffer = buffers.take(10);
        let place = address(&buffer);
        buffer.extend_from_slice(&[b'x'; 1_000]);
        drop(buffer.split_to(300).freeze());
        buffer.advance(500);
        buffers.give(buffer);
        let again = buffers.take(BUFFER);
        assert!(again.is_empty() && again.capacity() >= BUFFER);
        assert_eq!(address(&again), place, "the same memory, from its beginning");
    }

    #[test]
    fn what_somebody_still_reads_is_not_written_over() {
        let buffers = Buffers::default();
        let mut buffer = buffers.take(10);
        buffer.extend_from_slice(b"a secret of one, and more");
        let kept = buffer.split_to(15).freeze();
        buffers.give(buffer);
        let mut other = buffers.take(10);
        other.extend_from_slice(&[b'y'; BUFFER]);
        assert_eq!(&kept[..], b"a secret of one");
    }

    #[test]
    fn large_ones_are_not_kept_nor_too_many() {
        let buffers = Buffers::default();
        let large = buffers.take(100 * 1024);
        assert!(large.capacity() >= 100 * 1024);
        buffers.give(large);
        assert!(buffers.free.borrow().is_empty());
        let mut grown = buffers.take(10);
        grown.extend_from_slice(&[b'z'; 20 * 1024]);
        grown.advance(19 * 1024);
        buffers.give(grown);
        assert!(buffers.take(10).capacity() <= LARGEST);
        let many: Vec<_> = (0..2 * MOST).map(|_| buffers.take(10)).collect();
        many.into_iter().for_each(|buffer| buffers.give(buffer));
        assert_eq!(buffers.free.borrow().len(), MOST);
    }
}
