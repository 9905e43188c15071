//! The picture that a report opens with: every candidate's speed-up with its interval on one logarithmic axis.

use super::axis::{Scale, ratio_label, ratio_ticks};
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Shape, Stroke};
use super::legend::{entries, legend};
use super::marker::{Filling, mark};
use super::value::{self, Value};
use super::{LABEL, NOTE, Room};
use crate::evidence::{Comparison, Run, Status};
use crate::report::speedup::{self, Headline};
use crate::report::{reading, text, units};

/// Where things lie across the picture.
struct Layout {
    width: f64,
    edge: f64,
    names: f64,
    plot: (f64, f64),
    row: f64,
    head: f64,
    /// Names and values stand in a line of their own above the marks.
    stacked: bool,
}

impl Layout {
    fn of(room: Room) -> Layout {
        match room {
            Room::Wide => Layout {
                width: 960.0,
                edge: 24.0,
                names: 236.0,
                plot: (284.0, 700.0),
                row: 26.0,
                head: 40.0,
                stacked: false,
            },
            Room::Narrow => Layout {
                width: 360.0,
                edge: 14.0,
                names: 150.0,
                plot: (24.0, 336.0),
                row: 44.0,
                head: 44.0,
                stacked: true,
            },
        }
    }

    fn right(&self) -> f64 {
        self.width - self.edge
    }
}

/// The forest plot of a run; `None` where nothing could be compared.
pub fn speedups(run: &Run, room: Room) -> Option<Drawing> {
    let headlines = speedup::headlines(run);
    let ratios: Vec<&Comparison> = headlines.iter().filter_map(|headline| headline.time).collect();
    if ratios.is_empty() {
        return None;
    }
    let layout = Layout::of(room);
    let mut drawing =
        Drawing::new(layout.width, &format!("{}: speed-up over the baseline", text::visible(&run.project)));
    drawing.description = describe(&headlines);
    drawing.caption = reading::opening_caption(run);
    let scale = scale_of(&ratios, &layout);

    let kinds = speedup::kinds(headlines.iter().map(|headline| headline.candidate));
    let mut fillings = Vec::new();
    for filling in [Filling::Indicative, Filling::Unverified] {
        if headlines.iter().any(|headline| headline.time.is_some_and(|time| filling_of(headline, time) == filling)) {
            fillings.push(filling);
        }
    }
    let legend_end = legend(&mut drawing, &entries(&kinds, &fillings), layout.edge, layout.right(), 24.0);
    let top = legend_end + 64.0;
    let (heads, places, bottom) = place(run, &layout, top);
    // Lines run behind the marks only, never through a name.
    let bands: Vec<(f64, f64)> = if layout.stacked {
        places.iter().filter(|(row, _)| row.time.is_some()).map(|(_, y)| (y + 18.0, y + 38.0)).collect()
    } else {
        heads
            .iter()
            .enumerate()
            .map(|(index, (_, y))| {
                let end = heads.get(index + 1).map_or(bottom, |next| next.1);
                (y + layout.head - 6.0, end + 2.0)
            })
            .collect()
    };
    axis(&mut drawing, &layout, &scale, (top, bottom), &bands);
    for (first, y) in &heads {
        head(&mut drawing, &layout, first, *y);
    }
    for (headline, y) in &places {
        row(&mut drawing, &layout, &scale, headline, *y);
    }
    drawing.height = bottom + 34.0;
    Some(drawing)
}

type Placed<'run> = Vec<(Headline<'run>, f64)>;

/// The height of each workload's head and of each row, and where they end.
fn place<'run>(run: &'run Run, layout: &Layout, top: f64) -> (Placed<'run>, Placed<'run>, f64) {
    let (mut heads, mut rows, mut y) = (Vec::new(), Vec::new(), top);
    for workload in &run.workloads {
        let of_workload = speedup::headlines_of(workload);
        let Some(first) = of_workload.first() else { continue };
        heads.push((*first, y));
        y += layout.head;
        for headline in of_workload {
            rows.push((headline, y));
            // A row of words alone needs no room for a mark.
            y += if layout.stacked && headline.time.is_none() { WORDS } else { layout.row };
        }
    }
    (heads, rows, y)
}

/// The height of a row of words, pixels.
const WORDS: f64 = 24.0;

/// From the smallest to the largest interval's end, 1× among them, with some air.
fn scale_of(ratios: &[&Comparison], layout: &Layout) -> Scale {
    let low = ratios.iter().map(|ratio| ratio.low).fold(1.0, f64::min).max(1e-9);
    let high = ratios.iter().map(|ratio| ratio.high).fold(1.0, f64::max).min(1e12);
    let air = (high / low).powf(0.05).max(1.15);
    Scale::logarithmic(low / air, high * air, layout.plot.0, layout.plot.1)
}

