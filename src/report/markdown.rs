//! The report as Markdown that GitHub renders: the headline table first, the rest folded.
//!
//! Names stand in code spans, or in `<code>` where they hold what a code span in a table cannot; everything else that
//! Markdown would read as markup is escaped.

use std::fmt::Write as _;

use super::claims::Claims;
use super::page::{Card, Page, Row, Trouble};
use super::recommendation::Recommended;
use super::units::Quoted;
use crate::evidence::Run;
use crate::markup::{code, fenced, html, plain};

/// The report of a run.
pub fn markdown(run: &Run) -> String {
    let page = Page::of(run);
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("# {}: Python and Rust, measured\n", plain(&page.project)));
    if let Some(verdict) = &page.verdict {
        line("## What should we do?\n");
        line(&recommended(verdict));
        line(&thresholds(&page));
    }
    line(&format!("**{}** {}\n", plain(&page.opening), plain(&page.extremes.join(" "))));
    if !page.complete {
        line("> This run is not complete: what follows is what was measured so far.\n");
    }
    line("![Speed-up of every candidate](charts/speedups.svg)\n");
    line(&headline_table(&page));
    line(&format!("{}. {}\n", plain(&page.counts), plain(&page.caption)));
    for warning in &page.warnings {
        line(&format!("> **Warning:** {} {}\n", plain(&warning.text), plain(&warning.advice)));
    }
    if let Some(claims) = &page.claims {
        line(&said(claims));
    }
    for card in &page.workloads {
        line(&workload(card));
    }
    line("<details>\n<summary>How and where it was measured</summary>\n");
    for fact in page.method.iter().chain(&page.environment) {
        line(&format!("- **{}**: {}", fact.name, plain(&fact.value)));
    }
    line(&format!("\n{}\n</details>\n", fenced(&page.command)));
    line(&plain(&page.byline));
    out
}

/// A recommendation: what to do first, what would change it last.
fn recommended(it: &Recommended) -> String {
    let sure = it.confidence.map_or_else(String::new, |grade| format!(" (confidence {grade})"));
    let mut out = format!("**{}**{sure}. {}\n", plain(&it.headline), plain(&it.why));
    let mut list = |title: &str, lines: &mut dyn Iterator<Item = String>| {
        let lines: Vec<String> = lines.map(|line| format!("- {}\n", plain(&line))).collect();
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}{}", lines.concat());
        }
    };
    list("", &mut it.reasons.iter().cloned());
    list("Next:\n\n", &mut it.next.iter().cloned());
    list("What would change it:\n\n", &mut it.flips.iter().cloned());
    let parts = it.parts.iter().map(|part| format!("{}: {} ({})", part.name, part.grade, part.text));
    list("How sure it is:\n\n", &mut parts.into_iter());
    list("Assumed:\n\n", &mut it.assumptions.iter().cloned());
    out
}

fn thresholds(page: &Page) -> String {
    let mut out = String::from("<details>\n<summary>What verdicts are held against</summary>\n\n");
    for fact in &page.thresholds {
        let _ = writeln!(out, "- `{}`: {}", fact.name, plain(&fact.value));
    }
    out + "\n</details>\n"
}

fn headline_table(page: &Page) -> String {
    let mut table = String::from(
        "| workload | candidate | kind | baseline | candidate | speed-up | interval |\n|---|---|---|--:|--:|--:|:--|\n",
    );
    for card in &page.workloads {
        let Some(size) = card.sizes.iter().find(|size| size.headline) else { continue };
        let baseline = size.rows.iter().find(|row| row.baseline).and_then(|row| row.time.as_ref());
        let baseline = baseline.map_or("", |time| time.value.as_str());
        for row in size.rows.iter().filter(|row| !row.baseline) {
            let time = row.time.as_ref().map_or("", |time| time.value.as_str());
            let (ratio, interval) = ratio_cells(row);
            // Never fails: a string takes every write.
            let _ = writeln!(
                table,
                "| {} | {} | {} | {baseline} | {time} | {ratio} | {interval} |",
                code(&card.name),
                code(&row.name),
                plain(&row.kind_label)
            );
        }
    }
    table
}

/// The ratio and its interval, or the status and its reason.
fn ratio_cells(row: &Row) -> (String, String) {
    let Some(Quoted { value, interval }) = &row.speedup else {
        return (format!("*{}*", row.status), plain(row.detail.as_deref().unwrap_or_default()));
    };
    let mut marks = Vec::new();
    if row.says == Some("indicative") {
        marks.push("indicative");
    }
    if row.status == "unverified" {
        marks.push("unverified");
    }
    let interval = if row.says == Some("indicative") { format!("({interval})") } else { interval.clone() };
    let marks = if marks.is_empty() { String::new() } else { format!(" *{}*", marks.join(", ")) };
    (format!("**{value}**"), format!("{}{marks}", plain(&interval)))
}

