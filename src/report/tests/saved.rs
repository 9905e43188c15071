//! A saved run is the same run: nothing that was counted is lost, and what is reported of it is the same.

use std::fs;

use super::rich;
use crate::evidence::{self, Launch, Run, RunFolder};
use crate::report::{csv, fixture, html, markdown};
use crate::{analysis, verdict};

/// What a run holds when it has been saved and loaded again.
fn saved_and_loaded(run: &Run) -> (String, Run) {
    let folder = tempfile::tempdir().unwrap();
    let kept = RunFolder::create(folder.path(), run).unwrap();
    let text = fs::read_to_string(kept.path().join("run.json")).unwrap();
    (text, evidence::load(kept.path()).unwrap().1)
}

#[test]
fn a_run_is_reported_as_it_was_saved() {
    let live = rich(fixture::run());
    let (text, mut loaded) = saved_and_loaded(&live);
    assert_eq!(saved_and_loaded(&loaded).0, text, "what was read is written again as it was");
    analysis::analyse(&mut loaded);
    verdict::decide(&mut loaded);
    assert_eq!(saved_and_loaded(&loaded).0, text, "what is computed again is what was saved");
    assert_eq!(csv(&loaded), csv(&live));
    assert_eq!(markdown(&loaded), markdown(&live));
    assert_eq!(html(&loaded).unwrap(), html(&live).unwrap());
    let launches = |run: &Run| -> Vec<Launch> { run.cells().flat_map(|(_, _, cell)| cell.launches.clone()).collect() };
    let counts = |launch: Launch| Launch { floor: None, ..launch };
    let [loaded, live] = [&loaded, &live].map(|run| launches(run).into_iter().map(counts).collect::<Vec<_>>());
    assert_eq!(loaded, live, "what was counted is kept to the last digit");
}

#[test]
fn modules_are_read_in_both_forms_and_written_once() {
    let run = fixture::run();
    let (text, known) = saved_and_loaded(&run);
    assert_eq!(text.matches("acme/work.py").count(), 1);
    assert!(known.cells().all(|(_, _, cell)| known.modules_of(cell).count() == 1));

    let module = serde_json::to_value(&known.modules[0]).unwrap();
    let mut old = serde_json::to_value(&known).unwrap();
    old.as_object_mut().unwrap().remove("modules");
    for workload in old["workloads"].as_array_mut().unwrap() {
        for size in workload["sizes"].as_array_mut().unwrap() {
            for cell in size["implementations"].as_array_mut().unwrap() {
                cell["modules"] = vec![module.clone()].into();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |run: &serde_json::Value| fs::write(folder.path().join("run.json"), run.to_string()).unwrap();
    write(&old);
    assert_eq!(evidence::load(folder.path()).unwrap().1, known);

    old["workloads"][0]["sizes"][0]["implementations"][0]["modules"] = vec![7].into();
    write(&old);
    let refused = evidence::load(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("is damaged") && refused.contains("module"), "{refused}");
}
