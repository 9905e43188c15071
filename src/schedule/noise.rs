//! The noise floor: the same work as baseline and candidate, through the very rounds that workloads get.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rustworthy_worker::protocol::{ImplementationJob, InputJob, Job, PROTOCOL, Pass};
use thiserror::Error;

use super::rounds::{Measured, Session, measure};
use super::{Cell, Group, plan};
use crate::analysis::{Median, by_round, expected_half_width, spread};
use crate::equality::{Rules, Wire};
use crate::evidence::{
    Effort, Environment, Implementation, Kind, Metric, Noise, Phases, Plan, Resolution, Role, Run, RunnerKind, SCHEMA,
    Size, Status, Tool, Workload,
};
use crate::launch::Launch;
use crate::progress::Progress;
use crate::runner::PythonRunner;

/// Rounds of the check: enough for an interval, and for a notion of how rounds scatter.
const ROUNDS: u32 = 8;

/// The work that is measured against itself.
#[derive(Clone, Debug)]
pub struct Work {
    /// The interpreter with the timing script.
    pub launch: Launch,
    /// The folder of the module `rustworthy_noise`.
    pub folder: PathBuf,
}

/// Why there is no noise floor.
#[derive(Debug, Error)]
pub enum NoiseError {
    /// A person or the system asked to end.
    #[error("interrupted")]
    Interrupted,
    /// The work failed.
    #[error("{0}")]
    Failed(String),
}

/// Measures the work against itself.
///
/// # Errors
/// When interrupted, or when the work cannot be launched.
pub fn noise(work: &Work, seed: u64, scratch: &Path, progress: &mut dyn Progress) -> Result<Noise, NoiseError> {
    let mut run = blank(seed);
    let cell = |implementation| {
        let runner = PythonRunner { launch: work.launch.clone(), job: job(&work.folder), probed: false };
        Cell::new(implementation, Box::new(runner), Wire::Typed)
    };
    let group = Group {
        workload: 0,
        size: 0,
        cells: vec![cell(0), cell(1)],
        rules: Rules::default(),
        source: None,
        agreed: None,
        in_full: true,
    };
    let started = Instant::now();
    let mut session = Session { clock: &|| started.elapsed().as_secs_f64(), save: &mut |_| Ok(()), scratch, progress };
    if let Measured::Interrupted = measure(&mut run, &mut [group], &mut session) {
        return Err(NoiseError::Interrupted);
    }
    let size = &run.workloads[0].sizes[0];
    let failure = size.implementations.iter().flat_map(|cell| &cell.failures).next();
    summarise(size, seed).ok_or_else(|| {
        let reason = failure.map_or("no round was finished", |failure| failure.message.as_str());
        NoiseError::Failed(reason.to_owned())
    })
}

/// What a measured pair says of the machine.
fn summarise(size: &Size, seed: u64) -> Option<Noise> {
    let [baseline, candidate] = size.implementations.as_slice() else { return None };
    let comparison = size.comparison(&candidate.name, Metric::Time)?;
    let (ours, theirs) = (by_round(baseline, Metric::Time), by_round(candidate, Metric::Time));
    let logs: Vec<f64> = ours.iter().filter_map(|(round, ours)| Some((ours / theirs.get(round)?).ln())).collect();
    let launches: Vec<_> = [baseline, candidate].into_iter().flat_map(|cell| cell.launches.clone()).collect();
    let ratio = Median {
        estimate: comparison.ratio,
        low: comparison.low,
        high: comparison.high,
        indicative: comparison.indicative,
    };
    let resolves = [Effort::Quick, Effort::Default, Effort::Thorough].map(|effort| resolution(&logs, effort, seed));
    Some(Noise {
        rounds: comparison.rounds,
        call_ns: baseline.time_ns?,
        spread: spread(&launches)?,
        ratio: ratio.into(),
        indicative: comparison.indicative,
        resolves: resolves.into_iter().flatten().collect(),
    })
}

