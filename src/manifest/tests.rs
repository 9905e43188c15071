use std::path::Path;

use super::*;
use proptest::prelude::*;

const GOOD: &str = r#"
[project]
name = "acme"
python-path = ["src"]

[workload.parse]
summary = "Parse lines"
sizes = [1_000, 10]
unit = "lines"
input = "bench.inputs:lines"
tolerance = { relative = 1e-9 }
timeout = "5s"
memory-limit = "4GiB"
[workload.parse.baseline]
python = "acme.logs:parse"
[workload.parse.candidate.native]
kind = "native"
criterion = { package = "acme-core", bench = "logs", id = "parse/{size}" }
[workload.parse.candidate.hybrid]
kind = "hybrid"
python = "acme._native:parse"
kernel = "native"
"#;

fn read(text: &str) -> Result<Project, String> {
    parse(Path::new("/acme"), Path::new("rustworthy.toml"), text).map_err(|error| error.to_string())
}

fn fault(change: (&str, &str)) -> String {
    read(&GOOD.replacen(change.0, change.1, 1)).expect_err("the change makes it invalid")
}

#[test]
fn a_manifest_becomes_a_project() {
    let project = read(GOOD).unwrap();
    let workload = &project.workloads[0];
    assert_eq!(project.python_path, [Path::new("/acme/src")]);
    assert_eq!(workload.sizes, [10, 1_000]);
    assert_eq!((workload.timeout, workload.memory_limit), (Duration::from_secs(5), Some(4 << 30)));
    let names: Vec<_> = workload.implementations.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["baseline", "native", "hybrid"], "candidates keep the manifest's order");
    assert_eq!(workload.implementations[1].target.text(), "acme-core/logs: parse/{size}");
}

#[test]
fn faults_name_the_file_the_line_and_the_mend() {
    insta::assert_snapshot!(fault(("unit =", "unlt =")));
    insta::assert_snapshot!(fault(("sizes = [1_000, 10]", "share-of-runtime = 0.3")));
    insta::assert_snapshot!(fault(("\"acme.logs:parse\"", "\"acme.logs.parse\"")));
    insta::assert_snapshot!(fault(("kernel = \"native\"", "kernel = \"nativ\"")));
    insta::assert_snapshot!(fault(("name = \"acme\"", "name = \"acme")));
    insta::assert_snapshot!(fault((
        "[workload.parse.candidate.hybrid]\nkind = \"hybrid\"",
        "[workload.parse.candidate.hybrid]"
    )));
}

#[test]
fn what_cannot_be_is_refused() {
    for change in [
        ("[1_000, 10]", "[10, 10]"),
        ("[1_000, 10]", "[]"),
        ("1e-9", "2.0"),
        ("\"5s\"", "\"soon\""),
        ("4GiB", "much"),
        ("candidate.hybrid]", "candidate.baseline]"),
        ("candidate.hybrid]", "candidate.\"a/b\"]"),
        ("workload.parse]\n", "workload.\"\"]\n"),
        ("python = \"acme.logs:parse\"", ""),
        ("kernel = \"native\"", "kernel = \"hybrid\""),
    ] {
        fault(change);
    }
    assert!(read("[project]\nname = \"empty\"\n").is_err());
}

fn selected(filters: &[&str]) -> Result<Vec<String>, String> {
    let text = format!("{GOOD}\n[workload.other]\ntags = [\"x\"]\n[workload.other.baseline]\npython = \"a:b\"\n");
    let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
    let project = read(&text).unwrap().select(&filters).map_err(|error| error.to_string())?;
    let cells = project.workloads.iter().flat_map(|workload| {
        workload.implementations.iter().map(move |cell| format!("{}/{}", workload.name, cell.name))
    });
    Ok(cells.collect())
}

#[test]
fn filters_are_globs_on_whole_names() {
    let everything = ["parse/baseline", "parse/native", "parse/hybrid", "other/baseline"];
    assert_eq!(selected(&[]).unwrap(), everything);
    assert_eq!(selected(&["*"]).unwrap(), everything);
    assert_eq!(selected(&["par*"]).unwrap(), &everything[..3]);
    assert_eq!(selected(&["parse/native"]).unwrap(), ["parse/baseline", "parse/native"], "the baseline comes along");
    assert_eq!(selected(&["*/hybrid"]).unwrap(), &everything[..3], "and so does the kernel");
    assert_eq!(selected(&["tag:x", "parse/native"]).unwrap(), ["parse/baseline", "parse/native", "other/baseline"]);
}

