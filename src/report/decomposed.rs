//! A factor taken apart, and what the sizes of a workload say together, in sentences.

use super::speedup;
use super::{text, units};
use crate::evidence::{BreakEven, Comparison, Fit, Metric, Outcome, Size, Step, Workload};

/// What a workload's factor is made of at its headline size, and where its candidates begin to pay.
pub fn workload(workload: &Workload) -> Vec<String> {
    let mut sentences: Vec<String> = workload.headline_size().and_then(factor).into_iter().collect();
    let has_line = |name: &str| workload.fits.iter().any(|fit| fit.implementation == name && fit.is_line());
    let unit = workload.unit.as_deref().unwrap_or("elements");
    // `items per call` are items here.
    let unit = text::visible(unit.split(" per ").next().unwrap_or(unit));
    for fit in workload.fits.iter().filter(|fit| fit.is_line()) {
        sentences.push(costs(fit));
    }
    let crossings = workload.break_evens.iter();
    for crossing in crossings.filter(|crossing| has_line(&crossing.candidate) && has_line(&crossing.against)) {
        sentences.push(pays(workload, crossing, &unit));
    }
    sentences
}

/// The comparisons of time that a factor is made of, in the order of the steps.
pub fn steps(size: &Size) -> Vec<&Comparison> {
    [Step::Python, Step::Language, Step::Boundary, Step::Cores]
        .into_iter()
        .flat_map(|step| {
            let of_step = move |one: &&Comparison| one.step == Some(step) && one.metric == Metric::Time;
            size.comparisons.iter().filter(of_step)
        })
        .collect()
}

/// What a step is the gain or the loss of.
pub fn words(step: Step) -> &'static str {
    match step {
        Step::Python => "better Python",
        Step::Language => "the language",
        Step::Boundary => "the boundary",
        Step::Cores => "the cores",
    }
}

/// The steps of the factor, where there is more than the language alone.
fn factor(size: &Size) -> Option<String> {
    let steps = steps(size);
    if steps.iter().all(|one| one.step == Some(Step::Language)) {
        return None;
    }
    let parts: Vec<String> = steps
        .into_iter()
        .filter_map(|one| {
            let (from, to) = (text::visible(&one.against), text::visible(&one.candidate));
            Some(format!("{} {} ({from} to {to})", words(one.step?), speedup::phrase(one)))
        })
        .collect();
    Some(format!("The factor taken apart: {}.", parts.join("; ")))
}

fn costs(fit: &Fit) -> String {
    format!(
        "{}: a call costs {}, and each element {}; the worst size lies {:.0} % off that line.",
        text::visible(&fit.implementation),
        units::time_quoted(&fit.fixed_ns, false).phrase(),
        units::time_quoted(&fit.per_element_ns, false).phrase(),
        fit.worst_miss_share * 100.0
    )
}

fn pays(workload: &Workload, crossing: &BreakEven, unit: &str) -> String {
    let BreakEven { outcome, size, low, high, resolved, .. } = crossing;
    let count = |size: f64| units::count(size.max(0.0).round() as u64);
    let at = size.map_or_else(String::new, |size| {
        let end = high.map_or_else(|| "no end".to_owned(), count);
        format!("{} {unit} a call [{}, {end}]", count(size), low.map_or_else(|| "0".to_owned(), count))
    });
    let mut sentence = match outcome {
        Outcome::Always => "pays at every size".to_owned(),
        Outcome::Never => "never pays, however large the batch".to_owned(),
        Outcome::From => format!("pays from {at} on"),
        Outcome::Below => format!("pays up to {at}"),
    };
    let largest = workload.sizes.iter().map(|size| size.size).max().unwrap_or(0) as f64;
    if size.is_some_and(|size| size > largest) {
        sentence += ", beyond all sizes measured";
    }
    if !resolved {
        sentence += "; the rounds do not settle it";
    }
    format!("{} {sentence}.", text::visible(&crossing.candidate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn crossing(outcome: Outcome, size: Option<f64>, high: Option<f64>, resolved: bool) -> String {
        let (candidate, against) = ("hybrid".to_owned(), "baseline".to_owned());
        let low = size.map(|size| size / 2.0);
        let crossing = BreakEven { candidate, against, outcome, size, low, high, resolved, rounds: 8 };
        pays(&fixture::run().workloads[0], &crossing, "items")
    }

    #[test]
    fn a_crossing_is_told_with_its_interval() {
        assert_eq!(
            crossing(Outcome::From, Some(40.0), Some(60.0), true),
            "hybrid pays from 40 items a call [20, 60] on."
        );
        assert_eq!(
            crossing(Outcome::From, Some(4e9), None, false),
            "hybrid pays from 4,000,000,000 items a call [2,000,000,000, no end] on, beyond all sizes measured; \
             the rounds do not settle it."
        );
        assert_eq!(crossing(Outcome::Never, None, None, true), "hybrid never pays, however large the batch.");
        assert_eq!(crossing(Outcome::Always, None, None, true), "hybrid pays at every size.");
        assert_eq!(
            crossing(Outcome::Below, Some(10.0), Some(12.0), true),
            "hybrid pays up to 10 items a call [5, 12]."
        );
    }

    #[test]
    fn a_factor_is_taken_apart_where_there_are_parts() {
        let run = fixture::run();
        let told: Vec<Option<String>> =
            run.workloads.iter().map(|workload| factor(workload.headline_size().unwrap())).collect();
        insta::assert_debug_snapshot!(told);
    }
}
