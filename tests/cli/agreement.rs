//! Agreement: what differs gets no ratio, what agrees is measured, however it treats its arguments.

use crate::project::{Project, cell, workload};

#[test]
fn the_first_difference_is_named_with_its_input() {
    let code = "
def prices(values): return {'prices': [float(value) for value in values], 'currency': 'EUR'}
def rounded(values): return {'prices': [float(value) if value < 3 else value for value in values], 'currency': 'EUR'}
def same(values): return prices(values)
";
    let project = Project::new(&workload("prices", "", "prices", &["rounded", "same"]), code);
    let expected = "result[\"prices\"][3]: baseline 3.0";
    let said = project.tool(&["check"]).exits(1).tells(expected).tells("size 10, seed 42");
    crate::assert_said!(project, "check-differs", said.stdout);
    let checks = project.tool(&["check", "--format", "json"]).exits(1).json();
    assert_eq!((checks["schema"].as_str(), checks["agrees"].as_bool()), (Some("rustworthy.check/1"), Some(false)));
    let statuses: Vec<_> = checks["checks"].as_array().unwrap().iter().map(|check| &check["status"]).collect();
    assert_eq!(statuses, ["agrees", "differs", "agrees"]);
    assert!(checks["checks"][1]["detail"].as_str().unwrap().contains(expected));

    project.run(&["--rounds", "1"]).exits(1).tells("prices/rounded differs: result[\"prices\"][3]");
    let run = project.saved();
    let rounded = cell(&run, "prices", "rounded");
    assert_eq!(rounded["status"], "differs");
    assert!(rounded["detail"].as_str().unwrap().contains("size 10, seed 42"), "{rounded:#}");
    assert!(rounded["launches"].as_array().unwrap().is_empty());
    let comparisons = run["workloads"][0]["sizes"][0]["comparisons"].as_array().unwrap();
    assert!(!comparisons.is_empty() && comparisons.iter().all(|comparison| comparison["candidate"] == "same"));
}

#[test]
fn lazy_results_are_consumed_where_the_manifest_says_so() {
    let code = "
def squares(values): return (value * value for value in values)
def listed(values): return [value * value for value in values]
def fewer(values): return iter([value * value for value in values][1:])
";
    let manifest = workload("squares", "consume = true", "squares", &["listed", "fewer"]);
    let project = Project::new(&manifest, code);
    project.tool(&["check"]).exits(1);
    let checks = project.tool(&["check", "--format", "json"]).exits(1).json();
    let statuses: Vec<_> = checks["checks"].as_array().unwrap().iter().map(|check| &check["status"]).collect();
    assert_eq!(statuses[0], "agrees");
    assert_eq!(statuses[2], "differs");
    let project = Project::new(&workload("squares", "", "squares", &["listed"]), code);
    project.tool(&["check"]).exits(3).tells("consume = true");
}

#[test]
fn arguments_that_both_sides_change_alike_are_fresh_in_each_call() {
    let code = "
def pops(values):
    last = values.pop()
    return [last, len(values)]

def slices(values):
    last = values[-1]
    del values[-1:]
    return [last, len(values)]

def copies(values):
    return [values[-1], len(values) - 1]

def sorts(values):
    values.sort(reverse=True)

def reverses(values):
    values.reverse()

def forgets(values):
    return None
";
    let manifest = workload("pop", "", "pops", &["slices", "copies"])
        + &workload("copy", "", "copies", &["pops"])
        + &workload("sort", "", "sorts", &["reverses", "forgets"]);
    let project = Project::new(&manifest, code);
    project.run(&["--rounds", "1"]).exits(1).tells("arguments");
    let run = project.saved();
    let status = |workload, implementation| cell(&run, workload, implementation)["status"].as_str().unwrap().to_owned();
    assert_eq!(status("pop", "slices"), "measured");
    assert_eq!(status("pop", "copies"), "differs");
    assert_eq!(status("copy", "pops"), "differs");
    assert_eq!(status("sort", "reverses"), "measured");
    assert_eq!(status("sort", "forgets"), "differs");
    // Had any call seen the arguments of another, ten numbers would have run out in the warm-up.
    assert_eq!(cell(&run, "pop", "baseline")["launches"].as_array().unwrap().len(), 1);
}

#[test]
fn a_result_that_changes_from_launch_to_launch_is_caught() {
    let code = "
import os, random

def random_total(values):
    return random.random()

def drifts(values):
    return sum(values) + (int(os.environ['PYTHONHASHSEED']) > 1)

def set_order(values):
    return list({str(value) for value in values})

def listed(values):
    return sorted(str(value) for value in values)
";
    let manifest = workload("total", "", "total", &["random_total", "drifts"])
        + &workload("unordered", "tolerance = { order = \"ignore\" }", "listed", &["set_order"]);
    let project = Project::new(&manifest, code);
    project.run(&[]).exits(1).tells("total/drifts failed: is not deterministic");
    let run = project.saved();
    assert_eq!(cell(&run, "total", "random_total")["status"], "differs");
    assert_eq!(cell(&run, "total", "drifts")["status"], "failed");
    assert_eq!(cell(&run, "unordered", "set_order")["status"], "measured");
}

#[test]
fn tolerances_let_pass_what_they_say_and_no_more() {
    let code = "
def third(values): return sum(values) / 3
def near(values): return sum(values) / 3 * (1 + 1e-12)
def far(values): return sum(values) / 3 * (1 + 1e-6)
def whole(values): return sum(values) // 3
";
    let manifest = workload("third", "tolerance = { relative = 1e-9 }", "third", &["near", "far", "whole"]);
    let project = Project::new(&manifest, code);
    let checks = project.tool(&["check", "--format", "json"]).exits(1).json();
    let statuses: Vec<_> = checks["checks"].as_array().unwrap().iter().map(|check| &check["status"]).collect();
    assert_eq!(statuses, ["agrees", "agrees", "differs", "differs"]);
}

#[test]
fn a_deep_result_that_differs_within_tolerance_still_agrees_in_every_launch() {
    let code = "
import os

def nested(value):
    for _ in range(300):
        value = [value]
    return value

def deep(values): return nested(1.0)
def deep_too(values): return nested(1.0 + 1e-12 * int(os.environ['PYTHONHASHSEED']))
";
    let project = Project::new(&workload("deep", "tolerance = { relative = 1e-9 }", "deep", &["deep_too"]), code);
    project.run(&[]).exits(0);
    assert_eq!(cell(&project.saved(), "deep", "deep_too")["launches"].as_array().unwrap().len(), 2);
}
