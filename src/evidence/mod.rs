//! What a run measured: plain data, versioned, no behaviour beyond load and save.
//!
//! Everything after this module works from these types alone, on another machine if need be. Raw samples are kept,
//! so that every number in a report can be computed again. Field names carry their units; `docs/FORMAT.md` describes
//! the file field by field.

mod agreement;
mod blocks;
mod claim;
mod comparison;
mod counts;
mod doctor;
mod environment;
mod figure;
mod loaded;
mod split;
mod store;
mod verdict;

use serde::{Deserialize, Serialize};

pub use agreement::{Agreement, Identity, Order, Tolerance};
pub use blocks::{Between, Block, Contest, ControlBlock, GATE_STATE_SCHEMA, GateState, Peaks};
pub use claim::{Claim, ClaimCell, ClaimMetric, ClaimStanding, Lies, PLAIN};
pub use comparison::{BreakEven, Comparison, Fit, Outcome, Step};
pub use counts::Counts;
pub use doctor::{
    Checkup, Clock, Crossing, CrossingPoint, Crossings, DOCTOR_SCHEMA, Direction, Floors, Noise, Resolution,
};
pub use environment::{Build, Environment, Extension, Git, Machine, Profile, Python, Rust, Warning};
pub use figure::figure;
pub use loaded::{Listed, MAX_MODULES, Module, Probe, Trap};
pub use split::Split;
pub use store::{LoadError, RoundLog, RoundRecord, RoundResult, RunFolder, load};
pub use verdict::{Confidence, Flip, Grade, Limits, Part, Reason, Recommendation, Thresholds, Verdict};

/// The schema that this version writes and reads; every other is refused by name.
pub const SCHEMA: &str = "rustworthy.run/1";

/// Everything that one `rustworthy run` measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: String,
    /// Unique among a project's runs, sortable by time.
    pub id: String,
    /// When it started, RFC 3339, UTC.
    pub created: String,
    /// The project's name.
    pub project: String,
    /// The tool that measured.
    pub tool: Tool,
    /// The command line, program name first.
    pub command: Vec<String>,
    /// Seed of the scheduler and of the inputs.
    pub seed: u64,
    /// How much was to be measured.
    pub plan: Plan,
    /// Whether every planned round was measured or given up for a stated reason.
    pub complete: bool,
    /// Wall time by phase.
    pub phases: Phases,
    /// Where it was measured.
    pub environment: Environment,
    /// What computing costs in a year, in any currency; `None` where the manifest does not say.
    #[serde(default)]
    pub yearly_compute_cost: Option<f64>,
    /// What one day of an engineer costs, in the same currency; `None` where the manifest does not say.
    #[serde(default)]
    pub day_rate: Option<f64>,
    /// Files of the project that workers loaded: cells name them by their place here, so that each stands once in the file.
    #[serde(default)]
    pub modules: Vec<Module>,
    /// One entry a workload, in the manifest's order.
    pub workloads: Vec<Workload>,
    /// What the verdicts are held against.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// The recommendation for the project; `None` until decided.
    pub verdict: Option<Verdict>,
    /// Sentences that the run is held against, in the order of `claims.toml`.
    #[serde(default)]
    pub claims: Vec<Claim>,
}

/// The tool that measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its version.
    pub version: String,
}

/// How much was to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The preset.
    pub effort: Effort,
    /// A comparison is precise when the half-width of its interval, as a fraction of the ratio, is at most this.
    pub target_half_width: f64,
    /// Rounds before a comparison may be called precise.
    pub min_rounds: u32,
    /// Rounds after which it is given up.
    pub max_rounds: u32,
    /// Rounds at the sizes that are only indicative; `None`: every size is measured in full.
    pub indicative_rounds: Option<u32>,
    /// Time for measuring, seconds; `None`: no limit but the rounds.
    pub time_budget_s: Option<f64>,
}

/// The presets of effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// `--quick`.
    Quick,
    /// Neither flag.
    Default,
    /// `--thorough`.
    Thorough,
}

/// Wall time by phase, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Phases {
    /// Interpreter, environment, builds, inputs.
    pub prepare_s: f64,
    /// Equality.
    pub equality_s: f64,
    /// Launches.
    pub measure_s: f64,
}

