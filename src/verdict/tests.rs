//! What holds for every question.

use proptest::prelude::*;

use super::question::{Batching, Contender, Question, Speedup, Standing};
use super::range::{Range, Tri};
use super::rules::decide;
use super::table::{hybrid, library, native, python, question};
use super::{answer, decide as decide_run};
use crate::evidence::{Kind, Recommendation, Run};

fn tri() -> impl Strategy<Value = Tri> {
    prop_oneof![Just(Tri::Yes), Just(Tri::No), Just(Tri::Unclear)]
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        8 => Just(Standing::Agrees),
        1 => Just(Standing::Assumes("a buffer".to_owned())),
        1 => Just(Standing::Unverified),
        1 => Just(Standing::Differs),
        1 => Just(Standing::Failed),
        1 => Just(Standing::Skipped(String::new())),
        1 => Just(Standing::Debug),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Python), Just(Kind::Library), Just(Kind::Hybrid), Just(Kind::Native)]
}

fn range(values: std::ops::Range<f64>, width: f64) -> impl Strategy<Value = Range> {
    (values, 1.0..width).prop_map(|(middle, width)| Range::new(middle / width, middle * width))
}

fn contender() -> impl Strategy<Value = Contender> {
    let time = (0.3_f64..4.0, 1.0..1.6_f64, 1.0..1.6_f64);
    let crossing = proptest::option::of((0.0..1.0_f64, 0.0..1.0_f64));
    let batching = (tri(), proptest::option::of(0.0..1.0_f64), any::<bool>());
    let moved = proptest::option::of(range(0.6..2.5, 1.4));
    let memory = proptest::option::of(range(0.2..3.0, 1.4));
    (kind(), standing(), time, crossing, batching, (memory, moved), any::<bool>(), 0..20_000_u64).prop_map(
        |(
            kind,
            standing,
            (log, below, above),
            crossing,
            (larger, limit, levels_off),
            (memory, moved),
            batched,
            cases,
        )| {
            let ratio = log.exp() / 2.0;
            let hybrid = kind == Kind::Hybrid;
            Contender {
                standing,
                time: Some(Speedup::new(ratio, Range::new(ratio / below, ratio * above), 12, false)),
                crossing: crossing.filter(|_| hybrid).map(|(one, other)| Range::new(one, other)),
                batching: Batching { pays_when_larger: larger, minimal: None, share_in_the_limit: limit, levels_off },
                memory,
                moved_gain: moved.filter(|_| hybrid && !batched),
                batched: batched && hybrid,
                cases,
                ..Contender::new("", kind)
            }
        },
    )
}

prop_compose! {
    fn questions()(
        contenders in proptest::collection::vec(contender(), 0..5),
        share in proptest::option::of(0.0..1.0_f64),
        costs in proptest::option::of((1.0..200.0_f64, 1e3..1e6_f64)),
        process in any::<bool>(),
    ) -> Question {
        let named = contenders.into_iter().enumerate().map(|(index, contender)| {
            Contender { name: format!("c{index}"), ..contender }
        });
        let mut question = question(named.collect());
        question.process = process;
        question.facts.share = share;
        if let Some((days, yearly)) = costs {
            question.facts.effort_days = Some(days);
            question.facts.day_rate = Some(800.0);
            question.facts.yearly_compute_cost = Some(yearly);
        }
        question
    }
}

