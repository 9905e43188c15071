//! Whole processes: an argument list, no shell; wall time from start to exit, start-up included.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustworthy_worker::Value;
use rustworthy_worker::protocol::{InputSource, OutcomeAnswer, OutcomeDocument, OutcomeKind, Raised};
use sha2::{Digest, Sha256};

use super::instructions::CountedCommand;
use super::{
    Ask, Called, Caller, CaseInput, Countable, Document, Observed, Opened, Outcome, Pace, Refusal, Runner, Setup,
    TimeRequest, Timed, nanoseconds, slices, told,
};
use crate::evidence::{Failure, Launch as TimedLaunch, MemoryLaunch};
use crate::launch::{End, Finished, Launch, LaunchError, failure, job_failure, run};
use crate::manifest::{Argv, OutputForm};

/// One command at one size.
#[derive(Clone, Debug)]
pub struct CommandRunner {
    /// The program with its arguments, in the workload's folder, environment and limits.
    pub launch: Launch,
    /// What of it is compared.
    pub compared: Compared,
    /// Called before each launch.
    pub setup: Option<Setup>,
    /// Its words before anything was filled in, for other inputs.
    pub words: Words,
    /// Whether variables tell it of its input too: it shows what a bench computes.
    pub is_told: bool,
}

/// A command's words, and what is filled in in them whatever the input is.
#[derive(Clone, Debug)]
pub struct Words {
    /// As the manifest has them.
    pub argv: Argv,
    /// The interpreter.
    pub python: String,
    /// The programs of `{bin:NAME}`.
    pub binaries: HashMap<String, PathBuf>,
}

impl Words {
    /// The words for an input: its size, its seed, the path of its file.
    pub fn filled(&self, size: u64, seed: u64, input: &str) -> Vec<String> {
        let fill = |placeholder: &str| match placeholder {
            "{python}" => self.python.clone(),
            "{size}" => size.to_string(),
            "{seed}" => seed.to_string(),
            _ => input.to_owned(),
        };
        let binary = |name: &str| self.binaries.get(name).map(|path| path.display().to_string()).unwrap_or_default();
        self.argv.filled(fill, binary)
    }
}

/// What of a command is held against the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Exit code and output: the baseline is a command too.
    Process(OutputForm),
    /// Its output as the JSON of a value: the baseline is a function that returns it.
    Value,
}

impl CommandRunner {
    fn set_up(&self) -> Result<(), Refusal> {
        self.setup.as_ref().map_or(Ok(()), Setup::call)
    }

    fn run_once(&self) -> Result<Finished, Refusal> {
        let finished = run(&self.launch).map_err(|error| match error {
            LaunchError::Interrupted => Refusal::Interrupted,
            LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
        })?;
        match finished.end {
            End::Exited(_) => Ok(finished),
            End::Signalled(_) | End::TimedOut(_) | End::Flooded => Err(Refusal::Failed(Failure {
                round: None,
                step: "command".to_owned(),
                message: format!("the command {}", finished.end),
                output: finished.tail(20),
            })),
        }
    }

    fn document(&self, finished: &Finished) -> Result<OutcomeDocument, Refusal> {
        let value = |value| OutcomeDocument { value: Some(value), ..OutcomeDocument::default() };
        let code = match finished.end {
            End::Exited(code) => code,
            End::Signalled(_) | End::TimedOut(_) | End::Flooded => -1,
        };
        Ok(match (self.compared, code) {
            (Compared::Process(form), _) => value(Value::Dict(vec![
                (Value::Str("exit code".to_owned()), Value::Int(i64::from(code))),
                (
                    Value::Str("output".to_owned()),
                    match (form, code) {
                        (OutputForm::Json, 0) => json(finished)?,
                        // What fails seldom prints the document that it would have.
                        (OutputForm::Json | OutputForm::Bytes, _) => text(&finished.stdout),
                    },
                ),
            ])),
            (Compared::Value, 0) => value(json(finished)?),
            (Compared::Value, _) => {
                let message = format!("exit code {code}: {}", finished.tail(1));
                let raised = Raised { class: "SystemExit".to_owned(), bases: Vec::new(), message, position: None };
                OutcomeDocument { raised: Some(raised), ..OutcomeDocument::default() }
            }
        })
    }
}

