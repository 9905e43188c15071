//! The machine and the checkout, as the evidence records them: every file is read here, and a missing one is no error.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::cache::digest;
use super::concern::{concerns, is_recorded};
use super::{Cache, PythonHome, toolchain};
use crate::evidence::{Environment, Git, Machine, Python, Warning};
use crate::launch::{Launch, run};

/// How long the processors are watched to tell whether they are at work.
const WATCH: Duration = Duration::from_millis(250);
const CPU_FOLDER: &str = "/sys/devices/system/cpu";

/// Describes the machine, its interpreter and the checkout of the project at `root`, with what gives cause for concern.
pub fn describe(root: &Path, home: Option<&PythonHome>) -> Environment {
    let cpu_count = thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX));
    let rust = toolchain::describe(root);
    let mut environment = Environment {
        host_id: host_id(),
        os: os(),
        cpu_model: cpu_model(),
        cpu_count,
        memory_bytes: memory_bytes("MemTotal").unwrap_or(0),
        python: home.map(python),
        rustc: output(root, "rustc", &["--version"]),
        machine: machine(),
        rust,
        variables: variables(),
        git: git(root),
        ..Environment::default()
    };
    environment.warnings = concerns(&environment).iter().map(Warning::from).collect();
    environment
}

/// How often a core was slowed down for its heat since start-up; `None` where nothing counts it.
pub fn throttled() -> Option<u64> {
    let counts = cpu_folders().filter_map(|folder| {
        fs::read_to_string(folder.join("thermal_throttle/core_throttle_count")).ok()?.trim().parse::<u64>().ok()
    });
    counts.reduce(|total, count| total + count)
}

/// What `about.py` answers.
#[derive(Debug, Default, Deserialize)]
struct About {
    compiler: String,
    built: Vec<String>,
    profile_guided: Option<bool>,
    debug: bool,
    free_threaded: bool,
    gil: bool,
    jit: bool,
    flags: BTreeMap<String, i64>,
    traced: bool,
    packages: Vec<String>,
}

fn python(home: &PythonHome) -> Python {
    let interpreter = &home.interpreter;
    let plain = Python {
        version: interpreter.version.clone(),
        implementation: interpreter.implementation.clone(),
        executable: home.base.executable.clone(),
        gc: "on, frozen after the warm-up".to_owned(),
        build: interpreter.build.clone(),
        packages: home.packages.clone(),
        debug: interpreter.build.contains("debug build"),
        ..Python::default()
    };
    let Some(about) = about(home) else { return plain };
    Python {
        gil: about.gil,
        jit: about.jit,
        build: if about.built.is_empty() { plain.build } else { about.built.join(", ") },
        packages: if plain.packages.is_empty() { about.packages } else { plain.packages },
        compiler: Some(about.compiler).filter(|compiler| !compiler.is_empty()),
        profile_guided: about.profile_guided,
        debug: about.debug,
        free_threaded: about.free_threaded,
        traced: about.traced,
        flags: about.flags,
        ..plain
    }
}

/// Asks the interpreter that launches use about itself. `None` when it does not answer: what is known then must do.
fn about(home: &PythonHome) -> Option<About> {
    let script = Cache::open().ok()?.about_script().ok()?;
    let mut launch = Launch::new(&home.interpreter.executable, std::env::temp_dir())
        .args([script.as_os_str()])
        .timeout(Duration::from_secs(30));
    launch.env = home.variables();
    let finished = run(&launch).ok().filter(crate::launch::Finished::succeeded)?;
    let last = finished.stdout.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty())?;
    serde_json::from_slice(last).ok()
}

fn machine() -> Machine {
    let (busy_share, stolen_share) = at_work().unzip();
    Machine {
        architecture: std::env::consts::ARCH.to_owned(),
        load_1min: word("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
        busy_share,
        stolen_share,
        governor: word(format!("{CPU_FOLDER}/cpu0/cpufreq/scaling_governor")),
        turbo: turbo(
            word(format!("{CPU_FOLDER}/intel_pstate/no_turbo")).as_deref(),
            word(format!("{CPU_FOLDER}/cpufreq/boost")).as_deref(),
        ),
        smt: word(format!("{CPU_FOLDER}/smt/active")).map(|active| active == "1"),
        throttled: throttled(),
        virtualisation: virtualisation(),
        container: container(),
        cpu_quota: cpu_quota(),
        swap_used_bytes: memory_bytes("SwapTotal").zip(memory_bytes("SwapFree")).map(|(total, free)| total - free),
        aslr: word("/proc/sys/kernel/randomize_va_space").map(|level| {
            match level.as_str() {
                "0" => "off",
                "1" => "partial",
                _ => "full",
            }
            .to_owned()
        }),
    }
}

/// The trimmed content of a small file that says something.
fn word(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Intel's driver says whether turbo is forbidden, the others whether it is allowed.
fn turbo(no_turbo: Option<&str>, boost: Option<&str>) -> Option<bool> {
    match (no_turbo, boost) {
        (Some(forbidden), _) => Some(forbidden == "0"),
        (None, Some(allowed)) => Some(allowed == "1"),
        (None, None) => None,
    }
}

/// Shares of all processors' time: at work, and given to other machines, over a short while.
fn at_work() -> Option<(f64, f64)> {
    let before = fs::read_to_string("/proc/stat").ok()?;
    thread::sleep(WATCH);
    shares(&before, &fs::read_to_string("/proc/stat").ok()?)
}

/// The same from two readings of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, in ticks.
fn shares(before: &str, after: &str) -> Option<(f64, f64)> {
    let ticks = |text: &str| -> Option<Vec<f64>> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        line.split_whitespace().take(8).map(|word| word.parse().ok()).collect()
    };
    let (before, after) = (ticks(before)?, ticks(after)?);
    let spent: Vec<f64> = after.iter().zip(&before).map(|(after, before)| (after - before).max(0.0)).collect();
    let total: f64 = spent.iter().sum();
    let (idle, stolen) = (spent.get(3)? + spent.get(4)?, *spent.get(7)?);
    (total > 0.0).then(|| ((total - idle) / total, stolen / total))
}

fn cpu_folders() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(CPU_FOLDER).ok().into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.strip_prefix("cpu").is_some_and(|number| number.parse::<u32>().is_ok())
    })
}