#[test]
fn a_filter_that_matches_nothing_lists_near_names() {
    assert_eq!(selected(&["parce"]).unwrap_err(), "`parce` matches nothing here\n  did you mean `parse`?");
    assert!(selected(&["zzz"]).unwrap_err().contains("there are: parse, other"));
    assert!(selected(&["parse/nativ"]).unwrap_err().contains("`parse/native`"));
    assert!(selected(&["par"]).is_err(), "whole names, not parts of them");
    assert!(selected(&["par{se"]).unwrap_err().contains("not a pattern"));
}

#[test]
fn hostile_names_are_names() {
    read(&GOOD.replace("workload.parse", "workload.\"<script>alert(1)</script>\"".replace('/', "").as_str())).unwrap();
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn any_damage_is_read_or_refused(position in 0..GOOD.len(), insert in ".{0,4}", remove in 0..20_usize) {
        let end = (position + remove).min(GOOD.len());
        let _ = read(&format!("{}{insert}{}", &GOOD[..position], &GOOD[end..]));
    }
}

#[test]
fn commands_name_declared_programs() {
    let with = |binaries: &str| {
        read(&format!(
            "[project]\nname = \"acme\"\nbinaries = [{binaries}]\n[workload.start]\n[workload.start.baseline]\n\
             command = [\"{{bin:acme}}\", \"--like={{bin:acme}}/{{size}}\"]\n"
        ))
    };
    let acme = "{ package = \"acme-cli\", name = \"acme\" }";
    let project = with(acme).unwrap();
    let Target::Command(argv) = &project.workloads[0].implementations[0].target else { panic!("it is a command") };
    assert_eq!(argv.binaries().collect::<Vec<_>>(), ["acme", "acme"]);
    let filled = argv.filled(|_| "7".to_owned(), |name| format!("/built/{name}"));
    assert_eq!(filled, ["/built/acme", "--like=/built/acme/7"]);
    insta::assert_snapshot!(with("").unwrap_err());
    assert!(with(&format!("{acme}, {acme}")).unwrap_err().contains("two programs"));
    assert!(with("{ package = \"acme-cli\", name = \"--acme\" }").is_err());
}

#[test]
fn arguments_are_adapted_for_python_and_not_in_secret() {
    let python = "python = \"acme._native:parse\"";
    let with = |keys: &str| read(&GOOD.replacen(python, &format!("{python}\n{keys}"), 1));
    let project = with("adapt = \"bench.inputs:as_buffer\"\nassumes = \"a buffer\"").unwrap();
    assert_eq!(
        project.workloads[0].implementations[2].adapt.as_ref().map(Callable::as_str),
        Some("bench.inputs:as_buffer")
    );
    insta::assert_snapshot!(with("adapt = \"bench.inputs:as_buffer\"").unwrap_err());
    // What the baseline gets, too, is nothing to be told.
    let both = GOOD.replace("python = \"acme", "adapt = \"bench.inputs:wrapped\"\npython = \"acme");
    assert!(read(&both).is_ok());
    let native = GOOD.replace("kind = \"native\"", "kind = \"native\"\nassumes = \"x\"\nadapt = \"bench.inputs:x\"");
    assert!(read(&native).unwrap_err().contains("only the arguments of a `python` implementation"));
}

#[test]
fn commands_have_known_placeholders() {
    let with = |words: &str| {
        read(&format!(
            "[project]\nname = \"acme\"\n[workload.start]\nboundary = \"process\"\n[workload.start.baseline]\ncommand = {words}\n"
        ))
    };
    let project = with(r#"["{python}", "-m", "acme", "--size={size}", "{\"a\": 1}"]"#).unwrap();
    let Target::Command(argv) = &project.workloads[0].implementations[0].target else { panic!("it is a command") };
    assert_eq!(
        argv.filled(|name| name.len().to_string(), str::to_owned),
        ["8", "-m", "acme", "--size=6", "{\"a\": 1}"]
    );
    assert!(with("[]").is_err());
    insta::assert_snapshot!(with(r#"["acme", "{file}"]"#).unwrap_err());
}
