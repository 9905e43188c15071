//! The decision against a commit: evidence in, outcome out, each with its reason.

use std::path::Path;

use serde_json::json;

use super::document::{Acknowledged, Check, Gate, Outcome, Topic, Trees};
use super::judge::{Facts, against, breaks_equality, counted, failing, gated};
use crate::evidence::{Between, Block, Contest, ControlBlock, Counts, GateState, Peaks, Run, Status};
use crate::manifest::{self, Project};

const MANIFEST: &str = r#"
[project]
name = "acme"
[workload.parse]
sizes = [1000]
input = "a:make"
baseline = { python = "a:b" }
candidate.native = { kind = "native", criterion = { package = "p", bench = "b", id = "x/{size}" } }
candidate.hybrid = { kind = "hybrid", python = "a:c" }
"#;

fn project() -> Project {
    manifest::parse(Path::new("/acme"), Path::new("rustworthy.toml"), MANIFEST).unwrap()
}

/// A side whose three implementations came so far.
fn side(statuses: [Status; 3]) -> Run {
    let cell = |name: &str, status: Status| {
        let detail = if status == Status::Measured { None } else { Some(format!("{name} is {}", status.as_str())) };
        json!({"name": name, "role": if name == "baseline" { "baseline" } else { "candidate" }, "kind": "python",
            "variant": null, "runner": "python", "target": "a:b", "assumes": null, "kernel": null, "status": status,
            "detail": detail, "launches": [], "memory_launches": [], "failures": [], "time_ns": null, "cpu_ns": null,
            "peak_memory_bytes": null, "latency_ns": null})
    };
    let cells: Vec<_> =
        ["baseline", "native", "hybrid"].into_iter().zip(statuses).map(|(name, status)| cell(name, status)).collect();
    let size = json!({"size": 1000, "input": null, "stopped": null, "implementations": cells, "comparisons": [],
        "verdict": null});
    let environment = json!({"host_id": "h", "os": "Linux", "cpu_model": "c", "cpu_count": 2, "memory_bytes": 1,
        "python": null, "rustc": null, "git": null, "warnings": []});
    serde_json::from_value(json!({"schema": "rustworthy.run/1", "id": "a", "created": "", "project": "acme",
        "tool": {"version": "0.1.0"}, "command": [], "seed": 1,
        "plan": {"effort": "quick", "target_half_width": 0.05, "min_rounds": 6, "max_rounds": 6,
            "indicative_rounds": null, "time_budget_s": null},
        "complete": true, "phases": {"prepare_s": 0.0, "equality_s": 0.0, "measure_s": 0.0},
        "environment": environment,
        "workloads": [{"name": "parse", "summary": "", "tags": [], "unit": null, "boundary": "function", "rules": [],
            "sizes": [size], "verdict": null}],
        "verdict": null}))
    .unwrap()
}

const FINE: [Status; 3] = [Status::Measured; 3];

fn blocks(change: f64, count: usize) -> Vec<Block> {
    let block = |number: usize| {
        let wobble = if number.is_multiple_of(2) { 0.002 } else { -0.002 };
        Block { log_ratio: Some(change.ln_1p() + wobble), calls: 3, seconds: 0.5, ..Block::default() }
    };
    (0..count).map(block).collect()
}

fn contest(name: &str, blocks: Vec<Block>) -> Contest {
    Contest { workload: "parse".into(), implementation: name.into(), size: 1000, blocks, diverged: None }
}

fn counts(name: &str, base: u64, head: u64) -> Counts {
    Counts {
        workload: "parse".into(),
        implementation: name.into(),
        size: 1000,
        by: "valgrind".into(),
        calls: 1,
        base: vec![base; 2],
        head: vec![head; 2],
        missing: None,
    }
}

/// A gate's evidence; what a test does not speak of stands still.
struct Case {
    head: Run,
    base: Option<Run>,
    across: Vec<(String, String)>,
    state: GateState,
    looks: Vec<(usize, Contest)>,
    trailers: Vec<Acknowledged>,
    moved_from: Option<&'static Path>,
}

