//! What may spoil the numbers: one variant a concern, each with what was seen and what to do about it.
//!
//! A pure function from the recorded environment to concerns; `machine.rs` and `toolchain.rs` read the facts.

use crate::evidence::{Environment, Python, Rust, Warning};

/// Share of all processors' time at work before the run from which a machine counts as busy.
const BUSY_SHARE: f64 = 0.25;
/// Share of time given to other virtual machines from which it shows in the numbers.
const STOLEN_SHARE: f64 = 0.02;
/// Swap that is worth a word, as a share of memory.
const SWAP_SHARE: f64 = 0.02;

/// Something that may spoil the numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Concern {
    /// Other programs are at work.
    BusyMachine {
        /// How that shows.
        seen: String,
    },
    /// The hypervisor gives processor time to other machines.
    StolenTime {
        /// Which share.
        share: f64,
    },
    /// The frequency follows the load.
    Governor {
        /// The governor.
        name: String,
    },
    /// The frequency depends on heat and on what other cores do.
    Turbo,
    /// The control group is throttled below one processor.
    CpuQuota {
        /// Processors' worth of time.
        processors: f64,
    },
    /// A core was slowed down for its heat while measuring.
    Throttled {
        /// How often.
        times: u64,
    },
    /// Memory lies on a disk.
    Swap {
        /// How much.
        bytes: u64,
    },
    /// A debug build of Python.
    DebugPython,
    /// Python without profile-guided optimisation.
    PlainPython,
    /// A free-threaded Python, which runs one thread slower.
    FreeThreaded,
    /// A free-threaded Python with the lock switched on again.
    LockBackOn,
    /// The interpreter is traced.
    Traced {
        /// By what.
        by: String,
    },
    /// A variable makes Python check more and run slower.
    PythonVariable {
        /// The variable with its value.
        setting: String,
    },
    /// A library is loaded into every process first.
    Preload {
        /// The variable.
        name: String,
    },
    /// An extension that was built for debugging.
    DebugExtension {
        /// Its import name.
        name: String,
    },
    /// An extension that leaves open how it was built.
    UnknownProfile {
        /// Its import name.
        name: String,
    },
    /// A native module that is older than what it is made of.
    StaleExtension {
        /// Its import name.
        name: String,
        /// Its path, time and digest.
        file: String,
        /// The newer source, with its time.
        source: String,
    },
    /// A native module that is not the one it should be.
    OtherExtension {
        /// Its import name.
        name: String,
        /// Its path, time and digest.
        file: String,
        /// Which one it should be.
        expected: String,
    },
    /// Flags turn on debugging in every Rust build.
    RustFlags {
        /// Which.
        flags: String,
    },
    /// The release profile is not one.
    WeakProfile {
        /// What it says.
        setting: String,
        /// Where it says so.
        place: String,
    },
}

