//! The machine and the checkout, as the evidence records them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::PythonHome;
use super::cache::digest;
use crate::evidence::{Environment, Git, Python, Warning};
use crate::launch::{Launch, run};

/// Describes the machine, its interpreter and the checkout of the project at `root`.
pub fn describe(root: &Path, home: Option<&PythonHome>) -> Environment {
    let cpu_count =
        std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX));
    let mut environment = Environment {
        host_id: host_id(),
        os: os(),
        cpu_model: cpu_model(),
        cpu_count,
        memory_bytes: memory_bytes(),
        python: home.map(python),
        rustc: output(root, "rustc", &["--version"]),
        git: git(root),
        ..Environment::default()
    };
    environment.warnings = warnings(&environment);
    environment
}

fn python(home: &PythonHome) -> Python {
    let interpreter = &home.interpreter;
    Python {
        version: interpreter.version.clone(),
        implementation: interpreter.implementation.clone(),
        executable: home.base.executable.clone(),
        gil: false,
        jit: false,
        gc: "on, frozen after the warm-up".to_owned(),
        build: interpreter.build.clone(),
        packages: home.packages.clone(),
    }
}

fn warnings(environment: &Environment) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let load = fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    if let Some(load) = load.filter(|load| *load > 0.5 * f64::from(environment.cpu_count)) {
        warnings.push(Warning {
            code: "load".to_owned(),
            text: format!(
                "the machine was busy before the run: load {load:.1} on {} processors",
                environment.cpu_count
            ),
            advice: "Close what else is running; the intervals are as wide as the noise.".to_owned(),
        });
    }
    let governor = fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").unwrap_or_default();
    if matches!(governor.trim(), "powersave" | "ondemand" | "conservative") {
        warnings.push(Warning {
            code: "governor".to_owned(),
            text: format!("The frequency governor is `{}`.", governor.trim()),
            advice: "Switch to `performance` while measuring.".to_owned(),
        });
    }
    let build = environment.python.as_ref().map(|python| python.build.as_str()).unwrap_or_default();
    if build.contains("debug build") {
        warnings.push(Warning {
            code: "python-debug".to_owned(),
            text: "This Python is a debug build: it flatters Rust.".to_owned(),
            advice: "Measure with a release build of Python.".to_owned(),
        });
    } else if environment.python.is_some() && !build.contains("optimised with a profile") {
        warnings.push(Warning {
            code: "python-plain".to_owned(),
            text: "This Python was built without profile-guided optimisation, which flatters Rust by up to a third."
                .to_owned(),
            advice: "Measure with the interpreter that production uses.".to_owned(),
        });
    }
    warnings
}

/// Tells one host from another without naming it.
fn host_id() -> String {
    let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/hostname"]
        .iter()
        .find_map(|path| fs::read(path).ok().filter(|text| !text.is_empty()));
    digest([b"rustworthy host".as_slice(), &machine.unwrap_or_default(), cpu_model().as_bytes()])[..16].to_owned()
}

fn os() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"'));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    match (name, kernel.trim()) {
        (Some(name), "") => name.to_owned(),
        (Some(name), kernel) => format!("{name}, Linux {kernel}"),
        (None, _) => std::env::consts::OS.to_owned(),
    }
}

fn cpu_model() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), str::to_owned)
}

fn memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    total.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn git(root: &Path) -> Option<Git> {
    let commit = output(root, "git", &["rev-parse", "HEAD"])?;
    let changes = output(root, "git", &["status", "--porcelain", "--untracked-files=no"]);
    Some(Git { commit, dirty: changes.is_some() })
}

/// The trimmed standard output of a program that succeeded and said something.
fn output(root: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let launch = Launch::new(program, root).args(arguments).timeout(Duration::from_secs(20));
    let finished = run(&launch).ok().filter(crate::launch::Finished::succeeded)?;
    let text = String::from_utf8_lossy(&finished.stdout).trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}
