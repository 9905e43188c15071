//! Cases beyond the declared inputs: drawn, judged, made small, kept, tried first ever after.

use std::fs;

use serde_json::Value as Json;

use crate::project::{Project, read_json, workload};

/// A workload on lists of whole numbers of a size.
fn lists(settings: &str, candidates: &[&str], code: &str) -> Project {
    let code = format!(
        "
import random
def make(size, seed):
    rng = random.Random(seed)
    return ([rng.randrange(-50, 50) for _ in range(size)],)

def plain(values): return [value * 2 for value in values]
{code}"
    );
    let settings = format!("sizes = [3, 40]\ninput = \"work:make\"\n{settings}");
    Project::new(&workload("lists", &settings, "plain", candidates), &code)
}

fn kept(project: &Project, workload: &str) -> Vec<Json> {
    let Ok(entries) = fs::read_dir(project.path("rustworthy-cases").join(workload)) else { return Vec::new() };
    entries.map(|entry| read_json(&entry.unwrap().path())).collect()
}

fn detail<'a>(checks: &'a Json, implementation: &str) -> &'a str {
    let all = checks["checks"].as_array().unwrap();
    let found = all.iter().rev().find(|check| check["implementation"] == implementation).unwrap();
    found["detail"].as_str().unwrap_or_default()
}

fn checked(project: &Project, arguments: &[&str], code: i32) -> Json {
    project.tool(&[&["check", "--format", "json"], arguments].concat()).exits(code).json()
}

#[test]
fn a_rare_fault_is_found_made_small_kept_and_tried_first() {
    let code = "
def port(values): return [value * 2 + (value == 37) for value in values]
def same(values): return [value + value for value in values]
";
    let project = lists("", &["port", "same"], code);
    assert_eq!(checked(&project, &[], 0)["agrees"], true);
    let checks = checked(&project, &["--cases", "200"], 1);
    assert!(detail(&checks, "port").contains("result[0]: baseline 74, candidate 75; with ([37],)"), "{checks:#}");
    let same = &checks["workloads"][0]["candidates"][1];
    assert_eq!((&same["agreeing"], &same["differing"]), (&200.into(), &0.into()));
    let agreement = &checks["checks"][2]["agreement"];
    assert_eq!((&agreement["cases"], &agreement["drawn"]), (&201.into(), &200.into()));
    assert_eq!(agreement["differ_below"], 0.015);
    let cases = kept(&project, "lists");
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0]["arguments"], serde_json::json!({"$": "tuple", "v": [[37]]}));

    // Tried first from now on, by `check` without cases and by `run`.
    assert!(detail(&checked(&project, &[], 1), "port").contains("kept in rustworthy-cases/lists/"));
    project.run(&["--rounds", "1"]).exits(1).tells("lists/port differs").tells("rustworthy-cases/lists/");
    let run = project.saved();
    assert_eq!(crate::project::cell(&run, "lists", "same")["agreement"]["cases"], 2);

    project.write("work.py", &fs::read_to_string(project.path("work.py")).unwrap().replace(" + (value == 37)", ""));
    let said = project.tool(&["check"]).exits(0);
    assert!(said.stdout.contains("1 kept counterexample agrees again: mended"), "{}", said.stdout);
    assert_eq!(kept(&project, "lists").len(), 1, "what is mended stays");
}

#[test]
fn what_goes_wrong_is_told_apart() {
    let code = "
import os
cache, store, calls = {}, {}, []

def stale(values):
    key = sum(values)
    return list(cache.setdefault(key, plain(values)))

def shared(values): return store.setdefault(str(values), plain(values))
def lazy(values): return (value * 2 for value in values)
def held(values): return {'values': map(float, values)}
def mutates(values):
    result = plain(values)
    values.sort()
    return result
def dies(values):
    if len(values) > 5: os._exit(3)
    return plain(values)
def wobbles(values): return plain(values) + [os.getpid()]
def counts(values):
    calls.append(1)
    return plain(values) + [0] * (len(calls) > 1)
def panics(values):
    raise type('PanicException', (BaseException,), {})('index out of bounds')
";
    let names = ["stale", "shared", "lazy", "held", "mutates", "dies", "wobbles", "counts", "panics"];
    let project = lists("", &names, code);
    let checks = checked(&project, &["--cases", "600"], 1);
    for (name, words) in [
        ("stale", "in a fresh process it agrees; after a call with"),
        ("shared", "the same object in each call"),
        ("lazy", "lazy `generator`"),
        ("held", "lazy `map` at `$.values`"),
        ("mutates", "arguments: baseline left as they were, candidate changed by the call"),
        ("dies", "the worker exited with 3"),
        ("wobbles", "called again in another process with the same input"),
        ("counts", "result of a second call on the same input"),
        ("panics", "panics, which `except Exception` does not catch"),
    ] {
        assert!(detail(&checks, name).contains(words), "{name}: {}", detail(&checks, name));
    }
}

