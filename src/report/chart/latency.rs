//! How long single calls take: the usual one, the slow ones, the slowest.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Shape};
use super::marker::{Filling, mark};
use super::rows::{self, EDGE};
use super::value::{self, Value};
use super::{NOTE, Room};
use crate::evidence::{Implementation, Latency, Run, Size, Workload};
use crate::report::{captions, text, units};

const ROW: f64 = 46.0;

/// Percentiles of latency at the headline size, one row an implementation; `None` where no calls were timed one by one.
pub fn latency(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let cells: Vec<(&Implementation, Latency)> = size
        .implementations
        .iter()
        .filter_map(|cell| Some((cell, cell.latency_ns.filter(|one| one.p50 > 0.0)?)))
        .collect();
    let low = cells.iter().map(|(_, latency)| latency.p50).reduce(f64::min)?;
    let high = cells.iter().map(|(_, latency)| latency.max).fold(low, f64::max);
    let name = text::visible(&workload.name);
    let mut drawing = Drawing::new(rows::width(room), &format!("{name}: latency of single calls"));
    drawing.caption = captions::latency(run, workload, size);

    let air = (high / low).powf(0.04).max(1.1);
    let scale = Scale::logarithmic(low / air, high * air, EDGE + 4.0, drawing.width - EDGE - 4.0);
    legend(&mut drawing);
    let top = 44.0;
    let bottom = top + cells.len() as f64 * ROW;
    let places: Vec<f64> = (0..cells.len()).map(|row| top + row as f64 * ROW).collect();
    let bands: Vec<(f64, f64)> = places.iter().map(|y| (y + 18.0, y + 38.0)).collect();
    let ticks = rows::ticks(&drawing, &scale, 6, units::time_tick);
    rows::across(&mut drawing, &scale, &ticks, units::time_tick, &bands, bottom + 8.0);
    for ((cell, latency), y) in cells.iter().zip(places) {
        row(&mut drawing, &scale, (cell, latency), y, room);
    }
    drawing.description = value::described(&drawing.values);
    drawing.height = bottom + 22.0;
    Some(drawing)
}

/// A percentile: its word, and its value where there were calls enough.
type Percentile = (&'static str, fn(&Latency) -> Option<f64>);

/// The percentiles that are drawn, the lowest first.
const MARKS: [Percentile; 4] =
    [("p50", |one| Some(one.p50)), ("p90", |one| one.p90), ("p99", |one| one.p99), ("slowest", |one| Some(one.max))];

fn legend(drawing: &mut Drawing) {
    let mut x = EDGE;
    for (index, (word, _)) in MARKS.iter().enumerate() {
        tick(drawing, (x + 6.0, 20.0), index, Colour::Muted);
        if index == 0 {
            drawing.add(Shape::Disc { at: (x + 6.0, 20.0), radius: 4.5, outline: None, colour: Colour::Muted });
        }
        drawing.text((x + 17.0, 20.0), word, drawing.width, NOTE, Colour::Muted, Anchor::Start);
        x += 17.0 + text::pixels(word, NOTE) + 14.0;
    }
}

/// The mark of a percentile: the higher, the taller; the median has its implementation's.
fn tick(drawing: &mut Drawing, (x, y): (f64, f64), index: usize, colour: Colour) {
    match index {
        1 => drawing.line((x, y - 4.0), (x, y + 4.0), colour, 2),
        2 => drawing.line((x, y - 8.0), (x, y + 8.0), colour, 2),
        3 => drawing.add(Shape::Disc { at: (x, y), radius: 3.5, outline: Some(1), colour }),
        _ => {}
    }
}

fn row(drawing: &mut Drawing, scale: &Scale, (cell, latency): (&Implementation, &Latency), y: f64, room: Room) {
    // A phone has room for the name or for the tail.
    let tail = match (room, latency.p99) {
        (Room::Wide, Some(p99)) => format!(" · p99 {}", units::time(p99)),
        (Room::Wide, None) => format!(" · slowest {}", units::time(latency.max)),
        (Room::Narrow, _) => String::new(),
    };
    let value = format!("p50 {}{tail}", units::time(latency.p50));
    rows::title(drawing, cell, Filling::Full, &value, y + 6.0);
    let (marks, colour) = (y + 28.0, Colour::Of(cell.kind));
    let (from, to) = (scale.pixel(latency.p50), scale.pixel(latency.max));
    if to - from > 8.0 {
        drawing.line((from, marks), (to - 3.5, marks), colour, 1);
    }
    for (index, (_, pick)) in MARKS.iter().enumerate().skip(1) {
        // What lies on the median's mark cannot be told from it.
        if let Some(at) = pick(latency).map(|ns| scale.pixel(ns)).filter(|at| at - from > 6.0) {
            tick(drawing, (at, marks), index, colour);
        }
    }
    mark(drawing, (from, marks), cell.kind, Filling::Full, 4.5);
    // One value a row: the percentiles of a call mean something beside each other.
    let all: Vec<String> =
        MARKS.iter().filter_map(|(word, pick)| Some(format!("{word} {}", units::time(pick(latency)?)))).collect();
    drawing.values.push(Value::of(cell, (from, marks), drawing.width, all.join(", ")));
}
