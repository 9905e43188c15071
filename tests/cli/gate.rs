//! The gate: a working tree against a commit, and saved runs against floors.

use std::process::Command;

use serde_json::Value as Json;

use crate::project::{Project, Said, workload};

/// A candidate that takes milliseconds, `factor` times over.
fn slow(factor: u32) -> String {
    format!(
        "def slow(values):\n    total = 0\n    for _ in range({}):\n        total = sum(values)\n    return total\n",
        200 * factor
    )
}

/// What stays out of the repository.
const IGNORED: &str = "reports/\n__pycache__/\n";

/// Where a pass is not what is asked for, no time is spent on reaching it.
const SHORT: &str = "[gate]\nmax-seconds = 3\n";

/// A project whose module `port` holds the candidate, committed, with these tables in its manifest, too.
fn committed(tables: &str, port: &str) -> Project {
    let table = workload("total", "sizes = [1000]", "total", &["slow"]).replace("work:slow", "port:slow");
    let project = Project::new(&format!("{table}\n{tables}"), "");
    project.write("port.py", port);
    project.write(".gitignore", IGNORED);
    for arguments in
        [&["init", "--quiet", "--initial-branch", "main"][..], &["add", "."], &["commit", "--quiet", "-m", "first"]]
    {
        git(&project, arguments);
    }
    project
}

fn git(project: &Project, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]).args(arguments);
    project.settle(&mut command);
    assert!(command.status().unwrap().success(), "git {arguments:?}");
}

fn document(said: &Said) -> Json {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", said.stdout, said.stderr))
}

/// The checks of a topic, each as outcome and text.
fn checks(gate: &Json, topic: &str) -> Vec<(String, String)> {
    let text = |check: &Json, key: &str| check[key].as_str().unwrap().to_owned();
    let all = gate["checks"].as_array().unwrap().iter().filter(|check| check["topic"] == topic);
    all.map(|check| (text(check, "outcome"), text(check, "text"))).collect()
}

#[test]
fn twice_the_time_fails_and_a_trailer_accepts_it_until_the_next_commit() {
    let project = committed("", &slow(1));
    project.write("port.py", &slow(2));
    let said = project.tool(&["gate", "--against", "main", "--format", "json"]).exits(1);
    let gate = document(&said);
    assert_eq!((gate["schema"].as_str(), gate["verdict"].as_str()), (Some("rustworthy.gate/1"), Some("fail")));
    let [(outcome, text)] = &checks(&gate, "time")[..] else { panic!("{gate}") };
    assert!(outcome == "fail" && text.contains("slower by +"), "{text}");
    assert_eq!(gate["between"]["dirty"], true);
    assert!(gate["control"]["blocks"].as_u64().unwrap() > 0, "the baseline is untouched: {gate}");

    git(&project, &["commit", "--quiet", "-am", "slower\n\nRustworthy-Ack: total/slow it is read twice on purpose"]);
    let said = project.tool(&["gate", "--against", "HEAD~1", "--format", "json"]).exits(0);
    let gate = document(&said);
    assert_eq!(gate["acknowledged"][0]["reason"], "it is read twice on purpose");
    assert_eq!(gate["acknowledged"][0]["used"], true);

    git(&project, &["commit", "--quiet", "--allow-empty", "-m", "another"]);
    project.tool(&["gate", "--against", "HEAD~2", "--format", "json"]).exits(1);
}

