//! Slices: a process that is kept and asked again and again to time so many calls, for the gate's blocks.

use std::time::{Duration, Instant};

use rustworthy_worker::protocol::{Answer, Job, OutcomeDocument, Step};

use super::loaded::modules;
use super::{Pace, Refusal, Runner, TimeRequest, Timed, nanoseconds, read_document};
use crate::evidence::{Failure, Module};
use crate::launch::{Launch, Silence, Talk, job_failure};

/// An implementation in a process of its own, ready to be timed.
pub trait Slices {
    /// Calls until it is warm, and says what a call then takes, ns.
    ///
    /// # Errors
    /// When the process dies, hangs or fails.
    fn warm_up(&mut self, at_least: Duration, at_most: Duration) -> Result<f64, Refusal>;

    /// The wall time of so many calls, ns.
    ///
    /// # Errors
    /// When the process dies, hangs or fails.
    fn slice(&mut self, calls: u64) -> Result<u64, Refusal>;

    /// What the last slice took beside its calls, ns: little where the process is kept and calls share their arguments.
    fn overhead_ns(&self) -> f64;

    /// Whether it still computes what it did: what a call now does, where its digest is not the expected one.
    ///
    /// # Errors
    /// When the process dies, hangs or fails.
    fn look_again(&mut self) -> Result<Option<OutcomeDocument>, Refusal> {
        Ok(None)
    }
}

/// A process that was opened for slices.
pub struct Opened<'r> {
    /// The process.
    pub slices: Box<dyn Slices + 'r>,
    /// What the first call did, where its digest was not the expected one.
    pub unexpected: Option<OutcomeDocument>,
    /// Files of the project that it loaded.
    pub modules: Vec<Module>,
}

/// What is left of opening a process that was started: to wait until it is ready, and to call once.
pub type Opening<'r> = Box<dyn FnOnce() -> Result<Opened<'r>, Refusal> + 'r>;

/// A worker that is kept.
struct WorkerSlices {
    talk: Talk,
    /// Calls that a warm-up makes at least.
    least_calls: u64,
    /// The look at what a call does.
    look: Step,
    overhead_ns: f64,
}

/// Starts a worker of either language.
///
/// The arguments are not looked at around its calls where they are shared: an implementation that changes them was given
/// arguments of its own when it was checked, and to encode a large input takes longer than to time it.
pub(super) fn begin_worker<'r>(
    launch: &Launch,
    job: &Job,
    request: &TimeRequest,
    least_calls: u64,
) -> Result<Opening<'r>, Refusal> {
    let mut job = Job { steps: Vec::new(), ..job.clone() };
    job.implementation.trusted = !job.implementation.fresh;
    let begun = Talk::begin(launch, &job)?;
    let file = request.scratch.join("outcome.json");
    let look = Step::Outcome { file, expect: request.expect.clone(), again: false };
    Ok(Box::new(move || {
        let (talk, prepared) = begun.ready()?;
        let mut slices = WorkerSlices { talk, least_calls, look, overhead_ns: 0.0 };
        let unexpected = slices.look_again()?;
        Ok(Opened { slices: Box::new(slices), unexpected, modules: modules(&prepared.modules) })
    }))
}

impl Slices for WorkerSlices {
    fn warm_up(&mut self, at_least: Duration, at_most: Duration) -> Result<f64, Refusal> {
        let (mut calls, mut total_calls, mut total_ns) = (1_u64, 0, 0);
        loop {
            let elapsed = self.slice(calls)?;
            total_calls += calls;
            total_ns += elapsed;
            let is_warm = total_ns >= nanoseconds(at_least) && total_calls >= self.least_calls;
            if is_warm || total_ns >= nanoseconds(at_most) {
                return Ok(elapsed as f64 / calls as f64);
            }
            // No step of the warm-up shall overshoot it by much.
            let left = nanoseconds(at_least).saturating_sub(total_ns).max(elapsed);
            let fitting = (left as f64 / (elapsed as f64 / calls as f64).max(1.0)) as u64;
            calls = (calls * 2).min(fitting.max(1));
        }
    }

    fn slice(&mut self, calls: u64) -> Result<u64, Refusal> {
        let asked = Instant::now();
        let Answer::Slice(slice) = self.talk.ask(&Step::Slice { calls }).map_err(refusal)? else {
            return Err(job_failure("protocol", "the worker did not answer `slice`"));
        };
        // Arguments of its own for each call are made off the clock, and may take longer than the calls.
        self.overhead_ns = nanoseconds(asked.elapsed()).saturating_sub(slice.elapsed_ns) as f64;
        Ok(slice.elapsed_ns.max(1))
    }

    fn overhead_ns(&self) -> f64 {
        self.overhead_ns
    }

    fn look_again(&mut self) -> Result<Option<OutcomeDocument>, Refusal> {
        let Answer::Outcome(outcome) = self.talk.ask(&self.look).map_err(refusal)? else {
            return Err(job_failure("protocol", "the worker did not answer `outcome`"));
        };
        let unexpected = outcome.file.filter(|_| outcome.matches == Some(false));
        unexpected.as_deref().map(read_document).transpose()
    }
}

fn refusal(silence: Silence) -> Refusal {
    match silence {
        Silence::Interrupted => Refusal::Interrupted,
        Silence::Died(failure) | Silence::Hung(failure) => Refusal::Failed(failure),
    }
}

/// Where no process can be kept, a slice is a short launch.
struct LaunchSlices<'r> {
    runner: &'r dyn Runner,
    request: TimeRequest,
    launch_ns: f64,
    /// What the last launch with another digest did.
    unexpected: Option<OutcomeDocument>,
}

/// Opens an implementation whose every slice is a launch of its own.
pub(super) fn open_launches<'r>(runner: &'r dyn Runner, request: &TimeRequest) -> Result<Opened<'r>, Refusal> {
    let pace = Pace { measure: Duration::from_millis(30), samples: 1, ..request.pace };
    let request = TimeRequest { pace, ..request.clone() };
    let unexpected = runner.time(&request)?.unexpected;
    let slices = LaunchSlices { runner, request, launch_ns: 0.0, unexpected: None };
    Ok(Opened { slices: Box::new(slices), unexpected, modules: Vec::new() })
}

impl LaunchSlices<'_> {
    fn call_ns(&mut self) -> Result<f64, Refusal> {
        let Timed { launch, unexpected } = self.runner.time(&self.request)?;
        self.unexpected = unexpected.or(self.unexpected.take());
        let calls: u64 = launch.iterations.iter().sum();
        if calls == 0 {
            let failure = Failure {
                round: None,
                step: "slice".to_owned(),
                message: "a launch timed no call".to_owned(),
                output: String::new(),
            };
            return Err(Refusal::Failed(failure));
        }
        self.launch_ns = launch.launch_ns as f64;
        Ok(launch.elapsed_ns.iter().sum::<u64>() as f64 / calls as f64)
    }
}

impl Slices for LaunchSlices<'_> {
    fn warm_up(&mut self, _at_least: Duration, _at_most: Duration) -> Result<f64, Refusal> {
        self.call_ns()
    }

    fn slice(&mut self, calls: u64) -> Result<u64, Refusal> {
        Ok(((self.call_ns()? * calls as f64) as u64).max(1))
    }

    fn overhead_ns(&self) -> f64 {
        self.launch_ns
    }

    /// Every launch was looked at.
    fn look_again(&mut self) -> Result<Option<OutcomeDocument>, Refusal> {
        Ok(self.unexpected.take())
    }
}
