//! A factor taken apart: from naive Python to the baseline, to native, to the hybrids that wrap it, to all cores.

use super::axis::{Scale, ratio_label, ratio_ticks};
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Shape, Stroke};
use super::marker::{Filling, mark};
use super::rows::{self, EDGE};
use super::value::{self, Value};
use super::{LABEL, NOTE, Room};
use crate::evidence::{Comparison, Implementation, Metric, Run, Size, Step, Workload};
use crate::report::{captions, decomposed, speedup, text};

const ROW: f64 = 62.0;
/// From the top of a row to its bar, pixels.
const BAR: f64 = 24.0;

/// One step: where it begins and ends, as multiples of the baseline's speed.
struct Leg<'run> {
    step: Step,
    time: &'run Comparison,
    /// What the step leads to, whose kind gives the colour.
    to: &'run Implementation,
    from: f64,
    end: f64,
    /// The interval, about that end of the bar which is not fixed by the others.
    ends: [f64; 2],
}

/// A waterfall, one bar a step; `None` where the language is the only step.
pub fn steps(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let mut legs: Vec<Leg> = decomposed::steps(size).into_iter().filter_map(|time| leg(size, time)).collect();
    // A boundary of what runs on all cores stands below that step, not above it.
    let on_all_cores: Vec<&str> =
        legs.iter().filter(|leg| leg.step == Step::Cores).map(|leg| leg.to.name.as_str()).collect();
    legs.sort_by_key(|leg| on_all_cores.contains(&leg.time.against.as_str()));
    if legs.iter().all(|leg| leg.step == Step::Language) {
        return None;
    }
    let name = text::visible(&workload.name);
    let mut drawing = Drawing::new(rows::width(room), &format!("{name}: the factor taken apart"));
    let few = legs.iter().any(|leg| leg.time.indicative);
    drawing.caption = captions::steps(run, workload, few);

    let left = EDGE + if room == Room::Wide { 190.0 } else { 148.0 };
    let (low, high) = legs.iter().fold((1.0_f64, 1.0_f64), |(low, high), leg| {
        let places = [leg.from, leg.end, leg.ends[0], leg.ends[1]];
        (places.iter().copied().fold(low, f64::min), places.iter().copied().fold(high, f64::max))
    });
    let air = (high / low).powf(0.05).max(1.05);
    let scale = Scale::logarithmic(low / air, high * air, left, drawing.width - EDGE - 4.0);
    let top = 44.0;
    let bottom = top + legs.len() as f64 * ROW;
    axis(&mut drawing, &scale, (top, bottom), left);
    for (index, leg) in legs.iter().enumerate() {
        let y = top + index as f64 * ROW;
        // The next step that starts where this one ends hangs on a line.
        let next = legs.iter().skip(index + 1).rposition(|next| next.time.against == leg.time.candidate);
        if let Some(next) = next {
            let x = scale.pixel(leg.end);
            let points = vec![(x, y + BAR + 18.0), (x, y + (next + 1) as f64 * ROW + BAR - 8.0)];
            drawing.add(Shape::Line { points, colour: Colour::Axis, width: 1, stroke: Stroke::Dashed(3) });
        }
        row(&mut drawing, &scale, leg, y, left - EDGE - 14.0);
    }
    drawing.description = value::described(&drawing.values);
    drawing.height = bottom + 30.0;
    Some(drawing)
}

fn leg<'run>(size: &'run Size, time: &'run Comparison) -> Option<Leg<'run>> {
    let place = |name: &str| {
        let is_baseline = size.baseline().is_some_and(|baseline| baseline.name == name);
        if is_baseline { Some(1.0) } else { Some(size.comparison(name, Metric::Time)?.ratio) }
    };
    let step = time.step?;
    let to = size.implementation(&time.candidate)?;
    let (from, end, ends) = match step {
        // It ends at the baseline, which is 1×: what is uncertain is where it begins.
        Step::Python => (1.0 / time.ratio, 1.0, [1.0 / time.high, 1.0 / time.low]),
        Step::Language | Step::Boundary | Step::Cores => {
            let from = place(&time.against)?;
            (from, from * time.ratio, [from * time.low, from * time.high])
        }
    };
    let is_drawn = [from, end, ends[0], ends[1]].iter().all(|place| place.is_finite() && *place > 0.0);
    is_drawn.then_some(Leg { step, time, to, from, end, ends })
}

fn axis(drawing: &mut Drawing, scale: &Scale, (top, bottom): (f64, f64), left: f64) {
    let ticks = ratio_ticks(scale);
    for tick in &ticks {
        let x = scale.pixel(*tick);
        let is_one = (tick - 1.0).abs() < 1e-9;
        let (colour, width) = if is_one { (Colour::Axis, 2) } else { (Colour::Grid, 1) };
        drawing.line((x, top - 6.0), (x, bottom), colour, width);
        drawing.text((x, bottom + 12.0), &ratio_label(*tick), 80.0, NOTE, Colour::Muted, Anchor::Middle);
    }
    let words = "speed, baseline = 1×";
    let half = text::pixels(words, NOTE) / 2.0;
    let middle = f64::midpoint(left, drawing.width - EDGE).min(drawing.width - 4.0 - half);
    drawing.text((middle, 20.0), words, drawing.width, NOTE, Colour::Muted, Anchor::Middle);
}

fn row(drawing: &mut Drawing, scale: &Scale, leg: &Leg, y: f64, room: f64) {
    let (from, to) = (text::visible(&leg.time.against), text::visible(&leg.to.name));
    let both = format!("{from} → {to}");
    let to = if text::pixels(&both, NOTE) <= room { both } else { format!("→ {to}") };
    drawing.bold((EDGE, y + 8.0), decomposed::words(leg.step), room, LABEL);
    drawing.text((EDGE, y + 25.0), &to, room, NOTE, Colour::Muted, Anchor::Start);
    let quoted = speedup::quoted(leg.time);
    let whole = quoted.phrase();
    // A cut interval would be a wrong one.
    let value = if text::pixels(&whole, NOTE) <= room { &whole } else { &quoted.value };
    drawing.text((EDGE, y + 42.0), value, room, NOTE, Colour::Ink, Anchor::Start);
    let (from, end, middle) = (scale.pixel(leg.from), scale.pixel(leg.end), y + BAR);
    let colour = Colour::Of(leg.to.kind);
    let filling = if leg.time.indicative { Filling::Indicative } else { Filling::Full };
    // A hollow mark stays hollow.
    let reach = (end - from).abs() - if filling == Filling::Full { 0.0 } else { 6.0 };
    if reach > 0.0 {
        let tip = from + reach * (end - from).signum();
        drawing.add(Shape::Box { from: (from.min(tip), middle - 4.0), to: (from.max(tip), middle + 4.0), colour });
    }
    let open = if leg.step == Step::Python { from } else { end };
    rows::whisker(drawing, (open, middle + 12.0), leg.ends.map(|end| scale.pixel(end)), 0.0, colour);
    drawing.line((from, middle - 8.0), (from, middle + 8.0), colour, 2);
    mark(drawing, (end, middle), leg.to.kind, filling, 6.0);
    let (from, to) = (text::visible(&leg.time.against), text::visible(&leg.time.candidate));
    let name = format!("{}, {from} to {to}", decomposed::words(leg.step));
    drawing.values.push(Value { at: (end, middle), reach: drawing.width, name, text: speedup::phrase(leg.time) });
}
