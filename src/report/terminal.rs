//! The table at the end of a run: readable in ten seconds, at most as wide as the terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::claims::Claims;
use super::marks::Marks;
use super::plan::{Decided, Plan};
use super::recommendation::{self, Recommended};
use super::speedup::{self, Headline, Says};
use super::{page, reading, text, units, warned};
use crate::evidence::{Implementation, Metric, Run, Status};

/// Below this width the table is not squeezed any further.
const NARROWEST: usize = 60;
/// Lines of the reason why a cell has no ratio: enough for a difference with its path and its input.
const LONGEST_NOTE: usize = 5;
/// Claims that are shown one by one; more are only counted.
const MOST_CLAIMS: usize = 6;

/// One row: its cells, what colours it.
struct Line {
    cells: [String; 5],
    tone: Tone,
    /// What is recommended, under the last row of a workload.
    verdict: Option<String>,
}

/// What a row's numbers say, which gives them their colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Head,
    Faster,
    Slower,
    Quiet,
    Bad,
    Verdict,
    Plain,
}

impl Tone {
    fn codes(self) -> &'static str {
        match self {
            Tone::Head => "\u{1b}[1m",
            Tone::Faster => "\u{1b}[32m",
            Tone::Slower => "\u{1b}[33m",
            Tone::Quiet => "\u{1b}[2m",
            Tone::Bad => "\u{1b}[31m",
            Tone::Verdict => "\u{1b}[36m",
            Tone::Plain => "",
        }
    }

    fn paint(self, text: &str, colour: bool) -> String {
        if colour && self != Tone::Plain { format!("{}{text}\u{1b}[0m", self.codes()) } else { text.to_owned() }
    }
}

/// The summary of a run at the headline size of each workload.
pub fn summary(run: &Run, width: usize, colour: bool) -> String {
    let width = width.max(NARROWEST);
    let mut out = String::new();
    let mut say = |text: &str, tone: Tone| {
        out.push_str(&tone.paint(&text::cut(text, width), colour));
        out.push('\n');
    };
    let lines = lines(run);
    if !lines.is_empty() {
        let header = std::iter::once(None).chain(lines.iter().map(|line| line.verdict.as_deref()));
        for ((row, tone), verdict) in laid_out(&lines, width).into_iter().zip(header) {
            say(&row, tone);
            if let Some(verdict) = verdict {
                let verdict = text::cut(verdict, LONGEST_NOTE * (width - 4));
                for (index, line) in text::wrapped(&verdict, width - 4).iter().enumerate() {
                    say(&format!("  {} {line}", if index == 0 { '→' } else { ' ' }), Tone::Verdict);
                }
            }
        }
        say("", Tone::Plain);
    }
    let notes = notes(run);
    for (note, tone) in &notes {
        let note = text::cut(note, LONGEST_NOTE * width);
        text::wrapped(&note, width).iter().for_each(|line| say(line, *tone));
    }
    if !notes.is_empty() {
        say("", Tone::Plain);
    }
    let marks = Marks::of(run);
    let around = warned::of_environment(&run.environment);
    let around = around.iter().map(|warned| format!("{} {}", warned.seen.join(" "), warned.advice));
    for warning in around.chain(warned::in_short(run)) {
        let warning = marks.plain(&format!("warning: {warning}"));
        text::wrapped(&warning, width).iter().for_each(|line| say(line, Tone::Slower));
    }
    let opening = format!("{}: {}", text::visible(&run.project), reading::opening(run));
    text::wrapped(&opening, width).iter().for_each(|line| say(line, Tone::Head));
    let counted = [Some(page::counts(run)), reading::precision(run)];
    counted.iter().flatten().flat_map(|said| text::wrapped(said, width)).for_each(|line| say(&line, Tone::Plain));
    if let Some(claims) = Claims::of(run) {
        let head = format!("What is said: {}.", claims.summary);
        text::wrapped(&head, width).iter().for_each(|line| say(line, Tone::Plain));
        if claims.rows.len() <= MOST_CLAIMS {
            for row in &claims.rows {
                // The intervals are what was found: a long sentence makes room for them.
                let sentence = text::cut(&row.sentence, width / 3);
                say(&format!("  {}: {sentence} {}", row.standing, row.found()), Tone::Quiet);
            }
        }
    }
    if let (Some(plan), Some(verdict)) = (Plan::of(run), Recommended::of_project(run)) {
        say("", Tone::Plain);
        let headline = format!("What to do: {}", plan.headline);
        text::wrapped(&headline, width).iter().for_each(|line| say(line, Tone::Head));
        if let Some(first) = plan.first.as_ref().filter(|_| plan.rows.len() > 1) {
            text::wrapped(&marks.plain(first), width).iter().for_each(|line| say(line, Tone::Plain));
        }
        for (row, tone) in planned(&plan, width) {
            say(&row, tone);
        }
        let next = verdict.next.iter().map(|line| format!("Next: {line}"));
        for line in verdict.asides.iter().cloned().chain(next).chain(verdict.flips) {
            let line = marks.plain(&text::cut(&line, LONGEST_NOTE * width));
            text::wrapped(&line, width).iter().for_each(|line| say(line, Tone::Plain));
        }
        let held = recommendation::thresholds_line(&run.thresholds);
        text::wrapped(&held, width).iter().for_each(|line| say(line, Tone::Quiet));
    }
    out
}

