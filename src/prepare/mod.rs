//! Everything between the manifest and the first launch: interpreter, environment, builds, inputs, the machine.

mod apart;
mod artefact;
mod build;
mod cache;
mod concern;
mod draw;
mod environment;
mod input;
mod interpreter;
mod kept;
mod lines;
mod machine;
mod package;
mod sides;
mod toolchain;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;

pub use artefact::{doubtful as doubtful_artefacts, undeclared};
pub use build::{Artefacts, BenchBinary, build};
pub use cache::Cache;
pub use concern::{Concern, concerns};
pub use draw::{CasePlan, Drawer, NoCase, Typed, TypesJob, plan_cases};
pub use environment::{missing_modules, ready as ready_environment};
pub use input::{MadeInput, make as make_input};
pub use interpreter::{Interpreter, find as find_interpreter, find_at as find_interpreter_at};
pub use kept::{Keeping, Kept, builds as kept_builds, in_cache as kept_in_cache};
pub use lines::lines_of_code;
pub use machine::{describe as describe_machine, git, throttled};
pub use package::{CargoPackage, cargo_packages, inner_folders};
pub use sides::{Side, SideError, SideFault, SideName, Sides, sides};

use crate::launch::{Launch, LaunchError};

/// Why nothing can be measured.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// No interpreter that would do.
    #[error(
        "no Python to measure with\n{tried}\n  install Python 3.8 or newer, or name one: `python = \"…\"` in [project]"
    )]
    NoInterpreter {
        /// What was tried, a line each.
        tried: String,
    },
    /// A build failed.
    #[error("{what} failed: {reason}\n{output}\n  the command was: {command}")]
    Build {
        /// What was built.
        what: String,
        /// How it ended.
        reason: String,
        /// The end of its output.
        output: String,
        /// The command, to be tried by hand.
        command: String,
    },
    /// The tool's own cache cannot be used.
    #[error("cannot use the cache {}: {source}\n  set XDG_CACHE_HOME to a folder that can be written", path.display())]
    Cache {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A person or the system asked to end.
    #[error("interrupted")]
    Interrupted,
    /// A program of the tool chain is missing.
    #[error("{0}")]
    Start(String),
}

impl From<LaunchError> for PrepareError {
    fn from(error: LaunchError) -> PrepareError {
        match error {
            LaunchError::Interrupted => PrepareError::Interrupted,
            LaunchError::Spawn { .. } => PrepareError::Start(error.to_string()),
        }
    }
}

/// Where Python code of the project runs: an interpreter, and the variables that make its programs found.
#[derive(Clone, Debug)]
pub struct PythonHome {
    /// The interpreter that launches use.
    pub interpreter: Interpreter,
    /// The interpreter that extensions are built for: the same without the managed environment, so that builds stay
    /// cached when the environment changes.
    pub base: Interpreter,
    /// Installed packages of the managed environment, `name==version`.
    pub packages: Vec<String>,
}

impl PythonHome {
    /// Variables for programs that are to find this Python first: `PATH` and `VIRTUAL_ENV`.
    pub fn variables(&self) -> BTreeMap<String, Option<OsString>> {
        let mut variables = BTreeMap::new();
        // Tools that are installed beside the project's own interpreter, such as maturin, are found after the
        // managed environment's.
        let mut bins: Vec<PathBuf> = [&self.interpreter, &self.base]
            .iter()
            .filter_map(|python| python.executable.parent())
            .map(PathBuf::from)
            .collect();
        bins.dedup();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let joined = std::env::join_paths(bins.into_iter().chain(std::env::split_paths(&path)));
        variables.insert("PATH".to_owned(), joined.ok());
        if self.interpreter.is_virtual {
            variables.insert("VIRTUAL_ENV".to_owned(), Some(self.interpreter.prefix.clone().into()));
        }
        variables
    }

    /// Variables for the project's own build steps: what they install lands in the managed environment, and nowhere else.
    fn build_variables(&self) -> BTreeMap<String, Option<OsString>> {
        let mut variables = self.variables();
        variables.extend(environment::into_the_environment());
        if self.interpreter.prefix == self.base.prefix {
            // No environment could be made: then nothing is to be installed at all.
            variables.insert("VIRTUAL_ENV".to_owned(), None);
            variables.insert("PIP_REQUIRE_VIRTUALENV".to_owned(), Some("1".into()));
        }
        variables
    }
}

/// A command line as a person would type it, for messages only.
fn command_line(launch: &Launch) -> String {
    let parts = std::iter::once(launch.program.as_os_str()).chain(launch.arguments.iter().map(OsString::as_os_str));
    parts.map(|part| part.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
