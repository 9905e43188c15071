//! What the evidence recommends, and what it was held against: plain data, saved beside the numbers it rests on.

use serde::{Deserialize, Serialize};

use super::figure;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recommendation {
    /// Stay in Python.
    Stay,
    /// Swap in a published package.
    Library,
    /// Call Rust of one's own from Python.
    Hybrid,
    /// Move the boundary first, so that one call crosses it with more.
    Batch,
    /// Leave Python for this whole process.
    Native,
    /// Nothing may be recommended before a result that differs is mended.
    Blocked,
    /// The evidence does not decide.
    Inconclusive,
}

impl Recommendation {
    /// The word for it in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Recommendation::Stay => "stay",
            Recommendation::Library => "library",
            Recommendation::Hybrid => "hybrid",
            Recommendation::Batch => "batch",
            Recommendation::Native => "native",
            Recommendation::Blocked => "blocked",
            Recommendation::Inconclusive => "inconclusive",
        }
    }

    /// What it tells a person to do.
    pub fn action(self) -> &'static str {
        match self {
            Recommendation::Stay => "stay in Python",
            Recommendation::Library => "swap in a library",
            Recommendation::Hybrid => "call Rust from Python",
            Recommendation::Batch => "call Rust with more at a time",
            Recommendation::Native => "leave Python for Rust",
            Recommendation::Blocked => "mend what differs",
            Recommendation::Inconclusive => "measure more",
        }
    }

    /// Whether it says to replace what there is.
    pub fn is_change(self) -> bool {
        match self {
            Recommendation::Library | Recommendation::Hybrid | Recommendation::Batch | Recommendation::Native => true,
            Recommendation::Stay | Recommendation::Blocked | Recommendation::Inconclusive => false,
        }
    }
}

/// A recommendation with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub recommendation: Recommendation,
    /// The candidate it speaks of; `workload/candidate` for a project.
    pub candidate: Option<String>,
    /// How sure, with its parts; `None` where nothing is recommended.
    pub confidence: Option<Confidence>,
    /// What decided, first, and then what else a reader should weigh.
    pub reasons: Vec<Reason>,
    /// What was taken for granted because nobody said otherwise.
    #[serde(default)]
    pub assumptions: Vec<String>,
    /// The nearest changes that would change it.
    #[serde(default)]
    pub would_flip_if: Vec<Flip>,
    /// What to do or to measure next.
    #[serde(default)]
    pub next: Vec<String>,
}

/// One rule that spoke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's name.
    pub rule: String,
    /// What it says, in a sentence.
    pub text: String,
    /// The numbers it rests on.
    #[serde(default, serialize_with = "figure::within")]
    pub evidence: serde_json::Value,
}

/// How sure a recommendation is: as sure as its least sure part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confidence {
    /// The lowest of the parts.
    pub grade: Grade,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// How sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Worth knowing, not worth deciding on.
    Low,
    /// Good enough to plan with.
    Medium,
    /// Good enough to act on.
    High,
}

impl Grade {
    /// The word for it in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Low => "low",
            Grade::Medium => "medium",
            Grade::High => "high",
        }
    }
}

/// One part of a confidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `agreement`, `timing`, `sizes`, `candidates`, `environment` or `share`.
    pub name: String,
    /// How sure that part is.
    pub grade: Grade,
    /// Why.
    pub text: String,
}

/// A change that would change the recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// What would be recommended then.
    pub recommendation: Recommendation,
    /// The condition, to be read after "would be … if".
    pub text: String,
    /// The quantity, its value now and its value then.
    #[serde(default, serialize_with = "figure::within")]
    pub evidence: serde_json::Value,
}

/// What recommendations are held against. Ratios are baseline ÷ candidate, shares lie between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// A task whose ceiling (Amdahl's law: the application's speed-up if the task took no time) is lower stays.
    pub min_ceiling: f64,
    /// The application's least speed-up that is worth any change.
    pub min_gain: f64,
    /// The task's own least speed-up that is worth Rust code of one's own.
    pub min_port_gain: f64,
    /// A library within this factor of the best Rust is preferred to it.
    pub library_reach: f64,
    /// Better Python, or a library, that gives this share of the best gain, on a log scale, is enough.
    pub enough_gain_share: f64,
    /// The largest share of a hybrid's call that may be spent at the boundary.
    pub max_crossing_share: f64,
    /// The least speed-up of a hybrid that spends more than that at the boundary, however large its calls.
    pub min_crossing_gain: f64,
    /// A hybrid that reaches this share of the native's speed is preferred to it.
    pub hybrid_share_of_native: f64,
    /// How many times the baseline's memory a candidate may need.
    pub max_memory_growth: f64,
    /// Growth of peak memory during one call up to which that is no matter, bytes.
    pub harmless_memory_bytes: u64,
    /// A port has to pay for itself within so many years.
    pub horizon_years: f64,
    /// What keeping a port up costs each year, as a share of what making it cost.
    pub upkeep_share: f64,
    /// The relative half-width of an interval up to which timing counts as sure.
    pub sure_half_width: f64,
    /// The same for fairly sure.
    pub fair_half_width: f64,
    /// Agreeing cases from which agreement counts as sure.
    pub sure_cases: u64,
    /// The same for fairly sure.
    pub fair_cases: u64,
    /// Sizes with the same recommendation from which the sizes count as covered.
    pub sure_sizes: u32,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            min_ceiling: 1.25,
            min_gain: 1.2,
            min_port_gain: 1.5,
            library_reach: 1.5,
            enough_gain_share: 0.7,
            max_crossing_share: 0.5,
            min_crossing_gain: 3.0,
            hybrid_share_of_native: 0.8,
            max_memory_growth: 2.0,
            harmless_memory_bytes: 64 << 20,
            horizon_years: 2.0,
            upkeep_share: 0.2,
            sure_half_width: 0.03,
            fair_half_width: 0.1,
            sure_cases: 1000,
            fair_cases: 100,
            sure_sizes: 3,
        }
    }
}

/// What an implementation may need at most; `None`: as much as it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Growth of peak memory during one call.
    pub peak_memory_bytes: Option<u64>,
    /// 99th percentile of the latency of a call.
    pub latency_p99_ns: Option<f64>,
}
