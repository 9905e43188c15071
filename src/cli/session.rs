//! What `run` and `check` share: from a project to cells whose agreement is known.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::TempDir;

use super::error::CliError;
use crate::equality;
use crate::evidence::{Environment, Phases, Plan, Run, SCHEMA, Tool, Warning};
use crate::manifest::{Project, Target, Workload};
use crate::prepare::{
    Cache, MadeInput, PythonHome, build, describe_machine, doubtful_artefacts, find_interpreter, missing_modules,
    ready_environment,
};
use crate::progress::Progress;
use crate::schedule::{self, Demand, Group, Inputs, Interrupted, Prepared, Proof, Unproved};

/// Cells that are ready to be measured.
pub(super) struct Ready {
    /// The run, with the status of every cell.
    pub run: Run,
    /// The cells that may be timed.
    pub groups: Vec<Group>,
    /// What the cases of each workload came to.
    pub proofs: Vec<Proof>,
    /// Files of launches; gone when this is.
    pub scratch: TempDir,
}

impl Ready {
    /// The inputs that its cells get.
    pub fn inputs(&self) -> Inputs {
        let each = self.groups.iter().filter_map(|group| {
            let workload = &self.run.workloads[group.workload];
            let size = &workload.sizes[group.size];
            let made = MadeInput { input: size.input.clone()?, source: group.source.clone()?, reason: None };
            Some(((workload.name.clone(), size.size), made))
        });
        each.collect()
    }

    /// Has paths shown as they may be passed around: the project's relative to it, others without the person's home.
    pub fn shorten_paths(&mut self, root: &Path) {
        shorten_paths(&mut self.run.environment, root);
        for module in &mut self.run.modules {
            module.path = shorten(&module.path, root);
        }
    }
}

/// What is asked of a preparation.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    /// How much is to be measured.
    pub plan: Plan,
    /// Seed of the inputs.
    pub seed: u64,
    /// Cases to draw for each workload.
    pub cases: u64,
    /// Inputs that were made already.
    pub inputs: &'a Inputs,
    /// Folders besides the project's whose modules are reported.
    pub watched: &'a [PathBuf],
    /// Whether it is looked what calls do besides computing.
    pub probed: bool,
    /// The command line.
    pub command: &'a [OsString],
}

/// Prepares a project and proves agreement.
pub(super) fn ready(
    project: &Project,
    plan: Plan,
    seed: u64,
    cases: u64,
    command: &[OsString],
    progress: &mut dyn Progress,
) -> Result<Ready, CliError> {
    let (inputs, watched) = (Inputs::new(), []);
    let ask = Ask { plan, seed, cases, inputs: &inputs, watched: &watched, probed: true, command };
    let mut ready = prove(project, ask, progress)?;
    ready.shorten_paths(&project.root);
    Ok(ready)
}

/// The same, paths left as they are.
pub(super) fn prove(project: &Project, ask: Ask, progress: &mut dyn Progress) -> Result<Ready, CliError> {
    let Ask { plan, seed, cases, inputs, watched, command, .. } = ask;
    let started = Instant::now();
    progress.phase("preparing");
    // A damaged one shall not come to light after the builds.
    let kept = project.workloads.iter().map(|workload| equality::kept(&project.root, &workload.name));
    let kept: Vec<_> = kept.collect::<Result<_, _>>()?;
    let cache = Cache::open()?;
    let (home, mut warnings) = python(project, &cache, progress)?;
    if let Some(home) = &home {
        let interpreter = &home.interpreter;
        progress.note(&format!("  Python {} at {}", interpreter.version, home.base.executable.display()));
    }
    for warning in &warnings {
        progress.note(&format!("  warning: {} {}", warning.text, warning.advice));
    }
    let artefacts = build(project, home.as_ref(), progress)?;
    let missing = match &home {
        Some(home) => {
            let names: Vec<String> = required(project);
            let paths: Vec<PathBuf> = project.python_path.iter().chain(&artefacts.module_folders).cloned().collect();
            missing_modules(home, &names, &paths, &project.root)?
        }
        None => Vec::new(),
    };
    let prepared = Prepared {
        project,
        home: home.as_ref(),
        missing: &missing,
        artefacts: &artefacts,
        cache: &cache,
        script: cache.timing_script()?,
        seed,
        inputs,
        watched,
        probed: ask.probed,
    };
    let mut environment = describe_machine(&project.root, home.as_ref());
    environment.builds.clone_from(&artefacts.builds);
    environment.warnings.append(&mut warnings);
    let mut run = blank(project, plan, seed, command, environment);
    let full = |workload: &Workload, size| plan.indicative_rounds.is_none() || project.needs_in_full(workload, size);
    let mut groups = schedule::bind(&prepared, &mut run, full, progress).map_err(interrupted)?;
    run.phases.prepare_s = started.elapsed().as_secs_f64();
    let scratch =
        tempfile::tempdir().map_err(|error| CliError::CannotMeasure(format!("no temporary folder: {error}")))?;
    let checking = Instant::now();
    progress.phase("checking");
    let demand = Demand { kept: &kept, cases };
    let proofs = schedule::prove(&prepared, &mut run, &mut groups, demand, scratch.path(), progress);
    let proofs = proofs.map_err(|unproved| match unproved {
        Unproved::Interrupted => interrupted(Interrupted),
        Unproved::Case(error) => error.into(),
        Unproved::Failed(message) => {
            CliError::CannotMeasure(format!("inputs cannot be handed over to be called on: {message}"))
        }
    })?;
    run.gather_modules();
    run.phases.equality_s = checking.elapsed().as_secs_f64();
    let shown = |path: &Path| shorten(path, &project.root).display().to_string();
    let doubtful = doubtful_artefacts(project, &artefacts, &run.environment.extensions, &shown);
    run.environment.warnings.extend(doubtful.iter().map(Warning::from));
    Ok(Ready { run, groups, proofs, scratch })
}

