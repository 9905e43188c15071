//! `check`: do the implementations agree? Nothing is timed.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::error::{CliError, ExitStatus};
use super::{Format, Shared, print, print_json, run::status, session};
use crate::evidence::{Agreement, Effort, Implementation, Role, Run, Status};
use crate::report::units::count;
use crate::report::{visible, visible_lines};
use crate::schedule::{self, KeptProof, Proof, SideProof};

/// Prove that the implementations agree; nothing is timed.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Workloads to check: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Draw this many cases more for each workload: other seeds, and sizes between the smallest and the largest.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    cases: u64,
    /// Seed of the inputs, and of what is drawn.
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
    let ready = session::ready(&project, plan, args.seed, args.cases, &command, &mut console)?;
    drop(console);
    match args.format {
        Format::Json => print_json(&Document::of(&ready.run, &ready.proofs, args.cases))?,
        Format::Text => print(&text(&ready.run, &ready.proofs, shared.colour()))?,
    }
    Ok(match status(&ready.run) {
        ExitStatus::Success if uncompared(&ready.run, &ready.proofs).next().is_some() => ExitStatus::CannotMeasure,
        status => status,
    })
}

/// `rustworthy.check/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    project: &'a str,
    seed: u64,
    /// Null where nothing was compared, or no drawn case of those that were asked for.
    agrees: Option<bool>,
    checks: Vec<Check<'a>>,
    /// Asked for, for each workload.
    cases: u64,
    workloads: Vec<Cases<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    workload: &'a str,
    size: u64,
    implementation: &'a str,
    status: &'static str,
    detail: Option<&'a str>,
    agreement: Option<Agreement>,
}

/// What the cases of a workload came to.
#[derive(Serialize)]
struct Cases<'a> {
    workload: &'a str,
    drawn: u64,
    not_made: u64,
    not_made_why: Option<&'a str>,
    unanswered: u64,
    unanswered_why: Option<&'a str>,
    notes: &'a [String],
    candidates: Vec<Tally<'a>>,
    kept: Vec<Tried<'a>>,
}

#[derive(Serialize)]
struct Tally<'a> {
    implementation: &'a str,
    agreeing: u64,
    differing: u64,
    not_called: u64,
    counterexample: Option<&'a Path>,
}

#[derive(Serialize)]
struct Tried<'a> {
    file: &'a Path,
    differing: &'a [String],
    untried: &'a [String],
}

impl<'a> Document<'a> {
    fn of(run: &'a Run, proofs: &'a [Proof], cases: u64) -> Document<'a> {
        let check =
            |(workload, size, cell): (&'a crate::evidence::Workload, &crate::evidence::Size, &'a Implementation)| {
                let detail = cell.detail.as_deref();
                Check {
                    workload: &workload.name,
                    size: size.size,
                    implementation: &cell.name,
                    status: word(cell),
                    detail,
                    agreement: cell.agreement,
                }
            };
        Document {
            schema: "rustworthy.check/1",
            project: &run.project,
            seed: run.seed,
            agrees: agrees(run, proofs),
            checks: run.cells().map(check).collect(),
            cases,
            workloads: run.workloads.iter().zip(proofs).map(|(workload, proof)| Cases::of(workload, proof)).collect(),
        }
    }
}

impl<'a> Cases<'a> {
    fn of(workload: &'a crate::evidence::Workload, proof: &'a Proof) -> Cases<'a> {
        let name = |index: usize| {
            let entry = workload.sizes.first().and_then(|size| size.implementations.get(index));
            entry.map_or("", |entry| entry.name.as_str())
        };
        let tally = |side: &'a SideProof| Tally {
            implementation: name(side.implementation),
            agreeing: side.agreed,
            differing: side.differed,
            not_called: side.not_called,
            counterexample: side.counterexample.as_deref(),
        };
        Cases {
            workload: &workload.name,
            drawn: proof.drawn,
            not_made: proof.not_made,
            not_made_why: proof.not_made_why.as_deref(),
            unanswered: proof.unanswered,
            unanswered_why: proof.unanswered_why.as_deref(),
            notes: &proof.notes,
            candidates: proof.sides.iter().map(tally).collect(),
            kept: proof.kept.iter().map(Tried::of).collect(),
        }
    }
}

impl<'a> Tried<'a> {
    fn of(KeptProof { file, differing, untried }: &'a KeptProof) -> Tried<'a> {
        Tried { file, differing, untried }
    }
}

/// Candidates that agree on their declared inputs, and on no drawn case because there was none to compare on.
fn uncompared<'a>(run: &'a Run, proofs: &'a [Proof]) -> impl Iterator<Item = &'a Implementation> {
    run.workloads.iter().zip(proofs).filter(|(_, proof)| proof.wanted).flat_map(|(workload, proof)| {
        let cells = workload.sizes.first().map(|size| size.implementations.iter().enumerate());
        cells.into_iter().flatten().filter_map(|(index, cell)| {
            let called = proof.sides.iter().any(|side| side.implementation == index && side.called() > 0);
            (cell.role == Role::Candidate && cell.status == Status::Measured && !called).then_some(cell)
        })
    })
}

/// Whether all that was compared agrees; `None` where nothing was, or not what was asked for.
fn agrees(run: &Run, proofs: &[Proof]) -> Option<bool> {
    if run.says_no() {
        return Some(false);
    }
    if uncompared(run, proofs).next().is_some() {
        return None;
    }
    let compared = |cell: &Implementation| cell.role == Role::Candidate && cell.status == Status::Measured;
    run.cells().any(|(_, _, cell)| compared(cell)).then_some(true)
}

/// What a status means before anything was timed.
fn word(cell: &Implementation) -> &'static str {
    match cell.status {
        Status::Measured => "agrees",
        Status::Unverified | Status::Differs | Status::Failed | Status::Skipped => cell.status.as_str(),
    }
}

