//! Each trap in evidence that is made for it, and evidence beside it that is no trap.

use super::*;
use crate::analysis::analyse_size;
use crate::evidence::{Floor, Launch, RunnerKind, Status};

/// A cell of eight rounds whose calls take so long, with a little scatter between rounds.
fn cell(name: &str, kind: Kind, call_ns: f64) -> Implementation {
    let role = if name == "baseline" { Role::Baseline } else { Role::Candidate };
    let launch = |round: u32| {
        let scatter = 1.0 + 0.01 * f64::from(round * 7 % 5);
        let total = |calls: u64| (calls as f64 * call_ns * scatter) as u64;
        Launch {
            round,
            iterations: vec![1000, 2000],
            elapsed_ns: vec![total(1000), total(2000)],
            floor: Some(Floor { builtin_call_ns: Some(20.0), extension_call_ns: None, empty_call_ns: Some(30.0) }),
            ..Launch::default()
        }
    };
    Implementation {
        status: Status::Measured,
        launches: (0..8).map(launch).collect(),
        ..Implementation::new(name, role, kind, RunnerKind::Python)
    }
}

fn probed(cell: Implementation, probe: Probe) -> Implementation {
    Implementation { probe: Some(probe), ..cell }
}

fn size(size: u64, implementations: Vec<Implementation>) -> Size {
    let mut size = Size {
        size,
        input: None,
        stopped: None,
        implementations,
        comparisons: Vec::new(),
        splits: Vec::new(),
        verdict: None,
    };
    analyse_size(&mut size);
    size
}

fn workload(sizes: Vec<Size>) -> Workload {
    Workload {
        name: "work".to_owned(),
        summary: String::new(),
        tags: Vec::new(),
        unit: None,
        total_items: None,
        fits: Vec::new(),
        break_evens: Vec::new(),
        boundary: "function".to_owned(),
        share_of_runtime: None,
        effort_days: None,
        rules: Vec::new(),
        limits: crate::evidence::Limits::default(),
        sizes,
        traps: Vec::new(),
        verdict: None,
    }
}

/// Code, implementation and size of each trap in a workload.
fn told(sizes: Vec<Size>) -> Vec<(String, String, Option<u64>)> {
    let found = traps(&workload(sizes));
    found.into_iter().map(|trap| (trap.code, trap.implementation, trap.size)).collect()
}

fn one(implementations: Vec<Implementation>) -> Vec<String> {
    told(vec![size(1, implementations)]).into_iter().map(|(code, _, _)| code).collect()
}

/// A hybrid of so long a call, as a probe saw it, beside a baseline of ten times that.
fn hybrid(call_ns: f64, probe: Probe) -> Vec<String> {
    one(vec![cell("baseline", Kind::Python, 10.0 * call_ns), probed(cell("hybrid", Kind::Hybrid, call_ns), probe)])
}

#[test]
fn a_long_call_that_keeps_the_lock_is_a_trap() {
    let seen = |share| Probe { locked_share: Some(share), ..Probe::default() };
    assert_eq!(hybrid(5e6, seen(0.99)), ["lock-held"]);
    assert!(hybrid(5e6, seen(0.5)).is_empty(), "half of the time others run");
    assert!(hybrid(5e5, seen(0.99)).is_empty(), "the call is short");
}

#[test]
fn a_tiny_call_that_lets_go_of_the_lock_is_a_trap() {
    let seen = |unlocks| Probe { unlocks: Some(unlocks), ..Probe::default() };
    assert_eq!(hybrid(800.0, seen(true)), ["lock-released"]);
    assert!(hybrid(800.0, seen(false)).is_empty());
    assert!(hybrid(15_000.0, seen(true)).is_empty(), "the call is worth it");
}

#[test]
fn a_reader_that_asks_for_a_few_bytes_is_a_trap_in_any_language() {
    let reading = |reads, bytes| {
        let probe = Probe { reads: Some(reads), read_bytes: Some(bytes), ..Probe::default() };
        one(vec![cell("baseline", Kind::Python, 9e6), probed(cell("native", Kind::Native, 1e6), probe)])
    };
    assert_eq!(reading(10_000, 10_000), ["unbuffered-reader"]);
    assert!(reading(100, 819_200).is_empty(), "a buffer of 8 KiB");
    assert!(reading(30, 30).is_empty(), "a handful");
    assert!(reading(10_000, 12).is_empty(), "waiting is not reading");
}

/// A hybrid around a kernel, with so many objects that cross.
fn around_a_kernel(hybrid_ns: f64, kernel_ns: f64, objects: u64) -> Vec<Implementation> {
    let probe = Probe { objects_in: Some(objects), objects_out: Some(0), ..Probe::default() };
    let hybrid = probed(cell("hybrid", Kind::Hybrid, hybrid_ns), probe);
    vec![
        cell("baseline", Kind::Python, 20.0 * hybrid_ns),
        Implementation { kernel: Some("native".to_owned()), ..hybrid },
        cell("native", Kind::Native, kernel_ns),
    ]
}

