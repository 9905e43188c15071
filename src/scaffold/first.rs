//! A project's first manifest: what was found in it, as a file that runs and that a person goes on with.

use std::path::{Path, PathBuf};

use toml_edit::Value;

use super::draw;
use super::look::{Extension, Found, look, told};
use super::port::one_line;
use super::signature::Signature;
use super::{Changes, ScaffoldError, names};
use crate::manifest::FILE_NAME;

/// The name of the pair that shows how it is done.
const EXAMPLE: &str = "rustworthy_example";

/// A first manifest, ready to be written.
pub struct First {
    /// Its files.
    pub changes: Changes,
    /// What was found, a line each.
    pub found: Vec<String>,
    /// What was made of it, a line each.
    pub said: Vec<String>,
    /// A Python function that is worth a port, as far as can be told: the first of the project.
    pub suggestion: Option<String>,
}

/// Reads signatures, and says whether a module can be imported: the project's Python.
pub trait Asks {
    /// The signature of `module:function`, with something in the place of modules that are not built yet.
    ///
    /// # Errors
    /// A sentence: it cannot be imported, or is nothing that a pair can be made for.
    fn signature(&mut self, sys_path: &[PathBuf], target: &str, unbuilt: &[String]) -> Result<Signature, String>;

    /// Whether the module is installed.
    fn is_installed(&mut self, module: &str) -> bool;

    /// Whether the program is found.
    fn has_program(&mut self, name: &str) -> bool;
}

/// A pair of one name in both languages.
struct Twin {
    name: String,
    baseline: String,
    candidate: String,
    /// Its tables; `Err`: why they are only shown.
    drawn: Result<draw::Drawn, String>,
    is_lazy: bool,
}

/// How the project's extensions come to be importable.
enum Building {
    /// The tool builds them.
    Tool,
    /// maturin does, into the virtual environment.
    Maturin,
    /// They are installed already.
    Installed,
    /// Nothing does: why.
    Nothing(String),
}

/// Puts the first manifest of the project in `root` together; nothing is written.
///
/// # Errors
/// When the interpreter is asked and interrupted.
pub fn first(root: &Path, asks: &mut dyn Asks) -> Result<First, ScaffoldError> {
    let found = look(root);
    let sys_path: Vec<PathBuf> = found.python_path.iter().map(|folder| root.join(folder)).collect();
    let mut changes = Changes::default();
    let mut said = Vec::new();
    let mut live = Vec::new();
    let mut shown = Vec::new();
    let modules: Vec<String> = found.extensions.iter().map(|extension| extension.module.clone()).collect();
    let buildings: Vec<(&Extension, Building)> =
        found.extensions.iter().map(|extension| (extension, building(&found, extension, asks))).collect();
    let mut text = project_table(&found) + &build_keys(&buildings);
    for (extension, building) in &buildings {
        for mut twin in twins(&found, extension) {
            if let Building::Nothing(why) = building {
                twin.drawn = Err(why.clone());
            } else {
                match asks.signature(&sys_path, &twin.baseline, &modules) {
                    Ok(signature) => {
                        twin.is_lazy = signature.is_lazy;
                        let drawn = draw::inputs(&twin.name, &twin.baseline, &signature);
                        twin.drawn = if drawn.missing.is_empty() {
                            Ok(drawn)
                        } else {
                            let missing = drawn.missing.join(", ");
                            Err(format!(
                                "its annotations do not say what to draw for {missing}; write an input callable"
                            ))
                        };
                    }
                    Err(why) => twin.drawn = Err(one_line(why.lines().next().unwrap_or_default())),
                }
            }
            match &twin.drawn {
                Ok(drawn) => {
                    changes.create(root.join(format!("rustworthy_inputs/{}.py", twin.name)), &*drawn.text);
                    said.push(format!("{}: {} against {}", twin.name, twin.candidate, twin.baseline));
                    live.push(twin);
                }
                Err(why) => {
                    said.push(format!("{}: in the file, switched off: {why}", twin.name));
                    shown.push(twin);
                }
            }
        }
    }
    for twin in &live {
        text += &twin_table(twin);
    }
    for twin in &shown {
        text += &commented(&twin_table(twin));
    }
    for bench in &found.benches {
        let ids = if bench.ids.is_empty() { vec!["ID/{size}".to_owned()] } else { bench.ids.clone() };
        for id in ids {
            text += &commented(&bench_table(&bench.package, &bench.bench, &id, bench.has_worker));
        }
        said.push(format!(
            "the bench {}: in the file, switched off: which Python it is to be compared with is yours to say",
            bench.bench
        ));
    }
    if live.is_empty() {
        text += EXAMPLE_TABLE;
        changes.create(root.join(format!("{EXAMPLE}.py")), include_str!("templates/example.txt"));
        said.push(format!("example: a pair to be replaced, in {EXAMPLE}.py"));
    }
    let path = root.join(FILE_NAME);
    crate::manifest::parse(root, &path, &text).map_err(|error| ScaffoldError::Changed {
        path: path.clone(),
        reason: format!("the manifest that was made for this project does not hold\n{error}"),
    })?;
    changes.create(path, text);
    Ok(First { changes, found: told(root, &found), said, suggestion: suggestion(&found, &live) })
}

