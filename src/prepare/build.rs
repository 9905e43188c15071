//! Builds: the project's own steps, its extension modules, its criterion benches; always in release.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value as Json;

use super::apart;
use super::cache::digest;
use super::package::folder_of;
use super::{PrepareError, PythonHome, command_line};
use crate::evidence::Build;
use crate::launch::{Finished, Launch, run};
use crate::manifest::{Apart, Bench, Binary, ExtensionBuild, Project, Target};
use crate::progress::Progress;

/// What the builds brought.
#[derive(Clone, Debug, Default)]
pub struct Artefacts {
    /// Folders with extension modules, for `sys.path`.
    pub module_folders: Vec<PathBuf>,
    /// The bench binary of each (package, bench).
    pub benches: HashMap<(String, String), BenchBinary>,
    /// The programs that commands name.
    pub binaries: HashMap<String, PathBuf>,
    /// What was built, with time and size.
    pub builds: Vec<Build>,
}

/// A bench that was built.
#[derive(Clone, Debug)]
pub struct BenchBinary {
    /// The executable.
    pub path: PathBuf,
    /// The folder of its package, where cargo would run it.
    pub package: PathBuf,
}

/// Builds what the selected implementations need.
///
/// # Errors
/// When a build fails, with the end of its output and the command.
pub fn build(
    project: &Project,
    home: Option<&PythonHome>,
    progress: &mut dyn Progress,
) -> Result<Artefacts, PrepareError> {
    let mut artefacts = Artefacts::default();
    for step in &project.build {
        own_step(project, home, step, &mut artefacts, progress)?;
    }
    let benches: Vec<&Bench> = benches(project);
    let binaries: Vec<&Binary> = binaries(project);
    if benches.is_empty() && binaries.is_empty() && (project.extensions.is_empty() || home.is_none()) {
        return Ok(artefacts);
    }
    if let Some(home) = home {
        for extension in &project.extensions {
            progress.step(&format!("building the extension {} in release", extension.module));
            let place = Place::of(project, &extension.package)?;
            let folder = build_extension(&place, home, extension, &mut artefacts)?;
            artefacts.module_folders.push(folder);
        }
    }
    for bench in benches {
        let key = (bench.package.clone(), bench.bench.clone());
        if !artefacts.benches.contains_key(&key) {
            progress.step(&format!("building the bench {} of {} in release", bench.bench, bench.package));
            let place = Place::of(project, &bench.package)?;
            let binary = build_bench(&place, bench, &mut artefacts)?;
            artefacts.benches.insert(key, binary);
        }
    }
    for binary in binaries {
        progress.step(&format!("building the program {} of {} in release", binary.name, binary.package));
        let place = Place::of(project, &binary.package)?;
        let program = build_binary(&place, binary, &mut artefacts)?;
        artefacts.binaries.insert(binary.name.clone(), program);
    }
    Ok(artefacts)
}

/// Whether cargo builds anything of the project.
pub(super) fn needs_cargo(project: &Project) -> bool {
    !benches(project).is_empty() || !binaries(project).is_empty() || !project.extensions.is_empty()
}

fn benches(project: &Project) -> Vec<&Bench> {
    let implementations = project.workloads.iter().flat_map(|workload| &workload.implementations);
    implementations
        .filter_map(|implementation| match &implementation.target {
            Target::Criterion(bench) => Some(bench),
            Target::Python(_) | Target::Command(_) => None,
        })
        .collect()
}

/// The programs that the selected commands name.
fn binaries(project: &Project) -> Vec<&Binary> {
    let implementations = project.workloads.iter().flat_map(|workload| &workload.implementations);
    let named: HashSet<&str> = implementations
        .filter_map(|implementation| match &implementation.target {
            Target::Command(argv) => Some(argv.binaries()),
            Target::Python(_) | Target::Criterion(_) => None,
        })
        .flatten()
        .collect();
    project.binaries.iter().filter(|binary| named.contains(binary.name.as_str())).collect()
}

fn own_step(
    project: &Project,
    home: Option<&PythonHome>,
    step: &[String],
    artefacts: &mut Artefacts,
    progress: &mut dyn Progress,
) -> Result<(), PrepareError> {
    let [program, arguments @ ..] = step else { return Ok(()) };
    progress.step(&format!("building: {}", step.join(" ")));
    let mut launch = Launch::new(program, &project.root).args(arguments);
    launch.env = home.map(PythonHome::build_variables).unwrap_or_default();
    launch.env.extend(apart::step_variables(project)?);
    let started = Instant::now();
    succeed("a build step", &launch)?;
    artefacts.builds.push(Build { what: step.join(" "), seconds: started.elapsed().as_secs_f64(), ..Build::default() });
    Ok(())
}

