//! The workflows, the action and the examples hold what the documentation promises: read permissions, no secrets, nothing of
//! a pull request in a script.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every workflow of this repository, and the action.
fn all() -> Vec<(String, String, Value)> {
    let workflows = fs::read_dir(file(".github/workflows")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = workflows.chain([file("action.yml"), file("docs/gate.gitlab-ci.yml")]).collect();
    paths.sort();
    paths.into_iter().map(|path| read(&path)).collect()
}

fn read(path: &Path) -> (String, String, Value) {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    (name, text, value)
}

/// Every value of a key, wherever it stands.
fn each<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let inner = |value: &'v Value| each(value, key);
    match value {
        Value::Object(map) => map.get(key).into_iter().chain(map.values().flat_map(inner)).collect(),
        Value::Array(list) => list.iter().flat_map(inner).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[test]
fn nothing_runs_with_more_rights_than_reading() {
    for (name, text, value) in all() {
        assert!(!text.contains("pull_request_target") && !text.contains("workflow_run"), "{name}");
        assert!(!text.contains("secrets.") && !text.contains("secrets["), "{name} reads a secret");
        if value.get("jobs").is_some() {
            let permissions = each(&value, "permissions");
            assert!(!permissions.is_empty(), "{name} says nothing of its permissions");
            for granted in permissions {
                assert_eq!(granted, &serde_json::json!({"contents": "read"}), "{name}");
            }
        }
    }
}

#[test]
fn the_gate_runs_for_pull_requests_alone_and_sees_all_of_their_history() {
    let (_, _, gate) = read(&file(".github/workflows/gate.yml"));
    let events: Vec<&String> = gate["on"].as_object().unwrap().keys().collect();
    assert_eq!(events, ["pull_request"]);
    let steps = gate["jobs"]["gate"]["steps"].as_array().unwrap();
    let step = |uses: &str| {
        let wanted = |step: &&Value| step["uses"].as_str().is_some_and(|found| found.starts_with(uses));
        steps.iter().find(wanted).unwrap()
    };
    assert_eq!(step("actions/checkout")["with"]["fetch-depth"], 0);
    let filters = step("./")["with"]["filters"].as_str().unwrap();
    let manifest: toml::Table = fs::read_to_string(file("rustworthy.toml")).unwrap().parse().unwrap();
    for filter in filters.split_whitespace() {
        let (workload, candidate) = filter.split_once('/').unwrap();
        assert!(manifest["workload"][workload]["candidate"].get(candidate).is_some(), "there is no {filter}");
    }
}

#[test]
fn a_checkout_leaves_no_token_behind_and_every_action_has_a_version() {
    for (name, _, value) in all() {
        for uses in each(&value, "uses") {
            let uses = uses.as_str().unwrap();
            assert!(
                uses == "./" || uses.split_once('@').is_some_and(|(_, version)| !version.is_empty()),
                "{name}: {uses}"
            );
        }
        for steps in each(&value, "steps") {
            let checkouts = steps
                .as_array()
                .unwrap()
                .iter()
                .filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout")));
            for checkout in checkouts {
                assert_eq!(checkout["with"]["persist-credentials"], false, "{name}");
            }
        }
    }
}

#[test]
fn no_script_holds_what_a_pull_request_may_choose() {
    for (name, _, value) in all() {
        for script in each(&value, "run") {
            assert!(!script.as_str().unwrap().contains("${{"), "{name}: an expression stands in a script: {script}");
        }
    }
}

#[test]
fn the_action_fails_where_a_gate_is_open_and_the_page_tells_every_input() {
    let (_, _, action) = read(&file("action.yml"));
    assert_eq!(action["inputs"]["inconclusive"]["default"], "fail");
    let page = fs::read_to_string(file("docs/GATE.md")).unwrap();
    let told = |name: &String| page.contains(&format!("| `{name}` |"));
    for key in ["inputs", "outputs"] {
        for name in action[key].as_object().unwrap().keys() {
            assert!(told(name), "docs/GATE.md does not tell of {name}");
        }
    }
}

#[test]
fn no_merge_request_takes_over_what_another_has_cached() {
    let (_, _, pipeline) = read(&file("docs/gate.gitlab-ci.yml"));
    let key_of = |path: &str| {
        let caches = pipeline["gate"]["cache"].as_array().unwrap();
        let cache = caches.iter().find(|cache| cache["paths"][0] == path).unwrap();
        cache["key"].as_str().unwrap().to_owned()
    };
    assert!(key_of(".rustworthy/").contains("$CI_MERGE_REQUEST_IID"));
    assert!(key_of(".gate/").contains("$CI_PIPELINE_ID"));
    assert_eq!(pipeline["gate"]["cache"].as_array().unwrap().len(), 2);
}

/// The step of the action with this name.
fn step(name: &str) -> Value {
    let (_, _, action) = read(&file("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("there is no step {name}")).clone()
}

/// Runs a step's script in a folder that is the runner's own and the checkout; how it ended, and its outputs.
#[cfg(unix)]
fn run_step(name: &str, folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = folder.join("output");
    fs::write(&output, "").unwrap();
    let done = std::process::Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"].as_str().unwrap()])
        .current_dir(folder)
        .env_remove("GITHUB_BASE_REF")
        .env("RUNNER_TEMP", folder)
        .env("GITHUB_OUTPUT", &output)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (done.status.code(), fs::read_to_string(&output).unwrap())
}

/// A program that is a shell script.
#[cfg(unix)]
fn program(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The folder of evidence of the gate with this name.
#[cfg(unix)]
fn evidence_of(name: &str, folder: &Path) -> String {
    let (code, outputs) = run_step("Where the evidence lies", folder, &[("NAME", name)]);
    assert_eq!(code, Some(0));
    outputs.strip_prefix("folder=").and_then(|rest| rest.strip_suffix('\n')).unwrap().to_owned()
}

/// Runs the action's gate with a tool that prints its arguments to a file and what the format looks like to standard output.
#[cfg(unix)]
fn run_action(output: &str, code: u8, variables: &[(&str, &str)]) -> (Option<i32>, String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("said"), output).unwrap();
    let script = "printf '%s\\n' \"$@\" > \"$RUNNER_TEMP/arguments\"\ncat \"$RUNNER_TEMP/said\"";
    program(&place("rustworthy/bin/rustworthy"), &format!("{script}\nexit {code}"));
    let evidence = evidence_of("gate", folder.path());
    let variables: Vec<(&str, &str)> = variables.iter().copied().chain([("EVIDENCE", evidence.as_str())]).collect();
    let (code, outputs) = run_step("Gate", folder.path(), &variables);
    let arguments = fs::read_to_string(place("arguments")).unwrap_or_default();
    let arguments = arguments.lines().map(|line| line.replace(&folder.path().display().to_string(), "TEMP")).collect();
    (code, outputs, arguments)
}

#[cfg(unix)]
#[test]
fn the_tool_is_built_where_no_setting_of_the_project_holds() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let action = place("the action");
    fs::create_dir(&action).unwrap();
    program(&place("bin/cargo"), "pwd -P > \"$RUNNER_TEMP/built-in\"");
    let path = format!("{}:{}", place("bin").display(), std::env::var("PATH").unwrap());
    let variables = [("PATH", path.as_str()), ("GITHUB_ACTION_PATH", action.to_str().unwrap())];
    assert_eq!(run_step("Build the tool", folder.path(), &variables).0, Some(0));
    let built_in = fs::read_to_string(place("built-in")).unwrap();
    assert_eq!(Path::new(built_in.trim_end()), action.canonicalize().unwrap());
}

#[test]
fn evidence_is_restored_judged_and_kept_in_one_place() {
    let places = [
        step("Restore the evidence")["with"]["path"].clone(),
        step("Gate")["env"]["EVIDENCE"].clone(),
        step("Keep the evidence")["with"]["path"].clone(),
    ];
    assert_eq!(places, ["${{ steps.evidence.outputs.folder }}"; 3]);
    assert_eq!(step("Where the evidence lies")["id"], "evidence");
    assert_eq!(step("Where the evidence lies")["env"]["NAME"], "${{ inputs.name }}");
    let script = step("Gate")["run"].clone();
    assert_eq!(script.as_str().unwrap().matches("$RUNNER_TEMP").count(), 1, "all but the tool lies with the evidence");
}

#[cfg(unix)]
#[test]
fn gates_of_one_job_have_a_folder_each_whatever_their_names() {
    let temp = tempfile::tempdir().unwrap();
    let of = |name: &str| {
        let folder = evidence_of(name, temp.path());
        Path::new(&folder).strip_prefix(temp.path()).unwrap().display().to_string()
    };
    assert_eq!(of("gate"), "rustworthy-gate-gate");
    assert_eq!(of("3.13_linux-x"), "rustworthy-gate-3.13_linux-x");
    assert_eq!(of("../$(touch no)\nfolder=*"), "rustworthy-gate-..___touch_no__folder__");
    assert!(!temp.path().join("no").exists());
}

#[cfg(unix)]
#[test]
fn the_action_passes_on_what_it_was_given_and_what_came_of_it() {
    let snapshot =
        fs::read_to_string(file("src/gate/formats/snapshots/rustworthy__gate__formats__tests__gate_github.snap"))
            .unwrap();
    let said = snapshot.splitn(3, "---\n").nth(2).unwrap();
    let pull_request = [
        ("AGAINST", ""),
        ("GITHUB_BASE_REF", "main; touch /tmp/never"),
        ("FILTERS", "parse_*/hybrid\n  tag:a*\tsort\n"),
        ("INCONCLUSIVE", "fail"),
    ];
    let (code, output, arguments) = run_action(said, 1, &pull_request);
    assert_eq!((code, output.as_str()), (Some(1), "verdict=fail\n"));
    let expected = [
        "gate",
        "--against=origin/main; touch /tmp/never",
        "--state=TEMP/rustworthy-gate-gate/state.json",
        "--inconclusive=fail",
        "--format=github",
        "--",
        "parse_*/hybrid",
        "tag:a*",
        "sort",
    ];
    assert_eq!(arguments, expected);

    let named = [("AGAINST", "v1.0"), ("GITHUB_BASE_REF", "main"), ("FILTERS", ""), ("INCONCLUSIVE", "pass")];
    let (code, output, arguments) = run_action("", 3, &named);
    assert_eq!((code, output.as_str()), (Some(3), "verdict=error\n"));
    assert_eq!((arguments[1].as_str(), arguments.len()), ("--against=v1.0", 6));

    let (code, output, arguments) = run_action(said, 0, &[("AGAINST", ""), ("FILTERS", ""), ("INCONCLUSIVE", "fail")]);
    assert_eq!((code, output.as_str(), arguments.len()), (Some(2), "verdict=error\n", 0));
}
