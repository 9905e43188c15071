//! The gate on saved runs: what continuous integration reads, and runs that must not be compared.

use std::fs;

use crate::project::Project;

/// A project with one saved run of two rounds, and a floor on the last line of its manifest.
fn measured() -> (Project, usize) {
    let project = Project::candidates("", &["again"], "again = total");
    project.run(&[]).exits(0);
    let manifest = fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    let manifest = format!("{}\n[workload.total.gate]\nmin-speedup = {{ again = 1.0 }}\n", manifest.trim_end());
    project.write("rustworthy.toml", &manifest);
    (project, manifest.lines().count())
}

#[test]
fn every_format_is_what_its_reader_expects() {
    let (project, line) = measured();
    let written = |format: &str| project.tool(&["gate", "--format", format]).exits(0).stdout;
    let github = written("github");
    let warning = format!("::warning file=rustworthy.toml,line={line},title=total/again");
    assert!(github.starts_with(&warning), "the floor's own line: {github}");
    assert!(github.lines().last().unwrap().starts_with("::notice title=rustworthy gate%3A inconclusive::"), "{github}");
    let markdown = written("markdown");
    assert!(
        markdown.starts_with("## Performance gate: INCONCLUSIVE")
            && markdown.contains(&format!("rustworthy.toml:{line}"))
    );
    let junit = written("junit");
    assert!(junit.starts_with("<?xml") && junit.contains("<skipped message=\"inconclusive: "), "{junit}");
    assert!(written("text").lines().last().unwrap().starts_with("Gate: INCONCLUSIVE, which counts as pass here."));
    let bencher: serde_json::Value = serde_json::from_str(&written("bencher")).unwrap();
    let benchmarks = bencher.as_object().unwrap();
    assert!(benchmarks.values().next().unwrap()["speed-up"]["value"].is_f64(), "{bencher}");
    let action: serde_json::Value = serde_json::from_str(&written("github-action-benchmark")).unwrap();
    assert_eq!(action[0]["unit"], "candidate ÷ baseline");
    let strict = project.tool(&["gate", "--inconclusive", "fail", "--format", "junit"]).exits(4).stdout;
    assert!(strict.contains("type=\"inconclusive\""), "{strict}");
}

#[test]
fn the_summary_of_a_step_is_appended_to_by_the_format_of_that_service_alone() {
    let (project, _) = measured();
    let summary = project.path("summary.md");
    fs::write(&summary, "# Tests\n").unwrap();
    let gate = |format: &str| {
        let mut command = project.command(&["gate", "--format", format]);
        command.env("GITHUB_STEP_SUMMARY", &summary);
        project.finish(&mut command)
    };
    gate("text").exits(0);
    assert_eq!(fs::read_to_string(&summary).unwrap(), "# Tests\n");
    gate("github").exits(0);
    gate("github").exits(0);
    let written = fs::read_to_string(&summary).unwrap();
    assert!(written.starts_with("# Tests\n\n## Performance gate: "), "{written}");
    assert_eq!(written.matches("## Performance gate: ").count(), 2);
}

#[test]
fn runs_are_held_against_each_other_where_that_may_be() {
    let (project, _) = measured();
    let run = fs::read_to_string(project.run_folder().join("run.json")).unwrap();
    let mut other: serde_json::Value = serde_json::from_str(&run).unwrap();
    let mut save = |change: &dyn Fn(&mut serde_json::Value)| {
        change(&mut other);
        project.write("older/run.json", &other.to_string());
    };
    project.tool(&["gate", "--base", "latest"]).exits(2).complains("both are the run");
    save(&|run| run["id"] = "older".into());
    let said = project.tool(&["gate", "--base", "older/run.json", "--format", "json"]).exits(0);
    let gate: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((gate["mode"].as_str(), gate["runs"][1].as_str()), (Some("base"), Some("older")));
    assert_eq!(gate["verdict"], "inconclusive");
    // One comparison at 1 %, four ends: 2⁻⁹ is the first below 0.01 ÷ 4.
    assert!(said.stdout.contains("measure with `--rounds 9`"), "{}", said.stdout);
    save(&|run| run["environment"]["host_id"] = "another".into());
    project.tool(&["gate", "--base", "older/run.json"]).exits(2).complains("different hosts");
}
