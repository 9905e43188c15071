//! Bencher Metric Format: by benchmark, by measure, a value with its bounds.
//!
//! The measures are ratios: `time-ratio`, `instructions-ratio` and `memory-ratio` are head ÷ base (less is better),
//! `relative-time-ratio` and `relative-memory-ratio` the same of a saved run, in relation to the baseline; `speed-up` and
//! `memory-saving` are baseline ÷ candidate (more is better).

use indexmap::IndexMap;
use serde::Serialize;

use super::numbers;
use crate::gate::document::{Gate, Topic};

#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

/// The numbers of a gate in that format.
pub fn bencher(gate: &Gate) -> String {
    let mut benchmarks: IndexMap<String, IndexMap<&str, Metric>> = IndexMap::new();
    for (check, number) in numbers::numbers(gate) {
        let metric = Metric { value: number.value, lower_value: number.low, upper_value: number.high };
        benchmarks.entry(numbers::name(check)).or_default().insert(measure(check.topic), metric);
    }
    // Never fails: strings and finite numbers.
    serde_json::to_string_pretty(&benchmarks).unwrap_or_default() + "\n"
}

fn measure(topic: Topic) -> &'static str {
    match topic {
        Topic::Equality => "equality",
        Topic::Time => "time-ratio",
        Topic::Instructions => "instructions-ratio",
        Topic::Memory => "memory-ratio",
        Topic::Speedup => "speed-up",
        Topic::MemorySaving => "memory-saving",
        Topic::SpeedupChange => "relative-time-ratio",
        Topic::MemorySavingChange => "relative-memory-ratio",
    }
}
