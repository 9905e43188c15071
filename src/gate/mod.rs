//! Policy held against evidence: pass, fail or inconclusive, and the formats that CI reads. Nothing here measures.

mod base;
pub mod document;
mod floors;
pub mod formats;
mod instructions;
mod judge;
mod places;
pub mod summary;
#[cfg(test)]
mod tests;
mod words;

pub use base::{Refused, base};
pub use document::{Acknowledged, Gate, Mode, Outcome, Topic, Trees};
pub use instructions::{INSTRUCTIONS_UNCHANGED, NOT_DETERMINISTIC};
pub use judge::{Facts, against, bars, breaks_equality, counted, failing, gated, margins, saved};
pub use places::point;
