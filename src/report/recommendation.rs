//! A verdict in lines of text: the one view of it that every format shows.

use serde::Serialize;

use super::{facts::Fact, text, units};
use crate::evidence::{Grade, Recommendation, Run, Thresholds, Verdict, Workload};

/// What to do, and why. All text is plain and safe to show; each format escapes its own markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommended {
    /// The recommendation's word: `stay`, `hybrid`, ….
    pub word: &'static str,
    /// What to do, in a few words.
    pub headline: String,
    /// Why, in a sentence.
    pub why: String,
    /// How sure: `high`, `medium` or `low`; `None` where nothing is recommended.
    pub confidence: Option<&'static str>,
    /// What the confidence is made of.
    pub parts: Vec<SurePart>,
    /// What else to weigh.
    pub reasons: Vec<String>,
    /// Those of a project that are no step of its plan.
    pub asides: Vec<String>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// The nearest changes that would change it, as whole sentences.
    pub flips: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
    /// Where nothing is decided: between what.
    pub open: Option<String>,
}

/// One part of a confidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SurePart {
    /// What it is about.
    pub name: String,
    /// How sure.
    pub grade: &'static str,
    /// Why.
    pub text: String,
}

impl Recommended {
    /// That of a workload; `None` before it is decided.
    pub fn of_workload(workload: &Workload) -> Option<Recommended> {
        let verdict = workload.verdict.as_ref()?;
        let candidate = verdict.candidate.as_deref().map(text::visible);
        let headline = headline(verdict, candidate.as_deref(), workload.unit.as_deref());
        Some(view(verdict, headline))
    }

    /// That of the project; `None` before it is decided.
    pub fn of_project(run: &Run) -> Option<Recommended> {
        let verdict = run.verdict.as_ref()?;
        let headline = match verdict.candidate.as_deref() {
            Some(first) => {
                let what = headline(verdict, None, None);
                format!("Start with {}: {}", text::visible(first), lowered(&what))
            }
            None => headline(verdict, None, None),
        };
        Some(view(verdict, headline))
    }

    /// How sure, and which parts keep it from being surer: `low: agreement, timing`.
    pub fn sure(&self) -> Option<String> {
        let grade = self.confidence?;
        let weakest: Vec<&str> = self
            .parts
            .iter()
            .filter(|part| part.grade == grade && grade != Grade::High.as_str())
            .map(|part| part.name.as_str())
            .collect();
        Some(if weakest.is_empty() { grade.to_owned() } else { format!("{grade}: {}", weakest.join(", ")) })
    }

    /// Headline, confidence and reason in one sentence: what a person reads first.
    pub fn sentence(&self) -> String {
        let sure = self.sure().map_or_else(String::new, |sure| format!(" (confidence {sure})"));
        format!("{}{sure}. {}", self.headline, self.why)
    }
}

fn view(verdict: &Verdict, headline: String) -> Recommended {
    let mut reasons = verdict.reasons.iter().map(|reason| text::visible(&reason.text));
    let lines = |lines: &[String]| lines.iter().map(|line| text::visible(line)).collect();
    Recommended {
        word: verdict.recommendation.as_str(),
        headline,
        why: reasons.next().unwrap_or_default(),
        confidence: verdict.confidence.as_ref().map(|confidence| confidence.grade.as_str()),
        parts: verdict.confidence.iter().flat_map(|confidence| &confidence.parts).map(part).collect(),
        reasons: reasons.collect(),
        asides: verdict
            .reasons
            .iter()
            .skip(1)
            .filter(|reason| reason.rule != "step")
            .map(|reason| text::visible(&reason.text))
            .collect(),
        assumptions: lines(&verdict.assumptions),
        flips: verdict
            .would_flip_if
            .iter()
            .map(|flip| format!("Would be {} if {}.", flip.recommendation.as_str(), text::visible(&flip.text)))
            .collect(),
        next: lines(&verdict.next),
        open: open(verdict),
    }
}

fn part(part: &crate::evidence::Part) -> SurePart {
    SurePart { name: text::visible(&part.name), grade: Grade::as_str(part.grade), text: text::visible(&part.text) }
}

/// What to do, in a few words.
fn headline(verdict: &Verdict, candidate: Option<&str>, unit: Option<&str>) -> String {
    let with = |words: &str| candidate.map_or_else(|| words.to_owned(), |name| format!("{words}: {name}"));
    match verdict.recommendation {
        Recommendation::Stay => match candidate {
            Some(name) => format!("Stay in Python, with {name}"),
            None => "Stay in Python".to_owned(),
        },
        Recommendation::Library => with("Swap in a library"),
        Recommendation::Hybrid => with("Call Rust from Python"),
        Recommendation::Batch => {
            let unit = unit.map_or_else(|| "items".to_owned(), text::visible);
            let least =
                minimal(verdict).map_or_else(String::new, |least| format!(", from {} {unit} on", units::count(least)));
            with(&format!("Call Rust with more at a time{least}"))
        }
        Recommendation::Native => with("Leave Python for Rust"),
        Recommendation::Blocked => match candidate {
            Some(name) => format!("Blocked: {name} differs"),
            None => "Blocked: results differ".to_owned(),
        },
        Recommendation::Inconclusive => {
            open(verdict).map_or_else(|| "Not decided".to_owned(), |ways| format!("Not decided: {ways}"))
        }
    }
}