/// The table of claims.
fn said(claims: &Claims) -> String {
    let mut out = format!("## What is said\n\n{}.\n\n", claims.summary);
    out.push_str("| claim | asks for | found | so |\n|---|---|---|---|\n");
    for row in &claims.rows {
        let note = row.note.as_ref().map_or_else(String::new, |note| format!("<br>{}", plain(note)));
        let cells: Vec<String> = row.cells.iter().map(|cell| plain(&cell.phrase())).collect();
        let _ = writeln!(
            out,
            "| {}<br>{}{note} | {} | {} | **{}** |",
            plain(&row.sentence),
            plain(&row.source),
            plain(&row.asks),
            cells.join("<br>"),
            row.standing
        );
    }
    if let Some(elsewhere) = &claims.elsewhere {
        let _ = write!(out, "\n{elsewhere}\n");
    }
    out
}

fn workload(card: &Card) -> String {
    let mut out = format!("<details>\n<summary><b>{}</b>: {}</summary>\n\n", html(&card.name), html(&card.summary));
    if let Some(verdict) = &card.verdict {
        let _ = writeln!(out, "{}", recommended(verdict));
    }
    for sentence in card.reading.iter().chain(&card.splits) {
        let _ = writeln!(out, "- {}", plain(sentence));
    }
    for trap in &card.traps {
        let _ = writeln!(out, "- **Warning:** {} {}", plain(&trap.text), plain(&trap.advice));
    }
    for (show, name, what) in [
        (card.has_scaling, "scaling", "Time per call by size"),
        (!card.splits.is_empty(), "split", "Where the hybrid's time goes"),
    ] {
        if show {
            let _ = write!(out, "\n![{what}](charts/{name}-{}.svg)\n", card.slug);
        }
    }
    for size in &card.sizes {
        let _ =
            write!(out, "\n**{}**\n\n", if size.label.is_empty() { "Results".to_owned() } else { plain(&size.label) });
        out.push_str("| implementation | kind | time per call | speed-up | peak memory | processor | rounds |\n");
        out.push_str("|---|---|--:|--:|--:|--:|--:|\n");
        for row in &size.rows {
            out.push_str(&cell(row));
        }
    }
    for trouble in &card.troubles {
        out.push_str(&told(trouble));
    }
    if !card.rules.is_empty() {
        let rules: Vec<String> = card.rules.iter().map(|rule| plain(rule)).collect();
        let _ = write!(out, "\nEquality: {}.\n", rules.join("; "));
    }
    let _ = write!(out, "\n{}\n\n</details>\n", plain(&card.caption));
    out
}

fn cell(row: &Row) -> String {
    let phrase = |quoted: &Option<Quoted>| quoted.as_ref().map_or_else(String::new, |quoted| plain(&quoted.phrase()));
    let speedup = if row.baseline {
        "baseline".to_owned()
    } else {
        let (ratio, interval) = ratio_cells(row);
        format!("{ratio} {interval}")
    };
    let memory = match &row.memory_ratio {
        Some(ratio) => format!("{} (ratio {})", phrase(&row.memory), plain(&ratio.phrase())),
        None => phrase(&row.memory),
    };
    let notes = if row.notes.is_empty() { String::new() } else { format!(" ({})", plain(&row.notes.join("; "))) };
    format!(
        "| {}{notes} | {} | {} | {speedup} | {memory} | {} | {} |\n",
        code(&row.name),
        plain(&row.kind_label),
        phrase(&row.time),
        row.cpu.as_deref().unwrap_or_default(),
        if row.rounds == 0 { String::new() } else { row.rounds.to_string() }
    )
}

fn told(trouble: &Trouble) -> String {
    let at = if trouble.sizes.is_empty() { String::new() } else { format!(" at {}", plain(&trouble.sizes.join(", "))) };
    let mut out = format!("\n{} **{}**{at}", code(&trouble.name), trouble.status);
    if trouble.detail.contains('\n') {
        let _ = write!(out, ":\n\n{}", fenced(&trouble.detail));
    } else {
        let _ = writeln!(out, ": {}", plain(&trouble.detail));
    }
    for failure in &trouble.failures {
        let _ = write!(out, "\n{}\n", plain(&failure.message));
        if !failure.output.is_empty() {
            let _ = write!(out, "\n{}", fenced(&failure.output));
        }
    }
    out
}
