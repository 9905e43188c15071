//! Instructions of calls, counted from outside: a second key beside time, which no load of the machine moves.
//!
//! Of a worker's launches the difference is counted: one of 2 n calls less one of n calls, so that what comes before and
//! after cancels out. What would differ from launch to launch is frozen: the hash seed (0), the user's own packages, the
//! layout of memory, every time that would be written; the numbers of calls have equally many digits. Never `-I` or `-E`,
//! which have the interpreter ignore the seed and bring its noise back.

use std::time::Duration;

use rustworthy_worker::protocol::{Answer, Job, Step};

use super::counter::{Counter, Tally};
use super::{CALLS_TO_SPECIALISE, Refusal, Setup};
use crate::evidence::Failure;
use crate::launch::{End, Finished, Launch, LaunchError, converse, failure, job_failure, run};

/// A launch that is counted takes some fifty times as long as others: it may take this long, or as long as any.
const PATIENCE: Duration = Duration::from_secs(1200);
/// A command that takes more processor time than this part of its wall time works on several processors.
const ONE_PROCESSOR: f64 = 1.2;

/// Calls whose instructions can be counted.
pub trait Countable: Sync {
    /// What one ordinary launch shows of a call: whether it can be counted, and how long that will take.
    ///
    /// # Errors
    /// When the launch fails.
    fn survey(&self) -> Result<Survey, Refusal>;

    /// What a whole launch that makes so many calls came to. `most` is the largest number that any of the compared launches
    /// makes.
    ///
    /// # Errors
    /// When the launch fails, or its instructions cannot be told; the failure's message is the reason.
    fn count(&self, counter: &Counter, calls: u64, most: u64) -> Result<Tally, Refusal>;

    /// Whether launches would disturb each other, so that each has to wait for the one before.
    fn is_alone(&self) -> bool;
}

/// What an ordinary launch shows of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survey {
    /// Processor time of a call, ns; of a whole command its wall time, where that is all there is.
    pub call_ns: f64,
    /// Whether more than one thread or process worked.
    pub others: bool,
    /// Whether a call is a whole process: then there is nothing to subtract.
    pub is_whole: bool,
}

/// Calls in a worker of either language.
pub(super) struct CountedWorker {
    /// The worker in the workload's folder, environment and limits.
    pub launch: Launch,
    /// What to call with what; its steps are filled in here.
    pub job: Job,
    /// Called before each launch, where the worker cannot call it itself.
    pub setup: Option<Setup>,
}

impl CountedWorker {
    fn frozen(&self, steps: Vec<Step>) -> Result<(Launch, Job), Refusal> {
        self.setup.as_ref().map_or(Ok(()), Setup::call)?;
        let variables = [("PYTHONHASHSEED", "0"), ("PYTHONNOUSERSITE", "1"), ("PYTHONSAFEPATH", "1")];
        let launch = variables.iter().fold(patient(&self.launch), |launch, (name, value)| launch.env(name, *value));
        Ok((launch, Job { steps, untimed: true, ..self.job.clone() }))
    }
}

impl Countable for CountedWorker {
    fn survey(&self) -> Result<Survey, Refusal> {
        let once = Step::Slice { calls: 1 };
        let (launch, job) = self.frozen(vec![once.clone(), once, Step::Count { calls: 1, copies: 1 }])?;
        let (answers, _) = converse(&launch, &job).map_err(newer_worker)?;
        // The first slice is of a cold call.
        let slice = answers.iter().rev().find_map(|answer| match answer {
            Answer::Slice(slice) => Some(slice.cpu_ns.unwrap_or(slice.elapsed_ns)),
            _ => None,
        });
        let others = answers.iter().find_map(|answer| match answer {
            Answer::Count(count) => Some(count.others == Some(true)),
            _ => None,
        });
        match (slice, others) {
            (Some(call_ns), Some(others)) => Ok(Survey { call_ns: call_ns as f64, others, is_whole: false }),
            _ => Err(job_failure("protocol", "the worker did not answer `slice` and `count`")),
        }
    }

