//! What a task's speed-up is worth to the application: Amdahl's law, and better Python as the thing to beat.

use super::question::{Contender, Question};
use super::range::{Range, Tri};
use crate::evidence::Kind;

/// The application's time with a task of this share made `ratio` times as fast, its time before being 1.
fn time_left(share: f64, ratio: f64) -> f64 {
    (1.0 - share) + share / ratio
}

/// The application's speed-up from a task's; where the share is not known, the task stands for the application.
pub fn application(share: Option<f64>, task: Range) -> Range {
    let share = share.unwrap_or(1.0);
    task.map(|ratio| 1.0 / time_left(share, ratio))
}

/// The application's speed-up if the task took no time at all.
pub fn ceiling(share: f64) -> f64 {
    1.0 / (1.0 - share)
}

/// The speed-up of the best Python that agrees: 1 where none is faster than the baseline.
///
/// A port has to beat what better Python gives for less.
pub fn best_python(question: &Question) -> Range {
    question.of(Kind::Python).fold(Range::point(1.0), |best, (_, gain)| best.max(gain))
}

/// The task's speed-up over the best Python.
pub fn task_gain(question: &Question, gain: Range) -> Range {
    gain.over(best_python(question))
}

/// The application's speed-up over what the best Python makes of it.
pub fn application_gain(question: &Question, gain: Range) -> Range {
    let share = question.facts.share;
    application(share, gain).over(application(share, best_python(question)))
}

/// Whether one gain is nearly as good as another: within a factor, or with enough of it on a log scale.
pub fn is_close(question: &Question, gain: Range, best: Range, factor: f64) -> Tri {
    let within = Range::new(gain.low * factor / best.high, gain.high * factor / best.low).at_least(1.0);
    within.or(has_enough_of(gain, best, question.thresholds.enough_gain_share))
}

/// Whether `gain` has at least this share of `best`, both on a log scale.
pub fn has_enough_of(gain: Range, best: Range, share: f64) -> Tri {
    // ln(gain) ≥ share · ln(best), without a division by a logarithm that may be zero.
    let margin = Range::new(gain.low.ln() - share * best.high.ln(), gain.high.ln() - share * best.low.ln());
    margin.at_least(0.0)
}

/// Whether a candidate keeps within what it may need. A limit that the baseline breaks too is no reason to prefer it.
pub fn within_limits(question: &Question, contender: &Contender) -> Tri {
    let absolute = breaks_no_worse(question, contender);
    absolute.and(grows_little(question, contender))
}

/// Whether a candidate's memory is no more than so many times the baseline's, or too little to matter.
pub fn grows_little(question: &Question, contender: &Contender) -> Tri {
    let little = question.thresholds.harmless_memory_bytes as f64;
    let harmless = contender.needs.peak_memory_bytes.map_or(Tri::No, |need| need.at_most(little));
    let growth = contender.memory.map_or(Tri::Yes, |ratio| ratio.at_least(1.0 / question.thresholds.max_memory_growth));
    harmless.or(growth)
}

fn breaks_no_worse(question: &Question, contender: &Contender) -> Tri {
    meets_limits(question, &question.baseline).not().or(meets_limits(question, &contender.needs))
}

/// Whether something meets every limit that is set; what was not measured is unclear.
pub fn meets_limits(question: &Question, needs: &super::question::Needs) -> Tri {
    let meets = |limit: Option<f64>, need: Option<Range>| match (limit, need) {
        (None, _) => Tri::Yes,
        (Some(_), None) => Tri::Unclear,
        (Some(limit), Some(need)) => need.at_most(limit),
    };
    let limits = question.limits;
    meets(limits.peak_memory_bytes.map(|bytes| bytes as f64), needs.peak_memory_bytes)
        .and(meets(limits.latency_p99_ns, needs.latency_p99_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_and_gains_are_amdahls() {
        for (share, expected) in [(0.2, 1.25), (0.5, 2.0), (0.8, 5.0), (0.95, 20.0)] {
            assert!((ceiling(share) - expected).abs() < 1e-9);
        }
        let total = application(Some(0.2), Range::point(37.0));
        assert!((total.low - 1.2416).abs() < 1e-3, "{total:?}");
        assert_eq!(application(None, Range::new(2.0, 3.0)), Range::new(2.0, 3.0));
        // A request of 120 ms, 62 % of it in 40 calls; the kernel is 30 times as fast, and a call crosses for 0.05 ms.
        let total = application(Some(0.62), Range::point(16.6));
        assert!((total.low - 2.40).abs() < 0.01, "{total:?}");
    }
}
