//! Is this Python worth its weight in Rust? `rustworthy` answers with evidence.
//!
//! ```text
//! rustworthy.toml ─ manifest ─▶ Project ─ prepare ─▶ cells ─ equality ─▶ cells that agree
//!          runners ◀─ schedule: rounds until precise or out of time
//!             │ samples
//!             ▼
//!      evidence (run.json) ─ analysis ─▶ comparisons ─ verdict ─▶ report and gate
//! ```
//!
//! Data goes one way. Nothing after [`evidence`] runs a user's code. The modules, lowest floor first; each uses only
//! what is below it.

pub mod analysis;
pub mod cli;
pub mod equality;
pub mod evidence;
pub mod gate;
pub mod launch;
pub mod manifest;
pub mod markup;
pub mod prepare;
pub mod progress;
pub mod report;
pub mod runner;
pub mod scaffold;
pub mod schedule;
pub mod text;
pub mod units;
pub mod verdict;
