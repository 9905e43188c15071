//! `count`: instructions of a call of every implementation, counted some times over.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;

use super::error::{CliError, ExitStatus};
use super::{Format, Shared, print, print_json, run::status, session};
use crate::evidence::{Effort, Implementation, Kind, Role, Run, Status};
use crate::progress::Progress;
use crate::report::{units, visible};
use crate::runner::Counter;
use crate::schedule::{self, Cell, Counted};

/// Count the instructions of a call of each implementation, with valgrind or perf; nothing is timed.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// Workloads to count: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Count so many times: counts that differ are not deterministic.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    repeats: u32,
    /// The size of the inputs, instead of the one that each workload's gate names.
    #[arg(long, value_name = "N")]
    size: Option<u64>,
    /// Seed of the inputs.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: CountArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let mut project = shared.project(&args.filters)?;
    for workload in &mut project.workloads {
        workload.sizes = vec![args.size.unwrap_or(workload.gate.size)];
    }
    let counter = Counter::find().ok_or_else(|| {
        CliError::CannotMeasure(
            "nothing here counts instructions: there is neither valgrind on the PATH nor a perf that can read the \
             processor's counters\n  install valgrind: `apt-get install valgrind`, `dnf install valgrind`"
                .to_owned(),
        )
    })?;
    let mut console = shared.console();
    let plan = schedule::plan(Effort::Quick, None, None);
    let command = [OsString::from("rustworthy"), OsString::from("count")];
    let ready = session::ready(&project, plan, args.seed, 0, &command, &mut console)?;
    console.phase("counting instructions");
    let mut counts = Vec::new();
    for (at, (workload, size, entry)) in ready.run.cells().enumerate() {
        console.item(&format!("{}/{}", workload.name, entry.name));
        let found = match cell(&ready, at) {
            Some(cell) => schedule::count(&counter, &[cell], args.repeats)
                .map_err(|_| CliError::Interrupted("interrupted while instructions were counted".to_owned()))?,
            None => Counted::Nothing(why_not(entry)),
        };
        counts.push(Count::of(&workload.name, size.size, entry, found));
    }
    drop(console);
    let document = Document {
        schema: "rustworthy.count/1",
        project: &ready.run.project,
        seed: args.seed,
        by: counter.name(),
        repeats: args.repeats,
        counts,
    };
    match args.format {
        Format::Json => print_json(&document)?,
        Format::Text => print(&text(&document))?,
    }
    Ok(exit(&ready.run, &document))
}

/// What launches the cell at that place of the run, where it may be launched.
fn cell(ready: &session::Ready, at: usize) -> Option<&Cell> {
    let (workload, size, entry) = ready.run.cells().nth(at)?;
    let group = ready.groups.iter().find(|group| {
        let there = &ready.run.workloads[group.workload];
        there.name == workload.name && there.sizes[group.size].size == size.size
    })?;
    let agrees = matches!(entry.status, Status::Measured | Status::Unverified);
    group.cells.iter().find(|cell| agrees && size.implementations[cell.implementation].name == entry.name)
}

fn why_not(entry: &Implementation) -> String {
    let detail = entry.detail.as_deref().unwrap_or("no reason given");
    format!("{}: {detail}", entry.status.as_str())
}

fn exit(run: &Run, document: &Document) -> ExitStatus {
    match status(run) {
        ExitStatus::Success if document.counts.iter().all(|count| count.instructions.is_empty()) => {
            ExitStatus::CannotMeasure
        }
        status => status,
    }
}

/// `rustworthy.count/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    project: &'a str,
    seed: u64,
    /// What counted.
    by: &'static str,
    repeats: u32,
    counts: Vec<Count<'a>>,
}

#[derive(Serialize)]
struct Count<'a> {
    workload: &'a str,
    size: u64,
    implementation: &'a str,
    role: Role,
    kind: Kind,
    /// Calls that each of `instructions` is of; null where nothing was counted.
    calls: Option<u64>,
    /// By repeat.
    instructions: Vec<u64>,
    /// Whether all repeats are the same; null where there are not two.
    deterministic: Option<bool>,
    /// Of one call, the median over the repeats; null where nothing was counted.
    instructions_per_call: Option<f64>,
    /// Why nothing was counted, or null.
    detail: Option<String>,
}

