//! Where a check points: the line of the manifest that a person would change.

use super::document::{Check, Gate, Topic};
use crate::manifest::Lines;

/// Gives every check its line: a floor its own, anything else that of the implementation.
pub fn point(gate: &mut Gate, lines: &Lines) {
    for check in &mut gate.checks {
        check.line = line(check, lines);
    }
}

fn line(check: &Check, lines: &Lines) -> Option<u64> {
    let Check { workload, implementation, .. } = check;
    match check.topic {
        Topic::Speedup => lines.floor(workload, "min-speedup", implementation),
        Topic::MemorySaving => lines.floor(workload, "min-memory-saving", implementation),
        Topic::Equality
        | Topic::Time
        | Topic::Instructions
        | Topic::Memory
        | Topic::SpeedupChange
        | Topic::MemorySavingChange => lines.implementation(workload, implementation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::formats::fixture;

    #[test]
    fn a_floor_points_at_itself_and_time_at_the_implementation() {
        let mut gate = fixture::gate();
        let text =
            "[workload.sum.candidate.hybrid]\nkind = \"hybrid\"\n[workload.sum.gate]\nmin-speedup.hybrid = 5.0\n";
        point(&mut gate, &Lines::of(text));
        let lines: Vec<(Topic, Option<u64>)> =
            gate.checks.iter().filter(|check| check.workload == "sum").map(|check| (check.topic, check.line)).collect();
        let expected = [Topic::Equality, Topic::Time, Topic::Memory, Topic::Instructions].map(|topic| (topic, Some(1)));
        assert_eq!((&lines[..4], lines[4]), (&expected[..], (Topic::Speedup, Some(4))));
        assert!(gate.checks.iter().filter(|check| check.workload != "sum").all(|check| check.line.is_none()));
    }
}
