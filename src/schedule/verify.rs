//! Agreement before timing: every candidate's outcome held against the baseline's.

use std::fs;
use std::path::Path;

use rustworthy_worker::protocol::{OutcomeAnswer, OutcomeDocument, OutcomeKind};

use super::hunt::{second_call, shared};
use super::{Cell, Group, Interrupted};
use crate::equality::{Difference, Rules, Wire, outcomes, short};
use crate::evidence::{Environment, Failure, Identity, Implementation, Kind, Listed, Run, Size, Status, Warning};
use crate::prepare::{Concern, undeclared};
use crate::progress::Progress;
use crate::runner::{Observed, Refusal};

/// Calls every cell once and sets its status. Cells that differ or fail leave their group.
///
/// # Errors
/// When interrupted.
pub fn verify(
    run: &mut Run,
    groups: &mut [Group],
    scratch: &Path,
    progress: &mut dyn Progress,
) -> Result<(), Interrupted> {
    for (index, group) in groups.iter_mut().enumerate() {
        let workload = &mut run.workloads[group.workload];
        let name = workload.name.clone();
        let size = &mut workload.sizes[group.size];
        progress.item(&format!("{name} at {}", size.size));
        let folder = scratch.join(format!("group-{index}"));
        let known = &mut run.environment;
        verify_group(size, group, &folder, &mut |kind, observed| record(known, kind, observed))?;
    }
    Ok(())
}

fn verify_group(
    size: &mut Size,
    group: &mut Group,
    folder: &Path,
    saw: &mut dyn FnMut(Kind, &Observed),
) -> Result<(), Interrupted> {
    let mut baseline: Option<OutcomeDocument> = None;
    let mut baseline_shares = false;
    let input = match &size.input {
        Some(input) => format!("at size {}, seed {}", size.size, input.seed),
        None => format!("at size {}", size.size),
    };
    let mut cells = std::mem::take(&mut group.cells);
    for cell in &mut cells {
        let entry = &mut size.implementations[cell.implementation];
        if !cell.is_baseline() && baseline.is_none() {
            entry.status = Status::Skipped;
            entry.detail = Some("no baseline to compare with".to_owned());
            continue;
        }
        let seen = match observe(cell, folder) {
            Ok(seen) => seen,
            Err(Refusal::Interrupted) => return Err(Interrupted),
            Err(Refusal::Failed(failure)) => {
                fail(entry, failure);
                continue;
            }
        };
        let Some(seen) = seen else {
            entry.status = Status::Unverified;
            entry.detail =
                Some("its bench has no worker that could show its result, and the manifest no `verify`".to_owned());
            continue;
        };
        saw(entry.kind, &seen);
        entry.modules = seen.modules.iter().cloned().map(Listed::Whole).collect();
        entry.probe = seen.probe;
        if let Some(refused) = debug_build(&seen) {
            fail(entry, Failure { round: None, step: "build".to_owned(), message: refused, output: String::new() });
            continue;
        }
        cell.expect = Some(seen.answer.digest.clone());
        cell.call_ns = Some(seen.answer.first_call_ns);
        match (seen.document, &baseline) {
            (Some(document), _) if seen.answer.kind == OutcomeKind::Raised => {
                let mend =
                    if cell.is_baseline() { ". It has to return there: let `input` give what it takes" } else { "" };
                let message = format!("{}; {input}{mend}", describe(&document));
                fail(entry, Failure { round: None, step: "outcome".to_owned(), message, output: seen.output });
            }
            (Some(document), None) => {
                let second = seen.second.as_ref().map(|second| compare(&document, second, &group.rules, cell.wire));
                if let Some(Err(difference)) = second {
                    fail(entry, unsteady(&difference));
                    continue;
                }
                baseline_shares = shares(&seen.answer);
                group.agreed = save(&document, folder);
                baseline = Some(document);
                entry.status = Status::Measured;
            }
            (Some(document), Some(agreed)) => {
                let hands_out_one = shares(&seen.answer) && !baseline_shares && cell.wire == Wire::Typed;
                let again =
                    |second: &OutcomeDocument| compare(agreed, second, &group.rules, cell.wire).map_err(second_call);
                let compared = compare(agreed, &document, &group.rules, cell.wire)
                    .and_then(|()| seen.second.as_ref().map_or(Ok(()), again))
                    .and_then(|()| match group.rules.tolerance.identity {
                        Identity::Keep if hands_out_one => Err(shared()),
                        Identity::Keep | Identity::Ignore => Ok(()),
                    });
                match compared {
                    Ok(()) => entry.status = Status::Measured,
                    Err(difference) => {
                        entry.status = Status::Differs;
                        entry.detail = Some(format!("{difference}; {input}"));
                    }
                }
            }
            (None, _) => {
                let message = "the worker showed no outcome".to_owned();
                fail(entry, Failure { round: None, step: "protocol".to_owned(), message, output: String::new() });
            }
        }
    }
    if size.implementations.iter().any(|entry| entry.status == Status::Differs) {
        blame_the_baseline(size, group, &mut cells, folder, baseline.as_ref())?;
    }
    cells.retain(|cell| size.implementations[cell.implementation].status.is_timed());
    group.cells = cells;
    Ok(())
}

