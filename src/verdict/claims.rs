//! What a run says to the sentences in `claims.toml`: each named cell's interval held against the range.
//!
//! As for verdicts, only intervals count. A range over few rounds is no interval, a result that nothing compared is no
//! evidence, and what a debug build measured is refused: such cells are told with their reason, and decide nothing.

use super::asking::{distrust, is_debug};
use crate::analysis::{self, MIN_MEMORY_BYTES};
use crate::evidence::{
    BreakEven, Claim, ClaimCell, ClaimMetric, ClaimStanding, Comparison, Implementation, Lies, Metric, Outcome, Run,
    Size, Status, Step, Workload,
};

/// Holds every claim of a run against its evidence.
pub fn judge(run: &Run) -> Vec<Claim> {
    run.claims
        .iter()
        .map(|claim| {
            let cells: Vec<ClaimCell> = claim.workloads.iter().flat_map(|name| cells(run, claim, name)).collect();
            Claim { standing: Some(standing(&cells)), cells, ..claim.clone() }
        })
        .collect()
}

/// Cells without an interval never speak against a claim; but it holds only where none is missing.
fn standing(cells: &[ClaimCell]) -> ClaimStanding {
    let number = |lies: Lies| cells.iter().filter(|cell| cell.lies == lies).count();
    match (number(Lies::Inside), number(Lies::Across), number(Lies::Outside)) {
        (0, 0, 0) => ClaimStanding::NotMeasured,
        (inside, _, _) if inside == cells.len() => ClaimStanding::Holds,
        (0, 0, _) => ClaimStanding::DoesNotHold,
        (_, _, _) => ClaimStanding::HoldsInPart,
    }
}

/// A number with its 95 % interval; an end may be infinite.
struct Measured {
    value: f64,
    low: f64,
    high: f64,
    /// What it means, where the numbers do not say.
    meaning: Option<String>,
}

/// Why there is no interval; with the estimate where there is one.
struct Missing {
    why: String,
    value: Option<f64>,
}

impl From<&str> for Missing {
    fn from(why: &str) -> Missing {
        Missing { why: why.to_owned(), value: None }
    }
}

impl From<String> for Missing {
    fn from(why: String) -> Missing {
        Missing { why, value: None }
    }
}

fn cells(run: &Run, claim: &Claim, name: &str) -> Vec<ClaimCell> {
    let nowhere =
        |size: Option<u64>, why: &str| vec![cell(claim, name, size, None, Err(Missing::from(why.to_owned())))];
    let Some(workload) = run.workload(name) else { return nowhere(None, "not part of this run") };
    // Always the largest, whichever has the most rounds: what is asked must not depend on how it was measured. A
    // break-even point belongs to all sizes, of which any knows the implementations.
    let sizes: Vec<Result<&Size, u64>> = match workload.sizes.last() {
        None => return nowhere(None, "it has no size"),
        Some(largest) if claim.sizes.is_empty() => vec![Ok(largest)],
        Some(_) => {
            let found = |wanted: &u64| workload.sizes.iter().find(|size| size.size == *wanted).ok_or(*wanted);
            claim.sizes.iter().map(found).collect()
        }
    };
    let distrust = distrust(&run.environment);
    let mut cells = Vec::new();
    for size in sizes {
        let size = match size {
            Ok(size) => size,
            Err(missing) => {
                cells.extend(nowhere(Some(missing), "this size is not part of this run"));
                continue;
            }
        };
        let shown = (claim.metric != ClaimMetric::BreakEven).then_some(size.size);
        let before = cells.len();
        for it in &size.implementations {
            if !claim.takes(&it.name, it.role, it.kind, it.variant.as_deref()) {
                continue;
            }
            let measured = match (distrust.first(), trouble(run, workload, it)) {
                (Some(why), _) => Err(Missing::from(why.clone())),
                (None, Some(why)) => Err(Missing::from(why)),
                (None, None) => measure(run, claim, workload, size, it),
            };
            cells.push(cell(claim, name, shown, Some(&it.name), measured));
        }
        if cells.len() == before {
            cells.extend(nowhere(shown, "no such implementation is part of this run"));
        }
    }
    cells
}

