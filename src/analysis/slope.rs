//! From a launch's batches to one number: the time of a call.

use crate::evidence::Launch;

/// Time of one call in nanoseconds: the slope through the origin, Σxy / Σx², over batches of x calls that took y.
///
/// A constant cost of the clock is not removed but shrinks with the batches' size. This is the estimator of
/// criterion's linear mode (`Slope::fit`), used for every runner, so that no ratio mixes two estimators. For batches
/// of one size it is their mean. `None` without calls.
pub fn slope(launch: &Launch) -> Option<f64> {
    let pairs = || launch.iterations.iter().zip(&launch.elapsed_ns).map(|(&calls, &time)| (calls as f64, time as f64));
    let squares: f64 = pairs().map(|(calls, _)| calls * calls).sum();
    let products: f64 = pairs().map(|(calls, time)| calls * time).sum();
    (squares > 0.0 && products > 0.0).then(|| products / squares)
}

/// Processor time of one call in nanoseconds, over all batches. `None` where the runner does not know it.
pub fn cpu_per_call(launch: &Launch) -> Option<f64> {
    let calls: u64 = launch.iterations.iter().sum();
    let cpu = launch.cpu_ns?;
    (calls > 0).then(|| cpu as f64 / calls as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(batches: &[(u64, u64)]) -> Launch {
        Launch {
            iterations: batches.iter().map(|batch| batch.0).collect(),
            elapsed_ns: batches.iter().map(|batch| batch.1).collect(),
            cpu_ns: Some(700),
            ..Launch::default()
        }
    }

    #[test]
    fn proportional_batches_give_their_rate() {
        assert_eq!(slope(&launch(&[(1, 100), (2, 200), (4, 400)])), Some(100.0));
    }

    #[test]
    fn a_constant_clock_cost_shrinks_with_the_batches() {
        let biased = slope(&launch(&[(10, 1040), (20, 2040), (30, 3040)])).unwrap();
        assert!((biased - 100.0).abs() < 2.0, "{biased}");
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert_eq!(slope(&launch(&[])), None);
        assert_eq!(cpu_per_call(&launch(&[])), None);
    }

    #[test]
    fn processor_time_is_shared_among_all_calls() {
        assert_eq!(cpu_per_call(&launch(&[(3, 1), (4, 1)])), Some(100.0));
    }
}