/// The first function that is no entry point, and has no pair yet.
fn suggestion(found: &Found, live: &[Twin]) -> Option<String> {
    let is_paired = |name: &str| live.iter().any(|twin| twin.name == name);
    let is_worth = |name: &str| !name.starts_with('_') && name != "main" && !is_paired(name);
    let mut functions = found.functions.iter().filter(|(name, _)| is_worth(name));
    let (_, targets) = functions.find(|(name, _)| names::check(name).is_ok())?;
    targets.first().cloned()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

fn project_table(found: &Found) -> String {
    let mut text = String::from(
        "# What `rustworthy` compares here. `rustworthy list` shows it, `rustworthy check` proves that the implementations agree,\n# `rustworthy run --quick` measures them. Every key: docs/MANIFEST.md of rustworthy.\n\n[project]\n",
    );
    text += &format!("name = {}\n", quoted(&found.name));
    match &found.python {
        Some(python) => text += &format!("python = {}\n", quoted(python)),
        None => {
            text += "# python = \".venv/bin/python\"      # default: $VIRTUAL_ENV, then .venv, then python3 on PATH\n"
        }
    }
    text += &format!("python-path = {}  # folders to import from\n", list(&found.python_path));
    text + "# requirements = \"bench-requirements.txt\"  # libraries to compare with, kept out of your environment\n"
}

fn building(found: &Found, extension: &Extension, asks: &mut dyn Asks) -> Building {
    if !extension.module.contains('.') {
        return Building::Tool;
    }
    let name = &extension.module;
    match extension.builder {
        Some("maturin") if found.has_environment && asks.has_program("maturin") => Building::Maturin,
        _ if asks.is_installed(name) => Building::Installed,
        Some("maturin") => Building::Nothing(format!(
            "{name} lies inside a package and is not installed; in a virtual environment with maturin, `maturin develop --release` installs it"
        )),
        _ => Building::Nothing(format!(
            "{name} lies inside a package and is not installed; `pip install -e .` in a virtual environment installs it"
        )),
    }
}

/// The keys of [project] that make the extensions importable.
fn build_keys(buildings: &[(&Extension, Building)]) -> String {
    let mut text = String::new();
    let of_tool = |(extension, building): &(&Extension, Building)| match building {
        Building::Tool => Some(extension_table(extension)),
        Building::Maturin | Building::Installed | Building::Nothing(_) => None,
    };
    let tables: Vec<String> = buildings.iter().filter_map(of_tool).collect();
    if !tables.is_empty() {
        text += "# Built in release for the interpreter above, and laid where only the measurement sees it.\n";
        text += &format!("extensions = [{}]\n", tables.join(", "));
    }
    let has = |is_so: fn(&Building) -> bool| buildings.iter().any(|(_, building)| is_so(building));
    if has(|building| matches!(building, Building::Maturin)) {
        text += "build = [[\"maturin\", \"develop\", \"--release\"]]  # into an environment that the tool keeps, never into yours\n";
    } else if has(|building| matches!(building, Building::Installed)) {
        text += "# The extension is imported as it is installed: after a change to its Rust, install it again.\n";
        text += "# build = [[\"pip\", \"install\", \"-e\", \".\"]]\n";
    } else if has(|building| matches!(building, Building::Nothing(_))) {
        text +=
            "# build = [[\"maturin\", \"develop\", \"--release\"]]  # needs a virtual environment, and maturin in it\n";
    }
    text
}

fn extension_table(extension: &Extension) -> String {
    let features = match extension.features.as_slice() {
        [] => String::new(),
        features => format!(", features = {}", list(features)),
    };
    format!("{{ package = {}, module = {}{features} }}", quoted(&extension.package), quoted(&extension.module))
}

/// Functions that have one name in Rust and in Python, or one that says which is which.
fn twins(found: &Found, extension: &Extension) -> Vec<Twin> {
    let mut twins = Vec::new();
    for function in &extension.functions {
        let mut plain = vec![function.as_str()];
        for mark in ["_rs", "_rust", "_native", "_fast"] {
            plain.extend(function.strip_suffix(mark));
        }
        for mark in ["rs_", "rust_", "native_", "fast_"] {
            plain.extend(function.strip_prefix(mark));
        }
        let marked: Vec<String> = ["_py", "_python", "_pure"].iter().map(|mark| format!("{function}{mark}")).collect();
        let mut candidates = plain.into_iter().chain(marked.iter().map(String::as_str));
        let Some(targets) = candidates.find_map(|name| found.functions.get(name)) else { continue };
        let Some(baseline) = targets.first() else { continue };
        if names::check(function).is_err() {
            continue;
        }
        twins.push(Twin {
            name: function.clone(),
            baseline: baseline.clone(),
            candidate: format!("{}:{function}", extension.module),
            drawn: Err(String::new()),
            is_lazy: false,
        });
    }
    twins
}

fn twin_table(twin: &Twin) -> String {
    let name = &twin.name;
    let mut text = format!("\n[workload.{name}]\n");
    match &twin.drawn {
        Ok(drawn) => {
            text += &format!("sizes = {}  # {}\n", drawn.sizes, drawn.meaning);
            text += &drawn.unit.map(|unit| format!("unit = \"{unit}\"\n")).unwrap_or_default();
            text += &format!("input = \"rustworthy_inputs.{name}:make\"  # make its inputs look like yours\n");
        }
        Err(why) => {
            text += &format!("# {}\n", one_line(why));
            text += "sizes = [10, 1_000]\ninput = \"MODULE:CALLABLE\"  # called with (size, seed); returns the tuple of arguments\n";
        }
    }
    if twin.is_lazy {
        text += "consume = true  # a lazy result is exhausted inside the clock\n";
    }
    text += &format!("\n[workload.{name}.baseline]\npython = {}\n", quoted(&twin.baseline));
    text + &format!(
        "\n[workload.{name}.candidate.hybrid]\nkind = \"hybrid\"  # Rust called from Python\npython = {}\n",
        quoted(&twin.candidate)
    )
}

fn bench_table(package: &str, bench: &str, id: &str, has_worker: bool) -> String {
    let name = names::identifier(id.trim_end_matches("/{size}"));
    let worker = if has_worker {
        ""
    } else {
        "# The bench cannot show its result, and stays unverified, unless it links the worker: docs/PROTOCOL.md of rustworthy.\n"
    };
    format!(
        "\n[workload.{name}]\nsizes = [10, 1_000]  # in the place of {{size}}\ninput = \"MODULE:CALLABLE\"\n\n[workload.{name}.baseline]\npython = \"MODULE:FUNCTION\"  # the Python that does the same\n\n[workload.{name}.candidate.native]\nkind = \"native\"\n{worker}criterion = {{ package = {}, bench = {}, id = {} }}\n",
        quoted(package),
        quoted(bench),
        quoted(id)
    )
}

/// The same as comments, to be switched on.
fn commented(table: &str) -> String {
    let lines = table.trim_start_matches('\n').lines();
    let each = lines.map(|line| if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") });
    format!("\n{}", each.collect::<String>())
}

const EXAMPLE_TABLE: &str = r#"
# An example that runs, two ways in Python, to be replaced by a pair of yours: `rustworthy new NAME --from MODULE:FUNCTION`
# writes one for a function, port and all. Then delete this workload and rustworthy_example.py.
[workload.example]
summary = "Count words, in a loop and with the library"
sizes = [10, 1_000]
unit = "words"
input = "rustworthy_example:make"         # called with (size, seed); returns the tuple of arguments

[workload.example.baseline]
python = "rustworthy_example:by_loop"

[workload.example.candidate.counter]
kind = "python"                           # or "library", "hybrid" (Rust called from Python), "native" (Rust alone)
python = "rustworthy_example:by_counter"
"#;
