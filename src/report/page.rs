//! A run as the words on a page: what HTML and Markdown share. All text is plain; each format escapes it.

use serde::Serialize;

use super::units::{self, Quoted};
use super::{chart, reading, slug, speedup, text};
use crate::evidence::{Effort, Failure, Implementation, Metric, Role, Run, Size, Status, Stopped, Verdict, Workload};

/// The whole page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The project's name.
    pub project: String,
    /// The run's identity, date and tool.
    pub byline: String,
    /// Whether the run is whole.
    pub complete: bool,
    /// The sentence that sums it up.
    pub opening: String,
    /// The largest and smallest speed-up.
    pub extremes: Vec<String>,
    /// How many workloads, candidates, and statuses.
    pub counts: String,
    /// How the numbers of the first picture were made.
    pub caption: String,
    /// What may spoil the numbers.
    pub warnings: Vec<Warned>,
    /// The recommendation for the project.
    pub verdict: Option<Recommended>,
    /// One a workload.
    pub workloads: Vec<Card>,
    /// The machine and its tools.
    pub environment: Vec<Fact>,
    /// How it was measured.
    pub method: Vec<Fact>,
    /// The command line to run it again.
    pub command: String,
}

/// A warning with its advice.
#[derive(Debug, Serialize)]
pub struct Warned {
    /// What was seen.
    pub text: String,
    /// What to do.
    pub advice: String,
}

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A recommendation with its reasons.
#[derive(Debug, Serialize)]
pub struct Recommended {
    /// What to do, and with which candidate.
    pub text: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// One workload.
#[derive(Debug, Serialize)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// The same as an anchor and part of file names.
    pub slug: String,
    /// What it does.
    pub summary: String,
    /// What its measurements say.
    pub reading: Vec<String>,
    /// The recommendation.
    pub verdict: Option<Recommended>,
    /// Where its hybrids' time goes.
    pub splits: Vec<String>,
    /// How the numbers at the headline size were made.
    pub caption: String,
    /// How those over all sizes were made.
    pub scaling_caption: String,
    /// Its cells by size.
    pub sizes: Vec<Table>,
    /// What could not be compared, and why.
    pub troubles: Vec<Trouble>,
    /// The rules of equality.
    pub rules: Vec<String>,
    /// What is called, each implementation.
    pub targets: Vec<(String, String)>,
    /// Whether there is a picture of time by size.
    pub has_scaling: bool,
    /// Whether any cell has processor time.
    pub has_cpu: bool,
    /// Whether any cell has peak memory.
    pub has_memory: bool,
}

/// The cells of one size.
#[derive(Debug, Serialize)]
pub struct Table {
    /// The size alone.
    pub name: String,
    /// The size, the rounds, why it ended.
    pub label: String,
    /// Whether summaries speak of it.
    pub headline: bool,
    /// One a cell.
    pub rows: Vec<Row>,
}

/// One cell.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The implementation's name.
    pub name: String,
    /// Its kind's word, for its colour.
    pub kind: &'static str,
    /// What of kind and variant the name does not say.
    pub unsaid: String,
    /// Kind and variant.
    pub kind_label: String,
    /// Whether it is the baseline.
    pub baseline: bool,
    /// How far it came.
    pub status: &'static str,
    /// Why no further, in short.
    pub detail: Option<String>,
    /// Time a call.
    pub time: Option<Quoted>,
    /// Speed-up over the baseline.
    pub speedup: Option<Quoted>,
    /// `faster`, `slower`, `alike` or `indicative`.
    pub says: Option<&'static str>,
    /// Peak memory of a call.
    pub memory: Option<Quoted>,
    /// Memory saved, as a ratio.
    pub memory_ratio: Option<Quoted>,
    /// Processor time a call.
    pub cpu: Option<String>,
    /// Rounds behind the time.
    pub rounds: usize,
    /// Too few for an interval.
    pub indicative: bool,
    /// What else to know.
    pub notes: Vec<String>,
}

