//! Five workloads for a study of the gate: the kernels, and how the worker and Python reach them.

pub mod kernels;
pub mod planted;

#[cfg(feature = "extension")]
mod extension;

use rustworthy_worker::{Failure, Input, Registry, Workload, registry};

/// Those that need no Python.
pub fn all() -> Registry {
    registry![Mix, Pieces, Tape]
}

fn numbers(input: Input) -> Result<Vec<i64>, Failure> {
    let [numbers] = input.into_arguments()?;
    let mut numbers = numbers.into_ints()?;
    // Outside the clock, and for good: what is called cannot be left out of the program.
    if kernels::padding(numbers.len() as u64) == u64::MAX {
        numbers.clear();
    }
    Ok(numbers)
}

/// As many numbers as an input of this size has, below 2 to the 31st as those are.
pub fn sample(size: u64) -> Vec<i64> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    (0..size).map(|_| next()).collect()
}

macro_rules! workload {
    ($type:ident, $name:literal, $size:literal, $kernel:path) => {
        /// A kernel as a workload.
        pub struct $type;

        impl Workload for $type {
            const NAME: &'static str = $name;
            const SAMPLE_SIZE: u64 = $size;
            type Input = Vec<i64>;
            type Output = i64;

            fn prepare(input: Input) -> Result<Vec<i64>, Failure> {
                numbers(input)
            }

            fn sample() -> Vec<i64> {
                sample($size)
            }

            fn run(numbers: &Vec<i64>) -> Result<i64, Failure> {
                Ok($kernel(numbers))
            }
        }
    };
}

workload!(Mix, "mix", 500, kernels::mix);
workload!(Pieces, "pieces", 6_000, kernels::pieces);
workload!(Tape, "tape", 8_192, kernels::tape);
