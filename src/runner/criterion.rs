//! Native Rust through a criterion bench: criterion times, the bench's worker verifies and measures memory.
//!
//! Criterion exits with 0 on many errors and says nothing about an unknown id, and its folder names are cut short. So
//! what counts is the files that it leaves: found by `full_id`, whole, and from this launch, whose folder was empty.

use std::fs;
use std::path::Path;

use rustworthy_worker::protocol::{Job, OutcomeDocument, Pass, Step};
use serde::Deserialize;

use super::caller::WorkerCaller;
use super::instructions::CountedWorker;
use super::loaded::modules;
use super::python::{Answers, read_document, second};
use super::{
    Caller, CommandRunner, Countable, Observed, Opened, Opening, Pace, Refusal, Runner, Setup, TimeRequest, Timed,
    command, nanoseconds, probe_step, slices,
};
use crate::evidence::{Failure, MemoryLaunch, figure};
use crate::launch::{Finished, Launch, LaunchError, converse, job_failure, output, run};

/// Fewer samples than criterion's own minimum are the mark of `--quick` or of a broken file.
const MIN_SAMPLES: usize = 10;

/// One criterion benchmark at one size.
#[derive(Clone, Debug)]
pub struct CriterionRunner {
    /// The bench binary in the workload's folder, environment and limits, its input named by variables.
    pub launch: Launch,
    /// The benchmark's exact id.
    pub id: String,
    /// The job of the bench's worker; `None` when the bench has no worker.
    pub job: Option<Job>,
    /// Prints the result as JSON; asked where the bench has no worker.
    pub verify: Option<CommandRunner>,
    /// Called before each launch.
    pub setup: Option<Setup>,
}

impl Runner for CriterionRunner {
    fn outcome(&self, expect: Option<&str>, scratch: &Path) -> Result<Option<Observed>, Refusal> {
        let step = Step::Outcome { file: scratch.join("outcome.json"), expect: expect.map(str::to_owned), again: true };
        // Only what is given a path reads: the others need no second call.
        let reads = self.job.as_ref().is_some_and(|job| job.input.pass == Pass::Path);
        let steps = std::iter::once(step).chain(reads.then(probe_step)).collect();
        let Some((answers, finished)) = self.ask_worker(steps)? else {
            return self.verify.as_ref().map(|verify| self.ask_verify(&verify.launch, expect)).transpose();
        };
        let (prepared, answer) = (answers.prepared()?, answers.outcome()?);
        Ok(Some(Observed {
            document: answer.file.as_deref().map(read_document).transpose()?,
            second: second(&answer)?,
            answer,
            extensions: Vec::new(),
            modules: modules(&prepared.modules),
            probe: answers.probe(),
            environment: prepared.environment,
            output: output(&finished),
            wall: finished.wall,
        }))
    }

    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal> {
        self.set_up()?;
        let home = tempfile::tempdir_in(&request.scratch).map_err(|error| job_failure("start", &error.to_string()))?;
        let seconds = |duration: std::time::Duration| format!("{:.3}", duration.as_secs_f64());
        let launch = self
            .launch
            .clone()
            .env("CRITERION_HOME", home.path())
            .args(["--bench", "--exact", &self.id, "--noplot"])
            .args(["--warm-up-time", &seconds(request.pace.native_warm_up)])
            .args(["--measurement-time", &seconds(request.pace.measure)])
            // The analysis is ours, over launches; criterion's own is kept as short as it allows.
            .args(["--nresamples", "1001"])
            .args(["--sample-size".to_owned(), request.pace.samples.max(10).to_string()]);
        let finished = run_to_end(&launch)?;
        let sample = read_sample(home.path(), &self.id, &finished)?;
        let launch = crate::evidence::Launch {
            round: request.round,
            slot: request.slot,
            hash_seed: request.hash_seed(),
            iterations: sample.iters.iter().map(|calls| *calls as u64).collect(),
            elapsed_ns: sample.times.iter().map(|time| time.round() as u64).collect(),
            launch_ns: nanoseconds(finished.wall),
            ..crate::evidence::Launch::default()
        };
        Ok(Timed { launch, unexpected: None })
    }

