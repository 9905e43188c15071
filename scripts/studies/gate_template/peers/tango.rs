//! The kernels that need no Python, as tango measures them.

use std::hint::black_box;

use gate_study::{kernels, sample};
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn all() -> impl IntoBenchmarks {
    let kernels: [(&str, u64, fn(&[i64]) -> i64); 3] =
        [("mix", 500, kernels::mix), ("pieces", 6_000, kernels::pieces), ("tape", 8_192, kernels::tape)];
    kernels.map(|(name, size, kernel)| {
        benchmark_fn(name, move |bencher| {
            let numbers = sample(size);
            bencher.iter(move || kernel(black_box(&numbers)))
        })
    })
}

tango_benchmarks!(all());
