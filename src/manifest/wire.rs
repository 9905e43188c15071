//! The manifest as it is written: one struct a table, nothing checked but types and key names.
//!
//! `rustworthy.schema.json` is generated from these types, and the comments on their fields are what an editor shows.

use std::num::NonZeroU64;
use std::ops::Deref;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::gate::{WireGate, WireWorkloadGate};
use super::verdict::{WireLimits, WireVerdict};
use crate::evidence::{Kind, Tolerance};

/// A value that knows where it stands in the file, so that a fault can show its line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placed<T>(Spanned<T>);

impl<T> Placed<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T> Deref for Placed<T> {
    type Target = Spanned<T>;

    fn deref(&self) -> &Spanned<T> {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Placed<T>, D::Error> {
        Spanned::deserialize(deserializer).map(Placed)
    }
}

/// What is measured: a project, and workloads with their implementations. Every relative path starts at the folder of
/// this file.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// The project as a whole.
    pub project: Project,
    /// Tasks by name, each with its inputs, a baseline and candidates.
    #[serde(default)]
    #[cfg_attr(test, schemars(required, with = "IndexMap<String, Workload>", extend("minProperties" = 1)))]
    pub workload: IndexMap<Placed<String>, Workload>,
    /// How surely and how long `rustworthy gate` judges.
    #[serde(default)]
    pub gate: WireGate,
    /// What recommendations are held against.
    #[serde(default)]
    pub verdict: WireVerdict,
}

/// The project as a whole.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Project {
    /// The project's name in reports.
    pub name: Placed<String>,
    /// The interpreter. Default: that of `$VIRTUAL_ENV`, then `.venv`, then `python3` and `python` on `PATH`.
    pub python: Option<PathBuf>,
    /// Folders put first on `sys.path` of every Python worker.
    #[serde(default = "project_folder")]
    pub python_path: Vec<PathBuf>,
    /// A requirements file, installed into a managed environment over the interpreter and never into it.
    pub requirements: Option<Placed<PathBuf>>,
    /// Commands that build the project, in order, each as a program and its arguments; no shell. They run in the
    /// managed environment.
    #[serde(default)]
    pub build: Vec<Placed<Vec<String>>>,
    /// PyO3 modules of the cargo workspace that the tool builds in release.
    #[serde(default)]
    pub extensions: Vec<Placed<Extension>>,
    /// Programs that the tool builds for commands, which name them as `{bin:NAME}`.
    #[serde(default)]
    pub binaries: Vec<Placed<Binary>>,
    /// The folder of the cargo workspace, where that is not the manifest's own or above it.
    pub cargo: Option<Placed<PathBuf>>,
    /// Where runs are written.
    #[cfg_attr(test, schemars(extend("default" = "reports")))]
    pub reports: Option<PathBuf>,
    /// What computing costs in a year, in any currency; for the payback.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub yearly_compute_cost: Option<Placed<f64>>,
    /// What one day of an engineer costs, in the same currency.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub day_rate: Option<Placed<f64>>,
}

/// Modules beside the manifest are found without a word, as Python finds those beside a script.
fn project_folder() -> Vec<PathBuf> {
    vec![PathBuf::from(".")]
}

/// A PyO3 module that the tool builds with cargo.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Extension {
    /// The cargo package; its library is of crate type `cdylib`.
    pub package: String,
    /// The name that Python imports.
    pub module: String,
    /// Cargo features to switch on.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A program that the tool builds with cargo.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Binary {
    /// The cargo package.
    pub package: String,
    /// Its binary target.
    pub name: String,
    /// Cargo features to switch on.
    #[serde(default)]
    pub features: Vec<String>,
}

/// One task with its inputs and implementations.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workload {
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// Labels, for filters such as `tag:text`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Points at which the input is made.
    #[cfg_attr(test, schemars(length(min = 1), extend("uniqueItems" = true, "default" = [1])))]
    pub sizes: Option<Placed<Vec<u64>>>,
    /// What a size counts; gives throughput.
    pub unit: Option<String>,
    /// Items in every input, handed over so many a call as the size says; without it an input is one call.
    pub total_items: Option<NonZeroU64>,
    /// `module:callable`, called with size and seed; returns the tuple of positional arguments.
    #[cfg_attr(test, schemars(regex(pattern = CALLABLE)))]
    pub input: Option<Placed<String>>,
    /// `path`: the single argument is the path of the input file, and reading it is part of the work.
    #[cfg_attr(test, schemars(extend("default" = "value")))]
    pub input_as: Option<InputAs>,
    /// `process`: the task is a whole process, which could leave Python altogether.
    #[cfg_attr(test, schemars(extend("default" = "function")))]
    pub boundary: Option<Boundary>,
    /// The share of the application's time that is spent here, from 0 to 1.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub share_of_runtime: Option<Placed<f64>>,
    /// What the port would cost, in an engineer's days.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub effort_days: Option<Placed<f64>>,
    /// How far results may differ.
    #[serde(default)]
    pub tolerance: Option<Placed<WireTolerance>>,
    /// By the baseline's exception class, the candidates' classes that stand for it.
    #[serde(default)]
    pub exceptions: IndexMap<String, Placed<Vec<String>>>,
    /// How the output of a command is compared with that of another.
    #[cfg_attr(test, schemars(extend("default" = "bytes")))]
    pub output: Option<Placed<Output>>,
    /// Where the cases of `rustworthy check --cases` come from.
    #[cfg_attr(test, schemars(extend("default" = "declared")))]
    pub cases: Option<Placed<Cases>>,
    /// `module:callable` that turns a result into plain values before it is compared, off the clock.
    #[cfg_attr(test, schemars(regex(pattern = CALLABLE)))]
    pub result: Option<Placed<String>>,
    /// `module:callable`, called once in each worker before the input is made.
    #[cfg_attr(test, schemars(regex(pattern = CALLABLE)))]
    pub setup: Option<Placed<String>>,
    /// `fresh`: each call gets arguments of its own, copied outside the clock.
    #[cfg_attr(test, schemars(extend("default" = "shared")))]
    pub inputs_are: Option<InputsAre>,
    /// A lazy result (generator, iterator, coroutine) is exhausted inside the clock.
    #[serde(default)]
    pub consume: bool,
    /// A launch that takes longer is killed, and failed; such as `60s` or `5m`.
    #[cfg_attr(test, schemars(extend("default" = "60s")))]
    pub timeout: Option<Placed<String>>,
    /// Address space of a launch, such as `4GiB`.
    pub memory_limit: Option<Placed<String>>,
    /// Variables added to a launch's environment.
    #[serde(default)]
    pub env: IndexMap<String, String>,
    /// Working directory of a launch. Default: the folder of this file; for a bench, that of its package.
    pub cwd: Option<PathBuf>,
    /// What `rustworthy gate` holds this workload to.
    pub gate: Option<Placed<WireWorkloadGate>>,
    /// What an implementation may need at most to be recommended.
    #[serde(default)]
    pub verdict: WireLimits,
    /// The implementation that the others are compared with.
    pub baseline: Placed<Implementation>,
    /// The others, by name.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::candidates"))]
    pub candidate: IndexMap<Placed<String>, Placed<Implementation>>,
}

