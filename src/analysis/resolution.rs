//! What a number of rounds can tell apart, on a machine whose rounds scatter as they were seen to.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::compare::half_width;
use super::interval::median;

/// Simulated runs for an expected half-width.
const DRAWS: u32 = 200;

/// The half-width to be expected of a comparison over so many rounds, when rounds scatter as these log-ratios of the
/// same work do: the mean over simulated runs. `None` below three.
///
/// Runs are drawn from the log-ratios, smoothed: a few values drawn again and again have only the gaps between them for
/// half-widths. Each draw is blurred by a normal kernel of Silverman's width, and all are shrunk to the variance that was
/// there (B. W. Silverman and G. A. Young, "The bootstrap: to smooth or not to smooth?", Biometrika 74, 1987).
pub fn expected_half_width(log_ratios: &[f64], rounds: u32, seed: u64) -> Option<f64> {
    if log_ratios.len() < 3 {
        return None;
    }
    let count = log_ratios.len() as f64;
    let mean = log_ratios.iter().sum::<f64>() / count;
    let deviation = (log_ratios.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let blur = 1.06 * count.powf(-0.2);
    // The values' own variance about their mean is (n − 1)/n of the deviation's square.
    let shrink = 1.0 / ((count - 1.0) / count + blur.powi(2)).sqrt();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || {
        let log = log_ratios[random.random_range(0..log_ratios.len())];
        shrink * (log - mean + blur * deviation * normal(&mut random))
    };
    let mut total = 0.0;
    for _ in 0..DRAWS {
        let run: Vec<f64> = (0..rounds).map(|_| draw()).collect();
        total += half_width(&median(&run)?.map(f64::exp));
    }
    Some(total / f64::from(DRAWS))
}

/// A normal number, by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (radius, angle) = (1.0 - random.random::<f64>(), random.random::<f64>());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rounds_tell_more_apart() {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let logs: Vec<f64> = (0..8).map(|_| (random.random::<f64>() - 0.5) * 0.04).collect();
        let at = |rounds| expected_half_width(&logs, rounds, 1).unwrap();
        assert!(at(6) > at(12) && at(12) > at(40), "{} {} {}", at(6), at(12), at(40));
        assert_eq!(expected_half_width(&logs, 4, 1), Some(f64::INFINITY));
        assert_eq!(expected_half_width(&logs[..2], 8, 1), None);
    }

    #[test]
    fn eight_rounds_foretell_the_half_width_of_many() {
        let mut random = ChaCha8Rng::seed_from_u64(8);
        let mut mean = |rounds: u32| {
            let studies = 40;
            let found = (0..studies).map(|seed| {
                let logs: Vec<f64> = (0..8).map(|_| 0.01 * normal(&mut random)).collect();
                expected_half_width(&logs, rounds, seed).unwrap()
            });
            found.sum::<f64>() / studies as f64
        };
        // Of the order statistics that the interval takes, for a normal distribution: 1.27, 0.42 and 0.24 deviations.
        for (rounds, known) in [(6, 0.0127), (40, 0.0042), (120, 0.0024)] {
            let found = mean(rounds);
            assert!((found / known - 1.0).abs() < 0.2, "{rounds} rounds: {found}");
        }
    }
}