/// The folders `<cargo target>/rustworthy` that the project's builds go to.
pub(super) fn target_folders(project: &Project) -> Result<BTreeSet<PathBuf>, PrepareError> {
    let extensions = project.extensions.iter().map(|extension| &extension.package);
    let benches = benches(project).into_iter().map(|bench| &bench.package);
    let packages = extensions.chain(benches).chain(binaries(project).into_iter().map(|binary| &binary.package));
    packages.map(|package| Ok(Place::of(project, package)?.target)).collect()
}

/// Where a package is built, and where to.
struct Place {
    /// The folder that cargo is started in.
    folder: PathBuf,
    /// `<cargo target>/rustworthy`: builds of the tool never disturb the project's own, nor each other.
    target: PathBuf,
    /// Where this is one side of a comparison.
    apart: Option<Apart>,
}

impl Place {
    fn of(project: &Project, package: &str) -> Result<Place, PrepareError> {
        let folder = folder_of(&project.cargo, package).map_err(PrepareError::Start)?;
        if let Some(apart) = &project.apart {
            return Ok(Place { target: apart.target.clone(), apart: Some(apart.clone()), folder });
        }
        let metadata = metadata(&folder)?;
        match metadata["target_directory"].as_str() {
            Some(target) => {
                let target = Path::new(target).join("rustworthy");
                Ok(Place { folder, target, apart: None })
            }
            None => Err(PrepareError::Start("cargo metadata names no target folder".to_owned())),
        }
    }

    /// A command of cargo's that builds into a part of the target folder.
    fn cargo(&self, command: &[&str], part: &str) -> Launch {
        let target = self.target.join(part);
        let mut launch = cargo(&self.folder).args(command);
        if let Some(apart) = &self.apart {
            launch = launch.args(apart::options(apart, &self.folder));
            launch.env = apart::variables(apart, &target);
        }
        launch.args(["--target-dir".as_ref(), target.as_os_str()]).args(["--message-format=json-render-diagnostics"])
    }
}

/// What cargo says of the workspace that it finds from a folder.
pub(super) fn metadata(folder: &Path) -> Result<Json, PrepareError> {
    let launch = cargo(folder).args(["metadata", "--format-version", "1", "--no-deps"]);
    let finished = succeed("reading the cargo workspace", &launch)?;
    Ok(serde_json::from_slice(&finished.stdout).unwrap_or_default())
}

/// Builds the extension for the interpreter found and lays it where only our workers see it.
fn build_extension(
    place: &Place,
    home: &PythonHome,
    extension: &ExtensionBuild,
    artefacts: &mut Artefacts,
) -> Result<PathBuf, PrepareError> {
    let executable = &home.base.executable;
    let tag = &digest([executable.as_os_str().as_encoded_bytes(), home.base.version.as_bytes()])[..12];
    let launch = place
        .cargo(&["build", "--release", "--lib", "--package", &extension.package], &format!("extension-{tag}"))
        .args(["--features", &extension.features.join(",")])
        .env("PYO3_PYTHON", executable)
        .env("PYO3_BUILD_EXTENSION_MODULE", "1");
    let what = format!("building the extension {}", extension.module);
    let Built { artefact: library, build, .. } = built(&what, &launch, |message| {
        let files = message["filenames"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let mut libraries = files.filter(|file| file.ends_with(".so") || file.ends_with(".dylib"));
        is_of(message, &extension.package, "cdylib").then(|| libraries.next().map(PathBuf::from))?
    })?;
    artefacts.builds.push(build);
    let folder = place.target.join(format!("modules-{tag}"));
    let mut parts: Vec<&str> = extension.module.split('.').collect();
    let name = parts.pop().unwrap_or(&extension.module);
    let file = parts.iter().fold(folder.clone(), |path, part| path.join(part));
    let module = file.join(format!("{name}{}", home.base.extension_suffix));
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(&file)?;
        // A module that a worker has open is never written into: the new one takes its place.
        let fresh = tempfile::NamedTempFile::new_in(&file)?;
        fs::copy(&library, fresh.path())?;
        fresh.persist(&module).map_err(|error| error.error)?;
        Ok(())
    };
    copy().map_err(|source| PrepareError::Cache { path: module, source })?;
    Ok(folder)
}

