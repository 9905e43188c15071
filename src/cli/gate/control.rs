//! The live control: Python baselines that the change does not touch, which move only if the machine does.

use super::against::{Arena, contestant};
use super::apart::{self, Loaded};
use crate::cli::session::Ready;
use crate::evidence::{Implementation, RunnerKind, Status};
use crate::schedule::Control;

/// A baseline whose call takes longer than this, ns, is asked only where there is no shorter one: one that takes a second
/// says no more about the machine, and takes the time of ten blocks.
const SHORT_CALL_NS: u64 = 50_000_000;

/// Baselines that are timed as a control: the short ones among those that are untouched.
pub(super) fn controls(arena: &Arena) -> Vec<Control<'_>> {
    let mut controls = of_untouched(arena);
    let call_ns = |control: &Control| control.head.cell.call_ns.unwrap_or(u64::MAX);
    controls.sort_by_key(call_ns);
    let short = controls.iter().filter(|control| call_ns(control) <= SHORT_CALL_NS).count();
    controls.truncate(short.max(1));
    controls
}

/// Workloads whose baseline the change does not touch.
pub(super) fn untouched(arena: &Arena) -> Vec<String> {
    of_untouched(arena).into_iter().map(|control| control.workload).collect()
}

/// The packages that a side's Python has.
fn packages(ready: &Ready) -> Option<(&str, &[String])> {
    ready.run.environment.python.as_ref().map(|python| (python.version.as_str(), python.packages.as_slice()))
}

fn of_untouched(arena: &Arena) -> Vec<Control<'_>> {
    let Some(base) = arena.base.as_ref().filter(|base| packages(base) == packages(&arena.head)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for workload in &arena.head.run.workloads {
        let name = &workload.name;
        let (Some(before), Some(after)) = (baseline(base, name), baseline(&arena.head, name)) else { continue };
        let untouched = arena.called_alike.contains(name)
            && apart::is_untouched(
                Loaded { run: &base.run, entry: before, root: &arena.base_root },
                Loaded { run: &arena.head.run, entry: after, root: &arena.head_root },
            );
        let sides = (contestant(base, name, &before.name), contestant(&arena.head, name, &after.name));
        if let (true, (Some(base), Some(head))) = (untouched, sides) {
            found.push(Control { workload: name.clone(), base, head });
        }
    }
    found
}

/// The baseline of a workload, where it is Python that works.
fn baseline<'r>(ready: &'r Ready, workload: &str) -> Option<&'r Implementation> {
    let entry = ready.run.workloads.iter().find(|entry| entry.name == workload)?;
    let cell = entry.sizes.first()?.baseline()?;
    Some(cell).filter(|cell| cell.runner == RunnerKind::Python && cell.status == Status::Measured)
}
