//! Where a project's cargo packages are: in the workspace of its folder, or in folders below.

use std::fs;
use std::path::{Path, PathBuf};

/// A project's crates lie near its top; below that are other people's.
const DEEPEST: usize = 4;

/// Folders that hold no source of the project's.
const SKIPPED: [&str; 5] = ["target", "node_modules", "__pycache__", "site-packages", "rustworthy-worker"];

/// A cargo package.
#[derive(Clone, Debug, PartialEq)]
pub struct CargoPackage {
    /// Its name.
    pub name: String,
    /// The folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// Its `Cargo.toml`.
    pub manifest: toml::Table,
}

/// The packages in `root` and below, outermost first, then by path. Hidden folders, environments and builds are left out.
pub fn cargo_packages(root: &Path) -> Vec<CargoPackage> {
    let mut packages = Vec::new();
    let mut folders = vec![root.to_owned()];
    for _ in 0..=DEEPEST {
        folders.sort();
        packages.extend(folders.iter().filter_map(|folder| package_in(folder)));
        folders = folders.iter().flat_map(|folder| inner_folders(folder)).collect();
    }
    packages
}

fn package_in(folder: &Path) -> Option<CargoPackage> {
    let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    Some(CargoPackage { name, folder: folder.to_owned(), manifest })
}

/// The folders of a folder that may hold the project's own source.
pub fn inner_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_source = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A link may lead out of the project, or back to its top.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        is_folder
            && !name.starts_with('.')
            && !SKIPPED.contains(&&*name)
            && !["pyvenv.cfg", "CACHEDIR.TAG"].iter().any(|mark| entry.path().join(mark).exists())
    };
    entries.filter(is_source).map(|entry| entry.path()).collect()
}

/// The folder from which cargo knows the package: the project's, where its workspace has it; else the package's own.
///
/// # Errors
/// When several folders below have a package of that name: a sentence that names them.
pub(super) fn folder_of(root: &Path, package: &str) -> Result<PathBuf, String> {
    let has_cargo = root.ancestors().any(|folder| folder.join("Cargo.toml").is_file());
    let below: Vec<PathBuf> =
        cargo_packages(root).into_iter().filter(|it| it.name == package).map(|it| it.folder).collect();
    match below.as_slice() {
        // Cargo itself says best what it does not find.
        [] => Ok(root.to_owned()),
        [only] => Ok(if has_cargo && is_member(root, only) { root.to_owned() } else { only.clone() }),
        several => {
            let folders: Vec<String> = several.iter().map(|folder| folder.display().to_string()).collect();
            Err(format!("several packages are called `{package}`: {}", folders.join(", ")))
        }
    }
}

/// Whether the package belongs to the workspace that cargo finds from `root`: the nearest manifest with a workspace
/// above the package is at `root` or above it.
fn is_member(root: &Path, package: &Path) -> bool {
    let is_workspace = |folder: &Path| {
        let manifest: Option<toml::Table> =
            fs::read_to_string(folder.join("Cargo.toml")).ok().and_then(|text| text.parse().ok());
        manifest.is_some_and(|manifest| manifest.contains_key("workspace"))
    };
    match package.ancestors().find(|folder| is_workspace(folder)) {
        Some(workspace) => root.starts_with(workspace),
        None => package == root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn package(name: &str) -> String {
        format!("[package]\nname = \"{name}\"\n")
    }

    #[test]
    fn a_package_is_found_below_a_project_without_cargo() {
        let ports = package("ports") + "[workspace]\n";
        let project =
            project(&[("rust/Cargo.toml", &ports), (".venv/x/Cargo.toml", &ports), ("target/Cargo.toml", &ports)]);
        assert_eq!(folder_of(project.path(), "ports"), Ok(project.path().join("rust")));
        assert_eq!(folder_of(project.path(), "other"), Ok(project.path().to_owned()));
    }

    #[test]
    fn a_member_is_built_from_the_workspace_and_a_stranger_from_its_own_folder() {
        let project = project(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
            ("crates/core/Cargo.toml", &package("core")),
            ("rust/Cargo.toml", &(package("ports") + "[workspace]\n")),
        ]);
        assert_eq!(folder_of(project.path(), "core"), Ok(project.path().to_owned()));
        assert_eq!(folder_of(project.path(), "ports"), Ok(project.path().join("rust")));
    }

    #[test]
    fn two_packages_of_one_name_are_no_answer() {
        let project = project(&[("a/Cargo.toml", &package("twin")), ("b/Cargo.toml", &package("twin"))]);
        assert!(folder_of(project.path(), "twin").unwrap_err().contains("called `twin`"));
    }
}
