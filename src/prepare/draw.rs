//! Cases: inputs beyond the declared ones, made by the input callable at drawn sizes and seeds, or drawn from types.

use std::path::{Path, PathBuf};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustworthy_worker::Value;
use rustworthy_worker::protocol::{Answer, InputSource, Job, Step};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::launch::{End, Launch, LaunchError, Refusal, Silence, Talk, job_failure, run};

/// The size and seed that a case is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CasePlan {
    /// Between the smallest and the largest declared size, both included.
    pub size: u64,
    /// Within 32 bits, which is as far as some generators take a seed.
    pub seed: u64,
}

/// So many cases of a workload: the smallest size, the largest, then small ones and all magnitudes between.
///
/// The same workload has the same cases whatever stands beside it in the manifest; more cases begin with the same ones.
pub fn plan_cases(workload: &str, sizes: &[u64], count: u64, seed: u64) -> Vec<CasePlan> {
    let (Some(&smallest), Some(&largest)) = (sizes.iter().min(), sizes.iter().max()) else { return Vec::new() };
    let mut random = ChaCha8Rng::from_seed(of_workload(workload, seed));
    let mut plans = Vec::new();
    for index in 0..count {
        let small = largest.min(smallest.saturating_add(10));
        let size = match index {
            0 => smallest,
            1 => largest,
            _ if random.random_ratio(1, 4) => random.random_range(smallest..=small),
            _ => {
                let (low, high) = ((smallest.max(1) as f64).ln(), (largest.max(1) as f64 + 1.0).ln());
                let drawn = if low < high { random.random_range(low..high).exp() } else { low.exp() };
                (drawn as u64).clamp(smallest, largest)
            }
        };
        plans.push(CasePlan { size, seed: random.random::<u32>().into() });
    }
    plans
}

fn of_workload(workload: &str, seed: u64) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update(workload);
    hasher.finalize().into()
}

/// The input callable, asked again and again in one process.
pub struct Drawer {
    launch: Launch,
    job: Job,
    call: String,
    folder: PathBuf,
    talk: Option<Talk>,
}

/// Why there is no such case.
#[derive(Clone, Debug)]
pub enum NoCase {
    /// The callable raised, or its process died or hung: in words.
    NotMade(String),
    /// There will be none at all.
    Refused(Refusal),
}

impl Drawer {
    /// A drawer that calls `call` in the worker of `launch`; `job` gives `sys.path` and set-up.
    pub fn new(launch: &Launch, job: &Job, call: &str, folder: &Path) -> Drawer {
        let mut job = Job { steps: Vec::new(), ..job.clone() };
        job.implementation.call.clear();
        job.input.source = None;
        let launch = launch.clone().env("PYTHONHASHSEED", "1");
        Drawer { launch, job, call: call.to_owned(), folder: folder.to_owned(), talk: None }
    }

    /// Makes the input of a case, in a file of this name where it has a canonical form.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn make(&mut self, plan: CasePlan, name: &str) -> Result<InputSource, NoCase> {
        let mut talk = match self.talk.take() {
            Some(talk) => talk,
            None => Talk::start(&self.launch, &self.job).map_err(NoCase::Refused)?,
        };
        let file = self.folder.join(name);
        let step = Step::MakeCase { call: self.call.clone(), size: plan.size, seed: plan.seed, file: file.clone() };
        let made = match talk.ask(&step) {
            Ok(Answer::MakeCase(made)) => made,
            Ok(_) => return Err(NoCase::Refused(job_failure("protocol", "the worker did not answer `make_case`"))),
            Err(Silence::Interrupted) => return Err(NoCase::Refused(Refusal::Interrupted)),
            Err(Silence::Died(failure) | Silence::Hung(failure)) => return Err(NoCase::NotMade(failure.message)),
        };
        self.talk = Some(talk);
        if let Some(raised) = made.raised {
            let message = if raised.message.is_empty() { String::new() } else { format!(": {}", raised.message) };
            return Err(NoCase::NotMade(format!("{}{message}", raised.class)));
        }
        match (made.encoding, made.sha256) {
            (Some(encoding), _) => Ok(InputSource::File { path: file, encoding }),
            (None, sha256) => Ok(InputSource::Callable { call: self.call.clone(), sha256 }),
        }
    }
}

