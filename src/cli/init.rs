//! `init`: a project's first manifest.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, ExitStatus};
use super::{Shared, absolute, print};
use crate::manifest::FILE_NAME;
use crate::prepare::{Cache, PythonHome, find_interpreter_at, missing_modules};
use crate::progress::Progress;
use crate::report::visible;
use crate::scaffold::{Asks, First, Signature, first, read_signature};

/// Look at a project and write its first rustworthy.toml.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The project's folder.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) fn run(args: InitArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let folder = args.folder.as_ref().or(shared.project.as_ref()).cloned().unwrap_or_else(|| PathBuf::from("."));
    if !folder.is_dir() {
        let what = if folder.exists() { "is no folder" } else { "there is no such folder" };
        return Err(CliError::Usage(format!(
            "{}: {what}\n  make it first, or name the project's own",
            folder.display()
        )));
    }
    let root = absolute(&folder)?;
    let mut console = shared.console();
    console.phase("looking at the project");
    let mut python = Python { root: &root, home: None };
    let first = first(&root, &mut python)?;
    drop(console);
    first.changes.write(args.force, || Ok(()))?;
    print(&text(&root, &folder, &first))?;
    Ok(ExitStatus::Success)
}

/// The project's Python, found when it is first asked.
struct Python<'a> {
    root: &'a Path,
    home: Option<Result<(PythonHome, Cache), String>>,
}

impl Python<'_> {
    fn home(&mut self) -> Result<&(PythonHome, Cache), String> {
        let root = self.root;
        let found = self.home.get_or_insert_with(|| {
            let interpreter = find_interpreter_at(root, None).map_err(|error| error.to_string())?;
            let cache = Cache::open().map_err(|error| error.to_string())?;
            Ok((PythonHome { base: interpreter.clone(), interpreter, packages: Vec::new() }, cache))
        });
        found.as_ref().map_err(Clone::clone)
    }
}

impl Asks for Python<'_> {
    fn signature(&mut self, sys_path: &[PathBuf], target: &str, unbuilt: &[String]) -> Result<Signature, String> {
        let root = self.root;
        let (home, cache) = self.home()?;
        read_signature(home, cache, root, sys_path, target, unbuilt).map_err(|error| error.to_string())
    }

    fn is_installed(&mut self, module: &str) -> bool {
        let root = self.root;
        let Ok((home, _)) = self.home() else { return false };
        missing_modules(home, &[module.to_owned()], &[], root).is_ok_and(|missing| missing.is_empty())
    }

    fn has_program(&mut self, name: &str) -> bool {
        let beside = self.home().ok().and_then(|(home, _)| Some(home.interpreter.executable.parent()?.to_owned()));
        let path = std::env::var_os("PATH").unwrap_or_default();
        beside.into_iter().chain(std::env::split_paths(&path)).any(|folder| folder.join(name).is_file())
    }
}

fn text(root: &Path, folder: &Path, first: &First) -> String {
    let mut text = String::new();
    for (index, line) in first.found.iter().enumerate() {
        text += &format!("{}{}\n", if index == 0 { "found  " } else { "       " }, visible(line));
    }
    for change in first.changes.iter() {
        text += &format!(
            "wrote  {}\n",
            visible(&change.path.strip_prefix(root).unwrap_or(&change.path).display().to_string())
        );
    }
    for line in &first.said {
        text += &format!("  {}\n", visible(line));
    }
    let place = if folder == Path::new(".") {
        String::new()
    } else {
        format!("cd {}\n  ", visible(&folder.display().to_string()))
    };
    text += &format!("\nnext:\n  {place}rustworthy list     what {FILE_NAME} compares\n");
    text += "  rustworthy check    do they agree?\n";
    let from = first.suggestion.clone().unwrap_or_else(|| "MODULE:FUNCTION".to_owned());
    let name = from.rsplit([':', '.']).next().filter(|name| *name != "FUNCTION").unwrap_or("NAME").to_owned();
    text + &format!("  rustworthy new {} --from {}    a port of a function of yours\n", visible(&name), visible(&from))
}
