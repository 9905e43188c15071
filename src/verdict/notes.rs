//! What a reader should weigh besides the rule that decided: who was kept out, what was assumed, what comes next.

use serde_json::{Value, json};

use super::gain;
use super::money;
use super::question::{Contender, Outcome, Question, Standing, Told};
use super::range::Tri;
use super::words;
use crate::analysis::MIN_ROUNDS;
use crate::evidence::{Kind, Reason, Recommendation};
use crate::units;

/// The numbers behind a verdict.
pub fn evidence(question: &Question, candidate: Option<&str>) -> Value {
    let taken = candidate.and_then(|name| question.contender(name));
    let payback = taken.filter(|it| is_port(it)).and_then(|contender| money::payback(question, contender));
    let finite = |years: f64| years.is_finite().then_some(years);
    json!({
        "facts": question.facts,
        "ceiling": question.facts.share.map(gain::ceiling).and_then(finite),
        "candidates": measured(question),
        "minimal_batch": taken.and_then(|contender| contender.batching.minimal),
        "payback_years": payback.map(|it| json!({"low": finite(it.years.low), "high": finite(it.years.high)})),
    })
}

/// The speed-ups that rules looked at.
pub fn measured(question: &Question) -> Value {
    let one = |contender: &Contender| {
        let time = contender.time?;
        // Without a share it is the task's own speed-up, which stands there already.
        let total = question.facts.share.map(|share| gain::application(Some(share), time.range));
        Some(json!({
            "name": contender.name, "ratio": time.ratio, "low": time.range.low, "high": time.range.high,
            "rounds": time.rounds, "application": total,
            "crossing_share": contender.crossing.filter(|_| contender.crossing_told == Told::Share),
        }))
    };
    question.contenders.iter().filter_map(one).collect()
}

fn is_port(contender: &Contender) -> bool {
    match contender.kind {
        Kind::Hybrid | Kind::Native => true,
        Kind::Python | Kind::Library => false,
    }
}

fn reason(rule: &str, text: String, evidence: Value) -> Reason {
    Reason { rule: rule.to_owned(), text, evidence }
}

/// What else speaks for or against, or was kept out.
pub fn notes(question: &Question, outcome: &Outcome) -> Vec<Reason> {
    let taken = outcome.candidate.as_deref().and_then(|name| question.contender(name));
    let mut notes = Vec::new();
    notes.extend(taken.and_then(|contender| processors(question, contender)));
    notes.extend(taken.and_then(|contender| memory(question, contender)));
    notes.extend(paying(question, taken));
    notes.extend(taken.into_iter().flat_map(|taken| passed_over(question, taken)));
    notes.extend(question.contenders.iter().filter_map(|contender| kept_out(question, contender, outcome)));
    notes
}

/// Candidates that are faster than what is recommended, and why they are not.
fn passed_over(question: &Question, taken: &Contender) -> Vec<Reason> {
    let others = question.eligible().map(|(contender, _)| contender);
    others
        .filter_map(|other| Some((words::passed_over(question, other, taken)?, other)))
        .map(|(text, other)| reason("passed-over", text, json!({"candidate": other.name})))
        .collect()
}

/// A candidate that is faster only by using more processors.
fn processors(_: &Question, contender: &Contender) -> Option<Reason> {
    let cpu = contender.cpu.filter(|cpu| cpu.high < 1.0)?;
    let text = format!(
        "{} takes more processor time than the baseline ({} its speed in that): it is faster only while other processors \
         are free.",
        contender.name,
        words::span(cpu)
    );
    Some(reason("processors", text, json!(cpu)))
}

/// A candidate whose memory is surely another.
fn memory(_: &Question, contender: &Contender) -> Option<Reason> {
    let ratio = contender.memory.filter(|ratio| ratio.low > 1.1 || ratio.high < 1.0 / 1.1)?;
    let text = if ratio.low > 1.0 {
        format!("{} needs {} less memory.", contender.name, words::span(ratio))
    } else {
        format!("{} needs {} the baseline's memory.", contender.name, words::span(ratio.map(|ratio| 1.0 / ratio)))
    };
    Some(reason("memory", text, json!(ratio)))
}

/// The payback of what is recommended, or of the best port where none is.
fn paying(question: &Question, taken: Option<&Contender>) -> Option<Reason> {
    let ports = || question.eligible().map(|(contender, _)| contender).filter(|contender| is_port(contender));
    let port = match taken {
        Some(contender) if is_port(contender) => contender,
        Some(_) | None => Question::fastest(ports())?,
    };
    let payback = money::payback(question, port)?;
    let finite = |value: f64| value.is_finite().then_some(value);
    let numbers = json!({
        "candidate": port.name, "cost": payback.cost, "upkeep_yearly": payback.upkeep_yearly,
        "saved_yearly": payback.saved_yearly,
        "years": {"low": finite(payback.years.low), "high": finite(payback.years.high)},
    });
    Some(reason("payback", format!("{}: {}", port.name, money::sentence(question, port)?), numbers))
}

