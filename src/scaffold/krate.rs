//! The crate of a project's ports: made once, then added to.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::{identifier, in_rust};
use super::{Changes, ScaffoldError};
use crate::prepare::cargo_packages;

const FUNCTIONS: &str = "    // rustworthy new: functions above this line";
const MODULES: &str = "// rustworthy new: modules above this line";
const ENTRIES: &str = "        // rustworthy new: entries above this line";

/// Folders that a new crate may have, the best first.
const FOLDERS: [&str; 3] = ["rust", "rust-ports", "rustworthy/ports"];

/// The crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// Its folder, below the project's.
    pub folder: PathBuf,
    /// The cargo package.
    pub package: String,
    /// The Python module.
    pub module: String,
    /// Whether it was there before.
    pub is_old: bool,
}

impl Crate {
    /// The crate that an earlier `new` made below `root`, else where a new one goes.
    ///
    /// # Errors
    /// When no folder is free.
    pub fn of(root: &Path, project: &str) -> Result<Crate, ScaffoldError> {
        let packages = cargo_packages(root);
        let mine = packages.iter().find(|package| {
            let metadata = package.manifest.get("package").and_then(|it| it.get("metadata"));
            metadata.and_then(|it| it.get("rustworthy")).is_some_and(|it| it.get("ports").is_some())
        });
        if let Some(package) = mine {
            let folder = package.folder.clone();
            let module = module_of(&folder)?;
            return Ok(Crate { folder, package: package.name.clone(), module, is_old: true });
        }
        let globs = member_globs(root);
        let is_free = |name: &&str| !root.join(name).exists() && !globs.is_match(name);
        let Some(folder) = FOLDERS.into_iter().find(is_free) else {
            return Err(ScaffoldError::Name(format!(
                "no folder is free for the crate of the ports: {} are taken\n  rename one of them",
                FOLDERS.join(", ")
            )));
        };
        let base = identifier(project);
        let is_taken = |module: &String| {
            let name = module.replace('_', "-");
            packages.iter().any(|package| package.name.replace('_', "-") == name) || root.join(module).exists()
        };
        let module = [format!("{base}_rust"), format!("{base}_ports")].into_iter().find(|module| !is_taken(module));
        let module = module.unwrap_or_else(|| format!("{base}_rustworthy_ports"));
        let package = module.replace('_', "-");
        Ok(Crate { folder: root.join(folder), package, module, is_old: false })
    }