fn axis(drawing: &mut Drawing, layout: &Layout, scale: &Scale, (top, bottom): (f64, f64), bands: &[(f64, f64)]) {
    let ticks = ratio_ticks(scale);
    let same = scale.pixel(1.0);
    for (from, to) in bands {
        for tick in ticks.iter().filter(|tick| (**tick - 1.0).abs() > 1e-9) {
            drawing.line((scale.pixel(*tick), *from), (scale.pixel(*tick), *to), Colour::Grid, 1);
        }
        drawing.line((same, *from), (same, *to), Colour::Axis, 2);
    }
    for tick in ticks {
        for y in [top - 18.0, bottom + 16.0] {
            drawing.text((scale.pixel(tick), y), &ratio_label(tick), 80.0, NOTE, Colour::Muted, Anchor::Middle);
        }
    }
    let words = text::pixels("same speed", NOTE) / 2.0;
    let at = same.clamp(layout.edge + words, layout.right() - words);
    drawing.text((at, top - 36.0), "same speed", 90.0, NOTE, Colour::Ink, Anchor::Middle);
    let room_left = at - words - 10.0 - layout.edge;
    let room_right = layout.right() - at - words - 10.0;
    for (word, room, x, anchor) in [
        ("← slower", room_left, at - words - 10.0, Anchor::End),
        ("faster →", room_right, at + words + 10.0, Anchor::Start),
    ] {
        if room > text::pixels(word, NOTE) {
            drawing.text((x, top - 36.0), word, room, NOTE, Colour::Muted, anchor);
        }
    }
}

/// The workload's name on the left, its size and rounds on the right, above a thin line.
fn head(drawing: &mut Drawing, layout: &Layout, first: &Headline, y: f64) {
    let rounds = speedup::headlines_of(first.workload).iter().filter_map(|headline| Some(headline.time?.rounds)).max();
    let rounds = rounds.map(|rounds| units::plural(rounds.into(), "round"));
    let size = speedup::size_label(first.workload, first.size);
    let note: Vec<String> = size.into_iter().chain(rounds).collect();
    let note = text::cut_pixels(&note.join(" · "), layout.width * 0.58, NOTE);
    let room = layout.right() - layout.edge - text::pixels(&note, NOTE) - 12.0;
    let middle = y + layout.head * 0.56;
    drawing.bold((layout.edge, middle), &text::visible(&first.workload.name), room, LABEL);
    drawing.text((layout.right(), middle), &note, layout.width, NOTE, Colour::Muted, Anchor::End);
}

fn row(drawing: &mut Drawing, layout: &Layout, scale: &Scale, headline: &Headline, y: f64) {
    let Headline { candidate, time, .. } = headline;
    let (words, marks) =
        if layout.stacked { (y + 10.0, y + 28.0) } else { (y + layout.row / 2.0, y + layout.row / 2.0) };
    let value = time.map_or_else(|| candidate.status.as_str().to_owned(), value_label);
    let value = text::cut_pixels(&value, layout.width * 0.6, NOTE);
    let name_room =
        if layout.stacked { layout.right() - layout.edge - text::pixels(&value, NOTE) - 10.0 } else { layout.names };
    drawing.text((layout.edge, words), &speedup::label(candidate), name_room, LABEL, Colour::Ink, Anchor::Start);
    let ink = if time.is_some() { Colour::Ink } else { Colour::Muted };
    drawing.text((layout.right(), words), &value, layout.width, NOTE, ink, Anchor::End);
    let Some(time) = time else { return };

    let colour = Colour::Of(candidate.kind);
    let filling = filling_of(headline, time);
    let (low, at, high) = (scale.pixel(time.low), scale.pixel(time.ratio), scale.pixel(time.high));
    let same = scale.pixel(1.0);
    // A thin lead from 1× to the mark lets the eye measure the distance.
    let toward = if at > same { at - 6.0 } else { at + 6.0 };
    if (at - same).abs() > 8.0 {
        drawing.add(Shape::Line {
            points: vec![(same, marks), (toward, marks)],
            colour,
            width: 1,
            stroke: Stroke::Solid,
        });
    }
    for (end, inward) in [(low, at - 6.0), (high, at + 6.0)] {
        if (end - at).abs() > 6.0 {
            drawing.line((end, marks), (inward, marks), colour, 3);
            drawing.line((end, marks - 5.0), (end, marks + 5.0), colour, 2);
        }
    }
    mark(drawing, (at, marks), candidate.kind, filling, 5.0);
    let (name, said) = said(headline);
    let text = format!("{said}{}", reading::at(headline.workload, headline.size));
    drawing.values.push(Value { at: (at, marks), reach: drawing.width, name, text });
}

/// Whose row it is, and what it says.
fn said(headline: &Headline) -> (String, String) {
    let name = format!("{}, {}", text::visible(&headline.workload.name), value::name(headline.candidate));
    let said = headline.time.map_or_else(|| headline.candidate.status.as_str().to_owned(), speedup::phrase);
    (name, said)
}

fn value_label(time: &Comparison) -> String {
    let quoted = speedup::quoted(time);
    if time.indicative { format!("~{}", quoted.phrase()) } else { quoted.phrase() }
}

fn filling_of(headline: &Headline, time: &Comparison) -> Filling {
    match headline.candidate.status {
        Status::Unverified => Filling::Unverified,
        Status::Measured | Status::Differs | Status::Failed | Status::Skipped => {
            if time.indicative {
                Filling::Indicative
            } else {
                Filling::Full
            }
        }
    }
}

fn describe(headlines: &[Headline]) -> String {
    let rows = headlines.iter().map(said).map(|(name, said)| format!("{name}: {said}"));
    rows.collect::<Vec<_>>().join("; ")
}
