//! Comparisons, the steps of a factor that some of them are, and what the sizes of a workload say together.

use serde::{Deserialize, Serialize};

use super::{Estimate, Metric, figure};

/// A ratio of one metric with its confidence interval: baseline ÷ candidate, above 1 the candidate is better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The candidate.
    pub candidate: String,
    /// What it is held against.
    pub against: String,
    /// Of what.
    pub metric: Metric,
    /// Which part of a whole factor it is; `None` where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The median over rounds.
    #[serde(serialize_with = "figure::number")]
    pub ratio: f64,
    /// Lower end of the 95 % interval, or of the range where `indicative`.
    #[serde(serialize_with = "figure::number")]
    pub low: f64,
    /// Upper end.
    #[serde(serialize_with = "figure::number")]
    pub high: f64,
    /// Rounds in which both were measured.
    pub rounds: u32,
    /// Too few rounds for a 95 % interval: the range is given instead.
    pub indicative: bool,
}

/// The parts of the factor between naive Python and Rust on all cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Naive Python to the baseline: better Python.
    Python,
    /// The baseline to the native: the language.
    Language,
    /// The native to a hybrid that wraps it: the boundary.
    Boundary,
    /// The native to the one on all cores.
    Cores,
}

/// The line through an implementation's times by size: what a call costs whatever its size, and what each element adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Whose.
    pub implementation: String,
    /// At size 0.
    pub fixed_ns: Estimate,
    /// The slope.
    pub per_element_ns: Estimate,
    /// How far the worst size lies off the line, as a share of the line.
    #[serde(serialize_with = "figure::number")]
    pub worst_miss_share: f64,
    /// Rounds in which every size was measured.
    pub rounds: u32,
}

impl Fit {
    /// The line may miss no size by more than this: else there is no fixed cost and no cost of an element.
    const WORST_MISS: f64 = 0.5;

    /// Whether the times lie on a line at all, so that it may be quoted.
    pub fn is_line(&self) -> bool {
        self.worst_miss_share <= Fit::WORST_MISS
    }
}

/// From which size on a candidate is faster than what it is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BreakEven {
    /// The candidate.
    pub candidate: String,
    /// What it is held against.
    pub against: String,
    /// Where it is faster.
    pub outcome: Outcome,
    /// The size at which both cost the same; `None` where there is none.
    #[serde(serialize_with = "figure::optional")]
    pub size: Option<f64>,
    /// Lower end of its 95 % interval.
    #[serde(serialize_with = "figure::optional")]
    pub low: Option<f64>,
    /// Upper end; `None` beside a `size`: there may be no such size.
    #[serde(serialize_with = "figure::optional")]
    pub high: Option<f64>,
    /// Whether both ends of the interval give the same outcome.
    pub resolved: bool,
    /// Rounds in which both were measured at every size.
    pub rounds: u32,
}

/// At which sizes a candidate is faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// At all: neither its call nor its element costs more.
    Always,
    /// From a size on.
    From,
    /// Up to a size: its call costs less, its element more.
    Below,
    /// At none: no batch is large enough.
    Never,
}
