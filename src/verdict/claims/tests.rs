use super::*;
use crate::evidence::{Build, Environment, Fit, Input, Kind, Launch, MemoryLaunch, Python, Role, RunnerKind};

const MIB: u64 = 1 << 20;

/// A run of one workload and size, where a call of each implementation takes its time in each of so many rounds.
fn run(rounds: u32, cells: &[(&str, Kind, Option<&str>, u64)]) -> Run {
    let text = include_str!("../../../tests/runs/five_workloads.json");
    let mut run: Run = serde_json::from_str(text).unwrap();
    run.environment = Environment { python: Some(Python::default()), ..Environment::default() };
    run.workloads.truncate(1);
    let workload = &mut run.workloads[0];
    workload.name = "work".to_owned();
    workload.sizes.truncate(1);
    workload.fits.clear();
    workload.break_evens.clear();
    let size = &mut workload.sizes[0];
    size.size = 100;
    size.input = Some(Input { sha256: String::new(), seed: 1, bytes: 10 * MIB });
    size.implementations = cells.iter().map(|it| implementation(rounds, it)).collect();
    run
}

fn implementation(rounds: u32, (name, kind, variant, call_ns): &(&str, Kind, Option<&str>, u64)) -> Implementation {
    let role = if *name == "baseline" { Role::Baseline } else { Role::Candidate };
    // The machine slows down round by round, which paired ratios do not show.
    let launch = |round: u32| {
        let call = call_ns * u64::from(10 + round);
        Launch { round, iterations: vec![1, 2], elapsed_ns: vec![call, 2 * call], ..Launch::default() }
    };
    Implementation {
        variant: variant.map(str::to_owned),
        kernel: (*kind == Kind::Hybrid).then(|| "native".to_owned()),
        status: Status::Measured,
        launches: (0..rounds).map(launch).collect(),
        ..Implementation::new(name, role, *kind, RunnerKind::Python)
    }
}

fn usual() -> Run {
    run(
        8,
        &[
            ("baseline", Kind::Python, None, 1000),
            ("slow", Kind::Python, Some("naive"), 4000),
            ("hybrid", Kind::Hybrid, None, 200),
            ("native", Kind::Native, None, 100),
            ("all", Kind::Native, Some("parallel"), 50),
        ],
    )
}

fn claim(metric: ClaimMetric, implementations: &[&str], low: Option<f64>, high: Option<f64>) -> Claim {
    Claim {
        name: "it".to_owned(),
        sentence: "It is so".to_owned(),
        source: "somebody".to_owned(),
        note: None,
        workloads: vec!["work".to_owned()],
        implementations: implementations.iter().map(|name| (*name).to_owned()).collect(),
        kinds: Vec::new(),
        variants: Vec::new(),
        sizes: Vec::new(),
        against: None,
        metric,
        low,
        high,
        standing: None,
        cells: Vec::new(),
    }
}

fn time(implementations: &[&str], low: f64, high: f64) -> Claim {
    claim(ClaimMetric::Time, implementations, Some(low), Some(high))
}

fn judged(run: &Run, claim: Claim) -> Claim {
    let mut run = run.clone();
    // Fits and break-even points of these tests are given, not computed.
    run.workloads.iter_mut().flat_map(|workload| &mut workload.sizes).for_each(analysis::analyse_size);
    run.claims = vec![claim];
    judge(&run).remove(0)
}

fn standing_of(run: &Run, claim: Claim) -> ClaimStanding {
    judged(run, claim).standing.unwrap()
}

#[test]
fn every_standing_there_is() {
    let run = usual();
    // hybrid 5×, native 10×
    assert_eq!(standing_of(&run, time(&["hybrid", "native"], 6.0, 11.0)), ClaimStanding::HoldsInPart);
    assert_eq!(standing_of(&run, time(&["hybrid", "native"], 4.9, 10.1)), ClaimStanding::Holds);
    assert_eq!(standing_of(&run, time(&["hybrid", "native"], 4.9, 5.1)), ClaimStanding::HoldsInPart);
    assert_eq!(standing_of(&run, time(&["hybrid", "native"], 20.0, 30.0)), ClaimStanding::DoesNotHold);
    assert_eq!(standing_of(&run, claim(ClaimMetric::Time, &["native"], None, Some(9.0))), ClaimStanding::DoesNotHold);
    assert_eq!(standing_of(&run, claim(ClaimMetric::Time, &["native"], Some(9.0), None)), ClaimStanding::Holds);
    assert_eq!(standing_of(&run, time(&["rust"], 1.0, 30.0)), ClaimStanding::NotMeasured);
}

#[test]
fn an_interval_across_an_end_holds_in_part() {
    let mut run = usual();
    for launch in &mut run.workloads[0].sizes[0].implementations[3].launches {
        let spread = 1.0 + f64::from(launch.round % 4) / 10.0;
        launch.elapsed_ns.iter_mut().for_each(|time| *time = (*time as f64 * spread) as u64);
    }
    let it = judged(&run, time(&["native"], 9.0, 20.0));
    assert_eq!((it.standing, it.cells[0].lies), (Some(ClaimStanding::HoldsInPart), Lies::Across));
    assert!(it.cells[0].low.unwrap() < 9.0 && it.cells[0].high.unwrap() > 9.0);
}

