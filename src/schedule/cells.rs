//! From a prepared project to cells: each implementation at each size bound to the runner that launches it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustworthy_worker::protocol::{Answer, ImplementationJob, InputJob, InputSource, Job, PROTOCOL, Pass};

use super::{Cell, Group, Interrupted, programs};
use crate::equality::{Rules, Wire};
use crate::evidence::{Failure, Implementation, Kind, Run, Size, Status, Warning, Workload};
use crate::launch::{Launch, LaunchError, job_failure};
use crate::manifest::{self, Argv, Bench, Callable, Project, Target};
use crate::prepare::{Artefacts, Cache, Drawer, MadeInput, PythonHome, Typed, TypesJob, lines_of_code, make_input};
use crate::progress::Progress;
use crate::runner::{CommandRunner, Compared, CriterionRunner, PythonRunner, Refusal, Runner};

/// A project with everything that its launches need.
pub struct Prepared<'a> {
    /// The project, selected.
    pub project: &'a Project,
    /// Its Python; `None` when nothing of it is Python.
    pub home: Option<&'a PythonHome>,
    /// Import names that are required and missing.
    pub missing: &'a [String],
    /// What was built.
    pub artefacts: &'a Artefacts,
    /// The tool's cache.
    pub cache: &'a Cache,
    /// The timing script on disk.
    pub script: PathBuf,
    /// Seed of the inputs.
    pub seed: u64,
    /// Inputs that were made already, by workload and size: they are used instead of new ones.
    pub inputs: &'a Inputs,
    /// Folders besides the project's whose modules workers report.
    pub watched: &'a [PathBuf],
    /// Whether it is looked what calls do besides computing; only a report tells it.
    pub probed: bool,
}

/// Inputs by workload and size.
pub type Inputs = HashMap<(String, u64), MadeInput>;

/// Fills in the run's workloads and returns their groups, cells bound to runners. What cannot be launched is a row with
/// its reason.
///
/// # Errors
/// When interrupted.
pub fn bind(
    prepared: &Prepared,
    run: &mut Run,
    in_full: impl Fn(&manifest::Workload, u64) -> bool,
    progress: &mut dyn Progress,
) -> Result<Vec<Group>, Interrupted> {
    let mut groups = Vec::new();
    let mut workers = HashMap::new();
    for workload in &prepared.project.workloads {
        let mut entry = describe(workload);
        // Memory is warmed up with the smallest input, which is made first.
        let mut smallest = warm_up(prepared, workload)?;
        for &size in &workload.sizes {
            progress.item(&format!("the input of {} at {size}", workload.name));
            let (described, cells, source) = bind_size(prepared, run, &mut workers, workload, size, &mut smallest)?;
            groups.push(Group {
                workload: run.workloads.len(),
                size: entry.sizes.len(),
                cells,
                rules: rules(workload),
                source,
                agreed: None,
                in_full: in_full(workload, size),
            });
            entry.sizes.push(described);
        }
        run.workloads.push(entry);
    }
    Ok(groups)
}

/// The rules of equality that a workload declares.
fn rules(workload: &manifest::Workload) -> Rules {
    Rules {
        tolerance: workload.tolerance,
        exceptions: workload.exceptions.clone(),
        result: workload.result.as_ref().map(|callable| callable.as_str().to_owned()),
        consume: workload.consume,
    }
}

/// The smallest input, where its size is not among those that are asked for; one that cannot be made warms nothing up.
fn warm_up(prepared: &Prepared, workload: &manifest::Workload) -> Result<Option<InputJob>, Interrupted> {
    if workload.sizes.contains(&workload.smallest) {
        return Ok(None);
    }
    match make(prepared, workload, workload.smallest) {
        Ok(made) => Ok(made.map(|made| job(prepared, workload, workload.smallest, Some(made.source)).input)),
        Err(Refusal::Failed(_)) => Ok(None),
        Err(Refusal::Interrupted) => Err(Interrupted),
    }
}

