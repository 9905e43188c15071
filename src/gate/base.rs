//! `gate --base RUN`: a saved run against another one of the same machine.
//!
//! Absolute times of another day never fail a gate. What is compared is how a candidate stands to its own baseline, which
//! was measured in the same rounds: of each run the median over rounds of ln(baseline ÷ candidate), and of the two medians
//! the difference, base less head: above 0 the candidate takes longer in relation to its baseline than it did.
//!
//! The interval of each median is a pair of order statistics of its rounds (see [`bounds`]), at α ÷ N for N comparisons
//! (Bonferroni), shared out evenly over two runs and two sides; the interval of the difference goes from the ends that lie
//! furthest apart. So for independent rounds it misses the true difference with a probability of α ÷ N at most, whatever the
//! distribution of the noise in either run.
//!
//! What that does not promise: measuring a run stops when its intervals are narrow enough, which makes them miss somewhat
//! more often than they say; two runs of one source are two builds, and may differ by where their machine code lies; and a
//! machine that treats the two languages differently from day to day moves every ratio. `gate --against` has none of the
//! first and an answer to the others. Memory lies outside α, as floors do: it is compared by 95 % intervals.

use std::collections::BTreeSet;

use thiserror::Error;

use super::document::{Change, Check, Gate, Mode, Outcome, Topic};
use super::floors::floors;
use super::judge::{blank, check, equality, settle};
use super::words;
use crate::analysis::{bounds, fewest_for, log_ratios, median, refusals};
use crate::evidence::{Implementation, Metric, Role, Run, Size, Status};
use crate::manifest::{Project, Workload};
use crate::units;

/// Why two runs must not be held against each other, a reason each.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("they must not be compared:\n  {}\n  measure both on one machine, with the same interpreter, tool and inputs", .0.join("\n  "))]
pub struct Refused(pub Vec<String>);

/// A candidate that both runs have measured at the size of its gate.
struct Pair<'r> {
    workload: &'r Workload,
    candidate: &'r str,
    base: (&'r Implementation, &'r Implementation),
    head: (&'r Implementation, &'r Implementation),
}

/// Decides a gate of a saved run against another: equality, then ratios, then the manifest's floors. The head must be
/// analysed where there are floors.
///
/// # Errors
/// When the runs are not comparable, or have nothing in common.
pub fn base(project: &Project, head: &Run, base: &Run) -> Result<Gate, Refused> {
    let mut reasons = refusals(base, head);
    if base.tool.version != head.tool.version {
        let versions = (&base.tool.version, &head.tool.version);
        reasons.push(format!("they were measured by rustworthy {} and {}", versions.0, versions.1));
    }
    if base.id == head.id {
        reasons.push(format!("both are the run {}", head.id));
    }
    let mut checks = Vec::new();
    let mut pairs = Vec::new();
    for workload in &project.workloads {
        let ours = at(head, workload);
        checks.extend(agreement(head, workload));
        let candidates = workload.implementations.iter().filter(|entry| entry.role == Role::Candidate);
        for candidate in candidates {
            match pair(workload, &candidate.name, ours, at(base, workload)) {
                Ok(pair) => pairs.push(pair),
                Err(Some((outcome, text))) => {
                    let (name, size) = (&candidate.name, workload.gate.size);
                    checks.push(check(&workload.name, name, size, Topic::SpeedupChange, outcome, text));
                }
                Err(None) => {}
            }
        }
    }
    let has = |run, workload, name: &str| at(run, workload).is_some_and(|size| size.implementation(name).is_some());
    let in_common = project.workloads.iter().any(|workload| {
        let mut candidates = workload.implementations.iter().filter(|entry| entry.role == Role::Candidate);
        candidates.any(|entry| has(head, workload, &entry.name) && has(base, workload, &entry.name))
    });
    if !in_common && reasons.is_empty() {
        reasons.push("they have no candidate in common at the size of its gate".to_owned());
    }
    if !reasons.is_empty() {
        return Err(Refused(reasons));
    }
    let tail = project.gate.alpha / pairs.len().max(1) as f64 / 4.0;
    let mut gate = blank(project, Mode::Base, pairs.len());
    for pair in &pairs {
        checks.push(speed(pair, tail));
        checks.extend(memory(pair));
    }
    for workload in &project.workloads {
        checks.extend(floors(head, workload));
    }
    gate.runs = vec![head.id.clone(), base.id.clone()];
    gate.notes = notes(head, base, &pairs);
    Ok(settle(gate, checks))
}

