//! One Rust implementation of a workload, and the object that executes it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::{Canonical, Failure, Input, Value};

/// One task with its input, implemented in Rust.
///
/// [`Workload::run`] is the only part that is timed. It takes its input by reference, so that it cannot change it
/// and the next call sees the same.
pub trait Workload: 'static {
    /// What the manifest and criterion's ids call it.
    const NAME: &'static str;
    /// The size of [`Workload::sample`], in the workload's unit.
    const SAMPLE_SIZE: u64;
    /// The arguments, in the types that a Rust developer would use.
    type Input: 'static;
    /// The result.
    type Output: Canonical;

    /// Turns Python's arguments into Rust's, outside the clock.
    ///
    /// # Errors
    /// What the call itself would raise in Python, such as `TypeError` for a mistyped argument: a worker reports it
    /// as the outcome of the call.
    fn prepare(input: Input) -> Result<Self::Input, Failure>;

    /// A small input that needs no Python, so that plain `cargo bench` works.
    fn sample() -> Self::Input;

    /// The task.
    ///
    /// # Errors
    /// Where the Python baseline raises, under the same class.
    fn run(input: &Self::Input) -> Result<Self::Output, Failure>;
}

/// One call: how long it took, and what it did.
#[derive(Debug)]
pub struct Call {
    /// The time of the call alone.
    pub elapsed: Duration,
    /// Its result in canonical form.
    pub result: Result<Value, Failure>,
}

/// A prepared workload, whatever its types.
pub trait Task {
    /// Calls once; the result is turned into a canonical value after the clock has stopped.
    fn call(&self) -> Call;

    /// The time of this many calls, the drop of each result included: Python frees its results inside the clock too.
    ///
    /// # Errors
    /// The first failure of a call; the time is lost.
    fn slice(&self, calls: u64) -> Result<Duration, Failure>;

    /// The same calls without a clock.
    ///
    /// # Errors
    /// The first failure of a call.
    fn repeat(&self, calls: u64) -> Result<(), Failure>;

    /// Calls once, and `look`s while the result is held.
    ///
    /// # Errors
    /// The failure of the call; `look` is not called.
    fn hold(&self, look: &mut dyn FnMut()) -> Result<(), Failure>;
}

/// The [`Task`] of a [`Workload`]: monomorphic, so that no virtual call stands in the timed loop.
pub(crate) struct Prepared<W: Workload> {
    input: W::Input,
}

impl<W: Workload> Prepared<W> {
    pub(crate) fn new(input: W::Input) -> Prepared<W> {
        Prepared { input }
    }
}

impl<W: Workload> Task for Prepared<W> {
    fn call(&self) -> Call {
        let start = Instant::now();
        let output = black_box(W::run(black_box(&self.input)));
        let elapsed = start.elapsed();
        Call { elapsed, result: output.map(|output| output.canonical()) }
    }

    fn slice(&self, calls: u64) -> Result<Duration, Failure> {
        let start = Instant::now();
        self.repeat(calls)?;
        Ok(start.elapsed())
    }

    #[inline]
    fn repeat(&self, calls: u64) -> Result<(), Failure> {
        for _ in 0..calls {
            drop(black_box(W::run(black_box(&self.input)))?);
        }
        Ok(())
    }

    fn hold(&self, look: &mut dyn FnMut()) -> Result<(), Failure> {
        let output = black_box(W::run(black_box(&self.input)))?;
        look();
        drop(output);
        Ok(())
    }
}
