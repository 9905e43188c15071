//! The rules, in order: the first that holds decides.
//!
//! A rule whose condition is unclear, because an interval straddles a threshold, leaves two ways open: it holds, or the
//! rules after it decide. Where every open way ends in the same recommendation, that is the verdict all the same;
//! otherwise the evidence is inconclusive, and the verdict says which threshold stands in the way.

use super::gain::{self, application_gain, task_gain, within_limits};
use super::money;
use super::question::{Contender, Outcome, Question, Standing};
use super::range::{Range, Tri};
use super::words;
use crate::evidence::{Kind, Recommendation};

/// One rule.
pub struct Rule {
    /// Its name, as saved.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: fn(&Question) -> Tri,
    /// What is recommended where it does.
    pub outcome: fn(&Question) -> Outcome,
    /// Why, in a sentence.
    pub text: fn(&Question) -> String,
}

/// All of them, in order; the last always holds.
pub const RULES: [Rule; 15] = [
    Rule {
        name: "limit-met-by-python",
        holds: python_meets_limit,
        outcome: python_by_limit,
        text: words::python_limit,
    },
    Rule {
        name: "limit-met-by-library",
        holds: library_meets_limit,
        outcome: library_by_limit,
        text: words::library_limit,
    },
    Rule {
        name: "limit-met-by-hybrid",
        holds: hybrid_meets_limit,
        outcome: hybrid_by_limit,
        text: words::hybrid_limit,
    },
    Rule {
        name: "limit-met-by-native",
        holds: native_meets_limit,
        outcome: native_by_limit,
        text: words::native_limit,
    },
    Rule { name: "ceiling", holds: ceiling_is_low, outcome: stay, text: words::ceiling },
    Rule { name: "trust", holds: numbers_mislead, outcome: inconclusive, text: words::distrust },
    Rule { name: "nothing-agrees", holds: nothing_agrees, outcome: blocked, text: words::differs },
    Rule { name: "nothing-measured", holds: nothing_measured, outcome: inconclusive, text: words::nothing_measured },
    Rule { name: "better-python", holds: python_is_enough, outcome: stay, text: words::better_python },
    Rule { name: "library-in-reach", holds: library_is_in_reach, outcome: library, text: words::library },
    Rule { name: "hybrid-pays", holds: hybrid_pays, outcome: hybrid, text: words::hybrid },
    Rule { name: "boundary-to-move", holds: boundary_is_to_move, outcome: batch, text: words::batch },
    Rule { name: "native-pays", holds: native_pays, outcome: native, text: words::native },
    Rule { name: "result-differs", holds: difference_is_in_the_way, outcome: blocked, text: words::differs },
    Rule { name: "unproven", holds: candidate_is_unproven, outcome: inconclusive, text: words::unproven_names },
];

/// What is left where no rule holds.
pub const LAST: Rule = Rule { name: "nothing-pays", holds: |_| Tri::Yes, outcome: stay, text: words::nothing_pays };

/// The rules that may decide: those that are unclear, and the first that holds.
pub fn open(question: &Question) -> Vec<&'static Rule> {
    let mut open = Vec::new();
    for rule in RULES.iter().chain([&LAST]) {
        if rule.name == "native-pays" && calls_rust_either_way(question) {
            break;
        }
        match (rule.holds)(question) {
            Tri::No => {}
            Tri::Unclear => open.push(rule),
            Tri::Yes => {
                open.push(rule);
                break;
            }
        }
    }
    open
}

/// The recommendation, and the rule that decided; none where several ways are open.
pub fn decide(question: &Question) -> (Outcome, Option<&'static Rule>) {
    let open = open(question);
    let decided = open.last().map(|rule| (*rule, (rule.outcome)(question)));
    match decided {
        Some((rule, outcome))
            if open.iter().all(|other| (other.outcome)(question).recommendation == outcome.recommendation) =>
        {
            (outcome, Some(rule))
        }
        Some(_) | None => (inconclusive(question), None),
    }
}

// A limit that Python breaks -------------------------------------------------------------------------------------------

fn meets_limit(question: &Question, kind: Kind) -> Tri {
    let broken = gain::meets_limits(question, &question.baseline).not();
    let met = question.of(kind).map(|(contender, _)| gain::meets_limits(question, &contender.needs));
    broken.and(Tri::any(met))
}

