//! Where the spread of times lies, within launches or between them, and what that lets a number of rounds tell apart.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::compare::half_width;
use super::interval::median;
use crate::evidence::{Launch, Spread};

/// Simulated runs for an expected half-width.
const DRAWS: u32 = 500;

/// Splits the variance of times per batch into its parts, by the one-way analysis of variance on their logarithms.
///
/// `None` below two launches of two batches each.
pub fn spread(launches: &[Launch]) -> Option<Spread> {
    let logs = |launch: &Launch| -> Vec<f64> {
        let batches = launch.iterations.iter().zip(&launch.elapsed_ns);
        batches
            .filter(|(calls, time)| **calls > 0 && **time > 0)
            .map(|(calls, time)| (*time as f64 / *calls as f64).ln())
            .collect()
    };
    let groups: Vec<Vec<f64>> = launches.iter().map(logs).filter(|group| group.len() > 1).collect();
    if groups.len() < 2 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let total: f64 = groups.iter().map(|group| group.len() as f64).sum();
    let squares: f64 = groups.iter().map(|group| (group.len() as f64).powi(2)).sum();
    let freedom = groups.len() as f64 - 1.0;
    let grand = groups.iter().flatten().sum::<f64>() / total;
    let within =
        groups.iter().map(|group| group.iter().map(|value| (value - mean(group)).powi(2)).sum::<f64>()).sum::<f64>()
            / (total - groups.len() as f64);
    let between = groups.iter().map(|group| group.len() as f64 * (mean(group) - grand).powi(2)).sum::<f64>() / freedom;
    // Batches a launch, where launches have different numbers of them.
    let batches = (total - squares / total) / freedom;
    let launches = ((between - within) / batches).max(0.0);
    let all = launches + within;
    Some(Spread {
        within_launches_share: within.sqrt(),
        between_launches_share: launches.sqrt(),
        intraclass_correlation: if all > 0.0 { launches / all } else { 0.0 },
    })
}

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

    fn launch(random: &mut ChaCha8Rng, between: f64, within: f64) -> Launch {
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let level = between * normal();
        let times: Vec<u64> = (0..10).map(|_| (1e6 * (level + within * normal()).exp()) as u64).collect();
        Launch { iterations: vec![1; 10], elapsed_ns: times, ..Launch::default() }
    }

    #[test]
    fn both_parts_of_the_variance_are_found() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let launches: Vec<Launch> = (0..400).map(|_| launch(&mut random, 0.03, 0.02)).collect();
        let found = spread(&launches).unwrap();
        assert!((found.within_launches_share - 0.02).abs() < 0.002, "{found:?}");
        assert!((found.between_launches_share - 0.03).abs() < 0.003, "{found:?}");
        assert!((found.intraclass_correlation - 9.0 / 13.0).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn launches_that_are_all_alike_have_no_variance_between_them() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let launches: Vec<Launch> = (0..400).map(|_| launch(&mut random, 0.0, 0.02)).collect();
        assert!(spread(&launches).unwrap().intraclass_correlation < 0.05);
        assert_eq!(spread(&launches[..1]), None);
    }

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
