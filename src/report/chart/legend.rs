//! What the marks of a chart mean, in rows that break where the room ends.

use super::NOTE;
use super::colour::Colour;
use super::drawing::{Anchor, Drawing};
use super::marker::{Filling, mark};
use crate::evidence::Kind;
use crate::report::text;

/// One entry: a mark and its word.
pub struct Entry {
    kind: Kind,
    filling: Filling,
    word: &'static str,
}

/// An entry for each kind, and for each filling beyond the full one.
pub fn entries(kinds: &[Kind], fillings: &[Filling]) -> Vec<Entry> {
    let of_kinds = kinds.iter().map(|kind| Entry { kind: *kind, filling: Filling::Full, word: kind.as_str() });
    let of_fillings = fillings.iter().filter_map(|filling| {
        let word = match filling {
            Filling::Full => return None,
            Filling::Indicative => "hollow: indicative",
            Filling::Unverified => "hatched: unverified",
        };
        Some(Entry { kind: kinds.last().copied().unwrap_or(Kind::Python), filling: *filling, word })
    });
    of_kinds.chain(of_fillings).collect()
}

/// Draws the entries from `left` to `right` with the first row at height `top`; the height of the last row.
pub fn legend(drawing: &mut Drawing, entries: &[Entry], left: f64, right: f64, top: f64) -> f64 {
    let (mut x, mut y) = (left, top);
    for entry in entries {
        let width = text::pixels(entry.word, NOTE) * 0.92;
        if x > left && x + 16.0 + width > right {
            (x, y) = (left, y + 20.0);
        }
        mark(drawing, (x + 5.0, y), entry.kind, entry.filling, 4.5);
        drawing.text((x + 16.0, y), entry.word, right - x, NOTE, Colour::Muted, Anchor::Start);
        x += 16.0 + width + 16.0;
    }
    y
}