fn describe(workload: &manifest::Workload) -> Workload {
    Workload {
        name: workload.name.clone(),
        summary: workload.summary.clone(),
        tags: workload.tags.clone(),
        unit: workload.unit.clone(),
        total_items: workload.total_items,
        fits: Vec::new(),
        break_evens: Vec::new(),
        boundary: if workload.process_boundary { "process" } else { "function" }.to_owned(),
        share_of_runtime: workload.share_of_runtime,
        effort_days: workload.effort_days,
        rules: rules(workload).words(),
        limits: workload.limits,
        sizes: Vec::new(),
        traps: Vec::new(),
        verdict: None,
    }
}

type Workers = HashMap<PathBuf, bool>;

fn bind_size(
    prepared: &Prepared,
    run: &mut Run,
    workers: &mut Workers,
    workload: &manifest::Workload,
    size: u64,
    smallest: &mut Option<InputJob>,
) -> Result<(Size, Vec<Cell>, Option<InputSource>), Interrupted> {
    let known = prepared.inputs.get(&(workload.name.clone(), size));
    let made = match known.map_or_else(|| make(prepared, workload, size), |known| Ok(Some(known.clone()))) {
        Ok(made) => Ok(made),
        Err(Refusal::Interrupted) => return Err(Interrupted),
        Err(Refusal::Failed(failure)) => Err(failure),
    };
    if let Some(reason) = made.as_ref().ok().and_then(|made| made.as_ref()?.reason.clone()) {
        run.environment.warnings.push(Warning {
            code: "input".to_owned(),
            text: format!(
                "The input of {} has no canonical form and is made again in every launch: {reason}.",
                workload.name
            ),
            advice: "Let the input callable give plain values, where native candidates are to read it.".to_owned(),
        });
    }
    let mut cells = Vec::new();
    let mut implementations = Vec::new();
    for (index, implementation) in workload.implementations.iter().enumerate() {
        let mut entry = blank(implementation);
        let bound = match &made {
            Err(failure) => Err(Unbound::Failed(failure.clone())),
            Ok(made) => {
                let source = made.as_ref().map(|made| made.source.clone());
                let job = Job { warm_up_input: smallest.clone(), ..job(prepared, workload, size, source) };
                bind_cell(prepared, workers, workload, implementation, size, job)
            }
        };
        match bound {
            Ok((runner, wire)) => cells.push(Cell::new(index, runner, wire)),
            Err(Unbound::Skipped(reason)) => {
                entry.status = Status::Skipped;
                entry.detail = Some(reason);
            }
            Err(Unbound::Failed(failure)) => {
                entry.status = Status::Failed;
                entry.detail = Some(failure.message.clone());
                entry.failures.push(failure);
            }
            Err(Unbound::Interrupted) => return Err(Interrupted),
        }
        implementations.push(entry);
    }
    if let (None, Ok(made)) = (&smallest, &made) {
        let source = made.as_ref().map(|made| made.source.clone());
        *smallest = Some(job(prepared, workload, size, source).input);
    }
    let source = made.as_ref().ok().and_then(|made| Some(made.as_ref()?.source.clone()));
    let described = Size {
        size,
        input: made.ok().flatten().map(|made| made.input),
        stopped: None,
        implementations,
        comparisons: Vec::new(),
        splits: Vec::new(),
        verdict: None,
    };
    Ok((described, cells, source))
}

fn blank(implementation: &manifest::Implementation) -> Implementation {
    let manifest::Implementation { name, role, kind, target, .. } = implementation;
    Implementation {
        variant: implementation.variant.clone(),
        target: target.text(),
        assumes: implementation.assumes.clone(),
        kernel: implementation.kernel.clone(),
        lines: lines_of_code(&implementation.source),
        ..Implementation::new(name, *role, *kind, target.runner())
    }
}

pub(super) enum Unbound {
    Skipped(String),
    Failed(Failure),
    Interrupted,
}

pub(super) fn failed(step: &str, message: impl Into<String>) -> Unbound {
    Unbound::Failed(Failure { round: None, step: step.to_owned(), message: message.into(), output: String::new() })
}

