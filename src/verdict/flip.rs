//! What would have to be different for another recommendation: each quantity that a rule looks at is moved, up and
//! down, until the rules say something else.

use serde_json::json;

use super::money;
use super::question::{Contender, Question, Speedup, Told};
use super::range::Range;
use super::rules::{crossing_is_small, decide};
use super::words;
use crate::evidence::{Flip, Kind, Recommendation};
use crate::units;

/// How far a quantity is moved at a step, and how often: to a tenth and to ten times its value.
const STEP: f64 = 1.05;
const STEPS: i32 = 47;

/// A quantity that may be moved.
#[derive(Clone, Debug)]
enum Lever {
    /// A candidate's speed-up.
    Speedup(String),
    /// The boundary's share of a hybrid's call.
    Crossing(String),
    /// The task's share of the runtime.
    Share,
    /// The port's effort.
    Effort,
    /// The yearly cost of computing.
    Compute,
}

/// The nearest change of one quantity that brings another recommendation; and where the share of the runtime is not
/// given, the share at which it would be another.
pub fn flips(question: &Question) -> Vec<Flip> {
    let now = decide(question).0.recommendation;
    if matches!(now, Recommendation::Inconclusive | Recommendation::Blocked) {
        return Vec::new();
    }
    let found = levers(question).into_iter().filter_map(|lever| Some((nearest(question, &lever, now)?, lever)));
    let nearest = found.min_by(|((one, _), _), ((other, _), _)| one.ln().abs().total_cmp(&other.ln().abs()));
    let flip = nearest.and_then(|((factor, then), lever)| told(question, &lever, factor, then));
    flip.into_iter().chain(by_share(question, now)).collect()
}

fn levers(question: &Question) -> Vec<Lever> {
    let mut levers = Vec::new();
    for (contender, _) in question.eligible() {
        levers.push(Lever::Speedup(contender.name.clone()));
        let told = contender.crossing.is_some() && contender.crossing_told == Told::Share;
        if contender.kind == Kind::Hybrid && told {
            levers.push(Lever::Crossing(contender.name.clone()));
        }
    }
    if question.facts.share.is_some() {
        levers.push(Lever::Share);
    }
    if question.eligible().any(|(contender, _)| money::payback(question, contender).is_some()) {
        levers.extend([Lever::Effort, Lever::Compute]);
    }
    levers
}

/// The factor nearest to 1 by which the lever has to be moved for another recommendation, and which it is.
fn nearest(question: &Question, lever: &Lever, now: Recommendation) -> Option<(f64, Recommendation)> {
    let other = |factor: f64| {
        let then = decide(&moved(question, lever, factor)?).0.recommendation;
        (then != now && then != Recommendation::Inconclusive).then_some((factor, then))
    };
    (1..=STEPS).find_map(|step| {
        [step, -step].into_iter().find_map(|power| {
            let coarse = other(STEP.powi(power))?;
            // Towards the last step that changed nothing, which may leave the recommendation open in between.
            let (mut far, mut near) = (coarse, STEP.powi(power - power.signum()));
            for _ in 0..5 {
                let middle = (far.0 * near).sqrt();
                match other(middle) {
                    Some(found) => far = found,
                    None => near = middle,
                }
            }
            Some(far)
        })
    })
}

/// The question with a quantity so many times what it is; `None` where that cannot be.
fn moved(question: &Question, lever: &Lever, factor: f64) -> Option<Question> {
    let mut question = question.clone();
    match lever {
        Lever::Speedup(name) => {
            let contender = find(&mut question, name)?;
            contender.time = contender.time.map(|time| scaled(time, factor));
            contender.cpu = contender.cpu.map(|cpu| cpu.map(|ratio| ratio * factor));
        }
        Lever::Crossing(name) => {
            let share = &mut find(&mut question, name)?.crossing;
            *share = share.map(|share| share.map(|share| (share * factor).min(1.0)));
        }
        Lever::Share => question.facts.share = question.facts.share.map(|share| share * factor).filter(|it| *it <= 1.0),
        Lever::Effort => question.facts.effort_days = question.facts.effort_days.map(|days| days * factor),
        Lever::Compute => {
            question.facts.yearly_compute_cost = question.facts.yearly_compute_cost.map(|cost| cost * factor);
        }
    }
    (!matches!(lever, Lever::Share) || question.facts.share.is_some()).then_some(question)
}

fn find<'q>(question: &'q mut Question, name: &str) -> Option<&'q mut Contender> {
    question.contenders.iter_mut().find(|contender| contender.name == name)
}

fn scaled(time: Speedup, factor: f64) -> Speedup {
    let by = |range: Range| range.map(|ratio| ratio * factor);
    Speedup { ratio: time.ratio * factor, measured: by(time.measured), range: by(time.range), ..time }
}

fn told(question: &Question, lever: &Lever, factor: f64, then: Recommendation) -> Option<Flip> {
    let facts = question.facts;
    let (quantity, now, text) = match lever {
        Lever::Speedup(name) => {
            let now = question.contender(name)?.time?.ratio;
            let (is, was) = (units::ratio(now * factor), units::ratio(now));
            ("speedup", now, format!("{name} brought {is} instead of {was}"))
        }
        Lever::Crossing(name) => {
            let contender = question.contender(name)?;
            let share = contender.crossing?;
            let now = f64::midpoint(share.low, share.high);
            let is = words::percent((now * factor).min(1.0));
            let small = crossing_is_small(question, contender) == super::range::Tri::Yes;
            let instead = if small { "only " } else { "" };
            let text =
                format!("{name} spent {is} of its call at the boundary instead of {instead}{}", words::percent(now));
            ("crossing_share", now, text)
        }
        Lever::Share => {
            let now = facts.share?;
            let text = format!(
                "the task were {} of the runtime instead of {}",
                words::percent(now * factor),
                words::percent(now)
            );
            ("share_of_runtime", now, text)
        }
        Lever::Effort => {
            let now = facts.effort_days?;
            let text = format!("the port took {} days instead of {}", units::amount(now * factor), units::amount(now));
            ("effort_days", now, text)
        }
        Lever::Compute => {
            let now = facts.yearly_compute_cost?;
            let text =
                format!("computing cost {} a year instead of {}", units::amount(now * factor), units::amount(now));
            ("yearly_compute_cost", now, text)
        }
    };
    let candidate = match lever {
        Lever::Speedup(name) | Lever::Crossing(name) => Some(name.as_str()),
        Lever::Share | Lever::Effort | Lever::Compute => None,
    };
    let evidence = json!({"quantity": quantity, "candidate": candidate, "now": now, "then": now * factor});
    Some(Flip { recommendation: then, text, evidence })
}

/// The largest share of the runtime at which a change is not recommended any more, where the share is not given.
fn by_share(question: &Question, now: Recommendation) -> Option<Flip> {
    if question.facts.share.is_some() || !now.is_change() {
        return None;
    }
    let (share, then) = (1..100).rev().find_map(|percent| {
        let share = f64::from(percent) / 100.0;
        let mut question = question.clone();
        question.facts.share = Some(share);
        let then = decide(&question).0.recommendation;
        (then != now && then != Recommendation::Inconclusive).then_some((share, then))
    })?;
    let text = format!("the task were {} of the application's runtime or less", words::percent(share));
    let evidence = json!({"quantity": "share_of_runtime", "candidate": null, "now": null, "then": share});
    Some(Flip { recommendation: then, text, evidence })
}
