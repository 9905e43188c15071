//! Whole processes as implementations: every way they end is a row.

use crate::project::{Project, cell};

const BASELINE: &str = "
[workload.start]
boundary = \"process\"
timeout = \"2s\"
baseline = { command = [\"{python}\", \"-c\", \"print(5)\"] }
";

fn project(candidates: &[(&str, &str)]) -> Project {
    let each = candidates
        .iter()
        .map(|(name, command)| format!("[workload.start.candidate.{name}]\nkind = \"native\"\ncommand = {command}\n"));
    Project::new(&(BASELINE.to_owned() + &each.collect::<String>()), "")
}

#[test]
fn each_end_of_a_process_is_a_row() {
    let failing = [
        ("hangs", "[\"sh\", \"-c\", \"echo waiting >&2; sleep 3600 & sleep 3600\"]", "did not end within 2s"),
        ("is_killed", "[\"sh\", \"-c\", \"kill -9 $$\"]", "SIGKILL"),
        ("floods", "[\"yes\"]", "wrote more than"),
        ("is_missing", "[\"no-such-program\"]", "no-such-program"),
    ];
    let mut candidates: Vec<(&str, &str)> = failing.iter().map(|(name, command, _)| (*name, *command)).collect();
    candidates.push(("same", "[\"echo\", \"5\"]"));
    candidates.push(("other", "[\"echo\", \"6\"]"));
    candidates.push(("other_code", "[\"sh\", \"-c\", \"echo 5; exit 3\"]"));
    candidates.push(("daemon", "[\"sh\", \"-c\", \"setsid sleep 3600 >/dev/null 2>&1 & echo 5\"]"));
    let project = project(&candidates);
    project
        .run(&["--rounds", "1"])
        .exits(1)
        .tells(r#"baseline "5\n", candidate "6\n""#)
        .tells("baseline 0, candidate 3");
    let run = project.saved();
    for (name, _, message) in failing {
        let cell = cell(&run, "start", name);
        assert_eq!(cell["status"], "failed", "{cell:#}");
        assert!(cell["detail"].as_str().unwrap().contains(message), "{cell:#}");
    }
    for (name, status) in
        [("same", "measured"), ("daemon", "measured"), ("other", "differs"), ("other_code", "differs")]
    {
        assert_eq!(cell(&run, "start", name)["status"], status, "{name}");
    }
    project.assert_tidy();
}

/// The end of a process that a workload says more of.
fn compared(settings: &str, baseline: &str, candidates: &[(&str, &str)]) -> Vec<String> {
    let each = candidates
        .iter()
        .map(|(name, command)| format!("[workload.start.candidate.{name}]\nkind = \"native\"\ncommand = {command}\n"));
    let workload = format!("[workload.start]\ninput = \"work:numbers\"\nsizes = [3]\n{settings}\n{baseline}\n");
    let project = Project::new(&(workload + &each.collect::<String>()), "");
    let checks = project.tool(&["check", "--format", "json"]).json();
    let describe = |check: &serde_json::Value| {
        let detail = check["detail"].as_str().unwrap_or_default();
        format!("{} {} {detail}", check["implementation"].as_str().unwrap(), check["status"].as_str().unwrap())
    };
    checks["checks"].as_array().unwrap().iter().map(describe).collect()
}

#[test]
fn outputs_are_compared_as_the_manifest_says() {
    let baseline = "baseline = { command = [\"echo\", \"[1, 2.0]\"] }";
    let candidates = [
        ("same", "[\"echo\", \"[1, 2.0]\"]"),
        ("spaced", "[\"echo\", \"[ 1,2.0 ]\"]"),
        ("float", "[\"echo\", \"[1.0, 2.0]\"]"),
    ];
    let bytes = compared("", baseline, &candidates);
    assert_eq!(bytes[1], "same agrees ");
    assert!(bytes[2].starts_with("spaced differs"), "{bytes:?}");
    let more =
        [&candidates[..], &[("text", "[\"echo\", \"hello\"]"), ("near", "[\"echo\", \"[1, 2.000000001]\"]")]].concat();
    let json = compared("output = \"json\"\ntolerance = { relative = 1e-6 }", baseline, &more);
    assert_eq!(json[1..3], ["same agrees ", "spaced agrees "]);
    assert!(json[3].contains("result[\"output\"][0]: baseline 1, candidate 1.0"), "{json:?}");
    assert!(json[4].starts_with("text failed its output is not one JSON document"), "{json:?}");
    assert_eq!(json[5], "near agrees ");
}

#[test]
fn beside_a_function_a_command_prints_the_result() {
    let candidates = [
        (
            "reads",
            r#"["{python}", "-c", "import json, sys; print(sum(json.load(open(sys.argv[1]))['v'][0]))", "{input}"]"#,
        ),
        ("says", "[\"echo\", \"3\"]"),
        ("lies", "[\"echo\", \"4\"]"),
        ("talks", "[\"echo\", \"three\"]"),
        ("gives_up", "[\"false\"]"),
    ];
    let checks = compared("", "baseline = { python = \"work:total\" }", &candidates);
    assert_eq!(checks[1..3], ["reads agrees ", "says agrees "]);
    assert!(checks[3].starts_with("lies differs result: baseline 3, candidate 4"), "{checks:?}");
    assert!(checks[4].starts_with("talks failed its output is not one JSON document"), "{checks:?}");
    assert!(checks[5].starts_with("gives_up failed raises SystemExit: exit code 1"), "{checks:?}");
}

#[test]
fn folder_variables_and_setup_are_the_workloads() {
    let code = "
def leave():
    open('left', 'a').write('x')
";
    let settings = "cwd = \"data\"\nenv = { GREETING = \"hello\" }\nsetup = \"work:leave\"";
    let manifest = format!(
        "[workload.start]\n{settings}\n[workload.start.baseline]\n\
         command = [\"sh\", \"-c\", \"echo $GREETING; ls; cat left | tr -d x\"]\n\
         [workload.start.candidate.script]\nkind = \"native\"\ncommand = [\"./script\"]\n"
    );
    let project = Project::new(&manifest, code);
    project.write("data/here", "");
    project.write("script", "#!/bin/sh\necho $GREETING\nls\n");
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.path("script"), permissions).unwrap();
    project.run(&["--rounds", "1"]).exits(0);
    let launches = std::fs::read_to_string(project.path("data/left")).unwrap().len();
    assert!(launches >= 4, "{launches} calls of the setup: one for each launch of both");
    assert_eq!(cell(&project.saved(), "start", "script")["status"], "measured");
}