    fn count(&self, counter: &Counter, calls: u64, most: u64) -> Result<Tally, Refusal> {
        let count = |calls| Step::Count { calls, copies: most };
        let (launch, job) = self.frozen(vec![count(CALLS_TO_SPECIALISE.min(most / 2)), count(calls)])?;
        counted(counter, &launch, |launch| converse(launch, &job).map(drop).map_err(newer_worker))
    }

    fn is_alone(&self) -> bool {
        self.setup.is_some() || self.job.implementation.setup.is_some()
    }
}

/// A whole process.
pub(super) struct CountedCommand {
    /// The program with its arguments, in the workload's folder, environment and limits.
    pub launch: Launch,
    /// Called before each launch.
    pub setup: Option<Setup>,
}

impl CountedCommand {
    fn frozen(&self) -> Result<Launch, Refusal> {
        self.setup.as_ref().map_or(Ok(()), Setup::call)?;
        // What a command finds by its own path is its own affair: only the seed is frozen.
        Ok(patient(&self.launch).env("PYTHONHASHSEED", "0"))
    }
}

impl Countable for CountedCommand {
    fn survey(&self) -> Result<Survey, Refusal> {
        let finished = run_once(&self.frozen()?)?;
        let (cpu, wall) = (finished.cpu.as_secs_f64(), finished.wall.as_secs_f64());
        // What the system accounts in ticks says nothing of a short process.
        let others = cpu > 0.05 && cpu > ONE_PROCESSOR * wall;
        Ok(Survey { call_ns: 1e9 * if cpu > 0.0 { cpu } else { wall }, others, is_whole: true })
    }

    fn count(&self, counter: &Counter, _calls: u64, _most: u64) -> Result<Tally, Refusal> {
        counted(counter, &self.frozen()?, |launch| run_once(launch).map(drop))
    }

    fn is_alone(&self) -> bool {
        self.setup.is_some()
    }
}

/// The launch with the time that counting takes, and without a limit of memory: what a counter keeps for itself is not
/// the implementation's.
fn patient(launch: &Launch) -> Launch {
    Launch { timeout: launch.timeout.max(PATIENCE), memory_limit: None, ..launch.clone() }
}

/// Runs a launch under the counter, and reads what it counted.
fn counted(
    counter: &Counter,
    launch: &Launch,
    run: impl FnOnce(&Launch) -> Result<(), Refusal>,
) -> Result<Tally, Refusal> {
    let folder = tempfile::tempdir().map_err(|error| job_failure("instructions", &error.to_string()))?;
    run(&counter.around(launch, folder.path()))?;
    let nothing = || job_failure("instructions", &format!("{} counted nothing", counter.name()));
    counter.read(folder.path()).ok_or_else(nothing)
}

/// An older worker takes the step for a mistake in the job.
fn newer_worker(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Failed(failed) if failed.step == "job" && failed.message.contains("count") => {
            let message = "its worker does not know the step `count`: build it with a newer `rustworthy-worker`";
            Refusal::Failed(Failure { message: message.to_owned(), ..failed })
        }
        Refusal::Failed(_) | Refusal::Interrupted => refusal,
    }
}

fn run_once(launch: &Launch) -> Result<Finished, Refusal> {
    let finished = run(launch).map_err(|error| match error {
        LaunchError::Interrupted => Refusal::Interrupted,
        LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
    })?;
    match finished.end {
        End::Exited(_) => Ok(finished),
        End::Signalled(_) | End::TimedOut(_) | End::Flooded => {
            let output = finished.tail(20);
            Err(Refusal::Failed(Failure { output, ..failure("command", &format!("the command {}", finished.end)) }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_of_before_is_told_by_name() {
        let failed = |step: &str, message: &str| Refusal::Failed(failure(step, message));
        let message = |refusal: Refusal| match newer_worker(refusal) {
            Refusal::Failed(failure) => failure.message,
            Refusal::Interrupted => unreachable!("nothing interrupts a test"),
        };
        let unknown = failed("job", "ValueError: unknown variant `count`, expected one of `make_input`, `outcome`");
        assert!(message(unknown).contains("newer `rustworthy-worker`"));
        assert_eq!(message(failed("count", "ValueError: the count is negative")), "ValueError: the count is negative");
        assert_eq!(newer_worker(Refusal::Interrupted), Refusal::Interrupted);
    }
}
