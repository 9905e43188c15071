//! How an implementation is executed: one trait, one file a runner, and a fake for tests.

mod caller;
mod chance;
mod command;
mod counter;
mod criterion;
#[cfg(test)]
pub mod fake;
mod instructions;
mod loaded;
pub mod probe;
mod python;
mod setup;
mod slices;
mod told;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use caller::{Ask, Called, Caller, CaseInput, Document, Outcome};
pub use command::{CommandRunner, Compared, Words};
pub use counter::{Counter, Tally};
pub use criterion::CriterionRunner;
pub use instructions::{Countable, Survey};
pub use python::{PythonRunner, read_document};
use rustworthy_worker::protocol::{OutcomeAnswer, OutcomeDocument, SampleStep, Step};
pub use setup::Setup;
pub use slices::{Opened, Opening, Slices};
pub use told::told;

use crate::evidence::{Effort, Extension, Launch, MemoryLaunch, Module, Probe};
pub use crate::launch::Refusal;

/// One implementation at one size, ready to be launched.
///
/// Every method is one fresh process. A [`Refusal`] is a row in the data, never the end of a run.
pub trait Runner {
    /// Calls once and says what it did. `None` when nothing can: there is no worker.
    ///
    /// # Errors
    /// When the launch fails.
    fn outcome(&self, expect: Option<&str>, scratch: &Path) -> Result<Option<Observed>, Refusal>;

    /// Times batches of calls.
    ///
    /// # Errors
    /// When the launch fails.
    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal>;

    /// Measures the memory of one call, and then the latency of single ones. `None` where memory is not to be had.
    ///
    /// # Errors
    /// When the launch fails.
    fn memory(&self, round: u32, pace: Pace) -> Result<Option<MemoryLaunch>, Refusal>;

    /// The implementation, to be called on inputs other than its own; `None` where nothing can show what it does.
    fn caller(&self, scratch: &Path) -> Option<Box<dyn Caller>>;

    /// Opens a process that is asked for slices, and calls once.
    ///
    /// # Errors
    /// When it cannot be started or prepared, or its first call fails.
    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal>;

    /// Starts such a process; what is left of opening it waits until it is ready. So two can get ready at once, where
    /// nothing of the user's would run in both at a time but imports.
    ///
    /// # Errors
    /// When it cannot be started.
    fn begin<'r>(&'r self, request: &TimeRequest) -> Result<Opening<'r>, Refusal> {
        let request = request.clone();
        Ok(Box::new(move || self.open(&request)))
    }

    /// Measures the memory of one call and nothing else.
    ///
    /// # Errors
    /// When the launch fails.
    fn peak(&self, round: u32) -> Result<Option<MemoryLaunch>, Refusal> {
        self.memory(round, Pace::of(Effort::Quick))
    }

    /// The implementation, for counting the instructions of its calls; `None` where nothing makes a given number of them.
    fn countable(&self) -> Option<Box<dyn Countable>> {
        None
    }

    /// From now on each call gets arguments of its own: the implementation was seen to change them.
    fn use_fresh_inputs(&mut self);
}

/// What a timing launch brought.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The timed batches.
    pub launch: Launch,
    /// What the launch's own call did, when its digest was not the expected one.
    pub unexpected: Option<OutcomeDocument>,
}

/// What one call did, and where.
#[derive(Clone, Debug)]
pub struct Observed {
    /// In full; `None` when its digest was the expected one.
    pub document: Option<OutcomeDocument>,
    /// Of a second call in the same process on the same input, where it did another thing.
    pub second: Option<OutcomeDocument>,
    /// Digest, mutation, time of the first call.
    pub answer: OutcomeAnswer,
    /// Native modules that were loaded.
    pub extensions: Vec<Extension>,
    /// Files of the project that were loaded.
    pub modules: Vec<Module>,
    /// What the call does besides computing; `None` where nothing looked.
    pub probe: Option<Probe>,
    /// What the worker says of its interpreter or build.
    pub environment: serde_json::Map<String, serde_json::Value>,
    /// The end of what it wrote: the traceback of a call that raised.
    pub output: String,
    /// How long the whole launch took.
    pub wall: Duration,
}

/// What a timing launch is told.
#[derive(Clone, Debug)]
pub struct TimeRequest {
    /// The round, from 0.
    pub round: u32,
    /// Its place in the round's order, from 0.
    pub slot: u32,
    /// How long to warm up and to measure.
    pub pace: Pace,
    /// The digest that the result had when it was checked; `None`: it cannot be checked.
    pub expect: Option<String>,
    /// A folder for files of this launch.
    pub scratch: PathBuf,
}

impl TimeRequest {
    /// `PYTHONHASHSEED` of the round: 1, 2, 3 … the same on both sides.
    pub fn hash_seed(&self) -> u32 {
        self.round + 1
    }
}

/// CPython specialises a code path within about this many calls.
const CALLS_TO_SPECIALISE: u64 = 64;

/// How long a launch warms up and measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// An interpreter warms up at least this long.
    pub warm_up: Duration,
    /// Compiled code warms up this long: caches and the processor's clock, but nothing to specialise.
    pub native_warm_up: Duration,
    /// But no longer than this, one call excepted.
    pub warm_up_limit: Duration,
    /// About this long.
    pub measure: Duration,
    /// In this many batches.
    pub samples: u32,
}

impl Pace {
    /// The pace of an effort. Launches are short: the variance lies between them, not within.
    pub fn of(effort: Effort) -> Pace {
        let milliseconds = Duration::from_millis;
        match effort {
            Effort::Quick => Pace {
                warm_up: milliseconds(100),
                native_warm_up: milliseconds(50),
                warm_up_limit: milliseconds(150),
                measure: milliseconds(150),
                samples: 10,
            },
            Effort::Default => Pace {
                warm_up: milliseconds(100),
                native_warm_up: milliseconds(50),
                warm_up_limit: milliseconds(150),
                measure: milliseconds(200),
                samples: 20,
            },
            Effort::Thorough => Pace {
                warm_up: milliseconds(300),
                native_warm_up: milliseconds(100),
                warm_up_limit: milliseconds(2000),
                measure: milliseconds(400),
                samples: 30,
            },
        }
    }

    /// The same, measuring as long as is best by what is known of the spread, within a quarter and the quadruple.
    pub fn measuring(self, best_s: f64) -> Pace {
        let usual = self.measure.as_secs_f64();
        Pace { measure: Duration::from_secs_f64(best_s.clamp(usual / 4.0, usual * 4.0)), ..self }
    }

    /// Just long enough to tell processor time.
    fn short(self) -> Pace {
        let short = Duration::from_millis(50);
        Pace { warm_up: short, warm_up_limit: short, measure: short, ..self }
    }

    fn latency_step(self) -> Step {
        Step::Latency { calls: 2000, limit_ns: nanoseconds(self.measure / 2) }
    }

    fn sample_step(self) -> SampleStep {
        SampleStep {
            warmup_ns: nanoseconds(self.warm_up),
            warmup_calls: CALLS_TO_SPECIALISE,
            warmup_limit_ns: nanoseconds(self.warm_up_limit),
            measure_ns: nanoseconds(self.measure),
            samples: u64::from(self.samples),
        }
    }
}

/// The step that looks what calls do besides computing. One call; a few where they are short.
fn probe_step() -> Step {
    Step::Probe { limit_ns: 100_000_000 }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