#[test]
fn a_baseline_that_differs_from_itself_is_blamed_alone() {
    let code = "
def unsteady(values): return list({str(value) for value in values})
def port(values): return sorted({str(value) for value in values})
";
    let project = Project::new(
        &workload("sets", "sizes = [4, 30]\ninput = \"work:make\"", "unsteady", &["port"]),
        &format!("\ndef make(size, seed): return ([seed + number for number in range(size)],)\n{code}"),
    );
    let checks = checked(&project, &["--cases", "50"], 3);
    let all = checks["checks"].as_array().unwrap();
    assert!(all.iter().all(|check| check["status"] != "differs"), "{checks:#}");
    let said = detail(&checks, "baseline");
    assert!(said.contains("is not deterministic"), "{said}");
}

#[test]
fn draws_that_make_no_case_are_counted_and_said() {
    let code = "
def make(size, seed):
    if seed % 2 and size > 3: raise ValueError('odd seed')
    return ([size, seed],)
def port(values): return plain(values)
";
    let project = lists("", &["port"], code);
    let checks = checked(&project, &["--cases", "60"], 0);
    let draws = &checks["workloads"][0];
    let (drawn, not_made) = (draws["drawn"].as_u64().unwrap(), draws["not_made"].as_u64().unwrap());
    assert_eq!(drawn + not_made, 60);
    assert!(not_made > 5 && draws["not_made_why"] == "ValueError: odd seed", "{draws:#}");
    let said = project.tool(&["check", "--cases", "60"]).exits(0);
    assert!(said.stdout.contains("draws made no case (ValueError: odd seed)"), "{}", said.stdout);
}

#[test]
fn cases_are_adapted_as_declared_inputs_are() {
    let project = lists(
        "",
        &["port"],
        "
from array import array
def as_array(values): return (array('q', values),)
def port(values): return [value + value for value in values]
def of_array(values):
    assert type(values) is array, type(values)
    return [value + value + (value == 37) for value in values]
",
    );
    let manifest = fs::read_to_string(project.path("rustworthy.toml")).unwrap()
        + "[workload.lists.candidate.array]\nkind = \"python\"\npython = \"work:of_array\"\n\
           adapt = \"work:as_array\"\nassumes = \"the caller already holds an array\"\n";
    project.write("rustworthy.toml", &manifest);
    let checks = checked(&project, &["--cases", "200"], 1);
    assert_eq!(checks["workloads"][0]["candidates"][0]["agreeing"], 200, "{checks:#}");
    let differs = detail(&checks, "array");
    assert!(differs.contains("result[0]: baseline 74, candidate 75; with ([37],)"), "{differs}");
}

#[test]
fn values_are_drawn_from_types() {
    let code = "
def halves(values: 'list[float]', places: int = 0) -> list: return [round(value) if value == value and abs(value) < 1e300 else 0 for value in values]
def half_up(values, places=0): return [int(value + 0.5) if value == value and abs(value) < 1e300 else 0 for value in values]
def vague(values): return None
def length(text: str): return len(text)
def in_bytes(text): return len(text.encode())
";
    let manifest = "[workload.halves]\ncases = \"types\"\n[workload.halves.baseline]\npython = \"work:halves\"\n\
        [workload.halves.candidate.half_up]\nkind = \"python\"\npython = \"work:half_up\"\n\
        [workload.vague]\ninput = \"work:numbers\"\ncases = \"types\"\n[workload.vague.baseline]\npython = \"work:vague\"\n\
        [workload.vague.candidate.same]\nkind = \"python\"\npython = \"work:vague\"\n\
        [workload.length]\ninput = \"work:word\"\ncases = \"types\"\n[workload.length.baseline]\npython = \"work:length\"\n\
        [workload.length.candidate.in_bytes]\nkind = \"python\"\npython = \"work:in_bytes\"\n";
    let manifest = manifest.replace("[workload.halves]\n", "[workload.halves]\ninput = \"work:three\"\n");
    let code = format!("{code}\ndef three(size, seed): return ([1.0, 2.0],)\ndef word(size, seed): return ('word',)\n");
    let project = Project::new(&manifest, &code);
    let checks = checked(&project, &["--cases", "120"], 1);
    let small = detail(&checks, "half_up");
    assert!(
        small.contains("baseline 0, candidate 1; with ([0.5]")
            || small.contains("baseline 2, candidate 3; with ([2.5]"),
        "{small}"
    );
    let notes = checks["workloads"][1]["notes"].to_string();
    assert!(notes.contains("`values` of work:vague has no annotation: write one"), "{notes}");
    assert!(detail(&checks, "in_bytes").contains("with (\""), "{}", detail(&checks, "in_bytes"));
}

