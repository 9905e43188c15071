//! What every format says: checks in the order in which they matter, and the sentences around them.
//!
//! Names and texts of other people are made [visible](text::visible) here; markup is escaped by each format.

use crate::gate::document::{Change, Check, ControlSummary, Gate, Mode, Outcome, Topic};
use crate::gate::{NOT_DETERMINISTIC, words};
use crate::text;
use crate::units;

/// Columns that are shown of a workload's or an implementation's name: enough to tell it from any other.
const LONGEST_NAME: usize = 40;
/// Columns of a check's sentence: a difference is shown with its input, and no more.
pub const LONGEST_TEXT: usize = 1000;
/// Digits of a commit.
const SHORT_COMMIT: usize = 9;

/// How bad a check is: what decides the gate first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It fails the gate.
    Fails,
    /// It may.
    Open,
    /// It would, if nobody had accepted it.
    Accepted,
    /// It passes.
    Passes,
    /// There is nothing to compare.
    Skipped,
}

/// Where a check stands.
pub fn standing(check: &Check) -> Standing {
    match (check.outcome, &check.acknowledged) {
        (Outcome::Fail, None) => Standing::Fails,
        (Outcome::Fail, Some(_)) => Standing::Accepted,
        (Outcome::Inconclusive, _) => Standing::Open,
        (Outcome::Pass, _) => Standing::Passes,
        (Outcome::Skipped, _) => Standing::Skipped,
    }
}

impl Standing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Fails => "fail",
            Standing::Open => "inconclusive",
            Standing::Accepted => "acknowledged",
            Standing::Passes => "pass",
            Standing::Skipped => "skipped",
        }
    }
}

/// The checks of a standing, the worst first: results that differ, then by how far they are off.
pub fn checks_of(gate: &Gate, wanted: Standing) -> Vec<&Check> {
    let mut checks: Vec<&Check> = gate.checks.iter().filter(|check| standing(check) == wanted).collect();
    checks.sort_by(|a, b| severity(b).total_cmp(&severity(a)));
    checks
}

/// Everything that is not passed, the worst first.
pub fn not_passed(gate: &Gate) -> Vec<&Check> {
    [Standing::Fails, Standing::Open, Standing::Accepted].iter().flat_map(|one| checks_of(gate, *one)).collect()
}

fn severity(check: &Check) -> f64 {
    match (check.topic, &check.change) {
        (Topic::Equality, _) => f64::INFINITY,
        (_, None) => f64::NEG_INFINITY,
        (Topic::Speedup | Topic::MemorySaving, Some(change)) => change.limit.unwrap_or(0.0) / change.estimate - 1.0,
        (
            Topic::Time | Topic::Instructions | Topic::Memory | Topic::SpeedupChange | Topic::MemorySavingChange,
            Some(change),
        ) => change.estimate,
    }
}

/// What a check is of: `parse_log/native at 100k`.
pub fn place(check: &Check) -> String {
    let name = |name: &str| clip(name, LONGEST_NAME);
    let at = if check.size == 1 { String::new() } else { format!(" at {}", units::count_short(check.size)) };
    format!("{}/{}{at}", name(&check.workload), name(&check.implementation))
}

/// What it looks at, as a person says it.
pub fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Equality => "equality",
        Topic::Time => "time",
        Topic::Instructions => "instructions",
        Topic::Memory => "memory",
        Topic::Speedup => "speed-up",
        Topic::MemorySaving => "memory saving",
        Topic::SpeedupChange => "time in relation to the baseline",
        Topic::MemorySavingChange => "memory in relation to the baseline",
    }
}

/// What was found, with the reason why a person accepts it.
pub fn found(check: &Check) -> String {
    let text = clip(&check.text, LONGEST_TEXT);
    match &check.acknowledged {
        Some(reason) => format!("{text}. Accepted: {}", clip(reason, LONGEST_TEXT)),
        None => text,
    }
}

