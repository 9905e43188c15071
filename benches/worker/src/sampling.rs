//! When to stop warming up, how many calls each batch has, whether the batches are steady: the same design as the
//! Python timing script, so that both sides are sampled alike.

use crate::protocol::{SampleMode, SampleStep};

/// Calls in each batch of a sample.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) mode: SampleMode,
    pub(crate) iterations: Vec<u64>,
}

/// Whether warming up may end after this much.
pub(crate) fn is_warm(step: &SampleStep, calls: u64, elapsed_ns: u64) -> bool {
    calls > 0 && (elapsed_ns >= step.warmup_limit_ns || (elapsed_ns >= step.warmup_ns && calls >= step.warmup_calls))
}

/// The batches for a call that takes this long.
///
/// Linear batches of d, 2d, 3d … calls let the slope drop the clock's constant cost. A call so long that even d = 1
/// would take twice the time asked for gets flat batches, where that cost no longer matters.
pub(crate) fn plan(step: &SampleStep, call_ns: f64) -> Plan {
    let samples = step.samples.max(1);
    let call_ns = call_ns.max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let (measure_ns, units) = (step.measure_ns as f64, (samples * (samples + 1) / 2) as f64);
    if units * call_ns <= 2.0 * measure_ns {
        let unit = whole_calls(measure_ns / (units * call_ns));
        return Plan { mode: SampleMode::Linear, iterations: (1..=samples).map(|index| index * unit).collect() };
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let calls = whole_calls(measure_ns / (samples as f64 * call_ns));
    Plan { mode: SampleMode::Flat, iterations: vec![calls; usize::try_from(samples).unwrap_or(usize::MAX)] }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and `as` saturates above")]
fn whole_calls(estimate: f64) -> u64 {
    estimate.round().max(1.0) as u64
}

/// Whether the median time per call of the first and second half of the batches agree within 5 %; `None` for fewer
/// than four batches.
pub(crate) fn is_steady(iterations: &[u64], elapsed_ns: &[u64]) -> Option<bool> {
    const TOLERANCE: f64 = 0.05;
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let per_call: Vec<f64> =
        iterations.iter().zip(elapsed_ns).map(|(calls, elapsed)| *elapsed as f64 / *calls as f64).collect();
    if per_call.len() < 4 {
        return None;
    }
    let (first, second) = per_call.split_at(per_call.len() / 2);
    let (first, second) = (median(first), median(second));
    Some((first - second).abs() <= TOLERANCE * first.min(second))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: SampleStep =
        SampleStep { warmup_ns: 100, warmup_calls: 8, warmup_limit_ns: 1000, measure_ns: 1_000_000, samples: 10 };

    #[test]
    fn warming_up_takes_time_and_calls_but_not_beyond_its_limit() {
        assert!(!is_warm(&STEP, 0, 5000));
        assert!(!is_warm(&STEP, 7, 500));
        assert!(!is_warm(&STEP, 8, 99));
        assert!(is_warm(&STEP, 8, 100));
        assert!(is_warm(&STEP, 1, 1000));
    }

    #[test]
    fn a_short_call_gets_linear_batches_that_fill_the_time() {
        let plan = plan(&STEP, 100.0);
        assert_eq!(plan.mode, SampleMode::Linear);
        assert_eq!(plan.iterations[..3], [182, 364, 546]);
        assert_eq!(plan.iterations.len(), 10);
    }

    #[test]
    fn a_long_call_gets_flat_batches() {
        assert_eq!(plan(&STEP, 50_000.0), Plan { mode: SampleMode::Flat, iterations: vec![2; 10] });
        assert_eq!(plan(&STEP, 5_000_000.0), Plan { mode: SampleMode::Flat, iterations: vec![1; 10] });
    }

    #[test]
    fn a_call_too_short_for_the_clock_still_has_a_plan() {
        assert_eq!(plan(&STEP, 0.0).iterations[0], 18_182);
    }

    #[test]
    fn halves_that_differ_are_not_steady() {
        let iterations = [1, 2, 3, 4];
        assert_eq!(is_steady(&iterations, &[100, 200, 300, 400]), Some(true));
        assert_eq!(is_steady(&iterations, &[100, 200, 330, 440]), Some(false));
        assert_eq!(is_steady(&[1], &[100]), None);
    }
}
