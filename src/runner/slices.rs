//! Slices: a process that is kept and asked again and again to time so many calls, for the gate's blocks.

use std::time::Duration;

use rustworthy_worker::protocol::{Answer, Job, OutcomeAnswer, OutcomeDocument, Step};

use super::loaded::modules;
use super::{Pace, Refusal, Runner, TimeRequest, nanoseconds, read_document};
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

    /// What a slice takes beside its calls, ns: nothing to speak of where the process is kept.
    fn overhead_ns(&self) -> f64;
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

/// A worker that is kept.
struct WorkerSlices {
    talk: Talk,
    /// Calls that a warm-up makes at least.
    least_calls: u64,
}

/// Opens a worker of either language.
pub(super) fn open_worker(
    launch: &Launch,
    job: &Job,
    request: &TimeRequest,
    least_calls: u64,
) -> Result<Opened<'static>, Refusal> {
    let (mut talk, prepared) = Talk::open(launch, &Job { steps: Vec::new(), ..job.clone() })?;
    let file = request.scratch.join("outcome.json");
    let step = Step::Outcome { file, expect: request.expect.clone(), again: false };
    let outcome: OutcomeAnswer = match talk.ask(&step).map_err(refusal)? {
        Answer::Outcome(outcome) => outcome,
        _ => return Err(job_failure("protocol", "the worker did not answer `outcome`")),
    };
    let unexpected = outcome.file.filter(|_| outcome.matches == Some(false));
    Ok(Opened {
        slices: Box::new(WorkerSlices { talk, least_calls }),
        unexpected: unexpected.as_deref().map(read_document).transpose()?,
        modules: modules(&prepared.modules),
    })
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
        match self.talk.ask(&Step::Slice { calls }).map_err(refusal)? {
            Answer::Slice(slice) => Ok(slice.elapsed_ns.max(1)),
            _ => Err(job_failure("protocol", "the worker did not answer `slice`")),
        }
    }

    fn overhead_ns(&self) -> f64 {
        0.0
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
}

/// Opens an implementation whose every slice is a launch of its own.
pub(super) fn open_launches<'r>(runner: &'r dyn Runner, request: &TimeRequest) -> Result<Opened<'r>, Refusal> {
    let pace = Pace { measure: Duration::from_millis(30), samples: 1, ..request.pace };
    let request = TimeRequest { pace, ..request.clone() };
    let unexpected = runner.time(&request)?.unexpected;
    Ok(Opened { slices: Box::new(LaunchSlices { runner, request, launch_ns: 0.0 }), unexpected, modules: Vec::new() })
}

impl LaunchSlices<'_> {
    fn call_ns(&mut self) -> Result<f64, Refusal> {
        let launch = self.runner.time(&self.request)?.launch;
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
}
