//! The measurements behind the first ones: throughput, tails, first calls, collections, scatter.

use serde::Serialize;

use super::{text, units};
use crate::evidence::{Implementation, Launch, Size, Workload};

/// One implementation at the headline size; a cell without a number is a dash.
#[derive(Debug, Serialize)]
pub struct Detail {
    /// The implementation.
    pub name: String,
    /// Its kind's word, for its colour.
    pub kind: &'static str,
    /// One text a column of [`columns`].
    pub cells: Vec<String>,
}

/// The head of a column.
#[derive(Debug, Serialize)]
pub struct Heading {
    /// What it says.
    pub name: &'static str,
    /// The class of the column's cells: where there is no room for heads, a style sheet knows what they are by it.
    pub class: String,
}

/// A column: its heading, and what it says of an implementation.
type Column = (&'static str, fn(&Workload, &Size, &Implementation) -> Option<String>);

const COLUMNS: [Column; 10] = [
    ("Throughput", throughput),
    ("Latency p50", |_, _, cell| Some(units::time(cell.latency_ns?.p50))),
    ("p99", |_, _, cell| Some(units::time(cell.latency_ns?.p99?))),
    ("Slowest call", |_, _, cell| Some(units::time(cell.latency_ns?.max))),
    ("Import", |_, _, cell| typical(cell, |launch| launch.import_ns).map(units::time)),
    ("First call", |_, _, cell| typical(cell, |launch| launch.first_call_ns).map(units::time)),
    ("GC in 1,000 calls", collections),
    ("Lines of code", |_, _, cell| Some(units::count(cell.lines?))),
    ("Spread between", |_, _, cell| Some(percent(cell.spread?.between))),
    ("within launches", |_, _, cell| Some(percent(cell.spread?.within))),
];

/// The headings and the rows of a size; only columns that say something.
pub fn details(workload: &Workload, size: &Size) -> (Vec<Heading>, Vec<Detail>) {
    let cells: Vec<&Implementation> = size.implementations.iter().filter(|cell| !cell.launches.is_empty()).collect();
    let says = |(_, (_, say)): &(usize, &Column)| cells.iter().any(|cell| say(workload, size, cell).is_some());
    let columns: Vec<(usize, &Column)> = COLUMNS.iter().enumerate().filter(says).collect();
    let row = |cell: &&Implementation| Detail {
        name: text::visible(&cell.name),
        kind: cell.kind.as_str(),
        cells: columns
            .iter()
            .map(|(_, (_, say))| say(workload, size, cell).unwrap_or_else(|| "–".to_owned()))
            .collect(),
    };
    let heading = |(place, (name, _)): &(usize, &Column)| Heading { name, class: class(*place) };
    (columns.iter().map(heading).collect(), cells.iter().map(row).collect())
}

fn class(place: usize) -> String {
    format!("d{place}")
}

/// What stands before each cell where there is no room for heads.
pub fn labels() -> String {
    let label = |(place, (name, _)): (usize, &Column)| format!(".{}::before{{content:\"{name}\"}}", class(place));
    COLUMNS.iter().enumerate().map(label).collect()
}

/// What a second brings, in the workload's unit.
fn throughput(workload: &Workload, size: &Size, cell: &Implementation) -> Option<String> {
    let per_second = size.size as f64 * 1e9 / cell.time_ns?.estimate;
    Some(format!("{} {}/s", units::amount(per_second), text::visible(workload.unit.as_deref()?)))
}

/// Runs of Python's collector in a thousand calls.
fn collections(_: &Workload, _: &Size, cell: &Implementation) -> Option<String> {
    let calls: u64 = cell.launches.iter().flat_map(|launch| &launch.iterations).sum();
    let runs: Option<u64> = cell.launches.iter().map(|launch| launch.gc_collections).sum();
    let in_a_thousand = 1000.0 * runs? as f64 / calls.max(1) as f64;
    // Tenths say nothing beside hundreds.
    if in_a_thousand < 100.0 {
        return Some(format!("{in_a_thousand:.1}"));
    }
    Some(units::count(in_a_thousand.round() as u64))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn typical(cell: &Implementation, pick: fn(&Launch) -> Option<u64>) -> Option<f64> {
    let values: Vec<f64> = cell.launches.iter().filter_map(|launch| pick(launch).map(|value| value as f64)).collect();
    Some(crate::analysis::median(&values)?.estimate)
}
