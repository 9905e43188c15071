//! What a worker tells of an implementation besides times: the files that it loaded, and what its calls do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Modules kept of one implementation; a large project loads hundreds in every launch.
pub const MAX_MODULES: usize = 64;

/// A file of the project that a worker runs code of: a module, or the executable of a bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its import name, or the executable's.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Digest of its content; `None` where it could not be read.
    pub sha256: Option<String>,
    /// When it was last written, RFC 3339, UTC.
    pub modified: Option<String>,
}

/// What calls do besides computing, seen off every clock; `None` where it cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Time of a probed call: for scale alone.
    pub call_ns: Option<u64>,
    /// System calls by which one call read.
    pub reads: Option<u64>,
    /// Bytes that they brought.
    pub read_bytes: Option<u64>,
    /// Python objects in the arguments' lists, tuples, sets and dictionaries.
    pub objects_in: Option<u64>,
    /// The same of the result.
    pub objects_out: Option<u64>,
    /// Of a long call: the least share of it in which no other Python thread could run, 0 to 1.
    pub locked_share: Option<f64>,
    /// Of a tiny call: whether it lets go of the interpreter's lock.
    pub unlocks: Option<bool>,
}

/// Something about a workload that the numbers alone do not say, and that a port often falls into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trap {
    /// Stable name, for filters.
    pub code: String,
    /// The implementation that it speaks of.
    pub implementation: String,
    /// The size at which it was seen; `None`: over sizes.
    pub size: Option<u64>,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}