fn at<'r>(run: &'r Run, workload: &Workload) -> Option<&'r Size> {
    run.workload(&workload.name)?.sizes.iter().find(|size| size.size == workload.gate.size)
}

/// Whether the head's candidates agree with their baselines, at the size of the gate.
fn agreement(head: &Run, workload: &Workload) -> Vec<Check> {
    let is_known = |check: &Check| {
        check.workload == workload.name
            && check.size == workload.gate.size
            && workload.implementations.iter().any(|entry| entry.name == check.implementation)
    };
    equality(head, None).into_iter().filter(is_known).collect()
}

/// The candidate in both runs, or why there is nothing to compare; `None`: equality says it already.
fn pair<'r>(
    workload: &'r Workload,
    candidate: &'r str,
    head: Option<&'r Size>,
    base: Option<&'r Size>,
) -> Result<Pair<'r>, Option<(Outcome, String)>> {
    let of = |size: Option<&'r Size>| Some((size?.baseline()?, size?.implementation(candidate)?));
    let (Some(head), base) = (of(head), of(base)) else {
        // What the newer run left out may be slower by any amount.
        return Err(Some((Outcome::Inconclusive, "the newer run did not measure it".to_owned())));
    };
    let Some(base) = base else {
        return Err(Some((Outcome::Skipped, "new: the older run does not have it".to_owned())));
    };
    let is_measured = |pair: (&Implementation, &Implementation)| {
        pair.0.status == Status::Measured && pair.1.status == Status::Measured
    };
    if !is_measured(head) {
        return match head.1.status {
            Status::Unverified => {
                Err(Some((Outcome::Skipped, "unverified: nothing compared its result, so it is not gated".to_owned())))
            }
            Status::Measured | Status::Differs | Status::Failed | Status::Skipped => Err(None),
        };
    }
    if !is_measured(base) {
        let text = format!("nothing to compare with: in the older run it is {}", base.1.status.as_str());
        return Err(Some((Outcome::Skipped, text)));
    }
    Ok(Pair { workload, candidate, base, head })
}

/// Logarithms: an estimate between its ends.
#[derive(Clone, Copy, Debug)]
struct Between {
    estimate: f64,
    low: f64,
    high: f64,
}

/// How much more the candidate takes in relation to its baseline: base less head, furthest ends apart.
fn moved(base: Between, head: Between) -> Change {
    let [estimate, low, high] =
        [base.estimate - head.estimate, base.low - head.high, base.high - head.low].map(f64::exp_m1);
    Change { estimate, low: Some(low), high: Some(high), limit: None }
}

fn speed(pair: &Pair, tail: f64) -> Check {
    let logs = |(baseline, candidate)| log_ratios(baseline, candidate, Metric::Time).unwrap_or_default();
    let (ours, theirs) = (logs(pair.head), logs(pair.base));
    let ends = |logs: &[f64]| {
        let (low, high) = bounds(logs, tail)?;
        Some(Between { estimate: median(logs)?.estimate, low, high })
    };
    match (ends(&ours), ends(&theirs)) {
        (Some(head), Some(base)) => judged(pair, Topic::SpeedupChange, base, head, "speed-up"),
        (None, _) | (_, None) => {
            let needed = fewest_for(tail);
            let text = format!(
                "too few rounds for this many comparisons: {needed} of each run are needed, the newer has {}, the older \
                 {}; measure with `--rounds {needed}`",
                ours.len(),
                theirs.len()
            );
            let (name, size) = (&pair.workload.name, pair.workload.gate.size);
            check(name, pair.candidate, size, Topic::SpeedupChange, Outcome::Inconclusive, text)
        }
    }
}

/// Memory by its 95 % intervals; nothing where it is too small for a ratio, or was not measured in both.
fn memory(pair: &Pair) -> Option<Check> {
    let of = |(baseline, candidate)| median(&log_ratios(baseline, candidate, Metric::Memory)?);
    let (head, base) = (of(pair.head)?, of(pair.base)?);
    if head.indicative || base.indicative {
        let (name, size) = (&pair.workload.name, pair.workload.gate.size);
        let text = "its memory was measured too few times for an interval";
        return Some(check(name, pair.candidate, size, Topic::MemorySavingChange, Outcome::Inconclusive, text));
    }
    let [base, head] = [base, head].map(|it| Between { estimate: it.estimate, low: it.low, high: it.high });
    Some(judged(pair, Topic::MemorySavingChange, base, head, "memory saving"))
}

