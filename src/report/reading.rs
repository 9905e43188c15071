//! What the numbers say, in sentences. Each quotes a ratio with its interval, its size and its kind, or not at all.

use super::speedup::{self, Growth, Headline, Says, Tally};
use super::{text, units};
use crate::evidence::{Estimate, Implementation, Metric, Run, Size, Split, Status, Stopped, Trap, Workload};

/// The sentence above the first picture.
pub fn opening(run: &Run) -> String {
    let headlines = speedup::headlines(run);
    let tally = speedup::tally(&headlines);
    let Tally { compared, faster, slower, alike, indicative, unverified } = tally;
    if compared == 0 {
        return match unverified {
            0 => "No candidate could be compared with its baseline.".to_owned(),
            _ => format!("Nothing is proven: {} timed, but with no result compared.", were(unverified)),
        };
    }
    let mut parts = Vec::new();
    if faster > 0 || indicative < compared {
        parts.push(format!("{faster} of {} faster than the baseline", are(compared)));
    } else {
        parts.push(format!("{} compared", were(compared)));
    }
    for (number, word) in [(slower, "slower"), (alike, "too close to call"), (indicative, "indicative only")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    if unverified > 0 {
        parts.push(format!("{unverified} more unverified"));
    }
    format!("{}.", parts.join(", "))
}

/// The largest and the smallest speed-up among those that count, each quoted in full.
pub fn extremes(run: &Run) -> Vec<String> {
    let mut counted: Vec<(Headline, f64)> = speedup::headlines(run)
        .into_iter()
        .filter(|headline| may_lead(headline.candidate))
        .filter_map(|headline| Some((headline, headline.time.filter(|time| !time.indicative)?.ratio)))
        .collect();
    counted.sort_by(|one, other| other.1.total_cmp(&one.1));
    let quote = |(headline, _): &(Headline, f64)| {
        let workload = text::visible(&headline.workload.name);
        headline.time.map(|time| {
            format!(
                "{} for {} on {workload}{}",
                speedup::phrase(time),
                speedup::label(headline.candidate),
                at(headline.workload, headline.size)
            )
        })
    };
    let largest = counted.first().and_then(quote).map(|quote| format!("Largest: {quote}."));
    let smallest = counted.get(1..).and_then(<[_]>::last).and_then(quote).map(|quote| format!("Smallest: {quote}."));
    largest.into_iter().chain(smallest).collect()
}

/// What a workload's measurements say: its best candidate, and how ratios move with size.
pub fn workload(workload: &Workload) -> Vec<String> {
    let headlines = speedup::headlines_of(workload);
    let mut best: Vec<&Headline> =
        headlines.iter().filter(|headline| headline.time.is_some() && may_lead(headline.candidate)).collect();
    best.sort_by(|one, other| {
        let ratio = |headline: &Headline| headline.time.map_or(0.0, |time| time.ratio);
        ratio(other).total_cmp(&ratio(one))
    });
    let mut sentences: Vec<String> = best.first().and_then(|headline| fastest(headline)).into_iter().collect();
    let growths = speedup::growths(workload);
    let (grow, shrink): (Vec<&Growth>, Vec<&Growth>) = growths.iter().partition(|growth| growth.grows);
    sentences.extend([grow, shrink].iter().filter_map(|growths| moves(workload, growths)));
    sentences
}

fn fastest(headline: &Headline) -> Option<String> {
    let time = headline.time?;
    let quoted = speedup::phrase(time);
    let candidate = speedup::label(headline.candidate);
    let at = at(headline.workload, headline.size);
    Some(match speedup::says(time) {
        Says::Faster => format!("Fastest that agrees: {candidate}, {quoted}{at}."),
        Says::Slower => format!("No candidate is faster; the nearest is {candidate}, {quoted}{at}."),
        Says::Alike => format!("No candidate is clearly faster; the nearest is {candidate}, {quoted}{at}."),
        Says::Indicative => {
            format!("Too few rounds to say; the best so far is {candidate}, {quoted}{at}.")
        }
    })
}

/// Those speed-ups that move one way with size, in one sentence.
fn moves(workload: &Workload, growths: &[&Growth]) -> Option<String> {
    let quote = |(size, time): (&Size, &crate::evidence::Comparison)| {
        format!("{}{}", speedup::phrase(time), at(workload, size))
    };
    let each: Vec<String> = growths
        .iter()
        .map(|growth| {
            format!("{} from {} to {}", speedup::label(growth.candidate), quote(growth.first), quote(growth.last))
        })
        .collect();
    let (one, more, why) = if growths.first()?.grows {
        ("grows", "grow", "another algorithm, or a fixed cost that weighs less")
    } else {
        ("shrinks", "shrink", "another algorithm, or a cost that grows with the input")
    };
    Some(match each.as_slice() {
        [only] => format!("A speed-up that {one} with size ({why}), so that no single number stands for it: {only}."),
        _ => format!(
            "Speed-ups that {more} with size ({why}), so that no single number stands for them: {}.",
            each.join("; ")
        ),
    })
}

/// How many speed-ups are known as well as the plan asks, how well half of them are, and how many sizes the time budget ended. `None` where no speed-up
/// has an interval.
pub fn precision(run: &Run) -> Option<String> {
    let sizes = || run.workloads.iter().flat_map(|workload| &workload.sizes);
    let mut widths: Vec<f64> = sizes()
        .flat_map(|size| &size.comparisons)
        .filter(|comparison| comparison.metric == Metric::Time && comparison.step.is_none() && !comparison.indicative)
        .map(|comparison| (comparison.high / comparison.low).ln() / 2.0)
        .filter(|width| width.is_finite())
        .collect();
    widths.sort_by(f64::total_cmp);
    let middle = *widths.get(widths.len() / 2)?;
    let target = run.plan.target_half_width;
    let known = widths.iter().filter(|width| **width <= target).count();
    let (target, middle) = (units::share(target), units::share(middle));
    let mut said = format!(
        "{known} of {} known to within ±{target}, half of them to within ±{middle}",
        units::plural(widths.len() as u64, "speed-up")
    );
    let cut = sizes().filter(|size| size.stopped == Some(Stopped::Time)).count();
    if cut > 0 {
        said += &format!("; the time budget ended {cut} of {}", units::plural(sizes().count() as u64, "size"));
    }
    Some(said)
}

/// What the first picture shows and under which policy it was measured.
pub fn opening_caption(run: &Run) -> String {
    let few = speedup::headlines(run).iter().any(|headline| headline.time.is_some_and(|time| time.indicative));
    let scale = "Baseline ÷ candidate on a logarithmic scale, each workload at its headline size";
    format!("{scale}; {}. {}.", bars(few), collector(run))
}

/// The same for the picture over sizes: which rounds stand behind its marks.
pub fn scaling_caption(run: &Run, workload: &Workload) -> String {
    let few = workload
        .sizes
        .iter()
        .flat_map(|size| &size.implementations)
        .any(|cell| !cell.launches.is_empty() && speedup::is_indicative(cell.launches.len()));
    format!("Both axes logarithmic. {}{}. {}.", headline_rounds(workload, "; "), bars(few), collector(run))
}

fn bars(few: bool) -> &'static str {
    if few {
        "bars are 95 % intervals; hollow marks are indicative, their bars the range"
    } else {
        "bars are 95 % intervals"
    }
}

