//! The command line: arguments in, text out, an exit code. The only room that prints.
//!
//! Each command is a file with its `Args` and a `run`. 0: done, 1: refused or failed, 2: the command line cannot be understood.

pub mod certs;
mod check;
mod init;
mod print;
mod system;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Lets partners' guests into old applications: invitations, sign-in without passwords, a policy decision on every request.
#[derive(Debug, Parser)]
#[command(name = "guestgate", version, disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command knows.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// The configuration
    #[arg(long, global = true, value_name = "FILE", default_value = "guestgate.yaml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read configuration, certificates and policies, and list every problem
    Check(check::Args),
    /// Write a working directory: configuration, keys, certificates, example policies
    Init(init::Args),
    /// Print the version
    Version,
}

/// How a command ended, where nothing went wrong that has to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It did what it was asked.
    Done,
    /// It refused, and has said why.
    Refused,
}

/// Runs a command line, the program's name included.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to be told that the terminal is gone.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let ended = match cli.command {
        Command::Check(args) => check::run(&cli.global, &args),
        Command::Init(args) => init::run(&args),
        Command::Version => print::line(concat!("guestgate ", env!("CARGO_PKG_VERSION"))).map(|()| Ended::Done),
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Refused) => ExitCode::from(1),
        Err(error) => {
            print::failure(&error);
            ExitCode::from(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
