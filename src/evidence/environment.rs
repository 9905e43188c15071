//! Where a run was measured: the machine, the interpreter, the tool chain, and what of them may spoil the numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The machine and the tools on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Digest that tells one host from another without naming it.
    pub host_id: String,
    /// Operating system and kernel.
    pub os: String,
    /// The processor's model name.
    pub cpu_model: String,
    /// Logical processors that this process may use.
    pub cpu_count: u32,
    /// Physical memory, bytes.
    pub memory_bytes: u64,
    /// The interpreter; `None` where no Python was needed.
    pub python: Option<Python>,
    /// `rustc --version`; `None` where nothing was built.
    pub rustc: Option<String>,
    /// The state of the machine when the run began.
    #[serde(default)]
    pub machine: Machine,
    /// How Rust is built here; `None` without `rustc`.
    #[serde(default)]
    pub rust: Option<Rust>,
    /// Variables of the environment that change how programs are built or run, by name.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The project's checkout; `None` outside one.
    pub git: Option<Git>,
    /// Native modules of the project, as loaded.
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// What was built before measuring.
    #[serde(default)]
    pub builds: Vec<Build>,
    /// What may spoil the numbers, each with what to do.
    pub warnings: Vec<Warning>,
}

/// The interpreter that every Python-side implementation ran in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Python {
    /// Such as `3.11.7`.
    pub version: String,
    /// Such as `CPython`.
    pub implementation: String,
    /// Its path.
    pub executable: PathBuf,
    /// Whether the global interpreter lock was on, after the imports.
    pub gil: bool,
    /// Whether the just-in-time compiler was on.
    pub jit: bool,
    /// The garbage collector's policy while measuring.
    pub gc: String,
    /// How it was built, as far as it says: optimisation, profile-guided, shared library.
    pub build: String,
    /// Packages that it sees, `name==version`: those of the managed environment where there is one.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The compiler it was built with.
    #[serde(default)]
    pub compiler: Option<String>,
    /// Whether it was built with profile-guided optimisation; `None` where it does not say.
    #[serde(default)]
    pub profile_guided: Option<bool>,
    /// Whether it is a debug build.
    #[serde(default)]
    pub debug: bool,
    /// Whether it was built to run without the global interpreter lock.
    #[serde(default)]
    pub free_threaded: bool,
    /// Whether a trace or profile function was set before anything was imported.
    #[serde(default)]
    pub traced: bool,
    /// `sys.flags` that are not 0.
    #[serde(default)]
    pub flags: BTreeMap<String, i64>,
}

/// The state of a machine: what may change from one hour to the next, or from one virtual machine to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Such as `x86_64`.
    pub architecture: String,
    /// Mean number of runnable processes over the last minute.
    pub load_1min: Option<f64>,
    /// Share of all processors' time that was spent working just before the run, 0 to 1.
    pub busy_share: Option<f64>,
    /// Share of it that the hypervisor gave to other machines.
    pub stolen_share: Option<f64>,
    /// The frequency governor.
    pub governor: Option<String>,
    /// Whether processors may run faster than their nominal frequency.
    pub turbo: Option<bool>,
    /// Whether two logical processors share a core.
    pub smt: Option<bool>,
    /// Times that a core was slowed down for its heat, since start-up.
    pub throttled: Option<u64>,
    /// The virtual machine's product; `unnamed` where it only shows that it is one.
    pub virtualisation: Option<String>,
    /// The container's engine.
    pub container: Option<String>,
    /// Processors' worth of time that the control group may use.
    pub cpu_quota: Option<f64>,
    /// Swap in use, bytes.
    pub swap_used_bytes: Option<u64>,
    /// Randomisation of address spaces: `off`, `partial`, `full`.
    pub aslr: Option<String>,
}

/// How Rust is built, as far as it can be told without building.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rust {
    /// The target that is built for.
    pub host: Option<String>,
    /// The version of LLVM.
    pub llvm: Option<String>,
    /// Flags given to every rustc, by `RUSTFLAGS` or cargo's configuration.
    pub flags: Vec<String>,
    /// `-C target-cpu`; `None`: the target's plain one.
    pub target_cpu: Option<String>,
    /// The release profile as the project sets it; what it does not set is cargo's default.
    pub release: Profile,
}

/// A build profile of cargo; `None` stands for cargo's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// `opt-level`; by default 3 in release.
    pub opt_level: Option<String>,
    /// `lto`; by default within a crate only.
    pub lto: Option<String>,
    /// `codegen-units`; by default 16 in release.
    pub codegen_units: Option<u32>,
    /// `panic`; by default `unwind`.
    pub panic: Option<String>,
    /// `debug-assertions`; off by default in release.
    pub debug_assertions: Option<bool>,
}

/// The state of the project's checkout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Git {
    /// The commit.
    pub commit: String,
    /// Whether tracked files differ from it.
    pub dirty: bool,
}

/// A native module, as a worker loaded it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// Its import name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// `release`, `debug`, or `None` where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The PyO3 version it was built with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pyo3: Option<String>,
    /// Digest of the file; `None` where it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When the file was last written, RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
}

/// One build.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// What was built.
    pub what: String,
    /// Wall time, seconds; near zero when nothing had changed.
    pub seconds: f64,
    /// Size of what came out, bytes.
    pub artefact_bytes: u64,
    /// Digest of what came out; `None` where nothing did that the tool knows of.
    #[serde(default)]
    pub sha256: Option<String>,
    /// `opt-level`, as cargo reported it.
    #[serde(default)]
    pub opt_level: Option<String>,
    /// The memory allocator that was linked in, where its symbols tell; `None`: unknown, mostly the system's.
    #[serde(default)]
    pub allocator: Option<String>,
}

/// Something that may spoil the numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable name, for filters.
    pub code: String,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}
