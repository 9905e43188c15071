//! Faults planted in ports of ten functions, all to be found; and ports that agree, of which nothing may be said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value as Json;

use crate::project::{Project, python};

const CODE: &str = include_str!("../golden/divergences/divergences.py");

/// The golden project, with the manifest that its script prints for these arguments.
fn project(arguments: &[&str]) -> Project {
    let project = Project::empty();
    project.write("divergences.py", CODE);
    project.write("rustworthy.toml", &printed(&project, arguments));
    project
}

fn printed(project: &Project, arguments: &[&str]) -> String {
    let output = Command::new(python()).arg(project.path("divergences.py")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// By implementation, the statuses of its cells and the last detail.
fn statuses(checks: &Json) -> BTreeMap<String, (Vec<String>, String)> {
    let mut found: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    for check in checks["checks"].as_array().unwrap() {
        let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        let entry = found.entry(text("implementation")).or_default();
        entry.0.push(text("status"));
        entry.1 = text("detail");
    }
    found
}

/// Two minutes of processor time or so: `scripts/test-full` runs it.
#[test]
#[ignore = "takes minutes; scripts/test-full runs it"]
fn every_planted_fault_is_found() {
    let project = project(&[]);
    let faults: BTreeMap<String, Json> = serde_json::from_str(&printed(&project, &["classes"])).unwrap();
    // A pair at a time, so that no command takes longer than a hang is waited for.
    let pairs: BTreeSet<&str> = faults.values().map(|fault| fault["pair"].as_str().unwrap()).collect();
    assert_eq!(pairs.len(), 10);
    let mut seen = BTreeMap::new();
    for pair in pairs {
        let checks = project.tool(&["check", pair, "--cases", "100", "--format", "json"]).exits(1).json();
        seen.extend(statuses(&checks));
    }
    assert!(faults.len() >= 200, "{}", faults.len());
    let mut by_class: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut missed = Vec::new();
    for (name, fault) in &faults {
        let class = by_class.entry(fault["class"].as_str().unwrap()).or_default();
        class.1 += 1;
        let (statuses, detail) = &seen[name];
        if statuses.iter().any(|status| status == "differs" || status == "failed") {
            class.0 += 1;
        } else {
            missed.push(format!("{name}: {statuses:?} {detail}"));
        }
    }
    for (class, (found, planted)) in &by_class {
        eprintln!("{class:16} {found:3} of {planted:3}");
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let sound = seen.iter().filter(|(name, _)| !faults.contains_key(*name));
    let blamed: Vec<_> = sound.filter(|(_, (statuses, _))| statuses.iter().any(|status| status != "agrees")).collect();
    assert!(blamed.is_empty(), "{blamed:#?}");
}

#[test]
fn ports_that_agree_are_left_alone_in_a_thousand_checks() {
    let project = project(&["agreeing"]);
    let checks = project.tool(&["check", "--cases", "100", "--format", "json"]).exits(0).json();
    assert_eq!(checks["agrees"], true);
    let mut agreeing = 0;
    for workload in checks["workloads"].as_array().unwrap() {
        assert_eq!(workload["unanswered"], 0, "{workload:#}");
        for candidate in workload["candidates"].as_array().unwrap() {
            assert_eq!(candidate["differing"], 0, "{workload:#}");
            agreeing += candidate["agreeing"].as_u64().unwrap();
        }
    }
    assert!(agreeing >= 1_000, "{agreeing}");
    assert!(fs::read_dir(project.path("rustworthy-cases")).is_err(), "nothing was kept");
}
