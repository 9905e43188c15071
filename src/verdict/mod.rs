//! What to do, with the reasons: evidence and thresholds in, a recommendation out.
//!
//! [`decide`] asks one [`Question`] of each workload and size and puts it to the rules, in order, where the first
//! that holds decides. A workload is judged by its headline size, in the light of the others; the project by its
//! workloads. Rules look at intervals and at nothing else, so that noise can only ever make a verdict inconclusive;
//! what else is unsure lowers the confidence. Everything is computed from the saved run, and can be computed again.

mod asking;
mod claims;
mod confidence;
mod flip;
mod gain;
mod money;
mod notes;
mod project;
mod question;
mod range;
mod rules;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
mod words;
mod workload;

pub use question::{Contender, Facts, Needs, Outcome, Question, Speedup, Standing};
pub use range::{Range, Tri};

use serde_json::json;

use crate::evidence::{Part, Reason, Recommendation, Run, Verdict};
use crate::units;

/// Decides every size, every workload, the project and the claims, from the numbers that the run holds.
pub fn decide(run: &mut Run) {
    let decided: Vec<_> = run.workloads.iter().map(|workload| workload::judge(run, workload)).collect();
    for (workload, (sizes, verdict)) in run.workloads.iter_mut().zip(decided) {
        for (size, verdict) in workload.sizes.iter_mut().zip(sizes) {
            size.verdict = Some(verdict);
        }
        workload.verdict = verdict;
    }
    run.verdict = project::judge(run);
    run.claims = claims::judge(run);
}

/// The verdict on one question.
pub fn answer(question: &Question) -> Verdict {
    Verdict { would_flip_if: flip::flips(question), ..answer_with(question, Vec::new()) }
}

/// The same with more parts of confidence, and without a look at what would change it.
fn answer_with(question: &Question, more: Vec<Part>) -> Verdict {
    let (outcome, rule) = rules::decide(question);
    let Some(rule) = rule else { return undecided(question) };
    let candidate = outcome.candidate.as_deref();
    let mut parts = confidence::parts(question, outcome.recommendation, rule.name, candidate);
    if !parts.is_empty() {
        parts.extend(more);
    }
    let decisive = Reason {
        rule: rule.name.to_owned(),
        text: (rule.text)(question),
        evidence: notes::evidence(question, candidate),
    };
    let reasons = std::iter::once(decisive).chain(notes::notes(question, &outcome)).collect();
    let next = notes::next(question, outcome.recommendation);
    Verdict {
        recommendation: outcome.recommendation,
        confidence: confidence::of(parts),
        reasons,
        assumptions: notes::assumptions(question, outcome.recommendation, candidate),
        candidate: outcome.candidate,
        would_flip_if: Vec::new(),
        next,
    }
}

/// The verdict where intervals leave several ways open.
fn undecided(question: &Question) -> Verdict {
    let open = rules::open(question);
    let mut ways: Vec<Recommendation> = Vec::new();
    for rule in &open {
        let way = (rule.outcome)(question).recommendation;
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let told: Vec<String> = ways.iter().map(|way| format!("“{}”", way.action())).collect();
    let told = units::joined(&told, "and");
    let straddles = words::straddles(question);
    let why = if straddles.is_empty() { "what decides was not measured".to_owned() } else { straddles.join("; ") };
    let text = format!("The evidence does not decide between {told}: {why}.");
    let names: Vec<&str> = open.iter().map(|rule| rule.name).collect();
    let outcome = rules::inconclusive(question);
    let decisive = Reason {
        rule: "straddles".to_owned(),
        text,
        evidence: json!({"open_rules": names, "open_ways": ways, "candidates": notes::measured(question)}),
    };
    Verdict {
        recommendation: outcome.recommendation,
        candidate: None,
        confidence: None,
        reasons: std::iter::once(decisive).chain(notes::notes(question, &outcome)).collect(),
        assumptions: notes::assumptions(question, outcome.recommendation, None),
        would_flip_if: Vec::new(),
        next: notes::next(question, outcome.recommendation),
    }
}
