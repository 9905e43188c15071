//! Python callables, hybrids among them, through the timing script in the project's interpreter.

use std::path::Path;

use rustworthy_worker::protocol::{
    Answer, FloorAnswer, InputSource, Job, OutcomeAnswer, OutcomeDocument, Prepared, ProbeAnswer, SampleAnswer, Step,
};

use super::caller::WorkerCaller;
use super::instructions::CountedWorker;
use super::loaded::{extensions, modules};
use super::{
    CALLS_TO_SPECIALISE, Caller, Countable, Observed, Opened, Opening, Pace, Refusal, Runner, TimeRequest, Timed,
    nanoseconds, probe_step, slices,
};
use crate::analysis::percentiles;
use crate::evidence::{Floor, Latency, MemoryLaunch, Probe, figure};
use crate::launch::{Finished, Launch, converse, job_failure, output};

/// One Python implementation at one size.
#[derive(Clone, Debug)]
pub struct PythonRunner {
    /// The interpreter with the timing script, in the workload's folder, environment and limits.
    pub launch: Launch,
    /// What to call with what; its steps are filled in here.
    pub job: Job,
    /// Whether to look what its calls do besides computing: of Rust that is called from Python, that is worth two calls.
    pub probed: bool,
}

impl PythonRunner {
    fn converse(&self, hash_seed: u32, steps: Vec<Step>) -> Result<(Answers, Finished), Refusal> {
        let launch = self.launch.clone().env("PYTHONHASHSEED", hash_seed.to_string());
        let job = Job { steps, ..self.job.clone() };
        let (answers, finished) = converse(&launch, &job)?;
        Ok((Answers(answers), finished))
    }
}

impl PythonRunner {
    fn start<'r>(&self, request: &TimeRequest) -> Result<Opening<'r>, Refusal> {
        let launch = self.launch.clone().env("PYTHONHASHSEED", request.hash_seed().to_string());
        slices::begin_worker(&launch, &self.job, request, CALLS_TO_SPECIALISE)
    }
}

impl Runner for PythonRunner {
    fn outcome(&self, expect: Option<&str>, scratch: &Path) -> Result<Option<Observed>, Refusal> {
        let step = Step::Outcome { file: scratch.join("outcome.json"), expect: expect.map(str::to_owned), again: true };
        let steps = std::iter::once(step).chain(self.probed.then(probe_step)).collect();
        let (answers, finished) = self.converse(1, steps)?;
        let (prepared, answer) = (answers.prepared()?, answers.outcome()?);
        let loaded = [prepared.modules.as_slice(), &answer.modules].concat();
        Ok(Some(Observed {
            document: answer.file.as_deref().map(read_document).transpose()?,
            second: second(&answer)?,
            answer,
            extensions: extensions(&prepared.environment),
            modules: modules(&loaded),
            probe: answers.probe(),
            environment: prepared.environment,
            output: output(&finished),
            wall: finished.wall,
        }))
    }

    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal> {
        let steps = vec![
            Step::Outcome { file: request.scratch.join("outcome.json"), expect: request.expect.clone(), again: false },
            Step::Sample(request.pace.sample_step()),
            Step::Floor,
        ];
        let (answers, finished) = self.converse(request.hash_seed(), steps)?;
        let (prepared, outcome) = (answers.prepared()?, answers.outcome()?);
        let sample = answers.sample()?;
        let launch = crate::evidence::Launch {
            round: request.round,
            slot: request.slot,
            hash_seed: request.hash_seed(),
            iterations: sample.iterations,
            elapsed_ns: sample.elapsed_ns,
            cpu_ns: sample.cpu_ns,
            gc_collections: sample.gc_collections,
            import_ns: Some(prepared.import_ns),
            first_call_ns: Some(outcome.first_call_ns),
            steady: sample.steady,
            floor: answers.floor(),
            launch_ns: nanoseconds(finished.wall),
        };
        let unexpected = outcome.file.filter(|_| outcome.matches == Some(false));
        Ok(Timed { launch, unexpected: unexpected.as_deref().map(read_document).transpose()? })
    }

    fn memory(&self, round: u32, pace: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        let (answers, _) = self.converse(round + 1, vec![Step::Memory, pace.latency_step()])?;
        Ok(answers.memory(round))
    }

    fn caller(&self, scratch: &Path) -> Option<Box<dyn Caller>> {
        Some(Box::new(WorkerCaller::new(&self.launch, &self.job, scratch)))
    }

