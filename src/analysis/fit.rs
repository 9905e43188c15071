//! A line through times by size: what every call costs, and what each element adds.

use super::bootstrap::bootstrap;
use super::interval::median;
use crate::evidence::Estimate;

/// `fixed + per_element · size`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// At size 0.
    pub fixed: f64,
    /// The slope.
    pub per_element: f64,
}

impl Line {
    /// The line at a size.
    pub fn at(&self, size: f64) -> f64 {
        self.fixed + self.per_element * size
    }
}

/// A line with the intervals of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineFit {
    /// At size 0.
    pub fixed: Estimate,
    /// The slope.
    pub per_element: Estimate,
    /// How far the worst size lies off the line, as a share of the line.
    pub worst_miss: f64,
}

/// The least-squares line where a point's weight is 1/y²: timing errors are a share of the time, and without weights
/// the largest size alone would set the fixed cost. `None` with fewer than two different sizes.
pub fn line(points: &[(f64, f64)]) -> Option<Line> {
    if points.iter().any(|(_, time)| !time.is_finite() || *time <= 0.0) {
        return None;
    }
    let sum = |part: fn(f64, f64) -> f64| points.iter().map(|(size, time)| part(*size, *time) / time.powi(2)).sum();
    let (weight, x, y): (f64, f64, f64) = (sum(|_, _| 1.0), sum(|size, _| size), sum(|_, time| time));
    let (xx, xy): (f64, f64) = (sum(|size, _| size * size), sum(|size, time| size * time));
    let determinant = weight * xx - x * x;
    let per_element = (weight * xy - x * y) / determinant;
    let fixed = (xx * y - x * xy) / determinant;
    (per_element.is_finite() && fixed.is_finite()).then_some(Line { fixed, per_element })
}

/// Fits the medians over launches; intervals by bootstrap over launches, which keeps what the sizes of one launch have
/// in common. `times[launch][i]` belongs to `sizes[i]`.
///
/// `None` below three launches or two sizes, or where a time is not positive.
pub fn fit(sizes: &[f64], times: &[Vec<f64>], seed: u64) -> Option<LineFit> {
    if times.iter().any(|launch| launch.len() != sizes.len()) {
        return None;
    }
    let medians = |choice: &[usize]| -> Option<Vec<(f64, f64)>> {
        let at = |index: usize| choice.iter().map(|launch| times[*launch][index]).collect::<Vec<f64>>();
        sizes.iter().enumerate().map(|(index, size)| Some((*size, median(&at(index))?.estimate))).collect()
    };
    let [fixed, per_element] = bootstrap(times.len(), seed, |choice| {
        let found = line(&medians(choice)?)?;
        Some([found.fixed, found.per_element])
    })?;
    let all: Vec<usize> = (0..times.len()).collect();
    let found = Line { fixed: fixed.estimate, per_element: per_element.estimate };
    let misses = medians(&all)?.into_iter().map(|(size, time)| (time / found.at(size) - 1.0).abs());
    Some(LineFit { fixed, per_element, worst_miss: misses.fold(0.0, f64::max) })
}

/// The exponent p of `fixed + factor · size^p` through the times at three sizes, smallest first.
///
/// Differences of times are free of the fixed cost, and their ratio of the factor. `None` unless each size takes clearly
/// longer than the one before, and for exponents beyond `MAX_EXPONENT`.
pub fn exponent(points: [(f64, f64); 3]) -> Option<f64> {
    let [(s1, t1), (s2, t2), (s3, t3)] = points;
    let in_order = 0.0 < s1 && s1 < s2 && s2 < s3 && t1 > 0.0;
    if !in_order || t2 < CLEARLY_LONGER * t1 || t3 < CLEARLY_LONGER * t2 {
        return None;
    }
    let wanted = (t3 - t2) / (t2 - t1);
    // Grows with p; the limit at 0 is a ratio of logarithms.
    let ratio = |p: f64| ((s3 / s2).powf(p) - 1.0) / (1.0 - (s1 / s2).powf(p));
    let (mut low, mut high) = (1e-3, MAX_EXPONENT);
    if !(ratio(low)..=ratio(high)).contains(&wanted) {
        return None;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if ratio(middle) < wanted { low = middle } else { high = middle }
    }
    Some(low)
}

