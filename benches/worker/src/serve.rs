//! The worker: reads a job, carries out its steps, answers each (`docs/PROTOCOL.md`).

use std::any::Any;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::protocol::{
    Answer, Failed, FloorAnswer, InputJob, Job, MemoryAnswer, OutcomeAnswer, OutcomeDocument, OutcomeKind, PROTOCOL,
    Prepared, Raised, SampleAnswer, SampleStep, SliceAnswer, Step,
};
use crate::{Failure, Input, Registry, Task, Value, environment, sampling, system};

/// Whether this process was started as a worker: `RUSTWORTHY_WORKER` is set.
pub fn is_asked() -> bool {
    env::var_os("RUSTWORTHY_WORKER").is_some_and(|value| !value.is_empty())
}

/// Answers the job on standard input, until its end.
///
/// To be called first in `main`, while nothing has read from standard input yet. Fails when a step could not be
/// carried out.
pub fn serve(registry: &Registry) -> ExitCode {
    let served = system::private_channel()
        .map_err(Failure::from)
        .and_then(|channel| converse(registry, channel.steps, channel.answers));
    match served {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("rustworthy worker: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A step that could not be carried out: its name, and why.
type StepFailure = (&'static str, Failure);

/// The whole conversation; false when a step failed.
///
/// # Errors
/// When the other end does not listen any more.
fn converse(registry: &Registry, steps: impl Read, mut answers: impl Write) -> Result<bool, Failure> {
    let mut answer = |answer: &Answer| -> Result<(), Failure> {
        let mut line = serde_json::to_vec(answer).map_err(|error| Failure::value_error(error.to_string()))?;
        line.push(b'\n');
        answers.write_all(&line)?;
        Ok(answers.flush()?)
    };
    let carried_out = carry_out(registry, steps, &mut answer);
    let is_whole = match carried_out {
        Ok(()) => true,
        Err(Stopped::Step((step, failure))) => {
            answer(&Answer::Failed(Failed {
                step: step.to_owned(),
                class: failure.class.into_owned(),
                message: failure.message,
                traceback: None,
            }))?;
            false
        }
        Err(Stopped::Unheard(failure)) => return Err(failure),
    };
    answer(&Answer::Done)?;
    Ok(is_whole)
}

/// Why a conversation ends early.
enum Stopped {
    /// A step could not be carried out.
    Step(StepFailure),
    /// An answer could not be given.
    Unheard(Failure),
}

fn carry_out(
    registry: &Registry,
    steps: impl Read,
    answer: &mut dyn FnMut(&Answer) -> Result<(), Failure>,
) -> Result<(), Stopped> {
    let job_failure = |message: String| Stopped::Step(("job", Failure::value_error(message)));
    let mut lines = BufReader::new(steps).lines();
    let first = match lines.next() {
        Some(line) => line.map_err(|error| job_failure(error.to_string()))?,
        None => return Err(job_failure("standard input holds no job".to_owned())),
    };
    let job = parse_job(&first).map_err(job_failure)?;
    let (worker, prepared) = Worker::prepare(registry, &job).map_err(Stopped::Step)?;
    answer(&Answer::Prepared(prepared)).map_err(Stopped::Unheard)?;

    let mut carry_out = |step: &Step| {
        let done = guarded(|| worker.carry_out(step)).map_err(|failure| Stopped::Step((op(step), failure)))?;
        answer(&done).map_err(Stopped::Unheard)
    };
    for step in &job.steps {
        carry_out(step)?;
    }
    for line in lines {
        let line = line.map_err(|error| job_failure(error.to_string()))?;
        if !line.trim().is_empty() {
            carry_out(&serde_json::from_str(&line).map_err(|error| job_failure(error.to_string()))?)?;
        }
    }
    Ok(())
}

/// The protocol's name is looked at first: a job of another version need not have the shape of this one.
fn parse_job(line: &str) -> Result<Job, String> {
    let document: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match document.get("protocol").and_then(|protocol| protocol.as_str()) {
        Some(PROTOCOL) => serde_json::from_value(document).map_err(|error| error.to_string()),
        other => Err(format!("this worker speaks {PROTOCOL}, the job {}", other.unwrap_or("no protocol"))),
    }
}

fn op(step: &Step) -> &'static str {
    match step {
        Step::MakeInput { .. } => "make_input",
        Step::Outcome { .. } => "outcome",
        Step::Sample(_) => "sample",
        Step::Slice { .. } => "slice",
        Step::Memory => "memory",
        Step::Floor => "floor",
    }
}

/// A panic is a failure like any other, under the name that Python sees it by.
fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Failure::panic(panic_message(&*panic))))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

/// One workload and its input, ready for the steps.
struct Worker {
    /// Or what the call raises before it can begin, such as `TypeError` for a mistyped argument.
    task: Result<Box<dyn Task>, Failure>,
    /// Read again where the arguments are part of the outcome: after a call that returns nothing.
    input: InputJob,
}

impl Worker {
    fn prepare(registry: &Registry, job: &Job) -> Result<(Worker, Prepared), StepFailure> {
        let entry = registry.find(&job.implementation.call).map_err(|failure| ("import", failure))?;
        let start = Instant::now();
        let input = Input::from_job(&job.input).map_err(|failure| ("input", failure))?;
        let task = guarded(|| entry.prepare(input));
        let prepared =
            Prepared { import_ns: 0, input_ns: nanoseconds(start.elapsed()), environment: environment::describe() };
        Ok((Worker { task, input: job.input.clone() }, prepared))
    }

    fn task(&self) -> Result<&dyn Task, Failure> {
        self.task.as_deref().map_err(Failure::clone)
    }

    fn carry_out(&self, step: &Step) -> Result<Answer, Failure> {
        Ok(match step {
            Step::MakeInput { .. } => {
                return Err(Failure::type_error("inputs are made in Python; a Rust worker only reads them"));
            }
            Step::Outcome { file, expect } => Answer::Outcome(self.outcome(file, expect.as_deref())?),
            Step::Sample(step) => Answer::Sample(sample(self.task()?, step)?),
            Step::Slice { calls } => Answer::Slice(slice(self.task()?, *calls)?),
            Step::Memory => Answer::Memory(memory(self.task()?)?),
            Step::Floor => {
                Answer::Floor(FloorAnswer { empty_call_ns: None, builtin_call_ns: None, extension_call_ns: None })
            }
        })
    }

    fn outcome(&self, file: &Path, expect: Option<&str>) -> Result<OutcomeAnswer, Failure> {
        let start = Instant::now();
        let (first_call_ns, result) = match guarded(|| Ok(self.task()?.call())) {
            Ok(call) => (nanoseconds(call.elapsed), call.result),
            Err(failure) => (nanoseconds(start.elapsed()), Err(failure)),
        };
        let kind = if result.is_ok() { OutcomeKind::Value } else { OutcomeKind::Raised };
        let document = self.document(result)?;
        let bytes = serde_json::to_vec(&document).map_err(|error| Failure::value_error(error.to_string()))?;
        let digest = digest(&bytes);
        let matches = expect.map(|expect| expect == digest);
        let file = match matches {
            Some(true) => None,
            Some(false) | None => {
                fs::write(file, &bytes)?;
                Some(file.to_owned())
            }
        };
        // A workload takes its input by shared reference: it cannot change it.
        Ok(OutcomeAnswer { kind, digest, matches, mutated: false, first_call_ns, file })
    }

    fn document(&self, result: Result<Value, Failure>) -> Result<OutcomeDocument, Failure> {
        Ok(match result {
            Ok(Value::None) => {
                let arguments = Input::from_job(&self.input)?.arguments().to_vec();
                OutcomeDocument { value: Some(Value::None), raised: None, arguments: Some(arguments) }
            }
            Ok(value) => OutcomeDocument { value: Some(value), raised: None, arguments: None },
            Err(failure) => {
                let raised = Raised {
                    class: failure.class.into_owned(),
                    bases: Vec::new(),
                    message: failure.message,
                    position: failure.position,
                };
                OutcomeDocument { value: None, raised: Some(raised), arguments: None }
            }
        })
    }
}

/// Only ever compared with an earlier digest of the same build, so that 64 bits of the standard library's hash do.
fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("sip:{:016x}", hasher.finish())
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn cpu_between(before: Option<u64>, after: Option<u64>) -> Option<u64> {
    Some(after?.saturating_sub(before?))
}

fn sample(task: &dyn Task, step: &SampleStep) -> Result<SampleAnswer, Failure> {
    let (mut warmup_calls, mut warmup_ns, mut batch) = (0, 0, 1);
    while !sampling::is_warm(step, warmup_calls, warmup_ns) {
        let elapsed = nanoseconds(task.slice(batch)?);
        warmup_calls += batch;
        warmup_ns += elapsed;
        // Doubling keeps the loop's own cost small; the next batch must not run far past the limit.
        let doubled_ns = elapsed.saturating_mul(2);
        if warmup_ns.saturating_add(doubled_ns) <= step.warmup_limit_ns {
            batch *= 2;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let plan = sampling::plan(step, warmup_ns as f64 / warmup_calls as f64);

    let mut elapsed_ns = Vec::with_capacity(plan.iterations.len());
    let cpu = system::cpu_ns();
    for calls in &plan.iterations {
        elapsed_ns.push(nanoseconds(task.slice(*calls)?));
    }
    let cpu_ns = cpu_between(cpu, system::cpu_ns());
    let steady = sampling::is_steady(&plan.iterations, &elapsed_ns);
    Ok(SampleAnswer {
        mode: plan.mode,
        iterations: plan.iterations,
        elapsed_ns,
        cpu_ns,
        warmup_calls,
        warmup_ns,
        gc_collections: None,
        steady,
    })
}

fn slice(task: &dyn Task, calls: u64) -> Result<SliceAnswer, Failure> {
    let cpu = system::cpu_ns();
    let elapsed_ns = nanoseconds(task.slice(calls)?);
    Ok(SliceAnswer { calls, elapsed_ns, cpu_ns: cpu_between(cpu, system::cpu_ns()) })
}

fn memory(task: &dyn Task) -> Result<MemoryAnswer, Failure> {
    system::trim_heap();
    let before = if system::reset_peak() { system::memory() } else { None };
    let mut after = None;
    task.hold(&mut || after = system::memory())?;
    Ok(match (before, after) {
        (Some(before), Some(after)) => MemoryAnswer {
            before_bytes: Some(before.resident_bytes),
            peak_bytes: Some(after.peak_bytes),
            resident_bytes: Some(after.resident_bytes),
        },
        _ => MemoryAnswer { before_bytes: None, peak_bytes: None, resident_bytes: None },
    })
}
