//! The speed-ups of a run, one a candidate, and what each of them says.

use super::units::{self, Quoted};
use crate::evidence::{Comparison, Implementation, Kind, Metric, Role, Run, Size, Status, Workload};

/// What a ratio with its interval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The whole interval, as printed, is above 1×.
    Faster,
    /// The whole interval, as printed, is below 1×.
    Slower,
    /// 1× is within the interval.
    Alike,
    /// Too few rounds to say.
    Indicative,
}

/// An end of an interval this near to 1× is printed as 1×, and a reader would not see what it is beyond.
const HALF_A_PERCENT: f64 = 0.005;

/// What a comparison says.
pub fn says(comparison: &Comparison) -> Says {
    match comparison {
        Comparison { indicative: true, .. } => Says::Indicative,
        Comparison { low, .. } if *low >= 1.0 + HALF_A_PERCENT => Says::Faster,
        Comparison { high, .. } if *high <= 1.0 - HALF_A_PERCENT => Says::Slower,
        Comparison { .. } => Says::Alike,
    }
}

/// A ratio with its interval, in text.
pub fn quoted(comparison: &Comparison) -> Quoted {
    units::ratio_quoted(comparison.ratio, comparison.low, comparison.high, comparison.indicative)
}

/// A ratio with its interval in one phrase, which says where that is only a range: `1.6× (1.2 to 2.9, indicative)`.
pub fn phrase(comparison: &Comparison) -> String {
    let Quoted { value, interval } = quoted(comparison);
    if comparison.indicative { format!("{value} ({interval}, indicative)") } else { format!("{value} {interval}") }
}

/// Whether an implementation has too few launches for a 95 % interval.
pub fn is_indicative(launches: usize) -> bool {
    launches < crate::analysis::MIN_ROUNDS
}

/// A candidate at the size that its workload is summed up by.
#[derive(Clone, Copy, Debug)]
pub struct Headline<'run> {
    /// The workload.
    pub workload: &'run Workload,
    /// Its headline size.
    pub size: &'run Size,
    /// The candidate.
    pub candidate: &'run Implementation,
    /// How its time compares; `None` where it has no ratio.
    pub time: Option<&'run Comparison>,
}

/// Every candidate of a workload at the headline size, in the manifest's order.
pub fn headlines_of(workload: &Workload) -> Vec<Headline<'_>> {
    let Some(size) = workload.headline_size() else { return Vec::new() };
    size.implementations
        .iter()
        .filter(|cell| cell.role == Role::Candidate)
        .map(|candidate| Headline { workload, size, candidate, time: size.comparison(&candidate.name, Metric::Time) })
        .collect()
}

/// The headlines of every workload.
pub fn headlines(run: &Run) -> Vec<Headline<'_>> {
    run.workloads.iter().flat_map(headlines_of).collect()
}

/// A size with what it counts: `100,000 rows`; `None` where sizes mean nothing.
pub fn size_label(workload: &Workload, size: &Size) -> Option<String> {
    workload.shows_sizes().then(|| match &workload.unit {
        Some(unit) => format!("{} {}", units::count(size.size), super::text::visible(unit)),
        None => format!("size {}", units::count(size.size)),
    })
}

/// How the speed-up of one candidate moves with size.
#[derive(Clone, Copy, Debug)]
pub struct Growth<'run> {
    /// The candidate.
    pub candidate: &'run Implementation,
    /// Its ratio at the smallest size that has one.
    pub first: (&'run Size, &'run Comparison),
    /// At the largest.
    pub last: (&'run Size, &'run Comparison),
    /// Whether it grows; else it shrinks.
    pub grows: bool,
}

/// Candidates whose speed-up moves one way with size, by half at least and beyond both intervals.
///
/// It is a description of what was measured, not a fit: such a ratio belongs to no single size.
pub fn growths(workload: &Workload) -> Vec<Growth<'_>> {
    let Some(last_size) = workload.sizes.last() else { return Vec::new() };
    last_size.implementations.iter().filter_map(|cell| growth(workload, cell)).collect()
}

fn growth<'run>(workload: &'run Workload, candidate: &'run Implementation) -> Option<Growth<'run>> {
    let ratios: Vec<(&Size, &Comparison)> = workload
        .sizes
        .iter()
        .filter_map(|size| Some((size, size.comparison(&candidate.name, Metric::Time)?)))
        .collect();
    let (first, last) = (*ratios.first()?, *ratios.last()?);
    let rises = ratios.windows(2).all(|pair| pair[1].1.ratio >= pair[0].1.ratio);
    let falls = ratios.windows(2).all(|pair| pair[1].1.ratio <= pair[0].1.ratio);
    let grows = rises && last.1.ratio >= 1.5 * first.1.ratio && last.1.low > first.1.high;
    let shrinks = falls && last.1.ratio * 1.5 <= first.1.ratio && last.1.high < first.1.low;
    (grows || shrinks).then_some(Growth { candidate, first, last, grows })
}

/// How many candidates' headlines say what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those with a ratio from an implementation that agrees.
    pub compared: u64,
    /// Faster than their baseline.
    pub faster: u64,
    /// Slower.
    pub slower: u64,
    /// Too close to call.
    pub alike: u64,
    /// Too few rounds.
    pub indicative: u64,
    /// Timed, but with no result compared.
    pub unverified: u64,
}

/// Counts what the headlines say; unverified ones are counted apart, for they support nothing.
pub fn tally(headlines: &[Headline]) -> Tally {
    let mut tally = Tally::default();
    for Headline { candidate, time, .. } in headlines {
        let Some(time) = time else { continue };
        if candidate.status == Status::Unverified {
            tally.unverified += 1;
            continue;
        }
        tally.compared += 1;
        match says(time) {
            Says::Faster => tally.faster += 1,
            Says::Slower => tally.slower += 1,
            Says::Alike => tally.alike += 1,
            Says::Indicative => tally.indicative += 1,
        }
    }
    tally
}

/// The kind of an implementation, with its variant.
pub fn kind_label(cell: &Implementation) -> String {
    match &cell.variant {
        Some(variant) => format!("{}, {}", cell.kind.as_str(), super::text::visible(variant)),
        None => cell.kind.as_str().to_owned(),
    }
}

/// An implementation's name, with what of its kind and variant the name does not say: `polars (library)`.
pub fn label(cell: &Implementation) -> String {
    let name = super::text::visible(&cell.name);
    let unsaid = unsaid(cell);
    if unsaid.is_empty() { name } else { format!("{name} ({unsaid})") }
}

/// What of an implementation's kind and variant its name does not say.
pub fn unsaid(cell: &Implementation) -> String {
    let name = cell.name.to_lowercase();
    let variant = cell.variant.as_deref().map(super::text::visible);
    let words = std::iter::once(cell.kind.as_str()).chain(variant.as_deref());
    let unsaid: Vec<&str> = words.filter(|word| !name.contains(&word.to_lowercase())).collect();
    unsaid.join(", ")
}

/// Kinds that occur among implementations, in the order of legends.
pub fn kinds<'run>(cells: impl Iterator<Item = &'run Implementation> + Clone) -> Vec<Kind> {
    super::chart::KINDS.into_iter().filter(|kind| cells.clone().any(|cell| cell.kind == *kind)).collect()
}
