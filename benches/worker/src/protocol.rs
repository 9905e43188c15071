//! The job protocol as data: what the tool sends, what a worker answers (`docs/PROTOCOL.md`).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The protocol's name and version; a worker refuses every other.
pub const PROTOCOL: &str = "rustworthy.worker/1";

/// The first line on a worker's standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// [`PROTOCOL`].
    pub protocol: String,
    /// What to call.
    pub implementation: ImplementationJob,
    /// Folders put first on `sys.path`.
    pub sys_path: Vec<PathBuf>,
    /// What to call it with.
    pub input: InputJob,
    /// What to call it with before memory is measured, so that imports and caches are there: the workload's smallest
    /// input. `None`: `input` itself.
    #[serde(default)]
    pub warm_up_input: Option<InputJob>,
    /// The project's folder: modules that lie in it are reported.
    #[serde(default)]
    pub project: Option<PathBuf>,
    /// Other folders whose modules are reported, wherever they were found; with any, installed modules of the called
    /// module's own package are, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<PathBuf>,
    /// Reads no clock while it gets ready, and tells 0 for the times of [`Prepared`]: so that every launch writes the same
    /// digits, and executes the same instructions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub untimed: bool,
    /// What to do, in order; more may follow, one a line.
    pub steps: Vec<Step>,
}

/// What a worker calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImplementationJob {
    /// `module:attribute` for Python, the workload's name for Rust.
    pub call: String,
    /// `module:attribute` of the normaliser of results.
    pub result: Option<String>,
    /// `module:attribute` of a callable run once before the input is made.
    pub setup: Option<String>,
    /// `module:attribute` of a callable that turns the arguments into those of this implementation, off the clock.
    #[serde(default)]
    pub adapt: Option<String>,
    /// Exhaust a lazy result inside the clock.
    pub consume: bool,
    /// Give each call arguments of its own, copied outside the clock.
    pub fresh: bool,
    /// It was seen to leave its arguments alone: they are not digested again around a call whose outcome is looked at.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trusted: bool,
}

/// What a worker calls it with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputJob {
    /// The point at which the input is made, in the workload's unit.
    pub size: u64,
    /// The seed of the input callable.
    pub seed: u64,
    /// Whether the implementation gets the values or the file's path.
    pub pass: Pass,
    /// Where the arguments come from; `None`: no arguments.
    pub source: Option<InputSource>,
}

/// How an input reaches the implementation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pass {
    /// As values in memory.
    #[default]
    Value,
    /// As the path of the input file, which the implementation reads inside the clock.
    Path,
}

/// Where the arguments come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputSource {
    /// A file in the input cache.
    File {
        /// The file.
        path: PathBuf,
        /// How it is written.
        encoding: Encoding,
    },
    /// Made again in the worker, because it cannot be encoded.
    Callable {
        /// `module:attribute`, called with size and seed.
        call: String,
        /// What its digest must be; `None` while it is made for the first time.
        sha256: Option<String>,
    },
}

/// How an input file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// A tuple of arguments as a canonical value.
    Tagged,
    /// One text argument, raw UTF-8.
    Text,
    /// One bytes argument, raw.
    Bytes,
}

