//! Whether the head computes what the base computed: the baselines' agreed outcomes held against each other.

use rustworthy_worker::protocol::OutcomeDocument;

use super::verify::compare;
use super::{Group, Interrupted};
use crate::evidence::Run;
use crate::runner::{Refusal, read_document};

/// Of each workload of the head that the base has, how the base's result differs from it, with the input.
///
/// Candidates need no look of their own: each agrees with its baseline.
///
/// # Errors
/// When interrupted.
pub fn across(base: (&Run, &[Group]), head: (&Run, &[Group])) -> Result<Vec<(String, String)>, Interrupted> {
    let mut differences = Vec::new();
    for group in head.1 {
        let workload = &head.0.workloads[group.workload];
        let size = &workload.sizes[group.size];
        let other = base.1.iter().find(|other| {
            let there = &base.0.workloads[other.workload];
            there.name == workload.name && there.sizes[other.size].size == size.size
        });
        let Some(other) = other else { continue };
        let (Some(before), Some(after)) = (agreed(other)?, agreed(group)?) else { continue };
        let Some(wire) = group.cells.iter().find(|cell| cell.is_baseline()).map(|cell| cell.wire) else { continue };
        if let Err(difference) = compare(&before, &after, &group.rules, wire) {
            let seed = size.input.as_ref().map_or_else(String::new, |input| format!(", seed {}", input.seed));
            let told = difference.between("base", "head");
            differences.push((workload.name.clone(), format!("{told}; at size {}{seed}", size.size)));
        }
    }
    Ok(differences)
}

fn agreed(group: &Group) -> Result<Option<OutcomeDocument>, Interrupted> {
    match group.agreed.as_deref().map(read_document).transpose() {
        Ok(document) => Ok(document),
        Err(Refusal::Interrupted) => Err(Interrupted),
        Err(Refusal::Failed(_)) => Ok(None),
    }
}