fn judged(pair: &Pair, topic: Topic, base: Between, head: Between, ratio: &str) -> Check {
    let gate = &pair.workload.gate;
    let change = Change { limit: Some(gate.must_catch), ..moved(base, head) };
    let (low, high) = (change.low.unwrap_or(f64::NEG_INFINITY), change.high.unwrap_or(f64::INFINITY));
    let (outcome, why) = if low > gate.harmless {
        (Outcome::Fail, format!("wholly beyond the {} that is harmless", units::share(gate.harmless)))
    } else if high < gate.must_catch {
        (Outcome::Pass, format!("wholly below the {} that must be caught", units::share(gate.must_catch)))
    } else {
        let margins = (units::share(gate.harmless), units::share(gate.must_catch));
        (Outcome::Inconclusive, format!("neither beyond {} nor below {}: measure more rounds", margins.0, margins.1))
    };
    let text = format!(
        "in relation to its baseline {}, {why} ({ratio} {}, it was {})",
        words::change(&change),
        units::ratio(head.estimate.exp()),
        units::ratio(base.estimate.exp()),
    );
    let told = check(&pair.workload.name, pair.candidate, gate.size, topic, outcome, text);
    Check { change: Some(change), ..told }
}

/// What else may have moved a ratio.
fn notes(head: &Run, base: &Run, pairs: &[Pair]) -> Vec<String> {
    let mut notes = Vec::new();
    let (ours, theirs) = (&head.environment.rustc, &base.environment.rustc);
    if let (Some(ours), Some(theirs)) = (ours, theirs)
        && ours != theirs
    {
        notes.push(format!("The compiler is another ({theirs}, now {ours}): what moved may be its doing."));
    }
    for (name, run) in [("newer", head), ("older", base)] {
        if !run.complete {
            notes.push(format!("The {name} run was cut off: what it did not measure is not judged."));
        }
    }
    let mut changed: Vec<&str> = pairs
        .iter()
        .filter(|pair| modules(base, pair.base.0) != modules(head, pair.head.0))
        .map(|pair| pair.workload.name.as_str())
        .collect();
    changed.dedup();
    if !changed.is_empty() {
        let names: Vec<String> = changed.iter().map(|name| format!("`{name}`")).collect();
        let whose = if names.len() == 1 { "The baseline of" } else { "The baselines of" };
        let are = units::listed(&names, "is", "are");
        notes.push(format!(
            "{whose} {are} not the same code in both runs: Python that became faster lowers a speed-up, too."
        ));
    }
    notes
}

