//! The job protocol of `rustworthy` for Rust code.
//!
//! A bench that links this crate answers, when `RUSTWORTHY_WORKER` is set, the same JSON job protocol as the Python
//! timing script: prepare, digest the result, time a slice of calls, measure the memory of one call
//! (`docs/PROTOCOL.md`). The tool itself uses the crate for the protocol's types and for canonical values, so that
//! there is one definition of each.
//!
//! Implement [`Workload`] for each benchmark, list them with [`registry!`], and let the bench's `main` ask first:
//!
//! ```no_run
//! use rustworthy_worker::{Failure, Input, Workload, registry};
//!
//! struct Double;
//!
//! impl Workload for Double {
//!     const NAME: &'static str = "double";
//!     const SAMPLE_SIZE: u64 = 1;
//!     type Input = i64;
//!     type Output = i64;
//!
//!     fn prepare(input: Input) -> Result<i64, Failure> {
//!         let [number] = input.into_arguments()?;
//!         number.into_int()
//!     }
//!
//!     fn sample() -> i64 {
//!         21
//!     }
//!
//!     fn run(number: &i64) -> Result<i64, Failure> {
//!         number.checked_mul(2).ok_or_else(|| Failure::overflow_error("twice the number is beyond 64 bits"))
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     let registry = registry![Double];
//!     if rustworthy_worker::is_asked() {
//!         return rustworthy_worker::serve(&registry);
//!     }
//!     // … hand the registry to criterion
//!     std::process::ExitCode::SUCCESS
//! }
//! ```

mod convert;
pub mod environment;
mod failure;
mod input;
mod outcome;
pub mod protocol;
mod registry;
mod sampling;
mod serve;
mod shapes;
#[cfg(feature = "source")]
pub mod source;
mod system;
pub mod value;
mod workload;

pub use failure::Failure;
pub use input::Input;
pub use registry::{Entry, Registry};
pub use serve::{is_asked, serve};
pub use shapes::{Bytes, FromValue, Pairs};
pub use value::{Canonical, Value};
pub use workload::{Call, Task, Workload};
