//! Peak memory of a call, head against base.
//!
//! A call needs about the same in every launch, so that two of each side mostly tell. Where the head needs more in both,
//! there are more: it fails if it is beyond the margin in every one of so many pairs of launches that a coin would not show
//! one side so often. A fair coin says who of a pair is launched first, so that for two sides that need the same each pair
//! has the head beyond with a probability of ½ at most, whatever the scatter; with 2^pairs ≥ N ÷ alpha the memory of a whole
//! gate of N comparisons fails wrongly with a probability of alpha at most. That is beside the alpha of time.

use super::document::{Change, Check, Outcome, Topic};
use super::judge::check;
use super::words;
use crate::analysis::MIN_MEMORY_BYTES;
use crate::evidence::Peaks;
use crate::manifest::Project;
use crate::units;

/// Pairs of launches before anything is said.
const FEWEST: usize = 2;

/// Pairs of launches in all of which the head must be beyond the margin to fail one of so many comparisons.
fn pairs_to_fail(comparisons: usize, alpha: f64) -> usize {
    ((comparisons.max(1) as f64 / alpha).log2().ceil() as usize).max(FEWEST)
}

/// Whether another launch would decide nothing any more.
pub fn is_settled(project: &Project, peaks: &Peaks, comparisons: usize) -> bool {
    let pairs = peaks.base_bytes.len();
    let growth = growth(project, peaks);
    let may_fail = pairs_beyond(peaks, growth) == pairs;
    let passes = !may_fail && !middle_beyond(peaks, growth);
    pairs >= pairs_to_fail(comparisons, project.gate.alpha) || (pairs >= FEWEST && passes)
}

/// The growth of a workload's memory that is harmless.
fn growth(project: &Project, peaks: &Peaks) -> f64 {
    let workload = project.workloads.iter().find(|workload| workload.name == peaks.workload);
    workload.map_or(0.05, |workload| workload.gate.memory)
}

/// Whether the head needs more than is harmless. Of less than a mebibyte nothing is said: it is the allocator's.
fn is_beyond(base: u64, head: u64, growth: f64) -> bool {
    head.saturating_sub(base) as f64 > (growth * base as f64).max(MIN_MEMORY_BYTES)
}

fn pairs_beyond(peaks: &Peaks, growth: f64) -> usize {
    peaks.base_bytes.iter().zip(&peaks.head_bytes).filter(|(base, head)| is_beyond(**base, **head, growth)).count()
}

fn middle_beyond(peaks: &Peaks, growth: f64) -> bool {
    let (Some(base), Some(head)) = (middle(&peaks.base_bytes), middle(&peaks.head_bytes)) else { return false };
    is_beyond(base, head, growth)
}

fn middle(bytes: &[u64]) -> Option<u64> {
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    Some(sorted.get(sorted.len().checked_sub(1)? / 2)?.midpoint(*sorted.get(sorted.len() / 2)?))
}

/// The check of a comparison's memory.
pub(super) fn memory(project: &Project, peaks: &Peaks, comparisons: usize) -> Check {
    let growth = growth(project, peaks);
    let told =
        |outcome, text: String| check(&peaks.workload, &peaks.implementation, peaks.size, Topic::Memory, outcome, text);
    if let Some(why) = peaks.failed.last()
        && !is_settled(project, peaks, comparisons)
    {
        return told(Outcome::Inconclusive, format!("its launches do not live: {why}"));
    }
    let (Some(base), Some(head)) = (middle(&peaks.base_bytes), middle(&peaks.head_bytes)) else {
        let why = peaks.missing.as_deref().unwrap_or("nothing launched it");
        return told(Outcome::Skipped, format!("not measured: {why}"));
    };
    let (pairs, beyond) = (peaks.base_bytes.len(), pairs_beyond(peaks, growth));
    let limit = pairs_to_fail(comparisons, project.gate.alpha);
    let is_small = |bytes: u64| (bytes as f64) < MIN_MEMORY_BYTES;
    if is_small(base) && is_small(head) && beyond < pairs {
        return told(Outcome::Pass, "under 1 MiB, which is not resolved".to_owned());
    }
    let change = (!is_small(base) && !is_small(head)).then(|| changed(peaks, base, head, growth));
    let sizes = format!("{}, was {}", units::bytes(head as f64), units::bytes(base as f64));
    let shown = change.as_ref().map_or_else(|| sizes.clone(), |change| format!("{} ({sizes})", words::change(change)));
    let harmless = format!("the {} that is harmless", units::share(growth));
    let (outcome, text) = if beyond == pairs && pairs >= limit {
        (Outcome::Fail, format!("needs more memory: {shown}, beyond {harmless} in all {pairs} pairs of launches"))
    } else if beyond == pairs || middle_beyond(peaks, growth) {
        let text = format!("{shown}: beyond {harmless} in {beyond} of {pairs} pairs of launches");
        (Outcome::Inconclusive, text)
    } else {
        (Outcome::Pass, format!("{shown}: not beyond {harmless}"))
    };
    Check { change, ..told(outcome, text) }
}