/// Where it stands in the manifest: `rustworthy.toml:42`.
pub fn source(gate: &Gate, check: &Check) -> Option<String> {
    Some(format!("{}:{}", text::visible(&gate.manifest), check.line?))
}

/// All that passed of one implementation.
pub struct Passed {
    /// See [`place`].
    pub place: String,
    /// A phrase a check.
    pub parts: Vec<String>,
    /// Whether there is nothing but that its results agree.
    pub only_equality: bool,
}

/// What passed, an entry an implementation, in the document's order.
pub fn passed(gate: &Gate) -> Vec<Passed> {
    let mut cells: Vec<(&Check, Vec<&Check>)> = Vec::new();
    for check in gate.with(Outcome::Pass) {
        let same = |other: &Check| {
            (&other.workload, &other.implementation, other.size) == (&check.workload, &check.implementation, check.size)
        };
        match cells.iter_mut().find(|(first, _)| same(first)) {
            Some((_, all)) => all.push(check),
            None => cells.push((check, vec![check])),
        }
    }
    cells
        .into_iter()
        .map(|(first, mut checks)| {
            // What was measured was measured of what agrees.
            let only_equality = checks.iter().all(|check| check.topic == Topic::Equality);
            checks.sort_by_key(|check| check.topic);
            checks.retain(|check| only_equality || check.topic != Topic::Equality);
            Passed { place: place(first), parts: checks.iter().map(|check| phrase(check)).collect(), only_equality }
        })
        .collect()
}

fn phrase(check: &Check) -> String {
    let said = |shown: fn(&Change) -> String| match &check.change {
        Some(change) => format!("{} {}", topic(check.topic), shown(change)),
        None => format!("{}: {}", topic(check.topic), clip(&check.text, LONGEST_NAME)),
    };
    match check.topic {
        Topic::Equality => "equal".to_owned(),
        Topic::Instructions if check.label.as_deref() == Some(NOT_DETERMINISTIC) => {
            format!("{} (not deterministic)", said(words::instructions))
        }
        Topic::Instructions => said(words::instructions),
        Topic::Time | Topic::SpeedupChange | Topic::MemorySavingChange => said(words::change),
        // Launches hardly differ: the line has room for what does.
        Topic::Memory => said(|change| words::percent(change.estimate)),
        Topic::Speedup | Topic::MemorySaving => match check.change.and_then(|change| change.limit) {
            Some(floor) => format!("{} (floor {})", said(words::ratio), units::ratio(floor)),
            None => said(words::ratio),
        },
    }
}

/// What was held against what.
pub fn subject(gate: &Gate) -> String {
    let run = |index: usize| gate.runs.get(index).map_or_else(|| "a saved run".to_owned(), |id| text::visible(id));
    let what = match gate.mode {
        Mode::Against => match &gate.between {
            Some(trees) => format!(
                "the working tree against {} (base {}, head {}{})",
                clip(&trees.against, LONGEST_NAME),
                short(&trees.base),
                short(&trees.head),
                if trees.dirty { " with changes of its own" } else { "" }
            ),
            None => "the working tree against a commit".to_owned(),
        },
        Mode::Floors => format!("run {} against the manifest's floors", run(0)),
        Mode::Base => format!("run {} against run {}", run(0), run(1)),
    };
    format!("{}: {what}", clip(&gate.project, LONGEST_NAME))
}

/// A commit as people write it.
pub fn short(commit: &str) -> String {
    text::visible(commit).chars().take(SHORT_COMMIT).collect()
}

/// The verdict in capitals, and what an open one counts as.
pub fn verdict(gate: &Gate) -> String {
    match gate.verdict {
        Outcome::Pass => "PASS".to_owned(),
        Outcome::Fail => "FAIL".to_owned(),
        Outcome::Inconclusive => format!("INCONCLUSIVE, which counts as {} here", text::visible(&gate.inconclusive)),
        Outcome::Skipped => "SKIPPED".to_owned(),
    }
}

