//! `doctor`: is this machine fit to measure on, and what does the boundary cost on it?

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use super::error::{CliError, ExitStatus};
use super::session::shorten_paths;
use super::{Format, Shared, absolute, print, print_json};
use crate::evidence::{Checkup, DOCTOR_SCHEMA, Kind, Tool, Warning};
use crate::launch::Launch;
use crate::manifest::{ManifestError, Project, Target};
use crate::prepare::{
    Cache, Concern, PrepareError, PythonHome, build, concerns, describe_machine, find_interpreter_at,
    ready_environment, throttled,
};
use crate::progress::Progress;
use crate::report::doctor as page;
use crate::runner::Refusal;
use crate::runner::probe::{Probe, Probed, summarise};
use crate::schedule::{NoiseError, Work, noise};

/// Fresh processes for clock, calls and crossings: enough for an interval, few enough to wait for.
const LAUNCHES: u32 = 8;
/// Seed of orders and intervals: a check-up has nothing that another seed would be wanted for.
const SEED: u64 = 42;
const LAUNCH_TIMEOUT: Duration = Duration::from_secs(120);

/// Examine machine, interpreter and build; measure noise, the cost of calls, and that of crossing into Rust.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: DoctorArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let project = match shared.project(&[]) {
        Ok(project) => Some(project),
        Err(CliError::Manifest(ManifestError::NotFound(_))) if shared.project.is_none() => None,
        Err(error) => return Err(error),
    };
    let root = match &project {
        Some(project) => project.root.clone(),
        None => absolute(Path::new("."))?,
    };
    let mut console = shared.console();
    let checkup = Examination { project, root, problems: Vec::new() }.carry_out(&mut console)?;
    drop(console);
    match args.format {
        Format::Json => print_json(&checkup)?,
        Format::Text => print(&page::text(&checkup, shared.colour()))?,
    }
    let measured = checkup.clock.is_some() || checkup.noise.is_some();
    Ok(if measured { ExitStatus::Success } else { ExitStatus::CannotMeasure })
}

/// What is examined. A part that fails is a problem, told with the rest.
struct Examination {
    project: Option<Project>,
    root: PathBuf,
    problems: Vec<String>,
}

