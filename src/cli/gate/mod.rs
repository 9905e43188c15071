//! `gate`: policy against evidence. Of a saved run, or of the working tree against a commit.

mod acknowledged;
mod against;
mod apart;
mod control;
mod counts;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::terminal_width;
use super::error::{CliError, ExitStatus};
use super::{Shared, print, report};
use crate::analysis::analyse;
use crate::evidence::{self, Run};
use crate::gate::formats::{self, Format};
use crate::gate::{self, Gate, Outcome, summary};
use crate::manifest::{FILE_NAME, Inconclusive, Instructions, Lines, Project};
use crate::prepare;

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
    /// Whose instructions are counted, instead of the manifest's word.
    #[arg(long, value_name = "WHOSE", requires = "against")]
    instructions: Option<Whose>,
}

/// What an inconclusive gate counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Counts {
    /// As passed.
    Pass,
    /// As failed: exit code 4.
    Fail,
}

/// Whose instructions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Whose {
    /// Every baseline's, hybrid's and native's.
    All,
    /// Those of Rust whose time would fail.
    Failing,
    /// Nobody's.
    None,
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
    if let Some(whose) = args.instructions {
        project.gate.instructions = match whose {
            Whose::All => Instructions::All,
            Whose::Failing => Instructions::Failing,
            Whose::None => Instructions::None,
        };
    }
    let mut gate = match (&args.against, &args.base) {
        (Some(against), _) => against::measure(&project, against, &args, shared, command)?,
        (None, None) => {
            let run = load(&args.run, shared)?;
            let gate = gate::saved(&project, &run);
            let notes = [gate.notes, of_another_commit(&run, &project).into_iter().collect()].concat();
            Gate { notes, ..gate }
        }
        (None, Some(base)) => gate::base(&project, &load(&args.run, shared)?, &load(base, shared)?)
            .map_err(|refused| CliError::Usage(refused.to_string()))?,
    };
    let manifest = project.root.join(FILE_NAME);
    gate.manifest = in_repository(&manifest);
    // A manifest that went away meanwhile leaves the checks without lines, and decides nothing.
    gate::point(&mut gate, &Lines::of(&fs::read_to_string(&manifest).unwrap_or_default()));
    print(&formats::render(&gate, args.format, terminal_width(), shared.colour()))?;
    if let (Format::Github, Some(path)) = (args.format, std::env::var_os(summary::STEP_SUMMARY)) {
        summarise(Path::new(&path), &gate)?;
    }
    Ok(status(&gate))
}

/// Appends the gate's page to the step's summary.
fn summarise(path: &Path, gate: &Gate) -> Result<(), CliError> {
    match summary::append(path, gate) {
        Ok(true) => Ok(()),
        Ok(false) => {
            super::error::tell(&format!("no room for the gate in the step's summary {}", path.display()));
            Ok(())
        }
        Err(error) => Err(CliError::Usage(format!("cannot append to the step's summary {}: {error}", path.display()))),
    }
}

/// A path as annotations want it: relative to the top of the repository, if it lies in one.
fn in_repository(path: &Path) -> String {
    let top = path.ancestors().skip(1).find(|folder| folder.join(".git").exists());
    let shown = top.and_then(|top| path.strip_prefix(top).ok()).unwrap_or(Path::new(FILE_NAME));
    shown.to_string_lossy().into_owned()
}

/// Whether a run is of another commit than the checkout is at: what is there now was not measured.
fn of_another_commit(run: &Run, project: &Project) -> Option<String> {
    let (then, now) = (run.environment.git.as_ref()?, prepare::git(&project.root)?);
    let short = |commit: &str| commit.chars().take(12).collect::<String>();
    (then.commit != now.commit).then(|| {
        format!("Run {} is of commit {}, and the checkout is at {}.", run.id, short(&then.commit), short(&now.commit))
    })
}

/// A saved run, analysed.
fn load(run: &Path, shared: &Shared) -> Result<Run, CliError> {
    let (_, mut run) = evidence::load(&report::place(run, shared)?)?;
    analyse(&mut run);
    Ok(run)
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
