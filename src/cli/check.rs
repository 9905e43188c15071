//! `check`: do the implementations agree? Nothing is timed.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;

use super::error::{CliError, ExitStatus};
use super::{Format, Shared, print, print_json, run::status, session};
use crate::evidence::{Effort, Implementation, Run, Status};
use crate::report::{visible, visible_lines};
use crate::schedule;

/// Prove that the implementations agree; nothing is timed.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Workloads to check: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Seed of the inputs.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: CheckArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let project = shared.project(&args.filters)?;
    let mut console = shared.console();
    let plan = schedule::plan(Effort::Default, None, None);
    let command = [OsString::from("rustworthy"), OsString::from("check")];
    let ready = session::ready(&project, plan, args.seed, &command, &mut console)?;
    drop(console);
    match args.format {
        Format::Json => print_json(&Document::of(&ready.run))?,
        Format::Text => print(&text(&ready.run, shared.colour()))?,
    }
    Ok(status(&ready.run))
}

/// `rustworthy.check/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    project: &'a str,
    seed: u64,
    agrees: bool,
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    workload: &'a str,
    size: u64,
    implementation: &'a str,
    status: &'static str,
    detail: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(run: &'a Run) -> Document<'a> {
        let check =
            |(workload, size, cell): (&'a crate::evidence::Workload, &crate::evidence::Size, &'a Implementation)| {
                let detail = cell.detail.as_deref();
                Check {
                    workload: &workload.name,
                    size: size.size,
                    implementation: &cell.name,
                    status: word(cell),
                    detail,
                }
            };
        Document {
            schema: "rustworthy.check/1",
            project: &run.project,
            seed: run.seed,
            agrees: !run.says_no(),
            checks: run.cells().map(check).collect(),
        }
    }
}

/// What a status means before anything was timed.
fn word(cell: &Implementation) -> &'static str {
    match cell.status {
        Status::Measured => "agrees",
        Status::Unverified | Status::Differs | Status::Failed | Status::Skipped => cell.status.as_str(),
    }
}

fn text(run: &Run, colour: bool) -> String {
    let mut text = String::new();
    for workload in &run.workloads {
        text += &format!("{}\n", visible(&workload.name));
        let names: Vec<&Implementation> =
            workload.sizes.first().map(|size| size.implementations.iter().collect()).unwrap_or_default();
        for (index, first) in names.iter().enumerate() {
            let cells: Vec<(u64, &Implementation)> =
                workload.sizes.iter().map(|size| (size.size, &size.implementations[index])).collect();
            text += &line(&first.name, &cells, workload.shows_sizes(), colour);
        }
    }
    text
}

/// One implementation over all sizes; where it is the same everywhere, in one line.
fn line(name: &str, cells: &[(u64, &Implementation)], shows_sizes: bool, colour: bool) -> String {
    let same =
        cells.windows(2).all(|pair| pair[0].1.status == pair[1].1.status && pair[0].1.detail == pair[1].1.detail);
    let groups: Vec<&[(u64, &Implementation)]> = if same { vec![cells] } else { cells.chunks(1).collect() };
    let mut text = String::new();
    for group in groups {
        let Some((_, cell)) = group.first() else { continue };
        let sizes: Vec<String> = group.iter().map(|(size, _)| size.to_string()).collect();
        let at = if shows_sizes { format!(" at {}", sizes.join(", ")) } else { String::new() };
        let word = if cell.role == crate::evidence::Role::Baseline && cell.status == Status::Measured {
            "runs"
        } else {
            word(cell)
        };
        text += &format!("  {}  {}{at}\n", paint(word, cell.status, colour), visible(name));
        text += &cell.detail.as_ref().map(|detail| format!("              {}\n", visible(detail))).unwrap_or_default();
        if let Some(failure) = cell.failures.last().filter(|failure| !failure.output.is_empty()) {
            text += &visible_lines(&failure.output)
                .lines()
                .map(|line| format!("              | {line}\n"))
                .collect::<String>();
        }
    }
    text
}

fn paint(word: &str, status: Status, colour: bool) -> String {
    let code = match status {
        Status::Measured => "32",
        Status::Unverified | Status::Skipped => "33",
        Status::Differs | Status::Failed => "31;1",
    };
    let padded = format!("{word:10}");
    if colour { format!("\u{1b}[{code}m{padded}\u{1b}[0m") } else { padded }
}
