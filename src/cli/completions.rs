//! `completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::error::{CliError, ExitStatus};
use super::{Cli, print};

/// Write the completions of a shell to standard output.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(args: CompletionsArgs) -> Result<ExitStatus, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rustworthy", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(ExitStatus::Success)
}