/// The output as the JSON document that it must be.
pub(super) fn json(finished: &Finished) -> Result<Value, Refusal> {
    Value::from_json(&finished.stdout).map_err(|error| {
        let shown = String::from_utf8_lossy(&finished.stdout[..finished.stdout.len().min(200)]).into_owned();
        Refusal::Failed(Failure {
            round: None,
            step: "output".to_owned(),
            message: format!("its output is not one JSON document: {error}"),
            output: shown,
        })
    })
}

/// The output as text where it is text, else as bytes.
fn text(stdout: &[u8]) -> Value {
    match std::str::from_utf8(stdout) {
        Ok(text) => Value::Str(text.to_owned()),
        Err(_) => Value::Bytes(stdout.to_vec()),
    }
}

fn digest(finished: &Finished) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{}\n", finished.end));
    hasher.update(&finished.stdout);
    format!("sha256:{}", hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// What a whole process showed, which is one call.
pub(super) fn observed(finished: &Finished, document: OutcomeDocument, expect: Option<&str>) -> Observed {
    let digest = digest(finished);
    let matches = expect.map(|expect| expect == digest);
    Observed {
        answer: OutcomeAnswer {
            kind: if document.raised.is_some() { OutcomeKind::Raised } else { OutcomeKind::Value },
            digest,
            matches,
            mutated: false,
            first_call_ns: nanoseconds(finished.wall),
            file: None,
            again: None,
            modules: Vec::new(),
        },
        document: Some(document).filter(|_| matches != Some(true)),
        second: None,
        extensions: Vec::new(),
        modules: Vec::new(),
        probe: None,
        environment: serde_json::Map::new(),
        output: finished.tail(20),
        wall: finished.wall,
    }
}

impl Runner for CommandRunner {
    fn outcome(&self, expect: Option<&str>, _scratch: &Path) -> Result<Option<Observed>, Refusal> {
        self.set_up()?;
        let finished = self.run_once()?;
        let document = self.document(&finished)?;
        Ok(Some(observed(&finished, document, expect)))
    }

    /// Each process is a batch of one call; as many as fit the pace, and at least one.
    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal> {
        self.set_up()?;
        let started = Instant::now();
        let mut launch = TimedLaunch {
            round: request.round,
            slot: request.slot,
            hash_seed: request.hash_seed(),
            ..TimedLaunch::default()
        };
        let mut cpu = Duration::ZERO;
        let mut unexpected = None;
        let seeded = CommandRunner {
            launch: self.launch.clone().env("PYTHONHASHSEED", request.hash_seed().to_string()),
            ..self.clone()
        };
        while launch.iterations.is_empty()
            || (launch.iterations.len() < request.pace.samples as usize && started.elapsed() < request.pace.measure)
        {
            let finished = seeded.run_once()?;
            launch.iterations.push(1);
            launch.elapsed_ns.push(nanoseconds(finished.wall));
            cpu += finished.cpu;
            if request.expect.as_ref().is_some_and(|expect| *expect != digest(&finished)) {
                unexpected = Some(self.document(&finished)?);
            }
        }
        launch.cpu_ns = Some(nanoseconds(cpu));
        launch.launch_ns = nanoseconds(started.elapsed());
        Ok(Timed { launch, unexpected })
    }

    /// Peak of the whole process: nothing is resident before it.
    fn memory(&self, round: u32, _pace: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        self.set_up()?;
        let peak_bytes = self.run_once()?.peak_bytes;
        let memory =
            MemoryLaunch { round, before_bytes: 0, peak_bytes, resident_bytes: 0, latency_ns: None, cpu_ns: None };
        Ok(Some(memory).filter(|memory| memory.peak_bytes > 0))
    }

    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        slices::open_launches(self, request)
    }

    fn caller(&self, _scratch: &Path) -> Option<Box<dyn Caller>> {
        Some(Box::new(self.clone()))
    }

    fn countable(&self) -> Option<Box<dyn Countable>> {
        Some(Box::new(CountedCommand { launch: self.launch.clone(), setup: self.setup.clone() }))
    }

    /// A process has no arguments that it could change under another's hands.
    fn use_fresh_inputs(&mut self) {}
}