    fn memory(&self, round: u32, pace: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        // Criterion knows no processor time: a short sample of the worker's gives it.
        let steps = vec![Step::Memory, Step::Sample(pace.short().sample_step()), pace.latency_step()];
        let Some((answers, _)) = self.ask_worker(steps)? else { return Ok(None) };
        let sample = answers.sample()?;
        let calls: u64 = sample.iterations.iter().sum();
        let cpu_ns = sample.cpu_ns.map(|total| figure(total as f64 / calls.max(1) as f64));
        Ok(answers.memory(round).map(|memory| MemoryLaunch { cpu_ns, ..memory }))
    }

    fn caller(&self, scratch: &Path) -> Option<Box<dyn Caller>> {
        let launch = self.launch.clone().env("RUSTWORTHY_WORKER", "1");
        match &self.job {
            Some(job) => Some(Box::new(WorkerCaller::new(&launch, job, scratch))),
            None => self.verify.as_ref().and_then(|verify| verify.caller(scratch)),
        }
    }

    fn peak(&self, round: u32) -> Result<Option<MemoryLaunch>, Refusal> {
        Ok(self.ask_worker(vec![Step::Memory])?.and_then(|(answers, _)| answers.memory(round)))
    }

    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        let Some(job) = &self.job else { return slices::open_launches(self, request) };
        self.set_up()?;
        slices::begin_worker(&self.launch.clone().env("RUSTWORTHY_WORKER", "1"), job, request, 1)?()
    }

    fn begin<'r>(&'r self, request: &TimeRequest) -> Result<Opening<'r>, Refusal> {
        match &self.job {
            Some(job) if self.setup.is_none() => {
                slices::begin_worker(&self.launch.clone().env("RUSTWORTHY_WORKER", "1"), job, request, 1)
            }
            // A setup may be made for one process at a time.
            Some(_) | None => {
                let request = request.clone();
                Ok(Box::new(move || self.open(&request)))
            }
        }
    }

    fn countable(&self) -> Option<Box<dyn Countable>> {
        let launch = self.launch.clone().env("RUSTWORTHY_WORKER", "1");
        let job = self.job.clone()?;
        Some(Box::new(CountedWorker { launch, job, setup: self.setup.clone() }))
    }

    /// Rust that is measured natively borrows its input and cannot change it.
    fn use_fresh_inputs(&mut self) {}
}

impl CriterionRunner {
    fn set_up(&self) -> Result<(), Refusal> {
        self.setup.as_ref().map_or(Ok(()), Setup::call)
    }

    /// What the program `verify` says that the bench computes.
    fn ask_verify(&self, launch: &Launch, expect: Option<&str>) -> Result<Observed, Refusal> {
        self.set_up()?;
        let finished = run_to_end(launch)?;
        if !finished.succeeded() {
            let message = format!("`verify` {}", finished.end);
            let output = finished.tail(20);
            return Err(Refusal::Failed(Failure { round: None, step: "verify".to_owned(), message, output }));
        }
        let value = command::json(&finished)?;
        let document = OutcomeDocument { value: Some(value), ..OutcomeDocument::default() };
        Ok(command::observed(&finished, document, expect))
    }

    fn ask_worker(&self, steps: Vec<Step>) -> Result<Option<(Answers, Finished)>, Refusal> {
        let Some(job) = &self.job else { return Ok(None) };
        self.set_up()?;
        let launch = self.launch.clone().env("RUSTWORTHY_WORKER", "1");
        let (answers, finished) = converse(&launch, &Job { steps, ..job.clone() })?;
        Ok(Some((Answers(answers), finished)))
    }
}

