//! What `rustworthy doctor` found: `rustworthy.doctor/1`. Plain data, like a run; field names carry their units.

use serde::{Deserialize, Serialize};

use super::{Effort, Environment, Estimate, Spread, Tool};

/// The schema of a check-up.
pub const DOCTOR_SCHEMA: &str = "rustworthy.doctor/1";

/// Whether, and how well, this machine can measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkup {
    /// [`DOCTOR_SCHEMA`].
    pub schema: String,
    /// When it started, RFC 3339, UTC.
    pub created: String,
    /// The project; `None` outside one.
    pub project: Option<String>,
    /// The tool that measured.
    pub tool: Tool,
    /// Seed of the orders and of the bootstrap.
    pub seed: u64,
    /// The machine and the tools on it, with what may spoil the numbers.
    pub environment: Environment,
    /// Fresh processes that the clock, the floors and the crossings were measured in.
    pub launches: u32,
    /// The clock of the project's Python.
    pub clock: Option<Clock>,
    /// The same work measured against itself.
    pub noise: Option<Noise>,
    /// What empty calls cost.
    pub floors: Option<Floors>,
    /// What it costs to take values into an extension and out of it; `None` where no extension can be asked.
    pub crossings: Option<Crossings>,
    /// What could not be measured and why, a sentence each.
    pub problems: Vec<String>,
    /// Wall time of all, builds included, seconds.
    pub wall_s: f64,
    /// Wall time of the measurements alone, seconds.
    pub measure_s: f64,
}

/// `time.perf_counter_ns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// What it reads.
    pub source: String,
    /// The resolution that it states.
    pub stated_resolution_ns: f64,
    /// The smallest step seen between two readings that differ.
    pub smallest_step_ns: Option<f64>,
    /// What a reading costs.
    pub reading_ns: Estimate,
}

/// The same work as baseline and candidate: every difference is the machine's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Rounds, each a fresh process of both.
    pub rounds: u32,
    /// Time of a call of the work.
    pub call_ns: Estimate,
    /// How times scatter within launches and between them.
    pub spread: Spread,
    /// The time of the work divided by that of the same work: the median over rounds with its 95 % interval.
    pub ratio: Estimate,
    /// Too few rounds for an interval: the range is given instead.
    pub indicative: bool,
    /// What the presets of `run` can tell apart here.
    pub resolves: Vec<Resolution>,
}

/// What a preset of `run` can tell apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// The preset.
    pub preset: Effort,
    /// The half-width of an interval that it aims at: 0.02 is ±2 %.
    pub target_half_width_share: f64,
    /// Rounds after which that is to be expected, or the most that it measures.
    pub rounds: u32,
    /// Expected half-width of an interval after so many rounds: a smaller difference is lost in the noise.
    pub half_width_share: f64,
}

/// What empty calls cost: the median over launches with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floors {
    /// A Python function that does nothing.
    pub empty_call_ns: Option<Estimate>,
    /// A C builtin that does next to nothing.
    pub builtin_call_ns: Option<Estimate>,
    /// The extension's empty function.
    pub extension_call_ns: Option<Estimate>,
    /// The extension that has one.
    pub extension: Option<String>,
}

/// What an extension's crossings cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossings {
    /// The extension.
    pub extension: String,
    /// One entry a type and direction, arguments first.
    pub types: Vec<Crossing>,
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From Python into Rust.
    Argument,
    /// From Rust to Python.
    Result,
}

/// What values of one type cost to take across: `fixed_ns + per_element_ns · size`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// The Python type, such as `list[int]`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which way.
    pub direction: Direction,
    /// What a size counts; `None` for single values.
    pub element: Option<String>,
    /// What every call costs, the empty call included.
    pub fixed_ns: Estimate,
    /// What each element adds; `None` for single values.
    pub per_element_ns: Option<Estimate>,
    /// How far the worst size lies off the line, as a share of the line: 0.05 is 5 %. `None` for single values.
    pub worst_miss_share: Option<f64>,
    /// What was measured, by size.
    pub points: Vec<CrossingPoint>,
}

/// One size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossingPoint {
    /// Elements.
    pub size: u64,
    /// Time of a call in each launch.
    pub launches_ns: Vec<f64>,
}
