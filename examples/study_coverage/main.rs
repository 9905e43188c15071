//! Do the intervals cover? The tool's own schedule on simulated launches of known ratio.
//!
//! Nothing is replaced but the processes: the plan, the order of launches, the statistics and the decision to stop are
//! those of `rustworthy run`. Time is that of a simulated machine, so thousands of runs take a minute.
//!
//! ```text
//! cargo run --release --example study_coverage                                  2,000 trials of everything
//! cargo run --release --example study_coverage -- --trials 200 --only spikes    a part of it
//! ```
#![allow(clippy::print_stdout)]

mod noise;

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Parser;
use noise::{Machine, Noise, Regimes, Side, Spikes};
use rustworthy::equality::{Rules, Wire};
use rustworthy::evidence::{Effort, Launch, MemoryLaunch, Metric, Run, SCHEMA, Stopped};
use rustworthy::progress::Silent;
use rustworthy::runner::{Caller, Observed, Opened, Pace, Refusal, Runner, TimeRequest, Timed};
use rustworthy::schedule::{Cell, Group, Session, measure, plan};
use serde_json::json;

/// Coverage of the intervals by simulation.
#[derive(Debug, Parser)]
struct Options {
    /// Runs for each row.
    #[arg(long, default_value_t = 2000)]
    trials: u32,
    /// Seed of the first run; the others count on from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only models whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Where every row is written as CSV.
    #[arg(long, default_value = "target/studies/coverage_simulated.csv")]
    csv: PathBuf,
}

/// A model of noise with its name; `claimed` is false where the intervals are known to promise nothing.
struct Model {
    name: &'static str,
    noise: Noise,
    claimed: bool,
}

fn models() -> Vec<Model> {
    let quiet = Noise { spread: 0.01, ..Noise::default() };
    let regimes = |stay_s, candidate_only| Some(Regimes { slower: 0.15, stay_s, candidate_only });
    let spikes = |share, candidate_only| Some(Spikes { share, least: 0.05, candidate_only });
    let model = |name, noise| Model { name, noise, claimed: true };
    vec![
        model("independent, 0.3 %", Noise { spread: 0.003, ..quiet }),
        model("independent, 1 %", quiet),
        model("independent, 2 %", Noise { spread: 0.02, ..quiet }),
        model("independent, 3 %", Noise { spread: 0.03, ..quiet }),
        model("independent, 4 %", Noise { spread: 0.04, ..quiet }),
        model("independent, 10 %", Noise { spread: 0.10, ..quiet }),
        model("drift, +0.2 % a launch", Noise { drift: 0.002, ..quiet }),
        model("random walk, 1 % a launch", Noise { walk: 0.01, ..quiet }),
        model("regimes of 20 s, 15 %", Noise { regimes: regimes(20.0, false), ..quiet }),
        model("regimes of 4 s, 15 %", Noise { regimes: regimes(4.0, false), ..quiet }),
        model("Student t, 2 degrees, 1 %", Noise { heavy: true, ..quiet }),
        model("Student t, 2 degrees, 2 %", Noise { heavy: true, spread: 0.02, ..quiet }),
        model("Pareto spikes, 10 %", Noise { spikes: spikes(0.10, false), ..quiet }),
        model("spikes on one side, 15 %", Noise { spikes: spikes(0.15, true), ..quiet }),
        model("spikes on one side, 30 %", Noise { spikes: spikes(0.30, true), spread: 0.02, ..quiet }),
        model("second slot +1.5 %", Noise { second_slot: 0.015, ..quiet }),
        model("second slot +1.5 %, 3 %", Noise { second_slot: 0.015, spread: 0.03, ..quiet }),
        model(
            "all of these at once",
            Noise {
                heavy: true,
                drift: 0.001,
                walk: 0.005,
                regimes: regimes(20.0, false),
                spikes: spikes(0.05, false),
                second_slot: 0.005,
                ..quiet
            },
        ),
        Model {
            name: "regimes of one side only",
            noise: Noise { regimes: Some(Regimes { slower: 0.04, stay_s: 20.0, candidate_only: true }), ..quiet },
            claimed: false,
        },
    ]
}

