//! From evidence to questions: what a run tells of a workload, size by size.

use super::question::{
    ALLOWANCE, Batching, Contender, Facts, Needs, Question, SHARE_ALLOWANCE, Speedup, Standing, Surroundings, Told,
};
use super::range::{Range, Tri};
use super::rules::{crossing_is_small, port_pays};
use crate::analysis::{self, Line, MIN_ROUNDS};
use crate::evidence::{Environment, Implementation, Kind, Metric, Role, Run, Size, Split, Status, Workload};

/// How far a size may lie off a line through the sizes before nothing is read off that line.
const WORST_MISS: f64 = 0.3;

/// Warnings of what disturbs measuring itself, by code.
const DISTURBING: [&str; 6] = ["busy", "stolen-time", "throttled", "swap", "cpu-quota", "preload"];

/// One question a size, in the workload's order.
pub fn questions(run: &Run, workload: &Workload) -> Vec<Question> {
    let mut questions: Vec<Question> = workload.sizes.iter().map(|size| question(run, workload, size)).collect();
    for index in 0..questions.len() {
        let batching: Vec<Batching> = questions[index]
            .contenders
            .iter()
            .map(|contender| batching(workload, &questions, index, contender))
            .collect();
        for (contender, batching) in questions[index].contenders.iter_mut().zip(batching) {
            contender.batching = batching;
        }
    }
    questions
}

fn question(run: &Run, workload: &Workload, size: &Size) -> Question {
    let baseline = size.baseline();
    Question {
        process: workload.boundary == "process",
        facts: Facts {
            share: workload.share_of_runtime,
            effort_days: workload.effort_days,
            day_rate: run.day_rate,
            yearly_compute_cost: run.yearly_compute_cost,
        },
        limits: workload.limits,
        thresholds: run.thresholds,
        distrust: distrust(&run.environment),
        surroundings: surroundings(run),
        baseline: baseline.map(needs).unwrap_or_default(),
        has_baseline: baseline.is_some_and(|cell| cell.status.is_timed() && !cell.launches.is_empty()),
        contenders: size
            .implementations
            .iter()
            .filter(|cell| cell.role == Role::Candidate)
            .map(|cell| contender(&run.environment, workload, size, cell))
            .collect(),
    }
}

/// What flatters Rust so much that no ratio of the run means anything.
pub(super) fn distrust(environment: &Environment) -> Vec<String> {
    let python = environment.python.as_ref();
    let warned = |code: &str| environment.warnings.iter().any(|warning| warning.code == code);
    let mut reasons = Vec::new();
    if python.is_some_and(|python| python.debug) || warned("python-debug") {
        reasons.push("this Python is a debug build, which flatters Rust severalfold".to_owned());
    }
    if python.is_some_and(|python| python.traced) || warned("python-traced") {
        reasons.push("something watches every call of this Python, which flatters Rust".to_owned());
    }
    reasons
}

fn surroundings(run: &Run) -> Surroundings {
    let (disturbed, warned) = run
        .environment
        .warnings
        .iter()
        .map(|warning| warning.code.clone())
        .partition(|code| DISTURBING.contains(&code.as_str()));
    Surroundings { complete: run.complete, disturbed, warned }
}

fn contender(environment: &Environment, workload: &Workload, size: &Size, cell: &Implementation) -> Contender {
    let range = |metric| {
        size.comparison(&cell.name, metric)
            .map(|it| Speedup::new(it.ratio, Range::new(it.low, it.high), it.rounds, it.indicative))
    };
    let split = size.splits.iter().find(|split| split.hybrid == cell.name);
    let few = cell.launches.len() < MIN_ROUNDS;
    let allowance = if few { SHARE_ALLOWANCE } else { 0.0 };
    Contender {
        batched: cell.variant.as_deref() == Some("batched"),
        standing: standing(environment, workload, cell),
        time: range(Metric::Time),
        cpu: range(Metric::Cpu).map(|cpu| cpu.range),
        memory: range(Metric::Memory).map(|memory| memory.range),
        needs: needs(cell),
        crossing: split.map(|split| {
            let share = split.boundary_share;
            Range::new((share.low - allowance).clamp(0.0, 1.0), (share.high + allowance).clamp(0.0, 1.0))
        }),
        crossing_told: split.map_or(Told::Share, told),
        moved_gain: moved_gain(size, cell),
        batching: Batching::default(),
        cases: cases(workload, &cell.name),
        unknown_profile: has_unknown_profile(environment, cell),
        ..Contender::new(&cell.name, cell.kind)
    }
}