#[test]
fn a_boundary_of_over_half_is_a_trap_and_so_are_objects_that_cross_one_by_one() {
    assert_eq!(one(around_a_kernel(10_000.0, 2_000.0, 0)), ["conversion-dominates"]);
    assert_eq!(one(around_a_kernel(10_000.0, 2_000.0, 1_000)), ["conversion-dominates", "objects-cross"]);
    assert_eq!(one(around_a_kernel(10_000.0, 6_000.0, 1_000)), ["objects-cross"]);
    assert!(one(around_a_kernel(10_000.0, 9_000.0, 1_000)).is_empty(), "a tenth of the call");
    assert!(one(around_a_kernel(10_000.0, 2_000.0, 1_000_000)).len() == 1, "most objects were never looked at");
    assert!(one(around_a_kernel(90.0, 10.0, 0)).is_empty(), "a share is refused where calling is most of it");
}

#[test]
fn without_a_kernel_a_call_that_does_little_else_shows_that_objects_cross() {
    let seen = |call_ns| hybrid(call_ns, Probe { objects_in: Some(1_000), objects_out: Some(0), ..Probe::default() });
    assert_eq!(seen(5_000.0), ["objects-cross"]);
    assert!(seen(50_000.0).is_empty(), "it may well compute");
    assert!(seen(900.0).is_empty(), "it cannot have looked at them");
}

#[test]
fn a_boundary_dominates_only_where_it_does_at_the_headline_size() {
    let sizes = |small: f64, large: f64| {
        vec![size(10, around_a_kernel(1_000.0, small, 0)), size(1_000, around_a_kernel(100_000.0, large, 0))]
    };
    assert!(told(sizes(100.0, 90_000.0)).is_empty());
    let found = told(sizes(900.0, 10_000.0));
    assert_eq!(found, [("conversion-dominates".to_owned(), "hybrid".to_owned(), Some(1_000))]);
}

#[test]
fn a_baseline_near_the_call_floor_is_a_trap_unless_a_port_is_faster_all_the_same() {
    let beside = |kind, call_ns| one(vec![cell("baseline", Kind::Python, 70.0), cell("port", kind, call_ns)]);
    assert_eq!(beside(Kind::Hybrid, 80.0), ["under-call-floor"]);
    assert!(beside(Kind::Hybrid, 30.0).is_empty(), "it is faster");
    assert!(beside(Kind::Native, 80.0).is_empty(), "nothing crosses");
    let long = one(vec![cell("baseline", Kind::Python, 500.0), cell("port", Kind::Hybrid, 600.0)]);
    assert!(long.is_empty(), "{long:?}");
}

/// Sizes where the baseline and a native candidate take times of these laws.
fn scaling(baseline: fn(f64) -> f64, native: fn(f64) -> f64) -> Vec<Size> {
    let at = |n: u64| {
        let cells =
            vec![cell("baseline", Kind::Python, baseline(n as f64)), cell("native", Kind::Native, native(n as f64))];
        size(n, cells)
    };
    [100, 1_000, 10_000].map(at).into()
}

#[test]
fn exponents_that_differ_are_another_algorithm() {
    let found = traps(&workload(scaling(|n| 50.0 * n + 500.0, |n| 0.5 * n * n + 200.0)));
    let [trap] = &found[..] else { panic!("{found:?}") };
    assert_eq!((trap.code.as_str(), trap.implementation.as_str(), trap.size), ("other-algorithm", "native", None));
    assert!(trap.text.contains("power of 2.0") && trap.text.contains("baseline's of 1.0"), "{}", trap.text);
}

#[test]
fn fixed_costs_and_logarithms_are_no_other_algorithm() {
    assert!(told(scaling(|n| 50.0 * n, |n| 2.0 * n + 5_000.0)).is_empty());
    assert!(told(scaling(|n| 50.0 * n * n.ln(), |n| 2.0 * n)).is_empty());
    assert!(told(scaling(|n| 50.0 * n, |_| 300.0)).is_empty(), "no growth, no exponent");
    let two = scaling(|n| n, |n| n * n).split_off(1);
    assert!(told(two).is_empty(), "two sizes show no curve");
}

#[test]
fn what_differs_or_was_not_timed_shows_no_trap() {
    let probe = Probe { locked_share: Some(1.0), ..Probe::default() };
    let mut hybrid = probed(cell("hybrid", Kind::Hybrid, 5e6), probe);
    hybrid.status = Status::Differs;
    assert!(one(vec![cell("baseline", Kind::Python, 5e7), hybrid]).is_empty());
}

#[test]
fn every_sign_speaks_in_whole_sentences() {
    let share = Estimate { estimate: 0.8, low: 0.7, high: 0.9 };
    let all = [
        Sign::LockHeld { call_ns: 2.5e6, share: 0.99 },
        Sign::LockReleased { call_ns: 800.0 },
        Sign::ConversionDominates { share },
        Sign::OtherAlgorithm { baseline: 1.0, candidate: 2.0 },
        Sign::UnbufferedReader { reads: 5_000, bytes: 5_000 },
        Sign::ObjectsCross { objects: 1_000, each_ns: 5.2 },
        Sign::UnderCallFloor { call_ns: 90.0, floor_ns: 25.0 },
    ];
    let said: Vec<String> =
        all.iter().map(|sign| format!("{}: {} {}", sign.code(), sign.text("it"), sign.advice())).collect();
    insta::assert_snapshot!(said.join("\n"));
}