/// The change of the medians, between the least and the most that a pair of launches showed.
fn changed(peaks: &Peaks, base: u64, head: u64, growth: f64) -> Change {
    let share = |base: u64, head: u64| head as f64 / base as f64 - 1.0;
    let each = || peaks.base_bytes.iter().zip(&peaks.head_bytes).map(|(base, head)| share(*base, *head));
    Change {
        estimate: share(base, head),
        low: each().min_by(f64::total_cmp).filter(|low| low.is_finite()),
        high: each().max_by(f64::total_cmp).filter(|high| high.is_finite()),
        limit: Some(growth),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::manifest;

    const MIB: u64 = 1 << 20;

    fn project() -> Project {
        let text = "[project]\nname = \"acme\"\n[workload.parse]\nbaseline = { python = \"a:b\" }\n\
                    [workload.parse.candidate.native]\nkind = \"python\"\npython = \"a:c\"\n";
        manifest::parse(Path::new("/acme"), Path::new("rustworthy.toml"), text).unwrap()
    }

    fn peaks(pairs: &[(u64, u64)]) -> Peaks {
        let (base_bytes, head_bytes) = pairs.iter().copied().unzip();
        let (workload, implementation) = ("parse".to_owned(), "native".to_owned());
        Peaks { workload, implementation, size: 1, base_bytes, head_bytes, ..Peaks::default() }
    }

    fn of(pairs: &[(u64, u64)]) -> (Outcome, String) {
        let found = memory(&project(), &peaks(pairs), 1);
        (found.outcome, found.text)
    }

    #[test]
    fn a_growth_beyond_the_margin_in_every_pair_fails() {
        let (outcome, text) = of(&[(100 * MIB, 130 * MIB); 7]);
        assert_eq!(outcome, Outcome::Fail);
        assert_eq!(
            text,
            "needs more memory: +30.0 % [+30.0 %, +30.0 %] (130 MiB, was 100 MiB), beyond the 5 % that is harmless in all 7 \
             pairs of launches"
        );
        assert_eq!(of(&[(100 * MIB, 104 * MIB); 2]).0, Outcome::Pass);
        assert_eq!(of(&[(100 * MIB, 60 * MIB); 2]).0, Outcome::Pass);
        // A small share of little, and a large share of next to nothing.
        assert_eq!(of(&[(2 * MIB, 2 * MIB + MIB / 2); 2]).0, Outcome::Pass);
        assert_eq!(of(&[(10_000, 500_000); 2]), (Outcome::Pass, "under 1 MiB, which is not resolved".to_owned()));
        let (outcome, text) = of(&[(10_000, 40 * MIB); 7]);
        assert!(outcome == Outcome::Fail && text.contains("40.0 MiB, was 9.77 KiB"), "{text}");
    }

    #[test]
    fn launches_that_scatter_do_not_fail() {
        let wide = [(100, 110), (112, 100), (100, 112), (100, 112), (100, 112), (100, 112), (100, 112)];
        let wide = wide.map(|(base, head)| (base * MIB, head * MIB));
        let (outcome, text) = of(&wide);
        assert_eq!(outcome, Outcome::Inconclusive);
        assert!(text.ends_with("in 6 of 7 pairs of launches"), "{text}");
    }

    #[test]
    fn what_cannot_fail_any_more_needs_no_more_launches() {
        let settled = |pairs: &[(u64, u64)], comparisons| is_settled(&project(), &peaks(pairs), comparisons);
        let (same, more) = ((100 * MIB, 100 * MIB), (100 * MIB, 120 * MIB));
        assert!(!settled(&[], 1) && !settled(&[same], 1) && settled(&[same, same], 1));
        assert!(!settled(&[more, more], 1) && !settled(&[more, same], 1) && settled(&[more, same, same], 1));
        // 2^7 is the first above 1 ÷ 0.01, 2^11 above 20 ÷ 0.01.
        assert!(!settled(&[more; 6], 1) && settled(&[more; 7], 1));
        assert!(!settled(&[more; 10], 20) && settled(&[more; 11], 20));
    }

    #[test]
    fn what_was_not_measured_says_why() {
        let missing = Peaks { missing: Some("the bench has no worker".to_owned()), ..peaks(&[]) };
        let found = memory(&project(), &missing, 1);
        assert_eq!((found.outcome, found.text.as_str()), (Outcome::Skipped, "not measured: the bench has no worker"));
        let same = (100 * MIB, 100 * MIB);
        let outcome = |pairs: &[(u64, u64)]| {
            let failed = vec!["head: MemoryError".to_owned(); 3];
            let found = memory(&project(), &Peaks { failed, ..peaks(pairs) }, 1);
            (found.outcome, found.text.ends_with("do not live: head: MemoryError"))
        };
        assert_eq!([outcome(&[]), outcome(&[same])], [(Outcome::Inconclusive, true); 2]);
        assert_eq!(outcome(&[same, same]), (Outcome::Pass, false));
    }
}