/// How many times as fast the fastest hybrid is that crosses the boundary once for many items, from common rounds: two
/// intervals against the baseline would say much less.
fn moved_gain(size: &Size, cell: &Implementation) -> Option<Range> {
    let is_batched = |cell: &Implementation| cell.variant.as_deref() == Some("batched");
    if cell.kind != Kind::Hybrid || is_batched(cell) {
        return None;
    }
    let may_lead = |other: &&Implementation| {
        other.kind == Kind::Hybrid && is_batched(other) && other.status == Status::Measured && other.assumes.is_none()
    };
    let ours = analysis::by_round(cell, Metric::Time);
    let over = |other: &Implementation| {
        let theirs = analysis::by_round(other, Metric::Time);
        let gains = ours.iter().filter_map(|(round, ours)| Some((ours / theirs.get(round)?).ln()));
        analysis::median(&gains.collect::<Vec<_>>())
    };
    let gains = size.implementations.iter().filter(may_lead).filter_map(over);
    let best = gains.max_by(|one, other| one.estimate.total_cmp(&other.estimate))?;
    let allowance = if best.indicative { ALLOWANCE } else { 1.0 };
    Some(Range::new(best.low.exp() / allowance, best.high.exp() * allowance))
}

/// What may be said of the boundary's share. Rules hold it against thresholds all the same: a range that keeps clear of
/// one is clear, whether or not its ends are worth printing.
fn told(split: &Split) -> Told {
    match split.floor_share {
        _ if split.is_quotable() => Told::Share,
        Some(share) if split.refused => Told::Floor(share),
        Some(_) | None => Told::Unresolved,
    }
}

/// Inputs on which the candidate agreed with the baseline: at least that of each size.
fn cases(workload: &Workload, name: &str) -> u64 {
    let cells = workload.sizes.iter().filter_map(|size| size.implementation(name));
    let agreed = cells.filter(|cell| cell.status == Status::Measured);
    agreed.map(|cell| cell.agreement.map_or(1, |agreement| agreement.cases)).sum()
}

/// What an implementation needs, its intervals widened where they are only ranges.
fn needs(cell: &Implementation) -> Needs {
    let range = |values: Vec<f64>| {
        let median = analysis::median(&values)?;
        let allowance = if median.indicative { ALLOWANCE } else { 1.0 };
        Some(Range::new(median.low / allowance, median.high * allowance))
    };
    let latencies = cell.memory_launches.iter().filter_map(|launch| launch.latency_ns);
    Needs {
        peak_memory_bytes: range(analysis::by_round(cell, Metric::Memory).into_values().collect()),
        // With under a hundred calls the slowest stands for the last hundredth.
        latency_p99_ns: range(latencies.map(|latency| latency.p99.unwrap_or(latency.max)).collect()),
    }
}

fn standing(environment: &Environment, workload: &Workload, cell: &Implementation) -> Standing {
    let anywhere = |status: Status| {
        workload.sizes.iter().filter_map(|size| size.implementation(&cell.name)).any(|cell| cell.status == status)
    };
    if let Some(assumed) = &cell.assumes {
        return Standing::Assumes(assumed.clone());
    }
    // A result that differs at one size is wrong at every size.
    if anywhere(Status::Differs) {
        return Standing::Differs;
    }
    match cell.status {
        Status::Measured if is_debug(environment, cell) => Standing::Debug,
        Status::Measured => Standing::Agrees,
        Status::Unverified => Standing::Unverified,
        Status::Differs => Standing::Differs,
        Status::Failed => Standing::Failed,
        Status::Skipped => Standing::Skipped(cell.detail.clone().unwrap_or_default()),
    }
}

