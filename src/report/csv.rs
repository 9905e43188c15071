//! The measurements as a tidy table: one row a cell and metric, figures to the digits that a saved run has.
//!
//! A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula and runs it. Such a text gets a
//! leading apostrophe, as does one that begins with a tab, a line end or an apostrophe itself, so that taking one
//! apostrophe away always gives the text back.

use super::speedup;
use crate::evidence::{Comparison, Estimate, Implementation, Metric, Role, Run, Size, Workload, figure};

const HEADER: [&str; 22] = [
    "project",
    "run",
    "workload",
    "size",
    "unit",
    "implementation",
    "role",
    "kind",
    "variant",
    "status",
    "metric",
    "estimate",
    "low",
    "high",
    "metric_unit",
    "ratio",
    "ratio_low",
    "ratio_high",
    "rounds",
    "indicative",
    "ratio_indicative",
    "detail",
];

/// The table of a run. A cell that has no numbers has one row, with the metric empty.
pub fn csv(run: &Run) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = run.cells().flat_map(|(workload, size, cell)| rows(run, workload, size, cell));
    let written = std::iter::once(HEADER.map(str::to_owned)).chain(rows).try_for_each(|row| writer.write_record(row));
    debug_assert!(written.is_ok(), "a buffer in memory takes every row, and all rows are of one length");
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn rows(run: &Run, workload: &Workload, size: &Size, cell: &Implementation) -> Vec<[String; 22]> {
    let metrics = [
        (Metric::Time, "time", "ns", cell.time_ns, cell.launches.len()),
        (Metric::Cpu, "cpu", "ns", cell.cpu_ns, cell.launches.len()),
        (Metric::Memory, "memory", "bytes", cell.peak_memory_bytes, cell.memory_launches.len()),
    ];
    let mut rows: Vec<[String; 22]> = metrics
        .into_iter()
        .filter_map(|(metric, name, unit, estimate, launches)| {
            let comparison = size.comparison(&cell.name, metric).filter(|_| cell.role == Role::Candidate);
            Some(row(run, workload, size, cell, Some((name, unit, estimate?, launches)), comparison))
        })
        .collect();
    if let Some(latency) = cell.latency_ns {
        for (name, value) in [
            ("latency_p50", Some(latency.p50)),
            ("latency_p90", latency.p90),
            ("latency_p99", latency.p99),
            ("latency_max", Some(latency.max)),
        ] {
            let Some(value) = value else { continue };
            let estimate = Estimate { estimate: value, low: f64::NAN, high: f64::NAN };
            let comparison = size.comparison(&cell.name, Metric::LatencyP99).filter(|_| name == "latency_p99");
            rows.push(row(run, workload, size, cell, Some((name, "ns", estimate, cell.launches.len())), comparison));
        }
    }
    if rows.is_empty() {
        rows.push(row(run, workload, size, cell, None, None));
    }
    rows
}

fn row(
    run: &Run,
    workload: &Workload,
    size: &Size,
    cell: &Implementation,
    metric: Option<(&str, &str, Estimate, usize)>,
    comparison: Option<&Comparison>,
) -> [String; 22] {
    let role = match cell.role {
        Role::Baseline => "baseline",
        Role::Candidate => "candidate",
    };
    let (name, unit, estimate, launches) =
        metric.map_or(("", "", None, 0), |(name, unit, estimate, launches)| (name, unit, Some(estimate), launches));
    let of_estimate = |part: fn(&Estimate) -> f64| estimate.as_ref().map_or_else(String::new, |it| number(part(it)));
    let of_ratio = |part: fn(&Comparison) -> f64| comparison.map_or_else(String::new, |it| number(part(it)));
    [
        inert(&run.project),
        inert(&run.id),
        inert(&workload.name),
        size.size.to_string(),
        inert(workload.unit.as_deref().unwrap_or_default()),
        inert(&cell.name),
        role.to_owned(),
        cell.kind.as_str().to_owned(),
        inert(cell.variant.as_deref().unwrap_or_default()),
        cell.status.as_str().to_owned(),
        name.to_owned(),
        of_estimate(|it| it.estimate),
        of_estimate(|it| it.low),
        of_estimate(|it| it.high),
        unit.to_owned(),
        of_ratio(|it| it.ratio),
        of_ratio(|it| it.low),
        of_ratio(|it| it.high),
        launches.to_string(),
        (launches > 0 && speedup::is_indicative(launches)).to_string(),
        comparison.map_or_else(String::new, |it| it.indicative.to_string()),
        inert(cell.detail.as_deref().unwrap_or_default()),
    ]
}

/// A figure as a number; nothing for one that is none.
fn number(value: f64) -> String {
    if value.is_finite() { figure(value).to_string() } else { String::new() }
}

/// A text that no spreadsheet runs.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) { format!("'{text}") } else { text.to_owned() }
}