/// How many checks ended how: `2 failed, 1 inconclusive, 9 passed`.
pub fn counts(gate: &Gate) -> String {
    let of = |wanted: Standing| gate.checks.iter().filter(|check| standing(check) == wanted).count();
    let words = [
        (Standing::Fails, "failed"),
        (Standing::Open, "inconclusive"),
        (Standing::Accepted, "failed and acknowledged"),
        (Standing::Passes, "passed"),
        (Standing::Skipped, "skipped"),
    ];
    let said: Vec<String> = words
        .iter()
        .filter_map(|(standing, word)| Some(of(*standing)).filter(|count| *count > 0).map(|n| format!("{n} {word}")))
        .collect();
    if said.is_empty() { "nothing was checked".to_owned() } else { format!("checks: {}", said.join(", ")) }
}

/// The rules in force, in a sentence or two.
pub fn rules(gate: &Gate) -> String {
    let rules = &gate.rules;
    let comparisons = units::plural(rules.comparisons, "comparison");
    match gate.mode {
        Mode::Against => format!(
            "Rules: {comparisons} of time; harmless changes fail a gate with a probability of at most {} in all (alpha: \
             fail at E ≥ {}), one that must be caught passes with at most {} (beta: pass at E ≥ {}); open after {} \
             blocks or {}.",
            units::share(rules.alpha),
            words::evidence(rules.fail_at),
            units::share(rules.beta),
            words::evidence(rules.pass_at),
            rules.max_blocks,
            units::seconds(rules.max_seconds),
        ),
        Mode::Floors => "Rules: a floor fails where the whole 95 % interval lies under it, passes where the whole \
                         interval clears it, and is open between."
            .to_owned(),
        Mode::Base => format!(
            "Rules: {comparisons} of speed-ups between two saved runs, each by an interval that errs with a probability \
             of {} (alpha) over all of them; the memory of each by its 95 % interval.",
            units::share(rules.alpha),
        ),
    }
}

/// What the control says, where this gate measures.
pub fn control(gate: &Gate) -> Option<String> {
    let nothing = "Control: none; the change touches the Python of every baseline, or nothing could call it.";
    match (gate.mode, &gate.control) {
        (Mode::Against, None) => Some(nothing.to_owned()),
        (Mode::Floors | Mode::Base, None) => None,
        (_, Some(control)) => Some(controlled(control)),
    }
}

fn controlled(control: &ControlSummary) -> String {
    let names: Vec<String> = control.workloads.iter().take(3).map(|name| clip(name, LONGEST_NAME)).collect();
    let more = control.workloads.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "Control: Python that the change does not touch ({}{more}): {}, {}, E = {} of {}: {}.",
        names.join(", "),
        units::plural(u64::from(control.blocks), "block"),
        control.estimate.map_or_else(|| "not measured".to_owned(), words::percent),
        words::evidence(control.moved_e),
        words::evidence(control.moved_at),
        if control.moved { "it moved, so the machine did" } else { "it did not move" },
    )
}

/// Trailers, a sentence each.
pub fn acknowledged(gate: &Gate) -> Vec<String> {
    gate.acknowledged
        .iter()
        .map(|one| {
            let what = clip(&one.what, 2 * LONGEST_NAME);
            let reason = clip(&one.reason, LONGEST_TEXT);
            let used = if one.used { "" } else { " (no failure of this gate is of it)" };
            format!("Acknowledged in {}: {what}: {reason}{used}", short(&one.commit))
        })
        .collect()
}

/// Notes, made safe.
pub fn notes(gate: &Gate) -> Vec<String> {
    gate.notes.iter().map(|note| clip(note, LONGEST_TEXT)).collect()
}

/// Text of somebody else on so many columns, and on no more characters than that allows for: some take no column.
fn clip(text: &str, columns: usize) -> String {
    text::cut(&text::visible(text), columns).chars().take(2 * columns).collect()
}

/// The sentence with a capital at its beginning.
pub fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