fn build_bench(place: &Place, bench: &Bench, artefacts: &mut Artefacts) -> Result<BenchBinary, PrepareError> {
    let launch = place.cargo(&["bench", "--no-run", "--package", &bench.package, "--bench", &bench.bench], "native");
    let what = format!("building the bench {}", bench.bench);
    let Built { artefact: path, manifest, build } = built(&what, &launch, |message| {
        let is_bench = message["target"]["name"] == bench.bench.as_str() && is_of(message, &bench.package, "bench");
        is_bench.then(|| message["executable"].as_str().map(PathBuf::from))?
    })?;
    artefacts.builds.push(build);
    let package = manifest.parent().map_or_else(|| place.folder.clone(), Path::to_owned);
    Ok(BenchBinary { path, package })
}

fn build_binary(place: &Place, binary: &Binary, artefacts: &mut Artefacts) -> Result<PathBuf, PrepareError> {
    let launch = place
        .cargo(&["build", "--release", "--package", &binary.package, "--bin", &binary.name], "native")
        .args(["--features", &binary.features.join(",")]);
    let what = format!("building the program {}", binary.name);
    let Built { artefact, build, .. } = built(&what, &launch, |message| {
        let is_it = message["target"]["name"] == binary.name.as_str() && is_of(message, &binary.package, "bin");
        is_it.then(|| message["executable"].as_str().map(PathBuf::from))?
    })?;
    artefacts.builds.push(build);
    Ok(artefact)
}

/// Whether a cargo message speaks of a target of this kind in this package.
fn is_of(message: &Json, package: &str, kind: &str) -> bool {
    let id = message["package_id"].as_str().unwrap_or_default();
    // `path+file:///…/benches#rustworthy-suite@0.1.0`, or `…/name#0.1.0` where the folder has the package's name.
    let fragment = id.rsplit(['#']).next().unwrap_or_default();
    let name = fragment.split('@').next().unwrap_or_default();
    let folder = id.split('#').next().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
    let is_package = if fragment.contains('@') { name == package } else { folder == package };
    let kinds = message["target"]["kind"].as_array().into_iter().flatten();
    let crates = message["target"]["crate_types"].as_array().into_iter().flatten();
    is_package && kinds.chain(crates).any(|word| word == kind)
}

/// An artefact of cargo's.
struct Built {
    artefact: PathBuf,
    /// `Cargo.toml` of its package.
    manifest: PathBuf,
    build: Build,
}

/// Runs cargo and picks the artefact out of its messages.
fn built(what: &str, launch: &Launch, pick: impl Fn(&Json) -> Option<PathBuf>) -> Result<Built, PrepareError> {
    let started = Instant::now();
    let finished = succeed(what, launch)?;
    let seconds = started.elapsed().as_secs_f64();
    let messages = finished.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let found = messages
        .filter(|message: &Json| message["reason"] == "compiler-artifact")
        .find_map(|message| Some((pick(&message)?, message)));
    let Some((artefact, message)) = found else {
        return Err(failure(what, launch, "cargo built nothing of that name".to_owned(), String::new()));
    };
    let content = fs::read(&artefact).unwrap_or_default();
    let build = Build {
        what: what.trim_start_matches("building ").to_owned(),
        seconds,
        artefact_bytes: content.len() as u64,
        sha256: Some(digest([content.as_slice()])),
        opt_level: message["profile"]["opt_level"].as_str().map(str::to_owned),
        allocator: allocator(&content),
    };
    let manifest = message["manifest_path"].as_str().unwrap_or_default().into();
    Ok(Built { artefact, manifest, build })
}

/// The memory allocator that was linked into an artefact, by the names it leaves in it.
fn allocator(artefact: &[u8]) -> Option<String> {
    let marks: [(&str, &[u8]); 3] =
        [("mimalloc", b"\0mi_malloc\0"), ("jemalloc", b"<jemalloc>: "), ("snmalloc", b"\0sn_malloc\0")];
    let holds = |mark: &[u8]| artefact.windows(mark.len()).any(|window| window == mark);
    marks.iter().find(|(_, mark)| holds(mark)).map(|(name, _)| (*name).to_owned())
}

fn cargo(folder: &Path) -> Launch {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Launch::new(program, folder)
}

fn succeed(what: &str, launch: &Launch) -> Result<Finished, PrepareError> {
    let finished = run(launch).map_err(|error| match PrepareError::from(error) {
        PrepareError::Start(reason) => failure(what, launch, reason, String::new()),
        other => other,
    })?;
    if finished.succeeded() {
        return Ok(finished);
    }
    Err(failure(what, launch, finished.end.to_string(), finished.tail(30)))
}

fn failure(what: &str, launch: &Launch, reason: String, output: String) -> PrepareError {
    PrepareError::Build { what: what.to_owned(), reason, output, command: command_line(launch) }
}
