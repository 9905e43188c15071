//! What is in a project's folder already: Python to import, Rust to build, pairs that have one name in both.
//!
//! Sources are searched for a few words, not parsed: what is found is proposed, in a file that a person reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::draw::relative;
use crate::prepare::{CargoPackage, cargo_packages, inner_folders};

/// Sources beyond this size are generated, or data.
const LARGEST_SOURCE: u64 = 1 << 20;
/// Python lies this deep in a project at most.
const DEEPEST: usize = 6;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The project's name.
    pub name: String,
    /// Where that comes from, and what else says how the project is built.
    pub build_files: Vec<String>,
    /// Folders to import from, from the project's own.
    pub python_path: Vec<String>,
    /// The interpreter of a virtual environment that would not be found by itself.
    pub python: Option<String>,
    /// Whether there is a virtual environment.
    pub has_environment: bool,
    /// Python functions at the top of a module, `module:function`, by name.
    pub functions: BTreeMap<String, Vec<String>>,
    /// PyO3 modules.
    pub extensions: Vec<Extension>,
    /// Criterion benches.
    pub benches: Vec<Bench>,
}

/// A PyO3 module that cargo can build.
#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    /// The cargo package.
    pub package: String,
    /// The name that Python imports.
    pub module: String,
    /// Features that it is built with.
    pub features: Vec<String>,
    /// The tool that builds it for the project: `maturin` or `setuptools-rust`.
    pub builder: Option<&'static str>,
    /// Its functions, by their Python names.
    pub functions: Vec<String>,
}

/// A bench target that uses criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct Bench {
    /// The cargo package.
    pub package: String,
    /// The target.
    pub bench: String,
    /// Names of benchmarks and groups in its source.
    pub ids: Vec<String>,
    /// Whether it links the worker.
    pub has_worker: bool,
}

/// Looks at the project in `root`.
pub fn look(root: &Path) -> Found {
    let pyproject = table(&root.join("pyproject.toml"));
    let packages = cargo_packages(root);
    let mut found = Found { name: name(root, &pyproject, &packages), ..Found::default() };
    for file in ["pyproject.toml", "setup.cfg", "setup.py", "Cargo.toml"] {
        if root.join(file).is_file() {
            found.build_files.push(file.to_owned());
        }
    }
    found.python_path = python_path(root, &pyproject);
    let environments = [".venv", "venv", "env", ".env"];
    let environment = environments
        .into_iter()
        .find(|name| root.join(name).join("pyvenv.cfg").is_file() && root.join(name).join("bin/python").exists());
    found.has_environment = environment.is_some();
    found.python = environment.filter(|name| *name != ".venv").map(|name| format!("{name}/bin/python"));
    for folder in &found.python_path {
        let base = root.join(folder);
        python_functions(&base, &base, 0, &mut found.functions);
    }
    found.extensions = packages.iter().filter_map(|package| extension(root, package, &pyproject)).collect();
    found.benches = packages.iter().flat_map(benches).collect();
    found
}

fn table(path: &Path) -> toml::Table {
    fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A value deep in tables.
fn at<'a>(table: &'a toml::Table, path: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))
}

fn text_at<'a>(table: &'a toml::Table, path: &[&str]) -> Option<&'a str> {
    at(table, path)?.as_str()
}

fn name(root: &Path, pyproject: &toml::Table, packages: &[CargoPackage]) -> String {
    let python = text_at(pyproject, &["project", "name"]).or_else(|| text_at(pyproject, &["tool", "poetry", "name"]));
    let cargo = packages.iter().find(|package| package.folder == root).map(|package| package.name.as_str());
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = python.or(cargo).map(str::to_owned).or(folder).unwrap_or_default();
    // What a manifest accepts: a folder may be called anything.
    let kept: String = name.chars().filter(|next| !next.is_control() && !"/*?[]{}!".contains(*next)).collect();
    if kept.trim().is_empty() { "project".to_owned() } else { kept.trim().chars().take(100).collect() }
}

fn python_path(root: &Path, pyproject: &toml::Table) -> Vec<String> {
    let mut folders = Vec::new();
    let mut add = |folder: &str| {
        let folder = folder.trim_start_matches("./").trim_end_matches('/').to_owned();
        let is_inside = Path::new(&folder).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !folder.is_empty() && is_inside && root.join(&folder).is_dir() && !folders.contains(&folder) {
            folders.push(folder);
        }
    };
    let setuptools = ["tool", "setuptools"];
    text_at(pyproject, &["tool", "maturin", "python-source"]).into_iter().for_each(&mut add);
    text_at(pyproject, &[setuptools[0], setuptools[1], "package-dir", ""]).into_iter().for_each(&mut add);
    let find = at(pyproject, &[setuptools[0], setuptools[1], "packages", "find", "where"]);
    find.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str).for_each(&mut add);
    for folder in ["src", "python"] {
        if holds_python(&root.join(folder)) {
            add(folder);
        }
    }
    folders.push(".".to_owned());
    folders
}

