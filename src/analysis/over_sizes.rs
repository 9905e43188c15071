//! What the sizes of a workload say together: what a call costs whatever its size, what each element adds, and from how
//! many elements on a candidate pays.

use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::bootstrap::bootstrap;
use super::compare::{ByRound, by_round};
use super::fit::{Line, fit, line};
use super::interval::median;
use super::may_be_compared;
use crate::evidence::{BreakEven, Fit, Kind, Metric, Outcome, Role, Workload};

/// A line through fewer sizes would agree with anything.
const MIN_SIZES: usize = 5;

/// Fills in the fits of a workload and its break-even points, from its sizes' launches.
pub fn analyse_sizes(workload: &mut Workload, seed: u64) {
    let times = Times::of(workload);
    workload.fits = times.iter().filter_map(|times| times.fit(seed)).collect();
    let (baseline, candidates): (Vec<&Times>, Vec<&Times>) =
        times.iter().partition(|times| times.role == Role::Baseline);
    workload.break_evens = baseline
        .first()
        .map(|baseline| {
            let callable = candidates.iter().filter(|candidate| candidate.kind != Kind::Native);
            callable.filter_map(|candidate| break_even(baseline, candidate, seed)).collect()
        })
        .unwrap_or_default();
}

/// The times of one implementation at every size.
struct Times {
    name: String,
    role: Role,
    kind: Kind,
    sizes: Vec<f64>,
    /// ns of a call, by size and round.
    by_size: Vec<ByRound>,
}

impl Times {
    /// Of those that were measured at enough sizes.
    fn of(workload: &Workload) -> Vec<Times> {
        let mut found: BTreeMap<usize, Times> = BTreeMap::new();
        for size in &workload.sizes {
            let measured = size.implementations.iter().enumerate().filter(|(_, cell)| may_be_compared(cell));
            for (index, cell) in measured {
                let rounds = by_round(cell, Metric::Time);
                if size.size == 0 || rounds.is_empty() {
                    continue;
                }
                let calls = calls(workload.total_items, size.size);
                let times = found.entry(index).or_insert_with(|| Times {
                    name: cell.name.clone(),
                    role: cell.role,
                    kind: cell.kind,
                    sizes: Vec::new(),
                    by_size: Vec::new(),
                });
                times.sizes.push(size.size as f64);
                times.by_size.push(rounds.into_iter().map(|(round, time)| (round, time / calls)).collect());
            }
        }
        found.into_values().filter(|times| times.sizes.len() >= MIN_SIZES).collect()
    }

    /// The rounds in which every size was measured.
    fn rounds(&self) -> Vec<u32> {
        let Some((first, rest)) = self.by_size.split_first() else { return Vec::new() };
        first.keys().filter(|round| rest.iter().all(|other| other.contains_key(round))).copied().collect()
    }

    /// Times by round, then by size.
    fn at(&self, rounds: &[u32]) -> Vec<Vec<f64>> {
        rounds.iter().map(|round| self.by_size.iter().filter_map(|size| size.get(round)).copied().collect()).collect()
    }

    fn fit(&self, seed: u64) -> Option<Fit> {
        let rounds = self.rounds();
        let found = fit(&self.sizes, &self.at(&rounds), seed)?;
        Some(Fit {
            implementation: self.name.clone(),
            fixed_ns: found.fixed,
            per_element_ns: found.per_element,
            worst_miss_share: found.worst_miss,
            rounds: u32::try_from(rounds.len()).unwrap_or(u32::MAX),
        })
    }
}

/// How many calls one input is made of: as many as share out its items, or one.
fn calls(total_items: Option<u64>, size: u64) -> f64 {
    total_items.map_or(1.0, |total| total.div_ceil(size.max(1)).max(1) as f64)
}

