//! The worker: reads a job, carries out its steps, answers each (`docs/PROTOCOL.md`).

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::outcome::{guarded, observe, second};
use crate::protocol::{
    Answer, CaseAnswer, CaseKind, CaseStep, CountAnswer, Failed, FloorAnswer, InputJob, Job, LatencyAnswer,
    MemoryAnswer, OutcomeAnswer, OutcomeKind, PROTOCOL, Prepared, ProbeAnswer, SampleAnswer, SampleStep, SliceAnswer,
    Step,
};
use crate::sampling::{self, WarmUp};
use crate::{Entry, Failure, Input, Registry, Task, environment, system};

/// Other threads that took less processor time than this did not work.
const OTHERS_NS: u64 = 200_000;
/// Nor did they where it is less than this part of the whole: a hundredth.
const OTHERS_SHARE: u64 = 100;

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
        Step::MakeCase { .. } => "make_case",
        Step::Case(_) => "case",
        Step::Sample(_) => "sample",
        Step::Slice { .. } => "slice",
        Step::Count { .. } => "count",
        Step::Memory => "memory",
        Step::Latency { .. } => "latency",
        Step::Floor => "floor",
        Step::Probe { .. } => "probe",
    }
}

/// One workload and its input, ready for the steps.
struct Worker {
    entry: Entry,
    /// Or what the call raises before it can begin, such as `TypeError` for a mistyped argument.
    task: Result<Box<dyn Task>, Failure>,
    /// Read again where the arguments are part of the outcome: after a call that returns nothing.
    input: InputJob,
    /// What memory is warmed up with, where the job names it: made into a task when it is needed, and dropped again.
    warm_up: Option<(Entry, InputJob)>,
}

impl Worker {
    fn prepare(registry: &Registry, job: &Job) -> Result<(Worker, Prepared), StepFailure> {
        let entry = registry.find(&job.implementation.call).map_err(|failure| ("import", failure))?;
        let start = (!job.untimed).then(Instant::now);
        let input = Input::from_job(&job.input).map_err(|failure| ("input", failure))?;
        let task = guarded(|| entry.prepare(input));
        let prepared = Prepared {
            import_ns: 0,
            input_ns: start.map_or(0, |start| nanoseconds(start.elapsed())),
            modules: environment::executable().into_iter().collect(),
            environment: environment::describe(),
        };
        let warm_up = job.warm_up_input.clone().map(|input| (*entry, input));
        Ok((Worker { entry: *entry, task, input: job.input.clone(), warm_up }, prepared))
    }

    fn task(&self) -> Result<&dyn Task, Failure> {
        self.task.as_deref().map_err(Failure::clone)
    }

    fn carry_out(&self, step: &Step) -> Result<Answer, Failure> {
        Ok(match step {
            Step::MakeInput { .. } | Step::MakeCase { .. } => {
                return Err(Failure::type_error("inputs are made in Python; a Rust worker only reads them"));
            }
            Step::Outcome { file, expect, again } => Answer::Outcome(self.outcome(file, expect.as_deref(), *again)?),
            Step::Case(step) => Answer::Case(self.case(step)),
            Step::Sample(step) => Answer::Sample(sample(self.task()?, step)?),
            Step::Slice { calls } => Answer::Slice(slice(self.task()?, *calls)?),
            // What is written in Rust borrows its input: there is nothing to copy.
            Step::Count { calls, copies: _ } => Answer::Count(count(self.task()?, *calls)?),
            Step::Memory => {
                self.warm_up()?;
                Answer::Memory(memory(self.task()?)?)
            }
            Step::Latency { calls, limit_ns } => Answer::Latency(latency(self.task()?, *calls, *limit_ns)?),
            Step::Floor => {
                Answer::Floor(FloorAnswer { empty_call_ns: None, builtin_call_ns: None, extension_call_ns: None })
            }
            Step::Probe { .. } => Answer::Probe(self.task().map_or_else(|_| ProbeAnswer::default(), probe)),
        })
    }

    /// One call that fills what the workload caches for good, on the small input where there is one: on its own the heap
    /// would have grown to what the measured call needs. What a small input fails of is no news here.
    fn warm_up(&self) -> Result<(), Failure> {
        match &self.warm_up {
            None => self.task()?.slice(1).map(drop),
            Some((entry, input)) => {
                let input = Input::from_job(input)?;
                // A failure or panic of this call is not the measured one's.
                drop(guarded(|| entry.prepare(input)?.slice(1)));
                Ok(())
            }
        }
    }

