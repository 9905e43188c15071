//! How times scatter within and between launches: what tells whether more launches or more samples would help.
//!
//! One-way random-effects analysis of variance on the logarithms of the batches' times of a call, launches being the
//! groups (S. R. Searle, G. Casella and C. E. McCulloch, *Variance Components*, 1992, § 3.6, unbalanced data).

use crate::evidence::{Launch, Spread};

/// The spread of a cell's launches. `None` under two launches, or where no launch has two batches.
pub fn spread(launches: &[Launch]) -> Option<Spread> {
    let groups: Vec<Vec<f64>> = launches.iter().map(per_call_logs).filter(|group| !group.is_empty()).collect();
    let counts: Vec<f64> = groups.iter().map(|group| group.len() as f64).collect();
    let total: f64 = counts.iter().sum();
    let (between_freedom, within_freedom) = (groups.len() as f64 - 1.0, total - groups.len() as f64);
    if between_freedom < 1.0 || within_freedom < 1.0 {
        return None;
    }
    let means: Vec<f64> = groups.iter().map(|group| mean(group)).collect();
    let grand = counts.iter().zip(&means).map(|(count, mean)| count * mean).sum::<f64>() / total;
    let between_squares: f64 = counts.iter().zip(&means).map(|(count, mean)| count * (mean - grand).powi(2)).sum();
    let within_squares: f64 =
        groups.iter().zip(&means).flat_map(|(group, mean)| group.iter().map(move |log| (log - mean).powi(2))).sum();
    let within = within_squares / within_freedom;
    // The size that the groups would have if all were alike.
    let even = (total - counts.iter().map(|count| count * count).sum::<f64>() / total) / between_freedom;
    let between = ((between_squares / between_freedom - within) / even).max(0.0);
    let all = within + between;
    Some(Spread {
        within: within.sqrt(),
        between: between.sqrt(),
        intra_class_correlation: if all > 0.0 { between / all } else { 0.0 },
        outliers: groups.iter().map(|group| outliers(group)).sum(),
        unsteady_launches: launches.iter().map(|launch| u32::from(launch.steady == Some(false))).sum(),
    })
}

/// How long a launch should measure so that a given total time says most about the median over launches.
///
/// A launch costs its start-up and warm-up c and its measuring t; its slope varies by the variance between launches B
/// plus what is left of the batches' own, w / t. The product (B + w / t)(c + t) is least at t = √(c · w / B): where
/// launches differ more than batches do, and they mostly do, short launches win (cost-optimal two-stage sampling,
/// W. G. Cochran, *Sampling Techniques*, 3rd ed., 1977, § 10.6). `measured_s` is what the launches took to measure so
/// far, `launch_s` what they cost in all, `batches` how many each had. `None` where nothing varies between launches.
pub fn best_measuring_s(spread: &Spread, batches: f64, measured_s: f64, launch_s: f64) -> Option<f64> {
    let left_within = spread.within.powi(2) / batches.max(1.0) * measured_s;
    let cost = (launch_s - measured_s).max(0.0);
    let best = (cost * left_within / spread.between.powi(2)).sqrt();
    best.is_finite().then_some(best)
}

fn per_call_logs(launch: &Launch) -> Vec<f64> {
    let batches = launch.iterations.iter().zip(&launch.elapsed_ns);
    batches
        .filter(|(calls, time)| **calls > 0 && **time > 0)
        .map(|(calls, time)| (*time as f64 / *calls as f64).ln())
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Values beyond Tukey's outer fences (J. W. Tukey, *Exploratory Data Analysis*, 1977, § 2D).
fn outliers(values: &[f64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quartile = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let (lower, upper) = (quartile(0.25), quartile(0.75));
    let reach = 3.0 * (upper - lower);
    sorted.iter().filter(|value| **value < lower - reach || **value > upper + reach).count() as u64
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn launches(between: f64, within: f64) -> Vec<Launch> {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        // A sum of twelve uniform numbers is near enough to a normal one.
        let mut normal = move || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        (0..200)
            .map(|_| {
                let level = 1e6 * (between * normal()).exp();
                let elapsed_ns = (0..20).map(|_| (level * (within * normal()).exp()) as u64).collect();
                Launch { iterations: vec![1; 20], elapsed_ns, ..Launch::default() }
            })
            .collect()
    }

    #[test]
    fn both_variances_are_found_again() {
        let found = spread(&launches(0.04, 0.02)).unwrap();
        assert!((found.between - 0.04).abs() < 0.006, "{found:?}");
        assert!((found.within - 0.02).abs() < 0.002, "{found:?}");
        assert!((found.intra_class_correlation - 0.8).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn launches_that_do_not_differ_have_no_correlation() {
        assert!(spread(&launches(0.0, 0.02)).unwrap().intra_class_correlation < 0.05);
    }

    #[test]
    fn one_launch_says_nothing_of_the_spread_between() {
        assert_eq!(spread(&launches(0.0, 0.01)[..1]), None);
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn launches_that_differ_more_than_batches_should_be_short() {
        let spread = |within, between| Spread {
            within,
            between,
            intra_class_correlation: 0.0,
            outliers: 0,
            unsteady_launches: 0,
        };
        let best = |within, between| best_measuring_s(&spread(within, between), 20.0, 0.4, 1.0).unwrap();
        assert!((best(0.02, 0.02) - (0.6_f64 * 0.4 / 20.0).sqrt()).abs() < 1e-12);
        assert!(best(0.01, 0.05) < best(0.05, 0.01));
        assert_eq!(best_measuring_s(&spread(0.02, 0.0), 20.0, 0.4, 1.0), None);
    }

    #[test]
    fn outliers_are_counted() {
        let mut with_one = launches(0.0, 0.001);
        with_one[0].elapsed_ns[3] *= 3;
        let plain = spread(&launches(0.0, 0.001)).unwrap().outliers;
        assert_eq!(spread(&with_one).unwrap().outliers, plain + 1);
    }
}
