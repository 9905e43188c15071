//! `rustworthy.toml` as a project: found, read, checked. Every error names file, line and the mend.

mod binary;
mod check;
mod claims;
mod error;
mod filter;
#[cfg(test)]
mod fuzz;
mod gate;
mod lines;
#[cfg(test)]
mod schema;
mod verdict;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::{Fault, ManifestError};
pub use filter::FilterError;
pub use gate::{GateRules, Inconclusive, Instructions, WorkloadGate};
pub use lines::Lines;

use crate::evidence::{Claim, Kind, Limits, Role, RunnerKind, Thresholds, Tolerance};

/// The manifest's file name.
pub const FILE_NAME: &str = "rustworthy.toml";
/// The name of the file of claims, which may lie beside it.
pub const CLAIMS_FILE_NAME: &str = "claims.toml";

/// A project to be measured.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of the manifest; every relative path starts there.
    pub root: PathBuf,
    /// Its name.
    pub name: String,
    /// The interpreter, when the manifest names one.
    pub python: Option<PathBuf>,
    /// Folders put on `sys.path` of every Python worker.
    pub python_path: Vec<PathBuf>,
    /// Requirements of the managed environment.
    pub requirements: Option<PathBuf>,
    /// Commands that build it, as argument lists.
    pub build: Vec<Vec<String>>,
    /// Extension modules that the tool builds with cargo.
    pub extensions: Vec<ExtensionBuild>,
    /// The folder in which cargo finds the project's workspace.
    pub cargo: PathBuf,
    /// Programs that the tool builds with cargo, for commands.
    pub binaries: Vec<Binary>,
    /// Where runs are written.
    pub reports: PathBuf,
    /// What computing costs in a year, in any currency.
    pub yearly_compute_cost: Option<f64>,
    /// What one day of an engineer costs, in the same currency.
    pub day_rate: Option<f64>,
    /// How surely and how long the gate judges.
    pub gate: GateRules,
    /// What verdicts are held against.
    pub thresholds: Thresholds,
    /// In the manifest's order.
    pub workloads: Vec<Workload>,
    /// Sentences that runs are held against, of the file beside the manifest.
    pub claims: Vec<Claim>,
    /// Where it is built, when it is one side of a comparison; no manifest says so.
    pub apart: Option<Apart>,
}

/// The places of a project that is one side of a comparison: it shares no file with the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The side's checkout of the repository. What a manifest names outside of it, both sides share.
    pub tree: PathBuf,
    /// Tells what is checked out there from anything else: the id of a git tree.
    pub content: String,
    /// The cargo target folder of what the tool builds.
    pub target: PathBuf,
    /// The folder of the side's managed environments.
    pub environments: PathBuf,
    /// Whether it gets a managed environment even if it needs none, because the other side does: then the variables of
    /// both are of one length.
    pub is_managed: bool,
    /// Another arrangement of the same machine code: rustc gets `-C metadata` of this number besides all other flags.
    pub salt: Option<u8>,
}

impl Project {
    /// Whether even a quick run needs intervals at a workload's size: the largest, and those that claims ask about.
    pub fn needs_in_full(&self, workload: &Workload, size: u64) -> bool {
        workload.sizes.last() == Some(&size) || self.claims.iter().any(|claim| claim.asks_about(&workload.name, size))
    }
}

/// An extension module in the project's cargo workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionBuild {
    /// The cargo package; its library is a `cdylib`.
    pub package: String,
    /// The module's import name.
    pub module: String,
    /// Cargo features to switch on.
    pub features: Vec<String>,
}

/// A program in the project's cargo workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// The cargo package.
    pub package: String,
    /// The name of its binary target, unique in the project.
    pub name: String,
    /// Cargo features to switch on.
    pub features: Vec<String>,
}

/// One task with its inputs and implementations.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name, unique in the project.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Labels for filters.
    pub tags: Vec<String>,
    /// Points at which the input is made, ascending.
    pub sizes: Vec<u64>,
    /// The smallest of its sizes, whichever are asked for: memory is warmed up with it.
    pub smallest: u64,
    /// What a size counts.
    pub unit: Option<String>,
    /// Items in every input, handed over so many a call as the size says.
    pub total_items: Option<u64>,
    /// The input callable; `None`: the implementations take no arguments.
    pub input: Option<Callable>,
    /// Whether implementations get the path of the input file instead of its value.
    pub input_as_path: bool,
    /// Whether only whole processes cross it.
    pub process_boundary: bool,
    /// The share of the application's time that is spent here, 0 to 1.
    pub share_of_runtime: Option<f64>,
    /// What the port would cost, in an engineer's days.
    pub effort_days: Option<f64>,
    /// The rules of equality.
    pub tolerance: Tolerance,
    /// How the outputs of commands are compared.
    pub output: OutputForm,
    /// Where further cases of equality come from.
    pub cases: Cases,
    /// By the baseline's exception class, the candidates' classes that stand for it.
    pub exceptions: BTreeMap<String, Vec<String>>,
    /// Turns results into plain values, off the clock.
    pub result: Option<Callable>,
    /// Run once in each worker before the input is made.
    pub setup: Option<Callable>,
    /// Each call gets arguments of its own.
    pub fresh_inputs: bool,
    /// Lazy results are exhausted inside the clock.
    pub consume: bool,
    /// How long a launch may take before it is killed.
    pub timeout: Duration,
    /// Address space of a launch, bytes.
    pub memory_limit: Option<u64>,
    /// Variables added to a launch's environment.
    pub env: BTreeMap<String, String>,
    /// Working directory of a launch; `None`: the manifest's folder, and for a bench that of its package, as cargo does.
    pub cwd: Option<PathBuf>,
    /// What the gate holds it to.
    pub gate: WorkloadGate,
    /// What an implementation may need at most to be recommended.
    pub limits: Limits,
    /// The baseline first, then the candidates in the manifest's order.
    pub implementations: Vec<Implementation>,
}

