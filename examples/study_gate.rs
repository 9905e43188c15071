//! How often does the gate cry wolf, and what does it miss? Its own schedule on simulated machines.
//!
//! Nothing is replaced but the processes: coins, blocks, slices, evidence, Holm's rule and the control are those of
//! `rustworthy gate --against`. A machine with a clock of its own makes launches and slices slower or faster.
//!
//! ```text
//! cargo run --release --example study_gate                                2,000 gates of every row: some minutes
//! cargo run --release --example study_gate -- --gates 100 --only spikes   a part of it
//! ```
#![allow(clippy::print_stdout)]

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustworthy::analysis::sequential::{Bars, Margins, Standing, holm, middle, two_sided_log_e, weigh};
use rustworthy::equality::{Rules, Wire};
use rustworthy::evidence::{Between, Block, Contest, GateState, MemoryLaunch};
use rustworthy::progress::Silent;
use rustworthy::runner::{Caller, Observed, Opened, Pace, Refusal, Runner, Slices, TimeRequest, Timed};
use rustworthy::schedule::{BlockSession, Cell, Contestant, Control, Fought, Group, Limits, Match, fight};

/// False alarms and power of the gate by simulation.
#[derive(Debug, Parser)]
struct Options {
    /// Gates for each row.
    #[arg(long, default_value_t = 2000)]
    gates: u32,
    /// Workloads in each gate.
    #[arg(long, default_value_t = 20)]
    workloads: usize,
    /// Only machines whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Where every row is written as CSV.
    #[arg(long, default_value = "target/studies/gate_simulated.csv")]
    csv: PathBuf,
}

/// What a machine does to the logarithm of times.
#[derive(Clone, Copy, Default)]
struct Noise {
    /// Standard deviation between launches of one build: its place in memory, its neighbours.
    launch: f64,
    /// Whether launches have heavy tails (Student's t, 2 degrees of freedom) instead of normal ones.
    heavy: bool,
    /// Standard deviation between slices of one launch.
    slice: f64,
    /// Drift a slice.
    drift: f64,
    /// Probability that a slice begins another regime, and the standard deviation of regimes.
    regimes: (f64, f64),
    /// Probability and mean size of spikes of single slices.
    spikes: (f64, f64),
    /// How much slower whoever comes second in a pair of slices, and whoever was launched second, is.
    slot: f64,
}

const MACHINES: [(&str, Noise); 9] = [
    ("quiet", Noise { launch: 0.004, slice: 0.01, ..NONE }),
    ("a shared machine", Noise { launch: 0.012, slice: 0.03, spikes: (0.02, 0.2), ..NONE }),
    ("drift, 0.3 % a slice", Noise { launch: 0.012, slice: 0.02, drift: 0.003, ..NONE }),
    ("regimes of 15 %", Noise { launch: 0.012, slice: 0.02, regimes: (0.02, 0.15), ..NONE }),
    ("heavy tails", Noise { launch: 0.006, heavy: true, slice: 0.02, ..NONE }),
    ("spikes, 1 in 10, 30 %", Noise { launch: 0.012, slice: 0.02, spikes: (0.1, 0.3), ..NONE }),
    ("second place 1.5 % slower", Noise { launch: 0.012, slice: 0.02, slot: 0.015, ..NONE }),
    (
        "all of them",
        Noise {
            launch: 0.01,
            heavy: false,
            slice: 0.03,
            drift: 0.001,
            regimes: (0.01, 0.1),
            spikes: (0.05, 0.3),
            slot: 0.015,
        },
    ),
    ("noisy: launches 6 %", Noise { launch: 0.06, slice: 0.05, spikes: (0.05, 0.3), ..NONE }),
];

const NONE: Noise =
    Noise { launch: 0.0, heavy: false, slice: 0.0, drift: 0.0, regimes: (0.0, 0.0), spikes: (0.0, 0.0), slot: 0.0 };
const MARGINS: Margins = Margins { harmless: 0.01, must_catch: 0.05 };

/// One machine; all its processes share its clock and its state.
struct Machine {
    noise: Noise,
    random: ChaCha8Rng,
    level: f64,
    regime: f64,
    turn: u64,
}

impl Machine {
    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.random.random(), self.random.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// What a launch's place does to it for as long as it lives.
    fn launch(&mut self, slot: u32) -> f64 {
        let normal = self.normal();
        // A normal divided by the root of a mean of two squares is Student's t with 2 degrees of freedom.
        let scale = if self.noise.heavy { ((self.normal().powi(2) + self.normal().powi(2)) / 2.0).sqrt() } else { 1.0 };
        self.noise.launch * normal / scale + self.noise.slot * f64::from(slot)
    }