/// Whether modules or packages lie in a folder: `src` may as well hold Rust.
fn holds_python(folder: &Path) -> bool {
    let is_module = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.into_iter().any(|path| is_module(&path) || path.join("__init__.py").is_file())
}

/// Collects functions at the top of modules, tests and scripts of the build left out.
fn python_functions(base: &Path, folder: &Path, depth: usize, functions: &mut BTreeMap<String, Vec<String>>) {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "py")) {
        let Some(module) = module_of(base, file) else { continue };
        let source = source(file);
        for line in source.lines() {
            let Some(rest) = line.strip_prefix("def ") else { continue };
            let name: String = rest.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
            let targets = functions.entry(name.clone()).or_default();
            let target = format!("{module}:{name}");
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    if depth == DEEPEST {
        return;
    }
    let is_test = |path: &Path| {
        path.file_name().is_some_and(|name| ["tests", "test", "docs", "rustworthy_inputs"].iter().any(|it| name == *it))
    };
    // Below the base only packages are imported from; other folders have a base of their own, or none.
    for inner in inner_folders(folder).into_iter().filter(|inner| !is_test(inner)) {
        if inner.join("__init__.py").is_file() {
            python_functions(base, &inner, depth + 1, functions);
        }
    }
}

fn module_of(base: &Path, file: &Path) -> Option<String> {
    let inner = file.strip_prefix(base).ok()?.with_extension("");
    let mut parts: Vec<&str> = inner.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
    let last = *parts.last()?;
    let is_script = parts.len() == 1 && matches!(last, "setup" | "noxfile" | "conftest");
    if last.starts_with("test_") || last.ends_with("_test") || is_script || last == "conftest" {
        return None;
    }
    if last == "__init__" {
        parts.pop();
    }
    let is_name = |part: &&str| part.chars().all(|next| next.is_alphanumeric() || next == '_');
    (!parts.is_empty() && parts.iter().all(is_name)).then(|| parts.join("."))
}

fn source(file: &Path) -> String {
    let is_small = fs::metadata(file).is_ok_and(|metadata| metadata.len() <= LARGEST_SOURCE);
    if is_small { String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned() } else { String::new() }
}

/// The Rust of a package, comments left out.
fn rust_source(folder: &Path, depth: usize) -> String {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let is_rust = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let mut text: String = files.iter().filter(is_rust).map(|file| without_comments(&source(file))).collect();
    if depth < DEEPEST {
        let inner = inner_folders(folder).into_iter().filter(|inner| !inner.join("Cargo.toml").exists());
        text.extend(inner.map(|inner| rust_source(&inner, depth + 1)));
    }
    text
}

fn without_comments(source: &str) -> String {
    source.lines().map(|line| format!("{}\n", line.split("//").next().unwrap_or_default())).collect()
}

fn dependency<'a>(package: &'a CargoPackage, kind: &str, name: &str) -> Option<&'a toml::Value> {
    package.manifest.get(kind)?.get(name)
}

fn extension(root: &Path, package: &CargoPackage, pyproject: &toml::Table) -> Option<Extension> {
    let pyo3 = dependency(package, "dependencies", "pyo3")?;
    let crate_types = at(&package.manifest, &["lib", "crate-type"]).and_then(toml::Value::as_array)?;
    if !crate_types.iter().any(|kind| kind.as_str() == Some("cdylib")) {
        return None;
    }
    let library =
        text_at(&package.manifest, &["lib", "name"]).map_or_else(|| package.name.replace('-', "_"), str::to_owned);
    let source = rust_source(&package.folder.join("src"), 0) + &rust_source_at(package);
    let built = builder(root, package, pyproject);
    let module = built.as_ref().and_then(|(_, module, _)| module.clone());
    let module = module.or_else(|| pymodule(&source)).unwrap_or(library);
    let is_optional = pyo3.get("optional").and_then(toml::Value::as_bool) == Some(true);
    let mut features = built.as_ref().map(|(_, _, features)| features.clone()).unwrap_or_default();
    if is_optional && features.is_empty() {
        features = python_feature(package).into_iter().collect();
    }
    Some(Extension {
        package: package.name.clone(),
        module,
        features,
        builder: built.map(|(builder, _, _)| builder),
        functions: pyfunctions(&source),
    })
}

/// The library's file, where it is not in `src`.
fn rust_source_at(package: &CargoPackage) -> String {
    let path = text_at(&package.manifest, &["lib", "path"]).filter(|path| !path.starts_with("src/"));
    path.map(|path| without_comments(&source(&package.folder.join(path)))).unwrap_or_default()
}

