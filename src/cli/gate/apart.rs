//! Whether base and head are apart: one project file that both load makes their comparison worthless.

use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::evidence::{Implementation, Kind, Run};
use crate::manifest::Project;

/// Refuses sides that share a file of the project.
///
/// # Errors
/// With the file, and how to part them.
pub(super) fn refuse_shared(head: &Run, base: &Run, project: &Project) -> Result<(), CliError> {
    for (workload, size, entry) in head.cells().filter(|(_, _, entry)| entry.kind != Kind::Library) {
        let other = base
            .cells()
            .find(|(other, at, there)| other.name == workload.name && at.size == size.size && there.name == entry.name);
        let Some((_, _, other)) = other else { continue };
        let shared = head.modules_of(entry).find(|module| {
            base.modules_of(other).any(|there| there.path == module.path)
                && is_ours(&module.name, &module.path, project)
        });
        if let Some(module) = shared {
            return Err(CliError::CannotMeasure(format!(
                "base and head are not apart: both load `{}` from {}, so one would be measured against itself (in {}/{})\n  \
                 it is installed in the interpreter that both use: have each side make its own, by `python-path` in [project] \
                 for plain Python, by `build` or `extensions` for what is compiled",
                module.name,
                module.path.display(),
                workload.name,
                entry.name,
            )));
        }
    }
    Ok(())
}

/// Whether a module is the project's, wherever it was found.
fn is_ours(name: &str, path: &Path, project: &Project) -> bool {
    let is_installed =
        path.components().any(|part| part.as_os_str() == "site-packages" || part.as_os_str() == "dist-packages");
    if !is_installed {
        return true;
    }
    let package = name.split('.').next().unwrap_or(name);
    let usual = ["", "src", "python", "lib"].map(|folder| project.root.join(folder));
    let is_there = |folder: &PathBuf| folder.join(package).is_dir() || folder.join(format!("{package}.py")).is_file();
    usual.iter().chain(&project.python_path).any(is_there)
        || project.extensions.iter().any(|extension| extension.module.split('.').next() == Some(package))
}

/// What an implementation loaded on one of the sides.
#[derive(Clone, Copy)]
pub(super) struct Loaded<'r> {
    /// What the side was found to be.
    pub run: &'r Run,
    /// The implementation there.
    pub entry: &'r Implementation,
    /// The side's folder.
    pub root: &'r Path,
}

/// Whether the change leaves what a Python baseline loaded as it was.
pub(super) fn is_untouched(before: Loaded, after: Loaded) -> bool {
    let files = |Loaded { run, entry, root }: Loaded| {
        let mut files: Vec<(PathBuf, Option<String>)> = run
            .modules_of(entry)
            .map(|module| (module.path.strip_prefix(root).unwrap_or(&module.path).to_owned(), module.sha256.clone()))
            .collect();
        files.sort();
        files
    };
    let (before, after) = (files(before), files(after));
    !after.is_empty() && before == after
}