fn python_meets_limit(question: &Question) -> Tri {
    meets_limit(question, Kind::Python)
}

fn library_meets_limit(question: &Question) -> Tri {
    meets_limit(question, Kind::Library)
}

fn hybrid_meets_limit(question: &Question) -> Tri {
    meets_limit(question, Kind::Hybrid)
}

fn native_meets_limit(question: &Question) -> Tri {
    meets_limit(question, Kind::Native)
}

fn by_limit(question: &Question, kind: Kind, recommendation: Recommendation) -> Outcome {
    let meets = |contender: &Contender| gain::meets_limits(question, &contender.needs);
    Outcome::of(recommendation, likeliest(question.of(kind).map(|(contender, _)| (contender, meets(contender)))))
}

fn python_by_limit(question: &Question) -> Outcome {
    by_limit(question, Kind::Python, Recommendation::Stay)
}

fn library_by_limit(question: &Question) -> Outcome {
    by_limit(question, Kind::Library, Recommendation::Library)
}

fn hybrid_by_limit(question: &Question) -> Outcome {
    by_limit(question, Kind::Hybrid, Recommendation::Hybrid)
}

fn native_by_limit(question: &Question) -> Outcome {
    by_limit(question, Kind::Native, Recommendation::Native)
}

// What ends the question before speed is asked for ---------------------------------------------------------------------

fn ceiling_is_low(question: &Question) -> Tri {
    question.facts.share.is_some_and(|share| gain::ceiling(share) < question.thresholds.min_ceiling).into()
}

fn numbers_mislead(question: &Question) -> Tri {
    (!question.distrust.is_empty()).into()
}

fn nothing_agrees(question: &Question) -> Tri {
    Tri::from(question.eligible().next().is_none()).and(differing(question).is_some().into())
}

fn nothing_measured(question: &Question) -> Tri {
    (!question.has_baseline || question.eligible().next().is_none()).into()
}

// What is worth it -----------------------------------------------------------------------------------------------------

/// Whether the application gains enough for any change.
fn is_worth_a_change(question: &Question, gain: Range) -> Tri {
    gain::application(question.facts.share, gain).at_least(question.thresholds.min_gain)
}

/// The same beyond what better Python gives.
fn beats_python(question: &Question, gain: Range) -> Tri {
    application_gain(question, gain).at_least(question.thresholds.min_gain)
}

/// Whether Rust of one's own pays: the application gains, the task itself gains more than a little, the money comes
/// back in time, and nothing that is limited gets worse.
pub fn port_pays(question: &Question, contender: &Contender, gain: Range) -> Tri {
    Tri::all([
        beats_python(question, gain),
        task_gain(question, gain).at_least(question.thresholds.min_port_gain),
        money::pays_back(question, contender),
        within_limits(question, contender),
    ])
}

/// Whether a hybrid spends no more than it may at the boundary; one that names no kernel does not say.
pub fn crossing_is_small(question: &Question, contender: &Contender) -> Tri {
    contender.crossing.map_or(Tri::Yes, |share| share.at_most(question.thresholds.max_crossing_share))
}

/// Whether a hybrid's boundary is no reason against it: it is small; or it would stay as large in larger calls, and the
/// hybrid is so much faster that it is worth it nevertheless.
fn crossing_is_fine(question: &Question, contender: &Contender, gain: Range) -> Tri {
    let worth = task_gain(question, gain).at_least(question.thresholds.min_crossing_gain);
    let as_large = Tri::from(!boundary_may_shrink(question, contender));
    crossing_is_small(question, contender).or(as_large.and(worth))
}

/// Whether a hybrid is the one that crosses the boundary once for many items, beside another that does not.
fn is_moved(question: &Question, contender: &Contender) -> bool {
    let plain = |other: &Contender| other.kind == Kind::Hybrid && !other.batched;
    contender.batched && question.contenders.iter().any(plain)
}

