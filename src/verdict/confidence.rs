//! How sure a recommendation is: as sure as its least sure part. What is unsure lowers confidence, and never changes
//! what is recommended.

use super::question::{Contender, Question, Standing};
use crate::evidence::{Confidence, Grade, Kind, Part, Recommendation};
use crate::units;

/// A confidence of these parts; `None` without any.
pub fn of(parts: Vec<Part>) -> Option<Confidence> {
    let grade = parts.iter().map(|part| part.grade).min()?;
    Some(Confidence { grade, parts })
}

/// The parts at one size, for what a rule recommends.
pub fn parts(question: &Question, recommendation: Recommendation, rule: &str, candidate: Option<&str>) -> Vec<Part> {
    match recommendation {
        Recommendation::Inconclusive => return Vec::new(),
        Recommendation::Blocked => return vec![part("agreement", Grade::High, "the difference was seen".to_owned())],
        Recommendation::Stay if rule == "ceiling" => {
            let text = "it follows from the share of the runtime, which the manifest gives".to_owned();
            return vec![part("share", Grade::High, text)];
        }
        Recommendation::Stay
        | Recommendation::Library
        | Recommendation::Hybrid
        | Recommendation::Batch
        | Recommendation::Native => {}
    }
    let taken = candidate.and_then(|name| question.contender(name));
    let best = || Question::fastest(question.eligible().map(|(contender, _)| contender));
    let mut parts = Vec::new();
    parts.extend(taken.map(|contender| agreement(question, contender)));
    parts.extend(taken.or_else(best).and_then(|contender| timing(question, contender)));
    parts.extend(skipped(question));
    parts.push(environment(question, taken));
    if recommendation.is_change() || candidate.is_some() {
        parts.push(share(question));
    }
    parts
}

/// One part.
pub fn part(name: &str, grade: Grade, text: String) -> Part {
    Part { name: name.to_owned(), grade, text }
}

/// How many inputs agreed. With none of n differing, under 3 ÷ n of all inputs differ, with 95 % confidence (the rule
/// of three).
fn agreement(question: &Question, contender: &Contender) -> Part {
    let thresholds = question.thresholds;
    let grade = match contender.cases {
        many if many >= thresholds.sure_cases => Grade::High,
        some if some >= thresholds.fair_cases => Grade::Medium,
        _ => Grade::Low,
    };
    let bound = if contender.cases > 3 {
        format!(": under {} of such inputs differ, with 95 % confidence", units::share(3.0 / contender.cases as f64))
    } else {
        ", too few to bound how many would differ".to_owned()
    };
    let bound = match grade {
        Grade::High => bound,
        Grade::Medium | Grade::Low => format!("{bound}; `rustworthy run --cases {}` draws more", thresholds.sure_cases),
    };
    part("agreement", grade, format!("{} agreed{bound}", units::plural(contender.cases, "input")))
}

fn timing(question: &Question, contender: &Contender) -> Option<Part> {
    let time = contender.time?;
    let rounds = units::plural(u64::from(time.rounds), "round");
    if time.indicative {
        return Some(part("timing", Grade::Low, format!("{rounds}: too few for a 95 % interval")));
    }
    let half_width = (time.measured.high / time.measured.low).ln() / 2.0;
    let thresholds = question.thresholds;
    let grade = match half_width {
        narrow if narrow <= thresholds.sure_half_width => Grade::High,
        fair if fair <= thresholds.fair_half_width => Grade::Medium,
        _ => Grade::Low,
    };
    Some(part("timing", grade, format!("{rounds}, {} to within ±{}", contender.name, units::share(half_width))))
}

/// Libraries that were not tried might have been enough.
fn skipped(question: &Question) -> Option<Part> {
    let names: Vec<&str> = question
        .contenders
        .iter()
        .filter(|contender| contender.kind == Kind::Library && matches!(contender.standing, Standing::Skipped(_)))
        .map(|contender| contender.name.as_str())
        .collect();
    (!names.is_empty()).then(|| part("candidates", Grade::Medium, format!("not tried: {}", names.join(", "))))
}

fn environment(question: &Question, taken: Option<&Contender>) -> Part {
    let around = &question.surroundings;
    let unknown = match taken {
        Some(contender) => contender.unknown_profile,
        None => question.eligible().any(|(contender, _)| contender.unknown_profile),
    };
    let (grade, text) = match () {
        () if !around.complete => (Grade::Low, "the run is not complete".to_owned()),
        () if !around.disturbed.is_empty() => (Grade::Low, format!("disturbed: {}", around.disturbed.join(", "))),
        () if unknown => (Grade::Medium, "nobody knows in which profile it was built".to_owned()),
        () if !around.warned.is_empty() => (Grade::Medium, format!("warned of: {}", around.warned.join(", "))),
        () => (Grade::High, "nothing to warn of".to_owned()),
    };
    part("environment", grade, text)
}

fn share(question: &Question) -> Part {
    match question.facts.share {
        Some(share) => part("share", Grade::High, format!("{} of the runtime, by the manifest", units::share(share))),
        None => part("share", Grade::Medium, "of the runtime: not given".to_owned()),
    }
}
