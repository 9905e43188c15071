//! The project: what to do first, by the share of the runtime that each workload would give back.

use serde_json::json;

use super::gain;
use super::range::Range;
use super::words;
use crate::evidence::{Comparison, Flip, Grade, Metric, Reason, Recommendation, Run, Verdict, Workload};
use crate::units;

/// A workload in which something is to be gained.
struct Change<'run> {
    workload: &'run Workload,
    verdict: &'run Verdict,
    time: Option<&'run Comparison>,
}

impl<'run> Change<'run> {
    fn of(workload: &'run Workload) -> Option<Change<'run>> {
        let verdict = workload.verdict.as_ref()?;
        let worth = verdict.recommendation.is_change() || verdict.candidate.is_some();
        if !worth || verdict.recommendation == Recommendation::Blocked {
            return None;
        }
        let candidate = verdict.candidate.as_deref()?;
        let time = workload.headline_size()?.comparison(candidate, Metric::Time);
        Some(Change { workload, verdict, time })
    }

    /// The share of the application's time that it gives back, 0 to 1; `None` where the workload's share is not known.
    fn given_back(&self) -> Option<Range> {
        let (share, time) = (self.workload.share_of_runtime?, self.time?);
        Some(Range::new(time.low, time.high).map(|ratio| share * (1.0 - 1.0 / ratio)))
    }

    fn estimate(&self) -> Option<f64> {
        Some(self.workload.share_of_runtime? * (1.0 - 1.0 / self.time?.ratio))
    }

    /// What costs least comes first where shares are not known: better Python, then a package, then code of one's own.
    fn effort(&self) -> u8 {
        match self.verdict.recommendation {
            Recommendation::Stay => 0,
            Recommendation::Library => 1,
            Recommendation::Hybrid => 2,
            Recommendation::Batch => 3,
            Recommendation::Native => 4,
            Recommendation::Blocked | Recommendation::Inconclusive => 5,
        }
    }

    fn name(&self) -> String {
        let candidate = self.verdict.candidate.as_deref().unwrap_or_default();
        format!("{}/{candidate}", self.workload.name)
    }
}

/// The verdict on the project; `None` without workloads.
pub fn judge(run: &Run) -> Option<Verdict> {
    let verdicts: Vec<(&Workload, &Verdict)> =
        run.workloads.iter().filter_map(|workload| Some((workload, workload.verdict.as_ref()?))).collect();
    if verdicts.is_empty() {
        return None;
    }
    let mut changes: Vec<Change> = run.workloads.iter().filter_map(Change::of).collect();
    let all_shares = changes.iter().all(|change| change.estimate().is_some());
    if all_shares {
        changes.sort_by(|one, other| other.estimate().unwrap_or(0.0).total_cmp(&one.estimate().unwrap_or(0.0)));
    } else {
        let ratio = |change: &Change| change.time.map_or(0.0, |time| time.ratio);
        changes.sort_by(|one, other| one.effort().cmp(&other.effort()).then(ratio(other).total_cmp(&ratio(one))));
    }
    // Better Python within a workload that stays is worth telling, and is no change of language.
    let first = changes.iter().find(|change| change.verdict.recommendation.is_change());
    let has = |wanted: Recommendation| verdicts.iter().any(|(_, verdict)| verdict.recommendation == wanted);
    let recommendation = match first {
        Some(first) => first.verdict.recommendation,
        None if has(Recommendation::Blocked) => Recommendation::Blocked,
        None if has(Recommendation::Inconclusive) => Recommendation::Inconclusive,
        None => Recommendation::Stay,
    };
    let mut reasons = vec![tally(&verdicts, recommendation)];
    reasons.extend(changes.iter().enumerate().map(|(index, change)| step(index + 1, change)));
    reasons.extend(together(run, &changes, all_shares));
    Some(Verdict {
        recommendation,
        candidate: first.map(Change::name),
        confidence: match first {
            Some(first) => first.verdict.confidence.clone(),
            None if recommendation == Recommendation::Stay => lowest(&verdicts),
            None => None,
        },
        reasons,
        assumptions: assumptions(&changes, all_shares),
        would_flip_if: first.map(flips).unwrap_or_default(),
        next: next(&verdicts),
    })
}

/// `2 of 5 workloads are worth a change: …`.
fn tally(verdicts: &[(&Workload, &Verdict)], recommendation: Recommendation) -> Reason {
    let order = [
        Recommendation::Library,
        Recommendation::Hybrid,
        Recommendation::Batch,
        Recommendation::Native,
        Recommendation::Stay,
        Recommendation::Blocked,
        Recommendation::Inconclusive,
    ];
    let counted: Vec<(Recommendation, Vec<&str>)> = order
        .into_iter()
        .map(|wanted| {
            let those = verdicts.iter().filter(|(_, verdict)| verdict.recommendation == wanted);
            (wanted, those.map(|(workload, _)| workload.name.as_str()).collect::<Vec<_>>())
        })
        .filter(|(_, names)| !names.is_empty())
        .collect();
    let change = verdicts.iter().filter(|(_, verdict)| verdict.recommendation.is_change()).count() as u64;
    let parts: Vec<String> = counted.iter().map(|(it, names)| format!("{} {}", names.len(), it.as_str())).collect();
    let all = units::plural(verdicts.len() as u64, "workload");
    let head = match change {
        0 => format!("Of {all} none is worth a change"),
        1 => format!("Of {all} one is worth a change"),
        many => format!("Of {all} {many} are worth a change"),
    };
    let by_word: serde_json::Map<String, serde_json::Value> =
        counted.iter().map(|(it, names)| (it.as_str().to_owned(), json!(names))).collect();
    Reason {
        rule: if recommendation.is_change() { "first-step" } else { "workloads" }.to_owned(),
        text: format!("{head}: {}.", parts.join(", ")),
        evidence: by_word.into(),
    }
}

/// One step of the plan, with what it gives.
fn step(place: usize, change: &Change) -> Reason {
    let what = match change.verdict.recommendation {
        Recommendation::Stay => "better Python, ",
        Recommendation::Library => "a library, ",
        Recommendation::Hybrid => "Rust called from Python, ",
        Recommendation::Batch => "Rust called from Python with more in each call, ",
        Recommendation::Native => "Rust alone, ",
        Recommendation::Blocked | Recommendation::Inconclusive => "",
    };
    let quoted = change.time.map_or_else(String::new, |time| {
        let quoted = units::ratio_quoted(time.ratio, time.low, time.high, time.indicative);
        if time.indicative { format!("{} ({}, indicative)", quoted.value, quoted.interval) } else { quoted.phrase() }
    });
    let back = change.given_back().map_or_else(String::new, |back| {
        format!("; it gives back {} to {} of the runtime", words::percent(back.low), words::percent(back.high))
    });
    let sure = change.verdict.confidence.as_ref().map_or(Grade::Low, |confidence| confidence.grade);
    Reason {
        rule: "step".to_owned(),
        text: format!(
            "{} {}: {what}{quoted}{back} (confidence {}).",
            if place == 1 { "First" } else { "Then" },
            change.name(),
            sure.as_str()
        ),
        evidence: json!({"workload": change.workload.name, "candidate": change.verdict.candidate,
            "given_back": change.given_back()}),
    }
}

/// What all changes come to, where every share is known; and whether workloads that are each too small are not so
/// together.
fn together(run: &Run, changes: &[Change], all_shares: bool) -> Option<Reason> {
    if changes.len() > 1 && all_shares {
        let back = changes.iter().filter_map(Change::given_back);
        let sum = back.fold(Range::point(0.0), |sum, back| Range::new(sum.low + back.low, sum.high + back.high));
        if sum.high < 1.0 {
            let total = sum.map(|back| 1.0 / (1.0 - back));
            let text = format!("All of them together make the application {} as fast.", words::span(total));
            return Some(Reason { rule: "together".to_owned(), text, evidence: json!({"application": total}) });
        }
    }
    let small: Vec<(&Workload, f64)> = run
        .workloads
        .iter()
        .filter(|workload| !changes.iter().any(|change| change.workload.name == workload.name))
        .filter_map(|workload| Some((workload, workload.share_of_runtime?)))
        .filter(|(_, share)| gain::ceiling(*share) < run.thresholds.min_ceiling)
        .collect();
    let share: f64 = small.iter().map(|(_, share)| share).sum();
    if small.len() < 2 || share > 1.0 || gain::ceiling(share) < run.thresholds.min_ceiling {
        return None;
    }
    let text = format!(
        "{} are each too small a share of the runtime, and {} of it together: one port of them all may be worth a look.",
        units::plural(small.len() as u64, "workload"),
        words::percent(share)
    );
    let names: Vec<&str> = small.iter().map(|(workload, _)| workload.name.as_str()).collect();
    Some(Reason { rule: "together".to_owned(), text, evidence: json!({"workloads": names, "share": share}) })
}

fn lowest(verdicts: &[(&Workload, &Verdict)]) -> Option<crate::evidence::Confidence> {
    verdicts.iter().filter_map(|(_, verdict)| verdict.confidence.clone()).min_by_key(|confidence| confidence.grade)
}

fn assumptions(changes: &[Change], all_shares: bool) -> Vec<String> {
    if changes.is_empty() || all_shares {
        return Vec::new();
    }
    vec![
        "Not every share of the runtime is given (`share-of-runtime`): the order is by effort and then by gain, and may be \
         another."
            .to_owned(),
    ]
}

fn flips(first: &Change) -> Vec<Flip> {
    let named = |flip: &Flip| Flip { text: format!("{} ({})", flip.text, first.workload.name), ..flip.clone() };
    first.verdict.would_flip_if.iter().map(named).collect()
}

/// What to do about those that are blocked or inconclusive: one line for all to which the same applies.
fn next(verdicts: &[(&Workload, &Verdict)]) -> Vec<String> {
    let mut lines: Vec<(Vec<&str>, &String)> = Vec::new();
    for (workload, verdict) in verdicts {
        if !matches!(verdict.recommendation, Recommendation::Blocked | Recommendation::Inconclusive) {
            continue;
        }
        let Some(next) = verdict.next.first() else { continue };
        match lines.iter_mut().find(|(_, known)| *known == next) {
            Some((names, _)) => names.push(&workload.name),
            None => lines.push((vec![&workload.name], next)),
        }
    }
    lines.into_iter().map(|(names, next)| format!("{}: {next}", names.join(", "))).collect()
}
