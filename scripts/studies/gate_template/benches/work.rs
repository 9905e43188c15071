//! The worker where the tool asks for it, else a plain clock: `work NAME CALLS SLICES` prints how many nanoseconds each slice
//! of so many calls took, after one that does not count.

use std::process::ExitCode;

use rustworthy_worker::{Failure, Registry};

fn main() -> ExitCode {
    let registry = gate_study::all();
    if rustworthy_worker::is_asked() {
        return rustworthy_worker::serve(&registry);
    }
    match clock(&registry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("work NAME CALLS SLICES: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn clock(registry: &Registry) -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, calls, slices] = words.as_slice() else { return Err(Failure::type_error("three words, please")) };
    let count = |text: &String| text.parse().map_err(|_| Failure::value_error(format!("{text} is no count")));
    let (calls, slices): (u64, u64) = (count(calls)?, count(slices)?);
    let task = registry.find(name)?.sample();
    task.slice(calls)?;
    for _ in 0..slices {
        println!("{}", task.slice(calls)?.as_nanos());
    }
    Ok(())
}
