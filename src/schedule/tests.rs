use std::cell::{Cell as Counter, RefCell};
use std::rc::Rc;

use super::*;
use crate::evidence::{
    Environment, Implementation, Kind, Metric, Phases, Role, RoundRecord, Run, RunnerKind, SCHEMA, Size, Status,
    Stopped, Tool, Workload,
};
use crate::progress::Silent;
use crate::runner::fake::{Diary, FakeRunner};

/// A fake cell: its name, what it returns, the time of its calls by round.
type Fake = (&'static str, &'static str, fn(u32) -> u64);

fn run(effort: Effort, workloads: &[&str]) -> Run {
    Run {
        schema: SCHEMA.to_owned(),
        id: "fake".to_owned(),
        created: String::new(),
        project: "fake".to_owned(),
        tool: Tool { version: "0".to_owned() },
        command: Vec::new(),
        seed: 5,
        plan: plan(effort, None, None),
        complete: false,
        phases: Phases::default(),
        environment: Environment::default(),
        yearly_compute_cost: None,
        day_rate: None,
        modules: Vec::new(),
        workloads: workloads
            .iter()
            .map(|name| Workload {
                name: (*name).to_owned(),
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
                sizes: Vec::new(),
                traps: Vec::new(),
                verdict: None,
            })
            .collect(),
        thresholds: crate::evidence::Thresholds::default(),
        verdict: None,
        claims: Vec::new(),
    }
}

fn implementation(name: &str, role: Role) -> Implementation {
    Implementation::new(name, role, Kind::Python, RunnerKind::Python)
}

/// Adds a size with these cells to a workload; the first is the baseline.
fn add(run: &mut Run, workload: usize, in_full: bool, fakes: &[Fake], diary: &Diary) -> Group {
    let roles = std::iter::once(Role::Baseline).chain(std::iter::repeat(Role::Candidate));
    let size = run.workloads[workload].sizes.len();
    run.workloads[workload].sizes.push(Size {
        size: size as u64 + 1,
        input: None,
        stopped: None,
        implementations: fakes.iter().zip(roles).map(|(fake, role)| implementation(fake.0, role)).collect(),
        comparisons: Vec::new(),
        splits: Vec::new(),
        verdict: None,
    });
    let cells = fakes.iter().enumerate().map(|(index, (name, value, call_ns))| {
        let fails_from = (*name == "crashes").then_some(2);
        let runner = FakeRunner {
            name: format!("{workload}.{size}.{name}"),
            value: (*value).to_owned(),
            call_ns: *call_ns,
            fails_from,
            strays_after: None,
            diary: Rc::clone(diary),
        };
        Cell::new(index, Box::new(runner), Wire::Typed)
    });
    Group { workload, size, cells: cells.collect(), rules: Rules::default(), source: None, agreed: None, in_full }
}

/// Verifies and measures; each look at the clock is a second later.
fn measured(run: &mut Run, groups: &mut [Group]) -> Vec<RoundRecord> {
    let scratch = tempfile::tempdir().unwrap();
    verify(run, groups, scratch.path(), &mut Silent).unwrap();
    let (now, records) = (Counter::new(0.0), RefCell::new(Vec::new()));
    let clock = || {
        now.set(now.get() + 1.0);
        now.get()
    };
    let mut save = |record: &RoundRecord| {
        records.borrow_mut().push(record.clone());
        Ok(())
    };
    let mut session = Session { clock: &clock, save: &mut save, scratch: scratch.path(), progress: &mut Silent };
    assert!(matches!(measure(run, groups, &mut session), Measured::Complete));
    records.into_inner()
}

const BASE: Fake = ("baseline", "1", |_| 3_000_000);
const EVEN: Fake = ("even", "1", |_| 1_000_000);
/// Its ratio jumps by a fifth from round to round.
const NOISY: Fake = ("noisy", "1", |round| 1_000_000 + 200_000 * u64::from(round % 2));

#[test]
fn a_precise_comparison_stops_at_the_least_number_of_rounds() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["w"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, EVEN], &diary)];
    measured(&mut run, &mut groups);
    let size = &run.workloads[0].sizes[0];
    assert_eq!(size.stopped, Some(Stopped::Precise));
    assert_eq!(size.implementations[1].launches.len(), 8);
    let found = size.comparison("even", Metric::Time).unwrap();
    assert!((found.ratio - 3.0).abs() < 1e-9);
}

#[test]
fn a_precise_candidate_leaves_the_rotation_and_a_noisy_one_uses_all_rounds() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["w"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, EVEN, NOISY], &diary)];
    measured(&mut run, &mut groups);
    let size = &run.workloads[0].sizes[0];
    let launches: Vec<usize> = size.implementations.iter().map(|cell| cell.launches.len()).collect();
    assert_eq!(launches, [40, 8, 40], "the baseline stays as long as any candidate");
    assert_eq!(size.stopped, Some(Stopped::Rounds));
}

