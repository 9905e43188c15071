//! What a number of rounds can tell apart, on a machine whose rounds scatter as they were seen to.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::compare::half_width;
use super::interval::median;

/// Simulated runs for an expected half-width.
const DRAWS: u32 = 500;

/// The half-width to be expected of a comparison over so many rounds, when rounds scatter as these log-ratios of the
/// same work do: the mean over runs drawn from them. `None` below three.
pub fn expected_half_width(log_ratios: &[f64], rounds: u32, seed: u64) -> Option<f64> {
    if log_ratios.len() < 3 {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // Draws from few values scatter less than the values' source.
    let count = log_ratios.len() as f64;
    let scale = (count / (count - 1.0)).sqrt();
    let mut total = 0.0;
    for _ in 0..DRAWS {
        let run: Vec<f64> = (0..rounds).map(|_| log_ratios[random.random_range(0..log_ratios.len())]).collect();
        total += half_width(&median(&run)?.map(f64::exp));
    }
    Some(scale * total / f64::from(DRAWS))
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
}
