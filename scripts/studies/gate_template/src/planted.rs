//! How many passes each kernel makes: the one thing in which a planted slow-down differs from the base.

/// Arithmetic, in Rust alone.
pub const MIX: u32 = 100;
/// Allocations.
pub const PIECES: u32 = 100;
/// Copies.
pub const TAPE: u32 = 100;
/// Arithmetic, called from Python.
pub const FOLD: u32 = 100;