fn virtualisation() -> Option<String> {
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let is_guest = flags
        .lines()
        .find(|line| line.starts_with("flags"))
        .is_some_and(|line| line.split_whitespace().any(|flag| flag == "hypervisor"));
    let vendor = word("/sys/class/dmi/id/sys_vendor");
    let product = word("/sys/class/dmi/id/product_name");
    let named = [vendor, product].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let kind = word("/sys/hypervisor/type");
    let name = kind.or((!named.is_empty()).then_some(named));
    is_guest.then(|| name.unwrap_or_else(|| "unnamed".to_owned()))
}

fn container() -> Option<String> {
    let named = std::env::var("container").ok().filter(|name| !name.is_empty());
    let groups = fs::read_to_string("/proc/1/cgroup").unwrap_or_default();
    let engine = ["kubepods", "docker", "podman", "lxc"].into_iter().find(|engine| groups.contains(engine));
    let marked = |file: &str, engine: &'static str| Path::new(file).exists().then_some(engine);
    let engine = engine.or_else(|| marked("/.dockerenv", "docker")).or_else(|| marked("/run/.containerenv", "podman"));
    named.or_else(|| engine.map(str::to_owned))
}

/// The tightest limit among this process's control group and those above it.
fn cpu_quota() -> Option<f64> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let path = own.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default().to_owned();
    let unified = Path::new("/sys/fs/cgroup").join(path);
    let limits = unified
        .ancestors()
        .take_while(|folder| folder.starts_with("/sys/fs/cgroup"))
        .filter_map(|folder| quota(&word(folder.join("cpu.max"))?));
    let older = || {
        let read = |name: &str| word(format!("/sys/fs/cgroup/cpu/{name}"));
        quota(&format!("{} {}", read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?))
    };
    limits.min_by(f64::total_cmp).or_else(older)
}

/// `QUOTA PERIOD` as processors; `None` for `max` and −1, which are no limit.
fn quota(text: &str) -> Option<f64> {
    let (quota, period) = text.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.trim().parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn variables() -> BTreeMap<String, String> {
    let words = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    words
        .filter(|(name, _)| is_recorded(name))
        .map(|(name, value)| (name, without_home(&value.to_string_lossy())))
        .collect()
}

/// A text with the person's home written as `~`.
pub(super) fn without_home(text: &str) -> String {
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
    home.map_or_else(|| text.to_owned(), |home| text.replace(&home, "~"))
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

/// A line of `/proc/meminfo`, bytes.
fn memory_bytes(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The checkout that a folder lies in; `None` outside of one, and without git.
pub fn git(root: &Path) -> Option<Git> {
    let commit = output(root, "git", &["rev-parse", "HEAD"])?;
    let changes = output(root, "git", &["status", "--porcelain", "--untracked-files=no"]);
    Some(Git { commit, dirty: changes.is_some() })
}

/// The trimmed standard output of a program that succeeded and said something.
pub(super) fn output(root: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let launch = Launch::new(program, root).args(arguments).timeout(Duration::from_secs(20));
    let finished = run(&launch).ok().filter(crate::launch::Finished::succeeded)?;
    let text = String::from_utf8_lossy(&finished.stdout).trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_ticks_between_two_readings() {
        let before = "cpu  100 0 50 1000 10 0 0 0 0 0\ncpu0 …";
        let after = "cpu  140 0 60 1100 20 0 0 40 5 0\ncpu0 …";
        let (busy, stolen) = shares(before, after).unwrap();
        assert!((busy - 0.45).abs() < 1e-12 && (stolen - 0.2).abs() < 1e-12, "{busy} {stolen}");
        assert_eq!(shares(before, before), None);
        assert_eq!(shares("", ""), None);
    }

    #[test]
    fn quotas_are_in_processors() {
        assert_eq!(quota("50000 100000"), Some(0.5));
        assert_eq!(quota("max 100000"), None);
        assert_eq!(quota("-1 100000"), None);
    }

    #[test]
    fn turbo_is_known_only_where_a_driver_says_so() {
        assert_eq!(turbo(Some("0"), None), Some(true));
        assert_eq!(turbo(Some("1"), Some("1")), Some(false));
        assert_eq!(turbo(None, Some("1")), Some(true));
        assert_eq!(turbo(None, None), None);
    }
}
