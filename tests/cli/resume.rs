//! Going on with a run that was cut off: what was measured counts, in the same way or not at all.

use std::fs;

use serde_json::Value as Json;

use crate::interrupts::{BLOCKS, blocked};
use crate::project::{Project, read_json, until};

/// A project whose run of three rounds was ended by this signal after the first.
fn cut_off(signal: &str) -> Project {
    let project = Project::candidates("", &["blocks_later"], BLOCKS);
    let tool = blocked(&project, &["run", "--quick", "--rounds", "3"]);
    tool.signal(signal);
    tool.wait();
    assert!(until(|| project.alive().is_empty()));
    project
}

fn launches(run: &Json) -> Vec<Vec<Json>> {
    let cells = run["workloads"][0]["sizes"][0]["implementations"].as_array().unwrap();
    cells.iter().map(|cell| cell["launches"].as_array().unwrap().clone()).collect()
}

#[test]
fn an_interrupted_run_goes_on() {
    let project = cut_off("INT");
    let before = project.saved();
    project.tool(&["run", "--resume", "latest"]).exits(0);
    let run = project.saved();
    assert_eq!((run["id"].as_str(), run["complete"].as_bool()), (before["id"].as_str(), Some(true)));
    for (cell, first) in launches(&run).iter().zip(launches(&before)) {
        assert_eq!(cell.len(), 3);
        assert_eq!(cell[0], first[0], "a launch that was measured before is kept as it was");
        let rounds: Vec<_> = cell.iter().map(|launch| launch["round"].as_u64().unwrap()).collect();
        assert_eq!(rounds, [0, 1, 2]);
    }
    // A complete run is only reported again.
    project.tool(&["run", "--resume", "latest"]).exits(0);
    assert_eq!(launches(&project.saved()), launches(&run));
    project.assert_tidy();
}

#[test]
fn a_run_that_died_goes_on_from_its_last_whole_round() {
    let project = cut_off("KILL");
    let folder = project.run_folder();
    let id = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let log = fs::read_to_string(folder.join("rounds.jsonl")).unwrap();
    fs::write(folder.join("rounds.jsonl"), format!("{log}{}", &log[..log.len() / 2])).unwrap();
    project.tool(&["run", "--resume", &id]).exits(0);
    let run = read_json(&folder.join("run.json"));
    assert_eq!(run["complete"], true);
    assert!(launches(&run).iter().all(|cell| cell.len() == 3));
    assert!(!folder.join("rounds.jsonl").exists());
}

#[test]
fn what_has_changed_is_not_mixed_with_what_was() {
    let project = cut_off("INT");
    let before = project.saved();
    project.tool(&["run", "--resume", "latest", "--seed", "7"]).exits(2);
    project.tool(&["run", "--resume", "latest", "--rounds", "7"]).exits(2);
    project.tool(&["run", "--resume", "nothing"]).exits(2).complains("no saved run");
    let code = fs::read_to_string(project.path("work.py")).unwrap();
    project.write("work.py", &code.replace("list(range(size))", "list(range(size + 1))"));
    project.tool(&["run", "--resume", "latest"]).exits(2).complains("the input of `total` at 10 is another now");
    project.write("work.py", &code);
    let manifest = fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    project.write("rustworthy.toml", &manifest.replace("work:blocks_later", "work:total"));
    project
        .tool(&["run", "--resume", "latest"])
        .exits(2)
        .complains("`total/blocks_later` that calls work:blocks_later");
    assert_eq!(project.saved(), before, "a refused resume leaves the run as it was");
}