#[test]
fn commands_are_called_on_cases_too() {
    let code = "
import json, sys
def text(size, seed): return ('x' * (size % 9) + str(seed),)
if __name__ == '__main__':
    content = open(sys.argv[1]).read()
    print(json.dumps(len(content) + (int(sys.argv[2]) if len(content) > 14 else 0)))
";
    let project = Project::new(
        "[workload.length]\nsizes = [1, 9]\noutput = \"json\"\ninput = \"work:text\"\n\
         [workload.length.baseline]\ncommand = [\"{python}\", \"work.py\", \"{input}\", \"0\"]\n\
         [workload.length.candidate.port]\nkind = \"native\"\ncommand = [\"{python}\", \"work.py\", \"{input}\", \"1\"]\n",
        code,
    );
    let checks = checked(&project, &["--cases", "12"], 1);
    assert!(detail(&checks, "port").contains("[\"output\"]: baseline 15, candidate 16"), "{}", detail(&checks, "port"));
}

#[test]
fn classes_stand_for_others_as_the_manifest_says() {
    let code = "
def checks(values):
    if sum(values) > 0: raise KeyError('positive')
    return plain(values)
def port(values):
    if sum(values) > 0: raise LookupError('positive')
    return plain(values)
def make(size, seed): return ([-1] * size if seed == 42 else [seed] * size,)
";
    let manifest = |settings: &str| {
        workload("strict", &format!("sizes = [2, 5]\ninput = \"work:make\"\n{settings}"), "checks", &["port"])
    };
    let project = Project::new(&manifest(""), &format!("\ndef plain(values): return values[:]\n{code}"));
    let strict = checked(&project, &["--cases", "9"], 1);
    assert!(detail(&strict, "port").contains("exception: baseline KeyError, candidate LookupError"), "{strict:#}");
    fs::remove_dir_all(project.path("rustworthy-cases")).unwrap();
    let text = fs::read_to_string(project.path("rustworthy.toml")).unwrap();
    let mapped = text.replace("sizes = [2, 5]", "sizes = [2, 5]\nexceptions = { KeyError = [\"LookupError\"] }");
    project.write("rustworthy.toml", &mapped);
    checked(&project, &["--cases", "9"], 0);
    project.write("rustworthy.toml", &mapped.replace("\"LookupError\"", "\"PanicException\""));
    project.tool(&["check"]).exits(2).complains("a panic stands for no exception");
}

#[test]
fn a_damaged_case_is_an_error_that_names_it() {
    let project = lists("", &["port"], "def port(values): return plain(values)\n");
    project.write("rustworthy-cases/lists/0123.json", "{\"schema\": \"rustworthy.case/1\"");
    project
        .tool(&["check"])
        .exits(2)
        .complains("rustworthy-cases/lists/0123.json")
        .complains("restore it, or delete it");
}

#[test]
fn the_page_about_equality_shows_what_the_tool_says() {
    let page = include_str!("../../docs/EQUALITY.md");
    let code = "
def make(size, seed): return (list(range(size)),)
def prices(values): return [float(value) for value in values]
def rounded(values): return [float(value) if value < 3 else value for value in values]
";
    let project =
        Project::new(&workload("prices", "sizes = [10]\ninput = \"work:make\"", "prices", &["rounded"]), code);
    let said = project.tool(&["check"]).exits(1).stdout;
    assert!(page.contains(said.trim_end()), "{said}");
    let case = &kept(&project, "prices")[0];
    let shown = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(case, &serde_json::from_str::<Json>(shown).unwrap());
}

#[test]
fn nothing_compared_is_no_agreement() {
    let manifest = "[workload.w]\ninput = \"work:numbers\"\n[workload.w.baseline]\npython = \"work:total\"\n\
        [workload.w.candidate.absent]\nkind = \"library\"\npython = \"absent:total\"\nrequires = [\"absent_module\"]\n";
    let checks = checked(&Project::new(manifest, ""), &[], 0);
    assert_eq!(checks["agrees"], Json::Null);
}
