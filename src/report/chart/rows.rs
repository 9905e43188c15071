//! Pictures of rows on one horizontal axis: the name and what it comes to above, the marks below.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Point};
use super::marker::{Filling, mark};
use super::{LABEL, NOTE, Room};
use crate::evidence::Implementation;
use crate::report::{speedup, text};

/// From the edge of a picture to what is in it, pixels.
pub const EDGE: f64 = 16.0;

/// The width of such a picture, pixels.
pub fn width(room: Room) -> f64 {
    match room {
        Room::Wide => 540.0,
        Room::Narrow => 360.0,
    }
}

/// An implementation's mark and name on the left, what it comes to on the right.
pub fn title(drawing: &mut Drawing, cell: &Implementation, filling: Filling, value: &str, y: f64) {
    let value = text::cut_pixels(value, drawing.width * 0.62, NOTE);
    let left = EDGE + 18.0;
    let room = drawing.width - EDGE - text::pixels(&value, NOTE) - 10.0 - left;
    mark(drawing, (EDGE + 6.0, y), cell.kind, filling, 4.5);
    drawing.text((left, y), &speedup::label(cell), room, LABEL, Colour::Ink, Anchor::Start);
    drawing.text((drawing.width - EDGE, y), &value, drawing.width, NOTE, Colour::Ink, Anchor::End);
}

/// Values for ticks whose labels stand clear of each other, as many as there are.
pub fn ticks(drawing: &Drawing, scale: &Scale, most: usize, label: impl Fn(f64) -> String) -> Vec<f64> {
    let clear = |ticks: &Vec<f64>| {
        let boxes: Vec<(f64, f64)> = ticks.iter().map(|tick| span(drawing, scale, *tick, &label(*tick))).collect();
        boxes.windows(2).all(|pair| pair[1].0 - pair[0].1 > 10.0)
    };
    (2..=most).rev().map(|most| scale.ticks(most)).find(clear).unwrap_or_default()
}

/// Where a tick's label lies: about its tick, and within the picture.
fn span(drawing: &Drawing, scale: &Scale, tick: f64, label: &str) -> (f64, f64) {
    let half = text::pixels(label, NOTE) / 2.0;
    let middle = scale.pixel(tick).clamp(4.0 + half, drawing.width - 4.0 - half);
    (middle - half, middle + half)
}

/// Lines at the ticks through bands of height, the labels below at height `y`.
pub fn across(
    drawing: &mut Drawing,
    scale: &Scale,
    ticks: &[f64],
    label: impl Fn(f64) -> String,
    bands: &[(f64, f64)],
    y: f64,
) {
    for (tick, (top, bottom)) in bands.iter().flat_map(|band| ticks.iter().map(move |tick| (tick, band))) {
        drawing.line((scale.pixel(*tick), *top), (scale.pixel(*tick), *bottom), Colour::Grid, 1);
    }
    for tick in ticks {
        let label = label(*tick);
        let (left, right) = span(drawing, scale, *tick, &label);
        drawing.text((f64::midpoint(left, right), y), &label, drawing.width, NOTE, Colour::Muted, Anchor::Middle);
    }
}

/// An interval between two pixels as a line with ends, where it is wide enough to be seen beyond a mark of that radius.
pub fn whisker(drawing: &mut Drawing, (x, y): Point, ends: [f64; 2], radius: f64, colour: Colour) {
    for (end, inward) in [(ends[0], x - radius), (ends[1], x + radius)] {
        if (end - x).abs() > radius {
            drawing.line((end, y), (inward, y), colour, 1);
            drawing.line((end, y - 4.0), (end, y + 4.0), colour, 1);
        }
    }
}

/// How far the time of an implementation may be trusted.
pub fn filling(cell: &Implementation, rounds: usize) -> Filling {
    use crate::evidence::Status;
    match cell.status {
        Status::Unverified => Filling::Unverified,
        Status::Measured | Status::Differs | Status::Failed | Status::Skipped => {
            if speedup::is_indicative(rounds) {
                Filling::Indicative
            } else {
                Filling::Full
            }
        }
    }
}

/// The same upright.
pub fn whisker_up(drawing: &mut Drawing, (x, y): Point, ends: [f64; 2], radius: f64, colour: Colour) {
    for (end, inward) in [(ends[0], y + radius), (ends[1], y - radius)] {
        if (end - y).abs() > radius {
            drawing.line((x, end), (x, inward), colour, 1);
            drawing.line((x - 4.0, end), (x + 4.0, end), colour, 1);
        }
    }
}
