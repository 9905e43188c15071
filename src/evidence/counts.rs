//! Instructions that the gate counted: kept with its other evidence, so that a repeated job need not count again.

use serde::{Deserialize, Serialize};

/// Instructions of calls of one implementation, on the base and on the head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The workload's name.
    pub workload: String,
    /// The implementation's name.
    pub implementation: String,
    /// The size.
    pub size: u64,
    /// What counted: `valgrind` or `perf`.
    pub by: String,
    /// Calls that each of the counts is of.
    pub calls: u64,
    /// Instructions of so many calls on the base, by repeat.
    pub base: Vec<u64>,
    /// The same on the head.
    pub head: Vec<u64>,
    /// Why there is no count; `None` where there is one.
    #[serde(default)]
    pub missing: Option<String>,
}

impl Counts {
    /// Whether all repeats of either side agree to the last instruction.
    pub fn is_exact(&self) -> bool {
        let same = |counts: &[u64]| counts.iter().all(|count| Some(count) == counts.first());
        same(&self.base) && same(&self.head)
    }

    /// Whether these are of that implementation of that workload at that size.
    pub fn are_of(&self, workload: &str, implementation: &str, size: u64) -> bool {
        self.workload == workload && self.implementation == implementation && self.size == size
    }
}