fn text(run: &Run, proofs: &[Proof], colour: bool) -> String {
    let mut text = String::new();
    for (workload, proof) in run.workloads.iter().zip(proofs) {
        text += &format!("{}\n", visible(&workload.name));
        let names: Vec<&Implementation> =
            workload.sizes.first().map(|size| size.implementations.iter().collect()).unwrap_or_default();
        for (index, first) in names.iter().enumerate() {
            let cells: Vec<(u64, &Implementation)> =
                workload.sizes.iter().map(|size| (size.size, &size.implementations[index])).collect();
            text += &line(&first.name, &cells, workload.shows_sizes(), colour);
            if let Some(side) = proof.sides.iter().find(|side| side.implementation == index) {
                text += &tally(side, &cells, proof.wanted);
            }
        }
        text += &cases(proof);
    }
    text
}

/// What the drawn cases say of a candidate.
fn tally(side: &SideProof, cells: &[(u64, &Implementation)], wanted: bool) -> String {
    let called = side.called();
    let agrees = cells.iter().any(|(_, cell)| cell.status == Status::Measured);
    if called == 0 && wanted && agrees {
        return "              on its declared inputs alone: no drawn case could be compared\n".to_owned();
    }
    if called == 0 {
        return String::new();
    }
    let below = cells.iter().find_map(|(_, cell)| cell.agreement.and_then(|agreement| agreement.differ_below));
    let cases = if called == 1 { "case" } else { "cases" };
    let says = match below {
        _ if side.differed > 0 => format!("differs in {} of {} drawn {cases}", count(side.differed), count(called)),
        Some(below) => format!(
            "agrees in {} drawn {cases}: fewer than {} of such inputs differ, at 95 % confidence",
            count(called),
            percent(below)
        ),
        None if agrees => format!("agrees in {} drawn {cases}", count(called)),
        None => format!("agreed in {} drawn {cases} before that", count(called)),
    };
    let left = if side.not_called == 0 { String::new() } else { format!("; {} not called", count(side.not_called)) };
    format!("              {says}{left}\n")
}

/// Two significant digits: the bound is no more exact than that.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent >= 10.0 { 0 } else { (1.0 - percent.log10().floor()) as usize };
    format!("{percent:.digits$} %")
}

/// What a person should know of the cases of a workload.
fn cases(proof: &Proof) -> String {
    let mut lines = Vec::new();
    let why = |why: &Option<String>| why.as_ref().map(|why| format!(" ({})", visible(why))).unwrap_or_default();
    if proof.not_made > 0 {
        lines.push(format!("{} draws made no case{}", count(proof.not_made), why(&proof.not_made_why)));
    }
    if proof.unanswered > 0 {
        let cases = if proof.unanswered == 1 { "case" } else { "cases" };
        let answers = format!("the baseline gave no answer to {} {cases}", count(proof.unanswered));
        lines.push(format!("{answers}{}", why(&proof.unanswered_why)));
    }
    lines.extend(proof.notes.iter().map(|note| visible(note)));
    let mended = proof.kept.iter().filter(|kept| kept.is_mended()).count();
    if mended > 0 {
        let counterexamples = if mended == 1 { "counterexample agrees" } else { "counterexamples agree" };
        lines.push(format!("{mended} kept {counterexamples} again: mended, and tried first from now on"));
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// One implementation over all sizes; sizes at which it fares alike stand together, with the words of the smallest.
fn line(name: &str, cells: &[(u64, &Implementation)], shows_sizes: bool, colour: bool) -> String {
    let headline =
        |cell: &Implementation| cell.detail.as_ref().and_then(|detail| detail.split(": ").next().map(str::to_owned));
    let groups = cells.chunk_by(|(_, one), (_, other)| one.status == other.status && headline(one) == headline(other));
    let mut text = String::new();
    for group in groups {
        let Some((_, cell)) = group.first() else { continue };
        let sizes: Vec<String> = group.iter().map(|(size, _)| size.to_string()).collect();
        let at = if shows_sizes { format!(" at {}", sizes.join(", ")) } else { String::new() };
        let word = if cell.role == Role::Baseline && cell.status == Status::Measured { "runs" } else { word(cell) };
        text += &format!("  {}  {}{at}\n", paint(word, cell.status, colour), visible(name));
        text += &cell.detail.as_ref().map(|detail| format!("              {}\n", visible(detail))).unwrap_or_default();
        if let Some(failure) = cell.failures.last().filter(|failure| !failure.output.is_empty()) {
            text += &quoted(&failure.output);
        }
    }
    text
}

/// What user code wrote, set apart; where a line is long, its ends.
fn quoted(output: &str) -> String {
    const MOST: usize = 160;
    let line = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        let shown: String = if letters.len() <= MOST {
            line.to_owned()
        } else {
            letters[..MOST - 40].iter().chain(&[' ', '…', ' ']).chain(&letters[letters.len() - 37..]).collect()
        };
        format!("              | {shown}\n")
    };
    visible_lines(output).lines().map(line).collect()
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
