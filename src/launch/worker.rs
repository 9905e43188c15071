//! A conversation with a worker: one job in, its answers out.

use rustworthy_worker::protocol::{Answer, Failed, Job};

use super::{End, Finished, Launch, LaunchError, run};
use crate::evidence::Failure;

/// Why a worker brought no answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// It failed: a row in the data.
    Failed(Failure),
    /// The tool was interrupted.
    Interrupted,
}

/// Launches a worker with a job and returns its answers in the order of the steps, with the whole launch.
///
/// # Errors
/// When the worker says so, dies, hangs, or does not speak the protocol.
pub fn converse(launch: &Launch, job: &Job) -> Result<(Vec<Answer>, Finished), Refusal> {
    let mut launch = launch.clone();
    launch.stdin = serde_json::to_vec(job).map_err(|error| job_failure("job", &error.to_string()))?;
    launch.stdin.push(b'\n');
    let finished = run(&launch).map_err(|error| match error {
        LaunchError::Interrupted => Refusal::Interrupted,
        LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
    })?;
    let answers = read_answers(&finished)?;
    Ok((answers, finished))
}

fn read_answers(finished: &Finished) -> Result<Vec<Answer>, Refusal> {
    let mut answers = Vec::new();
    for line in finished.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Answer::Done) => return Ok(answers),
            Ok(Answer::Failed(failed)) => return Err(Refusal::Failed(failure_of(failed, &output(finished)))),
            Ok(answer) => answers.push(answer),
            // A line cut off by the worker's death is told as the death below.
            Err(_) if finished.end != End::Exited(0) => break,
            Err(error) => {
                let text = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
                let message = format!("the worker does not speak the protocol ({error}): {text}");
                return Err(Refusal::Failed(Failure { output: output(finished), ..failure("protocol", &message) }));
            }
        }
    }
    let message = format!("the worker {} before it was done", finished.end);
    Err(Refusal::Failed(Failure { output: output(finished), ..failure("launch", &message) }))
}

/// A worker's own word of its failure, with the end of what user code wrote.
pub(super) fn failure_of(failed: Failed, output: &str) -> Failure {
    let message =
        if failed.message.is_empty() { failed.class.clone() } else { format!("{}: {}", failed.class, failed.message) };
    let traceback = failed.traceback.unwrap_or_default();
    let output: Vec<&str> =
        [traceback.as_str(), output].map(str::trim_end).into_iter().filter(|text| !text.is_empty()).collect();
    Failure { output: output.join("\n"), ..failure(&failed.step, &message) }
}

/// A program that could not be started.
pub(super) fn spawn_failure(launch: &Launch, source: std::io::Error) -> Refusal {
    job_failure("start", &LaunchError::Spawn { program: launch.program.clone(), source }.to_string())
}

/// The end of what user code wrote: a worker's own answers are no news to a person.
pub fn output(finished: &Finished) -> String {
    let is_answer = |line: &&str| serde_json::from_str::<Answer>(line).is_ok();
    finished.tail(20).lines().filter(|line| !is_answer(line)).collect::<Vec<_>>().join("\n")
}

/// A failure at a step of a launch, without output.
pub fn failure(step: &str, message: &str) -> Failure {
    Failure { round: None, step: step.to_owned(), message: message.to_owned(), output: String::new() }
}

/// The same as a refusal.
pub fn job_failure(step: &str, message: &str) -> Refusal {
    Refusal::Failed(failure(step, message))
}