fn cell(
    claim: &Claim,
    workload: &str,
    size: Option<u64>,
    implementation: Option<&str>,
    measured: Result<Measured, Missing>,
) -> ClaimCell {
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let (lies, value, low, high, why) = match measured {
        Err(Missing { why, value }) => (Lies::Nowhere, value.and_then(finite), None, None, Some(why)),
        Ok(it) => (lies(claim, &it), finite(it.value), finite(it.low), finite(it.high), it.meaning),
    };
    ClaimCell {
        workload: workload.to_owned(),
        size,
        implementation: implementation.map(str::to_owned),
        lies,
        value,
        low,
        high,
        why,
    }
}

fn lies(claim: &Claim, it: &Measured) -> Lies {
    let (least, most) = (claim.low.unwrap_or(f64::NEG_INFINITY), claim.high.unwrap_or(f64::INFINITY));
    match () {
        () if it.low >= least && it.high <= most => Lies::Inside,
        () if it.high < least || it.low > most => Lies::Outside,
        () => Lies::Across,
    }
}

/// Why nothing that was measured of an implementation counts; `None` where it does.
fn trouble(run: &Run, workload: &Workload, it: &Implementation) -> Option<String> {
    let detail = |word: &str| match &it.detail {
        Some(detail) => format!("{word}: {}", detail.lines().next().unwrap_or_default()),
        None => word.to_owned(),
    };
    let everywhere = workload.sizes.iter().filter_map(|size| size.implementation(&it.name));
    let differs = everywhere.filter(|cell| cell.status == Status::Differs).count() > 0;
    match it.status {
        Status::Differs => Some(detail("its result differs from the baseline's")),
        Status::Measured | Status::Unverified if differs => {
            Some("its result differs from the baseline's at another size".to_owned())
        }
        Status::Measured if is_debug(&run.environment, it) => Some("it was built for debugging".to_owned()),
        Status::Measured => None,
        Status::Unverified => Some(detail("nothing compared its result")),
        Status::Failed => Some(detail("it failed")),
        Status::Skipped => Some(detail("it was skipped")),
    }
}

fn measure(
    run: &Run,
    claim: &Claim,
    workload: &Workload,
    size: &Size,
    it: &Implementation,
) -> Result<Measured, Missing> {
    match claim.metric {
        ClaimMetric::Time => ratio(run, claim, workload, size, it, Metric::Time),
        ClaimMetric::Cpu => ratio(run, claim, workload, size, it, Metric::Cpu),
        ClaimMetric::Memory => ratio(run, claim, workload, size, it, Metric::Memory),
        ClaimMetric::LatencyP99 => ratio(run, claim, workload, size, it, Metric::LatencyP99),
        ClaimMetric::MemoryOfInput => memory_of_input(size, it),
        ClaimMetric::Python => step(run, workload, size, it, Step::Python),
        ClaimMetric::Language => step(run, workload, size, it, Step::Language),
        ClaimMetric::Boundary => step(run, workload, size, it, Step::Boundary),
        ClaimMetric::Cores => step(run, workload, size, it, Step::Cores),
        ClaimMetric::BreakEven => break_even(workload, it),
    }
}

/// What it is held against ÷ the implementation, over the rounds that have both.
fn ratio(
    run: &Run,
    claim: &Claim,
    workload: &Workload,
    size: &Size,
    it: &Implementation,
    metric: Metric,
) -> Result<Measured, Missing> {
    let against = match &claim.against {
        Some(name) => size.implementation(name),
        None => size.baseline(),
    };
    let name = claim.against.as_deref().unwrap_or("the baseline");
    let against = against.ok_or_else(|| format!("{name} is not part of this run"))?;
    other_side(run, workload, against)?;
    let comparison = analysis::compare(against, it, metric).ok_or(match metric {
        Metric::Memory => "not measured on both sides, or one of them grows by less than 1 MiB",
        Metric::LatencyP99 => "the latency of single calls was not measured on both sides",
        Metric::Time | Metric::Cpu => "no round has both sides",
    })?;
    settled(&comparison)
}

/// The other side of a ratio has to be sound as well; a baseline that is compared with nothing is.
fn other_side(run: &Run, workload: &Workload, against: &Implementation) -> Result<(), Missing> {
    match trouble(run, workload, against) {
        Some(why) => Err(format!("{}, which it is divided by: {why}", against.name).into()),
        None => Ok(()),
    }
}

