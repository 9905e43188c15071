//! When to stop warming up, how many calls each batch has, whether the batches are steady: the same design as the
//! Python timing script, so that both sides are sampled alike.

use crate::protocol::{SampleMode, SampleStep};

/// No call is shorter, whatever a coarse clock says: a batch must come to an end.
const SHORTEST_CALL_NS: f64 = 0.01;

/// Calls in each batch of a sample.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) mode: SampleMode,
    pub(crate) iterations: Vec<u64>,
}

/// Calls and time spent warming up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WarmUp {
    pub(crate) calls: u64,
    pub(crate) elapsed_ns: u64,
}

impl WarmUp {
    /// How many calls the next batch of the warm-up has, after a batch of `last`; 0: it is over.
    ///
    /// Batches double, until they were long and many enough, or the limit would be passed. The last ones are cut to
    /// what is still wanted: a warm-up that doubles to its end lasts up to twice its time.
    pub(crate) fn next_batch(&self, step: &SampleStep, last: u64) -> u64 {
        if self.calls == 0 {
            return 1;
        }
        if self.elapsed_ns >= step.warmup_ns && self.calls >= step.warmup_calls {
            return 0;
        }
        let left_ns = step.warmup_limit_ns.saturating_sub(self.elapsed_ns);
        let in_time = |left_ns: u64| {
            let calls = u128::from(left_ns) * u128::from(self.calls) / u128::from(self.elapsed_ns.max(1));
            u64::try_from(calls).unwrap_or(u64::MAX)
        };
        let time_wanted = in_time(step.warmup_ns.saturating_sub(self.elapsed_ns)).saturating_add(1);
        let wanted = time_wanted.max(step.warmup_calls.saturating_sub(self.calls));
        // A batch of a few calls would be a poor guide to how long the next ones take.
        last.saturating_mul(2).min(wanted.max(last / 2)).min(in_time(left_ns))
    }
}

/// The batches for a call that takes this long, so that all take about `measure_ns`.
///
/// Linear batches of d, 2d, 3d … calls let the slope drop the clock's constant cost. Where even d = 1 would take twice
/// the time asked for, batches are flat: that cost no longer matters. Where single calls would still take twice the
/// time there are fewer of them: at least 5, or 2 when one call is longer than `measure_ns`.
pub(crate) fn plan(step: &SampleStep, call_ns: f64) -> Plan {
    let samples = step.samples.max(1);
    let call_ns = call_ns.max(SHORTEST_CALL_NS);
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let (measure_ns, count, units) = (step.measure_ns as f64, samples as f64, (samples * (samples + 1) / 2) as f64);
    let unit = whole(measure_ns / call_ns / units).max(1);
    if unit > 1 || units * call_ns <= 2.0 * measure_ns {
        let iterations = (1..=samples).map(|index| index.saturating_mul(unit)).collect();
        return Plan { mode: SampleMode::Linear, iterations };
    }
    let calls = whole(measure_ns / call_ns / count).max(1);
    let batches = if calls == 1 {
        let fewest = if call_ns <= measure_ns { 5 } else { 2 };
        samples.min(whole((2.0 * measure_ns / call_ns).floor()).max(fewest))
    } else {
        samples
    };
    Plan { mode: SampleMode::Flat, iterations: (0..batches).map(|_| calls).collect() }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates above")]
fn whole(estimate: f64) -> u64 {
    estimate.ceil() as u64
}

/// Whether the first and the second half of the batches agree.
///
/// They do not when their medians are over 10 % apart and their inter-quartile ranges do not meet. `None` below eight
/// batches: halves of three have no quartiles to speak of.
pub(crate) fn is_steady(iterations: &[u64], elapsed_ns: &[u64]) -> Option<bool> {
    const FEWEST: usize = 8;
    const APART: f64 = 1.1;
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let per_call: Vec<f64> =
        iterations.iter().zip(elapsed_ns).map(|(calls, elapsed)| *elapsed as f64 / *calls as f64).collect();
    if per_call.len() < FEWEST {
        return None;
    }
    let (first, second) = per_call.split_at(per_call.len() / 2);
    let (mut faster, mut slower) = (sorted(first), sorted(second));
    if quantile(&faster, 0.5) > quantile(&slower, 0.5) {
        std::mem::swap(&mut faster, &mut slower);
    }
    Some(quantile(&slower, 0.5) <= APART * quantile(&faster, 0.5) || quantile(&faster, 0.75) >= quantile(&slower, 0.25))
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantile of sorted values, interpolated between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of batches")]
    let position = share * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the slice's indices")]
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: SampleStep =
        SampleStep { warmup_ns: 100, warmup_calls: 8, warmup_limit_ns: 1000, measure_ns: 1_000_000, samples: 10 };

    fn next(calls: u64, elapsed_ns: u64, last: u64) -> u64 {
        WarmUp { calls, elapsed_ns }.next_batch(&STEP, last)
    }

    #[test]
    fn warming_up_takes_time_and_calls_but_not_beyond_its_limit() {
        assert_eq!(next(0, 0, 0), 1);
        assert_eq!(next(4, 20, 4), 8);
        assert_eq!(next(7, 990, 4), 0);
        assert_eq!(next(7, 500, 1), 1);
        assert_eq!(next(8, 50, 40), 20);
        assert_eq!(next(8, 99, 4), 2);
        assert_eq!(next(8, 100, 4), 0);
        assert_eq!(next(1, 1000, 1), 0);
        assert_eq!(next(1, 0, 1), 2);
    }

    #[test]
    fn a_short_call_gets_linear_batches_that_fill_the_time() {
        let plan = plan(&STEP, 100.0);
        assert_eq!(plan.mode, SampleMode::Linear);
        assert_eq!(plan.iterations[..3], [182, 364, 546]);
        assert_eq!(plan.iterations.len(), 10);
    }

    #[test]
    fn a_long_call_gets_flat_batches_and_a_very_long_one_fewer() {
        let flat = |calls, batches| Plan { mode: SampleMode::Flat, iterations: vec![calls; batches] };
        assert_eq!(plan(&STEP, 50_000.0), flat(2, 10));
        assert_eq!(plan(&STEP, 150_000.0), flat(1, 10));
        assert_eq!(plan(&STEP, 900_000.0), flat(1, 5));
        assert_eq!(plan(&STEP, 5_000_000.0), flat(1, 2));
    }

    #[test]
    fn a_call_too_short_for_the_clock_still_has_a_plan() {
        assert_eq!(plan(&STEP, 0.0).mode, SampleMode::Linear);
    }

    #[test]
    fn halves_that_differ_are_not_steady() {
        let steady = |per_call: [u64; 8]| is_steady(&[1; 8], &per_call);
        assert_eq!(steady([100, 101, 102, 103, 104, 103, 102, 101]), Some(true));
        assert_eq!(steady([100, 101, 102, 103, 130, 131, 132, 133]), Some(false));
        assert_eq!(steady([130, 131, 132, 133, 100, 101, 102, 103]), Some(false));
        assert_eq!(steady([100, 100, 140, 140, 139, 139, 141, 141]), Some(true));
        assert_eq!(is_steady(&[1; 7], &[100; 7]), None);
    }
}