/// Whether one that does is worth taking instead.
fn moved_is_better(question: &Question, contender: &Contender) -> Tri {
    let moved = question.of(Kind::Hybrid).filter(|(other, _)| is_moved(question, other));
    let pays = moved.map(|(other, gain)| port_pays(question, other, gain).and(as_good_as_native(question, gain)));
    let gain = contender.moved_gain.map_or(Tri::No, |gain| gain.at_least(question.thresholds.min_gain));
    gain.and(Tri::any(pays))
}

fn python_is_enough(question: &Question) -> Tri {
    Tri::any(question.of(Kind::Python).map(|(contender, gain)| enough_python(question, contender, gain)))
}

fn enough_python(question: &Question, contender: &Contender, gain: Range) -> Tri {
    let total = |gain: Range| gain::application(question.facts.share, gain);
    let share = question.thresholds.enough_gain_share;
    let others = question.eligible().filter(|(other, _)| other.name != contender.name);
    let enough = Tri::all(others.map(|(_, best)| gain::has_enough_of(total(gain), total(best), share)));
    Tri::all([is_worth_a_change(question, gain), enough, within_limits(question, contender)])
}

fn library_is_in_reach(question: &Question) -> Tri {
    Tri::any(question.of(Kind::Library).map(|(contender, gain)| reaches(question, contender, gain)))
}

/// Whether a library gains enough, and no Rust of one's own that pays gains much more.
pub fn reaches(question: &Question, contender: &Contender, gain: Range) -> Tri {
    let total = |gain: Range| gain::application(question.facts.share, gain);
    let reach = question.thresholds.library_reach;
    let ports = question.of(Kind::Hybrid).chain(question.of(Kind::Native));
    let near = ports.map(|(port, best)| {
        let close = gain::is_close(question, total(gain), total(best), reach);
        port_pays(question, port, best).not().or(close)
    });
    Tri::all([beats_python(question, gain), within_limits(question, contender), Tri::all(near)])
}

fn hybrid_pays(question: &Question) -> Tri {
    Tri::any(plain_hybrids(question))
}

fn plain_hybrids(question: &Question) -> impl Iterator<Item = Tri> {
    question.of(Kind::Hybrid).map(|(contender, gain)| plain_hybrid_pays(question, contender, gain))
}

fn plain_hybrid_pays(question: &Question, contender: &Contender, gain: Range) -> Tri {
    Tri::all([
        Tri::from(!is_moved(question, contender)),
        moved_is_better(question, contender).not(),
        port_pays(question, contender, gain),
        crossing_is_fine(question, contender, gain),
        as_good_as_native(question, gain),
    ])
}

/// Whether no native that could take the whole process's place is much faster.
fn as_good_as_native(question: &Question, gain: Range) -> Tri {
    let total = |gain: Range| gain::application(question.facts.share, gain);
    let share = question.thresholds.hybrid_share_of_native;
    Tri::all(question.of(Kind::Native).map(|(native, best)| {
        let near = total(gain).over(total(best)).at_least(share);
        port_pays(question, native, best).not().or(near)
    }))
}

fn boundary_is_to_move(question: &Question) -> Tri {
    Tri::any(question.of(Kind::Hybrid).map(|(contender, gain)| is_to_batch(question, contender, gain)))
}

/// Whether some hybrid pays for certain, so that only its boundary is in question: it is small, and the hybrid is
/// taken; or it is not, and is to be moved.
fn calls_rust_either_way(question: &Question) -> bool {
    question.of(Kind::Hybrid).any(|(contender, gain)| {
        let pays = port_pays(question, contender, gain).and(as_good_as_native(question, gain));
        let either = is_moved(question, contender)
            || boundary_may_shrink(question, contender) && contender.crossing.is_some()
            || crossing_is_fine(question, contender, gain) == Tri::Yes;
        pays == Tri::Yes && either
    })
}

fn is_to_batch(question: &Question, contender: &Contender, gain: Range) -> Tri {
    if is_moved(question, contender) {
        return port_pays(question, contender, gain).and(as_good_as_native(question, gain));
    }
    // Where no kernel tells the boundary's share, a call that loses here and wins when larger is held up by something
    // that does not grow with it.
    let boundary_costs = match contender.crossing {
        Some(_) => crossing_is_small(question, contender).not(),
        None => gain.at_least(1.0).not(),
    };
    let may_help = boundary_may_shrink(question, contender).into();
    let pays_here = port_pays(question, contender, gain).and(may_help);
    boundary_costs.and(contender.batching.pays_when_larger.or(pays_here))
}

