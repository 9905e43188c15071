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
    project.run(&["--rounds", "1"]).exits(1).tells("baseline 5, candidate 6").tells("baseline 0, candidate 3");
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
