//! What was said, and what the run says to it: the table of claims in words.

use serde::Serialize;

use super::units::{self, Quoted};
use super::{speedup, text};
use crate::evidence::{Claim, ClaimCell, ClaimMetric, ClaimStanding, Lies, Run};

/// All that a report says of claims.
#[derive(Debug, Serialize)]
pub struct Claims {
    /// How many hold, and how many do not.
    pub summary: String,
    /// One a claim that names a workload of the run, in their order.
    pub rows: Vec<Said>,
    /// How many others there are.
    pub elsewhere: Option<String>,
}

/// One claim.
#[derive(Debug, Serialize)]
pub struct Said {
    /// The sentence, quoted.
    pub sentence: String,
    /// Where it stands.
    pub source: String,
    /// How it was read.
    pub note: Option<String>,
    /// What it asks for: a metric and its range.
    pub asks: String,
    /// What the evidence says.
    pub standing: &'static str,
    /// The same as a class of its row.
    pub class: &'static str,
    /// What was looked at.
    pub cells: Vec<Looked>,
}

/// One cell of a claim.
#[derive(Debug, Serialize)]
pub struct Looked {
    /// Workload, implementation, size.
    pub name: String,
    /// The estimate with its interval.
    pub found: Option<Quoted>,
    /// How that lies to the range.
    pub lies: &'static str,
    /// Why there is no interval, or what it means.
    pub why: Option<String>,
}

impl Claims {
    /// The claims of a run; `None` where none names a workload of it.
    pub fn of(run: &Run) -> Option<Claims> {
        let (here, elsewhere): (Vec<&Claim>, Vec<&Claim>) =
            run.claims.iter().partition(|claim| claim.workloads.iter().any(|name| run.workload(name).is_some()));
        if here.is_empty() {
            return None;
        }
        let elsewhere = elsewhere.len() as u64;
        let names = if elsewhere == 1 { "names" } else { "name" };
        Some(Claims {
            summary: summary(&here),
            rows: here.into_iter().map(|claim| said(run, claim)).collect(),
            elsewhere: (elsewhere > 0).then(|| {
                format!("{} {names} workloads that this run left out.", units::plural(elsewhere, "more claim"))
            }),
        })
    }
}

/// `5 claims: 2 hold, 1 in part, 1 does not hold here, 1 not measured`.
fn summary(claims: &[&Claim]) -> String {
    let number = |standing| claims.iter().filter(|claim| standing_of(claim) == standing).count();
    let parts: Vec<String> = [
        (ClaimStanding::Holds, "holds", "hold"),
        (ClaimStanding::HoldsInPart, "holds in part", "hold in part"),
        (ClaimStanding::DoesNotHold, "does not hold here", "do not hold here"),
        (ClaimStanding::NotMeasured, "not measured", "not measured"),
    ]
    .into_iter()
    .filter_map(|(standing, one, more)| match number(standing) {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {more}")),
    })
    .collect();
    format!("{}: {}", units::plural(claims.len() as u64, "claim"), parts.join(", "))
}

/// What no evidence was held against has not been measured.
fn standing_of(claim: &Claim) -> ClaimStanding {
    claim.standing.unwrap_or(ClaimStanding::NotMeasured)
}

fn said(run: &Run, claim: &Claim) -> Said {
    let standing = standing_of(claim);
    Said {
        sentence: format!("“{}”", text::visible(&claim.sentence)),
        source: text::visible(&claim.source),
        note: claim.note.as_deref().map(text::visible),
        asks: format!("{}: {}", metric(claim), range(run, claim)),
        standing: standing.words(),
        class: match standing {
            ClaimStanding::Holds => "holds",
            ClaimStanding::HoldsInPart => "in-part",
            ClaimStanding::DoesNotHold => "fails",
            ClaimStanding::NotMeasured => "unknown",
        },
        cells: claim.cells.iter().map(|cell| looked(run, claim, cell)).collect(),
    }
}

fn metric(claim: &Claim) -> String {
    let over = claim.against.as_deref().map_or_else(String::new, |name| format!(" over {}", text::visible(name)));
    match claim.metric {
        ClaimMetric::Time => format!("speed-up{over}"),
        ClaimMetric::Cpu => format!("processor time saved{over}"),
        ClaimMetric::Memory => format!("memory saved{over}"),
        ClaimMetric::LatencyP99 => format!("gain of the 99th percentile of latency{over}"),
        ClaimMetric::MemoryOfInput => "memory in lengths of the input".to_owned(),
        ClaimMetric::Python => "gain of better Python".to_owned(),
        ClaimMetric::Language => "gain of the language".to_owned(),
        ClaimMetric::Boundary => "what the boundary leaves".to_owned(),
        ClaimMetric::Cores => "gain of the cores".to_owned(),
        ClaimMetric::BreakEven => "pays from".to_owned(),
    }
}

fn range(run: &Run, claim: &Claim) -> String {
    let unit = match claim.metric {
        ClaimMetric::BreakEven => format!(" {}", counted(run, claim.workloads.first())),
        ClaimMetric::Time
        | ClaimMetric::Cpu
        | ClaimMetric::Memory
        | ClaimMetric::LatencyP99
        | ClaimMetric::MemoryOfInput
        | ClaimMetric::Python
        | ClaimMetric::Language
        | ClaimMetric::Boundary
        | ClaimMetric::Cores => "×".to_owned(),
    };
    match (claim.low, claim.high) {
        (Some(low), Some(high)) => format!("{low}{unit} to {high}{unit}"),
        (Some(low), None) => format!("at least {low}{unit}"),
        (None, Some(high)) => format!("at most {high}{unit}"),
        (None, None) => "anything".to_owned(),
    }
}