    fn slice(&mut self) -> f64 {
        self.level += self.noise.drift;
        if self.random.random_bool(self.noise.regimes.0) {
            self.regime = self.noise.regimes.1 * self.normal();
        }
        let spike = if self.random.random_bool(self.noise.spikes.0) {
            -self.noise.spikes.1 * (1.0 - self.random.random::<f64>()).ln()
        } else {
            0.0
        };
        self.turn += 1;
        let second = if self.turn.is_multiple_of(2) { self.noise.slot } else { 0.0 };
        self.level + self.regime + spike + second + self.noise.slice * self.normal()
    }
}

/// A side of a comparison that exists on the machine only.
struct Simulated {
    machine: Rc<RefCell<Machine>>,
    effect: f64,
}

struct Process {
    machine: Rc<RefCell<Machine>>,
    log: f64,
}

impl Slices for Process {
    fn warm_up(&mut self, _: Duration, _: Duration) -> Result<f64, Refusal> {
        Ok(1e6)
    }

    fn slice(&mut self, calls: u64) -> Result<u64, Refusal> {
        let log = self.log + self.machine.borrow_mut().slice();
        Ok((1e6 * calls as f64 * log.exp()) as u64)
    }

    fn overhead_ns(&self) -> f64 {
        0.0
    }
}

impl Runner for Simulated {
    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        let log = self.effect + self.machine.borrow_mut().launch(request.slot);
        let slices = Box::new(Process { machine: self.machine.clone(), log });
        Ok(Opened { slices, unexpected: None, modules: Vec::new() })
    }

    fn outcome(&self, _: Option<&str>, _: &Path) -> Result<Option<Observed>, Refusal> {
        Ok(None)
    }

    fn time(&self, _: &TimeRequest) -> Result<Timed, Refusal> {
        Err(rustworthy::launch::job_failure("time", "the study asks for slices only"))
    }

    fn memory(&self, _: u32, _: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        Ok(None)
    }

    fn caller(&self, _: &Path) -> Option<Box<dyn Caller>> {
        None
    }

    fn use_fresh_inputs(&mut self) {}
}

fn group(machine: &Rc<RefCell<Machine>>, effect: f64) -> Group {
    let runner = Box::new(Simulated { machine: machine.clone(), effect });
    Group {
        workload: 0,
        size: 0,
        cells: vec![Cell::new(1, runner, Wire::Typed)],
        rules: Rules::default(),
        source: None,
        agreed: None,
        in_full: true,
    }
}

/// What a gate came to.
struct Came {
    red: bool,
    moved: bool,
    /// Of the changed workload.
    caught: bool,
    passed: bool,
    open: usize,
    blocks: f64,
    spread: f64,
}

/// A gate whose first workload is slower by `change`, the others unchanged.
fn gate(noise: Noise, change: f64, workloads: usize, seed: u64) -> Came {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let machine = Machine { noise, random: ChaCha8Rng::from_rng(&mut random), level: 0.0, regime: 0.0, turn: 0 };
    let machine = Rc::new(RefCell::new(machine));
    let (base, same, slower) = (group(&machine, 0.0), group(&machine, 0.0), group(&machine, change.ln_1p()));
    let side = |group| Contestant { group, cell: &group.cells[0] };
    let mut state = GateState::new(Between::default());
    state.contests = vec![Contest::default(); workloads];
    let matches: Vec<Match> = (0..workloads)
        .map(|contest| {
            let head = if contest == 0 { &slower } else { &same };
            Match { contest, margins: MARGINS, base: side(&base), head: side(head) }
        })
        .collect();
    let control = Control { workload: "control".into(), base: side(&base), head: side(&same) };
    let bars = Bars { fail: workloads as f64 / 0.01, pass: 100.0 };
    let limits = Limits { bars, max_blocks: 60, max_seconds: f64::INFINITY };
    let mut session = BlockSession {
        random: &mut random,
        save: &mut |_| Ok(()),
        scratch: Path::new("/nonexistent"),
        progress: &mut Silent,
    };
    let fought = fight(&mut state, &matches, &[control], limits, &mut session);
    assert!(matches!(fought, Fought::Complete), "nothing interrupts a simulation");
    let weighed: Vec<_> = state.contests.iter().map(|contest| weigh(&contest.blocks, MARGINS, bars)).collect();
    let unpassed: Vec<usize> = (0..workloads).filter(|index| weighed[*index].standing != Standing::Passed).collect();
    let log_es: Vec<f64> = unpassed.iter().map(|index| weighed[*index].fail_log_e).collect();
    let fails = holm(&log_es, workloads, 0.01);
    let failing: Vec<usize> =
        unpassed.iter().zip(&fails).filter_map(|(index, fails)| fails.then_some(*index)).collect();
    let control: Vec<Block> = state.control.into_iter().map(|one| one.block).collect();
    let blocks: Vec<f64> = weighed.iter().map(|one| f64::from(one.blocks)).collect();
    Came {
        red: !failing.is_empty(),
        moved: two_sided_log_e(&control, MARGINS.harmless) >= 200_f64.ln(),
        caught: failing.contains(&0),
        passed: weighed[0].standing == Standing::Passed,
        open: unpassed.len() - failing.len(),
        blocks: middle(blocks).unwrap_or(0.0),
        spread: middle(weighed.iter().filter_map(|one| one.spread).collect()).unwrap_or(0.0),
    }
}

