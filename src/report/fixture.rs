//! A run made up for tests: every status, every kind, sizes with and without intervals, built from launches.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::analysis;
use crate::evidence::{
    Build, Claim, ClaimMetric, Effort, Environment, Extension, Failure, Floor, Git, Implementation, Input, Kind,
    Launch, Listed, MemoryLaunch, Module, PLAIN, Phases, Plan, Probe, Python, Role, Run, RunnerKind, SCHEMA, Size,
    Status, Stopped, Tool, Warning, Workload, figure,
};
use crate::verdict;

/// One implementation of the fixture: a name, what it is, nanoseconds a call by size, bytes by size.
pub struct Made {
    pub name: &'static str,
    pub kind: Kind,
    pub variant: Option<&'static str>,
    pub time: fn(f64) -> f64,
    pub memory: Option<fn(f64) -> f64>,
    pub status: Status,
}

fn made(name: &'static str, kind: Kind, time: fn(f64) -> f64) -> Made {
    Made { name, kind, variant: None, time, memory: None, status: Status::Measured }
}

/// A run over five workloads.
pub fn run() -> Run {
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let mut workloads = vec![
        workload(
            &mut dice,
            ("csv_count", "Count rows by a column of a CSV file", Some("rows")),
            &[1_000, 10_000, 100_000],
            &[
                Made { memory: Some(|n| n * 90.0), ..made("baseline", Kind::Python, |n| 210.0 * n) },
                Made { variant: Some("naive"), ..made("naive", Kind::Python, |n| 430.0 * n) },
                Made { status: Status::Skipped, ..made("polars", Kind::Library, |n| 9.0 * n + 180_000.0) },
                Made { memory: Some(|n| n * 31.0), ..made("hybrid", Kind::Hybrid, |n| 43.0 * n + 900.0) },
                made("native", Kind::Native, |n| 38.0 * n),
            ],
        ),
        workload(
            &mut dice,
            ("json_parse", "Parse a document of nested records", Some("records")),
            &[10, 1_000, 100_000],
            &[
                made("baseline", Kind::Python, |n| 2_300.0 * n + 900.0),
                made("orjson", Kind::Library, |n| 820.0 * n + 200.0),
                Made { status: Status::Differs, ..made("hybrid", Kind::Hybrid, |n| 1_500.0 * n + 300.0) },
                Made { status: Status::Unverified, ..made("native", Kind::Native, |n| 610.0 * n + 90.0) },
            ],
        ),
        workload(
            &mut dice,
            ("nbody", "Advance five planets", Some("steps")),
            &[100, 1_000, 10_000],
            &[
                made("baseline", Kind::Python, |n| 41_000.0 * n),
                Made { status: Status::Failed, ..made("numba", Kind::Library, |n| 900.0 * n) },
                Made { variant: Some("batched"), ..made("hybrid", Kind::Hybrid, |n| 185.0 * n + 120.0) },
                made("native", Kind::Native, |n| 183.0 * n),
            ],
        ),
        workload(
            &mut dice,
            ("sum_list", "Sum a list of integers", Some("numbers")),
            &[10, 1_000, 100_000],
            &[
                made("baseline", Kind::Python, |n| 6.1 * n + 45.0),
                made("hybrid", Kind::Hybrid, |n| 8.9 * n + 60.0),
                Made { variant: Some("zero-copy"), ..made("hybrid_buffer", Kind::Hybrid, |n| 0.31 * n + 58.0) },
                made("native", Kind::Native, |n| 0.29 * n + 2.0),
            ],
        ),
        workload(
            &mut dice,
            ("call_overhead", "Call a small function once for each item, or once for all", Some("items")),
            &[1, 10, 100, 1_000, 10_000],
            &[
                made("baseline", Kind::Python, |n| 48.0 * n + 30.0),
                made("hybrid", Kind::Hybrid, |n| 47.8 * n + 29.0),
                Made { variant: Some("batched"), ..made("hybrid_batched", Kind::Hybrid, |n| 3.1 * n + 71.0) },
                made("native", Kind::Native, |n| 1.1 * n + 1.0),
            ],
        ),
    ];
    for workload in &mut workloads {
        for cell in workload.sizes.iter_mut().flat_map(|size| &mut size.implementations) {
            explain(cell);
        }
    }
    let mut run = Run {
        schema: SCHEMA.to_owned(),
        id: "20260314-092653-pie".to_owned(),
        created: "2026-03-14T09:26:53Z".to_owned(),
        project: "acme-etl".to_owned(),
        tool: Tool { version: "0.1.0".to_owned() },
        command: ["rustworthy", "run", "--seed", "42", "tag:text*"].map(str::to_owned).to_vec(),
        seed: 42,
        plan: Plan {
            effort: Effort::Default,
            target_half_width: 0.02,
            min_rounds: 8,
            max_rounds: 30,
            indicative_rounds: Some(2),
            time_budget_s: Some(300.0),
        },
        complete: true,
        phases: Phases { prepare_s: 41.2, equality_s: 3.4, measure_s: 187.0 },
        environment: environment(),
        yearly_compute_cost: None,
        day_rate: None,
        modules: Vec::new(),
        workloads,
        thresholds: crate::evidence::Thresholds::default(),
        verdict: None,
        claims: Vec::new(),
    };
    run.gather_modules();
    analysis::analyse(&mut run);
    verdict::decide(&mut run);
    run
}