impl Encoding {
    /// The file name extension of such a file.
    pub fn extension(self) -> &'static str {
        match self {
            Encoding::Tagged => "json",
            Encoding::Text => "txt",
            Encoding::Bytes => "bin",
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Step {
    /// Write the input, made by its callable, to a file.
    MakeInput {
        /// Where to.
        file: PathBuf,
    },
    /// Call once; digest arguments and result.
    Outcome {
        /// Where the outcome document goes when the digest is not the expected one.
        file: PathBuf,
        /// The digest of an earlier, agreed outcome of this implementation.
        expect: Option<String>,
        /// Call once more, to see whether the second call is like the first.
        #[serde(default, skip_serializing_if = "is_false")]
        again: bool,
    },
    /// Make the input of a size and seed, for a case.
    MakeCase {
        /// `module:attribute`, called with size and seed.
        call: String,
        /// The size.
        size: u64,
        /// The seed.
        seed: u64,
        /// Where to.
        file: PathBuf,
    },
    /// Call once on an input of its own. Whatever goes wrong is answered, and the next step goes on.
    Case(CaseStep),
    /// Warm up, then time batches of calls.
    Sample(SampleStep),
    /// Time this many calls.
    Slice {
        /// How many.
        calls: u64,
    },
    /// Make this many calls without a clock, for somebody who counts instructions from outside.
    Count {
        /// How many.
        calls: u64,
        /// Where each call gets arguments of its own: make so many, however few are used. Launches of more and of fewer
        /// calls then differ by the calls alone.
        copies: u64,
    },
    /// One call with the result held, watched for its peak memory.
    Memory,
    /// Time calls one by one.
    Latency {
        /// At most this many.
        calls: u64,
        /// And, one call excepted, no longer than this.
        limit_ns: u64,
    },
    /// Time the empty calls.
    Floor,
    /// What calls do besides computing, off every clock.
    Probe {
        /// After the first call, make no more once this long has passed.
        limit_ns: u64,
    },
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// One call on an input of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseStep {
    /// What to call with.
    pub input: InputJob,
    /// Where the outcome document goes when the digest is not the expected one.
    pub file: PathBuf,
    /// The digest of another outcome, to be told whether this one is the same; a worker whose digests are of another
    /// sort never matches it.
    #[serde(default)]
    pub expect: Option<String>,
    /// Call once more, to see whether the second call is like the first.
    #[serde(default)]
    pub again: bool,
}

/// How long to warm up and to measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleStep {
    /// Warm up at least this long.
    pub warmup_ns: u64,
    /// And at least this many calls.
    pub warmup_calls: u64,
    /// But never longer than this, one call excepted.
    pub warmup_limit_ns: u64,
    /// Measure about this long.
    pub measure_ns: u64,
    /// In this many batches.
    pub samples: u64,
}

/// One line of a worker's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Answer {
    /// Imports, setup and arguments are done.
    Prepared(Prepared),
    /// To [`Step::MakeInput`].
    MakeInput(MadeInput),
    /// To [`Step::Outcome`].
    Outcome(OutcomeAnswer),
    /// To [`Step::MakeCase`].
    MakeCase(MadeCase),
    /// To [`Step::Case`].
    Case(CaseAnswer),
    /// To [`Step::Sample`].
    Sample(SampleAnswer),
    /// To [`Step::Slice`].
    Slice(SliceAnswer),
    /// To [`Step::Count`].
    Count(CountAnswer),
    /// To [`Step::Memory`].
    Memory(MemoryAnswer),
    /// To [`Step::Latency`].
    Latency(LatencyAnswer),
    /// To [`Step::Floor`].
    Floor(FloorAnswer),
    /// To [`Step::Probe`].
    Probe(ProbeAnswer),
    /// A step could not be carried out; only `Done` follows.
    Failed(Failed),
    /// The last line.
    Done,
}

/// Imports, setup and arguments are done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Prepared {
    /// Time of the imports, ns.
    pub import_ns: u64,
    /// Time to read or make the arguments, ns.
    pub input_ns: u64,
    /// Modules of the project that were loaded; of Rust, the executable.
    #[serde(default)]
    pub modules: Vec<LoadedFile>,
    /// What the worker knows of itself.
    pub environment: serde_json::Map<String, Json>,
}

/// A file that a worker runs code of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedFile {
    /// The module's name, or the executable's.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Digest of its content, hexadecimal; `None` where it could not be read.
    #[serde(default)]
    pub sha256: Option<String>,
    /// When it was last written, ns since 1970.
    #[serde(default)]
    pub modified_ns: Option<u64>,
}

/// The input was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MadeInput {
    /// How it was written; `None` when it has no canonical form.
    pub encoding: Option<Encoding>,
    /// Digest of the file, or of what could be digested.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Why it has no canonical form.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What one call did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutcomeAnswer {
    /// Whether it returned or raised.
    pub kind: OutcomeKind,
    /// Digest of the outcome document.
    pub digest: String,
    /// Whether the digest is the expected one; `None` when none was.
    pub matches: Option<bool>,
    /// Whether the call changed its arguments.
    pub mutated: bool,
    /// Time of this first call, ns.
    pub first_call_ns: u64,
    /// The outcome document; `None` when the digest matches.
    pub file: Option<PathBuf>,
    /// What the second call did; `None` when there was none.
    #[serde(default)]
    pub again: Option<Again>,
    /// Modules of the project that calls loaded, where there was a second one.
    #[serde(default)]
    pub modules: Vec<LoadedFile>,
}

/// What a second call on the same input did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Digest of its outcome document.
    pub digest: String,
    /// Its outcome document; `None` when the digest is that of the first call.
    pub file: Option<PathBuf>,
    /// Whether it returned the very object that the first call returned, and a caller could change that object.
    pub shared: bool,
    /// Whether it changed the result of the first call.
    pub first_changed: bool,
}

/// The input of a case was made, or there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MadeCase {
    /// How it was written; `None` when it has no canonical form, or was not made.
    pub encoding: Option<Encoding>,
    /// Digest of the file, or of what could be digested; `None` when it was not made.
    pub sha256: Option<String>,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Why it has no canonical form.
    #[serde(default)]
    pub reason: Option<String>,
    /// What the input callable raised: there is no such case.
    #[serde(default)]
    pub raised: Option<Raised>,
}

