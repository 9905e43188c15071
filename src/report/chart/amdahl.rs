//! What a workload's factor is worth to the application, by the share of its time that the workload takes.

use super::axis::{Scale, ratio_label, ratio_ticks};
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Point, Shape, Stroke};
use super::marker::{Filling, mark};
use super::rows::{self, EDGE};
use super::value::Value;
use super::{LABEL, NOTE, Room};
use crate::evidence::{Comparison, Implementation, Kind, Metric, Role, Run, Size, Status, Workload};
use crate::report::units::{self, Quoted};
use crate::report::{captions, speedup, text};

/// The height of the plot, pixels.
const HEIGHT: f64 = 190.0;
/// From the left edge to the plot, pixels.
const LEFT: f64 = 62.0;
/// The application's speed-up goes no further up than this, pixels for pixels wasted on shares near all of it.
const HIGHEST: f64 = 1000.0;

/// Shares at which the curve is told in numbers.
const TOLD: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];

/// The application's speed-up if a task of that share of its time becomes `ratio` times as fast (Amdahl's law).
pub fn application(share: f64, ratio: f64) -> f64 {
    1.0 / (1.0 - share + share / ratio)
}

/// The curve of the candidate that the verdict speaks of, or else of the fastest that may be had; `None` where none is
/// compared.
pub fn amdahl(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let (cell, time) = candidate(workload, size)?;
    let name = text::visible(&workload.name);
    let mut drawing = Drawing::new(rows::width(room), &format!("{name}: what it is worth to the application"));

    let colour = Colour::Of(cell.kind);
    let wanted = run.thresholds.min_gain;
    let (low, high) = (time.low.min(1.0), time.high.max(wanted * 1.2).min(HIGHEST));
    let air = (high / low).powf(0.04).max(1.05);
    let (top, right) = (62.0, drawing.width - EDGE - 6.0);
    let bottom = top + HEIGHT;
    let up = Scale::logarithmic(low / air, high * air, bottom, top);
    let across = Scale::even(0.0, 1.0, LEFT, right);
    axes(&mut drawing, &up, &across, (top, bottom));

    let place = |share: f64, gain: f64| (across.pixel(share), up.pixel(gain));
    let curve = |ratio: f64| -> Vec<Point> {
        let points = shares().map(|share| (share, application(share, ratio)));
        points.take_while(|(_, gain)| up.holds(*gain)).map(|(share, gain)| place(share, gain)).collect()
    };
    let ceiling =
        Shape::Line { points: curve(f64::INFINITY), colour: Colour::Muted, width: 1, stroke: Stroke::Dashed(4) };
    drawing.add(ceiling);
    let enough = place(0.0, wanted).1;
    let points = vec![(LEFT, enough), (right, enough)];
    drawing.add(Shape::Line { points, colour: Colour::Muted, width: 1, stroke: Stroke::Dashed(2) });
    drawing.add(Shape::Line { points: curve(time.ratio), colour, width: 2, stroke: Stroke::Solid });
    // Where the interval is narrow, its curves would only make this one thicker.
    let ends = [time.low, time.high];
    let is_wide = ends.iter().any(|end| (up.pixel(*end) - up.pixel(time.ratio)).abs() > 5.0);
    for end in ends.into_iter().filter(|_| is_wide) {
        drawing.add(Shape::Line { points: curve(end), colour, width: 1, stroke: Stroke::Solid });
    }
    drawing.caption = captions::amdahl(run, workload, time, is_wide);
    legend(&mut drawing, cell, time);

    let enough = enough_from(time.ratio, wanted);
    let wanted = units::ratio(wanted);
    let threshold = match enough {
        Some(share) => {
            format!("dotted: {wanted}, worth a change, from {} on", units::share((share * 100.0).ceil() / 100.0))
        }
        None => format!("dotted: {wanted}, worth a change: at no share"),
    };
    let own = match workload.share_of_runtime {
        Some(share) => {
            let [gain, low, high] = gains(share, time);
            let at = place(share, gain);
            for corner in [(at.0, bottom), (LEFT, at.1)] {
                let points = vec![corner, at];
                drawing.add(Shape::Line { points, colour: Colour::Ink, width: 1, stroke: Stroke::Solid });
            }
            rows::whisker_up(&mut drawing, at, [up.pixel(low), up.pixel(high)], 5.0, Colour::Ink);
            mark(&mut drawing, at, cell.kind, Filling::Full, 5.0);
            let own = format!("at its share, {}: {}", units::share(share), quoted(share, time).phrase());
            drawing.values.push(Value::of(cell, at, 0.0, own.clone()));
            own
        }
        None => "its share of the run time is not known".to_owned(),
    };
    let width = drawing.width - 2.0 * EDGE;
    drawing.bold((EDGE, bottom + 56.0), &own, width, NOTE);
    drawing.text((EDGE, bottom + 74.0), &threshold, width, NOTE, Colour::Muted, Anchor::Start);
    drawing.description = describe(cell, time, &own, &threshold);
    for (share, gain) in TOLD.map(|share| (share, application(share, time.ratio))) {
        if up.holds(gain) {
            let text = format!("share {}: {}", units::share(share), quoted(share, time).phrase());
            drawing.values.push(Value::of(cell, place(share, gain), 0.0, text));
        }
    }
    drawing.values.sort_by(|one, other| one.at.0.total_cmp(&other.at.0));
    drawing.height = bottom + 86.0;
    Some(drawing)
}

/// What the application gains at a share: for the ratio and the ends of its interval.
fn gains(share: f64, time: &Comparison) -> [f64; 3] {
    [time.ratio, time.low, time.high].map(|ratio| application(share, ratio))
}