/// The same run with names, texts and outputs that try to be more than text.
pub fn hostile() -> Run {
    let mut run = run();
    run.project = "<script>alert(1)</script>".to_owned();
    run.command.push("'; rm -rf \"$HOME\" <b>".to_owned());
    let names = [
        "<script>alert('x')</script>".to_owned(),
        "../../../etc/passwd".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        "\u{202e}txt.exe \u{5e9}\u{5dc}\u{5d5}\u{5dd} @everyone `code` | pipe".to_owned(),
        "w".repeat(200),
    ];
    for (workload, name) in run.workloads.iter_mut().zip(names) {
        workload.name = name;
        workload.summary = "</style><img src=x onerror=alert(1)> [link](javascript:alert(1)) \u{1b}[31m".to_owned();
        workload.unit = Some("<i>rows</i>".to_owned());
        workload.rules.push("]]>--><svg onload=alert(1)>".to_owned());
        for size in &mut workload.sizes {
            for cell in size.implementations.iter_mut().filter(|cell| cell.role == Role::Candidate) {
                let hostile = match cell.kind {
                    Kind::Python => "+naive\" onmouseover=\"x",
                    Kind::Library => "@SUM(1+1)\n\n# heading",
                    Kind::Hybrid => "hybrid_with_a_name_that_goes_on_and_on_until_no_label_could_hold_it",
                    Kind::Native => "</title></svg><script>1</script>",
                };
                cell.name = format!("{hostile}{}", cell.variant.as_deref().unwrap_or_default());
                cell.kernel = cell.kernel.as_ref().map(|_| "</title></svg><script>1</script>".to_owned());
                cell.detail = cell.detail.as_ref().map(|detail| format!("{detail} <b>```\n</pre>{{{{ 7*7 }}}}"));
                for failure in &mut cell.failures {
                    failure.output.push_str("\n</pre><script>alert(2)</script>\n````\n\u{0}\u{7}");
                }
            }
        }
    }
    analysis::analyse(&mut run);
    verdict::decide(&mut run);
    run
}

/// The run with claims on it, one of every standing; where names are hostile, so are the claims.
pub fn with_claims(mut run: Run) -> Run {
    let hostile = run.project.contains('<');
    let native = run.workloads[0].sizes[0].implementations.last().unwrap().name.clone();
    let claim = |name: &str, workloads: &[usize], low: Option<f64>, high: Option<f64>| Claim {
        name: name.to_owned(),
        sentence: if hostile {
            "<b>bold</b> </td><script>alert(1)</script> {{ 7*7 }} | [link](javascript:alert(1)) \u{1b}[31m \u{202e}"
                .to_owned()
        } else {
            format!("Rust is {name}")
        },
        source: if hostile { "<i>an article</i> | \u{202e}".to_owned() } else { "An article".to_owned() },
        note: Some(if hostile { "<img src=x> `code`".to_owned() } else { "Read as speed.".to_owned() }),
        workloads: workloads.iter().map(|index| run.workloads[*index].name.clone()).collect(),
        implementations: Vec::new(),
        kinds: vec![Kind::Native],
        variants: vec![PLAIN.to_owned()],
        sizes: Vec::new(),
        against: None,
        metric: ClaimMetric::Time,
        low,
        high,
        standing: None,
        cells: Vec::new(),
    };
    let last = run.workloads.len() - 1;
    let claims = vec![
        claim("fast", &[0, last], Some(1.5), None),
        claim("faster in part", &[0, last], Some(40.0), None),
        claim("slow", &[last], None, Some(0.5)),
        Claim {
            sizes: vec![run.workloads[last].sizes[0].size],
            ..claim("quick at once", &[last], Some(2.0), Some(3.0))
        },
        Claim {
            metric: ClaimMetric::Memory,
            implementations: vec![native],
            kinds: Vec::new(),
            variants: Vec::new(),
            ..claim("small", &[0], Some(1.43), Some(3.33))
        },
    ];
    run.claims = claims;
    verdict::decide(&mut run);
    run
}