/// Whether larger calls may spend a smaller share at the boundary: not where every element pays its own way across.
pub fn boundary_may_shrink(question: &Question, contender: &Contender) -> bool {
    let limit = contender.batching.share_in_the_limit;
    !contender.batching.levels_off && limit.is_none_or(|share| share <= question.thresholds.max_crossing_share)
}

fn native_pays(question: &Question) -> Tri {
    Tri::any(question.of(Kind::Native).map(|(contender, gain)| port_pays(question, contender, gain)))
}

// What stands in the way of staying ------------------------------------------------------------------------------------

/// The first candidate whose result differs, and that might have been recommended.
pub fn differing(question: &Question) -> Option<&Contender> {
    let differs = |contender: &&Contender| contender.standing == Standing::Differs;
    question.contenders.iter().find(|contender| question.is_choice(contender) && differs(contender))
}

fn difference_is_in_the_way(question: &Question) -> Tri {
    differing(question).is_some_and(|contender| contender.kind != Kind::Python).into()
}

/// Candidates that nobody can speak for, and whose speed might change the verdict.
pub fn unproven(question: &Question) -> impl Iterator<Item = &Contender> {
    let worth =
        |contender: &Contender| contender.time.is_none_or(|time| is_worth_a_change(question, time.range) != Tri::No);
    question.contenders.iter().filter(move |contender| match contender.standing {
        Standing::Unverified => question.is_choice(contender) && worth(contender),
        Standing::Failed | Standing::Debug => question.is_choice(contender) && contender.kind != Kind::Python,
        Standing::Agrees | Standing::Assumes(_) | Standing::Differs | Standing::Skipped(_) => false,
    })
}

fn candidate_is_unproven(question: &Question) -> Tri {
    unproven(question).next().is_some().into()
}

// What is recommended --------------------------------------------------------------------------------------------------

/// The fastest of those for which the condition holds, or may hold where it holds for none.
fn likeliest<'q>(contenders: impl Iterator<Item = (&'q Contender, Tri)>) -> Option<&'q Contender> {
    let all: Vec<(&Contender, Tri)> = contenders.collect();
    let by = |wanted: Tri| {
        Question::fastest(all.iter().filter(|(_, holds)| *holds == wanted).map(|(contender, _)| *contender))
    };
    by(Tri::Yes).or_else(|| by(Tri::Unclear))
}

fn stay(question: &Question) -> Outcome {
    Outcome::of(Recommendation::Stay, better_python(question))
}

/// Python that is surely worth changing to.
pub fn better_python(question: &Question) -> Option<&Contender> {
    let worth = question.of(Kind::Python).filter(|(contender, gain)| {
        is_worth_a_change(question, *gain).and(within_limits(question, contender)) == Tri::Yes
    });
    Question::fastest(worth.map(|(contender, _)| contender))
}

fn library(question: &Question) -> Outcome {
    let libraries = question.of(Kind::Library).map(|(contender, gain)| (contender, reaches(question, contender, gain)));
    Outcome::of(Recommendation::Library, likeliest(libraries))
}

fn hybrid(question: &Question) -> Outcome {
    let hybrids =
        question.of(Kind::Hybrid).map(|(contender, gain)| (contender, plain_hybrid_pays(question, contender, gain)));
    Outcome::of(Recommendation::Hybrid, likeliest(hybrids))
}

fn batch(question: &Question) -> Outcome {
    let hybrids =
        question.of(Kind::Hybrid).map(|(contender, gain)| (contender, is_to_batch(question, contender, gain)));
    Outcome::of(Recommendation::Batch, likeliest(hybrids))
}

fn native(question: &Question) -> Outcome {
    let natives = question.of(Kind::Native).map(|(contender, gain)| (contender, port_pays(question, contender, gain)));
    Outcome::of(Recommendation::Native, likeliest(natives))
}

fn blocked(question: &Question) -> Outcome {
    Outcome::of(Recommendation::Blocked, differing(question))
}

/// Nothing is recommended.
pub fn inconclusive(_: &Question) -> Outcome {
    Outcome { recommendation: Recommendation::Inconclusive, candidate: None }
}