    fn outcome(&self, file: &Path, expect: Option<&str>, again: bool) -> Result<OutcomeAnswer, Failure> {
        let first = observe(self.task.as_deref().map_err(Failure::clone), &self.input)?;
        let again = if again {
            Some(second(&first, self.task.as_deref().map_err(Failure::clone), &self.input, file)?)
        } else {
            None
        };
        let (matches, file) = first.keep(file, expect)?;
        // A workload takes its input by shared reference: it cannot change it.
        Ok(OutcomeAnswer {
            kind: first.kind,
            digest: first.digest,
            matches,
            mutated: false,
            first_call_ns: first.call_ns,
            file,
            again,
            modules: Vec::new(),
        })
    }

    /// One call on an input of its own; a failure is an answer, and a panic that of the call.
    fn case(&self, step: &CaseStep) -> CaseAnswer {
        self.try_case(step).unwrap_or_else(|failure| CaseAnswer {
            kind: CaseKind::Refused,
            digest: None,
            matches: None,
            mutated: false,
            call_ns: 0,
            file: None,
            refused: Some(Failed {
                step: "case".to_owned(),
                class: failure.class.into_owned(),
                message: failure.message,
                traceback: None,
            }),
            again: None,
        })
    }

    fn try_case(&self, step: &CaseStep) -> Result<CaseAnswer, Failure> {
        let input = Input::from_job(&step.input)?;
        let task = guarded(|| self.entry.prepare(input));
        let first = observe(task.as_deref().map_err(Failure::clone), &step.input)?;
        let again = if step.again {
            Some(second(&first, task.as_deref().map_err(Failure::clone), &step.input, &step.file)?)
        } else {
            None
        };
        let (matches, file) = first.keep(&step.file, step.expect.as_deref())?;
        Ok(CaseAnswer {
            kind: match first.kind {
                OutcomeKind::Value => CaseKind::Value,
                OutcomeKind::Raised => CaseKind::Raised,
            },
            digest: Some(first.digest),
            matches,
            mutated: false,
            call_ns: first.call_ns,
            file,
            refused: None,
            again,
        })
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn cpu_between(before: Option<u64>, after: Option<u64>) -> Option<u64> {
    Some(after?.saturating_sub(before?))
}

fn sample(task: &dyn Task, step: &SampleStep) -> Result<SampleAnswer, Failure> {
    let mut warm_up = WarmUp::default();
    let (mut batch, mut last_ns) = (warm_up.next_batch(step, 0), 0);
    let mut last = batch;
    while batch > 0 {
        last_ns = nanoseconds(task.slice(batch)?);
        warm_up.calls += batch;
        warm_up.elapsed_ns += last_ns;
        last = batch;
        batch = warm_up.next_batch(step, last);
    }
    // The first calls are no guide (page faults, cold caches): the last batch is.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let plan = sampling::plan(step, last_ns.max(1) as f64 / last as f64);

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
        warmup_calls: warm_up.calls,
        warmup_ns: warm_up.elapsed_ns,
        gc_collections: None,
        steady,
    })
}

fn slice(task: &dyn Task, calls: u64) -> Result<SliceAnswer, Failure> {
    let cpu = system::cpu_ns();
    let elapsed_ns = nanoseconds(task.slice(calls)?);
    Ok(SliceAnswer { calls, elapsed_ns, cpu_ns: cpu_between(cpu, system::cpu_ns()) })
}

/// Calls without a clock. What the process's processors did beyond this thread is the work of other threads. The thread's
/// clock is read first and last: what passes between two readings must not look like the work of others.
fn count(task: &dyn Task, calls: u64) -> Result<CountAnswer, Failure> {
    let before = (system::thread_cpu_ns(), system::cpu_ns());
    task.repeat(calls)?;
    let after = (system::cpu_ns(), system::thread_cpu_ns());
    // Looked at whatever the clocks say: no branch shall hang on them.
    let has_children = system::has_children();
    let others = before.1.zip(after.0).zip(before.0.zip(after.1)).map(|((begun, ended), (own_begun, own_ended))| {
        let (all, own) = (ended - begun, own_ended - own_begun);
        // Nothing is beyond this thread's clock where nobody else worked, so these answers are no. To ask for the larger of two
        // times would be a branch that hangs on a clock.
        let beyond = all.saturating_sub(own);
        (beyond > OTHERS_NS) & (beyond.saturating_mul(OTHERS_SHARE) > all) | has_children
    });
    Ok(CountAnswer { others })
}

