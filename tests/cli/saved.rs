//! Saved runs: found by every name, rendered anywhere, refused when they are not what they seem.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::project::{Project, workload};

const REPORT: [&str; 3] = ["report.html", "report.md", "measurements.csv"];

/// A project with one saved run, measured once for all tests of this file, which only read it.
fn measured() -> &'static Project {
    static PROJECT: OnceLock<Project> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let project = Project::candidates("", &["again"], "again = total");
        project.run(&[]).exits(0);
        project
    })
}

/// A folder outside the project, with a copy of the run.
fn elsewhere() -> (Project, String) {
    let project = Project::empty();
    let copied = Command::new("cp").arg("-r").arg(measured().run_folder()).arg(project.path("moved")).status().unwrap();
    assert!(copied.success());
    let run = fs::read_to_string(project.path("moved/run.json")).unwrap();
    (project, run)
}

#[test]
fn a_run_is_found_by_every_name() {
    let project = measured();
    let folder = project.run_folder();
    let id = folder.file_name().unwrap().to_str().unwrap();
    let file = format!("reports/{id}/run.json");
    for name in ["latest", id, &format!("reports/{id}"), &file, "reports/latest", folder.to_str().unwrap()] {
        let said = project.tool(&["report", name]).exits(0).tells("again").tells("report.html");
        assert_eq!(said.stderr, "", "{name}");
    }
    let said = project.tool(&["report"]).exits(0);
    assert!(said.stdout.contains("again"));
    let outside = Project::empty();
    outside.tool(&["report", "--project", project.root().to_str().unwrap(), id]).exits(0);
}

