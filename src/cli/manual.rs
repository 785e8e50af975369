//! `guestgate completions` and `guestgate man`: what shells and readers of manuals are given.

use std::{io::Write as _, path::PathBuf};

use anyhow::Context as _;

use super::{Ended, print};

/// `guestgate man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Writes one page for each command into this folder, in place of printing the first
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

/// Prints completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell, mut command: clap::Command) -> anyhow::Result<Ended> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "guestgate", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Ended::Done)
}

/// Prints the manual page, or writes all of them.
pub(super) fn manual(args: &Args, command: clap::Command) -> anyhow::Result<Ended> {
    let Some(dir) = &args.dir else {
        clap_mangen::Man::new(command).render(&mut std::io::stdout().lock())?;
        return Ok(Ended::Done);
    };
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    clap_mangen::generate_to(command, dir).with_context(|| format!("cannot write into `{}`", dir.display()))?;
    print::line(&format!("wrote a page for each command into {}", dir.display()))?;
    Ok(Ended::Done)
}