impl Concern {
    /// Its stable name, for filters.
    pub fn code(&self) -> &'static str {
        match self {
            Concern::BusyMachine { .. } => "busy",
            Concern::StolenTime { .. } => "stolen-time",
            Concern::Governor { .. } => "governor",
            Concern::Turbo => "turbo",
            Concern::CpuQuota { .. } => "cpu-quota",
            Concern::Throttled { .. } => "throttled",
            Concern::Swap { .. } => "swap",
            Concern::DebugPython => "python-debug",
            Concern::PlainPython => "python-plain",
            Concern::FreeThreaded => "python-free-threaded",
            Concern::LockBackOn => "python-lock-back-on",
            Concern::Traced { .. } => "python-traced",
            Concern::PythonVariable { .. } => "python-variable",
            Concern::Preload { .. } => "preload",
            Concern::DebugExtension { .. } => "debug-extension",
            Concern::UnknownProfile { .. } => "unknown-profile",
            Concern::StaleExtension { .. } => "stale-extension",
            Concern::OtherExtension { .. } => "other-extension",
            Concern::RustFlags { .. } => "rust-flags",
            Concern::WeakProfile { .. } => "weak-profile",
        }
    }

    /// What was seen, in a sentence.
    pub fn text(&self) -> String {
        match self {
            Concern::BusyMachine { seen } => format!("The machine is busy with other work: {seen}."),
            Concern::StolenTime { share } => {
                format!("The hypervisor gave {} of the processors' time to other machines.", percent(*share))
            }
            Concern::Governor { name } => {
                format!("The frequency governor is `{name}`, so the clock follows the load.")
            }
            Concern::Turbo => "Turbo is on, so the clock depends on heat and on the other cores.".to_owned(),
            Concern::CpuQuota { processors } => {
                format!(
                    "The container may use only {processors:.2} of one processor, and is halted when that is spent."
                )
            }
            Concern::Throttled { times } => {
                format!("Cores were slowed down for their heat {times} times while measuring.")
            }
            Concern::Swap { bytes } => {
                format!("{} MiB of memory lie in swap.", bytes >> 20)
            }
            Concern::DebugPython => "This Python is a debug build, which flatters Rust severalfold.".to_owned(),
            Concern::PlainPython => {
                "This Python was built without profile-guided optimisation, which flatters Rust by up to a third."
                    .to_owned()
            }
            Concern::FreeThreaded => {
                "This Python is free-threaded, which costs one thread some of its speed.".to_owned()
            }
            Concern::LockBackOn => {
                "This Python is free-threaded, but its global lock is on: an import or a variable asked for it."
                    .to_owned()
            }
            Concern::Traced { by } => format!("Every Python process is traced or measured by {by}."),
            Concern::PythonVariable { setting } => {
                format!("The variable {setting} makes Python do more than it does in production.")
            }
            Concern::Preload { name } => format!("The variable {name} loads a library into every process."),
            Concern::DebugExtension { name } => format!("The extension {name} is a debug build."),
            Concern::UnknownProfile { name } => format!("The native module {name} does not say how it was built."),
            Concern::StaleExtension { name, file, source } => {
                format!("The extension {name} is older than its sources: {file}, and {source}.")
            }
            Concern::OtherExtension { name, file, expected } => {
                format!("The extension {name} that is imported is not {expected}: {file}.")
            }
            Concern::RustFlags { flags } => format!("Every Rust build gets the debugging flags `{flags}`."),
            Concern::WeakProfile { setting, place } => {
                format!("Release builds are made with `{setting}`, as {place} says.")
            }
        }
    }

    /// What to do about it, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Concern::BusyMachine { .. } => "Close what else is running: intervals are as wide as the noise.".to_owned(),
            Concern::StolenTime { .. } => "Measure at a quieter hour, or on a machine that is not shared.".to_owned(),
            Concern::Governor { .. } => {
                "Switch to `performance` while measuring: `sudo cpupower frequency-set -g performance`.".to_owned()
            }
            Concern::Turbo => {
                "For differences under a few percent, switch it off in the firmware or under /sys/devices/system/cpu."
                    .to_owned()
            }
            Concern::CpuQuota { .. } => {
                "Give the container at least one processor, better one more than the code uses.".to_owned()
            }
            Concern::Throttled { .. } => "Let the machine cool, and measure on mains power.".to_owned(),
            Concern::Swap { .. } => {
                "Free some memory: a page that comes back from a disk takes milliseconds.".to_owned()
            }
            Concern::DebugPython => "Measure with a release build of Python.".to_owned(),
            Concern::PlainPython => {
                "Measure with the interpreter that production uses, or build this one with `--enable-optimizations`."
                    .to_owned()
            }
            Concern::FreeThreaded => "Compare with the usual build where threads are not the point.".to_owned(),
            Concern::LockBackOn => {
                "Look which extension does not declare itself free of it, or unset PYTHON_GIL.".to_owned()
            }
            Concern::Traced { .. } => "Unset what switches it on: the slow-down falls on Python alone.".to_owned(),
            Concern::PythonVariable { .. } => "Unset it while measuring.".to_owned(),
            Concern::Preload { .. } => {
                "Unset it, unless production has it too: an allocator or a profiler changes every number.".to_owned()
            }
            Concern::DebugExtension { .. } => {
                "Build it in release, such as by `maturin develop --release`: debug builds reverse verdicts.".to_owned()
            }
            Concern::UnknownProfile { .. } => {
                "Make sure that it is a release build; it can say so by `__build_profile__`.".to_owned()
            }
            Concern::StaleExtension { .. } => {
                "Build it again, or let every run do so by `build` or `extensions` in the manifest.".to_owned()
            }
            Concern::OtherExtension { .. } => {
                "Take that one off the import path, or remove it: `python-path` comes first, then what the tool built."
                    .to_owned()
            }
            Concern::RustFlags { .. } => "Unset them while measuring.".to_owned(),
            Concern::WeakProfile { .. } => "Use the release profile's defaults, or stronger settings.".to_owned(),
        }
    }
}