/// The ways that the evidence leaves open: `call Rust from Python, or call Rust with more at a time`.
fn open(verdict: &Verdict) -> Option<String> {
    let ways = verdict.reasons.first()?.evidence.get("open_ways")?;
    let ways: Vec<Recommendation> = serde_json::from_value(ways.clone()).ok()?;
    let told: Vec<String> = ways.iter().map(|way| way.action().to_owned()).collect();
    Some(units::joined(&told, "or")).filter(|told| !told.is_empty())
}

/// The least number of items a call from which a hybrid pays.
fn minimal(verdict: &Verdict) -> Option<u64> {
    let found = verdict.reasons.iter().find_map(|reason| reason.evidence.get("minimal_batch")?.as_f64())?;
    (found > 1.0).then_some(found.ceil() as u64)
}

/// A headline within a sentence.
fn lowered(headline: &str) -> String {
    let mut characters = headline.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// What verdicts are held against, each with its manifest key.
pub fn thresholds(thresholds: &Thresholds) -> Vec<Fact> {
    let fact = |name, value: String| Fact { name, value };
    let Thresholds {
        min_ceiling,
        min_gain,
        min_port_gain,
        library_reach,
        enough_gain_share,
        max_crossing_share,
        min_crossing_gain,
        hybrid_share_of_native,
        max_memory_growth,
        harmless_memory_bytes,
        horizon_years,
        upkeep_share,
        sure_half_width,
        fair_half_width,
        sure_cases,
        fair_cases,
        sure_sizes,
    } = *thresholds;
    let years = |years: f64| units::plural_amount(years, "year");
    vec![
        fact(
            "min-ceiling",
            format!("{}: what the application could gain if the task took no time", units::ratio(min_ceiling)),
        ),
        fact("min-gain", format!("{}: what the application has to gain for any change", units::ratio(min_gain))),
        fact(
            "min-port-gain",
            format!("{}: what the task has to gain for Rust of one's own", units::ratio(min_port_gain)),
        ),
        fact(
            "library-reach",
            format!("{}: within this factor of the best Rust a library is preferred", units::ratio(library_reach)),
        ),
        fact(
            "enough-gain-share",
            format!(
                "{}: better Python or a library with this share of the best gain, on a log scale, is enough",
                units::share(enough_gain_share)
            ),
        ),
        fact(
            "max-crossing-share",
            format!("{}: what a call may spend at the boundary", units::share(max_crossing_share)),
        ),
        fact(
            "min-crossing-gain",
            format!(
                "{}: what a hybrid has to bring that spends more there, however large its calls",
                units::ratio(min_crossing_gain)
            ),
        ),
        fact(
            "hybrid-share-of-native",
            format!(
                "{}: a hybrid with this share of the native's speed is preferred",
                units::share(hybrid_share_of_native)
            ),
        ),
        fact(
            "max-memory-growth",
            format!("{}: the baseline's memory that a candidate may need", units::ratio(max_memory_growth)),
        ),
        fact(
            "harmless-memory",
            format!("{}: what a call may need in any case", units::bytes(harmless_memory_bytes as f64)),
        ),
        fact("horizon-years", format!("{}: in which a port has to pay for itself", years(horizon_years))),
        fact(
            "upkeep-share",
            format!("{} of its cost: what keeping up a port costs a year", units::share(upkeep_share)),
        ),
        fact(
            "sure-half-width, fair-half-width",
            format!(
                "±{}, ±{}: timing that is sure, and fairly sure",
                units::share(sure_half_width),
                units::share(fair_half_width)
            ),
        ),
        fact(
            "sure-cases, fair-cases",
            format!(
                "{}, {}: agreeing inputs that are sure, and fairly sure",
                units::count(sure_cases),
                units::count(fair_cases)
            ),
        ),
        fact(
            "sure-sizes",
            format!("{}: sizes measured in full that say the same", units::count(u64::from(sure_sizes))),
        ),
    ]
}

/// The thresholds that decide, in one line.
pub fn thresholds_line(thresholds: &Thresholds) -> String {
    format!(
        "Held against: application {}, own Rust {}, ceiling {}, library within {} of it, boundary {} of a call.",
        units::ratio(thresholds.min_gain),
        units::ratio(thresholds.min_port_gain),
        units::ratio(thresholds.min_ceiling),
        units::ratio(thresholds.library_reach),
        units::share(thresholds.max_crossing_share)
    )
}
