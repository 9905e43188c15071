//! `report`: render a saved run again. Works from files alone.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::terminal_width;
use super::error::{CliError, ExitStatus};
use super::{Shared, open, print};
use crate::analysis::analyse;
use crate::evidence;
use crate::report as pages;
use crate::verdict;

/// Render a saved run again.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run.json, its folder, the name of a run, or `latest`.
    #[arg(default_value = "latest")]
    run: PathBuf,
    /// Where to write, instead of the run's own folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the charts as PNG too, for slides.
    #[arg(long)]
    png: bool,
    /// Open the page in the browser.
    #[arg(long)]
    open: bool,
}

/// Runs the command.
pub(super) fn run(args: ReportArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let (folder, mut run) = evidence::load(&place(&args.run, shared)?)?;
    analyse(&mut run);
    verdict::decide(&mut run);
    let out = args.out.unwrap_or_else(|| folder.path().to_owned());
    let written = pages::write(&run, &out, pages::Charts::with_png(args.png))
        .map_err(|error| CliError::Usage(format!("{error}\n  choose another folder with `--out DIR`")))?;
    let mut text = pages::terminal::summary(&run, terminal_width(), shared.colour());
    text += &format!("\nreport: {}\n", written.html.display());
    print(&text)?;
    if args.open {
        open::open(&written.html);
    }
    Ok(ExitStatus::Success)
}

/// A path as given, or the name of a run in the project's report folder.
pub(super) fn place(run: &Path, shared: &Shared) -> Result<PathBuf, CliError> {
    let is_name = run.components().count() == 1 && !run.exists();
    if is_name { Ok(shared.project(&[])?.reports.join(run)) } else { Ok(run.to_owned()) }
}
