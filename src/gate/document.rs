//! What a gate decided, as one document: `rustworthy.gate/1`.

use serde::{Deserialize, Serialize};

use crate::evidence::Tool;

/// The schema of the document.
pub const GATE_SCHEMA: &str = "rustworthy.gate/1";

/// A gate's decision with all that it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// [`GATE_SCHEMA`].
    pub schema: String,
    /// When it was decided, RFC 3339, UTC.
    pub created: String,
    /// The tool that decided.
    pub tool: Tool,
    /// The project's name.
    pub project: String,
    /// The manifest, relative to the repository's root where there is one: where annotations point.
    pub manifest: String,
    /// What was held against what.
    pub mode: Mode,
    /// The decision.
    pub verdict: Outcome,
    /// What an inconclusive gate counts as: `pass` or `fail`.
    pub inconclusive: String,
    /// The two trees; `None` where saved runs were judged.
    pub between: Option<Trees>,
    /// The saved runs that were judged, the newer first.
    #[serde(default)]
    pub runs: Vec<String>,
    /// How sure it must be.
    pub rules: Rules,
    /// One entry a check: equality before anything else.
    pub checks: Vec<Check>,
    /// Python that the change does not touch, base against head; `None` where there is none.
    pub control: Option<ControlSummary>,
    /// Trailers of the commit that acknowledge a regression.
    #[serde(default)]
    pub acknowledged: Vec<Acknowledged>,
    /// What else a person should know, a sentence each.
    pub notes: Vec<String>,
    /// Wall time of measuring, seconds.
    pub measure_s: f64,
}

/// What was held against what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The working tree against a commit, both measured now.
    Against,
    /// A saved run against the manifest's floors.
    Floors,
    /// A saved run against another, by ratios of one host.
    Base,
}

/// How a gate or a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing speaks against it.
    Pass,
    /// The evidence says no.
    Fail,
    /// The evidence is not enough for either.
    Inconclusive,
    /// Of a check: there is nothing to compare with, and the text says why.
    Skipped,
}

impl Outcome {
    /// The word for it in files and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Inconclusive => "inconclusive",
            Outcome::Skipped => "skipped",
        }
    }
}

/// The two trees of a gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// What was asked for.
    pub against: String,
    /// The commit that head and that branched off from: the base.
    pub base: String,
    /// The commit under the working tree.
    pub head: String,
    /// Whether the working tree has changes of its own.
    pub dirty: bool,
}

/// How sure the gate must be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Probability that a gate of harmless changes fails, all comparisons of time together.
    pub alpha: f64,
    /// Probability that a comparison passes a change that must be caught.
    pub beta: f64,
    /// Comparisons of time, fixed before the first block.
    pub comparisons: u64,
    /// Evidence (E) at which a comparison fails: comparisons ÷ alpha.
    pub fail_at: f64,
    /// Evidence (E) at which a comparison passes: 1 ÷ beta.
    pub pass_at: f64,
    /// Blocks after which a comparison is left open.
    pub max_blocks: u32,
    /// Seconds after which a comparison is left open.
    pub max_seconds: f64,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Whether results agree: with the baseline, and of the base's with the head's.
    Equality,
    /// Wall time of a call, head against base.
    Time,
    /// Instructions of a call, head against base.
    Instructions,
    /// Peak memory of a call, head against base.
    Memory,
    /// Speed-up over the baseline, against its floor.
    Speedup,
    /// Memory saved over the baseline, against its floor.
    MemorySaving,
    /// Speed-up over the baseline, against that of another run.
    SpeedupChange,
    /// Memory saved over the baseline, against another run.
    MemorySavingChange,
}

impl Topic {
    /// The word for it in files and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Topic::Equality => "equality",
            Topic::Time => "time",
            Topic::Instructions => "instructions",
            Topic::Memory => "memory",
            Topic::Speedup => "speedup",
            Topic::MemorySaving => "memory-saving",
            Topic::SpeedupChange => "speedup-change",
            Topic::MemorySavingChange => "memory-saving-change",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The workload's name.
    pub workload: String,
    /// The implementation's name.
    pub implementation: String,
    /// The size that it is judged at.
    pub size: u64,
    /// What it looks at.
    pub topic: Topic,
    /// How it ends.
    pub outcome: Outcome,
    /// The same in a sentence.
    pub text: String,
    /// The line of the implementation in the manifest, from 1; `None` where it has none.
    pub line: Option<u64>,
    /// The measured change or ratio; `None` where nothing was measured.
    #[serde(default)]
    pub change: Option<Change>,
    /// Evidence of blocks; `None` for other checks.
    #[serde(default)]
    pub blocks: Option<BlockEvidence>,
    /// What was counted of instructions; `None` for other checks.
    #[serde(default)]
    pub counts: Option<CountEvidence>,
    /// `layout`: the failure is of the machine code's place in memory, as far as can be told. `not-deterministic`: counts that
    /// differ from repeat to repeat.
    #[serde(default)]
    pub label: Option<String>,
    /// Why a person accepts the failure.
    #[serde(default)]
    pub acknowledged: Option<String>,
}

/// A measured quantity with its interval. Head against base: the change as a share, 0.05 is 5 % more; of a saved run, what
/// the candidate takes in relation to its baseline. Of a floor: the ratio baseline ÷ candidate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The estimate.
    pub estimate: f64,
    /// Lower end; `None`: open.
    pub low: Option<f64>,
    /// Upper end; `None`: open.
    pub high: Option<f64>,
    /// What it is held against: the floor, or what must be caught.
    pub limit: Option<f64>,
}

/// What the blocks of a comparison say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockEvidence {
    /// Blocks that count.
    pub counted: u32,
    /// Blocks that are void: a worker died.
    pub void: u32,
    /// A change up to this share is harmless.
    pub harmless: f64,
    /// A change from this share on must be caught.
    pub must_catch: f64,
    /// The most evidence that there was against harmlessness.
    pub fail_e: f64,
    /// The most evidence that there was against a change that must be caught.
    pub pass_e: f64,
    /// How blocks scatter, as a share.
    pub spread: Option<f64>,
    /// The probability of catching a change of exactly `must_catch` on a machine with this spread.
    pub power: Option<f64>,
    /// The smallest slow-down that is caught with 95 % at this spread, as a share.
    pub visible: Option<f64>,
    /// Wall time of the blocks.
    pub seconds: f64,
}

/// Instructions of a number of calls, by repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountEvidence {
    /// What counted: `valgrind` or `perf`.
    pub by: String,
    /// Calls that each count is of.
    pub calls: u64,
    /// On the base.
    pub base: Vec<u64>,
    /// On the head.
    pub head: Vec<u64>,
}

/// Python that the change does not touch, base against head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlSummary {
    /// The workloads whose baselines it is.
    pub workloads: Vec<String>,
    /// Blocks that count.
    pub blocks: u32,
    /// The most evidence that it moved, either way.
    pub moved_e: f64,
    /// Evidence at which it counts as moved: 2 ÷ 0.01.
    pub moved_at: f64,
    /// Whether it moved: then the machine did, and nothing is decided.
    pub moved: bool,
    /// Median of ln(head ÷ base), as a share.
    pub estimate: Option<f64>,
}

/// A trailer that acknowledges a regression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// `WORKLOAD` or `WORKLOAD/IMPLEMENTATION`.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The commit that says so.
    pub commit: String,
    /// Whether a failure was acknowledged by it.
    pub used: bool,
}

impl Gate {
    /// Checks of an outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.outcome == outcome)
    }
}

impl Check {
    /// `workload/implementation`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.workload, self.implementation)
    }
}
