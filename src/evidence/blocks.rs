//! What the gate measured: blocks of a base and a head process side by side, kept so that a repeated job goes on with the
//! same evidence.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::store::write_whole;
use super::{Counts, LoadError};

/// The schema of the file that `gate --state` keeps; every other is refused by name.
pub const GATE_STATE_SCHEMA: &str = "rustworthy.gate-state/1";

/// The evidence of a gate between two builds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GateState {
    /// [`GATE_STATE_SCHEMA`].
    pub schema: String,
    /// What was compared: evidence about other trees is no evidence.
    pub between: Between,
    /// One entry a gated comparison; fixed before the first block.
    pub contests: Vec<Contest>,
    /// Blocks of Python baselines that the change does not touch, in the order of measuring.
    #[serde(default)]
    pub control: Vec<ControlBlock>,
    /// Peak memory, an entry a comparison that was measured.
    #[serde(default)]
    pub memory: Vec<Peaks>,
    /// Instructions of calls, in the order of counting.
    #[serde(default)]
    pub counts: Vec<Counts>,
}

/// The two trees of a gate, and what else must be the same for evidence to be about the same builds.
///
/// The machine is not among it: a block's coin is fair on every machine, and a job that is run again gets another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// The commit of the base.
    pub base: String,
    /// The tree of the head.
    pub head: String,
    /// Seed of the inputs.
    pub seed: u64,
    /// The project: its folder in the repository, and its name.
    #[serde(default)]
    pub project: String,
    /// What made the builds and runs them, each with its version; what a side's Python has installed as a digest.
    #[serde(default)]
    pub tools: String,
}

/// A gated comparison: one candidate of one workload at one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    /// The workload's name.
    pub workload: String,
    /// The implementation's name.
    pub implementation: String,
    /// The size.
    pub size: u64,
    /// In the order of measuring.
    pub blocks: Vec<Block>,
    /// What the head's result was where it no longer agreed while it was measured.
    #[serde(default)]
    pub diverged: Option<String>,
}

/// What a call of a gated comparison needs, by launches of their own: a base and a head each time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Peaks {
    /// The workload's name.
    pub workload: String,
    /// The implementation's name.
    pub implementation: String,
    /// The size.
    pub size: u64,
    /// Growth of the resident set's peak during one call of the base, bytes, by pair of launches; of a command the peak.
    pub base_bytes: Vec<u64>,
    /// The same of the head.
    pub head_bytes: Vec<u64>,
    /// Why there are none: nothing tells how much a call needs.
    #[serde(default)]
    pub missing: Option<String>,
    /// Launches that failed, each with its reason. They are of one job: a repeated one tries again.
    #[serde(skip)]
    pub failed: Vec<String>,
}

/// A block of a control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlBlock {
    /// The workload whose baseline it is.
    pub workload: String,
    /// What was measured.
    pub block: Block,
}

/// A fresh process of the base and one of the head, timed in turns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The coin: whether the base was launched first, and led the first pair of slices.
    pub base_first: bool,
    /// A second coin: whether a tie with a margin counts as beyond it.
    pub tie_counts: bool,
    /// `PYTHONHASHSEED` of both.
    pub hash_seed: u32,
    /// Calls in each slice.
    pub calls: u64,
    /// Wall time of the base's slices, by pair.
    pub base_ns: Vec<u64>,
    /// Wall time of the head's slices, by pair.
    pub head_ns: Vec<u64>,
    /// The block's statistic: the median over pairs of ln(head ÷ base); `None` when the block is void.
    pub log_ratio: Option<f64>,
    /// Why the block does not count: a worker died or could not be made ready. It is recorded and never drawn again.
    #[serde(default)]
    pub void: Option<String>,
    /// Wall time of the whole block.
    pub seconds: f64,
}

impl GateState {
    /// An empty state of a gate between two trees.
    pub fn new(between: Between) -> GateState {
        GateState { schema: GATE_STATE_SCHEMA.to_owned(), between, ..GateState::default() }
    }

    /// Reads a state; `None` where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read, or is no state of this version.
    pub fn load(path: &Path) -> Result<Option<GateState>, LoadError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LoadError::Unreadable { path: path.to_owned(), source }),
        };
        let damaged =
            |error: serde_json::Error| LoadError::Damaged { path: path.to_owned(), reason: error.to_string() };
        let state: GateState = serde_json::from_slice(&text).map_err(damaged)?;
        if state.schema != GATE_STATE_SCHEMA {
            let reason = format!("its schema is `{}`; this version reads `{GATE_STATE_SCHEMA}`", state.schema);
            return Err(LoadError::Damaged { path: path.to_owned(), reason });
        }
        Ok(Some(state))
    }

    /// Writes the state: whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        write_whole(path, |file| Ok(serde_json::to_writer(file, self)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert_eq!(GateState::load(&path).unwrap(), None);
        let mut state = GateState::new(Between { base: "a".into(), head: "b".into(), seed: 42, ..Between::default() });
        let block = Block { base_ns: vec![1, 2], head_ns: vec![2, 3], log_ratio: Some(0.5), ..Block::default() };
        state.contests.push(Contest { workload: "parse".into(), blocks: vec![block], ..Contest::default() });
        state.counts.push(Counts {
            by: "valgrind".into(),
            calls: 4,
            base: vec![8, 8],
            head: vec![9],
            ..Counts::default()
        });
        state.save(&path).unwrap();
        assert_eq!(GateState::load(&path).unwrap(), Some(state.clone()));
        state.schema = "rustworthy.gate-state/9".into();
        state.save(&path).unwrap();
        assert!(GateState::load(&path).unwrap_err().to_string().contains("rustworthy.gate-state/9"));
        fs::write(&path, "{").unwrap();
        assert!(GateState::load(&path).unwrap_err().to_string().contains("damaged"));
    }
}
