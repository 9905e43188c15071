//! Whether the native modules that were loaded are the project's own, as its sources are now.
//!
//! A module is recognised as the project's by its crate: a `cdylib` whose library has the module's name, or whose
//! `pyproject.toml` names the module for maturin. Of what else a module was made nothing is claimed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Artefacts, Concern};
use crate::evidence::Extension;
use crate::manifest::Project;

/// Folders below the project's in which a crate is looked for; deeper ones are mostly vendored.
const DEPTH: usize = 4;
/// Folders of a crate whose sources do not go into its library.
const BESIDE: [&str; 3] = ["benches", "examples", "tests"];

/// What is doubtful about the native modules that workers loaded, their paths as `show` has them.
pub fn doubtful(
    project: &Project,
    artefacts: &Artefacts,
    extensions: &[Extension],
    show: &dyn Fn(&Path) -> String,
) -> Vec<Concern> {
    let mut crates = None;
    let judged = extensions.iter().filter_map(|extension| {
        if project.extensions.iter().any(|built| built.module == extension.name) {
            return other(extension, &artefacts.module_folders, "the one that was just built", show);
        }
        let crates = crates.get_or_insert_with(|| find_crates(&project.root));
        let source = crates.iter().find(|one| one.makes(&extension.name))?;
        if !is_installed(&extension.path) {
            let places = [project.root.clone()];
            if let Some(concern) = other(extension, &places, "one of this project", show) {
                return Some(concern);
            }
        }
        stale(extension, &source.folder, show)
    });
    judged.collect()
}

/// The concern that a hybrid's native modules, its own first, leave open how they were built. One that says it is enough:
/// other people's modules, which a hybrid may load besides, are released as they are.
pub fn undeclared(extensions: &[Extension]) -> Option<Concern> {
    let own = extensions.first()?;
    let silent = extensions.iter().all(|extension| extension.profile.is_none());
    silent.then(|| Concern::UnknownProfile { name: own.name.clone() })
}

/// Whether a file lies where packages are installed.
fn is_installed(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "site-packages" || part.as_os_str() == "dist-packages")
}

fn other(extension: &Extension, places: &[PathBuf], expected: &str, show: &dyn Fn(&Path) -> String) -> Option<Concern> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let path = real(&extension.path);
    let is_there = places.iter().any(|place| path.starts_with(real(place)));
    (!is_there).then(|| Concern::OtherExtension {
        name: extension.name.clone(),
        file: describe(extension, show),
        expected: expected.to_owned(),
    })
}

fn stale(extension: &Extension, folder: &Path, show: &dyn Fn(&Path) -> String) -> Option<Concern> {
    let built = fs::metadata(&extension.path).and_then(|data| data.modified()).ok()?;
    let (changed, source) = newest(folder, 0)?;
    (built < changed).then(|| Concern::StaleExtension {
        name: extension.name.clone(),
        file: describe(extension, show),
        source: format!("{} of {}", show(&source), moment(changed)),
    })
}

/// Path, time and digest of a module.
fn describe(extension: &Extension, show: &dyn Fn(&Path) -> String) -> String {
    let time = extension.modified.as_deref().map(|time| format!(" of {time}")).unwrap_or_default();
    let digest = extension.sha256.as_deref().map(|digest| &digest[..digest.len().min(12)]);
    let digest = digest.map(|digest| format!(", SHA-256 {digest}…")).unwrap_or_default();
    format!("{}{time}{digest}", show(&extension.path))
}

fn moment(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time)
        .map_or_else(|_| "an unknown time".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A crate that Python modules are made of.
struct ModuleCrate {
    folder: PathBuf,
    /// The library's name.
    library: String,
    /// The module's full name, where `pyproject.toml` says it.
    module: Option<String>,
}

impl ModuleCrate {
    fn makes(&self, module: &str) -> bool {
        match &self.module {
            Some(name) => name == module,
            None => module.rsplit('.').next() == Some(self.library.as_str()),
        }
    }
}

fn find_crates(root: &Path) -> Vec<ModuleCrate> {
    let mut found = Vec::new();
    let mut left = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = left.pop() {
        found.extend(module_crate(&folder));
        if depth < DEPTH {
            left.extend(folders(&folder).into_iter().map(|inner| (inner, depth + 1)));
        }
    }
    found
}

fn module_crate(folder: &Path) -> Option<ModuleCrate> {
    let manifest = read_toml(&folder.join("Cargo.toml"))?;
    let library = manifest.get("lib");
    let kinds = library.and_then(|library| library.get("crate-type"))?.as_array()?;
    if !kinds.iter().any(|kind| kind.as_str() == Some("cdylib")) {
        return None;
    }
    let named = library.and_then(|library| library.get("name"));
    let name = named.or_else(|| manifest.get("package")?.get("name"))?.as_str()?.replace('-', "_");
    let maturin = [folder, folder.parent()?].into_iter().find_map(|folder| {
        let pyproject = read_toml(&folder.join("pyproject.toml"))?;
        Some(pyproject.get("tool")?.get("maturin")?.get("module-name")?.as_str()?.to_owned())
    });
    Some(ModuleCrate { folder: folder.to_owned(), library: name, module: maturin })
}

fn read_toml(path: &Path) -> Option<toml::Table> {
    fs::read_to_string(path).ok()?.parse().ok()
}

/// Folders in which sources may lie: not hidden, not built, not an environment.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let named = folders.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        !name.starts_with('.') && name != "target" && name != "node_modules" && name != "site-packages"
    });
    named.map(|entry| entry.path()).filter(|path| !path.join("pyvenv.cfg").exists()).collect()
}