impl From<&Concern> for Warning {
    fn from(concern: &Concern) -> Warning {
        Warning { code: concern.code().to_owned(), text: concern.text(), advice: concern.advice() }
    }
}

/// Everything that gives cause for concern in an environment. A virtual machine or a container as such does not.
pub fn concerns(environment: &Environment) -> Vec<Concern> {
    let mut found = Vec::new();
    machine(environment, &mut found);
    if let Some(python) = &environment.python {
        interpreter(python, &mut found);
    }
    variables(environment, &mut found);
    let debug = environment.extensions.iter().filter(|extension| extension.profile.as_deref() == Some("debug"));
    found.extend(debug.map(|extension| Concern::DebugExtension { name: extension.name.clone() }));
    if let Some(rust) = &environment.rust {
        rust_builds(rust, environment, &mut found);
    }
    found
}

fn machine(environment: &Environment, found: &mut Vec<Concern>) {
    let machine = &environment.machine;
    let processors = f64::from(environment.cpu_count);
    // The load is a mean over a minute, in which the tool's own builds are counted: the share at work is preferred.
    let busy = match (machine.busy_share, machine.load_1min) {
        (Some(share), _) => (share > BUSY_SHARE).then(|| format!("its processors are {} at work", percent(share))),
        (None, Some(load)) => {
            (load > 0.5 * processors).then(|| format!("load {load:.1} on {} processors", environment.cpu_count))
        }
        (None, None) => None,
    };
    found.extend(busy.map(|seen| Concern::BusyMachine { seen }));
    let stolen = machine.stolen_share.filter(|share| *share > STOLEN_SHARE);
    found.extend(stolen.map(|share| Concern::StolenTime { share }));
    let governor = machine.governor.clone().filter(|name| name != "performance" && name != "userspace");
    found.extend(governor.map(|name| Concern::Governor { name }));
    found.extend((machine.turbo == Some(true)).then_some(Concern::Turbo));
    let quota = machine.cpu_quota.filter(|processors| *processors < 1.0);
    found.extend(quota.map(|processors| Concern::CpuQuota { processors }));
    let swap = machine.swap_used_bytes.filter(|bytes| *bytes as f64 > SWAP_SHARE * environment.memory_bytes as f64);
    found.extend(swap.map(|bytes| Concern::Swap { bytes }));
}

fn interpreter(python: &Python, found: &mut Vec<Concern>) {
    if python.debug {
        found.push(Concern::DebugPython);
    } else if python.profile_guided == Some(false) {
        found.push(Concern::PlainPython);
    }
    match (python.free_threaded, python.gil) {
        (true, true) => found.push(Concern::LockBackOn),
        (true, false) => found.push(Concern::FreeThreaded),
        (false, _) => {}
    }
    found.extend(python.traced.then(|| Concern::Traced { by: "something that its start-up sets".to_owned() }));
}

