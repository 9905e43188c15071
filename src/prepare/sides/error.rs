//! Why there are no two sides to compare.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::SideName;
use crate::manifest::ManifestError;
use crate::prepare::PrepareError;

/// Why there are no two sides.
#[derive(Debug, Error)]
pub enum SideError {
    /// Git is not installed.
    #[error("cannot start git, which makes the two sides\n  install it, or compare saved runs instead")]
    NoGit,
    /// The project is in no repository, or git will not read it.
    #[error("{} is in no git repository with files that git reads: {reason}\n  commits are compared: `git init` and commit, or compare saved runs instead", root.display())]
    NoRepository {
        /// The project's folder.
        root: PathBuf,
        /// What git said.
        reason: String,
    },
    /// The repository has no commit.
    #[error("the repository {} has no commit yet, so there is nothing to compare with\n  commit something first", repository.display())]
    NoCommit {
        /// Its top folder.
        repository: PathBuf,
    },
    /// What was given is no name of a commit.
    #[error("`{against}` cannot name a commit: {reason}\n  give a branch, a tag or a commit, such as `origin/main`")]
    Malformed {
        /// As given.
        against: String,
        /// Why.
        reason: String,
    },
    /// There is no such commit.
    #[error("there is no commit `{against}` here\n  {mend}")]
    Unknown {
        /// As given.
        against: String,
        /// Near names, or how to fetch it.
        mend: String,
    },
    /// The clone does not reach back to the merge base.
    #[error(
        "this clone is shallow and does not reach back to where HEAD left `{against}`\n  fetch the rest: `git fetch --unshallow`, or `git fetch --deepen=100` until it does; in GitHub Actions give `actions/checkout` \
         `fetch-depth: 0`, in GitLab set `GIT_DEPTH: 0`"
    )]
    Shallow {
        /// As given.
        against: String,
    },
    /// The two have no common ancestor.
    #[error("HEAD and `{against}` have no commit in common, so there is no base\n  name a branch that HEAD comes from")]
    Unrelated {
        /// As given.
        against: String,
    },
    /// A side's manifest is not there, or cannot be used.
    #[error("the {side} of the comparison has no manifest that can be used: {source}\n  {mend}")]
    Manifest {
        /// Which side.
        side: SideName,
        /// What is wrong with its manifest.
        source: ManifestError,
        /// What to do.
        mend: String,
    },
    /// Git could not do something.
    #[error("git could not make the sides ({reason}), in {}\n{output}\n  the command was: {command}", folder.display())]
    Git {
        /// The command.
        command: String,
        /// Where it ran.
        folder: PathBuf,
        /// How it ended.
        reason: String,
        /// The end of its output.
        output: String,
    },
    /// The interpreter or the cache.
    #[error(transparent)]
    Prepare(PrepareError),
    /// A person or the system asked to end.
    #[error("interrupted")]
    Interrupted,
}

/// Whose turn it is after a [`SideError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideFault {
    /// The person's: what was asked for cannot be.
    Usage,
    /// The machine's or the checkout's: it was asked well, and could not be done here.
    CannotMeasure,
    /// Nobody's: it was ended.
    Interrupted,
}

impl SideError {
    /// Whose turn it is.
    pub fn fault(&self) -> SideFault {
        match self {
            SideError::NoRepository { .. }
            | SideError::NoCommit { .. }
            | SideError::Malformed { .. }
            | SideError::Unknown { .. }
            | SideError::Unrelated { .. }
            | SideError::Manifest { side: SideName::Head, .. } => SideFault::Usage,
            // What is committed there cannot be put right by asking otherwise.
            SideError::Manifest { side: SideName::Base, .. }
            | SideError::NoGit
            | SideError::Shallow { .. }
            | SideError::Git { .. }
            | SideError::Prepare(_) => SideFault::CannotMeasure,
            SideError::Interrupted => SideFault::Interrupted,
        }
    }
}

impl From<PrepareError> for SideError {
    fn from(error: PrepareError) -> SideError {
        match error {
            PrepareError::Interrupted => SideError::Interrupted,
            other => SideError::Prepare(other),
        }
    }
}

/// The cache's part of the sides cannot be used.
pub(super) fn unusable(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> SideError {
    let path = path.into();
    |source| SideError::Prepare(PrepareError::Cache { path, source })
}
