//! A factor taken apart: which comparison is the gain of better Python, of the language, of the cores, and what the
//! boundary takes of it.

use super::compare::compare;
use super::may_be_compared;
use crate::evidence::{Comparison, Implementation, Kind, Metric, Size, Step};

/// The name of the variant that is written as articles write it.
const NAIVE: &str = "naive";
/// The name of the variant that uses all cores.
const PARALLEL: &str = "parallel";

/// What a comparison of a candidate with the baseline is a step of, if any.
pub fn step_from_baseline(size: &Size, candidate: &Implementation) -> Option<Step> {
    let is_native = plain_native(size).is_some_and(|native| native.name == candidate.name);
    is_native.then_some(Step::Language)
}

/// The steps that are not taken from the baseline: naive Python to the baseline, a native to the hybrids that wrap it
/// and to the one on all cores.
pub fn steps(size: &Size) -> Vec<Comparison> {
    let of_variant = |kind: Kind, variant: &'static str| {
        size.implementations.iter().filter(move |cell| cell.kind == kind && cell.variant.as_deref() == Some(variant))
    };
    let naive = of_variant(Kind::Python, NAIVE).filter_map(|naive| Some((naive, size.baseline()?, Step::Python)));
    let hybrids = size.implementations.iter().filter(|cell| cell.kind == Kind::Hybrid);
    let boundary =
        hybrids.filter_map(|hybrid| Some((size.implementation(hybrid.kernel.as_deref()?)?, hybrid, Step::Boundary)));
    let cores =
        of_variant(Kind::Native, PARALLEL).filter_map(|parallel| Some((plain_native(size)?, parallel, Step::Cores)));
    naive
        .chain(boundary)
        .chain(cores)
        .filter(|(from, to, _)| may_be_compared(from) && may_be_compared(to))
        .flat_map(|(from, to, step)| {
            [Metric::Time, Metric::Cpu, Metric::Memory]
                .into_iter()
                .filter_map(move |metric| Some(Comparison { step: Some(step), ..compare(from, to, metric)? }))
        })
        .collect()
}

/// The native implementation without a variant.
fn plain_native(size: &Size) -> Option<&Implementation> {
    size.implementations.iter().find(|cell| cell.kind == Kind::Native && cell.variant.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::analyse_size;
    use crate::evidence::{Launch, Role, RunnerKind, Status};

    fn cell(name: &str, kind: Kind, variant: Option<&str>, call_ns: u64) -> Implementation {
        let role = if name == "baseline" { Role::Baseline } else { Role::Candidate };
        // The machine drifts, which is not to be seen in a ratio.
        let launches = (0..6).map(|round| Launch {
            round,
            iterations: vec![1, 2],
            elapsed_ns: vec![call_ns * u64::from(10 + round), 2 * call_ns * u64::from(10 + round)],
            ..Launch::default()
        });
        Implementation {
            variant: variant.map(str::to_owned),
            kernel: (kind == Kind::Hybrid).then(|| "native".to_owned()),
            status: Status::Measured,
            launches: launches.collect(),
            ..Implementation::new(name, role, kind, RunnerKind::Python)
        }
    }

    fn found(size: &mut Size) -> Vec<(String, String, Option<Step>, f64)> {
        analyse_size(size);
        let steps = size.comparisons.iter().filter(|comparison| comparison.metric == Metric::Time);
        steps
            .map(|one| (one.against.clone(), one.candidate.clone(), one.step, (one.ratio * 1e6).round() / 1e6))
            .collect()
    }

    fn row(against: &str, candidate: &str, step: Option<Step>, ratio: f64) -> (String, String, Option<Step>, f64) {
        (against.to_owned(), candidate.to_owned(), step, ratio)
    }

    #[test]
    fn a_factor_is_the_product_of_its_steps() {
        let mut size = Size {
            size: 1,
            input: None,
            stopped: None,
            implementations: vec![
                cell("baseline", Kind::Python, None, 800),
                cell("slow", Kind::Python, Some("naive"), 4000),
                cell("library", Kind::Library, None, 100),
                cell("hybrid", Kind::Hybrid, None, 200),
                cell("native", Kind::Native, None, 100),
                cell("all", Kind::Native, Some("parallel"), 50),
            ],
            comparisons: Vec::new(),
            splits: Vec::new(),
            verdict: None,
        };
        let mut expected = vec![
            row("baseline", "slow", None, 0.2),
            row("baseline", "library", None, 8.0),
            row("baseline", "hybrid", None, 4.0),
            row("baseline", "native", Some(Step::Language), 8.0),
            row("baseline", "all", None, 16.0),
            row("slow", "baseline", Some(Step::Python), 5.0),
            row("native", "hybrid", Some(Step::Boundary), 0.5),
            row("native", "all", Some(Step::Cores), 2.0),
        ];
        assert_eq!(found(&mut size), expected);
        // What differs has no ratio, in whatever direction.
        size.implementations[4].status = Status::Differs;
        expected.retain(|(against, candidate, _, _)| against != "native" && candidate != "native");
        assert_eq!(found(&mut size), expected);
    }
}