fn quoted(share: f64, time: &Comparison) -> Quoted {
    let [gain, low, high] = gains(share, time);
    units::ratio_quoted(gain, low, high, time.indicative)
}

/// What the verdict speaks of; else the fastest that agrees and takes nothing for granted, Rust alone only where a
/// whole process may be replaced or there is nothing else.
fn candidate<'run>(workload: &Workload, size: &'run Size) -> Option<(&'run Implementation, &'run Comparison)> {
    let named = workload.verdict.as_ref().and_then(|verdict| verdict.candidate.as_deref());
    let mut able: Vec<(&Implementation, &Comparison)> = size
        .implementations
        .iter()
        .filter(|cell| cell.role == Role::Candidate && cell.status == Status::Measured && cell.assumes.is_none())
        .filter_map(|cell| Some((cell, size.comparison(&cell.name, Metric::Time)?)))
        .filter(|(_, time)| time.low > 0.0 && time.high.is_finite())
        .collect();
    let is_process = workload.boundary == "process";
    able.sort_by(|(one, faster), (other, slower)| {
        let rank = |cell: &Implementation| (Some(cell.name.as_str()) == named, cell.kind != Kind::Native || is_process);
        rank(other).cmp(&rank(one)).then(slower.ratio.total_cmp(&faster.ratio))
    });
    able.first().copied()
}

/// Shares from none to all, closer where curves bend most.
fn shares() -> impl Iterator<Item = f64> {
    (0..=48).map(|step| 1.0 - (1.0 - f64::from(step) / 48.0).powi(2))
}

/// The share from which on the application gains that much; `None` where it does at none.
fn enough_from(ratio: f64, gain: f64) -> Option<f64> {
    let share = (1.0 - 1.0 / gain) / (1.0 - 1.0 / ratio);
    (ratio > 1.0 && (0.0..=1.0).contains(&share)).then_some(share)
}

fn axes(drawing: &mut Drawing, up: &Scale, across: &Scale, (top, bottom): (f64, f64)) {
    let right = across.pixel(1.0);
    drawing.text((EDGE, top - 18.0), "application's speed-up", 200.0, NOTE, Colour::Muted, Anchor::Start);
    for tick in ratio_ticks(up) {
        let y = up.pixel(tick);
        let is_one = (tick - 1.0).abs() < 1e-9;
        drawing.line((LEFT, y), (right, y), if is_one { Colour::Axis } else { Colour::Grid }, 1);
        // Labelled as texts that end there are read as values, an axis centres its own.
        let label = ratio_label(tick);
        let middle = LEFT - 8.0 - text::pixels(&label, NOTE) / 2.0;
        drawing.text((middle, y), &label, LEFT, NOTE, Colour::Muted, Anchor::Middle);
    }
    drawing.line((LEFT, bottom), (right, bottom), Colour::Axis, 1);
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = across.pixel(share);
        drawing.line((x, bottom), (x, bottom + 5.0), Colour::Axis, 1);
        let label = if share == 0.0 { "0".to_owned() } else { units::share(share) };
        let x = x.min(drawing.width - 2.0 - text::pixels(&label, NOTE) / 2.0);
        drawing.text((x, bottom + 16.0), &label, 60.0, NOTE, Colour::Muted, Anchor::Middle);
    }
    let middle = f64::midpoint(LEFT, right);
    drawing.text(
        (middle, bottom + 34.0),
        "share of the application's run time",
        260.0,
        NOTE,
        Colour::Muted,
        Anchor::Middle,
    );
}

fn legend(drawing: &mut Drawing, cell: &Implementation, time: &Comparison) {
    let right = drawing.width - EDGE;
    let value = speedup::quoted(time).phrase();
    let room = right - EDGE - 26.0 - text::pixels(&value, NOTE) - 10.0;
    drawing.line((EDGE, 20.0), (EDGE + 20.0, 20.0), Colour::Of(cell.kind), 3);
    drawing.text((EDGE + 26.0, 20.0), &speedup::label(cell), room, LABEL, Colour::Ink, Anchor::Start);
    drawing.text((right, 20.0), &value, drawing.width, NOTE, Colour::Ink, Anchor::End);
    let ceiling = "if it took no time";
    let left = right - text::pixels(ceiling, NOTE);
    let points = vec![(left - 26.0, 44.0), (left - 6.0, 44.0)];
    drawing.add(Shape::Line { points, colour: Colour::Muted, width: 1, stroke: Stroke::Dashed(4) });
    drawing.text((left, 44.0), ceiling, drawing.width, NOTE, Colour::Muted, Anchor::Start);
}

fn describe(cell: &Implementation, time: &Comparison, own: &str, threshold: &str) -> String {
    let at = TOLD.map(|share| {
        let gain = quoted(share, time).value;
        format!("{} at a share of {}", gain.trim_end_matches('×'), units::share(share))
    });
    format!(
        "With {}, {}, the application becomes so many times as fast: {}; {own}; {threshold}",
        speedup::label(cell),
        speedup::phrase(time),
        at.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_holds_at_its_ends_and_between() {
        for (share, ratio, expected) in
            [(0.0, 9.0, 1.0), (1.0, 9.0, 9.0), (0.5, f64::INFINITY, 2.0), (0.32, 4.0, 1.315_789)]
        {
            assert!((application(share, ratio) - expected).abs() < 1e-6);
        }
        let share = enough_from(4.0, 1.2).unwrap();
        assert!((application(share, 4.0) - 1.2).abs() < 1e-9);
        assert_eq!([enough_from(1.1, 1.2), enough_from(0.5, 1.2), enough_from(1.0, 1.2)], [None, None, None]);
    }
}