impl Case {
    fn of(native: f64, hybrid: f64) -> Case {
        let mut state = GateState::new(Between::default());
        state.contests = vec![contest("native", blocks(native, 20)), contest("hybrid", blocks(hybrid, 20))];
        Case {
            head: side(FINE),
            base: Some(side(FINE)),
            across: Vec::new(),
            state,
            looks: Vec::new(),
            trailers: Vec::new(),
            moved_from: None,
        }
    }

    fn gate(&self) -> Gate {
        self.judged_by(&project())
    }

    fn judged_by(&self, project: &Project) -> Gate {
        against(&Facts {
            project,
            head: &self.head,
            base: self.base.as_ref(),
            across: &self.across,
            state: &self.state,
            second_looks: &self.looks,
            untouched: &["parse".to_owned()],
            acknowledged: &self.trailers,
            moved_from: self.moved_from,
            trees: Trees { against: "main".into(), base: "b".into(), head: "h".into(), dirty: false },
        })
    }

    fn trailer(mut self, what: &str) -> Case {
        let (what, reason) = (what.to_owned(), "agreed".to_owned());
        self.trailers = vec![Acknowledged { what, reason, commit: "h".into(), used: false }];
        self
    }

    /// A second look at the first comparison: instructions on the base and on the head, and a second pair of builds.
    fn look(mut self, instructions: Option<(u64, u64)>, repeated: f64) -> Case {
        self.looks = vec![(0, contest("native", blocks(repeated, 20)))];
        self.state.counts = instructions.map(|(base, head)| counts("native", base, head)).into_iter().collect();
        self
    }
}

fn of<'g>(gate: &'g Gate, name: &str, topic: Topic) -> &'g Check {
    gate.checks.iter().find(|check| check.implementation == name && check.topic == topic).unwrap()
}

#[test]
fn what_stands_still_passes_and_what_is_slower_fails() {
    let gate = Case::of(0.0, 0.0).gate();
    assert_eq!((gate.verdict, gate.rules.comparisons, gate.rules.fail_at), (Outcome::Pass, 2, 200.0));
    let gate = Case::of(0.10, 0.0).gate();
    assert_eq!((gate.verdict, of(&gate, "native", Topic::Time).outcome), (Outcome::Fail, Outcome::Fail));
    assert_eq!(of(&gate, "hybrid", Topic::Time).outcome, Outcome::Pass);
    assert_eq!(gate.checks[0].topic, Topic::Equality, "equality comes first");
    // Faster is as good as unchanged.
    assert_eq!(Case::of(-0.30, 0.0).gate().verdict, Outcome::Pass);
}

#[test]
fn what_few_blocks_cannot_decide_is_inconclusive() {
    let mut case = Case::of(0.0, 0.0);
    case.state.contests[0].blocks.truncate(4);
    let gate = case.gate();
    assert_eq!(
        (gate.verdict, of(&gate, "native", Topic::Time).outcome),
        (Outcome::Inconclusive, Outcome::Inconclusive)
    );
    case.state.contests[0].blocks =
        vec![Block { void: Some("head: the worker was killed".into()), ..Block::default() }; 3];
    assert!(
        of(&case.gate(), "native", Topic::Time).text.contains("its workers do not live: head: the worker was killed")
    );
}

#[test]
fn at_the_end_what_is_open_is_held_to_what_is_left_of_alpha() {
    // Nine blocks above the margin have E = 102.3: enough for the last of two, not for the first.
    let mut case = Case::of(0.10, 0.10);
    case.state.contests[1].blocks.truncate(9);
    assert_eq!(failing(&project(), &case.state), [0, 1]);
    case.state.contests[0].blocks.truncate(9);
    assert_eq!(failing(&project(), &case.state), Vec::<usize>::new());
}

#[test]
fn a_machine_that_moved_decides_nothing() {
    let mut case = Case::of(0.10, 0.0);
    let moved = blocks(0.05, 14).into_iter().map(|block| ControlBlock { workload: "parse".into(), block });
    case.state.control = moved.collect();
    let gate = case.gate();
    assert_eq!(gate.verdict, Outcome::Inconclusive);
    assert!(gate.control.as_ref().is_some_and(|control| control.moved) && gate.notes[0].contains("The machine moved"));
    // But a result that differs is a fault on any machine.
    case.head = side([Status::Measured, Status::Differs, Status::Measured]);
    assert_eq!(case.gate().verdict, Outcome::Fail);
}

