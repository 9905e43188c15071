//! What the rules are asked: one workload at one size, reduced to what a decision needs.

use serde::Serialize;

use super::range::{Range, Tri};
use crate::evidence::{Kind, Limits, Recommendation, Thresholds};

/// One workload at one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Whether the task is a whole process, which could leave Python altogether.
    pub process: bool,
    /// What the manifest tells of the application.
    pub facts: Facts,
    /// What an implementation may need at most.
    pub limits: Limits,
    /// What is held against what.
    pub thresholds: Thresholds,
    /// Why no number of this run can be trusted; empty where they can.
    pub distrust: Vec<String>,
    /// What of the machine lowers confidence.
    pub surroundings: Surroundings,
    /// What the baseline needs.
    pub baseline: Needs,
    /// Whether the baseline was measured.
    pub has_baseline: bool,
    /// The candidates, in the manifest's order.
    pub contenders: Vec<Contender>,
}

/// What the manifest tells of the application; `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// Share of the application's time that the task takes, 0 to 1.
    pub share: Option<f64>,
    /// Engineering days that the port would take.
    pub effort_days: Option<f64>,
    /// What one of them costs.
    pub day_rate: Option<f64>,
    /// What the application's computing costs a year, in the same currency.
    pub yearly_compute_cost: Option<f64>,
}

/// What of a run's surroundings lowers confidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// Whether the run came to its end.
    pub complete: bool,
    /// Warnings of what disturbs measuring.
    pub disturbed: Vec<String>,
    /// Other warnings.
    pub warned: Vec<String>,
}

/// What an implementation needs besides time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needs {
    /// Growth of peak memory during one call, bytes.
    pub peak_memory_bytes: Option<Range>,
    /// 99th percentile of latency, ns.
    pub latency_p99_ns: Option<Range>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub kind: Kind,
    /// Whether it crosses the boundary once for many items.
    pub batched: bool,
    /// Whether it may be recommended, or why not.
    pub standing: Standing,
    /// Its speed-up.
    pub time: Option<Speedup>,
    /// The same in processor time.
    pub cpu: Option<Range>,
    /// Baseline ÷ candidate in memory.
    pub memory: Option<Range>,
    /// What it needs.
    pub needs: Needs,
    /// Share of its call that is spent at the boundary.
    pub crossing: Option<Range>,
    /// Whether that share is a figure to quote. What is not may still lie on one side of a threshold for certain.
    pub crossing_told: Told,
    /// How many times as fast a hybrid is that crosses the boundary once for many items; `None` where there is none.
    pub moved_gain: Option<Range>,
    /// What larger calls would change, for a hybrid.
    pub batching: Batching,
    /// Inputs on which it agreed with the baseline.
    pub cases: u64,
    /// Whether nobody knows in which profile it was built.
    pub unknown_profile: bool,
}

/// A speed-up as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speedup {
    /// The median over rounds.
    pub ratio: f64,
    /// Its 95 % interval, or the range where there is none.
    pub measured: Range,
    /// What rules are held against: the interval; where there is none, the range widened by a quarter on either side; of
    /// a single round, everything.
    pub range: Range,
    /// The rounds behind it.
    pub rounds: u32,
    /// Whether there is no 95 % interval.
    pub indicative: bool,
}

/// The range of a few rounds is no interval of 95 %, and mostly too narrow: it is widened by this factor on either side
/// before it is held against anything.
pub const ALLOWANCE: f64 = 1.25;

/// Rounds from which there is a range at all. The median lies between two rounds with 50 %, between five with 94 %: a
/// short run is weaker evidence, and lowers the confidence. A single round has no spread, so that no interval of any
/// level exists: it is held to exclude nothing, and decides nothing.
pub const FEWEST_ROUNDS: u32 = 2;

/// The same for shares, which are widened by this much.
pub const SHARE_ALLOWANCE: f64 = 0.1;

impl Speedup {
    /// A speed-up with its interval, or with the range of too few rounds.
    pub fn new(ratio: f64, measured: Range, rounds: u32, indicative: bool) -> Speedup {
        let range = match indicative {
            true if rounds < FEWEST_ROUNDS => Range::new(0.0, f64::INFINITY),
            true => Range::new(measured.low / ALLOWANCE, measured.high * ALLOWANCE),
            false => measured,
        };
        Speedup { ratio, measured, range, rounds, indicative }
    }

