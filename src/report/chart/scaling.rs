//! How the time of a call grows with the size of its input, one line an implementation.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Point, Shape, Stroke};
use super::marker::{Filling, mark};
use super::value::Value;
use super::{LABEL, NOTE, Room};
use crate::evidence::{Estimate, Implementation, Run, Size, Status, Workload};
use crate::report::{reading, speedup, text, units};

/// One implementation's times over the sizes.
struct Series<'run> {
    cell: &'run Implementation,
    stroke: Stroke,
    points: Vec<Timed<'run>>,
}

/// Its time at one of them.
struct Timed<'run> {
    size: &'run Size,
    cell: &'run Implementation,
    time: Estimate,
}

/// Where things lie in the picture.
struct Frame {
    width: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

const ROW: f64 = 17.0;

/// Time a call against size, both logarithmic; `None` where fewer than two sizes were timed.
pub fn scaling(run: &Run, workload: &Workload, room: Room) -> Option<Drawing> {
    let series = series_of(workload);
    if !are_curves(workload, &series) {
        return None;
    }
    let (width, right) = match room {
        Room::Wide => (540.0, 396.0),
        Room::Narrow => (360.0, 248.0),
    };
    let height = (series.len() as f64 * ROW + 40.0).max(250.0);
    let frame = Frame { width, left: 66.0, right, top: 44.0, bottom: 44.0 + height };
    let mut drawing = Drawing::new(width, &format!("{}: time per call by size", text::visible(&workload.name)));
    drawing.description = describe(&series);
    drawing.caption = reading::scaling_caption(run, workload);
    drawing.height = frame.bottom + 52.0;

    let sizes: Vec<u64> = workload.sizes.iter().map(|size| size.size).collect();
    let across = across(&sizes, &frame);
    let up = up(&series, &frame);
    drawing.text((16.0, 20.0), "time per call", width, NOTE, Colour::Muted, Anchor::Start);
    time_axis(&mut drawing, &frame, &up);
    size_axis(&mut drawing, &frame, &across, &sizes, workload.unit.as_deref());
    for series in &series {
        line(&mut drawing, workload, series, &across, &up);
    }
    names(&mut drawing, &frame, &series, &across, &up);
    Some(drawing)
}

/// Whether a workload has that picture, without drawing it.
pub fn has_scaling(workload: &Workload) -> bool {
    are_curves(workload, &series_of(workload))
}

fn are_curves(workload: &Workload, series: &[Series]) -> bool {
    workload.shows_sizes() && series.iter().any(|series| series.points.len() >= 2)
}

fn series_of(workload: &Workload) -> Vec<Series<'_>> {
    let Some(last) = workload.sizes.last() else { return Vec::new() };
    let mut seen = Vec::new();
    last.implementations
        .iter()
        .map(|cell| {
            let twins = seen.iter().filter(|kind| **kind == cell.kind).count();
            seen.push(cell.kind);
            let stroke = match twins {
                0 => Stroke::Solid,
                1 => Stroke::Dashed(6),
                _ => Stroke::Dashed(2),
            };
            let points = workload
                .sizes
                .iter()
                .filter_map(|size| {
                    let cell = size.implementation(&cell.name)?;
                    let time = cell.time_ns.filter(|_| cell.status.is_timed())?;
                    Some(Timed { size, cell, time })
                })
                .collect();
            Series { cell, stroke, points }
        })
        .filter(|series: &Series| !series.points.is_empty())
        .collect()
}

fn filling(cell: &Implementation) -> Filling {
    match cell.status {
        Status::Unverified => Filling::Unverified,
        Status::Measured | Status::Differs | Status::Failed | Status::Skipped => {
            if speedup::is_indicative(cell.launches.len()) { Filling::Indicative } else { Filling::Full }
        }
    }
}

fn across(sizes: &[u64], frame: &Frame) -> Scale {
    // Size 0 has no logarithm; it stands where 1 would.
    let values = || sizes.iter().map(|size| (*size as f64).max(1.0));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let air = (high / low).powf(0.06).max(1.05);
    Scale::logarithmic(low / air, high * air, frame.left, frame.right)
}

fn up(series: &[Series], frame: &Frame) -> Scale {
    let times = || series.iter().flat_map(|series| &series.points).map(|timed| timed.time);
    let low = times().map(|time| time.low).fold(f64::INFINITY, f64::min).max(1e-3);
    let high = times().map(|time| time.high).fold(0.0, f64::max).max(low * 1.0001);
    let air = (high / low).powf(0.06).max(1.2);
    Scale::logarithmic(low / air, high * air, frame.bottom, frame.top)
}

fn time_axis(drawing: &mut Drawing, frame: &Frame, up: &Scale) {
    for tick in up.ticks(7) {
        let y = up.pixel(tick);
        drawing.line((frame.left, y), (frame.right, y), Colour::Grid, 1);
        let label = units::time_tick(tick);
        drawing.text((frame.left - 8.0, y), &label, frame.left - 10.0, NOTE, Colour::Muted, Anchor::End);
    }
}