/// What a preset may expect on a machine whose rounds scatter like these. Its launches are at least as long as those
/// of this check, so that it may do a little better.
fn resolution(logs: &[f64], effort: Effort, seed: u64) -> Option<Resolution> {
    let Plan { target_half_width, min_rounds, max_rounds, .. } = plan(effort, None, None);
    let at = |rounds| expected_half_width(logs, rounds, seed);
    // The half-width falls with the rounds: the first that will do, by bisection.
    let (mut low, mut high) = (min_rounds, max_rounds);
    while low < high {
        let middle = u32::midpoint(low, high);
        if at(middle)? <= target_half_width { high = middle } else { low = middle + 1 }
    }
    Some(Resolution {
        preset: effort,
        target_half_width_share: target_half_width,
        rounds: high,
        half_width_share: at(high)?,
    })
}

fn job(folder: &Path) -> Job {
    Job {
        protocol: PROTOCOL.to_owned(),
        implementation: ImplementationJob { call: "rustworthy_noise:work".to_owned(), ..ImplementationJob::default() },
        sys_path: vec![folder.to_owned()],
        input: InputJob { size: 1, seed: 1, pass: Pass::Value, source: None },
        warm_up_input: None,
        watched: Vec::new(),
        untimed: false,
        project: None,
        steps: Vec::new(),
    }
}

/// A run of one workload with the same implementation twice.
fn blank(seed: u64) -> Run {
    let size = Size {
        size: 1,
        input: None,
        stopped: None,
        implementations: vec![implementation("baseline", Role::Baseline), implementation("same", Role::Candidate)],
        comparisons: Vec::new(),
        splits: Vec::new(),
        verdict: None,
    };
    let workload = Workload {
        name: "the same work twice".to_owned(),
        summary: String::new(),
        tags: Vec::new(),
        unit: None,
        total_items: None,
        fits: Vec::new(),
        break_evens: Vec::new(),
        boundary: "function".to_owned(),
        share_of_runtime: None,
        effort_days: None,
        rules: Vec::new(),
        limits: crate::evidence::Limits::default(),
        sizes: vec![size],
        traps: Vec::new(),
        verdict: None,
    };
    Run {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        created: String::new(),
        project: String::new(),
        tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned() },
        command: Vec::new(),
        seed,
        plan: Plan { indicative_rounds: None, ..plan(Effort::Quick, Some(ROUNDS), None) },
        complete: false,
        phases: Phases::default(),
        environment: Environment::default(),
        yearly_compute_cost: None,
        day_rate: None,
        modules: Vec::new(),
        workloads: vec![workload],
        thresholds: crate::evidence::Thresholds::default(),
        verdict: None,
        claims: Vec::new(),
    }
}

fn implementation(name: &str, role: Role) -> Implementation {
    Implementation {
        target: "rustworthy_noise:work".to_owned(),
        status: Status::Measured,
        ..Implementation::new(name, role, Kind::Python, RunnerKind::Python)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::analyse;
    use crate::evidence::Launch as Timing;

    #[test]
    fn a_pair_of_the_same_gives_spread_interval_and_what_can_be_told_apart() {
        let mut run = blank(1);
        let cells = &mut run.workloads[0].sizes[0].implementations;
        for (index, cell) in (0_u64..).zip(cells) {
            for round in 0..ROUNDS {
                let time = 100_000 + (u64::from(round) + index) % 3 * 300;
                let batches = vec![time, time + 30, time - 30];
                cell.launches.push(Timing { round, iterations: vec![1; 3], elapsed_ns: batches, ..Timing::default() });
            }
        }
        analyse(&mut run);
        let noise = summarise(&run.workloads[0].sizes[0], 1).unwrap();
        assert_eq!((noise.rounds, noise.indicative), (ROUNDS, false));
        assert!(noise.ratio.low <= 1.0 && noise.ratio.high >= 1.0);
        assert!(noise.spread.intra_class_correlation > 0.8, "{:?}", noise.spread);
        let presets: Vec<(Effort, u32)> = noise.resolves.iter().map(|it| (it.preset, it.rounds)).collect();
        assert_eq!(presets, [(Effort::Quick, 6), (Effort::Default, 8), (Effort::Thorough, 12)]);
        assert!(noise.resolves.iter().all(|it| it.half_width_share < 0.015));
    }
}
