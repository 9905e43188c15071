//! Medians and their intervals.
//!
//! The interval of a median over independent rounds needs no model of the noise: the number of rounds below the true
//! median is binomial with probability ½, so a pair of order statistics covers it with a probability that can be
//! counted (H. A. David and H. N. Nagaraja, *Order Statistics*, 3rd ed., 2003, § 7.1). It keeps that coverage under
//! drift, heavy tails and one-sided spikes, where a bootstrap over few rounds does not.
//!
//! Few rounds have few pairs: of eight, the extremes cover 99.2 % and the next pair 93.0 %. The ends are therefore
//! interpolated between the two neighbouring pairs (T. P. Hettmansperger and S. J. Sheather, *Confidence intervals based
//! on interpolated order statistics*, Statistics & Probability Letters 4, 1986): whatever the noise, the coverage lies
//! between that of the two pairs, and near the wanted one.
//!
//! What is wanted of each look is [`EACH_LOOK`], more than [`CONFIDENCE`]: measuring stops when the interval is narrow
//! enough, and an interval is narrow more often when its rounds happen to agree than when they are right. Stopped so,
//! intervals of 95 % cover 91 to 94 % where the noise is such that it takes 20 rounds or more to get there.

use crate::evidence::Estimate;

/// The confidence that every interval in a report has.
pub const CONFIDENCE: f64 = 0.95;

/// The coverage that an interval aims at as if it were the only look at the rounds, so that after looking at every
/// round it is still [`CONFIDENCE`]. Found by simulation: `examples/study_coverage`.
const EACH_LOOK: f64 = 0.97;

/// Below this many rounds no pair of order statistics covers the median with 95 %.
pub const MIN_ROUNDS: usize = 6;

/// A median with its interval, and whether that is a 95 % interval or only the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The median.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// True: too few values, the ends are the smallest and the largest.
    pub indicative: bool,
}

impl Median {
    /// The same with every number passed through an increasing function.
    pub fn map(self, increasing: impl Fn(f64) -> f64) -> Median {
        Median {
            estimate: increasing(self.estimate),
            low: increasing(self.low),
            high: increasing(self.high),
            indicative: self.indicative,
        }
    }
}

impl From<Median> for Estimate {
    fn from(median: Median) -> Estimate {
        Estimate { estimate: median.estimate, low: median.low, high: median.high }
    }
}

/// The median of `values` with its 95 % interval; the range below [`MIN_ROUNDS`]. `None` without values.
pub fn median(values: &[f64]) -> Option<Median> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let estimate = middle(&sorted)?;
    let ends = ends(sorted.len());
    let Ends { skipped, inwards } = ends.unwrap_or(Ends { skipped: 0, inwards: 0.0 });
    // Equal values stay equal to the last bit, and an infinite one makes no nonsense.
    let end =
        |outer: f64, inner: f64| if (inner - outer).is_finite() { outer + inwards * (inner - outer) } else { outer };
    let (first, last) = (skipped, sorted.len() - 1 - skipped);
    Some(Median {
        estimate,
        low: end(sorted[first], sorted[(first + 1).min(last)]),
        high: end(sorted[last], sorted[last.saturating_sub(1).max(first)]),
        indicative: ends.is_none(),
    })
}

/// The middle of sorted values, or the mean of the two middle ones.
pub(super) fn middle(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(if sorted.len() % 2 == 1 { upper } else { f64::midpoint(sorted[sorted.len() / 2 - 1], upper) })
}

/// Where the ends of an interval lie among sorted values.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    /// So many values are left out at each end.
    skipped: usize,
    /// How far the ends move from there to the next value, 0 to 1.
    inwards: f64,
}

/// The ends for so many values: between the narrowest pair that covers the median with at least [`EACH_LOOK`] and the
/// next one. `None` when even the whole range covers less than [`CONFIDENCE`].
fn ends(count: usize) -> Option<Ends> {
    let count = i32::try_from(count).ok()?;
    let mut weight = 0.5_f64.powi(count);
    if !weight.is_normal() {
        return Some(normal_ends(count));
    }
    // With k values left out at each end the rest covers 1 − 2 P[Bin(n, ½) ≤ k].
    let (mut outer, mut skipped) = (1.0 - 2.0 * weight, 0);
    if outer < EACH_LOOK {
        return (outer >= CONFIDENCE).then_some(Ends { skipped: 0, inwards: 0.0 });
    }
    let inner = loop {
        weight *= f64::from(count - skipped) / f64::from(skipped + 1);
        let inner = outer - 2.0 * weight;
        if inner < EACH_LOOK {
            break inner;
        }
        (outer, skipped) = (inner, skipped + 1);
    };
    let (n, k) = (f64::from(count), f64::from(skipped + 1));
    let share = (outer - EACH_LOOK) / (outer - inner);
    let inwards = (n - k) * share / (k + (n - 2.0 * k) * share);
    Some(Ends { skipped: usize::try_from(skipped).ok()?, inwards })
}

