//! The kernels that need no Python, as criterion measures them.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gate_study::{kernels, sample};

fn all(criterion: &mut Criterion) {
    let (few, some, many) = (sample(500), sample(6_000), sample(8_192));
    criterion.bench_function("mix", |bencher| bencher.iter(|| kernels::mix(black_box(&few))));
    criterion.bench_function("pieces", |bencher| bencher.iter(|| kernels::pieces(black_box(&some))));
    criterion.bench_function("tape", |bencher| bencher.iter(|| kernels::tape(black_box(&many))));
}

criterion_group!(benches, all);
criterion_main!(benches);