/// What a workload's sizes count; `items per call` are items here.
fn counted(run: &Run, workload: Option<&String>) -> String {
    let unit = workload.and_then(|name| run.workload(name)?.unit.as_deref()).unwrap_or("elements");
    text::visible(unit.split(" per ").next().unwrap_or(unit))
}

fn looked(run: &Run, claim: &Claim, cell: &ClaimCell) -> Looked {
    let workload = run.workload(&cell.workload);
    let size = workload.zip(cell.size).and_then(|(workload, wanted)| {
        let found = workload.sizes.iter().find(|size| size.size == wanted);
        found.map_or_else(|| Some(units::count(wanted)), |size| speedup::size_label(workload, size))
    });
    let implementation = cell.implementation.as_deref().map_or_else(String::new, |name| format!("/{name}"));
    let place = text::visible(&format!("{}{implementation}", cell.workload));
    Looked {
        name: size.map_or_else(|| place.clone(), |size| format!("{place} at {size}")),
        found: found(run, claim, cell),
        lies: match cell.lies {
            Lies::Inside => "within",
            Lies::Outside => "beyond",
            Lies::Across => "partly within",
            Lies::Nowhere => "no interval",
        },
        why: cell.why.as_deref().map(text::visible),
    }
}

fn found(run: &Run, claim: &Claim, cell: &ClaimCell) -> Option<Quoted> {
    let value = cell.value.filter(|_| cell.lies != Lies::Nowhere)?;
    if claim.metric != ClaimMetric::BreakEven {
        return Some(units::ratio_quoted(value, cell.low?, cell.high?, false));
    }
    let count = |size: f64| units::count(size.max(0.0).round() as u64);
    let end = cell.high.map_or_else(|| "no end".to_owned(), count);
    Some(Quoted {
        value: format!("{} {}", count(value), counted(run, Some(&cell.workload))),
        // Commas part the two ends.
        interval: format!(
            "[{}, {}]",
            cell.low.map_or_else(|| "0".to_owned(), count).replace(',', ""),
            end.replace(',', "")
        ),
    })
}

impl Said {
    /// The intervals alone, or that there is none.
    pub fn found(&self) -> String {
        let found: Vec<String> = self.cells.iter().filter_map(|cell| Some(cell.found.as_ref()?.phrase())).collect();
        if found.is_empty() { "no interval".to_owned() } else { found.join("; ") }
    }
}

impl Looked {
    /// The cell in one phrase: `nbody/native at 10,000 steps 60.5× [59.0, 61.2], within`.
    pub fn phrase(&self) -> String {
        let found = self.found.as_ref().map_or_else(String::new, |found| format!(" {}", found.phrase()));
        let why = self.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        format!("{}{found}, {}{why}", self.name, self.lies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, html, markdown, terminal};

    #[test]
    fn every_format_shows_what_was_said_and_found() {
        let run = fixture::with_claims(fixture::run());
        let page = html(&run).unwrap();
        let of_page = page.split_once("<section class=\"panel said\"").unwrap().1.split_once("</section>").unwrap().0;
        insta::assert_snapshot!("claims_html", of_page);
        let document = markdown(&run);
        let of_document = document.split_once("<summary>What is said: ").unwrap().1.split_once("</details>").unwrap().0;
        insta::assert_snapshot!("claims_markdown", of_document);
        let summary = terminal::summary(&run, 100, false);
        insta::assert_snapshot!("claims_terminal", summary.split_once("What is said").unwrap().1);
        // Where claims are many, they are only counted.
        let mut many = run;
        many.claims = many.claims.iter().cycle().take(9).cloned().collect();
        let summary = terminal::summary(&many, 100, false);
        assert!(summary.contains("9 claims: ") && !summary.contains('“'), "{summary}");
    }

    #[test]
    fn claims_are_text_wherever_they_stand() {
        let run = fixture::with_claims(fixture::hostile());
        assert!(!run.claims.is_empty());
        let page = html(&run).unwrap();
        let body = page.rsplit_once("<script>").unwrap().0;
        for markup in ["<script", "<img", "<b>", "<i>", "49</"] {
            assert!(!body.contains(markup), "{markup}");
        }
        let document = markdown(&run);
        let table = document.split_once("<summary>What is said: ").unwrap().1.split_once("</details>").unwrap().0;
        for markup in ["<b>", "<i>", "<img", "<script", "[link](", " | ["] {
            assert!(!table.contains(markup), "{markup}: {table}");
        }
        assert!(table.lines().filter(|line| line.starts_with("| ")).all(|line| line.matches(" | ").count() == 3));
        for text in [page, document, terminal::summary(&run, 100, false)] {
            assert!(!text.contains(['\u{202e}', '\u{1b}']));
        }
        for width in [60, 80, 140] {
            let summary = terminal::summary(&run, width, false);
            assert!(summary.lines().all(|line| text::columns(line) <= width), "{summary}");
        }
    }

    #[test]
    fn claims_on_other_workloads_are_counted_only() {
        let mut run = fixture::with_claims(fixture::run());
        run.workloads.truncate(1);
        let claims = Claims::of(&run).unwrap();
        let elsewhere = run.claims.len() - claims.rows.len();
        assert!(claims.elsewhere.unwrap().starts_with(&format!("{elsewhere} more claims name")));
        run.workloads.clear();
        assert!(Claims::of(&run).is_none());
        let none = fixture::run();
        assert!(!html(&none).unwrap().contains("What is said") && !markdown(&none).contains("What is said"));
    }
}