/// Variables that put a tracer or profiler into every Python process.
const TRACERS: [(&str, &str); 5] = [
    ("COVERAGE_PROCESS_START", "coverage"),
    ("COVERAGE_PROCESS_CONFIG", "coverage"),
    ("COV_CORE_SOURCE", "pytest-cov"),
    ("PYDEVD_LOAD_VALUES_ASYNC", "a debugger"),
    ("PYTHONPROFILEIMPORTTIME", "the import timer"),
];
/// Variables that make Python check more and run slower.
const CHECKS: [&str; 8] = [
    "PYTHONDEVMODE",
    "PYTHONMALLOC",
    "PYTHONTRACEMALLOC",
    "PYTHONMALLOCSTATS",
    "PYTHONASYNCIODEBUG",
    "PYTHONVERBOSE",
    "PYTHONDUMPREFS",
    "PYTHONPERFSUPPORT",
];
const PRELOADS: [&str; 2] = ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES"];
const ALLOCATOR_CHECKS: [&str; 2] = ["MALLOC_CHECK_", "MALLOC_PERTURB_"];

/// Whether a variable is recorded: it changes how programs are built or run.
pub(super) fn is_recorded(name: &str) -> bool {
    let listed = TRACERS.iter().map(|(name, _)| *name).chain(CHECKS).chain(PRELOADS).chain(ALLOCATOR_CHECKS);
    listed.into_iter().any(|known| known == name)
        || name.starts_with("CARGO_PROFILE_")
        || name.starts_with("PYTHON_")
        || matches!(
            name,
            "RUSTFLAGS"
                | "CARGO_ENCODED_RUSTFLAGS"
                | "CARGO_BUILD_RUSTFLAGS"
                | "RUSTC_WRAPPER"
                | "CARGO_INCREMENTAL"
                | "PYTHONOPTIMIZE"
                | "PYTHONNODEBUGRANGES"
                | "GLIBC_TUNABLES"
                | "MALLOC_ARENA_MAX"
                | "OMP_NUM_THREADS"
                | "RAYON_NUM_THREADS"
        )
}

fn variables(environment: &Environment, found: &mut Vec<Concern>) {
    // Python takes an empty variable, and most take 0, for one that is not set.
    let set = |name: &str| environment.variables.get(name).filter(|value| !value.is_empty() && *value != "0");
    let mut by: Vec<&str> = TRACERS.iter().filter(|(name, _)| set(name).is_some()).map(|(_, tool)| *tool).collect();
    by.dedup();
    found.extend((!by.is_empty()).then(|| Concern::Traced { by: by.join(", ") }));
    for name in CHECKS.iter().chain(&ALLOCATOR_CHECKS) {
        let Some(value) = set(name) else { continue };
        // `PYTHONMALLOC` also chooses among allocators that check nothing.
        let is_plain = *name == "PYTHONMALLOC" && !value.contains("debug") && value != "malloc";
        if !is_plain {
            found.push(Concern::PythonVariable { setting: format!("{name}={value}") });
        }
    }
    found.extend(
        PRELOADS.iter().filter(|name| set(name).is_some()).map(|name| Concern::Preload { name: (*name).to_owned() }),
    );
}