/// The same with every interval wider by these factors, in turn.
fn widened(question: &Question, by: &[(f64, f64)]) -> Question {
    let mut question = question.clone();
    for (contender, (below, above)) in question.contenders.iter_mut().zip(by.iter().cycle()) {
        let wider = |range: Range| Range::new(range.low / below, range.high * above);
        contender.time =
            contender.time.map(|time| Speedup { measured: wider(time.measured), range: wider(time.range), ..time });
        contender.memory = contender.memory.map(wider);
        contender.moved_gain = contender.moved_gain.map(wider);
        contender.crossing = contender
            .crossing
            .map(|share| Range::new((share.low - (below - 1.0)).max(0.0), (share.high + (above - 1.0)).min(1.0)));
    }
    question
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_wider_interval_never_decides(question in questions(), by in proptest::collection::vec((1.0..1.5_f64, 1.0..1.5_f64), 5)) {
        let before = decide(&question).0.recommendation;
        let after = decide(&widened(&question, &by)).0.recommendation;
        if before == Recommendation::Inconclusive {
            prop_assert_eq!(after, before);
        } else {
            prop_assert!(after == before || after == Recommendation::Inconclusive, "{:?} became {:?}", before, after);
        }
    }

    #[test]
    fn a_share_of_a_twentieth_stays(mut question in questions()) {
        question.facts.share = Some(0.05);
        prop_assert_eq!(decide(&question).0.recommendation, Recommendation::Stay);
    }

    #[test]
    fn what_may_not_be_recommended_never_is(question in questions()) {
        let (outcome, _) = decide(&question);
        if let Some(contender) = outcome.candidate.as_deref().and_then(|name| question.contender(name)) {
            let wanted = if outcome.recommendation == Recommendation::Blocked { Standing::Differs } else { Standing::Agrees };
            prop_assert_eq!(&contender.standing, &wanted);
            prop_assert!(question.process || contender.kind != Kind::Native);
        }
        prop_assert!(question.process || outcome.recommendation != Recommendation::Native);
        prop_assert!(!outcome.recommendation.is_change() || outcome.candidate.is_some());
    }

    #[test]
    fn every_verdict_can_be_told_and_saved(question in questions()) {
        let verdict = answer(&question);
        let text = serde_json::to_string(&verdict).unwrap();
        let back: crate::evidence::Verdict = serde_json::from_str(&text).unwrap();
        // Figures are saved to seven digits, so that it is what is read that comes back unchanged.
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }

    #[test]
    fn more_evidence_for_the_same_ratio_never_lowers_confidence(
        ratio in 2.0..50.0_f64, width in 1.0..1.6_f64, narrower in 0.1..1.0_f64,
        rounds in 1..40_u32, more_rounds in 0..40_u32, cases in 0..3000_u64, more_cases in 0..20_000_u64,
        kind in prop_oneof![Just(Kind::Library), Just(Kind::Hybrid)],
    ) {
        let with = |width: f64, rounds: u32, cases: u64| {
            let measured = Range::new(ratio / width, ratio * width);
            let time = Some(Speedup::new(ratio, measured, rounds, rounds < 6));
            question(vec![Contender { time, cases, ..Contender::new("it", kind) }])
        };
        let less = answer(&with(width, rounds, cases));
        let more = answer(&with(width.powf(narrower), rounds + more_rounds, cases + more_cases));
        let grade = |verdict: &crate::evidence::Verdict| verdict.confidence.as_ref().map(|confidence| confidence.grade);
        prop_assert!(grade(&more) >= grade(&less), "{:?} after {:?}", grade(&more), grade(&less));
        if less.recommendation != Recommendation::Inconclusive {
            prop_assert_eq!(less.recommendation, more.recommendation);
        }
    }

    #[test]
    fn a_library_in_reach_is_preferred(gain in 1.3..100.0_f64, faster in 0.5..1.4_f64) {
        let near = question(vec![
            library(gain * 0.99, gain * 1.01),
            hybrid(gain * faster * 0.99, gain * faster * 1.01),
            native(gain * faster, gain * faster * 1.02),
        ]);
        prop_assert_eq!(decide(&near).0.recommendation, Recommendation::Library);
    }

    #[test]
    fn what_a_debug_build_measured_is_refused(gain in 0.5..100.0_f64) {
        let debug = question(vec![Contender { standing: Standing::Debug, ..hybrid(gain * 0.99, gain * 1.01) }]);
        prop_assert_eq!(decide(&debug).0.recommendation, Recommendation::Inconclusive);
    }

    #[test]
    fn python_that_is_no_faster_changes_nothing(slower in 0.1..0.99_f64, gain in 1.0..50.0_f64) {
        let alone = question(vec![hybrid(gain * 0.95, gain * 1.05)]);
        let beside = question(vec![python(slower * 0.9, slower), hybrid(gain * 0.95, gain * 1.05)]);
        prop_assert_eq!(decide(&alone).0, decide(&beside).0);
    }
}

/// A quick run of five of the suite's workloads, decided again.
fn suite() -> Run {
    let text = include_str!("../../tests/runs/five_workloads.json");
    let mut run: Run = serde_json::from_str(text).unwrap();
    decide_run(&mut run);
    run
}

fn says(run: &Run, workload: &str) -> Recommendation {
    run.workload(workload).and_then(|workload| workload.verdict.as_ref()).unwrap().recommendation
}