type Built = (&'static str, Option<String>, Vec<String>);

/// The tool that builds the package for Python, as pyproject.toml says, with module name and features.
fn builder(root: &Path, package: &CargoPackage, pyproject: &toml::Table) -> Option<Built> {
    let words = |value: Option<&toml::Value>| -> Vec<String> {
        let list = value.and_then(toml::Value::as_array).into_iter().flatten();
        list.filter_map(toml::Value::as_str).map(str::to_owned).collect()
    };
    // A crate may have a pyproject.toml of its own.
    let own = table(&package.folder.join("pyproject.toml"));
    for (folder, pyproject) in [(root, pyproject), (package.folder.as_path(), &own)] {
        let backend = text_at(pyproject, &["build-system", "build-backend"]);
        if backend == Some("maturin") || at(pyproject, &["tool", "maturin"]).is_some() {
            let manifest = text_at(pyproject, &["tool", "maturin", "manifest-path"]).unwrap_or("Cargo.toml");
            let is_this =
                |path: &Path| path.canonicalize().ok() == package.folder.join("Cargo.toml").canonicalize().ok();
            if is_this(&folder.join(manifest)) || is_this(&folder.join("rust/Cargo.toml")) {
                let module = text_at(pyproject, &["tool", "maturin", "module-name"]).map(str::to_owned);
                return Some(("maturin", module, words(at(pyproject, &["tool", "maturin", "features"]))));
            }
        }
        let modules = at(pyproject, &["tool", "setuptools-rust", "ext-modules"]).and_then(toml::Value::as_array);
        for module in modules.into_iter().flatten() {
            let manifest = module.get("path").and_then(toml::Value::as_str).unwrap_or("Cargo.toml");
            if folder.join(manifest).canonicalize().ok() == package.folder.join("Cargo.toml").canonicalize().ok() {
                let target = module.get("target").and_then(toml::Value::as_str).map(str::to_owned);
                return Some(("setuptools-rust", target, words(module.get("features"))));
            }
        }
    }
    None
}

/// The feature that switches an optional PyO3 on.
fn python_feature(package: &CargoPackage) -> Option<String> {
    let features = package.manifest.get("features").and_then(toml::Value::as_table);
    let switches = |list: &toml::Value| {
        list.as_array().is_some_and(|list| list.iter().any(|it| matches!(it.as_str(), Some("dep:pyo3" | "pyo3"))))
    };
    let named =
        features.and_then(|features| features.iter().find(|(_, list)| switches(list)).map(|(name, _)| name.clone()));
    Some(named.unwrap_or_else(|| "pyo3".to_owned()))
}

/// The module's name, as `#[pymodule]` has it.
fn pymodule(source: &str) -> Option<String> {
    let rest = source.split("#[pymodule").nth(1).or_else(|| source.split("#[pyo3::pymodule").nth(1))?;
    Some(item_name(rest, &["fn ", "mod "])?.0)
}

/// Every `#[pyfunction]` by its Python name, in order.
fn pyfunctions(source: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let parts = source.split("#[pyfunction").skip(1).chain(source.split("#[pyo3::pyfunction").skip(1));
    for part in parts {
        if let Some((name, _)) = item_name(part, &["fn "])
            && !names.contains(&name)
            && !name.starts_with("__")
        {
            names.push(name);
        }
    }
    names
}

/// The item's name after an attribute: that of `name = "…"` in it, else the item's own.
fn item_name<'a>(rest: &'a str, words: &[&str]) -> Option<(String, &'a str)> {
    let at = words.iter().filter_map(|word| {
        rest.find(&format!(" {word}")).or_else(|| rest.find(&format!("\n{word}"))).map(|at| (at + 1, *word))
    });
    let (at, word) = at.min()?;
    let attributes = &rest[..at];
    let identifier = rest[at + word.len()..].trim_start().trim_start_matches("r#");
    let own: String = identifier.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
    let named = attributes.match_indices("name").find_map(|(at, word)| {
        let rest = attributes[at + word.len()..].trim_start().strip_prefix('=')?;
        rest.trim_start().strip_prefix('"')?.split('"').next()
    });
    let name = named.map_or(own, str::to_owned);
    (!name.is_empty()).then_some((name, &rest[at..]))
}

