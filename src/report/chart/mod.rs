//! Pictures of a run: SVG that reads on a light page and a dark one, on a desk and on a phone, alone and in a page.

mod axis;
mod colour;
mod drawing;
mod legend;
mod marker;
mod scaling;
mod speedups;
mod split;

pub use colour::{KINDS, style_sheet, variables};
pub use drawing::{Drawing, Use};
pub use scaling::scaling;
pub use speedups::speedups;
pub use split::split;

/// The room that a picture is drawn for. Text keeps its size in both, so each page shows the one that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A desk's screen, paper, a README.
    Wide,
    /// A phone.
    Narrow,
}

/// The size of labels, pixels.
const LABEL: f64 = 13.0;
/// The size of ticks and notes, pixels.
const NOTE: f64 = 12.0;