/// Each call has a clock of its own, whose cost is part of its latency: tens of nanoseconds.
fn latency(task: &dyn Task, calls: u64, limit_ns: u64) -> Result<LatencyAnswer, Failure> {
    let started = Instant::now();
    let mut elapsed_ns = Vec::new();
    while (elapsed_ns.len() as u64) < calls && (elapsed_ns.is_empty() || nanoseconds(started.elapsed()) < limit_ns) {
        elapsed_ns.push(nanoseconds(task.slice(1)?));
    }
    Ok(LatencyAnswer { elapsed_ns })
}

/// One call, and how it reads. One that fails says nothing here: what it raises is the business of `outcome`.
fn probe(task: &dyn Task) -> ProbeAnswer {
    let before = system::reads();
    let Ok(elapsed) = guarded(|| task.slice(1)) else { return ProbeAnswer::default() };
    let (after, again) = (system::reads(), system::reads());
    // Looking at the account reads, too: what two looks in a row differ by is taken off.
    let between = |field: fn(&system::Reads) -> u64| {
        let (before, after, again) = (field(before.as_ref()?), field(after.as_ref()?), field(again.as_ref()?));
        Some((after.saturating_sub(before)).saturating_sub(again.saturating_sub(after)))
    };
    ProbeAnswer {
        call_ns: Some(nanoseconds(elapsed)),
        reads: between(|reads| reads.calls),
        read_bytes: between(|reads| reads.bytes),
        ..ProbeAnswer::default()
    }
}

