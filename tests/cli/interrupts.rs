//! Signals, sudden death and full disks: what was measured stays, and no process does.

use std::fs;

use crate::project::{Project, Running, read_json, until, workload};

/// Blocks where it is told to, and says so by a file: in the launch of this hash seed, which is the round plus one.
pub const BLOCKS: &str = "
import os, subprocess, time

def block():
    if os.path.exists('blocked'):
        return
    subprocess.Popen(['sleep', '3600'], start_new_session=True)
    with open('blocked.tmp', 'w') as file:
        file.write('here')
    os.rename('blocked.tmp', 'blocked')
    time.sleep(3600)

def blocks_at_once(values):
    block()
    return sum(values)

def blocks_again(values):
    process = str(os.getpid())
    if os.path.exists('called') and open('called').read() != process:
        block()
    with open('called', 'w') as file:
        file.write(process)
    return sum(values)

def blocks_later(values):
    if os.environ['PYTHONHASHSEED'] == '2':
        block()
    return sum(values)
";

/// A tool under way whose candidate blocks.
pub fn blocked(project: &Project, arguments: &[&str]) -> Running {
    let mut tool = project.start(&mut project.command(arguments));
    tool.until_exists(&project.path("blocked"));
    tool
}

#[test]
fn an_interrupt_while_checking_ends_at_once() {
    for (signal, command) in [("INT", "run"), ("TERM", "check")] {
        let project = Project::candidates("", &["blocks_at_once"], BLOCKS);
        let tool = blocked(&project, &[command]);
        tool.signal(signal);
        tool.wait().exits(130).complains("interrupted before measuring");
        project.assert_tidy();
    }
}

#[test]
fn an_interrupt_while_measuring_keeps_the_finished_rounds() {
    for signal in ["INT", "TERM", "HUP"] {
        let project = Project::candidates("", &["blocks_later"], BLOCKS);
        let tool = blocked(&project, &["run", "--quick"]);
        tool.signal(signal);
        let said = tool.wait().exits(130).complains("interrupted; what was measured is in");
        said.tells("blocks_later");
        project.assert_tidy();
        let run = project.saved();
        assert_eq!(run["complete"], false);
        let size = &run["workloads"][0]["sizes"][0];
        assert_eq!(size["stopped"], "interrupted");
        for cell in size["implementations"].as_array().unwrap() {
            assert_eq!(cell["launches"].as_array().unwrap().len(), 1, "{signal}");
        }
        for file in ["report.html", "report.md", "measurements.csv"] {
            assert!(project.path("reports/latest").join(file).exists(), "{file}");
        }
    }
}

#[test]
fn an_interrupt_before_the_first_finished_round_still_leaves_a_run() {
    let project = Project::candidates("", &["blocks_again"], BLOCKS);
    let tool = blocked(&project, &["run", "--quick", "--format", "json"]);
    tool.signal("INT");
    let run = tool.wait().exits(130).json();
    assert_eq!(run["complete"], false);
    project.assert_tidy();
    project.tool(&["report"]).exits(0);
}

#[test]
fn an_interrupt_while_making_the_input_or_building_ends_at_once() {
    let code = format!("{BLOCKS}\ndef slow(size, seed):\n    block()\n    return ([1],)");
    let project = Project::new(&workload("total", "input = \"work:slow\"", "total", &[]), &code);
    let tool = blocked(&project, &["run"]);
    tool.signal("INT");
    tool.wait().exits(130).complains("interrupted before measuring");
    project.assert_tidy();

    let build = "build = [[\"sh\", \"-c\", \"touch blocked; sleep 3600\"]]";
    let settings = format!("python = {:?}\n{build}", crate::project::python());
    let project = Project::with(&settings, &workload("total", "", "total", &[]), "");
    let tool = blocked(&project, &["run"]);
    tool.signal("INT");
    tool.wait().exits(130).complains("interrupted before measuring");
    project.assert_tidy();
}

#[test]
fn a_second_interrupt_is_not_waited_for() {
    let project = Project::candidates("", &["blocks_later"], BLOCKS);
    let tool = blocked(&project, &["run", "--quick"]);
    tool.signal("INT");
    tool.signal("INT");
    tool.wait().exits(130);
    assert!(until(|| project.alive().is_empty()), "{:?}", project.alive());
}

#[test]
fn sudden_death_takes_the_launches_along_and_loses_only_the_round_under_way() {
    let project = Project::candidates("", &["blocks_later"], BLOCKS);
    let tool = blocked(&project, &["run", "--quick"]);
    tool.signal("KILL");
    assert_eq!(tool.wait().signal, Some(9));
    assert!(until(|| project.alive().is_empty()), "{:?}", project.alive());

    let folder = project.run_folder();
    let id = folder.file_name().unwrap().to_str().unwrap();
    assert_eq!(fs::read_to_string(folder.join("rounds.jsonl")).unwrap().lines().count(), 1);
    project.tool(&["report", id]).exits(0).tells("blocks_later");
    // A line that was being written when the machine died is dropped.
    let log = fs::read_to_string(folder.join("rounds.jsonl")).unwrap();
    fs::write(folder.join("rounds.jsonl"), format!("{log}{}", &log[..log.len() / 2])).unwrap();
    project.tool(&["report", id]).exits(0).tells("blocks_later");
    let csv = fs::read_to_string(folder.join("measurements.csv")).unwrap();
    assert!(csv.contains("blocks_later"), "{csv}");
}

#[test]
fn a_disk_that_fills_up_while_measuring_keeps_the_rounds_before() {
    let code = "
import os, sys

def verbose(values):
    if os.environ['PYTHONHASHSEED'] == '2':
        for line in range(20):
            print(str(line) * 2000)
        raise RuntimeError('the record of this round is large')
    return sum(values)
";
    let project = Project::candidates("", &["verbose"], code);
    project.tool(&["check"]).exits(0);
    let binary = assert_cmd::cargo::cargo_bin!("rustworthy").display().to_string();
    let mut command = std::process::Command::new("sh");
    // A limit on the size of files, its signal ignored, looks like a full disk to who writes.
    command.args(["-c", "trap '' XFSZ; ulimit -f 24; exec \"$@\"", "sh", &binary, "run", "--quick"]);
    project.settle(&mut command);
    let said = project.finish(&mut command).exits(3);
    let said = said.complains("cannot save a round in").complains("the rounds before it are kept there");
    assert!(said.stdout.is_empty(), "{}", said.all());
    project.assert_tidy();

    let folder = project.run_folder();
    assert_eq!(read_json(&folder.join("run.json"))["complete"], false);
    let id = folder.file_name().unwrap().to_str().unwrap();
    project.tool(&["report", id]).exits(0).tells("verbose");
    let csv = fs::read_to_string(folder.join("measurements.csv")).unwrap();
    assert!(csv.contains("verbose"), "{csv}");
}
