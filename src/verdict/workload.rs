//! A workload: the verdict at its headline size, in the light of its other sizes.

use serde_json::json;

use super::question::Question;
use super::{answer_with, asking, confidence, flip, words};
use crate::analysis::MIN_ROUNDS;
use crate::evidence::{Grade, Part, Reason, Recommendation, Run, Size, Verdict, Workload};
use crate::units;

/// The verdicts at each size, and that on the whole; none without a size.
pub fn judge(run: &Run, workload: &Workload) -> (Vec<Verdict>, Option<Verdict>) {
    let questions = asking::questions(run, workload);
    let sizes: Vec<Verdict> = questions.iter().map(|question| answer_with(question, Vec::new())).collect();
    let headline = workload.headline_size();
    let index = headline.and_then(|headline| workload.sizes.iter().position(|size| size.size == headline.size));
    let whole = index.map(|index| whole(workload, &questions, &sizes, index));
    (sizes, whole)
}

fn whole(workload: &Workload, questions: &[Question], sizes: &[Verdict], headline: usize) -> Verdict {
    let coverage = coverage(workload, questions, sizes, headline);
    let mut verdict = answer_with(&questions[headline], coverage.into_iter().collect());
    verdict.would_flip_if = flip::flips(&questions[headline]);
    if verdict.recommendation == Recommendation::Hybrid
        && let Some(moved) = boundary_costs_elsewhere(workload, sizes, headline)
    {
        verdict.recommendation = Recommendation::Batch;
        verdict.reasons.insert(0, moved);
    }
    verdict.reasons.extend(holds_from(workload, sizes, headline, &verdict));
    verdict
}

/// A hybrid that pays at the headline size, and at smaller ones only where the boundary is moved.
fn boundary_costs_elsewhere(workload: &Workload, sizes: &[Verdict], headline: usize) -> Option<Reason> {
    let (size, verdict) = workload
        .sizes
        .iter()
        .zip(sizes)
        .take(headline)
        .rev()
        .find(|(_, verdict)| verdict.recommendation == Recommendation::Batch)?;
    let first = verdict.reasons.first()?;
    let text = format!("{}: {}", label(workload, size), first.text);
    Some(Reason { rule: first.rule.clone(), text, evidence: first.evidence.clone() })
}

/// From where on a recommendation holds, where smaller sizes say something else.
fn holds_from(workload: &Workload, sizes: &[Verdict], headline: usize, verdict: &Verdict) -> Option<Reason> {
    if matches!(verdict.recommendation, Recommendation::Inconclusive | Recommendation::Blocked) {
        return None;
    }
    let says = |index: usize| sizes[index].recommendation;
    let other =
        (0..headline).rev().find(|index| says(*index) != says(headline) && says(*index) != verdict.recommendation)?;
    if matches!(says(other), Recommendation::Inconclusive) {
        return None;
    }
    let from = label(workload, &workload.sizes[other + 1]);
    let why = sizes[other].reasons.first().map(|reason| reason.text.clone()).unwrap_or_default();
    let text = format!(
        "This holds from {from} on; at {} it is {}. {why}",
        label(workload, &workload.sizes[other]),
        says(other).as_str()
    );
    let sizes = json!({"from_size": workload.sizes[other + 1].size, "other_size": workload.sizes[other].size});
    Some(Reason { rule: "sizes".to_owned(), text: text.trim_end().to_owned(), evidence: sizes })
}

/// How many sizes say the same. Nothing to say where sizes mean nothing to a reader.
fn coverage(workload: &Workload, questions: &[Question], sizes: &[Verdict], headline: usize) -> Option<Part> {
    if !workload.shows_sizes() {
        return None;
    }
    let says = sizes[headline].recommendation;
    let same = |verdict: &Verdict| {
        let both_hybrid = [says, verdict.recommendation]
            .iter()
            .all(|it| matches!(it, Recommendation::Hybrid | Recommendation::Batch));
        verdict.recommendation == says || both_hybrid
    };
    let (agreeing, all) = (sizes.iter().filter(|verdict| same(verdict)).count(), sizes.len());
    let in_full = |size: &Size| size.implementations.iter().any(|cell| cell.launches.len() >= MIN_ROUNDS);
    let full = workload.sizes.iter().zip(sizes).filter(|(size, verdict)| same(verdict) && in_full(size)).count();
    let wanted = questions[headline].thresholds.sure_sizes as usize;
    let grade = match () {
        () if full >= wanted => Grade::High,
        () if agreeing >= 2.min(wanted) => Grade::Medium,
        () => Grade::Low,
    };
    let of = units::plural(all as u64, "size");
    let text = match agreeing == all {
        true if all == 1 => "measured at one size only".to_owned(),
        true => format!("all of {of} say the same, {full} of them in full"),
        false => format!("{agreeing} of {of} say the same, {full} of them in full"),
    };
    Some(confidence::part("sizes", grade, text))
}

/// `100,000 rows`.
fn label(workload: &Workload, size: &Size) -> String {
    let count = words::items(size.size as f64);
    workload.unit.as_ref().map_or_else(|| format!("size {count}"), |unit| format!("{count} {unit}"))
}
