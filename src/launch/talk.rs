//! A worker that is kept: one step in, one answer out, for as long as it lives.
//!
//! A batch of calls in one process costs a start-up only once. What a step may take is limited, not the conversation;
//! a worker that dies or hangs in a step has said no to that step alone, and a fresh one goes on.

use std::io::Write;
use std::process::{Child, ChildStdin};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustworthy_worker::protocol::{Answer, Job, Prepared, Step};

use super::worker::{Refusal, failure_of, job_failure, spawn_failure};
use super::{End, Event, HEARTBEAT, Launch, STDOUT_LIMIT, drain, end, interrupt, keep_tail, shim, spawn};
use crate::evidence::Failure;

/// A worker under way.
pub struct Talk {
    shim: Child,
    stdin: Option<ChildStdin>,
    events: mpsc::Receiver<Event>,
    open: u32,
    pending: Vec<u8>,
    stderr: Vec<u8>,
    patience: Duration,
    report: tempfile::NamedTempFile,
}

/// A worker that was told its job, and prepares.
pub struct Begun(Talk);

impl Begun {
    /// Waits until it is prepared.
    ///
    /// # Errors
    /// When it cannot be prepared.
    pub fn ready(self) -> Result<(Talk, Prepared), Refusal> {
        let Begun(mut talk) = self;
        match talk.hear() {
            Ok(Answer::Prepared(prepared)) => Ok((talk, prepared)),
            Ok(Answer::Failed(failed)) => Err(Refusal::Failed(failure_of(failed, &talk.tail()))),
            Ok(_) => Err(job_failure("protocol", "the worker did not answer `prepared`")),
            Err(Silence::Interrupted) => Err(Refusal::Interrupted),
            Err(Silence::Died(failure) | Silence::Hung(failure)) => Err(Refusal::Failed(failure)),
        }
    }
}

/// Why a worker says nothing more.
#[derive(Clone, Debug, PartialEq)]
pub enum Silence {
    /// It ended by itself, or a signal ended it.
    Died(Failure),
    /// It took longer than it may, and was killed.
    Hung(Failure),
    /// The tool was interrupted.
    Interrupted,
}

impl Talk {
    /// Starts a worker with a job, which must have no steps, and waits until it is prepared.
    ///
    /// # Errors
    /// When it cannot be started or prepared.
    pub fn start(launch: &Launch, job: &Job) -> Result<Talk, Refusal> {
        Talk::open(launch, job).map(|(talk, _)| talk)
    }

    /// The same, with what the worker says of itself once it is prepared.
    ///
    /// # Errors
    /// When it cannot be started or prepared.
    pub fn open(launch: &Launch, job: &Job) -> Result<(Talk, Prepared), Refusal> {
        Talk::begin(launch, job)?.ready()
    }