fn benches(package: &CargoPackage) -> Vec<Bench> {
    let has_criterion = ["dev-dependencies", "dependencies"].iter().any(|kind| {
        dependency(package, kind, "criterion").is_some()
            || dependency(package, kind, "codspeed-criterion-compat").is_some()
    });
    let has_worker = ["dev-dependencies", "dependencies"]
        .iter()
        .any(|kind| dependency(package, kind, "rustworthy-worker").is_some());
    let targets = package.manifest.get("bench").and_then(toml::Value::as_array);
    let targets = targets.into_iter().flatten().filter(|_| has_criterion);
    let of = |target: &toml::Value| {
        let name = target.get("name")?.as_str()?;
        let path = target.get("path").and_then(toml::Value::as_str).map(str::to_owned);
        let mut file = package.folder.join(path.unwrap_or_else(|| format!("benches/{name}.rs")));
        if !file.is_file() {
            file = package.folder.join(format!("benches/{name}/main.rs"));
        }
        let ids = benchmark_ids(&without_comments(&source(&file)));
        Some(Bench { package: package.name.clone(), bench: name.to_owned(), ids, has_worker })
    };
    targets.filter_map(of).collect()
}

/// The ids that a bench's source names: a group's end with its parameter.
fn benchmark_ids(source: &str) -> Vec<String> {
    let named = |call: &str, ending: &str| -> Vec<String> {
        let texts =
            source.split(call).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        texts.filter(|text| !text.is_empty()).map(|text| format!("{text}{ending}")).collect()
    };
    let groups = named("benchmark_group(", "/{size}");
    let alone = named("bench_function(", "");
    // Within a group the function's name comes second, and where groups begin and end a search cannot tell.
    let mut ids = if groups.is_empty() { alone } else { groups };
    ids.dedup();
    ids
}

/// What a person is told was found, a line each.
pub fn told(root: &Path, found: &Found) -> Vec<String> {
    let mut lines = Vec::new();
    let list = |names: &[String]| names.join(", ");
    if !found.build_files.is_empty() {
        lines.push(list(&found.build_files));
    }
    let count: usize = found.functions.values().map(Vec::len).sum();
    if count > 0 {
        lines.push(format!(
            "{count} Python function{} in {}",
            if count == 1 { "" } else { "s" },
            list(&found.python_path)
        ));
    }
    if let Some(python) = &found.python {
        lines.push(format!("the interpreter {python}"));
    } else if found.has_environment {
        lines.push("the virtual environment .venv".to_owned());
    }
    for extension in &found.extensions {
        let by = extension.builder.map(|builder| format!(", built by {builder}")).unwrap_or_default();
        let functions =
            if extension.functions.is_empty() { "no function".to_owned() } else { list(&extension.functions) };
        lines.push(format!("the PyO3 module {} (package {}{by}): {functions}", extension.module, extension.package));
    }
    for bench in &found.benches {
        lines.push(format!("the criterion bench {} of {}", bench.bench, bench.package));
    }
    if lines.is_empty() {
        lines.push(format!("neither Python nor Rust in {}", relative(root.parent().unwrap_or(root), root)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_a_pyo3_module_are_named_as_python_sees_them() {
        let source = without_comments(
            "#[pyfunction]\nfn plain(x: i64) -> i64 { x }\n// #[pyfunction]\n// fn gone() {}\n#[pyfunction(name = \"renamed\")]\npub fn other() {}\n#[pyfunction]\n#[pyo3(signature = (a, b=1), name = \"third\")]\nfn x<'py>() {}\n#[pyfunction]\nfn r#type() {}\n#[pyfunction(name = \"__call_floor__\")]\nfn floor() {}\n#[pymodule]\n#[pyo3(name = \"_native\")]\nfn acme(m: &Bound<PyModule>) {}\n",
        );
        assert_eq!(pyfunctions(&source), ["plain", "renamed", "third", "type"]);
        assert_eq!(pymodule(&source).as_deref(), Some("_native"));
        assert_eq!(pymodule("#[pymodule]\nmod acme {").as_deref(), Some("acme"));
        assert_eq!(pymodule("fn main() {}"), None);
    }

    #[test]
    fn benchmarks_are_named_by_their_groups() {
        let source = "let mut group = c.benchmark_group(\"parse\"); group.bench_function(\"x\", f); c.bench_function(\n \"y\", f);";
        assert_eq!(benchmark_ids(source), ["parse/{size}"]);
        assert_eq!(benchmark_ids("c.bench_function(\"fib 20\", f);"), ["fib 20"]);
    }

    #[test]
    fn modules_are_named_from_their_base() {
        let base = Path::new("/p/src");
        let module = |file: &str| module_of(base, Path::new(file));
        assert_eq!(module("/p/src/acme/logs.py").as_deref(), Some("acme.logs"));
        assert_eq!(module("/p/src/acme/__init__.py").as_deref(), Some("acme"));
        for file in ["/p/src/__init__.py", "/p/src/setup.py", "/p/src/acme/test_x.py", "/p/src/a-b.py", "/q/x.py"] {
            assert_eq!(module(file), None, "{file}");
        }
    }
}
