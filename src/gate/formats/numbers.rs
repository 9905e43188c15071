//! The numbers of a gate for tools that keep histories: each a ratio, so that it is above 0 and has no unit of a machine.
//!
//! A change of +6.9 % becomes 1.069: such tools compare values by their quotient, and a percentage that passes through 0
//! has none.

use crate::gate::document::{Change, Check, Gate, Topic};
use crate::text::visible;

/// A measured ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// The estimate.
    pub value: f64,
    /// Lower end; `None`: open.
    pub low: Option<f64>,
    /// Upper end; `None`: open.
    pub high: Option<f64>,
}

/// Every check with a number, as what it is of, what it is, and the number as head ÷ base or baseline ÷ candidate.
pub fn numbers(gate: &Gate) -> impl Iterator<Item = (&Check, Number)> {
    gate.checks.iter().filter_map(|check| Some((check, number(check.topic, check.change.as_ref()?)?)))
}

fn number(topic: Topic, change: &Change) -> Option<Number> {
    let of = |value: f64| match topic {
        Topic::Speedup | Topic::MemorySaving => value,
        Topic::Equality
        | Topic::Time
        | Topic::Instructions
        | Topic::Memory
        | Topic::SpeedupChange
        | Topic::MemorySavingChange => 1.0 + value,
    };
    let end = |end: Option<f64>| end.map(of).filter(|end| end.is_finite());
    let value = Some(of(change.estimate)).filter(|value| value.is_finite())?;
    Some(Number { value, low: end(change.low), high: end(change.high) })
}

impl Number {
    /// The same upside down: a ratio of which less is better.
    pub fn inverse(self) -> Number {
        Number { value: 1.0 / self.value, low: self.high.map(|high| 1.0 / high), high: self.low.map(|low| 1.0 / low) }
    }
}

/// A name that is the same in every run of the same manifest: `parse_log/native/100000`.
pub fn name(check: &Check) -> String {
    let size = if check.size == 1 { String::new() } else { format!("/{}", check.size) };
    format!("{}/{}{size}", visible(&check.workload), visible(&check.implementation))
}