/// Whether Rust that the project owns was built for debugging.
pub(super) fn is_debug(environment: &Environment, cell: &Implementation) -> bool {
    let release = environment.rust.as_ref().map(|rust| &rust.release);
    let weak = release
        .is_some_and(|profile| profile.debug_assertions == Some(true) || profile.opt_level.as_deref() == Some("0"));
    let unoptimised = environment.builds.iter().any(|build| build.opt_level.as_deref() == Some("0"));
    match cell.kind {
        Kind::Python | Kind::Library => false,
        Kind::Native => weak || cell.target.contains("target/debug/"),
        Kind::Hybrid => weak || unoptimised || profiles(environment, cell).contains(&Some("debug")),
    }
}

/// The build profiles of a hybrid's extension modules; of all own ones where its callable lies in none of them.
fn profiles<'e>(environment: &'e Environment, cell: &Implementation) -> Vec<Option<&'e str>> {
    let module = cell.target.split([':', '.']).next().unwrap_or_default();
    let is_its = |name: &str| name.split('.').next() == Some(module);
    let all = || environment.extensions.iter();
    let its: Vec<_> = all().filter(|extension| is_its(&extension.name)).map(|it| it.profile.as_deref()).collect();
    // A wrapper in Python calls an extension that only a project's own build would name a profile for.
    if its.is_empty() { all().map(|it| it.profile.as_deref()).filter(Option::is_some).collect() } else { its }
}

fn has_unknown_profile(environment: &Environment, cell: &Implementation) -> bool {
    match cell.kind {
        Kind::Python | Kind::Library => false,
        // The tool builds `{bin:NAME}` itself, in release.
        Kind::Native => {
            let known = cell.target.contains("release/") || cell.target.contains("{bin:");
            cell.runner == crate::evidence::RunnerKind::Command && !known
        }
        Kind::Hybrid => !profiles(environment, cell).contains(&Some("release")),
    }
}

// Larger calls ---------------------------------------------------------------------------------------------------------

/// What larger calls would change for one hybrid, seen from one size.
fn batching(workload: &Workload, questions: &[Question], from: usize, contender: &Contender) -> Batching {
    if contender.kind != Kind::Hybrid || contender.batched {
        return Batching::default();
    }
    let pays: Vec<Tri> = questions.iter().map(|question| pays(question, &contender.name)).collect();
    let lines = Lines::of(workload, &contender.name);
    Batching {
        pays_when_larger: Tri::any(pays[from + 1..].iter().copied()),
        minimal: minimal(workload, &questions[from], &pays, lines.as_ref()),
        share_in_the_limit: lines.and_then(|lines| lines.share_in_the_limit()),
        levels_off: levels_off(workload, from, &contender.name),
    }
}

/// Sizes this many times apart tell how the boundary's share moves.
const APART: u64 = 5;
/// It falls where the larger size has less than this part of the smaller one's share.
const FALLS: f64 = 0.8;

/// Whether calls that carried several times as much spent as large a share at the boundary: seen from this size to the
/// largest, or from the next smaller one to this where it is the largest.
fn levels_off(workload: &Workload, from: usize, name: &str) -> bool {
    let share = |size: &Size| {
        let split = size.splits.iter().find(|split| split.hybrid == name)?;
        Some((size.size, split.boundary_share.estimate))
    };
    let Some((here, ours)) = share(&workload.sizes[from]) else { return false };
    let larger = workload.sizes[from + 1..].iter().filter_map(share).rfind(|(size, _)| *size >= here * APART);
    let smaller = workload.sizes[..from].iter().filter_map(share).rfind(|(size, _)| size * APART <= here);
    match (larger, smaller) {
        (Some((_, theirs)), _) => theirs >= FALLS * ours,
        (None, Some((_, theirs))) => ours >= FALLS * theirs,
        (None, None) => false,
    }
}

