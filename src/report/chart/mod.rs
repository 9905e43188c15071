//! Pictures of a run: SVG that reads on a light page and a dark one, on a desk and on a phone, alone and in a page; and
//! PNG for slides.

mod amdahl;
mod axis;
mod colour;
mod drawing;
mod latency;
mod legend;
mod look;
mod marker;
mod memory;
mod paint;
mod picture;
mod png;
mod rounds;
mod rows;
mod scaling;
mod speedups;
mod split;
mod steps;
mod svg;
mod value;

pub use amdahl::amdahl;
pub use colour::{KINDS, variables};
pub use drawing::{Drawing, Use};
pub use latency::latency;
pub use look::of_page as style_sheet;
pub use memory::memory;
pub use picture::Picture;
pub use png::PngError;
pub use rounds::rounds;
pub use scaling::{has_scaling, scaling};
pub use speedups::speedups;
pub use split::split;
pub use steps::steps;

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
