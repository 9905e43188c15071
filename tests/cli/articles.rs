//! The pairs that articles show, which are not equivalent: `check` finds each, and shows an input.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::project::{Project, Said, python};

/// Workload, candidate, a part of the difference, and a part of the smallest input that shows it.
const FOUND: &[(&str, &str, &str, &str)] = &[
    ("csv_header", "count", "baseline 1, candidate 0", r#"("0",)"#),
    ("csv_blank_lines", "count", "baseline 1, candidate 0", r#"("\n",)"#),
    ("csv_invalid_utf8", "count", r#"["exit code"]: baseline 1, candidate 0"#, r"\xe9"),
    ("csv_invalid_utf8", "valid", r#"["exit code"]: baseline 1, candidate 0"#, r"\xe9"),
    ("csv_ragged", "count", r#"["exit code"]: baseline 1, candidate 0"#, r#"("a",)"#),
    ("csv_ragged", "valid", r#"["exit code"]: baseline 1, candidate 0"#, r#"("a",)"#),
    ("csv_open_quote", "count", r#"["exit code"]: baseline 1, candidate 0"#, r#"("\"",)"#),
    ("circle", "area", "relative difference 8.4e-7", "(0.5,)"),
    ("circle_tolerant", "area", "relative difference 8.4e-7", "(0.5,)"),
    ("process_items", "vector", "arguments: baseline changed by the call", "([],)"),
    ("overflow", "wrapping", "it wraps at 64 bits", "4611686018427387904"),
    ("overflow", "saturating", "it stops at the limit of 64 bits", "4611686018427387904"),
    ("floor_division", "divided", "baseline -4, candidate -3", "([-7],)"),
    ("remainder", "remainder", "baseline 2, candidate -1", "([-1],)"),
    ("rounding", "rounded", "baseline 0, candidate 1", "([0.5],)"),
    ("lone_surrogate", "text", "raises UnicodeEncodeError", r"\udce9"),
    ("lone_surrogate", "lossy", "\u{fffd}", r"\udce9"),
    ("dictionary_order", "hashed", "another order", "word"),
    ("dictionary_order", "sorted", "another order", r#"(["a", ""],)"#),
    ("duplicate_key", "typed", "raises ValueError", "level"),
    ("nan_largest", "folded", "baseline NaN", "([NaN],)"),
    ("nan_json", "dumped", r#"baseline "[NaN]", candidate "[null]""#, "([NaN],)"),
];

/// The golden project in a folder of its own. Its builds are kept, as they take longest.
fn project() -> Project {
    let project = Project::empty();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/articles");
    for name in ["rustworthy.toml", "articles.py", "Cargo.toml", "Cargo.lock"].into_iter().chain([
        "src/lib.rs",
        "src/main.rs",
        "src/extension.rs",
    ]) {
        project.write(name, &fs::read_to_string(golden.join(name)).unwrap());
    }
    project
}

fn tool(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command(arguments);
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("articles"));
    command
}

fn check(project: &Project, workload: &str) -> Said {
    project.finish(&mut tool(project, &["check", workload, "--cases", "4", "--format", "json"]))
}

/// Whether this Python's `sum` carries what additions lose, as it does from 3.12 on.
fn sums_are_compensated() -> bool {
    Command::new(python())
        .args(["-c", "assert sum([0.1] * 10) == 1.0"])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Builds an extension and a program, and makes some twenty inputs small: `scripts/test-full` runs it.
#[test]
#[ignore = "takes a minute; scripts/test-full runs it"]
fn every_pair_of_the_articles_is_found_to_differ() {
    let project = project();
    // The builds take as long as they take, whatever a hang is.
    let built = tool(&project, &["check", "csv_header", "circle"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(built.status.code(), Some(1), "{}", String::from_utf8_lossy(&built.stderr));

    let mut found: Vec<(&str, &str, &str, &str)> = FOUND.to_vec();
    // The one that depends on the interpreter: before 3.12 it is the careful port that differs.
    let careless = if sums_are_compensated() { "plain" } else { "mended" };
    found.push(("compensated_sum", careless, "units in the last place", "([0.1, 0.1, 0.1"));

    let workloads: BTreeSet<&str> = found.iter().map(|(workload, ..)| *workload).collect();
    let declared = tool(&project, &["list", "--format", "json"]).output().unwrap();
    let declared: Json = serde_json::from_slice(&declared.stdout).unwrap();
    assert_eq!(declared["workloads"].as_array().unwrap().len(), workloads.len(), "each workload is looked at");

    let mut faults = Vec::new();
    for &workload in &workloads {
        let checks = check(&project, workload).exits(1).json();
        let mut seen: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for check in checks["checks"].as_array().unwrap() {
            let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
            seen.entry(text("implementation")).or_default().push((text("status"), text("detail")));
        }
        for (candidate, cells) in &seen {
            let expected = found.iter().find(|(of, name, ..)| *of == workload && name == candidate);
            let differing = cells.iter().find(|(status, _)| status == "differs");
            let fits = match (expected, differing) {
                (None, None) => cells.iter().all(|(status, _)| status == "agrees"),
                (Some((_, _, difference, input)), Some((_, detail))) => {
                    let smallest = detail.rsplit_once(" with ").map_or("", |(_, smallest)| smallest);
                    detail.contains(difference) && smallest.contains(input)
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if !fits {
                faults.push(format!("{workload}/{candidate}: {cells:#?}"));
            }
        }
        let missing = found.iter().filter(|(of, name, ..)| *of == workload && !seen.contains_key(*name));
        faults.extend(missing.map(|(of, name, ..)| format!("{of}/{name} was not checked")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let kept = fs::read_dir(project.path("rustworthy-cases")).unwrap().count();
    assert_eq!(kept, workloads.len(), "each leaves an input to commit");
}
