//! One process, isolated: its own group, a timeout, an optional memory limit, its output caught, no orphan left.

pub mod interrupt;
pub mod shim;
mod talk;
mod worker;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

pub use talk::{Begun, Silence, Talk};
pub use worker::{Refusal, converse, failure, job_failure, output};

/// How much of a launch's standard output is kept; a worker that says more is broken.
const STDOUT_LIMIT: usize = 64 << 20;
/// How much of the end of its standard error is kept.
const STDERR_KEPT: usize = 16 << 10;
/// How often a wait looks at the clock and the interrupt flag.
const HEARTBEAT: Duration = Duration::from_millis(20);

/// A program to run.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables added to the environment; `None` removes one.
    pub env: BTreeMap<String, Option<OsString>>,
    /// The working directory.
    pub cwd: PathBuf,
    /// Its standard input.
    pub stdin: Vec<u8>,
    /// How long it may take.
    pub timeout: Duration,
    /// Address space, bytes.
    pub memory_limit: Option<u64>,
}

impl Launch {
    /// A program in a folder, with neither input nor limits but a generous timeout.
    pub fn new(program: impl Into<PathBuf>, cwd: impl Into<PathBuf>) -> Launch {
        Launch {
            program: program.into(),
            arguments: Vec::new(),
            env: BTreeMap::new(),
            cwd: cwd.into(),
            stdin: Vec::new(),
            timeout: Duration::from_secs(3600),
            memory_limit: None,
        }
    }

    /// With these arguments added.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Launch {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// With this variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Launch {
        self.env.insert(name.to_owned(), Some(value.into()));
        self
    }

    /// In this folder.
    #[must_use]
    pub fn in_folder(mut self, cwd: impl Into<PathBuf>) -> Launch {
        self.cwd = cwd.into();
        self
    }

    /// With this timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Launch {
        self.timeout = timeout;
        self
    }
}

/// How a launch ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Why it ended.
    pub end: End,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// The end of its standard error.
    pub stderr: String,
    /// Wall time, start-up included; without the shim's own.
    pub wall: Duration,
    /// Processor time of the program and what it waited for.
    pub cpu: Duration,
    /// Peak resident set of the largest process, bytes.
    pub peak_bytes: u64,
}

impl Finished {
    /// Whether it exited with 0.
    pub fn succeeded(&self) -> bool {
        self.end == End::Exited(0)
    }

    /// The last lines of its standard error, else of its standard output.
    pub fn tail(&self, lines: usize) -> String {
        let stdout = String::from_utf8_lossy(&self.stdout[self.stdout.len().saturating_sub(STDERR_KEPT)..]);
        let text = if self.stderr.trim().is_empty() { &*stdout } else { self.stderr.as_str() };
        let all: Vec<&str> = text.trim_end().lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

/// Why a launch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// Killed after its timeout.
    TimedOut(Duration),
    /// Killed because it wrote without end.
    Flooded,
}

impl std::fmt::Display for End {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            End::Exited(code) => write!(formatter, "exited with {code}"),
            End::Signalled(signal) => {
                let name = signal_hook::low_level::signal_name(*signal).unwrap_or("an unnamed signal");
                write!(formatter, "was killed by {name} ({signal})")
            }
            End::TimedOut(limit) => write!(formatter, "did not end within {}s and was killed", limit.as_secs_f64()),
            End::Flooded => write!(formatter, "wrote more than {} MiB and was killed", STDOUT_LIMIT >> 20),
        }
    }
}

/// Why there is nothing to report of a launch.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// It could not be started.
    #[error("cannot start {}: {source}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A person or the system asked to end; the launch was killed.
    #[error("interrupted")]
    Interrupted,
}

