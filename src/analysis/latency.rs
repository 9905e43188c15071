//! Tails: percentiles of the latency of single calls.

use super::interval::median;
use crate::evidence::{Implementation, Latency};

/// Percentiles of calls timed one by one, by the nearest rank. A percentile that fewer calls than it needs would only
/// guess at is left out: the 90th needs ten, the 99th a hundred. `None` without calls.
pub fn percentiles(elapsed_ns: &[u64]) -> Option<Latency> {
    let mut sorted = elapsed_ns.to_vec();
    sorted.sort_unstable();
    let rank =
        |hundredths: usize| sorted.get((sorted.len() * hundredths).div_ceil(100).max(1) - 1).map(|ns| *ns as f64);
    Some(Latency {
        calls: sorted.len() as u64,
        p50: rank(50)?,
        p90: rank(90).filter(|_| sorted.len() >= 10),
        p99: rank(99).filter(|_| sorted.len() >= 100),
        max: *sorted.last()? as f64,
    })
}

/// A cell's latency: of each percentile the median over launches, of the slowest call the slowest. `None` without any.
pub fn over_launches(cell: &Implementation) -> Option<Latency> {
    let launches: Vec<Latency> = cell.memory_launches.iter().filter_map(|launch| launch.latency_ns).collect();
    let middle = |pick: fn(&Latency) -> Option<f64>| {
        let values: Option<Vec<f64>> = launches.iter().map(pick).collect();
        Some(median(&values?)?.estimate)
    };
    Some(Latency {
        calls: launches.iter().map(|latency| latency.calls).sum(),
        p50: middle(|latency| Some(latency.p50))?,
        p90: middle(|latency| latency.p90),
        p99: middle(|latency| latency.p99),
        max: launches.iter().map(|latency| latency.max).fold(0.0, f64::max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let latency = percentiles(&hundred).unwrap();
        assert_eq!((latency.p50, latency.p90, latency.p99, latency.max), (50.0, Some(90.0), Some(99.0), 100.0));
    }

    #[test]
    fn a_percentile_is_not_guessed_from_too_few_calls() {
        let few = percentiles(&[3, 1, 2]).unwrap();
        assert_eq!((few.calls, few.p50, few.p90, few.p99, few.max), (3, 2.0, None, None, 3.0));
        assert_eq!(percentiles(&[]), None);
    }
}
