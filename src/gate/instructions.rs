//! Instructions of a call, head against base: shown, never the reason of a failure. They are blind to caches, waiting and
//! the interpreter's lock.

use super::document::{Change, Check, CountEvidence, Outcome, Topic};
use super::judge::check;
use super::words;
use crate::evidence::{Contest, Counts, GateState};
use crate::units;

/// A change of instructions under this share is none: below it, wall time that moved is a matter of layout.
pub const INSTRUCTIONS_UNCHANGED: f64 = 0.005;
/// The label of counts that differ from repeat to repeat.
pub const NOT_DETERMINISTIC: &str = "not-deterministic";

/// What the counts of an implementation say.
pub(super) fn instructions(counts: &Counts) -> Check {
    let of = |outcome, text: String| {
        check(&counts.workload, &counts.implementation, counts.size, Topic::Instructions, outcome, text)
    };
    let Some(change) = change(counts) else {
        let reason = counts.missing.as_deref().unwrap_or("nothing counted them");
        return of(Outcome::Skipped, format!("not counted: {reason}"));
    };
    let evidence = CountEvidence {
        by: counts.by.clone(),
        calls: counts.calls,
        base: counts.base.clone(),
        head: counts.head.clone(),
    };
    let (base, head) = (a_call(counts.calls, &counts.base), a_call(counts.calls, &counts.head));
    let repeats = units::plural(counts.head.len().min(counts.base.len()) as u64, "repeat");
    let shown = words::instructions(&change);
    let text = if !counts.is_exact() {
        format!("not deterministic: {shown}; {base} a call on the base, {head} on the head, {repeats}")
    } else if change.estimate == 0.0 {
        format!("{shown}: {head} a call, {repeats} agree")
    } else {
        format!("{shown}: {base} a call on the base, {head} on the head, {repeats} agree")
    };
    let label = (!counts.is_exact()).then(|| NOT_DETERMINISTIC.to_owned());
    Check { change: Some(change), counts: Some(evidence), label, ..of(Outcome::Pass, text) }
}

/// By how much a call has more instructions; with an interval from the extremes where repeats differ. `None` where they were
/// not counted on both sides.
fn change(counts: &Counts) -> Option<Change> {
    let (base, head) = (range(&counts.base)?, range(&counts.head)?);
    let middle = |(low, high): (f64, f64)| (low + high) / 2.0;
    let (low, high) = (head.0 / base.1 - 1.0, head.1 / base.0 - 1.0);
    let is_exact = counts.is_exact();
    Some(Change {
        estimate: middle(head) / middle(base) - 1.0,
        low: (!is_exact).then_some(low),
        high: (!is_exact).then_some(high),
        limit: None,
    })
}

/// The fewest and the most.
fn range(counts: &[u64]) -> Option<(f64, f64)> {
    let (low, high) = (counts.iter().min()?, counts.iter().max()?);
    (*low > 0).then_some((*low as f64, *high as f64))
}

/// `1,234` or `1,234 to 1,260`.
fn a_call(calls: u64, counts: &[u64]) -> String {
    let of = |count: Option<&u64>| units::count(count.copied().unwrap_or(0) / calls.max(1));
    let (low, high) = (of(counts.iter().min()), of(counts.iter().max()));
    if low == high { low } else { format!("{low} to {high}") }
}

/// The change, where a call has about as many instructions as before: whatever the repeats, within
/// [`INSTRUCTIONS_UNCHANGED`].
pub(super) fn unchanged(counts: &Counts) -> Option<f64> {
    let change = change(counts)?;
    let extremes = [change.estimate, change.low.unwrap_or(0.0), change.high.unwrap_or(0.0)];
    extremes.iter().all(|end| end.abs() < INSTRUCTIONS_UNCHANGED).then_some(change.estimate)
}

/// Whether a comparison's call was counted, and has about as many instructions as before.
pub fn has_as_many_instructions(state: &GateState, contest: &Contest) -> bool {
    let is_of = |counts: &&Counts| counts.are_of(&contest.workload, &contest.implementation, contest.size);
    state.counts.iter().find(is_of).and_then(unchanged).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(base: &[u64], head: &[u64]) -> Counts {
        Counts {
            workload: "parse".into(),
            implementation: "native".into(),
            size: 1000,
            by: "valgrind".into(),
            calls: 10,
            base: base.to_vec(),
            head: head.to_vec(),
            missing: None,
        }
    }

    #[test]
    fn exact_counts_are_compared_to_the_last_instruction() {
        let same = instructions(&counts(&[12_340, 12_340], &[12_340, 12_340]));
        assert_eq!((same.outcome, same.label), (Outcome::Pass, None));
        assert_eq!(same.text, "unchanged: 1,234 a call, 2 repeats agree");
        let one_more = instructions(&counts(&[123_400_000; 2], &[123_400_010; 2]));
        assert!(
            one_more.text.starts_with("+0.0000081 %: 12,340,000 a call on the base, 12,340,001"),
            "{}",
            one_more.text
        );
        let tenth = instructions(&counts(&[1000; 2], &[1100; 2]));
        assert!(tenth.text.starts_with("+10.0 %: 100 a call on the base, 110 on the head, 2 repeats agree"));
        assert_eq!(tenth.change.unwrap().low, None);
        assert_eq!(tenth.counts.unwrap().head, [1100, 1100]);
    }

    #[test]
    fn counts_that_differ_are_named_and_have_a_range() {
        let check = instructions(&counts(&[12_340, 12_600], &[12_500, 12_400]));
        assert_eq!((check.outcome, check.label.as_deref()), (Outcome::Pass, Some(NOT_DETERMINISTIC)));
        assert_eq!(
            check.text,
            "not deterministic: -0.2 % [-1.6 %, +1.3 %]; 1,234 to 1,260 a call on the base, 1,240 to 1,250 on the head, \
             2 repeats"
        );
    }

    #[test]
    fn what_was_not_counted_says_why() {
        let check =
            instructions(&Counts { missing: Some("it works in more than one thread".into()), ..counts(&[], &[]) });
        assert_eq!(check.outcome, Outcome::Skipped);
        assert_eq!(check.text, "not counted: it works in more than one thread");
        assert_eq!(check.change, None);
    }

    #[test]
    fn unchanged_is_what_no_repeat_speaks_against() {
        assert!(unchanged(&counts(&[1000; 2], &[1004; 2])).is_some());
        assert_eq!(unchanged(&counts(&[1000; 2], &[1006; 2])), None);
        assert_eq!(unchanged(&counts(&[1000, 1000], &[1000, 1008])), None);
        assert_eq!(unchanged(&counts(&[], &[])), None);
    }
}