/// The same run on a machine with much else to do: wide intervals, two workloads cut short, a boundary lost in noise.
pub fn noisy() -> Run {
    let mut dice = ChaCha8Rng::seed_from_u64(5);
    let mut run = run();
    run.complete = false;
    for (index, workload) in run.workloads.iter_mut().enumerate() {
        for cell in workload.sizes.iter_mut().flat_map(|size| &mut size.implementations) {
            if index % 2 == 1 {
                cell.launches.truncate(3);
            }
            for time in cell.launches.iter_mut().flat_map(|launch| {
                let slow = 1.0 + 1.5 * dice.random::<f64>().powi(2);
                launch.elapsed_ns.iter_mut().map(move |time| (time, slow))
            }) {
                *time.0 = (*time.0 as f64 * time.1) as u64;
            }
        }
    }
    analysis::analyse(&mut run);
    verdict::decide(&mut run);
    run
}

fn environment() -> Environment {
    Environment {
        host_id: "5f0c".to_owned(),
        os: "Linux 6.8".to_owned(),
        cpu_model: "Example Processor 7700 at 3.80GHz".to_owned(),
        cpu_count: 8,
        memory_bytes: 16 << 30,
        python: Some(Python {
            version: "3.12.4".to_owned(),
            implementation: "CPython".to_owned(),
            executable: "/usr/bin/python3".into(),
            gil: true,
            jit: false,
            gc: "on, frozen after start".to_owned(),
            build: "-O3, profile-guided".to_owned(),
            packages: vec!["orjson==3.11.4".to_owned()],
            ..Python::default()
        }),
        rustc: Some("rustc 1.90.0".to_owned()),
        git: Some(Git { commit: "0123abcd".to_owned(), dirty: true }),
        extensions: vec![Extension {
            name: "acme._native".to_owned(),
            path: "acme/_native.so".into(),
            profile: Some("release".to_owned()),
            pyo3: Some("0.30.1".to_owned()),
            sha256: Some("ab".repeat(32)),
            modified: Some("2026-03-14T08:00:00Z".to_owned()),
        }],
        builds: vec![Build {
            what: "acme._native".to_owned(),
            seconds: 38.2,
            artefact_bytes: 1_420_000,
            ..Build::default()
        }],
        warnings: vec![Warning {
            code: "governor".to_owned(),
            text: "The processor's governor is powersave, so its clock follows the load.".to_owned(),
            advice: "Set it to performance while measuring: cpupower frequency-set -g performance.".to_owned(),
        }],
        ..Environment::default()
    }
}

fn workload(
    dice: &mut ChaCha8Rng,
    (name, summary, unit): (&str, &str, Option<&str>),
    sizes: &[u64],
    implementations: &[Made],
) -> Workload {
    let sizes: Vec<Size> = sizes
        .iter()
        .enumerate()
        .map(|(index, size)| {
            let headline = index + 1 == sizes.len();
            Size {
                size: *size,
                input: Some(Input { sha256: "ab".repeat(32), seed: 1, bytes: size * 40 }),
                stopped: Some(if headline { Stopped::Precise } else { Stopped::Rounds }),
                implementations: implementations
                    .iter()
                    .map(|made| cell(dice, made, *size as f64, if headline { 8 } else { 2 }))
                    .collect(),
                comparisons: Vec::new(),
                splits: Vec::new(),
                verdict: None,
            }
        })
        .collect();
    Workload {
        name: name.to_owned(),
        summary: summary.to_owned(),
        tags: Vec::new(),
        unit: unit.map(str::to_owned),
        total_items: None,
        fits: Vec::new(),
        break_evens: Vec::new(),
        boundary: "function".to_owned(),
        share_of_runtime: None,
        effort_days: None,
        rules: vec!["types are equal".to_owned(), "dictionaries keep their order".to_owned()],
        limits: crate::evidence::Limits::default(),
        sizes,
        traps: Vec::new(),
        verdict: None,
    }
}