/// A cell without a ratio, and what happened.
#[derive(Debug, Serialize)]
pub struct Trouble {
    /// Implementation and size.
    pub title: String,
    /// How far it came.
    pub status: &'static str,
    /// Why, in full.
    pub detail: String,
    /// Launches that failed.
    pub failures: Vec<Failed>,
}

/// A failed launch.
#[derive(Debug, Serialize)]
pub struct Failed {
    /// Step and message.
    pub message: String,
    /// The end of its output.
    pub output: String,
}

impl Page {
    /// The words of a run.
    pub fn of(run: &Run) -> Page {
        Page {
            project: text::visible(&run.project),
            byline: format!(
                "Run {} · {} · rustworthy {}",
                text::visible(&run.id),
                text::visible(&run.created),
                text::visible(&run.tool.version)
            ),
            complete: run.complete,
            opening: reading::opening(run),
            extremes: reading::extremes(run),
            counts: counts(run),
            caption: reading::opening_caption(run),
            warnings: run
                .environment
                .warnings
                .iter()
                .map(|warning| Warned { text: text::visible(&warning.text), advice: text::visible(&warning.advice) })
                .collect(),
            verdict: run.verdict.as_ref().map(recommended),
            workloads: run.workloads.iter().map(|workload| card(run, workload)).collect(),
            environment: environment(run),
            method: method(run),
            command: run.command.iter().map(|word| quoted_word(&text::visible(word))).collect::<Vec<_>>().join(" "),
        }
    }
}

/// `5 workloads, 17 candidates: 13 measured, …`, statuses at the headline sizes.
pub fn counts(run: &Run) -> String {
    let headlines = speedup::headlines(run);
    let statuses = [Status::Measured, Status::Unverified, Status::Differs, Status::Failed, Status::Skipped];
    let by_status: Vec<String> = statuses
        .into_iter()
        .filter_map(|status| {
            let number = headlines.iter().filter(|headline| headline.candidate.status == status).count();
            (number > 0)
                .then(|| format!("{number} {}", if status == Status::Differs { "differing" } else { status.as_str() }))
        })
        .collect();
    let (workloads, candidates) = (run.workloads.len() as u64, headlines.len() as u64);
    let head = format!("{}, {}", units::plural(workloads, "workload"), units::plural(candidates, "candidate"));
    if by_status.is_empty() { head } else { format!("{head}: {}", by_status.join(", ")) }
}

fn recommended(verdict: &Verdict) -> Recommended {
    let candidate = verdict.candidate.as_deref().map(|name| format!(" ({})", text::visible(name))).unwrap_or_default();
    Recommended {
        text: format!("{}{candidate}", text::visible(&verdict.recommendation)),
        reasons: verdict.reasons.iter().map(|reason| text::visible(&reason.text)).collect(),
    }
}

fn card(run: &Run, workload: &Workload) -> Card {
    let headline = workload.headline_size();
    let cells = || workload.sizes.iter().flat_map(|size| &size.implementations);
    Card {
        name: text::visible(&workload.name),
        slug: slug::slug(&workload.name),
        summary: text::visible(&workload.summary),
        reading: reading::workload(workload),
        verdict: workload.verdict.as_ref().map(recommended),
        splits: headline
            .map_or_else(Vec::new, |size| size.splits.iter().map(|split| reading::split(size, split)).collect()),
        caption: reading::split_caption(run, workload),
        scaling_caption: reading::scaling_caption(run, workload),
        sizes: workload.sizes.iter().map(|size| table(workload, size, headline)).collect(),
        troubles: troubles(workload),
        rules: workload.rules.iter().map(|rule| text::visible(rule)).collect(),
        targets: headline.map_or_else(Vec::new, |size| {
            size.implementations.iter().map(|cell| (text::visible(&cell.name), text::visible(&cell.target))).collect()
        }),
        has_scaling: chart::scaling(run, workload, chart::Room::Wide).is_some(),
        has_cpu: cells().any(|cell| cell.cpu_ns.is_some()),
        has_memory: cells().any(|cell| cell.peak_memory_bytes.is_some()),
    }
}

