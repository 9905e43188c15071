//! Criterion over the registry, or the worker when the tool asks.
//!
//! The tool runs one id at a time, such as `csv_count/1000`, with the input that it names in `RUSTWORTHY_INPUT`.
//! Without that, each workload runs on its sample: `cargo bench` works as anywhere.

use std::process::{self, ExitCode};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use rustworthy_worker::{Entry, Failure, Input, Task};

fn main() -> ExitCode {
    let registry = rustworthy_suite::all();
    if rustworthy_worker::is_asked() {
        return rustworthy_worker::serve(&registry);
    }
    let size = Input::size_from_env().unwrap_or_else(|failure| give_up("the environment", &failure));
    let mut criterion = Criterion::default().configure_from_args();
    for entry in registry.entries() {
        bench(&mut criterion, entry, size.unwrap_or(entry.sample_size));
    }
    criterion.final_summary();
    ExitCode::SUCCESS
}

fn bench(criterion: &mut Criterion, entry: &Entry, size: u64) {
    let mut group = criterion.benchmark_group(entry.name);
    // Prepared when first called, so that an id which is filtered out costs nothing and cannot fail: the input that
    // the environment names is an input of one workload only.
    let mut prepared: Option<Box<dyn Task>> = None;
    group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
        let task = prepared.get_or_insert_with(|| {
            entry.from_env().unwrap_or_else(|failure| give_up(&format!("{}/{size}", entry.name), &failure))
        });
        bencher.iter_custom(|calls| -> Duration {
            task.slice(calls).unwrap_or_else(|failure| give_up(&format!("{}/{size}", entry.name), &failure))
        });
    });
    group.finish();
}

/// Criterion has no failed benchmark, and a time without a result must not be reported.
fn give_up(what: &str, failure: &Failure) -> ! {
    eprintln!("error: {what}: {failure}");
    process::exit(1)
}
