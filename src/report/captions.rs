//! What stands under pictures: what they show, and under which policy it was measured.

use super::{reading, units};
use crate::evidence::{Comparison, Run, Size, Workload};

/// Under the steps of a factor.
pub fn steps(run: &Run, workload: &Workload, few: bool) -> String {
    policy(run, workload, &format!("Steps multiply, so the scale is logarithmic; {}.", ends(few)))
}

/// Under percentiles of latency.
pub fn latency(run: &Run, workload: &Workload, size: &Size) -> String {
    let calls = size.implementations.iter().filter_map(|cell| Some(cell.latency_ns?.calls));
    let (least, most) = calls.fold((u64::MAX, 0), |(least, most), calls| (least.min(calls), most.max(calls)));
    let calls = match (least, most) {
        (least, most) if least >= most => units::plural(most, "call"),
        (least, most) => format!("{} to {}", units::count(least), units::plural(most, "call")),
    };
    let what = format!(
        "{calls} each, timed one by one, logarithmic scale; of each percentile the median over launches, of the \
         slowest calls the slowest."
    );
    policy(run, workload, &what)
}

/// Under bars of memory; `small` where some are too small for a ratio.
pub fn memory(run: &Run, workload: &Workload, small: bool) -> String {
    let small = if small { " What is under 1 MiB is mostly the allocator's own." } else { "" };
    let what =
        format!("Growth of the resident set's peak during one call in a fresh process; lines are intervals.{small}");
    policy(run, workload, &what)
}

/// Under the curve of Amdahl's law; `is_wide` where the interval's ends have curves of their own.
pub fn amdahl(run: &Run, workload: &Workload, time: &Comparison, is_wide: bool) -> String {
    let ratio = units::ratio(time.ratio);
    let ratio = ratio.trim_end_matches('×');
    let ends = match (is_wide, time.indicative) {
        (false, _) => "",
        (true, false) => "; thin curves are for the ends of the 95 % interval",
        (true, true) => "; thin curves are for the ends of the range, which is only indicative",
    };
    policy(run, workload, &format!("Amdahl's law: 1 ÷ (1 − share + share ÷ {ratio}){ends}."))
}

/// Under ratios by round; `every`: only every so many rounds are drawn.
pub fn rounds(run: &Run, workload: &Workload, few: bool, every: usize) -> String {
    let band =
        if few { "their range where hollow marks call it indicative" } else { "the 95 % interval of that median" };
    let some = if every > 1 { format!(" One round in {every} is drawn.") } else { String::new() };
    let what = format!(
        "Baseline ÷ candidate in each round, as it differs from the median of all rounds; the band is {band}.{some}"
    );
    policy(run, workload, &what)
}

fn ends(few: bool) -> &'static str {
    if few { "lines are 95 % intervals, ranges where marks are hollow" } else { "lines are 95 % intervals" }
}

fn policy(run: &Run, workload: &Workload, what: &str) -> String {
    format!("{what} {}{}.", reading::headline_rounds(workload, ". "), reading::collector(run))
}
