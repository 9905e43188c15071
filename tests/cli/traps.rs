//! What a run tells besides numbers: every form of callable is measured, and traps are named with what to do.

use crate::project::{Project, cell, workload};

#[test]
fn methods_asynchronous_functions_and_generators_are_workloads() {
    let code = "
import asyncio

class Account:
    def __init__(self, factor=3):
        self.factor = factor

    def scaled(self, values):
        return [self.factor * value for value in values]

    async def later(self, values):
        await asyncio.sleep(0)
        return self.scaled(values)

    @staticmethod
    def tripled(values):
        return [3 * value for value in values]

class Doubled(Account):
    def __init__(self):
        super().__init__(2)

scale = Account()

async def waited(values):
    return await Account().later(values)

def listed(values):
    return [3 * value for value in values]

def yielded(values):
    for value in values:
        yield 3 * value

async def yielded_later(values):
    for value in values:
        yield 3 * value
";
    let forms = ["Account.later", "Account.tripled", "scale.scaled", "waited", "Doubled.scaled"];
    let mut manifest = workload("scaled", "", "Account.scaled", &forms);
    for form in forms {
        // In TOML a dot would begin another table.
        manifest = manifest.replace(&format!("candidate.{form}]"), &format!("candidate.{}]", form.replace('.', "_")));
    }
    manifest += &workload("lazy", "consume = true", "yielded", &["yielded_later", "listed", "waited"]);
    let project = Project::new(&manifest, code);
    project.run(&["--rounds", "1"]).exits(1).tells("Doubled_scaled differs");
    let run = project.saved();
    for (workload, name) in [
        ("scaled", "baseline"),
        ("scaled", "Account_later"),
        ("scaled", "Account_tripled"),
        ("scaled", "scale_scaled"),
        ("scaled", "waited"),
        ("lazy", "baseline"),
        ("lazy", "yielded_later"),
        ("lazy", "listed"),
        ("lazy", "waited"),
    ] {
        let found = cell(&run, workload, name);
        assert_eq!(found["status"], "measured", "{workload}/{name}: {found:#}");
        assert_eq!(found["launches"].as_array().unwrap().len(), 1, "{workload}/{name}");
    }
    assert_eq!(cell(&run, "scaled", "Doubled_scaled")["status"], "differs");
}

#[test]
fn a_hybrid_that_keeps_the_lock_is_told_everywhere_with_the_files_it_came_from() {
    let code = "
def loops(values):
    total = 0
    for number in range(3_000_000):
        total += number
    return total

def keeps(values):
    return sum(range(3_000_000))
";
    // Stands for Rust: C code that runs long without looking at the lock.
    let manifest = workload("sum", "", "loops", &["keeps"]).replace("kind = \"python\"", "kind = \"hybrid\"");
    let project = Project::new(&manifest, code);
    project.run(&["--rounds", "1"]).exits(0);
    let run = project.saved();
    let traps = run["workloads"][0]["traps"].as_array().unwrap();
    let codes: Vec<_> = traps.iter().map(|trap| (&trap["code"], &trap["implementation"])).collect();
    assert_eq!(codes, [(&"lock-held".into(), &"keeps".into())]);
    let keeps = cell(&run, "sum", "keeps");
    assert!(keeps["probe"]["locked_share"].as_f64().unwrap() > 0.77, "{keeps:#}");
    assert!(cell(&run, "sum", "baseline")["probe"].is_null());
    let [place] = keeps["modules"].as_array().unwrap().as_slice() else { panic!("{keeps:#}") };
    let module = &run["modules"][place.as_u64().unwrap() as usize];
    assert_eq!((module["name"].as_str(), module["path"].as_str()), (Some("work"), Some("work.py")));
    assert_eq!(module["sha256"].as_str().map(str::len), Some(64));

    let said = project.tool(&["report"]).exits(0).stdout;
    let folder = project.run_folder();
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    let markdown = std::fs::read_to_string(folder.join("report.md")).unwrap();
    for text in [said, page, markdown] {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("keeps the interpreter") && words.contains("Python::detach"), "{words}");
    }
}

#[test]
fn memory_is_warmed_up_with_the_smallest_input() {
    let code = "
import os

def noted(values):
    with open('seen.txt', 'a') as file:
        file.write(f'{os.getpid()} {len(values)}\\n')
    return sum(values)
";
    let project = Project::new(&workload("sum", "sizes = [2, 7]", "noted", &["total"]), code);
    project.run(&["--rounds", "1"]).exits(0);
    let seen = std::fs::read_to_string(project.path("seen.txt")).unwrap();
    let mut beginnings: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for (process, size) in seen.lines().filter_map(|line| line.split_once(' ')) {
        let beginning = beginnings.entry(process).or_default();
        if beginning.len() < 3 {
            beginning.push(size);
        }
    }
    let mixed: Vec<_> = beginnings.values().filter(|sizes| sizes.contains(&"2") && sizes.contains(&"7")).collect();
    // Of the two sizes' memory launches, the larger one's begins with the smaller input.
    assert_eq!(mixed, [&vec!["2", "7", "7"]], "{beginnings:?}");
}