    /// Starts a worker with a job, which must have no steps, and does not wait for it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn begin(launch: &Launch, job: &Job) -> Result<Begun, Refusal> {
        if interrupt::interrupted() {
            return Err(Refusal::Interrupted);
        }
        let failed = |source| spawn_failure(launch, source);
        if !launch.cwd.is_dir() {
            return Err(failed(std::io::Error::other(format!("there is no folder {}", launch.cwd.display()))));
        }
        let report = tempfile::NamedTempFile::new().map_err(failed)?;
        let mut shim = spawn(launch, report.path()).map_err(failed)?;
        let (sender, events) = mpsc::channel();
        let mut open = 0;
        if let Some(stdout) = shim.stdout.take() {
            open += drain(stdout, sender.clone(), Event::Stdout);
        }
        if let Some(stderr) = shim.stderr.take() {
            open += drain(stderr, sender, Event::Stderr);
        }
        let stdin = shim.stdin.take();
        let mut talk = Talk {
            shim,
            stdin,
            events,
            open,
            pending: Vec::new(),
            stderr: Vec::new(),
            patience: launch.timeout,
            report,
        };
        talk.say(serde_json::to_vec(job).map_err(|error| job_failure("job", &error.to_string()))?);
        Ok(Begun(talk))
    }

    /// Has steps take no longer than this, where they might.
    pub fn patient_for(mut self, longest: Option<Duration>) -> Talk {
        self.patience = longest.map_or(self.patience, |longest| self.patience.min(longest));
        self
    }

    /// The answer to one step.
    ///
    /// # Errors
    /// When the worker says no more; it must not be asked again then.
    pub fn ask(&mut self, step: &Step) -> Result<Answer, Silence> {
        let line =
            serde_json::to_vec(step).map_err(|error| Silence::Died(plain("job", error.to_string(), String::new())))?;
        self.say(line);
        match self.hear()? {
            Answer::Failed(failed) => Err(Silence::Died(failure_of(failed, &self.tail()))),
            answer => Ok(answer),
        }
    }

    fn say(&mut self, mut line: Vec<u8>) {
        line.push(b'\n');
        // A worker that has died reads no more: its silence says so when it is listened to.
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(&line).and_then(|()| stdin.flush());
        }
    }

    fn hear(&mut self) -> Result<Answer, Silence> {
        let asked = Instant::now();
        loop {
            if let Some(at) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=at).collect();
                return serde_json::from_slice(&line).map_err(|error| {
                    let text = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
                    let message = format!("the worker does not speak the protocol ({error}): {text}");
                    Silence::Died(plain("protocol", message, self.tail()))
                });
            }
            if self.open == 0 {
                return Err(Silence::Died(self.death()));
            }
            match self.events.recv_timeout(HEARTBEAT) {
                Ok(Event::Stdout(bytes)) => self.pending.extend(bytes),
                Ok(Event::Stderr(bytes)) => keep_tail(&mut self.stderr, &bytes),
                Ok(Event::Closed) => self.open -= 1,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => self.open = 0,
            }
            if interrupt::interrupted() {
                return Err(Silence::Interrupted);
            }
            if asked.elapsed() > self.patience {
                end(&self.shim);
                return Err(Silence::Hung(plain("case", self.told(End::TimedOut(self.patience)), self.tail())));
            }
            if self.pending.len() > STDOUT_LIMIT {
                end(&self.shim);
                return Err(Silence::Died(plain("protocol", self.told(End::Flooded), self.tail())));
            }
        }
    }

    fn told(&self, end: End) -> String {
        format!("the worker {end}")
    }

    /// How a worker whose pipes are closed came to its end.
    fn death(&mut self) -> Failure {
        let waited = self.shim.wait().ok().and_then(|status| status.code()).unwrap_or(1);
        let text = std::fs::read(self.report.path()).unwrap_or_default();
        let report: shim::Report = serde_json::from_slice(&text).unwrap_or_default();
        if let Some(code) = report.error {
            let error = std::io::Error::from_raw_os_error(code);
            return plain("start", format!("the worker cannot be started: {error}"), self.tail());
        }
        let end = match (report.code, report.signal) {
            (Some(code), _) => End::Exited(code),
            (None, Some(signal)) => End::Signalled(signal),
            (None, None) => End::Exited(waited),
        };
        plain("case", self.told(end), self.tail())
    }

    /// The last lines that user code wrote.
    fn tail(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Talk {
    /// The worker ends once its input does; one that does not is ended with all it left behind.
    fn drop(&mut self) {
        drop(self.stdin.take());
        let asked = Instant::now();
        let mut told = false;
        while self.open > 0 {
            match self.events.recv_timeout(HEARTBEAT) {
                Ok(Event::Closed) => self.open -= 1,
                Ok(Event::Stdout(_) | Event::Stderr(_)) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            if !told && (asked.elapsed() > Duration::from_secs(1) || interrupt::interrupted()) {
                told = true;
                end(&self.shim);
            }
        }
        // Its end is all that is waited for; how it ended is known by its answers.
        let _ = self.shim.wait();
    }
}

fn plain(step: &str, message: String, output: String) -> Failure {
    Failure { round: None, step: step.to_owned(), message, output }
}