#[test]
fn what_is_missing_never_decides_and_never_lets_a_claim_hold() {
    let run = usual();
    let both = |low, high| Claim {
        workloads: vec!["work".to_owned(), "elsewhere".to_owned()],
        ..time(&["native"], low, high)
    };
    let it = judged(&run, both(9.0, 11.0));
    assert_eq!(it.standing, Some(ClaimStanding::HoldsInPart));
    assert_eq!((it.cells[1].lies, it.cells[1].why.as_deref()), (Lies::Nowhere, Some("not part of this run")));
    assert_eq!(standing_of(&run, both(1.0, 2.0)), ClaimStanding::DoesNotHold);
    let it = judged(&run, Claim { sizes: vec![100, 7], ..time(&["native"], 9.0, 11.0) });
    assert_eq!((it.standing, it.cells[1].size), (Some(ClaimStanding::HoldsInPart), Some(7)));
}

#[test]
fn what_is_no_evidence_is_told_and_not_counted() {
    let why = |run: &Run, claim: Claim| {
        let it = judged(run, claim);
        assert_eq!(it.standing, Some(ClaimStanding::NotMeasured));
        it.cells[0].why.clone().unwrap()
    };
    let few = run(5, &[("baseline", Kind::Python, None, 1000), ("native", Kind::Native, None, 100)]);
    assert_eq!(why(&few, time(&["native"], 1.0, 20.0)), "5 rounds are too few for an interval");
    for (status, told) in [
        (Status::Differs, "its result differs from the baseline's"),
        (Status::Failed, "it failed"),
        (Status::Skipped, "it was skipped"),
        (Status::Unverified, "nothing compared its result"),
    ] {
        let mut run = usual();
        run.workloads[0].sizes[0].implementations[3].status = status;
        run.workloads[0].sizes[0].implementations[3].detail = Some("because\nof this".to_owned());
        assert_eq!(why(&run, time(&["native"], 1.0, 20.0)), format!("{told}: because"));
        let divided = Claim { against: Some("native".to_owned()), ..time(&["hybrid"], 0.1, 20.0) };
        assert_eq!(why(&run, divided), format!("native, which it is divided by: {told}: because"));
    }
    let mut other_size = usual();
    let mut small = other_size.workloads[0].sizes[0].clone();
    small.size = 1;
    small.implementations[3].status = Status::Differs;
    other_size.workloads[0].sizes.insert(0, small);
    assert_eq!(
        why(&other_size, time(&["native"], 1.0, 20.0)),
        "its result differs from the baseline's at another size"
    );
    let mut debug = usual();
    debug.environment.builds = vec![Build { opt_level: Some("0".to_owned()), ..Build::default() }];
    assert_eq!(why(&debug, time(&["hybrid"], 1.0, 20.0)), "it was built for debugging");
    let mut debug = usual();
    debug.environment.python.as_mut().unwrap().debug = true;
    assert!(why(&debug, time(&["native"], 1.0, 20.0)).contains("debug build"));
}

#[test]
fn candidates_are_divided_round_by_round() {
    let against = Claim { against: Some("hybrid".to_owned()), ..time(&["native", "all"], 1.99, 4.01) };
    let it = judged(&usual(), against);
    assert_eq!(it.standing, Some(ClaimStanding::Holds));
    let width = |cell: &ClaimCell| cell.high.unwrap() - cell.low.unwrap();
    assert!(it.cells.iter().all(|cell| width(cell) < 1e-9), "the drift that both share is gone: {:?}", it.cells);
    // Nobody is held against itself.
    let itself = Claim { against: Some("hybrid".to_owned()), ..time(&[], 0.0, 100.0) };
    assert_eq!(judged(&usual(), itself).cells.len(), 3);
}

#[test]
fn selectors_narrow_one_another() {
    let names = |claim: Claim| -> Vec<String> {
        judged(&usual(), claim).cells.into_iter().filter_map(|cell| cell.implementation).collect()
    };
    assert_eq!(names(time(&[], 0.0, 1.0)), ["slow", "hybrid", "native", "all"]);
    assert_eq!(names(Claim { kinds: vec![Kind::Native], ..time(&[], 0.0, 1.0) }), ["native", "all"]);
    let plain = Claim { variants: vec!["plain".to_owned()], ..time(&[], 0.0, 1.0) };
    assert_eq!(names(plain.clone()), ["hybrid", "native"]);
    assert_eq!(names(Claim { kinds: vec![Kind::Native], ..plain }), ["native"]);
}

#[test]
fn steps_are_the_parts_of_the_factor() {
    let run = usual();
    for (metric, name, ratio) in [
        (ClaimMetric::Python, "slow", 4.0),
        (ClaimMetric::Language, "native", 10.0),
        (ClaimMetric::Boundary, "hybrid", 0.5),
        (ClaimMetric::Cores, "all", 2.0),
    ] {
        let it = judged(&run, claim(metric, &[], Some(ratio * 0.99), Some(ratio * 1.01)));
        assert_eq!(it.standing, Some(ClaimStanding::Holds), "{metric:?}: {:?}", it.cells);
        assert_eq!((it.cells.len(), it.cells[0].implementation.as_deref()), (1, Some(name)));
    }
}