/// The exact (Clopper–Pearson) 95 % interval of a share, by bisection of the binomial's tails.
fn exact(count: u32, of: u32) -> (f64, f64) {
    let log_choose = |k: u32| (1..=k).map(|i| (f64::from(of + 1 - i) / f64::from(i)).ln()).sum::<f64>();
    let tail = |p: f64, from: u32, to: u32| -> f64 {
        (from..=to).map(|k| (log_choose(k) + f64::from(k) * p.ln() + f64::from(of - k) * (1.0 - p).ln()).exp()).sum()
    };
    let bisect = |above: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if above(middle) { high = middle } else { low = middle }
        }
        f64::midpoint(low, high)
    };
    let low = if count == 0 { 0.0 } else { bisect(&|p| 1.0 - tail(p, 0, count - 1) > 0.025) };
    let high = if count == of { 1.0 } else { bisect(&|p| tail(p, 0, count) < 0.025) };
    (low, high)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if let Some(folder) = options.csv.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut csv = csv::Writer::from_path(&options.csv)?;
    let header = [
        "machine",
        "change",
        "gates",
        "red",
        "red_low",
        "red_high",
        "caught",
        "caught_low",
        "caught_high",
        "false_pass",
        "control_moved",
        "open",
        "blocks",
        "block_spread",
    ];
    csv.write_record(header)?;
    println!(
        "| machine | change of one workload | red gates | it was caught | it passed | control moved | undecided | blocks | block spread |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, noise) in MACHINES.iter().filter(|(name, _)| name.contains(&options.only)) {
        for change in [0.0, 0.01, 0.05, 0.10] {
            let came: Vec<Came> =
                (0..options.gates).map(|seed| gate(*noise, change, options.workloads, u64::from(seed))).collect();
            let count = |is: &dyn Fn(&Came) -> bool| came.iter().filter(|one| is(one)).count() as u32;
            let (red, caught, passed) = (count(&|one| one.red), count(&|one| one.caught), count(&|one| one.passed));
            let moved = count(&|one| one.moved);
            let open = came.iter().map(|one| one.open).sum::<usize>() as f64 / (came.len() * options.workloads) as f64;
            let of = |pick: &dyn Fn(&Came) -> f64| middle(came.iter().map(pick).collect()).unwrap_or(0.0);
            let (blocks, spread) = (of(&|one| one.blocks), of(&|one| one.spread));
            let (red_ends, caught_ends) = (exact(red, options.gates), exact(caught, options.gates));
            let share = |count: u32, (low, high): (f64, f64)| {
                let of = f64::from(options.gates);
                format!("{:.2} % [{:.2}, {:.2}]", 100.0 * f64::from(count) / of, 100.0 * low, 100.0 * high)
            };
            println!(
                "| {name} | +{:.0} % | {} | {} | {:.2} % | {:.2} % | {:.2} % | {blocks:.0} | {:.1} % |",
                100.0 * change,
                share(red, red_ends),
                share(caught, caught_ends),
                100.0 * f64::from(passed) / f64::from(options.gates),
                100.0 * f64::from(moved) / f64::from(options.gates),
                100.0 * open,
                100.0 * spread,
            );
            let numbers = [
                change,
                f64::from(options.gates),
                f64::from(red),
                red_ends.0,
                red_ends.1,
                f64::from(caught),
                caught_ends.0,
                caught_ends.1,
                f64::from(passed),
                f64::from(moved),
                open,
                blocks,
                spread,
            ];
            let row = std::iter::once((*name).to_owned()).chain(numbers.iter().map(f64::to_string));
            csv.write_record(row)?;
            csv.flush()?;
        }
    }
    Ok(())
}