fn table(workload: &Workload, size: &Size, headline: Option<&Size>) -> Table {
    let stopped = size.stopped.and_then(|stopped| match stopped {
        Stopped::Precise => Some("as precise as asked"),
        Stopped::Rounds => None,
        Stopped::Time => Some("ended by the time budget"),
        Stopped::Interrupted => Some("interrupted"),
        Stopped::Nothing => Some("nothing could be measured"),
    });
    let label = speedup::size_label(workload, size)
        .into_iter()
        .chain(reading::rounds(size))
        .chain(stopped.map(str::to_owned))
        .collect::<Vec<_>>()
        .join(" · ");
    Table {
        name: speedup::size_label(workload, size).unwrap_or_default(),
        label,
        headline: headline.is_some_and(|headline| headline.size == size.size),
        rows: size.implementations.iter().map(|cell| row(size, cell)).collect(),
    }
}

fn row(size: &Size, cell: &Implementation) -> Row {
    let indicative = speedup::is_indicative(cell.launches.len());
    let time = size.comparison(&cell.name, Metric::Time).filter(|_| cell.role == Role::Candidate);
    let memory = size.comparison(&cell.name, Metric::Memory).filter(|_| cell.role == Role::Candidate);
    let few_memory = speedup::is_indicative(cell.memory_launches.len());
    Row {
        name: text::visible(&cell.name),
        kind: cell.kind.as_str(),
        unsaid: speedup::unsaid(cell),
        kind_label: speedup::kind_label(cell),
        baseline: cell.role == Role::Baseline,
        status: cell.status.as_str(),
        detail: cell.detail.as_deref().filter(|_| !cell.status.is_timed()).map(text::visible),
        time: cell.time_ns.map(|time| units::time_quoted(&time, indicative)),
        speedup: time.map(speedup::quoted),
        says: time.map(|time| match speedup::says(time) {
            speedup::Says::Faster => "faster",
            speedup::Says::Slower => "slower",
            speedup::Says::Alike => "alike",
            speedup::Says::Indicative => "indicative",
        }),
        memory: cell.peak_memory_bytes.map(|memory| units::bytes_quoted(&memory, few_memory)),
        memory_ratio: memory.map(speedup::quoted),
        cpu: cell.cpu_ns.map(|cpu| units::time(cpu.estimate)),
        rounds: cell.launches.len(),
        indicative: indicative && !cell.launches.is_empty(),
        notes: reading::notes(size, cell),
    }
}

fn troubles(workload: &Workload) -> Vec<Trouble> {
    let cells = workload.sizes.iter().flat_map(|size| size.implementations.iter().map(move |cell| (size, cell)));
    let mut troubles: Vec<Trouble> = Vec::new();
    for (size, cell) in cells.filter(|(_, cell)| !cell.status.is_timed() || !cell.failures.is_empty()) {
        let at = speedup::size_label(workload, size).map_or_else(String::new, |label| format!(" at {label}"));
        let detail = cell.detail.as_deref().map(text::visible_lines).unwrap_or_default();
        let failures: Vec<Failed> = cell.failures.iter().map(failed).collect();
        let name = text::visible(&cell.name);
        // What holds at every size alike, such as a missing package, is said once.
        if let Some(told) = troubles.iter_mut().find(|told| {
            told.title.split(" at ").next() == Some(name.as_str())
                && told.status == cell.status.as_str()
                && told.detail == detail
                && told.failures.is_empty()
                && failures.is_empty()
        }) {
            told.title.clone_from(&name);
            continue;
        }
        troubles.push(Trouble { title: format!("{name}{at}"), status: cell.status.as_str(), detail, failures });
    }
    troubles
}

fn failed(failure: &Failure) -> Failed {
    let round = failure.round.map_or_else(String::new, |round| format!(", round {round}"));
    Failed {
        message: format!("{}{round}: {}", text::visible(&failure.step), text::visible(&failure.message)),
        output: text::visible_lines(&failure.output),
    }
}

