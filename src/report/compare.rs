//! Two saved runs side by side: what may be compared, how the ratios moved, and what moved with them.
//!
//! Only ratios between implementations measured in the same rounds are held against each other (speed-up and memory):
//! what the machine did that day is in both sides of them. Absolute times are shown, and nothing is concluded from
//! them.

use std::fmt::Write as _;

use serde::Serialize;

use super::{text, units};
use crate::analysis::{common_sizes, refusals};
use crate::evidence::{Comparison, Environment, Metric, Role, Run, Size};
use crate::markup;

/// The schema of the document.
pub const SCHEMA: &str = "rustworthy.compare/1";

/// Two runs side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sides {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The run that is compared with.
    pub base: Side,
    /// The run that is compared.
    pub head: Side,
    /// What differs without forbidding the comparison.
    pub notes: Vec<String>,
    /// Ratios that both have.
    pub ratios: Vec<Pair>,
    /// Cells that both have timed; informational.
    pub times: Vec<Times>,
    /// Recommendations by workload.
    pub verdicts: Vec<Verdicts>,
    /// Workloads, sizes and candidates that only the base has a ratio of.
    pub only_base: Vec<String>,
    /// The same of the head.
    pub only_head: Vec<String>,
}

/// One run's identity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Its id.
    pub id: String,
    /// When it started.
    pub created: String,
    /// The commit, where it was measured in a checkout.
    pub commit: Option<String>,
}

/// One ratio, before and after: baseline ÷ candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The workload.
    pub workload: String,
    /// The size.
    pub size: u64,
    /// The candidate.
    pub candidate: String,
    /// Of what.
    pub metric: Metric,
    /// In the base.
    pub base: Ratio,
    /// In the head.
    pub head: Ratio,
    /// Head ÷ base: above 1 the candidate gained ground.
    pub change: Ratio,
    /// What that says.
    pub says: Says,
}

/// A ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The estimate.
    pub ratio: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Too few rounds for an interval: the range.
    pub indicative: bool,
}

/// What a change says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// The whole interval of the change is above 1.
    Better,
    /// Below 1.
    Worse,
    /// 1 lies within.
    Alike,
    /// Too few rounds to say.
    Indicative,
}

impl Says {
    fn as_str(self) -> &'static str {
        match self {
            Says::Better => "better",
            Says::Worse => "worse",
            Says::Alike => "no difference shown",
            Says::Indicative => "too few rounds to say",
        }
    }
}

/// One cell's time in both runs, ns a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Times {
    /// The workload.
    pub workload: String,
    /// The size.
    pub size: u64,
    /// The implementation.
    pub implementation: String,
    /// In the base.
    pub base_ns: f64,
    /// In the head.
    pub head_ns: f64,
}

/// One workload's recommendation in both runs; the project's has the name of the project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdicts {
    /// The workload.
    pub workload: String,
    /// In the base.
    pub base: Option<String>,
    /// In the head.
    pub head: Option<String>,
}

/// Holds a run against another; the error lists every reason why that must not be done.
///
/// # Errors
/// When the runs differ in host, interpreter, or inputs.
pub fn compare(base: &Run, head: &Run) -> Result<Sides, Vec<String>> {
    let refused = refusals(base, head);
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut ratios = Vec::new();
    let mut times = Vec::new();
    for (workload, ours, theirs) in common_sizes(base, head) {
        for metric in [Metric::Time, Metric::Memory] {
            let of_metric = ours.comparisons.iter().filter(|it| it.metric == metric && it.against == "baseline");
            ratios.extend(
                of_metric
                    .filter_map(|it| Some(pair(workload, ours.size, it, theirs.comparison(&it.candidate, metric)?))),
            );
        }
        times.extend(ours.implementations.iter().filter_map(|cell| {
            let (base_ns, head_ns) = (cell.time_ns?.estimate, theirs.implementation(&cell.name)?.time_ns?.estimate);
            let implementation = cell.name.clone();
            Some(Times { workload: workload.to_owned(), size: ours.size, implementation, base_ns, head_ns })
        }));
    }
    Ok(Sides {
        schema: SCHEMA,
        base: side(base),
        head: side(head),
        notes: notes(base, head),
        ratios,
        times,
        verdicts: verdicts(base, head),
        only_base: only(base, head),
        only_head: only(head, base),
    })
}

