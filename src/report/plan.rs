//! The answer to *what should we do?*: one row a workload, the first step first.

use std::cmp::Reverse;

use serde::Serialize;

use super::recommendation::Recommended;
use super::speedup::{self, Headline};
use super::units::Quoted;
use super::{slug, text, units};
use crate::evidence::{Comparison, Kind, Recommendation, Run, Status, Workload};

/// All decisions of a run.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The answer in a sentence.
    pub headline: String,
    /// The first step, where there are several workloads.
    pub first: Option<String>,
    /// How many workloads each recommendation has, in the order of rows.
    pub counts: Vec<Count>,
    /// One a workload.
    pub rows: Vec<Decided>,
    /// Where 1× lies among the bars, on either scale, percent.
    pub same: [f64; 2],
    /// What the bars' ends stand for.
    pub ends: [String; 2],
}

/// How often something is recommended.
#[derive(Debug, Serialize)]
pub struct Count {
    /// The recommendation's word.
    pub word: &'static str,
    /// The same for people.
    pub action: &'static str,
    /// How many workloads.
    pub number: u64,
}

/// What to do about one workload.
#[derive(Debug, Serialize)]
pub struct Decided {
    /// Its name.
    pub name: String,
    /// Its anchor.
    pub slug: String,
    /// The recommendation's word.
    pub word: &'static str,
    /// The same for people.
    pub action: &'static str,
    /// Between what the evidence does not decide.
    pub open: Option<String>,
    /// The candidate that it speaks of; where there is none, the fastest that might have been.
    pub candidate: Option<String>,
    /// That one's kind.
    pub kind: Option<&'static str>,
    /// Whether that one is recommended.
    pub taken: bool,
    /// Its speed-up.
    pub speedup: Option<Quoted>,
    /// Whether too few rounds stand behind that.
    pub indicative: bool,
    /// The same as a number, by which rows are sorted.
    pub ratio: Option<f64>,
    /// Its place among the bars.
    pub bar: Option<Bar>,
    /// What the application gives back; empty where the share is not known.
    pub gives_back: Option<String>,
    /// How sure, and what that fails by.
    pub confidence: Option<String>,
    /// How sure, as a number by which rows are sorted: 3 is high.
    pub sure: u8,
}

/// A mark with its interval: where that begins, the estimate, and where it ends, percent of the width, each on a
/// logarithmic scale and on a linear one.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// The lower end.
    pub low: [f64; 2],
    /// The estimate.
    pub at: [f64; 2],
    /// The upper end.
    pub high: [f64; 2],
}

impl Plan {
    /// The plan of a run; `None` before it is decided.
    pub fn of(run: &Run) -> Option<Plan> {
        let project = run.verdict.as_ref()?;
        let steps: Vec<&str> = project
            .reasons
            .iter()
            .filter(|reason| reason.rule == "step")
            .filter_map(|reason| reason.evidence.get("workload")?.as_str())
            .collect();
        let mut workloads: Vec<&Workload> = run.workloads.iter().filter(|it| it.verdict.is_some()).collect();
        let place = |workload: &Workload| {
            let step = steps.iter().position(|name| *name == workload.name).unwrap_or(usize::MAX);
            let says = workload.verdict.as_ref().map(|verdict| verdict.recommendation);
            (Reverse(says.is_some_and(Recommendation::is_change)), step, says.map_or(0, order))
        };
        workloads.sort_by_key(|workload| place(workload));
        let shown: Vec<(&Workload, Option<Headline>)> =
            workloads.into_iter().map(|workload| (workload, speaks_of(workload))).collect();
        let axis = Axis::of(shown.iter().filter_map(|(_, headline)| headline.as_ref()?.time));
        let rows: Vec<Decided> =
            shown.iter().filter_map(|(workload, headline)| decided(run, workload, headline.as_ref(), &axis)).collect();
        Some(Plan {
            headline: headline(run, &rows),
            first: first(run, &rows),
            counts: counts(&rows),
            same: axis.places(1.0),
            ends: [units::ratio(axis.low), units::ratio(axis.high)],
            rows,
        })
    }
}

