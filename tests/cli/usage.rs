//! What a person gets wrong before anything is measured: told in one message, exit code 2.

use crate::project::{Project, workload};

fn two_workloads() -> Project {
    let text = "summary = \"Add numbers up\"\ntags = [\"arithmetic\"]\nunit = \"numbers\"\nsizes = [10, 1000]";
    let manifest = workload("total", text, "total", &["again"]) + &workload("parse_log", "", "total", &[]);
    Project::new(&manifest, "again = total")
}

#[test]
fn outside_a_project_the_way_in_is_told() {
    let project = Project::empty();
    for command in ["run", "check", "list", "report"] {
        let said = project.tool(&[command]).exits(2).complains("no rustworthy.toml here");
        assert_eq!(said.stdout, "", "{command}");
    }
}

#[test]
fn a_broken_manifest_is_shown_with_its_line_and_the_mend() {
    let project = two_workloads();
    let text = std::fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    project.write("rustworthy.toml", &text.replace("unit =", "units ="));
    let said = project.tool(&["run"]).exits(2);
    crate::assert_said!(project, "unknown-key", said.stderr);
    project.write("rustworthy.toml", "[project\n");
    let said = project.tool(&["list"]).exits(2);
    crate::assert_said!(project, "broken-table", said.stderr);
    assert!(!project.path("reports").exists());
}

#[test]
fn broken_claims_are_shown_with_their_line_and_the_mend() {
    let project = two_workloads();
    let claim = "[claim.fast]\nsentence = \"It is fast\"\nsource = \"an article\"\nmetric = \"time\"\nlow = 2\n";
    project.write("claims.toml", &format!("{claim}workloads = [\"total\"]\n"));
    project.tool(&["list"]).exits(0);
    project.write("claims.toml", &format!("{claim}workloads = [\"totel\"]\n"));
    let said = project.tool(&["run"]).exits(2).complains("claims.toml:6:14");
    said.complains("the manifest has no workload `totel`").complains("did you mean `total`?");
    assert!(!project.path("reports").exists());
}

#[test]
fn an_unknown_workload_brings_the_near_names() {
    let project = two_workloads();
    let said = project.tool(&["check", "parse_lag"]).exits(2);
    crate::assert_said!(project, "unknown-workload", said.stderr);
    let said = project.tool(&["run", "total/agian"]).exits(2);
    crate::assert_said!(project, "unknown-candidate", said.stderr);
    let said = project.tool(&["list", "tag:speed"]).exits(2);
    crate::assert_said!(project, "unknown-tag", said.stderr);
    let said = project.tool(&["list", "a[b"]).exits(2);
    crate::assert_said!(project, "no-pattern", said.stderr);
    assert!(!project.path("reports").exists());
}

#[test]
fn bad_flags_are_refused() {
    let project = two_workloads();
    project.tool(&["run", "--rouns", "3"]).exits(2).complains("--rounds");
    project.tool(&["run", "--rounds", "0"]).exits(2).complains("--rounds");
    project.tool(&["run", "--seed", "x"]).exits(2).complains("--seed");
    project.tool(&["run", "--quick", "--thorough"]).exits(2).complains("cannot be used with");
    project.tool(&["run", "--time-budget", "soon"]).exits(2).complains("--time-budget");
    project.tool(&["run", "--time-budget", "0s"]).exits(2).complains("--time-budget");
    project.tool(&["run", "--time-budget=-5s"]).exits(2).complains("--time-budget");
    project.tool(&["run", "--format", "yaml"]).exits(2).complains("json");
    project.tool(&["scan"]).exits(2).complains("`scan` does not work yet");
    project.tool(&["history"]).exits(2).complains("`history` does not work yet");
    project.tool(&["measure"]).exits(2).complains("unrecognized subcommand");
    project.tool(&[]).exits(2);
}

#[test]
fn a_missing_project_folder_is_named() {
    let project = Project::empty();
    project.tool(&["run", "--project", "nowhere"]).exits(2).complains("nowhere: there is no such folder");
}

#[test]
fn an_unknown_size_brings_the_known_ones() {
    let project = two_workloads();
    let said = project.tool(&["run", "--size", "11"]).exits(2);
    crate::assert_said!(project, "unknown-size", said.stderr);
    assert!(!project.path("reports").exists());
}

#[test]
fn a_report_folder_that_cannot_be_written_is_refused_before_anything_is_measured() {
    let project = Project::new(
        &workload("total", "", "touch", &[]),
        "
def touch(values):
    open('called', 'w').close()
",
    );
    project.write("file", "");
    let said = project.run(&["--out", "file/reports"]).exits(2).complains("--out DIR");
    assert_eq!(said.stdout, "");
    assert!(!project.path("called").exists());
}

#[test]
fn a_missing_working_directory_is_named() {
    let project = Project::candidates("cwd = \"nowhere\"", &[], "");
    project.tool(&["check"]).exits(3).tells("nowhere");
}

#[test]
fn help_and_lists() {
    let project = two_workloads();
    crate::assert_said!(project, "help", project.tool(&["--help"]).exits(0).stdout);
    crate::assert_said!(project, "run-help", project.tool(&["run", "--help"]).exits(0).stdout);
    crate::assert_said!(project, "list", project.tool(&["list"]).exits(0).stdout);
    crate::assert_said!(project, "check", project.tool(&["check"]).exits(0).stdout);
}