/// The source that was written last in a crate.
fn newest(folder: &Path, depth: usize) -> Option<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "rs")
            || path.file_name().is_some_and(|name| name == "Cargo.toml")
    };
    let here = entries.filter(is_source).filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)));
    let counts =
        |path: &PathBuf| depth > 0 || !path.file_name().is_some_and(|name| BESIDE.iter().any(|beside| name == *beside));
    let inner = folders(folder).into_iter().filter(counts).filter(|_| depth < 2 * DEPTH);
    here.chain(inner.filter_map(|path| newest(&path, depth + 1))).max()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        /// A project with a crate that makes `acme._native`, its sources of a known time.
        fn new(pyproject: &str) -> Place {
            let place = Place(tempfile::tempdir().unwrap());
            let manifest = "[package]\nname = \"acme\"\nversion = \"0.1.0\"\n[lib]\nname = \"_native\"\ncrate-type = [\"cdylib\"]\n";
            place.write("rust/Cargo.toml", manifest, 100);
            place.write("rust/pyproject.toml", pyproject, 100);
            place.write("rust/src/lib.rs", "", 200);
            place.write("rust/benches/later.rs", "", 900);
            place.write("rust/target/made.rs", "", 900);
            place.write(
                "rustworthy.toml",
                "[project]\nname = \"acme\"\n[workload.w.baseline]\npython = \"a:b\"\n",
                900,
            );
            place
        }

        fn write(&self, path: &str, text: &str, second: u64) -> PathBuf {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let file = File::options().append(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(second)).unwrap();
            path
        }

        fn project(&self) -> Project {
            crate::manifest::read(self.0.path()).unwrap()
        }

        fn codes(&self, project: &Project, name: &str, path: &Path) -> Vec<&'static str> {
            let extension = Extension {
                name: name.to_owned(),
                path: path.to_owned(),
                profile: None,
                pyo3: None,
                sha256: Some("ab".repeat(32)),
                modified: None,
            };
            let artefacts = Artefacts { module_folders: vec![self.0.path().join("built")], ..Artefacts::default() };
            let found = doubtful(project, &artefacts, &[extension], &|path| path.display().to_string());
            found.iter().map(Concern::code).collect()
        }
    }

    #[test]
    fn one_module_that_says_how_it_was_built_is_enough() {
        let module = |name: &str, profile: Option<&str>| Extension {
            name: name.to_owned(),
            path: format!("{name}.so").into(),
            profile: profile.map(str::to_owned),
            pyo3: None,
            sha256: None,
            modified: None,
        };
        let silent = [module("acme._native", None), module("numpy._core", None)];
        assert_eq!(undeclared(&silent), Some(Concern::UnknownProfile { name: "acme._native".to_owned() }));
        assert_eq!(undeclared(&[module("acme._native", Some("release")), module("numpy._core", None)]), None);
        assert_eq!(undeclared(&[]), None);
    }

    #[test]
    fn a_module_older_than_its_sources_is_stale() {
        let place = Place::new("");
        let project = place.project();
        let old = place.write("src/acme/_native.so", "", 150);
        assert_eq!(place.codes(&project, "acme._native", &old), ["stale-extension"]);
        let fresh = place.write("src/acme/_native.so", "", 250);
        assert!(place.codes(&project, "acme._native", &fresh).is_empty());
        assert!(place.codes(&project, "numpy._core", &old).is_empty(), "nothing is claimed of other people's modules");
    }

    #[test]
    fn maturins_name_of_the_module_counts() {
        let place = Place::new("[tool.maturin]\nmodule-name = \"acme._rust\"\n");
        let project = place.project();
        let old = place.write(".venv/lib/python3/site-packages/acme/_rust.so", "", 150);
        assert_eq!(place.codes(&project, "acme._rust", &old), ["stale-extension"]);
        assert!(place.codes(&project, "acme._native", &old).is_empty());
    }

    #[test]
    fn a_module_from_another_checkout_is_told() {
        let (place, elsewhere) = (Place::new(""), Place::new(""));
        let project = place.project();
        let other = elsewhere.write("src/acme/_native.so", "", 950);
        assert_eq!(place.codes(&project, "acme._native", &other), ["other-extension"]);
        let installed = elsewhere.write("lib/site-packages/acme/_native.so", "", 950);
        assert!(place.codes(&project, "acme._native", &installed).is_empty(), "an environment may lie anywhere");
    }

    #[test]
    fn a_module_that_hides_the_one_just_built_is_told() {
        let place = Place::new("");
        let mut project = place.project();
        let built = crate::manifest::ExtensionBuild {
            package: "acme".to_owned(),
            module: "_native".to_owned(),
            features: Vec::new(),
        };
        project.extensions.push(built);
        let hiding = place.write("src/_native.so", "", 950);
        assert_eq!(place.codes(&project, "_native", &hiding), ["other-extension"]);
        let own = place.write("built/_native.so", "", 950);
        assert!(place.codes(&project, "_native", &own).is_empty());
    }
}
