//! Instructions of calls on both sides, where the project or the command line asks for them.

use std::path::Path;

use super::against::{Arena, contestant};
use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::evidence::{Counts, GateState};
use crate::gate;
use crate::manifest::Instructions;
use crate::progress::Progress;
use crate::runner::Counter;
use crate::schedule::{self, Counted};

/// How often each count is repeated: twice tells whether it is the same every time.
const REPEATS: u32 = 2;

/// An implementation of a workload at a size.
pub(super) type Name = (String, String, u64);

/// Counts every baseline, hybrid and native of both sides where that is asked for. Returns a note where nothing can count.
pub(super) fn all(
    asked: Instructions,
    state: &mut GateState,
    arena: &Arena,
    file: Option<&Path>,
    console: &mut Console,
) -> Result<Option<String>, CliError> {
    let base = match (asked, &arena.base) {
        (Instructions::All, Some(base)) => base,
        (Instructions::All | Instructions::Failing | Instructions::None, _) => return Ok(None),
    };
    let names = gate::counted(&arena.head.run, &base.run);
    if names.is_empty() {
        return Ok(None);
    }
    console.phase("counting instructions");
    let has_counter = of(&names, state, arena, file, console)?;
    let note = "No instructions were counted: there is neither valgrind on the PATH nor a perf that can read the \
                processor's counters.";
    Ok((!has_counter).then(|| note.to_owned()))
}

/// Counts these implementations on both sides; false where nothing on this machine can. What an earlier job counted of the
/// same trees is not counted again.
pub(super) fn of(
    names: &[Name],
    state: &mut GateState,
    arena: &Arena,
    file: Option<&Path>,
    console: &mut Console,
) -> Result<bool, CliError> {
    let Some(counter) = Counter::find() else { return Ok(false) };
    for (number, (workload, implementation, size)) in names.iter().enumerate() {
        let is_counted = |counts: &Counts| counts.are_of(workload, implementation, *size) && counts.missing.is_none();
        if state.counts.iter().any(is_counted) {
            continue;
        }
        console.item(&format!("{workload}/{implementation}, {} of {}", number + 1, names.len()));
        let base = arena.base.as_ref().and_then(|base| contestant(base, workload, implementation));
        let (Some(base), Some(head)) = (base, contestant(&arena.head, workload, implementation)) else { continue };
        let counted = schedule::count(&counter, &[base.cell, head.cell], REPEATS)
            .map_err(|_| CliError::Interrupted("interrupted while instructions were counted".to_owned()))?;
        let blank = Counts {
            workload: workload.clone(),
            implementation: implementation.clone(),
            size: *size,
            by: counter.name().to_owned(),
            ..Counts::default()
        };
        state.counts.retain(|counts| !counts.are_of(workload, implementation, *size));
        state.counts.push(match counted {
            Counted::Calls(calls, sides) => {
                let mut sides = sides.into_iter();
                let (base, head) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
                Counts { calls, base, head, ..blank }
            }
            Counted::Nothing(reason) => Counts { missing: Some(reason), ..blank },
        });
        if let Some(file) = file {
            state.save(file).map_err(|error| {
                CliError::Usage(format!("cannot write the evidence to {}: {error}", file.display()))
            })?;
        }
    }
    Ok(true)
}
