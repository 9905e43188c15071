//! Errors at the edge, and the exit code that each stands for.

use std::process::{ExitCode, Termination};

use thiserror::Error;

use crate::equality::CaseError;
use crate::evidence::LoadError;
use crate::manifest::{FilterError, ManifestError};
use crate::prepare::{PrepareError, SideError, SideFault};
use crate::scaffold::ScaffoldError;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done.
    Success,
    /// The evidence says no: outputs differ, an implementation failed.
    EvidenceSaysNo,
    /// A bad flag, a bad manifest, an unknown name, an unreadable file.
    Usage,
    /// No interpreter, a failed build, nothing that could be measured.
    CannotMeasure,
    /// A gate whose evidence is not enough, where that counts as failed.
    Inconclusive,
    /// A person or the system asked to end.
    Interrupted,
    /// Of the process between the tool and a launch.
    Shim(u8),
}

impl ExitStatus {
    /// The shim's own exit code.
    pub(super) fn from_shim(code: i32) -> ExitStatus {
        ExitStatus::Shim(u8::try_from(code).unwrap_or(1))
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        ExitCode::from(match self {
            ExitStatus::Success => 0,
            ExitStatus::EvidenceSaysNo => 1,
            ExitStatus::Usage => 2,
            ExitStatus::CannotMeasure => 3,
            ExitStatus::Inconclusive => 4,
            ExitStatus::Interrupted => 130,
            ExitStatus::Shim(code) => code,
        })
    }
}

/// Why a command ends early.
#[derive(Debug, Error)]
pub enum CliError {
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A FILTER.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A saved run.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A kept counterexample.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Interpreter, environment, builds.
    #[error(transparent)]
    Prepare(PrepareError),
    /// Files of `init` or `new`.
    #[error(transparent)]
    Scaffold(ScaffoldError),
    /// A flag or a file.
    #[error("{0}")]
    Usage(String),
    /// Measuring could not begin or go on.
    #[error("{0}")]
    CannotMeasure(String),
    /// A person or the system asked to end.
    #[error("{0}")]
    Interrupted(String),
}

impl From<SideError> for CliError {
    fn from(error: SideError) -> CliError {
        match error.fault() {
            SideFault::Usage => CliError::Usage(error.to_string()),
            SideFault::CannotMeasure => CliError::CannotMeasure(error.to_string()),
            SideFault::Interrupted => CliError::Interrupted("interrupted before measuring: nothing is lost".to_owned()),
        }
    }
}

impl From<PrepareError> for CliError {
    fn from(error: PrepareError) -> CliError {
        match error {
            PrepareError::Interrupted => CliError::Interrupted("interrupted before measuring: nothing is lost".into()),
            other => CliError::Prepare(other),
        }
    }
}

impl From<ScaffoldError> for CliError {
    fn from(error: ScaffoldError) -> CliError {
        match error {
            ScaffoldError::Prepare(error) => CliError::from(error),
            other => CliError::Scaffold(other),
        }
    }
}

impl CliError {
    /// The exit code that it stands for.
    pub fn status(&self) -> ExitStatus {
        match self {
            CliError::Manifest(_)
            | CliError::Filter(_)
            | CliError::Load(_)
            | CliError::Case(_)
            | CliError::Scaffold(_)
            | CliError::Usage(_) => ExitStatus::Usage,
            CliError::Prepare(_) | CliError::CannotMeasure(_) => ExitStatus::CannotMeasure,
            CliError::Interrupted(_) => ExitStatus::Interrupted,
        }
    }
}

/// Tells the person on standard error.
pub(super) fn tell(message: &str) {
    use std::io::Write;
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(anstream::stderr(), "error: {message}");
}
