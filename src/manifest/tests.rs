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

/// A manifest with every key.
pub(super) const FULL: &str = r#"
[project]
name = "acme"
python = ".venv/bin/python"
python-path = ["src"]
build = [["maturin", "develop", "--release"]]
extensions = [{ package = "acme-native", module = "acme_native", features = ["python"] }]
reports = "reports"
yearly-compute-cost = 120_000
day-rate = 800.5

[workload.parse]
summary = "Parse lines"
tags = ["text"]
sizes = [1_000, 10]
unit = "lines"
input = "bench.inputs:lines"
input-as = "value"
boundary = "function"
share-of-runtime = 0.32
effort-days = 5
tolerance = { relative = 1e-9, ulps = 4, order = "ignore" }
output = "json"
cases = "types"
result = "bench.inputs:plain"
setup = "bench.inputs:start"
inputs-are = "fresh"
consume = true
timeout = "5s"
memory-limit = "4GiB"
env = { LOG_LEVEL = "error" }
cwd = "data"
[workload.parse.gate]
size = 10
harmless = "2%"
must-catch = "7.5 %"
min-speedup = { hybrid = 5 }
min-memory-saving = { hybrid = 1.4 }
memory = "10%"
[workload.parse.baseline]
python = "acme.logs:parse"
[workload.parse.candidate.native]
kind = "native"
variant = "naive"
criterion = { package = "acme-core", bench = "logs", id = "parse/{size}" }
verify = ["target/release/verify", "{input}"]
[workload.parse.candidate.hybrid]
kind = "hybrid"
python = "acme._native:parse"
requires = ["acme._native"]
kernel = "native"
assumes = "nothing"
[workload.parse.candidate.process]
kind = "native"
command = ["target/release/acme", "{input}"]

[gate]
alpha = 0.02
beta = 0.05
max-blocks = 40
max-seconds = 30.5
inconclusive = "fail"
instructions = "all"
"#;

/// Changes of [`FULL`] that the schema sees, too.
pub(super) const WRONG: &[(&str, &str)] = &[
    ("name = \"acme\"", ""),
    ("[project]", "[projekt]"),
    ("day-rate = 800.5", "day-rate = -1"),
    ("day-rate = 800.5", "day-rate = \"800\""),
    ("yearly-compute-cost = 120_000", "yearly-compute-costs = 120_000"),
    ("share-of-runtime = 0.32", "share-of-runtime = 32"),
    ("effort-days = 5", "effort-days = -5"),
    ("sizes = [1_000, 10]", "sizes = [10, 10]"),
    ("sizes = [1_000, 10]", "sizes = []"),
    ("sizes = [1_000, 10]", "sizes = [-1]"),
    ("\"bench.inputs:lines\"", "\"bench.inputs.lines\""),
    ("relative = 1e-9", "relative = 2"),
    ("order = \"ignore\"", "order = \"any\""),
    ("output = \"json\"", "output = \"text\""),
    ("cases = \"types\"", "cases = 100"),
    ("\"2%\"", "\"2\""),
    ("\"2%\"", "0.02"),
    ("min-speedup = { hybrid = 5 }", "min-speedup = { hybrid = 0 }"),
    ("min-speedup = { hybrid = 5 }", "min-speedup = 5"),
    ("kind = \"native\"", ""),
    ("kind = \"native\"", "kind = \"rust\""),
    ("candidate.hybrid]", "candidate.baseline]"),
    ("python = \"acme.logs:parse\"", ""),
    ("python = \"acme.logs:parse\"", "python = \"acme.logs:parse\"\ncommand = [\"acme\"]"),
    ("python = \"acme.logs:parse\"", "python = \"acme.logs:parse\"\nverify = [\"acme\"]"),
    ("python = \"acme.logs:parse\"", "http = \"acme\""),
    ("command = [\"target/release/acme\", \"{input}\"]", "command = []"),
    ("bench = \"logs\", ", ""),
    ("alpha = 0.02", "alpha = 0"),
    ("alpha = 0.02", "alpha = 1"),
    ("beta = 0.05", "beta = 0.5"),
    ("max-blocks = 40", "max-blocks = 4"),
    ("max-seconds = 30.5", "max-seconds = 0"),
    ("inconclusive = \"fail\"", "inconclusive = \"maybe\""),
    ("instructions = \"all\"", "instructions = true"),
    ("instructions = \"all\"", "instructions = \"some\""),
];

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
    insta::assert_snapshot!(fault(("sizes = [1_000, 10]", "http = \"x\"")));
    insta::assert_snapshot!(fault(("\"acme.logs:parse\"", "\"acme.logs.parse\"")));
    insta::assert_snapshot!(fault(("kernel = \"native\"", "kernel = \"nativ\"")));
    insta::assert_snapshot!(fault(("name = \"acme\"", "name = \"acme")));
    insta::assert_snapshot!(fault((
        "[workload.parse.candidate.hybrid]\nkind = \"hybrid\"",
        "[workload.parse.candidate.hybrid]"
    )));
}

