//! The rules' sentences. Each quotes what was measured with its interval, and the threshold that it was held against.

use super::gain::{self, application_gain, task_gain, within_limits};
use super::money;
use super::question::{Contender, Needs, Question, Speedup, Standing, Told};
use super::range::{Range, Tri};
use super::rules::{boundary_may_shrink, crossing_is_small, decide, differing, port_pays, unproven};
use crate::evidence::Kind;
use crate::units;

/// `4.92× [4.85, 5.01]`, as it was measured.
pub fn speedup(time: &Speedup) -> String {
    let quoted = units::ratio_quoted(time.ratio, time.measured.low, time.measured.high, time.indicative);
    if time.indicative { format!("{} ({}, indicative)", quoted.value, quoted.interval) } else { quoted.phrase() }
}

/// `1.31× to 1.33×`, for what is derived.
pub fn span(range: Range) -> String {
    let (low, high) = (units::ratio(range.low), units::ratio(range.high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// `32 %`.
pub fn percent(share: f64) -> String {
    units::share(share)
}

/// `64 to 65 %`.
fn shares(range: Range) -> String {
    let (low, high) = (percent(range.low), percent(range.high));
    if low == high { high } else { format!("{} to {high}", low.trim_end_matches(" %")) }
}

fn quoted(contender: &Contender) -> String {
    contender.time.as_ref().map_or_else(|| "not timed".to_owned(), speedup)
}

/// What a speed-up of the task is to the application; nothing where the task stands for it.
fn for_application(question: &Question, contender: &Contender) -> String {
    match (question.facts.share, contender.gain()) {
        (Some(share), Some(gain)) => {
            format!(
                "; at {} of the runtime the application gains {}",
                percent(share),
                span(gain::application(Some(share), gain))
            )
        }
        (Some(_) | None, _) => String::new(),
    }
}

fn chosen(question: &Question) -> Option<&Contender> {
    decide(question).0.candidate.and_then(|name| question.contender(&name))
}

fn by_limit(question: &Question, kind: Kind) -> String {
    let candidate = chosen(question).or_else(|| Question::fastest(question.of(kind).map(|(contender, _)| contender)));
    let name = candidate.map_or("a candidate", |contender| contender.name.as_str());
    let needs = candidate.map(|contender| contender.needs).unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(limit) = question.limits.peak_memory_bytes {
        let (base, ours) = (memory(&question.baseline), memory(&needs));
        parts.push(format!("the limit of {} for memory (baseline {base}, {name} {ours})", units::bytes(limit as f64)));
    }
    if let Some(limit) = question.limits.latency_p99_ns {
        let (base, ours) = (latency(&question.baseline), latency(&needs));
        parts.push(format!("the limit of {} for latency (baseline {base}, {name} {ours})", units::time(limit)));
    }
    format!("{name} keeps within what the baseline breaks: {}.", parts.join(", and "))
}

fn memory(needs: &Needs) -> String {
    needs.peak_memory_bytes.map_or_else(|| "not measured".to_owned(), |range| units::bytes(range.high))
}

fn latency(needs: &Needs) -> String {
    needs.latency_p99_ns.map_or_else(|| "not measured".to_owned(), |range| units::time(range.high))
}

pub fn python_limit(question: &Question) -> String {
    by_limit(question, Kind::Python)
}

pub fn library_limit(question: &Question) -> String {
    by_limit(question, Kind::Library)
}

pub fn hybrid_limit(question: &Question) -> String {
    by_limit(question, Kind::Hybrid)
}

pub fn native_limit(question: &Question) -> String {
    by_limit(question, Kind::Native)
}

pub fn ceiling(question: &Question) -> String {
    let share = question.facts.share.unwrap_or(1.0);
    format!(
        "The task is {} of the application's time: even if it took none at all, the application would be no more than {} \
         as fast, and {} is the least that is worth a change.",
        percent(share),
        units::ratio(gain::ceiling(share)),
        units::ratio(question.thresholds.min_ceiling)
    )
}

pub fn distrust(question: &Question) -> String {
    format!("The numbers mislead: {}.", question.distrust.join("; "))
}

pub fn differs(question: &Question) -> String {
    let name = differing(question).map_or("a candidate", |contender| contender.name.as_str());
    format!("The result of {name} differs from the baseline's, and nothing that agrees is worth a change.")
}

pub fn nothing_measured(question: &Question) -> String {
    if !question.has_baseline {
        return "The baseline was not measured, so that there is nothing to compare with.".to_owned();
    }
    let assumed = question.contenders.iter().any(|contender| matches!(contender.standing, Standing::Assumes(_)));
    let unreachable = question.contenders.iter().any(|contender| !question.is_choice(contender));
    match () {
        () if question.contenders.is_empty() => "There is no candidate yet.".to_owned(),
        () if unproven(question).next().is_some() => unproven_names(question),
        () if assumed => "Every candidate that was measured takes something for granted.".to_owned(),
        () if unreachable => {
            "Only Rust without Python was measured, and this task is called from Python: nothing measured says what a call \
             from there costs."
                .to_owned()
        }
        () => "No candidate was measured.".to_owned(),
    }
}

pub fn better_python(question: &Question) -> String {
    let Some(contender) = chosen(question) else { return "Better Python is enough.".to_owned() };
    let rest = if question.eligible().count() > 1 {
        format!(", at least {} of the best gain on a log scale", percent(question.thresholds.enough_gain_share))
    } else {
        String::new()
    };
    format!(
        "Better Python is enough: {} brings {}{rest}{}.",
        contender.name,
        quoted(contender),
        for_application(question, contender)
    )
}

pub fn library(question: &Question) -> String {
    let Some(contender) = chosen(question) else { return "A library gains enough.".to_owned() };
    let port =
        Question::fastest(question.of(Kind::Hybrid).chain(question.of(Kind::Native)).map(|(contender, _)| contender));
    let rest = port.map_or_else(
        || "nothing of one's own to build or keep up".to_owned(),
        |port| format!("Rust of one's own ({}, {}) does not gain enough more", port.name, quoted(port)),
    );
    format!("{} brings {}{}; {rest}.", contender.name, quoted(contender), for_application(question, contender))
}

pub fn hybrid(question: &Question) -> String {
    let Some(contender) = chosen(question) else { return "Rust called from Python pays.".to_owned() };
    let crossing = contender.crossing.map_or_else(String::new, |share| match crossing_is_small(question, contender) {
        Tri::Yes if contender.crossing_told == Told::Share => {
            format!("; the boundary is {} of its call", at_most(share))
        }
        Tri::Yes => "; the boundary is too little of its call to be told from the noise".to_owned(),
        Tri::No | Tri::Unclear => {
            format!(
                "; {} is the boundary, so that data in another form would bring more",
                of_its_call(contender, share)
            )
        }
    });
    format!(
        "{} brings {} where {} is asked for{}{crossing}.",
        contender.name,
        quoted(contender),
        units::ratio(question.thresholds.min_port_gain),
        for_application(question, contender)
    )
}

/// What the boundary takes of a call: its share where that is a figure, and else what is known of it.
fn of_its_call(contender: &Contender, share: Range) -> String {
    match contender.crossing_told {
        Told::Share => format!("{} of its call", shares(share)),
        Told::Unresolved => "an unresolved part of its call".to_owned(),
        Told::Floor(floor) => {
            format!("a part of its call that is not quoted (an empty call alone is {})", percent(floor))
        }
    }
}

fn at_most(share: Range) -> String {
    if share.high < 0.01 { "under 1 %".to_owned() } else { format!("at most {}", percent(share.high)) }
}

pub fn batch(question: &Question) -> String {
    let Some(contender) = chosen(question) else { return "The boundary is to be moved.".to_owned() };
    let name = &contender.name;
    if contender.batched {
        let plain = question.of(Kind::Hybrid).find(|(other, _)| !other.batched).map(|(other, _)| other);
        let why = plain.map_or_else(String::new, |plain| match plain.crossing {
            Some(share) if crossing_is_small(question, plain) != Tri::Yes => {
                format!(", where {} spends {} at the boundary", plain.name, of_its_call(plain, share))
            }
            Some(_) | None => format!(", where {} brings {}", plain.name, quoted(plain)),
        });
        let gains = quoted(contender);
        return format!(
            "{name} crosses the boundary once for many items and brings {gains}{why}{}.",
            for_application(question, contender)
        );
    }
    let held = match contender.crossing {
        Some(share) => format!(
            "{name} spends {} at the boundary, where {} is the most that it should",
            of_its_call(contender, share),
            percent(question.thresholds.max_crossing_share)
        ),
        None => format!("{name} brings {} here, and more when a call carries more", quoted(contender)),
    };
    match contender.batching.minimal {
        Some(minimal) => format!("{held}: it pays from about {} a call.", items(minimal)),
        None => format!("{held}: carry more in each call, or keep the data in Rust between calls."),
    }
}

/// `120 items`; sizes count whatever the workload's unit says.
pub fn items(size: f64) -> String {
    units::count(size.ceil().max(0.0) as u64)
}

pub fn native(question: &Question) -> String {
    let Some(contender) = chosen(question) else { return "Rust alone pays.".to_owned() };
    let hybrid = Question::fastest(question.of(Kind::Hybrid).map(|(contender, _)| contender));
    let beside =
        hybrid.map_or_else(String::new, |hybrid| format!("; a hybrid ({}) brings {}", hybrid.name, quoted(hybrid)));
    format!(
        "The task is a whole process, and {} brings {}{}{beside}.",
        contender.name,
        quoted(contender),
        for_application(question, contender)
    )
}

pub fn unproven_names(question: &Question) -> String {
    let told: Vec<String> = unproven(question)
        .map(|contender| {
            let why = match &contender.standing {
                Standing::Unverified => "nothing compared its result",
                Standing::Failed => "it failed",
                Standing::Debug => "it is a debug build, which reverses verdicts",
                Standing::Agrees | Standing::Assumes(_) | Standing::Differs | Standing::Skipped(_) => {
                    "it was not tried"
                }
            };
            format!("{}: {why}", contender.name)
        })
        .collect();
    format!("Nothing that is proven is worth a change, and these are not known: {}.", told.join("; "))
}

/// Why the best candidate is not worth it.
pub fn nothing_pays(question: &Question) -> String {
    let others = question.eligible().filter(|(contender, _)| contender.kind != Kind::Python);
    let better = super::rules::better_python(question);
    let Some(best) = Question::fastest(others.map(|(contender, _)| contender)) else {
        return match better {
            Some(python) => format!("{} brings {}, and nothing but Python was measured.", python.name, quoted(python)),
            None => "No Python that was measured is worth a change, and nothing else was tried.".to_owned(),
        };
    };
    let gain = best.gain().unwrap_or(Range::point(1.0));
    if gain.high < 1.0 {
        return format!("Nothing that agrees is faster: the nearest, {}, is at {}.", best.name, quoted(best));
    }
    let faults = faults(question, best, gain);
    let worst = faults
        .iter()
        .find(|(holds, _)| *holds == Tri::No)
        .or_else(|| faults.iter().find(|(holds, _)| *holds == Tri::Unclear));
    let why = worst.map_or_else(|| ", which is not enough".to_owned(), |(_, why)| why.clone());
    format!("The best, {}, brings {}{why}.", best.name, quoted(best))
}

/// Why a candidate that is faster than the one that is recommended was passed over; `None` where it was not, or where
/// the rule that decided has said so.
pub fn passed_over(question: &Question, other: &Contender, taken: &Contender) -> Option<String> {
    let gain = other.gain()?;
    let faster = other.time?.ratio > taken.time?.ratio * question.thresholds.min_gain;
    let (_, why) = faults(question, other, gain).into_iter().find(|(holds, _)| *holds == Tri::No)?;
    (faster && other.name != taken.name).then(|| format!("{} brings {}{why}.", other.name, quoted(other)))
}

/// What a candidate has to hold, with the end of the sentence that says that it does not.
fn faults(question: &Question, best: &Contender, gain: Range) -> Vec<(Tri, String)> {
    let thresholds = question.thresholds;
    let python = gain::best_python(question).high > 1.0;
    let over = if python { " over the best Python" } else { "" };
    let total = application_gain(question, gain);
    let mut faults = vec![(
        total.at_least(thresholds.min_gain),
        format!(
            "{}: less{over} than the {} that is worth a change",
            for_application(question, best),
            units::ratio(thresholds.min_gain)
        ),
    )];
    faults.push((
        gain::grows_little(question, best),
        format!(
            ", and needs {} the baseline's memory, where {} is the most that it may",
            best.memory.map_or_else(String::new, |ratio| span(ratio.map(|ratio| 1.0 / ratio))),
            units::ratio(thresholds.max_memory_growth)
        ),
    ));
    faults.push((within_limits(question, best), ", and breaks a limit that the baseline keeps".to_owned()));
    if best.kind == Kind::Library {
        return faults;
    }
    faults.push((
        task_gain(question, gain).at_least(thresholds.min_port_gain),
        format!(
            "{}: less than the {} that Rust of one's own has to bring",
            if python { format!(", {} over the best Python", span(task_gain(question, gain))) } else { String::new() },
            units::ratio(thresholds.min_port_gain)
        ),
    ));
    faults.push((
        money::pays_back(question, best),
        format!(", but does not pay for itself within {}", units::plural_amount(thresholds.horizon_years, "year")),
    ));
    let never = if boundary_may_shrink(question, best) { "" } else { ", and larger calls would not change that" };
    faults.push((
        crossing_is_small(question, best).or(Tri::from(best.batched)),
        format!(
            ", but spends {} at the boundary{never}: its data would have to reach Rust in another form",
            best.crossing.map_or_else(String::new, |share| of_its_call(best, share))
        ),
    ));
    faults
}

/// Which threshold an interval straddles, for a rule that is unclear.
pub fn straddles(question: &Question) -> Vec<String> {
    let thresholds = question.thresholds;
    let mut told = Vec::new();
    let ratio = units::ratio;
    for (contender, gain) in question.eligible() {
        if contender.time.is_some_and(|time| !time.has_range()) {
            told.push(format!("{} was measured in one round, which has no interval", contender.name));
            continue;
        }
        if contender.crossing_told != Told::Share && crossing_is_small(question, contender) == Tri::Unclear {
            let most = percent(thresholds.max_crossing_share);
            told.push(format!("{}: whether the boundary is under {most} of its call is not resolved", contender.name));
        }
        let mut check = |what: &str, range: Range, threshold: f64, show: &dyn Fn(f64) -> String| {
            told.extend(on_both_sides(&contender.name, what, range, threshold, show));
        };
        let total = application_gain(question, gain);
        let what = if question.facts.share.is_some() { "the application's gain" } else { "the gain" };
        if contender.kind == Kind::Python {
            check(what, gain::application(question.facts.share, gain), thresholds.min_gain, &ratio);
            continue;
        }
        check(what, total, thresholds.min_gain, &ratio);
        if contender.kind == Kind::Library {
            told.extend(reach(question, contender, gain));
            continue;
        }
        check("the task's gain", task_gain(question, gain), thresholds.min_port_gain, &ratio);
        if let Some(share) = contender.crossing.filter(|_| contender.crossing_told == Told::Share) {
            check("the boundary's share", share, thresholds.max_crossing_share, &percent);
        }
        if let Some(payback) = money::payback(question, contender) {
            let years = |years: f64| if years.is_finite() { format!("{years:.1} years") } else { "never".to_owned() };
            check("payback", payback.years, thresholds.horizon_years, &years);
        }
        if let Some(memory) = contender.memory.filter(|_| gain::grows_little(question, contender) == Tri::Unclear) {
            check("memory, as baseline ÷ candidate,", memory, 1.0 / thresholds.max_memory_growth, &ratio);
        }
    }
    told
}

fn on_both_sides(name: &str, what: &str, range: Range, threshold: f64, show: &dyn Fn(f64) -> String) -> Option<String> {
    (range.at_least(threshold) == Tri::Unclear).then(|| {
        let (low, high) = (show(range.low), show(range.high));
        format!("{name}: {what} lies between {low} and {high}, on both sides of {}", show(threshold))
    })
}

/// Whether a library is near enough to a port, where that is unclear.
fn reach(question: &Question, library: &Contender, gain: Range) -> Vec<String> {
    let mut told = Vec::new();
    let total = |gain: Range| gain::application(question.facts.share, gain);
    for (port, best) in question.of(Kind::Hybrid).chain(question.of(Kind::Native)) {
        let close = gain::is_close(question, total(gain), total(best), question.thresholds.library_reach);
        let has_range = |it: &Contender| it.time.is_some_and(|time| time.has_range());
        let both = has_range(library) && has_range(port);
        if both && close == Tri::Unclear && port_pays(question, port, best) != Tri::No {
            told.push(format!(
                "{} brings {} to {} of what {} does, and is preferred where that is within a factor of {}",
                library.name,
                percent(total(gain).low / total(best).high),
                percent(total(gain).high / total(best).low),
                port.name,
                units::ratio(question.thresholds.library_reach)
            ));
        }
    }
    told
}