/// One task with its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Its name in the manifest.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Labels for filters.
    pub tags: Vec<String>,
    /// What a size counts; `None`: sizes mean nothing to a reader.
    pub unit: Option<String>,
    /// Items in every input, handed over so many a call as the size says; `None`: each input is one call.
    #[serde(default)]
    pub total_items: Option<u64>,
    /// `function` or `process`.
    pub boundary: String,
    /// The share of the application's time that is spent here, 0 to 1; `None` where the manifest does not say.
    #[serde(default)]
    pub share_of_runtime: Option<f64>,
    /// What the port would cost, in an engineer's days; `None` where the manifest does not say.
    #[serde(default)]
    pub effort_days: Option<f64>,
    /// The rules of equality in force, in words.
    pub rules: Vec<String>,
    /// What an implementation may need at most.
    #[serde(default)]
    pub limits: Limits,
    /// One entry a size, ascending.
    pub sizes: Vec<Size>,
    /// What a call costs by size, of every implementation that was measured at enough sizes; computed from the launches.
    #[serde(default)]
    pub fits: Vec<Fit>,
    /// From which size on candidates pay, by those lines; computed from the launches.
    #[serde(default)]
    pub break_evens: Vec<BreakEven>,
    /// Traps that it shows signs of; computed from the rest.
    #[serde(default)]
    pub traps: Vec<Trap>,
    /// The recommendation; `None` until decided.
    pub verdict: Option<Verdict>,
}

/// One workload at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// The size.
    pub size: u64,
    /// Its input; `None` when it could not be made, or there is none.
    pub input: Option<Input>,
    /// Why measuring ended here; `None` before it has.
    pub stopped: Option<Stopped>,
    /// The baseline first, then the candidates in the manifest's order.
    pub implementations: Vec<Implementation>,
    /// Ratios, each with its interval; computed from the launches.
    pub comparisons: Vec<Comparison>,
    /// Where the time of each hybrid goes; computed from the launches.
    #[serde(default)]
    pub splits: Vec<Split>,
    /// The recommendation; `None` until decided.
    pub verdict: Option<Verdict>,
}

/// The identity of an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Digest of its encoding.
    pub sha256: String,
    /// The seed it was made with.
    pub seed: u64,
    /// Length of its encoding, bytes.
    pub bytes: u64,
}

/// Why measuring a size ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// Every comparison is within the target.
    Precise,
    /// The planned rounds are spent.
    Rounds,
    /// The time budget is spent.
    Time,
    /// A person or a signal ended it.
    Interrupted,
    /// Nothing was left that could be measured.
    Nothing,
}

/// What an implementation is to its workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What there is now.
    Baseline,
    /// What might replace it.
    Candidate,
}

/// What an implementation is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Stays in Python.
    Python,
    /// A published package, whatever it is written in.
    Library,
    /// Rust that the project owns, called from Python.
    Hybrid,
    /// Rust alone.
    Native,
}

impl Kind {
    /// The word for it in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Python => "python",
            Kind::Library => "library",
            Kind::Hybrid => "hybrid",
            Kind::Native => "native",
        }
    }
}

/// How an implementation is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunnerKind {
    /// The Python timing script.
    Python,
    /// A criterion bench.
    Criterion,
    /// A whole process.
    Command,
}

/// How far an implementation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It agrees with the baseline, and was timed.
    Measured,
    /// It was timed, but nothing could compare its result.
    Unverified,
    /// Its result differs from the baseline's; it gets no ratio.
    Differs,
    /// It raised, crashed, hung, or could not be built.
    Failed,
    /// It was not tried, and `detail` says why.
    Skipped,
}

impl Status {
    /// The word for it in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Measured => "measured",
            Status::Unverified => "unverified",
            Status::Differs => "differs",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }

    /// Whether it may be timed and compared.
    pub fn is_timed(self) -> bool {
        match self {
            Status::Measured | Status::Unverified => true,
            Status::Differs | Status::Failed | Status::Skipped => false,
        }
    }
}