/// The plans of the tool, and the true ratios that are tried with each.
const PLANS: [(&str, Effort, &[f64]); 3] = [
    ("default", Effort::Default, &[1.00, 1.03, 5.0]),
    ("quick", Effort::Quick, &[1.00, 5.0]),
    ("thorough", Effort::Thorough, &[1.00]),
];

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut table = Vec::new();
    println!("| plan | noise | true ratio | coverage | 95 % interval | rounds | half-width | precise |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (plan_name, effort, ratios) in PLANS {
        for model in models().iter().filter(|model| model.name.contains(&options.only)) {
            let moved = model.noise.median_log_ratio();
            for &ratio in ratios {
                // A million seeds for each row, so that no two rows share a run.
                let seed = options.seed + 1_000_000 * table.len() as u64;
                let row = Row::of(options.trials, seed, effort, model.noise, ratio, ratio * moved.exp());
                println!("| {plan_name} | {}{} | {ratio} | {row}", model.name, if model.claimed { "" } else { " †" });
                table.push(format!("{plan_name},\"{}\",{},{ratio},{}", model.name, model.claimed, row.csv()));
            }
        }
    }
    let header = "plan,noise,claimed,ratio,truth,trials,covered,low,high,median_rounds,median_half_width,precise";
    if let Some(folder) = options.csv.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&options.csv, format!("{header}\n{}\n", table.join("\n")))?;
    Ok(())
}

/// What many runs of one kind came to.
struct Row {
    truth: f64,
    trials: u32,
    covered: u32,
    precise: u32,
    median_rounds: f64,
    median_half_width: f64,
}

impl Row {
    fn of(trials: u32, seed: u64, effort: Effort, noise: Noise, ratio: f64, truth: f64) -> Row {
        let (mut covered, mut precise) = (0, 0);
        let (mut rounds, mut half_widths) = (Vec::new(), Vec::new());
        for trial in 0..trials {
            let run = simulate(effort, noise, ratio, seed + u64::from(trial));
            let size = &run.workloads[0].sizes[0];
            let Some(found) = size.comparison("candidate", Metric::Time) else { continue };
            covered += u32::from((found.low..=found.high).contains(&truth));
            precise += u32::from(size.stopped == Some(Stopped::Precise));
            rounds.push(f64::from(found.rounds));
            half_widths.push((found.high / found.low).ln() / 2.0);
        }
        Row {
            truth,
            trials,
            covered,
            precise,
            median_rounds: median(&mut rounds),
            median_half_width: median(&mut half_widths),
        }
    }

    fn csv(&self) -> String {
        let (low, high) = exact_interval(self.covered, self.trials);
        format!(
            "{:.6},{},{},{low:.4},{high:.4},{},{:.5},{}",
            self.truth, self.trials, self.covered, self.median_rounds, self.median_half_width, self.precise
        )
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (low, high) = exact_interval(self.covered, self.trials);
        let percent = |part: u32| 100.0 * f64::from(part) / f64::from(self.trials);
        write!(
            formatter,
            "{:.1} % | {:.1} – {:.1} % | {} | ±{:.2} % | {:.0} % |",
            percent(self.covered),
            100.0 * low,
            100.0 * high,
            self.median_rounds,
            100.0 * self.median_half_width,
            percent(self.precise)
        )
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The exact 95 % interval of a share (Clopper and Pearson, 1934).
fn exact_interval(successes: u32, trials: u32) -> (f64, f64) {
    let at_most = |count: u32, share: f64| -> f64 {
        let mut log_choose = 0.0;
        let mut sum = 0.0;
        for chosen in 0..=count {
            let (chosen, trials) = (f64::from(chosen), f64::from(trials));
            sum += (log_choose + chosen * share.ln() + (trials - chosen) * (-share).ln_1p()).exp();
            log_choose += ((trials - chosen) / (chosen + 1.0)).ln();
        }
        sum
    };
    // Both bounds fall as the share rises.
    let solve = |reached: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if reached(middle) { low = middle } else { high = middle }
        }
        low
    };
    let low = if successes == 0 { 0.0 } else { solve(&|share| 1.0 - at_most(successes - 1, share) < 0.025) };
    let high = if successes == trials { 1.0 } else { solve(&|share| at_most(successes, share) > 0.025) };
    (low, high)
}