#[test]
fn the_same_tree_does_not_fail_and_evidence_is_gone_on_with() {
    let project = committed(SHORT, &slow(1));
    let arguments = ["gate", "--against", "main", "--state", "state.json", "--format", "json"];
    let gate = document(&project.tool(&arguments).exits(0));
    assert_ne!(gate["verdict"], "fail");
    let blocks = |gate: &Json| {
        let checks = gate["checks"].as_array().unwrap();
        checks.iter().find_map(|check| check["blocks"]["counted"].as_u64()).unwrap()
    };
    let again = document(&project.tool(&arguments).exits(0));
    // What was decided is not measured again; what was not goes on. A control that moved hides which it was.
    let decided = checks(&gate, "time")[0].0 == "pass";
    let goes_on = if decided { blocks(&again) == blocks(&gate) } else { blocks(&again) > blocks(&gate) };
    assert!(goes_on || gate["control"]["moved"] == true, "{again}");
    let says = |gate: &Json, part: &str| {
        gate["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains(part))
    };
    assert!(says(&again, "Went on with "), "{again}");
    // Evidence about another tree is no evidence.
    project.write("port.py", &(slow(1) + "# another tree\n"));
    let other = document(&project.tool(&arguments).exits(0));
    assert!(says(&other, "put aside"), "{other}");
}

#[test]
fn a_result_that_differs_outranks_every_time() {
    let project = committed(SHORT, &slow(1));
    project.write("port.py", &slow(1).replace("return total", "return total + 1"));
    let gate = document(&project.tool(&["gate", "--against", "main", "--format", "json"]).exits(1));
    let differing = checks(&gate, "equality").into_iter().find(|(outcome, _)| outcome == "fail").unwrap().1;
    assert!(differing.contains("baseline 499500, candidate 499501"), "{differing}");
    assert!(differing.contains("smallest input found") && !differing.contains("kept in"), "{differing}");
    assert_eq!(checks(&gate, "time").iter().filter(|(outcome, _)| outcome == "pass").count(), 0);

    // What differed before is no fault of the change.
    git(&project, &["commit", "--quiet", "-am", "one more"]);
    let gate = document(&project.tool(&["gate", "--against", "main", "--format", "json"]).exits(0));
    // But where nothing else is left to judge, that is no pass either.
    let is_known = |(outcome, text): &(String, String)| outcome == "inconclusive" && text.contains("as on the base");
    assert!(checks(&gate, "equality").iter().any(is_known), "{gate}");
    assert_eq!(gate["verdict"], "inconclusive");
    let strict = ["gate", "--against", "main", "--inconclusive", "fail"];
    project.tool(&strict).exits(4).tells("Nothing was judged");
    git(&project, &["reset", "--quiet", "--hard", "HEAD~1"]);

    // Both halves changed alike: they agree, but not with what was before.
    project.write("port.py", &slow(1).replace("return total", "return total + 1"));
    let work = std::fs::read_to_string(project.path("work.py")).unwrap();
    project.write("work.py", &work.replace("return sum(values)", "return sum(values) + 1"));
    let gate = document(&project.tool(&["gate", "--against", "main", "--format", "json"]).exits(1));
    let changed = checks(&gate, "equality").into_iter().find(|(outcome, _)| outcome == "fail").unwrap().1;
    assert!(changed.contains("base 499500, head 499501"), "{changed}");
}

#[test]
fn memory_that_grows_fails_and_what_is_left_of_a_gate_goes_on_with_the_same_filters_only() {
    let holding = |mebibytes: u32| {
        slow(1).replace("    total = 0\n", &format!("    held = bytearray({mebibytes} << 20)\n    total = len(held)\n"))
    };
    let both = |mebibytes| holding(mebibytes) + "\ndef other(values):\n    return sum(values)\n";
    let project = committed(
        "[workload.total.candidate.other]\nkind = \"python\"\npython = \"port:other\"\n[gate]\nmax-seconds = 1\n",
        &both(8),
    );
    project.write("port.py", &both(32));
    let arguments = ["gate", "total/slow", "--against", "main", "--state", "state.json", "--format", "json"];
    let gate = document(&project.tool(&arguments).exits(1));
    let [(outcome, text)] = &checks(&gate, "memory")[..] else { panic!("{gate}") };
    assert!(outcome == "fail" && text.contains("beyond the 5 % that is harmless in all 7 pairs"), "{text}");
    // All of them are another gate.
    let others = ["gate", "--against", "main", "--state", "state.json"];
    project.tool(&others).exits(2).complains("only here: total/other at 1000");
    let kept: Json = serde_json::from_str(&std::fs::read_to_string(project.path("state.json")).unwrap()).unwrap();
    assert_eq!(kept["contests"].as_array().unwrap().len(), 1, "nothing is lost: {kept}");
    assert_eq!(kept["memory"][0]["head_bytes"].as_array().unwrap().len(), 7);
}

#[test]
fn what_the_base_does_not_have_is_new() {
    let project = committed(SHORT, &slow(1));
    let manifest = std::fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    let added = "[workload.total.candidate.other]\nkind = \"python\"\npython = \"port:other\"\n";
    project.write("rustworthy.toml", &format!("{manifest}\n{added}"));
    project.write("port.py", &(slow(1) + "\ndef other(values):\n    return sum(values)\n"));
    let gate = document(&project.tool(&["gate", "total/other", "--against", "main", "--format", "json"]).exits(0));
    let [(outcome, text)] = &checks(&gate, "time")[..] else { panic!("{gate}") };
    assert!(outcome == "skipped" && text.starts_with("new"), "{text}");
}

#[test]
fn a_project_file_that_both_sides_load_is_refused() {
    let project = committed(SHORT, &slow(1));
    // As an editable installation would: the same file on the path of both sides, and of the project's name.
    project.write(
        "port.py",
        &format!("import sys\nsys.path.insert(0, {:?})\nfrom elsewhere import slow\n", project.path("lib")),
    );
    project.write("lib/elsewhere.py", &slow(1));
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "-m", "installed elsewhere"]);
    let said = project.tool(&["gate", "--against", "main"]).exits(3).complains("base and head are not apart");
    assert!(said.stderr.contains("elsewhere.py"), "{}", said.stderr);
}

#[test]
fn where_there_is_nothing_to_compare_with_it_says_what_to_do() {
    let project = Project::candidates("", &["again"], "again = total");
    project.tool(&["gate", "--against", "main"]).exits(2).complains("git");
    let project = committed("", &slow(1));
    project.tool(&["gate", "--against", "mian"]).exits(2).complains("main");
    project.tool(&["gate", "--against", "--upload-pack=x"]).exits(2);
}

#[test]
fn floors_are_held_against_a_saved_run() {
    let project = Project::candidates("", &["again"], "again = total");
    project.tool(&["gate"]).exits(2).complains("no saved run");
    project.run(&["--rounds", "6"]).exits(0);
    project.tool(&["gate", "--format", "json"]).exits(0);
    let manifest = std::fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    let floor = |ratio: &str| {
        project.write(
            "rustworthy.toml",
            &format!("{manifest}\n[workload.total.gate]\nmin-speedup = {{ again = {ratio} }}\n"),
        );
    };
    floor("0.01");
    let gate = document(&project.tool(&["gate", "--format", "json"]).exits(0));
    assert_eq!(checks(&gate, "speedup")[0].0, "pass");
    floor("1000.0");
    let gate = document(&project.tool(&["gate", "--format", "json"]).exits(1));
    assert!(checks(&gate, "speedup")[0].1.contains("under the floor"), "{gate}");
}

#[test]
fn an_inconclusive_gate_counts_as_it_is_told() {
    let project = Project::candidates("", &["again"], "again = total");
    project.run(&[]).exits(0);
    let manifest = std::fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    project.write("rustworthy.toml", &format!("{manifest}\n[workload.total.gate]\nmin-speedup = {{ again = 1.0 }}\n"));
    // Two rounds have no interval.
    project.tool(&["gate", "--format", "json"]).exits(0);
    project.tool(&["gate", "--inconclusive", "fail"]).exits(4);
}
