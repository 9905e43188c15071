//! Intervals, and what can be said of them: yes, no, or that it is not clear.
//!
//! Every rule speaks of intervals, never of point estimates. A statement about an interval is *yes* where it holds for
//! all of it, *no* where it holds for none of it, and *unclear* between. Making an interval wider can only turn a yes
//! or a no into unclear, and so can every `and`, `or` and `not` of such statements: that a noisier measurement never
//! decides what a better one left open follows from this alone.

use serde::Serialize;

/// All values from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Range {
    /// The values between two ends in any order. Ends that are no numbers say nothing, so that all values are possible.
    pub fn new(one: f64, other: f64) -> Range {
        if one.is_nan() || other.is_nan() {
            return Range { low: f64::NEG_INFINITY, high: f64::INFINITY };
        }
        Range { low: one.min(other), high: one.max(other) }
    }

    /// A single value.
    pub fn point(value: f64) -> Range {
        Range::new(value, value)
    }

    /// The same values passed through a function that only rises, or only falls.
    pub fn map(self, monotone: impl Fn(f64) -> f64) -> Range {
        Range::new(monotone(self.low), monotone(self.high))
    }

    /// Each value of this divided by each of the other; both are positive.
    pub fn over(self, other: Range) -> Range {
        Range::new(self.low / other.high, self.high / other.low)
    }

    /// The larger of a value of this and a value of the other.
    pub fn max(self, other: Range) -> Range {
        Range::new(self.low.max(other.low), self.high.max(other.high))
    }

    /// Whether its values reach a threshold.
    pub fn at_least(self, threshold: f64) -> Tri {
        match () {
            () if self.low >= threshold => Tri::Yes,
            () if self.high < threshold => Tri::No,
            () => Tri::Unclear,
        }
    }

    /// Whether its values keep within a threshold.
    pub fn at_most(self, threshold: f64) -> Tri {
        match () {
            () if self.high <= threshold => Tri::Yes,
            () if self.low > threshold => Tri::No,
            () => Tri::Unclear,
        }
    }
}

/// What can be said of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tri {
    /// It holds for every value.
    Yes,
    /// For none.
    No,
    /// For some.
    Unclear,
}

impl Tri {
    /// Both hold.
    pub fn and(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::No, _) | (_, Tri::No) => Tri::No,
            (Tri::Yes, Tri::Yes) => Tri::Yes,
            (Tri::Unclear, _) | (_, Tri::Unclear) => Tri::Unclear,
        }
    }

    /// At least one holds.
    pub fn or(self, other: Tri) -> Tri {
        self.not().and(other.not()).not()
    }

    /// It does not hold.
    #[expect(clippy::should_implement_trait, reason = "it reads like `and` and `or`")]
    pub fn not(self) -> Tri {
        match self {
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
            Tri::Unclear => Tri::Unclear,
        }
    }

    /// All hold; yes where there are none.
    pub fn all(parts: impl IntoIterator<Item = Tri>) -> Tri {
        parts.into_iter().fold(Tri::Yes, Tri::and)
    }

    /// At least one holds; no where there are none.
    pub fn any(parts: impl IntoIterator<Item = Tri>) -> Tri {
        parts.into_iter().fold(Tri::No, Tri::or)
    }
}

impl From<bool> for Tri {
    fn from(holds: bool) -> Tri {
        if holds { Tri::Yes } else { Tri::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_within_an_interval_is_unclear() {
        let range = Range::new(2.0, 1.0);
        assert_eq!(
            [0.5, 1.0, 1.5, 2.0, 2.1].map(|it| range.at_least(it)),
            [Tri::Yes, Tri::Yes, Tri::Unclear, Tri::Unclear, Tri::No]
        );
        assert_eq!([0.9, 1.0, 2.0].map(|it| range.at_most(it)), [Tri::No, Tri::Unclear, Tri::Yes]);
        assert_eq!(Range::new(f64::NAN, 1.0).at_least(1.0), Tri::Unclear);
    }

    #[test]
    fn what_is_unclear_stays_so_unless_the_rest_decides() {
        assert_eq!(Tri::Unclear.and(Tri::No), Tri::No);
        assert_eq!(Tri::Unclear.or(Tri::Yes), Tri::Yes);
        assert_eq!(Tri::Unclear.or(Tri::No), Tri::Unclear);
        assert_eq!((Tri::all([]), Tri::any([])), (Tri::Yes, Tri::No));
    }
}