/// One implementation at one size: a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Implementation {
    /// `baseline`, or the candidate's name.
    pub name: String,
    /// Baseline or candidate.
    pub role: Role,
    /// What it is made of.
    pub kind: Kind,
    /// How it differs from the plain one of its kind.
    pub variant: Option<String>,
    /// How it is executed.
    pub runner: RunnerKind,
    /// What is called, as the manifest says it.
    pub target: String,
    /// What it takes for granted; such a candidate is shown and kept out of the recommendation.
    pub assumes: Option<String>,
    /// The native implementation that a hybrid wraps.
    pub kernel: Option<String>,
    /// Lines of code in its source files, blank lines, comments and tests left out; `None` where the manifest names none.
    #[serde(default)]
    pub lines: Option<u64>,
    /// Files of the project that its worker loaded, native ones first, [`MAX_MODULES`] at most; see [`Run::modules_of`].
    #[serde(default)]
    pub modules: Vec<Listed>,
    /// What its calls do besides computing; `None` where nothing looked.
    #[serde(default)]
    pub probe: Option<Probe>,
    /// How far it came.
    pub status: Status,
    /// Why it is not measured; the first difference, the error.
    pub detail: Option<String>,
    /// How many calls agreed with the baseline's; `None` for the baseline, and where nothing was compared.
    #[serde(default)]
    pub agreement: Option<Agreement>,
    /// Successful timing launches.
    pub launches: Vec<Launch>,
    /// Launches that measured memory.
    pub memory_launches: Vec<MemoryLaunch>,
    /// Launches that failed.
    pub failures: Vec<Failure>,
    /// Wall time of a call: the median of the launches' slopes.
    pub time_ns: Option<Estimate>,
    /// Processor time of a call, all threads.
    pub cpu_ns: Option<Estimate>,
    /// Growth of the resident set's peak during one call.
    pub peak_memory_bytes: Option<Estimate>,
    /// Percentiles of single calls.
    pub latency_ns: Option<Latency>,
    /// How the times of calls scatter, within launches and between them.
    #[serde(default)]
    pub spread: Option<Spread>,
}

/// How the times of calls scatter, on the log scale: 0.02 is about 2 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Standard deviation of a batch's time of a call within its launch.
    #[serde(serialize_with = "figure::number")]
    pub within: f64,
    /// Standard deviation of a launch's true time of a call, the batches' own scatter taken out.
    #[serde(serialize_with = "figure::number")]
    pub between: f64,
    /// Intra-class correlation: the share of the variance that lies between launches, 0 to 1.
    #[serde(serialize_with = "figure::number")]
    pub intra_class_correlation: f64,
    /// Batches outside three inter-quartile ranges of their launch's quartiles; counted, never dropped.
    pub outliers: u64,
    /// Launches whose first and second half of batches disagree.
    pub unsteady_launches: u32,
}

/// One fresh process that timed an implementation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// The round, from 0.
    pub round: u32,
    /// Its place in the round's order, from 0.
    pub slot: u32,
    /// `PYTHONHASHSEED`.
    pub hash_seed: u32,
    /// Calls in each timed batch.
    pub iterations: Vec<u64>,
    /// Total wall time of each batch.
    pub elapsed_ns: Vec<u64>,
    /// Process CPU time over all batches; `None` where the runner does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<u64>,
    /// Runs of Python's garbage collector in the timed region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gc_collections: Option<u64>,
    /// Time of the imports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_ns: Option<u64>,
    /// Time of the first call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_call_ns: Option<u64>,
    /// Whether the first and second half of the batches agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steady: Option<bool>,
    /// What empty calls cost in this launch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
    /// Wall time of the whole launch, start-up included.
    pub launch_ns: u64,
}

/// What empty calls cost in one launch, ns a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// A Python function that does nothing.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub empty_call_ns: Option<f64>,
    /// A C builtin that does next to nothing.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub builtin_call_ns: Option<f64>,
    /// The extension's empty function.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub extension_call_ns: Option<f64>,
}

/// One fresh process that measured memory.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryLaunch {
    /// The round, from 0.
    pub round: u32,
    /// Resident before the call.
    pub before_bytes: u64,
    /// High-water mark during it.
    pub peak_bytes: u64,
    /// Resident after it, the result held.
    pub resident_bytes: u64,
    /// Latency of single calls after it, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ns: Option<Latency>,
    /// Processor time of a call, for runners whose timing launches do not know it.
    #[serde(default, serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<f64>,
}

/// A launch that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The round; `None` before measuring.
    pub round: Option<u32>,
    /// What it was doing.
    pub step: String,
    /// What happened, in one sentence.
    pub message: String,
    /// The end of its output.
    pub output: String,
}

