//! `run`: build, check, measure, report.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::console::{human, terminal_width};
use super::error::{CliError, ExitStatus};
use super::{Format, Shared, dry, open, print, print_json, report, resume, session};
use crate::analysis::analyse;
use crate::evidence::{self, Effort, Run, RunFolder, Status, Stopped};
use crate::manifest::Project;
use crate::progress::Progress;
use crate::report as pages;
use crate::schedule::{self, Measured, Session, measure};
use crate::verdict;

/// Build, check, measure and report.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Workloads to run: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Short: six rounds at the largest size of a workload, two indicative ones at the others.
    #[arg(long, conflicts_with = "thorough")]
    quick: bool,
    /// Long: to within 1 %.
    #[arg(long)]
    thorough: bool,
    /// Stop measuring after this long, such as `5m`.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    time_budget: Option<jiff::SignedDuration>,
    /// Measure exactly this many rounds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Measure at these sizes only.
    #[arg(long, value_name = "N")]
    size: Vec<u64>,
    /// Draw this many cases for each workload before timing, so that agreement is surer.
    #[arg(long, value_name = "N", default_value_t = 0)]
    cases: u64,
    /// Seed of the inputs and of the order of launches.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Where runs are written, instead of the manifest's `reports`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with a run that was cut off: a run.json, its folder, the name of a run, or `latest`.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["filters", "quick", "thorough", "rounds", "size", "cases", "seed", "out"])]
    resume: Option<PathBuf>,
    /// Say what would be measured and how long that might take, and end.
    #[arg(long, conflicts_with_all = ["resume", "open"])]
    dry_run: bool,
    /// Write the charts as PNG too, for slides.
    #[arg(long)]
    png: bool,
    /// Open the report in the browser.
    #[arg(long)]
    open: bool,
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: RunArgs, shared: &Shared, command: &[OsString]) -> Result<ExitStatus, CliError> {
    if let Some(run) = &args.resume {
        return go_on(run, &args, shared, command);
    }
    let project = with_sizes(shared.project(&args.filters)?, &args.size)?;
    let budget = args.time_budget.map(|budget| budget.as_secs_f64());
    let plan = schedule::plan(effort(&args), args.rounds, budget);
    if args.dry_run {
        print(&dry::text(&project, &plan))?;
        return Ok(ExitStatus::Success);
    }
    let reports = args.out.clone().unwrap_or_else(|| project.reports.clone());
    writable(&reports)?;
    let mut console = shared.console();
    let mut ready = session::ready(&project, plan, args.seed, args.cases, command, &mut console)?;
    let folder = RunFolder::create(&reports, &ready.run)
        .map_err(|error| CliError::Usage(format!("cannot write to {}: {error}", reports.display())))?;
    // So that what a crash leaves is found by that name.
    folder
        .point_latest()
        .map_err(|error| CliError::Usage(format!("cannot write to {}: {error}", reports.display())))?;
    let measured = measure_all(&mut ready, &folder, &mut console);
    finish(&mut ready.run, &folder, measured, &args, shared, console)
}

/// Goes on with a run; one that is complete is only reported again.
fn go_on(run: &Path, args: &RunArgs, shared: &Shared, command: &[OsString]) -> Result<ExitStatus, CliError> {
    let (folder, old) = evidence::load(&report::place(run, shared)?)?;
    let mut console = shared.console();
    if old.complete {
        let mut run = old;
        return finish(&mut run, &folder, Measured::Complete, args, shared, console);
    }
    let project = resume::select(shared.project(&[])?, &old)?;
    let mut plan = old.plan;
    plan.time_budget_s = args.time_budget.map_or(plan.time_budget_s, |budget| Some(budget.as_secs_f64()));
    let mut ready = session::ready(&project, plan, old.seed, 0, command, &mut console)?;
    resume::adopt(&mut ready, old).map_err(CliError::Usage)?;
    folder
        .fold(&ready.run)
        .map_err(|error| CliError::Usage(format!("cannot write to {}: {error}", folder.path().display())))?;
    let measured = measure_all(&mut ready, &folder, &mut console);
    finish(&mut ready.run, &folder, measured, args, shared, console)
}

/// A duration that something can be measured in.
fn duration(text: &str) -> Result<jiff::SignedDuration, String> {
    let duration: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    if duration.is_positive() {
        Ok(duration)
    } else {
        Err("a duration is longer than nothing, such as `5m`".to_owned())
    }
}

fn effort(args: &RunArgs) -> Effort {
    match (args.quick, args.thorough) {
        (true, _) => Effort::Quick,
        (false, true) => Effort::Thorough,
        (false, false) => Effort::Default,
    }
}

