//! Intervals of derived figures: launches drawn with replacement, from a seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::evidence::Estimate;

/// Draws for an interval: enough for its ends to be steady to a few percent of its width.
const DRAWS: usize = 1000;
const TAIL: f64 = 0.025;
/// The normal distribution's 97.5 % quantile.
const NORMAL: f64 = 1.959_963_984_540_054;

/// Estimates of `N` figures with 95 % intervals, from `count` launches.
///
/// `figures` computes them from a choice of launches, given by their indices, in which one may stand several times.
/// A percentile bootstrap of few launches is too narrow: its variance lacks a factor of (n − 1)/n, and it takes the
/// normal's tails for Student's. Its ends are moved outwards by both (Hesterberg, "What Teachers Should Know About the
/// Bootstrap", The American Statistician 69, 2015). `None` below three launches, or where the figures are none.
pub fn bootstrap<const N: usize>(
    count: usize,
    seed: u64,
    figures: impl Fn(&[usize]) -> Option<[f64; N]>,
) -> Option<[Estimate; N]> {
    let all: Vec<usize> = (0..count).collect();
    let estimates = figures(&all)?;
    if count < 3 {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let choice: Vec<usize> = (0..count).map(|_| random.random_range(0..count)).collect();
        for (values, figure) in drawn.iter_mut().zip(figures(&choice)?) {
            values.push(figure);
        }
    }
    let wider = widening(count);
    Some(std::array::from_fn(|index| {
        let estimate = estimates[index];
        let mut values = std::mem::take(&mut drawn[index]);
        values.sort_by(f64::total_cmp);
        let skipped = (TAIL * DRAWS as f64) as usize;
        let (low, high) = (values[skipped], values[DRAWS - 1 - skipped]);
        // An interval whose draws all lie on one side still holds its estimate.
        Estimate {
            estimate,
            low: (estimate - wider * (estimate - low)).min(estimate),
            high: (estimate + wider * (high - estimate)).max(estimate),
        }
    }))
}

/// What the ends of an interval over `count` values are moved outwards by.
fn widening(count: usize) -> f64 {
    let count = count as f64;
    (count / (count - 1.0)).sqrt() * student(count - 1.0) / NORMAL
}

/// Student's 97.5 % quantile, by its expansion about the normal's (Abramowitz and Stegun, 26.7.5).
fn student(freedom: f64) -> f64 {
    let z = NORMAL;
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / freedom + second / freedom.powi(2) + third / freedom.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_table() {
        for (freedom, quantile) in [(4.0, 2.776), (7.0, 2.365), (15.0, 2.131), (60.0, 2.000)] {
            assert!((student(freedom) - quantile).abs() < 0.01, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn a_seed_repeats_an_interval() {
        let values = [5.0, 1.0, 4.0, 2.0, 9.0, 3.0];
        let mean = |choice: &[usize]| Some([choice.iter().map(|index| values[*index]).sum::<f64>() / 6.0]);
        assert_eq!(bootstrap(6, 1, mean), bootstrap(6, 1, mean));
        assert_ne!(bootstrap(6, 1, mean), bootstrap(6, 2, mean));
        assert_eq!(bootstrap(2, 1, |_: &[usize]| Some([1.0])), None);
    }

    #[test]
    fn intervals_of_a_mean_of_few_cover_it() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let trials = 600;
        let covered = (0..trials)
            .filter(|trial| {
                let values: Vec<f64> = (0..8).map(|_| (0..6).map(|_| random.random::<f64>()).sum()).collect();
                let mean = |choice: &[usize]| {
                    Some([choice.iter().map(|index| values[*index]).sum::<f64>() / choice.len() as f64])
                };
                let [found] = bootstrap(8, *trial, mean).unwrap();
                (found.low..=found.high).contains(&3.0)
            })
            .count();
        assert!(covered as f64 >= 0.93 * trials as f64, "{covered} of {trials}");
    }
}
