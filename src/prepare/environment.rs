//! The managed environment: the project's requirements, installed over its interpreter and never into it.
//!
//! A virtual environment in the cache, named by what it is made of. It sees the packages of the interpreter that it
//! lies over, so that the project's own dependencies are there. The project's build steps run in it, too: a project that
//! has any gets an environment of its own, which it shares with no other. A requirement that cannot be installed is a warning:
//! whatever needs it is skipped, the rest goes on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::apart;
use super::cache::{Cache, digest, write_whole};
use super::interpreter::{Interpreter, ProbeError};
use super::{PrepareError, PythonHome, command_line};
use crate::evidence::Warning;
use crate::launch::{Finished, Launch, run};
use crate::manifest::Project;
use crate::progress::Progress;

const STATE_FILE: &str = "rustworthy.json";
const INSTALL_TIMEOUT: Duration = Duration::from_secs(900);

/// What became of each requirement.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    failed: Vec<(String, String)>,
}

/// The Python that launches use: the interpreter itself, or the managed environment over it.
///
/// # Errors
/// When the cache cannot be written, or the tool is interrupted. What cannot be installed is a warning.
pub fn ready(
    project: &Project,
    base: Interpreter,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<(PythonHome, Vec<Warning>), PrepareError> {
    let bare = |base: &Interpreter| PythonHome { interpreter: base.clone(), base: base.clone(), packages: Vec::new() };
    let is_wanted = project.apart.as_ref().is_some_and(|apart| apart.is_managed);
    if project.requirements.is_none() && project.build.is_empty() && !is_wanted {
        return Ok((bare(&base), Vec::new()));
    }
    let read = |path: &PathBuf| fs::read(path).map_err(|source| PrepareError::Cache { path: path.clone(), source });
    let text = project.requirements.as_ref().map(read).transpose()?.unwrap_or_default();
    let owner = if project.build.is_empty() { &[][..] } else { project.root.as_os_str().as_encoded_bytes() };
    let key = digest([
        base.executable.as_os_str().as_encoded_bytes(),
        base.version.as_bytes(),
        base.prefix.as_os_str().as_encoded_bytes(),
        &text,
        owner,
        // What is installed from files changes with them, though the requirements still read the same.
        project.apart.as_ref().filter(|_| name_files(&text)).map_or(&[], |apart| apart.content.as_bytes()),
    ]);
    let parent = match &project.apart {
        Some(apart) => apart::environments(apart, &key[..24])?,
        None => cache.folder("environments")?,
    };
    let folder = parent.join(&key[..24]);
    if !folder.join("bin/python").exists() {
        progress.step("making the managed environment");
        if let Err(warning) = create(&base, &folder)? {
            return Ok((bare(&base), vec![warning]));
        }
    }
    let state = match &project.requirements {
        Some(requirements) => install(&folder, requirements, progress)?,
        None => State::default(),
    };
    match Interpreter::probe(&folder.join("bin/python"), &folder) {
        Ok(interpreter) => {
            let packages = packages(&folder)?;
            Ok((PythonHome { interpreter, base, packages }, warnings(&state)))
        }
        Err(ProbeError::Interrupted) => Err(PrepareError::Interrupted),
        Err(ProbeError::Unfit(reason)) => {
            let text = format!("The managed environment is broken: {reason}.");
            let advice = format!("Delete {} and run again.", folder.display());
            Ok((bare(&base), vec![warning(text, advice)]))
        }
    }
}

/// Makes the environment beside its place and moves it there, so that a half-made one is never used.
fn create(base: &Interpreter, folder: &Path) -> Result<Result<(), Warning>, PrepareError> {
    let parent = folder.parent().unwrap_or(folder);
    let failed = |source| PrepareError::Cache { path: parent.to_owned(), source };
    let fresh = tempfile::tempdir_in(parent).map_err(failed)?;
    let made = fresh.path().join("made");
    let launch = Launch::new(&base.executable, parent)
        .args(["-m", "venv", "--system-site-packages"])
        .args([made.as_os_str()])
        .timeout(INSTALL_TIMEOUT);
    let finished = run(&launch)?;
    if !finished.succeeded() {
        let reason = if finished.tail(20).contains("ensurepip") { "it has no `ensurepip`" } else { "`venv` failed" };
        let text =
            format!("No managed environment over {}: {reason} ({}).", base.executable.display(), one_line(&finished));
        let advice = "Install the interpreter's venv and pip (on Debian: python3-venv), or name another `python`.";
        return Ok(Err(warning(text, advice.to_owned())));
    }
    if base.is_virtual {
        // An environment made from an environment lies over the bare interpreter; a .pth file puts it over both.
        let lines: Vec<String> = base.site_packages.iter().map(|path| path.display().to_string()).collect();
        let [major, minor, _] = base.version_info;
        let path = made.join(format!("lib/python{major}.{minor}/site-packages/rustworthy-over.pth"));
        write_whole(&path, (lines.join("\n") + "\n").as_bytes()).map_err(failed)?;
    }
    match fs::rename(&made, folder) {
        // Another run was faster.
        Err(_) if folder.join("bin/python").exists() => Ok(Ok(())),
        Err(source) => Err(failed(source)),
        Ok(()) => Ok(Ok(())),
    }
}

/// Installs what is not installed yet: all at once, and where that fails one by one.
fn install(folder: &Path, requirements: &Path, progress: &mut dyn Progress) -> Result<State, PrepareError> {
    let state_file = folder.join(STATE_FILE);
    let known: Option<State> = fs::read(&state_file).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let state = match known {
        Some(state) if state.failed.is_empty() => return Ok(state),
        Some(state) => {
            progress.step("trying again what could not be installed");
            let again: Vec<String> = state.failed.into_iter().map(|(requirement, _)| requirement).collect();
            one_by_one(folder, requirements, &again)?
        }
        None => {
            progress.step(&format!("installing {}", requirements.file_name().unwrap_or_default().to_string_lossy()));
            let finished = run(&pip(folder, requirements).args(["-r".as_ref(), requirements.as_os_str()]))?;
            match (finished.succeeded(), lines(requirements)) {
                (true, _) => State::default(),
                (false, Some(lines)) if lines.len() > 1 => one_by_one(folder, requirements, &lines)?,
                (false, lines) => {
                    let what = lines.unwrap_or_else(|| vec![requirements.display().to_string()]);
                    State { failed: what.into_iter().map(|line| (line, one_line(&finished))).collect() }
                }
            }
        }
    };
    let text = serde_json::to_vec(&state).unwrap_or_default();
    write_whole(&state_file, &text).map_err(|source| PrepareError::Cache { path: state_file, source })?;
    Ok(state)
}

fn one_by_one(folder: &Path, requirements: &Path, lines: &[String]) -> Result<State, PrepareError> {
    let mut state = State::default();
    for line in lines {
        let finished = run(&pip(folder, requirements).args(["--", line]))?;
        if !finished.succeeded() {
            state.failed.push((line.clone(), one_line(&finished)));
        }
    }
    Ok(state)
}

/// Settings of a person's own that would send packages elsewhere than into the environment, taken back.
pub(super) fn into_the_environment() -> BTreeMap<String, Option<OsString>> {
    let elsewhere = ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"].map(|name| (name.to_owned(), None));
    // Unlike a missing variable, this one outweighs a configuration file.
    [("PIP_USER".to_owned(), Some("0".into()))].into_iter().chain(elsewhere).collect()
}

fn pip(folder: &Path, requirements: &Path) -> Launch {
    let cwd = requirements.parent().unwrap_or(folder);
    // Where there is no network, the answer is wanted soon.
    let patience = ["--retries", "1", "--timeout", "20"];
    let mut launch = Launch::new(folder.join("bin/python"), cwd);
    launch.env = into_the_environment();
    launch
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        .args(patience)
        .timeout(INSTALL_TIMEOUT)
}

/// The requirements as separate lines. `None` when options or continuations make them inseparable.
fn lines(requirements: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(requirements).ok()?;
    let stripped = text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    let lines: Vec<String> =
        stripped.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    lines.iter().all(|line| !line.starts_with('-') && !line.ends_with('\\')).then_some(lines)
}

/// Whether requirements speak of files beside them: a package's folder, a wheel, further requirements.
fn name_files(requirements: &[u8]) -> bool {
    const OPTIONS: [&str; 4] = ["--requirement", "--constraint", "--editable", "--find-links"];
    let text = String::from_utf8_lossy(requirements);
    let mut lines = text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    lines.any(|line| {
        let is_option = line.starts_with("--");
        let names_one = OPTIONS.iter().any(|option| line.starts_with(option)) || line.contains("file:");
        let is_path = line.starts_with(['-', '.', '/']) || line.contains('/') && !line.contains("://");
        let is_archive = [".whl", ".zip", ".gz"].iter().any(|end| line.ends_with(end)) && !line.contains("://");
        !line.starts_with('#') && (names_one || !is_option && (is_path || is_archive))
    })
}

fn packages(folder: &Path) -> Result<Vec<String>, PrepareError> {
    let launch = Launch::new(folder.join("bin/python"), folder)
        .args(["-m", "pip", "freeze", "--local", "--disable-pip-version-check"])
        .timeout(Duration::from_secs(60));
    let finished = run(&launch)?;
    let text = String::from_utf8_lossy(&finished.stdout).into_owned();
    Ok(text.lines().map(str::to_owned).collect())
}

fn warnings(state: &State) -> Vec<Warning> {
    let each = state.failed.iter().map(|(requirement, reason)| {
        let text = format!("Could not install {requirement}: {reason}.");
        warning(text, "Check the network and the version, and run again: the rest is kept.".to_owned())
    });
    each.collect()
}

fn warning(text: String, advice: String) -> Warning {
    Warning { code: "environment".to_owned(), text, advice }
}

/// The line of an installer's output that says most.
fn one_line(finished: &Finished) -> String {
    let tail = finished.tail(20);
    let telling = tail.lines().rfind(|line| line.starts_with("ERROR:")).or_else(|| tail.lines().last());
    telling.map_or_else(|| finished.end.to_string(), |line| line.trim_start_matches("ERROR: ").to_owned())
}

/// Which of these import names the environment does not have. Nothing is imported: a package that is broken, or that
/// prints, is its candidate's affair.
///
/// # Errors
/// When the interpreter cannot be launched.
pub fn missing_modules(
    home: &PythonHome,
    names: &[String],
    sys_path: &[PathBuf],
    cwd: &Path,
) -> Result<Vec<String>, PrepareError> {
    const LOOK: &str = "
import sys
if sys.path[:1] == [\"\"]:
    del sys.path[0]
import json
from importlib.machinery import PathFinder
from importlib.util import find_spec
names, paths = json.loads(sys.argv[1])
sys.path[:0] = paths
def has(name):
    first, *rest = name.split(\".\")
    spec = find_spec(first) if first else None
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return False
        first += \".\" + part
        spec = PathFinder.find_spec(first, spec.submodule_search_locations)
    return spec is not None
print(json.dumps([name for name in names if not has(name)]))
";
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let question = serde_json::to_string(&(names, sys_path)).map_err(|error| PrepareError::Start(error.to_string()))?;
    let launch =
        Launch::new(&home.interpreter.executable, cwd).args(["-c", LOOK, &question]).timeout(Duration::from_secs(60));
    let finished = run(&launch)?;
    let answer = finished.stdout.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice(answer).map_err(|_| PrepareError::Build {
        what: "looking for the required modules".to_owned(),
        reason: finished.end.to_string(),
        output: finished.tail(10),
        command: command_line(&launch),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_that_name_files_are_told_from_those_that_name_packages() {
        for line in [
            "-e .",
            "./native",
            "../lib",
            "libs/acme",
            "acme.whl",
            "-r more.txt",
            "--constraint=c.txt",
            "a @ file:///a",
        ] {
            assert!(name_files(format!("numpy==2.0  # fast\n{line}\n").as_bytes()), "{line}");
        }
        let plain = "# ./not this\nnumpy >= 2 ; python_version > '3.8'\n--index-url https://example.org/simple\n\
                     acme @ git+https://example.org/acme.git\nrapidfuzz  # or ./this\n";
        assert!(!name_files(plain.as_bytes()));
    }
}
