//! The report as Markdown that GitHub renders: what to do about each workload first, the rest folded.
//!
//! Names stand in code spans, or in `<code>` where they hold what a code span in a table cannot; everything else that
//! Markdown would read as markup is escaped.

use std::fmt::Write as _;

use super::claims::Claims;
use super::marks::Marks;
use super::page::{Card, Page, Row, Trouble};
use super::plan::Plan;
use super::recommendation::Recommended;
use super::units::Quoted;
use crate::evidence::Run;
use crate::markup::{code, fenced, html, plain};
use crate::text::Span;

/// The report of a run.
pub fn markdown(run: &Run) -> String {
    let page = Page::of(run);
    let marks = Marks::of(run);
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("# {}: Python and Rust, measured\n", plain(&page.project)));
    match (&page.plan, &page.verdict) {
        (Some(plan), Some(verdict)) => line(&planned(marks, plan, verdict)),
        (Some(_) | None, _) => line(&format!("**{}**\n", plain(&page.opening))),
    }
    if !page.complete {
        line("> This run is not complete: what follows is what was measured so far.\n");
    }
    for warning in &page.warnings {
        let seen: Vec<String> = warning.seen.iter().map(|seen| prose(marks, seen)).collect();
        line(&format!("> **Warning:** {} {}\n", seen.join(" "), prose(marks, &warning.advice)));
    }
    line("<details>\n<summary>Every candidate beside its baseline</summary>\n");
    line(&format!("{} {}\n", plain(&page.opening), plain(&page.extremes.join(" "))));
    line("![Speed-up of every candidate](charts/speedups.svg)\n");
    line(&headline_table(&page));
    line(&format!("{}. {}\n\n</details>\n", plain(&page.counts), plain(&page.caption)));
    if let Some(verdict) = &page.verdict {
        line(&grounds(marks, &page, verdict));
    }
    if let Some(claims) = &page.claims {
        line(&format!("<details>\n<summary>What is said: {}</summary>\n", html(&claims.summary)));
        line(&said(marks, claims));
        line("</details>\n");
    }
    for card in &page.workloads {
        line(&workload(marks, card));
    }
    line("<details>\n<summary>How and where it was measured</summary>\n");
    for fact in page.method.iter().chain(&page.environment) {
        line(&format!("- **{}**: {}", fact.name, prose(marks, &fact.value)));
    }
    line(&format!("\n{}\n</details>\n", fenced(&page.command)));
    line(&plain(&page.byline));
    out
}

/// The answer, and what to do about each workload.
fn planned(marks: Marks, plan: &Plan, verdict: &Recommended) -> String {
    let mut out =
        format!("**{}** {}\n", plain(&plan.headline), prose(marks, plan.first.as_deref().unwrap_or_default()));
    if plan.rows.len() > 1 {
        let back = plan.rows.iter().any(|row| row.gives_back.is_some());
        let (head, line) = if back { (" gives back |", "---|") } else { ("", "") };
        let _ = writeln!(
            out,
            "\n| workload | what to do | with | speed-up |{head} confidence |\n|---|---|---|--:|{line}---|"
        );
        for row in &plan.rows {
            let nearest = if row.taken { "" } else { "nearest: " };
            let with = row.candidate.as_ref().map_or_else(String::new, |name| format!("{nearest}{}", code(name)));
            let gain = row.speedup.as_ref().map_or_else(String::new, |quoted| {
                let value = if row.taken { format!("**{}**", quoted.value) } else { quoted.value.clone() };
                let range = plain(&quoted.interval);
                if row.indicative { format!("{value} ({range}) *indicative*") } else { format!("{value} {range}") }
            });
            let back =
                if back { format!(" {} |", row.gives_back.as_deref().unwrap_or_default()) } else { String::new() };
            let action =
                row.open.as_ref().map_or_else(|| row.action.to_owned(), |open| format!("{}: {open}", row.action));
            let sure = row.confidence.as_deref().unwrap_or("–");
            let _ = writeln!(out, "| {} | {} | {with} | {gain} |{back} {sure} |", code(&row.name), action);
        }
    }
    for aside in &verdict.asides {
        let _ = write!(out, "\n{}\n", prose(marks, aside));
    }
    out + &list("Next:", &verdict.next, |line| prose(marks, line))
}

/// What else stands behind the first step: what would change it, how sure it is, what was assumed, the thresholds.
fn grounds(marks: Marks, page: &Page, verdict: &Recommended) -> String {
    let mut out = String::from(
        "<details>\n<summary>What would change the first step, and what verdicts are held against</summary>\n",
    );
    out.push_str(&more(marks, verdict));
    out.push_str("\nHeld against:\n\n");
    for fact in &page.thresholds {
        let _ = writeln!(out, "- `{}`: {}", fact.name, plain(&fact.value));
    }
    out + "\n</details>\n"
}

/// A recommendation: what to do first, what would change it last.
fn recommended(marks: Marks, it: &Recommended) -> String {
    let sure = it.sure().map_or_else(String::new, |sure| format!(" (confidence {sure})"));
    let head = format!("**{}**{sure}. {}\n", plain(&it.headline), prose(marks, &it.why));
    let say = |line: &String| prose(marks, line);
    head + &list("", &it.reasons, say) + &list("Next:", &it.next, say) + &more(marks, it)
}

fn more(marks: Marks, it: &Recommended) -> String {
    let say = |line: &String| prose(marks, line);
    list("What would change it:", &it.flips, say)
        + &list("How sure it is:", &it.parts, |part| {
            format!("{}: {} ({})", part.name, part.grade, prose(marks, &part.text))
        })
        + &list("Assumed:", &it.assumptions, say)
}

/// Lines under a title; nothing where there are none.
fn list<T>(title: &str, lines: &[T], say: impl Fn(&T) -> String) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let title = if title.is_empty() { String::new() } else { format!("{title}\n\n") };
    let lines: Vec<String> = lines.iter().map(|line| format!("- {}\n", say(line))).collect();
    format!("\n{title}{}", lines.concat())
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
fn said(marks: Marks, claims: &Claims) -> String {
    let mut out = String::from("| claim | asks for | found | so |\n|---|---|---|---|\n");
    for row in &claims.rows {
        let note = row.note.as_ref().map_or_else(String::new, |note| format!("<br>{}", prose(marks, note)));
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

fn workload(marks: Marks, card: &Card) -> String {
    let mut out = format!("<details>\n<summary><b>{}</b>: {}</summary>\n\n", html(&card.name), html(&card.summary));
    if let Some(verdict) = &card.verdict {
        let _ = writeln!(out, "{}", recommended(marks, verdict));
    }
    for sentence in card.reading.iter().chain(&card.splits) {
        let _ = writeln!(out, "- {}", prose(marks, sentence));
    }
    for trap in &card.traps {
        let seen: Vec<String> = trap.seen.iter().map(|seen| prose(marks, seen)).collect();
        let _ = writeln!(out, "- **Warning:** {} {}", seen.join(" "), prose(marks, &trap.advice));
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

/// A sentence with its code as code, and nothing else as markup.
fn prose(marks: Marks, sentence: &str) -> String {
    let stretch = |span: &Span| match span {
        Span::Prose(text) => plain(text),
        Span::Code(text) => code(text),
    };
    marks.spans(sentence).iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_only_markup_of_a_sentence() {
        assert_eq!(prose(Marks::Code, "*set* `a_b|c`"), "\\*set\\* <code>a&#95;b&#124;c</code>");
        assert_eq!(prose(Marks::Literal, "`x`"), "\\`x\\`");
    }
}