    fn peak(&self, round: u32) -> Result<Option<MemoryLaunch>, Refusal> {
        let (answers, _) = self.converse(round + 1, vec![Step::Memory])?;
        Ok(answers.memory(round))
    }

    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        self.start(request)?()
    }

    fn begin<'r>(&'r self, request: &TimeRequest) -> Result<Opening<'r>, Refusal> {
        let makes_its_input = matches!(self.job.input.source, Some(InputSource::Callable { .. }));
        if self.job.implementation.setup.is_some() || makes_its_input {
            // The user's own preparations may be made for one process at a time.
            let request = request.clone();
            return Ok(Box::new(move || self.open(&request)));
        }
        self.start(request)
    }

    fn countable(&self) -> Option<Box<dyn Countable>> {
        Some(Box::new(CountedWorker { launch: self.launch.clone(), job: self.job.clone(), setup: None }))
    }

    fn use_fresh_inputs(&mut self) {
        self.job.implementation.fresh = true;
    }
}

/// Reads an outcome document.
///
/// # Errors
/// When it is not there, or is none.
pub fn read_document(path: &Path) -> Result<OutcomeDocument, Refusal> {
    let text = std::fs::read(path).map_err(|error| job_failure("outcome", &error.to_string()))?;
    let mut deserializer = serde_json::Deserializer::from_slice(&text);
    deserializer.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut deserializer)
        .map_err(|error| job_failure("outcome", &format!("the outcome document is malformed: {error}")))
}

/// What the second call did, where that was another thing.
pub(super) fn second(answer: &OutcomeAnswer) -> Result<Option<OutcomeDocument>, Refusal> {
    answer.again.as_ref().and_then(|again| again.file.as_deref()).map(read_document).transpose()
}

/// A worker's answers, looked up by what they answer.
pub(super) struct Answers(pub Vec<Answer>);

impl Answers {
    fn find<T>(&self, what: &str, pick: impl Fn(&Answer) -> Option<T>) -> Result<T, Refusal> {
        let missing = || job_failure("protocol", &format!("the worker did not answer `{what}`"));
        self.0.iter().find_map(pick).ok_or_else(missing)
    }

    pub fn prepared(&self) -> Result<Prepared, Refusal> {
        self.find("prepared", |answer| match answer {
            Answer::Prepared(prepared) => Some(prepared.clone()),
            _ => None,
        })
    }

    pub fn outcome(&self) -> Result<OutcomeAnswer, Refusal> {
        self.find("outcome", |answer| match answer {
            Answer::Outcome(outcome) => Some(outcome.clone()),
            _ => None,
        })
    }

    pub fn sample(&self) -> Result<SampleAnswer, Refusal> {
        self.find("sample", |answer| match answer {
            Answer::Sample(sample)
                if !sample.iterations.is_empty() && sample.iterations.len() == sample.elapsed_ns.len() =>
            {
                Some(sample.clone())
            }
            _ => None,
        })
    }

    fn floor(&self) -> Option<Floor> {
        self.0.iter().find_map(|answer| match answer {
            Answer::Floor(FloorAnswer { empty_call_ns, builtin_call_ns, extension_call_ns }) => Some(Floor {
                empty_call_ns: empty_call_ns.map(figure),
                builtin_call_ns: builtin_call_ns.map(figure),
                extension_call_ns: extension_call_ns.map(figure),
            }),
            _ => None,
        })
    }

    /// What the probe saw; of a call that raised that is nothing.
    pub fn probe(&self) -> Option<Probe> {
        self.0.iter().find_map(|answer| match answer {
            Answer::Probe(probe) if *probe != ProbeAnswer::default() => Some(Probe {
                call_ns: probe.call_ns,
                reads: probe.reads,
                read_bytes: probe.read_bytes,
                objects_in: probe.objects_in,
                objects_out: probe.objects_out,
                locked_share: probe.locked_share.map(figure),
                unlocks: probe.unlocks,
            }),
            _ => None,
        })
    }

    pub fn memory(&self, round: u32) -> Option<MemoryLaunch> {
        self.0.iter().find_map(|answer| match answer {
            Answer::Memory(memory) => Some(MemoryLaunch {
                round,
                before_bytes: memory.before_bytes?,
                peak_bytes: memory.peak_bytes?,
                resident_bytes: memory.resident_bytes?,
                latency_ns: self.latency(),
                cpu_ns: None,
            }),
            _ => None,
        })
    }

    fn latency(&self) -> Option<Latency> {
        self.0.iter().find_map(|answer| match answer {
            Answer::Latency(latency) => percentiles(&latency.elapsed_ns),
            _ => None,
        })
    }
}