/// From which size on a candidate is faster, by the lines through both.
///
/// With cost and gain, the candidate's fixed cost over the baseline's and what it saves by element, the answer is a
/// direction: of cost and gain both positive it is cost ÷ gain; without gain it is never, without cost always. The
/// bootstrap therefore draws angles, which go from one answer to the next without a jump, where a quotient would leap
/// through infinity.
fn break_even(baseline: &Times, candidate: &Times, seed: u64) -> Option<BreakEven> {
    if baseline.sizes != candidate.sizes {
        return None;
    }
    let theirs = candidate.rounds();
    let rounds: Vec<u32> = baseline.rounds().into_iter().filter(|round| theirs.contains(round)).collect();
    let (ours, theirs) = (baseline.at(&rounds), candidate.at(&rounds));
    let sizes = &baseline.sizes;
    // Cost and gain have other units: sizes in the middle of those measured make them alike.
    let scale = (sizes.iter().map(|size| size.ln()).sum::<f64>() / sizes.len() as f64).exp();
    let angle = |choice: &[usize]| -> Option<f64> {
        let (ours, theirs) = (through(sizes, &ours, choice)?, through(sizes, &theirs, choice)?);
        Some(((ours.per_element - theirs.per_element) * scale).atan2(theirs.fixed - ours.fixed))
    };
    let all: Vec<usize> = (0..rounds.len()).collect();
    let middle = angle(&all)?;
    let [angles] = bootstrap(rounds.len(), seed, |choice| {
        // The turn that is nearest to the estimate.
        let turned = angle(choice)? - middle;
        Some([middle + turned - TAU * (turned / TAU).round()])
    })?;
    let answer = outcome(middle);
    let size = |angle: f64| scale / angle.tan();
    let (low, high) = match answer {
        Outcome::Always | Outcome::Never => (None, None),
        Outcome::From => {
            let low = if angles.high >= FRAC_PI_2 { 0.0 } else { size(angles.high) };
            (Some(low), (angles.low > 0.0).then(|| size(angles.low)))
        }
        Outcome::Below => {
            let low = if angles.high >= -FRAC_PI_2 { 0.0 } else { size(angles.high) };
            (Some(low), (angles.low > -PI).then(|| size(angles.low)))
        }
    };
    Some(BreakEven {
        candidate: candidate.name.clone(),
        against: baseline.name.clone(),
        outcome: answer,
        size: matches!(answer, Outcome::From | Outcome::Below).then(|| size(middle)),
        low,
        high,
        resolved: outcome(wrapped(angles.low)) == answer && outcome(wrapped(angles.high)) == answer,
        rounds: u32::try_from(rounds.len()).unwrap_or(u32::MAX),
    })
}

/// The line through the medians of some rounds.
fn through(sizes: &[f64], times: &[Vec<f64>], choice: &[usize]) -> Option<Line> {
    let at = |index: usize| choice.iter().map(|round| times[*round][index]).collect::<Vec<f64>>();
    let points: Option<Vec<(f64, f64)>> =
        sizes.iter().enumerate().map(|(index, size)| Some((*size, median(&at(index))?.estimate))).collect();
    line(&points?)
}

/// The answer that lies in a direction of (cost, gain).
fn outcome(angle: f64) -> Outcome {
    match angle {
        angle if angle >= FRAC_PI_2 => Outcome::Always,
        angle if angle > 0.0 => Outcome::From,
        angle if angle >= -FRAC_PI_2 => Outcome::Never,
        _ => Outcome::Below,
    }
}