/// Where a candidate differs, the baseline is called again: one that differs from itself is the culprit.
fn blame_the_baseline(
    size: &mut Size,
    group: &Group,
    cells: &mut [Cell],
    folder: &Path,
    agreed: Option<&OutcomeDocument>,
) -> Result<(), Interrupted> {
    let (Some(cell), Some(agreed)) = (cells.first_mut().filter(|cell| cell.is_baseline()), agreed) else {
        return Ok(());
    };
    let again = match observe(cell, folder) {
        Err(Refusal::Interrupted) => return Err(Interrupted),
        Err(Refusal::Failed(_)) | Ok(None) => return Ok(()),
        Ok(Some(seen)) => seen.document,
    };
    let difference = again.and_then(|again| compare(agreed, &again, &group.rules, cell.wire).err());
    let Some(difference) = difference else { return Ok(()) };
    let baseline = &mut size.implementations[cell.implementation];
    fail(baseline, unsteady(&difference));
    for entry in size.implementations.iter_mut().filter(|entry| entry.status == Status::Differs) {
        entry.detail = None;
        entry.status = Status::Measured;
    }
    size.skip_without_baseline();
    Ok(())
}

/// A baseline that differs from itself: no candidate is to blame.
fn unsteady(difference: &Difference) -> Failure {
    let message = format!("is not deterministic: called again, it gave another result: {difference}");
    Failure { round: None, step: "outcome".to_owned(), message, output: String::new() }
}

/// Whether every call returns one and the same object, or changes what an earlier one returned.
fn shares(answer: &OutcomeAnswer) -> bool {
    answer.again.as_ref().is_some_and(|again| again.shared || again.first_changed)
}

/// Calls a cell once; where the call changes its arguments, again with arguments of its own.
fn observe(cell: &mut Cell, folder: &Path) -> Result<Option<Observed>, Refusal> {
    let scratch = folder.join(cell.implementation.to_string());
    fs::create_dir_all(&scratch).map_err(|error| crate::launch::job_failure("start", &error.to_string()))?;
    let seen = cell.runner.outcome(None, &scratch)?;
    if seen.as_ref().is_some_and(|seen| seen.answer.mutated) {
        cell.runner.use_fresh_inputs();
        return cell.runner.outcome(None, &scratch);
    }
    Ok(seen)
}

/// Holds a candidate's outcome against the baseline's.
pub(super) fn compare(
    baseline: &OutcomeDocument,
    candidate: &OutcomeDocument,
    rules: &Rules,
    wire: Wire,
) -> Result<(), Difference> {
    outcomes(baseline, candidate, rules, wire)
}

fn save(document: &OutcomeDocument, folder: &Path) -> Option<std::path::PathBuf> {
    let path = folder.join("agreed.json");
    fs::write(&path, serde_json::to_vec(document).ok()?).ok()?;
    Some(path)
}

pub(super) fn fail(entry: &mut Implementation, failure: Failure) {
    entry.status = Status::Failed;
    entry.detail = Some(failure.message.clone());
    entry.failures.push(failure);
}

/// Why what was loaded must not be timed: a debug build reverses the verdict.
fn debug_build(seen: &Observed) -> Option<String> {
    let debug = seen.extensions.iter().find(|extension| extension.profile.as_deref() == Some("debug"));
    if let Some(extension) = debug {
        let path = extension.path.display();
        return Some(format!("loaded a debug build of {} ({path}): build it in release", extension.name));
    }
    let asserts = seen.environment.get("debug_assertions").and_then(serde_json::Value::as_bool).unwrap_or(false);
    asserts.then(|| "the bench is a debug build: its profile has debug assertions on".to_owned())
}

/// Keeps what a worker says of its interpreter and its native modules.
fn record(environment: &mut Environment, kind: Kind, seen: &Observed) {
    for extension in &seen.extensions {
        if !environment.extensions.contains(extension) {
            environment.extensions.push(extension.clone());
        }
    }
    if kind == Kind::Hybrid
        && let Some(warning) = undeclared(&seen.extensions).as_ref().map(Warning::from)
        && !environment.warnings.contains(&warning)
    {
        environment.warnings.push(warning);
    }
    let flag = |name: &str| seen.environment.get(name).and_then(serde_json::Value::as_bool);
    if let Some(python) = &mut environment.python {
        // An import can switch the lock back on, and which launch did so cannot be told afterwards: on if it ever was.
        python.gil |= flag("gil").unwrap_or(true);
        python.jit |= flag("jit").unwrap_or(false);
        let warning = Warning::from(&Concern::LockBackOn);
        if python.free_threaded && python.gil && environment.warnings.iter().all(|known| known.code != warning.code) {
            environment.warnings.push(warning);
        }
    }
}

/// What a value in a difference looks like when the whole outcome is to be named.
pub(super) fn describe(document: &OutcomeDocument) -> String {
    match (&document.value, &document.raised) {
        (_, Some(raised)) if raised.class == "PanicException" => {
            format!("panics, which `except Exception` does not catch: {}", raised.message)
        }
        (_, Some(raised)) => format!("raises {}: {}", raised.class, shortened(&raised.message)),
        (Some(value), None) => short(value, 80),
        (None, None) => "nothing".to_owned(),
    }
}

/// A message that quotes a whole input is no better for it.
fn shortened(message: &str) -> String {
    const MOST: usize = 300;
    match message.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} characters)", &message[..end], message.chars().count()),
        None => message.to_owned(),
    }
}