#[test]
fn every_key_is_carried() {
    let project = read(FULL).unwrap();
    assert_eq!((project.yearly_compute_cost, project.day_rate), (Some(120_000.0), Some(800.5)));
    let rules = GateRules {
        alpha: 0.02,
        beta: 0.05,
        max_blocks: 40,
        max_seconds: 30.5,
        inconclusive: Inconclusive::Fail,
        instructions: Instructions::All,
    };
    assert_eq!(project.gate, rules);
    let workload = &project.workloads[0];
    assert_eq!((workload.share_of_runtime, workload.effort_days), (Some(0.32), Some(5.0)));
    assert_eq!((workload.output, workload.cases), (OutputForm::Json, Cases::Types));
    assert_eq!(workload.cwd.as_deref(), Some(Path::new("/acme/data")));
    let gate = &workload.gate;
    assert_eq!((gate.size, gate.harmless, gate.must_catch, gate.memory), (10, 0.02, 0.075, 0.1));
    assert_eq!((gate.min_speedup.get("hybrid"), gate.min_memory_saving.get("hybrid")), (Some(&5.0), Some(&1.4)));
    let verify = workload.implementations[1].verify.as_ref().unwrap();
    assert_eq!(verify.filled(|name| name.to_owned(), |name| name.to_owned()), ["target/release/verify", "{input}"]);
}

#[test]
fn what_is_not_written_has_the_documented_default() {
    let project = read(GOOD).unwrap();
    assert_eq!((project.yearly_compute_cost, project.day_rate), (None, None));
    let rules = GateRules {
        alpha: 0.01,
        beta: 0.01,
        max_blocks: 60,
        max_seconds: 20.0,
        inconclusive: Inconclusive::Pass,
        instructions: Instructions::Failing,
    };
    assert_eq!(project.gate, rules);
    let workload = &project.workloads[0];
    assert_eq!((workload.share_of_runtime, workload.effort_days), (None, None));
    assert_eq!(workload.gate, WorkloadGate::at(1_000));
    assert_eq!((workload.gate.harmless, workload.gate.must_catch, workload.gate.memory), (0.01, 0.05, 0.05));
    assert_eq!((workload.cases, &workload.cwd), (Cases::Declared, &None));
    let filters = ["parse/native".to_owned()];
    let gate = read(FULL).unwrap().select(&filters).unwrap().workloads.remove(0).gate;
    assert!(gate.min_speedup.is_empty(), "a floor goes with its candidate");
}

#[test]
fn faults_of_the_policy_bring_their_mend() {
    let fault = |from: &str, to: &str| {
        assert!(FULL.contains(from), "{from}");
        read(&FULL.replacen(from, to, 1)).expect_err("the change makes it invalid")
    };
    insta::assert_snapshot!(fault("share-of-runtime = 0.32", "share-of-runtime = 32"));
    insta::assert_snapshot!(fault("must-catch = \"7.5 %\"", "must-catch = \"2%\""));
    insta::assert_snapshot!(fault("harmless = \"2%\"\nmust-catch = \"7.5 %\"", "harmless = \"6%\""));
    insta::assert_snapshot!(fault("harmless = \"2%\"", "harmless = 0.02"));
    insta::assert_snapshot!(fault("harmless = \"2%\"", "harmless = \"two\""));
    insta::assert_snapshot!(fault("min-speedup = { hybrid", "min-speedup = { hybird"));
    insta::assert_snapshot!(fault("size = 10\n", "size = 100\n"));
    insta::assert_snapshot!(fault("max-blocks = 40", "max-blocks = 6"));
    insta::assert_snapshot!(fault("output = \"json\"", "output = \"bytes\""));
    insta::assert_snapshot!(fault(
        "python = \"acme._native:parse\"",
        "python = \"acme._native:parse\"\nverify = [\"x\"]"
    ));
    insta::assert_snapshot!(fault("[gate]", "[gates]"));
}

