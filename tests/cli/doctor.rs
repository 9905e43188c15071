//! A check-up of machine, interpreter and boundary. The numbers are the machine's; what is asked is that they are there.

use serde_json::Value as Json;

use crate::project::{Project, python, workload};

/// A module in an extension's place, and one that cannot be imported.
const NATIVE: &str = "
def __call_floor__(): pass
def take(value): pass
__crossings__ = {'int': take, 'list[float]': take, 'bytes': lambda value: 1 / 0}
";

fn project() -> Project {
    let manifest = workload("total", "", "total", &[])
        + "[workload.total.candidate.hybrid]\nkind = \"hybrid\"\npython = \"native_one:take\"\n\
           [workload.total.candidate.other]\nkind = \"hybrid\"\npython = \"absent:take\"\n";
    let project = Project::with(&format!("python = {:?}", python()), &manifest, "");
    project.write("native_one.py", NATIVE);
    project
}

#[test]
fn it_measures_clock_noise_calls_and_crossings() {
    let project = project();
    let found = project.tool(&["doctor", "--format", "json"]).exits(0).json();
    assert_eq!(found["schema"], "rustworthy.doctor/1");
    assert!(found["clock"]["reading_ns"]["estimate"].as_f64().unwrap() > 0.0, "{found:#}");
    assert_eq!(found["noise"]["rounds"], 8);
    assert_eq!(found["noise"]["resolves"].as_array().unwrap().len(), 3);
    assert!(found["floors"]["extension_call_ns"]["estimate"].as_f64().unwrap() > 0.0);
    assert_eq!(found["crossings"]["extension"], "native_one");
    let types: Vec<&Json> =
        found["crossings"]["types"].as_array().unwrap().iter().map(|entry| &entry["type"]).collect();
    assert_eq!(types, ["int", "list[float]"]);
    let problems = found["problems"].to_string();
    assert!(problems.contains("absent") && problems.contains("ZeroDivisionError"), "{problems}");
    for (name, value) in [("version", "."), ("compiler", "")] {
        assert!(found["environment"]["python"][name].as_str().unwrap().contains(value), "{found:#}");
    }
}

#[test]
fn outside_a_project_it_says_what_a_project_would_add() {
    let project = Project::empty();
    let said = project.tool(&["doctor"]).exits(0);
    said.tells("Outside a project").tells("with a project's own extension").tells("reading the clock");
}

#[test]
fn without_python_only_the_machine_is_described() {
    let project = Project::empty();
    let nowhere = tempfile::tempdir().unwrap();
    let said = project.finish(project.command(&["doctor"]).env("PATH", nowhere.path()).env_remove("VIRTUAL_ENV"));
    said.exits(3).tells("nothing could be measured here").tells("There is no Python to measure with");
}

#[test]
fn a_variable_that_slows_python_is_a_warning() {
    let project = project();
    let mut command = project.command(&["doctor", "--format", "json"]);
    let found = project.finish(command.env("PYTHONMALLOC", "debug").env("LD_PRELOAD", "")).exits(0).json();
    let warnings = found["environment"]["warnings"].as_array().unwrap();
    let variable = warnings.iter().find(|warning| warning["code"] == "python-variable").expect("a warning");
    assert!(variable["text"].as_str().unwrap().contains("PYTHONMALLOC=debug"), "{variable}");
    assert!(warnings.iter().all(|warning| warning["code"] != "preload"), "{warnings:?}");
}
