//! Which launch next, and when to stop.

mod across;
mod blocks;
mod cells;
mod counts;
mod deck;
mod examine;
mod hunt;
mod noise;
mod order;
mod peaks;
mod programs;
mod prove;
mod rounds;
#[cfg(test)]
mod tests;
mod verify;

use std::path::PathBuf;

pub use across::across;
pub use blocks::{BlockSession, Contestant, Control, Fought, Limits, Match, coins, fight};
pub use cells::{Inputs, Prepared, bind};
pub use counts::{Counted, count};
pub use noise::{NoiseError, Work, noise};
pub use peaks::peaks;
pub use prove::{Demand, KeptProof, Proof, SideProof, Unproved, prove};
pub use rounds::{Measured, Session, measure};
pub use verify::verify;

use rustworthy_worker::protocol::InputSource;

use crate::equality::{Rules, Wire};
use crate::evidence::{Effort, Plan};
use crate::runner::Runner;

/// One workload at one size: the cells that share its rounds.
pub struct Group {
    /// Index of the workload in the run.
    pub workload: usize,
    /// Index of the size in the workload.
    pub size: usize,
    /// The baseline first. Cells that cannot be launched are not among them.
    pub cells: Vec<Cell>,
    /// The rules of equality.
    pub rules: Rules,
    /// Where its input is; `None` when it could not be made, or there is none.
    pub source: Option<InputSource>,
    /// Where the baseline's outcome lies once it is known.
    pub agreed: Option<PathBuf>,
    /// Whether it is measured in full, or only for an indication.
    pub in_full: bool,
}

/// One implementation at one size, with the runner that launches it.
pub struct Cell {
    /// Index of the implementation in the size.
    pub implementation: usize,
    /// How it is launched.
    pub runner: Box<dyn Runner>,
    /// How its outcome reaches the tool.
    pub wire: Wire,
    /// Digest of its checked outcome.
    pub expect: Option<String>,
    /// Time of the call that was checked, ns.
    pub call_ns: Option<u64>,
}

impl Cell {
    /// A cell that nothing is known of yet.
    pub fn new(implementation: usize, runner: Box<dyn Runner>, wire: Wire) -> Cell {
        Cell { implementation, runner, wire, expect: None, call_ns: None }
    }

    /// The baseline is the first implementation of its size.
    fn is_baseline(&self) -> bool {
        self.implementation == 0
    }
}

/// Ended before the end: a person or the system asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// The rounds that an effort plans.
pub fn plan(effort: Effort, rounds: Option<u32>, time_budget_s: Option<f64>) -> Plan {
    let (target_half_width, min_rounds, max_rounds) = match effort {
        Effort::Quick => (0.05, 6, 6),
        Effort::Default => (0.02, 8, 40),
        Effort::Thorough => (0.01, 12, 120),
    };
    Plan {
        effort,
        target_half_width,
        min_rounds: rounds.unwrap_or(min_rounds),
        max_rounds: rounds.unwrap_or(max_rounds),
        indicative_rounds: (effort == Effort::Quick).then_some(2),
        time_budget_s: time_budget_s.or((effort == Effort::Default).then_some(3600.0)),
    }
}