fn bind_cell(
    prepared: &Prepared,
    workers: &mut Workers,
    workload: &manifest::Workload,
    implementation: &manifest::Implementation,
    size: u64,
    job: Job,
) -> Result<(Box<dyn Runner>, Wire), Unbound> {
    let missing: Vec<&str> =
        implementation.requires.iter().filter(|name| prepared.missing.contains(name)).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(Unbound::Skipped(format!("needs {}, which this Python does not have", missing.join(", "))));
    }
    match &implementation.target {
        Target::Python(callable) => {
            let launch = python_launch(prepared, workload).ok_or_else(|| failed("start", "there is no Python"))?;
            let adapt = implementation.adapt.as_ref().map(|adapt| adapt.as_str().to_owned());
            let called = ImplementationJob { call: callable.as_str().to_owned(), adapt, ..job.implementation };
            let probed = prepared.probed && implementation.kind == Kind::Hybrid;
            let job = Job { implementation: called, ..job };
            Ok((Box::new(PythonRunner { launch, job, probed }), Wire::Typed))
        }
        Target::Criterion(bench) => {
            let runner = criterion_runner(prepared, workers, workload, implementation, bench, size, job)?;
            Ok((Box::new(runner), Wire::Json))
        }
        Target::Command(argv) => {
            let runner = command_runner(prepared, workload, argv, size, &job)?;
            Ok((Box::new(runner), Wire::Json))
        }
    }
}

fn criterion_runner(
    prepared: &Prepared,
    workers: &mut Workers,
    workload: &manifest::Workload,
    implementation: &manifest::Implementation,
    bench: &Bench,
    size: u64,
    job: Job,
) -> Result<CriterionRunner, Unbound> {
    let key = (bench.package.clone(), bench.bench.clone());
    let built = prepared.artefacts.benches.get(&key).ok_or_else(|| failed("build", "its bench was not built"))?;
    let rust = programs::for_rust(prepared, workload, size, &job)?;
    // Where cargo would run it, unless the manifest says otherwise: benches read their data by relative paths.
    let launch = Launch { program: built.path.clone(), ..rust.clone() }
        .in_folder(workload.cwd.as_ref().unwrap_or(&built.package))
        .env("CARGO_MANIFEST_DIR", &built.package);
    let has_worker = match workers.get(&built.path) {
        Some(known) => *known,
        None => {
            let answers = answers_as_worker(&launch)?;
            workers.insert(built.path.clone(), answers);
            answers
        }
    };
    let setup = programs::setup(prepared, workload, &job)?;
    let verify = match &implementation.verify {
        Some(argv) if !has_worker => {
            let words = programs::words(prepared, argv);
            let program = programs::program(prepared, workload, &words, size, &job)?;
            let launch = Launch { env: rust.env.into_iter().chain(program.env.clone()).collect(), ..program };
            let compared = Compared::Value;
            Some(CommandRunner { launch, compared, setup: setup.clone(), words, is_told: true })
        }
        Some(_) | None => None,
    };
    let named = ImplementationJob { call: bench.worker_name().to_owned(), ..job.implementation };
    let job = has_worker.then_some(Job { implementation: named, ..job });
    Ok(CriterionRunner { launch, id: bench.id_at(size), job, verify, setup })
}

fn command_runner(
    prepared: &Prepared,
    workload: &manifest::Workload,
    argv: &Argv,
    size: u64,
    job: &Job,
) -> Result<CommandRunner, Unbound> {
    let words = programs::words(prepared, argv);
    let launch = programs::program(prepared, workload, &words, size, job)?;
    let baseline = workload.implementations.first().map(|baseline| &baseline.target);
    let compared = match baseline {
        Some(Target::Command(_)) => Compared::Process(workload.output),
        Some(Target::Python(_) | Target::Criterion(_)) | None => Compared::Value,
    };
    let setup = programs::setup(prepared, workload, job)?;
    Ok(CommandRunner { launch, compared, setup, words, is_told: false })
}

