//! `compare`: two saved runs side by side. Works from files alone.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::error::{CliError, ExitStatus};
use super::report::place;
use super::{Shared, print, print_json};
use crate::analysis::analyse;
use crate::evidence::{self, Run};
use crate::report::compare::compare;
use crate::verdict;

/// Show two saved runs side by side.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The run to compare with: a run.json, its folder, the name of a run, or `latest`.
    base: PathBuf,
    /// The run to compare.
    head: PathBuf,
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: CompareFormat,
}

/// How a comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CompareFormat {
    /// For people.
    Text,
    /// For a pull request.
    Markdown,
    /// One JSON document and nothing else.
    Json,
}

/// Runs the command.
pub(super) fn run(args: CompareArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let load = |name: &PathBuf| -> Result<Run, CliError> {
        let (_, mut run) = evidence::load(&place(name, shared)?)?;
        analyse(&mut run);
        verdict::decide(&mut run);
        Ok(run)
    };
    let (base, head) = (load(&args.base)?, load(&args.head)?);
    let sides = compare(&base, &head).map_err(|reasons| {
        let reasons: Vec<String> = reasons.iter().map(|reason| format!("  {reason}")).collect();
        let mend = "measure both on one machine, with the same interpreter and the same inputs";
        CliError::Usage(format!("{} and {} must not be compared:\n{}\n  {mend}", base.id, head.id, reasons.join("\n")))
    })?;
    match args.format {
        CompareFormat::Text => print(&sides.text())?,
        CompareFormat::Markdown => print(&sides.markdown())?,
        CompareFormat::Json => print_json(&sides)?,
    }
    Ok(ExitStatus::Success)
}
