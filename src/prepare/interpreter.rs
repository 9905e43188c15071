//! The interpreter that a project's Python runs in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::PrepareError;
use crate::launch::{Launch, LaunchError, run};
use crate::manifest::Project;

/// The oldest version that the timing script runs on.
const OLDEST: [u32; 2] = [3, 8];

/// Asks an interpreter about itself; one JSON line on standard output.
const PROBE: &str = r#"
import sys
if sys.path[:1] == [""]:
    del sys.path[0]  # modules of the project must not stand in for those of the standard library
import json, os, platform, sysconfig
config = sysconfig.get_config_vars()
args = config.get("CONFIG_ARGS") or ""
site = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
print(json.dumps({
    "executable": sys.executable,
    "version": platform.python_version(),
    "version_info": list(sys.version_info[:3]),
    "implementation": platform.python_implementation(),
    "prefix": sys.prefix,
    "is_virtual": sys.prefix != sys.base_prefix,
    "extension_suffix": config.get("EXT_SUFFIX") or ".so",
    "site_packages": sorted(set(site)),
    "build": ", ".join(word for word, there in [
        ("optimised with a profile", "--enable-optimizations" in args),
        ("link-time optimised", "--with-lto" in args),
        ("shared library", "--enable-shared" in args),
        ("debug build", hasattr(sys, "gettotalrefcount")),
        ("free-threaded", bool(config.get("Py_GIL_DISABLED"))),
    ] if there) or "plain",
}))
"#;

/// An interpreter, as it describes itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Interpreter {
    /// Its path.
    pub executable: PathBuf,
    /// Such as `3.11.7`.
    pub version: String,
    /// The same as numbers.
    pub version_info: [u32; 3],
    /// Such as `CPython`.
    pub implementation: String,
    /// `sys.prefix`.
    pub prefix: PathBuf,
    /// Whether it is that of a virtual environment.
    pub is_virtual: bool,
    /// How the file name of an extension module ends.
    pub extension_suffix: String,
    /// Where its packages are installed.
    pub site_packages: Vec<PathBuf>,
    /// How it was built, in words.
    pub build: String,
}

impl Interpreter {
    /// Asks the interpreter at `path`. The error is a sentence about it. `cwd` matters where `path` is a version
    /// manager's script, which looks there for the version that the project wants.
    pub(super) fn probe(path: &Path, cwd: &Path) -> Result<Interpreter, ProbeError> {
        let launch = Launch::new(path, cwd).args(["-c", PROBE]).timeout(Duration::from_secs(30));
        let finished = run(&launch).map_err(|error| match error {
            LaunchError::Interrupted => ProbeError::Interrupted,
            LaunchError::Spawn { source, .. } => ProbeError::Unfit(source.to_string()),
        })?;
        if !finished.succeeded() {
            return Err(ProbeError::Unfit(format!("{}: {}", finished.end, finished.tail(1))));
        }
        // What a site's start-up code prints comes first.
        let answer = finished.stdout.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let interpreter: Interpreter = serde_json::from_slice(answer)
            .map_err(|_| ProbeError::Unfit("it does not answer as a Python does".to_owned()))?;
        if interpreter.version_info[..2] < OLDEST[..] {
            return Err(ProbeError::Unfit(format!("Python {} is older than 3.8", interpreter.version)));
        }
        Ok(interpreter)
    }
}

/// Why an interpreter will not do.
pub(super) enum ProbeError {
    /// It is missing, broken or too old.
    Unfit(String),
    /// The tool was interrupted.
    Interrupted,
}

/// Finds the project's interpreter: the manifest's, else `$VIRTUAL_ENV`, `.venv`, `python3` and `python` on `PATH`.
///
/// One that was named, by the manifest or an environment variable, is not passed over in silence.
///
/// # Errors
/// When none will do, with what was tried.
pub fn find(project: &Project) -> Result<Interpreter, PrepareError> {
    find_at(&project.root, project.python.as_deref())
}

/// The same for a folder without a manifest, or one that names `python`.
///
/// # Errors
/// When none will do, with what was tried.
pub fn find_at(root: &Path, python: Option<&Path>) -> Result<Interpreter, PrepareError> {
    let mut tried = Vec::new();
    for (origin, path, is_named) in places(root, python) {
        match Interpreter::probe(&path, root) {
            Ok(interpreter) => return Ok(interpreter),
            Err(ProbeError::Interrupted) => return Err(PrepareError::Interrupted),
            Err(ProbeError::Unfit(reason)) => {
                tried.push(format!("  {origin}: {}: {reason}", path.display()));
                if is_named {
                    break;
                }
            }
        }
    }
    if tried.is_empty() {
        tried.push("  neither `python3` nor `python` is on PATH".to_owned());
    }
    Err(PrepareError::NoInterpreter { tried: tried.join("\n") })
}

fn places(root: &Path, python: Option<&Path>) -> Vec<(&'static str, PathBuf, bool)> {
    let mut places = Vec::new();
    places.extend(python.map(|path| ("the manifest's `python`", path.to_owned(), true)));
    let variable = std::env::var_os("VIRTUAL_ENV").filter(|value| !value.is_empty());
    places.extend(variable.map(|folder| ("$VIRTUAL_ENV", PathBuf::from(folder).join("bin/python"), true)));
    let local = root.join(".venv/bin/python");
    places.extend(local.exists().then_some((".venv", local, true)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    for name in ["python3", "python"] {
        let found = std::env::split_paths(&path).map(|folder| folder.join(name)).filter(|file| file.is_file());
        places.extend(found.map(|file| ("PATH", file, false)));
    }
    places
}
