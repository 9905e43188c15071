//! The first manifest of a project, and the first pair: what `init` and `new` write.
//!
//! Everything is decided from what was read before the first file is written, and files are written all or not at all.

mod draw;
mod files;
mod first;
mod krate;
mod look;
mod manifest;
mod names;
mod pair;
mod port;
mod signature;
mod types;

use std::path::PathBuf;

use thiserror::Error;

pub use files::{Change, Changes};
pub use first::{Asks, First, first};
pub use pair::{Pair, PairRequest, pair};
pub use signature::{Signature, read as read_signature};

use crate::prepare::PrepareError;

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum ScaffoldError {
    /// A name that cannot stand in Python, Rust and the manifest alike.
    #[error("{0}")]
    Name(String),
    /// The function is not there, or no pair can be made for it.
    #[error("no pair for `{target}`: {reason}")]
    Function {
        /// As it was named.
        target: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Files of the same names exist.
    #[error("{} there already:\n{}\n  nothing was written; `--force` replaces them", if .0.len() == 1 { "a file is" } else { "files are" }, list(.0))]
    Exists(Vec<PathBuf>),
    /// A file could not be read or written; what had been written is gone again.
    #[error("cannot write {}: {source}\n  nothing was changed", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of an earlier scaffold is not as it was left.
    #[error("{}: {reason}", path.display())]
    Changed {
        /// Which.
        path: PathBuf,
        /// What is missing, and how to put it back.
        reason: String,
    },
    /// The interpreter.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("  {}", path.display())).collect::<Vec<_>>().join("\n")
}