fn with_memory(mut run: Run, index: usize, growth: u64, rounds: u32) -> Run {
    run.workloads[0].sizes[0].implementations[index].memory_launches = (0..rounds)
        .map(|round| MemoryLaunch {
            round,
            before_bytes: 30 * MIB,
            peak_bytes: 30 * MIB + growth,
            resident_bytes: 30 * MIB,
            latency_ns: None,
            cpu_ns: None,
        })
        .collect();
    run
}

#[test]
fn memory_is_told_in_lengths_of_the_input() {
    let of_input = |name: &str, low, high| claim(ClaimMetric::MemoryOfInput, &[name], low, high);
    let run = with_memory(with_memory(usual(), 0, MIB / 2, 6), 1, 120 * MIB, 6);
    let it = judged(&run, of_input("slow", Some(11.0), None));
    assert_eq!((it.standing, it.cells[0].value), (Some(ClaimStanding::Holds), Some(12.0)));
    // The baseline's half a MiB is noise: it may be nothing, and is 1 MiB at most.
    let it = judged(&run, of_input("baseline", None, Some(0.11)));
    assert_eq!((it.standing, it.cells[0].low, it.cells[0].high), (Some(ClaimStanding::Holds), Some(0.0), Some(0.1)));
    assert_eq!(standing_of(&run, of_input("baseline", Some(0.02), None)), ClaimStanding::HoldsInPart);
    assert_eq!(standing_of(&run, of_input("native", Some(0.0), None)), ClaimStanding::NotMeasured);
    let few = with_memory(usual(), 1, 120 * MIB, 3);
    assert_eq!(standing_of(&few, of_input("slow", Some(1.0), None)), ClaimStanding::NotMeasured);
    // A ratio of noise is none.
    let ratio = judged(&run, claim(ClaimMetric::Memory, &["slow"], Some(0.0), None));
    assert!(ratio.cells[0].why.as_ref().unwrap().contains("less than 1 MiB"));
}

#[test]
fn a_break_even_point_may_be_nowhere() {
    let with = |outcome, size: Option<f64>, high, resolved| {
        let mut run = usual();
        let estimate = crate::evidence::Estimate { estimate: 1.0, low: 1.0, high: 1.0 };
        let fit = |name: &str| Fit {
            implementation: name.to_owned(),
            fixed_ns: estimate,
            per_element_ns: estimate,
            worst_miss_share: 0.1,
            rounds: 8,
        };
        run.workloads[0].fits = vec![fit("baseline"), fit("hybrid")];
        run.workloads[0].break_evens = vec![BreakEven {
            candidate: "hybrid".to_owned(),
            against: "baseline".to_owned(),
            outcome,
            size,
            low: size.map(|size| size / 2.0),
            high,
            resolved,
            rounds: 8,
        }];
        run
    };
    let from = |low, high| claim(ClaimMetric::BreakEven, &["hybrid"], low, high);
    let found = with(Outcome::From, Some(40.0), Some(60.0), true);
    assert_eq!(standing_of(&found, from(Some(2.0), None)), ClaimStanding::Holds);
    assert_eq!(standing_of(&found, from(None, Some(30.0))), ClaimStanding::HoldsInPart);
    assert_eq!(standing_of(&found, from(None, Some(10.0))), ClaimStanding::DoesNotHold);
    let open = with(Outcome::From, Some(40.0), None, true);
    assert_eq!(standing_of(&open, from(Some(2.0), Some(1e9))), ClaimStanding::HoldsInPart);
    let never = with(Outcome::Never, None, None, true);
    assert_eq!(standing_of(&never, from(Some(2.0), None)), ClaimStanding::Holds);
    assert_eq!(standing_of(&never, from(Some(2.0), Some(1e9))), ClaimStanding::DoesNotHold);
    let always = with(Outcome::Always, None, None, true);
    assert_eq!(standing_of(&always, from(Some(2.0), None)), ClaimStanding::DoesNotHold);
    let unsettled = with(Outcome::Always, None, None, false);
    assert_eq!(standing_of(&unsettled, from(Some(2.0), None)), ClaimStanding::HoldsInPart);
    assert_eq!(standing_of(&usual(), from(Some(2.0), None)), ClaimStanding::NotMeasured);
    let mut crooked = found;
    crooked.workloads[0].fits[1].worst_miss_share = 0.9;
    assert_eq!(standing_of(&crooked, from(Some(2.0), None)), ClaimStanding::NotMeasured);
    // Whatever a claim says, it can be saved and read again.
    let saved = judged(&never, from(Some(2.0), None));
    let text = serde_json::to_string(&saved).unwrap();
    assert_eq!(serde_json::from_str::<Claim>(&text).unwrap(), saved);
}
