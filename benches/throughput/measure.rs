//! What the machine says: run time and memory of processes, and what a series of figures comes to.

use std::{fmt, fs, process::Command, time::Duration};

/// Figures of the same thing, one a round.
#[derive(Debug)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    /// Nothing measured yet.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// How far the middle half spreads, as a share of the median.
    pub(crate) fn spread(&self) -> f64 {
        let sorted = self.sorted();
        let quarter = sorted.len() / 4;
        let inner = &sorted[quarter..sorted.len() - quarter];
        let (Some(least), Some(most)) = (inner.first(), inner.last()) else { return f64::NAN };
        (most - least) / self.median()
    }

    /// The median of the ratios of each round: what slows a whole round down is in both.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect()).median()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} (±{:.0} %)", self.median(), self.spread() * 50.0)
    }
}

/// Binds a process with all its threads to a core.
pub(crate) fn pin(process: u32, core: u32) {
    let done = Command::new("taskset").args(["-acp", &core.to_string(), &process.to_string()]).output();
    assert!(done.is_ok_and(|out| out.status.success()), "`taskset` is needed");
}

/// The process and its children.
pub(crate) fn tree(process: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    let mut all = vec![process];
    for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
        all.extend(tree(child));
    }
    all
}

/// The run time of processes and their children.
pub(crate) fn cpu_of(processes: &[u32]) -> Duration {
    let mut nanos = 0;
    for pid in processes.iter().copied().flat_map(tree) {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten() {
            let stat = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            nanos += stat.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Duration::from_nanos(nanos)
}

/// The memory of processes and their children, in KiB, what they share counted once.
pub(crate) fn memory_of(processes: &[u32]) -> u64 {
    let pss = |pid: u32| -> u64 {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("Pss:")).unwrap_or_default().to_owned();
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    processes.iter().copied().flat_map(tree).map(pss).sum()
}