impl<'a> Count<'a> {
    fn of(workload: &'a str, size: u64, entry: &'a Implementation, found: Counted) -> Count<'a> {
        let (calls, instructions, detail) = match found {
            Counted::Calls(calls, sides) => (Some(calls), sides.into_iter().next().unwrap_or_default(), None),
            Counted::Nothing(reason) => (None, Vec::new(), Some(reason)),
        };
        let mut sorted = instructions.clone();
        sorted.sort_unstable();
        let middle = sorted.get(sorted.len() / 2).zip(calls);
        Count {
            workload,
            size,
            implementation: &entry.name,
            role: entry.role,
            kind: entry.kind,
            deterministic: (sorted.len() > 1).then(|| sorted.first() == sorted.last()),
            instructions_per_call: middle.map(|(count, calls)| *count as f64 / calls as f64),
            calls,
            instructions,
            detail,
        }
    }
}

fn text(document: &Document) -> String {
    let mut text = String::new();
    for group in document.counts.chunk_by(|one, other| (one.workload, one.size) == (other.workload, other.size)) {
        let Some(first) = group.first() else { continue };
        let at = if first.size == 1 { String::new() } else { format!(" at {}", units::count(first.size)) };
        text += &format!("{}{at}\n", visible(first.workload));
        let baseline = group.iter().find(|count| count.role == Role::Baseline);
        for count in group {
            text += &format!("  {:18} {}\n", visible(count.implementation), said(count, baseline));
        }
    }
    let repeats = units::plural(u64::from(document.repeats), "repeat");
    text + &format!("Instructions a call, counted by {}, {repeats}; ratios are baseline ÷ candidate.\n", document.by)
}

fn said(count: &Count, baseline: Option<&Count>) -> String {
    let Some(per_call) = count.instructions_per_call else {
        return format!("not counted: {}", visible(count.detail.as_deref().unwrap_or("no reason given")));
    };
    let ratio = baseline.and_then(|baseline| baseline.instructions_per_call).map(|baseline| baseline / per_call);
    let ratio = match ratio {
        Some(ratio) if count.role == Role::Candidate => format!("  {:>6}", units::ratio(ratio)),
        Some(_) | None => String::new(),
    };
    format!("{:>16}{ratio}{}", units::count(per_call.round() as u64), wobble(count))
}

/// By how much the repeats differ, where they do.
fn wobble(count: &Count) -> String {
    let (Some(low), Some(high), Some(false)) =
        (count.instructions.iter().min(), count.instructions.iter().max(), count.deterministic)
    else {
        return String::new();
    };
    let calls = count.calls.unwrap_or(1);
    format!("  not deterministic: {} to {}", units::count(low / calls), units::count(high / calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &'static str, role: Role, instructions: &[u64]) -> Count<'static> {
        let calls = (!instructions.is_empty()).then_some(4);
        Count {
            workload: "parse",
            size: 1000,
            implementation: name,
            role,
            kind: Kind::Native,
            calls,
            instructions: instructions.to_vec(),
            deterministic: (instructions.len() > 1).then(|| instructions.iter().min() == instructions.iter().max()),
            instructions_per_call: instructions.first().map(|count| *count as f64 / 4.0),
            detail: instructions.is_empty().then(|| "it works in more than one thread".to_owned()),
        }
    }

    #[test]
    fn counts_stand_beside_the_baseline_and_what_differs_is_named() {
        let document = Document {
            schema: "rustworthy.count/1",
            project: "acme",
            seed: 42,
            by: "valgrind",
            repeats: 2,
            counts: vec![
                count("baseline", Role::Baseline, &[4_000_000, 4_000_000]),
                count("native", Role::Candidate, &[400_000, 400_400]),
                count("parallel", Role::Candidate, &[]),
            ],
        };
        insta::assert_snapshot!(text(&document), @r"
        parse at 1,000
          baseline                  1,000,000
          native                      100,000   10.0×  not deterministic: 100,000 to 100,100
          parallel           not counted: it works in more than one thread
        Instructions a call, counted by valgrind, 2 repeats; ratios are baseline ÷ candidate.
        ");
    }
}