/// What a time must be of the one before for its growth to stand clear of the noise.
const CLEARLY_LONGER: f64 = 1.3;
/// The largest exponent that is looked for.
const MAX_EXPONENT: f64 = 6.0;

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const SIZES: [f64; 5] = [1.0, 8.0, 64.0, 512.0, 4096.0];

    #[test]
    fn points_on_a_line_give_it_back() {
        let points = SIZES.map(|size| (size, 60.0 + 7.5 * size));
        let found = line(&points).unwrap();
        assert!((found.fixed - 60.0).abs() < 1e-6 && (found.per_element - 7.5).abs() < 1e-9, "{found:?}");
        assert_eq!(line(&points[..1]), None);
        assert_eq!(line(&[(1.0, 0.0), (2.0, 1.0)]), None);
    }

    #[test]
    fn an_error_at_the_largest_size_leaves_the_fixed_cost_alone() {
        let mut points = SIZES.map(|size| (size, 60.0 + 7.5 * size));
        points[4].1 *= 1.1;
        let found = line(&points).unwrap();
        assert!((found.fixed - 60.0).abs() < 3.0, "{found:?}");
    }

    #[test]
    fn a_curve_is_told_by_its_worst_miss() {
        let curve = vec![SIZES.map(|size| 60.0 + 0.01 * size * size).to_vec(); 6];
        assert!(fit(&SIZES, &curve, 1).unwrap().worst_miss > 0.3);
        let straight = vec![SIZES.map(|size| 60.0 + 7.5 * size).to_vec(); 6];
        let found = fit(&SIZES, &straight, 1).unwrap();
        assert!(found.worst_miss < 1e-9);
        assert!((found.per_element.high - found.per_element.low).abs() < 1e-9);
    }

    #[test]
    fn an_exponent_is_found_whatever_the_fixed_cost() {
        for (p, fixed) in [(1.0, 0.0), (1.0, 500.0), (2.0, 90.0), (0.5, 0.0), (3.0, 0.0), (1.5, 2000.0)] {
            let points = [100.0, 1000.0, 10_000.0].map(|size: f64| (size, fixed + 3.0 * size.powf(p)));
            let found = exponent(points).unwrap();
            assert!((found - p).abs() < 1e-6, "{p}: {found}");
        }
        let logarithmic = [100.0, 1000.0, 10_000.0].map(|size: f64| (size, size * size.log2()));
        let found = exponent(logarithmic).unwrap();
        assert!(found > 1.0 && found < 1.2, "{found}");
    }

    #[test]
    fn times_that_hardly_grow_have_no_exponent() {
        assert_eq!(exponent([(1.0, 100.0), (10.0, 101.0), (100.0, 140.0)]), None);
        assert_eq!(exponent([(1.0, 100.0), (1.0, 200.0), (100.0, 400.0)]), None);
        assert_eq!(exponent([(1.0, 1.0), (2.0, 2.0), (3.0, 1e9)]), None);
    }

    /// Launches that differ as a whole, batches that differ within them, and now and then a disturbance.
    fn launches(random: &mut ChaCha8Rng, count: usize, spikes: f64) -> Vec<Vec<f64>> {
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let mut factors = Vec::new();
        for _ in 0..count {
            let launch = 0.03 * normal();
            factors.push(SIZES.map(|size| (60.0 + 7.5 * size) * (launch + 0.03 * normal()).exp()).to_vec());
        }
        for launch in &mut factors {
            for time in launch {
                *time *= if random.random::<f64>() < spikes { 1.6 } else { 1.0 };
            }
        }
        factors
    }

    #[test]
    fn intervals_cover_both_parts_of_a_line() {
        for (count, spikes) in [(6, 0.0), (8, 0.0), (8, 0.04)] {
            let mut random = ChaCha8Rng::seed_from_u64(11);
            let trials = 200;
            let (mut fixed, mut per_element) = (0, 0);
            for trial in 0..trials {
                let found = fit(&SIZES, &launches(&mut random, count, spikes), trial).unwrap();
                fixed += u32::from((found.fixed.low..=found.fixed.high).contains(&60.0));
                per_element += u32::from((found.per_element.low..=found.per_element.high).contains(&7.5));
            }
            for (part, covered) in [("fixed", fixed), ("per element", per_element)] {
                let share = f64::from(covered) / trials as f64;
                assert!(share >= 0.90, "{count} launches, {spikes} spikes, {part}: {share}");
            }
        }
    }
}
