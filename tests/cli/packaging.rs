//! What packagers and tidy people ask for: completions, manual pages, an empty cache.

use std::fs;

use crate::project::{Project, workload};

#[test]
fn every_shell_gets_completions_of_every_command() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = project.tool(&["completions", shell]).exits(0).tells("doctor").tells("dry-run");
        assert_eq!(said.stderr, "", "{shell}");
    }
    project.tool(&["completions", "cmd"]).exits(2).complains("fish");
}

#[test]
fn there_is_a_manual_page_for_the_tool_and_each_command() {
    let project = Project::empty();
    project.tool(&["man"]).exits(0).tells(".TH rustworthy 1").tells("rustworthy\\-check(1)");
    project.tool(&["man", "run"]).exits(0).tells(".TH rustworthy-run 1").tells("thorough");
    project.tool(&["man", "walk"]).exits(2).complains("there is no command `walk`").complains("doctor");
    project.tool(&["man", "--out", "share/man1"]).exits(0);
    for page in ["rustworthy.1", "rustworthy-run.1", "rustworthy-clean.1"] {
        assert!(project.path("share/man1").join(page).is_file(), "{page}");
    }
    project.write("file", "");
    project.tool(&["man", "--out", "file/x"]).exits(2).complains("cannot write to file/x");
}

#[test]
fn the_cache_is_listed_and_emptied() {
    let project = Project::candidates("", &["again"], "again = total");
    let cache = project.path("../cache/rustworthy");
    project.tool(&["check"]).exits(0);
    fs::write(cache.join("harness/timing-0000.py"), "old").unwrap();
    fs::write(cache.join("notes"), "somebody's").unwrap();
    let would = project.tool(&["clean", "--dry-run"]).exits(0).tells("would remove").tells("kept");
    assert!(would.stdout.contains("timing-0000.py") && cache.join("harness/timing-0000.py").exists());
    project.tool(&["clean"]).exits(0).tells("removed").tells("clean --all");
    assert!(!cache.join("harness/timing-0000.py").exists());
    assert!(cache.join("inputs").exists());
    project.tool(&["clean"]).exits(0).tells("nothing to remove");
    project.tool(&["clean", "--all"]).exits(0).tells("inputs");
    let left: Vec<_> = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!cache.join("inputs").exists() && cache.join("notes").exists(), "{left:?}");
    project.tool(&["check"]).exits(0);
    // It needs no project, and no manifest that can be read spares it one.
    Project::empty().tool(&["clean"]).exits(0);
    project.write("rustworthy.toml", "[project\n");
    project.tool(&["clean"]).exits(2).complains("rustworthy.toml");
}

#[test]
fn a_project_without_cargo_is_cleaned_all_the_same() {
    let manifest = workload("total", "", "total", &[])
        + "[workload.total.candidate.native]\nkind = \"native\"\n\
           criterion = { package = \"acme\", bench = \"logs\", id = \"total\" }\n";
    let project = Project::new(&manifest, "");
    project.tool(&["clean"]).exits(0).complains("the project's builds are left alone");
}