fn interrupted(_: Interrupted) -> CliError {
    CliError::Interrupted("interrupted before measuring: nothing is lost".to_owned())
}

/// The project's Python, where anything of it is Python.
fn python(
    project: &Project,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<(Option<PythonHome>, Vec<Warning>), CliError> {
    let needs_python = project.workloads.iter().any(|workload| {
        workload.input.is_some()
            || workload.setup.is_some()
            || workload.implementations.iter().any(|implementation| match &implementation.target {
                Target::Python(_) => true,
                Target::Criterion(_) => implementation.verify.as_ref().is_some_and(|argv| argv.has("{python}")),
                Target::Command(argv) => argv.has("{python}"),
            })
    });
    if !needs_python {
        return Ok((None, Vec::new()));
    }
    let base = find_interpreter(project)?;
    let (home, warnings) = ready_environment(project, base, cache, progress)?;
    Ok((Some(home), warnings))
}

fn required(project: &Project) -> Vec<String> {
    let implementations = project.workloads.iter().flat_map(|workload| &workload.implementations);
    let mut names: Vec<String> = implementations.flat_map(|implementation| implementation.requires.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn blank(project: &Project, plan: Plan, seed: u64, command: &[OsString], environment: Environment) -> Run {
    let now = jiff::Timestamp::now();
    let id = format!("{}-{:04x}", now.strftime("%Y%m%dT%H%M%SZ"), std::process::id() & 0xffff);
    Run {
        schema: SCHEMA.to_owned(),
        id,
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        project: project.name.clone(),
        tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned() },
        command: command_words(command),
        seed,
        plan,
        complete: false,
        phases: Phases::default(),
        environment,
        yearly_compute_cost: project.yearly_compute_cost,
        day_rate: project.day_rate,
        modules: Vec::new(),
        workloads: Vec::new(),
        thresholds: project.thresholds,
        verdict: None,
        claims: project.claims.clone(),
    }
}

/// The command as it would be typed again: the program by its name.
fn command_words(command: &[OsString]) -> Vec<String> {
    let rest = command.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    std::iter::once("rustworthy".to_owned()).chain(rest).collect()
}

/// Paths as they may be shown around: the project's relative to it, others without the person's home.
pub(super) fn shorten_paths(environment: &mut Environment, root: &Path) {
    for extension in &mut environment.extensions {
        extension.path = shorten(&extension.path, root);
    }
    if let Some(python) = &mut environment.python {
        python.executable = shorten(&python.executable, root);
    }
}

fn shorten(path: &Path, root: &Path) -> PathBuf {
    let in_home = || Some(Path::new("~").join(path.strip_prefix(std::env::var_os("HOME")?).ok()?));
    path.strip_prefix(root).map(Path::to_owned).ok().or_else(in_home).unwrap_or_else(|| path.to_owned())
}
