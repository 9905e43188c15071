//! The process between the tool and what it launches.
//!
//! It is this same binary, started with [`NAME`], small and short-lived, for three reasons. It adopts whatever the
//! launched program leaves behind (a *subreaper*) and kills it, so that no orphan remains, daemons included. When
//! the tool dies, however suddenly, the system signals the shim, which then takes its whole brood along. And on
//! Linux a child's `ru_maxrss` inherits its parent's peak: under a parent of a few MiB the figure is the child's own.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The hidden first argument that makes this binary a shim: `__launch REPORT MEMORY_LIMIT TOOL PROGRAM [ARGUMENT…]`,
/// where `TOOL` is the process id of the tool.
pub const NAME: &str = "__launch";

/// How the launched program ended, as the shim writes it to its report file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Exit code, when it exited.
    pub code: Option<i32>,
    /// Signal, when one killed it.
    pub signal: Option<i32>,
    /// From start to end.
    pub wall_ns: u64,
    /// Processor time of the program and what it waited for, as the system accounts it: in ticks on some kernels.
    pub cpu_ns: u64,
    /// Peak resident set of the largest process among them, bytes.
    pub peak_bytes: u64,
    /// Why it could not be started.
    pub error: Option<ErrorCode>,
}

/// The system's error number, which survives the file as a number.
pub type ErrorCode = i32;

/// Runs a program as the shim does and returns the exit code of the shim's own process: 0 when a report was written.
pub fn main(arguments: &[OsString]) -> i32 {
    let [report, limit, tool, program, rest @ ..] = arguments else { return 2 };
    let limit = limit.to_str().and_then(|text| text.parse().ok()).filter(|limit| *limit > 0);
    let Some(tool) = tool.to_str().and_then(|text| text.parse().ok()) else { return 2 };
    adopt_orphans();
    let outcome = run(program, rest, limit, tool);
    let report_text = serde_json::to_vec(&outcome).unwrap_or_default();
    i32::from(fs::write(Path::new(report), report_text).is_err())
}

fn run(program: &OsStr, arguments: &[OsString], memory_limit: Option<u64>, tool: u32) -> Report {
    let failed = |error: io::Error| Report { error: Some(error.raw_os_error().unwrap_or(0)), ..Report::default() };
    let started = Instant::now();
    let mut child = match spawn(program, arguments, memory_limit) {
        Ok(child) => child,
        Err(error) => return failed(error),
    };
    if let Err(error) = end_with_the_tool(tool, child.id()) {
        kill_brood(child.id());
        return failed(error);
    }
    // Only the program itself is waited for here; the orphans that it leaves are collected afterwards.
    let status = child.wait();
    let wall = started.elapsed();
    kill_brood(child.id());
    status.map_or_else(failed, |status| report(status, wall))
}

fn spawn(program: &OsStr, arguments: &[OsString], memory_limit: Option<u64>) -> io::Result<Child> {
    let mut command = Command::new(program);
    let shim = std::process::id();
    command.args(arguments).process_group(0);
    #[expect(unsafe_code, reason = "limits and the death signal are set between fork and exec")]
    // SAFETY: the closure calls only prctl and setrlimit, which are async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            die_with_parent(shim, libc::SIGKILL)?;
            // A crash is a row in the data; its core would lie about in the person's project.
            limit(libc::RLIMIT_CORE, 0)?;
            memory_limit.map_or(Ok(()), |bytes| limit(libc::RLIMIT_AS, bytes))
        });
    }
    command.spawn()
}

fn report(status: ExitStatus, wall: Duration) -> Report {
    use std::os::unix::process::ExitStatusExt;
    let (cpu_ns, peak_bytes) = children_usage();
    Report {
        code: status.code(),
        signal: status.signal(),
        wall_ns: u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX),
        cpu_ns,
        peak_bytes,
        error: None,
    }
}

/// Processor time and peak resident set of the children waited for.
fn children_usage() -> (u64, u64) {
    #[expect(unsafe_code, reason = "the standard library does not report resource usage")]
    // SAFETY: getrusage fills the zeroed struct that it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let nanoseconds =
        |time: libc::timeval| time.tv_sec.unsigned_abs() * 1_000_000_000 + (time.tv_usec.unsigned_abs()) * 1_000;
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    (nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime), usage.ru_maxrss.unsigned_abs() * unit)
}

/// Kills the program's process group and everything that was reparented to this process, until nothing is left.
fn kill_brood(program: u32) {
    kill(-program.cast_signed());
    while let Some(children) = children().filter(|children| !children.is_empty()) {
        for child in children {
            kill(child);
            #[expect(unsafe_code, reason = "the standard library cannot wait for a process that it did not spawn")]
            // SAFETY: waitpid with a null status pointer writes nothing.
            unsafe {
                libc::waitpid(child, std::ptr::null_mut(), 0);
            }
        }
    }
}

fn kill(process: i32) {
    #[expect(unsafe_code, reason = "the standard library cannot signal a process that it did not spawn")]
    // SAFETY: kill has no memory effects.
    unsafe {
        libc::kill(process, libc::SIGKILL);
    }
}

/// This process's children, adopted ones included. `None` where the system does not list them.
fn children() -> Option<Vec<i32>> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let lists = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
    Some(lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect())
}

/// On SIGTERM, which the tool sends to end a launch and the system when the tool dies: kill the brood and exit.
fn end_with_the_tool(tool: u32, program: u32) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([libc::SIGTERM, libc::SIGINT, libc::SIGHUP])?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            kill_brood(program);
            std::process::exit(1);
        }
    });
    die_with_parent(tool, libc::SIGTERM)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "prctl has no safe wrapper in the standard library")]
fn adopt_orphans() {
    // SAFETY: prctl with these arguments only sets a flag of this process. It cannot fail on Linux since 3.4.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
    }
}

/// Asks for a signal at the parent's death; where the parent is dead already, it comes too late, so that is an error.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "prctl has no safe wrapper in the standard library")]
fn die_with_parent(parent: u32, signal: i32) -> io::Result<()> {
    // SAFETY: prctl with these arguments only sets a flag of this process; getppid has no effects.
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, signal) != 0 {
            return Err(io::Error::last_os_error());
        }
        if libc::getppid() != parent.cast_signed() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

#[cfg(not(target_os = "linux"))]
fn adopt_orphans() {}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_parent: u32, _signal: i32) -> io::Result<()> {
    Ok(())
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = libc::c_int;

#[expect(unsafe_code, reason = "setrlimit has no safe wrapper in the standard library")]
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: setrlimit reads the struct that it is given.
    if unsafe { libc::setrlimit(resource, &raw const limit) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