/// What is to be done comes before what is done.
fn order(recommendation: Recommendation) -> u8 {
    match recommendation {
        Recommendation::Library | Recommendation::Hybrid | Recommendation::Batch | Recommendation::Native => 0,
        Recommendation::Blocked => 1,
        Recommendation::Inconclusive => 2,
        Recommendation::Stay => 3,
    }
}

/// The candidate that a verdict speaks of, or else the fastest that agrees and could take the baseline's place.
fn speaks_of(workload: &Workload) -> Option<Headline<'_>> {
    let named = workload.verdict.as_ref()?.candidate.as_deref();
    let all = speedup::headlines_of(workload);
    if let Some(name) = named {
        return all.into_iter().find(|headline| headline.candidate.name == name);
    }
    let could = |headline: &Headline| {
        let cell = headline.candidate;
        cell.status == Status::Measured
            && cell.assumes.is_none()
            && (cell.kind != Kind::Native || workload.boundary == "process")
    };
    let ratio = |headline: &Headline| headline.time.map_or(0.0, |time| time.ratio);
    all.into_iter()
        .filter(|headline| could(headline) && headline.time.is_some())
        .max_by(|one, other| ratio(one).total_cmp(&ratio(other)))
}

fn decided(run: &Run, workload: &Workload, headline: Option<&Headline>, axis: &Axis) -> Option<Decided> {
    let verdict = workload.verdict.as_ref()?;
    let view = Recommended::of_workload(workload)?;
    let time = headline.and_then(|headline| headline.time);
    let back = run.verdict.as_ref().and_then(|project| {
        let step = project.reasons.iter().find(|it| it.rule == "step" && it.evidence["workload"] == *workload.name)?;
        let end = |key: &str| step.evidence["given_back"].get(key)?.as_f64();
        Some(format!("{} to {}", units::share(end("low")?), units::share(end("high")?)))
    });
    Some(Decided {
        name: text::visible(&workload.name),
        slug: slug::slug(&workload.name),
        word: verdict.recommendation.as_str(),
        action: verdict.recommendation.action(),
        open: view.open.clone(),
        candidate: headline.map(|headline| text::visible(&headline.candidate.name)),
        kind: headline.map(|headline| headline.candidate.kind.as_str()),
        taken: verdict.candidate.is_some() && verdict.recommendation != Recommendation::Blocked,
        speedup: time.map(speedup::quoted),
        indicative: time.is_some_and(|time| time.indicative),
        ratio: time.map(|time| time.ratio),
        bar: time.map(|time| axis.bar(time)),
        gives_back: back,
        confidence: view.sure(),
        sure: match view.confidence {
            Some("high") => 3,
            Some("medium") => 2,
            Some(_) => 1,
            None => 0,
        },
    })
}

/// `12 of 18 workloads are worth a change.`; of one workload what to do about it.
fn headline(run: &Run, rows: &[Decided]) -> String {
    if let [workload] = run.workloads.as_slice()
        && let Some(it) = Recommended::of_workload(workload)
    {
        return format!("{}.", it.headline);
    }
    let changes = rows.iter().filter(|row| is_change(row)).count() as u64;
    let open = rows.iter().filter(|row| row.word == "inconclusive").count() as u64;
    let all = units::plural(rows.len() as u64, "workload");
    match changes {
        0 if open == rows.len() as u64 => format!("Nothing is decided yet about {all}."),
        0 if open > 0 => format!("Nothing of {all} is worth a change, and {open} are not decided."),
        0 => format!("Stay in Python: none of {all} is worth a change."),
        1 => format!("1 of {all} is worth a change."),
        many => format!("{many} of {all} are worth a change."),
    }
}

fn is_change(row: &Decided) -> bool {
    matches!(row.word, "library" | "hybrid" | "batch" | "native")
}