#[test]
fn quick_measures_one_size_in_full_and_the_others_for_an_indication() {
    let diary = Diary::default();
    let mut run = run(Effort::Quick, &["w"]);
    let mut groups = [add(&mut run, 0, false, &[BASE, EVEN], &diary), add(&mut run, 0, true, &[BASE, EVEN], &diary)];
    measured(&mut run, &mut groups);
    let sizes = &run.workloads[0].sizes;
    assert_eq!((sizes[0].implementations[1].launches.len(), sizes[1].implementations[1].launches.len()), (2, 6));
    assert!(sizes[0].comparison("even", Metric::Time).unwrap().indicative);
    assert!(!sizes[1].comparison("even", Metric::Time).unwrap().indicative);
}

#[test]
fn groups_take_turns_so_that_drift_is_shared() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["a", "b"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, EVEN], &diary), add(&mut run, 1, true, &[BASE, EVEN], &diary)];
    measured(&mut run, &mut groups);
    let passes: Vec<Vec<String>> = diary.borrow().chunks(4).map(<[String]>::to_vec).collect();
    for pass in &passes {
        let workloads: std::collections::BTreeSet<&str> = pass.iter().map(|line| &line[2..3]).collect();
        assert_eq!(workloads.len(), 2, "{pass:?}");
    }
    let first: std::collections::BTreeSet<&str> =
        passes.iter().map(|pass| pass[0].as_str()).map(|line| &line[2..]).collect();
    assert!(first.len() > 2, "the order is not always the same: {first:?}");
}

#[test]
fn the_same_seed_gives_the_same_order() {
    let order = |seed| {
        let diary = Diary::default();
        let mut run = run(Effort::Default, &["w"]);
        run.seed = seed;
        let mut groups = [add(&mut run, 0, true, &[BASE, EVEN, NOISY], &diary)];
        measured(&mut run, &mut groups);
        diary.take()
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
}

#[test]
fn one_that_crashes_is_a_row_and_the_rest_goes_on() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["w"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, ("crashes", "1", |_| 5), EVEN], &diary)];
    measured(&mut run, &mut groups);
    let cells = &run.workloads[0].sizes[0].implementations;
    assert_eq!((cells[1].status, cells[1].launches.len()), (Status::Failed, 2));
    assert_eq!(cells[1].failures[0].round, Some(2));
    assert_eq!((cells[2].status, cells[2].launches.len()), (Status::Measured, 8));
}

#[test]
fn one_that_differs_is_never_launched_again_and_gets_no_ratio() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["w"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, ("wrong", "2", |_| 5), EVEN], &diary)];
    measured(&mut run, &mut groups);
    let size = &run.workloads[0].sizes[0];
    assert_eq!(size.implementations[1].status, Status::Differs);
    assert!(size.implementations[1].detail.as_ref().unwrap().contains("baseline 1, candidate 2"));
    assert!(size.comparison("wrong", Metric::Time).is_none());
    assert!(!diary.borrow().iter().any(|line| line.contains("wrong")));
}

#[test]
fn the_time_budget_ends_measuring() {
    let diary = Diary::default();
    let mut run = run(Effort::Default, &["w"]);
    run.plan.time_budget_s = Some(20.0);
    let mut groups = [add(&mut run, 0, true, &[BASE, NOISY], &diary)];
    let records = measured(&mut run, &mut groups);
    let size = &run.workloads[0].sizes[0];
    assert_eq!(size.stopped, Some(Stopped::Time));
    assert!((5..20).contains(&size.implementations[0].launches.len()), "{}", size.implementations[0].launches.len());
    assert_eq!(records.last().unwrap().stopped, Some(Stopped::Time), "the log says so too");
}

#[test]
fn the_log_alone_gives_the_run_again() {
    let diary = Diary::default();
    let mut run = run(Effort::Quick, &["w"]);
    let mut groups = [add(&mut run, 0, true, &[BASE, ("crashes", "1", |_| 5), EVEN], &diary)];
    let header = {
        let scratch = tempfile::tempdir().unwrap();
        verify(&mut run, &mut groups, scratch.path(), &mut Silent).unwrap();
        run.clone()
    };
    let records = measured(&mut run, &mut groups);
    let mut again = header;
    for record in records.iter().chain(&records) {
        again.add_round(record);
    }
    crate::analysis::analyse(&mut again);
    crate::analysis::analyse(&mut run);
    assert_eq!(again, run, "and a round that is read twice counts once");
}