/// The table's rows; each workload opens with a row of its own.
fn lines(run: &Run) -> Vec<Line> {
    let mut lines = Vec::new();
    let marks = Marks::of(run);
    for workload in &run.workloads {
        let headlines = speedup::headlines_of(workload);
        let Some(Headline { size, .. }) = headlines.first() else { continue };
        let time = size.baseline().and_then(|cell| cell.time_ns);
        let rounds = size.implementations.iter().map(|cell| cell.launches.len()).max().unwrap_or(0);
        let head = [
            text::visible(&workload.name),
            speedup::size_label(workload, size).unwrap_or_default(),
            time.map_or_else(|| "–".to_owned(), |time| units::time(time.estimate)),
            format!("baseline, {}", units::plural(rounds as u64, "round")),
            String::new(),
        ];
        lines.push(Line { cells: head, tone: Tone::Head, verdict: None });
        lines.extend(headlines.iter().map(candidate));
        if let Some(last) = lines.last_mut() {
            last.verdict = Recommended::of_workload(workload).map(|verdict| marks.plain(&verdict.sentence()));
        }
    }
    lines
}

fn candidate(headline: &Headline) -> Line {
    let Headline { candidate, size, time, .. } = headline;
    let memory = size.comparison(&candidate.name, Metric::Memory);
    let mut words: Vec<String> = time.iter().map(|time| speedup::phrase(time)).collect();
    if candidate.status != Status::Measured || time.is_none() {
        words.push(candidate.status.as_str().to_owned());
    }
    let cells = [
        format!("  {}", text::visible(&candidate.name)),
        speedup::kind_label(candidate),
        candidate.time_ns.map_or_else(|| "–".to_owned(), |time| units::time(time.estimate)),
        words.join(" "),
        memory.map_or_else(String::new, |memory| units::ratio(memory.ratio)),
    ];
    Line { cells, tone: tone(headline), verdict: None }
}

fn tone(headline: &Headline) -> Tone {
    match headline.candidate.status {
        Status::Measured => match headline.time.map(speedup::says) {
            Some(Says::Faster) => Tone::Faster,
            Some(Says::Slower) => Tone::Slower,
            Some(Says::Alike | Says::Indicative) | None => Tone::Plain,
        },
        Status::Unverified | Status::Skipped => Tone::Quiet,
        Status::Differs | Status::Failed => Tone::Bad,
    }
}