/// One call with its result held.
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::Value;
    use crate::outcome::digest;
    use crate::protocol::OutcomeDocument;
    use crate::{Workload, registry};

    /// A negative number is refused, 0 panics, 1 returns nothing.
    struct Reciprocal;

    impl Workload for Reciprocal {
        const NAME: &'static str = "reciprocal";
        const SAMPLE_SIZE: u64 = 1;
        type Input = i64;
        type Output = Option<f64>;

        fn prepare(input: Input) -> Result<i64, Failure> {
            let [number] = input.into_arguments()?;
            number.into_int()
        }

        fn sample() -> i64 {
            2
        }

        fn run(number: &i64) -> Result<Option<f64>, Failure> {
            match *number {
                ..0 => Err(Failure::value_error("the number is negative").at(7)),
                0 => panic!("division by zero"),
                1 => Ok(None),
                2.. => Ok(Some(1.0 / f64::from(i32::try_from(*number).unwrap()))),
            }
        }
    }

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let folder = env::temp_dir().join(format!("rustworthy-serve-{}-{name}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Scratch(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// The answers to a job on the tuple of arguments that this JSON is, and whether every step was carried out.
    fn answers(scratch: &Scratch, call: &str, arguments: &str, steps: &str, more: &str) -> (Vec<Answer>, bool) {
        let input = scratch.0.join("input.json");
        fs::write(&input, format!(r#"{{"$":"tuple","v":{arguments}}}"#)).unwrap();
        let job = format!(
            r#"{{"protocol":"{PROTOCOL}","implementation":{{"call":"{call}","consume":false,"fresh":false}},"sys_path":[],
            "input":{{"size":1,"seed":1,"pass":"value","source":{{"file":{{"path":{input:?},"encoding":"tagged"}}}}}},
            "steps":[{steps}]}}"#
        );
        let lines = format!("{}\n{more}", job.replace('\n', ""));
        let mut out = Vec::new();
        let is_whole = converse(&registry![Reciprocal, Elsewhere], lines.as_bytes(), &mut out).unwrap();
        (out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read).collect(), is_whole)
    }

    fn read(line: &[u8]) -> Answer {
        serde_json::from_slice(line).unwrap()
    }

    fn outcome_of(name: &str, arguments: &str) -> (OutcomeAnswer, OutcomeDocument) {
        let scratch = Scratch::new(name);
        let file = scratch.0.join("outcome.json");
        let step = format!(r#"{{"op":"outcome","file":{file:?},"expect":null}}"#);
        let (answers, is_whole) = answers(&scratch, "reciprocal", arguments, &step, "");
        assert!(is_whole);
        let [Answer::Prepared(_), Answer::Outcome(outcome), Answer::Done] = &answers[..] else {
            panic!("{answers:?}");
        };
        (outcome.clone(), serde_json::from_slice(&fs::read(file).unwrap()).unwrap())
    }

    #[test]
    fn a_value_is_written_and_digested() {
        let (answer, document) = outcome_of("value", "[4]");
        assert_eq!((answer.kind, answer.matches, answer.mutated), (OutcomeKind::Value, None, false));
        assert_eq!(answer.digest, digest(br#"{"value":0.25}"#));
        assert!(matches!(document.value, Some(Value::Float(0.25))));
    }

    #[test]
    fn an_outcome_that_matches_is_not_written_again() {
        let scratch = Scratch::new("expect");
        let file = scratch.0.join("outcome.json");
        let expect = digest(br#"{"value":0.25}"#);
        let step = format!(r#"{{"op":"outcome","file":{file:?},"expect":"{expect}"}}"#);
        let (answers, _) = answers(&scratch, "reciprocal", "[4]", &step, "");
        let Answer::Outcome(outcome) = &answers[1] else { panic!("{answers:?}") };
        assert_eq!((outcome.matches, &outcome.file, file.exists()), (Some(true), &None, false));
    }

    #[test]
    fn a_failure_a_panic_and_a_mistyped_argument_are_outcomes() {
        for (name, arguments, class, position) in [
            ("failure", "[-1]", "ValueError", Some(7)),
            ("panic", "[0]", "PanicException", None),
            ("type", r#"["1"]"#, "TypeError", None),
            ("count", "[1, 2]", "TypeError", None),
        ] {
            let (answer, document) = outcome_of(name, arguments);
            let raised = document.raised.unwrap();
            assert_eq!(answer.kind, OutcomeKind::Raised);
            assert_eq!((raised.class.as_str(), raised.position), (class, position));
        }
    }

    #[test]
    fn a_call_that_returns_nothing_shows_its_arguments() {
        let (_, document) = outcome_of("nothing", "[1]");
        assert!(matches!(document.value, Some(Value::None)));
        assert!(matches!(document.arguments.as_deref(), Some([Value::Int(1)])));
    }

    #[test]
    fn cases_go_on_after_a_panic_and_an_input_that_cannot_be_read() {
        let scratch = Scratch::new("cases");
        let case = |name: &str, arguments: &str| {
            let input = scratch.0.join(format!("{name}.json"));
            if !arguments.is_empty() {
                fs::write(&input, format!(r#"{{"$":"tuple","v":{arguments}}}"#)).unwrap();
            }
            let file = scratch.0.join(format!("{name}-outcome.json"));
            let source = format!(r#"{{"file":{{"path":{input:?},"encoding":"tagged"}}}}"#);
            let input = format!(r#"{{"size":1,"seed":1,"pass":"value","source":{source}}}"#);
            format!("{{\"op\":\"case\",\"input\":{input},\"file\":{file:?},\"again\":true}}\n")
        };
        let more = [case("a", "[0]"), case("b", ""), case("c", "[4]"), case("d", "[-3]")].concat();
        let (answers, is_whole) = answers(&scratch, "reciprocal", "[4]", "", &more);
        assert!(is_whole);
        let kinds: Vec<CaseKind> = answers
            .iter()
            .filter_map(|answer| match answer {
                Answer::Case(case) => Some(case.kind),
                _ => None,
            })
            .collect();
        assert_eq!(kinds, [CaseKind::Raised, CaseKind::Refused, CaseKind::Value, CaseKind::Raised]);
        let Answer::Case(third) = &answers[3] else { panic!("{answers:?}") };
        let again = third.again.as_ref().unwrap();
        assert_eq!((Some(&again.digest), &again.file, again.shared), (third.digest.as_ref(), &None, false));
        assert_eq!(fs::read(third.file.as_ref().unwrap()).unwrap(), br#"{"value":0.25}"#);
    }

    #[test]
    fn steps_may_follow_the_job() {
        let scratch = Scratch::new("steps");
        let sample =
            r#"{"op":"sample","warmup_ns":1,"warmup_calls":4,"warmup_limit_ns":1000000,"measure_ns":1000,"samples":5}"#;
        let more = "{\"op\":\"slice\",\"calls\":3}\n\n{\"op\":\"memory\"}\n{\"op\":\"floor\"}\n";
        let (answers, is_whole) = answers(&scratch, "reciprocal", "[4]", sample, more);
        assert!(is_whole);
        let [
            Answer::Prepared(_),
            Answer::Sample(sample),
            Answer::Slice(slice),
            Answer::Memory(_),
            Answer::Floor(floor),
            Answer::Done,
        ] = &answers[..]
        else {
            panic!("{answers:?}");
        };
        assert_eq!((sample.iterations.len(), sample.elapsed_ns.len()), (5, 5));
        assert!(sample.warmup_calls >= 4);
        assert_eq!((slice.calls, floor.empty_call_ns), (3, None));
    }

    /// Has another thread add up so many numbers.
    struct Elsewhere;

    impl Workload for Elsewhere {
        const NAME: &'static str = "elsewhere";
        const SAMPLE_SIZE: u64 = 1;
        type Input = i64;
        type Output = i64;

        fn prepare(input: Input) -> Result<i64, Failure> {
            let [number] = input.into_arguments()?;
            number.into_int()
        }

        fn sample() -> i64 {
            1
        }

        fn run(number: &i64) -> Result<i64, Failure> {
            let sum = |most| (0..most).fold(0_i64, |sum, number| std::hint::black_box(sum ^ number));
            Ok(std::thread::scope(|scope| scope.spawn(|| sum(*number)).join().unwrap()))
        }
    }

    #[test]
    fn counted_calls_are_answered_alike_however_many_they_are() {
        let scratch = Scratch::new("count");
        let steps = r#"{"op":"count","calls":3,"copies":80},{"op":"count","calls":80,"copies":80}"#;
        let (answers, is_whole) = answers(&scratch, "reciprocal", "[4]", steps, "");
        let [Answer::Prepared(_), Answer::Count(few), Answer::Count(many), Answer::Done] = &answers[..] else {
            panic!("{answers:?}");
        };
        assert!(is_whole && few == many && few.others != Some(true), "{answers:?}");
        let step = r#"{"op":"count","calls":1,"copies":1}"#;
        let (answers, is_whole) = self::answers(&scratch, "reciprocal", "[-4]", step, "");
        assert!(!is_whole && matches!(&answers[1], Answer::Failed(failed) if failed.step == "count"), "{answers:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_work_of_other_threads_is_seen() {
        let scratch = Scratch::new("threads");
        let step = r#"{"op":"count","calls":2,"copies":2}"#;
        let (answers, _) = answers(&scratch, "elsewhere", "[5000000]", step, "");
        assert!(matches!(&answers[1], Answer::Count(count) if count.others == Some(true)), "{answers:?}");
    }

    #[test]
    fn an_untimed_job_tells_no_times() {
        let job = format!(
            r#"{{"protocol":"{PROTOCOL}","implementation":{{"call":"reciprocal","consume":false,"fresh":false}},
            "sys_path":[],"untimed":true,"input":{{"size":1,"seed":1,"pass":"value","source":null}},"steps":[]}}"#
        );
        let mut out = Vec::new();
        converse(&registry![Reciprocal], format!("{}\n", job.replace('\n', "")).as_bytes(), &mut out).unwrap();
        let first = out.split(|byte| *byte == b'\n').next().map(read);
        assert!(matches!(first, Some(Answer::Prepared(prepared)) if prepared.input_ns == 0));
    }

    /// Reads the file whose path is its argument, byte by byte.
    struct Unbuffered;

    impl Workload for Unbuffered {
        const NAME: &'static str = "unbuffered";
        const SAMPLE_SIZE: u64 = 1;
        type Input = PathBuf;
        type Output = u64;

        fn prepare(input: Input) -> Result<PathBuf, Failure> {
            let [path] = input.into_arguments()?;
            Ok(path.into_text()?.into())
        }

        fn sample() -> PathBuf {
            PathBuf::new()
        }

        #[expect(clippy::unbuffered_bytes, reason = "that is what the probe is to see")]
        fn run(path: &PathBuf) -> Result<u64, Failure> {
            Ok(fs::File::open(path)?.bytes().count() as u64)
        }
    }

    fn converse_about(registry: &Registry, job: &str) -> Vec<Answer> {
        let mut out = Vec::new();
        converse(registry, format!("{}\n", job.replace('\n', "")).as_bytes(), &mut out).unwrap();
        out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read).collect()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_probe_counts_the_reads_of_a_call() {
        let scratch = Scratch::new("probe");
        let input = scratch.0.join("input.txt");
        fs::write(&input, [b'x'; 3000]).unwrap();
        let job = format!(
            r#"{{"protocol":"{PROTOCOL}","implementation":{{"call":"unbuffered","consume":false,"fresh":false}},"sys_path":[],
            "input":{{"size":1,"seed":1,"pass":"path","source":{{"file":{{"path":{input:?},"encoding":"text"}}}}}},
            "steps":[{{"op":"probe","limit_ns":1}}]}}"#
        );
        let answers = converse_about(&registry![Unbuffered], &job);
        let Answer::Probe(probe) = &answers[1] else { panic!("{answers:?}") };
        // Tests beside this one read too; they belong to the same process.
        assert!(probe.reads.unwrap() >= 2900 && probe.read_bytes.unwrap() >= 2900, "{probe:?}");
        assert_eq!((probe.locked_share, probe.objects_in), (None, None));
    }

    #[test]
    fn memory_is_warmed_up_on_the_small_input_whatever_it_says() {
        for small in ["[4]", "[0]", "[-1]", "[null]"] {
            let scratch = Scratch::new(&format!("warm-up-{}", small.len() + small.as_bytes()[1] as usize));
            let (input, first) = (scratch.0.join("input.json"), scratch.0.join("small.json"));
            fs::write(&input, r#"{"$":"tuple","v":[4]}"#).unwrap();
            fs::write(&first, format!(r#"{{"$":"tuple","v":{small}}}"#)).unwrap();
            let described = |path: &PathBuf| {
                format!(
                    r#"{{"size":1,"seed":1,"pass":"value","source":{{"file":{{"path":{path:?},"encoding":"tagged"}}}}}}"#
                )
            };
            let job = format!(
                r#"{{"protocol":"{PROTOCOL}","implementation":{{"call":"reciprocal","consume":false,"fresh":false}},
                "sys_path":[],"input":{},"warm_up_input":{},"steps":[{{"op":"memory"}}]}}"#,
                described(&input),
                described(&first)
            );
            let answers = converse_about(&registry![Reciprocal], &job);
            assert!(matches!(&answers[..], [_, Answer::Memory(_), Answer::Done]), "{small}: {answers:?}");
        }
    }

    #[test]
    fn the_executable_is_reported_with_its_digest() {
        let job = format!(
            r#"{{"protocol":"{PROTOCOL}","implementation":{{"call":"reciprocal","consume":false,"fresh":false}},"sys_path":[],
            "input":{{"size":1,"seed":1,"pass":"value","source":null}},"steps":[]}}"#
        );
        let answers = converse_about(&registry![Reciprocal], &job);
        let Answer::Prepared(prepared) = &answers[0] else { panic!("{answers:?}") };
        let [file] = &prepared.modules[..] else { panic!("{prepared:?}") };
        assert_eq!(file.path, env::current_exe().unwrap());
        assert_eq!(file.sha256.as_ref().map(String::len), Some(64));
        assert!(file.modified_ns.is_some());
    }

    #[test]
    fn a_step_that_cannot_be_carried_out_ends_the_conversation() {
        let slice = r#"{"op":"slice","calls":1}"#;
        let make = r#"{"op":"make_input","file":"x"}"#;
        for (name, call, arguments, steps, step, class) in [
            ("slice", "reciprocal", "[-1]", slice, "slice", "ValueError"),
            ("slice-panic", "reciprocal", "[0]", slice, "slice", "PanicException"),
            ("slice-type", "reciprocal", "[null]", slice, "slice", "TypeError"),
            ("make", "reciprocal", "[4]", make, "make_input", "TypeError"),
            ("unknown", "square", "[4]", slice, "import", "LookupError"),
            ("malformed", "reciprocal", "[", slice, "input", "ValueError"),
        ] {
            let (answers, is_whole) = answers(&Scratch::new(name), call, arguments, steps, slice);
            assert!(!is_whole);
            let Some([Answer::Failed(failed), Answer::Done]) = answers.last_chunk::<2>() else {
                panic!("{answers:?}");
            };
            assert_eq!((failed.step.as_str(), failed.class.as_str()), (step, class), "{name}");
        }
    }

    #[test]
    fn what_is_no_job_is_refused_by_name() {
        for job in ["", "{}", "no json", r#"{"protocol":"rustworthy.worker/9"}"#] {
            let mut out = Vec::new();
            assert!(!converse(&registry![Reciprocal], job.as_bytes(), &mut out).unwrap());
            let line = out.split(|byte| *byte == b'\n').next().unwrap();
            assert!(matches!(read(line), Answer::Failed(failed) if failed.step == "job"), "{job}");
        }
    }
}