impl Examination {
    fn carry_out(mut self, progress: &mut dyn Progress) -> Result<Checkup, CliError> {
        let started = Instant::now();
        let created = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        progress.phase("preparing");
        let cache = Cache::open()?;
        let (home, mut warnings) = self.python(&cache, progress)?;
        // The machine is looked at before the builds: they would be the work that it is found at.
        progress.step("looking at the machine");
        let mut environment = describe_machine(&self.root, home.as_ref());
        let mut sys_path = Vec::new();
        if let (Some(project), Some(home)) = (&self.project, &home) {
            match build(&extensions_only(project), Some(home), progress) {
                Ok(artefacts) => {
                    environment.builds = artefacts.builds;
                    sys_path.extend(project.python_path.iter().cloned().chain(artefacts.module_folders));
                }
                Err(PrepareError::Interrupted) => return Err(interrupted()),
                Err(error) => self.problems.push(format!("The extension could not be built: {error}.")),
            }
        }
        let measuring = Instant::now();
        let heat = throttled();
        let mut checkup = Checkup {
            schema: DOCTOR_SCHEMA.to_owned(),
            created,
            project: self.project.as_ref().map(|project| project.name.clone()),
            tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned() },
            seed: SEED,
            environment,
            launches: 0,
            clock: None,
            noise: None,
            floors: None,
            crossings: None,
            problems: Vec::new(),
            wall_s: 0.0,
            measure_s: 0.0,
        };
        if let Some(home) = &home {
            self.probe(home, &cache, sys_path, &mut checkup, progress)?;
            self.noise(home, &cache, &mut checkup, progress)?;
        }
        checkup.environment.warnings = concerns(&checkup.environment).iter().map(Warning::from).collect();
        let times = heat.zip(throttled()).map_or(0, |(before, after)| after.saturating_sub(before));
        if times > 0 {
            checkup.environment.warnings.push(Warning::from(&Concern::Throttled { times }));
        }
        checkup.environment.warnings.append(&mut warnings);
        shorten_paths(&mut checkup.environment, &self.root);
        checkup.problems = self.problems;
        checkup.measure_s = measuring.elapsed().as_secs_f64();
        checkup.wall_s = started.elapsed().as_secs_f64();
        Ok(checkup)
    }

    /// The Python that `run` would measure with; none is a problem.
    fn python(
        &mut self,
        cache: &Cache,
        progress: &mut dyn Progress,
    ) -> Result<(Option<PythonHome>, Vec<Warning>), CliError> {
        let named = self.project.as_ref().and_then(|project| project.python.as_deref());
        let base = match find_interpreter_at(&self.root, named) {
            Ok(base) => base,
            Err(PrepareError::Interrupted) => return Err(interrupted()),
            Err(error) => {
                self.problems.push(format!("There is {error}."));
                return Ok((None, Vec::new()));
            }
        };
        match &self.project {
            Some(project) => {
                let (home, warnings) = ready_environment(project, base, cache, progress)?;
                Ok((Some(home), warnings))
            }
            None => Ok((Some(PythonHome { interpreter: base.clone(), base, packages: Vec::new() }), Vec::new())),
        }
    }

    /// The clock, the empty calls, the crossings.
    fn probe(
        &mut self,
        home: &PythonHome,
        cache: &Cache,
        sys_path: Vec<PathBuf>,
        checkup: &mut Checkup,
        progress: &mut dyn Progress,
    ) -> Result<(), CliError> {
        progress.phase("probing");
        let modules = self.project.as_ref().map(native_modules).unwrap_or_default();
        let launch = python_launch(home, &self.root, cache.probes_script()?);
        let probe = Probe { launch, sys_path, modules };
        let mut launches: Vec<Probed> = Vec::new();
        let started = Instant::now();
        for round in 0..LAUNCHES {
            progress.item(&format!("clock, calls and crossings, launch {} of {LAUNCHES}", round + 1));
            match probe.measure(round, SEED) {
                Ok(probed) => launches.push(probed),
                Err(Refusal::Interrupted) => return Err(interrupted()),
                Err(Refusal::Failed(failure)) => {
                    self.problems.push(format!("A launch of the probes failed: {}.", failure.message));
                    break;
                }
            }
            let done = f64::from(round + 1) / f64::from(LAUNCHES);
            progress.left(started.elapsed().as_secs_f64() * (1.0 / done - 1.0), done);
        }
        if let Some(probes) = summarise(&launches, SEED) {
            checkup.launches = u32::try_from(launches.len()).unwrap_or(u32::MAX);
            checkup.clock = Some(probes.clock);
            checkup.floors = Some(probes.floors);
            checkup.crossings = probes.crossings;
            checkup.environment.extensions = probes.extensions;
            self.problems.extend(probes.problems);
        }
        Ok(())
    }

    /// The same work against itself.
    fn noise(
        &mut self,
        home: &PythonHome,
        cache: &Cache,
        checkup: &mut Checkup,
        progress: &mut dyn Progress,
    ) -> Result<(), CliError> {
        progress.phase("measuring noise");
        let scratch =
            tempfile::tempdir().map_err(|error| CliError::CannotMeasure(format!("no temporary folder: {error}")))?;
        let launch = python_launch(home, &self.root, cache.timing_script()?);
        let work = Work { launch, folder: cache.noise_folder()? };
        match noise(&work, SEED, scratch.path(), progress) {
            Ok(found) => checkup.noise = Some(found),
            Err(NoiseError::Interrupted) => return Err(interrupted()),
            Err(NoiseError::Failed(reason)) => {
                self.problems.push(format!("The noise floor could not be measured: {reason}."));
            }
        }
        Ok(())
    }
}

fn interrupted() -> CliError {
    CliError::Interrupted("interrupted: a check-up is short, and begins anew".to_owned())
}

/// The project without its workloads, so that no bench is built.
fn extensions_only(project: &Project) -> Project {
    Project { workloads: Vec::new(), ..project.clone() }
}

/// Modules that may state crossings: the extensions that the tool builds, then those that hybrids call.
fn native_modules(project: &Project) -> Vec<String> {
    let built = project.extensions.iter().map(|extension| extension.module.clone());
    let hybrids = project.workloads.iter().flat_map(|workload| &workload.implementations);
    let called = hybrids.filter(|implementation| implementation.kind == Kind::Hybrid).filter_map(|implementation| {
        match &implementation.target {
            Target::Python(callable) => callable.as_str().split(':').next().map(str::to_owned),
            Target::Criterion(_) | Target::Command(_) => None,
        }
    });
    let mut modules: Vec<String> = Vec::new();
    for module in built.chain(called) {
        if !modules.contains(&module) {
            modules.push(module);
        }
    }
    modules
}

fn python_launch(home: &PythonHome, root: &Path, script: PathBuf) -> Launch {
    let mut launch = Launch::new(&home.interpreter.executable, root).args([script]).timeout(LAUNCH_TIMEOUT);
    launch.env = home.variables();
    launch
}