fn environment(run: &Run) -> Vec<Fact> {
    let machine = &run.environment;
    let mut facts = vec![
        Fact { name: "System", value: text::visible(&machine.os) },
        Fact {
            name: "Processor",
            value: format!(
                "{}, {} available",
                text::visible(&machine.cpu_model),
                units::plural(machine.cpu_count.into(), "logical processor")
            ),
        },
        Fact { name: "Memory", value: units::bytes(machine.memory_bytes as f64) },
    ];
    if let Some(python) = &machine.python {
        let on = |on: bool| if on { "on" } else { "off" };
        let mut value = format!(
            "{} {}, GIL {}, JIT {}",
            text::visible(&python.implementation),
            text::visible(&python.version),
            on(python.gil),
            on(python.jit)
        );
        if !python.build.is_empty() {
            value = format!("{value}, {}", text::visible(&python.build));
        }
        facts.push(Fact { name: "Python", value });
        if !python.packages.is_empty() {
            facts.push(Fact { name: "Packages", value: text::visible(&python.packages.join(", ")) });
        }
    }
    facts.extend(machine.rustc.iter().map(|rustc| Fact { name: "Rust", value: text::visible(rustc) }));
    facts.extend(machine.extensions.iter().map(|extension| {
        let profile = extension.profile.as_deref().unwrap_or("unknown profile");
        let pyo3 = extension.pyo3.as_deref().map(|version| format!(", PyO3 {version}")).unwrap_or_default();
        Fact { name: "Extension", value: text::visible(&format!("{}, {profile}{pyo3}", extension.name)) }
    }));
    facts.extend(machine.builds.iter().map(|build| Fact {
        name: "Build",
        value: format!(
            "{}: {}, {}",
            text::visible(&build.what),
            units::seconds(build.seconds),
            units::bytes(build.artefact_bytes as f64)
        ),
    }));
    facts.extend(machine.git.iter().map(|git| Fact {
        name: "Commit",
        value: format!("{}{}", text::visible(&git.commit), if git.dirty { ", with local changes" } else { "" }),
    }));
    facts
}

fn method(run: &Run) -> Vec<Fact> {
    let plan = &run.plan;
    let effort = match plan.effort {
        Effort::Quick => "quick",
        Effort::Default => "default",
        Effort::Thorough => "thorough",
    };
    let mut rounds = format!(
        "{effort}: {} to {}, until every interval is within ±{:.0} %",
        plan.min_rounds,
        units::plural(plan.max_rounds.into(), "round"),
        plan.target_half_width * 100.0
    );
    if let Some(few) = plan.indicative_rounds {
        rounds =
            format!("{rounds}; {} (indicative) at other sizes than the headline's", units::plural(few.into(), "round"));
    }
    if let Some(budget) = plan.time_budget_s {
        rounds = format!("{rounds}; at most {} of measuring", units::seconds(budget));
    }
    let phases = &run.phases;
    vec![
        Fact { name: "Rounds", value: rounds },
        Fact { name: "Launches", value: "each round runs every implementation in a fresh process, in random order".to_owned() },
        Fact { name: "Time per call", value: "median over launches of the slope of time over calls".to_owned() },
        Fact {
            name: "Speed-up",
            value: "median over rounds of baseline ÷ candidate; the interval is the exact 95 % one of order statistics; under six rounds the range is given and called indicative".to_owned(),
        },
        Fact { name: "Agreement", value: "every result is compared with the baseline's before anything is timed; what differs gets no ratio".to_owned() },
        Fact { name: "Collector", value: reading::collector(run) },
        Fact { name: "Seeds", value: format!("{} for order and inputs; PYTHONHASHSEED 1, 2, 3 … by round", run.seed) },
        Fact {
            name: "Wall time",
            value: format!(
                "prepare {}, equality {}, measure {}",
                units::seconds(phases.prepare_s),
                units::seconds(phases.equality_s),
                units::seconds(phases.measure_s)
            ),
        },
    ]
}

/// A word of a command line, quoted for a shell where it must be.
fn quoted_word(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
