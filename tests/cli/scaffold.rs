//! `init` and `new`: what they write runs, keeps what was there, and is whole or not there at all.
//!
//! That a scaffold compiles is tried by the tutorial's own commands, in scripts/test-full.

use std::fs;

use crate::project::{Project, Said};

const WORDS: &str = r#"
import functools

def count(text: str, shortest: int = 1) -> "dict[str, int]":
    """Count the "words" of a text."""
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + (len(word) >= shortest)
    return counts

def untyped(values, limit=3):
    return values

@functools.lru_cache(maxsize=None)
def cached(number: int) -> int:
    return number

def lazy(number: int):
    yield from range(number)

async def waits(): ...
def variadic(*values): ...
def by_name(*, key): ...

class Parser:
    def parse(self, text: str) -> int:
        return len(text)

    @staticmethod
    def plain(text: str) -> int:
        return len(text)
"#;

/// A project with the module above and a first manifest.
fn words() -> Project {
    let project = Project::empty();
    project.write("words.py", WORDS);
    project.tool(&["init"]).exits(0);
    project
}

fn new(project: &Project, name: &str, from: &str) -> Said {
    project.tool(&["new", name, "--from", from])
}

/// Every file of the project with its text.
fn snapshot(project: &Project) -> Vec<(String, String)> {
    fn files(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                files(&entry, found);
            } else if entry.extension().is_none_or(|extension| extension != "pyc") {
                let text = String::from_utf8_lossy(&fs::read(&entry).unwrap()).into_owned();
                found.push((entry.display().to_string(), text));
            }
        }
    }
    let mut found = Vec::new();
    files(&project.root(), &mut found);
    found.sort();
    found
}

fn read(project: &Project, file: &str) -> String {
    fs::read_to_string(project.path(file)).unwrap()
}

#[test]
fn an_empty_folder_gets_an_example_that_agrees() {
    let project = Project::empty();
    project.tool(&["list"]).exits(2).complains("no rustworthy.toml here: `rustworthy init`");
    project.tool(&["init"]).exits(0).tells("rustworthy check").tells("rustworthy new");
    project.tool(&["list"]).exits(0).tells("example");
    project.tool(&["check"]).exits(0).tells("agrees");
    let before = snapshot(&project);
    project.tool(&["init"]).exits(2).complains("rustworthy.toml").complains("--force");
    assert_eq!(snapshot(&project), before);
    project.write("rustworthy_example.py", "broken");
    project.tool(&["init", "--force"]).exits(0);
    assert_eq!(snapshot(&project), before);
}

#[test]
fn a_place_that_is_no_project_is_refused() {
    let project = Project::empty();
    project.write("file", "");
    project.tool(&["init", "nowhere"]).exits(2).complains("nowhere: there is no such folder");
    project.tool(&["init", "file"]).exits(2).complains("file: is no folder");
    fs::create_dir(project.path("inner")).unwrap();
    project.tool(&["init", "inner"]).exits(0).tells("cd inner");
    assert!(project.path("inner/rustworthy.toml").exists() && !project.path("rustworthy.toml").exists());
    project.tool(&["list", "--project", "inner"]).exits(0);
}

