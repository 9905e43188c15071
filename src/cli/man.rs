//! `man`: the manual pages, for packagers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::error::{CliError, ExitStatus};
use super::{Cli, print};

/// Write a manual page to standard output, or all of them into a folder.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command whose page is written, instead of the tool's own.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write the pages of the tool and of every command into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: ManArgs) -> Result<ExitStatus, CliError> {
    let mut tool = Cli::command().disable_help_subcommand(true);
    tool.build();
    match (&args.out, &args.command) {
        (Some(folder), _) => write_all(tool, folder)?,
        (None, None) => print(&page(tool)?)?,
        (None, Some(name)) => {
            let known: Vec<&str> = tool.get_subcommands().map(clap::Command::get_name).collect();
            let mend = format!("there is no command `{name}`: there are {}", known.join(", "));
            let command = tool.find_subcommand(name).cloned().ok_or(CliError::Usage(mend))?;
            print(&page(command)?)?;
        }
    }
    Ok(ExitStatus::Success)
}

fn page(command: clap::Command) -> Result<String, CliError> {
    let mut text = Vec::new();
    let page = Man::new(command).source(concat!("rustworthy ", env!("CARGO_PKG_VERSION"))).manual("rustworthy");
    page.render(&mut text).map_err(|error| CliError::Usage(error.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn write_all(tool: clap::Command, folder: &Path) -> Result<(), CliError> {
    let cannot = |error: io::Error| CliError::Usage(format!("cannot write to {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(cannot)?;
    let commands: Vec<clap::Command> = tool.get_subcommands().cloned().collect();
    for command in std::iter::once(tool).chain(commands) {
        // `rustworthy`, `rustworthy-run`: as the pages refer to each other.
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        fs::write(folder.join(format!("{name}.1")), page(command)?).map_err(cannot)?;
    }
    Ok(())
}