/// Where to start, in a sentence.
fn first(run: &Run, rows: &[Decided]) -> Option<String> {
    if run.workloads.len() < 2 {
        let workload = run.workloads.first()?;
        return Recommended::of_workload(workload).map(|it| it.why);
    }
    let row = rows.iter().find(|row| is_change(row))?;
    let candidate = row.candidate.as_ref()?;
    let gain = row.speedup.as_ref().map_or_else(String::new, |quoted| {
        if row.indicative {
            format!(", {} ({}, indicative)", quoted.value, quoted.interval)
        } else {
            format!(", {}", quoted.phrase())
        }
    });
    Some(format!("Start with {}: {} ({candidate}){gain}.", row.name, row.action))
}

fn counts(rows: &[Decided]) -> Vec<Count> {
    let mut counts: Vec<Count> = Vec::new();
    for row in rows {
        match counts.iter_mut().find(|count| count.word == row.word) {
            Some(count) => count.number += 1,
            None => counts.push(Count { word: row.word, action: row.action, number: 1 }),
        }
    }
    counts
}

/// From the smallest to the largest interval's end, 1× among them.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn of<'run>(times: impl Iterator<Item = &'run Comparison>) -> Axis {
        let (low, high) = times.fold((1.0_f64, 1.0_f64), |(low, high), time| (low.min(time.low), high.max(time.high)));
        Axis { low: low.max(1e-6) / 1.1, high: high.min(1e9) * 1.1 }
    }

    /// A ratio's place, percent: on a logarithmic scale, and on a linear one that begins at nothing.
    fn places(&self, ratio: f64) -> [f64; 2] {
        let logarithmic = (ratio.max(self.low).ln() - self.low.ln()) / (self.high.ln() - self.low.ln());
        [logarithmic, ratio / self.high].map(|share| (share.clamp(0.0, 1.0) * 1e4).round() / 1e2)
    }

    fn bar(&self, time: &Comparison) -> Bar {
        Bar { low: self.places(time.low), at: self.places(time.ratio), high: self.places(time.high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn what_is_to_be_done_comes_first_and_what_stays_last() {
        let plan = Plan::of(&fixture::run()).unwrap();
        let words: Vec<&str> = plan.rows.iter().map(|row| row.word).collect();
        assert_eq!(words.last(), Some(&"stay"), "{words:?}");
        assert_eq!(plan.headline, "4 of 5 workloads are worth a change.");
        let first = plan.first.unwrap();
        assert!(first.starts_with("Start with json_parse: swap in a library (orjson), 2.80× ["), "{first}");
        assert_eq!(plan.counts.iter().map(|count| count.number).sum::<u64>(), 5);
        // What stays shows the nearest that could have been taken, never one that assumes or leaves Python.
        let stays = plan.rows.iter().find(|row| row.word == "stay").unwrap();
        assert_eq!((stays.candidate.as_deref(), stays.taken), (Some("hybrid"), false));
    }

    #[test]
    fn one_workload_is_answered_by_itself() {
        let mut run = fixture::run();
        run.workloads.truncate(1);
        crate::verdict::decide(&mut run);
        let plan = Plan::of(&run).unwrap();
        assert_eq!(plan.headline, "Call Rust from Python: hybrid.");
        assert!(plan.first.unwrap().starts_with("hybrid brings "));
        run.verdict = None;
        assert!(Plan::of(&run).is_none());
    }

    #[test]
    fn bars_keep_their_order_on_both_scales() {
        for run in [fixture::run(), fixture::hostile(), fixture::noisy()] {
            let plan = Plan::of(&run).unwrap();
            for bar in plan.rows.iter().filter_map(|row| row.bar.as_ref()) {
                for scale in [0, 1] {
                    let [low, at, high] = [bar.low[scale], bar.at[scale], bar.high[scale]];
                    assert!(0.0 <= low && low <= at && at <= high && high <= 100.0, "{bar:?}");
                }
            }
            assert!(plan.same[0] > plan.same[1], "a linear scale begins at nothing");
        }
    }
}