/// The same for the picture of a hybrid's time.
pub fn split_caption(run: &Run, workload: &Workload) -> String {
    format!("{}{}.", headline_rounds(workload, ". "), collector(run))
}

/// The headline size and its rounds, closed by `end`; nothing before any round.
pub(super) fn headline_rounds(workload: &Workload, end: &str) -> String {
    let Some((size, rounds)) = workload.headline_size().and_then(|size| Some((size, rounds(size)?))) else {
        return String::new();
    };
    let size = speedup::size_label(workload, size).map_or_else(String::new, |size| format!("{size}: "));
    format!("{size}{rounds}{end}")
}

/// `8 rounds`, or `2 rounds, indicative`; `None` before any.
pub fn rounds(size: &Size) -> Option<String> {
    let rounds = size.implementations.iter().map(|cell| cell.launches.len()).max().filter(|rounds| *rounds > 0)?;
    let mark = if speedup::is_indicative(rounds) { ", indicative" } else { "" };
    Some(format!("{}{mark}", units::plural(rounds as u64, "round")))
}

/// What was done about Python's garbage collector, which Rust does not have.
pub fn collector(run: &Run) -> String {
    let policy = run.environment.python.as_ref().map(|python| text::visible(&python.gc)).filter(|gc| !gc.is_empty());
    format!("Python's garbage collector: {}", policy.as_deref().unwrap_or("on, frozen after start"))
}