#[test]
fn slower_machine_code_of_the_same_instructions_is_a_matter_of_layout() {
    let time = |case: &Case| of(&case.gate(), "native", Topic::Time).clone();
    let same = time(&Case::of(0.10, 0.0).look(Some((1000, 1001)), 0.10));
    assert_eq!((same.outcome, same.label.as_deref()), (Outcome::Inconclusive, Some("layout")));
    let vanishes = time(&Case::of(0.10, 0.0).look(Some((1000, 1100)), 0.0));
    assert_eq!((vanishes.outcome, vanishes.label.as_deref()), (Outcome::Inconclusive, Some("layout")));
    let stays = time(&Case::of(0.10, 0.0).look(Some((1000, 1100)), 0.10));
    assert_eq!((stays.outcome, stays.label), (Outcome::Fail, None));
    let uncounted = time(&Case::of(0.10, 0.0).look(None, 0.10));
    assert_eq!(uncounted.outcome, Outcome::Fail);
    // Builds that fail leave what was measured as it is, but unproved.
    let mut unbuilt = Case::of(0.10, 0.0);
    let void = Some("the base, b: cargo exited with 101".to_owned());
    let repeated = contest("native", vec![Block { void, ..Block::default() }]);
    unbuilt.looks = vec![(0, repeated)];
    let unbuilt = time(&unbuilt);
    assert_eq!((unbuilt.outcome, unbuilt.label.as_deref()), (Outcome::Inconclusive, Some("layout")));
    assert!(unbuilt.text.contains("could not be measured: the base, b: cargo exited with 101"), "{}", unbuilt.text);
    let gate = Case::of(0.10, 0.0).look(Some((1000, 1100)), 0.10).gate();
    assert!(of(&gate, "native", Topic::Instructions).text.contains("+10.0 %"));
}

#[test]
fn instructions_are_shown_of_both_languages_and_never_fail_a_gate() {
    let mut case = Case::of(0.0, 0.0);
    case.state.counts = vec![counts("baseline", 500, 500), counts("native", 1000, 2000)];
    let gate = case.gate();
    assert_eq!(gate.verdict, Outcome::Pass);
    assert!(of(&gate, "baseline", Topic::Instructions).text.starts_with("unchanged"));
    assert!(of(&gate, "native", Topic::Instructions).text.starts_with("+100 %"));
    let names = |head: [Status; 3]| -> Vec<String> {
        counted(&side(head), &side(FINE)).into_iter().map(|(_, name, _)| name).collect()
    };
    // What an earlier job counted and nobody asks for now is not shown.
    case.state.counts.push(Counts { workload: "other".into(), ..counts("native", 1, 2) });
    assert_eq!(case.gate().checks.len(), gate.checks.len());
    // The candidates of this manifest's runs are of the kind `python`.
    assert_eq!(names(FINE), ["baseline"]);
    assert_eq!(names([Status::Failed, Status::Skipped, Status::Skipped]), Vec::<String>::new());
}

#[test]
fn a_difference_that_the_base_shows_too_is_not_the_changes_fault() {
    let mut case = Case::of(0.0, 0.0);
    case.head = side([Status::Measured, Status::Differs, Status::Measured]);
    assert!(breaks_equality(&case.head, case.base.as_ref(), &[], &[]));
    assert_eq!(case.gate().verdict, Outcome::Fail);
    case.base = Some(case.head.clone());
    assert!(!breaks_equality(&case.head, case.base.as_ref(), &[], &[]));
    let gate = case.gate();
    assert_eq!((gate.verdict, of(&gate, "native", Topic::Equality).outcome), (Outcome::Pass, Outcome::Skipped));
    // Another difference than before is.
    case.head.workloads[0].sizes[0].implementations[1].detail = Some("another".into());
    assert_eq!(case.gate().verdict, Outcome::Fail);
}