#[test]
fn a_source_folder_is_imported_from() {
    let project = Project::empty();
    project.write(
        "pyproject.toml",
        "[project]\nname = \"acme-etl\"\n[tool.setuptools.packages.find]\nwhere = [\"src\"]\n",
    );
    project.write("src/acme/__init__.py", "");
    project.write("src/acme/logs.py", "def parse(lines):\n    return len(lines)\n");
    project.tool(&["init"]).exits(0).tells("rustworthy new parse --from acme.logs:parse");
    let manifest = read(&project, "rustworthy.toml");
    assert!(
        manifest.contains("name = \"acme-etl\"") && manifest.contains("python-path = [\"src\", \".\"]"),
        "{manifest}"
    );
    new(&project, "parse", "acme.logs:parse").exits(0).tells("`lines`");
    assert!(read(&project, "tests/test_parse_port.py").contains(r#"["src", "."]"#));
}

/// A crate with a PyO3 function `total`, which Python has too.
fn with_extension(pyproject: &str, module: &str) -> Project {
    let project = Project::empty();
    if !pyproject.is_empty() {
        project.write("pyproject.toml", pyproject);
    }
    project.write(
        "Cargo.toml",
        "[package]\nname = \"acme-native\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\npyo3 = { version = \"0.30\", optional = true }\n[features]\npy = [\"dep:pyo3\"]\n",
    );
    let source = "#[pyfunction]\nfn total(values: Vec<f64>) -> f64 { 0.0 }\n#[pymodule]\nmod MODULE {}\n";
    project.write("src/lib.rs", &source.replace("MODULE", module));
    project.write("pure.py", "def total(values: 'list[float]') -> float:\n    return sum(values)\n");
    project
}

#[test]
fn a_function_of_one_name_in_both_languages_is_proposed() {
    let project = with_extension("", "acme");
    project.tool(&["init"]).exits(0).tells("total: acme:total against pure:total");
    project.tool(&["list"]).exits(0).tells("acme:total").tells("pure:total");
    let manifest = read(&project, "rustworthy.toml");
    assert!(manifest.contains(r#"{ package = "acme-native", module = "acme", features = ["py"] }"#), "{manifest}");
    assert!(!project.path("rustworthy_example.py").exists());
}

#[test]
fn a_module_inside_a_package_is_switched_off_until_it_can_be_imported() {
    for pyproject in [
        "[build-system]\nbuild-backend = \"maturin\"\n[tool.maturin]\nmodule-name = \"acme._native\"\n",
        "[[tool.setuptools-rust.ext-modules]]\ntarget = \"acme._native\"\n",
    ] {
        let project = with_extension(pyproject, "_native");
        project.tool(&["init"]).exits(0).tells("total: in the file, switched off");
        let manifest = read(&project, "rustworthy.toml");
        assert!(manifest.contains("# python = \"acme._native:total\""), "{manifest}");
        project.tool(&["check"]).exits(0).tells("example");
    }
}

#[test]
fn a_module_that_maturin_builds_into_the_environment_is_proposed() {
    let pyproject = "[build-system]\nbuild-backend = \"maturin\"\n[tool.maturin]\nmodule-name = \"acme._native\"\n";
    let project = with_extension(pyproject, "_native");
    // Not built yet, and its package takes from it.
    project.write("acme/__init__.py", "from ._native import total\n");
    fs::rename(project.path("pure.py"), project.path("acme/pure.py")).unwrap();
    let python = crate::project::python();
    project.write(".venv/pyvenv.cfg", &format!("home = {}\n", python.parent().unwrap().display()));
    project.write(".venv/bin/maturin", "");
    std::os::unix::fs::symlink(python, project.path(".venv/bin/python")).unwrap();
    project.tool(&["init"]).exits(0).tells("total: acme._native:total against acme.pure:total");
    assert!(read(&project, "rustworthy.toml").contains("\nbuild = [[\"maturin\", \"develop\", \"--release\"]]"));
    project.tool(&["list"]).exits(0).tells("acme._native:total");
}

#[test]
fn a_bench_is_shown_with_its_id() {
    let project = Project::empty();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
    project.write(
        "crates/core/Cargo.toml",
        "[package]\nname = \"core-acme\"\n[dev-dependencies]\ncriterion = \"0.8\"\n[[bench]]\nname = \"logs\"\nharness = false\n",
    );
    project.write("crates/core/benches/logs.rs", "let mut group = c.benchmark_group(\"parse_log\");");
    project.tool(&["init"]).exits(0).tells("the criterion bench logs of core-acme");
    let manifest = read(&project, "rustworthy.toml");
    assert!(
        manifest.contains(r#"# criterion = { package = "core-acme", bench = "logs", id = "parse_log/{size}" }"#),
        "{manifest}"
    );
    project.tool(&["list"]).exits(0);
}

#[test]
fn a_pair_is_added_to_a_manifest_that_stays_as_it_was() {
    let project = words();
    let written = read(&project, "rustworthy.toml").replace("[project]", "[project]  # mine");
    project.write("rustworthy.toml", &written);
    let said =
        new(&project, "count", "words:count").exits(0).tells("rust/src/ports/count.rs").tells("rustworthy check count");
    assert!(!said.stdout.contains("note:"), "{}", said.stdout);
    let manifest = read(&project, "rustworthy.toml");
    for line in written.lines() {
        assert!(manifest.contains(line), "{line} is gone from\n{manifest}");
    }
    crate::assert_said!(project, "new-port", read(&project, "rust/src/ports/count.rs"));
    crate::assert_said!(project, "new-inputs", read(&project, "rustworthy_inputs/count.py"));
    project.tool(&["list", "count"]).exits(0).tells("project_rust:count").tells("project-rust/ports: count/{size}");

    new(&project, "type", "words:Parser.plain").exits(0).tells("the crate of your earlier ports");
    let ports = read(&project, "rust/src/ports/mod.rs");
    assert!(ports.contains("pub mod count;\npub mod r#type;\n"), "{ports}");
    assert!(read(&project, "rust/src/lib.rs").contains("use crate::ports::r#type::python::r#type;"));
    assert_eq!(read(&project, "rustworthy.toml").matches("extensions = ").count(), 1);
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let project = words();
    new(&project, "count", "words:count").exits(0);
    project.write("rust/src/ports/count.rs", "// my work");
    let before = snapshot(&project);
    new(&project, "count", "words:count")
        .exits(2)
        .complains("there is a workload `count` already")
        .complains("--force");
    assert_eq!(snapshot(&project), before);
    project.write("tests/test_lazy_port.py", "# mine");
    let before = snapshot(&project);
    new(&project, "lazy", "words:lazy").exits(2).complains("tests/test_lazy_port.py").complains("--force");
    assert_eq!(snapshot(&project), before);
    project.tool(&["new", "count", "--from", "words:count", "--force"]).exits(0);
    assert!(read(&project, "rust/src/ports/count.rs").contains("NotImplementedError"));
    assert_eq!(read(&project, "rustworthy.toml").matches("[workload.count]").count(), 1);
    assert_eq!(read(&project, "rust/src/ports/mod.rs").matches("pub mod count;").count(), 1);
}

#[test]
fn a_crate_that_lost_its_marks_is_not_guessed_at() {
    let project = words();
    new(&project, "count", "words:count").exits(0);
    let library = read(&project, "rust/src/lib.rs").replace("// rustworthy new: functions above this line", "");
    project.write("rust/src/lib.rs", &library);
    let before = snapshot(&project);
    new(&project, "cached", "words:cached").exits(2).complains("rust/src/lib.rs").complains("put it back");
    assert_eq!(snapshot(&project), before);
}

#[test]
fn a_foreign_crate_is_left_alone() {
    let project = words();
    project.write("rust/Cargo.toml", "[package]\nname = \"project-rust\"\n");
    new(&project, "count", "words:count").exits(0).tells("rust-ports/ is a new crate");
    assert_eq!(fs::read_dir(project.path("rust")).unwrap().count(), 1);
    let manifest = read(&project, "rust-ports/Cargo.toml");
    assert!(manifest.contains("[workspace]") && manifest.contains("name = \"project-ports\""), "{manifest}");
}

#[test]
fn what_no_pair_can_be_made_for_is_refused_with_the_reason() {
    let project = words();
    let before = snapshot(&project);
    for (name, from, reason) in [
        ("waits", "words:waits", "async"),
        ("variadic", "words:variadic", "any number of arguments"),
        ("by_name", "words:by_name", "keyword-only"),
        ("parser", "words:Parser", "class"),
        ("count", "words:missing", "AttributeError"),
        ("count", "nowhere:count", "ModuleNotFoundError"),
        ("count", "words", "module:function"),
        ("count", "words:count()", "module:function"),
        ("class", "words:count", "keyword"),
        ("../up", "words:count", "identifier"),
        ("a-b", "words:count", "identifier"),
        ("self", "words:count", "keyword"),
        ("", "words:count", "identifier"),
    ] {
        new(&project, name, from).exits(2).complains(reason);
    }
    assert_eq!(snapshot(&project), before);
}

#[test]
fn what_is_not_annotated_is_said() {
    let project = words();
    let said =
        new(&project, "untyped", "words:untyped").exits(0).tells("Bound<PyAny>").tells("`values` (without annotation)");
    assert!(said.stdout.contains("give a value for `values`"), "{}", said.stdout);
    assert!(!read(&project, "rustworthy.toml").contains("untyped.candidate.native"));
    assert!(read(&project, "rustworthy_inputs/untyped.py").contains("raise NotImplementedError"));
    new(&project, "cached", "words:cached").exits(0).tells("words:cached.__wrapped__");
    new(&project, "lazy", "words:lazy").exits(0).tells("consume = true");
    new(&project, "parse", "words:Parser.parse").exits(0).tells("`self` (the object whose method it is)");
    assert!(read(&project, "rustworthy_inputs/parse.py").contains("instance(\"words:Parser\")"));
}