#[test]
fn what_goes_together_goes_together() {
    for (from, to) in WRONG {
        assert!(read(&FULL.replacen(from, to, 1)).is_err(), "{from} → {to}");
    }
    let process = |settings: &str| {
        let text = "[project]\nname = \"acme\"\n[workload.start]\nboundary = \"process\"\n".to_owned() + settings;
        read(&(text + "[workload.start.baseline]\ncommand = [\"acme\"]\n"))
    };
    assert_eq!(process("").unwrap().workloads[0].output, OutputForm::Bytes);
    assert_eq!(process("output = \"json\"\n").unwrap().workloads[0].output, OutputForm::Json);
    process("output = \"json\"\ntolerance = { ulps = 1 }\n").unwrap();
    assert!(process("tolerance = { ulps = 1 }\n").unwrap_err().contains("output = \"json\""));
    assert!(process("cases = \"types\"\n").unwrap_err().contains("annotated"));
    assert!(read(&GOOD.replace("unit =", "output = \"json\"\nunit =")).unwrap_err().contains("is a command"));
    let path = FULL.replace("input-as = \"value\"", "input-as = \"path\"");
    assert!(read(&path).unwrap_err().contains("no file's content"));
    assert!(
        read(&FULL.replace("name = \"acme\"", "name = \"acme\"\ncargo = \"rust\"")).unwrap_err().contains("folder")
    );
}

#[test]
fn thresholds_and_limits_are_read_and_checked() {
    let with =
        |table: &str| read(&GOOD.replace("[workload.parse.baseline]", &format!("{table}\n[workload.parse.baseline]")));
    let project =
        with("[workload.parse.verdict]\nmax-memory = \"2GiB\"\nmax-latency = \"5ms\"\n[verdict]\nmin-gain = 1.1")
            .unwrap();
    assert_eq!(project.workloads[0].limits, Limits { peak_memory_bytes: Some(2 << 30), latency_p99_ns: Some(5e6) });
    assert_eq!(project.thresholds, Thresholds { min_gain: 1.1, ..Thresholds::default() });
    assert_eq!(read(GOOD).unwrap().thresholds, Thresholds::default());
    for wrong in [
        "min-gain = 0.9",
        "max-crossing-share = 50",
        "horizon-years = 0",
        "sure-cases = 1",
        "sure-half-width = 0.2",
        "min-gain = nan",
    ] {
        with(&format!("[verdict]\n{wrong}")).unwrap_err();
    }
    insta::assert_snapshot!(with("[verdict]\nmin-gian = 1.1").unwrap_err());
    insta::assert_snapshot!(with("[verdict]\nmax-crossing-share = 50").unwrap_err());
}

#[test]
fn the_page_names_every_threshold_with_its_default() {
    let page = include_str!("../../docs/MANIFEST.md");
    let defaults = serde_json::to_value(Thresholds::default()).unwrap();
    for (name, default) in defaults.as_object().unwrap() {
        let (key, is_bytes) = name.strip_suffix("_bytes").map_or((name.as_str(), false), |key| (key, true));
        let row = format!("| `{}` | ", key.replace('_', "-"));
        let line = page.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("{row}"));
        let default: f64 = default.as_f64().unwrap();
        let default = if is_bytes { format!("\"{}MiB\"", default / 1048576.0) } else { default.to_string() };
        assert!(line.contains(&format!("`{default}`")), "{line} has another default: {default}");
    }
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
