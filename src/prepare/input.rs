//! Inputs: made once by the workload's callable, kept by the digest of their content, read by every implementation.

use std::path::Path;

use rustworthy_worker::protocol::{Answer, InputSource, Job, Step};

use super::cache::Cache;
use crate::evidence::Input;
use crate::launch::{Launch, Refusal, converse, job_failure};

/// An input, and where an implementation gets it from.
#[derive(Clone, Debug)]
pub struct MadeInput {
    /// Its identity.
    pub input: Input,
    /// A file in the cache, or the callable where it has no canonical form.
    pub source: InputSource,
    /// Why it has no canonical form.
    pub reason: Option<String>,
}

/// Makes an input: launches the worker of `launch` with `job`, whose source is the input callable.
///
/// It is made anew in every run: its code may have changed, and making it costs less than a launch of the measurement.
///
/// # Errors
/// When the callable fails, or the cache cannot be written.
pub fn make(launch: &Launch, job: &Job, cache: &Cache) -> Result<MadeInput, Refusal> {
    let folder = cache.folder("inputs").map_err(|error| job_failure("input", &error.to_string()))?;
    let scratch = tempfile::tempdir_in(&folder).map_err(|error| job_failure("input", &error.to_string()))?;
    let file = scratch.path().join("input");
    let job = Job { steps: vec![Step::MakeInput { file: file.clone() }], ..job.clone() };
    let launch = launch.clone().env("PYTHONHASHSEED", "1");
    let (answers, _) = converse(&launch, &job)?;
    let made = answers.into_iter().find_map(|answer| match answer {
        Answer::MakeInput(made) => Some(made),
        _ => None,
    });
    let made = made.ok_or_else(|| job_failure("protocol", "the worker did not answer `make_input`"))?;
    let input = Input { sha256: made.sha256.clone(), seed: job.input.seed, bytes: made.bytes };
    let source = match (made.encoding, &job.input.source) {
        (Some(encoding), _) => {
            let path = folder.join(format!("{}.{}", made.sha256.trim_start_matches("sha256:"), encoding.extension()));
            keep(&file, &path).map_err(|error| job_failure("input", &error.to_string()))?;
            InputSource::File { path, encoding }
        }
        (None, Some(InputSource::Callable { call, .. })) => {
            InputSource::Callable { call: call.clone(), sha256: Some(made.sha256) }
        }
        (None, _) => return Err(job_failure("input", "an input without a callable cannot be made again")),
    };
    Ok(MadeInput { input, source, reason: made.reason })
}

/// Moves the file to its place; one that is there already is the same, and stays.
fn keep(file: &Path, place: &Path) -> std::io::Result<()> {
    if place.exists() { Ok(()) } else { std::fs::rename(file, place) }
}
