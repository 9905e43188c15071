//! Workers that do not get ready for cases: that is the failure of one implementation, and agreement is claimed of no case
//! that nobody answered.

use std::fs;

use serde_json::Value as Json;

use crate::project::{Project, workload};

/// A module whose import fails at the launches that the file `fails` names.
const FLAKY: &str = "
import os, pathlib
count = pathlib.Path('launches')
launch = len(count.read_text()) + 1 if count.exists() else 1
count.write_text('x' * launch)
if str(launch) in pathlib.Path('fails').read_text().split(): raise OSError(f'no licence for launch {launch}')

def port(values):
    if len(values) == 40 and values[0] % 2: os._exit(3)
    return [value * 2 for value in values]
";

const WORK: &str = "
import os
def make(size, seed): return ([seed] * size,)
def plain(values): return [value * 2 for value in values]
def same(values): return [value + value for value in values]
def mute(values):
    if values[0] != 42: os._exit(3)
    return plain(values)
";

fn project(baseline: &str, candidates: &[&str], fails: &str) -> Project {
    let mut manifest = workload("lists", "sizes = [3, 40]\ninput = \"work:make\"", "BASELINE", &["same"]);
    manifest = manifest.replace("work:BASELINE", baseline);
    for name in candidates {
        let target = format!("[workload.lists.candidate.{name}]\nkind = \"python\"\npython = \"{name}:port\"\n");
        manifest += &target;
    }
    let project = Project::new(&manifest, WORK);
    project.write("flaky.py", FLAKY);
    project.write("fails", fails);
    project
}

fn check(project: &Project, arguments: &[&str], code: i32) -> (Json, String) {
    let launches = project.path("launches");
    let both = ["json", "text"].map(|format| {
        // Each time the same launches.
        let _ = fs::remove_file(&launches);
        project.tool(&[&["check", "--format", format], arguments].concat()).exits(code)
    });
    (both[0].json(), both[1].stdout.clone())
}

fn status<'a>(checks: &'a Json, implementation: &str) -> (&'a str, &'a str) {
    let found = checks["checks"].as_array().unwrap().iter().find(|check| check["implementation"] == implementation);
    let found = found.unwrap();
    (found["status"].as_str().unwrap(), found["detail"].as_str().unwrap_or_default())
}

#[test]
fn a_candidate_that_does_not_get_ready_fails_alone() {
    // Two launches for the two declared sizes, the third is for the cases.
    let project = project("work:plain", &["flaky"], "3");
    project.tool(&["check"]).exits(0);
    let (checks, text) = check(&project, &["--cases", "30"], 1);
    let (word, detail) = status(&checks, "flaky");
    assert_eq!(word, "failed");
    assert!(detail.contains("did not get ready to be called on further inputs: OSError: no licence for launch 3"));
    assert!(text.contains("| OSError: no licence for launch 3") && !text.contains("ended early"), "{text}");
    assert_eq!(status(&checks, "same"), ("agrees", ""));
    let tallies = &checks["workloads"][0]["candidates"];
    assert_eq!((&tallies[0]["agreeing"], &tallies[1]["agreeing"]), (&30.into(), &0.into()), "{checks:#}");
    assert_eq!(tallies[1]["not_called"], 30);

    // What it was caught at before stands.
    project.write("fails", "4 5 6 7 8 9");
    let (checks, _) = check(&project, &["--cases", "60"], 1);
    let (word, detail) = status(&checks, "flaky");
    assert_eq!(word, "differs");
    assert!(detail.contains("the worker exited with 3") && detail.contains("then it did not get ready"), "{detail}");
    assert_eq!(checks["workloads"][0]["candidates"][0]["agreeing"], 60);
    let kept = fs::read_dir(project.path("rustworthy-cases/lists")).unwrap().count();
    assert_eq!(kept, 1);

    // A kept case that it was not called on is not mended.
    project.write("fails", "1");
    let (checks, text) = check(&project, &[], 1);
    assert_eq!(status(&checks, "flaky").0, "failed");
    assert_eq!(checks["workloads"][0]["kept"][0]["untried"], serde_json::json!(["flaky"]));
    assert!(!text.contains("mended"), "{text}");
}

#[test]
fn a_baseline_that_does_not_get_ready_leaves_nothing_to_agree_with() {
    let project = project("flaky:port", &[], "4");
    let (checks, text) = check(&project, &["--cases", "200"], 3);
    let (word, detail) = status(&checks, "baseline");
    assert!(word == "failed" && detail.contains("no licence for launch 4"), "{checks:#}");
    assert_eq!(status(&checks, "same"), ("skipped", "no baseline to compare with: it failed"));
    assert!(text.contains("cases were not tried: the baseline did not get ready"), "{text}");
    assert!(!text.contains("agrees"), "{text}");
}

#[test]
fn a_baseline_that_answers_no_case_is_no_agreement_on_cases() {
    let project = project("work:mute", &[], "");
    project.tool(&["check"]).exits(0).tells("agrees");
    let (checks, text) = check(&project, &["--cases", "5"], 3);
    assert_eq!(checks["agrees"], Json::Null);
    assert_eq!(status(&checks, "same").0, "agrees", "on its declared inputs it does");
    crate::assert_said!(project, "check-no-case-answered", text);
}

#[test]
fn inputs_that_cannot_be_made_are_no_agreement_on_cases() {
    let project = project("work:plain", &[], "");
    let text = fs::read_to_string(project.path("work.py")).unwrap();
    let raises =
        "def make(size, seed):\n    if seed != 42: raise ValueError('one seed alone')\n    return ([seed] * size,)";
    project.write("work.py", &text.replace("def make(size, seed): return ([seed] * size,)", raises));
    let (checks, text) = check(&project, &["--cases", "5"], 3);
    assert_eq!(checks["agrees"], Json::Null);
    assert!(text.contains("5 draws made no case (ValueError: one seed alone)"), "{text}");
}