fn cell(dice: &mut ChaCha8Rng, made: &Made, size: f64, rounds: u32) -> Implementation {
    let timed = made.status.is_timed();
    let mut launches = Vec::new();
    for round in (0..rounds).filter(|_| timed) {
        let noise = 1.0 + 0.02 * (dice.random::<f64>() - 0.3);
        let call = (made.time)(size) * noise;
        let iterations: Vec<u64> = (1..=6).map(|step| step * (2e6 / call).ceil() as u64).collect();
        let elapsed_ns: Vec<u64> = iterations
            .iter()
            .map(|calls| (*calls as f64 * call * (1.0 + 0.002 * dice.random::<f64>())) as u64 + 40)
            .collect();
        let processors = if made.name == "native" && size >= 1e5 { 1.9 } else { 0.99 };
        launches.push(Launch {
            round,
            slot: 0,
            hash_seed: round + 1,
            cpu_ns: Some((elapsed_ns.iter().sum::<u64>() as f64 * processors) as u64),
            iterations,
            elapsed_ns,
            steady: Some(made.name != "naive"),
            floor: (made.kind == Kind::Hybrid)
                .then(|| Floor { extension_call_ns: Some(figure(24.0 + dice.random::<f64>())), ..Floor::default() }),
            ..Launch::default()
        });
    }
    let memory = made.memory.filter(|_| timed);
    let memory_launches = memory.map_or_else(Vec::new, |memory| {
        let peak = |round| 30_000_000 + (memory(size) * (1.0 + 0.001 * f64::from(round))) as u64;
        (0..rounds.min(6))
            .map(|round| MemoryLaunch {
                round,
                before_bytes: 30_000_000,
                peak_bytes: peak(round),
                resident_bytes: 31_000_000,
                latency_ns: None,
                cpu_ns: None,
            })
            .collect()
    });
    let role = if made.name == "baseline" { Role::Baseline } else { Role::Candidate };
    let runner = if made.kind == Kind::Native { RunnerKind::Criterion } else { RunnerKind::Python };
    Implementation {
        variant: made.variant.map(str::to_owned),
        target: format!("acme.bench:{}", made.name),
        assumes: (made.variant == Some("zero-copy")).then(|| "the caller already holds a buffer".to_owned()),
        kernel: (made.kind == Kind::Hybrid).then(|| "native".to_owned()),
        status: made.status,
        modules: vec![Listed::Whole(Module {
            name: "acme.work".to_owned(),
            path: "acme/work.py".into(),
            sha256: Some("cd".repeat(32)),
            modified: Some("2026-03-13T17:20:00Z".to_owned()),
        })],
        probe: (made.kind == Kind::Hybrid && made.variant.is_none()).then(|| Probe {
            call_ns: Some((made.time)(size) as u64),
            reads: Some(0),
            read_bytes: Some(0),
            objects_in: Some(size as u64),
            objects_out: Some(1),
            locked_share: None,
            unlocks: None,
        }),
        launches,
        memory_launches,
        ..Implementation::new(made.name, role, made.kind, runner)
    }
}

/// The reasons of cells that have no ratio.
fn explain(cell: &mut Implementation) {
    match cell.status {
        Status::Measured | Status::Unverified => {}
        Status::Skipped => cell.detail = Some(format!("{} is not installed in the project's interpreter", cell.name)),
        Status::Differs => {
            cell.detail =
                Some("at [3][\"price\"]: baseline 12.50 (float), hybrid 12 (int)\ninput: seed 42, record 3".to_owned());
        }
        Status::Failed => {
            cell.detail = Some("raised TypeError while preparing".to_owned());
            cell.failures.push(Failure {
                round: Some(0),
                step: "prepare".to_owned(),
                message: "TypeError: cannot determine the type of 'bodies'".to_owned(),
                output: "Traceback (most recent call last):\n  File \"acme/bench.py\", line 12, in advance\n    return _advance(bodies, steps)\nTypeError: cannot determine the type of 'bodies'\n".to_owned(),
            });
        }
    }
}