/// How the outputs of commands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputForm {
    /// Byte for byte.
    Bytes,
    /// As the JSON documents that they must be; where the exit code is not 0, byte for byte.
    Json,
}

/// Where further cases of equality come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cases {
    /// From the input callable, at other seeds and sizes.
    Declared,
    /// From the annotations of the baseline's arguments, too.
    Types,
}

/// One way to do a workload's task.
#[derive(Clone, Debug)]
pub struct Implementation {
    /// `baseline`, or the candidate's name.
    pub name: String,
    /// Baseline or candidate.
    pub role: Role,
    /// What it is made of.
    pub kind: Kind,
    /// How it differs from the plain one of its kind.
    pub variant: Option<String>,
    /// What is executed.
    pub target: Target,
    /// Prints a bench's result as JSON, where the bench has no worker.
    pub verify: Option<Argv>,
    /// Import names that must be there.
    pub requires: Vec<String>,
    /// The native implementation that it wraps.
    pub kernel: Option<String>,
    /// What it takes for granted.
    pub assumes: Option<String>,
    /// Turns the arguments into those that it takes, off the clock.
    pub adapt: Option<Callable>,
    /// The files that it is written in.
    pub source: Vec<PathBuf>,
}

/// What is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A Python callable.
    Python(Callable),
    /// A criterion bench.
    Criterion(Bench),
    /// A whole process.
    Command(Argv),
}

impl Target {
    /// The runner that executes it.
    pub fn runner(&self) -> RunnerKind {
        match self {
            Target::Python(_) => RunnerKind::Python,
            Target::Criterion(_) => RunnerKind::Criterion,
            Target::Command(_) => RunnerKind::Command,
        }
    }

    /// As the manifest says it.
    pub fn text(&self) -> String {
        match self {
            Target::Python(callable) => callable.0.clone(),
            Target::Criterion(bench) => format!("{}/{}: {}", bench.package, bench.bench, bench.id),
            Target::Command(argv) => argv.0.join(" "),
        }
    }
}

/// `module:attribute`, checked for its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callable(String);

impl Callable {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A program with its arguments, in which [`PLACEHOLDERS`] and `{bin:NAME}` are filled in. There is no shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argv(Vec<String>);

/// What is filled in in a command: the interpreter, the size, the seed, the input file.
pub const PLACEHOLDERS: [&str; 4] = ["{python}", "{size}", "{seed}", "{input}"];

impl Argv {
    /// Whether the placeholder stands anywhere in it.
    pub fn has(&self, placeholder: &str) -> bool {
        self.0.iter().any(|word| word.contains(placeholder))
    }

    /// The names in every `{bin:NAME}`.
    pub fn binaries(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|word| binary::named(word))
    }

    /// The words with every placeholder replaced by what `fill` gives for it, and every program by its path.
    pub fn filled(&self, fill: impl Fn(&str) -> String, program: impl Fn(&str) -> String) -> Vec<String> {
        let fill_word = |word: &String| {
            let filled = PLACEHOLDERS.iter().fold(word.clone(), |filled, placeholder| {
                if word.contains(placeholder) { filled.replace(placeholder, &fill(placeholder)) } else { filled }
            });
            binary::named(word).fold(filled, |filled, name| filled.replace(&binary::placeholder(name), &program(name)))
        };
        self.0.iter().map(fill_word).collect()
    }
}

/// A criterion bench of the project's cargo workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bench {
    /// The cargo package.
    pub package: String,
    /// The bench target.
    pub bench: String,
    /// The benchmark's id, with `{size}` where the size stands.
    pub id: String,
}

impl Bench {
    /// The id at a size.
    pub fn id_at(&self, size: u64) -> String {
        self.id.replace("{size}", &size.to_string())
    }

    /// The name of the workload in the bench's worker: the id without the part that holds the size.
    pub fn worker_name(&self) -> &str {
        self.id.split("/{size}").next().unwrap_or(&self.id)
    }
}

/// Finds the manifest in `start` or above it, and reads it.
///
/// # Errors
/// When there is none, it cannot be read, or it says what cannot be.
pub fn find(start: &Path) -> Result<Project, ManifestError> {
    let root = start
        .ancestors()
        .find(|folder| folder.join(FILE_NAME).is_file())
        .ok_or_else(|| ManifestError::NotFound(start.to_owned()))?;
    read(root)
}

/// Reads the manifest of the folder `root`, and the claims beside it where there are any.
///
/// # Errors
/// When one of them cannot be read, or says what cannot be.
pub fn read(root: &Path) -> Result<Project, ManifestError> {
    let path = root.join(FILE_NAME);
    let text = fs::read(&path).map_err(|source| ManifestError::Unreadable { path: path.clone(), source })?;
    let mut project = parse(root, &path, &String::from_utf8_lossy(&text))?;
    let path = root.join(CLAIMS_FILE_NAME);
    match fs::read(&path) {
        Ok(text) => project.claims = claims::parse(&project, &path, &String::from_utf8_lossy(&text))?,
        Err(source) if source.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(ManifestError::Unreadable { path, source }),
    }
    Ok(project)
}

/// Parses a manifest's text; `path` only names it in errors.
///
/// # Errors
/// When it says what cannot be.
pub fn parse(root: &Path, path: &Path, text: &str) -> Result<Project, ManifestError> {
    let source = error::Source { path, text };
    let wire = toml::from_str(text).map_err(|error| check::toml_fault(source, &error))?;
    check::project(root, source, wire)
}

#[cfg(test)]
mod tests;