/// The measured sizes are the ticks; of those too near each other the larger stay.
fn size_axis(drawing: &mut Drawing, frame: &Frame, across: &Scale, sizes: &[u64], unit: Option<&str>) {
    drawing.line((frame.left, frame.bottom), (frame.right, frame.bottom), Colour::Axis, 1);
    let mut free_to = f64::INFINITY;
    for size in sizes.iter().rev() {
        let at = across.pixel((*size as f64).max(1.0));
        drawing.line((at, frame.bottom), (at, frame.bottom + 5.0), Colour::Axis, 1);
        let label = units::count_short(*size);
        let half = text::pixels(&label, NOTE) / 2.0;
        if at + half + 6.0 < free_to {
            drawing.text((at, frame.bottom + 16.0), &label, 90.0, NOTE, Colour::Muted, Anchor::Middle);
            free_to = at - half;
        }
    }
    let unit = unit.map_or_else(|| "size".to_owned(), text::visible);
    let middle = f64::midpoint(frame.left, frame.right);
    drawing.text((middle, frame.bottom + 36.0), &unit, frame.right - frame.left, NOTE, Colour::Muted, Anchor::Middle);
}

fn place(timed: &Timed, across: &Scale, up: &Scale) -> Point {
    (across.pixel((timed.size.size as f64).max(1.0)), up.pixel(timed.time.estimate))
}

fn line(drawing: &mut Drawing, workload: &Workload, series: &Series, across: &Scale, up: &Scale) {
    let colour = Colour::Of(series.cell.kind);
    let points: Vec<Point> = series.points.iter().map(|timed| place(timed, across, up)).collect();
    for pair in points.windows(2) {
        // The line stops short of its marks, so that hollow ones stay hollow.
        let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let length = dx.hypot(dy).max(1.0);
        let (gap_x, gap_y) = (dx / length * 6.0, dy / length * 6.0);
        let ends = vec![(pair[0].0 + gap_x, pair[0].1 + gap_y), (pair[1].0 - gap_x, pair[1].1 - gap_y)];
        if length > 14.0 {
            drawing.add(Shape::Line { points: ends, colour, width: 2, stroke: series.stroke });
        }
    }
    for (point, Timed { size, cell, time }) in points.iter().zip(&series.points) {
        for (end, inward) in [(up.pixel(time.low), point.1 + 5.0), (up.pixel(time.high), point.1 - 5.0)] {
            if (end - point.1).abs() > 5.0 {
                drawing.line((point.0, end), (point.0, inward), colour, 1);
                drawing.line((point.0 - 4.0, end), (point.0 + 4.0, end), colour, 1);
            }
        }
        let filling = filling(cell);
        mark(drawing, *point, series.cell.kind, filling, 4.0);
        let time = units::time_quoted(time, filling == Filling::Indicative).phrase();
        drawing.values.push(Value::of(cell, *point, 0.0, time + &reading::at(workload, size)));
    }
}

/// Each line's name beside its end, pushed apart where lines end close together.
fn names(drawing: &mut Drawing, frame: &Frame, series: &[Series], across: &Scale, up: &Scale) {
    let mut ends: Vec<(Point, &Series)> =
        series.iter().filter_map(|series| Some((place(series.points.last()?, across, up), series))).collect();
    ends.sort_by(|one, other| one.0.1.total_cmp(&other.0.1));
    let wanted: Vec<f64> = ends.iter().map(|(end, _)| end.1).collect();
    let left = frame.right + 26.0;
    for ((end, series), y) in ends.iter().zip(apart(&wanted, ROW, frame.top, frame.bottom)) {
        let colour = Colour::Of(series.cell.kind);
        drawing.line((end.0 + 8.0, end.1), (left - 6.0, y), colour, 1);
        let name = text::visible(&series.cell.name);
        drawing.text((left, y), &name, frame.width - left - 8.0, LABEL, colour, Anchor::Start);
    }
}

/// Ascending places moved as little as it takes to keep `gap` between neighbours and stay within the ends.
fn apart(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    // Clusters of labels that touch are centred on the mean of where their labels want to be.
    let mut clusters: Vec<(f64, usize)> = Vec::new();
    for place in wanted {
        let mut cluster = (*place, 1);
        while let Some(above) = clusters.last().copied() {
            let reach = (above.1 + cluster.1) as f64 * gap / 2.0;
            if cluster.0 - above.0 >= reach {
                break;
            }
            let members = above.1 + cluster.1;
            cluster = ((above.0 * above.1 as f64 + cluster.0 * cluster.1 as f64) / members as f64, members);
            clusters.pop();
        }
        let half = cluster.1 as f64 * gap / 2.0;
        cluster.0 = cluster.0.min(bottom - half).max(top + half);
        clusters.push(cluster);
    }
    // Bounding a cluster may have moved it onto the one above: push up from the bottom once more.
    let mut places: Vec<f64> = clusters
        .iter()
        .flat_map(|(centre, members)| {
            (0..*members).map(move |index| centre + (index as f64 - (*members as f64 - 1.0) / 2.0) * gap)
        })
        .collect();
    for index in (1..places.len()).rev() {
        places[index - 1] = places[index - 1].min(places[index] - gap);
    }
    places
}

fn describe(series: &[Series]) -> String {
    let lines: Vec<String> = series
        .iter()
        .map(|series| {
            let points: Vec<String> = series
                .points
                .iter()
                .map(|timed| format!("{} at {}", units::time(timed.time.estimate), units::count(timed.size.size)))
                .collect();
            format!(
                "{} ({}): {}",
                text::visible(&series.cell.name),
                speedup::kind_label(series.cell),
                points.join(", ")
            )
        })
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn labels_keep_their_distance_and_their_order() {
        for wanted in
            [vec![50.0, 51.0, 52.0], vec![0.0, 0.0, 300.0, 300.0], vec![10.0, 20.0, 30.0, 100.0, 104.0, 299.0]]
        {
            let places = apart(&wanted, 17.0, 0.0, 300.0);
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 17.0 - 1e-9), "{places:?}");
            assert!(places.iter().all(|place| (-1e-9..=300.0).contains(place)), "{places:?}");
        }
    }
}