fn side(run: &Run) -> Side {
    let commit = run.environment.git.as_ref().map(|git| git.commit.clone());
    Side { id: run.id.clone(), created: run.created.clone(), commit }
}

/// The ratio of two ratios from independent runs. On the log scale their errors add as the sides of a right angle,
/// each side of the interval by itself (R. G. Newcombe's square-and-add): it is exact where errors are normal, and
/// keeps skewed intervals skewed.
fn pair(workload: &str, size: u64, base: &Comparison, head: &Comparison) -> Pair {
    let (one, other) = (of(base), of(head));
    let change = other.ratio / one.ratio;
    let below = (other.ratio / other.low).ln().hypot((one.high / one.ratio).ln());
    let above = (other.high / other.ratio).ln().hypot((one.ratio / one.low).ln());
    let change = Ratio {
        ratio: change,
        low: change * (-below).exp(),
        high: change * above.exp(),
        indicative: one.indicative || other.indicative,
    };
    let says = match change {
        Ratio { indicative: true, .. } => Says::Indicative,
        Ratio { low, .. } if low > 1.0 => Says::Better,
        Ratio { high, .. } if high < 1.0 => Says::Worse,
        Ratio { .. } => Says::Alike,
    };
    let candidate = base.candidate.clone();
    Pair { workload: workload.to_owned(), size, candidate, metric: base.metric, base: one, head: other, change, says }
}

fn of(comparison: &Comparison) -> Ratio {
    let Comparison { ratio, low, high, indicative, .. } = *comparison;
    Ratio { ratio, low, high, indicative }
}

/// What differs and explains a change rather than forbidding the comparison.
fn notes(base: &Run, head: &Run) -> Vec<String> {
    let (one, other) = (&base.environment, &head.environment);
    let mut notes = Vec::new();
    let mut differs = |what: &str, one: String, other: String| {
        if one != other {
            notes.push(format!("{what}: {} in the base, {} in the head.", text::visible(&one), text::visible(&other)));
        }
    };
    differs(
        "Compiler",
        one.rustc.clone().unwrap_or("none".to_owned()),
        other.rustc.clone().unwrap_or("none".to_owned()),
    );
    differs("Tool", base.tool.version.clone(), head.tool.version.clone());
    let packages = |it: &Environment| it.python.as_ref().map(|python| python.packages.clone()).unwrap_or_default();
    let (ours, theirs) = (packages(one), packages(other));
    let only = |these: &[String], those: &[String]| {
        let only: Vec<&str> = these.iter().filter(|it| !those.contains(it)).map(String::as_str).collect();
        if only.is_empty() { "nothing of its own".to_owned() } else { only.join(", ") }
    };
    differs("Packages", only(&ours, &theirs), only(&theirs, &ours));
    for (name, run) in [("base", base), ("head", head)] {
        if !run.complete {
            notes.push(format!("The {name} is not complete."));
        }
    }
    notes
}

fn verdicts(base: &Run, head: &Run) -> Vec<Verdicts> {
    let said = |verdict: &Option<crate::evidence::Verdict>| {
        verdict.as_ref().map(|verdict| match &verdict.candidate {
            Some(candidate) => format!("{}: {candidate}", verdict.recommendation.as_str()),
            None => verdict.recommendation.as_str().to_owned(),
        })
    };
    let by_workload = base.workloads.iter().filter_map(|workload| {
        let theirs = head.workload(&workload.name)?;
        Some(Verdicts { workload: workload.name.clone(), base: said(&workload.verdict), head: said(&theirs.verdict) })
    });
    by_workload.collect()
}

