//! Lines on their way to a file or a pipe: whoever writes never waits. A thread carries them; what it cannot carry is dropped and counted.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use prometheus::IntCounter;

/// Where lines go.
pub(super) type Out = Box<dyn Write + Send>;

/// The near end of the queue.
pub(super) struct Lines {
    queue: SyncSender<Job>,
    state: Arc<State>,
}

struct State {
    /// Another place that lines go to from now on.
    next: Mutex<Option<Out>>,
    lost: AtomicU64,
    counter: OnceLock<IntCounter>,
    /// Buffers that have been written: to fill them again costs less than new ones.
    spare: Mutex<Vec<Vec<u8>>>,
}

enum Job {
    Lines { text: Vec<u8>, n: u64 },
    Flush(SyncSender<()>),
}

/// So many buffers wait to be filled again.
const SPARE: usize = 2;

/// The thread that writes events, which says nothing about itself.
pub(super) const EVENTS: &str = "events";

impl Lines {
    /// Lines that go there, of which so many pieces may wait. Where no thread can be had, every line counts as lost.
    pub(super) fn to(name: &str, out: Out, waiting: usize) -> Self {
        let (queue, jobs) = sync_channel(waiting);
        let state =
            Arc::new(State { next: Mutex::new(Some(out)), lost: AtomicU64::new(0), counter: OnceLock::new(), spare: Mutex::default() });
        let carried = Arc::clone(&state);
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(move || carry(&jobs, &carried)) {
            tracing::error!(%error, "nobody writes the log");
        }
        Self { queue, state }
    }

    /// Whole lines, so many. They are dropped where too many wait already.
    pub(super) fn write(&self, text: Vec<u8>, n: u64) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(Job::Lines { text, n }) {
            self.state.lose(n);
        }
    }

    /// An empty buffer with this much room: one that has been written, unless somebody is just putting one back.
    pub(super) fn buffer(&self, room: usize) -> Vec<u8> {
        let spare = self.state.spare.try_lock().ok().and_then(|mut spare| spare.pop());
        spare.filter(|spare| spare.capacity() >= room).unwrap_or_else(|| Vec::with_capacity(room))
    }

    /// From now on they go there.
    pub(super) fn redirect(&self, out: Out) {
        *self.state.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(out);
    }

    /// Waits until everything so far has been written, but no longer than this.
    pub(super) fn flush(&self, patience: Duration) {
        let (tell, told) = sync_channel(1);
        if self.queue.try_send(Job::Flush(tell)).is_ok() {
            // Late is as good as never: whoever waits is about to leave.
            let _ = told.recv_timeout(patience);
        }
    }

    /// How many could not be written.
    pub(super) fn lost(&self) -> u64 {
        self.state.lost.load(Ordering::Relaxed)
    }

    /// Those that are lost are counted there, too.
    pub(super) fn count_lost(&self, counter: IntCounter) {
        counter.inc_by(self.lost());
        // Of two counters the first stays.
        let _ = self.state.counter.set(counter);
    }
}

impl State {
    fn keep(&self, mut buffer: Vec<u8>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            buffer.clear();
            spare.push(buffer);
        }
    }

    fn lose(&self, n: u64) {
        self.lost.fetch_add(n, Ordering::Relaxed);
        if let Some(counter) = self.counter.get() {
            counter.inc_by(n);
        }
    }
}

fn carry(jobs: &Receiver<Job>, state: &State) {
    let mut out: Out = Box::new(io::sink());
    // The last write stopped inside a line.
    let mut torn = false;
    let is_events = std::thread::current().name() == Some(EVENTS);
    while let Ok(job) = jobs.recv() {
        if let Some(next) = state.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            (out, torn) = (next, false);
        }
        match job {
            Job::Lines { text, n } => {
                let begun = if torn { out.write_all(b"\n") } else { Ok(()) };
                let written = begun.and_then(|()| out.write_all(&text)).and_then(|()| out.flush());
                if let Err(error) = written {
                    state.lose(n);
                    if !torn && !is_events {
                        tracing::error!(%error, "the access log cannot be written");
                    }
                    torn = true;
                } else {
                    torn = false;
                }
                state.keep(text);
            }
            // Whoever asked may have gone.
            Job::Flush(tell) => drop(tell.try_send(())),
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("lost", &self.lost()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe that nobody reads.
    struct Stalled(Receiver<()>);

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.recv().map(|()| bytes.len()).map_err(io::Error::other)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_pipe_that_stalls_and_what_is_dropped_is_counted() {
        const WAITING: usize = 16;
        let (release, stalled) = sync_channel(0);
        let lines = Lines::to("test", Box::new(Stalled(stalled)), WAITING);
        let counter = IntCounter::new("dropped", "dropped").unwrap();
        lines.count_lost(counter.clone());
        for _ in 0..(WAITING + 10) {
            lines.write(b"a line\n".to_vec(), 2);
        }
        // One is being written, if the thread has come that far.
        assert!((18..=20).contains(&lines.lost()), "{}", lines.lost());
        assert_eq!(counter.get(), lines.lost());
        drop(release);
        lines.redirect(Box::new(io::sink()));
    }
}
