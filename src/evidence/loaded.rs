//! What a worker tells of an implementation besides times: the files that it loaded, and what its calls do.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Implementation, Run, figure};

/// Modules kept of one implementation; a large project loads hundreds in every launch.
pub const MAX_MODULES: usize = 64;

/// A file of the project that a worker runs code of: a module, or the executable of a bench.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// A file that a worker loaded, as its cell names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Listed {
    /// Its place among the run's modules.
    At(usize),
    /// Itself, before [`Run::gather_modules`].
    Whole(Module),
}

impl Run {
    /// The files of the project that the cell's worker loaded.
    pub fn modules_of<'r>(&'r self, cell: &'r Implementation) -> impl Iterator<Item = &'r Module> {
        cell.modules.iter().filter_map(|listed| match listed {
            Listed::At(place) => self.modules.get(*place),
            Listed::Whole(module) => Some(module),
        })
    }

    /// Puts every file that cells name in full among the run's modules: most cells load the same ones.
    pub fn gather_modules(&mut self) {
        let Run { modules, workloads, .. } = self;
        let mut places: HashMap<Module, usize> = modules.iter().cloned().zip(0..).collect();
        let sizes = workloads.iter_mut().flat_map(|workload| &mut workload.sizes);
        for listed in sizes.flat_map(|size| &mut size.implementations).flat_map(|cell| &mut cell.modules) {
            if let Listed::Whole(module) = listed {
                let place = *places.entry(module.clone()).or_insert_with(|| {
                    modules.push(module.clone());
                    modules.len() - 1
                });
                *listed = Listed::At(place);
            }
        }
    }

    /// Whether every cell names files that there are.
    pub(super) fn knows_its_modules(&self) -> bool {
        let mut listed = self.cells().flat_map(|(_, _, cell)| &cell.modules);
        listed.all(|listed| match listed {
            Listed::At(place) => *place < self.modules.len(),
            Listed::Whole(_) => true,
        })
    }
}

/// What calls do besides computing, seen off every clock; `None` where it cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Time of a probed call: for scale alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_ns: Option<u64>,
    /// System calls by which one call read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reads: Option<u64>,
    /// Bytes that they brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// Python objects in the arguments' lists, tuples, sets and dictionaries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects_in: Option<u64>,
    /// The same of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects_out: Option<u64>,
    /// Of a long call: the least share of it in which no other Python thread could run, 0 to 1.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub locked_share: Option<f64>,
    /// Of a tiny call: whether it lets go of the interpreter's lock.
    #[serde(skip_serializing_if = "Option::is_none")]
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