/// What only the first run has timed.
fn only(run: &Run, other: &Run) -> Vec<String> {
    let mut only = Vec::new();
    for workload in &run.workloads {
        let Some(theirs) = other.workload(&workload.name) else {
            only.push(workload.name.clone());
            continue;
        };
        for size in &workload.sizes {
            let Some(their_size) = theirs.sizes.iter().find(|it| it.size == size.size) else {
                only.push(format!("{} at {}", workload.name, units::count(size.size)));
                continue;
            };
            let candidates = size.implementations.iter().filter(|cell| cell.role == Role::Candidate);
            let lacking = candidates.filter(|cell| {
                let has = |size: &Size| size.comparison(&cell.name, Metric::Time).is_some();
                has(size) && !has(their_size)
            });
            only.extend(lacking.map(|cell| format!("{}/{} at {}", workload.name, cell.name, units::count(size.size))));
        }
    }
    only
}

// In words -------------------------------------------------------------------------------------------------------------

fn quoted(ratio: &Ratio) -> String {
    let quoted = units::ratio_quoted(ratio.ratio, ratio.low, ratio.high, ratio.indicative);
    quoted.phrase()
}

fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Time => "speed-up",
        Metric::Cpu => "processor",
        Metric::Memory => "memory",
        Metric::LatencyP99 => "latency",
    }
}

impl Sides {
    /// For a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Never fails: a string takes every write.
        let _ = writeln!(out, "base {}, head {}", text::visible(&self.base.id), text::visible(&self.head.id));
        for note in &self.notes {
            let _ = writeln!(out, "  {note}");
        }
        let mut place = None;
        for pair in &self.ratios {
            if place != Some((&pair.workload, pair.size)) {
                place = Some((&pair.workload, pair.size));
                let _ = writeln!(out, "\n{} at {}", text::visible(&pair.workload), units::count(pair.size));
            }
            let name = text::cut(&text::visible(&pair.candidate), 24);
            let room = " ".repeat(24_usize.saturating_sub(text::columns(&name)));
            let _ = writeln!(
                out,
                "  {name}{room} {:8} {} → {}; change {}: {}",
                metric(pair.metric),
                quoted(&pair.base),
                quoted(&pair.head),
                quoted(&pair.change),
                pair.says.as_str()
            );
        }
        if self.ratios.is_empty() {
            let _ = writeln!(out, "\nNo ratio stands in both.");
        }
        let changed: Vec<&Verdicts> = self.verdicts.iter().filter(|it| it.base != it.head).collect();
        if !changed.is_empty() {
            let _ = writeln!(out, "\nRecommendations that changed:");
        }
        for it in changed {
            let _ = writeln!(out, "  {}: {} → {}", text::visible(&it.workload), word(&it.base), word(&it.head));
        }
        for (name, only) in [("base", &self.only_base), ("head", &self.only_head)] {
            if !only.is_empty() {
                let names: Vec<String> = only.iter().map(|name| text::visible(name)).collect();
                let _ = writeln!(out, "\nOnly in the {name}: {}", names.join(", "));
            }
        }
        let _ = writeln!(out, "\nTime per call, for information only: the machine may have been another on the day.");
        for times in &self.times {
            let _ = writeln!(
                out,
                "  {}/{} at {}: {} → {}",
                text::visible(&times.workload),
                text::visible(&times.implementation),
                units::count(times.size),
                units::time(times.base_ns),
                units::time(times.head_ns)
            );
        }
        out
    }

    /// For a pull request.
    pub fn markdown(&self) -> String {
        let code = |name: &str| markup::code(&text::visible(name));
        let plain = markup::plain;
        let mut out = format!("## {} → {}\n\n", code(&self.base.id), code(&self.head.id));
        for note in &self.notes {
            let _ = writeln!(out, "> {}\n", plain(note));
        }
        if self.ratios.is_empty() {
            out.push_str("No ratio stands in both.\n");
        } else {
            out.push_str(
                "| workload | size | candidate | of | base | head | change | |\n|---|--:|---|---|--:|--:|--:|---|\n",
            );
        }
        for pair in &self.ratios {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                code(&pair.workload),
                units::count(pair.size),
                code(&pair.candidate),
                metric(pair.metric),
                plain(&quoted(&pair.base)),
                plain(&quoted(&pair.head)),
                plain(&quoted(&pair.change)),
                pair.says.as_str()
            );
        }
        for it in self.verdicts.iter().filter(|it| it.base != it.head) {
            let said = |verdict: &Option<String>| plain(&word(verdict));
            let _ = writeln!(out, "\n{}: {} → **{}**", code(&it.workload), said(&it.base), said(&it.head));
        }
        for (name, only) in [("base", &self.only_base), ("head", &self.only_head)] {
            if !only.is_empty() {
                let names: Vec<String> = only.iter().map(|name| code(name)).collect();
                let _ = writeln!(out, "\nOnly in the {name}: {}", names.join(", "));
            }
        }
        out.push_str("\n<details>\n<summary>Time per call, for information only</summary>\n\n");
        out.push_str("| workload | size | implementation | base | head |\n|---|--:|---|--:|--:|\n");
        for times in &self.times {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                code(&times.workload),
                units::count(times.size),
                code(&times.implementation),
                units::time(times.base_ns),
                units::time(times.head_ns)
            );
        }
        out + "\n</details>\n"
    }
}

