//! A run as pages for people and files for programs, made from evidence alone.
//!
//! Every format is a pure function of an analysed run: [`html()`], [`markdown()`], [`csv()`], [`terminal::summary`] and the
//! pictures in [`chart`]. What the numbers say is decided once, in [`speedup`] and [`reading`], so that no format
//! claims more than another. Only [`write()`] touches files.

mod captions;
pub mod chart;
mod claims;
pub mod compare;
mod csv;
mod decomposed;
mod detail;
pub mod doctor;
mod facts;
#[cfg(test)]
mod fixture;
mod html;
mod markdown;
mod marks;
mod page;
mod plan;
pub mod reading;
pub mod recommendation;
mod slug;
pub mod speedup;
pub mod terminal;
#[cfg(test)]
mod tests;
mod warned;
mod write;

use crate::text;
pub use crate::units;
pub use csv::csv;
pub use html::html;
pub use markdown::markdown;
pub use text::{visible, visible_lines};
pub use units::bytes;
pub use write::{Charts, WriteError, Written, write};
