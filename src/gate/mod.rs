//! Policy held against evidence: pass, fail or inconclusive, and the formats that CI reads. Nothing here measures.

mod base;
pub mod document;
mod floors;
pub mod formats;
mod instructions;
mod judge;
mod memory;
mod places;
pub mod summary;
#[cfg(test)]
mod tests;
mod words;

pub use base::{Refused, base};
pub use document::{Acknowledged, Gate, Mode, Outcome, Topic, Trees};
pub use instructions::{INSTRUCTIONS_UNCHANGED, NOT_DETERMINISTIC, has_as_many_instructions};
pub use judge::{
    Facts, against, bars, breaks_equality, counted, failing, gated, has_control_moved, margins, margins_again, saved,
};
pub use memory::is_settled as is_memory_settled;
pub use places::point;