#[test]
fn the_suite_is_judged_as_an_expert_would() {
    let run = suite();
    assert_eq!(says(&run, "sum_list"), Recommendation::Stay);
    assert_eq!(says(&run, "nbody"), Recommendation::Hybrid);
    assert_eq!(says(&run, "json_parse"), Recommendation::Hybrid);
    assert_eq!(says(&run, "call_overhead"), Recommendation::Batch);
    assert!(run.workloads.iter().flat_map(|workload| &workload.sizes).all(|size| size.verdict.is_some()));
}

#[test]
fn a_share_orders_the_project_and_ends_small_workloads() {
    let mut run = suite();
    for (name, share) in
        [("sum_list", 0.02), ("csv_count", 0.02), ("json_parse", 0.7), ("nbody", 0.22), ("call_overhead", 0.04)]
    {
        run.workloads.iter_mut().find(|workload| workload.name == name).unwrap().share_of_runtime = Some(share);
    }
    decide_run(&mut run);
    assert_eq!(says(&run, "call_overhead"), Recommendation::Stay);
    let project = run.verdict.unwrap();
    assert_eq!(project.candidate.as_deref(), Some("json_parse/hybrid"));
    let steps: Vec<&str> = project.reasons.iter().filter(|it| it.rule == "step").map(|it| it.text.as_str()).collect();
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(steps[0].contains("gives back 61 % to 63 % of the runtime"), "{steps:?}");
    assert!(project.reasons.iter().any(|it| it.rule == "together"));
}

#[test]
fn a_debug_build_in_the_run_is_refused() {
    let mut run = suite();
    for extension in &mut run.environment.extensions {
        extension.profile = extension.profile.as_ref().map(|_| "debug".to_owned());
    }
    decide_run(&mut run);
    assert_eq!(says(&run, "nbody"), Recommendation::Inconclusive);
    let verdict = run.workload("nbody").unwrap().verdict.clone().unwrap();
    assert!(verdict.next[0].contains("in release"), "{verdict:?}");
}

#[test]
fn an_unknown_profile_and_a_disturbed_machine_lower_confidence_alone() {
    let before = suite();
    let mut run = before.clone();
    for extension in &mut run.environment.extensions {
        extension.profile = None;
    }
    run.complete = false;
    decide_run(&mut run);
    for (one, other) in before.workloads.iter().zip(&run.workloads) {
        let (one, other) = (one.verdict.as_ref().unwrap(), other.verdict.as_ref().unwrap());
        assert_eq!((one.recommendation, &one.candidate), (other.recommendation, &other.candidate));
        let grade = |verdict: &crate::evidence::Verdict| verdict.confidence.as_ref().map(|it| it.grade);
        assert!(grade(other) <= grade(one));
    }
}

#[test]
fn a_result_that_differs_at_one_size_is_wrong_at_all() {
    let mut run = suite();
    let nbody = run.workloads.iter_mut().find(|workload| workload.name == "nbody").unwrap();
    let cell = nbody.sizes[0].implementations.iter_mut().find(|cell| cell.name == "hybrid").unwrap();
    cell.status = crate::evidence::Status::Differs;
    decide_run(&mut run);
    assert_eq!(says(&run, "nbody"), Recommendation::Blocked);
}

#[test]
fn the_suite_in_words() {
    let run = suite();
    let mut text = String::new();
    for workload in &run.workloads {
        let verdict = workload.verdict.as_ref().unwrap();
        text += &format!("{}: {:?} {:?}\n", workload.name, verdict.recommendation, verdict.candidate);
        for reason in &verdict.reasons {
            text += &format!("  {}: {}\n", reason.rule, reason.text);
        }
        for part in verdict.confidence.iter().flat_map(|confidence| &confidence.parts) {
            text += &format!("  sure of {}: {:?}, {}\n", part.name, part.grade, part.text);
        }
        for flip in &verdict.would_flip_if {
            text += &format!("  would be {:?} if {}\n", flip.recommendation, flip.text);
        }
    }
    let project = run.verdict.unwrap();
    text += &format!("project: {:?} {:?}\n", project.recommendation, project.candidate);
    for reason in &project.reasons {
        text += &format!("  {}: {}\n", reason.rule, reason.text);
    }
    insta::assert_snapshot!("suite", text);
}
