//! Sentences that people say, and what a run has to say to them.

use serde::{Deserialize, Serialize};

use super::{Kind, Role, Step, figure};

/// A sentence with what it would have to mean to be measured, and what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its name in `claims.toml`.
    pub name: String,
    /// What is said.
    pub sentence: String,
    /// Who says it: an article's title, or what kind of source it is.
    pub source: String,
    /// How the sentence was read, where that is not plain.
    pub note: Option<String>,
    /// The workloads that it is held against.
    pub workloads: Vec<String>,
    /// Only implementations of these names; empty: of any.
    pub implementations: Vec<String>,
    /// Only implementations of these kinds; empty: of any.
    pub kinds: Vec<Kind>,
    /// Only implementations of these variants, [`PLAIN`] for those without; empty: of any.
    pub variants: Vec<String>,
    /// The sizes that it is held against; empty: each workload's largest.
    pub sizes: Vec<u64>,
    /// What candidates are divided by; `None`: the baseline.
    pub against: Option<String>,
    /// What is looked at.
    pub metric: ClaimMetric,
    /// The least that the sentence allows; `None`: no such end.
    pub low: Option<f64>,
    /// The most.
    pub high: Option<f64>,
    /// What the evidence says; `None` until decided.
    #[serde(default)]
    pub standing: Option<ClaimStanding>,
    /// What was looked at, one entry a cell.
    #[serde(default)]
    pub cells: Vec<ClaimCell>,
}

/// How `variants` of a claim name implementations that have none.
pub const PLAIN: &str = "plain";

/// What a claim is about. Ratios are baseline ÷ candidate; steps are ratios of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimMetric {
    /// Wall time of a call.
    Time,
    /// Processor time of a call.
    Cpu,
    /// Growth of peak memory.
    Memory,
    /// 99th percentile of latency.
    LatencyP99,
    /// The implementation's own growth of peak memory, in lengths of its input.
    MemoryOfInput,
    /// The step from naive Python to the baseline.
    Python,
    /// The step from the baseline to the native.
    Language,
    /// The step from a native to the hybrid that wraps it.
    Boundary,
    /// The step from the native to the one on all cores.
    Cores,
    /// The size from which on a candidate is faster than the baseline.
    BreakEven,
}

impl ClaimMetric {
    /// The step of the factor that it is, if any.
    pub fn step(self) -> Option<Step> {
        match self {
            ClaimMetric::Python => Some(Step::Python),
            ClaimMetric::Language => Some(Step::Language),
            ClaimMetric::Boundary => Some(Step::Boundary),
            ClaimMetric::Cores => Some(Step::Cores),
            ClaimMetric::Time
            | ClaimMetric::Cpu
            | ClaimMetric::Memory
            | ClaimMetric::LatencyP99
            | ClaimMetric::MemoryOfInput
            | ClaimMetric::BreakEven => None,
        }
    }
}

impl Claim {
    /// Whether it speaks of such an implementation of its workloads.
    pub fn takes(&self, name: &str, role: Role, kind: Kind, variant: Option<&str>) -> bool {
        let named = self.implementations.iter().any(|wanted| wanted == name);
        let selected = (named || self.implementations.is_empty())
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.variants.is_empty() || self.variants.iter().any(|wanted| wanted == variant.unwrap_or(PLAIN)));
        let fits = match self.metric {
            // The baseline has a memory of its own, and no ratio.
            ClaimMetric::MemoryOfInput => role == Role::Candidate || named,
            ClaimMetric::Time | ClaimMetric::Cpu | ClaimMetric::Memory | ClaimMetric::LatencyP99 => {
                role == Role::Candidate && self.against.as_deref() != Some(name)
            }
            // Only what is called from Python has calls that can be made larger.
            ClaimMetric::BreakEven => role == Role::Candidate && kind != Kind::Native,
            ClaimMetric::Python => kind == Kind::Python && variant == Some("naive"),
            ClaimMetric::Language => kind == Kind::Native && variant.is_none(),
            ClaimMetric::Boundary => kind == Kind::Hybrid,
            ClaimMetric::Cores => kind == Kind::Native && variant == Some("parallel"),
        };
        selected && fits
    }

    /// Whether it needs an interval at this size of a workload, which need not be its largest.
    pub fn asks_about(&self, workload: &str, size: u64) -> bool {
        // A line has intervals only where all its points have them.
        let through_all = self.metric == ClaimMetric::BreakEven;
        self.workloads.iter().any(|name| name == workload) && (through_all || self.sizes.contains(&size))
    }
}

/// What the evidence says to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimStanding {
    /// The whole interval of every cell lies within the range.
    Holds,
    /// That of some cells does, or reaches beyond it.
    HoldsInPart,
    /// Every interval that was measured lies wholly beyond it.
    DoesNotHold,
    /// No cell has an interval.
    NotMeasured,
}

impl ClaimStanding {
    /// The words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            ClaimStanding::Holds => "holds",
            ClaimStanding::HoldsInPart => "holds in part",
            ClaimStanding::DoesNotHold => "does not hold here",
            ClaimStanding::NotMeasured => "not measured",
        }
    }
}

/// One place that a claim was held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimCell {
    /// The workload.
    pub workload: String,
    /// The size; `None` for a break-even point, which belongs to all sizes, and where the workload was not run.
    pub size: Option<u64>,
    /// The implementation; `None` where none was found.
    pub implementation: Option<String>,
    /// How its interval lies.
    pub lies: Lies,
    /// The estimate; `None` where there is none, or it is beyond all numbers.
    #[serde(serialize_with = "figure::optional")]
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    #[serde(serialize_with = "figure::optional")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(serialize_with = "figure::optional")]
    pub high: Option<f64>,
    /// Why there is no interval, or what it means.
    pub why: Option<String>,
}

/// How an interval lies to a claim's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lies {
    /// Wholly within it.
    Inside,
    /// Wholly beyond it.
    Outside,
    /// Partly within it.
    Across,
    /// There is no interval.
    Nowhere,
}