/// The tool told to show the report, where there is a screen, with an opener that does as the script says.
#[cfg(target_os = "linux")]
fn opening(project: &Project, script: &str) -> Command {
    use std::os::unix::fs::PermissionsExt;

    project.write("bin/xdg-open", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(project.path("bin/xdg-open"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", project.path("bin").display(), std::env::var("PATH").unwrap());
    let mut command = project.command(&["report", "moved", "--open"]);
    command.env("PATH", path).env("DISPLAY", ":7").env_remove("CI");
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_is_shown_by_the_systems_opener() {
    let (project, _) = elsewhere();
    // What it gets is one argument, and no shell reads it.
    let moved = project.path("it's $HOME");
    fs::rename(project.path("moved"), &moved).unwrap();
    std::os::unix::fs::symlink(&moved, project.path("moved")).unwrap();
    let mut command = opening(&project, "printf '%s %s' \"$#\" \"$1\" > \"$(dirname \"$0\")/asked\"");
    let said = project.finish(&mut command).exits(0);
    assert_eq!(said.stderr, "");
    let page = moved.canonicalize().unwrap().join("report.html");
    assert_eq!(fs::read_to_string(project.path("bin/asked")).unwrap(), format!("1 {}", page.display()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_shown_is_named_and_fails_nothing() {
    let (project, _) = elsewhere();
    let page = project.path("moved").canonicalize().unwrap().join("report.html").display().to_string();
    let failing = opening(&project, "exit 4");
    let told = project.finish(&mut { failing }).exits(0).complains("`xdg-open` failed");
    assert!(told.stderr.contains(&page), "{}", told.stderr);
    let touch = "touch \"$(dirname \"$0\")/asked\"";
    for (name, value, why) in [("CI", "true", "CI job"), ("DISPLAY", "", "no display")] {
        let mut command = opening(&project, touch);
        command.env(name, value).env_remove("WAYLAND_DISPLAY");
        let said = project.finish(&mut command).exits(0).complains(why);
        assert!(said.stderr.contains(&page), "{}", said.stderr);
    }
    assert!(!project.path("bin/asked").exists());
}

#[test]
fn a_moved_run_is_rendered_without_its_project() {
    let (project, _) = elsewhere();
    for file in REPORT {
        fs::remove_file(project.path("moved").join(file)).unwrap();
    }
    project.tool(&["report", "moved"]).exits(0);
    project.tool(&["report", "moved/run.json", "--out", "new/place"]).exits(0).tells("new/place");
    assert!(!project.path("new/place/charts/speedups.png").exists());
    project.tool(&["report", "moved/run.json", "--out", "new/place", "--png"]).exits(0);
    let png = std::fs::read(project.path("new/place/charts/speedups.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG") && project.path("new/place/charts/speedups.svg").exists());
    for file in REPORT {
        assert_eq!(
            fs::read_to_string(project.path("moved").join(file)).unwrap(),
            fs::read_to_string(project.path("new/place").join(file)).unwrap(),
        );
    }
    project.write("file", "");
    project.tool(&["report", "moved", "--out", "file/x"]).exits(2).complains("--out DIR");
}

#[test]
fn what_is_no_run_of_this_version_is_refused() {
    let (project, run) = elsewhere();
    measured().tool(&["report", "nothing"]).exits(2).complains("no saved run at");
    project.tool(&["report", "./nothing"]).exits(2).complains("no saved run at");
    project.tool(&["report", "moved/charts"]).exits(2).complains("no saved run at");
    project.write("moved/run.json", &run.replace("rustworthy.run/1", "rustworthy.run/9"));
    let said = project.tool(&["report", "moved"]).exits(2);
    said.complains("has the schema `rustworthy.run/9`; this version reads `rustworthy.run/1`");
    for damaged in [&run[..run.len() / 2], "", "[]", "{\"schema\": \"rustworthy.run/1\"}", "\u{0}"] {
        project.write("moved/run.json", damaged);
        project.tool(&["report", "moved"]).exits(2).complains("is damaged");
    }
    project.write("moved/run.json", &run);
    project.write("moved/rounds.jsonl", "{}\n{}\n");
    project.tool(&["report", "moved"]).exits(2).complains("rounds.jsonl is damaged");
}

#[test]
fn two_runs_stand_side_by_side_or_are_refused() {
    let (project, run) = elsewhere();
    let said = project.tool(&["compare", "moved", "moved/run.json"]).exits(0).tells("again").tells("change");
    assert_eq!(said.stderr, "");
    project.tool(&["compare", "moved", "moved", "--format", "markdown"]).exits(0).tells("| `total` |");
    let document = project.tool(&["compare", "moved", "moved", "--format", "json"]).exits(0).json();
    assert_eq!(document["schema"], "rustworthy.compare/1");
    let host = run.split("\"host_id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    project.write("other/run.json", &run.replace(host, "another"));
    let said = project.tool(&["compare", "moved", "other"]).exits(2).complains("must not be compared");
    said.complains("different hosts");
    project.tool(&["compare", "moved", "nothing-there/run.json"]).exits(2).complains("no saved run at");
    project.tool(&["compare", "moved"]).exits(2).complains("<HEAD>");
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let project = measured();
    let list = project.tool(&["list", "--format", "json"]).exits(0);
    assert_eq!(list.json()["schema"], "rustworthy.list/1");
    assert_eq!(list.stderr, "");
    assert_eq!(list.json()["workloads"][0]["implementations"][1]["target"], "work:again");
    let check = project.tool(&["check", "--format", "json", "--verbose"]).exits(0);
    assert_eq!(check.json()["agrees"], true);
    let quiet = project.tool(&["check", "--quiet"]).exits(0);
    assert_eq!(quiet.stderr, "");
    let out = project.path("../cache/out").display().to_string();
    let run = project.run(&["--rounds", "1", "--format", "json", "--out", &out]).exits(0);
    assert_eq!(run.json()["schema"], "rustworthy.run/1");
}

#[test]
fn readers_that_leave_early_are_no_error() {
    let project = measured();
    for arguments in [&["list"][..], &["check", "--format", "json"], &["report"], &["run", "--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = project.command(arguments);
        let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panic") && !stderr.contains("error"), "{arguments:?}: {stderr}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = project.command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer).output();
        assert_eq!(output.unwrap().status.code(), Some(0), "{arguments:?} without standard error");
    }
}

#[test]
fn names_may_be_anything_that_a_filter_is_not() {
    let candidate = "<b> & \\\"quoted\\\" µ";
    let text = workload("total", "summary = \"<script>alert(1)</script>\"", "total", &[])
        + &format!("[workload.total.candidate.\"{candidate}\"]\nkind = \"python\"\npython = \"work:total\"\n");
    let project = Project::new(&text.replace("workload.total", "workload.\"größe 1\""), "");
    project.run(&["--rounds", "1"]).exits(0).tells("größe 1").tells("<b> & \"quoted\" µ");
    let html = fs::read_to_string(project.path("reports/latest/report.html")).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<b> &"));
    project.tool(&["list", "größe*"]).exits(0);
}