/// What to do about each workload, a line each; one alone has its sentence already.
fn planned(plan: &Plan, width: usize) -> Vec<(String, Tone)> {
    if plan.rows.len() < 2 {
        return Vec::new();
    }
    let cells = |row: &Decided| -> [String; 4] {
        let with = row.candidate.as_ref().filter(|_| row.taken).map_or_else(String::new, |name| format!(": {name}"));
        let gain = row.speedup.as_ref().filter(|_| row.taken).map_or_else(String::new, |quoted| quoted.value.clone());
        [row.name.clone(), format!("{}{with}", row.action), gain, row.confidence.clone().unwrap_or_default()]
    };
    let all: Vec<[String; 4]> = plan.rows.iter().map(cells).collect();
    let widest = |column: usize| all.iter().map(|row| text::columns(&row[column])).max().unwrap_or(0);
    // The indent and three gaps of two columns each.
    let room = width.saturating_sub(8 + widest(2)).max(40);
    let names = widest(0).min(room / 4);
    let actions = widest(1).min(room / 2);
    let sure = room - names - actions;
    let fitted = |cell: &str, columns: usize| {
        let cell = text::cut(cell, columns);
        format!("{cell}{}", " ".repeat(columns - text::columns(&cell)))
    };
    plan.rows
        .iter()
        .zip(&all)
        .map(|(row, [name, action, gain, confidence])| {
            let tone = match row.word {
                "stay" => Tone::Quiet,
                "blocked" => Tone::Bad,
                "inconclusive" => Tone::Slower,
                _ => Tone::Verdict,
            };
            let gain = format!("{}{gain}", " ".repeat(widest(2) - text::columns(gain)));
            let (name, action) = (fitted(name, names), fitted(action, actions));
            let line = format!("  {name}  {action}  {gain}  {}", text::cut(confidence, sure));
            (line.trim_end().to_owned(), tone)
        })
        .collect()
}

/// The rows as text, names and kinds cut so that no row is wider than the terminal.
fn laid_out(lines: &[Line], width: usize) -> Vec<(String, Tone)> {
    let header = Line {
        cells: ["workload", "kind", "time", "speed-up [95 %]", "memory"].map(str::to_owned),
        tone: Tone::Quiet,
        verdict: None,
    };
    let all: Vec<&Line> = std::iter::once(&header).chain(lines).collect();
    let widest = |column: usize| all.iter().map(|line| text::columns(&line.cells[column])).max().unwrap_or(0);
    let gaps = 2 * 4;
    let room = width.saturating_sub(gaps + widest(2) + widest(3) + widest(4)).max(24);
    let kinds = widest(1).min(room * 2 / 5);
    let names = widest(0).min(room - kinds);
    let kinds = widest(1).min(room - names);

    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for line in &all {
        let [name, kind, time, speedup, memory] = &line.cells;
        table.add_row([&text::cut(name, names), &text::cut(kind, kinds), time, speedup, memory]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == 4 { 0 } else { 2 }));
        if matches!(index, 2 | 4) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().zip(&all).map(|(row, line)| (row.trim_end().to_owned(), line.tone)).collect()
}

/// Why cells have no ratio, one line each.
fn notes(run: &Run) -> Vec<(String, Tone)> {
    speedup::headlines(run)
        .iter()
        .filter(|headline| headline.candidate.status != Status::Measured)
        .map(|headline| {
            let place = format!(
                "{}/{}",
                text::cut(&text::visible(&headline.workload.name), 30),
                text::cut(&text::visible(&headline.candidate.name), 30)
            );
            let status = headline.candidate.status;
            (format!("{place} {}: {}", status.as_str(), reason(headline.candidate)), tone(headline))
        })
        .collect()
}

fn reason(cell: &Implementation) -> String {
    if cell.status == Status::Unverified && cell.detail.is_none() {
        return "nothing compared its result".to_owned();
    }
    let detail = cell.detail.clone().or_else(|| cell.failures.first().map(|failure| failure.message.clone()));
    text::visible(&detail.unwrap_or_else(|| "no reason recorded".to_owned()))
}