/// `module:callable`, dots allowed on both sides.
#[cfg(test)]
const CALLABLE: &str = r"^[^\s:.]+(\.[^\s:.]+)*:[^\s:.]+(\.[^\s:.]+)*$";

/// How far results may differ; without it they must be equal to the last bit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Tolerance"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireTolerance {
    /// Floats agree within this fraction of the larger one.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0), extend("exclusiveMaximum" = 1)))]
    relative: Option<f64>,
    /// Floats agree within this many units in the last place.
    #[serde(default)]
    ulps: Option<u64>,
    /// `ignore`: lists are compared as multisets, dictionaries as mappings.
    #[serde(default)]
    order: crate::evidence::Order,
    /// `ignore`: it does not count that a result is an object of its own, where the baseline's is.
    #[serde(default)]
    identity: crate::evidence::Identity,
}

impl From<WireTolerance> for Tolerance {
    fn from(wire: WireTolerance) -> Tolerance {
        Tolerance { relative: wire.relative, ulps: wire.ulps, order: wire.order, identity: wire.identity }
    }
}

/// Whether implementations get the input or its file.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum InputAs {
    /// The values.
    Value,
    /// The path of the file.
    Path,
}

/// What could leave Python.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    /// A function within a process.
    Function,
    /// The whole process.
    Process,
}

/// Whose the arguments of a call are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum InputsAre {
    /// All calls'.
    Shared,
    /// Its own.
    Fresh,
}

/// How two outputs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Byte for byte.
    Bytes,
    /// As the JSON documents that they must be.
    Json,
}

/// Where cases come from.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Cases {
    /// From the input callable, at other seeds and sizes.
    Declared,
    /// From the annotations of the baseline's arguments, too: values that break ports.
    Types,
}

/// One way to do the task: exactly one of `python`, `criterion` and `command`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, schemars(transform = super::schema::one_target))]
pub struct Implementation {
    /// What you would own. Required for a candidate; `python` for a baseline.
    pub kind: Option<Kind>,
    /// How it differs from the plain one of its kind, such as `naive`, `batched`, `parallel`.
    pub variant: Option<String>,
    /// A Python callable, as `module:callable`.
    #[cfg_attr(test, schemars(regex(pattern = CALLABLE)))]
    pub python: Option<Placed<String>>,
    /// A criterion bench of the cargo workspace.
    pub criterion: Option<Placed<Criterion>>,
    /// A program and its arguments; no shell. `{python}`, `{size}`, `{seed}`, `{input}` and
    /// `{bin:NAME}` are filled in.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub command: Option<Placed<Vec<String>>>,
    /// For a bench without a worker: a program and its arguments that print the result as JSON, filled in as `command`.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub verify: Option<Placed<Vec<String>>>,
    /// Import names that must be there; else the candidate is skipped.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The `native` candidate that a hybrid wraps.
    pub kernel: Option<Placed<String>>,
    /// What it takes for granted; shown, and kept out of the recommendation.
    pub assumes: Option<String>,
    /// `module:callable` that turns the input's arguments into this implementation's own, off the clock.
    #[cfg_attr(test, schemars(regex(pattern = CALLABLE)))]
    pub adapt: Option<Placed<String>>,
    /// The files that it is written in: their lines of code stand beside its speed.
    #[serde(default)]
    pub source: Vec<Placed<PathBuf>>,
}

/// A criterion bench of the cargo workspace.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criterion {
    /// The cargo package.
    pub package: String,
    /// Its bench target, with `harness = false`.
    pub bench: String,
    /// The exact id of the benchmark, with `{size}` where the size stands.
    pub id: String,
}

/// Keys that the manifest's format has and this version does not carry out.
pub const NOT_YET: &[&str] = &["http"];
