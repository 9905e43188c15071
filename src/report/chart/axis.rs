//! Scales from values to pixels, and the ticks on them.

use super::NOTE;
use crate::report::{text, units};

/// From values to pixels, by their logarithm or in proportion.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    /// A logarithmic scale over positive values, from pixel `from` to pixel `to`.
    pub fn logarithmic(low: f64, high: f64, from: f64, to: f64) -> Scale {
        Scale { low: low.ln(), high: high.ln(), from, to, logarithmic: true }
    }

    /// A scale from nothing to `high`.
    pub fn from_zero(high: f64, from: f64, to: f64) -> Scale {
        Scale::even(0.0, high, from, to)
    }

    /// A scale in proportion.
    pub fn even(low: f64, high: f64, from: f64, to: f64) -> Scale {
        Scale { low, high, from, to, logarithmic: false }
    }

    /// The pixel of a value; values beyond the ends are put on them.
    pub fn pixel(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.max(f64::MIN_POSITIVE).ln() } else { value };
        let share = if self.high > self.low { (value - self.low) / (self.high - self.low) } else { 0.5 };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Whether the value lies within the ends.
    pub fn holds(&self, value: f64) -> bool {
        let value = if self.logarithmic { value.ln() } else { value };
        (self.low..=self.high).contains(&value)
    }

    /// Values for ticks: round, at most `most`, at least two where that is possible; from nothing on where it is even.
    pub fn ticks(&self, most: usize) -> Vec<f64> {
        if !self.logarithmic {
            return self.even_ticks(most);
        }
        let (first, last) = ((self.low / DECADE).floor() as i32, (self.high / DECADE).ceil() as i32);
        let within = |steps: &[f64], stride: usize| -> Vec<f64> {
            (first..=last)
                .filter(|decade| decade.rem_euclid(stride as i32) == 0)
                .flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)))
                .filter(|tick| self.holds(*tick))
                .collect()
        };
        let mut choices: Vec<Vec<f64>> = FINE.iter().map(|steps| within(steps, 1)).collect();
        choices.extend((1..40).map(|stride| within(&[1.0], stride)));
        choices.iter().find(|ticks| (2..=most).contains(&ticks.len())).cloned().unwrap_or_default()
    }

    fn even_ticks(&self, most: usize) -> Vec<f64> {
        let rough = self.high / most.max(1) as f64;
        if rough <= 0.0 || !rough.is_finite() {
            return vec![0.0];
        }
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .iter()
            .map(|step| step * magnitude)
            .find(|step| *step >= rough)
            .unwrap_or(10.0 * magnitude);
        (0..=most).map(|index| index as f64 * step).take_while(|tick| *tick <= self.high * 1.000_001).collect()
    }
}

const DECADE: f64 = std::f64::consts::LN_10;

/// Steps within a decade, the finest first.
const FINE: [&[f64]; 5] = [
    &[1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
    &[1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
    &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
    &[1.0, 2.0, 5.0],
    &[1.0, 3.0],
];

/// 1× and as many round ratios as have room for their labels.
pub fn ratio_ticks(scale: &Scale) -> Vec<f64> {
    let with_one = |most| {
        let mut ticks: Vec<f64> = scale.ticks(most).into_iter().filter(|tick| (tick - 1.0).abs() > 1e-9).collect();
        ticks.push(1.0);
        ticks.sort_by(f64::total_cmp);
        ticks
    };
    let half = |tick: f64| text::pixels(&ratio_label(tick), NOTE) / 2.0 + 2.0;
    let fits = |ticks: &Vec<f64>| {
        ticks.windows(2).all(|pair| (scale.pixel(pair[1]) - scale.pixel(pair[0])).abs() > half(pair[0]) + half(pair[1]))
    };
    (2..=12).rev().map(with_one).find(fits).unwrap_or_else(|| vec![1.0])
}

/// A round ratio: `20×`.
pub fn ratio_label(tick: f64) -> String {
    let rounded = format!("{tick:.4}");
    let plain = rounded.trim_end_matches('0').trim_end_matches('.');
    if tick >= 1000.0 { format!("{}×", units::count_short(tick.round() as u64)) } else { format!("{plain}×") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_narrow_scales_both_get_ticks() {
        for (low, high) in [(0.4, 320.0), (0.9, 1.2), (1e-6, 1e12), (30.0, 31.0), (1.0, 10.0), (2.1, 4.5)] {
            let ticks = Scale::logarithmic(low, high, 0.0, 100.0).ticks(7);
            assert!(ticks.len() <= 7 && (ticks.len() >= 2 || high / low < 1.1), "{low} to {high}: {ticks:?}");
        }
        assert_eq!(
            Scale::logarithmic(0.4, 320.0, 0.0, 1.0).ticks(9),
            [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0]
        );
        assert_eq!(Scale::logarithmic(0.4, 320.0, 0.0, 1.0).ticks(5), [1.0, 10.0, 100.0]);
    }

    #[test]
    fn even_ticks_begin_at_nothing() {
        assert_eq!(Scale::from_zero(9.3, 0.0, 1.0).ticks(5), [0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn pixels_stay_on_the_scale() {
        let scale = Scale::logarithmic(1.0, 100.0, 50.0, 250.0);
        assert!((scale.pixel(10.0) - 150.0).abs() < 1e-9);
        assert_eq!([scale.pixel(0.0), scale.pixel(1e9)], [50.0, 250.0]);
    }
}