fn word(verdict: &Option<String>) -> String {
    verdict.as_deref().map_or_else(|| "none".to_owned(), text::visible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_run_beside_itself_shows_no_difference() {
        let run = fixture::run();
        let sides = compare(&run, &run).unwrap();
        assert!(sides.ratios.iter().all(|pair| matches!(pair.says, Says::Alike | Says::Indicative)));
        assert!(sides.ratios.iter().all(|pair| pair.change.low <= 1.0 && pair.change.high >= 1.0));
        assert!(sides.only_base.is_empty() && sides.only_head.is_empty() && sides.notes.is_empty());
    }

    #[test]
    fn a_change_is_wider_than_either_side_and_never_than_both() {
        let one = |low: f64, ratio: f64, high: f64| Comparison {
            step: None,
            candidate: "hybrid".to_owned(),
            against: "baseline".to_owned(),
            metric: Metric::Time,
            ratio,
            low,
            high,
            rounds: 8,
            indicative: false,
        };
        let pair = pair("w", 1, &one(1.9, 2.0, 2.1), &one(2.8, 3.0, 3.3));
        assert_eq!(pair.says, Says::Better);
        assert!(pair.change.low > 2.8 / 2.1 && pair.change.low < 1.5 * 2.8 / 3.0, "{:?}", pair.change);
        assert!(pair.change.high < 3.3 / 1.9 && pair.change.high > 1.5 * 3.3 / 3.0, "{:?}", pair.change);
    }

    #[test]
    fn what_must_not_be_compared_is_refused_with_every_reason() {
        let base = fixture::run();
        let mut head = base.clone();
        head.environment.host_id = "another".to_owned();
        head.environment.python.as_mut().unwrap().version = "3.13.0".to_owned();
        head.workloads[0].sizes[0].input.as_mut().unwrap().sha256 = "00".to_owned();
        head.workloads[1].boundary = "process".to_owned();
        insta::assert_snapshot!("compare_refused", compare(&base, &head).unwrap_err().join("\n"));
    }

    #[test]
    fn two_runs_side_by_side() {
        let base = fixture::run();
        let mut head = base.clone();
        head.id = "20260315-100000-tau".to_owned();
        head.environment.rustc = Some("rustc 1.91.0".to_owned());
        head.workloads.remove(2);
        for launch in head.workloads[0].sizes[2].implementations[3].launches.iter_mut() {
            launch.elapsed_ns.iter_mut().for_each(|time| *time *= 6);
        }
        crate::analysis::analyse(&mut head);
        crate::verdict::decide(&mut head);
        let sides = compare(&base, &head).unwrap();
        insta::assert_snapshot!("compare_text", sides.text());
        insta::assert_snapshot!("compare_markdown", sides.markdown());
        let document = serde_json::to_value(&sides).unwrap();
        assert_eq!((document["schema"].as_str(), document["only_base"][0].as_str()), (Some(SCHEMA), Some("nbody")));
        let hostile = compare(&fixture::hostile(), &fixture::hostile()).unwrap();
        assert!(!hostile.text().contains(['\u{202e}', '\u{1b}']) && !hostile.markdown().contains("| <script"));
    }
}
