//! `gate`: policy against evidence. Of a saved run, or of the working tree against a commit.

mod acknowledged;
mod against;
mod apart;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, ExitStatus};
use super::{Format, Shared, print, print_json, report};
use crate::analysis::analyse;
use crate::evidence;
use crate::gate::{self, Gate, Outcome};
use crate::manifest::Inconclusive;

/// Hold policy against evidence.
#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// Workloads to judge: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Measure the working tree against where it left this branch, tag or commit.
    #[arg(long, value_name = "GIT_REF", conflicts_with_all = ["run", "base"])]
    against: Option<String>,
    /// Judge this saved run: a run.json, its folder, the name of a run, or `latest`.
    #[arg(long, value_name = "RUN", default_value = "latest")]
    run: PathBuf,
    /// Judge it against this other saved run of the same host.
    #[arg(long, value_name = "RUN")]
    base: Option<PathBuf>,
    /// Keep the evidence in this file, and go on with what is there.
    #[arg(long, value_name = "FILE", requires = "against")]
    state: Option<PathBuf>,
    /// How the decision is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// What an inconclusive gate counts as, instead of the manifest's word.
    #[arg(long, value_name = "OUTCOME")]
    inconclusive: Option<Counts>,
}

/// What an inconclusive gate counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Counts {
    /// As passed.
    Pass,
    /// As failed: exit code 4.
    Fail,
}

/// Runs the command.
pub(super) fn run(args: GateArgs, shared: &Shared, command: &[OsString]) -> Result<ExitStatus, CliError> {
    let mut project = shared.project(&args.filters)?;
    if let Some(counts) = args.inconclusive {
        project.gate.inconclusive = match counts {
            Counts::Pass => Inconclusive::Pass,
            Counts::Fail => Inconclusive::Fail,
        };
    }
    let gate = match &args.against {
        Some(against) => against::measure(&project, against, &args, shared, command)?,
        None => saved(&project, &args.run, shared)?,
    };
    match args.format {
        Format::Json => print_json(&gate)?,
        Format::Text => print(&text(&gate))?,
    }
    Ok(status(&gate))
}

/// Judges a saved run.
fn saved(project: &crate::manifest::Project, run: &Path, shared: &Shared) -> Result<Gate, CliError> {
    let (_, mut run) = evidence::load(&report::place(run, shared)?)?;
    analyse(&mut run);
    Ok(gate::saved(project, &run))
}

/// The decision as an exit code.
fn status(gate: &Gate) -> ExitStatus {
    match (gate.verdict, gate.inconclusive.as_str()) {
        (Outcome::Pass | Outcome::Skipped, _) => ExitStatus::Success,
        (Outcome::Fail, _) => ExitStatus::EvidenceSaysNo,
        (Outcome::Inconclusive, "fail") => ExitStatus::Inconclusive,
        (Outcome::Inconclusive, _) => ExitStatus::Success,
    }
}

fn text(gate: &Gate) -> String {
    let mut text = String::new();
    for check in &gate.checks {
        text += &format!("{} {} {}: {}\n", check.outcome.as_str(), check.name(), check.topic.as_str(), check.text);
    }
    for note in &gate.notes {
        text += &format!("{note}\n");
    }
    text + &format!("gate: {}\n", gate.verdict.as_str())
}