/// What the call of a case did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseAnswer {
    /// Whether it returned, raised, or there is no outcome.
    pub kind: CaseKind,
    /// Digest of the outcome document; `None` without one.
    pub digest: Option<String>,
    /// Whether the digest is the expected one; `None` when none was, or there is no outcome.
    pub matches: Option<bool>,
    /// Whether the call changed its arguments.
    pub mutated: bool,
    /// Time of the call, ns.
    pub call_ns: u64,
    /// The outcome document; `None` when the digest matches, or there is none.
    pub file: Option<PathBuf>,
    /// Why there is no outcome.
    #[serde(default)]
    pub refused: Option<Failed>,
    /// What the second call did; `None` when there was none.
    #[serde(default)]
    pub again: Option<Again>,
}

/// Whether a case returned, raised, or has no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// It returned.
    Value,
    /// It raised.
    Raised,
    /// Its arguments cannot be read, or its result cannot be seen: it is lazy, or has no canonical form.
    Refused,
}

/// Whether a call returned or raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeKind {
    /// It returned.
    Value,
    /// It raised.
    Raised,
}

/// Timed batches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleAnswer {
    /// How the batches grow.
    pub mode: SampleMode,
    /// Calls in each batch.
    pub iterations: Vec<u64>,
    /// Total time of each batch, ns.
    pub elapsed_ns: Vec<u64>,
    /// Process CPU time over all batches, ns.
    pub cpu_ns: Option<u64>,
    /// Calls spent warming up.
    pub warmup_calls: u64,
    /// Time spent warming up, ns.
    pub warmup_ns: u64,
    /// Collections of Python's garbage collector in the timed region.
    pub gc_collections: Option<u64>,
    /// Whether the first and second half of the batches agree.
    pub steady: Option<bool>,
}

/// How the batches of a sample grow; the names are criterion's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleMode {
    /// d, 2d, 3d … calls.
    Linear,
    /// The same number of calls in each.
    Flat,
}

/// A timed slice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SliceAnswer {
    /// Calls in the slice.
    pub calls: u64,
    /// Their total time, ns.
    pub elapsed_ns: u64,
    /// Process CPU time, ns.
    pub cpu_ns: Option<u64>,
}

/// Calls were made without a clock. The answer is as long whatever they took and however many they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountAnswer {
    /// Whether other threads, or processes that it started, worked meanwhile; `None` where the platform does not tell.
    pub others: Option<bool>,
}

/// Memory of one call, bytes; `None` where the platform has no high-water mark.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemoryAnswer {
    /// Resident before the call.
    pub before_bytes: Option<u64>,
    /// High-water mark during it.
    pub peak_bytes: Option<u64>,
    /// Resident after it, the result held.
    pub resident_bytes: Option<u64>,
}

/// Latencies of single calls, in the order of the calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LatencyAnswer {
    /// Time of each call, ns.
    pub elapsed_ns: Vec<u64>,
}

/// What an empty call costs, ns a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FloorAnswer {
    /// A Python function that does nothing.
    pub empty_call_ns: Option<f64>,
    /// A C builtin that does nothing to speak of.
    pub builtin_call_ns: Option<f64>,
    /// The extension's empty function.
    pub extension_call_ns: Option<f64>,
}

/// What calls do besides computing; `None` where it cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// Time of a call, ns: the median of the few that were made.
    pub call_ns: Option<u64>,
    /// System calls by which one call read.
    pub reads: Option<u64>,
    /// Bytes that they brought.
    pub read_bytes: Option<u64>,
    /// Python objects in the arguments' containers.
    #[serde(default)]
    pub objects_in: Option<u64>,
    /// Python objects in the result's containers.
    #[serde(default)]
    pub objects_out: Option<u64>,
    /// Of long calls: the least share of a call in which no other Python thread could run.
    #[serde(default)]
    pub locked_share: Option<f64>,
    /// Of tiny calls: whether they let go of the interpreter's lock.
    #[serde(default)]
    pub unlocks: Option<bool>,
}

/// A step that could not be carried out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// `job`, `import`, `setup`, `input`, or a step's `op`.
    pub step: String,
    /// A Python exception class.
    pub class: String,
    /// Its message.
    pub message: String,
    /// Its traceback, where there is one.
    #[serde(default)]
    pub traceback: Option<String>,
}

/// What a call did, in full: the outcome document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutcomeDocument {
    /// The returned value; absent when it raised.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<crate::Value>,
    /// The exception; absent when it returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Raised>,
    /// The arguments after the call, when it changed them or returned `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<crate::Value>>,
    /// Which arguments, from 0, the returned object itself is, where a caller could change it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<u64>,
}

/// `"value": null` is the value `None`, not an absent value.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<crate::Value>, D::Error> {
    crate::Value::deserialize(deserializer).map(Some)
}

/// An exception as an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The exception's class, such as `ValueError`.
    pub class: String,
    /// Its base classes up to `Exception`, nearest first.
    #[serde(default)]
    pub bases: Vec<String>,
    /// Its message; not compared unless the workload says so.
    pub message: String,
    /// Where in the input the error lies, where the exception says so.
    #[serde(default)]
    pub position: Option<u64>,
}