/// Whether a bench speaks the worker's protocol. One that does not looks for a benchmark of that name, and ends.
fn answers_as_worker(launch: &Launch) -> Result<bool, Unbound> {
    let mut probe = launch.clone().env("RUSTWORTHY_WORKER", "1").timeout(Duration::from_secs(10));
    probe.arguments = ["--bench", "--exact", "no benchmark has this name"].map(OsString::from).to_vec();
    probe.stdin = b"{}\n".to_vec();
    match crate::launch::run(&probe) {
        Ok(finished) => {
            let first = finished.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
            Ok(serde_json::from_slice::<Answer>(first).is_ok())
        }
        Err(LaunchError::Interrupted) => Err(Unbound::Interrupted),
        Err(error @ LaunchError::Spawn { .. }) => Err(failed("start", error.to_string())),
    }
}

fn make(prepared: &Prepared, workload: &manifest::Workload, size: u64) -> Result<Option<MadeInput>, Refusal> {
    let Some(callable) = &workload.input else { return Ok(None) };
    let Some(launch) = python_launch(prepared, workload) else {
        return Err(crate::launch::job_failure("input", "there is no Python to make the input with"));
    };
    let source = InputSource::Callable { call: callable.as_str().to_owned(), sha256: None };
    let mut job = job(prepared, workload, size, Some(source));
    job.input.pass = Pass::Value;
    make_input(&launch, &job, prepared.cache).map(Some)
}

/// What draws the cases of a workload by its input callable; `None` where it takes no arguments.
pub(super) fn case_drawer(prepared: &Prepared, workload: &manifest::Workload, folder: &Path) -> Option<Drawer> {
    let callable = workload.input.as_ref()?;
    let launch = python_launch(prepared, workload)?;
    Some(Drawer::new(&launch, &job(prepared, workload, 1, None), callable.as_str(), folder))
}

/// Arguments drawn from the annotations of a workload's baseline.
pub(super) fn types_drawn(
    prepared: &Prepared,
    workload: &manifest::Workload,
    count: u64,
    folder: &Path,
) -> Result<Typed, Refusal> {
    let baseline = workload.implementations.first().map(|baseline| &baseline.target);
    let (Some(Target::Python(baseline)), Some(mut launch)) = (baseline, python_launch(prepared, workload)) else {
        return Ok(Typed::default());
    };
    let script = prepared.cache.cases_script().map_err(|error| job_failure("cases", &error.to_string()))?;
    launch.arguments = vec![script.into_os_string()];
    let job = job(prepared, workload, 1, None);
    let file = folder.join("typed.jsonl");
    TypesJob {
        call: baseline.as_str(),
        sys_path: &job.sys_path,
        setup: job.implementation.setup.as_deref(),
        count,
        seed: prepared.seed,
        timing: &prepared.script,
        file: &file,
    }
    .draw(&launch)
}

fn job(prepared: &Prepared, workload: &manifest::Workload, size: u64, source: Option<InputSource>) -> Job {
    let text = |callable: &Option<Callable>| callable.as_ref().map(|callable| callable.as_str().to_owned());
    let sys_path = prepared.project.python_path.iter().chain(&prepared.artefacts.module_folders);
    Job {
        protocol: PROTOCOL.to_owned(),
        implementation: ImplementationJob {
            call: String::new(),
            result: text(&workload.result),
            setup: text(&workload.setup),
            adapt: None,
            consume: workload.consume,
            fresh: workload.fresh_inputs,
            trusted: false,
        },
        sys_path: sys_path.cloned().collect(),
        input: InputJob {
            size,
            seed: prepared.seed,
            pass: if workload.input_as_path { Pass::Path } else { Pass::Value },
            source,
        },
        warm_up_input: None,
        project: Some(prepared.project.root.clone()),
        watched: prepared.watched.to_vec(),
        untimed: false,
        steps: Vec::new(),
    }
}

pub(super) fn python_launch(prepared: &Prepared, workload: &manifest::Workload) -> Option<Launch> {
    let home = prepared.home?;
    let mut launch = Launch::new(&home.interpreter.executable, programs::folder(prepared, workload))
        .args([prepared.script.as_os_str()]);
    launch.env = home.variables();
    Some(limited(launch, workload))
}

pub(super) fn limited(mut launch: Launch, workload: &manifest::Workload) -> Launch {
    launch.env.extend(workload.env.iter().map(|(name, value)| (name.clone(), Some(OsString::from(value)))));
    launch.timeout = workload.timeout;
    launch.memory_limit = workload.memory_limit;
    launch
}