#[test]
fn a_gate_that_judged_nothing_is_no_pass() {
    let mut case = Case::of(0.0, 0.0);
    case.head = side([Status::Measured, Status::Differs, Status::Failed]);
    case.base = Some(case.head.clone());
    case.state.contests.clear();
    let gate = case.gate();
    assert_eq!(gate.verdict, Outcome::Inconclusive);
    assert!(gate.notes[0].starts_with("Nothing was judged"), "{:?}", gate.notes);
    let checks = [of(&gate, "native", Topic::Equality), of(&gate, "hybrid", Topic::Equality)];
    assert!(checks.iter().all(|check| check.outcome == Outcome::Inconclusive && check.text.contains("as on the base")));
    // What is new has been compared with its baseline, at least.
    let mut new = Case::of(0.0, 0.0);
    (new.base, new.state.contests) = (None, Vec::new());
    assert_eq!(new.gate().verdict, Outcome::Pass);
}

#[test]
fn memory_fails_a_gate_unless_it_is_accepted() {
    const MIB: u64 = 1 << 20;
    let of_memory = |head: u64| {
        let mut case = Case::of(0.0, 0.0);
        let (base_bytes, head_bytes) = (vec![40 * MIB; 8], vec![head * MIB; 8]);
        let (workload, implementation) = ("parse".to_owned(), "native".to_owned());
        case.state.memory =
            vec![Peaks { workload, implementation, size: 1000, base_bytes, head_bytes, ..Peaks::default() }];
        case
    };
    let gate = of_memory(60).gate();
    assert_eq!((gate.verdict, of(&gate, "native", Topic::Memory).outcome), (Outcome::Fail, Outcome::Fail));
    assert_eq!(gate.rules.comparisons, 2, "memory lies outside of what time is held to");
    assert_eq!(of_memory(60).trailer("parse/native").gate().verdict, Outcome::Pass);
    assert_eq!(of_memory(40).gate().verdict, Outcome::Pass);
}

#[test]
fn each_workload_of_the_control_has_its_own_margin() {
    let mut case = Case::of(0.0, 0.0);
    let moved = blocks(0.02, 14).into_iter().map(|block| ControlBlock { workload: "parse".into(), block });
    case.state.control = moved.collect();
    assert!(case.gate().control.is_some_and(|control| control.moved));
    let mut wide = project();
    wide.workloads[0].gate.harmless = 0.03;
    assert!(case.judged_by(&wide).control.is_some_and(|control| !control.moved));
}

#[test]
fn a_speed_up_stands_beside_what_it_was() {
    let mut case = Case::of(0.0, 0.10);
    let found = json!({"candidate": "hybrid", "against": "baseline", "metric": "time", "ratio": 5.0, "low": 4.9,
        "high": 5.1, "rounds": 10, "indicative": false});
    case.head.workloads[0].sizes[0].comparisons.push(serde_json::from_value(found).unwrap());
    let mut project = project();
    project.workloads[0].gate.min_speedup.insert("hybrid".to_owned(), 4.0);
    let gate = case.judged_by(&project);
    let held = of(&gate, "hybrid", Topic::Speedup);
    assert_eq!(held.outcome, Outcome::Pass);
    assert!(held.text.ends_with("clears the floor of 4.00× (on the base about 5.50×)"), "{}", held.text);
}

#[test]
fn a_trailer_accepts_what_it_names_but_never_halves_that_differ() {
    assert_eq!(Case::of(0.10, 0.0).trailer("parse/native").gate().verdict, Outcome::Pass);
    assert_eq!(Case::of(0.10, 0.0).trailer("parse").gate().verdict, Outcome::Pass);
    let gate = Case::of(0.10, 0.0).trailer("parse/hybrid").gate();
    assert_eq!((gate.verdict, gate.acknowledged[0].used), (Outcome::Fail, false));
    let mut changed = Case::of(0.0, 0.0).trailer("parse");
    changed.across = vec![("parse".into(), "result: base 1, head 2".into())];
    assert_eq!(changed.gate().verdict, Outcome::Pass);
    // What is accepted does not keep times from being measured.
    let breaks = |trailers: &[Acknowledged]| breaks_equality(&changed.head, None, &changed.across, trailers);
    assert!(breaks(&[]) && !breaks(&changed.trailers) && breaks(&Case::of(0.0, 0.0).trailer("parse/native").trailers));
    let mut halves = Case::of(0.0, 0.0).trailer("parse");
    halves.head = side([Status::Measured, Status::Differs, Status::Measured]);
    assert_eq!(halves.gate().verdict, Outcome::Fail);
}