/// Whether a hybrid pays at a size, its boundary included.
fn pays(question: &Question, name: &str) -> Tri {
    let contender = question.contender(name);
    contender.and_then(|contender| Some((contender, contender.gain()?))).map_or(Tri::No, |(contender, gain)| {
        port_pays(question, contender, gain).and(crossing_is_small(question, contender))
    })
}

/// The least size from which a hybrid pays: the first measured one from which on it always does, brought nearer to the
/// last one at which it does not where straight lines fit.
fn minimal(workload: &Workload, question: &Question, pays: &[Tri], lines: Option<&Lines>) -> Option<f64> {
    let first = pays.iter().rposition(|pays| *pays != Tri::Yes).map_or(0, |last| last + 1);
    let paying = workload.sizes.get(first)?.size as f64;
    let Some(failing) = first.checked_sub(1).map(|index| workload.sizes[index].size as f64) else {
        return Some(paying);
    };
    let between = lines.and_then(|lines| lines.pays_from(question)).filter(|size| *size > failing && *size <= paying);
    Some(between.unwrap_or(paying))
}

/// Lines through the times by size.
struct Lines {
    baseline: Line,
    hybrid: Line,
    kernel: Option<Line>,
}

impl Lines {
    /// `None` where there are fewer than three sizes, or where the times do not lie on lines.
    fn of(workload: &Workload, name: &str) -> Option<Lines> {
        let line = |name: &str| {
            let time = |size: &Size| Some((size.size as f64, size.implementation(name)?.time_ns?.estimate));
            let points: Vec<(f64, f64)> = workload.sizes.iter().filter_map(time).collect();
            let line = analysis::line(&points).filter(|line| points.len() >= 3 && line.per_element > 0.0)?;
            let fits = |(size, time): &(f64, f64)| (time / line.at(*size) - 1.0).abs() <= WORST_MISS;
            points.iter().all(fits).then_some(line)
        };
        let hybrid = workload.sizes.iter().find_map(|size| size.implementation(name))?;
        Some(Lines {
            baseline: line("baseline")?,
            hybrid: line(name)?,
            kernel: hybrid.kernel.as_deref().and_then(line),
        })
    }

    fn share_in_the_limit(&self) -> Option<f64> {
        Some(1.0 - self.kernel?.per_element / self.hybrid.per_element)
    }

    /// The size at which the hybrid reaches the gain that a port has to bring, and no longer spends too much at the
    /// boundary. `None`: at none.
    fn pays_from(&self, question: &Question) -> Option<f64> {
        let gain = question.thresholds.min_port_gain;
        let by_gain = crossing_of(
            gain * self.hybrid.fixed - self.baseline.fixed,
            self.baseline.per_element - gain * self.hybrid.per_element,
        )?;
        let Some(kernel) = self.kernel else { return Some(by_gain) };
        // The boundary's share is (hybrid − kernel) ÷ hybrid; it is small enough where kernel ≥ rest · hybrid.
        let rest = 1.0 - question.thresholds.max_crossing_share;
        let by_share =
            crossing_of(rest * self.hybrid.fixed - kernel.fixed, kernel.per_element - rest * self.hybrid.per_element)?;
        Some(by_gain.max(by_share))
    }
}

/// Where a debt is paid off at so much an element; `None`: never.
fn crossing_of(debt: f64, per_element: f64) -> Option<f64> {
    if debt <= 0.0 && per_element >= 0.0 {
        return Some(1.0);
    }
    (per_element > 0.0).then(|| (debt / per_element).max(1.0))
}
