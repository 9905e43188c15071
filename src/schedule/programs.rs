//! The user's own programs as launches: commands, `verify`, benches, with everything that the workload says of them.

use std::path::{Path, PathBuf};

use rustworthy_worker::protocol::{ImplementationJob, InputJob, InputSource, Job};

use super::cells::{Prepared, Unbound, failed, limited, python_launch};
use crate::launch::Launch;
use crate::manifest::{Argv, Workload};
use crate::prepare::PythonHome;
use crate::runner::{Setup, Words, told};

/// The working directory of a workload's launches.
pub(super) fn folder<'a>(prepared: &Prepared<'a>, workload: &'a Workload) -> &'a Path {
    workload.cwd.as_deref().unwrap_or(&prepared.project.root)
}

/// The words of a program, with what is filled in in them whatever the input is.
pub(super) fn words(prepared: &Prepared, argv: &Argv) -> Words {
    let python = prepared.home.map(|home| home.interpreter.executable.display().to_string()).unwrap_or_default();
    Words { argv: argv.clone(), python, binaries: prepared.artefacts.binaries.clone() }
}

/// A program with its placeholders filled in.
pub(super) fn program(
    prepared: &Prepared,
    workload: &Workload,
    words: &Words,
    size: u64,
    job: &Job,
) -> Result<Launch, Unbound> {
    let input = match &job.input.source {
        Some(InputSource::File { path, .. }) => path.display().to_string(),
        Some(InputSource::Callable { .. }) if words.argv.has("{input}") => {
            return Err(Unbound::Skipped("its input has no canonical form that a command could read".to_owned()));
        }
        None if words.argv.has("{input}") => {
            return Err(failed("input", "`{input}` is named, and the workload has no input"));
        }
        Some(InputSource::Callable { .. }) | None => String::new(),
    };
    let words = words.filled(size, prepared.seed, &input);
    let [program, arguments @ ..] = words.as_slice() else { return Err(failed("start", "the command is empty")) };
    let program = located(&prepared.project.root, program);
    let mut launch = Launch::new(program, folder(prepared, workload)).args(arguments);
    launch.env = prepared.home.map(PythonHome::variables).unwrap_or_default();
    if let Ok(paths) = std::env::join_paths(&job.sys_path) {
        launch = launch.env("PYTHONPATH", paths);
    }
    Ok(limited(launch, workload))
}

/// A program that is named by a path starts at the manifest's folder, wherever it runs; a bare name is looked for on
/// `PATH`.
fn located(root: &Path, program: &str) -> PathBuf {
    if program.contains('/') { root.join(program) } else { PathBuf::from(program) }
}

/// A launch that tells Rust its input by variables; its program is still to be named.
pub(super) fn for_rust(prepared: &Prepared, workload: &Workload, size: u64, job: &Job) -> Result<Launch, Unbound> {
    let launch = limited(Launch::new("", folder(prepared, workload)), workload)
        .env("RUSTWORTHY_PASS", if workload.input_as_path { "path" } else { "value" });
    told(launch, size, prepared.seed, job.input.source.as_ref())
        .ok_or_else(|| Unbound::Skipped("its input has no canonical form that Rust could read".to_owned()))
}

/// The workload's setup, for an implementation that is no Python worker.
pub(super) fn setup(prepared: &Prepared, workload: &Workload, job: &Job) -> Result<Option<Setup>, Unbound> {
    if workload.setup.is_none() {
        return Ok(None);
    }
    let launch =
        python_launch(prepared, workload).ok_or_else(|| failed("setup", "there is no Python to call it with"))?;
    let implementation = ImplementationJob { call: String::new(), result: None, ..job.implementation.clone() };
    let input = InputJob { source: None, ..job.input.clone() };
    Ok(Some(Setup { launch, job: Job { implementation, input, steps: Vec::new(), ..job.clone() } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_starts_at_the_manifest_and_a_name_at_path() {
        let at = |program| located(Path::new("/acme"), program).display().to_string();
        assert_eq!(at("target/release/acme"), "/acme/target/release/acme");
        assert_eq!(at("./acme"), "/acme/./acme");
        assert_eq!(at("/usr/bin/acme"), "/usr/bin/acme");
        assert_eq!(at("acme"), "acme");
    }
}
