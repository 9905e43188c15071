//! Policy held against evidence: pass, fail or inconclusive, and the formats that CI reads. Nothing here measures.

pub mod document;
mod floors;
mod judge;
mod words;

pub use document::{Acknowledged, Gate, Mode, Outcome, Topic, Trees};
pub use judge::{Facts, SecondLook, against, bars, failing, gated, margins, saved};