/// The code that a worker loaded, by name and digest.
fn modules<'r>(run: &'r Run, cell: &'r Implementation) -> BTreeSet<(&'r str, Option<&'r str>)> {
    run.modules_of(cell).map(|module| (module.name.as_str(), module.sha256.as_deref())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::manifest;

    const MANIFEST: &str = r#"
[project]
name = "acme"
[workload.parse]
sizes = [10, 1000]
input = "a:make"
baseline = { python = "a:b" }
candidate.native = { kind = "native", criterion = { package = "p", bench = "b", id = "x/{size}" } }
candidate.hybrid = { kind = "hybrid", python = "a:c" }
"#;

    fn project() -> Project {
        manifest::parse(Path::new("/acme"), Path::new("rustworthy.toml"), MANIFEST).unwrap()
    }

    /// A cell whose rounds take so many nanoseconds a call, with the same memory in each of six.
    fn cell(name: &str, kind: &str, times: &[u64], bytes: u64) -> serde_json::Value {
        let launches: Vec<serde_json::Value> = (0..)
            .zip(times)
            .map(|(round, time)| {
                json!({"round": round, "slot": 0, "hash_seed": 1, "iterations": [1], "elapsed_ns": [time],
                    "cpu_ns": null, "gc_collections": null, "import_ns": null, "first_call_ns": null,
                    "steady": null, "floor": null, "launch_ns": 1})
            })
            .collect();
        let memory: Vec<serde_json::Value> = (0..6)
            .map(|round| {
                json!({"round": round, "before_bytes": 0, "peak_bytes": bytes, "resident_bytes": 0, "cpu_ns": null, "latency_ns": null})
            })
            .collect();
        json!({"name": name, "role": if name == "baseline" { "baseline" } else { "candidate" }, "kind": kind,
            "variant": null, "runner": "python", "target": "a:b", "assumes": null, "kernel": null,
            "status": "measured", "detail": null, "launches": launches, "memory_launches": memory, "failures": [],
            "time_ns": null, "cpu_ns": null, "peak_memory_bytes": null, "latency_ns": null})
    }

    /// A run in which Python takes 1,000 ns and the two candidates what is given, give or take a fiftieth.
    fn run(id: &str, rounds: u64, native: u64, hybrid: u64) -> Run {
        let times = |time: u64| -> Vec<u64> { (0..rounds).map(|round| time * (98 + round % 5)).collect() };
        let size = json!({"size": 1000, "input": {"sha256": "aa", "seed": 1, "bytes": 3}, "stopped": "precise",
            "implementations": [cell("baseline", "python", &vec![100_000; rounds as usize], 8 << 20),
                cell("native", "native", &times(native), 2 << 20), cell("hybrid", "hybrid", &times(hybrid), 4 << 20)],
            "comparisons": [], "verdict": null});
        let environment = json!({"host_id": "h", "os": "Linux", "cpu_model": "c", "cpu_count": 2, "memory_bytes": 1,
            "python": null, "rustc": "rustc 1.90.0", "git": null, "warnings": []});
        serde_json::from_value(json!({"schema": "rustworthy.run/1", "id": id, "created": "", "project": "acme",
            "tool": {"version": "0.1.0"}, "command": [], "seed": 1,
            "plan": {"effort": "default", "target_half_width": 0.02, "min_rounds": 8, "max_rounds": 30,
                "indicative_rounds": null, "time_budget_s": null},
            "complete": true, "phases": {"prepare_s": 0.0, "equality_s": 0.0, "measure_s": 0.0},
            "environment": environment,
            "workloads": [{"name": "parse", "summary": "", "tags": [], "unit": null, "boundary": "function",
                "rules": [], "sizes": [size], "verdict": null}],
            "verdict": null}))
        .unwrap()
    }

    fn outcomes(gate: &Gate) -> Vec<(&str, Topic, Outcome)> {
        let ratios = gate.checks.iter().filter(|check| check.topic != Topic::Equality);
        ratios.map(|check| (check.implementation.as_str(), check.topic, check.outcome)).collect()
    }

    fn of<'g>(gate: &'g Gate, name: &str, topic: Topic) -> &'g Check {
        gate.checks.iter().find(|check| check.implementation == name && check.topic == topic).unwrap()
    }

    #[test]
    fn a_candidate_that_lost_ground_fails_and_one_that_did_not_passes() {
        let gate = base(&project(), &run("b", 40, 130, 300), &run("a", 40, 100, 300)).unwrap();
        let native = of(&gate, "native", Topic::SpeedupChange);
        assert_eq!((gate.verdict, native.outcome, gate.rules.comparisons), (Outcome::Fail, Outcome::Fail, 2));
        let change = native.change.unwrap();
        assert!((change.estimate - 0.3).abs() < 1e-9 && change.low.unwrap() > 0.2, "{change:?}");
        assert!(native.text.contains("(speed-up 7.69×, it was 10.0×)"), "{}", native.text);
        assert_eq!(of(&gate, "hybrid", Topic::SpeedupChange).outcome, Outcome::Pass);
        assert_eq!(of(&gate, "hybrid", Topic::MemorySavingChange).outcome, Outcome::Pass);
        assert_eq!(gate.runs, ["b", "a"]);
        let faster = base(&project(), &run("b", 40, 80, 300), &run("a", 40, 100, 300)).unwrap();
        assert_eq!((faster.verdict, outcomes(&faster).len()), (Outcome::Pass, 4));
    }

    #[test]
    fn too_few_rounds_decide_nothing_and_say_how_many_would() {
        // Two comparisons at 1 %, four ends each: 2⁻¹⁰ is the first below 0.01 ÷ 8.
        let gate = base(&project(), &run("b", 40, 200, 300), &run("a", 9, 100, 300)).unwrap();
        let native = of(&gate, "native", Topic::SpeedupChange);
        assert_eq!((gate.verdict, native.outcome), (Outcome::Inconclusive, Outcome::Inconclusive));
        assert!(native.text.contains("10 of each run are needed, the newer has 40, the older 9"), "{}", native.text);
        let enough = base(&project(), &run("b", 10, 200, 300), &run("a", 10, 100, 300)).unwrap();
        assert_eq!(of(&enough, "native", Topic::SpeedupChange).outcome, Outcome::Fail);
    }

    #[test]
    fn a_change_between_the_margins_is_left_open() {
        let gate = base(&project(), &run("b", 40, 103, 300), &run("a", 40, 100, 300)).unwrap();
        assert_eq!(of(&gate, "native", Topic::SpeedupChange).outcome, Outcome::Inconclusive);
    }

    #[test]
    fn memory_that_doubled_fails() {
        let mut head = run("b", 40, 100, 300);
        for launch in &mut head.workloads[0].sizes[0].implementations[2].memory_launches {
            launch.peak_bytes *= 2;
        }
        let gate = base(&project(), &head, &run("a", 40, 100, 300)).unwrap();
        let memory = of(&gate, "hybrid", Topic::MemorySavingChange);
        assert_eq!((gate.verdict, memory.outcome), (Outcome::Fail, Outcome::Fail));
        assert!(memory.text.contains("+100 %") && memory.text.contains("(memory saving 1.00×, it was 2.00×)"));
    }

    #[test]
    fn equality_outranks_and_a_cell_that_differs_has_no_ratio() {
        let mut head = run("b", 40, 100, 300);
        let native = &mut head.workloads[0].sizes[0].implementations[1];
        (native.status, native.detail) = (Status::Differs, Some("17 and 18".to_owned()));
        let gate = base(&project(), &head, &run("a", 40, 100, 300)).unwrap();
        assert_eq!(
            (gate.verdict, gate.checks[0].topic, gate.checks[0].outcome),
            (Outcome::Fail, Topic::Equality, Outcome::Fail)
        );
        assert!(outcomes(&gate).iter().all(|(name, _, _)| *name == "hybrid"), "{:?}", outcomes(&gate));
        assert_eq!(gate.rules.comparisons, 1);
    }

    #[test]
    fn what_only_one_run_has_is_told() {
        let (mut head, mut older) = (run("b", 40, 100, 300), run("a", 40, 100, 300));
        older.workloads[0].sizes[0].implementations.remove(1);
        let gate = base(&project(), &head, &older).unwrap();
        assert_eq!(of(&gate, "native", Topic::SpeedupChange).outcome, Outcome::Skipped);
        assert_eq!(gate.verdict, Outcome::Pass);
        std::mem::swap(&mut head, &mut older);
        let gate = base(&project(), &head, &older).unwrap();
        assert_eq!(of(&gate, "native", Topic::SpeedupChange).outcome, Outcome::Inconclusive);
    }

    #[test]
    fn what_nothing_verified_is_not_gated_and_where_all_differ_the_gate_fails() {
        let (mut head, older) = (run("b", 40, 200, 300), run("a", 40, 100, 300));
        head.workloads[0].sizes[0].implementations[1].status = Status::Unverified;
        let gate = base(&project(), &head, &older).unwrap();
        assert_eq!(of(&gate, "native", Topic::SpeedupChange).outcome, Outcome::Skipped);
        assert_eq!((gate.verdict, gate.rules.comparisons), (Outcome::Pass, 1));
        for cell in head.workloads[0].sizes[0].implementations.iter_mut().skip(1) {
            cell.status = Status::Differs;
        }
        let gate = base(&project(), &head, &older).unwrap();
        assert_eq!((gate.verdict, gate.rules.comparisons), (Outcome::Fail, 0));
    }

    #[test]
    fn runs_that_are_not_comparable_are_refused_with_every_reason() {
        let head = run("b", 40, 100, 300);
        let mut older = run("a", 40, 100, 300);
        older.environment.host_id = "another".to_owned();
        older.tool.version = "0.0.9".to_owned();
        older.workloads[0].sizes[0].input.as_mut().unwrap().sha256 = "bb".to_owned();
        let Refused(reasons) = base(&project(), &head, &older).unwrap_err();
        assert_eq!(reasons.len(), 3, "{reasons:?}");
        let same = base(&project(), &head, &head).unwrap_err();
        assert!(same.to_string().contains("both are the run b"), "{same}");
        let mut empty = run("a", 40, 100, 300);
        empty.workloads.clear();
        assert!(base(&project(), &head, &empty).unwrap_err().to_string().contains("no candidate in common"));
    }

    #[test]
    fn what_else_changed_is_noted() {
        let (mut head, older) = (run("b", 40, 100, 300), run("a", 40, 100, 300));
        head.environment.rustc = Some("rustc 1.91.0".to_owned());
        head.complete = false;
        let module = json!({"name": "a", "path": "/acme/a.py", "sha256": "cc", "modified": null});
        head.workloads[0].sizes[0].implementations[0].modules.push(serde_json::from_value(module).unwrap());
        let notes = base(&project(), &head, &older).unwrap().notes;
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes[2].starts_with("The baseline of `parse` is not the same code"), "{notes:?}");
    }
}