/// The project at these sizes only.
fn with_sizes(mut project: Project, sizes: &[u64]) -> Result<Project, CliError> {
    if sizes.is_empty() {
        return Ok(project);
    }
    let mut known: Vec<u64> = project.workloads.iter().flat_map(|workload| workload.sizes.clone()).collect();
    known.sort_unstable();
    known.dedup();
    if let Some(unknown) = sizes.iter().find(|size| !known.contains(size)) {
        let known: Vec<String> = known.iter().map(u64::to_string).collect();
        return Err(CliError::Usage(format!("no workload has the size {unknown}; there are {}", known.join(", "))));
    }
    for workload in &mut project.workloads {
        workload.sizes.retain(|size| sizes.contains(size));
    }
    project.workloads.retain(|workload| !workload.sizes.is_empty());
    Ok(project)
}

/// Refuses a report folder that cannot be written before anything is built, rather than after everything is measured.
fn writable(reports: &Path) -> Result<(), CliError> {
    let tried = fs::create_dir_all(reports).and_then(|()| tempfile::NamedTempFile::new_in(reports).map(drop));
    tried.map_err(|error| {
        let message = format!("cannot write to the report folder {}: {error}", reports.display());
        CliError::Usage(format!("{message}\n  choose another with `--out DIR`"))
    })
}

fn measure_all(ready: &mut session::Ready, folder: &RunFolder, progress: &mut dyn Progress) -> Measured {
    let (started, before) = (Instant::now(), ready.run.phases.measure_s);
    let mut log = match folder.log() {
        Ok(log) => log,
        Err(error) => return Measured::Unsaved(error),
    };
    progress.phase("measuring");
    let mut session = Session {
        clock: &|| before + started.elapsed().as_secs_f64(),
        save: &mut |record| log.append(record),
        scratch: ready.scratch.path(),
        progress,
    };
    let measured = measure(&mut ready.run, &mut ready.groups, &mut session);
    ready.run.phases.measure_s += started.elapsed().as_secs_f64();
    measured
}

/// Saves, reports and says how it went.
fn finish(
    run: &mut Run,
    folder: &RunFolder,
    measured: Measured,
    args: &RunArgs,
    shared: &Shared,
    mut console: super::console::Console,
) -> Result<ExitStatus, CliError> {
    run.complete = matches!(measured, Measured::Complete);
    if let Measured::Interrupted = measured {
        for size in run.workloads.iter_mut().flat_map(|workload| &mut workload.sizes) {
            size.stopped.get_or_insert(Stopped::Interrupted);
        }
    }
    analyse(run);
    verdict::decide(run);
    if let Measured::Unsaved(error) = measured {
        let place = folder.path().display();
        let mend = format!("the rounds before it are kept there: make room, then `rustworthy run --resume {}`", run.id);
        return Err(CliError::CannotMeasure(format!("cannot save a round in {place}: {error}\n  {mend}")));
    }
    console.phase("reporting");
    let unsaved = |error: std::io::Error| {
        let place = folder.path().display();
        CliError::CannotMeasure(format!("cannot write to {place}: {error}\n  what was measured is in its rounds.jsonl"))
    };
    folder.fold(run).map_err(unsaved)?;
    let written = pages::write(run, folder.path(), pages::Charts::with_png(args.png))
        .map_err(|error| CliError::CannotMeasure(error.to_string()))?;
    folder.point_latest().map_err(unsaved)?;
    drop(console);
    match args.format {
        Format::Json => print_json(run)?,
        Format::Text => {
            let width = terminal_width();
            let mut text = pages::terminal::summary(run, width, shared.colour());
            text += &format!("\nmeasured in {}; report: {}\n", human(run.phases.measure_s), written.html.display());
            print(&text)?;
        }
    }
    // Somebody who interrupts is not waiting for a page.
    if args.open && !matches!(measured, Measured::Interrupted) {
        open::open(&written.html);
    }
    if let Measured::Interrupted = measured {
        let message = format!("interrupted; what was measured is in {}", folder.path().display());
        return Err(CliError::Interrupted(message));
    }
    Ok(status(run))
}

/// What the evidence says, as an exit code.
pub(super) fn status(run: &Run) -> ExitStatus {
    let all_failed = run.cells().all(|(_, _, cell)| matches!(cell.status, Status::Failed | Status::Skipped));
    match (run.says_no(), all_failed) {
        (_, true) => ExitStatus::CannotMeasure,
        (true, false) => ExitStatus::EvidenceSaysNo,
        (false, false) => ExitStatus::Success,
    }
}
