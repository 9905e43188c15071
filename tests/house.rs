//! The floors of the house: a module uses only what is below it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first; modules on one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["progress"],
    &["evidence"],
    &["units", "text", "markup"],
    &["analysis", "manifest", "equality", "launch"],
    &["prepare", "runner"],
    &["schedule", "scaffold", "verdict"],
    &["gate", "report"],
    &["cli"],
];

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` has no floor: give it one in this test and in the design"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// A line without its comment and without what stands in quotes.
fn code(line: &str) -> String {
    let line = line.replace("\\\"", "");
    let outside: String = line.split('"').step_by(2).collect();
    outside.split("//").next().unwrap_or_default().to_owned()
}

/// The top-level modules that a source names after `crate::`, alone or in braces; comments and texts do not count.
fn used(source: &str) -> BTreeSet<String> {
    let code: Vec<String> = source.lines().map(code).collect();
    let code = code.join("\n");
    let name = |text: &str| text.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect::<String>();
    let mut modules = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => {
                modules.insert(name(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut part = String::new();
                for character in group.chars() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            modules.insert(name(part.trim()));
                            part.clear();
                        }
                        _ => part.push(character),
                    }
                }
                modules.insert(name(part.trim()));
            }
        }
    }
    modules.remove("");
    modules
}

#[test]
fn a_module_uses_only_what_is_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for source in sources(&root) {
        let inner = source.strip_prefix(&root).unwrap();
        let module = inner.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        for used in used(&fs::read_to_string(&source).unwrap()) {
            if used != module && floor(&used) >= floor(module) {
                faults.push(format!("{} uses `{used}`", inner.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn uses_are_seen_in_every_form() {
    let source = "use crate::cli;\nuse crate::{report::{a, b}, launch};\nfn f() { crate::runner::g(\"a \\\" crate::no\") } // crate::no\n";
    let expected = ["cli", "launch", "report", "runner"].map(str::to_owned);
    assert_eq!(used(source), BTreeSet::from(expected));
}

#[test]
fn the_tool_is_light_to_install() {
    let cargo = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--package",
            "rustworthy",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(cargo.stdout).unwrap();
    assert!(tree.starts_with("rustworthy v"), "{}", String::from_utf8_lossy(&cargo.stderr));
    let is_heavy = |line: &&str| {
        let name = line.split(' ').next().unwrap();
        name.starts_with("pyo3")
            || ["criterion", "rustworthy-suite", "rayon", "image", "polars", "tokio"].contains(&name)
    };
    let heavy: Vec<&str> = tree.lines().filter(is_heavy).collect();
    assert!(heavy.is_empty(), "{heavy:?}");
}
