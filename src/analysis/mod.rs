//! From launches to estimates and ratios: pure functions over evidence, no files, clocks or chance without a seed.

mod bootstrap;
mod comparable;
mod compare;
mod fit;
mod interval;
mod latency;
mod over_sizes;
mod resolution;
pub mod sequential;
mod slope;
mod split;
mod spread;
mod steps;
mod trap;

pub use bootstrap::bootstrap;
pub use comparable::{common_sizes, refusals};
pub use compare::{ByRound, MIN_MEMORY_BYTES, by_round, compare, half_width, log_ratios, ratio};
pub use fit::{Line, LineFit, exponent, fit, line};
pub use interval::{CONFIDENCE, MIN_ROUNDS, Median, bounds, fewest_for, median};
pub use latency::{over_launches, percentiles};
pub use resolution::expected_half_width;
pub use slope::{cpu_per_call, slope};
pub use split::split;
pub use spread::{best_measuring_s, spread};
pub use trap::traps;

use crate::evidence::{Comparison, Implementation, Kind, Metric, Role, Run, Size, Split};

/// Computes every derived number of a run again from its launches.
pub fn analyse(run: &mut Run) {
    for workload in &mut run.workloads {
        workload.sizes.iter_mut().for_each(analyse_size);
        over_sizes::analyse_sizes(workload, run.seed);
    }
    for workload in &mut run.workloads {
        workload.traps = traps(workload);
    }
}

/// Computes the derived numbers of one workload at one size.
pub fn analyse_size(size: &mut Size) {
    for cell in &mut size.implementations {
        let estimate = |metric| {
            let values: Vec<f64> = by_round(cell, metric).into_values().collect();
            median(&values).map(Into::into)
        };
        (cell.time_ns, cell.cpu_ns, cell.peak_memory_bytes) =
            (estimate(Metric::Time), estimate(Metric::Cpu), estimate(Metric::Memory));
        cell.latency_ns = over_launches(cell);
        cell.spread = spread(&cell.launches);
    }
    size.comparisons = comparisons(size);
    size.splits = splits(size);
}

/// Whether a cell may stand in a ratio: it was timed and its result does not differ.
fn may_be_compared(cell: &Implementation) -> bool {
    cell.status.is_timed()
}

fn comparisons(size: &Size) -> Vec<Comparison> {
    let Some(baseline) = size.baseline().filter(|cell| may_be_compared(cell)) else { return Vec::new() };
    let candidates = size.implementations.iter().filter(|cell| cell.role == Role::Candidate && may_be_compared(cell));
    candidates
        .flat_map(|candidate| {
            let step = steps::step_from_baseline(size, candidate);
            [Metric::Time, Metric::Cpu, Metric::Memory, Metric::LatencyP99]
                .into_iter()
                .filter_map(move |metric| Some(Comparison { step, ..compare(baseline, candidate, metric)? }))
        })
        .chain(steps::steps(size))
        .collect()
}

fn splits(size: &Size) -> Vec<Split> {
    let hybrids = size.implementations.iter().filter(|cell| cell.kind == Kind::Hybrid && may_be_compared(cell));
    hybrids
        .filter_map(|hybrid| {
            let kernel = size.implementation(hybrid.kernel.as_deref()?)?;
            may_be_compared(kernel).then(|| split(hybrid, kernel))?
        })
        .collect()
}
