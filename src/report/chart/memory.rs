//! How much memory a call needs at its peak, one bar an implementation.

use super::axis::Scale;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing, Shape, Stroke};
use super::rows::{self, EDGE};
use super::value::{self, Value};
use super::{NOTE, Room};
use crate::analysis::MIN_MEMORY_BYTES;
use crate::evidence::{Estimate, Implementation, Run, Size, Workload};
use crate::report::{captions, text, units};

const ROW: f64 = 42.0;

/// Bars from nothing; `None` where no call needs enough memory to be told from the allocator's own.
pub fn memory(run: &Run, workload: &Workload, size: &Size, room: Room) -> Option<Drawing> {
    let cells: Vec<(&Implementation, Estimate)> =
        size.implementations.iter().filter_map(|cell| Some((cell, cell.peak_memory_bytes?))).collect();
    let most = cells.iter().map(|(_, memory)| memory.high).fold(0.0, f64::max);
    if most < MIN_MEMORY_BYTES {
        return None;
    }
    let name = text::visible(&workload.name);
    let mut drawing = Drawing::new(rows::width(room), &format!("{name}: peak memory of a call"));
    let small = cells.iter().any(|(_, memory)| memory.estimate < MIN_MEMORY_BYTES);
    drawing.caption = captions::memory(run, workload, small);

    let limit = workload.limits.peak_memory_bytes.map(|bytes| bytes as f64);
    // A limit far beyond all bars would press them flat; it is told in words then.
    let shown = limit.filter(|limit| *limit <= 2.0 * most);
    let top = if limit.is_some() { 34.0 } else { 14.0 };
    let bottom = top + cells.len() as f64 * ROW;
    let (unit, word) = unit(most);
    let scale = Scale::from_zero(most.max(shown.unwrap_or(0.0)) / unit * 1.02, EDGE, drawing.width - EDGE - 8.0);
    let pixel = |bytes: f64| scale.pixel(bytes / unit);
    let tick_label = |tick: f64| if tick == 0.0 { "0".to_owned() } else { format!("{tick} {word}") };
    let places: Vec<f64> = (0..cells.len()).map(|row| top + row as f64 * ROW).collect();
    let bands: Vec<(f64, f64)> = places.iter().map(|y| (y + 17.0, y + 35.0)).collect();
    let ticks = rows::ticks(&drawing, &scale, 6, tick_label);
    rows::across(&mut drawing, &scale, &ticks, tick_label, &bands, bottom + 8.0);
    if let Some(limit) = limit {
        let words = format!("limit {}", units::bytes(limit));
        let half = text::pixels(&words, NOTE) / 2.0;
        let at = shown.map_or(drawing.width - EDGE - half, pixel);
        let at = at.clamp(EDGE + half, drawing.width - EDGE - half);
        drawing.text((at, 20.0), &words, drawing.width, NOTE, Colour::Ink, Anchor::Middle);
    }
    for ((cell, memory), y) in cells.iter().zip(places) {
        let value = units::bytes_quoted(memory, crate::report::speedup::is_indicative(cell.memory_launches.len()));
        let filling = rows::filling(cell, cell.memory_launches.len());
        rows::title(&mut drawing, cell, filling, &value.phrase(), y + 6.0);
        let (from, to, middle) = (pixel(0.0), pixel(memory.estimate), y + 26.0);
        drawing.values.push(Value::of(cell, (to, middle), drawing.width, value.phrase()));
        let colour = Colour::Of(cell.kind);
        drawing.add(Shape::Box { from: (from, middle - 6.0), to: (to.max(from + 1.0), middle + 6.0), colour });
        rows::whisker(&mut drawing, (to, middle), [pixel(memory.low), pixel(memory.high)], 2.0, Colour::Ink);
        if let Some(limit) = shown {
            let x = pixel(limit);
            let points = vec![(x, y + 17.0), (x, y + 35.0)];
            drawing.add(Shape::Line { points, colour: Colour::Ink, width: 2, stroke: Stroke::Dashed(3) });
        }
    }
    drawing.description = value::described(&drawing.values);
    drawing.height = bottom + 22.0;
    Some(drawing)
}

/// The unit that suits the longest bar: its bytes and its name.
fn unit(most: f64) -> (f64, &'static str) {
    let gigabyte = 1024.0 * MIN_MEMORY_BYTES;
    if most >= gigabyte { (gigabyte, "GiB") } else { (MIN_MEMORY_BYTES, "MiB") }
}
