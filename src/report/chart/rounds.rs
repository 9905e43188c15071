//! Ratios round by round, so that a reader who doubts a median sees what is behind it: drift, steps, single bad rounds.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Point, Shape, Stroke};
use super::rows::{self, EDGE};
use super::value::Value;
use super::{NOTE, Room};
use crate::analysis::by_round;
use crate::evidence::{Comparison, Implementation, Metric, Role, Run, Size, Workload};
use crate::report::{captions, speedup, text, units};

/// The height of a candidate's title and of its strip, pixels.
const TITLE: f64 = 20.0;
const STRIP: f64 = 48.0;
const ROW: f64 = TITLE + STRIP + 12.0;
/// From the left edge to the strips, pixels.
const LEFT: f64 = 62.0;
/// More rounds than this are thinned out.
const MOST: usize = 100;

/// One candidate's ratios by round.
struct Series<'run> {
    cell: &'run Implementation,
    time: &'run Comparison,
    /// Rounds from 1, and how far each ratio is from the median: 0.02 is 2 % above.
    points: Vec<(u32, f64)>,
}

/// One strip a candidate, at the headline size; `None` where there is but one round.
pub fn rounds(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let series = series_of(size);
    let last = series.iter().flat_map(|series| &series.points).map(|(round, _)| *round).max()?;
    let name = text::visible(&workload.name);
    let mut drawing = Drawing::new(rows::width(room), &format!("{name}: ratios by round"));
    let every = series.iter().map(|series| series.points.len().div_ceil(MOST)).max().unwrap_or(1);
    let few = series.iter().any(|series| series.time.indicative);
    drawing.description = series.iter().map(describe).collect::<Vec<_>>().join("; ");
    drawing.caption = captions::rounds(run, workload, few, every);

    let across = Scale::even(1.0, f64::from(last.max(2)), LEFT + 8.0, drawing.width - EDGE - 8.0);
    let top = 14.0;
    for (index, series) in series.iter().enumerate() {
        strip(&mut drawing, &across, series, top + index as f64 * ROW, every);
    }
    let bottom = top + series.len() as f64 * ROW;
    round_axis(&mut drawing, &across, last, bottom);
    drawing.height = bottom + 18.0;
    Some(drawing)
}

fn series_of(size: &Size) -> Vec<Series<'_>> {
    let Some(baseline) = size.baseline().map(|baseline| by_round(baseline, Metric::Time)) else { return Vec::new() };
    let candidates = size.implementations.iter().filter(|cell| cell.role == Role::Candidate);
    candidates
        .filter_map(|cell| {
            let time = size.comparison(&cell.name, Metric::Time)?;
            let points: Vec<(u32, f64)> = by_round(cell, Metric::Time)
                .iter()
                .filter_map(|(round, own)| Some((round + 1, baseline.get(round)? / own / time.ratio - 1.0)))
                .filter(|(_, off)| off.is_finite())
                .collect();
            (points.len() > 1).then_some(Series { cell, time, points })
        })
        .collect()
}

/// Half of a strip's height: the smallest round share that holds every point and the interval.
fn reach(series: &Series) -> f64 {
    let points = series.points.iter().map(|(_, off)| off.abs());
    let ends = [series.time.low, series.time.high].map(|end| (end / series.time.ratio - 1.0).abs());
    let most = points.chain(ends).fold(0.0, f64::max);
    let round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0];
    round.into_iter().find(|reach| most <= *reach).unwrap_or(most)
}

fn strip(drawing: &mut Drawing, across: &Scale, series: &Series, y: f64, every: usize) {
    let Series { cell, time, points } = series;
    rows::title(drawing, cell, rows::filling(cell, time.rounds as usize), &speedup::quoted(time).phrase(), y + 6.0);
    let (top, bottom) = (y + TITLE, y + TITLE + STRIP);
    let (left, right) = (LEFT, drawing.width - EDGE);
    let reach = reach(series);
    let up = Scale::even(-reach, reach, bottom - 3.0, top + 3.0);
    let colour = Colour::Of(cell.kind);
    let band = [time.high, time.low].map(|end| up.pixel(end / time.ratio - 1.0));
    // An interval too narrow to be seen is still there.
    let (high, low) = (band[0].min(up.pixel(0.0) - 1.0), band[1].max(up.pixel(0.0) + 1.0));
    drawing.add(Shape::Box { from: (left, high), to: (right, low), colour: Colour::Grid });
    drawing.line((left, up.pixel(0.0)), (right, up.pixel(0.0)), Colour::Axis, 1);
    for end in [top, bottom] {
        drawing.line((left, end), (right, end), Colour::Grid, 1);
    }
    for (share, sign) in [(reach, "+"), (-reach, "−")] {
        let label = format!("{sign}{}", units::share(reach));
        let half = text::pixels(&label, NOTE) / 2.0;
        let middle = (up.pixel(share) + if share > 0.0 { 4.0 } else { -4.0 }).round();
        drawing.text((left - 6.0 - half, middle), &label, LEFT, NOTE, Colour::Muted, Anchor::Middle);
    }
    let places: Vec<Point> =
        points.iter().step_by(every).map(|(round, off)| (across.pixel(f64::from(*round)), up.pixel(*off))).collect();
    for (at, (round, off)) in places.iter().zip(points.iter().step_by(every)) {
        let (round, ratio) = (units::count((*round).into()), units::ratio(time.ratio * (1.0 + off)));
        drawing.values.push(Value::of(cell, *at, 0.0, format!("round {round}: {ratio}")));
    }
    drawing.add(Shape::Line { points: places.clone(), colour, width: 1, stroke: Stroke::Solid });
    for at in places {
        drawing.add(Shape::Disc { at, radius: 2.5, outline: None, colour });
    }
}

/// Whole rounds only.
fn round_axis(drawing: &mut Drawing, across: &Scale, last: u32, y: f64) {
    let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].into_iter().find(|step| last / step <= 8).unwrap_or(last);
    let mut free_from = 0.0;
    for round in (1..=last).filter(|round| *round == 1 || round % step == 0) {
        let label = units::count(round.into());
        let half = text::pixels(&label, NOTE) / 2.0;
        let at = across.pixel(f64::from(round));
        if at - half > free_from {
            drawing.text((at, y), &label, 60.0, NOTE, Colour::Muted, Anchor::Middle);
            free_from = at + half + 8.0;
        }
    }
    drawing.text((EDGE, y), "round", LEFT - EDGE, NOTE, Colour::Muted, Anchor::Start);
}

fn describe(series: &Series) -> String {
    let offs = || series.points.iter().map(|(_, off)| *off);
    let (low, high) = (offs().fold(0.0, f64::min), offs().fold(0.0, f64::max));
    format!(
        "{}: {}, single rounds from {:.1} % below that to {:.1} % above",
        speedup::label(series.cell),
        speedup::phrase(series.time),
        -100.0 * low,
        100.0 * high
    )
}
