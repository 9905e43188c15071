//! Medians and their exact intervals.
//!
//! The interval of a median over independent rounds needs no model of the noise: the number of rounds below the true
//! median is binomial with probability ½, so a pair of order statistics covers it with a probability that can be
//! counted (H. A. David and H. N. Nagaraja, *Order Statistics*, 3rd ed., 2003, § 7.1). It keeps that coverage under
//! drift, heavy tails and one-sided spikes, where a bootstrap over few rounds does not.

use crate::evidence::Estimate;

/// The confidence that every interval in a report has.
pub const CONFIDENCE: f64 = 0.95;

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

/// The median of `values` with its exact 95 % interval; the range below [`MIN_ROUNDS`]. `None` without values.
pub fn median(values: &[f64]) -> Option<Median> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let estimate = middle(&sorted)?;
    let rank = order_rank(sorted.len());
    let skipped = rank.unwrap_or(0);
    Some(Median {
        estimate,
        low: sorted[skipped],
        high: sorted[sorted.len() - 1 - skipped],
        indicative: rank.is_none(),
    })
}

/// The middle of sorted values, or the mean of the two middle ones.
fn middle(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(if sorted.len() % 2 == 1 { upper } else { f64::midpoint(sorted[sorted.len() / 2 - 1], upper) })
}

/// How many values to leave out at each end so that the rest covers the median with at least [`CONFIDENCE`]:
/// the largest k with P[Bin(n, ½) ≤ k] ≤ 2.5 %. `None` when even the whole range covers less.
fn order_rank(count: usize) -> Option<usize> {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let count = i32::try_from(count).ok()?;
    let mut probability = 0.5_f64.powi(count);
    if probability == 0.0 {
        return Some(normal_rank(count));
    }
    let mut cumulated = 0.0;
    let mut rank = None;
    for left_out in 0..count {
        cumulated += probability;
        if cumulated > tail {
            break;
        }
        rank = usize::try_from(left_out).ok();
        probability *= f64::from(count - left_out) / f64::from(left_out + 1);
    }
    rank
}

/// The normal approximation of [`order_rank`], for counts whose binomial weights leave the range of a float.
fn normal_rank(count: i32) -> usize {
    const QUANTILE: f64 = 1.959_963_984_540_054;
    let count = f64::from(count);
    (count / 2.0 - QUANTILE * count.sqrt() / 2.0 - 1.0).max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn ranks_are_those_of_the_binomial_table() {
        let known = [
            (5, None),
            (6, Some(0)),
            (8, Some(0)),
            (9, Some(1)),
            (11, Some(1)),
            (12, Some(2)),
            (20, Some(5)),
            (50, Some(17)),
            (100, Some(39)),
        ];
        for (count, rank) in known {
            assert_eq!(order_rank(count), rank, "{count}");
        }
        assert!(order_rank(5000).unwrap().abs_diff(normal_rank(5000)) <= 1);
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
            assert!(covered as f64 >= 0.942 * f64::from(trials), "{count} rounds: {covered} of {trials}");
        }
    }
}