/// A process a call.
impl Caller for CommandRunner {
    fn call(&mut self, input: &CaseInput, ask: Ask) -> Result<Called, Refusal> {
        let path = match &input.source {
            Some(InputSource::File { path, .. }) => path.display().to_string(),
            Some(InputSource::Callable { .. }) if self.words.argv.has("{input}") => {
                return Ok(Called::Unseen("its input has no canonical form that a command could read".to_owned()));
            }
            Some(InputSource::Callable { .. }) | None => String::new(),
        };
        let words = self.words.filled(input.size, input.seed, &path);
        self.launch.arguments = words.iter().skip(1).map(OsString::from).collect();
        if self.is_told {
            match told(self.launch.clone(), input.size, input.seed, input.source.as_ref()) {
                Some(launch) => self.launch = launch,
                None => return Ok(Called::Unseen("its input has no canonical form that Rust could read".to_owned())),
            }
        }
        match self.set_up() {
            Ok(()) => {}
            Err(Refusal::Failed(failure)) => return Ok(Called::Unready(failure)),
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
        }
        let finished = match run(&self.launch) {
            Ok(finished) => finished,
            Err(LaunchError::Interrupted) => return Err(Refusal::Interrupted),
            Err(error @ LaunchError::Spawn { .. }) => {
                return Ok(Called::Unready(failure("start", &error.to_string())));
            }
        };
        let ended =
            || Failure { output: finished.tail(20), ..failure("command", &format!("the command {}", finished.end)) };
        match finished.end {
            End::Exited(_) => {}
            End::Signalled(_) | End::Flooded => return Ok(Called::Died(ended())),
            End::TimedOut(_) => return Ok(Called::Hung(ended())),
        }
        let document = match self.document(&finished) {
            Ok(document) => document,
            Err(Refusal::Failed(failure)) => return Ok(Called::Died(failure)),
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
        };
        let digest = digest(&finished);
        Ok(Called::Outcome(Outcome {
            matches: ask.expect == Some(digest.as_str()),
            digest,
            document: Document::Ready(Box::new(document)),
            shared: false,
            second: None,
            first_changed: false,
        }))
    }

    fn restart(&mut self, hash_seed: u32) {
        self.launch = self.launch.clone().env("PYTHONHASHSEED", hash_seed.to_string());
    }

    fn be_careful(&mut self, longest: Duration, most_bytes: u64) {
        self.launch.timeout = self.launch.timeout.min(longest);
        self.launch.memory_limit = Some(self.launch.memory_limit.unwrap_or(most_bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(code: i32, stdout: &str) -> Finished {
        Finished {
            end: End::Exited(code),
            stdout: stdout.as_bytes().to_vec(),
            stderr: "boom".to_owned(),
            wall: Duration::from_millis(3),
            cpu: Duration::ZERO,
            peak_bytes: 0,
        }
    }

    fn document(compared: Compared, code: i32, stdout: &str) -> String {
        let words = Words { argv: Argv::default(), python: String::new(), binaries: HashMap::new() };
        let runner = CommandRunner { launch: Launch::new("x", "."), compared, setup: None, words, is_told: false };
        match runner.document(&finished(code, stdout)) {
            Ok(document) => serde_json::to_string(&document).unwrap(),
            Err(Refusal::Failed(failure)) => format!("{} | {}", failure.message, failure.output),
            Err(Refusal::Interrupted) => panic!("nobody interrupts"),
        }
    }

    #[test]
    fn processes_are_compared_by_exit_code_and_output() {
        let bytes = |code, stdout| document(Compared::Process(OutputForm::Bytes), code, stdout);
        assert_eq!(bytes(2, "a\n"), r#"{"value":{"exit code":2,"output":"a\n"}}"#);
        assert_eq!(bytes(0, "[1, 2.0]\n"), r#"{"value":{"exit code":0,"output":"[1, 2.0]\n"}}"#);
    }

    #[test]
    fn output_is_compared_as_json_where_that_is_asked_for() {
        let json = |code, stdout| document(Compared::Process(OutputForm::Json), code, stdout);
        assert_eq!(json(0, "[1, 2.0]\n"), r#"{"value":{"exit code":0,"output":[1,2.0]}}"#);
        assert_eq!(json(1, "usage\n"), r#"{"value":{"exit code":1,"output":"usage\n"}}"#);
        assert!(json(0, "usage\n").contains("is not one JSON document"));
        assert!(json(0, "{} {}").ends_with("| {} {}"));
    }

    #[test]
    fn beside_a_function_the_output_is_the_value() {
        assert_eq!(document(Compared::Value, 0, "[1]"), r#"{"value":[1]}"#);
        assert!(document(Compared::Value, 0, "hello").contains("is not one JSON document"));
        assert!(document(Compared::Value, 1, "[1]").contains("SystemExit"));
    }
}