/// One whole run of the schedule on one simulated machine.
fn simulate(effort: Effort, noise: Noise, ratio: f64, seed: u64) -> Run {
    // The machine must not draw what the schedule draws: its seeds lie elsewhere.
    let machine = Rc::new(RefCell::new(Machine::new(noise, !seed)));
    let mut run = blank(effort, seed);
    let cell = |implementation, side, call_ns| {
        let runner = SimulatedRunner { machine: Rc::clone(&machine), side, call_ns };
        Cell::new(implementation, Box::new(runner), Wire::Typed)
    };
    let call_ns = 1e9;
    let mut groups = [Group {
        workload: 0,
        size: 0,
        cells: vec![cell(0, Side::Baseline, ratio * call_ns), cell(1, Side::Candidate, call_ns)],
        rules: Rules::default(),
        source: None,
        agreed: None,
        in_full: true,
    }];
    let mut session = Session {
        clock: &|| machine.borrow().clock_s,
        save: &mut |_| Ok(()),
        scratch: Path::new(""),
        progress: &mut Silent,
    };
    measure(&mut run, &mut groups, &mut session);
    run
}

/// A run with one workload of one baseline and one candidate, nothing measured yet.
fn blank(effort: Effort, seed: u64) -> Run {
    let cell = |name: &str, role: &str| {
        json!({
            "name": name, "role": role, "kind": "python", "runner": "python", "target": "", "status": "measured",
            "launches": [], "memory_launches": [], "failures": []
        })
    };
    let run = json!({
        "schema": SCHEMA, "id": "", "created": "", "project": "simulated", "tool": {"version": ""}, "command": [],
        "seed": seed, "plan": plan(effort, None, None), "complete": false,
        "phases": {"prepare_s": 0.0, "equality_s": 0.0, "measure_s": 0.0},
        "environment": {
            "host_id": "", "os": "", "cpu_model": "", "cpu_count": 1, "memory_bytes": 0, "warnings": []
        },
        "workloads": [{
            "name": "simulated", "summary": "", "tags": [], "boundary": "function", "rules": [],
            "sizes": [{
                "size": 1,
                "implementations": [cell("baseline", "baseline"), cell("candidate", "candidate")],
                "comparisons": []
            }]
        }]
    });
    serde_json::from_value(run).expect("the study's run has the fields of its schema")
}

/// Launches that take no time: their machine says how long they would have taken.
struct SimulatedRunner {
    machine: Rc<RefCell<Machine>>,
    side: Side,
    call_ns: f64,
}

impl Runner for SimulatedRunner {
    fn outcome(&self, _expect: Option<&str>, _scratch: &Path) -> Result<Option<Observed>, Refusal> {
        Ok(None)
    }

    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal> {
        let seconds = 0.2 + (request.pace.warm_up + request.pace.measure).as_secs_f64();
        let log = self.machine.borrow_mut().launch(self.side, request.slot, seconds);
        let launch = Launch {
            round: request.round,
            slot: request.slot,
            hash_seed: request.hash_seed(),
            iterations: vec![1],
            elapsed_ns: vec![(self.call_ns * log.exp()).round() as u64],
            launch_ns: (seconds * 1e9) as u64,
            ..Launch::default()
        };
        Ok(Timed { launch, unexpected: None })
    }

    fn memory(&self, _round: u32, _pace: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        Ok(None)
    }

    fn caller(&self, _scratch: &Path) -> Option<Box<dyn Caller>> {
        None
    }

    fn open(&self, _request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        Err(rustworthy::launch::job_failure("open", "the study asks for whole launches only"))
    }

    fn use_fresh_inputs(&mut self) {}
}