/// An estimate with its interval, in the unit of the field that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The median over launches.
    #[serde(serialize_with = "figure::number")]
    pub estimate: f64,
    /// Lower end: of the 95 % interval, or of the range where there are too few launches for one.
    #[serde(serialize_with = "figure::number")]
    pub low: f64,
    /// Upper end.
    #[serde(serialize_with = "figure::number")]
    pub high: f64,
}

/// Percentiles of the latency of single calls, ns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many calls were timed one by one.
    pub calls: u64,
    /// Half of the calls are faster.
    #[serde(serialize_with = "figure::number")]
    pub p50: f64,
    /// Nine tenths; `None` under ten calls.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub p90: Option<f64>,
    /// Ninety-nine hundredths; `None` under a hundred calls.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    /// The slowest.
    #[serde(serialize_with = "figure::number")]
    pub max: f64,
}

/// What a comparison compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Wall time of a call.
    Time,
    /// Processor time of a call.
    Cpu,
    /// Growth of peak memory.
    Memory,
    /// 99th percentile of latency.
    LatencyP99,
}

impl Run {
    /// The workload of that name.
    pub fn workload(&self, name: &str) -> Option<&Workload> {
        self.workloads.iter().find(|workload| workload.name == name)
    }

    /// Every cell with its workload and size.
    pub fn cells(&self) -> impl Iterator<Item = (&Workload, &Size, &Implementation)> {
        self.workloads.iter().flat_map(|workload| {
            workload
                .sizes
                .iter()
                .flat_map(move |size| size.implementations.iter().map(move |cell| (workload, size, cell)))
        })
    }

    /// Whether the evidence says no: an output differs or an implementation failed.
    pub fn says_no(&self) -> bool {
        self.cells().any(|(_, _, cell)| matches!(cell.status, Status::Differs | Status::Failed))
    }

    /// Whether anything at all was timed.
    pub fn measured_anything(&self) -> bool {
        self.cells().any(|(_, _, cell)| !cell.launches.is_empty())
    }
}

impl Implementation {
    /// One that has not been tried yet.
    pub fn new(name: &str, role: Role, kind: Kind, runner: RunnerKind) -> Implementation {
        Implementation {
            name: name.to_owned(),
            role,
            kind,
            variant: None,
            runner,
            target: String::new(),
            assumes: None,
            kernel: None,
            lines: None,
            modules: Vec::new(),
            probe: None,
            status: Status::Skipped,
            detail: None,
            agreement: None,
            launches: Vec::new(),
            memory_launches: Vec::new(),
            failures: Vec::new(),
            time_ns: None,
            cpu_ns: None,
            peak_memory_bytes: None,
            latency_ns: None,
            spread: None,
        }
    }
}

impl Workload {
    /// Whether sizes mean something to a reader: there is more than one, or a unit.
    pub fn shows_sizes(&self) -> bool {
        self.sizes.len() > 1 || self.unit.is_some()
    }

    /// The size that a one-line summary speaks of: the largest that has an interval, else that with the most rounds.
    ///
    /// A smaller size may have had more rounds because it was noisier, and is no better known for it.
    pub fn headline_size(&self) -> Option<&Size> {
        let has_interval = |size: &&Size| size.comparisons.iter().any(|comparison| !comparison.indicative);
        let rounds = |size: &&Size| size.implementations.iter().map(|cell| cell.launches.len()).max().unwrap_or(0);
        let surest = self.sizes.iter().filter(has_interval).max_by_key(|size| size.size);
        surest.or_else(|| self.sizes.iter().max_by_key(|size| (rounds(size), size.size)))
    }
}

impl Size {
    /// The implementation of that name.
    pub fn implementation(&self, name: &str) -> Option<&Implementation> {
        self.implementations.iter().find(|cell| cell.name == name)
    }

    /// The baseline.
    pub fn baseline(&self) -> Option<&Implementation> {
        self.implementations.iter().find(|cell| cell.role == Role::Baseline)
    }

    /// A candidate's comparison with the baseline.
    pub fn comparison(&self, candidate: &str, metric: Metric) -> Option<&Comparison> {
        self.comparisons.iter().find(|comparison| {
            comparison.candidate == candidate && comparison.metric == metric && comparison.against == "baseline"
        })
    }
}
