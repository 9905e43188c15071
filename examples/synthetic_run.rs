//! Writes a run of many cells, such as no machine has measured: what is `report` like when there is much to report?
//!
//! ```text
//! cargo run --release --example synthetic_run -- target/studies/synthetic --workloads 500
//! rustworthy report target/studies/synthetic/run.json
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::Parser;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustworthy::analysis::analyse;
use rustworthy::evidence::{Effort, Run, SCHEMA};
use rustworthy::schedule::plan;
use serde_json::{Value as Json, json};

/// Makes up a run.
#[derive(Debug, Parser)]
struct Options {
    /// The folder to write it to, as `run.json`.
    folder: PathBuf,
    /// Workloads, each of four sizes with a baseline and four candidates: 20 cells.
    #[arg(long, default_value_t = 500)]
    workloads: u32,
    /// Launches of each cell.
    #[arg(long, default_value_t = 8)]
    rounds: u32,
    /// Batches of each launch.
    #[arg(long, default_value_t = 20)]
    batches: u32,
}

/// Candidates by name, kind, and how many times faster they are.
const IMPLEMENTATIONS: [(&str, &str, f64); 5] = [
    ("baseline", "python", 1.0),
    ("naive", "python", 0.6),
    ("library", "library", 3.0),
    ("hybrid", "hybrid", 9.0),
    ("native", "native", 11.0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let workloads: Vec<Json> = (0..options.workloads).map(|index| workload(&options, &mut random, index)).collect();
    let run = json!({
        "schema": SCHEMA, "id": "synthetic", "created": "2026-01-01T00:00:00Z", "project": "synthetic",
        "tool": {"version": env!("CARGO_PKG_VERSION")}, "command": ["rustworthy", "run"], "seed": 7,
        "plan": plan(Effort::Default, None, None), "complete": true,
        "phases": {"prepare_s": 1.0, "equality_s": 1.0, "measure_s": 1.0},
        "environment": {
            "host_id": "synthetic", "os": "Linux", "cpu_model": "none", "cpu_count": 2, "memory_bytes": 1, "warnings": []
        },
        "workloads": workloads
    });
    let mut run: Run = serde_json::from_value(run)?;
    analyse(&mut run);
    fs::create_dir_all(&options.folder)?;
    let file = options.folder.join("run.json");
    fs::write(&file, serde_json::to_vec(&run)?)?;
    println!("{} cells, {} bytes: {}", run.cells().count(), fs::metadata(&file)?.len(), file.display());
    Ok(())
}

fn workload(options: &Options, random: &mut ChaCha8Rng, index: u32) -> Json {
    let sizes: Vec<Json> = [10_u32, 100, 1_000, 10_000]
        .iter()
        .map(|size| {
            let cells: Vec<Json> =
                IMPLEMENTATIONS.iter().map(|made| cell(options, random, made, f64::from(*size) * 50.0)).collect();
            json!({"size": size, "stopped": "precise", "implementations": cells, "comparisons": []})
        })
        .collect();
    json!({
        "name": format!("workload_{index:04}"), "summary": "Made up", "tags": ["synthetic"], "unit": "items",
        "boundary": "function", "rules": ["strict"], "sizes": sizes
    })
}

fn cell(
    options: &Options,
    random: &mut ChaCha8Rng,
    (name, kind, speed_up): &(&str, &str, f64),
    baseline_ns: f64,
) -> Json {
    let launches: Vec<Json> = (0..options.rounds)
        .map(|round| {
            let call_ns = baseline_ns / speed_up * (0.98 + 0.04 * random.random::<f64>());
            let iterations: Vec<u32> = (1..=options.batches).map(|batch| 13 * batch).collect();
            let elapsed: Vec<u64> = iterations.iter().map(|calls| (f64::from(*calls) * call_ns) as u64).collect();
            json!({
                "round": round, "slot": 0, "hash_seed": round + 1, "iterations": iterations, "elapsed_ns": elapsed,
                "cpu_ns": elapsed.iter().sum::<u64>(), "steady": true, "launch_ns": 800_000_000
            })
        })
        .collect();
    json!({
        "name": name, "role": if *name == "baseline" { "baseline" } else { "candidate" }, "kind": kind,
        "runner": "python", "target": format!("made_up:{name}"), "status": "measured", "launches": launches,
        "kernel": (*name == "hybrid").then_some("native"),
        "memory_launches": (0..options.rounds.min(6)).map(|round| json!({
            "round": round, "before_bytes": 10_000_000, "peak_bytes": 30_000_000, "resident_bytes": 20_000_000
        })).collect::<Vec<_>>(),
        "failures": []
    })
}