fn step(run: &Run, workload: &Workload, size: &Size, it: &Implementation, step: Step) -> Result<Measured, Missing> {
    // The baseline is what naive Python leads to.
    let is_its = |one: &&Comparison| match step {
        Step::Python => one.against == it.name,
        Step::Language | Step::Boundary | Step::Cores => one.candidate == it.name,
    };
    let mut of_step = size.comparisons.iter().filter(|one| one.step == Some(step) && one.metric == Metric::Time);
    let comparison = of_step.find(is_its).ok_or(match step {
        Step::Boundary if it.kernel.is_none() => "it names no kernel",
        Step::Python | Step::Language | Step::Boundary | Step::Cores => "no round has both ends of the step",
    })?;
    for name in [&comparison.against, &comparison.candidate] {
        if let Some(other) = size.implementation(name).filter(|other| other.name != it.name) {
            other_side(run, workload, other)?;
        }
    }
    settled(comparison)
}

/// A comparison's interval; few rounds have none.
fn settled(comparison: &Comparison) -> Result<Measured, Missing> {
    let Comparison { ratio: value, low, high, rounds, indicative, .. } = *comparison;
    if indicative {
        return Err(Missing { why: too_few(rounds as usize), value: Some(value) });
    }
    Ok(Measured { value, low, high, meaning: None })
}

fn too_few(rounds: usize) -> String {
    format!("{rounds} {} too few for an interval", if rounds == 1 { "round is" } else { "rounds are" })
}

/// Growth of peak memory in lengths of the input. What is under 1 MiB is mostly the allocator's: it may be all or
/// nothing of what was seen.
fn memory_of_input(size: &Size, it: &Implementation) -> Result<Measured, Missing> {
    let length = size.input.as_ref().map(|input| input.bytes as f64).filter(|bytes| *bytes > 0.0);
    let length = length.ok_or("its input has no length")?;
    let growth: Vec<f64> = analysis::by_round(it, Metric::Memory).into_values().collect();
    let median = analysis::median(&growth).ok_or("its memory was not measured")?;
    if median.indicative {
        return Err(Missing { why: too_few(growth.len()), value: Some(median.estimate / length) });
    }
    let is_noise = median.low < MIN_MEMORY_BYTES;
    let low = if is_noise { 0.0 } else { median.low };
    let high = if is_noise { median.high.max(MIN_MEMORY_BYTES) } else { median.high };
    Ok(Measured { value: median.estimate / length, low: low / length, high: high / length, meaning: None })
}

fn break_even(workload: &Workload, it: &Implementation) -> Result<Measured, Missing> {
    let point = workload.break_evens.iter().find(|point| point.candidate == it.name);
    let point = point.ok_or("too few sizes or rounds for a line through them")?;
    let fits = |name: &str| workload.fits.iter().any(|fit| fit.implementation == name && fit.is_line());
    if !fits(&point.candidate) || !fits(&point.against) {
        return Err("the times lie on no line".into());
    }
    let BreakEven { outcome, size, low, high, resolved, .. } = point;
    let never = |meaning: &str| Measured {
        value: f64::INFINITY,
        low: f64::INFINITY,
        high: f64::INFINITY,
        meaning: Some(meaning.to_owned()),
    };
    let measured = match outcome {
        Outcome::Always => {
            Measured { value: 0.0, low: 0.0, high: 0.0, meaning: Some("it pays at every size".to_owned()) }
        }
        Outcome::Never => never("it never pays, however large the batch"),
        Outcome::Below => never("it pays only up to a size, and not from one on"),
        Outcome::From => Measured {
            value: size.unwrap_or(f64::INFINITY),
            low: low.unwrap_or(0.0),
            high: high.unwrap_or(f64::INFINITY),
            meaning: None,
        },
    };
    if *resolved {
        return Ok(measured);
    }
    // Some of the rounds give another answer: any size is possible.
    let meaning = Some("the rounds do not settle where it begins to pay".to_owned());
    Ok(Measured { low: 0.0, high: f64::INFINITY, meaning, ..measured })
}

#[cfg(test)]
mod tests;