#[test]
fn only_what_agrees_on_both_sides_is_gated() {
    let names = |head: [Status; 3], base: [Status; 3]| -> Vec<String> {
        gated(&side(head), &side(base)).into_iter().map(|(_, name, _)| name).collect()
    };
    assert_eq!(names(FINE, FINE), ["native", "hybrid"]);
    assert_eq!(names([Status::Measured, Status::Unverified, Status::Measured], FINE), ["hybrid"]);
    assert_eq!(names(FINE, [Status::Measured, Status::Measured, Status::Failed]), ["native"]);
    let mut case = Case::of(0.0, 0.0);
    case.base = None;
    case.state.contests.clear();
    let gate = case.gate();
    assert_eq!((gate.verdict, of(&gate, "native", Topic::Time).outcome), (Outcome::Pass, Outcome::Skipped));
}

#[test]
fn a_result_that_strays_while_it_is_timed_differs_and_cannot_be_accepted() {
    let mut case = Case::of(0.0, 0.0).trailer("parse");
    case.state.contests[0].diverged = Some("result: base 1, head 2".into());
    let gate = case.gate();
    assert_eq!(gate.verdict, Outcome::Fail);
    let found = of(&gate, "native", Topic::Equality);
    assert!(found.text.contains("differed while it was timed: result: base 1, head 2"), "{}", found.text);
    assert_eq!((found.outcome, found.acknowledged.is_none()), (Outcome::Fail, true));
    assert_eq!(of(&gate, "native", Topic::Time).outcome, Outcome::Skipped);
    // So it is in a second pair of builds.
    let mut case = Case::of(0.10, 0.0);
    let diverged = Some("result: base 1, head 3".into());
    case.looks = vec![(0, Contest { diverged, ..contest("native", Vec::new()) })];
    let found = case.gate();
    assert!(of(&found, "native", Topic::Equality).text.contains("in a second pair of builds"));
    assert_eq!(found.verdict, Outcome::Fail);
}

#[test]
fn a_second_look_that_decides_nothing_says_so() {
    let mut case = Case::of(0.10, 0.0);
    case.looks = vec![(0, contest("native", blocks(0.10, 6)))];
    let gate = case.gate();
    let found = of(&gate, "native", Topic::Time);
    assert_eq!((found.outcome, found.label.as_deref()), (Outcome::Inconclusive, Some("layout")));
    assert!(found.text.contains("6 blocks of a second pair") && found.text.contains("do not decide"), "{}", found.text);
}

#[test]
fn a_second_look_asks_for_half_of_what_the_first_showed() {
    let outcome = |again: f64| {
        let mut case = Case::of(0.06, 0.0);
        case.looks = vec![(0, contest("native", blocks(again, 20)))];
        let gate = case.gate();
        of(&gate, "native", Topic::Time).outcome
    };
    // 4 % is less than must be caught, and the same slow-down for all that.
    assert_eq!([0.06, 0.04, 0.005].map(outcome), [Outcome::Fail, Outcome::Fail, Outcome::Inconclusive]);
}

#[test]
fn what_the_head_can_no_longer_measure_is_open() {
    for status in [Status::Skipped, Status::Unverified] {
        let mut case = Case::of(0.0, 0.0);
        case.head = side([Status::Measured, status, Status::Measured]);
        case.state.contests.remove(0);
        let gate = case.gate();
        let found = of(&gate, "native", Topic::Time);
        assert_eq!((gate.verdict, found.outcome), (Outcome::Inconclusive, Outcome::Inconclusive));
        assert!(found.text.contains("can no longer be compared"), "{}", found.text);
        // What the base lacks, too, is no fault of the change.
        case.base = Some(case.head.clone());
        assert_eq!(case.gate().verdict, Outcome::Pass);
    }
}

#[test]
fn a_project_that_moved_has_something_to_compare_with() {
    let mut case = Case::of(0.0, 0.0);
    (case.base, case.moved_from) = (None, Some(Path::new("../old/rustworthy.toml")));
    case.state.contests.clear();
    let gate = case.gate();
    assert_eq!(gate.verdict, Outcome::Inconclusive);
    assert!(of(&gate, "native", Topic::Time).text.ends_with("the base has it in ../old/rustworthy.toml"));
}
