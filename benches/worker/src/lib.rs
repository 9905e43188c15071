//! The job protocol of `rustworthy` for Rust code.
//!
//! A bench that links this crate answers, when `RUSTWORTHY_WORKER` is set, the same JSON job protocol as the Python
//! timing script: prepare, digest the result, time a slice of calls, measure the memory of one call
//! (`docs/PROTOCOL.md`). The tool itself uses the crate for the protocol's types and for canonical values, so that
//! there is one definition of each.

pub mod protocol;
pub mod value;

pub use value::{Canonical, Value};