/// The pair of order statistics beyond each of which the true median lies with a probability of `tail` at most, for whatever
/// distribution; `None` where even the extremes do not promise that. Exact, so for few values wider than asked for.
pub fn bounds(values: &[f64], tail: f64) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // P[Bin(n, ½) ≤ k] is the chance that the median lies below the value with k values under it.
    let count = sorted.len() as f64;
    let (mut log_weight, mut below) = (-count * std::f64::consts::LN_2, 0.0);
    let mut found = None;
    for skipped in 0..sorted.len().div_ceil(2) {
        below += log_weight.exp();
        // The last digit of a sum of exponentials decides nothing.
        if below > tail * (1.0 + 1e-9) {
            break;
        }
        found = Some((sorted[skipped], sorted[sorted.len() - 1 - skipped]));
        log_weight += ((count - skipped as f64) / (skipped as f64 + 1.0)).ln();
    }
    found
}

/// The fewest values of which [`bounds`] finds a pair: 2⁻ⁿ is at most `tail`.
pub fn fewest_for(tail: f64) -> u32 {
    (1..1024).find(|count| 0.5_f64.powi(*count) <= tail).unwrap_or(1024).unsigned_abs()
}

/// The normal approximation of [`ends`], for counts whose binomial weights leave the range of a float.
fn normal_ends(count: i32) -> Ends {
    const QUANTILE: f64 = 2.170_090_377_584_56;
    let count = f64::from(count);
    Ends { skipped: (count / 2.0 - QUANTILE * count.sqrt() / 2.0 - 1.0).max(0.0) as usize, inwards: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn ends_lie_where_the_binomial_table_says() {
        let known = [(5, None), (6, Some(0)), (8, Some(0)), (9, Some(0)), (10, Some(1)), (20, Some(4)), (50, Some(16))];
        for (count, skipped) in known {
            assert_eq!(ends(count).map(|ends| ends.skipped), skipped, "{count}");
        }
        assert!(ends(1000).unwrap().skipped.abs_diff(normal_ends(1000).skipped) <= 1);
        assert_eq!(ends(5000), Some(normal_ends(5000)));
    }

    #[test]
    fn ends_are_interpolated_between_pairs() {
        // Six rounds: the range covers 96.9 %, and nothing is to spare.
        assert_eq!(median(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).map(|six| (six.low, six.high)), Some((1.0, 6.0)));
        // Eight: the extremes cover 254 of 256, the next pair 238; 7 s / (1 + 6 s) of the way, s = (254/256 − 0.97) × 16.
        let eight = median(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]).unwrap();
        assert!((eight.low - 1.793_930).abs() < 1e-6 && (eight.high - 7.206_070).abs() < 1e-6, "{eight:?}");
        assert_eq!(median(&[0.1; 8]).map(|eight| (eight.low, eight.high)), Some((0.1, 0.1)));
        assert_eq!(
            median(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, f64::INFINITY]).map(|eight| eight.high),
            Some(f64::INFINITY)
        );
    }

    #[test]
    fn an_interval_that_was_waited_for_still_covers() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let mut noise = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let trials = 3000;
        let covered = (0..trials)
            .filter(|_| {
                let mut values: Vec<f64> = (0..7).map(|_| noise()).collect();
                loop {
                    values.push(noise());
                    let interval = median(&values).unwrap();
                    if interval.high - interval.low <= 1.0 || values.len() == 40 {
                        break (interval.low..=interval.high).contains(&0.0);
                    }
                }
            })
            .count();
        assert!((0.935..0.98).contains(&(covered as f64 / f64::from(trials))), "{covered} of {trials}");
    }

    #[test]
    fn bounds_promise_what_the_binomial_table_says() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        // P[Bin(20, ½) ≤ 3] = 0.00129, ≤ 4: 0.00591, ≤ 5: 0.0207.
        assert_eq!(bounds(&values, 0.006), Some((5.0, 16.0)));
        assert_eq!(bounds(&values, 0.0059), Some((4.0, 17.0)));
        assert_eq!(bounds(&values, 0.41), Some((9.0, 12.0)));
        assert_eq!(bounds(&values, 0.49), Some((10.0, 11.0)));
        assert_eq!([bounds(&values[..7], 1.0 / 128.0), bounds(&values[..6], 1.0 / 128.0)], [Some((1.0, 7.0)), None]);
        assert_eq!([fewest_for(1.0 / 128.0), fewest_for(0.0001), fewest_for(0.5)], [7, 14, 1]);
        assert_eq!(bounds(&[], 0.01), None);
        let many: Vec<f64> = (0..5000).map(f64::from).collect();
        let (low, high) = bounds(&many, 0.015).unwrap();
        assert!((low - normal_ends(5000).skipped as f64).abs() <= 2.0 && (low + high - 4999.0).abs() < 1e-9);
    }

    #[test]
    fn under_six_values_the_range_is_indicative() {
        let few = median(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((few.low, few.estimate, few.high, few.indicative), (1.0, 2.0, 3.0, true));
        assert!(!median(&[1.0; 6]).unwrap().indicative);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn intervals_cover_the_median_of_a_skewed_distribution() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for count in [6, 9, 15, 40] {
            let trials = 4000;
            let covered = (0..trials)
                .filter(|_| {
                    let values: Vec<f64> = (0..count).map(|_| -random.random::<f64>().ln()).collect();
                    let interval = median(&values).unwrap();
                    (interval.low..=interval.high).contains(&std::f64::consts::LN_2)
                })
                .count();
            assert!(covered as f64 >= 0.955 * f64::from(trials), "{count} rounds: {covered} of {trials}");
        }
    }
}