fn rust_builds(rust: &Rust, environment: &Environment, found: &mut Vec<Concern>) {
    let slow: Vec<&str> = rust.flags.iter().map(String::as_str).filter(|flag| is_debugging(flag)).collect();
    found.extend((!slow.is_empty()).then(|| Concern::RustFlags { flags: slow.join(" ") }));
    for profile in ["RELEASE", "BENCH"] {
        let variable = |key: &str| {
            let name = format!("CARGO_PROFILE_{profile}_{key}");
            environment.variables.get(&name).map(|value| (value.as_str(), format!("the variable {name}")))
        };
        let level = variable("OPT_LEVEL").filter(|(level, _)| is_low(level));
        let asserts = variable("DEBUG_ASSERTIONS").filter(|(value, _)| *value == "true");
        found.extend(
            level.map(|(level, place)| Concern::WeakProfile { setting: format!("opt-level = {level}"), place }),
        );
        found.extend(
            asserts.map(|(_, place)| Concern::WeakProfile { setting: "debug-assertions = true".to_owned(), place }),
        );
    }
    let place = || "the project's Cargo.toml".to_owned();
    let level = rust.release.opt_level.as_deref().filter(|level| is_low(level));
    found.extend(level.map(|level| Concern::WeakProfile { setting: format!("opt-level = {level}"), place: place() }));
    if rust.release.debug_assertions == Some(true) {
        found.push(Concern::WeakProfile { setting: "debug-assertions = true".to_owned(), place: place() });
    }
}

/// Levels that leave speed aside; 2 and 3 do not differ by much.
fn is_low(level: &str) -> bool {
    matches!(level, "0" | "1" | "s" | "z")
}

/// Whether a flag of rustc, without its `-C` or `-Z`, makes slow programs.
fn is_debugging(flag: &str) -> bool {
    let (name, value) = flag.split_once('=').unwrap_or((flag, "yes"));
    let on = !matches!(value, "no" | "off" | "n" | "false");
    match name {
        "debug-assertions" | "overflow-checks" | "instrument-coverage" | "profile-generate" | "sanitizer" => on,
        "opt-level" => is_low(value),
        _ => false,
    }
}