/// The same direction within one turn.
fn wrapped(angle: f64) -> f64 {
    angle - TAU * (angle / TAU).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Implementation, Launch, RunnerKind, Size, Status};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const SIZES: [u64; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

    /// A workload whose implementations cost (fixed, per element) ns a call, with a noise of so much a launch.
    fn workload(lines: &[(f64, f64)], noise: f64, total_items: Option<u64>) -> Workload {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut launches = |size: u64, (fixed, per_element): (f64, f64)| -> Vec<Launch> {
            let mut launch = |round| {
                let call = (fixed + per_element * size as f64) * calls(total_items, size);
                let time = call * (1.0 + noise * (random.random::<f64>() - 0.5));
                Launch { round, iterations: vec![1000], elapsed_ns: vec![(1000.0 * time) as u64], ..Launch::default() }
            };
            (0..8).map(&mut launch).collect()
        };
        let mut size = |size: u64| Size {
            size,
            input: None,
            stopped: None,
            implementations: lines
                .iter()
                .enumerate()
                .map(|(index, costs)| {
                    let (name, role) =
                        if index == 0 { ("baseline", Role::Baseline) } else { ("hybrid", Role::Candidate) };
                    Implementation {
                        status: Status::Measured,
                        launches: launches(size, *costs),
                        ..Implementation::new(name, role, Kind::Hybrid, RunnerKind::Python)
                    }
                })
                .collect(),
            comparisons: Vec::new(),
            splits: Vec::new(),
            verdict: None,
        };
        Workload {
            name: "calls".to_owned(),
            summary: String::new(),
            tags: Vec::new(),
            unit: None,
            total_items,
            boundary: "function".to_owned(),
            share_of_runtime: None,
            effort_days: None,
            limits: crate::evidence::Limits::default(),
            rules: Vec::new(),
            sizes: SIZES.map(&mut size).into(),
            fits: Vec::new(),
            break_evens: Vec::new(),
            traps: Vec::new(),
            verdict: None,
        }
    }

    fn crossing(baseline: (f64, f64), hybrid: (f64, f64), noise: f64) -> BreakEven {
        let mut workload = workload(&[baseline, hybrid], noise, None);
        analyse_sizes(&mut workload, 1);
        workload.break_evens.remove(0)
    }

    #[test]
    fn costs_are_found_in_one_call_and_in_many() {
        for total_items in [None, Some(100_000)] {
            let mut workload = workload(&[(50.0, 20.0), (90.0, 2.0)], 0.0, total_items);
            analyse_sizes(&mut workload, 1);
            let found = &workload.fits[1];
            assert!((found.fixed_ns.estimate - 90.0).abs() < 0.1, "{found:?}");
            assert!((found.per_element_ns.estimate - 2.0).abs() < 0.01, "{found:?}");
            let found = &workload.break_evens[0];
            assert_eq!((found.outcome, found.resolved), (Outcome::From, true));
            assert!((found.size.unwrap() - 40.0 / 18.0).abs() < 0.01, "{found:?}");
        }
    }

    #[test]
    fn every_answer_is_given() {
        assert_eq!(crossing((50.0, 20.0), (90.0, 21.0), 0.0).outcome, Outcome::Never);
        assert_eq!(crossing((50.0, 20.0), (40.0, 2.0), 0.0).outcome, Outcome::Always);
        let below = crossing((50.0, 20.0), (40.0, 21.0), 0.0);
        assert_eq!(below.outcome, Outcome::Below);
        assert!((below.size.unwrap() - 10.0).abs() < 0.1, "{below:?}");
    }

    #[test]
    fn an_interval_holds_the_true_size() {
        let found = crossing((50.0, 20.0), (900.0, 3.0), 0.04);
        assert!(found.low.unwrap() < 50.0 && 50.0 < found.high.unwrap() && found.resolved, "{found:?}");
        assert!(found.high.unwrap() - found.low.unwrap() < 20.0, "{found:?}");
    }

    #[test]
    fn what_the_noise_hides_has_no_end() {
        let found = crossing((50.0, 20.0), (90.0, 19.99), 0.1);
        assert!(!found.resolved, "{found:?}");
        assert!(found.outcome != Outcome::From || found.high.is_none(), "{found:?}");
    }

    #[test]
    fn few_sizes_or_rounds_make_no_line() {
        let mut few = workload(&[(50.0, 20.0), (90.0, 2.0)], 0.0, None);
        few.sizes.truncate(4);
        analyse_sizes(&mut few, 1);
        assert_eq!((few.fits.len(), few.break_evens.len()), (0, 0));
        let mut short = workload(&[(50.0, 20.0), (90.0, 2.0)], 0.0, None);
        for cell in short.sizes.iter_mut().flat_map(|size| &mut size.implementations) {
            cell.launches.truncate(2);
        }
        analyse_sizes(&mut short, 1);
        assert_eq!((short.fits.len(), short.break_evens.len()), (0, 0));
    }
}
