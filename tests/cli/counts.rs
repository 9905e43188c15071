//! Instructions of calls: `count`, and the gate that is asked for them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::project::{Project, Said, workload};

/// A `perf` that finds 50 instructions in every call, by what the worker is told, and 1,000 in everything else.
const PERF: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
file="$7"
shift 8
input=$(cat)
calls=$(printf '%s' "$input" | sed 's/.*"calls":\([0-9]*\).*/\1/')
printf '%s\n' "$input" | "$@"
echo "$((1000 + 50 * ${calls:-0})),,instructions:u,1,100.00,," > "$file"
"#;

/// A folder for `PATH` with these programs of the machine's, and nothing that counts.
fn path(project: &Project, programs: &[&str]) -> PathBuf {
    let folder = project.path("../path");
    fs::create_dir_all(&folder).unwrap();
    for name in programs {
        let own = found(name).unwrap_or_else(|| panic!("there is no {name}"));
        symlink(own, folder.join(name)).unwrap();
    }
    folder
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The tool on a machine with that `PATH`.
fn on(project: &Project, path: &Path, arguments: &[&str]) -> Said {
    project.finish(project.command(arguments).env("PATH", path))
}

fn with_perf(path: &Path) {
    fs::write(path.join("perf"), PERF).unwrap();
    fs::set_permissions(path.join("perf"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_count_is_of_the_calls_alone_and_repeated() {
    let project = Project::candidates("", &["again"], "again = total");
    let path = path(&project, &[]);
    on(&project, &path, &["count"]).exits(3).complains("install valgrind");
    with_perf(&path);
    let said = on(&project, &path, &["count", "--repeats", "3", "--format", "json"]).exits(0);
    let counted = said.json();
    assert_eq!((counted["schema"].as_str(), counted["by"].as_str()), (Some("rustworthy.count/1"), Some("perf")));
    let [baseline, again] = &counted["counts"].as_array().unwrap()[..] else { panic!("{counted}") };
    for count in [baseline, again] {
        let calls = count["calls"].as_u64().unwrap();
        assert_eq!(count["instructions"], serde_json::json!([50 * calls, 50 * calls, 50 * calls]));
        assert_eq!(
            (count["deterministic"].as_bool(), count["instructions_per_call"].as_f64()),
            (Some(true), Some(50.0))
        );
    }
    let text = on(&project, &path, &["count", "total/again"]).exits(0).stdout;
    assert!(text.contains("1.00×") && text.contains("counted by perf"), "{text}");
}

#[test]
fn what_cannot_be_counted_is_named_and_the_rest_goes_on() {
    let code = "
import threading

def spread(values):
    other = threading.Thread(target=sum, args=(range(2_000_000),))
    other.start()
    other.join()
    return sum(values)

def wrong(values):
    return sum(values) + 1
";
    let project = Project::candidates("", &["spread", "wrong"], code);
    let path = path(&project, &[]);
    with_perf(&path);
    let counted = on(&project, &path, &["count", "--format", "json"]).exits(1).json();
    let details: Vec<&str> =
        counted["counts"].as_array().unwrap().iter().map(|count| count["detail"].as_str().unwrap_or("")).collect();
    assert_eq!(details[0], "");
    assert!(details[1].contains("more than one thread") && details[2].starts_with("differs"), "{details:?}");
}

#[test]
fn a_gate_that_is_asked_for_instructions_shows_them_and_counts_once() {
    let table =
        workload("total", "sizes = [1000]", "total", &["again"]).replace("kind = \"python\"", "kind = \"hybrid\"");
    let project =
        Project::new(&format!("{table}\n[gate]\nmax-seconds = 2\n"), "def again(values):\n    return sum(values)\n");
    project.write(".gitignore", "reports/\n__pycache__/\n");
    let path = path(&project, &["git"]);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]).args(arguments);
        project.settle(&mut command);
        assert!(command.status().unwrap().success(), "git {arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    let gate = |whose: &str| {
        let asked = ["gate", "--against", "main", "--state", "state.json", "--format", "json", "--instructions", whose];
        on(&project, &path, &asked).exits(0).json()
    };
    let of = |gate: &Json| -> Vec<Json> {
        let checks = gate["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["topic"] == "instructions").cloned().collect()
    };
    let has_note = |gate: &Json| gate["notes"].to_string().contains("No instructions were counted");
    let without = gate("all");
    assert!(has_note(&without) && of(&without).is_empty(), "{without}");
    with_perf(&path);
    assert_eq!(of(&gate("none")), Vec::<Json>::new());
    let with = gate("all");
    let [baseline, again] = &of(&with)[..] else { panic!("{with}") };
    for check in [baseline, again] {
        assert_eq!(
            (check["outcome"].as_str(), check["text"].as_str()),
            (Some("pass"), Some("unchanged: 50 a call, 2 repeats agree"))
        );
        assert_eq!(check["counts"]["base"], check["counts"]["head"]);
    }
    // A repeated job has them already.
    fs::remove_file(path.join("perf")).unwrap();
    let repeated = gate("all");
    assert_eq!(of(&repeated), of(&with));
}

#[test]
fn valgrind_counts_the_same_every_time() {
    if found("valgrind").is_none() {
        eprintln!("skipped: there is no valgrind");
        return;
    }
    let code = "
def names(values):
    # The order of a set of texts hangs on the hash seed.
    return sum(len(name) for name in {str(value) for value in values})
";
    let project = Project::new(&workload("lengths", "", "names", &[]), code);
    let counted = project.tool(&["count", "--format", "json"]).exits(0).json();
    assert_eq!(counted["by"], "valgrind");
    for count in counted["counts"].as_array().unwrap() {
        assert_eq!((&count["deterministic"], &count["detail"]), (&Json::Bool(true), &Json::Null), "{counted}");
        assert!(count["instructions_per_call"].as_f64().unwrap() > 1000.0, "{counted}");
    }
}
