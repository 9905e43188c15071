//! Where the time of a hybrid's call goes: its kernel and the boundary, with the empty call marked.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Shape, Stroke};
use super::value::Value;
use super::{LABEL, NOTE, Room};
use crate::evidence::{Kind, Run, Size, Split, Workload};
use crate::report::{reading, text, units};

const EDGE: f64 = 16.0;
const ROW: f64 = 76.0;

/// One stacked bar a hybrid, at the headline size; `None` where no hybrid names its kernel.
pub fn split(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let longest = size.splits.iter().map(|split| split.total_ns.estimate).fold(0.0, f64::max);
    if size.splits.is_empty() || longest <= 0.0 {
        return None;
    }
    let width = match room {
        Room::Wide => 340.0,
        Room::Narrow => 360.0,
    };
    let mut drawing = Drawing::new(width, &format!("{}: where the hybrid's time goes", text::visible(&workload.name)));
    let notes: Vec<String> = size.splits.iter().map(|split| reading::split(size, split)).collect();
    drawing.description = notes.join(" ");
    drawing.caption = reading::split_caption(run, workload);
    let scale = Scale::from_zero(longest * 1.02, EDGE, width - EDGE - 10.0);
    legend(&mut drawing, size, width);
    let top = 44.0;
    let bottom = top + size.splits.len() as f64 * ROW;
    for tick in scale.ticks(4) {
        let x = scale.pixel(tick);
        drawing.line((x, top), (x, bottom + 4.0), Colour::Grid, 1);
        let (anchor, x) = if tick == 0.0 { (Anchor::Start, x) } else { (Anchor::Middle, x) };
        let label = if tick == 0.0 { "0".to_owned() } else { units::time_tick(tick) };
        drawing.text((x, bottom + 16.0), &label, 80.0, NOTE, Colour::Muted, anchor);
    }
    for (index, split) in size.splits.iter().enumerate() {
        bar(&mut drawing, &scale, split, top + index as f64 * ROW, width);
    }
    drawing.height = bottom + 32.0;
    Some(drawing)
}

fn legend(drawing: &mut Drawing, size: &Size, width: f64) {
    let mut x = EDGE;
    for (kind, word) in [(Kind::Native, "compute (kernel)"), (Kind::Hybrid, "boundary")] {
        drawing.add(Shape::Box { from: (x, 15.0), to: (x + 12.0, 25.0), colour: Colour::Of(kind) });
        drawing.text((x + 18.0, 20.0), word, width, NOTE, Colour::Muted, Anchor::Start);
        x += 18.0 + text::pixels(word, NOTE) + 8.0;
    }
    if size.splits.iter().any(|split| split.call_floor_ns.is_some()) {
        drawing.line((x + 4.0, 13.0), (x + 4.0, 27.0), Colour::Ink, 2);
        drawing.text((x + 14.0, 20.0), "call floor", width - x - 20.0, NOTE, Colour::Muted, Anchor::Start);
    }
}

fn bar(drawing: &mut Drawing, scale: &Scale, split: &Split, y: f64, width: f64) {
    let room = width - 2.0 * EDGE;
    let total = units::time(split.total_ns.estimate);
    let name_room = room - text::pixels(&total, LABEL) - 12.0;
    drawing.bold((EDGE, y + 14.0), &text::visible(&split.hybrid), name_room, LABEL);
    drawing.text((width - EDGE, y + 14.0), &total, room, LABEL, Colour::Ink, Anchor::End);
    drawing.text((EDGE, y + 32.0), &note(split), room, NOTE, Colour::Muted, Anchor::Start);

    let (top, bottom) = (y + 43.0, y + 63.0);
    let (start, end) = (scale.pixel(0.0), scale.pixel(split.total_ns.estimate));
    let compute = scale.pixel(split.compute_ns.estimate.min(split.total_ns.estimate));
    if split.is_quotable() {
        drawing.add(Shape::Box { from: (start, top), to: (compute, bottom), colour: Colour::Of(Kind::Native) });
        drawing.add(Shape::Box { from: (compute, top), to: (end, bottom), colour: Colour::Of(Kind::Hybrid) });
        drawing.line((compute, top), (compute, bottom), Colour::Surface, 1);
        for (from, to, text) in [(start, compute, computing(split)), (compute, end, crossing(split))] {
            value(drawing, split, (from, to), f64::midpoint(top, bottom), text);
        }
    } else {
        // What is not resolved, or refused, is not divided: one outline, hatched.
        outline(drawing, (start, top), (end, bottom));
        value(drawing, split, (start, end), f64::midpoint(top, bottom), format!("{total} a call, {}", note(split)));
    }
    if let Some(floor) = split.call_floor_ns.filter(|_| split.is_quotable()) {
        let at = scale.pixel((split.compute_ns.estimate + floor).min(split.total_ns.estimate));
        drawing.line((at, top - 4.0), (at, bottom + 4.0), Colour::Ink, 2);
    }
}

/// What a part of the bar stands for, from one end to the other.
fn value(drawing: &mut Drawing, split: &Split, (from, to): (f64, f64), y: f64, text: String) {
    let (at, reach) = ((f64::midpoint(from, to), y), (to - from) / 2.0);
    drawing.values.push(Value { at, reach, name: text::visible(&split.hybrid), text });
}

fn computing(split: &Split) -> String {
    format!("compute: {}", units::time_quoted(&split.compute_ns, false).phrase())
}

fn crossing(split: &Split) -> String {
    let boundary = units::time_quoted(&split.boundary_ns, false).phrase();
    let share = units::share_quoted(&split.boundary_share, false).phrase();
    let floor = split.call_floor_ns.map_or_else(String::new, |floor| format!("; call floor {}", units::time(floor)));
    format!("boundary: {boundary}, {share} of the call{floor}")
}

fn note(split: &Split) -> String {
    if split.refused {
        return "no share: an empty call is over a fifth of it".to_owned();
    }
    if !split.resolved {
        return "boundary not resolved from the noise".to_owned();
    }
    let share = units::share_quoted(&split.boundary_share, false);
    format!("boundary {} of the call", share.phrase())
}

fn outline(drawing: &mut Drawing, (left, top): (f64, f64), (right, bottom): (f64, f64)) {
    let colour = Colour::Of(Kind::Hybrid);
    let height = bottom - top;
    let mut x = left;
    while x < right {
        let reach = height.min(right - x);
        drawing.line((x, bottom), (x + reach, bottom - reach), colour, 1);
        x += 8.0;
    }
    let points = vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    drawing.add(Shape::Line { points, colour, width: 1, stroke: Stroke::Solid });
}
