//! The command line: arguments in, text out, an exit code. The only room that prints.
//!
//! Each command is a file with its `Args` and a `run`. 0: done, 1: refused or failed, 2: the command line cannot be understood.

mod audit;
mod backup;
mod bulk;
mod cert;
pub mod certs;
mod check;
mod client;
mod demo;
mod fetch;
mod init;
mod keys;
mod mail;
mod manual;
mod people;
mod policy;
mod print;
mod progress;
mod recover;
mod requests;
mod reviews;
mod system;
mod table;
mod test_assertion;
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
    /// The keys that everything is signed and sealed by
    #[command(subcommand)]
    Keys(keys::Command),
    /// The certificates that guests see
    #[command(subcommand)]
    Cert(cert::Command),
    /// Copy database, keys and what else the data folder holds, while the gateway runs or not
    Backup(backup::Backup),
    /// Write a backup into the data folder of a gateway that is stopped
    Restore(backup::Restore),
    /// A small app that shows what an app receives, and checks the assertion
    VerifyApp(verify_app::Args),
    /// Ask an app with good and bad assertions, and say whether it checks them
    TestAssertion(test_assertion::Args),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all of them
    Man(manual::Args),
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
        Command::Completions { shell } => manual::completions(shell, <Cli as clap::CommandFactory>::command()),
        Command::Man(args) => manual::manual(&args, <Cli as clap::CommandFactory>::command()),
        Command::Keys(command) => wait_for(command.run(&cli.global)),
        Command::Cert(command) => command.run(&cli.global),
        Command::Backup(args) => wait_for(args.run(&cli.global)),
        Command::Restore(args) => wait_for(args.run(&cli.global)),
        Command::TestAssertion(args) => wait_for(args.run(&cli.global)),
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Commands that print no table and nothing that a program would read: what they write instead.
    const NO_JSON: [(&str, &str); 16] = [
        ("check", "problems, with the lines that they point to"),
        ("init", "files"),
        ("serve", "logs"),
        ("demo", "links for a person"),
        ("guests export", "JSON, always"),
        ("reviews report", "a table, JSON or CSV, by `--format`"),
        ("policy schema", "JSON, always"),
        ("mail kinds", "names"),
        ("mail preview", "a mail"),
        ("mail bounced", "one sentence"),
        ("audit export", "NDJSON or CSV"),
        ("cert new", "files"),
        ("verify-app", "requests, as they come"),
        ("completions", "a script"),
        ("man", "pages"),
        ("version", "a version"),
    ];

    /// Every command without commands below it, by its whole name.
    fn leaves() -> Vec<(String, clap::Command)> {
        let mut root = Cli::command();
        root.build();
        let mut waiting = vec![(String::new(), root)];
        let mut leaves = Vec::new();
        while let Some((name, command)) = waiting.pop() {
            let below: Vec<_> =
                command.get_subcommands().map(|c| (format!("{name} {}", c.get_name()).trim().to_owned(), c.clone())).collect();
            assert!(command.get_about().is_some(), "`{name}` says nothing about itself");
            match below.is_empty() {
                true => leaves.push((name, command)),
                false => waiting.extend(below),
            }
        }
        leaves
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_each_argument_knows_the_configuration_and_prints_json_where_it_prints_tables() {
        let leaves = leaves();
        for (name, command) in &leaves {
            let mute: Vec<_> = command.get_arguments().filter(|a| a.get_help().is_none()).map(|a| a.get_id().as_str()).collect();
            assert!(mute.is_empty(), "`{name}` does not explain {mute:?}");
            let knows = |option: &str| command.get_arguments().any(|a| a.get_long() == Some(option));
            assert!(knows("config"), "`{name}` knows no --config");
            let excused = NO_JSON.iter().any(|(known, _)| known == name);
            assert!(knows("json") || excused, "`{name}` knows no --json");
        }
        for (name, _) in NO_JSON {
            assert!(leaves.iter().any(|(known, _)| known == name), "there is no command `{name}`");
        }
    }

    #[test]
    fn every_command_of_the_handbook_is_there() {
        let leaves = leaves();
        for family in [
            "serve",
            "demo",
            "init",
            "check",
            "invite",
            "invitations",
            "guests",
            "grants",
            "requests",
            "sessions",
            "policy",
            "audit",
            "token",
            "keys rotate",
            "cert",
            "backup",
            "restore",
            "recover",
            "verify-app",
            "test-assertion",
            "completions",
            "man",
        ] {
            assert!(leaves.iter().any(|(name, _)| name == family || name.starts_with(&format!("{family} "))), "`{family}` is missing");
        }
    }

    #[test]
    fn there_are_completions_for_each_shell_and_a_page_for_each_command() {
        use clap::ValueEnum as _;
        for shell in clap_complete::Shell::value_variants() {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "guestgate", &mut text);
            assert!(String::from_utf8_lossy(&text).contains("test-assertion"), "{shell}");
        }
        let folder = tempfile::tempdir().unwrap();
        manual::manual(&manual::Args { dir: Some(folder.path().to_owned()) }, Cli::command()).unwrap();
        let page = std::fs::read_to_string(folder.path().join("guestgate-guests-suspend.1")).unwrap();
        assert!(page.contains("audit log") && page.contains("config"), "{page}");
        assert!(leaves().iter().all(|(name, _)| folder.path().join(format!("guestgate-{}.1", name.replace(' ', "-"))).exists()));
    }
}