/// Why a candidate that may look good was not considered.
fn kept_out(question: &Question, contender: &Contender, outcome: &Outcome) -> Option<Reason> {
    let name = &contender.name;
    let fast = || contender.time.as_ref().map_or_else(String::new, |time| format!(" ({})", words::speedup(time)));
    let (rule, text) = match &contender.standing {
        Standing::Agrees if question.is_choice(contender) => return None,
        Standing::Agrees => {
            ("only-from-rust", format!("{name}{} is for callers in Rust: this task is called from Python.", fast()))
        }
        Standing::Assumes(assumed) => {
            let assumed = assumed.trim_end_matches('.');
            ("assumes", format!("{name}{} is kept out, because it takes for granted: {assumed}.", fast()))
        }
        Standing::Unverified => {
            ("unverified", format!("{name}{} is never recommended: nothing compared its result.", fast()))
        }
        Standing::Differs if outcome.candidate.as_deref() == Some(name) => return None,
        Standing::Differs => ("differs", format!("{name} is out: its result differs from the baseline's.")),
        Standing::Failed => ("failed", format!("{name} is out: it failed.")),
        Standing::Skipped(_) => ("skipped", format!("{name} was not tried, and might change this.")),
        Standing::Debug => {
            ("debug-build", format!("{name} is refused: it is a debug build, and those reverse verdicts."))
        }
    };
    Some(reason(rule, text, json!({"candidate": name})))
}

/// What was taken for granted because the manifest does not say.
pub fn assumptions(question: &Question, recommendation: Recommendation, candidate: Option<&str>) -> Vec<String> {
    let mut assumed = Vec::new();
    let facts = question.facts;
    let taken = candidate.and_then(|name| question.contender(name));
    if facts.share.is_none() && !matches!(recommendation, Recommendation::Blocked) {
        assumed.push(
            "The task's share of the application's time is not given (`share-of-runtime`): gains are those of the task alone."
                .to_owned(),
        );
    }
    if let Some(port) = taken.filter(|contender| is_port(contender) && recommendation.is_change()) {
        let missing: Vec<&str> = [
            ("share-of-runtime", facts.share),
            ("effort-days", facts.effort_days),
            ("day-rate", facts.day_rate),
            ("yearly-compute-cost", facts.yearly_compute_cost),
        ]
        .into_iter()
        .filter_map(|(key, value)| value.is_none().then_some(key))
        .collect();
        if !missing.is_empty() {
            let keys: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
            assumed.push(format!("No payback was computed: {} not given.", units::listed(&keys, "is", "are")));
        }
        if port.kind == Kind::Hybrid && port.crossing.is_none() {
            assumed.push(format!(
                "{} names no `kernel`, so that the boundary's share of its call is not known.",
                port.name
            ));
        }
    }
    assumed
}

/// What to do or to measure next.
pub fn next(question: &Question, recommendation: Recommendation) -> Vec<String> {
    let mut next = Vec::new();
    let unresolved =
        question.eligible().any(|(contender, _)| super::rules::crossing_is_small(question, contender) == Tri::Unclear);
    match recommendation {
        Recommendation::Blocked => {
            next.extend(super::rules::differing(question).map(|contender| {
                format!("Mend {} until `rustworthy check` finds no difference, then measure again.", contender.name)
            }));
        }
        Recommendation::Inconclusive => next.extend(to_decide(question, unresolved)),
        Recommendation::Stay
        | Recommendation::Library
        | Recommendation::Hybrid
        | Recommendation::Batch
        | Recommendation::Native => {}
    }
    for contender in &question.contenders {
        if let (Standing::Skipped(why), Kind::Library) = (&contender.standing, contender.kind) {
            let why = if why.is_empty() { String::new() } else { format!(" ({})", why.trim_end_matches('.')) };
            next.push(format!("Make {} available{why} and measure again: a library may be enough.", contender.name));
        }
    }
    next
}

fn to_decide(question: &Question, unresolved: bool) -> Vec<String> {
    let mut next = Vec::new();
    if !question.distrust.is_empty() {
        next.push("Measure with a release build of Python that nothing watches.".to_owned());
        return next;
    }
    if !question.has_baseline {
        next.push("Mend the baseline first.".to_owned());
        return next;
    }
    for contender in super::rules::unproven(question) {
        next.push(match &contender.standing {
            Standing::Unverified => {
                format!("Let {} show its result, by a worker, so that it can be compared.", contender.name)
            }
            Standing::Debug => format!("Build {} in release and measure again.", contender.name),
            Standing::Failed | Standing::Agrees | Standing::Assumes(_) | Standing::Differs | Standing::Skipped(_) => {
                format!("Mend {} and measure again.", contender.name)
            }
        });
    }
    if next.is_empty() && question.eligible().next().is_none() {
        next.push("Add a candidate: a library, or Rust called from Python.".to_owned());
    }
    if next.is_empty() || unresolved {
        let few = question.eligible().any(|(contender, _)| contender.time.is_some_and(|time| time.indicative));
        let how = if few {
            format!("in {MIN_ROUNDS} rounds or more (`--rounds {MIN_ROUNDS}`)")
        } else {
            "with more rounds (`--thorough`)".to_owned()
        };
        next.push(format!("Measure again {how}, on a machine with nothing else to do."));
    }
    next
}