/// What was seen of a trap, and at which size where that says something.
pub fn trap(workload: &Workload, trap: &Trap) -> String {
    let sizes = workload.sizes.iter().find(|size| trap.size == Some(size.size));
    let label = sizes.and_then(|size| speedup::size_label(workload, size));
    let seen = text::visible(&trap.text);
    label.map_or_else(|| seen.clone(), |label| format!("At {label}: {seen}"))
}

/// Where the time of a hybrid goes, in a sentence.
pub fn split(size: &Size, split: &Split) -> String {
    let indicative = size.implementation(&split.hybrid).is_none_or(|cell| speedup::is_indicative(cell.launches.len()));
    let hybrid = text::visible(&split.hybrid);
    let boundary = units::time_quoted(&split.boundary_ns, indicative).phrase();
    let floor = split.call_floor_ns.map_or_else(String::new, |floor| {
        let share = share_of(floor, &split.total_ns);
        format!(" An empty call into the extension takes {}{share}.", units::time(floor))
    });
    if split.refused {
        let share = split.floor_share.map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
        let empty = split.call_floor_ns.map_or_else(String::new, |floor| format!(" ({})", units::time(floor)));
        return format!(
            "{hybrid}: no share is given of the boundary, because an empty call alone is {share} of the call{empty}."
        );
    }
    if !split.resolved {
        let why = if indicative { "too few rounds" } else { "its interval holds zero" };
        return format!("{hybrid}: the boundary is not resolved ({boundary}, {why}).{floor}");
    }
    let share = units::share_quoted(&split.boundary_share, indicative).phrase();
    format!(
        "{hybrid}: {} in its kernel ({}), {boundary} at the boundary: {share} of the call.{floor}",
        units::time(split.compute_ns.estimate),
        text::visible(&split.kernel)
    )
}

fn share_of(floor: f64, total: &Estimate) -> String {
    let share = floor / total.estimate;
    if share >= 0.01 && share.is_finite() { format!(", {:.0} % of the call", share * 100.0) } else { String::new() }
}

/// What the reader of one cell should know besides its numbers.
pub fn notes(size: &Size, cell: &Implementation) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(assumes) = &cell.assumes {
        notes.push(format!("assumes: {}", text::visible(assumes)));
    }
    if cell.status == Status::Unverified {
        notes.push("unverified: nothing compared its result".to_owned());
    }
    let told: Vec<bool> = cell.launches.iter().filter_map(|launch| launch.steady).collect();
    if !told.is_empty() && told.iter().filter(|steady| !**steady).count() * 2 >= told.len() {
        notes.push("not steady".to_owned());
    }
    if let (Some(cpu), Some(time)) = (cell.cpu_ns, cell.time_ns)
        && cpu.estimate > 1.25 * time.estimate
    {
        let less = size.comparison(&cell.name, Metric::Cpu).is_some_and(|cpu| cpu.low > 1.0);
        let cost = if less { "" } else { ", and no less processor time than the baseline" };
        notes.push(format!("uses {:.1} processors{cost}", cpu.estimate / time.estimate));
    }
    notes
}

/// Whether a candidate may stand for its workload: it agrees, and takes nothing for granted.
fn may_lead(candidate: &Implementation) -> bool {
    candidate.status == Status::Measured && candidate.assumes.is_none()
}

/// ` at 100,000 rows`, or nothing.
pub(super) fn at(workload: &Workload, size: &Size) -> String {
    speedup::size_label(workload, size).map_or_else(String::new, |size| format!(" at {size}"))
}

fn are(candidates: u64) -> String {
    if candidates == 1 { "1 candidate is".to_owned() } else { format!("{candidates} candidates are") }
}

fn were(candidates: u64) -> String {
    if candidates == 1 { "1 candidate was".to_owned() } else { format!("{candidates} candidates were") }
}
