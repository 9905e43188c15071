//! `customSmallerIsBetter` of github-action-benchmark: a list of named values, of each of which less is better.
//!
//! So a speed-up is written upside down, as the share of the baseline's time that the candidate takes.

use serde::Serialize;

use super::numbers::{self, Number};
use super::page;
use crate::gate::document::{Gate, Topic};

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// The numbers of a gate in that format.
pub fn benchmark_action(gate: &Gate) -> String {
    let entries: Vec<Entry> = numbers::numbers(gate)
        .map(|(check, number)| {
            let (unit, number) = smaller_is_better(check.topic, number);
            Entry {
                name: format!("{}: {}", numbers::name(check), page::topic(check.topic)),
                unit,
                value: number.value,
                range: range(&number),
                extra: format!("{}\n{}", page::standing(check).as_str(), page::found(check)),
            }
        })
        .collect();
    // Never fails: strings and finite numbers.
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}

fn smaller_is_better(topic: Topic, number: Number) -> (&'static str, Number) {
    match topic {
        Topic::Equality
        | Topic::Time
        | Topic::Instructions
        | Topic::Memory
        | Topic::SpeedupChange
        | Topic::MemorySavingChange => ("head ÷ base", number),
        Topic::Speedup | Topic::MemorySaving => ("candidate ÷ baseline", number.inverse()),
    }
}

/// The further end of the interval, where it has both.
fn range(number: &Number) -> Option<String> {
    let half = (number.value - number.low?).max(number.high? - number.value);
    Some(format!("± {half:.4}"))
}
