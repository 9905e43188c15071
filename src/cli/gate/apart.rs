//! Whether base and head are apart: one project file that both load makes their comparison worthless.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::evidence::{Implementation, Kind, MAX_MODULES, Run};
use crate::manifest::Project;

/// How deep below the checkout's top packages are looked for.
const DEPTH: usize = 5;

/// Refuses sides that share a file of the project, which lies in `original` as the person has it.
///
/// # Errors
/// With the file, and how to part them.
pub(super) fn refuse_shared(head: &Run, base: &Run, project: &Project, original: &Path) -> Result<(), CliError> {
    for (workload, size, entry) in head.cells() {
        let other = base
            .cells()
            .find(|(other, at, there)| other.name == workload.name && at.size == size.size && there.name == entry.name);
        let Some((_, _, other)) = other else { continue };
        let shared = head.modules_of(entry).find(|module| {
            // A library may be installed anywhere: it is both sides' by right, unless it is the project's own.
            let may_be_ours = entry.kind != Kind::Library || module.path.starts_with(original);
            may_be_ours
                && base.modules_of(other).any(|there| there.path == module.path)
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
        || project.apart.as_ref().is_some_and(|apart| is_made_in(&apart.tree, package, DEPTH))
}

/// Whether a package of this name is made from files of that folder: a `Cargo.toml` or `pyproject.toml` says so.
fn is_made_in(folder: &Path, package: &str, depth: usize) -> bool {
    let declares = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        let table: toml::Table = text.parse().ok()?;
        let named = |path: &[&str]| {
            let (last, above) = path.split_last()?;
            let table = above.iter().try_fold(&table, |table, key| table.get(*key)?.as_table())?;
            table.get(*last)?.as_str().map(|name| name.split('.').next().unwrap_or(name).replace('-', "_"))
        };
        let names =
            [&["package", "name"][..], &["lib", "name"], &["project", "name"], &["tool", "maturin", "module-name"]];
        Some(names.iter().filter_map(|path| named(path)).any(|name| name.eq_ignore_ascii_case(package)))
    };
    if ["Cargo.toml", "pyproject.toml"].iter().any(|file| declares(file) == Some(true)) {
        return true;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let is_source = |name: &str| !name.starts_with('.') && !["target", "node_modules", "site-packages"].contains(&name);
    depth > 0
        && folders
            .filter(|folder| is_source(&folder.file_name().to_string_lossy()))
            .any(|folder| is_made_in(&folder.path(), package, depth - 1))
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

/// Whether the change leaves what a Python baseline loaded as it was. Where that cannot be told in full, it does not.
pub(super) fn is_untouched(before: Loaded, after: Loaded) -> bool {
    let is_known = |Loaded { run, entry, .. }: Loaded| {
        entry.modules.len() < MAX_MODULES && run.modules_of(entry).all(|module| module.sha256.is_some())
    };
    if before.entry.target != after.entry.target || !is_known(before) || !is_known(after) {
        return false;
    }
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

/// Whether two manifests have a baseline called in the same way, with the same things around it.
pub(super) fn is_called_alike(before: &Project, after: &Project, name: &str) -> bool {
    let around = |project: &Project| {
        let workload = project.workloads.iter().find(|workload| workload.name == name)?;
        let baseline = workload.implementations.first().map(|entry| (entry.target.clone(), entry.adapt.clone()));
        let folder =
            workload.cwd.as_ref().map(|folder| folder.strip_prefix(&project.root).unwrap_or(folder).to_owned());
        let inputs = (workload.fresh_inputs, workload.input_as_path, workload.total_items, workload.consume);
        Some((baseline, workload.setup.clone(), workload.env.clone(), folder, inputs, workload.memory_limit))
    };
    around(before).is_some_and(|before| Some(before) == around(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_made_where_a_manifest_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("rust/Cargo.toml", "[package]\nname = \"acme-native\"\n");
        write("rust/target/x/Cargo.toml", "[package]\nname = \"serde\"\n");
        write("py/pyproject.toml", "[project]\nname = \"acme\"\n[tool.maturin]\nmodule-name = \"quick._native\"\n");
        let made = |package: &str| is_made_in(folder.path(), package, DEPTH);
        assert_eq!(["acme_native", "acme", "quick", "Acme"].map(made), [true; 4]);
        assert_eq!(["serde", "_native", "numpy"].map(made), [false; 3]);
    }
}