/// Runs a program to its end, or kills it and all it left behind.
///
/// # Errors
/// When it cannot be started, or the tool is interrupted. A program that fails is not an error but a [`Finished`].
pub fn run(launch: &Launch) -> Result<Finished, LaunchError> {
    let failed = |source| LaunchError::Spawn { program: launch.program.clone(), source };
    if interrupt::interrupted() {
        return Err(LaunchError::Interrupted);
    }
    if !launch.cwd.is_dir() {
        // The system's own error would read as if the program were missing.
        return Err(failed(io::Error::other(format!("there is no folder {}", launch.cwd.display()))));
    }
    let report = tempfile::NamedTempFile::new().map_err(failed)?;
    let started = Instant::now();
    let mut shim = spawn(launch, report.path()).map_err(failed)?;
    let watched = watch(&mut shim, launch, started);
    let waited = shim.wait().map_err(failed)?;
    let output = watched?;
    let text = std::fs::read(report.path()).map_err(failed)?;
    let report: shim::Report = serde_json::from_slice(&text).unwrap_or_default();
    let end = match (output.killed, report.error, report.code, report.signal) {
        (Some(end), ..) => end,
        (None, Some(code), ..) => return Err(failed(io::Error::from_raw_os_error(code))),
        (None, None, Some(code), _) => End::Exited(code),
        (None, None, None, Some(signal)) => End::Signalled(signal),
        (None, None, None, None) => End::Exited(waited.code().unwrap_or(1)),
    };
    Ok(Finished {
        end,
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        wall: Duration::from_nanos(report.wall_ns),
        cpu: Duration::from_nanos(report.cpu_ns),
        peak_bytes: report.peak_bytes,
    })
}

fn spawn(launch: &Launch, report: &std::path::Path) -> io::Result<Child> {
    let mut command = Command::new(shim_program()?);
    command
        .arg(shim::NAME)
        .arg(report)
        .arg(launch.memory_limit.unwrap_or(0).to_string())
        .arg(std::process::id().to_string())
        .arg(&launch.program)
        .args(&launch.arguments)
        .current_dir(&launch.cwd)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    for (name, value) in &launch.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.spawn()
}

/// This binary; in the library's own tests, the binary that cargo built beside them.
fn shim_program() -> io::Result<PathBuf> {
    match std::env::var_os("RUSTWORTHY_SHIM") {
        Some(path) => Ok(path.into()),
        None => std::env::current_exe(),
    }
}

struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    killed: Option<End>,
}

enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Closed,
}

/// Feeds and drains the shim's pipes until both are closed, which they are once the whole brood is gone.
fn watch(shim: &mut Child, launch: &Launch, started: Instant) -> Result<Output, LaunchError> {
    let (sender, events) = mpsc::channel();
    if let Some(mut stdin) = shim.stdin.take() {
        let input = launch.stdin.clone();
        // A launch that does not read its input is none of our business.
        thread::spawn(move || stdin.write_all(&input));
    }
    let mut open = 0;
    if let Some(stdout) = shim.stdout.take() {
        open += drain(stdout, sender.clone(), Event::Stdout);
    }
    if let Some(stderr) = shim.stderr.take() {
        open += drain(stderr, sender, Event::Stderr);
    }
    let mut output = Output { stdout: Vec::new(), stderr: Vec::new(), killed: None };
    let mut interrupted = false;
    while open > 0 {
        match events.recv_timeout(HEARTBEAT) {
            Ok(Event::Stdout(bytes)) if output.stdout.len() < STDOUT_LIMIT => output.stdout.extend(bytes),
            Ok(Event::Stdout(_)) if output.killed.is_none() => {
                output.killed = Some(End::Flooded);
                end(shim);
            }
            Ok(Event::Stdout(_)) => {}
            Ok(Event::Stderr(bytes)) => keep_tail(&mut output.stderr, &bytes),
            Ok(Event::Closed) => open -= 1,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if output.killed.is_none() && started.elapsed() > launch.timeout {
            output.killed = Some(End::TimedOut(launch.timeout));
            end(shim);
        }
        if interrupt::interrupted() && !interrupted {
            interrupted = true;
            end(shim);
        }
    }
    if interrupted { Err(LaunchError::Interrupted) } else { Ok(output) }
}

fn drain<R: Read + Send + 'static>(mut pipe: R, sender: mpsc::Sender<Event>, event: fn(Vec<u8>) -> Event) -> u32 {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if sender.send(event(buffer[..count].to_vec())).is_err() {
                return;
            }
        }
        let _ = sender.send(Event::Closed);
    });
    1
}

fn keep_tail(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend(bytes);
    if kept.len() > 2 * STDERR_KEPT {
        kept.drain(..kept.len() - STDERR_KEPT);
    }
}

/// Tells the shim to end; it kills its brood first.
fn end(shim: &Child) {
    #[expect(unsafe_code, reason = "the standard library can only send SIGKILL, which would spare the shim's brood")]
    // SAFETY: kill has no memory effects; the shim has not been waited for, so its id is still its own.
    unsafe {
        libc::kill(shim.id().cast_signed(), libc::SIGTERM);
    }
}