    /// Whether there are enough rounds for a range.
    pub fn has_range(&self) -> bool {
        !self.indicative || self.rounds >= FEWEST_ROUNDS
    }
}

/// What may be said of a boundary's share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// Its interval.
    Share,
    /// No figure: too few rounds for an interval, or one that holds zero.
    Unresolved,
    /// No figure either, because an empty call alone is this share of the whole one.
    Floor(f64),
}

/// What larger calls would change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batching {
    /// Whether the hybrid pays at a larger size that was measured.
    pub pays_when_larger: Tri,
    /// The least size from which it does; `None` where none was measured.
    pub minimal: Option<f64>,
    /// The boundary's share of ever larger calls, from lines through the times by size; `None` where there are too few.
    pub share_in_the_limit: Option<f64>,
    /// Whether larger calls were measured, and spent no smaller share there.
    pub levels_off: bool,
}

impl Default for Batching {
    fn default() -> Batching {
        Batching { pays_when_larger: Tri::No, minimal: None, share_in_the_limit: None, levels_off: false }
    }
}

/// Whether a candidate may be recommended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It agrees, and was measured.
    Agrees,
    /// It takes something for granted: shown and kept out.
    Assumes(String),
    /// Nothing compared its result.
    Unverified,
    /// Its result differs.
    Differs,
    /// It failed.
    Failed,
    /// It was not tried.
    Skipped(String),
    /// It was built for debugging.
    Debug,
}

impl Contender {
    /// One that agrees, with nothing measured yet.
    pub fn new(name: &str, kind: Kind) -> Contender {
        Contender {
            name: name.to_owned(),
            kind,
            batched: false,
            standing: Standing::Agrees,
            time: None,
            cpu: None,
            memory: None,
            needs: Needs::default(),
            crossing: None,
            crossing_told: Told::Share,
            moved_gain: None,
            batching: Batching::default(),
            cases: 0,
            unknown_profile: false,
        }
    }

    /// Its speed-up, where it may be recommended.
    pub fn gain(&self) -> Option<Range> {
        match self.standing {
            Standing::Agrees => self.time.map(|time| time.range),
            Standing::Assumes(_)
            | Standing::Unverified
            | Standing::Differs
            | Standing::Failed
            | Standing::Skipped(_)
            | Standing::Debug => None,
        }
    }
}

impl Question {
    /// Whether somebody could take this candidate's place for the baseline: a native one can only where the task is a
    /// whole process.
    pub fn is_choice(&self, contender: &Contender) -> bool {
        match contender.kind {
            Kind::Python | Kind::Library | Kind::Hybrid => true,
            Kind::Native => self.process,
        }
    }

    /// The candidates that may be recommended, with their speed-ups.
    pub fn eligible(&self) -> impl Iterator<Item = (&Contender, Range)> {
        self.contenders
            .iter()
            .filter(|contender| self.is_choice(contender))
            .filter_map(|contender| Some((contender, contender.gain()?)))
    }

    /// Those of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = (&Contender, Range)> {
        self.eligible().filter(move |(contender, _)| contender.kind == kind)
    }

    /// The candidate of that name.
    pub fn contender(&self, name: &str) -> Option<&Contender> {
        self.contenders.iter().find(|contender| contender.name == name)
    }

    /// The fastest of some candidates by its estimate.
    pub fn fastest<'q>(contenders: impl Iterator<Item = &'q Contender>) -> Option<&'q Contender> {
        let ratio = |contender: &Contender| contender.time.map_or(0.0, |time| time.ratio);
        contenders.max_by(|one, other| ratio(one).total_cmp(&ratio(other)))
    }
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The recommendation.
    pub recommendation: Recommendation,
    /// The candidate it speaks of.
    pub candidate: Option<String>,
}

impl Outcome {
    /// A recommendation of a candidate.
    pub fn of(recommendation: Recommendation, candidate: Option<&Contender>) -> Outcome {
        Outcome { recommendation, candidate: candidate.map(|contender| contender.name.clone()) }
    }
}