    /// Its folder as the manifest and messages say it.
    pub fn shown<'a>(&'a self, root: &Path) -> std::path::Display<'a> {
        self.folder.strip_prefix(root).unwrap_or(&self.folder).display()
    }

    /// Adds the crate's own files, where it is new, and the port's to them.
    ///
    /// # Errors
    /// When a file of an old crate has lost the line that marks where things are added.
    pub fn add(
        &self,
        changes: &mut Changes,
        root: &Path,
        project: &str,
        port: (&str, &str, bool),
    ) -> Result<(), ScaffoldError> {
        let (name, text, is_plain) = port;
        let path = |file: &str| self.folder.join(file);
        let project: String = project.chars().filter(|next| !next.is_control()).collect();
        let fill = |template: &str| {
            template
                .replace("@PROJECT@", &project)
                .replace("@PACKAGE@", &self.package)
                .replace("@MODULE@", &self.module)
                .replace("@CRATE@", &self.package.replace('-', "_"))
                .replace("@FOLDER@", &self.shown(root).to_string())
        };
        let old = |file: &str| -> Result<String, ScaffoldError> {
            fs::read_to_string(path(file)).map_err(|source| ScaffoldError::Write { path: path(file), source })
        };
        let (library, ports) = if self.is_old {
            (old("src/lib.rs")?, old("src/ports/mod.rs")?)
        } else {
            changes.create(path("Cargo.toml"), fill(include_str!("templates/manifest.txt")));
            changes.create(path("pyproject.toml"), fill(include_str!("templates/pyproject.txt")));
            changes.create(path("build.rs"), fill(include_str!("templates/build.txt")));
            changes.create(path("benches/ports.rs"), fill(include_str!("templates/bench.txt")));
            changes.create(path(".gitignore"), "/target\n");
            for (file, text) in rustworthy_worker::source::files() {
                changes.create(path("rustworthy-worker").join(file), text);
            }
            (fill(include_str!("templates/lib.txt")), fill(include_str!("templates/ports.txt")))
        };
        let rust = in_rust(name);
        let function = format!("    #[pymodule_export]\n    use crate::ports::{rust}::python::{rust};\n");
        let library = inserted(&path("src/lib.rs"), &library, FUNCTIONS, &function)?;
        let gate = if is_plain { "" } else { "#[cfg(feature = \"python\")]\n" };
        let declared = format!("{gate}pub mod {rust};\n");
        let mut ports = inserted(&path("src/ports/mod.rs"), &ports, MODULES, &declared)?;
        if is_plain {
            let entry = format!("        Entry::of::<{rust}::Native>(),\n");
            ports = inserted(&path("src/ports/mod.rs"), &ports, ENTRIES, &entry)?;
        }
        for (file, text) in [("src/lib.rs", library), ("src/ports/mod.rs", ports)] {
            if self.is_old { changes.edit(path(file), text) } else { changes.create(path(file), text) }
        }
        changes.create(path(&format!("src/ports/{name}.rs")), text);
        Ok(())
    }

    /// Whether the worker beside an old crate is another version's.
    pub fn has_other_worker(&self) -> bool {
        let here = fs::read_to_string(self.folder.join("rustworthy-worker/Cargo.toml")).unwrap_or_default();
        self.is_old && !here.contains(&format!("version = \"{}\"", env!("CARGO_PKG_VERSION")))
    }

    /// Adds the worker's files once more, over those of another version.
    pub fn renew_worker(&self, changes: &mut Changes) {
        for (file, text) in rustworthy_worker::source::files() {
            changes.create(self.folder.join("rustworthy-worker").join(file), text);
        }
    }
}

/// The text with a part put before the mark; once is enough.
fn inserted(path: &Path, text: &str, mark: &str, part: &str) -> Result<String, ScaffoldError> {
    if text.contains(part) {
        return Ok(text.to_owned());
    }
    let Some(at) = text.find(mark) else {
        return Err(ScaffoldError::Changed {
            path: path.to_owned(),
            reason: format!("the line `{}` is gone\n  put it back where new ports are to be listed", mark.trim()),
        });
    };
    Ok(format!("{}{part}{}", &text[..at], &text[at..]))
}

/// The Python module of an old crate, as its library names it.
fn module_of(folder: &Path) -> Result<String, ScaffoldError> {
    let path = folder.join("src/lib.rs");
    let text = fs::read_to_string(&path).map_err(|source| ScaffoldError::Write { path: path.clone(), source })?;
    let name = text.split("pymodule(name = \"").nth(1).and_then(|rest| rest.split('"').next());
    match name.filter(|name| !name.is_empty() && identifier(name) == *name) {
        Some(name) => Ok(name.to_owned()),
        None => Err(ScaffoldError::Changed {
            path,
            reason: "no `#[pyo3::pymodule(name = \"…\")]` is found\n  name the module there, in lower case".to_owned(),
        }),
    }
}

/// What the members of cargo workspaces at or above the project are: a crate among them would belong to them.
fn member_globs(root: &Path) -> globset::GlobSet {
    let mut globs = globset::GlobSetBuilder::new();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let members = manifest.get("workspace").and_then(|it| it.get("members")).and_then(toml::Value::as_array);
    for member in members.into_iter().flatten().filter_map(toml::Value::as_str) {
        if let Ok(glob) = globset::GlobBuilder::new(member.trim_start_matches("./")).literal_separator(true).build() {
            globs.add(glob);
        }
    }
    globs.build().unwrap_or_default()
}
