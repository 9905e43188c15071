//! The command line, end to end: the real binary on projects of pure Python made in temporary folders.
//!
//! No test asserts a duration; time-outs only keep a hang from blocking the whole suite.

mod agreement;
mod articles;
mod callables;
mod cases;
mod commands;
mod counts;
mod divergences;
mod doctor;
mod environment;
mod failures;
mod foreign;
mod gate;
mod gate_saved;
mod inputs;
mod interrupts;
mod numbers;
mod packaging;
mod project;
mod resume;
mod saved;
mod scaffold;
mod traps;
mod unready;
mod usage;