fn run_to_end(launch: &Launch) -> Result<Finished, Refusal> {
    run(launch).map_err(|error| match error {
        LaunchError::Interrupted => Refusal::Interrupted,
        LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
    })
}

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Debug, Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Criterion's samples of the benchmark `id`.
fn read_sample(home: &Path, id: &str, finished: &Finished) -> Result<Sample, Refusal> {
    let fail = |message: String| {
        let output = finished.tail(20);
        Refusal::Failed(Failure { round: None, step: "criterion".to_owned(), message, output })
    };
    if !finished.succeeded() {
        return Err(fail(format!("the bench {}", finished.end)));
    }
    let mut folders = Vec::new();
    find_benchmarks(home, &mut folders);
    let has_id = |folder: &&std::path::PathBuf| {
        let text = fs::read(folder.join("benchmark.json")).unwrap_or_default();
        serde_json::from_slice::<Benchmark>(&text).is_ok_and(|benchmark| benchmark.full_id == id)
    };
    let found: Vec<_> = folders.iter().filter(has_id).collect();
    let folder = match found.as_slice() {
        [folder] => folder,
        [] => return Err(fail(format!("criterion has no benchmark `{id}`, or saved nothing of it"))),
        _ => return Err(fail(format!("criterion has more than one benchmark `{id}`"))),
    };
    let text = fs::read(folder.join("sample.json")).unwrap_or_default();
    let sample: Sample =
        serde_json::from_slice(&text).map_err(|error| fail(format!("criterion's sample.json is damaged: {error}")))?;
    let sound = |values: &[f64]| values.iter().all(|value| value.is_finite() && *value > 0.0);
    if sample.iters.len() < MIN_SAMPLES || sample.iters.len() != sample.times.len() {
        return Err(fail(format!("criterion saved {} samples of `{id}`", sample.times.len())));
    }
    if !sound(&sample.iters) || !sound(&sample.times) {
        return Err(fail(format!("criterion saved a sample of `{id}` that took no time")));
    }
    Ok(sample)
}

/// The `new` folders that hold a complete benchmark: criterion writes `benchmark.json` last.
fn find_benchmarks(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() == "new" && path.join("benchmark.json").is_file() {
                found.push(path.clone());
            }
            find_benchmarks(&path, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::launch::End;

    fn finished(code: i32) -> Finished {
        Finished {
            end: End::Exited(code),
            stdout: b"Criterion.rs ERROR: disk full".to_vec(),
            stderr: String::new(),
            wall: Duration::ZERO,
            cpu: Duration::ZERO,
            peak_bytes: 0,
        }
    }

    fn home(entries: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for (folder, id, sample) in entries {
            let new = home.path().join(folder).join("new");
            fs::create_dir_all(&new).unwrap();
            fs::write(new.join("benchmark.json"), format!(r#"{{"full_id":"{id}"}}"#)).unwrap();
            fs::write(new.join("sample.json"), sample).unwrap();
        }
        home
    }

    fn sample(count: usize) -> String {
        let numbers: Vec<String> = (1..=count).map(|number| format!("{number}.0")).collect();
        format!(r#"{{"sampling_mode":"Linear","iters":[{0}],"times":[{0}]}}"#, numbers.join(","))
    }

    fn refusal(home: &tempfile::TempDir, code: i32) -> String {
        match read_sample(home.path(), "a/10", &finished(code)).expect_err("it is refused") {
            Refusal::Failed(failure) => format!("{} | {}", failure.message, failure.output),
            Refusal::Interrupted => unreachable!("nothing interrupts a test"),
        }
    }

    #[test]
    fn a_sample_is_found_by_its_full_id() {
        let home = home(&[("a/100", "a/100", &sample(10)), ("cut_short", "a/10", &sample(12))]);
        assert_eq!(read_sample(home.path(), "a/10", &finished(0)).unwrap().iters.len(), 12);
    }

    #[test]
    fn what_criterion_keeps_silent_about_is_a_failure() {
        assert!(refusal(&home(&[]), 0).contains("no benchmark `a/10`"));
        assert!(refusal(&home(&[]), 0).contains("disk full"));
        assert!(refusal(&home(&[("x", "a/10", &sample(2))]), 0).contains("2 samples"));
        assert!(refusal(&home(&[("x", "a/10", &sample(10)[..40])]), 0).contains("damaged"));
        assert!(refusal(&home(&[("x", "a/10", &sample(10).replace("3.0", "0.0"))]), 0).contains("no time"));
        assert!(refusal(&home(&[("x", "a/10", &sample(10)), ("y", "a/10", &sample(10))]), 0).contains("more than one"));
        assert!(refusal(&home(&[("x", "a/10", &sample(10))]), 101).contains("exited with 101"));
    }
}