/// What arguments are drawn from.
#[derive(Debug, Serialize)]
pub struct TypesJob<'a> {
    /// The baseline.
    pub call: &'a str,
    /// Folders put first on `sys.path`.
    pub sys_path: &'a [PathBuf],
    /// Run before.
    pub setup: Option<&'a str>,
    /// How many.
    pub count: u64,
    /// Of the draw.
    pub seed: u64,
    /// The timing script, whose encoder writes them.
    pub timing: &'a Path,
    /// Where they go.
    pub file: &'a Path,
}

/// Arguments drawn from annotations.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Tuples, each another.
    pub arguments: Vec<Value>,
    /// What could not be drawn, a sentence each.
    pub refused: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    refused: Vec<Undrawn>,
}

#[derive(Deserialize)]
struct Undrawn {
    parameter: Option<String>,
    annotation: Option<String>,
    why: String,
    needed: bool,
}

impl TypesJob<'_> {
    /// Draws, in one process of its own.
    ///
    /// # Errors
    /// When the process fails.
    pub fn draw(&self, launch: &Launch) -> Result<Typed, Refusal> {
        let mut launch = launch.clone().env("PYTHONHASHSEED", "1");
        launch.stdin = serde_json::to_vec(self).map_err(|error| job_failure("cases", &error.to_string()))?;
        launch.stdin.push(b'\n');
        let finished = run(&launch).map_err(|error| match error {
            LaunchError::Interrupted => Refusal::Interrupted,
            LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
        })?;
        if finished.end != End::Exited(0) {
            let message = format!("drawing from the types {}: {}", finished.end, finished.tail(1));
            return Err(job_failure("cases", &message));
        }
        let unreadable = |error: String| job_failure("cases", &format!("what was drawn cannot be read: {error}"));
        let text = std::fs::read(self.file).map_err(|error| unreadable(error.to_string()))?;
        let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let header: Header =
            serde_json::from_slice(lines.next().unwrap_or_default()).map_err(|error| unreadable(error.to_string()))?;
        let arguments = lines
            .map(|line| Value::from_json(line).map_err(|error| unreadable(error.to_string())))
            .collect::<Result<_, _>>()?;
        Ok(Typed { arguments, refused: header.refused.iter().map(|undrawn| undrawn.said(self.call)).collect() })
    }
}

impl Undrawn {
    fn said(&self, call: &str) -> String {
        let annotation = self.annotation.as_ref().map(|annotation| format!(": {annotation}")).unwrap_or_default();
        let what = match &self.parameter {
            Some(parameter) => format!("the parameter `{parameter}{annotation}` of {call}"),
            None => call.to_owned(),
        };
        let so = if self.needed { "nothing is drawn from its types" } else { "its default stands" };
        format!("{what} {}; {so}", self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_lie_between_the_ends_and_reach_them() {
        let plans = plan_cases("parse", &[1000, 10, 100_000], 400, 42);
        assert_eq!((plans[0].size, plans[1].size), (10, 100_000));
        assert!(plans.iter().all(|plan| (10..=100_000).contains(&plan.size) && plan.seed <= u32::MAX.into()));
        let share = |low: u64, high: u64| plans.iter().filter(|plan| (low..high).contains(&plan.size)).count();
        // Every magnitude has its share, and small ones have more.
        assert!(
            share(10, 100) > 100 && share(100, 1000) > 40 && share(1000, 10_000) > 40 && share(10_000, 100_001) > 40
        );
        let seeds: std::collections::BTreeSet<u64> = plans.iter().map(|plan| plan.seed).collect();
        assert_eq!(seeds.len(), plans.len());
    }

    #[test]
    fn cases_depend_on_workload_and_seed_alone() {
        let plans = plan_cases("parse", &[1, 50], 20, 7);
        assert_eq!(plan_cases("parse", &[1, 50], 10, 7), plans[..10]);
        assert_ne!(plan_cases("parse", &[1, 50], 20, 8), plans);
        assert_ne!(plan_cases("other", &[1, 50], 20, 7), plans);
    }

    #[test]
    fn odd_sizes_are_no_trouble() {
        assert!(plan_cases("w", &[], 5, 1).is_empty());
        assert!(plan_cases("w", &[0], 50, 1).iter().all(|plan| plan.size == 0));
        assert!(plan_cases("w", &[0, 3], 50, 1).iter().any(|plan| plan.size == 0));
        assert!(plan_cases("w", &[1, u64::MAX], 50, 1).iter().all(|plan| plan.size >= 1));
    }
}
