//! The command line: arguments in, text out, an exit code. The only room that prints.
//!
//! Each command is a file with its `Args` and a `run`. 0: done, 1: refused or failed, 2: the command line cannot be understood.

mod audit;
mod bulk;
pub mod certs;
mod check;
mod client;
mod demo;
mod fetch;
mod init;
mod mail;
mod people;
mod policy;
mod print;
mod recover;
mod requests;
mod reviews;
mod system;
mod table;
mod token;
mod verify_app;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::serve::Opening;

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
    /// Serve, until the process is asked to end
    Serve {
        /// Take the listening sockets over from the gateway that runs on the same data, which then drains and ends
        #[arg(long)]
        take_over: bool,
    },
    /// The whole product on this machine, with nothing to set up
    Demo(demo::Args),
    /// Invite a guest, and print the link
    Invite(people::Invite),
    /// What was offered to whom
    #[command(subcommand)]
    Invitations(people::Invitations),
    /// Who may come
    #[command(subcommand)]
    Guests(people::Guests),
    /// Who may reach which app
    #[command(subcommand)]
    Grants(people::Grants),
    /// Who is signed in
    #[command(subcommand)]
    Sessions(people::Sessions),
    /// What people ask for: sign-ups, access, extensions, approvals
    #[command(subcommand)]
    Requests(requests::Requests),
    /// Whether accesses are still needed: access reviews
    #[command(subcommand)]
    Reviews(reviews::Reviews),
    /// Tokens for programs that use the API
    #[command(subcommand)]
    Token(token::Tokens),
    /// Read, test and try policies
    #[command(subcommand)]
    Policy(policy::Command),
    /// Mails as guests would get them
    #[command(subcommand)]
    Mail(mail::Command),
    /// Make a one-time link by which a member adds a passkey: the first administrator's, if none is named
    Recover(recover::Args),
    /// Who did what to whom
    #[command(subcommand)]
    Audit(audit::Command),
    /// A small app that shows what an app receives, and checks the assertion
    VerifyApp(verify_app::Args),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
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
        Command::Init(args) => wait_for(init::run(&args)),
        Command::Policy(command) => command.run(&cli.global),
        Command::Completions { shell } => completions(shell),
        Command::Man => manual(),
        Command::Version => print::line(concat!("guestgate ", env!("CARGO_PKG_VERSION"))).map(|()| Ended::Done),
        Command::Serve { take_over } => {
            let opening = if take_over { Opening::TakeOver } else { Opening::Fresh };
            wait_for(serve(&cli.global, opening))
        }
        Command::Demo(args) => wait_for(async { args.run().await.map(|()| Ended::Done) }),
        Command::VerifyApp(args) => wait_for(async { args.run().await.map(|()| Ended::Done) }),
        Command::Invite(invite) => wait_for(asking(&cli.global, async |gateway| invite.run(&gateway).await)),
        Command::Invitations(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Guests(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Grants(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Sessions(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Mail(command) => mail::run(&cli.global, &command),
        Command::Requests(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Reviews(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Recover(args) => wait_for(asking(&cli.global, async |gateway| args.run(&gateway).await)),
        Command::Token(command) => wait_for(asking(&cli.global, async |gateway| command.run(&gateway).await)),
        Command::Audit(command) => wait_for(async { command.run(&gateway(&cli.global)?).await }),
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

/// Serves what the configuration says.
async fn serve(global: &Global, opening: Opening) -> anyhow::Result<Ended> {
    crate::serve::run(&global.config, opening, crate::serve::Surroundings::of_this_machine(), None).await?;
    Ok(Ended::Done)
}

/// Runs a future on a runtime of its own.
fn wait_for(work: impl Future<Output = anyhow::Result<Ended>>) -> anyhow::Result<Ended> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Asks the running gateway of this configuration.
async fn asking(global: &Global, ask: impl AsyncFnOnce(client::Client) -> anyhow::Result<()>) -> anyhow::Result<Ended> {
    ask(gateway(global)?).await.map(|()| Ended::Done)
}

/// The gateway that the environment names, by its address and a token; else that of this configuration, by its control socket.
fn gateway(global: &Global) -> anyhow::Result<client::Client> {
    if let Some(far) = client::Client::of_environment()? {
        return Ok(far);
    }
    let config = crate::serve::read_config(&global.config)?.config;
    Ok(client::Client::new(config.data_dir.join("guestgate.sock")))
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<Ended> {
    clap_complete::generate(shell, &mut <Cli as clap::CommandFactory>::command(), "guestgate", &mut std::io::stdout());
    Ok(Ended::Done)
}

fn manual() -> anyhow::Result<Ended> {
    clap_mangen::Man::new(<Cli as clap::CommandFactory>::command()).render(&mut std::io::stdout())?;
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