/// A share in percent.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Machine, Profile};

    fn quiet() -> Environment {
        Environment {
            cpu_count: 4,
            memory_bytes: 8 << 30,
            machine: Machine {
                load_1min: Some(3.9),
                busy_share: Some(0.05),
                stolen_share: Some(0.0),
                governor: Some("performance".to_owned()),
                turbo: Some(false),
                virtualisation: Some("KVM".to_owned()),
                container: Some("docker".to_owned()),
                cpu_quota: Some(2.0),
                swap_used_bytes: Some(1 << 20),
                ..Machine::default()
            },
            python: Some(Python { gil: true, profile_guided: Some(true), ..Python::default() }),
            rust: Some(Rust { flags: vec!["target-cpu=native".to_owned()], ..Rust::default() }),
            ..Environment::default()
        }
    }

    fn codes(environment: &Environment) -> Vec<&'static str> {
        concerns(environment).iter().map(Concern::code).collect()
    }

    fn with(change: impl Fn(&mut Environment)) -> Vec<&'static str> {
        let mut environment = quiet();
        change(&mut environment);
        codes(&environment)
    }

    fn variable(name: &str, value: &str) -> Vec<&'static str> {
        with(|environment| drop(environment.variables.insert(name.to_owned(), value.to_owned())))
    }

    #[test]
    fn a_quiet_virtual_machine_gives_no_concern() {
        assert_eq!(codes(&quiet()), Vec::<&str>::new());
        assert_eq!(codes(&Environment::default()), Vec::<&str>::new());
    }

    #[test]
    fn the_share_at_work_counts_before_the_load() {
        assert_eq!(with(|it| it.machine.busy_share = Some(0.4)), ["busy"]);
        assert_eq!(with(|it| it.machine.busy_share = None), ["busy"]);
        assert_eq!(with(|it| (it.machine.busy_share, it.machine.load_1min) = (None, Some(1.0))), Vec::<&str>::new());
    }

    #[test]
    fn each_fact_of_the_machine_has_its_concern() {
        assert_eq!(with(|it| it.machine.governor = Some("powersave".to_owned())), ["governor"]);
        assert_eq!(with(|it| it.machine.turbo = Some(true)), ["turbo"]);
        assert_eq!(with(|it| it.machine.cpu_quota = Some(0.5)), ["cpu-quota"]);
        assert_eq!(with(|it| it.machine.stolen_share = Some(0.1)), ["stolen-time"]);
        assert_eq!(with(|it| it.machine.swap_used_bytes = Some(1 << 30)), ["swap"]);
    }

    #[test]
    fn a_python_that_is_not_productions_is_told() {
        let python = |change: fn(&mut Python)| with(|it| change(it.python.as_mut().unwrap()));
        assert_eq!(python(|it| it.debug = true), ["python-debug"]);
        assert_eq!(python(|it| it.profile_guided = Some(false)), ["python-plain"]);
        assert_eq!(python(|it| it.profile_guided = None), Vec::<&str>::new());
        assert_eq!(python(|it| (it.free_threaded, it.gil) = (true, false)), ["python-free-threaded"]);
        assert_eq!(python(|it| it.free_threaded = true), ["python-lock-back-on"]);
        assert_eq!(python(|it| it.traced = true), ["python-traced"]);
    }

    #[test]
    fn variables_that_slow_one_side_are_told() {
        assert_eq!(variable("COVERAGE_PROCESS_START", ".coveragerc"), ["python-traced"]);
        assert_eq!(variable("PYTHONDEVMODE", "1"), ["python-variable"]);
        assert_eq!(variable("PYTHONDEVMODE", ""), Vec::<&str>::new());
        assert_eq!(variable("PYTHONMALLOC", "pymalloc_debug"), ["python-variable"]);
        assert_eq!(variable("PYTHONMALLOC", "pymalloc"), Vec::<&str>::new());
        assert_eq!(variable("PYTHONTRACEMALLOC", "5"), ["python-variable"]);
        assert_eq!(variable("LD_PRELOAD", "/usr/lib/libjemalloc.so.2"), ["preload"]);
    }

    #[test]
    fn weak_builds_are_told() {
        assert_eq!(variable("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ["weak-profile"]);
        assert_eq!(variable("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"), Vec::<&str>::new());
        assert_eq!(variable("CARGO_PROFILE_BENCH_DEBUG_ASSERTIONS", "true"), ["weak-profile"]);
        let flags = |flag: &str| with(|it| it.rust.as_mut().unwrap().flags = vec![flag.to_owned()]);
        assert_eq!(flags("debug-assertions"), ["rust-flags"]);
        assert_eq!(flags("debug-assertions=no"), Vec::<&str>::new());
        assert_eq!(flags("opt-level=0"), ["rust-flags"]);
        let weak = Profile { opt_level: Some("s".to_owned()), ..Profile::default() };
        assert_eq!(with(|it| it.rust.as_mut().unwrap().release = weak.clone()), ["weak-profile"]);
    }

    #[test]
    fn every_concern_speaks_in_whole_sentences() {
        let text = || "something".to_owned();
        let all = [
            Concern::BusyMachine { seen: text() },
            Concern::StolenTime { share: 0.1 },
            Concern::Governor { name: text() },
            Concern::Turbo,
            Concern::CpuQuota { processors: 0.5 },
            Concern::Throttled { times: 3 },
            Concern::Swap { bytes: 1 << 30 },
            Concern::DebugPython,
            Concern::PlainPython,
            Concern::FreeThreaded,
            Concern::LockBackOn,
            Concern::Traced { by: text() },
            Concern::PythonVariable { setting: text() },
            Concern::Preload { name: text() },
            Concern::DebugExtension { name: text() },
            Concern::UnknownProfile { name: text() },
            Concern::StaleExtension { name: text(), file: text(), source: text() },
            Concern::OtherExtension { name: text(), file: text(), expected: text() },
            Concern::RustFlags { flags: text() },
            Concern::WeakProfile { setting: text(), place: text() },
        ];
        for concern in &all {
            for sentence in [concern.text(), concern.advice()] {
                let first = sentence.chars().next().unwrap();
                assert!(first.is_uppercase() || first.is_numeric(), "{sentence}");
                assert!(sentence.ends_with('.'), "{sentence}");
            }
        }
        let mut codes: Vec<&str> = all.iter().map(Concern::code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all.len());
    }
}
