//! Floors: the least speed-up and the least saving of memory that the manifest asks for.

use super::document::{Change, Check, Outcome, Topic};
use super::judge::Facts;
use super::words::ratio;
use crate::analysis::sequential::Weighed;
use crate::evidence::{Metric, Run, Size, Status, Workload};
use crate::manifest::{self, WorkloadGate};
use crate::units;

/// The checks of a workload's floors at its gate's size.
pub fn floors(run: &Run, workload: &manifest::Workload) -> Vec<Check> {
    let WorkloadGate { size, min_speedup, min_memory_saving, .. } = &workload.gate;
    let measured = run.workloads.iter().find(|entry| entry.name == workload.name);
    let speedups = min_speedup.iter().map(|(name, floor)| (name, *floor, Topic::Speedup, Metric::Time));
    let savings = min_memory_saving.iter().map(|(name, floor)| (name, *floor, Topic::MemorySaving, Metric::Memory));
    speedups
        .chain(savings)
        .map(|(name, floor, topic, metric)| {
            let (outcome, text, change) = judge(measured, *size, name, floor, metric);
            Check {
                workload: workload.name.clone(),
                implementation: name.clone(),
                size: *size,
                topic,
                outcome,
                text,
                line: None,
                change,
                blocks: None,
                counts: None,
                label: None,
                acknowledged: None,
            }
        })
        .collect()
}

/// A speed-up with what it was on the base: there it was larger by what the candidate has become slower since, where the
/// baseline is the same.
pub(super) fn beside_the_base(check: Check, facts: &Facts, weighed: &[Weighed]) -> Check {
    let found = facts.state.contests.iter().zip(weighed).find(|(contest, _)| {
        (&contest.workload, &contest.implementation, contest.size)
            == (&check.workload, &check.implementation, check.size)
    });
    let slower = found.and_then(|(_, weighed)| weighed.ratio);
    let is_comparable = check.topic == Topic::Speedup && facts.untouched.contains(&check.workload);
    let (true, Some(change), Some(slower)) = (is_comparable, check.change, slower) else { return check };
    let text = format!("{} (on the base about {})", check.text, units::ratio(change.estimate * slower));
    Check { text, ..check }
}

fn judge(
    measured: Option<&Workload>,
    size: u64,
    name: &str,
    floor: f64,
    metric: Metric,
) -> (Outcome, String, Option<Change>) {
    let Some(at): Option<&Size> = measured.and_then(|workload| workload.sizes.iter().find(|at| at.size == size)) else {
        let text =
            format!("the run has no measurement at {size}, where its floor of {} is asked for", units::ratio(floor));
        return (Outcome::Inconclusive, text, None);
    };
    let quantity = if metric == Metric::Memory { "memory saving" } else { "speed-up" };
    match at.implementations.iter().find(|entry| entry.name == name).map(|entry| entry.status) {
        None => return (Outcome::Inconclusive, "the run does not have it".to_owned(), None),
        // Equality says it already.
        Some(Status::Differs | Status::Failed) => {
            return (Outcome::Skipped, "it has no ratio: it differs or failed".to_owned(), None);
        }
        Some(Status::Skipped) => return (Outcome::Inconclusive, "it was skipped".to_owned(), None),
        Some(Status::Unverified) => return (Outcome::Skipped, "unverified, and so never gated".to_owned(), None),
        Some(Status::Measured) => {}
    }
    let Some(found) = at.comparison(name, metric) else {
        return (Outcome::Inconclusive, format!("its {quantity} was not measured"), None);
    };
    let change = Change { estimate: found.ratio, low: Some(found.low), high: Some(found.high), limit: Some(floor) };
    let shown = format!("{quantity} {}", ratio(&change));
    if found.indicative {
        let text = format!("{shown} is of too few rounds to be held against the floor of {}", units::ratio(floor));
        return (Outcome::Inconclusive, text, Some(change));
    }
    let (outcome, text) = if found.high < floor {
        (Outcome::Fail, format!("{shown} is under the floor of {}", units::ratio(floor)))
    } else if found.low >= floor {
        (Outcome::Pass, format!("{shown} clears the floor of {}", units::ratio(floor)))
    } else {
        (Outcome::Inconclusive, format!("{shown} straddles the floor of {}: measure more rounds", units::ratio(floor)))
    };
    (outcome, text, Some(change))
}
