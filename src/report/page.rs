//! A run as the words on a page: what HTML and Markdown share. All text is plain; each format escapes it.

use serde::Serialize;

use super::claims::Claims;
use super::detail::{self, Detail, Heading};
use super::facts::{self, Fact};
use super::plan::Plan;
use super::recommendation::{self, Recommended};
use super::units::{self, Quoted};
use super::warned::{self, Warned};
use super::{chart, decomposed, reading, slug, speedup, text};
use crate::evidence::{Failure, Implementation, Metric, Role, Run, Size, Status, Stopped, Workload};

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
    /// What to do about each workload.
    pub plan: Option<Plan>,
    /// The recommendation for the project.
    pub verdict: Option<Recommended>,
    /// What verdicts are held against.
    pub thresholds: Vec<Fact>,
    /// What was said, and what the run says to it.
    pub claims: Option<Claims>,
    /// One a workload.
    pub workloads: Vec<Card>,
    /// The machine and its tools.
    pub environment: Vec<Fact>,
    /// How it was measured.
    pub method: Vec<Fact>,
    /// The command line to run it again.
    pub command: String,
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
    /// Traps that it shows signs of.
    pub traps: Vec<Warned>,
    /// How the numbers at the headline size were made.
    pub caption: String,
    /// How those over all sizes were made.
    pub scaling_caption: String,
    /// Its cells by size.
    pub sizes: Vec<Table>,
    /// What could not be compared, and why.
    pub troubles: Vec<Trouble>,
    /// Headings of the measurements behind the first ones.
    pub detail_columns: Vec<Heading>,
    /// Those measurements, at the headline size.
    pub details: Vec<Detail>,
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
    /// The same in nanoseconds, by which rows are sorted.
    pub time_ns: Option<String>,
    /// Speed-up over the baseline.
    pub speedup: Option<Quoted>,
    /// The same as a number, by which rows are sorted.
    pub ratio: Option<String>,
    /// `faster`, `slower`, `alike` or `indicative`.
    pub says: Option<&'static str>,
    /// Peak memory of a call.
    pub memory: Option<Quoted>,
    /// The same in bytes, by which rows are sorted.
    pub memory_bytes: Option<String>,
    /// Memory saved, as a ratio.
    pub memory_ratio: Option<Quoted>,
    /// Processor time a call.
    pub cpu: Option<String>,
    /// The same in nanoseconds, by which rows are sorted.
    pub cpu_ns: Option<String>,
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
    /// The implementation.
    pub name: String,
    /// At which sizes; empty: at every one.
    pub sizes: Vec<String>,
    /// How far it came.
    pub status: &'static str,
    /// Why, in full.
    pub detail: String,
    /// Launches that failed.
    pub failures: Vec<Failed>,
}

/// A failed launch.
#[derive(Debug, PartialEq, Eq, Serialize)]
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
            warnings: warned::of_environment(&run.environment),
            plan: Plan::of(run),
            verdict: Recommended::of_project(run),
            thresholds: recommendation::thresholds(&run.thresholds),
            claims: Claims::of(run),
            workloads: run.workloads.iter().map(|workload| card(run, workload)).collect(),
            environment: facts::environment(&run.environment),
            method: facts::method(run),
            command: run
                .command
                .iter()
                .map(|word| facts::shell_word(&text::visible(word)))
                .collect::<Vec<_>>()
                .join(" "),
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

fn card(run: &Run, workload: &Workload) -> Card {
    let headline = workload.headline_size();
    let cells = || workload.sizes.iter().flat_map(|size| &size.implementations);
    let (detail_columns, details) = headline.map_or_else(Default::default, |size| detail::details(workload, size));
    Card {
        detail_columns,
        details,
        name: text::visible(&workload.name),
        slug: slug::slug(&workload.name),
        summary: text::visible(&workload.summary),
        reading: [reading::workload(workload), decomposed::workload(workload)].concat(),
        verdict: Recommended::of_workload(workload),
        splits: headline
            .map_or_else(Vec::new, |size| size.splits.iter().map(|split| reading::split(size, split)).collect()),
        traps: warned::of_workload(workload),
        caption: reading::split_caption(run, workload),
        scaling_caption: reading::scaling_caption(run, workload),
        sizes: workload.sizes.iter().map(|size| table(workload, size, headline)).collect(),
        troubles: troubles(workload),
        rules: workload.rules.iter().map(|rule| text::visible(rule)).collect(),
        targets: headline.map_or_else(Vec::new, |size| {
            size.implementations.iter().map(|cell| (text::visible(&cell.name), text::visible(&cell.target))).collect()
        }),
        has_scaling: chart::has_scaling(workload),
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
        time_ns: cell.time_ns.map(|time| sortable(time.estimate)),
        speedup: time.map(speedup::quoted),
        ratio: time.map(|time| sortable(time.ratio)),
        says: time.map(|time| match speedup::says(time) {
            speedup::Says::Faster => "faster",
            speedup::Says::Slower => "slower",
            speedup::Says::Alike => "alike",
            speedup::Says::Indicative => "indicative",
        }),
        memory: cell.peak_memory_bytes.map(|memory| units::bytes_quoted(&memory, few_memory)),
        memory_bytes: cell.peak_memory_bytes.map(|memory| sortable(memory.estimate)),
        memory_ratio: memory.map(speedup::quoted),
        cpu: cell.cpu_ns.map(|cpu| units::time(cpu.estimate)),
        cpu_ns: cell.cpu_ns.map(|cpu| sortable(cpu.estimate)),
        rounds: cell.launches.len(),
        indicative: indicative && !cell.launches.is_empty(),
        notes: reading::notes(size, cell),
    }
}

/// A number to sort by, with the digits that tell neighbours apart.
fn sortable(value: f64) -> String {
    let short = format!("{value:.4e}");
    let plain = short.parse().unwrap_or(value).to_string();
    if plain.len() > short.len() { short } else { plain }
}

/// What happened to each cell that is not measured; what is the same at several sizes is told once.
fn troubles(workload: &Workload) -> Vec<Trouble> {
    let cells = workload.sizes.iter().flat_map(|size| size.implementations.iter().map(move |cell| (size, cell)));
    let mut troubles: Vec<Trouble> = Vec::new();
    for (size, cell) in cells.filter(|(_, cell)| !cell.status.is_timed() || !cell.failures.is_empty()) {
        let trouble = Trouble {
            name: text::visible(&cell.name),
            sizes: speedup::size_label(workload, size).into_iter().collect(),
            status: cell.status.as_str(),
            detail: cell.detail.as_deref().map(text::visible_lines).unwrap_or_default(),
            failures: cell.failures.iter().map(failed).collect(),
        };
        match troubles.iter_mut().find(|told| told.is_like(&trouble)) {
            Some(told) => told.sizes.extend(trouble.sizes),
            None => troubles.push(trouble),
        }
    }
    for trouble in troubles.iter_mut().filter(|trouble| trouble.sizes.len() == workload.sizes.len()) {
        trouble.sizes.clear();
    }
    troubles
}

impl Trouble {
    fn is_like(&self, other: &Trouble) -> bool {
        (&self.name, self.status, &self.detail, &self.failures)
            == (&other.name, other.status, &other.detail, &other.failures)
    }
}

fn failed(failure: &Failure) -> Failed {
    let round = failure.round.map_or_else(String::new, |round| format!(", round {round}"));
    Failed {
        message: format!("{}{round}: {}", text::visible(&failure.step), text::visible(&failure.message)),
        output: text::visible_lines(&failure.output),
    }
}
