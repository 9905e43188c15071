//! Ratios between two implementations, paired by round.

use std::collections::BTreeMap;

use super::interval::{Median, median};
use super::slope::{cpu_per_call, slope};
use crate::evidence::{Comparison, Implementation, Metric};

/// Memory growth below this many bytes is mostly the allocator's, and gets no ratio.
pub const MIN_MEMORY_BYTES: f64 = 1024.0 * 1024.0;

/// A metric by round: in each, one fresh launch.
pub type ByRound = BTreeMap<u32, f64>;

/// The values of a metric by round, in the metric's unit.
pub fn by_round(cell: &Implementation, metric: Metric) -> ByRound {
    let launches = cell.launches.iter();
    match metric {
        Metric::Time => launches.filter_map(|launch| Some((launch.round, slope(launch)?))).collect(),
        Metric::Cpu => {
            let watched = cell.memory_launches.iter().filter_map(|launch| Some((launch.round, launch.cpu_ns?)));
            let timed = launches.filter_map(|launch| Some((launch.round, cpu_per_call(launch)?)));
            watched.chain(timed).collect()
        }
        Metric::Memory => cell
            .memory_launches
            .iter()
            .map(|launch| (launch.round, launch.peak_bytes.saturating_sub(launch.before_bytes) as f64))
            .collect(),
        Metric::LatencyP99 => {
            cell.memory_launches.iter().filter_map(|launch| Some((launch.round, launch.latency_ns?.p99?))).collect()
        }
    }
}

/// The median over rounds of baseline ÷ candidate, its interval taken on the log-ratio. `None` without a common round.
pub fn ratio(baseline: &ByRound, candidate: &ByRound) -> Option<(Median, u32)> {
    let logs = logs(baseline, candidate);
    let interval = median(&logs)?;
    Some((interval.map(f64::exp), u32::try_from(logs.len()).unwrap_or(u32::MAX)))
}

fn logs(baseline: &ByRound, candidate: &ByRound) -> Vec<f64> {
    baseline
        .iter()
        .filter_map(|(round, base)| Some((base / candidate.get(round)?).ln()))
        .filter(|log| log.is_finite())
        .collect()
}

/// ln(baseline ÷ candidate) of every round in which both were measured; `None` where the metric has no ratio.
pub fn log_ratios(baseline: &Implementation, candidate: &Implementation, metric: Metric) -> Option<Vec<f64>> {
    let (ours, theirs) = (by_round(baseline, metric), by_round(candidate, metric));
    if metric == Metric::Memory && (too_small(&ours) || too_small(&theirs)) {
        return None;
    }
    Some(logs(&ours, &theirs)).filter(|logs| !logs.is_empty())
}

/// Half of the interval's width on the log scale: 0.02 is ±2 %. Infinite where there is no 95 % interval.
pub fn half_width(interval: &Median) -> f64 {
    if interval.indicative { f64::INFINITY } else { (interval.high / interval.low).ln() / 2.0 }
}

/// A candidate held against the baseline in one metric. `None` where there is nothing to divide.
pub fn compare(baseline: &Implementation, candidate: &Implementation, metric: Metric) -> Option<Comparison> {
    let (ours, theirs) = (by_round(baseline, metric), by_round(candidate, metric));
    if metric == Metric::Memory && (too_small(&ours) || too_small(&theirs)) {
        return None;
    }
    let (interval, rounds) = ratio(&ours, &theirs)?;
    Some(Comparison {
        candidate: candidate.name.clone(),
        against: baseline.name.clone(),
        metric,
        step: None,
        ratio: interval.estimate,
        low: interval.low,
        high: interval.high,
        rounds,
        indicative: interval.indicative,
    })
}

fn too_small(memory: &ByRound) -> bool {
    memory.values().any(|bytes| *bytes < MIN_MEMORY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(values: &[f64]) -> ByRound {
        (0..).zip(values.iter().copied()).collect()
    }

    #[test]
    fn drift_shared_by_both_sides_cancels() {
        let drift = [1.0, 1.3, 1.1, 2.0, 1.7, 1.2];
        let baseline = rounds(&drift.map(|speed| 300.0 * speed));
        let candidate = rounds(&drift.map(|speed| 100.0 * speed));
        let (interval, count) = ratio(&baseline, &candidate).unwrap();
        assert_eq!(count, 6);
        assert!((interval.low - 3.0).abs() < 1e-9 && (interval.high - 3.0).abs() < 1e-9);
        assert!(half_width(&interval) < 1e-9);
    }

    #[test]
    fn only_common_rounds_count() {
        let baseline = rounds(&[300.0, 300.0, 300.0]);
        let candidate = ByRound::from([(1, 100.0), (7, 1.0)]);
        let (interval, count) = ratio(&baseline, &candidate).unwrap();
        assert_eq!((count, interval.indicative), (1, true));
        assert!((interval.estimate - 3.0).abs() < 1e-9);
        assert!(ratio(&baseline, &ByRound::new()).is_none());
    }

    #[test]
    fn few_rounds_are_never_precise() {
        let (interval, _) = ratio(&rounds(&[2.0; 5]), &rounds(&[1.0; 5])).unwrap();
        assert_eq!(half_width(&interval), f64::INFINITY);
    }
}
